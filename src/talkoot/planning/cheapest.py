"""The cheapest plan of a small problem, at once and without another process: uniform-cost search over sets of facts.

For the many little problems of an agent that plans at every event (a goal, one agent, a slice of the world: a hundred
states); anything larger is the engines' work. Dijkstra's algorithm on the actions that the delete relaxation reaches.
"""

from __future__ import annotations

from heapq import heappop, heappush

from talkoot.errors import GaveUp
from talkoot.planning.ground import relaxed
from talkoot.planning.pddl import Domain
from talkoot.planning.semantics import GroundAction
from talkoot.planning.validate import Simulator
from talkoot.problem import Atom, Plan, Problem

State = frozenset[Atom]


def cheapest(domain: Domain, problem: Problem, most: int = 20_000) -> Plan | None:
    """A plan of least cost; None if there is none. Raises GaveUp after `most` states."""
    simulator = Simulator(domain, problem)
    reached = relaxed(domain, problem)
    if not reached.possible(problem.goal):
        return None
    # Static facts are true of every state: they are taken out of states and preconditions once.
    fixed = {fact for fact in problem.init if fact[0] in domain.static()}
    actions: list[tuple[Atom, GroundAction, frozenset[Atom], float]] = []
    for step in reached.actions:
        action = simulator.action(step)
        cost = sum(simulator.value(price) or 0.0 for price in action.costs) if problem.metric else 1.0
        actions.append((step, action, action.needs.true - fixed, cost))
    start = frozenset(problem.init)
    queue: list[tuple[float, int, State]] = [(0.0, 0, start)]
    costs: dict[State, float] = {start: 0.0}
    parents: dict[State, tuple[State, Atom]] = {}
    closed: set[State] = set()
    count = 0
    while queue:
        cost, _, state = heappop(queue)
        if state in closed:
            continue
        if simulator.goal.met(state):
            return _path(parents, state)
        closed.add(state)
        if len(closed) > most:
            raise GaveUp(f"no plan among the {most} cheapest states; leave the problem to an engine")
        for step, action, needs, price in actions:
            if not needs <= state or not action.needs.met(state):
                continue
            adds, deletes = action.effects(state)
            after = (state - deletes) | adds
            total = cost + price
            if total < costs.get(after, float("inf")):
                costs[after], parents[after] = total, (state, step)
                count += 1
                heappush(queue, (total, count, after))
    return None


def _path(parents: dict[State, tuple[State, Atom]], state: State) -> Plan:
    steps: list[Atom] = []
    while state in parents:
        state, step = parents[state]
        steps.append(step)
    return tuple(reversed(steps))

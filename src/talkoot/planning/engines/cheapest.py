"""The cheapest plan of a small problem, at once and without another process: uniform-cost search over sets of facts.

For the many little problems of an agent that plans at every event (a goal, one agent, a slice of the world: a hundred
states); anything larger is the engines' work. Dijkstra's algorithm on the actions that the delete relaxation reaches.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from heapq import heappop, heappush

from talkoot.errors import GaveUp
from talkoot.planning.engines.ground import relaxed
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.semantics import GroundAction
from talkoot.planning.plans.validate import Simulator
from talkoot.problem import Atom, Plan, Problem

State = frozenset[Atom]


def cheapest(
    domain: Domain, problem: Problem, most: int = 20_000, free: Callable[[Atom], bool] | None = None
) -> Plan | None:
    """A plan of least cost; None if there is none. Steps that are `free` are taken to cost nothing.

    Raises GaveUp after `most` states.
    """
    simulator = Simulator(domain, problem)
    reached = relaxed(domain, problem)
    if not reached.possible(problem.goal):
        return None
    static = domain.static()
    ground = {step: simulator.action(step) for step in sorted(reached.actions)}
    needs = {step: [fact for fact in action.needs.true if fact[0] not in static] for step, action in ground.items()}
    common = Counter(fact for facts in needs.values() for fact in facts)
    # An action is looked at where the rarest of the facts that it needs is true.
    by_fact: dict[Atom | None, list[tuple[Atom, GroundAction, float]]] = defaultdict(list)
    for step, action in ground.items():
        cost = sum(simulator.value(price) or 0.0 for price in action.costs) if problem.metric else 1.0
        rarest = min(needs[step], key=lambda fact: (common[fact], fact), default=None)
        by_fact[rarest].append((step, action, 0.0 if free is not None and free(step) else cost))
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
        possible = [entry for fact in by_fact if fact is None or fact in state for entry in by_fact[fact]]
        for step, action, price in possible:
            if not action.needs.met(state):
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

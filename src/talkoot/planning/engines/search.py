"""Our own search, in plain Python, for where no planner is installed: small problems only.

A first plan: lazy greedy best-first search with hFF, helpful actions first (Helmert, JAIR 2006, section 5, describes
the two queues). The cheapest plan: A* with LM-cut, or with h^max where effects have conditions. Either proves that
there is no plan by running out of states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf
from time import perf_counter
from typing import Literal

from talkoot.errors import FaultyPddl, GaveUp
from talkoot.planning.engines.ground import relaxed, unreachable_parts
from talkoot.planning.engines.heuristics import Operator, Relaxation, bits
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.semantics import GroundAction, Needs, Price, shown
from talkoot.planning.plans.validate import Simulator
from talkoot.planning.solution import Solution
from talkoot.problem import Atom, Problem

BOOST = 1000
"""By how many turns the queue of helpful actions goes first whenever the estimate has become smaller."""
_EXACT = 1e-9


def search(
    domain: Domain, problem: Problem, *, time: float = 60.0, improve: float = 0.0, prove: bool = False
) -> Solution:
    """Find a plan within `time` seconds; look for the cheapest one in what is left of them (`prove`) and in `improve`
    seconds beyond. The plan is not yet replayed; all time counts as the engine's."""
    start = perf_counter()

    def without(status: Literal["unsolvable", "gave up"], reason: str) -> Solution:
        spent = perf_counter() - start
        return Solution(status, None, None, None, "python", reason, spent, spent)

    try:
        task = Task(domain, problem, start + time)
        if task.lacking:
            return without("unsolvable", "no action can ever reach " + ", ".join(task.lacking))
        plan = _greedy(task, start + time)
    except GaveUp as error:
        return without("gave up", str(error))
    if plan is None:
        return without("unsolvable", "every state that can be reached was looked at, and none reaches the goal")
    cost, bound = float(sum(task.actions[number].cost for number in plan)), 0.0
    if plan and (prove or improve):
        plan, cost, bound = _cheapest(task, plan, cost, (start + time if prove else perf_counter()) + improve)
    steps = tuple(task.steps[number] for number in plan)
    spent = perf_counter() - start
    if bound >= cost:
        return Solution("optimal", steps, cost, cost, "python", "", spent, spent)
    return Solution("solved", steps, cost, bound or None, "python", "", spent, spent)


@dataclass(frozen=True, slots=True)
class _Change:
    needs: int
    tests: Needs | None
    adds: int
    deletes: int


@dataclass(frozen=True, slots=True)
class _Action:
    """With all bits of `needs` set and the tests met, the bits outside `keep` go and those of `adds` come."""

    needs: int
    tests: Needs | None
    adds: int
    keep: int
    changes: tuple[_Change, ...]
    cost: float


class Task:
    """A problem over bits: one for each fact that can change, and one more for its opposite where something needs the
    fact to be false. `lacking` has the goal parts that no action can reach.

    Raises GaveUp if grounding takes longer than `until`, FaultyPddl if an action has no cost.
    """

    def __init__(self, domain: Domain, problem: Problem, until: float) -> None:
        reached = relaxed(domain, problem, until)
        self.lacking = [shown(part) for part in unreachable_parts(reached, problem.goal)]
        self.steps: tuple[Atom, ...] = () if self.lacking else reached.actions
        self._simulator = Simulator(domain, problem)
        actions = [self._simulator.action(step) for step in self.steps]
        changing = sorted({atom for atom in reached.facts if atom not in reached.start} | reached.gone)
        self._always = reached.start - set(changing)
        self._bit = {atom: place for place, atom in enumerate(changing)}
        self._atoms = changing
        wanted_false: dict[Atom, None] = {}
        for needs in [self._simulator.goal, *(needs for action in actions for needs in _needs(action))]:
            wanted_false |= dict.fromkeys(sorted(atom for atom in needs.false if atom in self._bit))
        self._opposite = {atom: len(changing) + place for place, atom in enumerate(wanted_false)}
        self._mirror = {self._bit[atom]: 1 << place for atom, place in self._opposite.items()}
        start = self._mask(reached.start)
        self.start = start | self._mirrored(~start & ((1 << len(changing)) - 1))
        self.goal, self._goal_tests = self._compiled(self._simulator.goal)
        self.actions = [self._action(action) for action in actions]
        self.conditional = any(action.changes for action in self.actions)
        operators = [one for number, action in enumerate(self.actions) for one in self._relaxed(number, action)]
        self.relaxation = Relaxation(len(changing) + len(self._opposite), operators, tuple(bits(self.goal)))

    def reached(self, state: int) -> bool:
        """Whether the goal is true of a state."""
        return state & self.goal == self.goal and (self._goal_tests is None or self._goal_tests.met(self.atoms(state)))

    def possible(self, state: int) -> Iterator[int]:
        """The numbers of the actions that can be carried out."""
        for number, action in enumerate(self.actions):
            if state & action.needs == action.needs and (action.tests is None or action.tests.met(self.atoms(state))):
                yield number

    def after(self, state: int, number: int) -> int:
        """The state after an action that can be carried out."""
        action = self.actions[number]
        if not action.changes:
            return state & action.keep | action.adds
        adds, deletes = action.adds, ~action.keep
        for change in action.changes:
            if state & change.needs == change.needs and (change.tests is None or change.tests.met(self.atoms(state))):
                adds, deletes = adds | change.adds, deletes | change.deletes
        plain = (1 << len(self._atoms)) - 1
        adds, deletes = adds & plain, deletes & plain & ~adds
        return state & ~(deletes | self._mirrored(adds)) | adds | self._mirrored(deletes)

    def atoms(self, state: int) -> frozenset[Atom]:
        """The facts that are true in a state."""
        return self._always | {self._atoms[place] for place in bits(state) if place < len(self._atoms)}

    def _mask(self, atoms: Iterable[Atom]) -> int:
        return sum(1 << self._bit[atom] for atom in set(atoms) if atom in self._bit)

    def _mirrored(self, mask: int) -> int:
        """The bits of the opposites of these facts, as far as there are any."""
        return sum(self._mirror[place] for place in bits(mask) if place in self._mirror)

    def _compiled(self, needs: Needs) -> tuple[int, Needs | None]:
        mask = self._mask(needs.true) | sum(1 << self._opposite[atom] for atom in needs.false if atom in self._opposite)
        return mask, Needs(frozenset(), frozenset(), needs.tests) if needs.tests else None

    def _action(self, action: GroundAction) -> _Action:
        mask, tests = self._compiled(action.needs)
        changes = []
        price = self._price(action.costs)
        for change in action.changes:
            if change.costs:
                raise FaultyPddl("an action's cost that depends on a condition is beyond our own search; "
                                 "pip install 'talkoot[planning]'")  # fmt: skip
            never = (atom for atom in change.needs.true if atom not in self._bit and atom not in self._always)
            if any(never) or not change.needs.false.isdisjoint(self._always):
                continue
            mask_then, tests_then = self._compiled(change.needs)
            changes.append(_Change(mask_then, tests_then, self._mask(change.adds), self._mask(change.deletes)))
        adds = self._mask(action.adds)
        deletes = self._mask(action.deletes) & ~adds
        if changes:  # opposites depend on what the changes do, see `after`
            return _Action(mask, tests, adds, ~deletes, tuple(changes), price)
        keep = ~(deletes | self._mirrored(adds))
        return _Action(mask, tests, adds | self._mirrored(deletes), keep, (), price)

    def _relaxed(self, number: int, action: _Action) -> Iterator[Operator]:
        """An action without what it loses; what goes makes its opposite true."""
        plain = (1 << len(self._atoms)) - 1
        adds = action.adds | self._mirrored(~action.keep & plain)
        yield Operator(tuple(bits(action.needs)), tuple(bits(adds)), action.cost, number)
        for change in action.changes:
            adds = change.adds | self._mirrored(change.deletes)
            yield Operator(tuple(bits(action.needs | change.needs)), tuple(bits(adds)), action.cost, number)

    def _price(self, prices: tuple[Price, ...]) -> float:
        if not self._simulator.problem.metric:
            return 1.0
        values = [self._simulator.value(price) for price in prices]
        if None in values:
            raise FaultyPddl(f"the problem gives no value for {shown(prices[values.index(None)])}")
        if any(value is not None and value < 0 for value in values):
            raise FaultyPddl(f"an action's cost cannot be negative, as {min(v for v in values if v is not None):g} is")
        return float(sum(value for value in values if value is not None))


def _needs(action: GroundAction) -> list[Needs]:
    return [action.needs, *(change.needs for change in action.changes)]


def _greedy(task: Task, deadline: float) -> list[int] | None:
    """A plan as action numbers, None if there is none. Raises GaveUp at the deadline."""
    came_from: dict[int, tuple[int, int]] = {}
    order = count()
    queues: tuple[list[tuple[float, int, int, int]], list[tuple[float, int, int, int]]] = ([], [])  # helpful, all
    turns = [0, 0]
    best = inf
    state, parent, number = task.start, -1, -1
    while True:
        if state not in came_from:
            came_from[state] = (parent, number)
            if task.reached(state):
                return _path(came_from, state)
            estimate, helpful = task.relaxation.ff(state)
            if estimate < best:
                best = estimate
                turns[0] -= BOOST
            if estimate < inf:
                for one in task.possible(state):
                    entry = (estimate, next(order), state, one)
                    heappush(queues[1], entry)
                    if one in helpful:
                        heappush(queues[0], entry)
        if perf_counter() > deadline:
            raise GaveUp(f"the limit of time was reached, after looking at {len(came_from)} states")
        which = 0 if queues[0] and (turns[0] <= turns[1] or not queues[1]) else 1
        if not queues[which]:
            return None
        turns[which] += 1
        _, _, parent, number = heappop(queues[which])
        state = task.after(parent, number)


def _cheapest(task: Task, plan: list[int], cost: float, deadline: float) -> tuple[list[int], float, float]:
    """The cheapest plan found until the deadline, its cost and a lower bound on the cost of every plan."""
    estimate = task.relaxation.maximum if task.conditional else task.relaxation.lm_cut
    first = estimate(task.start)
    order = count()
    queue = [(first, 0.0, next(order), task.start)]
    came_from = {task.start: (-1, -1)}
    spent = {task.start: 0.0}
    known = {task.start: first}
    bound = first
    while queue:
        total, minus, _, state = heappop(queue)
        if total >= cost - _EXACT:
            break
        so_far = -minus
        if so_far > spent[state] + _EXACT:
            continue
        bound = max(bound, total)
        if task.reached(state):
            return _path(came_from, state), so_far, so_far
        for number in task.possible(state):
            if perf_counter() > deadline:
                return plan, cost, bound
            following, price = task.after(state, number), so_far + task.actions[number].cost
            if price < spent.get(following, inf) - _EXACT:
                if following not in known:
                    known[following] = estimate(following)
                if price + known[following] < cost - _EXACT:
                    spent[following] = price
                    came_from[following] = (state, number)
                    heappush(queue, (price + known[following], -price, next(order), following))
    return plan, cost, cost


def _path(came_from: dict[int, tuple[int, int]], state: int) -> list[int]:
    numbers = []
    while (step := came_from[state])[1] >= 0:
        state = step[0]
        numbers.append(step[1])
    return numbers[::-1]

"""Why each step of a plan is there, which steps must keep their order, and who can work at the same time.

A causal link says that one step makes a fact true (or false) that a later step or the goal needs (Tate 1977). Keeping
only the orderings that links and threats ask for turns a sequence into a partial order of which every linearisation is
valid (explanation-based order generalisation: Kambhampati and Kedar 1994, Bäckström 1998, section 5). Steps without
which the plan still works are found by action elimination (Nakhost and Müller 2010). Conditions that are no mere
conjunction are explained by literals that were enough where the plan met them, so no step changes what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from talkoot.errors import InvalidPlan
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.semantics import Grounding, State, shown
from talkoot.planning.plans.validate import Simulator
from talkoot.problem import Atom, Condition, Plan, Problem

START, GOAL = 0, -1
"""Producer and consumer of a link that are no steps: what is true at the start, and the goal."""

Literal = tuple[bool, Atom]
"""An atom that is to be true, or false: `(True, ("clear", "b1"))`."""


@dataclass(frozen=True)
class Link:
    """Step `producer` (START: the start state) makes `fact` as step `consumer` (GOAL: the goal) needs it: true where
    `wanted`, else false. Steps count from 1."""

    producer: int
    fact: Atom
    consumer: int
    wanted: bool = True


@dataclass(frozen=True)
class PartialOrder:
    """Steps, numbered from 1 as in `plan`, and the pairs (first, second) of which the first comes before the second.

    `before` holds no ordering that follows from others. Every sequence that respects it is a valid plan.
    """

    plan: Plan
    before: frozenset[tuple[int, int]]
    links: tuple[Link, ...]

    def levels(self) -> tuple[int, ...]:
        """For each step the length of the longest chain of steps that ends with it, itself included."""
        level = [0] * (len(self.plan) + 1)
        into = _incoming(self.before, len(self.plan))
        for step in range(1, len(self.plan) + 1):
            level[step] = 1 + max((level[other] for other in into[step]), default=0)
        return tuple(level[1:])

    def critical_path(self) -> tuple[int, ...]:
        """A longest chain of steps, each of which must wait for the one before; empty for an empty plan."""
        levels = (0, *self.levels())
        into = _incoming(self.before, len(self.plan))
        step = max(range(len(levels)), key=lambda one: (levels[one], -one))
        path: list[int] = []
        while step:
            path.append(step)
            step = max(into[step], key=lambda one: (levels[one], -one), default=0)
        return tuple(reversed(path))


@dataclass(frozen=True)
class Slot:
    """Step number `step` of a plan is carried out from time `start` to time `end`, in the unit of the durations."""

    step: int
    action: Atom
    start: float
    end: float


@dataclass(frozen=True)
class Schedule:
    """What each agent does when; `makespan` is the end of the last slot."""

    lanes: dict[str, tuple[Slot, ...]]
    makespan: float


def links(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> tuple[Link, ...]:
    """The causal links of a valid plan, by consumer, the goal last. The producer of a fact is the step that made it
    true, not one that found it so already. Raises InvalidPlan for a plan that is not valid."""
    simulator = Simulator(domain, problem)
    return _links(simulator.start, _moments(simulator, plan))


def deorder(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> PartialOrder:
    """The orderings of a valid plan that its links and threats ask for. Raises InvalidPlan for one that is not.

    Greedy, so not the fewest orderings that a choice of other producers might allow (finding these is NP-hard).
    """
    simulator = Simulator(domain, problem)
    moments = _moments(simulator, plan)
    found = _links(simulator.start, moments)
    changers: dict[Literal, list[int]] = {}
    for number, moment in enumerate(moments[:-1], 1):
        for change in moment.makes:
            changers.setdefault((not change[0], change[1]), []).append(number)
    after: list[set[int]] = [set() for _ in range(len(plan) + 1)]
    for link in found:
        if link.producer != START and link.consumer != GOAL:
            after[link.producer].add(link.consumer)
        for threat in changers.get((link.wanted, link.fact), ()):
            if link.producer != START and threat < link.producer:
                after[threat].add(link.producer)
            elif link.consumer != GOAL and threat > link.consumer:
                after[link.consumer].add(threat)
    return PartialOrder(tuple(plan), frozenset(_reduced(after)), found)


def useless(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> tuple[int, ...]:
    """The numbers of steps without which the valid plan is a valid plan still, found greedily from the back: each step
    is left out together with all that then cannot be carried out. Raises InvalidPlan for an invalid plan."""
    simulator = Simulator(domain, problem)
    _require(simulator, plan)
    states = simulator.trace(plan)
    actions = [simulator.action(step) for step in plan]
    kept: list[int] = []  # the later steps that stay
    for position in range(len(plan) - 1, -1, -1):
        now = set(states[position])
        rest: list[int] = []
        for index in kept:
            action = actions[index]
            if action.needs.met(now):
                adds, deletes = action.effects(now) if action.changes else (action.adds, action.deletes - action.adds)
                now -= deletes
                now |= adds
                rest.append(index)
        kept = rest if simulator.goal.met(now) else [position, *kept]
    if not simulator.check([plan[index] for index in kept]).ok:  # a step would cost what the problem does not say
        return ()
    return tuple(sorted({*range(1, len(plan) + 1)} - {index + 1 for index in kept}))


def durations(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> tuple[float, ...]:
    """How long each step of a valid plan takes: what it costs where the problem has a metric and it is not free, else
    1. Raises InvalidPlan at a step that cannot be carried out."""
    simulator = Simulator(domain, problem)
    costs: list[float] = []
    for state, step in zip(simulator.trace(plan), plan, strict=False):
        action = simulator.action(step)
        prices = [*action.costs, *(price for change in action.fired(state) for price in change.costs)]
        costs.append(sum(simulator.value(price) or 0.0 for price in prices) if problem.metric else 0.0)
    return tuple(cost if cost > 0 else 1.0 for cost in costs)


def lanes(
    domain: Domain,
    problem: Problem,
    plan: Sequence[Atom],
    agent_of: Callable[[Atom], str],
    takes: Sequence[float] | None = None,
) -> Schedule:
    """Who does which step when: the steps of one agent one after the other, all others as the partial order allows.

    `agent_of` names the agent of a step. `takes` is the time of each step (`durations` where not given). Of the steps
    that could start, the one with the longest chain behind it goes first (list scheduling, Graham 1969). Raises
    InvalidPlan for an invalid plan.
    """
    order = deorder(domain, problem, plan)
    times = tuple(takes) if takes is not None else durations(domain, problem, plan)
    count = len(plan)
    after: list[list[int]] = [[] for _ in range(count + 1)]
    waits = [0] * (count + 1)
    for first, second in order.before:
        after[first].append(second)
        waits[second] += 1
    tail = [0.0] * (count + 1)
    for step in range(count, 0, -1):
        tail[step] = times[step - 1] + max((tail[other] for other in after[step]), default=0.0)
    slots: dict[str, list[Slot]] = {agent_of(step): [] for step in plan}
    free = dict.fromkeys(slots, 0.0)
    earliest = [0.0] * (count + 1)
    ready = {step for step in range(1, count + 1) if not waits[step]}
    while ready:
        begin = {step: max(earliest[step], free[agent_of(plan[step - 1])]) for step in ready}
        step = min(ready, key=lambda one: (begin[one], -tail[one], one))
        ready.remove(step)
        agent, end = agent_of(plan[step - 1]), begin[step] + times[step - 1]
        slots[agent].append(Slot(step, plan[step - 1], begin[step], end))
        free[agent] = end
        for other in after[step]:
            earliest[other] = max(earliest[other], end)
            waits[other] -= 1
            if not waits[other]:
                ready.add(other)
    return Schedule({agent: tuple(one) for agent, one in slots.items()}, max(free.values(), default=0.0))


@dataclass(frozen=True)
class _Moment:
    """A step (or the goal) as the plan met it: literals that are enough for it to do what it did, and what it makes."""

    needs: frozenset[Literal]
    makes: frozenset[Literal] = frozenset()


def _require(simulator: Simulator, plan: Sequence[Atom]) -> None:
    verdict = simulator.check(plan)
    if not verdict.ok:
        raise InvalidPlan(f"only a valid plan can be explained: {verdict.reason}")


def _moments(simulator: Simulator, plan: Sequence[Atom]) -> list[_Moment]:
    """One moment for each step of a valid plan, and one for the goal."""
    _require(simulator, plan)
    states = simulator.trace(plan)
    found: list[_Moment] = []
    for state, step in zip(states, plan, strict=False):
        action = simulator.action(step)
        needs = set(support(simulator.grounding, simulator.precondition(step), state))
        for change in action.changes:
            needs |= support(simulator.grounding, change.condition, state, change.needs.met(state))
        adds, deletes = action.effects(state)
        makes = {(True, atom) for atom in adds} | {(False, atom) for atom in deletes}
        found.append(_Moment(frozenset(needs), frozenset(makes)))
    found.append(_Moment(support(simulator.grounding, simulator.problem.goal, states[-1])))
    return found


def support(grounding: Grounding, condition: Condition, state: State, wanted: bool = True) -> frozenset[Literal]:
    """Literals true of a state that are enough for a ground condition (or its opposite) to hold there.

    Where one of several parts is enough, the one with the fewest literals is taken. Raises InvalidPlan where the
    condition does not hold.
    """
    head = condition[0] if condition else "and"
    if head == "not":
        return support(grounding, condition[1], state, not wanted)
    if head == "=":
        return frozenset()
    if head in ("and", "or", "imply", "forall", "exists"):
        parts: Iterable[Condition] = condition[1:]
        if head in ("forall", "exists"):
            parts = grounding.instances(condition)
        elif head == "imply":
            parts = (("not", condition[1]), condition[2])
        if (head in ("and", "forall")) == wanted:
            return frozenset().union(*(support(grounding, part, state, wanted) for part in parts))
        enough = [
            support(grounding, part, state, wanted) for part in parts if grounding.condition(part, wanted).met(state)
        ]
        if not enough:
            raise InvalidPlan(f"{shown(condition)} is {'not ' if wanted else ''}true in this state")
        return min(enough, key=lambda literals: (len(literals), sorted(literals)))
    return frozenset({(wanted, condition)})


def _links(start: State, moments: Sequence[_Moment]) -> tuple[Link, ...]:
    """For each need the step that made it so: the first of those after which it stayed so."""
    now = set(start)
    source: dict[Literal, int] = {}
    found: list[Link] = []
    for number, moment in enumerate(moments, 1):
        consumer = number if number < len(moments) else GOAL
        found += [Link(source.get(need, START), need[1], consumer, need[0]) for need in sorted(moment.needs)]
        for wanted, atom in moment.makes:
            if (atom in now) != wanted:
                source[wanted, atom] = number
                (now.add if wanted else now.discard)(atom)
    return tuple(found)


def _incoming(before: Iterable[tuple[int, int]], count: int) -> list[list[int]]:
    into: list[list[int]] = [[] for _ in range(count + 1)]
    for first, second in before:
        into[second].append(first)
    return into


def _reduced(after: Sequence[set[int]]) -> list[tuple[int, int]]:
    """The transitive reduction of orderings that all run from lower to higher numbers."""
    reach: list[int] = [0] * len(after)  # bit sets of all later steps
    kept: list[tuple[int, int]] = []
    for first in range(len(after) - 1, -1, -1):
        for second in sorted(after[first]):
            if not reach[first] >> second & 1:
                kept.append((first, second))
                reach[first] |= reach[second] | 1 << second
    return kept

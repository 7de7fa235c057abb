"""Sharing out goals one after the other: each goes to the agent that would have reached it first.

The agents' steps are laid out in time as they are planned: a step starts when its agent is free and all it needs is
there. So a goal that one agent prepares and another one finishes costs only what is left to do. Of the goals whose turn
it is, the one that can be reached earliest is given out next (min-min list scheduling, Ibarra and Kim 1977). Meant for
agents that plan again at every event: it may stop as soon as everybody has something to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.order import Slot
from talkoot.planning.plans.semantics import Grounding
from talkoot.planning.sharing.slice import restrict
from talkoot.problem import Atom, Condition, Plan, Problem

Finder = Callable[[Problem], Plan | None]
"""A planner for small problems of one domain; None: no plan."""


@dataclass(frozen=True)
class Turn:
    """A goal given to an agent ("" if it takes several), with the steps to it, and when it is reached."""

    goal: Condition
    agent: str
    slots: tuple[Slot, ...]

    @property
    def end(self) -> float:
        """When the goal is reached."""
        return max((slot.end for slot in self.slots), default=0.0)


@dataclass
class Board:
    """The plan as far as it is made: the state after it, and when each fact was last needed and changed."""

    domain: Domain
    problem: Problem
    agents: Sequence[str]
    turns: list[Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.grounding = Grounding(self.domain, self.domain.objects(self.problem))
        self.state: frozenset[Atom] = frozenset(self.problem.init)
        self.changed: dict[Atom, float] = {}
        self.used: dict[Atom, float] = {}
        self.free: dict[str, float] = {}
        self.steps = 0

    def lane(self, agent: str) -> tuple[Slot, ...]:
        """All that an agent does, in order."""
        return tuple(slot for turn in self.turns for slot in turn.slots if self.actor(slot.action) == agent)

    def actor(self, step: Atom) -> str:
        """Who carries out a step: the first agent among its arguments; its first argument if there is none."""
        return next((name for name in step[1:] if name in self.agents), step[1] if len(step) > 1 else step[0])

    def try_out(self, goal: Condition, steps: Iterable[Atom]) -> tuple[Slot, ...] | None:
        """When the steps would be carried out after all that is planned; None if one cannot be, or if they do not
        reach the goal."""
        return self._lay_out(goal, steps, keep=False)

    def take(self, goal: Condition, agent: str, steps: Sequence[Atom]) -> Turn:
        """Add the steps to the plan."""
        slots = self._lay_out(goal, steps, keep=True)
        assert slots is not None, "only steps that were tried out are taken"
        turn = Turn(goal, agent, slots)
        self.turns.append(turn)
        return turn

    def _lay_out(self, goal: Condition, steps: Iterable[Atom], *, keep: bool) -> tuple[Slot, ...] | None:
        state, count = set(self.state), self.steps
        changed, used, free = dict(self.changed), dict(self.used), dict(self.free)
        slots: list[Slot] = []
        for step in steps:
            action, actor = self.grounding.action(step), self.actor(step)
            if isinstance(action, str) or not action.needs.met(state):
                return None
            adds, deletes = action.effects(state)
            needs = action.needs.true | action.needs.false
            effects = adds | deletes
            begin = max(
                free.get(actor, 0.0),
                *(changed.get(fact, 0.0) for fact in needs | effects),
                *(used.get(fact, 0.0) for fact in effects),
            )
            prices = [*action.costs, *(price for change in action.fired(state) for price in change.costs)]
            takes = [self.problem.values.get(p, 0.0) if isinstance(p, tuple) else float(p) for p in prices]
            end = begin + (sum(takes) if takes and self.problem.metric else 1.0)
            free[actor] = end
            changed |= dict.fromkeys(effects, end)
            used |= {fact: max(end, used.get(fact, 0.0)) for fact in needs}
            state -= deletes
            state |= adds
            count += 1
            slots.append(Slot(count, step, begin, end))
        if not self.grounding.condition(goal).met(state):
            return None
        if keep:
            self.state, self.steps = frozenset(state), count
            self.changed, self.used, self.free = changed, used, free
        return tuple(slots)


def in_turn(
    domain: Domain,
    problem: Problem,
    threads: Sequence[Sequence[Condition]],
    agents: Sequence[str],
    find: Finder,
    *,
    refused: Mapping[str, Callable[[Atom], bool]] | None = None,
    briefly: bool = False,
) -> Board:
    """Plan the goals of all threads, those of one thread in their order, and say who does what when.

    `find` is given one goal at a time, for one agent alone; for all agents together if no single one can do it.
    `refused` tells for an agent which steps it may not do next. Goals that nobody reaches end their thread. `briefly`
    stops as soon as each agent has a step to do.
    """
    board = Board(domain, problem, agents)
    waiting = [list(thread) for thread in threads]
    while any(waiting) and not (briefly and all(board.lane(agent) for agent in agents)):
        best: tuple[tuple[float, float, int, int], list[Condition], str, Plan] | None = None
        for rank, thread in enumerate(waiting):
            if not thread:
                continue
            ways = [(agent, _alone(board, thread[0], agent, find, refused or {})) for agent in agents]
            if not any(plan is not None for _, plan in ways):
                ways = [("", _together(board, thread[0], find, refused or {}))]
            if not any(plan is not None for _, plan in ways):
                thread.clear()
                continue
            for place, (agent, plan) in enumerate(ways):
                slots = board.try_out(thread[0], plan) if plan is not None else None
                if slots is None or plan is None:
                    continue
                # Where waiting hides who would be earlier, whoever has less to do takes it.
                effort = sum(slot.end - slot.start for slot in slots if board.actor(slot.action) in agents)
                key = (max((slot.end for slot in slots), default=0.0), effort, rank, place)
                if best is None or key < best[0]:
                    best = key, thread, agent, plan
        if best is None:
            break
        _, thread, agent, plan = best
        board.take(thread.pop(0), agent, plan)
    return board


def _alone(
    board: Board, goal: Condition, agent: str, find: Finder, refused: Mapping[str, Callable[[Atom], bool]]
) -> Plan | None:
    others = set(board.agents) - {agent}
    left = [name for name in board.problem.objects if name not in others]
    return _ask(board, restrict(board.domain, _now(board, goal), left), find, refused)


def _together(
    board: Board, goal: Condition, find: Finder, refused: Mapping[str, Callable[[Atom], bool]]
) -> Plan | None:
    return _ask(board, _now(board, goal), find, refused)


def _now(board: Board, goal: Condition) -> Problem:
    """The problem of one goal in the state that the plan so far leads to."""
    old = board.problem
    return Problem(old.name, old.domain, old.objects, tuple(sorted(board.state)), goal, old.values, old.metric)


def _ask(board: Board, problem: Problem, find: Finder, refused: Mapping[str, Callable[[Atom], bool]]) -> Plan | None:
    plan = find(problem)
    if plan is None or board.try_out(problem.goal, plan) is None:  # others may be in the way, or in the goal
        return None
    for agent in board.agents:
        first = next((step for step in plan if board.actor(step) == agent), None)
        if first is not None and agent in refused and not board.lane(agent) and refused[agent](first):
            return None
    return plan

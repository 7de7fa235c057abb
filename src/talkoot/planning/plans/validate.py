"""Replay a plan on its problem: is every step possible, is the goal reached, what does it cost?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from talkoot.errors import InvalidPlan
from talkoot.planning.pddl.domain import Domain, substitute
from talkoot.planning.plans.semantics import GroundAction, Grounding, Price, State, binding_of, shown
from talkoot.problem import Atom, Condition, Problem


@dataclass(frozen=True)
class Verdict:
    """What became of a plan. `step` counts from 1 and names the step that cannot be carried out; it is None where the
    plan is valid, and where it runs to its end and misses the goal. `reason` says in words what is wrong, "" where
    nothing is. `cost` is the sum of the action costs if the problem has a metric, else the number of steps; for a plan
    that stops it covers the steps before the fault."""

    ok: bool
    step: int | None = None
    reason: str = ""
    cost: float = 0.0


class Simulator:
    """A problem made ready for replaying many plans on it; ground actions are kept, so later plans are faster."""

    def __init__(self, domain: Domain, problem: Problem) -> None:
        self.domain = domain
        self.problem = problem
        self.start: frozenset[Atom] = frozenset(problem.init)
        self.grounding = Grounding(domain, domain.objects(problem))
        self.goal = self.grounding.condition(problem.goal)

    def check(self, plan: Sequence[Atom]) -> Verdict:
        """Replay a plan from the start. Does not raise, however wrong the plan is."""
        state = set(self.start)
        ground, metric, cost = self.grounding.action, self.problem.metric, 0.0
        for number, step in enumerate(plan, 1):
            action = ground(step)
            if isinstance(action, str):
                return Verdict(False, number, f"step {number} {shown(step)} does not exist: {action}", cost)
            needs = action.needs
            if not needs.true <= state or not needs.false.isdisjoint(state) or (needs.tests and not needs.met(state)):
                lacks = "; ".join(self.failures(self.precondition(step), state))
                return Verdict(False, number, f"step {number} {shown(step)} cannot be carried out: {lacks}", cost)
            fired = action.fired(state) if action.changes else ()
            if metric:
                for price in (*action.costs, *(price for change in fired for price in change.costs)):
                    value = self.value(price)
                    if value is None:
                        lacks = f"the problem gives no value for {shown(price)}"
                        return Verdict(False, number, f"step {number} {shown(step)} has no cost: {lacks}", cost)
                    cost += value
            else:
                cost += 1.0
            state -= action.deletes
            for change in fired:
                state -= change.deletes
            state |= action.adds
            for change in fired:
                state |= change.adds
        if self.goal.met(state):
            return Verdict(True, None, "", cost)
        lacks = "; ".join(self.failures(self.problem.goal, state))
        return Verdict(False, None, f"the plan ends without reaching the goal: {lacks}", cost)

    def trace(self, plan: Sequence[Atom]) -> list[frozenset[Atom]]:
        """The states before the first step and after each one. Raises InvalidPlan at a step that cannot be carried
        out; whether the goal is reached does not matter."""
        states = [self.start]
        for number, step in enumerate(plan, 1):
            action = self.grounding.action(step)
            if isinstance(action, str) or not action.needs.met(states[-1]):
                raise InvalidPlan(self.check(plan[:number]).reason)
            adds, deletes = action.effects(states[-1])
            states.append((states[-1] - deletes) | adds)
        return states

    def action(self, step: Atom) -> GroundAction:
        """The compiled action of a step. Raises InvalidPlan if the problem has no such action."""
        action = self.grounding.action(step)
        if isinstance(action, str):
            raise InvalidPlan(f"{shown(step)} does not exist: {action}")
        return action

    def precondition(self, step: Atom) -> Condition:
        """The ground precondition of a step that exists."""
        schema = self.domain.actions[step[0]]
        return substitute(schema.precondition, binding_of(schema, step))

    def value(self, price: Price) -> float | None:
        """A cost as a number: itself, or the value that the problem gives to the term (None where it gives none)."""
        return self.problem.values.get(price) if isinstance(price, tuple) else float(price)

    def failures(self, condition: Condition, state: State) -> list[str]:
        """In words, the parts of a ground condition that are not true of a state, at most four of them."""
        found: dict[str, None] = {}
        for text in _failures(self.grounding, condition, state, True):
            found[text] = None
            if len(found) == 4:
                break
        return list(found)


def validate(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> Verdict:
    """Replay one plan. For many plans of one problem make one Simulator and call its `check`."""
    return Simulator(domain, problem).check(plan)


def _failures(grounding: Grounding, condition: Condition, state: State, wanted: bool) -> Iterator[str]:
    """Why a condition (or its opposite, if it is not wanted) is not true of a state; nothing where it is."""
    if grounding.condition(condition, wanted).met(state):
        return
    head = condition[0] if condition else "and"
    if head == "not":
        yield from _failures(grounding, condition[1], state, not wanted)
    elif head == ("and" if wanted else "or"):
        for part in condition[1:]:
            yield from _failures(grounding, part, state, wanted)
    elif head == ("forall" if wanted else "exists"):
        for part in grounding.instances(condition):
            yield from _failures(grounding, part, state, wanted)
    elif head == "imply" and wanted:
        yield f"{shown(condition[1])} is true, so {shown(condition[2])} must be"
    elif head == "=":
        yield f"{condition[1]} and {condition[2]} {'are not the same object' if wanted else 'are the same object'}"
    elif head == "or" and wanted:
        yield f"none of {', '.join(map(shown, condition[1:]))} is true"
    else:
        yield f"{shown(condition)} is {'not true' if wanted else 'true and must not be'}"

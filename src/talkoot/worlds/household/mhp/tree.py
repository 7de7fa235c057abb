"""Monte-Carlo tree search over the order of sub-goals (reference, 4.1).

A node of the tree is a sub-goal that was carried out in imagination after those above it. A simulation descends by
score (mean value + (log((1 + N + c_base) / c_base) + c_init) x prior x sqrt(N) / (1 + n), where N and n are the visits
of parent and child and the prior is uniform; who was never visited scores 1e6), expands the node that it reaches and
plays a rollout: sub-goals in random order, at most five. Its value is what was newly satisfied less the costs of all
primitives. At last the most visited children are followed down; ties are broken by chance.

The same moments come up again and again, so what follows from a sub-goal at a moment is worked out once (ours: the same
results, sooner). Where the reference leaves a choice, `Settings.costs` and `Settings.rollouts` name it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log, sqrt
from random import Random

from talkoot.types import Action, Seat
from talkoot.worlds.household.mechanics import missing
from talkoot.worlds.household.mhp.regression import carry_out
from talkoot.worlds.household.mhp.settings import Settings
from talkoot.worlds.household.mhp.subgoals import SubGoal, subgoals
from talkoot.worlds.household.state import State

UNVISITED = 1e6
"""The score of a child that was never visited."""


@dataclass(eq=False, slots=True)
class Moment:
    """A state of the imagination, with what is worth doing in it and what follows from that (worked out on demand)."""

    state: State
    lacking: int
    goals: tuple[SubGoal, ...]
    results: dict[SubGoal, tuple[Moment, tuple[Action, ...], float] | None] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Node:
    """A place in the tree: its moment (None until it is first visited), visits, the sum of values, its children."""

    goal: SubGoal | None
    depth: int
    moment: Moment | None = None
    plan: tuple[Action, ...] = ()
    cost: float = 0.0
    steps: int = 0
    visits: int = 0
    total: float = 0.0
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a search found: the sub-goals in order, the primitives of their plans, and the visits of the first ones."""

    goals: tuple[SubGoal, ...]
    plan: tuple[Action, ...]
    visits: dict[SubGoal, int]


class Search:
    """One search from one imagined moment."""

    def __init__(
        self, state: State, seat: Seat, settings: Settings, rng: Random, partner: SubGoal | None = None
    ) -> None:
        self._seat, self._settings, self._rng, self._partner = seat, settings, rng, partner
        self._moments: dict[tuple[object, ...], Moment] = {}
        start = self._moment(state)
        self._lacking = start.lacking
        self.root = Node(None, 0, start)

    def _moment(self, state: State) -> Moment:
        seat = self._seat
        key = (
            state.position[seat],
            state.room[seat],
            tuple(state.hands[seat]),
            frozenset(state.inside.items()),
            frozenset(state.on.items()),
            frozenset(state.open),
        )
        known = self._moments.get(key)
        if known is None:
            goals = subgoals(state, seat, self._partner)
            known = self._moments[key] = Moment(state, sum(missing(state).values()), goals)
        return known

    def _after(self, moment: Moment, goal: SubGoal) -> tuple[Moment, tuple[Action, ...], float] | None:
        """What follows from a sub-goal at a moment: the next moment, the plan, its cost; None if it cannot be done."""
        if goal not in moment.results:
            made = carry_out(moment.state, self._seat, goal)
            moment.results[goal] = None if made is None else (self._moment(made[0]), made[1], made[2])
        return moment.results[goal]

    def run(self) -> Choice:
        """All simulations, and what they recommend."""
        self._expand(self.root)
        for _ in range(self._settings.simulations):
            self._simulate()
        return self._recommend()

    def _simulate(self) -> None:
        path = [self.root]
        while path[-1].children:
            child = self._select(path[-1])
            if child is None:
                return
            path.append(child)
        leaf = path[-1]
        if leaf.goal is None:
            return
        self._expand(leaf)
        value = self._value(leaf) * self._settings.discount**leaf.steps
        for node in path:
            node.visits += 1
            node.total += value

    def _expand(self, node: Node) -> None:
        if node.moment is not None and node.depth < self._settings.depth:
            node.children = [Node(goal, node.depth + 1) for goal in node.moment.goals]

    def _select(self, node: Node) -> Node | None:
        """The child with the best score; children that turn out to be impossible are dropped."""
        settings = self._settings
        while node.children:
            rate = log((1 + node.visits + settings.c_base) / settings.c_base) + settings.c_init
            push = rate / len(node.children) * sqrt(node.visits)
            best, ties = -1e9, []
            for child in node.children:
                n = child.visits
                score = child.total / n + push / (1 + n) if n else UNVISITED
                if score > best:
                    best, ties = score, [child]
                elif score == best:
                    ties.append(child)
            chosen = ties[0] if len(ties) == 1 else self._rng.choice(ties)
            if chosen.moment is not None or self._enter(node, chosen):
                return chosen
            node.children.remove(chosen)
        return None

    def _enter(self, parent: Node, child: Node) -> bool:
        assert parent.moment is not None
        assert child.goal is not None
        made = self._after(parent.moment, child.goal)
        if made is None:
            return False
        child.moment, child.plan = made[0], made[1]
        child.cost, child.steps = parent.cost + made[2], parent.steps + len(made[1])
        return True

    def _value(self, leaf: Node) -> float:
        """Newly satisfied since the root, less costs, after a rollout from the leaf."""
        assert leaf.moment is not None
        settings = self._settings
        moment, cost = leaf.moment, leaf.cost if settings.costs == "whole" else 0.0
        once = self._rng.sample(moment.goals, len(moment.goals)) if settings.rollouts == "leaf" else None
        for number in range(settings.rollout):
            if once is not None:
                if number >= len(once):
                    break
                goal = once[number]
                if goal.goal not in missing(moment.state):
                    continue
            elif moment.goals:
                goal = self._rng.choice(moment.goals)
            else:
                break
            made = self._after(moment, goal)
            if made is not None:
                moment, cost = made[0], cost + made[2]
        return self._lacking - moment.lacking - cost

    def _recommend(self) -> Choice:
        node, goals, plan = self.root, list[SubGoal](), list[Action]()
        visits = {child.goal: child.visits for child in node.children if child.goal is not None}
        while node.children:
            most = max(child.visits for child in node.children)
            if not most:
                break
            node = self._rng.choice([child for child in node.children if child.visits == most])
            assert node.goal is not None
            goals.append(node.goal)
            plan += node.plan
        return Choice(tuple(goals), tuple(plan), visits)

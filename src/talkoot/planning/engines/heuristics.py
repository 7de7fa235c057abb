"""Estimates of the distance to the goal in the delete relaxation, for our own search.

A state is a whole number whose bits are the facts. hFF: Hoffmann and Nebel, "The FF Planning System" (JAIR 2001), with
supporters chosen by additive costs (Keyder and Geffner, ECAI 2008). LM-cut: Helmert and Domshlak, "Landmarks, Critical
Paths and Abstractions" (ICAPS 2009). Written from the papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf


@dataclass(frozen=True)
class Operator:
    """A relaxed operator: with all of `needs` true, all of `adds` become true. `action` is the number of the action of
    which it is a part, `cost` that action's."""

    needs: tuple[int, ...]
    adds: tuple[int, ...]
    cost: float
    action: int


class Relaxation:
    """The relaxed operators over facts 0 .. `facts` - 1, ready for estimates. What is infinitely far is a dead end."""

    def __init__(self, facts: int, operators: Sequence[Operator], goal: Iterable[int]) -> None:
        # One more fact is always true, and one more operator turns the goal into a single fact.
        self.true, self.goal = facts, facts + 1
        self.facts = facts + 2
        self.operators = [
            *(Operator(one.needs or (self.true,), one.adds, one.cost, one.action) for one in operators),
            Operator(tuple(goal) or (self.true,), (self.goal,), 0.0, -1),
        ]
        self.needs_left = [len(one.needs) for one in self.operators]
        self.users: list[list[int]] = [[] for _ in range(self.facts)]
        for number, one in enumerate(self.operators):
            for fact in one.needs:
                self.users[fact].append(number)

    def ff(self, state: int) -> tuple[float, set[int]]:
        """The number of actions of a relaxed plan, and those actions of it that are possible at once."""
        reached, support = self._additive(state)
        if reached[self.goal] == inf:
            return inf, set()
        plan: set[int] = set()
        helpful: set[int] = set()
        seen = {self.goal}
        todo = [self.goal]
        while todo:
            number = support[todo.pop()]
            if number < 0:
                continue
            one = self.operators[number]
            if one.action >= 0:
                plan.add(one.action)
                if all(reached[fact] == 0 for fact in one.needs):
                    helpful.add(one.action)
            for fact in one.needs:
                if fact not in seen:
                    seen.add(fact)
                    todo.append(fact)
        return float(len(plan)), helpful

    def _additive(self, state: int) -> tuple[list[float], list[int]]:
        """For each fact its additive cost, every action costing 1, and the operator that supports it (-1: none)."""
        reached, support = [inf] * self.facts, [-1] * self.facts
        left = list(self.needs_left)
        sums = [1.0 if one.action >= 0 else 0.0 for one in self.operators]
        heap: list[tuple[float, int]] = []
        for fact in (*bits(state), self.true):
            reached[fact] = 0.0
            heap.append((0.0, fact))
        while heap:
            cost, fact = heappop(heap)
            if cost > reached[fact]:
                continue
            if fact == self.goal:
                break
            for number in self.users[fact]:
                sums[number] += cost
                left[number] -= 1
                if not left[number]:
                    total = sums[number]
                    for added in self.operators[number].adds:
                        if total < reached[added]:
                            reached[added] = total
                            support[added] = number
                            heappush(heap, (total, added))
        return reached, support

    def maximum(self, state: int) -> float:
        """h^max: the cost of the dearest fact on the way to the goal; never more than the real cost."""
        return self._maximum(state, [one.cost for one in self.operators])[0][self.goal]

    def _maximum(self, state: int, costs: Sequence[float]) -> tuple[list[float], list[int]]:
        """For each fact its h^max value, and for each operator the dearest of its needs (-1: never possible)."""
        reached, dearest = [inf] * self.facts, [-1] * len(self.operators)
        left = list(self.needs_left)
        heap: list[tuple[float, int]] = []
        for fact in (*bits(state), self.true):
            reached[fact] = 0.0
            heap.append((0.0, fact))
        while heap:
            cost, fact = heappop(heap)
            if cost > reached[fact]:
                continue
            for number in self.users[fact]:
                left[number] -= 1
                if not left[number]:
                    dearest[number] = fact  # facts come in order of cost
                    total = cost + costs[number]
                    for added in self.operators[number].adds:
                        if total < reached[added]:
                            reached[added] = total
                            heappush(heap, (total, added))
        return reached, dearest

    def lm_cut(self, state: int) -> float:
        """The sum of the costs of landmarks found one after the other; never more than the real cost, provided that no
        two operators belong to one action."""
        costs = [one.cost for one in self.operators]
        total = 0.0
        while True:
            reached, dearest = self._maximum(state, costs)
            if reached[self.goal] == inf:
                return inf
            if reached[self.goal] == 0:
                return total
            cut = self._cut(state, costs, dearest)
            least = min(costs[number] for number in cut)
            total += least
            for number in cut:
                costs[number] -= least
                if costs[number] < 1e-9:  # what rounding has left of a cost that is used up
                    costs[number] = 0.0

    def _cut(self, state: int, costs: Sequence[float], dearest: Sequence[int]) -> list[int]:
        """The operators that lead from what is reached before the goal zone into it, where the goal zone is whatever
        leads to the goal for nothing. Each operator counts as an arc from the dearest of its needs."""
        into: list[list[int]] = [[] for _ in range(self.facts)]
        out: list[list[int]] = [[] for _ in range(self.facts)]
        for number, source in enumerate(dearest):
            if source >= 0:
                out[source].append(number)
                if costs[number] == 0:
                    for added in self.operators[number].adds:
                        into[added].append(source)
        zone = {self.goal}
        todo = [self.goal]
        while todo:
            for source in into[todo.pop()]:
                if source not in zone:
                    zone.add(source)
                    todo.append(source)
        before = {*bits(state), self.true}
        todo = list(before)
        cut: dict[int, None] = {}
        while todo:
            for number in out[todo.pop()]:
                adds = self.operators[number].adds
                if any(added in zone for added in adds):
                    cut[number] = None
                    continue
                for added in adds:
                    if added not in before:
                        before.add(added)
                        todo.append(added)
        return list(cut)


def bits(number: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest

"""The tree of thoughts: what it expands, and what ends it."""

from __future__ import annotations

import asyncio

import pytest

from talkoot.planning.comparison import tot
from talkoot.planning.comparison.tot import Beginning, Bounds, read_judgement, read_proposals, tree_of_thoughts


class World:
    """Proposes a and b everywhere; judges by a table, 0.5 where it says nothing."""

    def __init__(self, table: dict[str, str] | None = None, default: str = "0.5") -> None:
        self.table = table or {}
        self.default = default
        self.expanded: list[str] = []
        self.judged: list[str] = []

    async def propose(self, steps: Beginning) -> list[str]:
        self.expanded.append("".join(steps))
        return ["a", "b"]

    async def judge(self, steps: Beginning) -> str:
        self.judged.append("".join(steps))
        return self.table.get("".join(steps), self.default)

    def search(self, bounds: Bounds | None = None) -> tot.Found:
        return asyncio.run(tree_of_thoughts(self.propose, self.judge, bounds))


def test_the_best_beginning_is_expanded_first() -> None:
    world = World({"a": "0.1", "b": "0.9", "ba": "0.2", "bb": "0.8", "bba": "reached"})
    found = world.search()
    assert found.steps == ("b", "b", "a")
    assert world.expanded == ["", "b", "bb"]
    assert found.expansions == 3


def test_priorities_add_up() -> None:
    # b costs 1/0.5 = 2; a and aa 1/0.8 each, 2.5 in sum: b comes before aa although it was judged worse.
    world = World({"a": "0.8", "b": "0.5", "aa": "0.8", "ab": "impossible", "ba": "reached"})
    assert world.search().steps == ("b", "a")
    assert world.expanded == ["", "a", "b"]


def test_impossible_and_zero_are_dropped() -> None:
    world = World({"a": "impossible", "b": "0"})
    found = world.search()
    assert found.steps is None
    assert found.reason == "no beginning of a plan is left to go on with"
    assert world.expanded == [""]


def test_unreadable_judgements_are_kept_and_dropped() -> None:
    found = World({"a": "well, who knows", "b": "impossible"}).search()
    assert found.unreadable == ("well, who knows",)
    assert found.steps is None


def test_bounds() -> None:
    deep = World()
    found = deep.search(Bounds(depth=2, expansions=100, calls=1000))
    assert found.reason == "no beginning of a plan is left to go on with"
    assert max(map(len, deep.judged)) == 2
    assert World().search(Bounds(expansions=3)).reason == "3 expansions were not enough"
    few = World()
    assert few.search(Bounds(calls=4)).reason == "4 calls were not enough"
    assert len(few.expanded) + len(few.judged) == 4


def test_the_clock_counts_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100_000, 50))
    monkeypatch.setattr(tot.time, "monotonic", lambda: next(ticks))
    assert World().search(Bounds(wall=200)).reason == "200 seconds were not enough"
    assert World().search(Bounds(expansions=20)).reason == "20 expansions were not enough"


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("0.7", 0.7),
        (" Reached.", "reached"),
        ("Judgement: impossible", "impossible"),
        ("1", 1.0),
        (".25 I think", 0.25),
        ("0", 0.0),
        ("0.7 or maybe 0.2", None),
        ("reached? impossible!", None),
        ("7", None),
        ("10", None),
        ("1/2", None),
        ("", None),
    ],
)
def test_judgements(said: str, value: object) -> None:
    assert read_judgement(said) == value


def test_proposals() -> None:
    text = "Some ideas:\n1. pick up b1 -> b1 is held\n- stack b1 b2 -> b1 on b2\nnone -> nothing\n -> x\nlast -> y"
    assert read_proposals(text, 3) == ["pick up b1", "stack b1 b2", "none"]
    assert read_proposals("I do not know.", 3) == []

"""Belief about the teammate's intention, corrected by what the teammate visibly does (ProAgent, belief correction).

The paper names two corrections when a prediction was wrong: put the actual behaviour in its place, or mark the
prediction as wrong beside it. Both are here. The release only lists predictions and (privileged) events side by side,
and has it switched off; leave the organ out for that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from talkoot.agents.thinking import Seating
from talkoot.events import Believed
from talkoot.types import Json, Seat


@dataclass(frozen=True)
class Intention:
    """What the mate was expected to complete next, since when, and what it did ("" as long as nothing was seen)."""

    t: int
    about: Seat
    expected: str
    actual: str = ""


@dataclass
class Belief:
    """Keeps expectations about mates and settles each with the next deed that becomes visible.

    `correction` is "replace" or "annotate"; `told` is how many settled expectations a prompt shows.
    """

    correction: Literal["replace", "annotate"] = "replace"
    told: int = 5
    settled: deque[Intention] = field(default_factory=deque)
    open: dict[Seat, Intention] = field(default_factory=dict)

    def reset(self) -> None:
        """Expect nothing."""
        self.settled.clear()
        self.open.clear()

    def expect(self, seating: Seating, t: int, about: Seat, intention: str) -> None:
        """Take up a prediction; it stands until the mate does something or a new prediction replaces it."""
        self.open[about] = Intention(t, about, intention)
        seating.record(Believed(t, seating.guide.seat, about, intention))

    def correct(self, seating: Seating, t: int, about: Seat, deed: str) -> None:
        """Compare the standing prediction with what the mate did, and keep the result."""
        expected = self.open.pop(about, None)
        settled = Intention(expected.t if expected else t, about, expected.expected if expected else "", deed)
        self.settled.append(settled)
        while len(self.settled) > self.told:
            self.settled.popleft()
        if expected is not None:
            correct = expected.expected == deed
            seating.record(Believed(t, seating.guide.seat, about, expected.expected, deed, correct))

    def lines(self, name: Callable[[Seat], str] = "<Player {}>".format) -> list[str]:
        """The beliefs in words, oldest first, corrected as chosen; last comes the prediction that still stands.

        `name` says what prompts call a seat (`Guide.name`).
        """
        told = []
        for intention in self.settled:
            start = f"scene {intention.t}: {name(intention.about)} intended"
            wrong = intention.expected and intention.expected != intention.actual
            if wrong and self.correction == "annotate":
                told.append(f"{start}, you thought, {intention.expected}; wrong: it did {intention.actual}")
            else:
                told.append(f"{start} {intention.actual}")
        for intention in self.open.values():
            told.append(f"scene {intention.t}: {name(intention.about)} seems to intend {intention.expected}; open")
        return told

    def save(self) -> Json:
        """Everything as JSON."""
        return {"settled": [asdict(i) for i in self.settled], "open": [asdict(i) for i in self.open.values()]}

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self.settled = deque(Intention(**i) for i in state["settled"])
        self.open = {i["about"]: Intention(**i) for i in state["open"]}

    def fresh(self) -> Belief:
        """The same organ for another seat."""
        return replace(self, settled=deque(), open={})

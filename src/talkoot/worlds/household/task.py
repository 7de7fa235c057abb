"""One episode as plain data: an apartment, what is to be brought where, and where the two people begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from talkoot.worlds.household.apartment import Apartment

LIMIT = 250
"""Steps after which an episode ends without success (reference, 2.7)."""

ACTIVITIES = {
    "read_book": "Prepare afternoon tea",
    "put_dishwasher": "Wash dishes",
    "prepare_food": "Prepare a meal",
    "put_fridge": "Put groceries",
    "setup_table": "Set up a dinner table",
}
"""The five activities by code name, with the paper's titles."""


@dataclass(frozen=True, slots=True)
class Goal:
    """`count` things of class `name` on or inside the node `target`; `place` is the target's class, filled by Task."""

    relation: Literal["on", "inside"]
    name: str
    target: int
    count: int
    place: str = ""

    @property
    def label(self) -> str:
        """The target as prompts write it: `<coffeetable> (268)`."""
        return f"<{self.place}> ({self.target})"

    @property
    def key(self) -> str:
        """As recorded episodes write it: `on_apple_268`."""
        return f"{self.relation}_{self.name}_{self.target}"


@dataclass(frozen=True, slots=True)
class Start:
    """Where one person begins: the room, the point (x, z) in it, or None for a point drawn by the seed; yaw in degrees
    (0 looks along +z, 90 along +x).
    """

    room: int
    position: tuple[float, float] | None = None
    yaw: float = 0.0


@dataclass(frozen=True)
class Task:
    """One episode: the apartment with this episode's things in it, the goals (the same for both), the two starts."""

    name: str
    activity: str
    apartment: Apartment
    goals: tuple[Goal, ...]
    starts: tuple[Start, Start]
    limit: int = LIMIT

    def __post_init__(self) -> None:
        """Fill in what class of place each goal names; a target that the apartment lacks stays without."""
        nodes = self.apartment.nodes
        named = (replace(g, place=nodes[g.target].name) if g.target in nodes else g for g in self.goals)
        object.__setattr__(self, "goals", tuple(named))

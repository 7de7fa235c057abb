"""What a cook sees: the kitchen at one moment, as plain values. The game is fully observed: every seat sees all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from talkoot.types import Json, Seat, SkillCall, Style
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell, Layout, Pose

NOTHING, ONION, TOMATO, DISH, SOUP = 0, 1, 2, 3, 16
"""Item codes: a plated soup is `SOUP + onions + 4 * tomatoes` (three onions: 19), as in the recorded data."""

PRIMITIVES = ("north", "south", "east", "west", "stay", "interact")
"""The six actions in their index order."""


class Cook(NamedTuple):
    """A player: cell, facing (0 north, 1 south, 2 east, 3 west) and the item code in hand."""

    cell: Cell
    facing: int
    held: int

    @property
    def pose(self) -> Pose:
        """Cell and facing."""
        return self.cell, self.facing

    @property
    def ahead(self) -> Cell:
        """The cell in front."""
        dx, dy = DIRECTIONS[self.facing]
        return self.cell[0] + dx, self.cell[1] + dy


class Pot(NamedTuple):
    """A pot: its cell, contents, tick (-1 idle, then 0.. up to the cook time) and the cook time of its contents."""

    cell: Cell
    onions: int
    tomatoes: int
    tick: int
    cook_time: int

    @property
    def items(self) -> int:
        """How many ingredients are in it."""
        return self.onions + self.tomatoes

    @property
    def cooking(self) -> bool:
        """On the fire, not ready."""
        return 0 <= self.tick < self.cook_time

    @property
    def ready(self) -> bool:
        """The soup can be taken."""
        return self.tick >= self.cook_time

    @property
    def idle(self) -> bool:
        """Neither cooking nor ready."""
        return self.tick < 0

    @property
    def open(self) -> bool:
        """Takes another ingredient."""
        return self.tick < 0 and self.items < 3


@dataclass(frozen=True)
class Kitchen:
    """The view of Overcooked.

    `cooks` maps each held seat to its player; `loose` maps counter cells to item codes; `rules` is "old" or "new".
    """

    layout: Layout
    rules: str
    t: int
    horizon: int
    cooks: Mapping[Seat, Cook]
    pots: tuple[Pot, ...]
    loose: Mapping[Cell, int]

    def reaches(self, seat: Seat, target: Cell) -> bool:
        """Whether a cook can ever use the fixture, the other cook making way as it can."""
        return target in self.within_reach(seat)

    def within_reach(self, seat: Seat) -> frozenset[Cell]:
        """All fixtures and counters that a cook can ever use, the other cook making way as it can."""
        other = next((cook.cell for seat_, cook in self.cooks.items() if seat_ != seat), None)
        return self.layout.within_reach(self.cooks[seat].cell, other)

    def words(self, seat: Seat, style: Style) -> str:
        """Tell the kitchen in language from one seat's point of view."""
        from talkoot.worlds.overcooked.words import tell

        return tell(self, seat, style)

    def completed(self, seat: Seat, before: Kitchen) -> SkillCall | None:
        """Name the interaction that `seat` completed since `before`, read off its hand and the cell it faced.

        Like an onlooker, and unlike ProAgent's release (whose environment whispers events to the agents), it uses only
        what is visible. None if the hand did not change.
        """
        was, now = before.cooks[seat].held, self.cooks[seat].held
        if was == now:
            return None
        if was == NOTHING:
            if now >= SOUP:
                return SkillCall("pickup_soup")
            return SkillCall({ONION: "pickup_onion", TOMATO: "pickup_tomato", DISH: "pickup_dish"}[now])
        if was == DISH and now >= SOUP:
            return SkillCall("fill_dish_with_soup")
        target = self.layout.at(before.cooks[seat].ahead)
        if target == "P":
            return SkillCall("put_onion_in_pot" if was == ONION else "put_tomato_in_pot")
        return SkillCall("deliver_soup" if target == "S" else "place_obj_on_counter")

    def changed(self, seat: Seat, before: Kitchen) -> bool:
        """Whether a mate's hand, or the contents or readiness of a pot, differ from `before`."""
        return any(cook.held != before.cooks[other].held for other, cook in self.cooks.items() if other != seat) or any(
            (now.items, now.idle, now.ready) != (was.items, was.idle, was.ready)
            for now, was in zip(self.pots, before.pots, strict=True)
        )

    def pose(self, seat: Seat) -> Pose:
        """Cell and facing of a cook."""
        return self.cooks[seat].pose

    def save(self) -> Json:
        """The view as JSON: the scene says it all, once layout, rules and horizon are known."""
        return self.scene()

    def at(self, scene: Json) -> Kitchen:
        """The same kitchen at the moment of a saved scene."""
        return Kitchen(
            self.layout, self.rules, scene["t"], self.horizon,
            {c["seat"]: Cook((c["cell"][0], c["cell"][1]), c["facing"], c["held"]) for c in scene["cooks"]},
            tuple(Pot((p["cell"][0], p["cell"][1]), p["onions"], p["tomatoes"], p["tick"], p["cook_time"])
                  for p in scene["pots"]),
            {(x, y): item for x, y, item in scene["loose"]},
        )  # fmt: skip

    def scene(self) -> Json:
        """What a viewer draws: cooks, pots and loose things as JSON."""
        return {
            "t": self.t,
            "cooks": [
                {"seat": seat, "cell": list(cook.cell), "facing": cook.facing, "held": cook.held}
                for seat, cook in self.cooks.items()
            ],
            "pots": [
                {"cell": list(pot.cell), "onions": pot.onions, "tomatoes": pot.tomatoes, "tick": pot.tick,
                 "cook_time": pot.cook_time}
                for pot in self.pots
            ],
            "loose": [[x, y, item] for (x, y), item in sorted(self.loose.items())],
        }  # fmt: skip

    def setting(self) -> Json:
        """What never changes in an episode: the terrain and the names a viewer shows."""
        return {
            "kind": "overcooked",
            "layout": self.layout.name,
            "rows": list(self.layout.rows),
            "rules": self.rules,
            "horizon": self.horizon,
        }

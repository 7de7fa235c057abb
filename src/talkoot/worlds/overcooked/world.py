"""Overcooked as a World: one state of the compiled rules, told as `Kitchen` views, with an optional message channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from talkoot.errors import BadInput, IllegalAction
from talkoot.formal import DecPomdpCom
from talkoot.types import Action, Json, Message, Observation, Seat, Step
from talkoot.world import Guide
from talkoot.worlds.overcooked.kitchen import PRIMITIVES, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.mechanics import (
    CONTENTS,
    HORIZON,
    PLAYER,
    TICK,
    State,
    T,
    Tables,
    advance,
    event_names,
    random_start,
    standard_start,
    tables,
)

MESSAGE_LIMIT = 200
"""Characters that one message may have where nothing else is said (ours; Overcooked itself has no talk)."""

_INDEX = {name: index for index, name in enumerate(PRIMITIVES)}


def kitchen_of(layout: Layout, c: Tables, state: State, seats: tuple[Seat, ...] = (0, 1)) -> Kitchen:
    """Tell a state vector as a `Kitchen`."""
    s, width, pots = state.tolist(), layout.width, len(layout.pots)
    cooks = {}
    for seat in seats:
        cell, facing, held = s[PLAYER + 3 * seat : PLAYER + 3 * seat + 3]
        cooks[seat] = Cook((cell % width, cell // width), facing, held)
    stoves = []
    for k, cell in enumerate(layout.pots):
        onions, tomatoes = s[CONTENTS + 2 * k] & 3, s[CONTENTS + 2 * k] >> 2
        stoves.append(Pot(cell, onions, tomatoes, s[TICK + 2 * k], layout.recipes.time(onions, tomatoes)))
    lying = s[CONTENTS + 2 * pots :]
    loose = {(i % width, i // width): item for i, item in enumerate(lying) if item} if any(lying) else {}
    return Kitchen(layout, "old" if c[0] else "new", s[T], int(c[HORIZON]), cooks, tuple(stoves), loose)


class OvercookedWorld:
    """One kitchen, one or two cooks, the exact rules; primitives north, south, east, west, stay, interact.

    `layout` is a Layout or the name, alias or path of one. `rules` "old" (a pot starts by itself with the third item;
    ProAgent, human data of 2019) or "new" (started by hand). `start` "standard", or "random": new cells for every
    seed, each cook within the region of its start cell unless `any_region` (see `mechanics.random_start`).
    `random_objects` is the probability with which pots and hands are filled at the start. `seats` are the seats that
    are held: a cook whose seat is not held is not in the kitchen. `shaping` are the shaped rewards for an ingredient
    in a pot, a useful dish, and a soup taken from a pot; they go to `Step.info`, never into the rewards.

    With `talk`, what one seat says reaches the others with their next observation, cut at `message_limit` characters;
    without it, messages are dropped. `Step.info` is {"shaped": {"0": r, ...}, "events": {"0": [names], ...}}.
    Raises BadInput for anything that makes no sense.
    """

    def __init__(
        self,
        layout: Layout | str,
        *,
        rules: str = "old",
        horizon: int = 400,
        start: Literal["standard", "random"] = "standard",
        random_objects: float = 0.0,
        any_region: bool = False,
        seats: tuple[Seat, ...] = (0, 1),
        shaping: tuple[int, int, int] = (3, 3, 5),
        talk: bool = False,
        message_limit: int = MESSAGE_LIMIT,
        name: str | None = None,
    ) -> None:
        self.layout = load_layout(layout) if isinstance(layout, str) else layout
        self.name = name or f"overcooked/{self.layout.name}"
        self.seats: tuple[Seat, ...] = tuple(sorted(seats))
        known = tuple(range(len(self.layout.starts)))
        if not seats or len(set(seats)) < len(seats) or not set(seats) <= set(known):
            raise BadInput(f"{self.name} has the seats {list(known)}, asked for were {list(seats)}")
        if start not in ("standard", "random"):
            raise BadInput(f"unknown start {start!r}; known are standard, random")
        if not 0.0 <= random_objects <= 1.0:
            raise BadInput(f"random_objects is a probability, not {random_objects}")
        if talk and message_limit < 1:
            raise BadInput(f"a message limit of {message_limit} characters leaves nothing to say; give 1 or more")
        self.rules, self.horizon, self.start = rules, horizon, start
        self.random_objects, self.any_region = random_objects, any_region
        self.message_limit = message_limit if talk else 0
        self._tables = tables(self.layout, rules, horizon, shaping)
        self._state = standard_start(self.layout, self.seats)
        self._said: tuple[Message, ...] = ()

    @property
    def kitchen(self) -> Kitchen:
        """The kitchen at this moment."""
        return kitchen_of(self.layout, self._tables, self._state, self.seats)

    @property
    def state(self) -> State:
        """A copy of the state vector (see `mechanics`)."""
        return self._state.copy()

    @property
    def done(self) -> bool:
        """Whether the horizon is reached."""
        return bool(self._state[T] >= self.horizon)

    def reset(self, seed: int) -> Mapping[Seat, Observation]:
        """Begin an episode. The seed matters only for random starts."""
        if self.start == "random" or self.random_objects > 0:
            self._state = random_start(
                self.layout,
                np.random.default_rng(seed),
                rules=self.rules,
                seats=self.seats,
                random_cells=self.start == "random",
                any_region=self.any_region,
                random_objects=self.random_objects,
            )
        else:
            self._state = standard_start(self.layout, self.seats)
        self._said = ()
        return self._observe(self.kitchen)

    def step(self, actions: Mapping[Seat, Action]) -> Step:
        """Let one step pass. Raises IllegalAction for an unknown action, a missing or unheld seat, or after the end."""
        index = [4, 4]
        for seat, action in actions.items():
            if seat not in self.seats:
                raise IllegalAction(
                    f"seat {seat} gave {action.name!r}, but nobody holds it in {self.name}; held are {list(self.seats)}"
                )
            if action.name not in _INDEX or action.arguments:
                call = f"{action.name}({', '.join(action.arguments)})" if action.arguments else action.name
                raise IllegalAction(
                    f"seat {seat}: {self.name} knows no action {call!r}; known are {', '.join(PRIMITIVES)}"
                )
            index[seat] = _INDEX[action.name]
        for seat in self.seats:
            if seat not in actions:
                raise IllegalAction(f"seat {seat} of {self.name} gave no action; every held seat acts in every step")
        if self.done:
            raise IllegalAction(f"the episode in {self.name} ended after {self.horizon} steps; call reset")
        now = int(self._state[T])
        outcome = advance(self._tables, self._state, index[0], index[1])
        limit = self.message_limit
        self._said = tuple(
            Message(seat, actions[seat].say[:limit], now) for seat in self.seats if limit and actions[seat].say
        )
        return Step(
            self._observe(self.kitchen),
            {seat: float(outcome[seat]) for seat in self.seats},
            self.done,
            frozenset(self.seats),
            1,
            {
                "shaped": {str(seat): float(outcome[2 + seat]) for seat in self.seats},
                "events": {str(seat): event_names(outcome[4 + seat]) for seat in self.seats},
            },
        )

    def guide(self, seat: Seat) -> Guide:
        """What the seat is told before the first step: the kitchen's task, rules, skills and examples, in words."""
        from talkoot.worlds.overcooked.guide import make_guide

        if seat not in self.seats:
            raise BadInput(f"nobody holds seat {seat} in {self.name}; held are {list(self.seats)}")
        return make_guide(self.layout, self.rules, seat, self.seats, self.message_limit, self.horizon)

    def formal(self) -> DecPomdpCom:
        """The kitchen as a DEC-POMDP-COM; without `talk` its communication is empty."""
        from talkoot.worlds.overcooked.formal import state_problem

        return state_problem(
            self.layout, self.rules, self.seats, message_limit=self.message_limit, horizon=self.horizon
        )

    def setting(self) -> Json:
        """The terrain, rules and horizon, for a viewer."""
        return self.kitchen.setting()

    def scene(self) -> Json:
        """Cooks, pots, loose things and what was just said, for a viewer."""
        said = [{"seat": message.sender, "text": message.text} for message in self._said]
        return {**self.kitchen.scene(), "said": said}

    def save(self) -> Json:
        """The whole state as JSON: the state vector (see `mechanics`) and the messages on their way."""
        said = [[message.sender, message.text, message.t] for message in self._said]
        return {"layout": self.layout.name, "rules": self.rules, "state": self._state.tolist(), "said": said}

    def load(self, state: Json) -> Mapping[Seat, Observation]:
        """Restore what `save` gave, also that of another process. Raises BadInput if it does not fit this world."""
        try:
            vector = np.array(state["state"], dtype=np.int32)
            said = tuple(Message(int(sender), str(text), int(t)) for sender, text, t in state["said"])
            origin = (state["layout"], state["rules"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(f"this is not a saved state of {self.name}: {error!r}") from error
        if origin != (self.layout.name, self.rules) or vector.shape != self._state.shape:
            raise BadInput(f"the saved state belongs to {origin[0]} with {origin[1]} rules, this is {self.name}")
        if not self._sound(vector):
            raise BadInput(f"the saved state is not one that {self.name} can be in; it was damaged")
        self._state, self._said = vector, said
        return self._observe(self.kitchen)

    def _sound(self, vector: State) -> bool:
        """Whether a vector can be a state of this world: the compiled rules do not check their indices."""
        floor = {y * self.layout.width + x for x, y in self.layout.floor}
        cells = [int(vector[PLAYER + 3 * seat]) for seat in (0, 1)]
        items = {0, 1, 2, 3, *(16 + o + 4 * t for o in range(4) for t in range(4 - o) if o + t)}
        soups = {item - 16 for item in items if item >= 16} | {0}
        pots = slice(CONTENTS, CONTENTS + 2 * len(self.layout.pots))
        return (
            all(cells[seat] in floor if seat in self.seats else cells[seat] == -1 for seat in (0, 1))
            and len(set(cells)) == 2
            and set(vector[[PLAYER + 1, PLAYER + 4]].tolist()) <= {0, 1, 2, 3}
            and set(vector[[PLAYER + 2, PLAYER + 5, *range(pots.stop, vector.size)]].tolist()) <= items
            and set(vector[pots][::2].tolist()) <= soups
            and bool(np.all(vector[pots][1::2] >= -1))
            and int(vector[T]) >= 0
        )

    def _observe(self, kitchen: Kitchen) -> dict[Seat, Observation]:
        return {
            seat: Observation(
                seat, kitchen.t, kitchen, tuple(message for message in self._said if message.sender != seat)
            )
            for seat in self.seats
        }

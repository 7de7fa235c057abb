"""Recorded games, whatever they were written in, as `Recording`s: states of our own rules, joint actions and rewards.

Four formats are read, told apart by their content: the arrays described in the README beside the recorded data (npz),
overcooked_ai's trajectories (JSON, of the newer and the older kind), pickled tables of human trials (2019 and 2020),
and the source package overcooked-ai 1.1.0 (tar.gz), of which the tables of trials inside are read.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from talkoot.data import data_file
from talkoot.errors import BadInput, CorruptRecord
from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, PLAYER, TICK, T, Tables, tables
from talkoot.worlds.overcooked.world import kitchen_of

Rules = Literal["old", "new"]

UNIT_2019 = 4
"""The recorder of 2019 wrote 5 for a soup; the papers and the rules count 20."""

_LARGEST = 1 << 29  # bytes that one file inside an archive may have


@dataclass(frozen=True, eq=False)
class Recording:
    """One recorded game. Row i is a state and the joint action taken in it; row i + 1 is the state that followed.

    `states` int32 [R, S] are state vectors of `mechanics` (S depends on the layout), `actions` int8 [R, 2] the indices
    of PRIMITIVES, player 0 first (the last row starts no transition; its action is -1), `rewards` int32 [R] what the
    team earned, in the units of the rules (20 for an ordinary soup). `layout` begins where this game began. `source` is
    the file, `trial` the number of the game in it, `group` who played (-1: unknown): the same people share a number. A
    game that had to be cut comes as several Recordings; `first_row` is where this one begins in the game.
    """

    source: str
    trial: int
    layout: Layout
    rules: Rules
    states: NDArray[np.int32]
    actions: NDArray[np.int8]
    rewards: NDArray[np.int32]
    group: int = -1
    first_row: int = 0

    @property
    def transitions(self) -> int:
        """How many steps were recorded."""
        return len(self.states) - 1

    @cached_property
    def tables(self) -> Tables:
        """The tables of the rules for this game."""
        return tables(self.layout, self.rules, max(1, self.transitions))

    def kitchens(self, horizon: int | None = None) -> Iterator[Kitchen]:
        """What the players saw, row by row; the horizon is the length of the game unless given."""
        c = self.tables if horizon is None else tables(self.layout, self.rules, horizon)
        for state in self.states:
            yield kitchen_of(self.layout, c, state)


def recorded_layout(name: str, rules: Rules) -> Layout:
    """The kitchen that data of these rules mean by a name: in newer data `counter_circuit` is the one with tomatoes."""
    return load_layout("counter_circuit_tomato" if rules == "new" and name == "counter_circuit" else name)


def human_trials(path: Path | str | None = None) -> Iterator[Recording]:
    """The games of people: those of the recorded data, or of another file. `Recording.kitchens` is what they saw."""
    yield from read_recordings(path or data_file("overcooked", "human_train.npz"))


def read_recordings(path: Path | str, rules: Rules | None = None) -> list[Recording]:
    """Read every game in a file of any known format.

    `rules` overrides what the file says or its age implies. Raises BadInput if there is no such
    file, CorruptRecord if it is in none of the formats or damaged.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"the recording {path} cannot be read: {error.strerror or error}") from error
    return _read(content, path.name, rules)


def _read(content: bytes, name: str, rules: Rules | None) -> list[Recording]:
    from talkoot.worlds.overcooked.decode import from_json, from_table
    from talkoot.worlds.overcooked.pickled import read_columns

    try:
        if content[:2] == b"PK":
            return from_npz(content, name, rules)
        if content[:2] == b"\x1f\x8b":
            return _from_package(content, name, rules)
        if content[:1] == b"\x80":
            return from_table(read_columns(content, name), name, rules)
        if content.lstrip()[:1] == b"{":
            return from_json(json.loads(content), name, rules)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise CorruptRecord(f"{name} is damaged: {type(error).__name__}: {error}; get the file again") from error
    raise CorruptRecord(
        f"{name} is no recording: known are the npz arrays of the recorded data, overcooked_ai's JSON trajectories, "
        "pickled tables of trials, and the source package overcooked-ai 1.1.0 (tar.gz)"
    )


def _from_package(content: bytes, name: str, rules: Rules | None) -> list[Recording]:
    """The tables of trials in a source package; nothing is unpacked to the disk."""
    found: list[Recording] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as package:
            for member in package:
                if not (member.isfile() and member.name.endswith("trials.pickle")):
                    continue
                if member.size > _LARGEST:
                    raise CorruptRecord(f"{name}: {member.name} claims {member.size} bytes, more than any such table")
                stream = package.extractfile(member)
                assert stream is not None
                found += _read(stream.read(), f"{name}:{Path(member.name).name}", rules)
    except (tarfile.TarError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise CorruptRecord(f"{name} is a damaged archive: {error}; download it again") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise CorruptRecord(f"{name} is a damaged archive: {error}; download it again") from error
        raise
    if not found:
        raise CorruptRecord(f"{name} holds no tables of trials; the source package overcooked-ai 1.1.0 does")
    return found


_SHAPES: dict[str, tuple[int | None, ...]] = {
    "trial": (), "t": (), "xy": (2, 2), "facing": (2,), "held": (2,), "pot_onions": (2,), "pot_tomatoes": (2,),
    "pot_tick": (2,), "loose": (None, None), "action": (2,), "reward": (),
}  # fmt: skip


def from_npz(content: bytes, name: str, rules: Rules | None = None) -> list[Recording]:
    """Read the npz arrays described in the README beside the recorded data.

    Values that no game can have are kept as they are; `verify` reports them at their row.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            d = {key: stored[key] for key in stored.files}
    except Exception as error:  # numpy, zipfile and zlib each raise their own
        raise CorruptRecord(f"{name} is a damaged npz file: {error}; get it again") from error
    per_trial = ("trial_layout", "trial_first", "trial_steps", "layout_names")
    missing = [key for key in (*_SHAPES, *per_trial) if key not in d]
    if missing:
        raise CorruptRecord(f"{name} lacks the arrays {', '.join(missing)}; it is not a file of recorded games")
    rows = len(d["t"]) if d["t"].ndim else 0
    for key, shape in _SHAPES.items():
        array = d[key]
        fits = (
            array.ndim == 1 + len(shape)
            and len(array) == rows
            and array.dtype.kind in "iu"
            and np.can_cast(array.dtype, np.int32)
        )
        if not fits or any(want not in (None, got) for want, got in zip(shape, array.shape[1:], strict=True)):
            raise CorruptRecord(
                f"{name}: the array {key} is {array.dtype} {array.shape}, not integers {(rows, *shape)}"
            )
    found: list[Recording] = []
    first = 0
    for trial, steps in enumerate(d["trial_steps"].tolist()):
        span = slice(first, first + steps + 1)
        if int(d["trial_first"][trial]) != first or steps < 0 or span.stop > rows or np.any(d["trial"][span] != trial):
            raise CorruptRecord(
                f"{name}: game {trial} does not lie in the rows {first} to {span.stop - 1} as it claims"
            )
        old = bool(d["trial_old_rules"][trial]) if "trial_old_rules" in d else True
        played: Rules = rules or ("old" if old else "new")
        layout = recorded_layout(str(d["layout_names"][d["trial_layout"][trial]]), played)
        if d["loose"].shape[1] < layout.height or d["loose"].shape[2] < layout.width or len(layout.pots) > 2:
            raise CorruptRecord(f"{name}: game {trial} is played in {layout.name}, which does not fit the arrays")
        states = _pack(d, span, layout)
        human = "trial_source" not in d or int(d["trial_source"][trial]) == 0
        rewards = d["reward"][span].astype(np.int32) * (UNIT_2019 if human else 1)
        group = int(d["trial_pair"][trial]) if "trial_pair" in d else -1
        actions = np.clip(d["action"][span], -1, 127).astype(np.int8)
        found.append(Recording(name, trial, begin_at(layout, states), played, states, actions, rewards, group))
        first = span.stop
    if first != rows:
        raise CorruptRecord(f"{name}: {rows - first} rows belong to no game")
    return found


def _pack(d: dict[str, NDArray[Any]], span: slice, layout: Layout) -> NDArray[np.int32]:
    """Rows of the npz arrays as state vectors."""
    pots, width, height = len(layout.pots), layout.width, layout.height
    states = np.zeros((len(d["t"][span]), CONTENTS + 2 * pots + width * height), np.int32)
    states[:, T] = d["t"][span]
    for seat in (0, 1):
        x, y = d["xy"][span, seat].astype(np.int32).T
        outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
        states[:, PLAYER + 3 * seat] = np.where(outside, -1, y * width + x)
        states[:, PLAYER + 3 * seat + 1] = d["facing"][span, seat]
        states[:, PLAYER + 3 * seat + 2] = d["held"][span, seat]
    for pot in range(pots):
        states[:, CONTENTS + 2 * pot] = d["pot_onions"][span, pot] + 4 * d["pot_tomatoes"][span, pot].astype(np.int32)
        states[:, TICK + 2 * pot] = d["pot_tick"][span, pot]
    states[:, CONTENTS + 2 * pots :] = d["loose"][span, :height, :width].reshape(len(states), -1)
    return states


def begin_at(layout: Layout, states: NDArray[np.int32]) -> Layout:
    """The kitchen with the start cells of a game that was recorded from its beginning (people started elsewhere)."""
    first = states[0].tolist()
    cells = tuple(
        (first[PLAYER + 3 * seat] % layout.width, first[PLAYER + 3 * seat] // layout.width) for seat in (0, 1)
    )
    if first[T] != 0 or cells == layout.starts or not set(cells) <= set(layout.floor) or cells[0] == cells[1]:
        return layout
    return replace(layout, starts=cells)

"""Rows of the recorded data as state vectors, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, PLAYER, TICK, State, empty_state


def load(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def row_state(layout: Layout, rows: dict[str, Any], i: int) -> State:
    state, pots = empty_state(layout, {}), len(layout.pots)
    state[0] = rows["t"][i]
    for seat in (0, 1):
        x, y = rows["xy"][i, seat]
        state[PLAYER + 3 * seat : PLAYER + 3 * seat + 3] = (
            y * layout.width + x, rows["facing"][i, seat], rows["held"][i, seat]
        )  # fmt: skip
    for k in range(pots):
        state[CONTENTS + 2 * k] = rows["pot_onions"][i, k] + 4 * rows["pot_tomatoes"][i, k]
        state[TICK + 2 * k] = rows["pot_tick"][i, k]
    state[CONTENTS + 2 * pots :] = rows["loose"][i, : layout.height, : layout.width].reshape(-1)
    return state


def trial_layout(rows: dict[str, Any], trial: int) -> Layout:
    name = str(rows["layout_names"][rows["trial_layout"][trial]])
    return load_layout("counter_circuit_tomato" if name == "counter_circuit" else name)

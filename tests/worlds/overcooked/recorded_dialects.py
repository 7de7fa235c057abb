"""Writes our recordings as other programs wrote theirs, for tests of the readers: three dialects of a state, tables."""

from __future__ import annotations

import io
import pickle
import sys
import types
from typing import Any

import numpy as np
import pytest

from talkoot.worlds.overcooked.kitchen import Kitchen
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell

NAMES = {1: "onion", 2: "tomato", 3: "dish"}


def _soup(onions: int, tomatoes: int, tick: int, time: int, cell: Cell, dialect: str) -> dict[str, Any]:
    if dialect == "new":
        parts = [{"name": name, "position": list(cell)} for name in ["onion"] * onions + ["tomato"] * tomatoes]
        return {"name": "soup", "position": list(cell), "_ingredients": parts,
                "cooking_tick": tick, "_cooking_tick": tick, "cook_time": time if tick >= 0 else -1,
                "is_cooking": 0 <= tick < time, "is_ready": tick >= time, "is_idle": tick < 0}  # fmt: skip
    assert not (onions and tomatoes), "the older dialects know no mixed soups"
    kind = "tomato" if tomatoes else "onion"
    # The browser game let the counter of a finished soup run on.
    shown = max(tick, 0) + (37 if dialect == "2019" and tick >= time else 0)
    return {"name": "soup", "position": list(cell), "state": [kind, onions + tomatoes, shown]}


def state(kitchen: Kitchen, dialect: str) -> dict[str, Any]:
    """A kitchen as a serialised state: dialect "new", "before" (of 2020) or "2019" (the browser game)."""

    def thing(item: int, cell: Cell) -> dict[str, Any]:
        if item >= 16:
            onions, tomatoes = (item - 16) % 4, (item - 16) // 4
            time = kitchen.layout.recipes.time(onions, tomatoes)
            return _soup(onions, tomatoes, time, time, cell, dialect)
        return {"name": NAMES[item], "position": list(cell), **({"state": None} if dialect == "before" else {})}

    players = []
    for cook in kitchen.cooks.values():
        player: dict[str, Any] = {"position": list(cook.cell), "orientation": list(DIRECTIONS[cook.facing])}
        if cook.held or dialect != "2019":
            player["held_object"] = thing(cook.held, cook.cell) if cook.held else None
        players.append(player)
    things = [thing(item, cell) for cell, item in kitchen.loose.items()]
    things += [_soup(p.onions, p.tomatoes, p.tick, p.cook_time, p.cell, dialect) for p in kitchen.pots if p.items]
    if dialect == "2019":
        keyed = {f"{t['position'][0]},{t['position'][1]}": t for t in things}
        return {"players": players, "objects": keyed, "order_list": ["onion"], "pot_explosion": False}
    if dialect == "before":
        return {"players": players, "objects": things, "order_list": None}
    return {"players": players, "objects": things, "bonus_orders": [], "all_orders": [], "timestep": kitchen.t}


def action(index: int, word: str = "interact") -> Any:
    return word if index == 5 else [0, 0] if index == 4 else list(DIRECTIONS[index])


def pickled_table(columns: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A table as pandas pickled it, made without pandas: objects in one block, numbers in another."""

    def make(module: str, name: str, **members: Any) -> Any:
        made = type(name, (), {"__module__": module, "__qualname__": name, **members})
        for end in range(1, module.count(".") + 2):
            part = ".".join(module.split(".")[:end])
            if part not in sys.modules:
                monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
        monkeypatch.setattr(sys.modules[module], name, made, raising=False)
        return made

    index_module = "pandas.core.indexes.base"
    frame, manager = make("pandas.core.frame", "DataFrame"), make("pandas.core.internals.managers", "BlockManager")
    index = make(index_module, "Index")

    def new_index(_: Any, content: Any) -> Any:
        raise AssertionError("only its name is written")

    new_index.__module__, new_index.__qualname__ = index_module, "_new_Index"
    monkeypatch.setattr(sys.modules[index_module], "_new_Index", new_index, raising=False)
    index.__reduce__ = lambda self: (new_index, (index, {"data": self.data, "name": None}))
    manager.__reduce__ = lambda self: (manager.__new__, (manager,), self.state)
    words = [name for name, values in columns.items() if isinstance(values[0], str)]
    numbers = [name for name in columns if name not in words]
    blocks, titles = [], [*words, *numbers]
    for names, kind in ((words, object), (numbers, np.float64)):
        if names:
            first = titles.index(names[0])
            places: Any = (
                slice(first, first + len(names), 1) if kind is object else np.arange(first, first + len(names))
            )
            blocks.append({"values": np.array([columns[name] for name in names], kind), "mgr_locs": places})
    axis = index()
    axis.data = np.array(titles, object)
    whole, inside = frame(), manager()
    state = ([axis], [], [], {"0.14.1": {"axes": [axis], "blocks": blocks}})
    manager.__reduce_ex__ = lambda self, _: (sys.modules["copyreg"].__newobj__, (manager,), state)  # type: ignore[attr-defined]
    frame.__reduce_ex__ = lambda self, _: (  # type: ignore[method-assign]
        sys.modules["copyreg"].__newobj__, (frame,), {"_mgr": inside, "_typ": "dataframe"})  # type: ignore[attr-defined]  # fmt: skip
    out = io.BytesIO()
    pickle.Pickler(out, 4).dump(whole)
    return out.getvalue()

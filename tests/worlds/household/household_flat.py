"""A small flat with two rooms that tests build on, as the content of an apartment file."""

from __future__ import annotations

import copy
from typing import Any

_FLAT: dict[str, Any] = {
    "format": "talkoot household apartment",
    "version": 1,
    "name": "flat",
    "rooms": [
        {"id": 11, "class": "kitchen", "center": [2, 1.25, 2], "size": [4, 2.5, 4]},
        {"id": 12, "class": "livingroom", "center": [6, 1.25, 2], "size": [4, 2.5, 4]},
    ],
    "doors": [{"id": 13, "between": [11, 12], "center": [4, 0.5, 2]}],
    "things": [
        {"id": 20, "class": "fridge", "center": [0.5, 1.05, 0.5], "size": [0.71, 2.1, 0.89], "inside": 11},
        {"id": 21, "class": "kitchentable", "center": [2, 0.45, 3], "inside": 11},
        {"id": 22, "class": "coffeetable", "center": [6, 0.21, 2], "inside": 12},
        {"id": 23, "class": "cabinet", "center": [7.5, 0.525, 0.5], "inside": 12, "open": True},
        {"id": 24, "class": "apple", "center": [2, 0.96, 3], "inside": 11, "on": 21},
        {"id": 25, "class": "apple", "center": [0.5, 0.1, 0.5], "inside": 20},
        {"id": 26, "class": "mobile", "center": [6, 2.2, 2], "size": [0.4, 0.3, 0.4], "inside": 12,
         "category": "Decor", "properties": ["MOVABLE", "GRABBABLE"]},
    ],
}  # fmt: skip

_TASKS: dict[str, Any] = {
    "format": "talkoot household tasks",
    "version": 1,
    "tasks": [
        {
            "name": "snack",
            "activity": "read_book",
            "apartment": "flat",
            "without": [24],
            "things": [
                {"id": 30, "class": "cupcake", "center": [7.5, 0.6, 0.5], "inside": 23},
                {"id": 31, "class": "cupcake", "center": [2, 0.95, 3], "inside": 11, "on": 21},
            ],
            "goals": [
                {"relation": "on", "class": "cupcake", "target": 22, "count": 2},
                {"relation": "on", "class": "apple", "target": 22, "count": 1},
            ],
            "starts": [{"room": 11}, {"room": 12, "position": [5, 1], "yaw": 90}],
        }
    ],
}


def flat() -> dict[str, Any]:
    """A fresh copy of the flat, to change at will."""
    return copy.deepcopy(_FLAT)


def snack() -> dict[str, Any]:
    """A fresh copy of a file with one episode in the flat."""
    return copy.deepcopy(_TASKS)

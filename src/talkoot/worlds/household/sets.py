"""The shipped apartments and sets of episodes by name, and everybody's own from files."""

from __future__ import annotations

from functools import cache

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.generate import generate_apartment
from talkoot.worlds.household.sample import sample_tasks
from talkoot.worlds.household.task import Task

_RECIPES = {
    "aspen": (1, "chain", "open"), "birch": (2, "star", "open"), "cedar": (3, "ring", "open"),
    "elm": (4, "chain", "tight"), "fir": (5, "star", "tight"),
    "hazel": (6, "chain", "open"), "larch": (7, "star", "open"), "maple": (8, "ring", "open"),
    "oak": (9, "star", "tight"), "pine": (10, "ring", "tight"),
}  # fmt: skip
_SETS = {"test": ("aspen", "birch", "cedar", "elm", "fir"), "train": ("hazel", "larch", "maple", "oak", "pine")}


def apartment_names() -> tuple[str, ...]:
    """The shipped apartments."""
    return tuple(_RECIPES)


@cache
def load_apartment(name: str) -> Apartment:
    """A shipped apartment. Raises BadInput if there is none of this name."""
    if name not in _RECIPES:
        raise BadInput(f"no apartment {name!r}; choose one of {', '.join(_RECIPES)}")
    seed, plan, density = _RECIPES[name]
    return generate_apartment(seed, plan=plan, density=density, name=name)  # type: ignore[arg-type]


def list_sets() -> dict[str, int]:
    """The shipped sets of episodes with their sizes."""
    return {name: len(task_set(name)) for name in _SETS}


@cache
def task_set(name: str) -> tuple[Task, ...]:
    """A shipped set of episodes. Raises BadInput if there is none of this name."""
    if name not in _SETS:
        raise BadInput(f"no set of episodes {name!r}; choose one of {', '.join(_SETS)}")
    each = {"test": 10, "train": 20}[name]
    return tuple(task for home in _SETS[name] for task in sample_tasks(load_apartment(home), each))

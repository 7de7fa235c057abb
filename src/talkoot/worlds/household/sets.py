"""The shipped apartments and sets of episodes by name, and how they were made.

All of them are of our own making: `generate_apartment` drew the apartments and `sample_task` the episodes, both from
the seeds below. The files that ship are what counts; a test makes some of them again and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment
from talkoot.worlds.household.apartment_file import parse_apartment, read_apartment, write_apartment
from talkoot.worlds.household.entries import load
from talkoot.worlds.household.generate import Density, generate_apartment
from talkoot.worlds.household.making.floorplan import Plan, Size
from talkoot.worlds.household.sample import sample_task
from talkoot.worlds.household.task import ACTIVITIES, Task
from talkoot.worlds.household.task_file import parse_tasks, write_tasks


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an apartment was drawn from."""

    seed: int
    plan: Plan
    size: Size
    density: Density


RECIPES: Mapping[str, Recipe] = {
    "aspen": Recipe(1, "chain", "normal", "open"),
    "birch": Recipe(2, "star", "normal", "open"),
    "cedar": Recipe(3, "ring", "normal", "open"),
    "elm": Recipe(4, "chain", "normal", "tight"),
    "fir": Recipe(5, "star", "normal", "tight"),
    "hazel": Recipe(6, "chain", "large", "open"),
    "larch": Recipe(7, "star", "normal", "open"),
    "maple": Recipe(8, "ring", "normal", "tight"),
    "oak": Recipe(9, "star", "small", "tight"),
    "pine": Recipe(10, "chain", "normal", "open"),
}
"""The shipped apartments, named after trees: seed, plan, size, density."""

SETS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "test": (("aspen", "birch", "cedar", "elm", "fir"), 2),
    "train": (("hazel", "larch", "maple", "oak", "pine"), 4),
}
"""The shipped sets: their apartments (no set has another's), and the episodes of each activity in each of them."""


def apartment_names() -> tuple[str, ...]:
    """The shipped apartments."""
    return tuple(RECIPES)


def load_apartment(name_or_path: str | Path) -> Apartment:
    """A shipped apartment by name, or anybody's own by the path of its file. Raises BadInput where there is none."""
    name = str(name_or_path)
    if name in RECIPES:
        return _shipped(name)
    if not Path(name).is_file():
        raise BadInput(f"no apartment {name!r}; choose one of {', '.join(RECIPES)}, or give the path of a file")
    return read_apartment(name)


def list_sets() -> dict[str, int]:
    """The shipped sets with the number of their episodes."""
    return {name: len(homes) * each * len(ACTIVITIES) for name, (homes, each) in SETS.items()}


@cache
def task_set(name: str) -> tuple[Task, ...]:
    """A shipped set of episodes; neighbours in it differ in activity and apartment.

    Raises BadInput if there is no set of this name.
    """
    if name not in SETS:
        raise BadInput(f"no set of episodes {name!r}; choose one of {', '.join(SETS)}")
    with resources.as_file(_folder("sets") / f"{name}.json") as path:
        return parse_tasks(load(path), f"household/{name}", load_apartment)


def make_apartment(name: str) -> Apartment:
    """Draw a shipped apartment anew from its recipe."""
    recipe = RECIPES[name]
    return generate_apartment(recipe.seed, plan=recipe.plan, size=recipe.size, density=recipe.density, name=name)


def make_task(name: str, number: int) -> Task:
    """Draw one episode of a shipped set anew, in its shipped apartment."""
    homes, _ = SETS[name]
    activities = list(ACTIVITIES)
    turn, place = divmod(number, len(activities))
    home = homes[(place + turn) % len(homes)]
    return sample_task(load_apartment(home), activities[place], turn // len(homes))


def write_shipped(folder: Path) -> None:
    """Write all shipped files anew below a folder: `apartments/` first, then `sets/`."""
    for part in ("apartments", "sets"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in RECIPES:
        write_apartment(make_apartment(name), folder / "apartments" / f"{name}.json")
    _shipped.cache_clear()
    for name, size in list_sets().items():
        tasks = [make_task(name, number) for number in range(size)]
        write_tasks(tasks, folder / "sets" / f"{name}.json", {home: load_apartment(home) for home in SETS[name][0]})
    task_set.cache_clear()


@cache
def _shipped(name: str) -> Apartment:
    with resources.as_file(_folder("apartments") / f"{name}.json") as path:
        return parse_apartment(load(path), f"household/{name}")


def _folder(part: str) -> resources.abc.Traversable:
    return resources.files("talkoot.worlds.household") / part

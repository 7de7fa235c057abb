"""Homes by the names that users type: `household/test`, an apartment, `household/generate:plan=star`, recordings.

Each name stands for a set of episodes: `reset(seed)` plays number seed modulo the size of the set.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.worlds.household.task import ACTIVITIES, Task
from talkoot.worlds.options import Reader, count, one_of, pair, read_options, switch

if TYPE_CHECKING:
    from talkoot.worlds.household.apartment import Apartment, Node
    from talkoot.worlds.household.world import HouseholdWorld

GENERATE = "generate"
"""The name under which apartments are drawn: `household/generate:seed=3,plan=star`."""

SETS = ("test", "train")
"""The sets of episodes that ship."""

TASKS = 10
"""Episodes of a world that is one apartment, where `tasks=` does not say otherwise (as many as the paper plays)."""

MOST_TASKS = 1000
"""All of them are drawn before the first is played, which takes some hundredths of a second each."""

SHORT = {"tea": "read_book", "dishes": "put_dishwasher", "meal": "prepare_food", "groceries": "put_fridge",
         "table": "setup_table"}  # fmt: skip
"""The activities in one word each, beside their code names."""


def _activity(text: str) -> str:
    name = SHORT.get(text, text)
    if name not in ACTIVITIES:
        raise ValueError(f"write one of {', '.join(SHORT)}")
    return name


def _visual(text: str) -> tuple[int, int] | None:
    if text in ("on", "off"):
        return (256, 512) if text == "on" else None
    try:
        return pair(text)
    except ValueError:
        raise ValueError("write off, on, or HEIGHTxWIDTH such as 128x256") from None


def _seed(text: str) -> int:
    try:
        return int(text[:20])
    except ValueError:
        raise ValueError("write a whole number") from None


def _tasks_of(text: str) -> int:
    if count(text) > MOST_TASKS:
        raise ValueError(f"write a whole number from 1 to {MOST_TASKS}")
    return count(text)


def _read(hint: Any) -> Reader:
    if get_origin(hint) is Literal:
        return one_of(*get_args(hint))
    readers: dict[Any, Reader] = {bool: switch, float: float, int: int}
    return readers.get(hint, str)


@cache
def world_options() -> dict[str, Reader]:
    """The options of every home: how one talks, how long an episode is, what is seen, and the quirks of the rules."""
    from talkoot.worlds.household.quirks import Quirks

    options: dict[str, Reader] = {
        "talk": one_of("costly", "free", "off"), "message_limit": count, "limit": count, "visual": _visual,
    }  # fmt: skip
    return options | {name: _read(hint) for name, hint in get_type_hints(Quirks).items()}


SET_OPTIONS: dict[str, Reader] = {"activity": _activity}
APARTMENT_OPTIONS: dict[str, Reader] = {"activity": _activity, "seed": _seed, "tasks": _tasks_of}
GENERATE_OPTIONS: dict[str, Reader] = {"plan": str, "size": str, "density": str, **APARTMENT_OPTIONS}
FOLDER_OPTIONS: dict[str, Reader] = {"episodes": str}


@dataclass(frozen=True, slots=True)
class HomeRow:
    """A set of episodes (`kind` "set") or an apartment (`kind` "apartment") that ships with talkoot.

    `tasks` counts the episodes of a set; rooms, area (square metres of floor), `things` (all nodes but rooms) and
    `containers` (those that are searched) are those of an apartment, or the least and the most of a set's apartments.
    """

    name: str
    kind: str
    words: str
    tasks: int
    apartments: tuple[str, ...]
    rooms: tuple[int, int]
    area: tuple[int, int]
    things: tuple[int, int]
    containers: tuple[int, int]


def make_home(name: str, seats: tuple[Seat, ...] | None = None) -> HouseholdWorld | None:
    """The home of this name, or None if there is none; raises BadInput for options and files with a fault.

    Names: `household/test` and `household/train` (sets that ship; option activity), `household/APARTMENT` or the path
    of an apartment or task file (activity, seed and tasks: which episodes are drawn in it, and how many),
    `household/generate` (besides: plan chain, star, ring; size small, normal, large; density open, tight) and
    `household:episodes=FOLDER` (recorded episodes). Options of all: talk (costly, free, off), message_limit, limit
    (steps), visual (off, on, HEIGHTxWIDTH), and those of `quirks.Quirks`.
    """
    from talkoot.worlds.household.world import HouseholdWorld

    place, _, written = name.partition(":")
    home = place.partition("/")[2] if place.partition("/")[0] == "household" else place
    own = _own_options(name, home)
    if own is None:
        return None
    options = read_options(name, written, {**own, **world_options()}, paths=("episodes",))
    asked = tuple((key, options.pop(key)) for key in own if key in options)
    tasks = tasks_of(home, asked)
    return HouseholdWorld(tasks, seats=(0, 1) if seats is None else seats, name=name, **options)


def _own_options(name: str, home: str) -> dict[str, Reader] | None:
    """The options that only this place has, None for a place that does not exist."""
    from talkoot.worlds.household.sets import apartment_names

    if not home:
        if "episodes=" not in name:
            raise BadInput(f"world {name!r} names no home; known are {', '.join(home_names())}")
        return FOLDER_OPTIONS
    if home in SETS:
        return SET_OPTIONS
    if home == GENERATE:
        return GENERATE_OPTIONS
    is_file = home.endswith((".json", ".json.gz")) or Path(home).is_file()
    return APARTMENT_OPTIONS if home in apartment_names() or is_file else None


def tasks_of(home: str, asked: tuple[tuple[str, Any], ...] = ()) -> tuple[Task, ...]:
    """The episodes of a place with its own options; kept, because one evaluation makes its worlds many times.

    Raises BadInput for a file or folder with a fault, and for an activity that the set has no episode of.
    """
    named = dict(asked).get("episodes", home)
    stamp = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in _files(named))
    return _tasks(home, asked, stamp)


@lru_cache(maxsize=32)
def _tasks(home: str, asked: tuple[tuple[str, Any], ...], stamp: tuple[tuple[str, int, int], ...]) -> tuple[Task, ...]:
    """`stamp` tells apart what the same files held at different times."""
    from talkoot.worlds.household import sets

    options = dict(asked)
    if "episodes" in options:
        from talkoot.worlds.household.records import recorded_tasks

        return recorded_tasks(options["episodes"])
    activity = options.get("activity")
    if home in SETS:
        tasks = tuple(task for task in sets.task_set(home) if activity in (None, task.activity))
        if not tasks:
            raise BadInput(f"household/{home} has no episode of the activity {activity}")
        return tasks
    if home == GENERATE:
        from talkoot.worlds.household.generate import generate_apartment

        how = {key: options[key] for key in ("plan", "size", "density") if key in options}
        apartment = generate_apartment(options.get("seed", 0), **how)
    elif home in sets.apartment_names():
        apartment = sets.load_apartment(home)
    else:
        found = _from_file(Path(home))
        if isinstance(found, tuple):
            return found
        apartment = found
    return _drawn(apartment, options.get("seed", 0), activity, options.get("tasks", TASKS))


def _from_file(path: Path) -> Apartment | tuple[Task, ...]:
    """What a file holds: an apartment, or episodes, also a recorded one."""
    from talkoot.worlds.household.records import recorded_tasks
    from talkoot.worlds.household.task_file import read_home

    return recorded_tasks(path) if path.name.startswith("episode_") else read_home(path)


def files_of(name: str) -> tuple[str, tuple[Path, ...]] | None:
    """What a home's name names on disk: how it is called there, and the files; None for homes that ship.

    What a task file names beside itself is among them. What does not exist is left out.
    """
    place, _, written = name.partition(":")
    home = place.partition("/")[2] if place.partition("/")[0] == "household" else place
    if home:
        return (home, files) if (files := _files(home)) else None
    try:
        folder = str(
            read_options(name, written, {**FOLDER_OPTIONS, **world_options()}, paths=("episodes",))["episodes"]
        )
    except (BadInput, KeyError):
        return None
    return (f"episodes={folder}", files) if (files := _files(folder)) else None


def _files(named: str) -> tuple[Path, ...]:
    from talkoot.worlds.household.sets import apartment_names

    path = Path(named)
    if named in (*SETS, GENERATE, *apartment_names()) or not path.exists():
        return ()
    if path.is_dir():
        return tuple(sorted([*path.glob("episode_*.json.gz"), *path.glob("episode_*.json")]))
    beside = []
    if path.suffix == ".json":
        try:
            tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
            beside = [path.parent / str(task["apartment"]) for task in tasks]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no task file, or a faulty one: whoever reads it complains
    return (path, *sorted({other for other in beside if other.is_file()}))


def _drawn(apartment: Apartment, seed: int, activity: str | None, tasks: int) -> tuple[Task, ...]:
    """Episodes drawn in one apartment by the sampling rules, the activities in turn where none is named."""
    from talkoot.worlds.household.sample import sample_task, sample_tasks

    if activity is None:
        return sample_tasks(apartment, tasks, seed)
    return tuple(sample_task(apartment, activity, seed + n) for n in range(tasks))


def home_names() -> list[str]:
    """What can be typed, the sets that ship first."""
    from talkoot.worlds.household.sets import apartment_names

    names = (*SETS, *apartment_names(), GENERATE)
    return [*(f"household/{name}" for name in names), "household:episodes=FOLDER", "the path of an apartment file"]


def list_homes() -> list[HomeRow]:
    """Every set of episodes and every apartment that ships with talkoot."""
    from talkoot.worlds.household.sets import apartment_names, load_apartment, task_set

    rows = []
    for name in SETS:
        tasks = task_set(name)
        homes = {task.apartment.name: task.apartment for task in tasks}
        kinds = Counter(task.activity for task in tasks)
        short = {code: word for word, code in SHORT.items()}
        words = ", ".join(f"{n} {short[kind]}" for kind, n in kinds.items()) + f"; {len(homes)} apartments"
        rows.append(_row(name, "set", f"{len(tasks)} episodes: {words}", len(tasks), list(homes.values())))
    for name in apartment_names():
        apartment = load_apartment(name)
        rows.append(_row(name, "apartment", apartment_in_words(apartment), 0, [apartment]))
    return rows


def _row(name: str, kind: str, words: str, tasks: int, homes: list[Apartment]) -> HomeRow:
    def span(measure: Callable[[Apartment], int]) -> tuple[int, int]:
        values = [measure(home) for home in homes]
        return min(values), max(values)

    return HomeRow(
        f"household/{name}",
        kind,
        words,
        tasks,
        tuple(home.name for home in homes),
        span(lambda home: len(home.rooms)),
        span(area),
        span(lambda home: len(home.nodes) - len(home.rooms)),
        span(lambda home: len(searched(home))),
    )


def searched(apartment: Apartment) -> list[Node]:
    """The containers that agents open to look inside."""
    return [node for node in apartment.nodes.values() if node.searchable and node.openable]


def area(apartment: Apartment) -> int:
    """Square metres of all rooms."""
    return round(sum(room.size[0] * room.size[2] for room in apartment.rooms.values()))


def apartment_in_words(apartment: Apartment) -> str:
    """How large it is: rooms, floor, things, containers that are searched."""
    things = len(apartment.nodes) - len(apartment.rooms)
    rooms = f"{len(apartment.rooms)} room{'s' if len(apartment.rooms) > 1 else ''}"
    return f"{rooms}, {area(apartment)} m², {things} things, {len(searched(apartment))} containers"

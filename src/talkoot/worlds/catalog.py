"""All worlds by the names that users type: `overcooked/cramped_room:rules=new,talk=on`, `household/test:talk=free`.

Each family has its own catalog beside its world; here a name finds its family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from talkoot.errors import BadInput
from talkoot.types import Seat
from talkoot.world import World

if TYPE_CHECKING:
    from talkoot.worlds.household.catalog import HomeRow
    from talkoot.worlds.overcooked.catalog import KitchenRow


def family_of(name: str) -> str:
    """The family of a world as typed: "household" or "overcooked"; files of homes are JSON, those of kitchens text."""
    place = name.partition(":")[0]
    home = place.partition("/")[0] == "household" or place.endswith((".json", ".json.gz"))
    return "household" if home else "overcooked"


def make_world(name: str, *, seats: tuple[Seat, ...] | None = None) -> World:
    """The world of this name: `FAMILY/PLACE` or `PLACE`, then options as `:key=value,key=value`.

    Kitchens: see `overcooked.catalog.make_kitchen`. Homes: see `household.catalog.make_home`. `seats` are the seats
    that are held, by default all. The world's `name` is what was typed. Raises BadInput for unknown names and options,
    listing the known ones.
    """
    world: World | None
    if family_of(name) == "household":
        from talkoot.worlds.household.catalog import make_home

        world = make_home(name, seats)
    else:
        from talkoot.worlds.overcooked.catalog import make_kitchen

        world = make_kitchen(name, seats)
    if world is None:
        raise BadInput(f"unknown world {name!r}; known are {', '.join(known_names())}")
    return world


def known_names() -> list[str]:
    """What can be typed as a world, for whoever typed something else."""
    from talkoot.worlds.household.catalog import home_names
    from talkoot.worlds.overcooked.catalog import kitchen_names

    return [*kitchen_names(), *home_names()]


def list_worlds() -> list[KitchenRow | HomeRow]:
    """Every world that ships with talkoot: the kitchens, the five classic ones first, then sets of episodes, homes."""
    from talkoot.worlds.household.catalog import list_homes
    from talkoot.worlds.overcooked.catalog import list_kitchens

    return [*list_kitchens(), *list_homes()]


def episodes_in(world: World) -> int:
    """How many episodes a world is a set of: `reset(seed)` plays number seed modulo that. 0 where it is no set."""
    return len(getattr(world, "tasks", ()))

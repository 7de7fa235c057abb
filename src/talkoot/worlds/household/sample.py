"""Episodes for an apartment by the published sampling rules of C-WAH (reference, 2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from talkoot.errors import BadInput
from talkoot.worlds.household.apartment import Apartment, Node, Point
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.making.floor import spot_inside, spot_on
from talkoot.worlds.household.task import ACTIVITIES, Goal, Start, Task

MOST = 5
"""The largest number of things that a goal asks for in all."""

FEWEST = 3
"""The smallest number."""

TRIES = 100
"""How many goals are drawn before an apartment is given up."""

_PLACEMENTS = 50


@dataclass(frozen=True, slots=True)
class Activity:
    """What one activity asks for: relation and class of the goal place; per class the largest numbers.

    `most` maps a class to (largest number in a goal, largest number in an apartment). Classes in `unasked` are set out
    as well but never asked for: the original drops them from its goals (book, glasses).
    """

    relation: Literal["on", "inside"]
    target: str
    most: Mapping[str, tuple[int, int]]
    unasked: Mapping[str, tuple[int, int]]


_SWEETS = {"cupcake": (2, 2), "juice": (1, 1), "wine": (1, 1), "pudding": (2, 2), "apple": (2, 2)}
_GROCERIES = _SWEETS | {"pancake": (1, 1), "poundcake": (1, 1)}
_DISHES = {"plate": (2, 2), "cutleryfork": (2, 2)}
_GLASSES = {"waterglass": (2, 2), "wineglass": (2, 2)}

ASKED: Mapping[str, Activity] = {
    "read_book": Activity("on", "coffeetable", _SWEETS, {"book": (1, 3)}),
    "put_dishwasher": Activity("inside", "dishwasher", _DISHES, _GLASSES),
    "prepare_food": Activity("on", "kitchentable", _GROCERIES | {"coffeepot": (1, 1)}, {}),
    "put_fridge": Activity("inside", "fridge", _GROCERIES, {}),
    "setup_table": Activity("on", "kitchentable", _DISHES, _GLASSES),
}
"""The five activities by code name (reference, 2.8; the numbers are Watch-And-Help's)."""

_CONTAINERS = ("cabinet", "dishwasher", "fridge", "microwave")
_TABLES = ("coffeetable", "kitchentable")

PLACES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "apple": (_CONTAINERS, (*_TABLES, "bench")),
    "cupcake": (_CONTAINERS, (*_TABLES, "bench")),
    "juice": (_CONTAINERS, (*_TABLES, "bench")),
    "wine": (("cabinet", "dishwasher", "fridge"), (*_TABLES, "bench")),
    "coffeepot": (_CONTAINERS, (*_TABLES, "bench")),
    "poundcake": (_CONTAINERS, (*_TABLES, "bench")),
    "pancake": (_CONTAINERS, _TABLES),
    "pudding": (_CONTAINERS, _TABLES),
    "plate": (_CONTAINERS, _TABLES),
    "cutleryfork": (_CONTAINERS, _TABLES),
    "waterglass": (_CONTAINERS, (*_TABLES, "bench")),
    "wineglass": (_CONTAINERS, (*_TABLES, "bench")),
    "book": (("cabinet",), ("bench", "kitchentable", "nightstand")),
}
"""Where things of a class may be set out: classes of containers, classes of surfaces.

As in the original's tables for its test apartments; never in a kitchen cabinet, in the bathroom cabinet, in the stove
or on the floor.
"""


def sample_task(apartment: Apartment, activity: str, seed: int) -> Task:
    """Draw one episode by the published rules: which things, where they are, what is asked for, who starts where.

    1. A wish is drawn: 2 to 6 things out of as many of each class as a goal may hold. 2. All things of the activity's
    classes leave the apartment, and whatever lies on (or in) the goal place. 3. Of each class between the wish and the
    largest number plus 1 are set out, each at one of the allowed places, all equally likely; a place takes a thing only
    while the footprints on or in it stay below half of its own. 4. Counts are redrawn: in random order each class gets
    between n - 2 and n (at least 1) of its n reachable things, up to 5 in all; fewer than 3 and everything is drawn
    anew. What is in the dishwasher does not count as reachable. 5. Two different start rooms.
    Decided where the text leaves it open: "plus 1" is inclusive, as recorded episodes show; the wish is drawn from the
    largest numbers, not from Watch-And-Help's list; a class that was not wished may be asked for if it was set out (as
    in recorded episodes); of several goal places one is drawn; things must fit, so tall ones never are in a microwave.
    The start points are drawn when the episode is played. The same arguments give the same task. Raises BadInput for an
    unknown activity, and for an apartment without the goal place or without enough places.
    """
    asked = ASKED.get(activity)
    if asked is None:
        raise BadInput(f"no activity {activity!r}; choose one of {', '.join(ACTIVITIES)}")
    targets = [node for node in apartment.nodes.values() if node.name == asked.target]
    if not targets:
        raise BadInput(f"apartment {apartment.name} has no {asked.target}, which {activity} needs; add one to its file")
    if len(apartment.rooms) < 2:
        raise BadInput(f"apartment {apartment.name} has one room; two people begin in different rooms, so add one")
    rng = Random(f"{apartment.name}|{activity}|{seed}")
    for _ in range(TRIES):
        target = rng.choice(targets)
        wish = _wish(rng, asked)
        furnished = _set_out(rng, apartment, asked, target, wish)
        goals = _goals(rng, furnished, asked, target)
        if sum(goal.count for goal in goals) >= FEWEST:
            first, second = rng.sample(sorted(apartment.rooms), 2)
            starts = (Start(first, yaw=_yaw(rng)), Start(second, yaw=_yaw(rng)))
            return Task(f"{apartment.name}-{activity}-{seed}", activity, furnished, goals, starts)
    raise BadInput(
        f"apartment {apartment.name} has too few places for {activity}; it needs cabinets, a fridge or tables besides "
        f"the goal place {target.label}"
    )


def sample_tasks(apartment: Apartment, episodes: int, seed: int = 0) -> tuple[Task, ...]:
    """Several episodes for one apartment: the five activities in turn, with seeds from `seed` on."""
    names = list(ACTIVITIES)
    return tuple(sample_task(apartment, names[k % len(names)], seed + k // len(names)) for k in range(episodes))


def without(apartment: Apartment, gone: Iterable[int]) -> Apartment:
    """The apartment without some things, and without what lies on or in these."""
    lost = set(gone)
    while True:
        more = {
            thing for parents in (apartment.on, apartment.inside) for thing, parent in parents.items() if parent in lost
        }
        if more <= lost:
            break
        lost |= more
    return replace(
        apartment,
        nodes={number: node for number, node in apartment.nodes.items() if number not in lost},
        inside={thing: parent for thing, parent in apartment.inside.items() if thing not in lost},
        on={thing: parent for thing, parent in apartment.on.items() if thing not in lost},
        open=apartment.open - lost,
    )


def _yaw(rng: Random) -> float:
    return 30.0 * rng.randrange(12)


def _wish(rng: Random, asked: Activity) -> dict[str, int]:
    bag = [name for name, (most, _) in (*asked.most.items(), *asked.unasked.items()) for _ in range(most)]
    drawn = rng.sample(bag, rng.randint(2, 6))
    return {name: drawn.count(name) for name in (*asked.most, *asked.unasked)}


def _set_out(rng: Random, base: Apartment, asked: Activity, target: Node, wish: Mapping[str, int]) -> Apartment:
    classes = {**asked.most, **asked.unasked}
    there = base.on if asked.relation == "on" else base.inside
    gone = [number for number, node in base.nodes.items() if node.name in classes and node.grabbable]
    gone += [thing for thing, parent in there.items() if parent == target.id]
    home = without(base, gone)
    nodes, inside, on = dict(home.nodes), dict(home.inside), dict(home.on)
    number = max(base.nodes) + 1
    for name, (_, most) in classes.items():
        for _ in range(rng.randint(wish[name], most + 1)):
            placed = _place(rng, home, name, target.id, nodes, inside, on)
            if placed is not None:
                relation, where, center, size = placed
                kind = KINDS[name]
                nodes[number] = Node(number, name, kind.category, center, size, kind.properties)
                inside[number] = where if relation == "inside" else home.room_of(where)
                if relation == "on":
                    on[number] = where
                number += 1
    return replace(home, nodes=nodes, inside=inside, on=on)


def _place(
    rng: Random,
    home: Apartment,
    name: str,
    target: int,
    nodes: Mapping[int, Node],
    inside: Mapping[int, int],
    on: Mapping[int, int],
) -> tuple[str, int, Point, Point] | None:
    """One of the allowed places for a thing: relation, place, and where there; None if none of 50 draws has room."""
    into, onto = PLACES[name]
    pool = [
        (relation, node)
        for relation, names in (("inside", into), ("on", onto))
        for node in home.nodes.values()
        if node.name in names and node.id != target
    ]
    width, height, depth = KINDS[name].size
    for _ in range(_PLACEMENTS if pool else 0):
        relation, where = rng.choice(pool)
        parents = inside if relation == "inside" else on
        taken = [nodes[thing] for thing, parent in parents.items() if parent == where.id]
        used = sum(thing.size[0] * thing.size[2] for thing in taken) + width * depth
        if used >= where.size[0] * where.size[2] / 2:
            continue
        size = (width, height, depth) if rng.random() < 0.5 else (depth, height, width)
        center = (spot_inside if relation == "inside" else spot_on)(rng, where, size, taken)
        if center is not None:
            return relation, where.id, center, size
    return None


def _goals(rng: Random, home: Apartment, asked: Activity, target: Node) -> tuple[Goal, ...]:
    reachable = dict.fromkeys(asked.most, 0)
    for number, node in home.nodes.items():
        if node.name in reachable and home.nodes[home.inside[number]].name != "dishwasher":
            reachable[node.name] += 1
    left, counts = MOST, dict.fromkeys(asked.most, 0)
    for name in rng.sample(list(reachable), len(reachable)):
        n = reachable[name]
        if n and left:
            counts[name] = min(max(1, rng.randint(n - 2, n)), n, left)
            left -= counts[name]
    return tuple(Goal(asked.relation, name, target.id, count) for name, count in counts.items() if count)

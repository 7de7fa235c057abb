"""Building: ids, parents, and furniture that is put where it is asked for, or not at all."""

from __future__ import annotations

from random import Random

import pytest

from talkoot.worlds.household.making.building import FIRST_ID, Building, Room
from talkoot.worlds.household.making.classes import KINDS
from talkoot.worlds.household.making.clutter import _INSIDE, _ON, _ON_FLOOR
from talkoot.worlds.household.making.floor import Floor
from talkoot.worlds.household.making.furnish import NoRoom, furnish
from talkoot.worlds.household.sample import PLACES


def _room(width: float = 5.0, depth: float = 4.0, name: str = "bedroom") -> Room:
    building = Building("home")
    node = building.add(name, (width / 2, 1.25, depth / 2), (width, 2.5, depth))
    return Room(building, node, Floor((0, 0, width, depth), []), Random(1), 0.9)


def test_every_node_gets_the_next_id_and_its_parent() -> None:
    room = _room()
    sofa = room.along_wall("sofa")
    assert sofa is not None
    pillow = room.lay_on(sofa, "pillow")
    assert pillow is not None
    home = room.building.apartment()
    assert list(home.nodes) == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]
    assert home.inside == {sofa.id: room.node.id, pillow.id: room.node.id}
    assert home.on == {pillow.id: sofa.id}
    assert home.nodes[pillow.id].properties == KINDS["pillow"].properties


def test_furniture_goes_to_the_side_and_spot_it_is_asked_to() -> None:
    room = _room()
    for side, axis, at in (("W", 0, 0.06), ("E", 0, 4.94), ("S", 2, 0.06), ("N", 2, 3.94)):
        node = room.along_wall("chair", sides=[side], near=(2.5, 2.0))  # type: ignore[list-item]
        assert node is not None
        assert abs(node.center[axis] - at) == pytest.approx(0.24)
        assert node.center[2 - axis] == pytest.approx((2.0, 2.5)[axis // 2], abs=0.1)
    assert room.along_wall("chair", near=(2.5, 2.0), within=0.5) is None


def test_furniture_that_would_block_the_room_is_not_put() -> None:
    narrow = _room(width=3.0, depth=1.4)
    assert narrow.along_wall("closet", sides=["S"]) is not None  # 0.7 m are left before it
    assert narrow.along_wall("bathtub", sides=["N"]) is None
    assert narrow.along_wall("bookshelf", sides=["N"], front=1.0) is None


def test_before_stands_in_front_and_in_the_middle() -> None:
    for side, dx, dz in (("W", 1, 0), ("E", -1, 0), ("S", 0, 1), ("N", 0, -1)):
        room = _room(8.0, 8.0)
        sofa = room.along_wall("sofa", sides=[side], near=(4.0, 4.0))  # type: ignore[list-item]
        assert sofa is not None
        table = room.before(sofa, "coffeetable", 0.5)
        assert table is not None
        apart = (1.04 + KINDS["coffeetable"].size[2]) / 2 + 0.5
        assert table.center[0] - sofa.center[0] == pytest.approx(dx * apart, abs=0.001)
        assert table.center[2] - sofa.center[2] == pytest.approx(dz * apart, abs=0.001)
        assert room.before(sofa, "coffeetable", 0.5) is None


def test_groups_stand_free_with_their_parts_in_order() -> None:
    room = _room(6.0, 6.0)
    group = [("kitchentable", (0.0, 0.5, 1.6, 1.7)), ("bench", (0.0, 0.0, 1.6, 0.35))]
    placed = room.in_the_middle(group)
    assert placed is not None
    table, bench = placed
    assert table.center[2] - bench.center[2] == pytest.approx(1.1 - 0.175)
    assert min(bench.center[2] - 0.175, bench.center[0] - 0.8) >= 0.9 - 1e-9
    assert room.in_the_middle(group, 1.9) is None


def test_things_in_full_containers_and_on_full_surfaces_are_left_out() -> None:
    room = _room()
    stand = room.along_wall("nightstand")
    assert stand is not None
    laid = [room.lay_on(stand, "book") for _ in range(9)]
    assert laid[0] is not None
    assert laid[-1] is None
    microwave = room.lay_on(stand, "microwave")
    assert microwave is None
    cabinet = room.along_wall("cabinet")
    assert cabinet is not None
    inside = room.lay_inside(cabinet, "dishbowl")
    assert inside is not None
    assert room.building.inside[inside.id] == cabinet.id
    assert inside.id not in room.building.on
    assert room.lay_inside(cabinet, "cpuscreen") is None or room.building.nodes[cabinet.id].size[2] >= 0.22


def test_rugs_lie_within_the_room_or_not_at_all() -> None:
    room = _room(3.0, 3.0)
    room.lay_rug((0.1, 2.9), 1.9, 1.4)
    room.lay_rug((1.5, 1.5), 2.7, 2.7)
    rugs = [node for node in room.building.nodes.values() if node.name == "rug"]
    assert len(rugs) == 1
    assert rugs[0].center[0] - rugs[0].size[0] / 2 == pytest.approx(0.2)
    assert rugs[0].center[2] + rugs[0].size[2] / 2 == pytest.approx(2.8)


@pytest.mark.parametrize("name", ["kitchen", "livingroom", "bedroom", "bathroom"])
def test_rooms_that_are_too_small_are_told_apart(name: str) -> None:
    with pytest.raises(NoRoom):
        furnish(_room(1.6, 1.6, name), "open")


def test_all_classes_are_known() -> None:
    tables = [things for room in _ON.values() for things in room.values()]
    for things in (*tables, *_INSIDE.values(), *_ON_FLOOR.values()):
        assert set(things.split()) <= KINDS.keys()
    assert {name for room in _ON.values() for name in room} <= KINDS.keys()
    for name, (into, onto) in PLACES.items():
        assert KINDS[name].properties >= {"GRABBABLE"}
        assert all(KINDS[place].properties >= {"CAN_OPEN", "CONTAINERS"} for place in into)
        assert all("SURFACES" in KINDS[place].properties for place in onto)
    for name, kind in KINDS.items():
        assert min(kind.size) > 0, name
        assert kind.size[1] <= 2.5

"""Plans of apartments: rooms, doors and furniture where they are, the same letter for a class, and a picture."""

from __future__ import annotations

from pathlib import Path

from talkoot.worlds.household.apartment import Apartment, Node
from talkoot.worlds.household.floor_plan import DOOR, WALL, draw_plan, save_picture
from talkoot.worlds.household.sets import apartment_names, load_apartment


def flat() -> Apartment:
    """Two rooms side by side, a door between them, a fridge in the west, a table in the east."""
    nodes = [
        Node(11, "kitchen", "Rooms", (2.0, 1.25, 2.0), (4.0, 2.5, 4.0)),
        Node(12, "bedroom", "Rooms", (6.0, 1.25, 2.0), (4.0, 2.5, 4.0)),
        Node(13, "door", "Doors", (4.0, 1.0, 2.0), (0.9, 2.0, 0.9)),
        Node(14, "fridge", "Appliances", (0.5, 0.5, 3.5), (1.0, 1.0, 1.0), frozenset({"CAN_OPEN", "CONTAINERS"})),
        Node(15, "table", "Furniture", (7.0, 0.4, 0.75), (1.0, 0.8, 1.0), frozenset({"SURFACES"})),
        Node(16, "apple", "Food", (7.0, 0.9, 0.75), (0.1, 0.1, 0.1), frozenset({"GRABBABLE"})),
    ]
    inside = {13: 11, 14: 11, 15: 12, 16: 12}
    return Apartment("flat", {node.id: node for node in nodes}, inside, {16: 15}, {13: (11, 12)})


def test_a_flat_is_drawn_to_scale() -> None:
    rows, legend = draw_plan(flat())
    assert legend == ("F fridge", "t table")
    assert len(rows) == 4 / 0.5 + 2
    assert max(map(len, rows)) == 8 / 0.25 + 2
    assert rows[0] == rows[-1] == WALL * len(rows[0])
    assert all(row[0] == row[-1] == WALL for row in rows)
    assert "FFFF" in rows[1]
    assert "tttt" in rows[-3]
    assert rows[1].index("F") < 3
    doors = [number for number, row in enumerate(rows) if DOOR in row]
    assert doors
    assert set(doors) <= {4, 5}
    text = "\n".join(rows)
    assert text.index("kitchen") != text.index("bedroom")
    assert "apple" not in " ".join(legend)


def test_every_shipped_apartment_has_a_plan_with_its_rooms_and_doors() -> None:
    for name in apartment_names():
        apartment = load_apartment(name)
        rows, legend = draw_plan(apartment)
        text = "\n".join(rows)
        for room in apartment.rooms.values():
            assert room.name in text, (name, room.name)
        assert DOOR in text
        letters = [line.split()[0] for line in legend]
        assert len(set(letters)) == len(letters)
        assert all(letter in text for letter in "FKDC")


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    save_picture(flat(), tmp_path / "new" / "flat.png")
    assert (tmp_path / "new/flat.png").read_bytes().startswith(b"\x89PNG")

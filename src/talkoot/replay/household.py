"""The household in the terminal: a floor plan of characters, how far the goal is, and who is where with what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from talkoot.replay.printable import SEAT_COLOURS, clean
from talkoot.types import Json

WIDTH, HEIGHT = 66, 22
"""The most characters and lines of a floor plan."""

_TALL = 2.1  # a character is about so many times as high as it is wide
_HEADINGS = "▲▶▼◀"
_WALL, _FLOOR, _PIECE, _NAME = "grey58", "on grey19", "grey42 on grey30", "italic grey74 on grey19"
_SHUT, _OPEN, _GOAL = "bold white on orange4", "bold black on tan", "bold black on gold3"
_THING, _HIDDEN, _DONE = "bold bright_yellow on grey19", "dim yellow on grey19", "bold green1 on grey19"

Cells = dict[tuple[int, int], tuple[str, str]]
Box = tuple[float, float, float, float]
Rect = tuple[int, int, int, int]


class _Plan:
    """Metres as characters: columns to the right with x, lines down against z."""

    def __init__(self, boxes: list[Box]) -> None:
        self.left, self.top = min(box[0] for box in boxes), max(box[3] for box in boxes)
        wide = max(1.0, max(box[2] for box in boxes) - self.left)
        high = max(1.0, self.top - min(box[1] for box in boxes))
        self.scale = min((WIDTH - 1) / wide, (HEIGHT - 1) * _TALL / high, 4.0)

    def cell(self, x: float, z: float) -> tuple[int, int]:
        """Column and line of a point."""
        return round((x - self.left) * self.scale), round((self.top - z) * self.scale / _TALL)

    def rect(self, box: Box) -> Rect:
        """First column, first line, last column, last line of a box."""
        (left, top), (right, bottom) = self.cell(box[0], box[3]), self.cell(box[2], box[1])
        return left, top, right, bottom


def draw_household(setting: Json, scene: Json) -> Text:
    """The floor plan of a household's scene, with the goal and the people below it.

    Containers are their first letter, dark while they are closed; the goal place is a star; things are small letters,
    dim while nobody has seen them and green once they are in place. What a record leaves out is left out.
    """
    rooms = [(room, box) for room in _items(setting, "rooms") if (box := _box(room))]
    pieces = [(piece, box) for piece in _items(setting, "furniture") if (box := _box(piece))]
    text = Text()
    boxes = [box for _, box in (*rooms, *pieces)]
    if boxes:
        plan = _Plan(boxes)
        cells: Cells = {}
        inner = _snapped([plan.rect(box) for _, box in rooms])
        for rect in inner:
            _draw_room(cells, rect)
        for door in _items(setting, "doors"):
            if box := _box(door):
                column, line = plan.cell((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
                _open_wall(cells, column, line)
        places = [(box, rect) for (_, box), rect in zip(rooms, inner, strict=True)]
        _draw_furniture(cells, plan, pieces, places, setting, scene)
        _draw_things(cells, plan, places, scene)
        for (room, _), rect in zip(rooms, inner, strict=True):
            _name_room(cells, rect, clean(str(room.get("name") or ""), 20))
        _draw_people(cells, plan, scene)
        _print(text, cells)
    for told in _below(setting, scene):
        text.append("\n" if text.plain else "").append_text(told)
    return text


def tell_household(setting: Json, scene: Json) -> tuple[str, str]:
    """How many things are in place of how many: `("in place", "2 of 5")`."""
    needed = sum(int(_number(goal.get("count")) or 0) for goal in _items(setting, "goals"))
    return "in place", f"{len(_list(_get(scene, 'satisfied')))} of {needed}"


def _snapped(rects: list[Rect]) -> list[Rect]:
    """Let walls that stand side by side be one."""
    columns = {edge for left, _, right, _ in rects for edge in (left, right)}
    lines = {edge for _, top, _, bottom in rects for edge in (top, bottom)}

    def snap(edge: int, edges: set[int]) -> int:
        return edge - 1 if edge - 1 in edges and edge - 2 not in edges else edge

    return [(snap(a, columns), snap(b, lines), snap(c, columns), snap(d, lines)) for a, b, c, d in rects]


def _draw_room(cells: Cells, rect: Rect) -> None:
    left, top, right, bottom = rect
    for line in range(top, bottom + 1):
        for column in range(left, right + 1):
            wall = line in (top, bottom) or column in (left, right)
            if wall or cells.get((column, line), ("", ""))[1] != _WALL:
                cells[column, line] = (" ", _WALL if wall else _FLOOR)


def _name_room(cells: Cells, rect: Rect, name: str) -> None:
    """Write a room's name on the first stretch of free floor that is long enough, if there is one."""
    left, top, right, bottom = rect
    for line in range(top + 1, bottom):
        for first in range(left + 2, right - len(name)):
            stretch = [(column, line) for column in range(first, first + len(name))]
            if all(cells.get(place) == (" ", _FLOOR) for place in stretch):
                cells.update({place: (sign, _NAME) for place, sign in zip(stretch, name, strict=True)})
                return


def _open_wall(cells: Cells, column: int, line: int) -> None:
    """Break through the wall at a door: the wall cells that touch its centre, three wide or one high."""
    for wide, high in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        if cells.get((column + wide, line + high), ("", ""))[1] == _WALL:
            cells[column + wide, line + high] = (" ", _FLOOR)


def _draw_furniture(
    cells: Cells,
    plan: _Plan,
    pieces: list[tuple[Json, Box]],
    rooms: list[tuple[Box, Rect]],
    setting: Json,
    scene: Json,
) -> None:
    targets = {goal.get("target") for goal in _items(setting, "goals")}
    opened = set(_list(_get(scene, "open")))
    for piece, box in sorted(pieces, key=lambda one: _number(one[0].get("top")) or 0.0):
        number, contains = piece.get("id"), bool(piece.get("container"))
        goal = number in targets
        if not goal and not contains and (_number(piece.get("top")) or 1.0) < 0.1:
            continue  # rugs
        sign, style = "░", _PIECE
        if contains:
            sign, style = _letter(piece).upper(), _OPEN if number in opened else _SHUT
        if goal:
            sign, style = "★", _GOAL
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        left, top, right, bottom = _inside(plan.rect(box), middle, rooms)
        for line in range(top, max(top + 1, bottom)):
            for column in range(left, max(left + 1, right)):
                if goal or contains or cells.get((column, line), ("", _WALL))[1] in (_FLOOR, _PIECE):
                    cells[column, line] = (sign, style)


def _inside(rect: Rect, spot: tuple[float, float], rooms: list[tuple[Box, Rect]]) -> Rect:
    """Keep what stands at a spot (metres) off the walls of its room."""
    left, top, right, bottom = rect
    for box, (first, upper, last, lower) in rooms:
        if box[0] <= spot[0] <= box[2] and box[1] <= spot[1] <= box[3]:
            left, top = _within(left, first + 1, last - 1), _within(top, upper + 1, lower - 1)
            return left, top, _within(right, left, last), _within(bottom, top, lower)
    return rect


def _within(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def _draw_things(cells: Cells, plan: _Plan, rooms: list[tuple[Box, Rect]], scene: Json) -> None:
    held = {number for person in _items(scene, "people") for number in _list(person.get("holding"))}
    seen = _get(scene, "seen")
    known = (
        {number for one in seen.values() for number in _list(_get(one, "things"))} if isinstance(seen, dict) else None
    )
    done = set(_list(_get(scene, "satisfied")))
    for thing in _items(scene, "things"):
        spot = _point(thing.get("at"))
        if spot is None or thing.get("id") in held:
            continue
        column, line = plan.cell(*spot)
        column, line, *_ = _inside((column, line, column, line), spot, rooms)
        full = (_WALL, _THING, _HIDDEN, _DONE, "")
        near = (column + side for far in range(9) for side in (far, -far))  # beside the one that lies there already
        column = next((at for at in near if cells.get((at, line), ("", ""))[1] not in full), column)
        hidden = known is not None and thing.get("id") not in known
        style = _DONE if thing.get("id") in done else _HIDDEN if hidden else _THING
        cells[column, line] = (_letter(thing).lower(), style)


def _draw_people(cells: Cells, plan: _Plan, scene: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for person in _items(scene, "people"):
        spot = _point(person.get("position"))
        if spot is None:
            continue
        seat = int(_number(person.get("seat")) or 0)
        column, line = plan.cell(*spot)
        while {(column + side, line) for side in (-1, 0, 1)} & taken:
            column += 2  # beside the one who stands there already
        taken.add((column, line))
        style = f"bold white on {SEAT_COLOURS[seat % len(SEAT_COLOURS)]}"
        cells[column, line] = (_HEADINGS[round((_number(person.get("yaw")) or 0.0) / 90) % 4], style)
        cells[column + 1, line] = (str(seat)[:1], style)


def _print(text: Text, cells: Cells) -> None:
    """Cells as lines. Walls become box-drawing lines that join where they meet."""
    lines, columns = [line for _, line in cells], [column for column, _ in cells]
    walls = {place for place, (_, style) in cells.items() if style == _WALL}
    for line in range(min(lines), max(lines) + 1):
        for column in range(min(columns), max(columns) + 1):
            sign, style = cells.get((column, line), (" ", ""))
            text.append(_joint(walls, column, line) if style == _WALL else sign, style=style)
        text.append("\n")
    text.right_crop(1)


_JOINTS = " ╷╶┌╵│└├╴┐─┬┘┤┴┼"
"""Lines by the sum of where they go: 1 down, 2 right, 4 up, 8 left."""


def _joint(walls: set[tuple[int, int]], column: int, line: int) -> str:
    ways = ((0, 1, 1), (1, 0, 2), (0, -1, 4), (-1, 0, 8))
    return _JOINTS[sum(bit for right, down, bit in ways if (column + right, line + down) in walls)]


def _below(setting: Json, scene: Json) -> Iterator[Text]:
    """The goal with its counts, then one line for each person."""
    names = {thing.get("id"): clean(str(thing.get("name", "?")), 20) for thing in _items(scene, "things")}
    done = set(_list(_get(scene, "satisfied")))
    goals = Text(f"{clean(str(_get(setting, 'activity') or 'goal'), 40)}:", style="bold")
    for goal in _items(setting, "goals"):
        name, target = clean(str(goal.get("name", "?")), 20), goal.get("target")
        placed = sum(
            thing.get("name") == goal.get("name")
            and thing.get("id") in done
            and target in (thing.get("in"), thing.get("on"))
            for thing in _items(scene, "things")
        )
        count = int(_number(goal.get("count")) or 0)
        goals.append(f" {name} {min(placed, count)}/{count}", style="not bold green" if placed >= count else "not bold")
    if _items(setting, "goals"):
        yield goals
    rooms = {room.get("id"): clean(str(room.get("name", "")), 20) for room in _items(setting, "rooms")}
    called = _list(_get(setting, "names"))
    for person in _items(scene, "people"):
        seat = int(_number(person.get("seat")) or 0)
        name = clean(str(called[seat]), 20) if seat < len(called) else f"seat {seat}"
        line = Text.assemble((f" {seat} ", f"bold white on {SEAT_COLOURS[seat % len(SEAT_COLOURS)]}"), f" {name}")
        line.append(f" in the {rooms[person.get('room')]}" if person.get("room") in rooms else "")
        things = [names.get(number, f"thing {number}") for number in _list(person.get("holding"))]
        yield line.append(f", holds {' and '.join(clean(thing, 20) for thing in things) or 'nothing'}")


def _letter(value: Json) -> str:
    return clean(str(value.get("name") or "?")[0], 1)


def _get(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _items(value: Json, key: str) -> list[Json]:
    return [one for one in _list(_get(value, key)) if isinstance(one, dict)]


def _number(value: Json) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
    return float(value) if good else None


def _numbers(values: Iterable[Json]) -> list[float]:
    return [number for value in values if (number := _number(value)) is not None]


def _point(value: Json) -> tuple[float, float] | None:
    numbers = _numbers(_list(value))
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _box(value: Json) -> Box | None:
    numbers = _numbers(_list(_get(value, "box")))
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None

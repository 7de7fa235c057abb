"""Kitchens: their recipes, their fixtures, and how many steps it takes to stand before each of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from talkoot.errors import BadInput
from talkoot.types import Style

Cell = tuple[int, int]
"""(x, y): column from the left, row from the top."""

Pose = tuple[Cell, int]
"""A floor cell and the facing: 0 north, 1 south, 2 east, 3 west."""

DIRECTIONS: tuple[Cell, ...] = ((0, -1), (0, 1), (1, 0), (-1, 0))
FIXTURES = {"X": "counter", "O": "onion dispenser", "T": "tomato dispenser", "D": "dish dispenser", "P": "pot",
            "S": "serving"}  # fmt: skip

TAGS = {"O": "Onion Dispenser", "D": "Dish Dispenser", "T": "Tomato Dispenser", "S": "Serving Place", "P": "Pot",
        "X": "Counter"}  # fmt: skip
"""What the kinds are called in prompts, where they are numbered: `<Pot 0>`."""

PAIRED = 150
"""Floor cells up to which the joint positions of two cooks are searched; their number is the square of this."""

SPARES = 4
"""A hand-over across a counter is worth telling if it spares at least so many steps, or if there is no other way."""

NUMBERS = ("order_value", "cook_time", "onion_value", "tomato_value", "onion_time", "tomato_time", "bonus_multiplier")
"""The settings of `Recipes` that are plain numbers."""

_LARGEST = 1_000_000  # values and times enter arrays of 32-bit integers


@dataclass(frozen=True)
class Recipes:
    """What soups are worth and how long they cook; it belongs to one world, never to the process.

    A soup is (onions, tomatoes). `orders` are the soups that pay (empty: all nine); `bonus` those that pay
    `bonus_multiplier` times. Value and time are the sum over ingredients if `onion_value`/`onion_time` are given, else
    the entry of `values`/`times` for that soup, else `order_value`/`cook_time`. Pots that are not `mixed` take only
    more of what is in them: so did the game before 2020 (it matters only where there are onions and tomatoes).
    """

    orders: tuple[tuple[int, int], ...] = ((3, 0),)
    bonus: tuple[tuple[int, int], ...] = ()
    order_value: int = 20
    cook_time: int = 20
    onion_value: int | None = None
    tomato_value: int | None = None
    onion_time: int | None = None
    tomato_time: int | None = None
    values: Mapping[tuple[int, int], int] = field(default_factory=dict)
    times: Mapping[tuple[int, int], int] = field(default_factory=dict)
    bonus_multiplier: int = 2
    mixed: bool = True

    def __post_init__(self) -> None:
        """Refuse what the rules do not allow."""
        for soup in (*self.orders, *self.bonus, *self.values, *self.times):
            if not (min(soup) >= 0 and 1 <= sum(soup) <= 3):
                raise BadInput(
                    f"a soup of {soup[0]} onions and {soup[1]} tomatoes does not exist; it takes 1 to 3 items"
                )
        if len(set(self.orders)) < len(self.orders) or len(set(self.bonus)) < len(self.bonus):
            raise BadInput("an order is listed twice; list each soup once")
        if self.orders and not set(self.bonus) <= set(self.orders):
            raise BadInput("a bonus order is not among the orders; add it to 'orders'")
        if (self.onion_value is None) != (self.tomato_value is None):
            raise BadInput("give onion_value and tomato_value together, or neither")
        if (self.onion_time is None) != (self.tomato_time is None):
            raise BadInput("give onion_time and tomato_time together, or neither")
        numbers = {field: getattr(self, field) for field in NUMBERS}
        tables = {f"{field} of {soup}": n for field in ("values", "times") for soup, n in getattr(self, field).items()}
        for what, number in (numbers | tables).items():
            if number is not None and not 0 <= number <= _LARGEST:
                raise BadInput(f"{what} is {number}; give a whole number from 0 to {_LARGEST}")

    def value(self, onions: int, tomatoes: int) -> int:
        """The reward for delivering this soup: 0 if nobody ordered it, bonus included."""
        soup = (onions, tomatoes)
        if self.orders and soup not in self.orders:
            return 0
        if self.onion_value is not None and self.tomato_value is not None:
            worth = self.onion_value * onions + self.tomato_value * tomatoes
        else:
            worth = self.values.get(soup, self.order_value)
        return worth * (self.bonus_multiplier if soup in self.bonus else 1)

    def best(self, onions: int, tomatoes: int) -> int:
        """The most that a soup can still be worth with this in the pot; 0: it is spoilt."""
        more = 4 - onions - tomatoes
        return max((self.value(onions + a, tomatoes + b) for a in range(more) for b in range(more - a)), default=0)

    def time(self, onions: int, tomatoes: int) -> int:
        """The steps that this soup cooks."""
        if self.onion_time is not None and self.tomato_time is not None:
            return self.onion_time * onions + self.tomato_time * tomatoes
        return self.times.get((onions, tomatoes), self.cook_time)


@dataclass(frozen=True)
class Layout:
    """A kitchen: terrain rows (`X O T D P S` and blank for floor), start cells by seat, and its recipes."""

    name: str
    rows: tuple[str, ...]
    starts: tuple[Cell, ...]
    recipes: Recipes = field(default_factory=Recipes)

    def soups(self, rules: str) -> tuple[tuple[int, int], ...]:
        """The soups that pay and can be made from the dispensers here; under the old rules only those of three items.

        Where this is empty, nobody can ever score. It does not ask who reaches what: `generate.solvable` does.
        """
        recipes = self.recipes
        return tuple(
            (onions, tomatoes)
            for onions in range(4)
            for tomatoes in range(4 - onions)
            if (1 if rules == "new" else 3) <= onions + tomatoes
            and (onions == 0 or self.cells("O"))
            and (tomatoes == 0 or self.cells("T"))
            and (recipes.mixed or onions == 0 or tomatoes == 0)
            and recipes.value(onions, tomatoes)
        )

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.rows[0])

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    def at(self, cell: Cell) -> str:
        """The terrain character of a cell."""
        return self.rows[cell[1]][cell[0]]

    def cells(self, kind: str) -> tuple[Cell, ...]:
        """All cells of one terrain character in row-major order."""
        return self._cells[kind]

    @cached_property
    def _cells(self) -> dict[str, tuple[Cell, ...]]:
        found: dict[str, list[Cell]] = {kind: [] for kind in (" ", *FIXTURES)}
        for y, row in enumerate(self.rows):
            for x, kind in enumerate(row):
                found[kind].append((x, y))
        return {kind: tuple(cells) for kind, cells in found.items()}

    @property
    def floor(self) -> tuple[Cell, ...]:
        """The cells one can stand on, in row-major order."""
        return self.cells(" ")

    @property
    def solid(self) -> tuple[Cell, ...]:
        """The cells of all fixtures and counters, by kind."""
        return tuple(cell for kind in FIXTURES for cell in self.cells(kind))

    @property
    def pots(self) -> tuple[Cell, ...]:
        """Pots in row-major order; their number is their place here."""
        return self.cells("P")

    @cached_property
    def region(self) -> dict[Cell, int]:
        """For each floor cell the number of the connected area that it belongs to."""
        area: dict[Cell, int] = {}
        for start in self.floor:
            if start not in area:
                number, queue = len(set(area.values())), deque([start])
                area[start] = number
                while queue:
                    cell = queue.popleft()
                    for near in self.neighbours(cell):
                        if near not in area:
                            area[near] = number
                            queue.append(near)
        return area

    def neighbours(self, cell: Cell) -> tuple[Cell, ...]:
        """The floor cells north, south, east and west of a floor cell, in that order."""
        return self._neighbours[cell]

    @cached_property
    def _neighbours(self) -> dict[Cell, tuple[Cell, ...]]:
        floor = set(self.floor)
        return {
            (x, y): tuple((x + dx, y + dy) for dx, dy in DIRECTIONS if (x + dx, y + dy) in floor) for x, y in self.floor
        }

    def motion_goals(self, target: Cell) -> tuple[Pose, ...]:
        """The poses from which one can interact with a fixture: beside it, facing it."""
        return self._goals[target]

    @cached_property
    def _goals(self) -> dict[Cell, tuple[Pose, ...]]:
        floor = set(self.floor)
        goals: dict[Cell, tuple[Pose, ...]] = {}
        for kind in FIXTURES:
            for x, y in self.cells(kind):
                goals[x, y] = tuple(
                    ((x - dx, y - dy), facing)
                    for facing, (dx, dy) in enumerate(DIRECTIONS)
                    if (x - dx, y - dy) in floor
                )
        return goals

    def steps(self, pose: Pose, target: Cell) -> int | None:
        """How many actions it takes from a pose to stand before `target`, facing it (no one in the way); None: never.

        A move into a free cell and a turn on the spot cost one action each, as in the game.
        """
        return self.distances(target).get(pose)

    def distances(self, target: Cell) -> dict[Pose, int]:
        """`steps` to one fixture from every pose that can reach it."""
        cached = self._distances.get(target)
        if cached is None:
            cached = self._distances[target] = steps_to(self, self.motion_goals(target))
        return cached

    @cached_property
    def _distances(self) -> dict[Cell, dict[Pose, int]]:
        return {}

    def between(self, start: Cell, end: Cell) -> int | None:
        """The fewest steps from before one fixture to before another, however one faces the first; None: no way."""
        return min((n for goal in self.motion_goals(start) if (n := self.steps(goal, end)) is not None), default=None)

    def handover(self, start: Cell, ends: Iterable[Cell]) -> tuple[Cell, int, int] | None:
        """The shortest way from one fixture to one of others with a change of hands across a counter.

        Its end, the steps to the counter and those from there. None if no hand-over spares SPARES steps or opens a way.
        """
        ways: list[tuple[int, int, int, Cell]] = []
        for end in ends:
            direct = self.between(start, end)
            for counter in self.cells("X"):
                before, after = self.between(start, counter), self.between(counter, end)
                if before is None or after is None or (direct is not None and before + after + SPARES > direct):
                    continue
                ways.append((before + after, before, after, end))
        if not ways:
            return None
        _, before, after, end = min(ways)
        return end, before, after

    @cached_property
    def names(self) -> dict[Cell, str]:
        """The tag of every fixture and counter: `Pot 0`, `Counter 3`; numbered by kind in row-major order."""
        return {cell: f"{TAGS[kind]} {n}" for kind in TAGS for n, cell in enumerate(self.cells(kind))}

    @cached_property
    def told(self) -> dict[tuple[Style, int], str]:
        """Kept here for `words`: what never changes in this kitchen, as told in a style to so many cooks."""
        return {}

    def arrival(self, pose: Pose, target: Cell) -> Pose | None:
        """The pose before `target` at which a shortest path from `pose` arrives; None if no way leads there."""
        distance = self.distances(target)
        while (steps := distance.get(pose)) not in (None, 0):
            (x, y), _ = pose
            for facing, (dx, dy) in enumerate(DIRECTIONS):
                ahead = (x + dx, y + dy)
                after = (ahead if ahead in self.region else (x, y)), facing
                if steps is not None and distance.get(after, steps) < steps:
                    pose = after
                    break
        return pose if pose in distance else None

    def reachable(self, cell: Cell, target: Cell, other: Cell | None = None) -> bool:
        """Whether somebody who stands in `cell` can ever interact with the fixture, not passing through `other`."""
        return target in self.within_reach(cell, other)

    def within_reach(self, cell: Cell, other: Cell | None = None) -> frozenset[Cell]:
        """All fixtures and counters that somebody who stands in `cell` can ever use, not passing through `other`."""
        found = self._within_reach.get((cell, other))
        if found is None:
            if other is None:
                floor = frozenset(near for near in self.floor if self.region[near] == self.region[cell])
            else:
                floor = self.access(cell, other)
            found = frozenset(
                target for target, goals in self._goals.items() if any(goal in floor for goal, _ in goals)
            )
            self._within_reach[cell, other] = found
        return found

    @cached_property
    def _within_reach(self) -> dict[tuple[Cell, Cell | None], frozenset[Cell]]:
        return {}

    def access(self, cell: Cell, other: Cell) -> frozenset[Cell]:
        """The cells that can be reached from `cell` while somebody else, starting in `other`, makes way as it can.

        Where two cannot pass each other (a corridor without a bay) this is less than the connected area. In kitchens
        of more than PAIRED floor cells that is not worked out, and the connected area is given.
        """
        if len(self.floor) > PAIRED:
            return frozenset(near for near in self.floor if self.region[near] == self.region[cell])
        if (cell, other) not in self._access:
            pairs, queue = {(cell, other)}, [(cell, other)]
            for a, b in queue:
                for after in (*((near, b) for near in self.neighbours(a)), *((a, near) for near in self.neighbours(b))):
                    if after[0] != after[1] and after not in pairs:
                        pairs.add(after)
                        queue.append(after)
            cells = frozenset(a for a, _ in pairs)
            self._access.update(dict.fromkeys(pairs, cells))
        return self._access[cell, other]

    @cached_property
    def joint(self) -> dict[tuple[Cell, Cell, frozenset[Cell]], tuple[Cell, Cell] | None]:
        """Kept here for the controller: from both cells and the leader's goals, both next cells on a joint way."""
        return {}

    @cached_property
    def _access(self) -> dict[tuple[Cell, Cell], frozenset[Cell]]:
        return {}


def steps_to(layout: Layout, goals: Iterable[Pose], blocked: frozenset[Cell] = frozenset()) -> dict[Pose, int]:
    """Actions from every pose to the nearest of `goals`, walking around `blocked` cells: breadth first, backwards."""
    distance: dict[Pose, int] = {}
    queue: deque[Pose] = deque()
    for goal in goals:
        if goal not in distance and goal[0] not in blocked:
            distance[goal] = 0
            queue.append(goal)
    while queue:
        pose = queue.popleft()
        (x, y), facing = pose
        further = distance[pose] + 1
        # Whoever faces this way now either moved here in that direction, or turned here against something solid.
        dx, dy = DIRECTIONS[facing]
        ahead, behind = (x + dx, y + dy), (x - dx, y - dy)
        before: list[Cell] = []
        if behind in layout.region and behind not in blocked:
            before.append(behind)
        if ahead not in layout.region or ahead in blocked:
            before.append((x, y))
        for cell in before:
            for turn in range(4):
                if (cell, turn) not in distance:
                    distance[cell, turn] = further
                    queue.append((cell, turn))
    return distance

"""From "go and use that fixture" to one primitive: shortest paths around the other cook, and who gives way. Ours.

ProAgent's release searches breadth first with the mate's cell blocked, and tosses a coin between staying and pushing
when every way is barred. Here nothing is tossed: both cooks read the same right of way off the kitchen, so that two
controllers that meet in a corridor do not dance, and with a stranger who does not know the rule the roles change after
a few steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from talkoot.types import Seat
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, PRIMITIVES, SOUP, Cook, Kitchen
from talkoot.worlds.overcooked.layout import DIRECTIONS, PAIRED, Cell, Layout, Pose, steps_to

STAY, INTERACT = "stay", "interact"
_LONG_WAY = 8
"""Steps that whoever gives way walks around rather than waiting for the mate to pass."""

_LOOK_AHEAD = 3
"""Cells on the own way that are watched for the mate."""

_WORTH_MOVING = 1.5
"""By how much another place to wait must be better before a waiting cook walks there."""

_KEPT = 50_000
"""Joint ways that are remembered for a kitchen before all are forgotten."""

_PATIENCE = 3
"""Steps that whoever has the right of way stands still before giving way after all."""


def approach(
    kitchen: Kitchen, seat: Seat, targets: Mapping[Cell, float], *, stuck: int = 0, seed: int = 0, begun: bool = False
) -> str | None:
    """The next primitive towards the cheapest target, `interact` once it is faced, None if none can ever be reached.

    `targets` maps fixture cells to an extra cost in steps (what comes after, or waiting). `stuck` counts the steps
    in a row in which a wanted move did not happen; `seed` varies which way a cook gives way. `begun` says that the cook
    is under way already: then facing away from the nearest way means that it turned back there.
    """
    layout, me = kitchen.layout, kitchen.cooks[seat]
    costs = {target: (layout.steps(me.pose, target), extra) for target, extra in targets.items()}
    reachable = {
        target: steps + extra
        for target, (steps, extra) in costs.items()
        if steps is not None and kitchen.reaches(seat, target)
    }
    if not reachable:
        return None
    faced = me.ahead
    if faced in reachable and reachable[faced] <= min(reachable.values()):
        return INTERACT
    mate = next((cook for other, cook in kitchen.cooks.items() if other != seat), None)
    best = min(reachable, key=lambda target: (reachable[target], target[1], target[0]))
    if mate is None:
        return _first(layout, me.pose, layout.distances(best))
    mine = _right_of_way(kitchen, seat) != ((stuck // (_PATIENCE + 1)) % 2 == 1)
    # Only one of both keeps out of the cell that the other one heads for; else they would dodge the same way for ever.
    avoid = (mate.cell,) if mine else (mate.cell, mate.ahead)
    step = _first(layout, me.pose, layout.distances(best), avoid=avoid)
    ahead = _cell_after(layout, me, step)
    yields = bool(stuck) and not mine
    turned = begun and step in PRIMITIVES[:4] and me.facing == PRIMITIVES.index(step) ^ 1
    in_way = mate.cell in _walk(layout, me.pose, best)[1 : None if turned else 1 + _LOOK_AHEAD]
    if not in_way and ahead != mate.cell:
        return STAY if yields and _contested(layout, me, mate, step) else step
    detour = _detour(kitchen, me, mate, reachable)
    if turned and detour is not None and detour[1] != step and not stuck:
        return detour[1]  # the mate still stands there: go on around it
    if detour is not None and detour[1] == INTERACT and detour[0] <= _LONG_WAY:
        return INTERACT  # another target is right here
    goals = frozenset(cell for cell, _ in layout.motion_goals(best))
    if mine:
        # Go straight on, and leave the way around to the mate; unless it does not move, or can only leave past me.
        if detour is not None and stuck >= 2:
            return detour[1]
        together = _together(layout, me.cell, mate.cell, goals, first=True)
        if together is None or together == ahead or (together == me.cell and ahead == mate.cell):
            return step  # turns towards the mate, and goes on as soon as it has moved
        if detour is not None:
            return detour[1]
        return STAY if together == me.cell else _towards(me.cell, together)
    if detour is not None and detour[0] <= _LONG_WAY:
        return STAY if yields and _contested(layout, me, mate, detour[1]) else detour[1]
    together = _room(kitchen, me, mate, pushed=stuck > 0 and mate.ahead == me.cell)
    if together is not None and together != me.cell:
        return _towards(me.cell, together)
    if ahead != mate.cell and ahead != me.cell and ahead != mate.ahead:
        return step  # the mate can do without me standing here, and my way is free for one more step
    if together is not None and stuck <= _PATIENCE:
        return STAY
    return detour[1] if detour is not None else give_way(kitchen, seat, seed=seed + stuck)


def _contested(layout: Layout, me: Cook, mate: Cook, action: str) -> bool:
    """Whether the mate may enter the same cell: then nobody moves, and whoever lacks the right of way waits a step."""
    cell = _cell_after(layout, me, action)
    return cell != me.cell and mate.cell in layout.neighbours(cell)


def _room(kitchen: Kitchen, me: Cook, mate: Cook, *, pushed: bool) -> Cell | None:
    """My next cell on a shortest joint way of the mate to what it may want; if it pushes, to what lies behind me."""
    layout, likely = kitchen.layout, _likely(kitchen, mate)
    if pushed:
        likely = _behind(layout, me, mate, likely) or _behind(layout, me, mate, layout.solid) or likely
    wanted = frozenset(cell for target in likely for cell, _ in layout.motion_goals(target))
    return _together(layout, mate.cell, me.cell, wanted, first=False)


def _behind(layout: Layout, me: Cook, mate: Cook, targets: Iterable[Cell]) -> list[Cell]:
    """The targets to which the mate's shortest way leads through my cell."""
    return [target for target in targets if me.cell in _walk(layout, mate.pose, target)]


def _together(layout: Layout, leader: Cell, other: Cell, goals: frozenset[Cell], *, first: bool) -> Cell | None:
    """The next cell of the leader (or, without `first`, of the other) on a shortest joint way of the leader to `goals`.

    Breadth first over the cells of both: each moves or stays, they never share or swap cells. None: there is no way,
    or the kitchen has more than PAIRED floor cells and it is not looked for.
    """
    if len(layout.floor) > PAIRED:
        return None
    known, key = layout.joint, (leader, other, goals)
    if key not in known:
        if len(known) >= _KEPT:
            known.clear()
        known[key] = _joint_step(layout, leader, other, goals)
    found = known[key]
    return None if found is None else found[0] if first else found[1]


def _joint_step(layout: Layout, leader: Cell, other: Cell, goals: frozenset[Cell]) -> tuple[Cell, Cell] | None:
    start = leader, other
    if leader in goals:
        return start
    came: dict[tuple[Cell, Cell], tuple[Cell, Cell]] = {start: start}
    queue = deque([start])
    while queue:
        pair = queue.popleft()
        a, b = pair
        for to_a in (*layout.neighbours(a), a):
            for to_b in (b, *layout.neighbours(b)):
                after = to_a, to_b
                if to_a == to_b or after == (b, a) or after in came:
                    continue
                came[after] = pair
                if to_a in goals:
                    while came[after] != start:
                        after = came[after]
                    return after
                queue.append(after)
    return None


def _towards(cell: Cell, neighbour: Cell) -> str:
    return PRIMITIVES[DIRECTIONS.index((neighbour[0] - cell[0], neighbour[1] - cell[1]))]


def _detour(kitchen: Kitchen, me: Cook, mate: Cook, reachable: Mapping[Cell, float]) -> tuple[float, str] | None:
    """How much longer the best way around the mate is, to any of the targets, and its first action."""
    layout, blocked = kitchen.layout, frozenset({mate.cell})
    ways = []
    for target, cost in reachable.items():
        distance = steps_to(layout, layout.motion_goals(target), blocked)
        if me.pose in distance:
            extra = cost - (layout.steps(me.pose, target) or 0)
            ways.append((distance[me.pose] + extra, target[1], target[0], distance))
    if not ways:
        return None
    cost, _, _, distance = min(ways, key=lambda way: way[:3])
    action = INTERACT if distance[me.pose] == 0 else _first(layout, me.pose, distance, blocked)
    return cost - min(reachable.values()), action


def _cell_after(layout: Layout, me: Cook, action: str) -> Cell:
    if action in PRIMITIVES[:4]:
        dx, dy = DIRECTIONS[PRIMITIVES.index(action)]
        cell = me.cell[0] + dx, me.cell[1] + dy
        if cell in layout.region:
            return cell
    return me.cell


def _first(
    layout: Layout,
    pose: Pose,
    distance: Mapping[Pose, int],
    blocked: frozenset[Cell] = frozenset(),
    avoid: tuple[Cell, ...] = (),
) -> str:
    """The first action of a shortest path by a table of distances; among equals one that does not enter `avoid`."""
    here = distance.get(pose)
    if here is None or here == 0:
        return STAY
    choices: list[tuple[bool, int]] = []
    (x, y), _ = pose
    for facing, (dx, dy) in enumerate(DIRECTIONS):
        cell = (x + dx, y + dy)
        lands = cell if cell in layout.region and cell not in blocked else (x, y)
        if distance.get((lands, facing), here) < here:
            choices.append((lands in avoid, facing))
    return PRIMITIVES[min(choices)[1]] if choices else STAY


def _right_of_way(kitchen: Kitchen, seat: Seat) -> bool:
    """Soup goes before dish, dish before ingredient, ingredient before an empty hand; then the lower seat."""

    def rank(other: Seat) -> tuple[int, int]:
        held = kitchen.cooks[other].held
        return (3 if held >= SOUP else 2 if held == DISH else 0 if held == NOTHING else 1), -other

    return all(rank(seat) >= rank(other) for other in kitchen.cooks)


def give_way(kitchen: Kitchen, seat: Seat, *, seed: int = 0) -> str:
    """Step off the mate's way: the neighbouring cell from which the mate is best avoided, or stay if there is none.

    Cells off the straight line on which both stand come first, then those further from the mate, then more open ones.
    """
    layout, me = kitchen.layout, kitchen.cooks[seat]
    others = {cook.cell for other, cook in kitchen.cooks.items() if other != seat}
    if not others:
        return STAY
    mate = next(iter(others))
    options = []
    for index, (dx, dy) in enumerate(DIRECTIONS):
        cell = me.cell[0] + dx, me.cell[1] + dy
        if cell not in layout.region or cell in others:
            continue
        in_line = (cell[0] == me.cell[0] == mate[0]) or (cell[1] == me.cell[1] == mate[1])
        distance = abs(cell[0] - mate[0]) + abs(cell[1] - mate[1])
        options.append((in_line, -distance, -len(layout.neighbours(cell)), (index + seed) % 4, index))
    return PRIMITIVES[min(options)[4]] if options else STAY


def loiter(kitchen: Kitchen, seat: Seat, near: Iterable[Cell], *, stuck: int = 0) -> str:
    """Wait without being in the way: go to, or stay on, the floor cell closest to `near` that the mate does not need.

    The mate needs the cells on its shortest ways to whatever its hand is for, and the cells from which that is used.
    """
    layout, me = kitchen.layout, kitchen.cooks[seat]
    mates = [cook for other, cook in kitchen.cooks.items() if other != seat]
    needed: dict[Cell, float] = {}
    for mate in mates:
        for target in _likely(kitchen, mate):
            path = _walk(layout, mate.pose, target)
            for cell in path:
                needed[cell] = max(needed.get(cell, 0.0), 8.0)
            if path:
                only = len({goal for goal, _ in layout.motion_goals(target)}) == 1
                needed[path[-1]] = max(needed.get(path[-1], 0.0), 16.0 if only else 6.0)
        if mate.ahead == me.cell:  # whatever it wants, its way leads through here
            needed[me.cell] = max(needed.get(me.cell, 0.0), 6.0)
    wanted = tuple(near)
    taken = {mate.cell for mate in mates}
    # Not through the only cell from which the mate can use what it may want: there both would keep giving way.
    kept = {cell for cell, weight in needed.items() if weight >= 16 and cell != me.cell}
    barred = frozenset(taken | kept)
    around = _cells_from(layout, me.cell, barred)

    def cost(cell: Cell) -> tuple[float, int, int]:
        closeness = min((_flat(layout, cell, target) for target in wanted), default=0)
        dead_end = 0 if len(layout.neighbours(cell)) > 1 else 0.5
        return needed.get(cell, 0.0) + closeness + 0.7 * around[cell] + dead_end, cell[1], cell[0]

    goal = min(around, key=cost)
    if goal in needed and len(mates) == 1:  # in the way wherever I wait: go along as far as the mate needs it
        room = _room(kitchen, me, mates[0], pushed=mates[0].ahead == me.cell)
        contested = stuck and room is not None and mates[0].cell in layout.neighbours(room)
        return STAY if room is None or room == me.cell or contested else _towards(me.cell, room)
    if cost(goal)[0] > cost(me.cell)[0] - _WORTH_MOVING:
        return _face(layout, me, wanted)
    there = steps_to(layout, [(goal, facing) for facing in range(4)], barred)
    move = _first(layout, me.pose, there, barred)
    return STAY if stuck and any(_contested(layout, me, mate, move) for mate in mates) else move


def _face(layout: Layout, me: Cook, targets: Iterable[Cell]) -> str:
    """Turn towards a target beside me, or stay: whoever waits there already faces it when its time comes."""
    facings = {facing for target in targets for cell, facing in layout.motion_goals(target) if cell == me.cell}
    return STAY if not facings or me.facing in facings else PRIMITIVES[min(facings)]


def _flat(layout: Layout, cell: Cell, target: Cell) -> int:
    return min(
        (steps for facing in range(4) if (steps := layout.steps((cell, facing), target)) is not None), default=99
    )


def _likely(kitchen: Kitchen, mate: Cook) -> list[Cell]:
    """Where a cook with this in its hand may be going: pots that take or give it, the nearest of other fixtures."""
    layout = kitchen.layout
    if mate.held == DISH:
        pots = [pot.cell for pot in kitchen.pots if not pot.idle] or list(layout.pots)
    else:
        pots = [pot.cell for pot in kitchen.pots if pot.open] or list(layout.pots)
    if mate.held != NOTHING and mate.held < SOUP:
        return [pot for pot in pots if layout.steps(mate.pose, pot) is not None]
    found = []
    for kind in ("S",) if mate.held >= SOUP else ("O", "T", "D"):
        reachable = [
            (steps, cell) for cell in layout.cells(kind) if (steps := layout.steps(mate.pose, cell)) is not None
        ]
        if reachable:
            found.append(min(reachable)[1])
    return found


def _walk(layout: Layout, pose: Pose, target: Cell) -> list[Cell]:
    """The cells of one shortest way from a pose to before the target, the last one included."""
    cells = [pose[0]]
    while (steps := layout.steps(pose, target)) not in (None, 0):
        action = _first(layout, pose, layout.distances(target))
        facing = PRIMITIVES.index(action)
        dx, dy = DIRECTIONS[facing]
        ahead = pose[0][0] + dx, pose[0][1] + dy
        pose = (ahead if ahead in layout.region else pose[0]), facing
        cells.append(pose[0])
        if len(cells) > 4 * len(layout.region) or steps is None:
            break
    return cells


def _cells_from(layout: Layout, start: Cell, blocked: frozenset[Cell]) -> dict[Cell, int]:
    """Moves from a cell to every cell that can be reached around the blocked ones."""
    distance, queue = {start: 0}, [start]
    for cell in queue:
        for near in layout.neighbours(cell):
            if near not in distance and near not in blocked:
                distance[near] = distance[cell] + 1
                queue.append(near)
    return distance

"""Greedy: a scripted partner that is valid on every kitchen and both rule sets.

The reference's greedy agent (overcooked_ai, GreedyHumanModel) goes for the dish if a soup is ready or cooking and the
mate has none, else for an onion, and gets stuck under the newer rules and where it cannot reach what it wants. This one
has the same greed (the nearest useful thing, no thought of what the mate is about to do) but uses every skill that its
kitchen has: it hands over what it cannot use, lights fires, cooks what is ordered.
"""

from __future__ import annotations

from collections.abc import Iterator

from talkoot.events import Acted, Record
from talkoot.skills import Known, blocked
from talkoot.types import Action, Json, Observation, SkillCall
from talkoot.world import Guide
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, Kitchen
from talkoot.worlds.overcooked.layout import Cell
from talkoot.worlds.overcooked.skills import can_use, shared_counters, spoils


class Greedy:
    """Takes the first useful skill that is possible now, anew at every step; satisfies `talkoot.agent.Agent`."""

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._guide, self._record, self._seed = guide, record, seed
        self._stuck, self._moved, self._last, self._begun = 0, False, "", 0
        self._pose: tuple[tuple[int, int], int] | None = None

    async def act(self, observation: Observation) -> Action:
        """The next primitive of the best skill."""
        kitchen, seat = observation.view, observation.seat
        pose = kitchen.cooks[seat].pose
        self._stuck = self._stuck + 1 if self._moved and pose == self._pose else 0
        self._pose = pose
        for call in wishes(kitchen, seat):
            skill = self._guide.skill(call.name)
            if skill is None or blocked(skill, observation, call.arguments, advice=False):
                continue
            begun = self._begun if self._last == str(call) and call.name != "wait" else 0
            action = skill.next(Known(observation, begun, self._stuck, False, self._seed + seat), call.arguments)
            if isinstance(action, Action):
                self._last, self._begun = str(call), begun + 1
                self._moved = action.name != "interact"  # standing still behind somebody is being stuck, too
                self._record(Acted(observation.t, seat, action.name, str(call)))
                return action
        self._moved = False
        return self._guide.safe

    def save(self) -> Json:
        """Where it stood, for how long, and what it was about to do."""
        pose = [list(self._pose[0]), self._pose[1]] if self._pose else None
        return [self._stuck, pose, self._moved, self._last, self._begun]

    def load(self, state: Json) -> None:
        """Continue from there."""
        self._stuck, pose, self._moved, self._last, self._begun = state
        self._pose = ((pose[0][0], pose[0][1]), pose[1]) if pose else None


def wishes(kitchen: Kitchen, seat: int) -> Iterator[SkillCall]:
    """What a greedy cook wants to do, best first; not all of it is possible."""
    held = kitchen.cooks[seat].held
    useful = can_use(kitchen, seat, held) if held else False
    if held >= SOUP:
        yield SkillCall("deliver_soup")
    elif held == DISH and useful and any(pot.tick >= 0 for pot in kitchen.pots):
        yield SkillCall("fill_dish_with_soup")
    elif held not in (NOTHING, DISH) and useful:
        if any(pot.open and not spoils(kitchen, pot, held) for pot in kitchen.pots):
            yield SkillCall("put_onion_in_pot" if held == ONION else "put_tomato_in_pot")
        elif any(pot.open for pot in kitchen.pots):
            yield SkillCall("place_obj_on_counter")
        if not _dishes(kitchen, seat) and any(pot.tick >= 0 for pot in kitchen.pots):
            yield SkillCall("place_obj_on_counter")
    if held != NOTHING:
        if not useful or (held == DISH and not any(pot.items for pot in kitchen.pots)):
            yield SkillCall("place_obj_on_counter")
        yield SkillCall("wait", ("1",))
        return
    shared = shared_counters(kitchen, seat)
    if can_use(kitchen, seat, SOUP) or any(counter not in kitchen.loose for counter in shared):
        yield SkillCall("pickup_soup")
    if any(_finished(kitchen, pot.onions, pot.tomatoes) for pot in kitchen.pots if pot.idle):
        yield SkillCall("start_cooking")
    soups = sum(1 for pot in kitchen.pots if pot.tick >= 0)
    if soups > _dishes(kitchen, seat):
        yield SkillCall("pickup_dish")
    if can_use(kitchen, seat, DISH) or (_lying(kitchen) < 3 and _room_to_supply(kitchen, seat, shared)):
        for item in _wanted(kitchen):
            yield SkillCall(f"pickup_{item}")
    yield SkillCall("wait", ("1",))


def _dishes(kitchen: Kitchen, seat: int) -> int:
    """Dishes that others hold; for a cook who reaches no pot, also those that lie ready."""
    held = sum(1 for other, cook in kitchen.cooks.items() if other != seat and cook.held == DISH)
    mates = [other for other in kitchen.cooks if other != seat]
    lying = sum(
        item == DISH and any(kitchen.reaches(mate, cell) for mate in mates) for cell, item in kitchen.loose.items()
    )
    return held + (0 if can_use(kitchen, seat, DISH) else lying)


def _room_to_supply(kitchen: Kitchen, seat: int, shared: list[Cell]) -> bool:
    """Whether a counter between the cooks is free, beyond the one over which a soup must soon come back."""
    mates = [other for other in kitchen.cooks if other != seat]
    comes_back = not any(can_use(kitchen, mate, SOUP) for mate in mates) and (
        any(pot.tick >= 0 for pot in kitchen.pots)
        or any(kitchen.cooks[mate].held >= SOUP for mate in mates)
        or any(item >= SOUP for item in kitchen.loose.values())
    )
    return sum(counter not in kitchen.loose for counter in shared) > comes_back


def _lying(kitchen: Kitchen) -> int:
    return sum(1 for item in kitchen.loose.values() if item not in (NOTHING, DISH) and item < SOUP)


def _finished(kitchen: Kitchen, onions: int, tomatoes: int) -> bool:
    """Whether a pot with this in it holds the best-paid soup that can still become of it, or a spoilt one."""
    recipes = kitchen.layout.recipes
    return onions + tomatoes > 0 and recipes.value(onions, tomatoes) >= recipes.best(onions, tomatoes)


def _wanted(kitchen: Kitchen) -> list[str]:
    """The ingredients, the one first that most raises what an open pot can still be worth."""
    layout = kitchen.layout
    best: dict[str, int] = {}
    for name, kind, onion, tomato in (("onion", "O", 1, 0), ("tomato", "T", 0, 1)):
        if not layout.cells(kind):
            continue
        best[name] = 0
        for pot in kitchen.pots:
            if pot.open:
                o, t = pot.onions + onion, pot.tomatoes + tomato
                best[name] = max(best[name], layout.recipes.best(o, t))
    spare = not any(pot.open for pot in kitchen.pots)
    return sorted((name for name in best if best[name] or spare), key=lambda name: -best[name])

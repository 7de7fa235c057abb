"""A kitchen as a planning problem: who holds what, what the pots lack, what lies where, and how far things are.

The problem is about tasks, not tiles: distances are the costs of actions, and every action is one of the cooks' skills
(`pddl/kitchen.pddl`). It looks as far ahead as the soup that each pot is at and `AHEAD` more. Ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from talkoot.problem import Atom, Condition, Problem
from talkoot.types import Seat, SkillCall
from talkoot.world import Statement
from talkoot.worlds.overcooked.kitchen import NOTHING, ONION, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Cell, Layout
from talkoot.worlds.overcooked.skills import DISPENSER, ITEMS, destinations, free_counters, onward, shared_counters

AHEAD = 1
"""Soups that are planned for each pot beyond the one that it is at."""

POTS = 4
"""Pots that are planned for at once: those that are furthest on."""

SHARED = 2
"""Free counters that a plan may use to hand things over; to empty its hands each cook has the nearest one besides."""

NO_WAY = 99
"""The effort between places without a way; the facts of who reaches what keep it out of plans."""

_NAMES = {code: name for name, code in ITEMS.items()}
_KINDS = {"O": "source", "T": "source", "D": "source", "P": "pot", "S": "serving", "X": "counter"}


@cache
def domain_text() -> str:
    """The PDDL domain of all kitchens."""
    return (resources.files(__package__) / "pddl" / "kitchen.pddl").read_text(encoding="utf-8")


@dataclass
class Stating:
    """States the views of one kitchen; what never changes there is worked out once."""

    layout: Layout
    rules: str
    _effort: dict[tuple[Cell, Cell], int] = field(default_factory=dict)

    def __call__(self, kitchen: Kitchen) -> Statement:
        """The kitchen as a problem for all its cooks."""
        told = _Telling(self, kitchen)
        threads = tuple(thread for thread in told.threads() if thread)
        goals = tuple(goal for thread in threads for goal in thread)
        told.places()
        agents = {f"cook{seat}": seat for seat in kitchen.cooks}
        problem = Problem(
            self.layout.name, "kitchen", told.objects, tuple(told.facts), ("and", *goals), told.values, metric=True
        )
        return Statement(domain_text(), problem, threads, agents, skill_of, words_of)

    def effort(self, start: Cell, end: Cell) -> int:
        """Steps from before one fixture to before another and one to use it."""
        known = self._effort.get((start, end))
        if known is None:
            steps = self.layout.between(start, end)
            known = self._effort[start, end] = NO_WAY if steps is None else steps + 1
        return known

    def recipe(self, kitchen: Kitchen, onions: int, tomatoes: int) -> tuple[int, int]:
        """The soup to make of a pot with this in it: the one that pays best for the work; if none pays, any."""
        reached = frozenset().union(*(kitchen.within_reach(seat) for seat in kitchen.cooks))
        had = [any(cell in reached for cell in self.layout.cells(kind)) for kind in "OT"]
        best, found = 0.0, None
        for soup in self.layout.soups(self.rules):
            lacking = soup[0] - onions, soup[1] - tomatoes
            if min(lacking) < 0 or any(n and not there for n, there in zip(lacking, had, strict=True)):
                continue
            worth = self.layout.recipes.value(*soup) / (6 * sum(soup) + 0.4 * self.layout.recipes.time(*soup) + 12)
            if worth > best:
                best, found = worth, soup
        if found is not None:
            return found
        if self.rules == "new" and onions + tomatoes:
            return onions, tomatoes  # spoilt: cooked and carried away as it is
        more = 3 - onions - tomatoes
        as_onions = had[0] and (self.layout.recipes.mixed or not tomatoes)
        return (onions + more, tomatoes) if as_onions else (onions, tomatoes + more)


class _Telling:
    """The facts of one view while they are put together."""

    def __init__(self, stating: Stating, kitchen: Kitchen) -> None:
        self.stating, self.kitchen = stating, kitchen
        self.layout, self.names = stating.layout, stating.layout.names
        self.objects: dict[str, str] = {}
        self.facts: list[Atom] = [("inside", "nothing")]
        self.values: dict[Atom, float] = {}

    def threads(self) -> Iterator[tuple[Condition, ...]]:
        """The goals: soups that are carried or lie about, then for each pot one soup after the other."""
        for seat, cook in self.kitchen.cooks.items():
            me = f"cook{seat}"
            self.objects[me] = "cook"
            if cook.held == NOTHING:
                self.facts.append(("free", me))
            elif cook.held in _NAMES:
                self.facts.append(("holds", me, _NAMES[cook.held]))
            else:
                yield self._plated(f"soup-of-{me}", ("holds", me))
        for cell, code in sorted(self.kitchen.loose.items()):
            if code in _NAMES:
                self.facts.append(("lies", _NAMES[code], _name(self.layout, cell)))
            else:
                soup = f"soup-on-{_name(self.layout, cell)}"
                self.objects[soup] = "soup"
                self.facts.append(("lies", soup, _name(self.layout, cell)))
                yield (("delivered", soup),)
        useful = destinations(self.kitchen, ONION)
        pots = [pot for pot in self.kitchen.pots if pot.cell in useful]
        for pot in sorted(pots, key=lambda pot: (-pot.tick if pot.tick >= 0 else 1, -pot.items))[:POTS]:
            yield self._pot(pot)

    def _plated(self, soup: str, where: Atom) -> tuple[Condition, ...]:
        self.objects[soup] = "soup"
        self.facts.append((*where, soup))
        return (("delivered", soup),)

    def _pot(self, pot: Pot) -> tuple[Condition, ...]:
        name = _name(self.layout, pot.cell)
        goals: list[Condition] = []
        last = ""
        for number in range(AHEAD + 1):
            soup = f"{name}-soup{number}"
            now = number == 0
            contents = (pot.onions, pot.tomatoes) if now else (0, 0)
            finished = now and not pot.idle
            recipe = contents if finished else self.stating.recipe(self.kitchen, *contents)
            self.objects[soup] = "soup"
            self.facts.append(("current", name, soup) if now else ("follows", soup, last))
            self.values["cooking-time", soup] = (
                max(0, pot.cook_time - pot.tick) if finished else self.layout.recipes.time(*recipe)
            )
            if now and pot.ready:
                self.facts.append(("ready", soup))
            else:
                goals += self._portions(soup, recipe, contents)
                if finished or self.stating.rules == "old":
                    self.facts.append(("lit", soup))
            goals.append(("delivered", soup))
            last = soup
        later = f"{name}-soup{AHEAD + 1}"
        self.objects[later] = "soup"
        self.facts.append(("follows", later, last))
        return tuple(goals)

    def _portions(self, soup: str, recipe: tuple[int, int], contents: tuple[int, int]) -> Iterator[Condition]:
        """The parts of a soup; those that it lacks are goals."""
        parts = []
        for word, wanted, there in zip(("onion", "tomato"), recipe, contents, strict=True):
            for number in range(wanted):
                portion = f"{soup}-{word}{number}"
                parts.append(portion)
                self.objects[portion] = "portion"
                if number < there:
                    self.facts.append(("inside", portion))
                else:
                    self.facts += [("missing", portion), ("wants", portion, word), ("belongs", portion, soup)]
                    yield ("inside", portion)
        self.facts.append(("made-of", soup, *parts, *["nothing"] * (3 - len(parts))))

    def places(self) -> None:
        """Fixtures and counters of use, who reaches them, and the efforts between them."""
        kitchen, layout = self.kitchen, self.layout
        fixed = [cell for kind in "OTDPS" for cell in layout.cells(kind)]
        common = dict.fromkeys([*fixed, *sorted(kitchen.loose), *self._shared()])
        near = {seat: self._nearest(seat) for seat in kitchen.cooks}
        reach = {
            seat: [cell for cell in dict.fromkeys([*common, *near[seat]]) if cell in kitchen.within_reach(seat)]
            for seat in kitchen.cooks
        }
        cells = list(dict.fromkeys(cell for reached in reach.values() for cell in reached))
        for cell in cells:
            name, kind = _name(layout, cell), layout.at(cell)
            self.objects[name] = _KINDS[kind]
            item = next((code for code, letter in DISPENSER.items() if letter == kind), None)
            if item is not None:
                self.facts.append(("gives", name, _NAMES[item]))
            if kind == "X" and cell not in kitchen.loose:
                self.facts.append(("clear", name))
            for end in cells:
                self.values["effort", name, _name(layout, end)] = self.stating.effort(cell, end)
        for seat, cook in kitchen.cooks.items():
            here = f"here{seat}"
            self.objects[here] = "spot"
            self.facts.append(("at", f"cook{seat}", here))
            for cell in cells:
                steps = layout.steps(cook.pose, cell)
                self.values["effort", here, _name(layout, cell)] = NO_WAY if steps is None else steps + 1
                self.values["effort", _name(layout, cell), here] = NO_WAY
                if cell in reach[seat]:
                    self.facts.append(("reaches", f"cook{seat}", _name(layout, cell)))

    def _shared(self) -> list[Cell]:
        """The free counters between two cooks from which it is not far to a pot."""
        free = [cell for cell in shared_counters(self.kitchen, 0) if cell not in self.kitchen.loose]
        return sorted(free, key=lambda cell: (onward(self.kitchen, cell, ONION), cell))[:SHARED]

    def _nearest(self, seat: Seat) -> list[Cell]:
        """The free counter nearest to a cook, if it reaches one."""
        pose = self.kitchen.cooks[seat].pose
        steps = {cell: self.layout.steps(pose, cell) for cell in free_counters(self.kitchen, seat)}
        return sorted(steps, key=lambda cell: (steps[cell] if steps[cell] is not None else NO_WAY, cell))[:1]


def _name(layout: Layout, cell: Cell) -> str:
    return layout.names[cell].lower().replace(" ", "-")


def skill_of(step: Atom) -> SkillCall | None:
    """The skill that carries out a step; None for what a pot does by itself."""
    action, *arguments = step
    if action in ("take", "pick-up"):
        thing = arguments[-1]
        return SkillCall(f"pickup_{thing if thing in ITEMS else 'soup'}")
    if action == "put-in":
        return SkillCall(f"put_{arguments[3]}_in_pot")
    skills = {
        "put-down": "place_obj_on_counter",
        "light": "start_cooking",
        "fill": "fill_dish_with_soup",
        "deliver": "deliver_soup",
    }
    return SkillCall(skills[action]) if action in skills else None


def words_of(atom: Atom) -> str:
    """A goal or a step in words, the names of places as prompts write them."""
    head, *arguments = atom
    if head == "inside":
        soup, _, portion = arguments[0].rpartition("-")
        return f"{portion[:-1]} {int(portion[-1]) + 1} for {_soup_words(soup)}"
    if head == "delivered":
        return f"{_soup_words(arguments[0])} delivered"
    if head == "cook":
        return f"{_place_words(arguments[0])} cooks {_soup_words(arguments[1])}"
    who, _, where, *what = arguments
    thing = what[0] if what else ""
    thing = _soup_words(thing) if "soup" in thing else f"the {thing}"
    deed = {
        "take": f"fetch {thing} from", "pick-up": f"pick {thing} up from", "put-down": f"put {thing} down on",
        "put-in": f"put {thing} into", "light": "light the fire of", "fill": "fill the dish at",
        "deliver": f"serve {thing} at",
    }[head]  # fmt: skip
    return f"<Player {who.removeprefix('cook')}> will {deed} <{_place_words(where)}>"


def _place_words(name: str) -> str:
    return " ".join(part.capitalize() for part in name.split("-"))


def _soup_words(name: str) -> str:
    place, _, number = name.rpartition("-soup")
    if place:
        which = ("the soup", "the next soup", "a later soup")[min(int(number), 2)]
        return f"{which} of <{_place_words(place)}>"
    if name.startswith("soup-of-"):
        return f"the soup in the hand of <Player {name.removeprefix('soup-of-cook')}>"
    return f"the soup on <{_place_words(name.removeprefix('soup-on-'))}>"

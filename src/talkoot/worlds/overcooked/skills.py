"""The skills of a cook, one definition for every kitchen: preconditions as reasons in words, controller, completion.

Names, preconditions and completion tests follow ProAgent (reference: paper, Knowledge Library; release, validator).
Conditions that the release's prompts state but its validator does not test are advice (`hard=False`). Ours: soup can be
handed over (`pickup_soup`), fires are lit under the newer rules (`start_cooking`), and waiting keeps out of the way
where the release walks at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from talkoot.skills import Condition, Done, Failed, Known
from talkoot.types import Action, Observation, Seat
from talkoot.worlds.overcooked.controller import STAY, approach, loiter
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, TOMATO, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Cell

ITEMS = {"onion": ONION, "tomato": TOMATO, "dish": DISH}
DISPENSER = {ONION: "O", TOMATO: "T", DISH: "D"}
LONGEST_WAIT = 20


def item_name(code: int) -> str:
    """An item in words: nothing, one onion, one tomato, one dish, or a dish with soup."""
    if code >= SOUP:
        onions, tomatoes = (code - SOUP) % 4, (code - SOUP) // 4
        parts = [f"{n} {word}{'s' if n > 1 and word == 'onion' else 'es' if n > 1 else ''}"
                 for n, word in ((onions, "onion"), (tomatoes, "tomato")) if n]  # fmt: skip
        return f"a dish with soup ({' and '.join(parts)})"
    return {NOTHING: "nothing", ONION: "one onion", TOMATO: "one tomato", DISH: "one dish"}[code]


def destinations(kitchen: Kitchen, item: int) -> tuple[Cell, ...]:
    """Where an item is of use: serving cells for soup, pots for the rest.

    Empty pots that no cook can bring ingredients to do not count, unless all are so and things must be handed over.
    """
    if item >= SOUP:
        return kitchen.layout.cells("S")
    food = (*kitchen.layout.cells("O"), *kitchen.layout.cells("T"))
    return tuple(pot.cell for pot in kitchen.pots if pot.items or _supplied(kitchen, pot.cell, food)) or (
        kitchen.layout.pots
    )


def _supplied(kitchen: Kitchen, pot: Cell, dispensers: tuple[Cell, ...]) -> bool:
    """Whether some cook reaches both the pot and one of the dispensers."""
    return any(
        kitchen.reaches(seat, pot) and any(kitchen.reaches(seat, cell) for cell in dispensers) for seat in kitchen.cooks
    )


def can_use(kitchen: Kitchen, seat: Seat, item: int) -> bool:
    """Whether this cook can ever reach a place where the item is of use."""
    return any(kitchen.reaches(seat, place) for place in destinations(kitchen, item))


def onward(kitchen: Kitchen, start: Cell, item: int, places: tuple[Cell, ...] | None = None) -> int:
    """Steps from standing before the fixture `start` to the nearest place of use of the item; 99 if there is no way."""
    layout = kitchen.layout
    return min(
        (
            steps
            for goal in layout.motion_goals(start)
            for place in (places if places is not None else destinations(kitchen, item))
            if (steps := layout.steps(goal, place)) is not None
        ),
        default=99,
    )


def shared_counters(kitchen: Kitchen, seat: Seat) -> list[Cell]:
    """Counters that this cook and another one can both reach (all reachable ones if it is alone)."""
    reach = frozenset.intersection(*(kitchen.within_reach(other) for other in kitchen.cooks))
    return [counter for counter in kitchen.layout.cells("X") if counter in reach]


def free_counters(kitchen: Kitchen, seat: Seat) -> list[Cell]:
    """Empty counters within this cook's reach."""
    reach = kitchen.within_reach(seat)
    return [c for c in kitchen.layout.cells("X") if c in reach and c not in kitchen.loose]


def sources(kitchen: Kitchen, seat: Seat, item: int) -> dict[Cell, float]:
    """Where the cook can take the item, with the steps that follow to its place of use.

    Things on counters count only if the cook can carry them to their use: otherwise it would take back what it has
    just handed over.
    """
    layout = kitchen.layout
    if can_use(kitchen, seat, item):
        places: list[Cell] = [c for c, code in kitchen.loose.items() if _same(code, item)]
        ends = destinations(kitchen, item)
        if item in (ONION, TOMATO):
            ends = tuple(pot.cell for pot in kitchen.pots if pot.open) or ends
    else:
        shared = shared_counters(kitchen, seat)
        # What lies where only this cook reaches it is stranded: it was put down there for want of a shared counter.
        places = [c for c, code in kitchen.loose.items() if _same(code, item) and c not in shared]
        ends = tuple(c for c in shared if c not in kitchen.loose)
    if item in DISPENSER:
        places += layout.cells(DISPENSER[item])
    # What lies on a counter may be meant for the mate; unless the mate cannot use it, then it waits for this cook.
    handed = 2 if any(can_use(kitchen, other, item) for other in kitchen.cooks if other != seat) else -3
    return {
        place: _after(kitchen, seat, place, item, ends) + (handed if place in kitchen.loose else 0)
        for place in places
        if kitchen.reaches(seat, place)
    }


def _after(kitchen: Kitchen, seat: Seat, place: Cell, item: int, ends: tuple[Cell, ...]) -> int:
    """Steps on from where this cook arrives at the place to the item's use (a counter has two sides)."""
    layout = kitchen.layout
    there = layout.arrival(kitchen.cooks[seat].pose, place)
    ways = (layout.steps(there, end) for end in ends) if there is not None else ()
    return min((steps for steps in ways if steps is not None), default=99)


def _same(code: int, item: int) -> bool:
    return code >= SOUP if item >= SOUP else code == item


def handover(kitchen: Kitchen, seat: Seat) -> dict[Cell, float]:
    """Free counters for the held item, with the steps that whoever takes it from there needs to its place of use."""
    item = kitchen.cooks[seat].held
    free = free_counters(kitchen, seat)
    shared = [c for c in shared_counters(kitchen, seat) if c in set(free)]
    places = shared if shared and not can_use(kitchen, seat, item) else free
    return {counter: onward(kitchen, counter, item) for counter in places}


Judge = Callable[[Kitchen, Seat], tuple[Condition, ...]]
Walk = Callable[[Kitchen, Known, Seat], "Action | Done | Failed"]


@dataclass(frozen=True)
class CookSkill:
    """One skill: satisfies `talkoot.skills.Skill`."""

    name: str
    description: str
    texts: tuple[str, ...]
    judge: Judge
    walk: Walk
    parameters: tuple[str, ...] = ()

    def preconditions(self) -> tuple[str, ...]:
        """The preconditions in words."""
        return self.texts

    def conditions(self, observation: Observation, arguments: tuple[str, ...]) -> tuple[Condition, ...]:
        """Judge every precondition on the kitchen as the seat sees it."""
        if len(arguments) > len(self.parameters):
            return (Condition(f"{self.name} takes no argument", False, f"{self.name}() takes no argument"),)
        return self.judge(observation.view, observation.seat)

    def next(self, known: Known, arguments: tuple[str, ...]) -> Action | Done | Failed:
        """The next primitive; done once the hand shows it (after at least one primitive)."""
        return self.walk(known.observation.view, known, known.observation.seat)


def _hand_empty(kitchen: Kitchen, seat: Seat) -> Condition:
    held = kitchen.cooks[seat].held
    return Condition("your hand is empty", held == NOTHING, f"you hold {item_name(held)}")


def _holds(kitchen: Kitchen, seat: Seat, what: str, test: Callable[[int], bool]) -> Condition:
    held = kitchen.cooks[seat].held
    return Condition(f"you hold {what}", test(held), f"you hold {item_name(held)}")


def _within_reach(what: str, places: object) -> Condition:
    found = what if places else "no " + what.split(" ", 1)[1]
    return Condition(f"there is {what} within your reach", bool(places), f"there is {found} within your reach")


def _go(kitchen: Kitchen, known: Known, seat: Seat, targets: dict[Cell, float], what: str) -> Action | Failed:
    move = approach(kitchen, seat, targets, stuck=known.stuck, seed=known.seed, begun=known.begun > 0)
    return Failed(f"no way leads to {what}") if move is None else Action(move)


def _pickup(word: str) -> CookSkill:
    item = SOUP if word == "soup" else ITEMS[word]

    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        article = "an" if word == "onion" else "a"
        conditions = [_hand_empty(kitchen, seat), _within_reach(f"{article} {word}", sources(kitchen, seat, item))]
        if word == "dish":
            conditions.append(_dish_wanted(kitchen, seat))
        return tuple(conditions)

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        held = kitchen.cooks[seat].held
        if held != NOTHING:
            return Done() if _same(held, item) else Failed(f"you hold {item_name(held)}")
        return _go(kitchen, known, seat, sources(kitchen, seat, item), f"a {word}")

    texts = ["your hand is empty", f"{'an' if word == 'onion' else 'a'} {word} is within your reach"]
    if word == "dish":
        texts.append("a soup is cooking or ready, or a pot has been begun, and no other dish is there for it (advice)")
    where = "from a counter" if word == "soup" else "from its dispenser or from a counter"
    return CookSkill(f"pickup_{word}", f"walk to the nearest {word} and take it {where}", tuple(texts), judge, walk)


def _dish_wanted(kitchen: Kitchen, seat: Seat) -> Condition:
    soups = sum(1 for pot in kitchen.pots if pot.items)
    dishes = sum(1 for other, cook in kitchen.cooks.items() if other != seat and cook.held == DISH)
    if not can_use(kitchen, seat, DISH):  # whoever hands dishes over counts those that lie ready
        mates = [other for other in kitchen.cooks if other != seat]
        dishes += sum(
            1 for cell, code in kitchen.loose.items()
            if code == DISH and any(kitchen.reaches(mate, cell) for mate in mates)
        )  # fmt: skip
    reason = (
        "all pots are empty" if soups == 0
        else f"{soups} soup{'s' if soups > 1 else ''} begun, {dishes} dish{'es' if dishes != 1 else ''} there for it"
    )  # fmt: skip
    return Condition(
        "a soup is cooking or ready, or a pot has been begun, and no other dish is there for it",
        soups > dishes, reason, hard=False,
    )  # fmt: skip


def _put(word: str) -> CookSkill:
    item = ITEMS[word]

    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        near = [pot for pot in kitchen.pots if kitchen.reaches(seat, pot.cell)]
        open_pots = [pot for pot in near if _takes(kitchen, pot, item)]
        reason = (
            f"{len(open_pots)} pot{'s take' if len(open_pots) != 1 else ' takes'} it" if open_pots
            else "no pot is within your reach" if not near else "every pot within your reach is full, cooking or ready"
        )  # fmt: skip
        return (
            _holds(kitchen, seat, f"one {word}", lambda held: held == item),
            Condition("a pot within your reach takes another ingredient", bool(open_pots), reason),
        )

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        held = kitchen.cooks[seat].held
        if held == NOTHING and known.begun:
            return Done()
        if held != item:
            return Failed(f"you hold {item_name(held)}")
        targets = put_targets(kitchen, seat, item)
        return _go(kitchen, known, seat, targets, "a pot that takes it") if targets else Failed("no pot takes it")

    return CookSkill(
        f"put_{word}_in_pot", f"carry the {word} to a pot that takes it, one already begun first, and put it in",
        (f"you hold one {word}", "a pot within your reach is neither full nor cooking nor ready"), judge, walk,
    )  # fmt: skip


def _takes(kitchen: Kitchen, pot: Pot, item: int) -> bool:
    """Whether the pot takes this ingredient; before 2020 pots did not mix kinds."""
    if not pot.open:
        return False
    return kitchen.layout.recipes.mixed or not (pot.tomatoes if item == ONION else pot.onions)


def spoils(kitchen: Kitchen, pot: Pot, item: int) -> bool:
    """Whether nothing that somebody ordered can become of the pot once this ingredient is in it, but now still can."""
    best = kitchen.layout.recipes.best
    more = (pot.onions + 1, pot.tomatoes) if item == ONION else (pot.onions, pot.tomatoes + 1)
    return best(pot.onions, pot.tomatoes) > 0 and (sum(more) > 3 or best(*more) == 0)


def put_targets(kitchen: Kitchen, seat: Seat, item: int) -> dict[Cell, float]:
    """Open pots with a penalty: an empty one beside a begun one, one whose last places closer cooks will fill, one to
    which nobody can bring a dish by himself, and one whose soup it would spoil."""
    layout, me = kitchen.layout, kitchen.cooks[seat]
    targets: dict[Cell, float] = {}
    served = [pot.cell for pot in kitchen.pots if _supplied(kitchen, pot.cell, layout.cells("D"))]
    for pot in kitchen.pots:
        mine = layout.steps(me.pose, pot.cell)
        if mine is None or not _takes(kitchen, pot, item):
            continue
        rivals = sum(
            1
            for other, cook in kitchen.cooks.items()
            if other != seat and cook.held in (ONION, TOMATO) and (layout.steps(cook.pose, pot.cell) or 99) < mine
        )
        targets[pot.cell] = (0 if pot.items else 4) + (8 if rivals >= 3 - pot.items else 0)
        targets[pot.cell] += 0 if pot.cell in served else 20
        targets[pot.cell] += 50 if spoils(kitchen, pot, item) else 0
    return targets


def _start_cooking() -> CookSkill:
    def ready_to_cook(kitchen: Kitchen) -> list[Pot]:
        recipes = kitchen.layout.recipes
        # A spoilt pot has to be cooked too: there is no other way to empty it.
        return [
            pot for pot in kitchen.pots
            if pot.idle and pot.items
            and (recipes.value(pot.onions, pot.tomatoes) > 0 or recipes.best(pot.onions, pot.tomatoes) == 0)
        ]  # fmt: skip

    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        pots = [pot for pot in ready_to_cook(kitchen) if kitchen.reaches(seat, pot.cell)]
        by_hand = kitchen.rules == "new"
        return (
            Condition("fires are lit by hand", by_hand, "a full pot starts cooking by itself" if not by_hand
                      else "a pot waits for somebody to start it"),
            _hand_empty(kitchen, seat),
            Condition("a pot within your reach holds a soup that somebody ordered and is not on the fire", bool(pots),
                      "such a pot is there" if pots else "no idle pot holds a soup that somebody ordered"),
        )  # fmt: skip

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        me = kitchen.cooks[seat]
        faced = next((pot for pot in kitchen.pots if pot.cell == me.ahead), None)
        if known.begun and faced is not None and not faced.idle:
            return Done()
        # The fullest pot first: it is the one that was meant.
        targets = {pot.cell: 10.0 * (3 - pot.items) for pot in ready_to_cook(kitchen)}
        return _go(kitchen, known, seat, targets, "a pot to start") if targets else Failed("no pot waits for a start")

    return CookSkill(
        "start_cooking", "walk to the fullest pot that is not on the fire and start cooking it",
        ("fires are lit by hand (newer rules)", "your hand is empty", 
         "an idle pot within your reach holds an ordered soup"),
        judge, walk,
    )  # fmt: skip


def _fill() -> CookSkill:
    def pots(kitchen: Kitchen, seat: Seat) -> list[Pot]:
        return [pot for pot in kitchen.pots if (pot.cooking or pot.ready) and kitchen.reaches(seat, pot.cell)]

    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        found = pots(kitchen, seat)
        return (
            _holds(kitchen, seat, "one dish", lambda held: held == DISH),
            Condition("a soup within your reach is cooking or ready", bool(found),
                      "there is one" if found else "no soup within your reach is cooking or ready"),
        )  # fmt: skip

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        me = kitchen.cooks[seat]
        if me.held >= SOUP:
            return Done()
        if me.held != DISH:
            return Failed(f"you hold {item_name(me.held)}")
        found = pots(kitchen, seat)
        if not found:
            return Failed("no soup within your reach is cooking or ready")
        targets: dict[Cell, float] = {}
        for pot in found:
            steps = kitchen.layout.steps(me.pose, pot.cell) or 0
            targets[pot.cell] = max(0, pot.cook_time - pot.tick - steps) if pot.cooking else 0
            rival = any(
                cook.held == DISH and (kitchen.layout.steps(cook.pose, pot.cell) or 99) < steps
                for other, cook in kitchen.cooks.items() if other != seat
            )  # fmt: skip
            targets[pot.cell] += 8 if rival else 0
        move = approach(kitchen, seat, targets, stuck=known.stuck, seed=known.seed, begun=known.begun > 0)
        faced = next((pot for pot in found if pot.cell == me.ahead), None)
        if move == "interact" and faced is not None and not faced.ready:
            move = STAY
        return Failed("no way leads to a soup") if move is None else Action(move)

    return CookSkill(
        "fill_dish_with_soup", "carry the dish to a pot whose soup is cooking or ready, wait there for it, and fill it",
        ("you hold one dish", "a soup within your reach is cooking or ready"), judge, walk,
    )  # fmt: skip


def _deliver() -> CookSkill:
    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        places = [place for place in kitchen.layout.cells("S") if kitchen.reaches(seat, place)]
        return (
            _holds(kitchen, seat, "a dish with soup", lambda held: held >= SOUP),
            _within_reach("a serving place", places),
        )

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        held = kitchen.cooks[seat].held
        if held == NOTHING and known.begun:
            return Done()
        if held < SOUP:
            return Failed(f"you hold {item_name(held)}")
        return _go(kitchen, known, seat, dict.fromkeys(kitchen.layout.cells("S"), 0.0), "a serving place")

    return CookSkill(
        "deliver_soup", "carry the soup to the nearest serving place and hand it out",
        ("you hold a dish with soup", "a serving place is within your reach"), judge, walk,
    )  # fmt: skip


def _place() -> CookSkill:
    def judge(kitchen: Kitchen, seat: Seat) -> tuple[Condition, ...]:
        return (
            _holds(kitchen, seat, "something", lambda held: held != NOTHING),
            _within_reach("a free counter", free_counters(kitchen, seat)),
        )

    def walk(kitchen: Kitchen, known: Known, seat: Seat) -> Action | Done | Failed:
        if kitchen.cooks[seat].held == NOTHING:
            return Done() if known.begun else Failed("your hand is empty")
        return _go(kitchen, known, seat, handover(kitchen, seat), "a free counter")

    return CookSkill(
        "place_obj_on_counter", "put what you hold on a free counter, near to where whoever takes it will use it",
        ("you hold something", "a free counter is within your reach"), judge, walk,
    )  # fmt: skip


@dataclass(frozen=True)
class Wait:
    """Wait up to n steps out of the way; ends early when a pot or the mate's hand changes, so that plans stay fresh."""

    name: str = "wait"
    parameters: tuple[str, ...] = ("n",)
    description: str = (
        "wait n steps (1 to 20) close to where you are needed, out of your teammate's way; it ends early when "
        "something changes in a pot or in your teammate's hand"
    )

    def preconditions(self) -> tuple[str, ...]:
        """One condition: a sensible number."""
        return ("n is a whole number from 1 to 20",)

    def conditions(self, observation: Observation, arguments: tuple[str, ...]) -> tuple[Condition, ...]:
        """Judge the number."""
        return (
            Condition(self.preconditions()[0], _steps(arguments) is not None, f"n is {', '.join(arguments)[:20]!r}"),
        )

    def next(self, known: Known, arguments: tuple[str, ...]) -> Action | Done | Failed:
        """Stand where one will be needed and is not in the way."""
        kitchen: Kitchen = known.observation.view
        seat = known.observation.seat
        steps = _steps(arguments)
        if steps is None:
            return Failed(f"wait needs {self.preconditions()[0]}")
        if known.begun >= steps or (known.begun and known.changed):
            return Done()
        return Action(loiter(kitchen, seat, _post(kitchen, seat), stuck=known.stuck))


def _steps(arguments: tuple[str, ...]) -> int | None:
    """The number of steps to wait, or None if none is written that makes sense."""
    written = arguments[0] if len(arguments) == 1 else ""
    if not (written.isascii() and written.isdigit() and len(written) <= 4):
        return None
    return int(written) if 1 <= int(written) <= LONGEST_WAIT else None


def _post(kitchen: Kitchen, seat: Seat) -> tuple[Cell, ...]:
    """Where a waiting cook will be needed: where its item is of use, else at the nearest source of onions."""
    held = kitchen.cooks[seat].held
    if held != NOTHING and can_use(kitchen, seat, held):
        return destinations(kitchen, held)
    if held != NOTHING:
        return tuple(handover(kitchen, seat))
    own = [cell for kind in "OT" for cell in kitchen.layout.cells(kind) if kitchen.reaches(seat, cell)]
    if own or not can_use(kitchen, seat, ONION):
        return tuple(own) or kitchen.layout.pots
    # What it needs comes over a counter: a dish, if a soup cooks, over the one nearest to the dishes; else an
    # ingredient over the one nearest to a pot.
    shared = tuple(shared_counters(kitchen, seat))
    dishes = kitchen.layout.cells("D")
    if any(not pot.idle for pot in kitchen.pots) and not any(kitchen.reaches(seat, cell) for cell in dishes):
        ways = {c: min(onward(kitchen, cell, DISH, (c,)) for cell in dishes) for c in shared}
    else:
        ways = {c: onward(kitchen, c, ONION) for c in shared}
    nearest = min(ways.values(), default=0)
    return tuple(c for c, steps in ways.items() if steps == nearest) or kitchen.layout.pots


SKILLS: tuple[CookSkill | Wait, ...] = (
    _pickup("onion"), _pickup("tomato"), _pickup("dish"), _pickup("soup"), _put("onion"), _put("tomato"),
    _start_cooking(), _fill(), _deliver(), _place(), Wait(),
)  # fmt: skip


def skills_for(tomatoes: bool, rules: str) -> tuple[CookSkill | Wait, ...]:
    """The skills that make sense in a kitchen: none for tomatoes where there are none, no fires under the old rules."""
    return tuple(
        skill
        for skill in SKILLS
        if (tomatoes or "tomato" not in skill.name) and (rules == "new" or skill.name != "start_cooking")
    )

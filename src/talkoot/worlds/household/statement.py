"""What a person believes about the home as a planning problem: things to fetch and bring, places to look into. Ours.

Only what is known goes in. As long as things are missing of which nobody knows where they are, rooms that were not
explored and containers that were not opened are goals of their own (`looked`), each a thread; every thing that is known
is a thread of two goals, `fetched` and `delivered`, so that both hands are used. Efforts are straight-line steps.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from math import ceil, dist

from talkoot.problem import Atom, Condition, Problem
from talkoot.types import Seat, SkillCall
from talkoot.world import Statement
from talkoot.worlds.household.apartment import Node
from talkoot.worlds.household.skills import HANDS
from talkoot.worlds.household.view import NAMES, HomeView

SEARCHED = 6
"""Places to look into that one problem holds at most: the nearest ones."""

OTHER_ROOM = 2
"""Steps that a way through a door takes beyond the straight line (a guess; the world finds the real way)."""


@cache
def domain_text() -> str:
    """The PDDL domain of every home."""
    return (resources.files(__package__) / "pddl" / "home.pddl").read_text(encoding="utf-8")


def state_view(view: HomeView) -> Statement:
    """The known home as a problem for all who are known to be in it."""
    return _Stating(view).statement()


class _Stating:
    """The facts of one view while they are put together."""

    def __init__(self, view: HomeView) -> None:
        self.view = view
        self.objects: dict[str, str] = {}
        self.facts: list[Atom] = []
        self.spots: dict[str, tuple[tuple[float, float], int | None]] = {}
        self.threads: list[tuple[Condition, ...]] = []
        self.lacking: dict[str, int] = {}
        """How many things of each class are needed beyond those that are held or stated."""

    def statement(self) -> Statement:
        """People, places, things; then the efforts between all places."""
        view = self.view
        agents = {NAMES[seat].lower(): seat for seat in sorted(view.people)}
        for target in view.targets:
            if target in view.nodes:
                self._place(view.nodes[target])
        self._things()
        for seat in sorted(view.people):
            self._person(seat)
        place_unknown = any(target not in view.nodes for target in view.targets)
        if any(count > 0 for count in self.lacking.values()):
            self._search(rooms_first=place_unknown)
        elif place_unknown:
            self._search(rooms_first=True, containers=False)
        values: dict[Atom, float] = {
            ("effort", one, other): float(self._effort(one, other)) for one in self.spots for other in self.spots
        }
        goals = tuple(goal for thread in self.threads for goal in thread)
        problem = Problem("home", "home", self.objects, tuple(self.facts), ("and", *goals), values, metric=True)
        return Statement(domain_text(), problem, tuple(self.threads), agents, skill_of, words_of)

    def _place(self, node: Node) -> str:
        if node.key not in self.objects:
            view = self.view
            kind = "room" if node.is_room else "container" if node.openable and node.searchable else "surface"
            self.objects[node.key] = kind
            shut = kind == "container" and node.id not in view.open
            self.facts.append(("shut" if shut else "ready", node.key))
            self.spots[node.key] = (node.center[0], node.center[2]), view.room_of(node.id)
        return node.key

    def _person(self, seat: Seat) -> None:
        person, name = self.view.people[seat], NAMES[seat].lower()
        self.objects[name] = "person"
        self.objects[f"here_{name}"] = "spot"
        self.spots[f"here_{name}"] = person.position, person.room
        self.facts.append(("at", name, f"here_{name}"))
        hands = [f"hand{number}_{name}" for number in range(HANDS)]
        self.facts += [("other", one, two) for one in hands for two in hands if one != two]
        for number in range(HANDS):
            hand = hands[number]
            self.objects[hand] = "hand"
            self.facts.append(("of", hand, name))
            thing = person.holding[number] if number < len(person.holding) else None
            if thing is None or thing not in self.view.nodes:
                if thing is None:
                    self.facts.append(("free", hand))
                continue
            key = self.view.nodes[thing].key
            self.objects[key] = "thing"
            self.facts.append(("holds", hand, key))
            self._deliver(thing, key, ())

    def _things(self) -> None:
        """Known things that a goal lacks, the nearest ones of each class, each in its place or, told, in its room."""
        view, lacking = self.view, self.lacking
        for goal, count in view.missing.items():
            lacking[goal.name] = lacking.get(goal.name, 0) + count
        for person in view.people.values():
            for thing in person.holding:
                name = view.nodes[thing].name if thing in view.nodes else ""
                lacking[name] = lacking.get(name, 0) - 1
        known = [thing for room in view.rooms for thing in view.things(room)]
        known.sort(key=lambda node: (dist(view.me.position, (node.center[0], node.center[2])), node.id))
        for node in known:
            parent = view.on.get(node.id, view.inside.get(node.id))
            place = view.node(parent) if parent is not None else None
            if lacking.get(node.name, 0) <= 0 or place is None:
                continue
            lacking[node.name] -= 1
            key = node.key
            self.objects[key] = "thing"
            self.facts.append(("lies", key, self._place(place)))
            self._deliver(node.id, key, (("fetched", key),))

    def _deliver(self, thing: int, key: str, before: tuple[Condition, ...]) -> None:
        """A thread for a thing that is needed. What is held without need may be put down where its class belongs."""
        view, name = self.view, self.view.nodes[thing].name
        goal = view.goal_of(thing)
        if goal is None:
            for one in view.goals:
                if one.name == name and one.target in view.nodes:
                    self.facts.append(("belongs", key, self._place(view.nodes[one.target])))
            return
        target = view.nodes.get(goal.target)
        if target is None:
            if before:
                self.threads.append(before)
            return
        self.facts.append(("belongs", key, self._place(target)))
        self.threads.append((*before, ("delivered", key)))

    def _search(self, *, rooms_first: bool, containers: bool = True) -> None:
        """Places that may hold what nobody knows of: unexplored rooms and unchecked containers, the nearest ones.

        While a goal's place is unknown, rooms come first: who has both hands full can do nothing but look for it.
        """
        view = self.view

        def far(node: Node) -> tuple[float, int]:
            return dist(view.me.position, (node.center[0], node.center[2])), node.id

        places = [room for number, room in view.rooms.items() if number not in view.explored]
        if containers:
            places += [node for room in view.rooms for node in view.unchecked(room)]
        places.sort(key=lambda node: (rooms_first and not node.is_room, far(node)))
        for node in sorted(places[:SEARCHED], key=far):
            self.threads.append((("looked", self._place(node)),))

    def _effort(self, one: str, other: str) -> int:
        (start, room), (end, other_room) = self.spots[one], self.spots[other]
        steps = max(ceil(dist(start, end) - 1.2), 0) + 1
        return steps + (OTHER_ROOM if room != other_room else 0)


_SKILLS = {"explore": "goexplore", "open": "gocheck"}


def skill_of(step: Atom) -> SkillCall | None:
    """The skill that carries out a step."""
    action, *arguments = step
    if action in _SKILLS:
        return SkillCall(_SKILLS[action], (arguments[-1],))
    if action == "grab":
        return SkillCall("gograb", (arguments[-1],))
    if action in ("put", "push-in"):
        return SkillCall("goput", (arguments[3 if action == "put" else 4],))
    return None


def words_of(atom: Atom) -> str:
    """A goal or a step in words."""
    head, *arguments = atom
    goals = {"looked": "a look at {0}", "fetched": "{0} fetched", "delivered": "{0} delivered"}
    if head in goals:
        return goals[head].format(_label(arguments[0]))
    who, place = arguments[0].capitalize(), _label(arguments[-1])
    deeds = {"explore": "explore", "open": "look into", "grab": "take"}
    if head in deeds:
        return f"{who} will {deeds[head]} {place}"
    where, thing = arguments[3:5] if head == "put" else arguments[4:6]
    return f"{who} will bring {_label(thing)} to {_label(where)}"


def _label(key: str) -> str:
    name, _, number = key.rpartition("_")
    return f"<{name}> ({number})"

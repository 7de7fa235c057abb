"""What MHP believes: for every thing the places where it may be, and one sampled world in which it has a place.

Every grabbable thing of a goal's class has a categorical over {no container, each container} and one over the rooms, at
first uniform; in the reference they are weights under a softmax, set to 1 where the thing is seen and to -1e9 where it
cannot be, which is exactly uniform over what is not excluded, so the sets of what is not excluded are kept here. An
observation excludes: in the own room but not seen, hence not lying in this room; a container seen open without it,
hence not in there. Where nothing is left the categoricals begin anew without what is seen at this moment. The rooms of
furniture are found out in the same way; containers that were never seen stand open or closed, half and half.

One concrete world is sampled at the start and kept; what an observation contradicts, and only that, is sampled again.
Nothing is ever forgotten (forget rate 0). Source: reference, 4.1. Ours: the categoricals begin anew without every
container seen open (the reference excludes only the room), and for what was seen in hands; a message that rules a
sampled place out contradicts it; what is not known to be delivered is not where its goal wants it (the reference may
imagine that it is, and then have nothing to do).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from random import Random

from talkoot.types import Json, Seat
from talkoot.worlds.household.mhp.inventory import Inventory
from talkoot.worlds.household.task import Goal
from talkoot.worlds.household.view import HomeView

LYING = 0
"""In no container: lying in a room. Stands among the ids of containers; no node has it."""


class Belief:
    """The belief of one seat. `see` corrects it by a view of the moment, `hear` by what the other said.

    `containers[thing]` are the containers where a thing may be, `LYING` among them; `rooms[node]` the rooms where a
    thing that lies in no container, or a piece of furniture, may be. `place[node]` is its parent in the sampled world,
    `on` the surface that it lies on, `open` what stands open there. `hands` are the things in each seat's hands as last
    seen; they have no place. `here` is the own room, `near` what is within reach.
    """

    def __init__(
        self, inventory: Inventory, seat: Seat, rng: Random, *, told: bool = True, known: bool = False
    ) -> None:
        """`told`: what the household tells as delivered is believed; `known`: the rooms of furniture are known."""
        self.inventory, self.seat, self.rng, self.told = inventory, seat, rng, told
        targets = {goal.target for goal in inventory.goals}
        self.furniture = [n for n, node in inventory.furniture.items() if node.searchable or n in targets]
        self.shelves = [n for n in self.furniture if inventory.furniture[n].searchable]
        self.containers = {thing: self._possible(thing) for thing in inventory.things}
        everywhere = set(inventory.rooms)
        self.rooms = {node: set(everywhere) for node in (*inventory.things, *self.furniture)}
        if known:
            self.rooms |= {node: {inventory.room_of[node]} for node in self.furniture}
        self.hands: dict[Seat, tuple[int, ...]] = {0: (), 1: ()}
        self.on: dict[int, int] = {}
        self.place: dict[int, int] = {}
        self.here, self.near = next(iter(inventory.rooms)), frozenset[int]()
        self.open = {node for node in self.furniture if inventory.furniture[node].openable and rng.random() < 0.5}
        self._sample((*self.furniture, *inventory.things))

    def _possible(self, thing: int) -> set[int]:
        """The containers where a thing may be before anything is known: where a goal wants it, it is not yet."""
        name = self.inventory.things[thing]
        return {LYING, *self.shelves} - {goal.target for goal in self.inventory.goals if goal.name == name}

    def _sample(self, nodes: Iterable[int]) -> None:
        """Draw a place for each of these; a thing that can be nowhere may be anywhere."""
        for node in nodes:
            shelf = self.rng.choice(sorted(self.containers[node])) if node in self.containers else LYING
            self.place[node] = shelf or self.rng.choice(sorted(self.rooms[node]))
            self.on.pop(node, None)

    # --- what is seen

    def see(self, view: HomeView, missed: Collection[int] | None = None, looked: Collection[int] | None = None) -> None:
        """Correct everything by a view of the moment.

        Who sees by eye says what is known to be absent (`missed`, None: all that is not seen here is not here) and into
        which containers it has looked (`looked`, None: all that stand open here).
        """
        self.here = here = view.me.room
        opened = {shelf for shelf in self.shelves if shelf in view.open and shelf in view.nodes}
        opened = opened if looked is None else opened.intersection(looked)
        held = {thing for person in view.people.values() for thing in person.holding}
        shown = view.nodes.keys() - held
        delivered = view.satisfied if self.told else {}
        self._see_hands(view, held, shown | delivered.keys())
        for node in self.furniture:
            if node in shown:
                self.place[node] = room = _room(view, node)
                self.rooms[node] = {room}
                (self.open.add if node in view.open else self.open.discard)(node)
            elif here in self.rooms[node] and (missed is None or node in missed):
                self.rooms[node].discard(here)
                self.rooms[node] = self.rooms[node] or set(self.inventory.rooms) - {here} or {here}
        for thing in self.inventory.things:
            if thing in shown:
                self._found(thing, view)
            elif thing not in held:
                self._missed(thing, {here} if missed is None or thing in missed else set(), opened)
        for thing, goal in delivered.items():
            if thing not in shown and thing in self.containers:
                self._delivered(thing, goal)
        self._sample([node for node in (*self.furniture, *self.inventory.things) if self._contradicted(node)])
        near = {node for node in (*self.furniture, *self.inventory.things) if node in shown and view.reaches(node)}
        self.near = frozenset(near | {thing for thing, place in self.place.items() if place in near})

    def _see_hands(self, view: HomeView, held: set[int], elsewhere: Iterable[int]) -> None:
        gone = held | set(elsewhere)
        for seat in self.hands:
            person = view.people.get(seat)
            if person is None:
                self.hands[seat] = tuple(thing for thing in self.hands[seat] if thing not in gone)
            else:
                self.hands[seat] = tuple(thing for thing in person.holding if thing in self.containers)
        for thing in held & self.containers.keys():
            self._anywhere(thing)

    def _anywhere(self, thing: int) -> None:
        self.containers[thing] = self._possible(thing)
        self.rooms[thing] = set(self.inventory.rooms)

    def _found(self, thing: int, view: HomeView) -> None:
        """Seen: certain from now on. What is in a thing that is no container counts as lying in the room."""
        parent, room = view.inside[thing], _room(view, thing)
        in_shelf = parent in self.shelves
        self.place[thing] = parent if in_shelf else room
        self.containers[thing] = {parent} if in_shelf else {LYING}
        self.rooms[thing] = set(self.inventory.rooms) if in_shelf else {room}
        self.on.pop(thing, None)
        if thing in view.on and not in_shelf:
            self.on[thing] = view.on[thing]

    def _missed(self, thing: int, rooms: set[int], looked: set[int]) -> None:
        """Not seen: it does not lie in the own room, where that is known, nor in any container that stands open."""
        self._rule_out(thing, rooms, looked)
        if not self.containers[thing]:
            self._anywhere(thing)
            self._rule_out(thing, rooms, looked)
        if not self.containers[thing]:
            self._anywhere(thing)

    def _rule_out(self, thing: int, rooms: set[int], shelves: set[int]) -> None:
        self.rooms[thing] -= rooms
        self.containers[thing] -= shelves
        if not self.rooms[thing]:
            self.containers[thing].discard(LYING)

    def _delivered(self, thing: int, goal: Goal) -> None:
        if goal.relation == "inside":
            self.containers[thing], self.place[thing] = {goal.target}, goal.target
        else:
            room = self.place[goal.target]
            self.containers[thing], self.rooms[thing] = {LYING}, {room}
            self.place[thing], self.on[thing] = room, goal.target

    def _contradicted(self, node: int) -> bool:
        """Whether a node's place in the sampled world is excluded, or it has none though nobody holds it."""
        if any(node in held for held in self.hands.values()):
            self.place.pop(node, None)
            self.on.pop(node, None)
            return False
        place, shelves = self.place.get(node), self.containers.get(node, {LYING})
        if place in self.inventory.rooms:
            return LYING not in shelves or place not in self.rooms[node]
        return place not in shelves

    # --- what is said

    def hear(self, place: int, things: Iterable[int]) -> None:
        """Believe that of the things of goal classes exactly these are in a container, or that these lie in a room.

        Who is certain of a thing's being in that container keeps to it, and of a room nothing is said about what is not
        in it (as in the reference); what is in hands stays there.
        """
        held = {thing for hands in self.hands.values() for thing in hands}
        told = set(things) - held
        for thing in self.containers.keys() - held:
            if place in self.shelves and thing in told:
                self.containers[thing] = {place}
            elif place in self.shelves and self.containers[thing] != {place}:
                self._rule_out(thing, set(), {place})
            elif place in self.inventory.rooms and thing in told:
                self.containers[thing], self.rooms[thing] = {LYING}, {place}
            if not self.containers[thing]:
                self._anywhere(thing)
        self._sample([thing for thing in self.inventory.things if self._contradicted(thing)])

    def hear_delivered(self, thing: int, goal: Goal) -> None:
        """Believe that the other has put a thing where a goal wants it."""
        if thing in self.containers and thing not in self.hands[self.seat]:
            other = 1 - self.seat
            self.hands[other] = tuple(one for one in self.hands[other] if one != thing)
            self._delivered(thing, goal)

    # --- what is known for certain

    def certain(self) -> dict[int, int]:
        """The container or room of every thing of which there is only one possibility."""
        found: dict[int, int] = {}
        for thing, shelves in self.containers.items():
            shelf = next(iter(shelves))
            if len(shelves) == 1 and (shelf or len(self.rooms[thing]) == 1):
                found[thing] = shelf or next(iter(self.rooms[thing]))
        return found

    def looked_into(self) -> set[int]:
        """The containers of which every thing is known to be in there or not."""
        possible = self.containers.values()
        return {shelf for shelf in self.shelves if all(shelf not in may or may == {shelf} for may in possible)}

    # --- the whole as JSON

    def save(self) -> Json:
        """Everything that changes, as JSON."""
        version, internal, gauss = self.rng.getstate()
        return {
            "random": [version, list(internal), gauss],
            "containers": [[thing, sorted(may)] for thing, may in self.containers.items()],
            "rooms": [[node, sorted(may)] for node, may in self.rooms.items()],
            "place": [list(pair) for pair in self.place.items()],
            "on": [list(pair) for pair in self.on.items()],
            "open": sorted(self.open),
            "hands": [[seat, list(held)] for seat, held in self.hands.items()],
            "here": self.here,
            "near": sorted(self.near),
        }

    def load(self, state: Json) -> None:
        """Continue from what `save` gave."""
        version, internal, gauss = state["random"]
        self.rng.setstate((version, tuple(internal), gauss))
        self.containers = {thing: set(may) for thing, may in state["containers"]}
        self.rooms = {node: set(may) for node, may in state["rooms"]}
        self.place = dict(state["place"])
        self.on = dict(state["on"])
        self.open = set(state["open"])
        self.hands = {seat: tuple(held) for seat, held in state["hands"]}
        self.here, self.near = state["here"], frozenset(state["near"])


def _room(view: HomeView, node: int) -> int:
    """The room of something seen: the own one, or by eye one beyond a door."""
    room = view.room_of(node)
    return view.me.room if room is None else room

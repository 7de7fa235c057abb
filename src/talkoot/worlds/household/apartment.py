"""An apartment as plain data: rooms, doors, furniture, containers, surfaces and things, each with a box. No rules here.

Metres; y is up, x and z are horizontal; boxes are axis-aligned, `center` and full `size` (x, y, z). Every node but a
room is INSIDE exactly one parent: a room, or the container that holds it; besides, it may lie ON a surface.
Source: the facts of VirtualHome's scene graphs (reference, 2.1); the file format is ours, see `apartment_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

Point = tuple[float, float, float]

ROOMS = ("livingroom", "kitchen", "bedroom", "bathroom")
"""The kinds of rooms, in the order in which progress is told (reference, 1.3)."""

CONTAINERS = ("bathroomcabinet", "kitchencabinet", "cabinet", "fridge", "stove", "dishwasher", "microwave")
"""The classes of containers that agents search (reference, 2.3); anything else that opens is scenery."""


@dataclass(frozen=True, slots=True)
class Node:
    """One room, door, piece of furniture or thing. `properties` as VirtualHome has them: GRABBABLE, CAN_OPEN, ..."""

    id: int
    name: str
    """Its class, such as `kitchencabinet`."""
    category: str
    center: Point
    size: Point
    properties: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """As prompts write it: `<apple> (12)`."""
        return f"<{self.name}> ({self.id})"

    @property
    def key(self) -> str:
        """As skills and PDDL write it: `apple_12`."""
        return f"{self.name}_{self.id}"

    @property
    def is_room(self) -> bool:
        """Whether it is a room."""
        return self.category == "Rooms"

    @property
    def is_door(self) -> bool:
        """Whether it is a door between two rooms (always open, as in C-WAH)."""
        return self.category == "Doors"

    @property
    def grabbable(self) -> bool:
        """Whether a hand can take it."""
        return "GRABBABLE" in self.properties

    @property
    def openable(self) -> bool:
        """Whether it can be opened and closed."""
        return "CAN_OPEN" in self.properties and not self.is_door

    @property
    def searchable(self) -> bool:
        """Whether it is one of the containers that agents open to look inside."""
        return self.name in CONTAINERS

    def moved(self, center: Point) -> Node:
        """The same thing elsewhere."""
        return Node(self.id, self.name, self.category, center, self.size, self.properties)


@dataclass(frozen=True)
class Apartment:
    """All nodes of one apartment and how they stand at the start.

    `inside` maps every node but rooms to its one parent, a room or a container; `on` maps things to the surface that
    they lie on, if any (never for what is in a container); `between` maps a door to its two rooms; `open` are the
    containers that stand open (all others that can be opened are closed). Ids 1 and 2 belong to the two people and are
    never nodes.
    """

    name: str
    nodes: Mapping[int, Node]
    inside: Mapping[int, int]
    on: Mapping[int, int] = field(default_factory=dict)
    between: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    open: frozenset[int] = frozenset()

    @cached_property
    def rooms(self) -> dict[int, Node]:
        """The rooms in the order of `ROOMS`, then by id."""
        rooms = (node for node in self.nodes.values() if node.is_room)
        order = {name: place for place, name in enumerate(ROOMS)}
        return {node.id: node for node in sorted(rooms, key=lambda node: (order.get(node.name, len(order)), node.id))}

    def room_of(self, node: int) -> int:
        """The room in which a node stands at the start, through all containers."""
        while node not in self.rooms:
            node = self.inside[node]
        return node

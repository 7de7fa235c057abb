"""A made-up episode in a small home, for the replay tests: two people search, fetch, talk, and see their own rooms."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from replay_story import HOSTILE

from talkoot.episode import EpisodeWriter
from talkoot.events import Acted, Called, Ended, Event, Finished, Planned, Saw, Started, Stepped

KITCHEN, LIVINGROOM, BEDROOM = 11, 12, 13
TABLE, FRIDGE, CABINET = 21, 22, 23
APPLE, CUPCAKE, WINE, ODD = 31, 32, 33, 34
STEPS = 14
SAID = "I found <apple> (31) in the <kitchen> (11); look into the <cabinet> (23)."

ROOMS = [
    {"id": KITCHEN, "name": "kitchen", "box": [0.0, 0.0, 5.0, 4.0]},
    {"id": LIVINGROOM, "name": "livingroom", "box": [5.1, 0.0, 11.0, 5.0]},
    {"id": BEDROOM, "name": "bedroom", "box": [5.1, 5.1, 9.0, 9.0]},
]
DOORS = [
    {"id": 15, "box": [4.9, 1.5, 5.2, 2.4], "rooms": [KITCHEN, LIVINGROOM]},
    {"id": 16, "box": [6.0, 4.9, 6.9, 5.2], "rooms": [LIVINGROOM, BEDROOM]},
]
FURNITURE = [
    {"id": TABLE, "name": "coffeetable", "box": [8.0, 2.0, 9.2, 2.8], "top": 0.4, "container": False},
    {"id": FRIDGE, "name": "fridge", "box": [0.1, 3.1, 0.9, 3.9], "top": 2.0, "container": True},
    {"id": CABINET, "name": "cabinet", "box": [8.2, 7.0, 8.9, 8.2], "top": 1.1, "container": True},
    {"id": 24, "name": "bed", "box": [5.3, 7.0, 7.2, 8.9], "top": 0.5, "container": False},
    {"id": 25, "name": "sofa", "box": [7.6, 0.1, 9.8, 0.9], "top": 0.8, "container": False},
    {"id": 26, "name": "rug", "box": [7.5, 1.5, 9.7, 3.3], "top": 0.01, "container": False},
    {"id": 27, "name": "harmonium", "box": [2.0, 0.1, 3.2, 0.7], "top": 1.0, "container": False},
]
GOALS = [
    {"relation": "on", "name": "apple", "target": TABLE, "count": 1, "text": "1 apple on the coffeetable"},
    {"relation": "on", "name": "cupcake", "target": TABLE, "count": 1, "text": "1 cupcake on the coffeetable"},
    {"relation": "on", "name": "wine", "target": TABLE, "count": 1, "text": "1 wine on the coffeetable"},
]

BRING = "goput(coffeetable_21)"
# For each step: skill, primitive, and where one stands after it.
WAYS: dict[int, list[tuple[str, str, tuple[float, float]]]] = {
    0: [
        ("gocheck(fridge_22)", "walktowards(22)", (1.4, 2.4)),
        ("gocheck(fridge_22)", "open(22)", (1.4, 2.4)),
        ("send_message()", "send_message", (1.4, 2.4)),
        ("gograb(apple_31)", "grab(31)", (1.4, 2.4)),
        *((BRING, "walktowards(21)", spot) for spot in ((2.4, 2.2), (3.4, 2.0), (4.4, 2.0), (5.4, 2.0), (6.4, 2.2))),
        (BRING, "walktowards(21)", (7.3, 2.4)),
        (BRING, "putback(31, 21)", (7.3, 2.4)),
        *[("wait()", "wait", (7.3, 2.4))] * 3,
    ],
    1: [
        *(("goexplore(bedroom_13)", "walktowards(13)", spot) for spot in ((6.4, 4.0), (6.4, 5.0), (6.6, 6.0))),
        ("gocheck(cabinet_23)", "walktowards(23)", (7.4, 6.6)),
        ("gocheck(cabinet_23)", "open(23)", (7.4, 6.6)),
        ("gograb(cupcake_32)", "grab(32)", (7.4, 6.6)),
        ("gograb(wine_33)", "grab(33)", (7.4, 6.6)),
        ("send_message()", "send_message", (7.4, 6.6)),
        *((BRING, "walktowards(21)", spot) for spot in ((6.5, 6.0), (6.4, 5.0), (6.9, 4.1), (7.5, 3.4))),
        (BRING, "putback(32, 21)", (7.5, 3.4)),
        (BRING, "putback(33, 21)", (7.5, 3.4)),
    ],
}
KNOWN = ("rooms", "things", "checked")
STARTS = {0: (2.0, 1.6), 1: (6.4, 3.2)}


def write_home(path: Path, *, hostile: bool = True, chatty: bool = False) -> Path:
    """Write the episode to `path` and return the path. `chatty`: every step of both seats says something."""
    buffer = io.StringIO()
    writer = EpisodeWriter(buffer)
    for event in tell_home(hostile, chatty):
        writer(event)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(buffer.getvalue(), encoding="utf-8")
    return path


def home_setting(hostile: bool = False) -> dict[str, Any]:
    """The floor plan; a hostile one has names that try to be code."""
    setting: dict[str, Any] = {"kind": "household", "names": ["Alice", "Bob"], "limit": 250, "doors": DOORS}
    if not hostile:
        told = {"apartment": "story", "activity": "Prepare tea", "rooms": ROOMS, "furniture": FURNITURE, "goals": GOALS}
        return setting | told
    rooms = [*ROOMS, {"id": 14, "name": HOSTILE, "box": [0.0, 4.1, 5.0, 6.0]}]
    furniture = [*FURNITURE, {"id": 28, "name": HOSTILE, "box": [1.4, 0.2, 1.9, 0.7], "top": 1, "container": True}]
    goals = [*GOALS, {"relation": HOSTILE, "name": HOSTILE, "target": TABLE, "count": 1, "text": HOSTILE}]
    words = {"apartment": HOSTILE, "activity": HOSTILE, "names": ["Alice", HOSTILE]}
    return setting | words | {"rooms": rooms, "furniture": furniture, "goals": goals}


def tell_home(hostile: bool, chatty: bool) -> Iterator[Event]:
    """The events of the story, in order."""
    home = _Home(hostile)
    yield Started(
        "household/story", {0: "coela@rulebook", 1: "coela@rulebook"}, 3, home_setting(hostile), home.scene(0, []), "0"
    )
    score, skills = 0.0, ["", ""]
    for t in range(STEPS):
        said, failed, rewards = [], {}, {0: 0.0, 1: 0.0}
        for seat, way in WAYS.items():
            skill, action, _ = way[t]
            if skill != skills[seat]:
                if skills[seat]:
                    yield Finished(t, seat, skills[seat], True)
                yield Saw(t, seat, f"I hold nothing. I am in the <kitchen> (11).{HOSTILE if hostile else ''}")
                prompt = "Available actions:\nA. [gocheck] <fridge> (22)\nB. [goexplore] <bedroom> (13)"
                yield Called(t, seat, "household/plan", "rulebook", "k" * 64, (("user", prompt),), "A", 300, 9)
                yield Planned(t, seat, skill, "nobody has looked there")
                skills[seat] = skill
            spoken = action == "send_message" or chatty
            text = (HOSTILE if hostile and seat else SAID) if spoken else ""
            if text and t != STEPS - 1:
                said.append({"seat": seat, "text": text})
            yield Acted(t, seat, action, skill, text)
            rewards[seat] = home.act(seat, action, way[t][2])
        if t == 4:
            failed = {"0": f"you do not see it{HOSTILE if hostile else ''}"}
        score += sum(rewards.values())
        info = {"satisfied": len(home.satisfied), "success": len(home.satisfied) == 3, "failed": failed, "events": {}}
        yield Stepped(t + 1, rewards, home.scene(t + 1, said), t + 1 == STEPS, info)
    yield Ended(STEPS, score, 12, 3600, 108)


class _Home:
    """Where everything is by now."""

    def __init__(self, hostile: bool) -> None:
        self.position = dict(STARTS)
        self.holding: dict[int, list[int]] = {0: [], 1: []}
        self.inside = {APPLE: FRIDGE, CUPCAKE: CABINET, WINE: CABINET}
        self.on: dict[int, int] = {}
        self.at = {APPLE: (0.5, 3.5), CUPCAKE: (8.5, 7.4), WINE: (8.5, 7.8)}
        self.names = {APPLE: "apple", CUPCAKE: "cupcake", WINE: "wine"}
        self.open: set[int] = set()
        self.satisfied: list[int] = []
        self.seen: dict[int, dict[str, set[int]]] = {seat: {key: set() for key in KNOWN} for seat in (0, 1)}
        if hostile:
            self.at[ODD], self.names[ODD] = (3.0, 2.0), HOSTILE

    def act(self, seat: int, action: str, place: tuple[float, float]) -> float:
        """Do what the primitive says; the reward."""
        self.position[seat] = place
        name = action.split("(")[0]
        ids = [int(number) for number in re.findall(r"\d+", action)]
        if name == "open":
            self.open.add(ids[0])
        elif name == "grab":
            self.holding[seat].append(ids[0])
            self.inside.pop(ids[0])
        elif name == "putback":
            self.holding[seat].remove(ids[0])
            self.on[ids[0]] = ids[1]
            self.at[ids[0]] = (8.3 + 0.3 * len(self.satisfied), 2.4)
            self.satisfied.append(ids[0])
            return 2.0
        return 0.0

    def room(self, seat: int) -> int:
        """The room in which somebody stands."""
        x, z = self.position[seat]
        boxes = {room["id"]: room["box"] for room in ROOMS}
        return next(number for number, (a, b, c, d) in boxes.items() if a - 0.1 <= x <= c and b - 0.1 <= z <= d)

    def scene(self, t: int, said: list[dict[str, Any]]) -> dict[str, Any]:
        """The scene as the household writes it."""
        where = {FRIDGE: KITCHEN, CABINET: BEDROOM}
        for seat, seen in self.seen.items():
            room = self.room(seat)
            seen["rooms"].add(room)
            seen["checked"] |= {container for container in self.open if where[container] == room}
            seen["things"] |= {thing for thing, container in self.inside.items() if container in seen["checked"]}
            seen["things"] |= set(self.holding[seat])
        people = [
            {
                "seat": seat,
                "position": list(at),
                "yaw": 90.0,
                "room": self.room(seat),
                "holding": list(self.holding[seat]),
            }
            for seat, at in self.position.items()
        ]
        things = [
            {"id": one, "name": name, "at": list(self.at[one]), "in": self.inside.get(one), "on": self.on.get(one)}
            for one, name in self.names.items()
        ]
        known = {str(seat): {key: sorted(values) for key, values in seen.items()} for seat, seen in self.seen.items()}
        state = {"t": t, "people": people, "things": things, "seen": known}
        return state | {"open": sorted(self.open), "satisfied": list(self.satisfied), "said": said}

"""Reads a prompt's text into facts. Nothing but the text: what a prompt does not carry, the rulebook does not know."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from talkoot.worlds.overcooked.layout import Layout, Recipes

FAR = 99
"""Steps to what is out of reach, or not told."""

_TAG = re.compile(r"<([A-Z][A-Za-z ]*? \d+)>")
_STEP = re.compile(r"<([A-Z][A-Za-z ]*? \d+)> (\d+|out of reach)")


@dataclass
class PotFacts:
    """A pot as told: its ingredients, and `left`: None while idle, else the steps until it is ready (0: ready)."""

    onions: int = 0
    tomatoes: int = 0
    left: int | None = None

    @property
    def items(self) -> int:
        """Ingredients in it."""
        return self.onions + self.tomatoes


@dataclass
class Facts:
    """All that the policy goes by."""

    me: int = 0
    mate: int | None = None
    t: int = 0
    horizon: int = 400
    by_hand: bool = False
    orders: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Ordered soups: onions, tomatoes, points, steps of cooking."""
    skills: list[str] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)
    """What each player holds: "", onion, tomato, dish or soup. Players of whom nothing is told are missing."""
    pots: dict[str, PotFacts] = field(default_factory=dict)
    loose: list[tuple[str, str]] = field(default_factory=list)
    """Things on counters: item and counter."""
    steps: dict[int, dict[str, int]] = field(default_factory=dict)
    walks: dict[tuple[str, str], int] = field(default_factory=dict)
    handovers: dict[str, tuple[int, int]] = field(default_factory=dict)
    before: str = ""
    """The fixture that the mate stands before, or ""."""
    free_between: int = 9
    """Empty counters that both can reach."""
    intended: list[tuple[str, str]] = field(default_factory=list)
    """What the mate intended lately: skill, and "did", "wrong" or "open"."""
    history: list[tuple[int, str]] = field(default_factory=list)
    last_seen: int = -1
    """The last scene in which the mate is known to have done something; -1 if none is told."""
    messages: list[str] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    busy: dict[int, str] = field(default_factory=dict)

    def near(self, player: int, kind: str) -> int:
        """Steps from a player to its nearest fixture of a kind; FAR if none is within reach."""
        return min((n for name, n in self.steps.get(player, {}).items() if name.startswith(kind)), default=FAR)

    def walk(self, kind: str, to: str) -> int:
        """Steps from the nearest fixture of one kind to one of another (or to the one named)."""
        return min((n for (a, b), n in self.walks.items() if a.startswith(kind) and b.startswith(to)), default=FAR)


def read(system: str, user: str, *, drop: float = 0.0, seed: int = 0) -> Facts:
    """Read a prompt. `drop` is the share of facts overlooked: a seeded draw on scene and fact."""

    scene = re.search(r"Scene (\d+) of", user)
    draw = f"{seed}|{scene[1] if scene else ''}"

    def kept(text: str) -> bool:
        return drop <= 0 or random.Random(f"{draw}|{text}").random() >= drop

    facts = Facts()
    _read_system(system, facts)
    _read_scene(user, facts, kept)
    _read_sections(user, facts, kept)
    if "Map of the kitchen" in user and not facts.steps:
        _read_map(user, facts, kept)
    return facts


def _read_system(text: str, facts: Facts) -> None:
    facts.by_hand = "starts it" in text
    for onions, tomatoes, value, time in re.findall(
        r"^Order: (?:(\d) onions?)?(?: and )?(?:(\d) tomato(?:es)?)? pays (\d+) points and cooks (\d+) steps",
        text,
        re.M,
    ):
        facts.orders.append((int(onions or 0), int(tomatoes or 0), int(value), int(time)))
    facts.skills = re.findall(r"^- (\w+)\([^)]*\):", text, re.M)


_ITEMS = {"nothing": "", "one onion": "onion", "one tomato": "tomato", "one dish": "dish"}


def _item(words: str) -> str:
    return "soup" if words.startswith("a dish with soup") else _ITEMS.get(words, "")


def _read_scene(text: str, facts: Facts, kept: Callable[[str], bool]) -> None:
    # Lines that quote others (messages, verdicts) begin with a dash: they can neither open a scene nor fill a hand.
    found = re.search(r"^Scene (\d+) of (\d+): You are <Player (\d)>", text, re.M)
    if found:
        facts.t, facts.horizon, facts.me = int(found[1]), int(found[2]), int(found[3])
    scene = text[found.start() :] if found else text
    hands = scene.split("\n", 1)[0]
    for player, item in re.findall(
        r"<Player (\d)>(?: at [\d,]+ facing \w+)? holds ([^.]*?)(?:, which must be delivered)?\.", hands
    ):
        if int(player) != facts.me:
            facts.mate = int(player)
        if kept(f"{player} holds {item}"):
            facts.held[int(player)] = _item(item)
    standing = re.search(r"<Player \d> stands before <([^>]+)>", hands)
    if standing and kept(standing[0]):
        facts.before = standing[1]
    pots = re.search(r"^Pots: (.*)$", scene, re.M)
    for clause in pots[1].rstrip(".").split("; ") if pots else []:
        name = _TAG.search(clause)
        if name and kept(clause):
            onions, tomatoes = re.search(r"(\d) onion", clause), re.search(r"(\d) tomato", clause)
            left = re.search(r"ready in (\d+) steps", clause)
            facts.pots[name[1]] = PotFacts(
                int(onions[1]) if onions else 0,
                int(tomatoes[1]) if tomatoes else 0,
                int(left[1]) if left else 0 if "is ready" in clause else None,
            )
    counters = re.search(r"^On the counters: ([^.]*)\.", scene, re.M)
    for item, name in re.findall(
        r"((?:one \w+|a dish with soup[^>;]*?)) on <([^>]+)>", counters[1] if counters else ""
    ):
        if kept(f"{item} on {name}"):
            facts.loose.append((_item(item), name))
    free = re.search(r"^On the counters: .* Free counters within reach of both: (\d+)", scene, re.M)
    if free and kept(f"free counters {free[1]}"):
        facts.free_between = int(free[1])
    for player, places in re.findall(r"^Steps for <Player (\d)>: (.*)$", scene, re.M):
        table = facts.steps.setdefault(int(player), {})
        for name, n in _STEP.findall(places):
            if n != "out of reach" and kept(f"{player} to {name}"):
                table[name] = int(n)
    walks = re.search(r"^Walks, in steps [^:]*: (.*)$", text, re.M)
    for clause in walks[1].rstrip(".").split("; ") if walks else []:
        start, _, ends = clause.partition(" to ")
        name = _TAG.search(start)
        for end, n in _STEP.findall(ends):
            if name and kept(f"{start} to {end}"):
                facts.walks[name[1], end] = int(n)
    handing = re.search(r"^Handing over [^:]*: (.*)$", text, re.M)
    for start, _end, before, after in re.findall(
        r"<([^>]+)> to <([^>]+)> (\d+) \+ (\d+)", handing[1] if handing else ""
    ):
        if kept(f"hand {start}"):
            facts.handovers[start] = (int(before), int(after))


def _section(text: str, heading: str) -> list[str]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(heading):
            rest: list[str] = []
            for following in lines[number + 1 :]:
                if not following.startswith("- "):
                    break
                rest.append(following[2:])
            return rest
    return []


def _read_sections(text: str, facts: Facts, kept: Callable[[str], bool]) -> None:
    for line in _section(text, "What your teammate intended"):
        if not kept(line):
            continue
        skills = re.findall(r"(\w+)\(", line)
        if skills:
            verdict = "open" if line.endswith("; open") else "wrong" if "; wrong:" in line else "did"
            facts.intended.append((skills[-1], verdict))
            scene = re.match(r"scene (\d+):", line)
            if scene and verdict != "open":
                facts.last_seen = max(facts.last_seen, int(scene[1]))
    for line in _section(text, "What happened lately"):
        found = re.match(r"scene (\d+): (.*)", line)
        if found and kept(line):
            facts.history.append((int(found[1]), found[2]))
            if found[2].startswith("<Player"):
                facts.last_seen = max(facts.last_seen, int(found[1]))
    facts.messages = [line for line in _section(text, "Messages:") if kept(line)]
    rejections = _section(text, "Your last plan was checked") + _section(text, "These plans were checked")
    for line in rejections:
        found = re.match(r"(?:<Player \d>, )?(\w+)\([^)]*\): (.*)", line)
        if found:
            facts.rejected.append((found[1], found[2]))
    for player, skill in re.findall(r"^<Player (\d)> is busy with (\w+)\(", text, re.M):
        facts.busy[int(player)] = skill


@lru_cache(maxsize=16)
def _drawn(rows: tuple[str, ...]) -> Layout:
    """The kitchen of a map; kept, because it is told again with every scene."""
    return Layout("as told", rows, (), Recipes())


def _read_map(text: str, facts: Facts, kept: Callable[[str], bool]) -> None:
    """Work out the steps from the character grid, as a reader with paper and pencil would."""
    block = re.search(r"^Map of the kitchen [^\n]*\n((?:[XOTDPS ]+\n?)+)", text, re.M)
    rows = tuple(row for row in block[1].split("\n") if row) if block else ()
    if not rows or len({len(row) for row in rows}) != 1:
        return
    layout = _drawn(rows)
    names = layout.names
    lying = {name for _, name in facts.loose}
    facing = {"north": 0, "south": 1, "east": 2, "west": 3}
    poses = {
        int(player): ((int(x), int(y)), facing.get(way, 0))
        for player, x, y, way in re.findall(r"<Player (\d)> at (\d+),(\d+) facing (\w+)", text)
        if (int(x), int(y)) in layout.region
    }
    for player, pose in poses.items():
        other = next((cell for mate, (cell, _) in poses.items() if mate != player), None)
        facts.steps[player] = {
            name: n
            for cell, name in names.items()
            if (name in lying or not name.startswith("Counter"))
            and kept(f"{player} to {name}")
            and (n := layout.steps(pose, cell)) is not None
            and layout.reachable(pose[0], cell, other)
        }
    for a, b in (("O", "P"), ("T", "P"), ("D", "P"), ("P", "S")):
        for start in layout.cells(a):
            for end in layout.cells(b):
                direct = layout.between(start, end)
                if direct is not None:
                    facts.walks[names[start], names[end]] = direct
            handover = layout.handover(start, layout.cells(b))
            if handover is not None:
                facts.handovers[names[start]] = handover[1:]

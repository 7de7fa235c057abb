"""A made-up episode for the replay tests: two cooks in a real kitchen, who think, err, are corrected, and talk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from talkoot.episode import EpisodeWriter
from talkoot.events import (
    Acted,
    Believed,
    Called,
    Ended,
    Event,
    Finished,
    Noted,
    Planned,
    Saw,
    Started,
    Stepped,
    Verified,
)
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, PRIMITIVES, SOUP
from talkoot.worlds.overcooked.layout import DIRECTIONS, Layout
from talkoot.worlds.overcooked.layout_file import load_layout

HOSTILE = (
    "</script><script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>"
    "<!--\u2028\u2029 \x00 \x1b[31m \u202e ${window.pwned = 3} {{7*7}} \ud800 & &lt;b&gt;"
)
SYSTEM = (
    "You are a cook in a small kitchen and you work together with one other cook. Soups need three onions; they cook "
    "for twenty steps and are then put on a dish and delivered.\n\n"
    "Choose the skill that helps the team most. Think about what your mate intends to do before you choose, and do not "
    "do the same thing at the same time. Answer with three lines: Analysis, Intention, Plan."
)
ROUTES = {
    0: ["onion", "pot", "onion", "pot", "dish", "soup", "serve", "onion", "pot", "onion", "pot"],
    1: ["onion", "pot", "wait", "dish", "counter", *["wait"] * 6, "onion", "pot", "wait"],
}
SKILLS = {
    "onion": "pickup_onion()",
    "pot": "put_onion_in_pot()",
    "dish": "pickup_dish()",
    "soup": "fill_dish_with_soup()",
    "serve": "deliver_soup()",
    "counter": "place_obj_on_counter()",
    "wait": "wait(4)",
}


@dataclass
class _Cook:
    cell: tuple[int, int]
    route: list[str]
    facing: int = 0
    held: int = NOTHING
    begun: int = -1
    thinks: str = ""
    seen: list[str] = field(default_factory=list)


def write_story(path: Path, *, steps: int = 64, layout: str = "cramped_room", hostile: bool = True) -> Path:
    """Write the episode to `path` through EpisodeWriter and return the path."""
    buffer = io.StringIO()
    writer = EpisodeWriter(buffer)
    for event in tell(steps, load_layout(layout), hostile):
        writer(event)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(buffer.getvalue(), encoding="utf-8")
    return path


def tell(steps: int, layout: Layout, hostile: bool) -> Iterator[Event]:
    """The events of the story, in order."""
    cooks = {seat: _Cook(cell, list(ROUTES[seat])) for seat, cell in enumerate(layout.starts)}
    pot = {"cell": list(layout.pots[0]), "onions": 0, "tomatoes": 0, "tick": -1, "cook_time": 20}
    loose: dict[tuple[int, int], int] = {}

    def scene(t: int) -> dict[str, object]:
        return {
            "t": t,
            "cooks": [
                {"seat": seat, "cell": list(cook.cell), "facing": cook.facing, "held": cook.held}
                for seat, cook in cooks.items()
            ],
            "pots": [dict(pot), *({**pot, "cell": list(cell), "onions": 0, "tick": -1} for cell in layout.pots[1:])],
            "loose": [[x, y, item] for (x, y), item in sorted(loose.items())],
        }

    rows = list(layout.rows)
    setting = {"kind": "overcooked", "layout": layout.name, "rows": rows, "rules": "old", "horizon": steps}
    team = {0: "proagent@rulebook", 1: f"proagent {HOSTILE}" if hostile else "react@rulebook"}
    yield Started(f"overcooked/{layout.name}", team, 7, setting, scene(0), "0.1.0")
    score, calls, tokens = 0.0, 0, 0
    for t in range(steps):
        chosen: dict[int, str] = {}
        for seat, cook in cooks.items():
            mate = cooks[1 - seat]
            task = cook.route[0] if cook.route else "wait"
            skill = SKILLS[task]
            if cook.begun < 0:
                cook.begun = t
                for event in _think(t, seat, cook, mate, skill, hostile):
                    if isinstance(event, Called):
                        calls, tokens = calls + 1, tokens + event.prompt_tokens
                    yield event
            action = _act(t, cook, mate, task, pot, layout, loose)
            say = "I bring the dish, you fetch onions" if task == "dish" and t == cook.begun else ""
            yield Acted(t, seat, action, skill, HOSTILE if say and hostile and seat else say)
            chosen[seat] = action
        if pot["tick"] >= 0:
            pot["tick"] = min(20, pot["tick"] + 1)
        rewards, events = {0: 0.0, 1: 0.0}, []
        for seat, cook in cooks.items():
            before = cook.held
            if chosen[seat] == "interact":
                rewards[seat] = _interact(cook, pot, layout, loose)
            elif chosen[seat] in PRIMITIVES[:4]:
                cook.facing = PRIMITIVES.index(chosen[seat])
                ahead = _ahead(cook)
                if ahead in layout.region and ahead != cooks[1 - seat].cell:
                    cook.cell = ahead
            task = cook.route[0] if cook.route else "wait"
            if cook.held != before or (task == "wait" and t - cook.begun >= 3):
                mate = cooks[1 - seat]
                deed = SKILLS[task]
                if mate.thinks:
                    yield Believed(t + 1, 1 - seat, seat, mate.thinks, deed, mate.thinks == deed)
                    mate.thinks = ""
                if task == "counter":
                    judged = (("a soup is cooking", False, "nothing cooks"),)
                    yield Verified(t + 1, seat, deed, False, "precondition check", judged, "nobody needs it")
                yield Finished(t + 1, seat, deed, task != "counter", "nobody needs it" if task == "counter" else "")
                cook.route, cook.begun = cook.route[1:], -1
            if rewards[seat]:
                events.append(f"soup_delivery:{seat}")
        score += sum(rewards.values())
        yield Stepped(t + 1, rewards, scene(t + 1), t + 1 == steps, {"shaped": {"0": 0, "1": 0}, "events": events})
    yield Ended(steps, score, calls, tokens, 40 * calls)


def _think(t: int, seat: int, cook: _Cook, mate: _Cook, skill: str, hostile: bool) -> Iterator[Event]:
    words = (
        f"Step {t} of the episode. You are player {seat}. You hold {'nothing' if not cook.held else 'something'}. "
        f"You stand at {cook.cell}; the other cook stands at {mate.cell}.\n\nThe pot is on the stove."
    )
    guess = SKILLS[mate.route[0]] if mate.route and t % 3 else SKILLS["dish"]
    cook.thinks = guess
    yield Saw(t, seat, words)
    for attempt in range(2 if t % 5 == 4 or t == 0 else 1):
        wrong = attempt == 0 and (t % 5 == 4 or t == 0)
        proposed = "deliver_soup()" if wrong else skill
        reply = (
            f"Analysis: the pot needs onions and {'<b>I</b>' if hostile else 'I'} am closest to them.\n"
            f"Intention: the other cook will {guess}.\nPlan: {proposed}"
        ) + (HOSTILE if hostile and wrong else "")
        history = () if not attempt else (("assistant", "Plan: deliver_soup()"), ("user", "You hold no soup."))
        yield Called(
            t, seat, "overcooked/plan", "rulebook", f"{t}{seat}{attempt}" * 8,
            (("system", SYSTEM), ("user", words), *history), reply, 412, 38,
        )  # fmt: skip
        if attempt == 0:
            yield Believed(t, seat, 1 - seat, guess)
        yield Planned(t, seat, proposed, "the pot needs onions and I am closest to them", guess, attempt)
        yield Verified(
            t, seat, proposed, not wrong, "precondition check",
            (
                ("you hold a soup" if wrong else "your hands are free", not wrong, "you hold nothing"),
                ("the serving cell can be reached", True, "it is 3 steps away"),
            ),
            "you hold nothing that could be delivered" if wrong else "",
        )  # fmt: skip
        if not wrong and t % 7 == 3:
            yield Verified(t, seat, proposed, True, "double check", (), "")
    if t == 0 and seat == 1:
        yield Noted(t, seat, "reasked", "the first reply named no skill" + (HOSTILE if hostile else ""))


def _act(t: int, cook: _Cook, mate: _Cook, task: str, pot: dict, layout: Layout, loose: dict) -> str:
    kinds = {"onion": "O", "pot": "P", "dish": "D", "soup": "P", "serve": "S", "counter": "X"}
    if task == "wait":
        return PRIMITIVES[(t // 2) % 4]  # stroll, so as not to stand in the way for good
    targets = [
        cell
        for cell in layout.cells(kinds[task])
        if cell not in loose and ((task != "pot" and task != "soup") or list(cell) == pot["cell"])
    ]
    far = 999
    pose = (cook.cell, cook.facing)
    near = min(targets, key=lambda cell: far if (n := layout.steps(pose, cell)) is None else n)
    best = layout.steps(pose, near)
    if best == 0:
        return "stay" if task == "soup" and pot["tick"] < 20 else "interact"
    for index, (dx, dy) in enumerate(DIRECTIONS):
        ahead = (cook.cell[0] + dx, cook.cell[1] + dy)
        if ahead == mate.cell:
            continue
        after = layout.steps((ahead if ahead in layout.region else cook.cell, index), near)
        if after is not None and best is not None and after < best:
            return PRIMITIVES[index]
    return PRIMITIVES[t % 4]


def _ahead(cook: _Cook) -> tuple[int, int]:
    dx, dy = DIRECTIONS[cook.facing]
    return cook.cell[0] + dx, cook.cell[1] + dy


def _interact(cook: _Cook, pot: dict, layout: Layout, loose: dict) -> float:
    ahead = _ahead(cook)
    kind = layout.at(ahead)
    if kind in "OD" and cook.held == NOTHING:
        cook.held = ONION if kind == "O" else DISH
    elif kind == "P" and cook.held == ONION and pot["onions"] < 3:
        cook.held, pot["onions"] = NOTHING, pot["onions"] + 1
        if pot["onions"] == 3:
            pot["tick"] = 0
    elif kind == "P" and cook.held == DISH and pot["tick"] >= 20:
        cook.held = SOUP + 3
        pot["onions"], pot["tick"] = 0, -1
    elif kind == "S" and cook.held >= SOUP:
        cook.held = NOTHING
        return 20.0
    elif kind == "X" and cook.held and ahead not in loose:
        loose[ahead], cook.held = cook.held, NOTHING
    return 0.0

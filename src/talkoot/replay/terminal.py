"""The same episode in the terminal: the world as coloured characters, and what each agent is about.

`Onlooker` takes events as they come, from a file or from a game that is being played, and `frame` draws the moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from talkoot.episode import Episode
from talkoot.events import Acted, Believed, Event, Finished, Judged, Noted, Planned, Started, Stepped, Verified
from talkoot.replay.household import draw_household, tell_household
from talkoot.replay.printable import SEAT_COLOURS, clean
from talkoot.types import Json, Seat

STEPS_PER_SECOND = 4.0

_FACING = {0: "▲", 1: "▼", 2: "▶", 3: "◀"}
_ITEMS = {0: ("", ""), 1: ("onion", "yellow"), 2: ("tomat", "red"), 3: ("dish", "white")}
_TILES = {"X": ("", ""), "O": ("ooo", "onion"), "T": ("ttt", "tomat"), "D": ("(_)", "dish"), "S": (">>>", "serve")}
_WIDE = 7  # characters of one cell; it is two lines high


@dataclass
class Mind:
    """What one seat is about now, in the words of its own record."""

    seat: Seat
    team: str
    skill: str = ""
    since: int = 0
    outcome: str = ""
    analysis: str = ""
    about: Seat | None = None
    expects: str = ""
    actual: str = ""
    correct: bool | None = None
    refused: str = ""
    action: str = ""
    said: str = ""
    said_at: int = -99
    note: str = ""


@dataclass
class Onlooker:
    """Follows an episode event by event (call it with each) and can draw the moment at any time with `frame`."""

    started: Started | None = None
    scene: Json = None
    t: int = 0
    score: float = 0.0
    done: bool = False
    minds: dict[Seat, Mind] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Started):
            self.started, self.scene = event, event.scene
            self.minds = {seat: Mind(seat, team) for seat, team in sorted(event.team.items())}
        elif isinstance(event, Stepped):
            self.t, self.scene, self.done = event.t, event.scene, event.done
            self.score += sum(event.rewards.values())
        else:
            mind = self.minds.get(getattr(event, "seat", -1))
            if mind is not None:
                _take_in(mind, event)

    def frame(self) -> RenderableType:
        """Draw the moment; an empty text before the first event."""
        if self.started is None:
            return Text()
        return frame(self.started, self.scene, self.t, self.score, list(self.minds.values()))


def _take_in(mind: Mind, event: Event) -> None:
    if isinstance(event, Planned):
        if event.attempt == 0:
            mind.refused = mind.note = ""
        mind.skill, mind.since, mind.analysis, mind.outcome = event.skill, event.t, event.analysis, ""
        if event.problem:
            mind.refused = event.problem
    elif isinstance(event, Verified | Judged):
        mind.refused = "" if event.ok else f"{event.skill}: {event.reason or 'refused'}"
    elif isinstance(event, Finished):
        mind.outcome = "done" if event.done else f"failed: {event.reason}"
    elif isinstance(event, Believed):
        mind.about, mind.expects, mind.actual, mind.correct = event.about, event.intention, event.actual, event.correct
    elif isinstance(event, Acted):
        mind.action, mind.skill = event.action, event.skill or mind.skill
        if event.say:
            mind.said, mind.said_at = event.say, event.t
    elif isinstance(event, Noted):
        mind.note = f"{event.what} {event.text}".strip()


def frame(started: Started, scene: Json, t: int, score: float, minds: Sequence[Mind]) -> RenderableType:
    """Draw one moment of an episode; `play --watch` calls it while the game goes on."""
    setting = started.setting if isinstance(started.setting, Mapping) else {}
    kind, last = str(setting.get("kind")), setting.get("horizon") or setting.get("limit")
    name, value = TALLIES[kind](started.setting, scene) if kind in TALLIES else ("score", f"{score:g}")
    head = Text.assemble(
        (clean(started.world, 60), "bold"), f"   step {t}", (f" / {clean(str(last), 12)}" if last else "", "dim"),
        f"   {name} ", (value, "bold green" if score else "bold"),
    )  # fmt: skip
    picture = _picture(kind, started.setting, scene)
    cards = Group(*(_card(mind, t) for mind in minds))
    return Panel(
        _Beside(picture, cards), title=head, title_align="left", box=box.ROUNDED, padding=(1, 2), border_style="dim"
    )


def _picture(kind: str, setting: Json, scene: Json) -> Text:
    """The scene drawn after its kind. One that nobody can draw, or that lacks what its kind has, as it was recorded."""
    try:
        return DRAWINGS[kind](setting, scene)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Text(clean(repr(scene), 2000))


@dataclass
class _Beside:
    """Two things side by side where there is room for both, else one below the other."""

    left: RenderableType
    right: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if console.measure(self.left, options=options).maximum + 40 > options.max_width:
            yield self.left
            yield self.right
            return
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(self.left, self.right)
        yield grid


def _card(mind: Mind, t: int) -> RenderableType:
    colour = SEAT_COLOURS[mind.seat % len(SEAT_COLOURS)]
    lines = Table.grid(padding=(0, 1))
    lines.add_column(style="dim", width=8)
    lines.add_column(overflow="fold")
    skill = Text(clean(mind.skill or "not yet begun", 60), style="bold")
    if mind.outcome:
        skill.append(f"  {clean(mind.outcome, 60)}", style="green" if mind.outcome == "done" else "red")
    elif mind.skill:
        skill.append(f"  since step {mind.since}", style="dim not bold")
    lines.add_row("skill", skill)
    lines.add_row("thinks", Text(clean(mind.analysis, 140)))
    guess = Text()
    if mind.about is not None:
        guess.append(f"seat {mind.about}: {clean(mind.expects or 'nothing', 50)}")
        if mind.actual:
            right = bool(mind.correct)
            guess.append(f"  {'✓' if right else '✗'} did {clean(mind.actual, 50)}", style="green" if right else "red")
    lines.add_row("expects", guess)
    trouble = Text(clean(mind.refused), style="red")
    if mind.note:
        trouble.append(f"{'; ' if mind.refused else ''}{clean(mind.note)}", style="yellow")
    lines.add_row("refused", trouble)
    lines.add_row("does", Text(clean(mind.action or "-", 40)))
    if mind.said:
        fresh = t - mind.said_at < 12
        lines.add_row("said", Text(f"“{clean(mind.said, 90)}”", style=colour if fresh else "dim"))
    title = Text.assemble((f" {mind.seat} ", f"bold white on {colour}"), f" {clean(mind.team, 50)}")
    return Panel(lines, title=title, title_align="left", border_style=colour, box=box.ROUNDED, expand=True)


def _draw_overcooked(setting: Json, scene: Json) -> Text:
    """The kitchen, each cell two lines high: what it is, and below it what lies, cooks or is carried there."""
    loose = {(x, y): code for x, y, code in scene.get("loose", [])}
    pots = {tuple(pot["cell"]): pot for pot in scene.get("pots", [])}
    cooks = {tuple(cook["cell"]): cook for cook in scene.get("cooks", [])}
    text = Text()
    for y, row in enumerate(setting["rows"]):
        cells = [_cell(kind, cooks.get((x, y)), pots.get((x, y)), loose.get((x, y), 0)) for x, kind in enumerate(row)]
        for line in (0, 1):
            for (upper, lower), style in cells:
                text.append((upper, lower)[line].center(_WIDE)[:_WIDE], style=style)
            text.append("\n")
    text.right_crop(1)
    return text


def _cell(kind: str, cook: Json, pot: Json, loose: int) -> tuple[tuple[str, str], str]:
    if cook is not None:
        colour = SEAT_COLOURS[cook["seat"] % len(SEAT_COLOURS)]
        return (f"{_FACING.get(cook['facing'], '?')} {cook['seat']}", _item(cook["held"])), f"bold white on {colour}"
    if pot is not None:
        inside = ("o" * pot["onions"] + "t" * pot["tomatoes"]).ljust(3, "_")
        if pot["tick"] < 0:
            return (f"[{inside}]", "pot"), "white on grey30"
        if pot["tick"] >= pot["cook_time"]:
            return (f"[{inside}]", "READY"), "bold black on green3"
        return (f"[{inside}]", f"{pot['tick']}/{pot['cook_time']}"), "bold black on orange1"
    if kind == " ":
        return ("", ""), "on grey82"
    if kind == "S":
        return _TILES["S"], "bold white on dark_cyan"
    if loose:
        return ("", _item(loose)), "bold black on tan"
    style = {"O": "bold yellow on orange4", "T": "bold red1 on orange4", "D": "bold white on orange4"}.get(kind)
    return _TILES.get(kind, (kind, "")), style or "on tan"


def _item(code: int) -> str:
    if code >= 16:
        return "soup" if code == 19 else "o" * ((code - 16) % 4) + "t" * ((code - 16) // 4) + "~"
    return _ITEMS.get(code, ("?", ""))[0]


DRAWINGS: dict[str, Callable[[Json, Json], Text]] = {"overcooked": _draw_overcooked, "household": draw_household}
"""How to draw a scene, by the `kind` of the setting."""

TALLIES: dict[str, Callable[[Json, Json], tuple[str, str]]] = {"household": tell_household}
"""What to tell above the picture instead of the score, by the `kind` of the setting: what it is, and how much."""


def watch(
    episode: Episode, console: Console, speed: float = 1.0, sleep: Callable[[float], None] = time.sleep
) -> Onlooker:
    """Show a recorded episode step by step, four steps a second times `speed`; Ctrl-C ends the show.

    Returns the onlooker with what it saw last. A speed of 0 or less shows every step without waiting.
    """
    onlooker = Onlooker()
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        try:
            for event in episode.events:
                onlooker(event)
                if isinstance(event, Started | Stepped):
                    live.update(onlooker.frame(), refresh=True)
                    if speed > 0:
                        sleep(1 / (STEPS_PER_SECOND * speed))
        except KeyboardInterrupt:
            pass
        live.update(onlooker.frame(), refresh=True)
    return onlooker

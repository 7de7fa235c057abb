"""A plan over time, one lane for each agent, time running down: as a picture or as a page that needs nothing else.

Who does a step is the argument of the agents' type; steps wait for one another only where the de-ordered plan says so
(`talkoot.planning.plans.order`). Gaps of time are drawn at least one line high and at most four, so that long and short
steps both stay readable; the times stand beside them.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.order import GOAL, START, Link, Schedule, Slot, lanes, links
from talkoot.planning.plans.tell import Told, fact_words, spoken, tell
from talkoot.problem import Atom, Problem

AGENTS = ("agent", "robot", "worker", "player", "person", "human", "driver", "rover", "satellite", "drone", "truck",
          "vehicle", "hoist", "crane", "gripper", "hand", "arm")  # fmt: skip
"""Words in the name of a type by which it is taken for that of the agents, the most telling first."""

ENDINGS = (".html", ".png", ".svg", ".pdf")
COLOURS = ("#4477aa", "#ee6677", "#228833", "#aa7700", "#aa3377", "#0088a8", "#775599", "#667766")
EVERYONE = "all"


@dataclass(frozen=True)
class Timeline:
    """What is drawn: who does what when, each step in words with its reason, the causal links, and their facts in
    words by link."""

    title: str
    schedule: Schedule
    told: tuple[Told, ...]
    links: tuple[tuple[Link, str], ...]


def make_timeline(
    domain: Domain,
    problem: Problem,
    plan: Sequence[Atom],
    phrases: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
    agents: str | None = None,
) -> Timeline:
    """Lay out a valid plan. `agents` is the type of those who act; guessed where it is None.

    Raises InvalidPlan for a plan that is not valid, BadInput for an unknown type.
    """
    schedule = lanes(domain, problem, plan, agent_of(domain, problem, agents))
    words = tuple(
        (link, fact_words(domain, link.fact, facts or {}, link.wanted)) for link in links(domain, problem, plan)
    )
    return Timeline(problem.name, schedule, tuple(tell(domain, problem, plan, phrases, facts)), words)


def draw(
    domain: Domain,
    problem: Problem,
    plan: Sequence[Atom],
    path: Path,
    phrases: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
    agents: str | None = None,
) -> Path:
    """Lay out a valid plan and write it as a page or picture: `make_timeline`, then `write_timeline`."""
    return write_timeline(make_timeline(domain, problem, plan, phrases or {}, facts, agents), path)


def agent_of(domain: Domain, problem: Problem, agents: str | None = None) -> Callable[[Atom], str]:
    """A function from a step to its agent: the first argument whose parameter is of the type `agents`.

    Without a type, the one with a telling name (`AGENTS`) that most actions have as a parameter; "all" where an action
    has none. Raises BadInput if the domain has no such type.
    """
    if agents is not None and agents not in (*domain.types, "object"):
        known = ", ".join(domain.types) or "none"
        raise BadInput(f"the domain {domain.name} has no type {agents!r}; its types are {known}")
    kind = agents or _guess(domain)
    places: dict[str, int] = {}
    for name, action in domain.actions.items():
        for place, (_, types) in enumerate(action.parameters, 1):
            if kind is not None and all(domain.is_a(one, (kind,)) for one in types):
                places[name] = place
                break
    return lambda step: step[places[step[0]]] if step[0] in places else EVERYONE


def write_timeline(timeline: Timeline, path: Path) -> Path:
    """Write a page (.html) or a picture (.png, .svg, .pdf) and return its path. Raises BadInput for other endings."""
    if path.suffix.lower() not in ENDINGS:
        raise BadInput(f"{path} has none of the endings {', '.join(ENDINGS)}; name a file such as plan.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    if path.suffix.lower() == ".html":
        half.write_text(page(timeline), encoding="utf-8")
    else:
        _picture(timeline, half, path.suffix.lower()[1:])
    half.replace(path)
    return path


def page(timeline: Timeline) -> str:
    """The page as HTML. All names are data: they travel as JSON in an inert element, and the policy of the page allows
    its own style and script and no request."""
    rows = _Rows(timeline.schedule)
    names = list(timeline.schedule.lanes)
    data = {
        "title": timeline.title,
        "lanes": [spoken(name) for name in names],
        "times": [[time, row] for time, row in rows.items()],
        "makespan": timeline.schedule.makespan,
        "steps": [
            {
                "step": slot.step, "lane": lane, "from": rows.at(slot.start), "to": rows.at(slot.end),
                "start": slot.start, "end": slot.end, "words": timeline.told[slot.step - 1].words,
                "because": timeline.told[slot.step - 1].because, "useless": timeline.told[slot.step - 1].useless,
                "goal": slot.step in _reaching(timeline), "action": " ".join(slot.action),
            }
            for lane, name in enumerate(names) for slot in timeline.schedule.lanes[name]
        ],
        "links": [[link.producer, link.consumer, words] for link, words in timeline.links if link.producer != START],
    }  # fmt: skip
    folder = resources.files(__package__)
    template, style, script = (
        (folder / f"timeline.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
    )
    policy = f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:"
    text = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    holes = {
        "title": html.escape(timeline.title).replace("{", "&#123;"),
        "policy": policy,
        "style": style,
        "script": script,
        "data": text,
    }
    for name, value in holes.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def _guess(domain: Domain) -> str | None:
    """The type of the agents, by name and by how many actions have it as a parameter."""
    best: tuple[int, int, str] | None = None
    for kind in domain.types:
        rank = next((place for place, word in enumerate(AGENTS) if word in kind), None)
        if rank is None:
            continue
        uses = sum(
            any(all(domain.is_a(one, (kind,)) for one in types) for _, types in action.parameters)
            for action in domain.actions.values()
        )
        if uses and (best is None or (-uses, rank, kind) < best):
            best = (-uses, rank, kind)
    return best[2] if best else None


class _Rows(dict[float, float]):
    """The height, in lines, at which each time at which something begins or ends is drawn."""

    def __init__(self, schedule: Schedule) -> None:
        ends = {time for lane in schedule.lanes.values() for slot in lane for time in (slot.start, slot.end)}
        times = sorted({_instant(time) for time in {0.0, *ends}})
        shortest = min((later - time for time, later in pairwise(times)), default=1.0)
        super().__init__({times[0]: 0.0})
        for time, later in pairwise(times):
            self[later] = self[time] + min(4.0, (later - time) / shortest)

    def at(self, time: float) -> float:
        """The height of a time of the schedule."""
        return self[_instant(time)]


def _instant(time: float) -> float:
    """A time as it is compared: sums of fractions that differ only by rounding are the same."""
    return round(time, 6)


def _reaching(timeline: Timeline) -> set[int]:
    return {link.producer for link, _ in timeline.links if link.consumer == GOAL}


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _picture(timeline: Timeline, path: Path, kind: str) -> None:
    """Draw the picture with matplotlib, without a window and without touching the state of pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, names = _Rows(timeline.schedule), list(timeline.schedule.lanes) or [EVERYONE]
    height = max(rows.values()) or 1.0
    longest = max((len(one.words) for one in timeline.told), default=10)
    width = min(5.2, max(2.2, 0.9 + 0.066 * longest))
    line = min(0.34, 180 / height)
    figure = Figure(figsize=(max(4.6, 1.0 + width * len(names)), 1.15 + line * height), layout=None, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    inches = figure.get_size_inches()
    axes.set_xlim(0, float(inches[0]))
    axes.set_ylim(float(inches[1]), 0)
    top, left = 0.95, 0.75
    steps, makespan = len(timeline.told), timeline.schedule.makespan
    title = timeline.title if len(timeline.title) < 9 * inches[0] else timeline.title[: int(9 * inches[0]) - 2] + "…"
    axes.text(0.12, 0.26, title, parse_math=False, fontsize=12, weight="bold", va="center", color="#222222")
    summary = f"{steps} step{'s' * (steps != 1)}, done at time {makespan:g}"
    axes.text(0.12, 0.5, f"{summary}; a dot marks what the goal asks for", fontsize=8, va="center", color="#666666")
    for time, row in rows.items():
        y = top + row * line
        axes.plot([left - 0.08, float(inches[0]) - 0.1], [y, y], color="#e6e6e6", lw=0.6, zorder=0)
        axes.text(left - 0.14, y, f"{time:g}", fontsize=7, ha="right", va="center", color="#888888")
    boxes: dict[int, tuple[float, float, float, float]] = {}
    for lane, name in enumerate(names):
        x = left + lane * width
        colour = COLOURS[lane % len(COLOURS)]
        axes.text(
            x + 0.05, top - 0.16, spoken(name), parse_math=False, fontsize=9, weight="bold", color=colour, va="center"
        )
        for slot in timeline.schedule.lanes.get(name, ()):
            y, tall = top + rows.at(slot.start) * line, (rows.at(slot.end) - rows.at(slot.start)) * line
            boxes[slot.step] = (x, y, width - 0.42, tall)
            _box(axes, timeline, slot, boxes[slot.step], colour)
    _arcs(axes, timeline, boxes)
    figure.savefig(path, format=kind, dpi=min(120.0, 60_000 / float(max(inches))))


def _box(axes: Any, timeline: Timeline, slot: Slot, box: tuple[float, float, float, float], colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y, wide, tall = box
    told = timeline.told[slot.step - 1]
    pad = min(0.03, tall / 8)
    axes.add_patch(
        FancyBboxPatch(
            (x + pad, y + pad), wide - 2 * pad, tall - 2 * pad, boxstyle=f"round,pad=0,rounding_size={pad * 1.6}",
            facecolor="#f4f4f4" if told.useless else _pale(colour), edgecolor="#bbbbbb" if told.useless else colour,
            lw=0.8, linestyle="--" if told.useless else "-", zorder=2,
        )
    )  # fmt: skip
    size = min(8.0, tall * 72 * 0.55)
    letters = max(8, int((wide - 0.5) * 72 / (size * 0.52)))
    room = max(1, int(tall * 72 / (size * 1.3)))
    text = textwrap.wrap(told.words, letters) or [""]
    if len(text) > room:
        text = [*text[: room - 1], textwrap.shorten(" ".join(text[room - 1 :]), letters, placeholder=" …")]
    ink = "#999999" if told.useless else "#222222"
    axes.text(x + 0.33, y + tall / 2, f"{slot.step}", fontsize=size, ha="right", va="center", color=ink, weight="bold")
    axes.text(x + 0.42, y + tall / 2, "\n".join(text), fontsize=size, va="center", color=ink, parse_math=False,
              style="italic" if told.useless else "normal", zorder=3)  # fmt: skip
    if slot.step in _reaching(timeline):
        axes.plot([x + wide - 0.1], [y + tall / 2], "o", color=colour, ms=min(4.0, size / 2), zorder=3)


def _pale(colour: str) -> str:
    """A colour with much white in it, which covers what lies below."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.14 * (255 - part)):02x}" for part in parts)


def _arcs(axes: Any, timeline: Timeline, boxes: Mapping[int, tuple[float, float, float, float]]) -> None:
    """Draw who waits for whom: beside the lane within it, across from lane to lane; not for direct neighbours."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Bezier

    place = {slot.step: (lane, order) for lane, slots in enumerate(timeline.schedule.lanes.values())
             for order, slot in enumerate(slots)}  # fmt: skip
    for first, second in sorted({(link.producer, link.consumer) for link, _ in timeline.links}):
        if first == START or second == GOAL:
            continue
        (lane, order), (other, later) = place[first], place[second]
        x, y, wide, tall = boxes[first]
        to_x, to_y, to_wide, to_tall = boxes[second]
        begin, end = y + tall * 0.75, to_y + to_tall * 0.3
        if lane == other:
            if later == order + 1:
                continue
            out = x + wide + min(0.42, 0.14 + (end - begin) / 9)
            points = [(x + wide, begin), (out, begin), (out, end), (x + wide, end)]
        elif lane < other:
            points = [(x + wide, begin), (x + wide + 0.35, begin), (to_x - 0.35, end), (to_x, end)]
        else:
            points = [(x, begin), (x - 0.35, begin), (to_x + to_wide + 0.35, end), (to_x + to_wide, end)]
        axes.add_patch(
            FancyArrowPatch(
                path=Bezier(points, [Bezier.MOVETO, Bezier.CURVE4, Bezier.CURVE4, Bezier.CURVE4]), arrowstyle="-|>",
                mutation_scale=5, lw=0.7, alpha=0.75, zorder=1, color=COLOURS[lane % len(COLOURS)], fill=False,
            )
        )  # fmt: skip

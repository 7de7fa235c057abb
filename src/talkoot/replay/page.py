"""The replay page: episodes, style and script in one HTML file that asks nobody for anything.

Everything in a record is hostile until shown otherwise. The record travels as JSON in an inert script element with the
characters escaped that could end it, the script writes it to the page as text only, and a content security policy
allows this very style and this very script (by hash) and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from importlib import resources
from pathlib import Path

from talkoot.episode import Episode, read_episode
from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Called, Event, Saw, Started
from talkoot.replay.judged import Labels, read_labels
from talkoot.run import Run
from talkoot.types import Json

SCRIPTS = (
    "model.js", "draw.js", "kitchen.js", "things.js", "furniture.js", "floorplan.js", "people.js", "household.js",
    "worlds.js", "timeline.js", "dialogue.js", "cards.js", "panel.js", "page.js",
)  # fmt: skip
"""The page's script by concern; the files are joined in this order into one scope."""

STYLES = ("page.css", "household.css")
"""The page's style; the files are joined in this order."""

LIMIT = 48_000_000
"""The most bytes of record in one page (browsers open it within about a second); more must be chosen from."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def episode_files(source: Path) -> dict[str, Path]:
    """Find the episodes of a run folder (or the one of an episode file) by id.

    Raises BadInput if there is nothing at `source` or the run has no episodes, CorruptRecord if it is no run folder.
    """
    if source.is_file():
        return {source.stem: source}
    if not source.is_dir():
        raise BadInput(f"there is no run at {source}; give a run folder or an episode file (.jsonl)")
    if (source / "run.json").exists():
        Run.read(source)  # complains about a header that cannot be read
    if not (source / "episodes").is_dir():
        if (source / "run.json").exists():
            raise BadInput(f"the run {source} has no episodes yet; play it first, then ask for the replay again")
        raise CorruptRecord(f"{source} is no run folder: it has neither run.json nor episodes/; give another folder")
    found = {path.stem: path for path in sorted((source / "episodes").glob("*.jsonl"))}
    if not found:
        raise BadInput(f"the run {source} has no episodes yet; play it first, then ask for the replay again")
    return found


def choose_episodes(source: Path, wanted: Sequence[str] | None = None) -> dict[str, Path]:
    """The episode files with the wanted ids, in that order; all of them for None. Raises BadInput for unknown ids."""
    found = episode_files(source)
    if wanted is None:
        return found
    for name in wanted:
        if name not in found:
            raise BadInput(f"{source} has no episode {name!r}; it has {_listed(list(found))}")
    return {name: found[name] for name in wanted}


def write_page(source: Path, out: Path, episodes: Sequence[str] | None = None) -> Path:
    """Write the replay of a run folder or an episode file as one HTML file at `out` and return `out`.

    `episodes` are the ids to show, None shows all. The file is replaced in one move, so that a reader never meets half
    of it. Labels of decisions that lie beside an episode (see `judged`) are shown with it. Raises BadInput if there is
    nothing to show or too much for one page, or for labels of another record; CorruptRecord for a broken file.
    """
    texts: dict[str, int] = {}
    parts: list[str] = []
    size = 0
    files = choose_episodes(source, episodes)
    for name, path in files.items():
        parts.append(_to_json(_pack(name, read_episode(path), texts, read_labels(path))))
        size += len(parts[-1])
        if size + sum(map(len, texts)) > LIMIT:
            raise BadInput(
                f"the {len(files)} episodes of {source} are too much for one page (over {LIMIT // 1_000_000} MB); "
                f"choose with --episode, which may repeat: {_listed(list(files))}"
            )
    name = source.stem if source.is_file() else source.resolve().name
    data = f'{{"run":{_to_json(name)},"texts":{_to_json(list(texts))},"episodes":[{",".join(parts)}]}}'
    page = build_page(data)
    out.parent.mkdir(parents=True, exist_ok=True)
    half = out.with_name(out.name + ".part")
    half.write_text(page, encoding="utf-8")
    half.replace(out)
    return out


def build_page(data: str) -> str:
    """Join template, style, script and record (JSON that `_to_json` has escaped) into one page."""
    folder = resources.files(__package__)
    template = (folder / "page.html").read_text(encoding="utf-8")
    style, code = (
        "\n".join((folder / name).read_text(encoding="utf-8") for name in names) for names in (STYLES, SCRIPTS)
    )
    script = f'(() => {{\n"use strict";\n{code}\n}})();\n'
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = template.replace("{{policy}}", policy).replace("{{style}}", style).replace("{{script}}", script)
    head, tail = page.split("{{data}}")
    return head + data + tail


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _to_json(value: Json) -> str:
    """JSON that cannot end the element it sits in, and that is valid UTF-8 even with half a surrogate pair inside."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise CorruptRecord(f"the record holds a number that is none ({error}); play the episode again") from error
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _pack(name: str, episode: Episode, texts: dict[str, int], labels: Labels | None) -> Json:
    """One episode as the page reads it: long texts as lists of numbers into `texts`, default fields left out."""
    started = episode.started
    ended = episode.ended
    return {
        "id": name,
        "world": started.world,
        "team": started.team,
        "seed": started.seed,
        "version": started.version,
        "setting": started.setting,
        "scene": started.scene,
        "score": episode.score,
        "complete": ended is not None,
        "tokens": [ended.calls, ended.prompt_tokens, ended.completion_tokens] if ended else None,
        "labels": _pack_labels(labels) if labels else None,
        "events": [_pack_event(event, texts) for event in episode.events if not isinstance(event, Started)],
    }


def _pack_labels(labels: Labels) -> Json:
    return {
        "rule": labels.rule,
        "horizon": labels.about.get("horizon"),
        "decisions": [
            {
                "seat": one.seat, "t": one.t, "end": one.end, "what": one.what, "label": one.label,
                "q": [s / n for n, s in zip(one.tries, one.successes, strict=True)],
                "tries": one.tries, "points": one.points,
            }
            for one in labels.decisions
        ],
    }  # fmt: skip


def _pack_event(event: Event, texts: dict[str, int]) -> Json:
    packed: dict[str, Json] = {"kind": event.kind}
    for field in fields(event):
        value = getattr(event, field.name)
        empty = field.default if field.default_factory is MISSING else field.default_factory()
        if field.name != "kind" and value != empty:
            packed[field.name] = value
    if isinstance(event, Saw):
        packed["words"] = _number(event.words, texts)
    elif isinstance(event, Called):
        packed["messages"] = [[role, _number(content, texts)] for role, content in event.messages]
    return packed


def _number(text: str, texts: dict[str, int]) -> list[int]:
    """The paragraphs of a text as places in `texts`, where each stands once."""
    return [texts.setdefault(paragraph, len(texts)) for paragraph in text.split("\n\n")]

"""Labels of an episode's decisions, in a file beside the episode's: the record itself stays as it was written.

    NAME.jsonl             the episode
    NAME.decisions.json    its decisions with counts and labels, made by `talkoot judge decisions`

The file names the record by its SHA-256, so that labels of another game are never shown.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from talkoot.disk import named
from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Json, Seat

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Labelled:
    """A decision of `seat` from step `t` until `end`, and what rollouts say of it.

    `tries` and `successes` are those before and after it, `points` the mean points behind them. `label` is +1, -1, or
    0 where the rule gives none.
    """

    seat: Seat
    t: int
    end: int
    what: str
    tries: tuple[int, int]
    successes: tuple[int, int]
    points: tuple[float, float]
    label: int


@dataclass(frozen=True)
class Labels:
    """All labels of an episode, and how they came about: `rule`, and in `about` whatever else a reader should know."""

    rule: str
    about: dict[str, Json]
    decisions: tuple[Labelled, ...]


def labels_file(episode: Path) -> Path:
    """Where the labels of an episode file lie."""
    return episode.with_suffix(".decisions.json")


def write_labels(episode: Path, labels: Labels) -> Path:
    """Write the labels beside the episode, in one move, and return where."""
    path = labels_file(episode)
    value = {"format": _FORMAT, "episode": _digest(episode), **asdict(labels)}
    half = path.with_name(path.name + ".part")
    with named(half):
        half.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(half, path)
    return path


def read_labels(episode: Path) -> Labels | None:
    """The labels beside an episode file, None if there are none.

    Raises BadInput for labels of another record, CorruptRecord for a file that holds no labels.
    """
    path = labels_file(episode)
    if not path.exists():
        return None
    try:
        value = json.loads(path.read_bytes())
        if value["format"] != _FORMAT:
            raise ValueError(f"format {value['format']!r}")
        of = value["episode"]
        labels = Labels(str(value["rule"]), dict(value["about"]), tuple(_read(one) for one in value["decisions"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptRecord(f"{path} holds no labels of decisions ({error}); delete it, or label again") from error
    if of != _digest(episode):
        raise BadInput(
            f"{path} labels another record than {episode.name} is now; run talkoot judge decisions {episode} again, or "
            "delete it"
        )
    return labels


def _read(one: Json) -> Labelled:
    before, after = ((int(n), int(s)) for n, s in zip(one["tries"], one["successes"], strict=True))
    points = float(one["points"][0]), float(one["points"][1])
    if not all(0 <= s <= n and n > 0 for n, s in (before, after)) or not all(map(math.isfinite, points)):
        raise ValueError(f"counts {one['successes']} of {one['tries']}")
    return Labelled(
        int(one["seat"]), int(one["t"]), int(one["end"]), str(one["what"]), (before[0], after[0]),
        (before[1], after[1]), points, int(one["label"]),
    )  # fmt: skip


def _digest(episode: Path) -> str:
    return hashlib.sha256(episode.read_bytes()).hexdigest()

"""A person's own clips with their scores, listed in a CSV file, as folds to learn from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.clip.extractor import Extractor, Plugins
from talkoot.sentiment.clip.features import Clip, Recording, clip_samples, record
from talkoot.sentiment.clip.subtitles import Word, read_words
from talkoot.sentiment.learner import Say, quiet
from talkoot.sentiment.samples import Folds, Samples, Task

FOLDS = ("train", "valid", "test")
COLUMNS = ("id", "media", "words", "faces", "start", "end", "fold", "score")
"""What a list of clips may have for columns, beside the names of emotions."""


@dataclass(frozen=True)
class _Row:
    place: str
    id: str
    media: Path | None
    words: Path | None
    faces: Path | None
    start: float
    end: float
    fold: str
    label: tuple[float, ...]


def clips(
    path: Path, extractor: Extractor, plugins: Plugins | None = None, *, bound: float = 3.0, say: Say = quiet
) -> Folds:
    """Read a list of clips and make their features.

    A CSV file with a row for each clip: `media` (a video or a recording; may be empty), `words` (its subtitles; may be
    empty), `fold` (train, valid or test), and a `score` from -bound to bound, or a column of 0 and 1 for each emotion.
    `start` and `end` in seconds take a part of a file, `faces` is OpenFace's table, and `id` a name. Paths are relative
    to the list. A clip that is cut into several samples gives its label to each.

    Raises BadInput, with the row, for what is missing or makes no sense, and for a file that is in two folds: its
    speaker would be known already when the model is measured.
    """
    plugins = plugins or Plugins()
    rows, emotions = _rows(path)
    task = Task("classification", emotions=emotions) if emotions else Task(bound=bound)
    made: dict[str, list[Samples]] = {fold: [] for fold in FOLDS}
    last: tuple[tuple[Path, Path | None], Recording] | None = None
    for number, row in enumerate(rows):
        say(number / len(rows), row.id)
        recording = None
        if row.media is not None:
            if last is None or last[0] != (row.media, row.faces):
                last = ((row.media, row.faces), record(row.media, extractor, plugins, row.faces))
            recording = last[1]
        said = _within(read_words(row.words).words, row) if row.words is not None else None
        clip = clip_samples(row.id, said, _part(recording, row), extractor, task, plugins)
        made[row.fold].append(_labelled(clip, row, task))
    say(1.0, "all clips")
    folds = {fold: joined(some, f"{path.name}, {fold}; {extractor.mark}") for fold, some in made.items() if some}
    return Folds(path.stem, folds["train"], folds.get("valid"), folds["test"])


def clips_named(name: str, say: Say = quiet) -> Folds:
    """As `clips`, with options after a colon: `clips.csv:audio=opensmile,bert=FOLDER,face_model=FILE,length=40`.

    The options are the settings of an `Extractor`, the places of its plug-ins and `bound`; `audio=none` leaves a
    modality out.
    """
    path, _, told = name.partition(".csv:") if ".csv:" in name else (name.removesuffix(".csv"), "", "")
    options: dict[str, Any] = {}
    for part in filter(None, told.split(",")):
        key, equals, value = part.partition("=")
        if not equals or key in options:
            raise BadInput(f"{name}: {part!r} is no option; write key=value, once for each key, parted by commas")
        options[key] = int(value) if value.isdigit() else "" if value == "none" else value
    bound = options.pop("bound", 3)
    plugins = Plugins(*(Path(options.pop(key)) if key in options else None for key in ("bert", "face_model")))
    try:
        limit = float(bound)
    except ValueError:
        raise BadInput(f"{name}: bound is a number, not {bound!r}") from None
    return clips(Path(path + ".csv"), Extractor.using(plugins, **options), plugins, bound=limit, say=say)


def joined(parts: list[Samples], source: str) -> Samples:
    """Samples of the same kind, one below the other."""
    first = parts[0]
    return replace(
        first,
        features={m: np.concatenate([one.features[m] for one in parts]) for m in first.features},
        masks={m: np.concatenate([one.masks[m] for one in parts]) for m in first.masks},
        labels=np.concatenate([one.labels for one in parts]),
        ids=tuple(id_ for one in parts for id_ in one.ids),
        words=tuple(words for one in parts for words in one.words),
        source=source,
    )


def _labelled(clip: Clip, row: _Row, task: Task) -> Samples:
    label = np.array(row.label, np.float32)
    n = len(clip.samples)
    labels = np.tile(label, (n, 1)) if task.emotions else np.full(n, label[0], np.float32)
    try:
        return replace(clip.samples, labels=labels)
    except BadInput as error:
        raise BadInput(f"{row.place}: {error}") from None


def _within(words: tuple[Word, ...], row: _Row) -> tuple[Word, ...]:
    """The words whose middle is in the part that the row takes."""
    some = tuple(word for word in words if row.start <= (word.start + word.end) / 2 < row.end)
    if not some:
        raise BadInput(f"{row.place}: no word of {row.words} is between {row.start:g} and {row.end:g} seconds; "
                       "mend the times, or leave the row out")  # fmt: skip
    return some


def _part(recording: Recording | None, row: _Row) -> Recording | None:
    """Where nobody wrote the words down, the part that the row takes begins at 0."""
    if recording is None or row.words is not None or (row.start == 0 and row.end >= recording.seconds):
        return recording
    if row.start >= recording.seconds:
        raise BadInput(
            f"{row.place}: it starts at {row.start:g}, and {row.media} is {recording.seconds:.1f} seconds long"
        )
    end = min(row.end, recording.seconds)
    tracks = {}
    for m, track in recording.tracks.items():
        some = track.since(row.start)
        tracks[m] = replace(some, at=some.at - row.start, known=some.known - row.start)
    return replace(recording, seconds=end - row.start, tracks=tracks)


def _rows(path: Path) -> tuple[list[_Row], tuple[str, ...]]:
    try:
        reader = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; name a list of clips (CSV)") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8; save the list of clips as UTF-8") from None
    heads = tuple(reader.fieldnames or ())
    emotions = tuple(head for head in heads if head not in COLUMNS)
    if "fold" not in heads or not {"media", "words"} & set(heads) or ("score" in heads) == bool(emotions):
        raise BadInput(f"{path} has the columns {', '.join(heads) or 'none'}; it needs media or words, fold, and "
                       "either score or a column for each emotion")  # fmt: skip
    try:
        rows = list(_parsed(path, reader, emotions))
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num}: {error}; mend the table") from None
    for fold in ("train", "test"):
        if not any(row.fold == fold for row in rows):
            raise BadInput(f"{path} has no clip with the fold {fold}; mark some to learn from and others to measure on")
    seen: dict[Path, _Row] = {}
    ids: dict[str, _Row] = {}
    for row in rows:
        if row.id in ids:
            raise BadInput(f"{row.place}: {row.id} is the id of {ids[row.id].place}, too; give every clip its own")
        ids[row.id] = row
        for file in filter(None, (row.media, row.words)):
            if (other := seen.setdefault(file, row)).fold != row.fold:
                raise BadInput(f"{row.place}: {file} is in the fold {row.fold}, and in {other.place} in {other.fold}; "
                               "a speaker who was learnt from must not measure: put a file into one fold")  # fmt: skip
    return rows, emotions


def _parsed(path: Path, reader: csv.DictReader[str], emotions: tuple[str, ...]) -> Iterator[_Row]:
    for number, told in enumerate(reader, 2):
        place = f"{path}, line {number}"

        def number_in(column: str, default: float, told: dict[str, str] = told, place: str = place) -> float:
            text = (told.get(column) or "").strip()
            try:
                value = float(text) if text else default
            except ValueError:
                value = float("nan")
            if value != value:
                raise BadInput(f"{place}: {column} is {text!r}; write a number there")
            return value

        files = {name: path.parent / text.strip() if (text := told.get(name) or "").strip() else None
                 for name in ("media", "words", "faces")}  # fmt: skip
        fold = (told.get("fold") or "").strip()
        start, end = number_in("start", 0.0), number_in("end", float("inf"))
        if fold not in FOLDS:
            raise BadInput(f"{place}: the fold is {fold!r}; write {', '.join(FOLDS)}")
        if files["media"] is None and files["words"] is None:
            raise BadInput(f"{place}: neither media nor words are named; name a file")
        if not 0 <= start < end:
            raise BadInput(f"{place}: from {start:g} to {end:g} seconds; an end is after its start")
        label = tuple(number_in(name, float("nan")) for name in emotions or ("score",))
        name = (told.get("id") or "").strip() or f"{(files['media'] or files['words'] or path).stem}:{number}"
        yield _Row(place, name, files["media"], files["words"], files["faces"], start, end, fold, label)

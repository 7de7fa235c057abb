"""One clip as samples: words, sound and pictures, averaged over the time of each word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from talkoot.errors import BadInput
from talkoot.sentiment.clip import audio, faces, ffmpeg
from talkoot.sentiment.clip.extractor import Extractor, Plugins
from talkoot.sentiment.clip.subtitles import Word, stretches
from talkoot.sentiment.clip.track import Track, word_means
from talkoot.sentiment.clip.words import Bert, Hashed, meant
from talkoot.sentiment.samples import Floats, Marks, Samples, Task

PAUSE = 0.7
"""Seconds of silence after which a long enough sample ends."""


@dataclass(frozen=True)
class Recording:
    """What a file sounds and looks like over time: a track for each modality that it has, and what it lacks."""

    seconds: float
    tracks: dict[str, Track]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clip:
    """A clip as samples, one for each run of words, the words of each, and what there is to be told of it."""

    samples: Samples
    pieces: tuple[tuple[Word, ...], ...]
    seconds: float
    notes: tuple[str, ...] = ()


def record(path: Path, extractor: Extractor, plugins: Plugins = Plugins(), table: Path | None = None) -> Recording:  # noqa: B008
    """Read the sound and the pictures of a file; `table` is OpenFace's, where the extractor wants it.

    What the file lacks is left out and told. Raises BadInput for a file that cannot be read, and a table or model that
    is wanted and not given.
    """
    extractor.check_plugins(plugins)
    media = ffmpeg.probe(path)
    tracks: dict[str, Track] = {}
    notes = []
    if extractor.audio and media.sound:
        tracks["audio"] = audio.audio_track(ffmpeg.sound(path), extractor.audio)
    elif extractor.audio:
        notes.append(f"{path.name} has no sound; the prediction rests on the other modalities")
    if extractor.vision == "openface":
        if table is None:
            raise BadInput(f"{path}: vision is read from OpenFace's table; give its CSV file with --faces")
        tracks["vision"] = faces.openface_track(table)
    elif extractor.vision and media.picture:
        tracks["vision"] = _vision(media, extractor, plugins)
    elif extractor.vision:
        notes.append(f"{path.name} has no pictures; the prediction rests on the other modalities")
    if "vision" in tracks and not len(tracks["vision"].at):
        notes.append(f"no face is seen in {path.name}; the prediction rests on the other modalities")
    return Recording(media.seconds, tracks, tuple(notes))


def late_words(name: str, words: Sequence[Word], seconds: float) -> list[str]:
    """What there is to tell of words after the end of a recording. Raises BadInput if all are: they are of another."""
    late = sum(word.start >= seconds for word in words)
    if late == len(words):
        raise BadInput(f"{name} is {seconds:.1f} seconds long, and its first word starts at {words[0].start:.1f}; "
                       "give the subtitles of this clip")  # fmt: skip
    return [f"{late} words come after the end of the recording; they count by their text alone"] if late else []


def clip_samples(
    name: str,
    said: Sequence[Word] | None,
    recording: Recording | None,
    extractor: Extractor,
    task: Task,
    plugins: Plugins = Plugins(),  # noqa: B008
    source: str = "",
) -> Clip:
    """The samples of one clip: a step for each word, or each .4 seconds where nobody wrote the words down.

    A clip of more words than the extractor's `length` is several samples, `name#2` and so on, cut by `begins_anew`.
    Labels are unknown: 0, or NaN where every step has one. Raises BadInput for words that are all later than the end of
    the recording (those of another clip), and where there is nothing to go by.
    """
    notes = list(recording.notes) if recording else []
    if said is None:
        if recording is None:
            raise BadInput(f"{name} has neither words nor a recording; give one of them")
        said = stretches(recording.seconds)
        notes.append("nobody wrote down the words; time is cut into steps of .4 seconds")
    elif recording is not None:
        notes += late_words(name, said, recording.seconds)
    pieces = _pieces(said, extractor.length)
    seconds = recording.seconds if recording else max(word.end for word in said)
    text = text_reader(extractor, plugins)
    read = [_modalities(piece, text, recording, extractor) for piece in pieces]
    kept = [i for i, (_, masks) in enumerate(read) if any(mask.any() for mask in masks.values())]
    if not kept:
        raise BadInput(f"{name} has no words, and no sound or picture that the model reads; give its subtitles")
    if len(kept) < len(pieces):
        notes.append(f"{len(pieces) - len(kept)} of {len(pieces)} stretches have nothing to go by; they are left out")
    samples = samples_of(
        [f"{name}#{i + 1}" if i else name for i in kept], [pieces[i] for i in kept], [read[i] for i in kept],
        extractor, task, source or f"{name}; {extractor.mark}",
    )  # fmt: skip
    return Clip(samples, tuple(pieces[i] for i in kept), seconds, tuple(notes))


def samples_of(
    ids: Sequence[str],
    pieces: Sequence[Sequence[Word]],
    read: Sequence[tuple[dict[str, Floats], dict[str, Marks]]],
    extractor: Extractor,
    task: Task,
    source: str,
) -> Samples:
    """Runs of words with their features [T_n, d] and marks [T_n], padded to the extractor's length."""
    n, length = len(pieces), extractor.length
    features = {m: np.zeros((n, length, width), np.float32) for m, width in extractor.widths.items()}
    masks = {m: np.zeros((n, length), np.bool_) for m in extractor.widths}
    for i, (xs, marks) in enumerate(read):
        for m in extractor.widths:
            features[m][i, : len(xs[m])] = xs[m]
            masks[m][i, : len(marks[m])] = marks[m]
    shape = (n, len(task.emotions)) if task.emotions else (n, length) if task.steps else (n,)
    labels = np.full(shape, np.nan if task.steps else 0, np.float32)
    texts = tuple(tuple(word.text for word in piece) + ("",) * (length - len(piece)) for piece in pieces)
    return Samples(task, features, masks, labels, tuple(ids), texts, source=source)


def text_reader(extractor: Extractor, plugins: Plugins) -> Hashed | Bert | None:
    """What makes vectors of words."""
    if extractor.text == "bert":
        extractor.check_plugins(plugins)
        assert plugins.bert is not None
        return Bert(plugins.bert)
    return Hashed(extractor.width, extractor.seed) if extractor.text else None


def begins_anew(piece: Sequence[Word], word: Word, length: int) -> bool:
    """Does this word begin a new sample? It does when the last one is full, or when that is half full and a sentence or
    a breath ends there. It is known as soon as the word is, so that it can be told while words arrive."""
    if len(piece) >= length:
        return True
    last = piece[-1] if piece else None
    return last is not None and 2 * len(piece) >= length and (
        word.start - last.end >= PAUSE or last.text.rstrip("\"'”’)").endswith((".", "!", "?", "…"))
    )  # fmt: skip


def _pieces(said: Sequence[Word], length: int) -> list[tuple[Word, ...]]:
    pieces: list[list[Word]] = [[]]
    for word in said:
        if begins_anew(pieces[-1], word, length):
            pieces.append([])
        pieces[-1].append(word)
    return [tuple(piece) for piece in pieces]


def _modalities(
    piece: Sequence[Word], text: Hashed | Bert | None, recording: Recording | None, extractor: Extractor
) -> tuple[dict[str, Floats], dict[str, Marks]]:
    features: dict[str, Floats] = {}
    masks: dict[str, Marks] = {}
    if text is not None:
        features["text"] = text([word.text for word in piece])
        masks["text"] = meant(features["text"])
    for m, patience in (("audio", audio.PATIENCE), ("vision", faces.PATIENCE)):
        if m in extractor.widths:
            track = recording.tracks.get(m) if recording else None
            features[m], masks[m] = word_means(track or Track.empty(extractor.widths[m]), piece, patience)
    return features, masks


def _vision(media: ffmpeg.Media, extractor: Extractor, plugins: Plugins) -> Track:
    if extractor.vision == "picture":
        return faces.picture_track(ffmpeg.pictures(media.path, extractor.rate, *faces.SIZE))
    assert plugins.face_model is not None
    # Faces need more points than statistics, and their own proportions.
    scale = min(1.0, 640 / max(media.width, media.height, 1))
    size = (max(2, round(media.width * scale)), max(2, round(media.height * scale)))
    return faces.mediapipe_track(ffmpeg.pictures(media.path, extractor.rate, *size), plugins.face_model)

"""Who says what when: SRT, WebVTT and JSON of words as timed words."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

from talkoot.errors import BadInput

ENDINGS = (".srt", ".vtt", ".json")

_TIME = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})")
_INNER = re.compile(r"<((?:\d+:)?\d{1,2}:\d{1,2}[,.]\d{1,3})>")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|\{\\[^}]*\}")
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|[♪♫♬]")
_SPEAKER = re.compile(r"^\s*(?:[-–—]|>>+)\s*")


@dataclass(frozen=True)
class Word:
    """A word and its time in seconds; `text` is empty for a stretch of time whose words are not known."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Subtitles:
    """Words in the order of their start, and what had to be put right, in words for the reader."""

    words: tuple[Word, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Cue:
    """Text for a stretch of time, and where it stands in the file."""

    text: str
    start: float
    end: float
    place: str


def read_words(path: Path) -> Subtitles:
    """The words of a subtitle file, by its ending.

    SRT and WebVTT time whole lines: their words share a line's time by their letters, unless WebVTT has times inside
    the line. JSON is a list of `{"word", "start", "end"}` (or "text" for "word"), or an object with such a list in
    "words" or "segments" (as recognisers of speech write it; a segment without words is split like a line).

    What is out of order is sorted and told in `notes`; so are overlaps and noises in brackets, which are no words.
    Raises BadInput, with file and place, for another ending, times that make no sense, and files without any word.
    """
    read = {".srt": _cues, ".vtt": _cues, ".json": _json}.get(path.suffix.lower())
    if read is None:
        raise BadInput(f"{path} has none of the endings {', '.join(ENDINGS)}; convert the subtitles to one of them")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; name a file of subtitles ({', '.join(ENDINGS)})") from None
    notes: list[str] = []
    cues = list(read(_decoded(raw, path, notes), path))
    for cue in cues:
        if not (math.isfinite(cue.start) and math.isfinite(cue.end)) or cue.start < 0 or cue.end < cue.start:
            raise BadInput(f"{path}, {cue.place}: from {cue.start:g} to {cue.end:g} seconds; "
                           "a start is 0 or more, and an end is not before its start")  # fmt: skip
    if late := sum(b.start < a.start for a, b in pairwise(cues)):
        notes.append(f"{late} of {len(cues)} subtitles started before the one above them; they were sorted by time")
    cues.sort(key=lambda cue: (cue.start, cue.end))
    if over := sum(b.start < a.end - 1e-3 for a, b in pairwise(cues)):
        notes.append(f"{over} of {len(cues)} subtitles start before the one before has ended; both keep their times")
    noises = sum(len(_SOUND.findall(cue.text)) for cue in cues)
    if noises:
        notes.append(f"{noises} noises in brackets were left out")
    words = sorted((word for cue in cues for word in _split(cue)), key=lambda word: (word.start, word.end))
    if not words:
        raise BadInput(f"{path} has no words; is it a file of subtitles with times?")
    return Subtitles(tuple(words), tuple(notes))


def stretches(seconds: float, step: float = 0.4) -> tuple[Word, ...]:
    """Time cut into steps of about the length of a word, for a clip whose words nobody has written down."""
    count = max(1, math.ceil(seconds / step - 1e-9))
    return tuple(Word("", i * step, min((i + 1) * step, max(seconds, step))) for i in range(count))


def _decoded(raw: bytes, path: Path, notes: list[str]) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append(f"{path.name} is not UTF-8; it was read as Windows-1252")
        return raw.decode("cp1252", "replace")


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}")


def _cues(text: str, path: Path) -> Iterator[_Cue]:
    """Lines of SRT and WebVTT: a line with an arrow begins one, and an empty line ends it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    i = 0
    while i < len(lines):
        if lines[i].startswith(("NOTE", "STYLE", "REGION")) and path.suffix.lower() == ".vtt":
            while i < len(lines) and lines[i].strip():
                i += 1
        if i < len(lines) and "-->" in lines[i]:
            place = f"line {i + 1}"
            before, after = lines[i].split("-->", 1)
            first, last = _TIME.search(before), _TIME.search(after)
            if first is None or last is None:
                raise BadInput(f"{path}, {place}: {lines[i].strip()!r} is no pair of times; "
                               "write it as 00:00:01,000 --> 00:00:02,500")  # fmt: skip
            body = []
            while i + 1 < len(lines) and lines[i + 1].strip() and "-->" not in lines[i + 1]:
                i += 1
                body.append(lines[i])
            if i + 1 < len(lines) and "-->" in lines[i + 1] and body and body[-1].strip().isdigit():
                body.pop()  # no empty line between two subtitles: this is the number of the next
            yield _Cue("\n".join(_SPEAKER.sub("", line) for line in body), _seconds(first), _seconds(last), place)
        i += 1


def _json(text: str, path: Path) -> Iterator[_Cue]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f'{path} is not JSON: {error}; write a list of {{"word", "start", "end"}}') from None
    yield from _json_list(told, path, "")


def _json_list(told: Any, path: Path, within: str) -> Iterator[_Cue]:
    if isinstance(told, Mapping):
        told = next((told[name] for name in ("words", "segments") if isinstance(told.get(name), list)), None)
    if not isinstance(told, Sequence) or isinstance(told, str):
        raise BadInput(f'{path}: no list of words; write [{{"word": "hello", "start": 0.1, "end": 0.4}}, ...]')
    for i, one in enumerate(told):
        place = f"{within}entry {i + 1}"
        if not isinstance(one, Mapping):
            raise BadInput(f'{path}, {place}: {str(one)[:40]!r} is no object with "word", "start" and "end"')
        if not within and isinstance(one.get("words"), list) and one["words"]:
            yield from _json_list(one["words"], path, f"{place}, ")
            continue
        word, start, end = one.get("word", one.get("text")), one.get("start"), one.get("end")
        if not isinstance(word, str) or not _is_number(start) or not _is_number(end):
            raise BadInput(f'{path}, {place}: a "word" (text), a "start" and an "end" (seconds) are wanted, '
                           f"not {str(dict(one))[:80]}")  # fmt: skip
        yield _Cue(word.encode("utf-8", "replace").decode(), float(start), float(end), place)  # no half of a pair


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) >= 1e9


def _split(cue: _Cue) -> Iterator[Word]:
    """The words of a line: by the times inside it where it has any, else by their share of its letters."""
    pieces = _INNER.split(cue.text)
    marks = [cue.start]
    for time in pieces[1::2]:
        match = _TIME.fullmatch(time)
        assert match is not None
        marks.append(min(max(_seconds(match), marks[-1]), cue.end))
    marks.append(cue.end)
    for piece, (start, end) in zip(pieces[::2], pairwise(marks), strict=True):
        words = html.unescape(_SOUND.sub(" ", _TAG.sub("", piece))).split()
        words = [word for word in words if any(letter.isalnum() for letter in word)]
        letters = [len(word) + 1 for word in words]
        for k, word in enumerate(words):
            share = (end - start) / sum(letters)
            yield Word(word, start + share * sum(letters[:k]), start + share * sum(letters[: k + 1]))

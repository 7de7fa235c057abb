"""Reading the files of a benchmark and of predictions: a JSON list, a JSON object or JSON lines, `.gz` or plain."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

from talkoot.errors import BadInput
from talkoot.types import Json

Row = tuple[str, Json]
"""Where a row stands ("line 3", "item 3"), for messages, and what it is."""


def read_rows(path: Path) -> list[Row]:
    """The rows of a file: the elements of a JSON list, else one for each JSON line; a lone JSON object is one row.

    Raises BadInput, naming file and line, for what is no JSON or an object that has a key twice; OSError if the file
    cannot be opened.
    """
    text = _text(path)
    if text.lstrip()[:1] == "[":
        return [(f"item {number}", row) for number, row in enumerate(_parse(path, "", text), 1)]
    try:
        lone = json.loads(text)
    except (ValueError, RecursionError):  # told below, with the line
        lone = None
    if isinstance(lone, dict):
        return [("line 1", _parse(path, "", text))]
    lines = enumerate(text.split("\n"), 1)  # not splitlines, which cuts at signs that JSON strings may hold
    return [(f"line {number}", _parse(path, f" line {number}", line)) for number, line in lines if line.strip()]


def field(path: Path, place: str, row: Json, key: str, *kinds: type) -> Json:
    """`row[key]`, which must be of one of the kinds. Raises BadInput otherwise."""
    told = row.get(key) if isinstance(row, dict) else None
    if not isinstance(told, kinds) or (isinstance(told, bool) and bool not in kinds):
        wanted = " or ".join({int: "an integer", str: "a text", list: "a list"}.get(kind, kind.__name__)
                             for kind in kinds)  # fmt: skip
        raise BadInput(f"{path}, {place}: '{key}' must be {wanted}, but {_seen(row, key)}; is it a file of this "
                       "benchmark?")  # fmt: skip
    return told


def texts(path: Path, place: str, row: Json, key: str) -> tuple[str, ...]:
    """`row[key]`, which must be a list of texts, at least one. Raises BadInput otherwise."""
    told = field(path, place, row, key, list)
    if not told or not all(isinstance(one, str) for one in told):
        raise BadInput(f"{path}, {place}: '{key}' must be a list of texts, at least one; mend the file")
    return tuple(told)


def named(keys: Sequence[str], most: int = 5) -> str:
    """The first few of many names, for a message."""
    return ", ".join(keys[:most]) + (f" and {len(keys) - most} more" if len(keys) > most else "")


def stem(path: Path) -> str:
    """The name of a subset: the file's name without folder and endings."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def _seen(row: Json, key: str) -> str:
    if not isinstance(row, dict):
        return f"the row is {str(row)[:40]!r}"
    return f"it is {str(row[key])[:40]!r}" if key in row else "it is missing"


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadInput(f"{path} is no whole gzip file; fetch it again, or drop the ending .gz") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is no UTF-8 text; is it packed? then it needs its ending .gz") from None
    if not text.strip():
        raise BadInput(f"{path} is empty; name a file with at least one row")
    return text


def _parse(path: Path, place: str, text: str) -> Json:
    def whole(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        row = dict(pairs)
        if len(row) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{path}{place}: {twice!r} stands there twice; keep one of them")
        return row

    try:
        return json.loads(text, object_pairs_hook=whole)
    except json.JSONDecodeError as error:
        at = place or f" line {error.lineno}"
        raise BadInput(f"{path}{at} is no JSON ({error.msg}); mend it or take it out") from None
    except ValueError:
        raise BadInput(f"{path}{place} holds an integer of thousands of digits; mend it or take it out") from None
    except RecursionError:
        raise BadInput(f"{path}{place} is nested too deeply to be a benchmark or predictions") from None

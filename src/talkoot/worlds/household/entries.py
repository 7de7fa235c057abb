"""Reading our JSON files so that every fault is told with its place and the remedy."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput


class Entry:
    """One JSON object of a file, with its place for the words of faults: `flat.json, things[3] (apple 12)`."""

    def __init__(self, value: Any, place: str, allowed: Iterable[str]) -> None:
        if not isinstance(value, dict):
            raise BadInput(f"{place}: {shown(value)} stands where an object {{...}} must be")
        self.value: dict[str, Any] = value
        self.place = place
        names = tuple(allowed)
        for key in value:
            if key not in names:
                raise self.fault(f"does not know {key!r}; use {', '.join(names)}")

    def fault(self, what: str) -> BadInput:
        """A fault of this entry."""
        return BadInput(f"{self.place}: {what}")

    def has(self, key: str) -> bool:
        """Whether the entry says something about it."""
        return key in self.value

    def _get(self, key: str) -> Any:
        if key not in self.value:
            raise self.fault(f"{key!r} is missing; add it")
        return self.value[key]

    def text(self, key: str) -> str:
        """A text on one line that is not empty."""
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"{key!r} is {shown(value)}; give a text")
        if not value.isprintable():
            raise self.fault(f"{key!r} is {shown(value)}; leave out what cannot be printed")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where nothing is said."""
        value = self.value.get(key, False)
        if not isinstance(value, bool):
            raise self.fault(f"{key!r} is {shown(value)}; give true or false")
        return value

    def whole(self, key: str, least: int = 1) -> int:
        """A whole number of at least `least`."""
        return self._whole(self._get(key), key, least)

    def wholes(self, key: str, exactly: int | None = None) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.items(key)
        if exactly is not None and len(values) != exactly:
            raise self.fault(f"{key!r} is {shown(values)}; give {exactly} whole numbers")
        return tuple(self._whole(value, key, 1) for value in values)

    def numbers(self, key: str, exactly: int) -> tuple[float, ...]:
        """A list of so many numbers."""
        values = self._get(key)
        if not isinstance(values, list) or len(values) != exactly or not all(map(_is_number, values)):
            raise self.fault(f"{key!r} is {shown(values)}; give a list of {exactly} numbers below a million")
        return tuple(float(value) for value in values)

    def number(self, key: str) -> float:
        """A number."""
        value = self._get(key)
        if not _is_number(value):
            raise self.fault(f"{key!r} is {shown(value)}; give a number below a million")
        return float(value)

    def items(self, key: str) -> list[Any]:
        """A list; empty where nothing is said."""
        values = self.value.get(key, [])
        if not isinstance(values, list):
            raise self.fault(f"{key!r} is {shown(values)}; give a list [...]")
        return values

    def _whole(self, value: Any, key: str, least: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.fault(f"{key!r} is {shown(value)}; give a whole number from {least} up")
        return value


def load(path: Path | str) -> Any:
    """The content of a JSON file (.gz: packed). Raises BadInput with line and column where it is not JSON."""
    path = Path(path)
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{path}, line {error.lineno}, column {error.colno}: this is not JSON ({error.msg}); mend it there or just "
            "before"
        ) from error
    except _Twice as error:
        raise BadInput(f"{path}: {error}") from error
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise BadInput(f"{path} cannot be read as text ({error}); save it as UTF-8") from error
    except RecursionError as error:
        raise BadInput(f"{path} is nested too deeply; no apartment needs that") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path") from error


def dump(head: dict[str, Any], lists: dict[str, list[dict[str, Any]]]) -> str:
    """A JSON text with the head's entries first, then lists with one object a line."""
    parts = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for key, entries in lists.items():
        lines = ",\n".join("    " + json.dumps(entry, ensure_ascii=False) for entry in entries)
        parts.append(f"  {json.dumps(key)}: [\n{lines}\n  ]" if entries else f"  {json.dumps(key)}: []")
    return "{\n" + ",\n".join(parts) + "\n}\n"


class _Twice(ValueError):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for key, value in pairs:
        if key in entry:
            who = f" of {entry.get('class', 'the entry')} {entry['id']}" if "id" in entry else ""
            raise _Twice(f"{key!r}{who} stands twice, as {shown(entry[key])} and {shown(value)}; keep one")
        entry[key] = value
    return entry


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e6 and isfinite(value)


def shown(value: Any) -> str:
    """A value of a file in the words of a fault: printable and short."""
    text = json.dumps(value, ensure_ascii=False)
    text = text if text.isprintable() else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."

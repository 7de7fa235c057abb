"""Options behind a world's name, `NAME:key=value,key=value`, read the same way for every family of worlds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from talkoot.errors import BadInput

Reader = Callable[[str], Any]
"""Makes a value of what was typed; raises ValueError with a remedy."""


def read_options(
    name: str, written: str, known: Mapping[str, Reader], *, paths: Collection[str] = ()
) -> dict[str, Any]:
    """The options of the world `name` as values; `written` is what stands behind the colon.

    The value of an option among `paths` may hold commas: it goes on until a known option begins. Raises BadInput for
    what is unknown, given twice, or cannot be read.
    """
    options: dict[str, Any] = {}
    for part in _parts(written, known, paths):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in known or not equals:
            raise BadInput(f"world {name!r}: unknown option {part!r}; known are {', '.join(known)}, as key=value")
        if key in options:
            raise BadInput(f"world {name!r}: option {key!r} is given twice")
        try:
            options[key] = known[key](value)
        except ValueError as error:
            raise BadInput(f"world {name!r}: option {key!r} cannot be {value!r}: {error}") from error
    return options


def _parts(written: str, known: Mapping[str, Reader], paths: Collection[str]) -> list[str]:
    parts: list[str] = []
    for part in written.split(",") if written else ():
        key = part.partition("=")[0].strip()
        if parts and key not in known and parts[-1].partition("=")[0].strip() in paths:
            parts[-1] += "," + part
        else:
            parts.append(part)
    return parts


def switch(text: str) -> bool:
    """`on` or `off`, also as true, false, yes, no, 1, 0."""
    if text not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise ValueError("write on or off")
    return text in ("on", "true", "1", "yes")


def one_of(*values: str) -> Reader:
    """One of these words."""

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"write one of {', '.join(values)}")
        return text

    return read


def count(text: str) -> int:
    """A whole number of 1 or more."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError("write a whole number of 1 or more")
    return int(text)


def pair(text: str) -> tuple[int, int]:
    """Two whole numbers, such as 7x5."""
    first, cross, second = text.partition("x")
    if not cross:
        raise ValueError("write WIDTHxHEIGHT, such as 7x5")
    return int(first), int(second)

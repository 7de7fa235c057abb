"""Files of written solutions, and what cutting them into chunks gave (ours)."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.segment import Segmentation

FIELDS = ("solution", "text", "answer")
"""Where a solution is looked for, in this order, unless a field is named."""


@dataclass(frozen=True, slots=True)
class Solution:
    """One solution of a file: its line (from 1), the solver's key where a line holds several, the text."""

    line: int
    solver: str
    text: str


def read_solutions(path: Path, field: str = "") -> list[Solution]:
    """The solutions in a file of JSON lines, plain or `.gz`.

    A line is an object with the solution in `field` (by default the first of FIELDS that it has), or one whose values
    are objects with such a field: several solvers' solutions of one problem, as in GSM8K's example solutions. Blank
    lines are passed over. Raises BadInput, with the line, for anything else, and for a file without solutions.
    """
    found: list[Solution] = []
    for number, line in _lines(path):
        place = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise BadInput(f"{place}: not JSON ({said}); the file must have one JSON object a line") from None
        if not isinstance(row, dict):
            raise BadInput(f'{place}: not a JSON object; a line looks like {{"solution": "..."}}')
        for solver, text in _solutions(row, (field,) if field else FIELDS, place):
            if not text.strip():
                raise BadInput(f"{place}{f', {solver}' if solver else ''}: the solution is empty; leave the line out")
            found.append(Solution(number, solver, text))
    if not found:
        raise BadInput(f"{path} holds no solutions: it is empty")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        raise BadInput(f"{path}: {'this is a folder' if path.is_dir() else 'there is no such file'}; name a file of "
                       "JSON lines, plain or .gz")  # fmt: skip
    number = 0
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as file
        ):
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}, after line {number}: not UTF-8 text ({error.reason}); write it as UTF-8") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(f"{path}, after line {number}: damaged gzip data ({error}); get the file anew") from None


def _solutions(row: dict[str, Any], fields: Sequence[str], place: str) -> list[tuple[str, str]]:
    """The solver's key ("" for the row itself) and the text of each solution in a row."""
    for name in fields:
        if name in row:
            if not isinstance(row[name], str):
                raise BadInput(f"{place}: {name!r} is no text; give the solution as one string")
            return [("", row[name])]
    nested = [
        (solver, part[name])
        for solver, part in row.items()
        if isinstance(part, dict)
        for name in [next((name for name in fields if isinstance(part.get(name), str)), None)]
        if name is not None
    ]
    if not nested:
        wanted = " or ".join(map(repr, fields))
        raise BadInput(
            f"{place}: no field {wanted}; it has {', '.join(map(repr, row)) or 'none'}: name one with --field"
        )
    return nested


def segmentation_summary(
    solutions: Sequence[Solution], cuts: Sequence[Segmentation], blank: Sequence[int]
) -> dict[str, Any]:
    """What cutting gave, as one JSON object; `blank` is how many pieces each solution has, cut by blank lines.

    Shares are of all solutions. `exact_share`: cut by the segmenter itself, and the chunks, written in tags and read
    back, are the solution character for character. `uncut` have no chunks at all and are not in the averages.
    """
    counts = [len(cut.chunks) for cut in cuts if cut.chunks]
    characters = sum(len(chunk) for cut in cuts for chunk in cut.chunks)
    faults: Counter[str] = Counter(fault for cut in cuts for fault in cut.faults)
    return {
        "solutions": len(solutions),
        "exact_share": sum(cut.exact for cut in cuts) / len(cuts),
        "two_or_more_share": sum(len(cut.chunks) >= 2 for cut in cuts) / len(cuts),
        "chunks_mean": sum(counts) / len(counts) if counts else 0.0,
        "characters_per_chunk": characters / sum(counts) if counts else 0.0,
        "blank_line_pieces_mean": sum(blank) / len(blank),
        "fallbacks": sum(cut.fallback for cut in cuts),
        "uncut": sum(not cut.chunks for cut in cuts),
        "tokens": sum(cut.tokens for cut in cuts),
        "faults": dict(faults.most_common()),
    }

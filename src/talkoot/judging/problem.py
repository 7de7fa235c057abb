"""A problem with its reference answer, and files of them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """What the policy reads (`text`) and what its final answer is checked against (`answer`). `id` is unique."""

    id: str
    text: str
    answer: str


def read_problems(path: str | Path, most: int | None = None) -> list[Problem]:
    """The first `most` problems of a file of JSON lines, or of one JSON list; packed with gzip if it ends in .gz.

    Each is an object with `problem` (or `question`) and `answer`, and perhaps `id`; without one, problems are called by
    the file and their number. Where `answer` is a whole worked solution (GSM8K's `#### 72`, or a box), what it states
    is taken. Raises BadInput for a file that cannot be read, naming the line.
    """
    from talkoot.judging.answers import final_answer

    path = Path(path)
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, place, told in _objects(path):
        if most is not None and len(problems) >= most:
            break
        text = told.get("problem", told.get("question"))
        answer = told.get("answer")
        if isinstance(answer, int | float) and not isinstance(answer, bool):
            answer = str(answer)
        if not isinstance(text, str) or not text.strip() or not isinstance(answer, str) or not answer.strip():
            raise BadInput(f"{place} is no problem: it needs the texts `problem` (or `question`) and `answer`")
        name = str(told.get("id", f"{path.name.partition('.')[0]}-{number}"))
        if name in seen:
            raise BadInput(f"{place}: the id {name!r} came before; ids must be unique")
        seen.add(name)
        problems.append(Problem(name, text, final_answer(answer) or answer.strip()))
    if not problems:
        raise BadInput(f"{path} holds no problems; each line is an object with `problem` and `answer`")
    return problems


def _objects(path: Path) -> list[tuple[int, str, dict[str, Any]]]:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"the problems in {path} cannot be read ({why}); name a file of JSON lines in UTF-8") from None
    if text.lstrip().startswith("["):
        try:
            rows = list(enumerate(json.loads(text), 1))
        except ValueError as error:
            raise BadInput(f"{path} is no JSON list: {error}; mend it, or write one object a line") from None
        places = [(number, f"entry {number} of {path}", row) for number, row in rows]
    else:
        places = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    places.append((number, f"line {number} of {path}", json.loads(line)))
                except ValueError as error:
                    raise BadInput(f"line {number} of {path} is no JSON: {error}; mend or delete it") from None
    for _, place, row in places:
        if not isinstance(row, dict):
            raise BadInput(f"{place} is no object; a problem is an object with `problem` and `answer`")
    return places

"""Files of planning tasks and of recorded replies: JSON lines, gzip-compressed or not.

A file of tasks has lines `{"kind": "domain", "domain", "domain_pddl", "domain_nl", "example_nl", "example_pddl"}` and
`{"kind": "task", "domain", "task", "nl", "problem_pddl"}`; a file of replies `{"domain", "task", "reply"}`. Other keys
are dropped while a line is read. `problem_pddl`, the true problem, is read only where it is asked for.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from talkoot.errors import BadInput, CorruptRecord

Key = tuple[str, str]
"""Domain and task."""

_FIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True)
class DomainTexts:
    """What a file says of a domain. The description and the example may be empty."""

    name: str
    domain_pddl: str
    description: str = ""
    example_text: str = ""
    example_problem: str = ""


@dataclass(frozen=True)
class TaskText:
    """A task in words; `truth` is its true problem, "" unless it was asked for."""

    domain: str
    task: str
    text: str
    truth: str = ""


@dataclass
class TaskFile:
    """What a file of tasks holds, in its order. `duplicates` name tasks that came again (the first one counts)."""

    domains: dict[str, DomainTexts] = field(default_factory=dict)
    tasks: dict[Key, TaskText] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)


@dataclass
class ReplyFile:
    """The replies by domain and task, in the order of the file, and those that came again (the first one counts)."""

    replies: dict[Key, str] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)


def read_tasks(path: Path, *, truth: bool = False) -> TaskFile:
    """Read a file of tasks, with the true problems only if `truth`.

    Raises BadInput if there is no such file, CorruptRecord with the number of the line that cannot be read.
    """
    keys = {"kind", "domain", "task", "nl", "domain_pddl", "domain_nl", "example_nl", "example_pddl"}
    found = TaskFile()
    for number, row in _rows(path, keys | ({"problem_pddl"} if truth else set())):
        domain = _name(path, number, row, "domain")
        if row.get("kind") == "domain":
            if domain in found.domains:
                found.duplicates.append(domain)
                continue
            optional = (_text(path, number, row, key, "") for key in ("domain_nl", "example_nl", "example_pddl"))
            found.domains[domain] = DomainTexts(domain, _text(path, number, row, "domain_pddl"), *optional)
        elif row.get("kind") == "task":
            key = domain, _name(path, number, row, "task")
            if key in found.tasks:
                found.duplicates.append("/".join(key))
                continue
            true = _text(path, number, row, "problem_pddl") if truth else ""
            found.tasks[key] = TaskText(*key, _text(path, number, row, "nl"), true)
        else:
            raise CorruptRecord(f"{path}, line {number}: its kind is {row.get('kind')!r}; it must be domain or task")
    for domain, task in found.tasks:
        if domain not in found.domains:
            raise CorruptRecord(f"{path}: the task {domain}/{task} has no line of kind domain for {domain}; add it")
    return found


def read_replies(path: Path) -> ReplyFile:
    """Read a file of replies. Raises as `read_tasks` does."""
    found = ReplyFile()
    for number, row in _rows(path, {"domain", "task", "reply"}):
        key = _name(path, number, row, "domain"), _name(path, number, row, "task")
        reply = _text(path, number, row, "reply")
        if key in found.replies:
            found.duplicates.append("/".join(key))
        else:
            found.replies[key] = reply
    return found


def _rows(path: Path, keys: set[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The numbered lines of a file, each an object with the wanted keys only: what is not wanted is never kept."""

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in pairs if key in keys}

    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line.decode("utf-8"), object_pairs_hook=keep)
                    if not isinstance(row, dict):
                        raise CorruptRecord(f"{path}, line {number}: not a JSON object but {str(row)[:40]!r}")
                    yield number, row
    except FileNotFoundError:
        raise BadInput(f"there is no file {path}; name a file of JSON lines, such as tasks.jsonl.gz") from None
    except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); name a file of JSON lines") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorruptRecord(f"{path} is damaged after line {number} ({error}); get a whole copy of it") from None
    except (ValueError, RecursionError) as error:
        raise CorruptRecord(f"{path}, line {number}: not a JSON object in UTF-8 ({error}); mend the line") from None


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb") if packed else path.open("rb"))


def _text(path: Path, number: int, row: dict[str, Any], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        what = "is missing" if value is None else f"is no text but {str(value)[:40]!r}"
        raise CorruptRecord(f"{path}, line {number}: {key!r} {what}")
    return value


def _name(path: Path, number: int, row: dict[str, Any], key: str) -> str:
    """A name that can be that of a folder."""
    name = _text(path, number, row, key)
    if _FIT.fullmatch(name) is None:
        raise CorruptRecord(
            f"{path}, line {number}: {key} {name[:40]!r} cannot name a folder; use letters, digits and -_."
        )
    return name

"""Training data for self-segmentation: correct responses of the policy, cut exactly, as (prompt, completion) pairs.

The recipe of StepWiser 2.2: of each problem's responses keep the correct ones, at most four; draw several segmentations
of each; only those that give the response back exactly survive. Ours: the four are drawn by seed among the different
ones, equal segmentations count once, every dropped response has its reason, and a journal lets the same call go on
where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from talkoot.disk import named
from talkoot.errors import BadInput, CorruptRecord
from talkoot.judging.chunks import by_blank_lines
from talkoot.judging.dialect import tagged
from talkoot.judging.problem import Problem
from talkoot.judging.segment import Segmenter

Grade = Callable[[Sequence[tuple[str, str]]], Sequence[bool]]
"""Grades pairs of a reference answer and a whole response: is its final answer right?"""

_BATCH = 16  # problems that are graded and cut at the same time


@dataclass(frozen=True)
class Responses:
    """What the policy answered to one problem: whole solutions, drawn independently."""

    problem: Problem
    texts: tuple[str, ...]


@dataclass
class SegmentationReport:
    """What became of all responses, and how their steps changed. All fields are counts; sums are over all problems."""

    problems: int = 0
    responses: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    """Responses by reason: empty, wrong, duplicate, beyond the most per prompt, no exact segmentation."""
    kept: int = 0
    """Responses with at least one exact segmentation."""
    segmentations: int = 0
    """Tries; of these `faults` by kind are not exact, `equal` are the same as another one of that response."""
    faults: Counter[str] = field(default_factory=Counter)
    equal: int = 0
    pairs: int = 0
    """Pairs of prompt and completion written."""
    blank_line_steps: int = 0
    """Pieces of the pairs' responses, cut by blank lines; `chunks` are those of the segmentations."""
    chunks: int = 0

    @property
    def steps_before(self) -> float:
        """Pieces by blank lines in a pair's response, on average; 0 without pairs."""
        return self.blank_line_steps / self.pairs if self.pairs else 0.0

    @property
    def steps_after(self) -> float:
        """Chunks in a pair, on average."""
        return self.chunks / self.pairs if self.pairs else 0.0

    def to_json(self) -> dict[str, Any]:
        """As a dict, with both averages."""
        counts = {**vars(self), "dropped": dict(self.dropped), "faults": dict(self.faults)}
        return {**counts, "steps_before": self.steps_before, "steps_after": self.steps_after}

    def add(self, counts: dict[str, Any]) -> None:
        """Add the counts of one problem."""
        for name, value in counts.items():
            if isinstance(value, dict):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)


async def segmentation_data(
    responses: Iterable[Responses],
    segmenter: Segmenter,
    out: Path,
    *,
    grade: Grade,
    prompt: Callable[[str], str],
    k: int = 8,
    most_per_prompt: int = 4,
    seed: int = 0,
) -> SegmentationReport:
    """Write JSON lines {"prompt", "completion"} to `out`: the problem as `prompt` words it, the response in tags.

    `k` is how many segmentations of a response are drawn. Finished problems stand in a journal beside it, `out` with
    `.journal` added: the same call goes on where it stopped, and `out` is written at the end, in the order of the
    problems. Raises BadInput if that journal was written with other settings, CorruptRecord if it cannot be read, and
    what the segmenter and the grader raise.
    """
    if k < 1 or most_per_prompt < 1:
        raise BadInput(f"k and most_per_prompt must be at least 1, not {k} and {most_per_prompt}")
    settings = {"segmenter": segmenter.name, "k": k, "most_per_prompt": most_per_prompt, "seed": seed}
    journal = out.with_name(f"{out.name}.journal")
    out.parent.mkdir(parents=True, exist_ok=True)
    done = _open_journal(journal, settings)
    report, pairs = SegmentationReport(), []

    async def finish(key: str, one: Responses, good: Sequence[bool]) -> None:
        row = {"key": key, **await _cut(one, good, segmenter, k, most_per_prompt, seed)}
        append_row(journal, row)
        done[key] = row

    remaining = iter(responses)
    while batch := list(islice(remaining, _BATCH)):
        keys = [_key(one) for one in batch]
        fresh = {key: one for key, one in zip(keys, batch, strict=True) if key not in done}
        graded = _graded(list(fresh.values()), grade)
        work = (finish(key, one, good) for (key, one), good in zip(fresh.items(), graded, strict=True))
        for failed in await asyncio.gather(*work, return_exceptions=True):
            if failed:  # only now: what the others of the batch have finished is in the journal
                raise failed
        for key, one in zip(keys, batch, strict=True):
            report.add(done[key]["counts"])
            pairs += [{"prompt": prompt(one.problem.text), "completion": text} for text in done[key]["completions"]]
    draft = out.with_name(f"{out.name}.new")
    with named(draft):
        text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")  # as append_row does
        os.replace(draft, out)
    return report


def _graded(batch: Sequence[Responses], grade: Grade) -> Iterator[list[bool]]:
    """Which responses of each problem are right; all of a batch are graded in one call."""
    pairs = [(one.problem.answer, text) for one in batch for text in one.texts]
    verdicts = iter(grade(pairs) if pairs else [])
    for one in batch:
        yield [next(verdicts) for _ in one.texts]


async def _cut(
    one: Responses, good: Sequence[bool], segmenter: Segmenter, k: int, most: int, seed: int
) -> dict[str, Any]:
    """One problem's completions and counts, as they stand in the journal."""
    dropped: Counter[str] = Counter()
    chosen: list[str] = []
    for text, right in zip(one.texts, good, strict=True):
        reason = "empty" if not text.strip() else "wrong" if not right else "duplicate" if text in chosen else ""
        if reason:
            dropped[reason] += 1
        else:
            chosen.append(text)
    if len(chosen) > most:
        dropped["beyond the most per prompt"] = len(chosen) - most
        picked = sorted(Random(f"{seed} {one.problem.id}").sample(range(len(chosen)), most))
        chosen = [chosen[i] for i in picked]
    drawn = await asyncio.gather(*(segmenter.draw(text, k) for text in chosen))
    counts: dict[str, Any] = Counter(problems=1, responses=len(one.texts))
    faults: Counter[str] = Counter()
    completions: list[str] = []
    for text, tries in zip(chosen, drawn, strict=True):
        exact = [cut.chunks for cut in tries if cut.exact]
        different = list(dict.fromkeys(exact))
        faults.update(fault for cut in tries for fault in cut.faults)
        if not different:
            dropped["no exact segmentation"] += 1
        completions += map(tagged, different)
        counts.update(
            kept=bool(different),
            segmentations=len(tries),
            equal=len(exact) - len(different),
            pairs=len(different),
            blank_line_steps=len(by_blank_lines(text)) * len(different),
            chunks=sum(map(len, different)),
        )
    return {"counts": {**counts, "dropped": dropped, "faults": faults}, "completions": completions}


def _key(one: Responses) -> str:
    """A hash of all that is asked of one problem: a changed response is another one."""
    said = json.dumps([one.problem.id, one.problem.text, one.problem.answer, *one.texts])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _open_journal(path: Path, settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The finished problems by key; a new journal is begun where there is none."""
    rows = read_rows(path) if path.exists() else []
    if not rows:
        drop_cut_line(path, '{"settings":')
        append_row(path, {"settings": settings})
        return {}
    if rows[0].get("settings") != settings:
        raise BadInput(
            f"{path} was written with other settings ({rows[0].get('settings')}, now {settings}); name another file, "
            "or delete it to begin anew"
        )
    try:
        done = {row["key"]: row for row in rows[1:]}
    except KeyError as error:
        raise CorruptRecord(f"{path} holds a row without {error}; delete it to begin anew") from None
    drop_cut_line(path, '{"settings":')
    return done


def append_row(path: Path, row: dict[str, Any]) -> None:
    """Add one JSON line to a file, at once."""
    # A lone surrogate, which UTF-8 has not, is written as its JSON escape.
    with named(path), path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """All JSON lines of a file but a last one without a line end, which was cut off while it was written.

    Raises CorruptRecord, with the line, for any other line that is no JSON object.
    """
    data = path.read_bytes()
    rows = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise CorruptRecord(
                f"{path}, line {number}: not a JSON object; delete the line to have it made anew, or name another file"
            )
        rows.append(row)
    return rows


def drop_cut_line(path: Path, begin: str) -> None:
    """Remove a last line without a line end from a file whose rows are ours, if there is such a file.

    Where no row is whole, the fragment must begin as our rows do. Raises BadInput otherwise, and leaves the file alone.
    """
    data = path.read_bytes() if path.exists() else b""
    whole = data.rfind(b"\n") + 1
    if not whole and not (data.startswith(begin.encode()) or begin.encode().startswith(data)):
        raise BadInput(f"{path} was not written by this command; name another file, so that nothing is lost")
    if whole < len(data):
        with named(path), path.open("r+b") as file:
            file.truncate(whole)

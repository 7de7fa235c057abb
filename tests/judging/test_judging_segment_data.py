"""The fine-tuning recipe of self-segmentation: filters with reasons, exact pairs only, resumable."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput, CorruptRecord, ModelFailed
from talkoot.judging.chunks import parse
from talkoot.judging.dialect import Tiny
from talkoot.judging.problem import Problem
from talkoot.judging.rules import by_rules
from talkoot.judging.segment import ByCutter, ModelSegmenter, Segmentation
from talkoot.judging.segment_data import (
    Responses,
    SegmentationReport,
    append_row,
    drop_cut_line,
    read_rows,
    segmentation_data,
)
from talkoot.models import open_model


def right(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """The last word is the answer."""
    return [text.split()[-1:] == [gold] for gold, text in pairs]


def response(*numbers: int, answer: int) -> str:
    return "".join(f"We add {n} + 1 = {n + 1}.\n\n" for n in numbers) + f"A: {answer}"


GOOD = response(1, 2, answer=5)
PROBLEMS = [
    Responses(Problem("p1", "add", "5"), (GOOD, response(1, answer=4), GOOD, "")),
    Responses(Problem("p2", "more", "7"), tuple(response(n, answer=7) for n in range(9))),
    Responses(Problem("p3", "none", "1"), (response(3, answer=2),)),
]  # fmt: skip


@dataclass
class Fake:
    """Cuts by rules, in two ways, and fails as told."""

    fails_at: str = "never"
    name: str = "fake"
    seen: list[str] = field(default_factory=list)

    async def __call__(self, text: str) -> Segmentation:
        return Segmentation(tuple(by_rules(text)))

    async def draw(self, text: str, k: int) -> list[Segmentation]:
        if self.fails_at in text:
            raise ModelFailed("gone")
        self.seen.append(text)
        cuts = [Segmentation((text,)), Segmentation(tuple(by_rules(text))), Segmentation(faults=("changed text",))]
        return [cuts[i % 3] for i in range(k)]


def make(
    out: Path, segmenter: Any = None, problems: Sequence[Responses] = PROBLEMS, **options: Any
) -> SegmentationReport:
    return asyncio.run(
        segmentation_data(problems, segmenter or Fake(), out, grade=right, prompt=Tiny().solve, **options)
    )  # fmt: skip


def test_only_correct_responses_and_exact_cuts_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "new" / "pairs.jsonl"
    report = make(out, k=5)
    pairs = [json.loads(line) for line in out.read_text().splitlines()]
    assert [pair["prompt"] for pair in pairs] == ["add<solution>"] * 2 + ["more<solution>"] * 8
    for pair in pairs:
        text = "".join(parse(pair["completion"]))
        assert any(text in one.texts for one in PROBLEMS)
        assert pair.keys() == {"prompt", "completion"}
    assert len({pair["completion"] for pair in pairs}) == len(pairs)
    assert report.dropped == {"wrong": 2, "duplicate": 1, "empty": 1, "beyond the most per prompt": 5}
    assert (report.problems, report.responses, report.kept, report.pairs) == (3, 14, 5, 10)
    assert report.responses == report.kept + sum(report.dropped.values())
    assert (report.segmentations, report.faults, report.equal) == (25, {"changed text": 5}, 10)
    assert report.segmentations == report.pairs + report.equal + sum(report.faults.values())
    assert report.steps_before == pytest.approx((3 * 2 + 2 * 8) / 10)
    assert report.steps_after == pytest.approx((1 + 3 + 4 * (1 + 2)) / 10)
    told = json.loads(json.dumps(report.to_json()))
    assert told["steps_after"] == report.steps_after
    assert told["dropped"]["wrong"] == 2


def test_the_choice_among_correct_responses_depends_on_the_seed_only(tmp_path: Path) -> None:
    make(tmp_path / "a", seed=1)
    make(tmp_path / "b", seed=1, problems=PROBLEMS[::-1])
    make(tmp_path / "c", seed=2)
    one, same, other = ({*(tmp_path / name).read_text().splitlines()} for name in "abc")
    assert one == same
    assert one != other


def test_a_response_without_an_exact_cut_is_dropped(tmp_path: Path) -> None:
    class Never(Fake):
        async def draw(self, text: str, k: int) -> list[Segmentation]:
            return [Segmentation(faults=("no tags",))] * k

    report = make(tmp_path / "out", Never(), k=3, most_per_prompt=2)
    assert (report.kept, report.pairs, report.faults["no tags"]) == (0, 0, 9)
    assert report.dropped["no exact segmentation"] == 3
    assert (report.steps_before, report.steps_after) == (0.0, 0.0)
    assert (tmp_path / "out").read_text() == ""


def test_an_interrupted_call_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole")
    out = tmp_path / "out"
    with pytest.raises(ModelFailed, match="gone"):
        make(out, Fake(fails_at="We add 6"))
    assert not out.exists()
    journal = tmp_path / "out.journal"
    kept = len(journal.read_text().splitlines()) - 1
    assert kept >= 1
    with journal.open("a") as file:
        file.write('{"key": "cut off in the midd')
    again = Fake()
    report = make(out, again)
    assert report == whole
    assert out.read_text() == (tmp_path / "whole").read_text()
    assert 0 < len(again.seen) < 5
    idle = Fake()
    assert make(out, idle) == whole
    assert not idle.seen


def test_a_journal_of_other_settings_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    make(out)
    with pytest.raises(BadInput, match=r"out\.journal was written with other settings"):
        make(out, k=3)
    journal = tmp_path / "out.journal"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([lines[0], '{"counts": {}}', *lines[1:]]) + "\n")
    with pytest.raises(CorruptRecord, match="without 'key'"):
        make(out)
    journal.write_text("\n".join([lines[0], "nonsense", *lines[1:]]) + "\n")
    with pytest.raises(CorruptRecord, match="line 2: not a JSON object"):
        make(out)
    with pytest.raises(BadInput, match="at least 1"):
        make(tmp_path / "x", k=0)


def test_many_problems_and_none(tmp_path: Path) -> None:
    many = [Responses(Problem(str(i), f"p{i}", "5"), (response(i, answer=5),)) for i in range(40)]
    report = make(tmp_path / "many", problems=many)
    assert (report.problems, report.kept) == (40, 40)
    assert (tmp_path / "many").read_text().count("\n") == report.pairs
    assert make(tmp_path / "none", problems=[]) == SegmentationReport()


def test_rules_and_the_rulebook_make_the_same_data(tmp_path: Path) -> None:
    by_model = make(tmp_path / "model", ModelSegmenter(open_model("rulebook")), k=3)
    by_hand = make(tmp_path / "rules", ByCutter("rules", by_rules))
    assert (tmp_path / "model").read_text() == (tmp_path / "rules").read_text()
    assert by_model.pairs == by_hand.pairs == by_hand.segmentations
    assert by_model.equal == 2 * by_model.pairs


def test_rows_are_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    append_row(path, {"a": "ü\u2028\n"})
    append_row(path, {"b": 2})
    assert read_rows(path) == [{"a": "ü\u2028\n"}, {"b": 2}]
    path.write_bytes(path.read_bytes()[:-3])
    before = path.read_bytes()
    assert read_rows(path) == [{"a": "ü\u2028\n"}]
    assert path.read_bytes() == before
    drop_cut_line(path, "not looked at")
    append_row(path, {"c": 3})
    assert read_rows(path)[1:] == [{"c": 3}]


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.journal"
    for foreign in ('{"my": "only copy"}', "dear diary"):
        path.write_text(foreign)
        with pytest.raises(BadInput, match="name another file, so that nothing is lost"):
            make(tmp_path / "out")
        assert path.read_text() == foreign
    for ours in ("", '{"set', '{"settings": {"segm'):
        path.write_text(ours)
        assert make(tmp_path / "out").problems == 3


def test_a_lone_surrogate_is_kept(tmp_path: Path) -> None:
    append_row(tmp_path / "rows", {"a": "\ud83d ü"})
    assert (tmp_path / "rows").read_text(encoding="utf-8") == '{"a": "\\ud83d ü"}\n'
    assert read_rows(tmp_path / "rows") == [{"a": "\ud83d ü"}]

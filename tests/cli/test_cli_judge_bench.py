"""`talkoot judge bench`: given predictions, a judge, what it refuses, and going on after a stop."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.errors import BadInput, ModelFailed, Stopped
from talkoot.judge import Trace, Verdict
from talkoot.model import Turn
from talkoot.models.testserver import TestServer, serving


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["judge", "bench", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


class Fake:
    """Finds steps bad that say so; `left` batches are answered before `error`."""

    def __init__(self, name: str, left: int, error: BaseException) -> None:
        self.name, self.left, self.error = f"{name}-weights", left, error
        self.judged = 0

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        if not self.left:
            raise self.error
        self.left -= 1
        self.judged += len(traces)
        return [Verdict("wrong" not in trace.chunks[-1], 0.3 if "maybe" in trace.chunks[-1] else 0.8, tokens=2)
                for trace in traces]  # fmt: skip


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put our judge in the place of the real ones; `left` and `error` are those of the next one."""
    state: dict[str, Any] = {"left": 10**9, "error": ModelFailed("gone"), "opened": []}
    module = ModuleType("talkoot.judging.named")

    def open_judge(name: str, *, seed: int) -> Fake:
        judge = Fake(name, state["left"], state["error"])
        state["opened"].append(judge)
        return judge

    module.open_judge = open_judge  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "talkoot.judging.named", module)
    return state


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two subsets in the working folder: gsm8k.json, then more.jsonl."""
    monkeypatch.chdir(tmp_path)
    steps = ["fine", "maybe", "wrong", "wrong"]
    labels = {"gsm8k": [2, 1, -1, 0], "more": [-1, 2]}
    for name, told in labels.items():
        rows = [{"id": f"{name}-{number}", "problem": f"{number}?", "label": label,
                 "steps": steps if label != -1 else steps[:2]} for number, label in enumerate(told)]  # fmt: skip
        text = json.dumps(rows) if name == "gsm8k" else "\n".join(map(json.dumps, rows))
        (tmp_path / f"{name}.json{'l' * (name == 'more')}").write_text(text)
    return ["gsm8k.json", "more.jsonl"]


def test_given_predictions_are_scored_without_a_judge(files: list[str]) -> None:
    told = {"gsm8k-0": 2, "gsm8k-1": 0, "gsm8k-2": -1, "gsm8k-3": 0, "more-0": 1, "more-1": 2}
    Path("told.json").write_text(json.dumps(told))
    found = json.loads(run("processbench", *files, "--predictions", "told.json", "--json"))
    one, other = found["subsets"]["gsm8k"], found["subsets"]["more"]
    assert (one["n"], one["errors"], one["faults"]) == (4, 3, 0)
    assert [one[key] for key in ("error_acc", "correct_acc", "f1")] == pytest.approx([2 / 3, 1, 0.8])
    assert [other[key] for key in ("error_acc", "correct_acc", "f1")] == [1, 0, 0]
    assert found["average"]["f1"] == pytest.approx(0.4)
    assert one["f1_ci95"][0] <= 0.8 <= one["f1_ci95"][1]
    shown = run("processbench", *files, "--predictions", "told.json")
    assert "80.0" in shown
    assert "StepWiser" in shown
    assert not Path("runs").exists()


def test_a_judge_is_asked_and_its_predictions_are_kept(files: list[str], judges: dict[str, Any]) -> None:
    found = json.loads(run("processbench", *files, "--judge", "x@http://127.0.0.1", "--json"))
    assert found["subsets"]["gsm8k"]["error_acc"] == pytest.approx(1 / 3)
    assert found["subsets"]["more"]["f1"] == found["subsets"]["gsm8k"]["correct_acc"] == 1
    assert judges["opened"][0].judged == 4 * 3 + 2 * 2
    assert found["average"]["tokens"] == 2 * judges["opened"][0].judged
    again = json.loads(run("processbench", *files, "--judge", "x@http://127.0.0.1", "--json", "--limit", "1"))
    assert judges["opened"][1].judged == 0
    assert again["average"]["n"] == 2
    assert again["predictions"] == found["predictions"]
    kept = json.loads(run("processbench", *files, "--predictions", found["predictions"], "--json"))
    assert kept["subsets"] == found["subsets"]
    strict = json.loads(run("processbench", *files, "--judge", "x@http://127.0.0.1", "--json", "--threshold", "0.5",
                            "--all-steps", "--out", "s.jsonl"))  # fmt: skip
    assert strict["subsets"]["gsm8k"]["correct_acc"] == 0
    assert judges["opened"][2].judged == 4 * 4 + 2 * 2
    rows = [json.loads(line) for line in Path("s.jsonl").read_text().splitlines()]
    assert rows[0]["model"] == "x@http://127.0.0.1-weights"
    assert {row["id"]: row["scores"] for row in rows[1:]}["gsm8k-0"] == [0.8, 0.3, 0.8, 0.8]
    loose = json.loads(run("processbench", *files, "--predictions", "s.jsonl", "--threshold", "0.1", "--json"))
    assert loose["average"]["error_acc"] == 0


@pytest.mark.parametrize(("error", "kind"), [(KeyboardInterrupt(), Stopped), (ModelFailed("the server is gone"),
                                                                              ModelFailed)])  # fmt: skip
def test_what_was_stopped_goes_on(
    files: list[str], judges: dict[str, Any], error: BaseException, kind: type[Exception]
) -> None:
    command = ["processbench", *files, "--judge", "j", "--batch", "2", "--out", "p.jsonl", "--json"]
    judges |= {"left": 3, "error": error}
    with pytest.raises(kind, match=r"2 of 6 items.*p\.jsonl.*goes on from there"):
        run(*command)
    judges["left"] = 10**9
    found = json.loads(run(*command))
    assert judges["opened"][1].judged < judges["opened"][0].judged + judges["opened"][1].judged == 16
    assert found["subsets"] == json.loads(run("processbench", *files, "--judge", "j", "--json"))["subsets"]


def test_a_limit_draws_the_same_items_and_keeps_them(files: list[str], judges: dict[str, Any]) -> None:
    kept = []
    for limit in ("1", "2", "3"):
        run("processbench", files[0], "--judge", "j", "--limit", limit, "--seed", "5", "--out", f"{limit}.jsonl")
        rows = Path(f"{limit}.jsonl").read_text().splitlines()[1:]
        kept.append({json.loads(row)["id"] for row in rows})
    assert [len(ids) for ids in kept] == [1, 2, 3]
    assert kept[0] < kept[1] < kept[2]


def test_prmbench_is_told_by_class(files: list[str], judges: dict[str, Any]) -> None:
    rows = [{"modified_question": "q", "question": "q", "modified_process": ["fine", "wrong", "fine"],
             "error_steps": [2, 9], "classification": "circular", "idx": "p_0"},
            {"modified_question": "r", "question": "r", "modified_process": ["fine"], "error_steps": [],
             "classification": "multi_solutions", "idx": "p_0"}]  # fmt: skip
    Path("prm.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = json.loads(run("prmbench", "prm.jsonl", "--judge", "j", "--json"))
    assert found["classes"]["circular"]["score"] == found["all"]["exact_acc"] == 1
    assert found["classes"]["multi_solutions"]["false_alarm_rate"] == 0
    assert found["all"]["beyond"] == 1
    assert judges["opened"][0].judged == 4
    assert "circular" in run("prmbench", "prm.jsonl", "--predictions", found["predictions"])


def test_a_server_judges(files: list[str]) -> None:
    """A chat model behind an OpenAI-compatible server, and no step is asked about after the first bad one."""

    def answer(turns: tuple[Turn, ...]) -> str:
        chunk = turns[-1].content.rpartition("New piece:\n")[2].split("\n")[0]
        return f"The piece is {chunk}. \\boxed{{{'Negative' if chunk == 'wrong' else 'Positive'}}}"

    with serving(TestServer(answer)) as server:
        found = json.loads(run("processbench", *files, "--judge", server.name, "--json"))
        assert server.requests == 4 * 3 + 2 * 2
    assert found["subsets"]["gsm8k"]["error_acc"] == pytest.approx(1 / 3)
    assert found["subsets"]["more"]["f1"] == 1
    assert found["average"]["faults"] == 0
    assert found["average"]["tokens"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["other", "gsm8k.json", "--judge", "j"], "no benchmark 'other'; there are processbench and prmbench"),
        (["processbench", "gsm8k.json"], "either --judge NAME, .* or --predictions FILE"),
        (["processbench", "gsm8k.json", "--judge", "j", "--predictions", "p"], "either --judge NAME"),
        (["processbench", "gsm8k.json", "--predictions", "p", "--out", "o"], "there is no judge"),
        (["processbench", "gsm8k.json", "./gsm8k.json", "--judge", "j"], "two files are called gsm8k"),
        (["processbench", "gsm8k.json", "--judge", "j", "--out", "."], "is a folder"),
        (["processbench", "gsm8k.json", "--judge", "j", "--threshold", "nan"], "--threshold nan is no number"),
        (["processbench", "empty.json", "--judge", "j"], "empty.json holds no items"),
        (["prmbench", "empty.json", "--judge", "j"], "empty.json holds no items"),
        (["prmbench", "gsm8k.json", "--judge", "j"], "'modified_process' must be a list, but it is missing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], said: str, files: list[str], judges: dict[str, Any]
) -> None:
    Path("empty.json").write_text("[]")
    with pytest.raises(BadInput, match=said):
        run(*arguments)
    assert not judges["opened"]


def test_another_judge_does_not_go_on_in_the_same_file(files: list[str], judges: dict[str, Any]) -> None:
    run("processbench", *files, "--judge", "j", "--out", "p.jsonl")
    before = Path("p.jsonl").read_bytes()
    with pytest.raises(BadInput, match=r"judge 'j', not 'k'.*name another file"):
        run("processbench", *files, "--judge", "k", "--out", "p.jsonl")
    with pytest.raises(BadInput, match=r"threshold None, not 0\.5"):
        run("processbench", *files, "--judge", "j", "--threshold", "0.5", "--out", "p.jsonl")
    assert Path("p.jsonl").read_bytes() == before


def test_scores_are_finite(files: list[str]) -> None:
    rows = [{"id": f"gsm8k-{number}", "scores": [0.5, float("nan")]} for number in range(4)]
    Path("told.json").write_text(json.dumps(rows))
    with pytest.raises(BadInput, match="a list of finite numbers"):
        run("processbench", files[0], "--predictions", "told.json")


def test_what_can_never_go_on_does_not_say_so(files: list[str], judges: dict[str, Any]) -> None:
    judges |= {"left": 0, "error": BadInput("no such thing")}
    with pytest.raises(BadInput, match=r"^no such thing$"):
        run("processbench", *files, "--judge", "j", "--out", "p.jsonl")


def test_a_lone_surrogate_is_judged(files: list[str]) -> None:
    row = {"id": 1, "problem": "1 + 1?", "label": -1, "steps": ["1 + 1 = 2 \ud83d", "so 2"]}
    Path("odd.json").write_text(json.dumps([row]))
    found = json.loads(run("processbench", "odd.json", "--judge", "rulebook", "--json", "--out", "p.jsonl"))
    assert found["average"]["correct_acc"] == 1

"""`talkoot judge annotate` and `talkoot judge label` as a user meets them."""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.judging import samplers
from talkoot.judging.dialect import Dialect, Tiny
from talkoot.judging.journal import load_journal
from talkoot.judging.labels import Labelling, RelRatio
from talkoot.judging.samplers import open_sampler
from talkoot.learning.sampling import Sampler
from talkoot.models.testserver import Fault, TestServer, serving

sys.path.insert(0, str(Path(__file__).parents[1] / "judging"))
from judging_fakes import Adder

POLICY: dict[str, Adder] = {}


@pytest.fixture
def problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with a file of problems; the model `fake` adds ones and slips."""

    def opened(name: str, **how: Any) -> tuple[Sampler, Dialect]:
        return (POLICY[name], Tiny()) if name in POLICY else open_sampler(name, **how)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(samplers, "open_sampler", opened)
    POLICY["fake"] = Adder()
    path = tmp_path / "sums.jsonl"
    path.write_text("".join(json.dumps({"question": f"{i}:{2 + i % 3}", "answer": f"#### {2 + i % 3}"}) + "\n"
                            for i in range(6)))  # fmt: skip
    return path


def judge(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["talkoot", "judge", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def told(capsys: Any) -> dict[str, Any]:
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    said: dict[str, Any] = json.loads(out)
    return said


def test_annotate_and_label(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--allocation", "fixed", "--json") == 0
    one = told(capsys)
    assert one["journal"] == "sums.journal.jsonl"
    assert (one["problems"], one["responses"], one["model"]) == (6, 96, "adder")
    assert one["rollouts"] == 16 * one["prefixes"] > 0
    assert one["solutions"] + sum(one["dropped"].values()) == 96
    assert judge(monkeypatch, "label", one["journal"], "--report", "--json") == 0
    labelled = told(capsys)
    assert [row["rule"].partition(":")[0] for row in labelled["rules"]] == ["abs-q", "rel-effective", "rel-ratio"]
    for row in labelled["rules"]:
        assert row["solutions"] == one["solutions"]
        assert row["spent"] == {"rollouts": one["rollouts"], "tokens": one["tokens"]} == row["full"]
        assert row["curtailed"]["rollouts"] < row["spent"]["rollouts"]
        assert 0 < row["all"]["share"] < 1
        assert row["halves"]["share"] > 0.5


def test_people_get_tables(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a.jsonl") == 0
    out = capsys.readouterr().out
    assert "6 problems, 96 responses" in out
    assert "talkoot judge label a.jsonl --report" in out
    assert judge(monkeypatch, "label", "a.jsonl", "--against", "a.jsonl") == 0
    out = capsys.readouterr().out
    for words in ("abs-q", "rel-effective:alpha=0.4,n=4", "rel-ratio:gamma=0.8", "share of +", "chunk 2",
                  "last chunk", "half against half", "against the other", "100.0 % of", "unsure, below 0.8",
                  "rollouts, curtailed"):  # fmt: skip
        assert words in out


def test_labelled_chunks_are_written(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a.jsonl", "--json")
    capsys.readouterr()
    written = {}
    for name, how in (("all", ()), ("even", ("--balance",)), ("sure", ("--confidence", "0.9"))):
        assert judge(monkeypatch, "label", "a.jsonl", "--rule", "abs-q", "--out", name, "--json", *how) == 0
        said = told(capsys)
        rows = [json.loads(line) for line in Path(name).read_text().splitlines()]
        assert said["examples"] == len(rows) > 0
        assert said["rules"] == []
        written[name] = rows
    signs = [row["label"] for row in written["even"]]
    assert signs.count(1) == signs.count(-1) > 0
    assert len(written["sure"]) < len(written["all"])
    for row in written["all"]:
        assert row["label"] == (-1 if row["chunks"][-1] == "+0 " else 1)
        assert "+0 " not in row["chunks"][:-1]


def test_stopped_it_goes_on(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    arguments = ("annotate", problems, "--model", "fake", "--at-once", 32, "--json", "--out")
    assert judge(monkeypatch, *arguments, "whole") == 0
    whole, calls = told(capsys), POLICY["fake"].calls
    POLICY["fake"] = Adder(stop_after=len(calls) // 2)
    assert judge(monkeypatch, *arguments, "part") == 130
    assert "goes on from there" in told(capsys)["error"]
    Path("part").write_bytes(Path("part").read_bytes()[:-9])  # and the last line was lost on the way
    POLICY["fake"] = Adder()
    assert judge(monkeypatch, *arguments, "part") == 0
    captured = capsys.readouterr()
    assert "broken off" in captured.err
    part = json.loads(captured.out)
    assert (part["solutions"], part["dropped"]) == (whole["solutions"], whole["dropped"])
    found, wanted = load_journal("part").solutions, load_journal("whole").solutions
    assert [Labelling(RelRatio())(one.counts) for one in found] == [Labelling(RelRatio())(one.counts) for one in wanted]
    assert sum(POLICY["fake"].calls) < sum(calls)


def test_first_errors_are_labelled_by_what_they_imply(
    problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a", "--allocation", "first-error", "--json")
    capsys.readouterr()
    assert judge(monkeypatch, "label", "a", "--implied", "--out", "b", "--rule", "abs-q", "--json") == 0
    assert told(capsys)["examples"] > 0
    assert all((row["label"] < 0) == (row["chunks"][-1] == "+0 ")
               for row in map(json.loads, Path("b").read_text().splitlines()))  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annotate", "sums.jsonl", "--model", "nobody"), "a policy is named tiny/FOLDER"),
        (("annotate", "none.jsonl", "--model", "fake"), "none.jsonl cannot be read"),
        (("annotate", "sums.jsonl", "--model", "fake", "--rollouts", "6"), "no multiple of --block 4"),
        (("annotate", "sums.jsonl", "--model", "fake", "--out", "sums.jsonl"), "file of the problems itself"),
        (("annotate", "sums.jsonl", "--model", "fake", "--rule", "best"), "there is no rule 'best'"),
        (("annotate", "sums.jsonl", "--model", "tiny/nowhere"), "no small model"),
        (("annotate", "sums.jsonl", "--model", "hf/nowhere"), "holds no checkpoint"),
        (("annotate", "sums.jsonl", "--model", "hf/nowhere", "--template", "x"), "for servers only"),
        (("annotate", "sums.jsonl", "--model", "a@http://127.0.0.1:1/v1", "--template", "x"), "x is no folder"),
        (("annotate", "sums.jsonl", "--model", "a@http://127.0.0.1:1/v1,votes=8"), "unknown option ',votes=8'"),
        (("label", "none.jsonl"), "journal none.jsonl cannot be read"),
        (("label", "sums.jsonl"), "settings, which come first in a journal, are missing"),
        (("label", "sums.jsonl", "--rule", "rel-ratio:gamma=high"), "there is no rule"),
        (("label", "sums.jsonl", "--out", "b"), "--out needs --rule"),
        (("label", "sums.jsonl", "--balance"), "--balance makes sense with --out"),
        (("label", "sums.jsonl", "--rule", "abs-q", "--out", "sums.jsonl"), "the journal itself"),
        (("label", "sums.jsonl", "--rule", "rel-ratio", "--implied"), "abs-q only"),
    ],
)
def test_bad_input(
    problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: tuple[str, ...], said: str
) -> None:
    before = problems.read_bytes()
    assert judge(monkeypatch, *arguments) == 2
    assert said in capsys.readouterr().err
    assert problems.read_bytes() == before


def test_another_model_is_kept_out_of_a_journal(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    POLICY["other"] = Adder(name="someone else")
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a") == 0
    assert judge(monkeypatch, "annotate", problems, "--model", "other", "--out", "a") == 2
    assert "policies must not be mixed" in capsys.readouterr().err


def test_an_untrained_network_gives_no_solutions(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from talkoot.judging.tasks.arithmetic import Task, pieces
    from talkoot.learning.tiny import random_tiny

    task = Task()
    random_tiny(pieces(task), width=16, layers=1, heads=2, context=224).save(Path("net"))
    problems.write_text(json.dumps({"problem": task.problem("train", 0).text, "answer": "999"}) + "\n")
    arguments = ("--model", "tiny/net", "--samples", 4, "--tokens", 20, "--out", "a", "--json")
    assert judge(monkeypatch, "annotate", problems, *arguments) == 4
    assert "no solution of 1 problems can be annotated (4 all wrong); name problems" in told(capsys)["error"]
    assert judge(monkeypatch, "label", "a") == 2
    assert "holds no solutions yet" in capsys.readouterr().err


def test_a_policy_without_tags_is_told_how_to_be_cut(
    problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    POLICY["fake"] = Adder(tags=False)
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a") == 4
    captured = capsys.readouterr()
    assert "writes no tags: take --cut rules, and another --out" in captured.err
    assert "judge label" not in captured.out
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "b", "--cut", "lines") == 0


def test_labels_of_a_lone_surrogate_are_written(problems: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems.write_text('{"problem": "\\ud83d 1:2", "answer": "2"}\n')
    assert judge(monkeypatch, "annotate", problems, "--model", "fake", "--out", "a") == 0
    assert judge(monkeypatch, "label", "a", "--rule", "abs-q", "--out", "b") == 0
    row = json.loads(Path("b").read_text(encoding="utf-8").splitlines()[0])
    assert row["problem"] == "\ud83d 1:2"


def adds(prompt: str, seed: int) -> str:
    """What `Adder` would write, as a server."""
    steps = int(re.findall(r"\b\d+:(\d+)", prompt)[-1])
    done = re.findall(r"<chunk>\+(\d)", prompt)
    rng = random.Random(seed)
    fresh = [str(int(rng.random() < 0.8)) for _ in range(steps - len(done))]
    total = sum(map(int, [*done, *fresh]))
    return "".join(f"<chunk>+{one}</chunk>" for one in fresh) + f"<chunk>\\boxed{{{total}}}</chunk>"


@pytest.mark.filterwarnings("default")
def test_what_a_server_does_not_do_is_told_once(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    with serving(TestServer(lambda turns: "", writes=adds, ignores=("n",))) as server:
        arguments = ("--model", f"test@{server.url}", "--problems", 2, "--samples", 8, "--rollouts", 4, "--out", "a")
        assert judge(monkeypatch, "annotate", problems, *arguments) == 0
    error = capsys.readouterr().err
    assert error.count("texts a request; the rest are asked for singly") == 1
    assert "UserWarning" not in error


def test_a_server_that_fails_leaves_what_was_drawn(
    problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    failed = Fault(400, {"error": {"message": "out of order"}})
    with serving(TestServer(lambda turns: "", writes=adds)) as server:
        server.fault = lambda body: failed if server.requests > 4 else None
        arguments = ("--model", f"test@{server.url}", "--samples", 8, "--at-once", 16, "--out", "a", "--json")
        assert judge(monkeypatch, "annotate", problems, *arguments) == 4
    assert re.search(r"a keeps what was drawn \([24] problems, 0 rollouts\), and the same", told(capsys)["error"])
    assert load_journal("a").sampled


def test_a_server_is_annotated(problems: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    with serving(TestServer(lambda turns: "", writes=adds)) as server:
        model = f"test@{server.url}"
        arguments = ("--model", model, "--problems", 3, "--samples", 8, "--rollouts", 8, "--out", "a", "--json")
        assert judge(monkeypatch, "annotate", problems, *arguments) == 0
    said = told(capsys)
    assert said["model"] == model
    assert said["rollouts"] > 0
    for one in load_journal("a").solutions:
        assert all(not one.counts.successes[i] for i in range(len(one.chunks)) if "+0" in one.chunks[:i])

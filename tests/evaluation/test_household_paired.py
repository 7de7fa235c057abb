"""Two teams compared in the same homes: pairs by seed, intervals over tasks, clear words for what is no such run."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from talkoot.errors import BadInput
from talkoot.evaluation.grid import Models, evaluate
from talkoot.evaluation.job import Grid

TEAMS = ("greedy+greedy", "greedy")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    return importlib.import_module("household_paired")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paired") / "run"
    evaluate(Grid(("household/test",), TEAMS, (0, 1, 50)), folder, Models(), workers=1, reference=False)
    return folder


def test_steps_are_paired_by_seed(bench: Any, run: Path) -> None:
    pairs = bench.pairs_in(run, *TEAMS)
    assert list(pairs) == [("household/test", seed) for seed in (0, 1, 50)]
    turned = bench.pairs_in(run, *reversed(TEAMS))
    assert {key: both[::-1] for key, both in turned.items()} == pairs
    assert all(two < one for two, one in pairs.values())  # two pairs of hands are faster than one
    assert list(bench.pairs_in(run, *TEAMS, seeds={1, 7})) == [("household/test", 1)]


def test_the_mean_over_both_seats_stands_for_one_alone(bench: Any, run: Path) -> None:
    (_, alone) = bench.pairs_in(run, *TEAMS)["household/test", 0]
    ends = [json.loads(file.read_text().splitlines()[-1]) for file in run.glob("episodes/*--greedy--0-*.jsonl")]
    assert len(ends) == 2
    assert alone == sum(end["t"] for end in ends) / 2


def test_seeds_of_one_task_are_one_piece_of_evidence(bench: Any) -> None:
    pairs = {("household/test", seed): (30.0, 30.0 + saved) for seed, saved in ((0, 4), (50, 2), (1, -1), (2, 0))}
    told = bench.compared(pairs)
    assert (told["episodes"], told["tasks"]) == (4, 3)
    assert (told["team"], told["against"], told["saved"]) == (30.0, 31.25, 1.25)
    assert (told["fewer"], told["same"], told["more"]) == (2, 1, 1)
    assert told["ci95"] == [-1.0, 3.0]
    once = bench.compared({key: both for key, both in pairs.items() if key[1] in (0, 50)})
    assert (once["tasks"], once["ci95"]) == (1, [3.0, 3.0])


def test_the_command(
    bench: Any, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["household_paired", str(run), "--team", TEAMS[0], "--against", TEAMS[1]]
    monkeypatch.setattr("sys.argv", asked)
    assert bench.main() == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"household/test": bench.compared(bench.pairs_in(run, *TEAMS))}
    evaluate(Grid(("household/train",), TEAMS, (0,)), tmp_path / "train", Models(), workers=1, reference=False)
    monkeypatch.setattr("sys.argv", [asked[0], str(tmp_path / "train"), *asked[1:]])
    assert bench.main() == 0
    both = json.loads(capsys.readouterr().out)
    assert list(both) == ["household/train", "household/test", "all"]
    assert (both["all"]["episodes"], both["all"]["tasks"]) == (4, 3)
    monkeypatch.setattr("sys.argv", [*asked, "--seeds", "2:9"])
    assert bench.main() == BadInput.exit_code
    assert "other --seeds" in capsys.readouterr().err


def test_what_is_no_such_run_is_named(bench: Any, run: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no run of `talkoot eval` with the teams mhp and greedy"):
        bench.pairs_in(run, "mhp", "greedy")
    with pytest.raises(BadInput, match="not a run folder"):
        bench.pairs_in(tmp_path, *TEAMS)
    kitchen = Grid(("cramped_room:horizon=5",), ("stay+stay", "random+random"), (0,))
    evaluate(kitchen, tmp_path / "kitchen", Models(), workers=1, reference=False)
    with pytest.raises(BadInput, match="only in homes fewer steps are better"):
        bench.pairs_in(tmp_path / "kitchen", "stay+stay", "random+random")

"""The benchmark of the learners of judges: its problems are right, its figures are there. No times are asserted."""

from __future__ import annotations

import itertools
import json
import random

import pytest
import torch
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.errors import BadInput
from talkoot.judging import speed
from talkoot.learning.tiny import random_tiny


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, but tiny."""
    monkeypatch.setattr(
        speed, "random_tiny", lambda pieces, **_: random_tiny(pieces, width=16, layers=1, heads=2, context=256)
    )
    monkeypatch.setattr(speed, "ROLLOUTS", 2)
    monkeypatch.setattr(speed, "LENGTH", 3)


def test_solutions_compute_right() -> None:
    for seed in range(20):
        prefixes = speed._solution(random.Random(seed))
        assert 3 <= len(prefixes) <= 8
        text = "".join(([*("", ""), *speed.PIECES])[token] for token in prefixes[-1])
        problem, solution = text.split("<solution>")
        value = int(problem.split(";")[0])
        chunks = solution.removesuffix("</chunk>").removeprefix("<chunk>").split("</chunk><chunk>")
        assert len(chunks) == problem.count(";") == len(prefixes)
        for statement, chunk in zip(problem.removesuffix("?").split(";")[1:], chunks, strict=True):
            told, computed = chunk.split("\n")
            left, right = computed.split("=")
            assert told == statement
            assert left == f"{value}{statement}"
            value = int(right)
            assert value == eval(left) % 13  # digits and a sign that the lines above made
        for shorter, longer in itertools.pairwise(prefixes):
            assert longer[: len(shorter)] == shorter


@pytest.mark.usefixtures("small")
def test_figures_without_peers() -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    found = speed.measure(solutions=8, repeats=1, steps=1, peers=False)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    assert found["rollouts_per_cpu_s"] > 0
    assert found["grpo_steps_per_cpu_s"] > 0
    assert found["ratio_transformers_generate"] is found["ratio_trl_grpo"] is None
    assert found["ratio_trl_grpo_reason"] == "peers were not asked for"
    assert found["prefixes"] == sum(len(speed._solution(random.Random(i))) for i in range(8))
    assert "random weights" in found["model"]


@pytest.mark.usefixtures("small")
def test_against_generate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "find_spec", lambda name: None if name == "trl" else object())
    found = speed.measure(solutions=8, repeats=1, steps=1)
    assert found["ratio_transformers_generate"] > 0
    assert found["transformers_labels_per_cpu_s"] > 0
    assert found["ratio_trl_grpo"] is None
    assert found["ratio_trl_grpo_reason"] == "trl is not installed"


@pytest.mark.peers("trl")
@pytest.mark.usefixtures("small")
@pytest.mark.filterwarnings("ignore")
def test_against_trl() -> None:
    found = speed.measure(solutions=8, repeats=1, steps=1)
    assert found["ratio_trl_grpo"] > 0


@pytest.mark.usefixtures("small")
def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["bench", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    short = ["judging", "--steps", "1", "--repeats", "1", "--no-peers"]
    found = json.loads(run(*short, "--json"))
    assert {"rollouts_per_cpu_s", "ratio_transformers_generate", "ratio_trl_grpo"} <= set(found)
    assert "rollouts_per_cpu_s" in run(*short)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"needs torch; run: pip install 'talkoot\[judging\]'"):
        run(*short)
    with pytest.raises(BadInput, match="known are overcooked, household, judging"):
        run("tennis")

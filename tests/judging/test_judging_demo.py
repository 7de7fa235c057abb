"""The demonstration: chunk-reset told attempt by attempt, and the command that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from talkoot.cli import app
from talkoot.cli.judge import demo as command
from talkoot.errors import BadInput
from talkoot.judge import Trace, Verdict
from talkoot.judging import demo
from talkoot.judging.demo import TASK, Attempt, shipped, speaker, watch
from talkoot.judging.dialect import Tiny
from talkoot.judging.judges import Generative
from talkoot.judging.problem import Problem
from talkoot.judging.tasks.arithmetic import pieces
from talkoot.learning.sampling import Completion, Prompt
from talkoot.learning.tiny import random_tiny

PROBLEM = Problem("p", "p?", "1")


class Script:
    """A sampler that writes the next text of a list each time; it notes prompts and seeds."""

    name = "script"

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = list(texts), list[Prompt]()

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        self.asked += prompts
        return [[Completion(self.texts.pop(0), 4, True)] for _ in prompts]

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        raise NotImplementedError

    def save(self, folder: Path | str) -> None:
        raise NotImplementedError


class Rates:
    """The score of a chunk stands in it."""

    name = "rates"

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        scores = [float(trace.chunks[-1].split()[-1]) for trace in traces]
        return [Verdict(score > 0.5, score, "said") for score in scores]


def told(*texts: str, attempts: int = 3) -> tuple[list[Attempt], Script]:
    script = Script(*texts)
    return list(watch(PROBLEM, script, Rates(), Tiny(), 7, attempts)), script


def chunk(text: str) -> str:
    return f"<chunk>{text}</chunk>"


def test_rejected_chunks_are_told_and_drawn_again() -> None:
    found, script = told(chunk("a 0.1"), chunk("b 0.9"), chunk("\\boxed{1} 0.8"))
    assert [(one.chunk, one.kept) for one in found] == [("a 0.1", False), ("b 0.9", True), ("\\boxed{1} 0.8", True)]
    dialect, trace = Tiny(), Trace("p?")
    assert [prompt.text for prompt in script.asked] == [
        dialect.go_on(trace), dialect.go_on(trace), dialect.go_on(trace.then("b 0.9"))
    ]  # fmt: skip
    assert [prompt.seed == 7 for prompt in script.asked] == [True, False, True]
    assert found[0].verdict == Verdict(False, 0.1, "said")


def test_after_the_last_attempt_the_best_is_kept() -> None:
    found, script = told(chunk("a 0.1"), chunk("b 0.4"), chunk("c 0.2"), "")
    assert [(one.chunk, one.kept) for one in found] == [("a 0.1", False), ("b 0.4", False), ("b 0.4", True)]
    assert not script.texts
    assert script.asked[-1].text == Tiny().go_on(Trace("p?", ("b 0.4",)))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=100, max_size=100), st.integers(1, 5))
def test_attempts_and_chunks_are_bounded(scores: list[float], attempts: int) -> None:
    found, script = told(*(chunk(f"x {score:.3f}") for score in scores), attempts=attempts)
    kept = [one for one in found if one.kept]
    assert len(kept) == 16
    assert len(script.asked) <= 16 * attempts
    assert len(found) <= 16 * attempts
    assert all(one.verdict.good or attempts > 0 for one in kept)
    assert not any(one.verdict.good for one in found if not one.kept)


def test_a_solution_that_grows_too_long_is_left() -> None:
    script = Script(*[chunk("x 0.9")] * 20)
    short = replace(Tiny(), solution_tokens=9)  # each draw has 4 tokens
    assert len(list(watch(PROBLEM, script, Rates(), short, 0))) == 3


def test_an_end_without_tags_is_the_end() -> None:
    found, script = told(chunk("a 0.9"), "rest 0.9")
    assert [(one.chunk, one.kept) for one in found] == [("a 0.9", True), ("rest 0.9", True)]
    assert len(script.asked) == 2


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Untrained models in the place of the shipped ones."""
    for seed, name in enumerate(("policy", "judge")):
        random_tiny(pieces(TASK), seed=seed, width=16, layers=1, heads=2, context=256).save(tmp_path / name)
    monkeypatch.setattr(demo, "SHIPPED", tmp_path)
    return tmp_path


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["judge", "demo", *map(str, arguments)], catch_exceptions=False)


def test_the_command_tells_the_same_twice(ours: Path) -> None:
    first = call("--problems", 2, "--seed", 5)
    assert first.exit_code == 0
    assert first.stdout == call("--problems", 2, "--seed", 5).stdout
    assert first.stdout != call("--problems", 2, "--seed", 6).stdout
    lines = first.stdout.splitlines()
    assert sum(line.startswith("  answer ") for line in lines) == 2
    assert all(TASK.problem("test", 900_005_000 + number).text in lines for number in range(2))
    assert "of 2 right" in first.stdout


def test_shipped_models_are_read_from_their_folder(ours: Path) -> None:
    policy, judge = shipped()
    assert policy.name != judge.name
    assert isinstance(speaker(judge, Tiny()), Generative)
    problem = TASK.problem("test", 1)
    runs = [list(watch(problem, policy, speaker(judge, Tiny()), Tiny(), 0, attempts=2)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_the_models_that_come_along_know_their_task() -> None:
    """Unseen problems: the policy alone is right in seven of ten, with the judge nearly always."""
    policy, network = shipped()
    judge = speaker(network, Tiny())
    problems = [TASK.problem("test", 950_000_000 + number) for number in range(20)]
    right = dropped = 0
    for problem in problems:
        attempts = list(watch(problem, policy, judge, Tiny(), 0))
        right += f"\\boxed{{{problem.answer}}}" in attempts[-1].chunk
        dropped += sum(not one.kept for one in attempts)
    assert right >= 17
    assert dropped >= 3


def test_missing_and_damaged_models_are_named(ours: Path) -> None:
    (ours / "judge" / "model.safetensors").unlink()
    with pytest.raises(BadInput, match=r"judge holds no small model of ours \(no model.safetensors\)"):
        call()
    (ours / "policy" / "model.json").write_text("{")
    with pytest.raises(BadInput, match=r"the model in .*policy cannot be read"):
        shipped()


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda package: None)
    with pytest.raises(BadInput, match=r"judge demo needs torch, safetensors; run: pip install 'talkoot\[judging\]'"):
        call()

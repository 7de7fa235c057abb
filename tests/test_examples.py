"""Every file in examples/ runs, and does what it says."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SHORT = "cramped_room:horizon=80"


def _scores(result: Any) -> bool:
    return bool(result >= 20)


def _tidy(steps: Any) -> bool:
    """All goals hold before the limit."""
    return bool(0 < steps < 250)


CALLS: dict[str, tuple[tuple[Any, ...], Callable[[Any], bool]]] = {
    "two_agents_cook": (("rulebook", SHORT), _scores),
    "swap_planner": ((SHORT,), _scores),
    "swap_household_planner": ((), _tidy),
    "two_agents_tidy": (("rulebook", "household/test:activity=table", 1), _tidy),
    "own_agent": ((SHORT,), _scores),
    "own_layout": ((EXAMPLES / "galley.layout", 80), lambda score: bool(score >= 28)),
    "own_model": ((SHORT,), _scores),
    "read_a_run": (("", 80), lambda shares: shares["pickup_onion"] == 1.0),
    "evaluate_own_agent": (("", SHORT, 1), lambda means: means["proagent"] >= 20 > means["stay"]),
    "pddl_in_proagent": ((SHORT,), _scores),
    "judge_decisions": (("proagent+random", "cramped_room:horizon=40", 4), lambda shares: shares[0] < shares[1]),
    "schedule_instead_of_plan": ((), lambda outcome: outcome.status == "optimal" and outcome.solution.cost == 25),
    "pettingzoo_random": ((SHORT,), lambda result: result[0] == 80),
}
"""For each example what its `main` is called with here, and a test of what it returns."""


@pytest.fixture(autouse=True)
def examples_at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    before = set(sys.modules)
    yield
    for name in {path.stem for path in EXAMPLES.glob("*.py")} & (set(sys.modules) - before):
        del sys.modules[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.py")))
def test_example_runs(name: str, capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    arguments, good = CALLS[name]
    result = importlib.import_module(name).main(*arguments)
    assert good(result), result
    assert capsys.readouterr().out.strip(), "an example tells what came out"
    assert not runs.exists(), "an example leaves nothing behind unless it is asked to"


def test_examples_say_how_to_run_them() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert f"python examples/{path.name}" in path.read_text(), path.name


def test_a_run_is_kept_and_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = importlib.import_module("evaluate_own_agent").main
    first = main(str(tmp_path / "run"), SHORT, 1)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "episodes").iterdir()}
    assert len(files) == 6
    assert main(str(tmp_path / "run"), SHORT, 1) == first
    assert {path: path.stat().st_mtime_ns for path in files} == files

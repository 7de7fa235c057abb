"""What is said to the planners and read from what they say; engines of unified-planning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from engine_problems import TIDY_COST, rooms, row

from talkoot.errors import BadInput, PlannerFailed
from talkoot.planning.engines import fast_downward, symk, unified
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.engines.process import Ended
from talkoot.planning.pddl.domain import Domain
from talkoot.problem import Problem


def said(text: str, folder: Path) -> Ended:
    (folder / "log").write_text(text)
    return Ended(0, 1.0, folder / "log")


def test_lower_bounds_are_read_from_the_logs(tmp_path: Path) -> None:
    a_star = "[t=0.1s, 1 KB] f = 37, 1 evaluated, 0 expanded\n[t=0.2s, 1 KB] f = 41, 9 evaluated, 5 expanded\nf = 99\n"
    assert fast_downward.bound(said(a_star, tmp_path)) == 41
    symbolic = "BOUND: 1 < 2147483647 [0/1 plans]\n[t=1s, 2 KB] BOUND: 36 < 40 [0/1 plans], dir: FW\n"
    assert fast_downward.bound(said(symbolic, tmp_path)) == 36
    assert fast_downward.bound(said("nothing of the kind", tmp_path)) == 0


def test_a_bound_that_means_no_plan_is_infinite(tmp_path: Path) -> None:
    said_last = "BOUND: 8 < 2147483647 [0/1 plans]\nBOUND: 2147483647 < 2147483647 [0/1 plans]\n"
    assert fast_downward.bound(said(said_last, tmp_path)) == float("inf")


def test_a_bound_is_never_beyond_the_cost_of_a_plan(tmp_path: Path) -> None:
    said_last = "BOUND: 2 < 9 [0/1 plans]\n[t=0.1s, 9 KB] BOUND: 3 < 2 [1/1 plans], dir: BW\n"
    assert fast_downward.bound(said(said_last, tmp_path)) == 2


def test_plans_are_read_in_order_and_only_whole_ones(tmp_path: Path) -> None:
    def plan(*steps: str) -> str:
        return "\n".join([*steps, "; cost = 3 (general cost)", ""])

    (tmp_path / "p.2").write_text(plan("(b)"))
    (tmp_path / "p.10").write_text(plan("(c x-1 y_2)", "(d)"))
    (tmp_path / "p.1").write_text(plan())
    (tmp_path / "p.11").write_text("(e)\n(f")
    (tmp_path / "p.log").write_text(plan("(g)"))
    assert fast_downward.read_plans(tmp_path / "p") == [(), (("b",),), (("c", "x-1", "y_2"), ("d",))]
    assert fast_downward.read_plans(tmp_path / "absent") == []


def test_the_programs_of_the_wheels_are_found() -> None:
    for wheel, program in ((fast_downward, "downward"), (symk, "downward"), (symk, "preprocess")):
        folder = wheel.programs()
        assert folder is not None
        assert (folder / program).is_file()


def test_the_translator_is_that_of_the_wheel_and_no_other() -> None:
    command, modules = fast_downward.translate(Path("d"), Path("p"), Path("o"))
    assert modules == fast_downward.programs()
    assert {"-S", "-P"} <= set(map(str, command))
    code = "import fast_downward.translate as one; print(one.__path__[0])"
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code], env={"PYTHONPATH": str(modules)}, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(modules / "fast_downward" / "translate")


def test_unified_planning_solves_with_an_engine_by_name(tmp_path: Path) -> None:
    domain, problem = rooms()
    solution = solve(domain, problem, engine="up:fast-downward-opt", folder=tmp_path)
    assert (solution.status, solution.cost, solution.engine) == ("solved", TIDY_COST, "up:fast-downward-opt")
    assert (tmp_path / "answer.json").is_file()
    assert 0 < solution.engine_seconds <= solution.seconds


def test_unified_planning_says_that_there_is_no_plan() -> None:
    solution = solve(*row(4, gap=1), engine="up:fast-downward-opt")
    assert solution.status == "unsolvable"
    assert solution.reason == "no action can ever reach (on c3)"


def test_engines_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="unified-planning has no engine 'nonesuch' installed; pip install up-nonesuch"):
        solve(*rooms(), engine="up:nonesuch")
    monkeypatch.setattr(unified, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"up:aries needs unified-planning; pip install 'talkoot\[engines\]'"):
        solve(*rooms(), engine="up:aries")


def test_a_problem_that_the_other_reader_does_not_understand() -> None:
    domain = Domain("d", {"a": ("object",), "b": ("object",)}, {}, {"p": (("?x", ("a", "b")),)})
    problem = Problem("p", "d", {"one": "a"}, (), ("p", "one"))
    with pytest.raises(PlannerFailed, match="up:fast-downward says UNSUPPORTED: its reader does not understand"):
        solve(domain, problem, engine="up:fast-downward")


def test_an_engine_out_of_time() -> None:
    solution = solve(*rooms(), engine="up:fast-downward", time=0.2)
    assert (solution.status, solution.reason) == ("gave up", "the limit of time was reached")

"""Solving: plans that hold, proofs, reasons, limits, and planners that die."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from engine_problems import TIDY, TIDY_COST, cheapest, clash, drawn, lights, rooms, row, tiles

from talkoot.errors import BadInput, FaultyPddl, PlannerFailed
from talkoot.planning.engines import attempt, fast_downward, portfolio, symk
from talkoot.planning.engines.attempt import STAGES, whole_numbers
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.validate import validate
from talkoot.problem import Problem

REAL = fast_downward.programs()


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, translator: str = "") -> None:
    """Put a shell script in the place of the search program, perhaps a module in the translator's; SymK is absent."""
    assert REAL is not None
    folder.mkdir()
    if translator:
        (folder / "fast_downward" / "translate").mkdir(parents=True)
        (folder / "fast_downward" / "translate" / "__main__.py").write_text(translator)
    else:
        (folder / "fast_downward").symlink_to(REAL / "fast_downward")
    program = folder / "downward"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(fast_downward, "programs", lambda: folder)
    monkeypatch.setattr(symk, "programs", lambda: None)


def test_steps_that_nothing_needs_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    domain, problem = rooms()
    tidy = solve(domain, problem, prove=True)
    assert tidy.plan is not None
    detour = (("go", "hall", "kitchen"), ("go", "kitchen", "hall"))
    padded = (*detour, *tidy.plan, *detour[:1])
    assert validate(domain, problem, padded).cost == TIDY_COST + 6
    lines = "\\n".join(f"({' '.join(step)})" for step in padded)
    fake(tmp_path / "bin", monkeypatch, f"printf '{lines}\\n; cost = 1 (unit cost)\\n' > \"$4\"\n")
    solution = solve(domain, problem)
    assert (solution.plan, solution.cost, solution.status) == (tidy.plan, TIDY_COST, "solved")
    monkeypatch.setattr(attempt, "LONGEST", 1)
    assert solve(domain, problem).plan == padded


def test_little_memory_is_a_limit_and_no_death() -> None:
    solution = solve(*rooms(), memory_mb=16)
    assert solution.status == "gave up"
    assert "limit of memory" in solution.reason


def test_a_first_plan_and_its_cost() -> None:
    domain, problem = rooms()
    heard: list[str] = []
    solution = solve(domain, problem, progress=heard.append)
    assert solution.status == "solved"
    assert solution.plan is not None
    verdict = validate(domain, problem, solution.plan)
    assert verdict.ok
    assert solution.cost == verdict.cost >= TIDY_COST
    assert solution.bound is None
    assert solution.engine == "lama-first"
    assert 0 < solution.engine_seconds <= solution.seconds
    assert any("lama-first: a plan after" in line for line in heard)


def test_proof_that_a_plan_is_the_cheapest() -> None:
    domain, problem = rooms()
    solution = solve(domain, problem, prove=True)
    assert (solution.status, solution.cost, solution.bound) == ("optimal", TIDY_COST, TIDY_COST)
    assert cheapest(domain, problem) == TIDY_COST


def test_without_a_metric_each_step_costs_one() -> None:
    domain, problem = rooms()
    problem = replace(problem, metric=False)
    solution = solve(domain, problem, prove=True)
    assert (solution.status, solution.cost) == ("optimal", cheapest(domain, problem))
    assert solution.plan is not None
    assert solution.cost == len(solution.plan)
    fractions = rooms(TIDY.replace("cellar) 3)", "cellar) 3.25)"))
    steps = solve(fractions[0], replace(fractions[1], metric=False), prove=True)
    assert (steps.status, steps.cost, steps.bound) == ("optimal", solution.cost, solution.cost)


@pytest.mark.parametrize("engine", sorted(STAGES))
def test_every_search_finds_a_plan(engine: str) -> None:
    domain, problem = rooms()
    solution = solve(domain, problem, engine=engine, time=20)
    assert solution.plan is not None
    assert validate(domain, problem, solution.plan).ok
    assert solution.engine == engine
    if engine in attempt.OPTIMAL:
        assert (solution.status, solution.bound) == ("optimal", TIDY_COST)
    else:
        assert solution.status == "solved"


def test_improving_finds_the_cheapest_plan_and_says_so() -> None:
    domain, problem = tiles(3)
    first = solve(domain, problem)
    heard: list[str] = []
    better = solve(domain, problem, improve=6, progress=heard.append)
    assert first.cost is not None
    assert better.cost is not None
    assert better.bound is not None
    assert better.bound <= better.cost <= first.cost
    assert better.status == "optimal"
    assert any(re.match(r"h2-lama: .*cheapest so far", line) for line in heard)


def test_fractions_of_costs_are_made_whole_and_back() -> None:
    domain, problem = rooms(TIDY.replace("cellar) 3)", "cellar) 3.25)").replace("kitchen) 2)", "kitchen) 1.5)"))
    solution = solve(domain, problem, prove=True)
    assert (solution.status, solution.cost, solution.bound) == ("optimal", 17.25, 17.25)
    _, whole, factor, exact = whole_numbers(domain, problem)
    assert (factor, exact) == (100, True)
    assert whole.values["steps", "kitchen", "cellar"] == 325


def test_costs_of_too_many_digits_are_rounded_up_and_prove_nothing() -> None:
    domain, problem = rooms(TIDY.replace("kitchen) 2)", "kitchen) 1.4142135)"))
    solution = solve(domain, problem, prove=True, time=5)
    assert solution.status == "solved"
    assert solution.bound is None
    assert solution.cost == pytest.approx(TIDY_COST - 2 * (2 - 1.4142135) * 1, abs=1.2)
    assert whole_numbers(domain, problem)[2:] == (1000, False)


def test_costs_that_planners_cannot_add_up_are_made_smaller_and_prove_nothing() -> None:
    domain, problem = rooms(TIDY.replace("cellar) 9)", "cellar) 3000000000)"))
    solution = solve(domain, problem, prove=True, time=5)
    assert (solution.status, solution.bound) == ("solved", None)
    assert solution.plan is not None
    assert validate(domain, problem, solution.plan).ok
    _, whole, factor, exact = whole_numbers(domain, problem)
    assert (max(whole.values.values()), whole.values["steps", "kitchen", "hall"], exact) == (attempt.DEAREST, 1, False)
    assert factor < 1
    tiny = rooms(TIDY.replace("cellar) 9)", "cellar) 0.0000000001)"))
    assert whole_numbers(*tiny)[3] is False
    sums = rooms(TIDY.replace("cellar) 9)", f"cellar) {0.1 + 0.2!r})"))
    assert whole_numbers(*sums)[2:] == (10, True)


def test_negative_costs_are_refused() -> None:
    with pytest.raises(FaultyPddl, match=r"line 6, column 57: \(steps kitchen cellar\) is negative"):
        rooms(TIDY.replace("kitchen cellar) 3)", "kitchen cellar) -3)"))
    domain, problem = rooms()
    with pytest.raises(FaultyPddl, match="cost cannot be negative, as -3 is"):
        solve(domain, replace(problem, values={**problem.values, ("steps", "hall", "cellar"): -3.0}), engine="python")


def test_costs_inside_an_action_are_scaled_too() -> None:
    domain, problem = rooms()
    take = domain.actions["take"]
    dear = replace(take, effect=("and", *take.effect[1:-1], ("increase", ("total-cost",), 0.5)))
    domain = replace(domain, actions={**domain.actions, "take": dear})
    solution = solve(domain, problem, prove=True)
    assert (solution.status, solution.cost) == ("optimal", TIDY_COST - 1.0)


def test_the_empty_plan_needs_no_planner(monkeypatch: pytest.MonkeyPatch) -> None:
    domain, problem = rooms(TIDY.replace("(:goal (and (in red hall) (in crate hall)))", "(:goal (in red kitchen))"))
    monkeypatch.setattr(attempt, "run", lambda *arguments, **named: pytest.fail("a process was started"))
    solution = solve(domain, problem)
    assert (solution.status, solution.plan, solution.cost, solution.bound) == ("optimal", (), 0.0, 0.0)


def test_unreachable_goal_parts_are_named() -> None:
    domain, problem = row(6, gap=3)
    solution = solve(domain, problem)
    assert solution.status == "unsolvable"
    assert solution.plan is None
    assert solution.reason == "no action can ever reach (on c5)"


def test_unsolvable_though_each_part_can_be_reached() -> None:
    plain, swapped = solve(*tiles(2)), solve(*tiles(2, swapped=True))
    assert {plain.status, swapped.status} == {"solved", "unsolvable"}  # half of all orders can be reached
    assert "proves that no plan reaches the whole goal" in plain.reason + swapped.reason


def test_the_reducer_alone_proves_it_too() -> None:
    domain, problem = row(4)
    both = replace(problem, goal=("and", ("on", "c3"), ("on", "c0")))
    solution = solve(domain, both, engine="h2-lama-first")
    assert (solution.status, solution.engine) == ("unsolvable", "h2")


def test_the_symbolic_search_alone_proves_it_by_looking_at_all_states() -> None:
    both = [solve(*tiles(2, swapped), engine="symbolic") for swapped in (False, True)]
    assert {one.status for one in both} == {"optimal", "unsolvable"}
    assert {one.engine for one in both} == {"symbolic"}


def test_a_search_that_cannot_read_the_problem_says_so() -> None:
    solution = solve(*lights(), engine="lm-cut")
    assert solution.status == "gave up"
    assert solution.reason.startswith("lm-cut cannot deal with effects that have conditions")


def test_goals_over_either_of_several_types() -> None:
    domain, problem = rooms(
        TIDY.replace("(and (in red hall) (in crate hall))", "(forall (?t - (either box ball)) (not (in ?t cellar)))")
    )
    domain = replace(domain, requirements=(":adl",))
    for kinds in (("box", "ball"), ("box", "object")):
        goal = ("forall", (("?t", kinds),), ("not", ("in", "?t", "cellar")))
        solution = solve(domain, replace(problem, goal=goal), prove=True, time=10)
        assert (solution.status, solution.cost) == ("optimal", 6.0)


def test_names_that_trouble_other_readers() -> None:
    domain, problem = clash()
    solution = solve(domain, problem, prove=True)
    assert solution.plan == (("move", "define", "at_0-1", "at_0-2"), ("move", "define", "at_0-2", "at_0-3"))


def test_conditions_of_effects_quantifiers_and_alternatives() -> None:
    domain, problem = lights()
    solution = solve(domain, problem, prove=True, time=10)
    assert solution.status == "optimal"
    assert solution.cost == cheapest(domain, problem)


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_a_search_too_simple_to_be_wrong(seed: int) -> None:
    domain, problem = drawn(seed)
    truth = cheapest(domain, problem)
    solution = solve(domain, problem, prove=True, time=10)
    assert solution.status == ("unsolvable" if truth is None else "optimal")
    assert solution.cost == truth


def test_constants_that_are_declared_again() -> None:
    domain, problem = row(3)
    domain = replace(domain, constants={"c0": "object"})
    solution = solve(domain, problem)
    assert solution.plan == (("step", "c0", "c1"), ("step", "c1", "c2"))


def test_a_folder_keeps_the_files_and_the_translation(tmp_path: Path) -> None:
    domain, problem = rooms()
    solve(domain, problem, folder=tmp_path / "kept")
    names = {path.name for path in (tmp_path / "kept").iterdir()}
    assert {"domain.pddl", "problem.pddl", "task.sas", "translate.log", "lama-first.log", "lama-first.plan"} <= names
    (tmp_path / "kept" / "translate.log").unlink()
    again = solve(domain, problem, folder=tmp_path / "kept")
    assert again.plan is not None
    assert not (tmp_path / "kept" / "translate.log").exists()
    other = replace(problem, goal=("in", "red", "cellar"))
    moved = solve(domain, other, folder=tmp_path / "kept")
    assert (tmp_path / "kept" / "translate.log").exists()
    assert moved.plan is not None
    assert validate(domain, other, moved.plan).ok


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"engine": "magic"}, "no engine 'magic'; known are auto, python, lama-first"),
        ({"time": 0}, "time 0 and memory 4096 must be above 0"),
        ({"improve": -1}, "improve -1"),
    ],
)
def test_wrong_requests(named: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        solve(*rooms(), **named)  # type: ignore[arg-type]


def test_a_search_whose_wheel_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symk, "programs", lambda: None)
    with pytest.raises(BadInput, match=r"engine symbolic needs a planner .* pip install 'talkoot\[planning\]'"):
        solve(*rooms(), engine="symbolic")
    solution = solve(*rooms(), improve=1)
    assert solution.status == "optimal"
    assert solution.cost == TIDY_COST


def test_without_any_wheel_our_own_search_steps_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for wheel in (fast_downward, symk):
        monkeypatch.setattr(wheel, "programs", lambda: None)
    heard: list[str] = []
    solution = solve(*rooms(), prove=True, progress=heard.append)
    assert (solution.status, solution.cost, solution.engine) == ("optimal", TIDY_COST, "python")
    assert "pip install 'talkoot[planning]'" in solution.reason
    assert heard == [solution.reason]
    impossible = solve(*row(3, gap=1))
    assert impossible.status == "unsolvable"
    assert impossible.reason.startswith("no action can ever reach (on c2); no planner is installed")


def test_the_wheels_are_found_without_importing_them() -> None:
    code = (
        "import sys\nfrom talkoot.planning.engines import portfolio, fast_downward, symk\n"
        "assert fast_downward.programs() and symk.programs()\n"
        "heavy = {'unified_planning', 'up_fast_downward', 'up_symk', 'fast_downward', 'numpy', 'pydantic', 'numba'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_time_limit_is_kept_and_named() -> None:
    domain, problem = tiles(6)
    solution = solve(domain, problem, engine="lm-cut", time=1.0)
    assert solution.status == "gave up"
    assert solution.reason == "lm-cut reached its limit of time"
    assert solution.bound is not None
    assert solution.bound > 5


def test_no_time_even_for_the_translator() -> None:
    solution = solve(*rooms(), time=0.001)
    assert solution.status == "gave up"
    assert "limit of time" in solution.reason


def test_a_memory_limit_is_named() -> None:
    solution = solve(*tiles(6), engine="symbolic", memory_mb=150)
    assert solution.status == "gave up"
    assert solution.reason == "symbolic reached its limit of memory"


def test_a_killed_planner_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "echo working; kill -9 $$\n")
    monkeypatch.undo()
    monkeypatch.setattr(fast_downward, "search", lambda name, plan: [tmp_path / "bin" / "downward"])
    solution = solve(*rooms())
    assert (solution.status, solution.engine) == ("solved", "h2-lama-first")


def test_if_all_are_killed_it_says_which_and_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "echo working hard; kill -9 $$\n")
    with pytest.raises(PlannerFailed, match="lama-first killed by signal SIGKILL; it said last: working hard"):
        solve(*rooms())


def test_a_planner_that_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "echo assertion failed; exit 32\n")
    with pytest.raises(PlannerFailed, match="ended with exit code 32; it said last: assertion failed"):
        solve(*rooms())


def test_a_planner_killed_from_outside_while_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "echo $$ > pid; exec sleep 60\n")
    folder = tmp_path / "run"

    def kill() -> None:
        while not (folder / "pid").exists() or not (folder / "pid").read_text().strip():
            time.sleep(0.01)
        os.kill(int((folder / "pid").read_text()), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(PlannerFailed, match="lama-first killed by signal SIGKILL"):
        solve(*rooms(), folder=folder, engine="lama-first")
    thread.join()


def test_a_plan_that_does_not_hold_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'printf "(go hall kitchen)\\n(put red kitchen)\\n; cost = 2 (unit cost)\\n" > "$4"\n'
    fake(tmp_path / "bin", monkeypatch, script)
    with pytest.raises(PlannerFailed, match=r"plan of lama-first is wrong .*step 2 \(put red kitchen\)"):
        solve(*rooms())


def test_a_plan_file_that_was_cut_is_no_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, 'echo "(go hall" > "$4"\n')
    with pytest.raises(PlannerFailed, match="lama-first ended with exit code 0"):
        solve(*rooms())


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("import os; os.kill(os.getpid(), 9)", PlannerFailed, "translator killed by signal SIGKILL"),
        ("raise SystemExit('no such predicate')", PlannerFailed, "translator ended with exit code 1; .*no such pred"),
        ("import sys; print('undefined'); sys.exit(31)", FaultyPddl, "rejects the problem: .*undefined"),
    ],
)
def test_a_translator_that_fails(
    text: str, error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", monkeypatch, "exit 0\n", text)
    with pytest.raises(error, match=message):
        solve(*rooms())


def test_a_translator_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "exit 0\n", "import sys; sys.exit(20)")
    solution = solve(*rooms())
    assert solution.status == "gave up"
    assert "translate reached its limit of memory" in solution.reason


def test_a_full_disk_is_an_error_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "exit 0\n", "open('/dev/full', 'w').write('x' * 100_000)")
    with pytest.raises(OSError, match="No space left on device") as caught:
        solve(*rooms(), folder=tmp_path / "run")
    assert caught.value.filename == str(tmp_path / "run")


def test_a_search_that_cannot_write_its_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path / "bin", monkeypatch, "exit 0\n")
    monkeypatch.setattr(attempt.os, "statvfs", lambda folder: SimpleNamespace(f_bavail=0))
    with pytest.raises(OSError, match="No space left on device"):
        solve(*rooms(), folder=tmp_path / "run")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        solve(*rooms(), folder=tmp_path / "file")


def test_temporary_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio.tempfile, "tempdir", str(tmp_path))
    solve(*rooms())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.data
@pytest.mark.parametrize(("domain", "task"), [("floortile", "p20"), ("tyreworld", "p10"), ("storage", "p09")])
def test_true_problems_of_the_benchmark(domain: str, task: str, data: Path) -> None:
    from talkoot.planning.comparison.taskfile import read_tasks
    from talkoot.planning.pddl.reader import load_domain, load_problem

    tasks = read_tasks(data / "llmp" / "tasks.jsonl.gz", truth=True)
    read: Domain = load_domain(tasks.domains[domain].domain_pddl)
    problem: Problem = load_problem(tasks.tasks[domain, task].truth, read)
    solution = solve(read, problem, time=30)
    assert solution.status == "solved"
    assert solution.plan is not None
    assert validate(read, problem, solution.plan).ok


def test_reducing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symk, "preprocess", lambda seconds: ["sleep", "60"])
    solution = solve(*rooms(), engine="h2-lama-first", time=1.0)
    assert solution.status == "gave up"
    assert "h2 reached its limit of time" in solution.reason
    instead = solve(*rooms(), engine="h2-lama", time=4.0)
    assert (instead.status, instead.engine) == ("solved", "lama")


def test_a_killed_reducer_is_named_if_nothing_else_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = ["sh", "-c", "echo at work; kill -9 $$"]
    monkeypatch.setattr(symk, "preprocess", lambda seconds: killed)
    assert solve(*rooms()).engine == "lama-first"
    monkeypatch.setattr(fast_downward, "search", lambda name, plan: killed)
    with pytest.raises(PlannerFailed, match="h2 killed by signal SIGKILL; it said last: at work"):
        solve(*rooms())

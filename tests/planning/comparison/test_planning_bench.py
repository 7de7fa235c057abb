"""Cells of the comparison: tasks, judging, rows, the paper's figures."""

from __future__ import annotations

import asyncio
import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from planning_fakes import Scripted
from talkoot.errors import BadInput, FaultyPddl, ModelFailed
from talkoot.models import open_model
from talkoot.planning.comparison import paper
from talkoot.planning.comparison.bench import (
    TRUTH,
    Scored,
    Task,
    cells_of,
    generated_tasks,
    judge,
    recorded_tasks,
    rows_of,
    work,
)
from talkoot.planning.comparison.methods import Attempt, Limits
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.printer import print_problem
from talkoot.problem import Problem

LIMITS = Limits(time=20)


def _file(path: Path, domain: str = "blocksworld", broken: str = "") -> Path:
    """A file of two tasks as packs make them, its domain with other names of variables."""
    pack = load_pack(domain)
    text = pack.domain_text.replace("?block", "?ob").replace("?below", "?under")
    rows = [{"kind": "domain", "domain": "blocks", "domain_pddl": text, "domain_nl": "Rules of blocks.",
             "example_nl": "An example of blocks.", "example_pddl": pack.example_problem}]  # fmt: skip
    for seed in (0, 1):
        words, problem = pack.generate(3, seed)
        truth = broken or print_problem(problem)
        rows.append({"kind": "task", "domain": "blocks", "task": f"p{seed}", "nl": words, "problem_pddl": truth})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _scored(method: str, task: str, **fields: object) -> Scored:
    base = Scored(method, "d", task, claimed=False, doubtful=False, valid=False, cost=None, proven=False, fault="",
                  reason="", calls=1, tokens=10, seconds=1.0, unreadable=[], plan=None, texts=[])  # fmt: skip
    return replace(base, **fields)  # type: ignore[arg-type]


def test_generated_tasks_are_the_same_every_time() -> None:
    tasks = generated_tasks(["grippers", "blocksworld"], 2, 3, 7)
    assert [(task.domain, task.name) for task in tasks] == [
        ("grippers", "size3-seed7"), ("grippers", "size3-seed8"),
        ("blocksworld", "size3-seed7"), ("blocksworld", "size3-seed8"),
    ]  # fmt: skip
    assert tasks == generated_tasks(["grippers", "blocksworld"], 2, 3, 7)
    assert pickle.loads(pickle.dumps(tasks)) == tasks
    with pytest.raises(BadInput, match="no planning domain 'moon'"):
        generated_tasks(["moon"], 1, 3)


def test_recorded_tasks_get_the_phrases_of_the_pack_they_fit(tmp_path: Path) -> None:
    tasks = recorded_tasks(_file(tmp_path / "t"))
    assert [(task.domain, task.name) for task in tasks] == [("blocks", "p0"), ("blocks", "p1")]
    pack = tasks[0].pack
    assert (pack.description, pack.example_text) == ("Rules of blocks.", "An example of blocks.")
    variables = [variable[1:] for variable, _ in pack.domain.actions["stack"].parameters]
    assert all(f"{{{variable}}}" in pack.tell["stack"] for variable in variables)
    assert variables != [variable[1:] for variable, _ in load_pack("blocksworld").domain.actions["stack"].parameters]
    assert len(recorded_tasks(tmp_path / "t", ["blocks"], 1)) == 1
    with pytest.raises(BadInput, match="no domain 'moon'; it has blocks"):
        recorded_tasks(tmp_path / "t", ["moon"])
    with pytest.raises(FaultyPddl, match="blocks/p0"):
        recorded_tasks(_file(tmp_path / "b", broken="(define (problem p) (:domain x) (:init (fly a)) (:goal (and)))"))


@pytest.mark.parametrize("method", ["llm_plan_context", "llmp"])
def test_a_cell_of_recorded_tasks(tmp_path: Path, method: str) -> None:
    task = recorded_tasks(_file(tmp_path / "t"))[0]
    truth = asyncio.run(work(open_model, cells_of([], [task], "rulebook", LIMITS)[0]))
    assert truth.valid
    assert truth.proven
    said = (
        "\n".join(f"({step})" for step in truth.plan or ())
        if method == "llm_plan_context"
        else print_problem(task.problem)
    )
    model = Scripted([said])
    one = asyncio.run(work(lambda name: model, cells_of([method], [task], "x", LIMITS)[1]))
    assert one.valid
    assert one.cost == truth.cost or method == "llmp"
    assert one.texts == [said]
    assert json.loads(json.dumps(one.to_json()))["method"] == method


def test_cells() -> None:
    task = generated_tasks(["blocksworld"], 1, 3)[0]
    cells = cells_of(["llmp", TRUTH, "llm_plan", "llmp"], [task], "rulebook", LIMITS)
    assert [cell.key for cell in cells] == [
        (name, "blocksworld", "size3-seed0") for name in (TRUTH, "llmp", "llm_plan")
    ]
    with pytest.raises(BadInput, match="no planning method 'magic'"):
        cells_of(["magic"], [task], "rulebook", LIMITS)


def test_a_wrong_plan_is_silent_unless_doubted() -> None:
    task = generated_tasks(["blocksworld"], 1, 3)[0]
    model = Scripted(["(pickup b1)\n(pickup b2)\n(fly b3)"])
    one = asyncio.run(work(lambda name: model, cells_of(["llm_plan"], [task], "x", LIMITS)[1]))
    assert one.claimed
    assert not one.valid
    assert one.silent
    assert not replace(one, doubtful=True).silent
    assert one.unreadable == ["(fly b3)"]
    assert one.cost is None
    assert one.fault.startswith("step ")
    nothing = asyncio.run(work(lambda name: Scripted([""]), cells_of(["llm_plan"], [task], "x", LIMITS)[1]))
    assert not nothing.claimed
    assert not nothing.silent

    def gone(request: object) -> str:
        raise ModelFailed("gone")

    with pytest.raises(ModelFailed, match="gone"):
        asyncio.run(work(lambda name: Scripted(gone), cells_of(["llm_plan"], [task], "x", LIMITS)[1]))


def _blocks(*names: str) -> Problem:
    first, second = names
    return Problem("p", "blocksworld-4ops", dict.fromkeys(names, "object"),
                   (("on-table", first), ("on-table", second), ("clear", first), ("clear", second), ("arm-empty",)),
                   ("and", ("on", first, second)))  # fmt: skip


def test_objects_without_a_name_in_the_text_may_be_called_otherwise() -> None:
    pack = load_pack("blocksworld")
    plan = (("pickup", "a"), ("stack", "a", "b"))
    for text, right in (("Two blocks are on the table; stack them.", True), ("Put x on y.", False)):
        task = Task(pack, "t", text, _blocks("x", "y"))
        ok, cost, fault = judge(task, Attempt(plan, _blocks("a", "b")))
        assert ok == right
        assert cost == (2.0 if right else None)
        assert (fault == "") == right
    task = Task(pack, "t", "Two blocks are on the table; stack them.", _blocks("x", "y"))
    assert not judge(task, Attempt(plan))[0]  # without a problem nobody knows which is which
    assert not judge(task, Attempt(plan, replace(_blocks("a", "b"), goal=("and", ("clear", "a")))))[0]
    assert not judge(task, Attempt((), _blocks("a", "b")))[0]


def test_rows() -> None:
    pack = load_pack("blocksworld")
    tasks = [Task(replace(pack, name="d"), name, "", _blocks("x", "y")) for name in ("t1", "t2", "t3")]
    cells = cells_of(["llmp", "llm_plan"], tasks, "x", LIMITS)
    found = [
        _scored(TRUTH, "t1", claimed=True, valid=True, cost=4.0, proven=True),
        _scored(TRUTH, "t2", claimed=True, valid=True, cost=9.0),
        _scored("llmp", "t1", claimed=True, valid=True, cost=4.0, seconds=3.0, calls=2),
        _scored("llmp", "t2", claimed=True, valid=True, cost=8.0, doubtful=True),
        _scored("llmp", "t3", claimed=True, doubtful=True, unreadable=["a", "b"]),
        _scored("llm_plan", "t1", claimed=True, valid=True, cost=6.0),
        _scored("llm_plan", "t2", claimed=True),
    ]
    rows = {row["method"]: row for row in rows_of(cells, {(s.method, s.domain, s.task): s for s in found})}
    assert list(rows) == [TRUTH, "llmp", "llm_plan"]
    assert [rows[TRUTH][key] for key in ("n", "missing", "success", "optimal", "proven")] == [2, 1, 2, 1, 1]
    ours = rows["llmp"]
    assert [ours[key] for key in ("n", "success", "optimal", "silent", "doubted", "doubted_right", "unreadable")] == [
        3, 2, 2, 0, 2, 1, 2]  # fmt: skip
    assert ours["seconds"] == 1.0
    assert ours["calls"] == pytest.approx(4 / 3)
    assert [rows["llm_plan"][key] for key in ("success", "optimal", "silent", "missing")] == [1, 0, 1, 1]
    empty = rows_of(cells, {})[0]
    assert (empty["n"], empty["seconds"], empty["calls"]) == (0, None, None)


def test_two_domains_get_a_row_for_all() -> None:
    tasks = generated_tasks(["blocksworld", "grippers"], 1, 3)
    rows = rows_of(cells_of(["llmp"], tasks, "x", LIMITS), {})
    assert [(row["method"], row["domain"]) for row in rows] == [
        (method, domain) for method in (TRUTH, "llmp") for domain in ("blocksworld", "grippers", "all")]  # fmt: skip


def test_figures_of_the_paper() -> None:
    assert paper.figure("llmp", "barman") == (20, 100)
    assert paper.figure("llmp", "all") == (45.7, 69.3)
    assert paper.figure("llm_plan", "all") == (7.1, 12.1)
    assert paper.figure("tree_of_thoughts", "all") == (1.4, 3.6)
    assert paper.figure("llmp_faithful", "termes") == paper.figure("llmp", "termes") == (20, None)
    assert paper.figure("step_by_step", "barman") is None
    assert paper.figure("llmp", "manipulation") is None
    assert paper.shown((20, 100)) == "20 (100)"
    assert paper.shown((0, None)) == "0"
    assert paper.shown(None) == "–"


@pytest.mark.data
def test_recorded_tasks_of_the_benchmark(data: Path) -> None:
    tasks = recorded_tasks(data / "llmp" / "tasks.jsonl.gz")
    assert len(tasks) == 141
    assert all(set(task.pack.tell) == set(task.pack.domain.actions) for task in tasks)

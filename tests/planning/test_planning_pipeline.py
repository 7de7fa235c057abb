"""A task from end to end: every stage can be swapped, every artefact stays, no plan is wrong in silence."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planning_fakes import TASK, Scripted, problem
from talkoot.errors import BadInput, CutReply, EmptyReply, FaultyPddl, InvalidPlan, ModelFailed, PlannerFailed
from talkoot.model import Request, Turn
from talkoot.models import open_model
from talkoot.models.rulebook import Rulebook
from talkoot.planning.artefacts import Artefacts
from talkoot.planning.faults import Fault
from talkoot.planning.packs.pack import Pack, list_packs, load_pack
from talkoot.planning.pddl.printer import normalise, read_plan
from talkoot.planning.pipeline import plan_task
from talkoot.planning.plans.tell import Telling, Told
from talkoot.planning.plans.validate import Simulator, Verdict
from talkoot.planning.seam import Outcome, Written, carry_out, failure
from talkoot.planning.solution import Solution
from talkoot.problem import Plan, Problem

PLAN: Plan = (("unstack", "b2", "b1"), ("putdown", "b2"), ("pickup", "b1"), ("stack", "b1", "b3"))
EVERYTHING = {
    "asked.json", "task.txt", "prompt-1.txt", "reply-1.txt", "replies.jsonl", "problem.pddl", "faults.json",
    "plan.txt", "told.txt", "status.txt", "outcome.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def blocks() -> Pack:
    return load_pack("blocksworld")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def solved(problem: Problem) -> Solution:
    return Solution("solved", PLAN, 4.0, engine="by heart")


@pytest.mark.parametrize("name", list_packs())
def test_a_generated_task_is_planned_and_told(name: str) -> None:
    pack = load_pack(name)
    text, true = pack.generate(1, 4)
    outcome = plan_task(text, pack, open_model("rulebook"), time=30)
    assert outcome.status in ("solved", "optimal")
    plan = outcome.solution.plan
    assert plan
    assert Simulator(*normalise(pack.domain, true)).check(plan).ok
    assert [one.step for one in outcome.telling.told] == list(range(1, len(plan) + 1))
    assert outcome.words().startswith("1. ")
    told = outcome.to_json()
    assert json.loads(json.dumps(told)) == told
    assert told["plan"] == [" ".join(step) for step in plan]
    assert (told["status"], told["calls"], told["faults"]) == (outcome.status, 1, told["faults"])


def test_everything_made_on_the_way_stays(blocks: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    model = Scripted([problem(goal="(:goal (and (on b3 b1)))"), problem()])
    outcome = plan_task(TASK, blocks, model, artefacts=Artefacts.open(folder, {"text": TASK}), solve=solved)
    assert names(folder) == EVERYTHING | {"prompt-2.txt", "reply-2.txt"}
    assert read_plan((folder / "plan.txt").read_text()) == PLAN
    assert (folder / "status.txt").read_text() == "solved\n"
    assert (folder / "task.txt").read_text() == TASK
    assert (folder / "problem.pddl").read_text() == outcome.written.text
    assert (folder / "reply-2.txt").read_text() == problem()
    assert "To be mended" in (folder / "prompt-2.txt").read_text()
    assert (folder / "told.txt").read_text() == outcome.words()
    assert json.loads((folder / "outcome.json").read_text()) == json.loads(json.dumps(outcome.to_json()))
    assert json.loads((folder / "faults.json").read_text()) == []


def test_the_same_task_asks_nothing_twice(blocks: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def killed(problem: Problem) -> Solution:
        raise PlannerFailed("the planner was killed")

    model = Scripted([problem()])
    for _ in range(2):
        with pytest.raises(PlannerFailed):
            plan_task(TASK, blocks, model, artefacts=Artefacts.open(folder, {"text": TASK}), solve=killed)
        assert (folder / "status.txt").read_text() == "planner failed\nthe planner was killed\n"
        assert names(folder) == EVERYTHING - {"plan.txt", "told.txt", "outcome.json"}
    outcome = plan_task(TASK, blocks, model, artefacts=Artefacts.open(folder, {"text": TASK}), solve=solved)
    assert len(model.requests) == 1
    assert (outcome.status, outcome.written.calls) == ("solved", 1)
    assert names(folder) == EVERYTHING
    with pytest.raises(BadInput, match="another task: it differs in text"):
        Artefacts.open(folder, {"text": "something else"})


def test_a_failed_call_is_asked_again(blocks: Pack, tmp_path: Path) -> None:
    def answers(request: Request) -> str:
        if len(model.requests) == 1:
            raise ModelFailed("the line is busy")
        return problem()

    model = Scripted(answers)
    with pytest.raises(ModelFailed):
        plan_task(TASK, blocks, model, artefacts=Artefacts.open(tmp_path / "run", {}), solve=solved)
    assert (tmp_path / "run" / "status.txt").read_text().startswith("model failed\n")
    assert "prompt-1.txt" in names(tmp_path / "run")
    plan_task(TASK, blocks, model, artefacts=Artefacts.open(tmp_path / "run", {}), solve=solved)
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    ("reply", "error", "status"),
    [("Sorry.", EmptyReply, "empty reply"), (problem()[:130], CutReply, "cut reply"),
     ("(define (problem p) (:objects b1 b2 b3))", FaultyPddl, "faulty pddl")],
)  # fmt: skip
def test_replies_that_cannot_be_planned_with(
    blocks: Pack, tmp_path: Path, reply: str, error: type[Exception], status: str
) -> None:
    with pytest.raises(error):
        plan_task(TASK, blocks, Scripted([reply]), artefacts=Artefacts.open(tmp_path / "run", {}), rounds=1)
    assert (tmp_path / "run" / "status.txt").read_text().startswith(f"{status}\n")
    assert (tmp_path / "run" / "reply-1.txt").read_text() == reply
    assert "plan.txt" not in names(tmp_path / "run")


def test_a_doubtful_plan_says_so_first(blocks: Pack, tmp_path: Path) -> None:
    wrong = problem(goal="(:goal (and (on b3 b1)))")
    outcome = plan_task(
        TASK, blocks, Scripted([wrong]), rounds=0, time=20, artefacts=Artefacts.open(tmp_path / "run", {})
    )
    assert outcome.status == "doubtful"
    assert outcome.solution.status in ("solved", "optimal")
    assert outcome.words().startswith("DOUBTFUL")
    assert "b1 should be on b3" in outcome.words()
    assert (tmp_path / "run" / "status.txt").read_text() == "doubtful\n"
    assert (tmp_path / "run" / "plan.txt").exists()
    assert any(not fault["mended"] for fault in json.loads((tmp_path / "run" / "faults.json").read_text()))


def test_an_impossible_task_is_proven_to_be_so(blocks: Pack) -> None:
    text = TASK.replace("b1 should be on b3", "b1 should be on b1")
    outcome = plan_task(text, blocks, Rulebook(), rounds=0, time=20)
    assert (outcome.status, outcome.solution.plan) == ("unsolvable", None)
    assert "No plan: " in outcome.words()
    assert outcome.to_json()["plan"] is None


def test_unproven_faults_beside_an_unreachable_goal_stay_doubtful() -> None:
    unreachable = Fault("unreachable-goal", "no action makes it", section="goal")
    other = Fault("text-goal", "it says otherwise", section="goal")

    def status(solution: str, *faults: Fault) -> str:
        written = Written("p", "p", faults)
        return Outcome("t", written, Solution(solution)).status  # type: ignore[arg-type]

    assert status("unsolvable", unreachable) == "unsolvable"
    assert status("unsolvable", unreachable, other) == "doubtful"
    assert status("gave up", unreachable) == "doubtful"
    assert status("gave up") == "gave up"
    assert status("solved", Fault("relation", "filled in", mended=True)) == "solved"


def test_a_plan_that_fails_is_never_shown(blocks: Pack, tmp_path: Path) -> None:
    def wrong(problem: Problem) -> Solution:
        return Solution("optimal", PLAN[1:], 3.0, engine="careless")

    with pytest.raises(InvalidPlan, match="careless gave a plan that fails: step 1"):
        plan_task(TASK, blocks, Rulebook(), artefacts=Artefacts.open(tmp_path / "run", {}), solve=wrong)
    assert not names(tmp_path / "run") & {"plan.txt", "told.txt", "outcome.json"}
    assert (tmp_path / "run" / "status.txt").read_text().startswith("invalid plan\n")


def test_nothing_to_do(blocks: Pack) -> None:
    text = TASK.replace("b1 should be on b3", "b2 should be on b1")
    outcome = plan_task(text, blocks, Scripted([problem(goal="(:goal (and (on b2 b1)))")]), rounds=0, time=10)
    assert (outcome.status, outcome.solution.plan) == ("optimal", ())
    assert outcome.words() == "Nothing has to be done: the goal holds already.\n"


def test_a_full_disk_keeps_what_is_there(blocks: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.write_text

    def full(self: Path, *arguments: Any, **named: Any) -> int:
        if self.name in ("problem.pddl.part", "status.txt.part"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left") as caught:
        plan_task(TASK, blocks, Rulebook(), artefacts=Artefacts.open(tmp_path / "run", {}), solve=solved)
    assert caught.value.filename == str(tmp_path / "run" / "problem.pddl")
    assert failure(caught.value) == "disk full"
    assert {"task.txt", "prompt-1.txt", "reply-1.txt"} <= names(tmp_path / "run")


def test_ctrl_c_is_noted_and_passed_on(blocks: Pack, tmp_path: Path) -> None:
    def interrupted(problem: Problem) -> Solution:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_task(TASK, blocks, Rulebook(), artefacts=Artefacts.open(tmp_path / "run", {}), solve=interrupted)
    assert (tmp_path / "run" / "status.txt").read_text().startswith("stopped\n")
    assert (tmp_path / "run" / "problem.pddl").exists()


def test_the_model_may_tell_the_plan(blocks: Pack) -> None:
    def answers(request: Request) -> str:
        if request.purpose == "planning/write":
            return problem()
        return "1. Lift b2 off b1.\n2. Lay b2 down.\n3. Lift b1.\n4. Set b1 onto b3."

    outcome = plan_task(TASK, blocks, Scripted(answers), solve=solved, tell_with_model=True)
    assert outcome.telling.by == "scripted"
    assert "Lay b2 down" in outcome.words()


def test_progress_is_heard(blocks: Pack) -> None:
    heard: list[str] = []
    plan_task(TASK, blocks, Rulebook(), time=10, progress=heard.append)
    assert heard[0] == "rulebook writes the problem"
    assert any("looking for a plan" in line for line in heard)


def test_hostile_replies_can_be_written_down(tmp_path: Path) -> None:
    artefacts = Artefacts.open(tmp_path / "run", {})
    model = artefacts.keep(Scripted(["half a pair \ud800 and \x00"]))
    asyncio.run(model(Request("planning/write", (Turn("user", "hello"),))))
    assert "half a pair" in (tmp_path / "run" / "reply-1.txt").read_text()
    assert Artefacts().keep(model) is model
    Artefacts().write("anything", "goes nowhere")
    Artefacts().remove("anything")


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="a file is in the way"):
        Artefacts.open(tmp_path / "file", {})
    with pytest.raises(BadInput, match=r"not the folder of a planning task \(it holds file\)"):
        Artefacts.open(tmp_path, {})
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "asked.json").write_text("{")
    with pytest.raises(BadInput, match="differs in text"):
        Artefacts.open(tmp_path / "run", {"text": "x"})


@dataclass(frozen=True)
class Shifts:
    """Another kind of problem: jobs to be put in an order of their deadlines."""

    deadlines: dict[str, int]


def test_another_solver_fits_the_seam(tmp_path: Path) -> None:
    async def write(text: str) -> Written[Shifts]:
        pairs = dict(part.split(" by ") for part in text.split(", "))
        return Written(Shifts({job: int(by) for job, by in pairs.items()}), text)

    def solve(problem: Shifts) -> Solution:
        jobs = sorted(problem.deadlines, key=problem.deadlines.__getitem__)
        if any(problem.deadlines[job] <= at for at, job in enumerate(jobs)):
            return Solution("unsolvable", reason="too many jobs are due at once")
        return Solution("optimal", tuple(("do", job) for job in jobs), float(len(jobs)), float(len(jobs)))

    def check(problem: Shifts, plan: Plan) -> Verdict:
        return Verdict(all(problem.deadlines[job] > at for at, (_, job) in enumerate(plan)), cost=float(len(plan)))

    async def tell(problem: Shifts, plan: Sequence[Any]) -> Telling:
        return Telling(tuple(Told(at, f"Do {job}", f"due by {problem.deadlines[job]}") for at, (_, job) in
                             enumerate(plan, 1)))  # fmt: skip

    outcome = carry_out("wash by 2, cook by 1", write, solve, check, tell, artefacts=Artefacts.open(tmp_path / "r", {}))
    assert outcome.words() == "1. Do cook (due by 1)\n2. Do wash (due by 2)\n"
    assert (tmp_path / "r" / "plan.txt").read_text() == "(do cook)\n(do wash)\n"
    outcome = carry_out("wash by 1, cook by 1", write, solve, check, tell)
    assert (outcome.status, outcome.words()) == ("unsolvable", "No plan: too many jobs are due at once.\n")

"""The rulebook writes what the generators describe, says what it cannot read, overlooks what it is told to."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from planning_fakes import TASK, Scripted, problem
from talkoot.errors import Doubtful, EmptyReply, ModelFailed
from talkoot.model import Request, Turn
from talkoot.models import open_model
from talkoot.models.check import check_model
from talkoot.models.rulebook import Rulebook, answer_by_rules
from talkoot.planning.packs.abridge import abridge, completed
from talkoot.planning.packs.claims import problem_of
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.packs.phrases import read_text
from talkoot.planning.pddl.reader import Draft, load_problem
from talkoot.planning.plans.tell import tell_with
from talkoot.planning.rulebook import Acquainted, answer
from talkoot.planning.seam import Written
from talkoot.planning.write import write
from talkoot.problem import Problem


def written(text: str, pack: str, model: str = "rulebook", **options: object) -> Written[Problem]:
    return asyncio.run(write(open_model(model), load_pack(pack), text, **options))  # type: ignore[arg-type]


def same(one: Problem, other: Problem) -> bool:
    return (
        set(one.init) == set(other.init)
        and set(one.goal) == set(other.goal)
        and dict(one.objects) == dict(other.objects)
        and dict(one.values) == dict(other.values)
        and one.metric == other.metric
    )


@pytest.mark.parametrize("name", list_packs())
def test_it_writes_what_the_generator_describes(name: str) -> None:
    pack = load_pack(name)
    for size, seed in ((1, 0), (2, 1), (3, 2)):
        text, true = pack.generate(size, seed)
        for form in ("pddl", "compact"):
            found = written(text, name, form=form)
            assert same(found.problem, true)
            assert not [fault for fault in found.faults if not fault.mended]
            assert (found.calls, found.unread) == (1, ())


@pytest.mark.parametrize("name", list_packs())
def test_examples_are_read_and_can_be_abridged(name: str) -> None:
    pack = load_pack(name)
    example = load_problem(pack.example_problem, pack.domain)
    assert same(written(pack.example_text, name).problem, example)
    short = abridge(example, pack)
    assert len(short.init) <= len(example.init)
    assert set(complete(Draft(short, []), pack.domain, pack)[0].init) == set(example.init)
    if pack.grids:
        assert len(short.init) < len(example.init)
        assert completed(pack)


def test_the_compact_form_leaves_the_bulk_out() -> None:
    pack = load_pack("floortile")
    text, _ = pack.generate(3, 1)
    model = Scripted(["sorry"])
    for form in ("pddl", "compact"):
        with pytest.raises(EmptyReply):
            asyncio.run(write(model, pack, text, form=form))  # type: ignore[arg-type]
    whole, short = (answer("write", request.messages) for request in model.requests)
    assert "(up " in whole
    assert "(up " not in short
    assert "(robot-at " in short


def test_what_it_cannot_read_it_says() -> None:
    with pytest.raises(Doubtful, match="“the moon is made of cheese”"):
        written("The moon is made of cheese.\nThe goal is to eat it.".lower(), "blocksworld")
    found = written(TASK.replace("The arm is empty.", "The arm is empty. b1 is much heavier than b2."), "blocksworld")
    assert any("b1 is much heavier than b2" in fault.message for fault in found.faults if not fault.mended)
    found = written(f"{TASK}b9 should be on b1.\n", "blocksworld")
    assert any("b9" in fault.message for fault in found.faults if not fault.mended)


def test_what_is_dropped_is_mended_in_rounds() -> None:
    text = """There are 8 blocks and one arm.
The blocks are called b1, b2, b3, b4, b5, b6, b7 and b8.
b1 is on b2. b2 is on b3. b3 is on the table. b4 is on b5. b5 is on the table. b6 is on the table. b7 is on b8.
b8 is on the table. The arm is empty.
The goal is to rebuild the towers.
b3 should be on b1. b5 should be on b4. b6 should be on b7.
"""
    true = written(text, "blocksworld").problem
    careless = written(text, "blocksworld", "rulebook:drop=0.3,seed=1", rounds=0)
    assert any(not fault.mended for fault in careless.faults)
    mended = written(text, "blocksworld", "rulebook:drop=0.3,seed=1", rounds=4)
    assert mended.rounds > 1
    assert same(mended.problem, true)
    assert written(text, "blocksworld", "rulebook:drop=0.3,seed=1", rounds=4) == mended
    assert written(text, "blocksworld", "rulebook:drop=0.3,seed=2", rounds=0).problem != careless.problem


def test_a_pack_of_the_users_own(tmp_path: Path) -> None:
    shutil.copytree(load_pack("blocksworld").folder, tmp_path / "mine")
    for file in (tmp_path / "mine").glob("*.*"):
        file.write_text(file.read_text().replace("arm-empty", "arm-free"))
    pack = load_pack(tmp_path / "mine")
    with pytest.raises(EmptyReply, match="only the domains that come with talkoot"):
        asyncio.run(write(Rulebook(), pack, TASK))
    model = Acquainted(Rulebook(), pack)
    found = asyncio.run(write(model, pack, TASK))
    assert ("arm-free",) in found.problem.init
    assert model.name == "rulebook"
    asyncio.run(write(Acquainted(Rulebook(), pack), load_pack("blocksworld"), TASK))


def test_it_tells_a_plan() -> None:
    pack = load_pack("blocksworld")
    task = load_problem(problem(), pack.domain)
    plan = (("unstack", "b2", "b1"), ("putdown", "b2"), ("pickup", "b1"), ("stack", "b1", "b3"))
    telling = asyncio.run(tell_with(Rulebook(), pack.domain, task, plan, pack.tell, pack.facts))
    assert (telling.by, telling.note) == ("rulebook", "")
    assert [one.step for one in telling.told] == [1, 2, 3, 4]
    assert "b2" in telling.told[0].words


def test_other_prompts() -> None:
    with pytest.raises(ModelFailed, match="no rules for planning/dance"):
        answer_by_rules("planning/dance", (Turn("user", "hello"),))
    assert "none of them" in answer_by_rules("planning/write", (Turn("user", "hello"),))
    assert answer_by_rules("planning/tell", (Turn("user", "hello"),)) == ""
    check_model(open_model("rulebook"), purposes=("planning/write",), deterministic=True)
    with pytest.raises(ModelFailed):
        asyncio.run(Acquainted(Rulebook(), load_pack("storage"))(Request("overcooked/plan", (Turn("user", "pots"),))))


def test_claims_state_only_what_they_leave_no_choice_in() -> None:
    pack = load_pack("blocksworld")
    objects = {"b1": "object", "b2": "object"}

    def from_claims(*means: str) -> Problem:
        from talkoot.planning.packs.conditions import parse_condition
        from talkoot.planning.packs.phrases import Claim

        return problem_of([Claim(parse_condition(mean), "start", "", 1) for mean in means], objects, pack)

    assert from_claims("(exists (?b) (on-table ?b))").init == ()
    assert from_claims("(or (on b1 b2) (on b2 b1))", "(count 2 (?b) (on-table ?b))").init in ((), (("on", "b1", "b2"),))
    assert from_claims("(on b1 nobody)", "(fly b1)", "(on b1)").init == ()
    assert set(from_claims("(imply (clear b1) (clear b2))", "(forall (?b) (clear ?b))").init) == {
        ("clear", "b1"), ("clear", "b2")}  # fmt: skip
    assert from_claims("(imply (clear b1) (holding b2))", "(clear b1)").init == (("clear", "b1"), ("holding", "b2"))
    assert from_claims("(not (clear b1))", "(and)").init == ()
    reading = read_text(TASK, pack, dict.fromkeys(("b1", "b2", "b3"), "object"))
    found = problem_of(reading.claims, {"b1": "object", "b2": "object", "b3": "object"}, pack)
    assert found == replace(found, name="task", metric=False, values={})

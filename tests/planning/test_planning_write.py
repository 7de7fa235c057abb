"""Writing a problem by a model: prompts, odd replies, repairs, replies that go on, votes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from planning_fakes import GOAL, INIT, OBJECTS, TASK, Scripted, problem
from talkoot.errors import CutReply, Doubtful, EmptyReply, ModelFailed
from talkoot.model import Model, Reply, Request
from talkoot.models.openai_chat import OpenAIChat
from talkoot.models.testserver import Fault, TestServer, says, serving
from talkoot.planning.packs.pack import Pack, load_pack
from talkoot.planning.seam import Written
from talkoot.planning.write import review, write
from talkoot.problem import Problem

TRUE = {("on-table", "b1"), ("on", "b2", "b1"), ("on-table", "b3"), ("clear", "b2"), ("clear", "b3"), ("arm-empty",)}


@pytest.fixture(scope="module")
def blocks() -> Pack:
    return load_pack("blocksworld")


def written(model: Model, pack: Pack, text: str = TASK, **options: Any) -> Written[Problem]:
    return asyncio.run(write(model, pack, text, **options))


def test_a_sound_reply_needs_one_call(blocks: Pack) -> None:
    model = Scripted([problem()])
    found = written(model, blocks)
    assert set(found.problem.init) == TRUE
    assert found.problem.goal == ("and", ("on", "b1", "b3"))
    assert (found.faults, found.unread, found.rounds, found.share) == ((), (), 0, 1.0)
    assert (found.calls, found.tokens) == (1, 15)
    assert "(on b2 b1)" in found.text
    request = model.requests[0]
    assert (request.purpose, request.temperature, request.seed) == ("planning/write", 0.0, None)


def test_the_prompt_holds_domain_rules_example_form_and_task(blocks: Pack) -> None:
    model = Scripted([problem()])
    written(model, blocks)
    prompt = model.prompt(0)
    for part in ("(holding ?block)", ":precondition (and (holding ?block) (clear ?below))", blocks.description.strip(),
                 blocks.example_text.strip(), blocks.example_problem.strip(), "(:domain blocksworld-4ops)",
                 "; unclear:"):  # fmt: skip
        assert part in prompt
    assert prompt.endswith(f"## Task\n{TASK.strip()}")
    assert "code adds" not in prompt


def test_the_compact_prompt_says_what_code_adds(blocks: Pack) -> None:
    model = Scripted([problem(objects="(:objects b1..b3)", init="(:init (for i 1..1 (on b{i+1} b{i})) (on-table b1) "
                                      "(on-table b3) (arm-empty))")])  # fmt: skip
    found = written(model, blocks, form="compact")
    assert set(found.problem.init) == TRUE
    assert list(found.problem.objects) == ["b1", "b2", "b3"]
    assert "..." not in found.text
    prompt = model.prompt(0)
    assert "(for i 1..9" in prompt
    assert "(clear ?b): from the other facts" in prompt
    example = prompt.partition("## Its problem")[2].partition("## Form")[0]
    assert "(clear" not in example
    assert "(on-table" in example


def test_the_faithful_prompt_shows_no_domain(blocks: Pack) -> None:
    model = Scripted([problem()])
    assert set(written(model, blocks, faithful=True).problem.init) == TRUE
    prompt = model.prompt(0)
    assert ":precondition" not in prompt
    assert blocks.example_text.strip() in prompt
    assert blocks.example_problem.strip() in prompt
    assert TASK.strip() in prompt


@pytest.mark.parametrize(
    "around",
    ["```pddl\n{}\n```", "Sure! Here is the problem:\n\n```\n{}```\nLet me know if (you need) more.", "{}\n; done",
     "Think: blocks (three of them).\n{}"],
)  # fmt: skip
def test_fences_and_prose_do_not_matter(blocks: Pack, around: str) -> None:
    found = written(Scripted([around.format(problem())]), blocks, rounds=0)
    assert set(found.problem.init) == TRUE
    assert all(fault.mended for fault in found.faults)


def test_only_the_failing_part_is_written_again(blocks: Pack) -> None:
    wrong = problem(goal="(:goal (and (on b3 b1)))")
    model = Scripted([wrong, f"Of course:\n```\n{GOAL}\n```"])
    found = written(model, blocks)
    assert found.problem.goal == ("and", ("on", "b1", "b3"))
    assert (found.rounds, found.calls) == (1, 2)
    assert not [fault for fault in found.faults if not fault.mended]
    prompt = model.prompt(1)
    assert model.requests[1].purpose == "planning/repair"
    assert OBJECTS in prompt.partition("## Settled")[2].partition("## To be mended")[0]
    assert "(:goal (and (on b3 b1)))" in prompt.partition("## To be mended")[2].partition("## What is wrong")[0]
    assert "(on-table" not in prompt.partition("## Settled")[2]
    assert "1. " in prompt.partition("## What is wrong")[2]
    assert "Write (:goal ...) again" in prompt


def test_settled_parts_stay_whatever_the_repair_says(blocks: Pack) -> None:
    wrong = problem(goal="(:goal (and (on b3 b1)))")
    found = written(Scripted([wrong, problem(init="(:init (on b1 b2) (on b2 b1))")]), blocks)
    assert set(found.problem.init) == TRUE
    assert found.problem.goal == ("and", ("on", "b1", "b3"))


def test_repair_stops_where_faults_do_not_get_fewer(blocks: Pack) -> None:
    wrong = problem(goal="(:goal (and (on b3 b1)))")
    model = Scripted([wrong, "(:goal (and (on b3 b2)))"])
    found = written(model, blocks, rounds=5)
    assert (found.rounds, found.calls) == (1, 2)
    assert found.problem.goal == ("and", ("on", "b3", "b1"))  # the better of the two, here the first
    kinds = {fault.kind for fault in found.faults if not fault.mended}
    assert "text-goal" in kinds


def test_rounds_bound_the_repairs(blocks: Pack) -> None:
    worse = problem(init="(:init (arm-empty))", goal="(:goal (and (on b3 b1)))")
    model = Scripted([worse, problem(goal="(:goal (and (on b3 b1)))"), problem()])
    assert written(model, blocks, rounds=0).calls == 1
    model.requests.clear()
    found = written(model, blocks, rounds=1)
    assert (found.rounds, found.calls) == (1, 2)
    assert {fault.section for fault in found.faults if not fault.mended} == {"goal"}
    worst = "(define (problem p) (:domain blocksworld-4ops) (:objects b1 b2 b3))"
    model = Scripted([worst, f"{OBJECTS} (:init (arm-empty)) {GOAL}", problem()])
    found = written(model, blocks, rounds=2)
    assert (found.rounds, found.calls) == (2, 3)
    assert set(found.problem.init) == TRUE


def test_an_object_more_needs_facts_more(blocks: Pack) -> None:
    model = Scripted([problem(objects="(:objects b1 b2)"), problem()])
    found = written(model, blocks)
    assert set(found.problem.init) == TRUE
    assert "(:objects ...), (:init ...)" in model.prompt(1)


@pytest.mark.parametrize("reply", ["", "   \n", "I am sorry, but I cannot help with that.", "```\n```"])
def test_a_reply_without_a_problem(blocks: Pack, reply: str) -> None:
    model = Scripted([reply])
    with pytest.raises(EmptyReply, match="scripted"):
        written(model, blocks)
    assert len(model.requests) == 1


def test_the_model_may_say_what_the_domain_lacks(blocks: Pack) -> None:
    with pytest.raises(Doubtful, match=r"blocksworld has no means to express “paint b1 red”, “and dance”"):
        written(Scripted(["; unclear: paint b1 red\n; unclear: and dance"]), blocks)
    found = written(Scripted([f"; unclear: b9 is heavy\n{problem()}"]), blocks, rounds=0)
    assert [(fault.kind, fault.section, fault.mended) for fault in found.faults if not fault.mended] == [
        ("text-entity", "text", False)
    ]
    assert "b9 is heavy" in found.faults[0].message


def test_a_cut_reply_is_gone_on_with(blocks: Pack) -> None:
    whole = problem()
    at = whole.index("(clear b2)")
    model = Scripted([whole[: at + 4], f"```\n{whole[at:]}\n```"])
    found = written(model, blocks)
    assert set(found.problem.init) == TRUE
    assert (found.rounds, found.calls, model.requests[1].purpose) == (1, 2, "planning/repair")
    roles = [turn.role for turn in model.requests[1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert model.requests[1].messages[2].content.endswith("(on-table b3)")
    assert not [fault for fault in found.faults if not fault.mended]


def test_a_cut_reply_may_begin_anew_or_repeat_its_last_line(blocks: Pack) -> None:
    whole = problem()
    cut = whole[: whole.index("(:goal")]
    assert set(written(Scripted([cut, whole]), blocks).problem.init) == TRUE
    found = written(Scripted([cut, f"{INIT}\n{GOAL})"]), blocks)
    assert set(found.problem.init) == TRUE
    assert not [fault for fault in found.faults if not fault.mended]


def test_a_reply_that_stays_cut(blocks: Pack) -> None:
    whole = problem()
    model = Scripted([whole[: whole.index("(clear b2)")], "(clear b2)", "(clear b3)"])
    with pytest.raises(CutReply, match=r"token limit \(99 tokens\).*--form compact"):
        written(model, blocks, max_tokens=99)
    assert len(model.requests) == 3
    with pytest.raises(CutReply):
        written(Scripted([whole[: whole.index("(:goal")]]), blocks, rounds=0)


def test_the_largest_group_of_samples_wins(blocks: Pack) -> None:
    right, wrong = problem(), problem(goal="(:goal (and (on b3 b1)))")
    renamed = problem(init="(:init (on-table b3) (on b2 b1) (on-table b1) (arm-empty))")
    model = Scripted([wrong, right, renamed])
    found = written(model, blocks, samples=3)
    assert found.problem.goal == ("and", ("on", "b1", "b3"))
    assert (found.samples, found.calls) == (3, 3)
    assert found.share == pytest.approx(2 / 3)
    assert {request.seed for request in model.requests} == {0, 1, 2}
    assert {request.temperature for request in model.requests} == {0.7}
    model.requests.clear()
    written(model, blocks, samples=2, temperature=0.2)
    assert {request.temperature for request in model.requests} == {0.2}


def test_samples_that_are_empty_or_cut_do_not_count_unless_all_are(blocks: Pack) -> None:
    found = written(Scripted(["sorry", problem(), problem()[:120]]), blocks, samples=3, rounds=0)
    assert set(found.problem.init) == TRUE
    assert found.share == pytest.approx(1 / 3)
    with pytest.raises(EmptyReply):
        written(Scripted(["sorry"]), blocks, samples=3)


def test_a_failing_model_fails_the_writing(blocks: Pack) -> None:
    class Broken:
        name = "broken"

        async def __call__(self, request: Request) -> Reply:
            raise ModelFailed("the cable is cut")

    for samples in (1, 2):
        with pytest.raises(ModelFailed, match="cable"):
            written(Broken(), blocks, samples=samples)


def test_review_never_raises(blocks: Pack) -> None:
    for reply in (
        "",
        "(",
        ")))",
        "(define",
        "(define (problem x) (:init (on (on b1)))",
        "; unclear:",
        "\x00" * 9,
        "(:goal",
    ):
        found = review(reply, blocks, TASK)
        assert found.open, reply


@pytest.mark.parametrize(
    ("body", "error"),
    [(says(""), EmptyReply), (says("", finish="length"), CutReply), (says("Well."), EmptyReply),
     (says(problem()[:150], finish="length"), CutReply)],
)  # fmt: skip
def test_a_server_that_says_nothing_or_too_little(blocks: Pack, body: Any, error: type[Exception]) -> None:
    with serving(TestServer(lambda messages: "", fault=lambda asked: Fault(200, body))) as server:
        model = OpenAIChat(server.name, retries=1, backoff=0.01)
        with pytest.raises(error):
            written(model, blocks, rounds=1)


def test_a_server_that_errs_and_then_mends(blocks: Pack) -> None:
    answers = iter([f"```pddl\n{problem(goal='(:goal (and (on b3 b1)))')}```", GOAL])
    faults = [Fault(500, {"error": {"message": "busy"}}), Fault(200, b"not json"), Fault(200, says(None))]
    with serving(TestServer(lambda messages: next(answers), faults=faults)) as server:
        found = written(OpenAIChat(server.name, backoff=0.01), blocks)
    assert found.problem.goal == ("and", ("on", "b1", "b3"))
    assert (found.rounds, found.calls, server.requests) == (1, 2, 5)


def test_what_is_unclear_stays_so_after_a_repair(blocks: Pack) -> None:
    wrong = f"; unclear: b1 is heavy\n{problem(goal='(:goal (and (on b3 b1)))')}"
    model = Scripted([wrong, GOAL])
    found = written(model, blocks)
    assert [fault.message for fault in found.faults if not fault.mended] == [
        "the domain has no means to express “b1 is heavy”"
    ]
    assert len(model.requests) == 2  # nothing is left that writing anew could mend
    assert "b1 is heavy" not in model.prompt(1)

"""The compared methods from end to end: by the rulebook, by a scripted model that errs, and by a server that fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from planning_fakes import OBJECTS, TASK, Scripted
from planning_fakes import problem as written
from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Request
from talkoot.models import open_model
from talkoot.models.openai_chat import OpenAIChat
from talkoot.models.testserver import Fault, TestServer, by_rulebook, refuses, says, serving
from talkoot.planning.comparison.methods import METHODS, Attempt, Limits, example_plan, grade, method_named
from talkoot.planning.comparison.tot import Bounds
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.reader import load_problem
from talkoot.planning.plans.validate import validate

PACK = load_pack("blocksworld")
TRUTH = load_problem(written(), PACK.domain)
PLAN = (("unstack", "b2", "b1"), ("putdown", "b2"), ("pickup", "b1"), ("stack", "b1", "b3"))
SENTENCES = (
    "1. Take b2 off b1\n2. Put b2 down on the table\n3. Pick up b1 from the table\n4. Put b1 on top of b3",
    "Plan:\nunstack(b2, b1)\nputdown(b2)\npickup(b1)\nstack(b1, b3)\n\nNow b1 is on b3.",
    "```\n(unstack b2 b1)\n(putdown b2)\n(pickup b1)\n(stack b1 b3)\n```",
)
PLANNERS = ("llm_plan", "step_by_step", "llm_plan_context")
WRITERS = ("llmp_no_context", "llmp_faithful", "llmp", "llmp_compact")


def attempt(name: str, answers: Any, limits: Limits | None = None) -> tuple[Attempt, Scripted]:
    model = Scripted(answers)
    return asyncio.run(METHODS[name](model, PACK, TASK, TRUTH, limits or Limits(time=10))), model


def valid(one: Attempt) -> bool:
    return one.plan is not None and validate(PACK.domain, TRUTH, one.plan).ok


def steps_so_far(request: Request) -> list[str]:
    said = request.messages[-1].content.split("## Actions so far\n")[1].split("\n\n## Answer")[0]
    return [] if said == "none" else said.splitlines()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_solves_a_task_with_the_rulebook(name: str) -> None:
    one = asyncio.run(METHODS[name](open_model("rulebook"), PACK, TASK, TRUTH, Limits(time=10)))
    assert valid(one), one.reason
    assert one.calls == len(one.texts) >= 1
    assert one.tokens > 100
    assert one.unreadable == ()
    assert not one.doubtful
    assert (one.problem is not None) == (name in WRITERS)


@pytest.mark.parametrize("name", PLANNERS)
@pytest.mark.parametrize("reply", SENTENCES)
def test_plans_in_words_are_read(name: str, reply: str) -> None:
    one, model = attempt(name, [reply])
    assert one.plan == PLAN
    assert model.requests[0].purpose == "planning/plan"
    assert one == Attempt(PLAN, texts=(reply,), calls=1, tokens=15)


def test_what_each_prompt_holds() -> None:
    shown = {name: attempt(name, ["no"], Limits(time=10, tree=Bounds(calls=1)))[1].prompt(0) for name in METHODS}
    example, facts = PACK.example_text.strip(), PACK.example_problem.strip()
    plan = "\n".join(example_plan(PACK))
    for name, prompt in shown.items():
        assert TASK.strip() in prompt
        assert "(define (problem towers)" not in prompt  # nothing of the truth
        assert (example in prompt) == (name not in ("llm_plan", "step_by_step", "llmp_no_context")), name
        assert (facts in prompt) == (name in ("llmp_faithful", "llmp")), name
        assert ("(:action" in prompt) == (name in ("llmp", "llmp_compact")), name
        assert (PACK.description.strip() in prompt) == (name != "llmp_faithful"), name
    assert plan.splitlines()[0] in shown["llm_plan_context"]
    assert plan in shown["tree_of_thoughts"]
    assert "step by step" in shown["step_by_step"]
    assert "step by step" not in shown["llm_plan"]
    assert PACK.domain.name in shown["llmp_no_context"]


def test_steps_before_the_last_plan_heading_are_thoughts() -> None:
    reply = f"First I could pickup(b3).\nPlan:\n1. pickup(b3)\nNo, better:\n**Plan:**\n{SENTENCES[0]}"
    assert attempt("step_by_step", [reply])[0].plan == PLAN


@pytest.mark.parametrize("name", PLANNERS)
@pytest.mark.parametrize(
    ("reply", "plan", "unreadable"),
    [
        ("", None, 0),
        ("I am sorry, but as a language model I cannot move blocks.", None, 0),
        ("1. Do what is needed", None, 1),
        ("1. (pickup b1)\n2. (stack b1 b7)", (("pickup", "b1"),), 1),
        ("1. (unstack b2 b1)\n2. (putdown b2)\n3. (pick", PLAN[:2], 1),
    ],
)
def test_bad_replies_are_results(name: str, reply: str, plan: Any, unreadable: int) -> None:
    one, _ = attempt(name, [reply])
    assert one.plan == plan
    assert len(one.unreadable) == unreadable
    assert not valid(one)
    assert bool(one.reason) == (plan is None)


def test_the_tree_finds_a_plan_among_errors() -> None:
    good = [f"{name} {' '.join(names)}" for name, *names in PLAN]

    def say(request: Request) -> str:
        done = steps_so_far(request)
        if request.purpose == "planning/propose":
            ahead = good[len(done)] if done == good[: len(done)] and len(done) < 4 else "wave"
            return f"Let me think.\n1. sing a song -> all are happy\n2. {ahead} -> closer\n"
        assert request.purpose == "planning/value"
        if done == good:
            return "Reached!"
        return str(0.2 * len(done)) if done == good[: len(done)] else "hm"

    one, model = attempt("tree_of_thoughts", say)
    assert one.plan == PLAN
    assert one.unreadable == ("hm",) * 4
    assert one.calls == len(model.requests) == 4 + 8


def test_the_tree_gives_up() -> None:
    one, model = attempt("tree_of_thoughts", ["pickup b1 -> nice"], Limits(tree=Bounds(calls=7)))
    assert one.plan is None
    assert one.reason
    assert len(model.requests) <= 7
    stuck, model = attempt("tree_of_thoughts", lambda r: "0.9" if r.purpose.endswith("value") else "a -> b\nc -> d",
                           Limits(tree=Bounds(expansions=3)))  # fmt: skip
    assert stuck.reason == "3 expansions were not enough"
    assert len(model.requests) == 3 + 6


def test_a_tree_that_claims_too_much() -> None:
    one, _ = attempt("tree_of_thoughts", lambda r: "reached" if r.purpose.endswith("value") else "wave hands -> done")
    assert one.plan is None
    assert one.unreadable == ("- wave hands",)


@pytest.mark.parametrize("name", ["llmp_no_context", "llmp_faithful"])
def test_published_llmp_takes_the_reply_as_it_is(name: str) -> None:
    assert attempt(name, [written()])[0].plan is not None
    other = attempt(name, [written().replace("blocksworld-4ops", "towers")])[0]
    assert valid(other)  # a planner compares no domain names
    unknown = attempt(name, [written().replace("(clear b2)", "(free b2)")])[0]
    assert unknown.plan is None
    assert "free" in unknown.reason
    cut = attempt(name, [written()[:-40]])[0]
    assert cut.plan is None
    assert cut.calls == 1
    # A fact that is missing goes unnoticed: the published system has no doubts.
    wrong, _ = attempt(name, [written(goal="(:goal (and (on b3 b1)))")])
    assert wrong.plan is not None
    assert not valid(wrong)
    assert not wrong.doubtful
    assert attempt(name, [""])[0].plan is None
    assert attempt(name, ["Sure! Blocks are fun."])[0].plan is None


@pytest.mark.parametrize("name", ["llmp", "llmp_compact"])
def test_ours_mends_or_doubts(name: str) -> None:
    mended, model = attempt(name, [written(goal="(:goal (and (on b3 b1)))"), "(:goal (and (on b1 b3)))"])
    assert valid(mended)
    assert not mended.doubtful
    assert [request.purpose for request in model.requests] == ["planning/write", "planning/repair"]
    stubborn, _ = attempt(name, [written(goal="(:goal (and (on b3 b1)))")])
    assert stubborn.plan is None or stubborn.doubtful
    for reply in ("", "Blocks are fun.", "(define (problem x) (:domain blocksworld-4ops) (:objects b1"):
        none, _ = attempt(name, [reply], Limits(time=10, rounds=0))
        assert none.plan is None
        assert none.reason


def test_objects_without_facts_are_no_crash() -> None:
    for name in WRITERS:
        one, _ = attempt(name, [f"(define (problem t) (:domain blocksworld-4ops) {OBJECTS})"])
        assert one.plan is None or one.doubtful


@pytest.mark.parametrize("name", METHODS)
def test_a_server_that_errs(name: str) -> None:
    """429 and 500 first, then a broken answer, then what the rulebook says."""
    asked: list[str] = []

    def purpose(messages: Any) -> str:
        text = messages[-1].content
        asked.append(text)
        kind = ("value" if "You judge" in text else "propose" if "You look for" in text else
                "plan" if "behaviours" in text or "Give a plan" in text else "write")  # fmt: skip
        return f"planning/{kind}"

    busy = refuses(429, "slow down", headers=["Retry-After: 0"])
    faults = [busy, refuses(500, "oops"), Fault(200, says("x"), drop=40)]
    with serving(TestServer(by_rulebook(purpose), faults=faults)) as server:
        model = OpenAIChat(server.name, timeout=10, retries=5, backoff=0.01)
        one = asyncio.run(METHODS[name](model, PACK, TASK, TRUTH, Limits(time=10)))
    assert valid(one), one.reason
    assert server.requests == len(asked) + 3
    assert one.calls == len(asked)


@pytest.mark.parametrize("name", METHODS)
def test_a_server_that_is_gone_or_silent(name: str) -> None:
    with serving(TestServer(lambda messages: "x", fault=lambda body: refuses(500, "no"))) as server:
        model = open_model(server.name, retries=0)
        with pytest.raises(ModelFailed):
            asyncio.run(METHODS[name](model, PACK, TASK, TRUTH, Limits(time=10)))
    with serving(TestServer(lambda messages: "")) as server:
        model = open_model(server.name, retries=0)
        one = asyncio.run(METHODS[name](model, PACK, TASK, TRUTH, Limits(time=10)))
    assert one.plan is None
    assert "empty" in one.reason


def test_examples() -> None:
    example = example_plan(PACK)
    assert example
    assert [answer for _, answer in grade(example)][-2:] == ["impossible", "reached"]
    assert len(grade(example)) <= 5
    assert grade(()) == grade(("a",)) == []
    four = grade(("a", "b", "c", "d"))
    assert four == [(("a",), "0.25"), (("a", "b"), "0.50"), (("a", "b", "c"), "0.75"), (("c", "d"), "impossible"),
                    (("a", "b", "c", "d"), "reached")]  # fmt: skip
    assert example_plan(replace(PACK, example_problem="(define")) == ()
    assert example_plan(replace(PACK, example_problem="")) == ()


def test_methods_that_cannot_be() -> None:
    with pytest.raises(BadInput, match="no planning method 'magic'"):
        method_named("magic")
    for name in ("llm_plan_context", "tree_of_thoughts", "llmp_faithful"):
        with pytest.raises(BadInput, match=r"example\.txt"):
            asyncio.run(METHODS[name](Scripted([""]), replace(PACK, example_text=""), TASK))

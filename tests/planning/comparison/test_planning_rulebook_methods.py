"""The rulebook's answers to the prompts of the compared methods."""

from __future__ import annotations

import pytest

from planning_fakes import TASK
from talkoot.model import Turn
from talkoot.models.rulebook import answer_by_rules
from talkoot.planning.asking import render
from talkoot.planning.comparison.steps import fill_in, read_steps
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.pddl.printer import normalise
from talkoot.planning.pddl.reader import read_problem
from talkoot.planning.plans.validate import validate

PACK = load_pack("blocksworld")
GOOD = ("Take b2 off b1", "Put b2 down on the table", "Pick up b1 from the table", "Put b1 on top of b3")


def say(kind: str, prompt: str, **options: float) -> str:
    return answer_by_rules(f"planning/{kind}", (Turn("user", prompt),), **options)  # type: ignore[arg-type]


def value(*steps: str) -> str:
    return say("value", render("method_value", pack=PACK, text=TASK, graded=[], steps=steps))


def propose(*steps: str) -> str:
    return say("propose", render("method_propose", pack=PACK, text=TASK, example_plan=(), steps=steps, width=5))


@pytest.mark.parametrize("name", list_packs())
def test_plans_in_words_of_every_domain_are_right_and_can_be_read(name: str) -> None:
    pack = load_pack(name)
    text, problem = pack.generate(2, 1)
    reply = say("plan", render("method_plan", pack=pack, text=text, think=False))
    read = read_steps(reply, pack.domain, pack.tell, problem.objects)
    assert read.unreadable == ()
    assert read.plan is not None
    domain, problem = normalise(pack.domain, problem)
    verdict = validate(domain, problem, fill_in(read.plan, domain, problem))
    assert verdict.ok, verdict.reason


def test_judgements() -> None:
    assert value(*GOOD) == "reached"
    assert [value(*GOOD[:n]) for n in (1, 2, 3)] == ["0.25", "0.33", "0.50"]
    assert value(GOOD[1]) == "impossible"
    assert value("Sing a song") == "impossible"


def test_proposals() -> None:
    assert propose() == f"{GOOD[0]} -> one step closer"
    assert propose(*GOOD[:3]) == f"{GOOD[3]} -> one step closer"
    assert propose(*GOOD) == ""
    assert propose(GOOD[2]) == ""  # b2 is in the way


def test_a_problem_from_an_example_alone() -> None:
    prompt = render("method_problem_context", pack=PACK, text=TASK)
    whole = read_problem(say("write", prompt), PACK.domain)
    assert [fault for fault in whole.faults if not fault.mended] == []
    assert ("on", "b2", "b1") in whole.problem.init
    fewer = read_problem(say("write", prompt, drop=0.5, seed=3), PACK.domain)
    assert set(fewer.problem.init) < set(whole.problem.init)
    assert say("write", prompt, drop=0.5, seed=3) == say("write", prompt, drop=0.5, seed=3)


def test_steps_are_forgotten() -> None:
    prompt = render("method_plan", pack=PACK, text=TASK, think=True)
    lines = say("plan", prompt).splitlines()
    assert lines == ["Plan:", *(f"{number}. {line}" for number, line in enumerate(GOOD, 1))]
    replies = {len(say("plan", prompt, drop=0.5, seed=seed).splitlines()) for seed in range(8)}
    assert len(replies) > 1
    assert "no actions" in say("plan", prompt, drop=1.0)


def test_what_it_does_not_know() -> None:
    strange = "## What the domain is about\nPenguins.\n\n## Task\nFeed them.\n\n## Answer\nBehaviours?"
    for kind in ("plan", "write", "propose", "value"):
        assert say(kind, strange).startswith("I know only the domains that come with talkoot")
    told = say("plan", render("method_plan", pack=PACK, text="Feed the penguins.", think=False))
    assert told.startswith("I know only")

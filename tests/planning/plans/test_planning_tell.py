"""Plans in words, by templates and by a model."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from plan_samples import SAMPLES, sample
from planning_fakes import Scripted
from talkoot.errors import BadInput, InvalidPlan, ModelFailed
from talkoot.model import Request
from talkoot.planning.asking import render
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.planning.plans.tell import Telling, Told, by_place, fact_words, spoken, tell, tell_with, words_of

PHRASES = {"grab": "Pick up {a} from the floor", "pile": "Put {a} on {b}"}
FACTS = {"on": "{a} is on {b}", "clear": "{0} is clear"}


def test_words_and_reasons() -> None:
    domain, problem, plan = sample("tower")
    told = tell(domain, problem, plan, PHRASES, FACTS)
    assert [one.step for one in told] == [1, 2, 3, 4, 5, 6]
    assert told[0].words == "Lift b, a"
    assert told[0].because == "for step 2: held b; so that a is clear, for step 3"
    assert told[2].words == "Pick up a from the floor"
    assert told[3].words == "Put a on b"
    assert told[3].because == "for the goal: a is on b; for step 5: free"
    assert told[5].because == "for the goal: c is on d"
    assert not any(one.useless for one in told)


def test_a_plan_as_text() -> None:
    domain, problem, plan = sample("tower")
    lines = str(Telling(tuple(tell(domain, problem, plan, PHRASES)))).splitlines()
    assert len(lines) == 6
    assert lines[5] == "6. Put c on d (for the goal: c on d)"
    assert str(Telling((Told(1, "Go", "for fun"),), "some model")) == "1. Go"


def test_useless_steps_are_marked_and_nothing_is_for_them() -> None:
    domain, problem, plan = sample("tower")
    told = tell(domain, problem, (*plan, ("lift", "c", "d"), ("pile", "c", "d")), PHRASES)
    assert [one.step for one in told if one.useless] == [7, 8]
    assert told[6].because.startswith("nothing needs this step")
    assert "8" not in told[5].because


def test_conditions_that_must_be_false_and_many_users() -> None:
    domain, problem, plan = sample("hauling")
    facts = {"full": "{c} is full"}
    told = tell(domain, problem, plan, {}, facts)
    assert "so that red is not full, for step 7" in told[2].because
    assert told[0].words == "Take red, c1, yard"
    assert told[1].words == "Roll red from yard to barn"
    assert fact_words(domain, ("on-cart", "c1", "red"), {}, False) == "not on cart c1 red"
    assert fact_words(domain, ("full", "red"), {"full": "{c} carries something"}, False) == "not: red carries something"
    lamps, rooms, _ = sample("lamps")
    rooms = replace(rooms, goal=("and", ("here", "cellar"), ("lit", "l3")))
    walk = [("switch", "hall"), ("go", "hall", "attic"), ("switch", "attic"), ("go", "attic", "hall"),
            ("go", "hall", "cellar")]  # fmt: skip
    first = tell(lamps, rooms, walk, {})[0]
    assert first.because == "for steps 2 and 5: lit l1"


def test_more_than_three_reasons_are_cut() -> None:
    domain, problem, plan = sample("tower")
    wide = replace(problem, goal=("and", ("on", "a", "b"), ("on", "c", "d"), ("clear", "c"), ("free",)))
    assert tell(domain, wide, plan, {}, FACTS)[5].because == "for the goal: c is clear, free and c is on d"


@pytest.mark.parametrize(
    ("name", "words"),
    [("left-hand", "left hand"), ("pos-0-1", "pos 0-1"), ("tile_2-13", "tile 2-13"), ("b1", "b1"), ("a_b_c", "a b c"),
     ("the-hub1", "the hub1"), ("-", "-")],
)  # fmt: skip
def test_spoken_names(name: str, words: str) -> None:
    assert spoken(name) == words


def test_phrases_with_holes_that_nothing_fills() -> None:
    domain, problem, plan = sample("tower")
    with pytest.raises(BadInput, match=r"the phrase of action grab, 'Grab \{what\}', has a hole \{what\}.*\{a\}"):
        tell(domain, problem, plan, {"grab": "Grab {what}"})
    assert words_of(domain, ("grab", "a"), {"grab": "Grab {?A}"}) == "Grab a"
    assert words_of(domain, ("unheard-of", "x", "y"), {}) == "Unheard of x, y"


def test_phrases_serve_a_domain_with_other_parameter_names() -> None:
    domain, _, _ = sample("tower")
    phrases, facts = by_place(domain, PHRASES, FACTS)
    assert phrases == {"grab": "Pick up {0} from the floor", "pile": "Put {0} on {1}"}
    assert facts == {"on": "{0} is on {1}", "clear": "{0} is clear"}


def test_an_invalid_plan_is_not_told() -> None:
    domain, problem, plan = sample("tower")
    with pytest.raises(InvalidPlan, match="only a valid plan"):
        tell(domain, problem, plan[1:], PHRASES)


GOOD = """Here you go:
**1.** First take b off a.
2) Lay b down.
Step 3: Now pick up a, since it belongs on b.
4. Put a on b.
5. Then pick up c
6. and put c on d."""


def retell(answer: str) -> tuple[Telling, Scripted]:
    domain, problem, plan = sample("tower")
    model = Scripted([answer])
    return asyncio.run(tell_with(model, domain, problem, plan, PHRASES, FACTS)), model


def test_a_model_may_tell_the_plan() -> None:
    telling, model = retell(GOOD)
    assert telling.by == "scripted"
    assert telling.note == ""
    assert [one.words for one in telling.told][:3] == [
        "First take b off a.", "Lay b down.", "Now pick up a, since it belongs on b."]  # fmt: skip
    assert telling.told[3].because == "for the goal: a is on b; for step 5: free"
    request: Request = model.requests[0]
    assert request.purpose == "planning/tell"
    assert "4. Put a on b. Why: for the goal: a is on b; for step 5: free." in request.messages[1].content
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ("", "6 steps are missing"),
        (GOOD.replace("5. Then pick up c\n", ""), "step 5 is missing"),
        (GOOD + "\n6. Done.", "the steps are not told once each and in order"),
        (GOOD.replace("4. P", "5. P").replace("5. T", "4. T"), "the steps are not told once each and in order"),
    ],
)
def test_a_retelling_that_leaves_out_or_mixes_steps_is_not_taken(answer: str, note: str) -> None:
    telling, _ = retell(answer)
    assert telling.by == ""
    assert note in telling.note
    assert telling.note.endswith("the plan is told by the templates")
    assert telling.told[3].words == "Put a on b"


def test_a_retelling_with_strange_objects_is_not_taken() -> None:
    domain, problem, plan = sample("hauling")
    good = "\n".join(f"{n}. {words_of(domain, step, {})}" for n, step in enumerate(plan, 1))
    model = Scripted([good, good.replace("4. Take blue, c2", "4. Take blue, c1")])
    assert asyncio.run(tell_with(model, domain, problem, plan, {})).by == "scripted"
    telling = asyncio.run(tell_with(model, domain, problem, plan, {}))
    assert (telling.by, "step 4 speaks of c1, which has no part in it" in telling.note) == ("", True)


def test_a_model_that_fails_costs_nothing_but_its_words() -> None:
    def fail(request: Request) -> str:
        raise ModelFailed("the server is gone")

    domain, problem, plan = sample("tower")
    telling = asyncio.run(tell_with(Scripted(fail), domain, problem, plan, PHRASES))
    assert "the server is gone" in telling.note
    assert len(telling.told) == 6


def test_nothing_is_asked_for_an_empty_plan() -> None:
    domain, problem, _ = sample("tower")
    model = Scripted(["never"])
    assert asyncio.run(tell_with(model, domain, replace(problem, goal=("and",)), (), PHRASES)) == Telling(())
    assert model.requests == []


def test_the_prompt_as_it_is_sent() -> None:
    assert render("tell", told=[Told(1, "Lift b", "for the goal: b up")]) == (
        'Here is a plan of 1 step. Each step has its number and, after "Why:", what it is good for.\n\n'
        "1. Lift b. Why: for the goal: b up.\n\n"
        "Tell this plan anew. Write exactly one line for each step, in the same order, and begin it with the number of "
        "the step and a full stop. Leave no step out, join no two steps, and name no objects other than those of the "
        "step itself. Say briefly why where it helps. Write nothing before the first line and nothing after the last."
    )


def test_all_phrases_of_the_packs_can_be_filled() -> None:
    assert list_packs()
    for pack in map(load_pack, list_packs()):
        for name, action in pack.domain.actions.items():
            step = (name, *(variable.lstrip("?") for variable, _ in action.parameters))
            assert "{" not in words_of(pack.domain, step, pack.tell)
        for name, parameters in pack.domain.predicates.items():
            assert fact_words(pack.domain, (name, *(variable for variable, _ in parameters)), pack.facts)


def test_every_sample_can_be_told() -> None:
    for name in SAMPLES:
        domain, problem, plan = sample(name)
        assert all(one.words and one.because for one in tell(domain, problem, plan, {}))

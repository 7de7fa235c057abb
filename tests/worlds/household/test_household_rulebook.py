"""The rulebook reads our prompts: facts from text alone, decisions from facts, messages that are short and useful."""

from dataclasses import replace

import pytest

from household_homes import APPLE, FRIDGE, KITCHEN, LIVINGROOM, four_rooms_task
from household_views import Played
from talkoot.agents.planner import Rejected
from talkoot.agents.thinking import render
from talkoot.model import Turn
from talkoot.skills import Option
from talkoot.types import SkillCall, Style
from talkoot.worlds.household.guide import make_guide
from talkoot.worlds.household.rulebook import answer
from talkoot.worlds.household.rulebook.policy import choose, claimed, worth
from talkoot.worlds.household.rulebook.reading import Facts, read
from talkoot.worlds.household.rulebook.scene import judge, read_scene
from talkoot.worlds.household.rulebook.talking import beyond_my_hands, draft
from talkoot.worlds.household.skills import options


def prompt(played, seat=0, *, message="", dialogue=(), notes=True, kind="choose"):
    """A prompt of CoELA for what a seat knows."""
    view = played.known[seat]
    rows = [Option(SkillCall("send_message", (message,)), f"[send_message] <{message}>")] if message else []
    rows += [one if notes else Option(one.call, one.text) for one in options(view)]
    guide = make_guide(played.task, seat, played.seats)
    return render(
        kind, guide=guide, talk=True, words=view.words(seat, Style()), dialogue=[*guide.opening, *dialogue],
        plans=["[goexplore] <kitchen> (11)"], beliefs=[], options=list(zip("ABCDEFGHIJKLMNOP", rows, strict=False)),
        verdicts=[], cue="structured", problem="", costly=True,
    )  # fmt: skip


def asked(played, **more):
    return answer("choose", (Turn("user", prompt(played, **more)),))


def chosen(played, **more):
    facts = read(prompt(played, **more))
    letter = asked(played, **more).rpartition("Answer: ")[2]
    return next(choice.text for choice in facts.choices if choice.letter == letter)


def test_facts_of_a_prompt():
    facts = read(prompt(Played(), message="Hi there. All well", dialogue=[(1, "I am in the <livingroom> (12).")]))
    assert (facts.me, facts.mate) == ("Alice", "Bob")
    assert facts.wanted == {"apple": 2, "cupcake": 1}
    assert facts.places == [("coffeetable", 33)]
    assert facts.room == KITCHEN
    assert facts.unexplored == {LIVINGROOM}
    assert facts.found[KITCHEN] == [("apple", 50)]
    assert facts.shut[KITCHEN] == [("fridge", 31), ("cabinet", 32)]
    assert facts.held == []
    assert not facts.mate_here
    assert facts.dialogue[-1] == ("Bob", "I am in the <livingroom> (12).")
    assert facts.previous == ["[goexplore] <kitchen> (11)"]
    assert [choice.verb for choice in facts.choices] == ["send_message", "goexplore", "gocheck", "gocheck", "gograb"]
    assert facts.choices[1].far == 7.0
    assert facts.missing() == {"apple": 2, "cupcake": 1}


def test_facts_about_the_mate_and_deliveries():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    facts = read(prompt(played))
    assert facts.mate_here
    assert facts.mate_held == [("apple", 50)]
    assert facts.missing() == {"apple": 1, "cupcake": 1}
    played.walk(LIVINGROOM, seat=1)
    played.walk(33, seat=1)
    played.do("putback 50 33", seat=1)
    facts = read(prompt(played))
    assert facts.delivered == [("apple", 50)]
    assert facts.mate_room == KITCHEN


def test_a_needed_thing_at_hand_is_taken():
    assert chosen(Played()) == "[gograb] <apple> (50)"


def test_what_the_mate_claims_is_left_to_it():
    said = [(1, "I will take <apple> (50).")]
    assert claimed(read(prompt(Played(), dialogue=said))) == {50}
    assert chosen(Played(), dialogue=said) != "[gograb] <apple> (50)"


def test_when_all_is_found_what_is_held_is_brought():
    played = Played()
    played.walk(APPLE)
    played.do(f"grab {APPLE}")
    facts = read(prompt(played))
    facts.wanted, facts.mate_held = {"apple": 1}, []
    assert choose(facts).choice.verb == "goput"


def test_one_of_many_alike_is_worth_less():
    facts = read(prompt(Played()))
    fridge, cabinet = facts.choices[1:3]
    alone = worth(facts, cabinet)
    facts.shut[KITCHEN] += [("cabinet", number) for number in range(60, 67)]
    assert worth(facts, cabinet) == pytest.approx(alone / 8)
    assert worth(facts, fridge) > worth(facts, cabinet)


def test_rooms_of_which_the_mate_says_that_nothing_is_left_wait():
    facts = read(prompt(Played()))
    explore = facts.choices[0]
    before = worth(facts, explore)
    facts.left = {explore.id}
    assert worth(facts, explore) < before / 5


def test_rejected_plans_are_not_chosen_again():
    facts = read(prompt(Played()))
    facts.rejected = {"[gograb] <apple> (50)"}
    assert choose(facts).choice.text != "[gograb] <apple> (50)"


def test_a_message_is_sent_only_to_one_who_cannot_see():
    assert chosen(Played(), message="I found a lot").startswith("[send_message]")
    played = Played()
    played.walk(KITCHEN, seat=1)
    assert not chosen(played, message="I found a lot").startswith("[send_message]")


def test_nothing_is_drafted_without_news():
    assert answer("draft", (Turn("user", prompt(Played(), kind="draft")),)) == "none"


def test_finds_beyond_my_hands_are_told_once():
    facts = Facts(
        mate="Bob", room=1, rooms={1: "kitchen", 2: "bedroom"}, wanted={"apple": 3, "plate": 1}, unexplored={2}
    )
    facts.held = [("plate", 9)]
    facts.found = {1: [("apple", 5), ("apple", 6), ("apple", 7)]}
    told = draft(facts)
    assert told == "I found <apple> (6) and <apple> (7) in the <kitchen> (1). I hold <plate> (9) in the <kitchen> (1)."
    assert beyond_my_hands(facts, {6, 7}) == []
    facts.dialogue = [("Alice", told)]
    assert draft(facts) == "none"
    facts.dialogue, facts.mate_here = [], True
    assert draft(facts) == "none"


def test_leaving_with_empty_hands_is_told():
    facts = Facts(mate="Bob", room=1, rooms={1: "kitchen", 2: "bedroom"}, unexplored={2}, wanted={"apple": 1})
    assert draft(facts) == "Nothing more is in the <kitchen> (1)."
    facts.place_rooms = {1: [("kitchentable", 4)]}
    told = "Nothing more is in the <kitchen> (1). The <kitchentable> (4) is in the <kitchen> (1)."
    assert draft(facts) == told
    facts.told = {4}
    assert draft(facts) == "Nothing more is in the <kitchen> (1)."
    facts.shut = {1: [("fridge", 3)]}
    assert draft(facts) == "none"


def test_two_calls_name_the_same_plan():
    text = prompt(Played()).replace("Answer: LETTER", "")
    first = answer("choose", (Turn("user", text),))
    second = answer("extract", (Turn("user", text), Turn("assistant", first), Turn("user", "Which one?")))
    assert second == "[gograb] <apple> (50)"
    assert answer("extract", (Turn("user", text), Turn("assistant", "Hm."))) == second


def test_a_weaker_reader_overlooks_facts_the_same_way_for_the_same_seed():
    played = Played(four_rooms_task())
    played.walk(KITCHEN)
    text = prompt(played)
    full = read(text)
    dropped = [read(text, drop=0.5, seed=seed) for seed in range(6)]
    assert any(facts.shut != full.shut for facts in dropped)
    assert read(text, drop=0.5, seed=3) == dropped[3]


def scene(played, seat=0):
    guide = make_guide(played.task, seat, played.seats)
    system = render("system", guide=guide, level="intention", talk=False, demonstrations=[])
    words = played.known[seat].words(seat, Style())
    user = render("plan", guide=guide, beliefs=[], history=[], messages=[], words=words, verdicts=[], problem="")
    return system, user


def test_prompts_that_list_skills_are_read_as_well():
    played = Played()
    system, user = scene(played)
    facts = read_scene(system, user)
    assert (facts.me, facts.mate) == ("Alice", "Bob")
    assert facts.wanted == {"apple": 2, "cupcake": 1}
    assert [choice.text for choice in facts.choices] == [
        "goexplore(livingroom_12)", "gocheck(fridge_31)", "gocheck(cabinet_32)", "gograb(apple_50)",
    ]  # fmt: skip
    told = answer("plan", (Turn("system", system), Turn("user", user)))
    assert told.startswith("Analysis: ")
    assert told.endswith("Plan for Alice: gograb(apple_50)")
    thought = answer("react", (Turn("system", system), Turn("user", user)))
    assert thought.endswith("Action: gograb(apple_50)")


def test_the_mates_intention_is_to_bring_what_it_holds():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    system, user = scene(played)
    assert "Intention of Bob: goput(coffeetable_33)" in answer("plan", (Turn("system", system), Turn("user", user)))


def test_a_central_planner_gives_each_its_own_work():
    played = Played()
    system, user = scene(played)
    system += "\nPlan for Alice: the skill\nPlan for Bob: the skill"
    lines = answer("central", (Turn("system", system), Turn("user", user))).splitlines()
    assert lines[1] == "Plan for Alice: gograb(apple_50)"
    assert lines[2].startswith("Plan for Bob: ")
    assert "apple_50" not in lines[2]


def test_without_progress_in_words_it_says_nothing_and_goes_by_the_list():
    guide, view = make_guide(Played().task, 0, (0, 1)), Played().known[0]
    values = {"guide": guide, "words": view.words(0, Style("grid")), "dialogue": [], "plans": [], "talk": True,
              "costly": True, "beliefs": [], "verdicts": [], "cue": "structured", "problem": "",
              "options": list(zip("ABCD", options(view), strict=True))}  # fmt: skip
    assert answer("draft", (Turn("user", render("draft", **values)),)) == "none"
    assert answer("choose", (Turn("user", render("choose", **values)),)).endswith("Answer: D")


def central(played, seat, *, under_way=(), verdicts=()):
    """The lines after the analysis that answer a central planner's prompts, the seat's own one first."""
    guide = make_guide(played.task, seat, played.seats)
    user = render("central", guide=guide, history=[], words=played.known[seat].words(seat, Style()),
                  under_way=under_way, verdicts=verdicts, problem="")  # fmt: skip
    system = Turn("system", render("central_system", guide=guide))
    return answer("central", (system, Turn("user", user))).splitlines()[1:]


def test_a_central_planner_plans_for_whoever_tells_the_scene():
    played = Played()
    assert central(played, 1)[0] == "Plan for Bob: goexplore(kitchen_11)"
    explore = SkillCall("goexplore", ("kitchen_11",))
    busy = central(played, 1, under_way=[(0, explore)])
    assert busy == ["Plan for Bob: wait(1)", "Plan for Alice: goexplore(kitchen_11)"]


def test_a_central_planner_heeds_what_was_rejected():
    played = Played()
    played.walk(LIVINGROOM)
    first = central(played, 0)[0]
    again = central(played, 0, verdicts=[Rejected(first.removeprefix("Plan for Alice: "), "not now", 0)])[0]
    assert again.startswith("Plan for Alice: ")
    assert again != first


def test_a_room_that_was_not_looked_around_in_is_not_said_to_be_empty():
    played = Played(four_rooms_task())
    view = replace(played.known[0], nodes={}, inside={}, on={})
    assert draft(read(prompt(played))) == "none"
    played.known[0] = view
    assert draft(read(prompt(played))) == "Nothing more is in the <bathroom> (14)."
    played.known[0] = replace(view, explored=frozenset())
    assert read(prompt(played)).unexplored == {11, 12, 13, 14}
    assert draft(read(prompt(played))) == "none"


def test_each_thing_is_brought_where_it_is_lacking():
    goal = "Goal:\nFind and put 1 apple and 2 cutleryknives onto the <table> (30); 1 apple into the <fridge> (31)."
    holding = f"{goal}\n\nProgress:\nI hold <apple> (50). I am in the <kitchen> (11), where I found nothing."
    assert read(holding).wanted == {"apple": 2, "cutleryknife": 2}
    assert read(holding).fitting() == [("table", 30), ("fridge", 31)]
    done = "Progress:\nWe have already put <apple> (51) onto the <table> (30)."
    assert read(holding.replace("Progress:", done)).fitting() == [("fridge", 31)]
    both = f"{done} We have already put <apple> (52) into the <fridge> (31)."
    assert read(holding.replace("Progress:", both)).fitting() == [("table", 30), ("fridge", 31)]
    assert read(holding.replace("apple> (50)", "sofa> (50)")).fitting() == []


def test_checks_go_through_the_needs():
    played = Played()
    system, user = scene(played)
    question = "\n\nAlice wants to use gocheck(fridge_31). Go through what it needs."
    told = answer("check", (Turn("system", system), Turn("user", user + question)))
    assert "Condition: it is closed and unchecked | yes" in told
    assert told.endswith("Verdict: can be used")
    wrong = "\n\nAlice wants to use gograb(apple_51). Go through what it needs."
    assert answer("check", (Turn("system", system), Turn("user", user + wrong))).endswith("Verdict: cannot be used")
    error = answer("explain", (Turn("system", system), Turn("user", user + wrong)))
    assert error.startswith("Error: the thing is known and still there does not hold")


def test_every_plan_has_needs_that_can_be_judged():
    facts = read_scene(*scene(Played()))
    for verb in ("goexplore", "gocheck", "gograb", "goput"):
        assert judge(facts, verb, "thing", 1)
    assert judge(facts, "dance", "thing", 1) == []


def test_the_rulebook_needs_nothing_but_the_text():
    played = Played()
    played.walk(FRIDGE)
    played.do(f"open {FRIDGE}")
    text = prompt(played)
    assert asked(played) == answer("choose", (Turn("user", text),))
    assert answer("choose", (Turn("user", ""),)) == "There is nothing to choose from."
    assert answer("plan", ()).endswith("Plan for Alice: wait(1)")

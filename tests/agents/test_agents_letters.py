"""Which plan of the list a reply chose: the order of the fall-backs, and replies that want to be misread."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from talkoot.agents.choosing import lettered
from talkoot.agents.letters import read_choice
from talkoot.skills import Option
from talkoot.types import SkillCall

TELL = Option(SkillCall("tell", ("I take <cup> (12) now.",)), "[tell] I take <cup> (12) now.")
PLANS = tuple(
    Option(SkillCall(verb, (f"{name}_{number}",)), f"[{verb}] <{name}> ({number})")
    for verb, name, number in (
        ("goexplore", "kitchen", 11),
        ("gocheck", "fridge", 103),
        ("gocheck", "fridge", 104),
        ("gograb", "apple", 1),
        ("gograb", "apple", 12),
        ("goput", "coffeetable", 268),
    )
)
OPTIONS = (TELL, *PLANS)  # A to G


def chosen(reply: str, *, alone: bool = False, options: tuple[Option, ...] = OPTIONS) -> tuple[str, str] | None:
    """The letter and the fall-back."""
    found = read_choice(reply, lettered(options), TELL if TELL in options else None, alone=alone)
    if found is None:
        return None
    return next(letter for letter, option in lettered(options) if option is found[0]), found[1]


@pytest.mark.parametrize(
    "answer",
    ["C", "c", "(C)", "C.", "**C**", "option C", "Option C, because it is near", "c) the fridge", "`C`", "C. [gocheck]",
     "C: the fridge there", "Action C", "the best action is C", "[gocheck] <fridge> (103)", "C gocheck fridge",
     "[gocheck] <fridge> (103) - about 3 m away", "**[gocheck]** <fridge>  (103)", "[GOCHECK] <Fridge> (103)",
     "D. [gocheck] <fridge> (103)", "[gocheck] <fridge> (103), then (D)"],
)  # fmt: skip
def test_what_was_asked_for_is_no_fall_back(answer: str) -> None:
    assert chosen(f"I think A. is fine, or (B).\nAnswer: {answer}") == ("C", "")
    assert chosen(answer, alone=True) == ("C", "")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        # Without the line that was asked for, whatever is found is a fall-back; the last of several counts.
        ("So I go for [gocheck] <fridge> (104).", ("D", "plan")),
        ("Not [gograb] <apple> (1), but [gograb] <apple> (12)!", ("F", "plan")),
        ("I would take option C first, but option D is nearer.", ("D", "letter")),
        ("B", ("B", "letter")),
        ("The nearest is (G)", ("G", "letter")),
        ("Let us see. I, for one, grab apple 12", ("F", "fuzzy")),
        # Names and ids without the form, in the answer.
        ("Answer: grab the apple (12)", ("F", "fuzzy")),
        ("Answer: go grab an apple", ("E", "fuzzy")),
        ("Answer: check fridge 104", ("D", "fuzzy")),
        ("Answer: put it on the coffeetable 268", ("G", "fuzzy")),
        ("Answer: explore the kitchens", ("B", "fuzzy")),
        # The id of another thing is no id of this one.
        ("Answer: something about apple 121", None),
        ("Answer: [gograb] <banana> (99)", None),
        ("Answer: [goexplore] <bedroom> (13)", None),
        ("Answer: Z", None),
        ("Answer: none of these", None),
        ("Answer: A fine day", None),
        ("", None),
        # The message: by its marker, or in full, even where its text names a thing; never by parts.
        ("Answer: [tell]", ("A", "")),
        ("Answer: [tell] I take <cup> (12) now.", ("A", "")),
        ("Answer: A", ("A", "")),
        ("Answer: tell about the cup 12", None),
        # The answer may stand on the next line; the last answer counts.
        ("Answer:\nF", ("F", "")),
        ("Answer: B\nNo, better:\nAnswer: F", ("F", "")),
        ("Answer: [gograb] <apple> (12) and then [goput] <coffeetable> (268)", ("F", "")),
    ],
)
def test_fall_backs(reply: str, expected: tuple[str, str] | None) -> None:
    assert chosen(reply) == expected


def test_numbers_are_not_beginnings_of_numbers() -> None:
    options = tuple(Option(SkillCall("walk", (number,)), f"[walk] {number}") for number in ("1", "12", "3"))
    assert chosen("Answer: [walk] 12", options=options) == ("B", "")
    assert chosen("Answer: [walk] 1", options=options) == ("A", "")
    assert chosen("Answer: [walk] 31", options=options) == ("A", "fuzzy")  # only the verb is known


def test_a_message_may_name_a_plan() -> None:
    telling = Option(SkillCall("tell", ("x",)), "[tell] I do [gograb] <apple> (12) and you [gograb] <apple> (1)")
    options = (telling, *PLANS)
    for reply in (f"Answer: {telling.text}", f"Answer: A. {telling.text}"):
        found = read_choice(reply, lettered(options), telling)
        assert found == (telling, "")


def test_plans_without_things_are_found_by_their_names() -> None:
    options = tuple(Option(SkillCall(name), f"{name}()") for name in ("pickup_onion", "pickup_dish", "deliver_soup"))
    assert chosen("Answer: pickup_dish()", options=options) == ("B", "")
    assert chosen("Answer: pick up a dish, no: pickup dish", options=options) == ("B", "fuzzy")
    assert chosen("Answer: fly", options=options) is None


def test_letters_go_on_after_z() -> None:
    options = tuple(Option(SkillCall("go", (f"box_{n}",)), f"[go] <box> ({n})") for n in range(100, 160))
    letters = [letter for letter, _ in lettered(options)]
    assert letters[25:29] == ["Z", "AA", "AB", "AC"]
    assert letters[51:54] == ["AZ", "BA", "BB"]
    assert len(set(letters)) == len(options)
    for letter in letters:
        assert chosen(f"Answer: {letter}", options=options) == (letter, "")
        assert chosen(f"Answer: {letter}.", options=options) == (letter, "")


@given(st.sampled_from(range(len(OPTIONS))), st.sampled_from(["{}", "{}.", "({})", "option {}", "**{}**", " {} \n"]))
def test_every_letter_is_read_back(number: int, form: str) -> None:
    letter, _ = lettered(OPTIONS)[number]
    assert chosen("Some thought.\nAnswer: " + form.format(letter)) == (letter, "")


@given(st.permutations(PLANS), st.data())
def test_every_plan_is_read_back(plans: list[Option], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(plans))
    found = read_choice(f"Answer: {wanted.text}", lettered((TELL, *plans)), TELL)
    assert found == (wanted, "")


@given(st.text(max_size=300))
@example("Answer: " * 50)
@example("(" * 300)
@example("[gograb] <apple> (" * 15)
@example("Answer: \ud800\x00 ＢＣ Ⓑ")
@example("A. [gograb] <apple> (12)\nB. [gograb] <apple> (12)")
def test_whatever_is_written_is_a_choice_of_the_list_or_none(reply: str) -> None:
    found = read_choice(reply, lettered(OPTIONS), TELL)
    assert found is None or (found[0] in OPTIONS and found[1] in ("", "plan", "letter", "fuzzy"))
    alone = read_choice(reply, lettered(OPTIONS), TELL, alone=True)
    assert alone is None or alone[0] in OPTIONS

"""Reading descriptions with the phrases of a pack."""

from pathlib import Path

from talkoot.planning.packs.pack import Chain, Pack, Phrase
from talkoot.planning.packs.phrases import declared, read_text, sentences
from talkoot.planning.pddl.domain import Domain

SHELVES = Domain(
    "shelves",
    types={"thing": ("object",), "jar": ("thing",), "shelf": ("object",), "level": ("object",)},
    predicates={"on": (("?t", ("thing",)), ("?s", ("shelf",))), "above": (("?a", ("level",)), ("?b", ("level",)))},
)
OBJECTS = {
    "jar1": "jar", "jar10": "jar", "lamp": "thing", "top-shelf": "shelf", "low-shelf": "shelf",
    "h0": "level", "h1": "level", "h2": "level",
}  # fmt: skip


def _pack(*phrases: Phrase) -> Pack:
    return Pack("shelves", Path(), "Shelves", SHELVES, "", phrases=phrases, chains=(Chain("level", "above"),))


def _meanings(text: str, *phrases: Phrase) -> list[tuple[str, object]]:
    return [(claim.section, claim.meaning) for claim in read_text(text, _pack(*phrases), OBJECTS).claims]


ON = Phrase(("{t:thing} (?:is|should be) on the {s:shelf}",), "(on {t} {s})")


def test_names_are_found_whole_whatever_joins_their_words() -> None:
    assert _meanings("Jar10 is on the top shelf. jar1 is  on the LOW-SHELF.", ON) == [
        ("start", ("on", "jar10", "top-shelf")),
        ("start", ("on", "jar1", "low-shelf")),
    ]


def test_what_follows_the_word_goal_is_about_the_goal() -> None:
    text = "The lamp is on the low shelf.\nYour goal is tidiness.\nThe lamp should be on the top shelf."
    assert _meanings(text, ON) == [("start", ("on", "lamp", "low-shelf")), ("goal", ("on", "lamp", "top-shelf"))]


def test_a_phrase_may_belong_to_one_section() -> None:
    text = "The lamp is on the low shelf. The goal: the lamp is on the top shelf."
    only = Phrase(ON.says, ON.means, "goal")
    assert _meanings(text, only) == [("goal", ("on", "lamp", "top-shelf"))]


def test_lists_mean_one_claim_for_each_name() -> None:
    both = Phrase(("{xs:jar} are on the {s:shelf}",), "(on {xs} {s})")
    assert _meanings("jar1, jar10 are on the top shelf", both) == _meanings("jar1 and jar10 are on the top shelf", both)
    assert _meanings("jar1 jar10 are on the top shelf", both) == [
        ("start", ("on", "jar1", "top-shelf")),
        ("start", ("on", "jar10", "top-shelf")),
    ]


def test_numbers_are_read_in_digits_and_words_and_count_along_a_chain() -> None:
    count = Phrase(("{n} jars?",), "(count {n} (?j - jar) (and))")
    assert _meanings("There are two jars.", count) == [("start", ("count", "2", (("?j", ("jar",)),), ("and",)))]
    assert _meanings("There are 12 jars.", count)[0][1][1] == "12"  # type: ignore[index]
    high = Phrase(("height {n}",), "(above {n@above} {0@above})")
    assert _meanings("height 2", high) == [("start", ("above", "h2", "h0"))]
    assert _meanings("height 7", high) == [("start", ("above", "no-above-7", "h0"))]


def test_sentences_without_a_phrase_are_unread_but_lists_of_names_are_not() -> None:
    reading = read_text("jar1 jar10 lamp\nThe moon is blue.\nThe lamp is on the top shelf.", _pack(ON), OBJECTS)
    assert reading.unread == (("start", "The moon is blue"),)


def test_names_that_nothing_declares_are_strangers_with_their_line() -> None:
    reading = read_text("The lamp is on the top shelf.\njar3 is broken.", _pack(ON), OBJECTS)
    assert reading.strangers == (("jar3", 2),)


def test_declared_reads_the_objects_that_a_description_lists() -> None:
    lists = Phrase(("the jars are {xs}", "jars: {xs}"), "(objects jar {xs})")
    shelves = Phrase(("the shelves are {xs}",), "(objects shelf {xs})")
    text = "The jars are jar1, jar2 and jar3. The shelves are top shelf, low shelf."
    assert declared(text, _pack(lists, shelves)) == {
        "jar1": "jar", "jar2": "jar", "jar3": "jar", "top-shelf": "shelf", "low-shelf": "shelf",
    }  # fmt: skip
    (claim,) = read_text("jars: jar1, jar4", _pack(lists), OBJECTS).claims
    assert claim.meaning == ("objects", "jar", "jar1", "jar4")


def test_two_patterns_for_the_same_words_make_one_claim() -> None:
    once = Phrase(("{t:thing} is on the {s:shelf}", "the {t:thing} is on the {s:shelf}"), "(on {t} {s})")
    assert len(_meanings("The lamp is on the top shelf", once)) == 1


def test_sentences_know_their_line_and_section() -> None:
    text = "One. Two; three\n\nYour goal is four.\nFive"
    assert list(sentences(text)) == [
        (1, "start", "One"), (1, "start", "Two"), (1, "start", "three"), (3, "goal", "Your goal is four"),
        (4, "goal", "Five"),
    ]  # fmt: skip

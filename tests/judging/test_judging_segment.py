"""Segmentation by a model: only exact replies count, faults have kinds, the rulebook answers the same prompt."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput, ModelFailed
from talkoot.judging.chunks import by_lines, reconstructs
from talkoot.judging.dialect import CLOSE, OPEN, tagged
from talkoot.judging.rules import by_rules
from talkoot.judging.segment import (
    CUTTERS,
    FAULTS,
    PURPOSE,
    ByCutter,
    ModelSegmenter,
    Segmentation,
    read_segmentation,
    segment_turns,
)
from talkoot.model import Reply, Request, Turn, Usage
from talkoot.models import open_model
from talkoot.models.check import check_model
from talkoot.models.rulebook import answer_by_rules
from talkoot.models.testserver import TestServer, by_rulebook, serving

TEXT = "Ann has 2 * 3 = 6 nuts.\nBen has 6 - 1 = 5.\n\nA: 5"
CUT = ("Ann has 2 * 3 = 6 nuts.\n", "Ben has 6 - 1 = 5.\n\n", "A: 5")


@dataclass
class Scripted:
    """Gives its replies one after the other and keeps the requests."""

    replies: list[str]
    name: str = "scripted"
    asked: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return Reply(self.replies[len(self.asked) - 1], Usage(3, 10))


def test_the_question_holds_the_criteria_the_format_and_the_solution_as_it_is() -> None:
    system, user = segment_turns("\n  a {{ b }}\n<b> & c \n")
    assert (system.role, user.role) == ("system", "user")
    for word in ("One purpose", "Cohesion", "clear transition", OPEN, CLOSE, "Change nothing"):
        assert word in system.content
    assert user.content.endswith("\nSolution:\na {{ b }}\n<b> & c")


def test_the_example_of_the_prompt_keeps_its_own_rules() -> None:
    system = segment_turns("x")[0].content
    _, _, example = system.partition("the solution\n")
    solution, _, cut = example.partition("\nbecomes\n")
    assert read_segmentation(solution, cut) == tuple(by_rules(solution))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (tagged(CUT), CUT),
        (f"\n{tagged(CUT)}\n", CUT),
        (f"<think>{OPEN}x{CLOSE}</think>\n{tagged(CUT)}", CUT),
        # line breaks between the tags: on top of those inside, or instead of them
        (tagged(CUT).replace(CLOSE + OPEN, f"{CLOSE}\n{OPEN}"), CUT),
        ("\n".join(map(tagged, (("Ann has 2 * 3 = 6 nuts.",), ("Ben has 6 - 1 = 5.\n",), ("A: 5",)))), CUT),
        # white space moves to the chunk before
        (tagged(("Ann has 2 * 3 = 6 nuts.", "\nBen has 6 - 1 = 5.\n", "\n", "A: 5")), CUT),
        (tagged((TEXT,)), (TEXT,)),
        (tagged(("Ann has 2 * 3 = 6 nuts. ", *CUT[1:])), "changed text"),
        (tagged(CUT[:2]), "changed text"),
        (tagged((*CUT, "A: 5")), "changed text"),
        (f"Here it is: {tagged(CUT)}", "text outside tags"),
        (TEXT, "no tags"),
        ("", "no tags"),
        (f"<think>{tagged(CUT)}", "text outside tags"),
        (tagged(CUT)[:-4], "unclosed tag"),
        (OPEN + tagged(CUT) + CLOSE, "nested tags"),
        (tagged(CUT) + CLOSE, "unopened tag"),
        (tagged(CUT) + OPEN + CLOSE, "empty chunk"),
    ],
)  # fmt: skip
def test_only_exact_replies_count(reply: str, found: object) -> None:
    assert read_segmentation(TEXT, reply) == found
    assert isinstance(found, tuple) or found in FAULTS


@given(st.text(max_size=30), st.integers(0, 40), st.sampled_from(["", "\n", "  \n"]))
def test_a_cut_anywhere_gives_the_text_back(text: str, at: int, around: str) -> None:
    if not text.strip():
        return
    core = text.strip()
    pieces = [piece for piece in (core[:at], core[at:]) if piece]
    found = read_segmentation(around + text + around, tagged(pieces))
    assert isinstance(found, tuple)
    assert "".join(found) == around + text + around


def test_a_model_is_asked_until_a_reply_is_exact() -> None:
    model = Scripted(["I cannot", tagged(CUT).replace("6 nuts", "7 nuts"), tagged(CUT)])
    cut = asyncio.run(ModelSegmenter(model, tries=5, seed=10)(TEXT))
    assert cut == Segmentation(CUT, ("no tags", "changed text"), tokens=30)
    assert cut.exact
    assert [request.purpose for request in model.asked] == [PURPOSE] * 3
    assert [request.temperature for request in model.asked] == [0.0, 0.7, 0.7]
    assert [request.seed for request in model.asked] == [10, 11, 12]
    assert all(request.max_tokens >= len(TEXT) for request in model.asked)


def test_without_an_exact_reply_the_fallback_cuts() -> None:
    bad = ["x"] * 4
    plain = asyncio.run(ModelSegmenter(Scripted(bad), tries=2)(TEXT))
    assert plain == Segmentation((), ("no tags", "no tags"), tokens=20)
    cut = asyncio.run(ModelSegmenter(Scripted(bad), tries=2, fallback=by_lines, max_tokens=9)(TEXT))
    assert cut == Segmentation(CUT, ("no tags", "no tags"), fallback=True, tokens=20)
    assert not plain.exact
    assert not cut.exact


def test_independent_draws_are_tried_once_each() -> None:
    model = Scripted([tagged(CUT), "x", tagged((TEXT,))])
    drawn = asyncio.run(ModelSegmenter(model).draw(TEXT, 3))
    assert [cut.chunks for cut in drawn] == [CUT, (), (TEXT,)]
    assert [cut.faults for cut in drawn] == [(), ("no tags",), ()]
    assert {request.temperature for request in model.asked} == {0.7}
    assert len({request.seed for request in model.asked}) == 3


def test_a_solution_with_tags_cannot_be_cut() -> None:
    model = Scripted([])
    text = f"a {OPEN} b"
    none = Segmentation(faults=("tags in the text",))
    assert asyncio.run(ModelSegmenter(model, fallback=by_lines)(text)) == none
    assert asyncio.run(ByCutter("rules", by_rules)(text)) == none
    assert not model.asked


def test_bad_input() -> None:
    with pytest.raises(BadInput, match="at least one try"):
        ModelSegmenter(Scripted([]), tries=0)
    for segmenter in (ModelSegmenter(Scripted([])), ByCutter("rules", by_rules)):
        with pytest.raises(BadInput, match="empty"):
            asyncio.run(segmenter(" \n"))


@pytest.mark.parametrize("name", sorted(CUTTERS))
def test_cutters_are_segmenters(name: str) -> None:
    segmenter = ByCutter(name, CUTTERS[name])
    cut = asyncio.run(segmenter(TEXT))
    assert cut.exact
    assert cut.chunks == tuple(CUTTERS[name](TEXT))
    assert asyncio.run(segmenter.draw(TEXT, 5)) == [cut]


def test_the_rulebook_cuts_what_it_finds_in_the_prompt() -> None:
    cut = asyncio.run(ModelSegmenter(open_model("rulebook"))(f" {TEXT}\n"))
    assert cut.chunks == (f" {CUT[0]}", CUT[1], CUT[2] + "\n")
    assert cut.tokens > 0
    check_model(open_model("rulebook"), purposes=(PURPOSE,), deterministic=True)
    lines = "".join(f"{i} + 1 = {i + 1} nuts\n" for i in range(30))
    weak = asyncio.run(ModelSegmenter(open_model("rulebook:drop=0.5,seed=1"))(lines))
    assert reconstructs(lines, weak.chunks)
    assert 5 < len(weak.chunks) < 25
    assert len(asyncio.run(ModelSegmenter(open_model("rulebook:drop=1"))(lines)).chunks) == 1
    with pytest.raises(ModelFailed, match="no rules for judging/sing"):
        answer_by_rules("judging/sing", (Turn("user", "a"),))


def test_a_server_can_cut() -> None:
    with serving(TestServer(by_rulebook(lambda messages: PURPOSE))) as server:
        cut = asyncio.run(ModelSegmenter(open_model(server.name))(TEXT))
    assert cut.chunks == CUT

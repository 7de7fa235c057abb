"""Chat models as judges: prompts, votes, concurrency, errors; and the rulebook, which is one of them."""

from __future__ import annotations

import asyncio

import pytest

from planning_fakes import Scripted
from talkoot.episode import run_sync
from talkoot.errors import BadInput, ModelFailed
from talkoot.judge import Trace
from talkoot.judging.dialect import NEGATIVE, POSITIVE
from talkoot.judging.instruct import judge_turns
from talkoot.judging.judges import PURPOSE, UNREAD, Chat
from talkoot.judging.rulebook_judge import judge as by_rules
from talkoot.model import Reply, Request, Turn, Usage
from talkoot.models import open_model
from talkoot.models.rulebook import answer_by_rules

A, B = Trace("p", ("one",)), Trace("p", ("one", "two"))


def test_one_vote() -> None:
    model = Scripted(lambda request: f"Fine. {POSITIVE if 'two' in request.messages[0].content else NEGATIVE}")
    judge = Chat(model, max_tokens=77, seed=4)
    first, second = run_sync(judge([A, B]))
    assert (first.good, first.score, first.analysis, first.tokens, first.fault) == (False, 0.0, "Fine.", 5, "")
    assert (second.good, second.score) == (True, 1.0)
    assert model.requests[1] == Request(PURPOSE, judge_turns(B), 0.0, 77, seed=4)
    assert judge.name == "chat:scripted"
    assert run_sync(judge([])) == []


def test_votes_have_seeds_and_temperature() -> None:
    model = Scripted(lambda request: [POSITIVE, NEGATIVE, POSITIVE, "?"][request.seed or 0])
    (verdict,) = run_sync(Chat(model, votes=4)([A]))
    assert (verdict.good, verdict.tokens) == (True, 20)
    assert verdict.score == pytest.approx(2 / 3)
    assert verdict.fault == f"1 of 4 replies: {UNREAD}"
    assert {(request.temperature, request.seed) for request in model.requests} == {(1.0, seed) for seed in range(4)}
    (verdict,) = run_sync(Chat(Scripted([POSITIVE, NEGATIVE]), votes=2, temperature=0.3)([A]))
    assert (verdict.good, verdict.score) == (False, 0.5)


def test_replies_without_a_verdict() -> None:
    for unread in (True, False):
        (verdict,) = run_sync(Chat(Scripted(["I cannot tell."]), unread=unread)([A]))
        assert (verdict.good, verdict.score, verdict.fault) == (unread, 0.5, UNREAD)
        assert verdict.analysis == "I cannot tell."


class Crowd:
    """Counts how many ask at once; the traces whose problem is `bad` make it fail."""

    name = "crowd"

    def __init__(self) -> None:
        self.now = self.most = self.done = 0

    async def __call__(self, request: Request) -> Reply:
        if "bad" in request.messages[0].content:
            raise ModelFailed("no answer")
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.now -= 1
        self.done += 1
        return Reply(POSITIVE, Usage(1, 1))


def test_requests_under_way_are_bounded_and_an_error_stops_them() -> None:
    model = Crowd()
    assert len(run_sync(Chat(model, votes=3, concurrency=5)([A] * 10))) == 10
    assert (model.most, model.done) == (5, 30)
    model = Crowd()
    with pytest.raises(ModelFailed, match="no answer"):
        run_sync(Chat(model, concurrency=2)([A, Trace("bad", ("x",)), *[A] * 50]))
    assert model.done < 10


def test_nonsense() -> None:
    with pytest.raises(BadInput, match="at least one vote"):
        Chat(Crowd(), votes=0)
    with pytest.raises(BadInput, match="at least one request"):
        Chat(Crowd(), concurrency=0)
    with pytest.raises(BadInput, match="has no chunks"):
        run_sync(Chat(Crowd())([Trace("p")]))


def test_the_rulebook_checks_the_arithmetic_of_the_new_chunk_only() -> None:
    judge = Chat(open_model("rulebook"))
    wrong, right = "Then 3 * 4 = 13.\n", "He has 10 / 4 = 2.5 left, and 1/3 + 1/3 = 2/3."
    verdicts = run_sync(
        judge([Trace("1 + 1 = 3?", (wrong,)), Trace("p", (wrong, right)), Trace("p", (right, "So it is."))])
    )
    assert [verdict.good for verdict in verdicts] == [False, True, True]
    assert "3 * 4 = 13 is wrong: the left side is 12." in verdicts[0].analysis
    assert "10 / 4 = 2.5 holds." in verdicts[1].analysis
    assert "states no arithmetic that I can read" in verdicts[2].analysis
    assert all(verdict.analysis.startswith("I am a set of rules, no model") for verdict in verdicts)
    assert not any(verdict.fault for verdict in verdicts)


def test_the_rulebook_tells_what_is_right() -> None:
    chunk = "1/3 + 1/3 = 1, 2 / 8 = 0.5, 2^60 = 1, 1 / 99999 = 5, 10^60 * 10^60 = 3, (7/3)^60 = 1, 10^64^2 = 1"
    said = answer_by_rules(PURPOSE, judge_turns(Trace("p", (chunk,))))
    for value in ("2/3.", "0.25.", "about 1.15292e+18.", "about 1.00001e-05.", "about 1e+120.", "about 1.19"):
        assert f"the left side is {value}" in said


def test_the_rulebook_overlooks_a_share_of_the_equations() -> None:
    chunk = " ".join(f"{i} + 1 = {i}." for i in range(40))
    turns = judge_turns(Trace("p", (chunk,)))
    assert answer_by_rules(PURPOSE, turns, drop=1.0).endswith(POSITIVE)
    half = [answer_by_rules(PURPOSE, turns, drop=0.8, seed=seed) for seed in (1, 1, 2)]
    assert half[0] == half[1] != half[2]
    assert half[0].count("is wrong") in range(1, 20)
    assert answer_by_rules(PURPOSE, turns).count("is wrong") == 20  # no more are told


def test_other_prompts_are_not_for_the_rulebook() -> None:
    for prompt in ("", "Is 3 + 4 = 8?", "\nNew piece:\n3 + 4 = 8"):
        with pytest.raises(ModelFailed, match="only talkoot's own prompt"):
            by_rules(prompt)
    with pytest.raises(ModelFailed, match="only talkoot's own prompt"):
        answer_by_rules(PURPOSE, (Turn("system", "x"),))

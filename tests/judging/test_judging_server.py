"""Texts continued by a server on loopback that heeds, ignores or refuses what it is asked."""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkoot.errors import BadInput, ModelFailed, NetworkForbidden
from talkoot.judging.dialect import CLOSE, NEGATIVE, POSITIVE
from talkoot.judging.instruct import Instruct, lay_out_plainly
from talkoot.judging.server import ServerSampler, _shared_out, _told_apart
from talkoot.learning.sampling import Completion, Prompt, Sampler
from talkoot.model import Turn
from talkoot.models.limits import forbid_network_models
from talkoot.models.testserver import Fault, TestServer, refuses, serving
from talkoot.types import Json


def writes(prompt: str, seed: int) -> str:
    return f"<chunk>1 + 1 = {seed % 97}</chunk><chunk>so {len(prompt)}</chunk> done"


def no_chat(messages: tuple[Turn, ...]) -> str:
    raise AssertionError("nobody was to chat")


@contextmanager
def sampler(
    *faults: Fault, chat: Callable[[tuple[Turn, ...]], str] = no_chat, **options: Any
) -> Iterator[tuple[ServerSampler, TestServer]]:
    own = {name: options.pop(name) for name in ("retries", "concurrency", "votes") if name in options}
    with serving(TestServer(chat, faults=faults, **({"writes": writes} | options))) as server:
        yield ServerSampler(server.name, backoff=0.01, timeout=5.0, **own), server


def ask(model: ServerSampler, *prompts: Prompt, stop: Iterable[str] = (), **how: Any) -> list[list[Completion]]:
    return model.complete(prompts or [Prompt("p", 3, 1)], stop=list(stop), **({"max_tokens": 50} | how))


def test_copies_come_in_order_and_repeat() -> None:
    with sampler() as (model, server):
        prompts = [Prompt("longer", 2, 1), Prompt("p", 3, 1), Prompt("p", 0, 1), Prompt("p", 1, 2)]
        first = ask(model, *prompts)
        assert [len(copies) for copies in first] == [2, 3, 0, 1]
        assert ask(model, *prompts) == first
        assert ask(model, prompts[1]) == [first[1]]
        assert len({c.text for copies in first for c in copies}) == 6
        assert all(c.ended and c.tokens == 7 for copies in first for c in copies)
        assert server.requests == 3 + 3 + 1
        assert isinstance(model, Sampler)
        assert model.name == f"test@{server.url}"
        assert model.notes == ()
        body = server.bodies[0]
        assert (body["n"], body["max_tokens"], body["temperature"]) == (2, 50, 1.0)
        assert "stop" not in body


def test_prompts_that_begin_alike_are_sent_together() -> None:
    with sampler(concurrency=1) as (model, server):
        ask(model, *[Prompt(text) for text in ("b", "a1", "b2", "a")])
        assert [body["prompt"] for body in server.bodies] == ["a", "a1", "b", "b2"]


def test_the_likeliest_text_is_asked_for_once() -> None:
    with sampler() as (model, server):
        copies = ask(model, Prompt("p", 4), Prompt("p", 0), temperature=0.0)
        assert copies[0] == [copies[0][0]] * 4
        assert copies[1] == []
        assert "n" not in server.bodies[0]
        assert server.requests == 1


@pytest.mark.parametrize(
    "ignored", [(), ("include_stop_str_in_output",), ("include_stop_str_in_output", "stop_reason")]
)
def test_a_stop_string_is_part_of_the_text(ignored: tuple[str, ...]) -> None:
    with sampler(ignores=ignored) as (model, server):
        for one in ask(model, stop=[CLOSE])[0]:
            assert one.text.startswith("<chunk>1 + 1 = ")
            assert one.text.endswith(CLOSE)
            assert one.ended
        assert server.bodies[0]["include_stop_str_in_output"] is True
        assert model.notes == ()
        ended = ask(model, stop=["</never>"])[0][0]
        assert (ended.text[-4:], ended.ended) == ("done", True)
        cut = ask(model, max_tokens=2, stop=[CLOSE])[0][0]
        assert (cut.text, cut.ended, cut.tokens) == ("<chunk>1 +", False, 2)


def test_a_server_that_ignores_stop() -> None:
    with sampler(ignores=["stop"]) as (model, _):
        with pytest.warns(UserWarning, match="writes on after stop strings") as told:
            texts = ask(model, stop=[CLOSE])[0]
        assert len(told) == 1
        assert all(one.text.endswith(CLOSE) and one.text.count(CLOSE) == 1 and one.tokens == 7 for one in texts)
        assert ask(model, stop=[CLOSE]) == [texts]  # told once


def test_a_server_that_hides_what_ended_a_text() -> None:
    """A stop string that is no tag cannot be told from the model's own end: it is not sent again."""
    ignored = ["include_stop_str_in_output", "stop_reason"]
    with sampler(ignores=ignored, writes=lambda *_: f"fine {POSITIVE} and more") as (model, server):
        with pytest.warns(UserWarning, match="does not say which stop string"):
            found = ask(model, stop=[POSITIVE, NEGATIVE])[0]
        assert found == [Completion(f"fine {POSITIVE}", 4)] * 3
        assert "stop" in server.bodies[0]
        assert "stop" not in server.bodies[1]
        assert ask(model, stop=[NEGATIVE])[0][0] == Completion(f"fine {POSITIVE} and more", 4)
        assert server.requests == 3


def test_a_server_that_ignores_n() -> None:
    with sampler(ignores=["n"]) as (model, server):
        with pytest.warns(UserWarning, match=r"gives 1 of 3 texts a request") as told:
            first = ask(model)
        assert len(told) == 1
        assert server.requests == 3
        assert len({one.text for one in first[0]}) == 3
        assert len({body["seed"] for body in server.bodies}) == 3
        assert ask(model) == first
        assert server.requests == 6
        assert "n" not in server.bodies[-1]


@pytest.mark.parametrize(
    ("words", "name", "told"),
    [
        ("Unrecognized request argument supplied: include_stop_str_in_output", "include_stop_str_in_output", None),
        ("{'loc': ['body', 'seed'], 'msg': 'Extra inputs are not permitted'}", "seed", "takes no `seed`"),
        ("unsupported parameter: stop", "stop", "takes no `stop`"),
        ("'n' is not supported", "n", "takes no `n`"),
        ("Only one completion choice is allowed", "n", "takes no `n`"),
    ],
)
def test_what_a_server_refuses_is_left_out(words: str, name: str, told: str | None) -> None:
    def fault(body: Json) -> Fault | None:
        return refuses(400, words) if name in body else None

    with sampler(fault=fault) as (model, server), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        texts = ask(model, stop=[CLOSE])[0]
        assert [one.text.endswith(CLOSE) for one in texts] == [True] * 3
        assert [str(each.message) for each in caught][:1] == [f"{model.name} {note}" for note in _short(model)][:1]
        assert (told is None and not caught) or told in str(caught[0].message)
        before = server.requests
        ask(model, Prompt("q"))
        assert server.requests == before + 1


def _short(model: ServerSampler) -> list[str]:
    return ["; ".join(model.notes).removeprefix(f"{model.name} ")] if model.notes else []


def test_other_forms_of_the_same_news() -> None:
    """SGLang's matched_stop, llama.cpp's stopping_word, parts of a content, a token id as reason, no usage."""

    def body(**choice: Any) -> Fault:
        return Fault(200, {"choices": [{"text": "x", "finish_reason": "stop"} | choice]})

    faults = [
        body(matched_stop="END"), body(stopping_word="END"), body(matched_stop=151645), body(stop_reason=None),
        body(text=None, stop_reason=None), body(text="five by four letters"),
        body(message={"content": [{"text": "y"}]}),
    ]  # fmt: skip
    with sampler(*faults) as (model, _):
        texts = [ask(model, Prompt("p"), stop=["END"])[0][0] for _ in range(5)]
        assert [one.text for one in texts] == ["xEND", "xEND", "x", "x", ""]
        assert all(one.ended for one in texts)
        assert [ask(model, Prompt("p"))[0][0] for _ in range(2)] == [
            Completion("five by four letters", 5), Completion("y", 1)
        ]  # fmt: skip


@pytest.mark.parametrize(
    "fault",
    [
        refuses(429, "slow down"),
        refuses(503, "busy"),
        Fault(200, b'{"choices": [{"te'),
        Fault(200, {"choices": []}),
        Fault(200, {"choices": [{"text": 5}]}),
        Fault(200, {"choices": [None]}),
        Fault(200, {"error": {"message": "overloaded"}}),
        Fault(200, b"null"),
    ],
)
def test_what_may_pass_is_tried_again(fault: Fault) -> None:
    with sampler(fault, fault) as (model, server):
        assert len(ask(model)[0]) == 3
        assert server.requests == 3
    with (
        sampler(*[fault] * 3, retries=1) as (model, _),
        pytest.raises(ModelFailed, match="no usable answer in 2 tries"),
    ):
        ask(model, Prompt("a"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refuses(400, "This model's maximum context length is 4096 tokens"), "use a longer context, or ask for fewer"),
        (refuses(400, "the request exceeds the available context size"), "too long for it"),
        (refuses(404, "The model `test` does not exist."), "does not know the model 'test'"),
        (refuses(401, "no"), "TALKOOT_API_KEY"),
        (refuses(422, "Something odd"), "refused the request (HTTP 422: Something odd)"),
    ],
)
def test_what_no_try_can_mend(fault: Fault, words: str) -> None:
    with sampler(fault, fault, fault, concurrency=1) as (model, _), pytest.raises(ModelFailed) as caught:
        ask(model, Prompt("a"), Prompt("b"))
    assert words in str(caught.value)


def test_what_makes_no_sense() -> None:
    with sampler() as (model, server):
        for how in ({"max_tokens": 0}, {"stop": [""]}, {"temperature": -1.0}):
            with pytest.raises(BadInput, match="makes no sense"):
                ask(model, **how)
        for options in ([], [""], ["a", "a"]):
            with pytest.raises(BadInput, match="options"):
                model.options(["x"], options)
        assert server.requests == 0
        with forbid_network_models(allow_loopback=False), pytest.raises(NetworkForbidden):
            ask(model)
    with pytest.raises(BadInput, match="0 votes"):
        ServerSampler("m@localhost", votes=0)
    with pytest.raises(BadInput, match="NAME@URL"):
        ServerSampler("model")


def test_it_can_be_called_from_a_running_loop_and_from_threads() -> None:
    with sampler() as (model, _):
        direct = ask(model)

        async def both() -> list[Any]:
            inside = ask(model)
            return [inside, *await asyncio.gather(*[asyncio.to_thread(ask, model) for _ in range(3)])]

        assert asyncio.run(both()) == [direct] * 4


def test_no_more_requests_are_under_way_than_asked_for() -> None:
    with sampler(concurrency=3, latency=0.02) as (model, server):
        ask(model, *[Prompt(f"p{i}") for i in range(12)])
        assert server.most_under_way == 3


def test_options_by_the_probabilities_of_one_token() -> None:
    chances = {"Pos": 0.3, "Positive": 0.3, "Neg": 0.2, "Other": 0.15, " ": 0.05}

    with sampler(next_tokens=lambda prompt: chances) as (model, server):
        shares = model.options(["x", "y"], [POSITIVE, NEGATIVE])
        assert shares == [pytest.approx((0.75, 0.25))] * 2
        assert sorted(body["prompt"] for body in server.bodies) == ["x\\boxed{", "y\\boxed{"]
        assert (server.bodies[0]["logprobs"], server.bodies[0]["max_tokens"]) == (20, 1)
        with pytest.warns(UserWarning, match="by no single token"):  # a blank begins both of them
            assert model.options(["x"], [" Positive", " Negative"]) == [(0.5, 0.5)]
    llama = {"content": [{"token": "P", "top_logprobs": [{"token": "P", "logprob": math.log(0.4)}, {"token": "N", "logprob": math.log(0.1)}]}]}  # noqa: E501  # fmt: skip
    with sampler(Fault(200, {"choices": [{"text": "P", "logprobs": llama}]})) as (model, _):
        assert model.options(["x"], ["Positive", "Negative"]) == [pytest.approx((0.8, 0.2))]


def test_fewer_probabilities_where_a_server_gives_only_five() -> None:
    def fault(body: Json) -> Fault | None:
        return (
            refuses(400, "Requested logprobs of 20, greater than max allowed: 5")
            if body.get("logprobs", 0) > 5
            else None
        )

    with sampler(fault=fault, next_tokens=lambda prompt: {"a": 0.6, "b": 0.2}) as (model, server):
        assert model.options(["x"], ["a", "b"]) == [pytest.approx((0.75, 0.25))]
        assert [body["logprobs"] for body in server.bodies] == [20, 5]
        assert model.notes == ()


@pytest.mark.parametrize("way", ["ignored", "refused", "shared"])
def test_options_by_votes(way: str) -> None:
    def fault(body: Json) -> Fault | None:
        return refuses(400, "logprobs are not supported") if way == "refused" and "logprobs" in body else None

    options: dict[str, Any] = {"writes": lambda prompt, seed: "Positive" if seed % 4 else "Negative", "fault": fault}
    if way == "shared":  # the likeliest token begins two of the options
        options["next_tokens"] = lambda prompt: {"Pos": 0.9, "Neg": 0.1}
    with sampler(votes=8, **options) as (model, _):
        choices = ["Positive", "Negative", *["Posh"] * (way == "shared")]
        with pytest.warns(UserWarning, match="options are decided by 8 draws"):
            shares = model.options(["x"], choices)
        assert shares == [pytest.approx((0.75, 0.25, *[0.0] * (way == "shared")))]
    with sampler(writes=lambda *_: "dunno") as (model, _), pytest.warns(UserWarning, match="no probabilities"):
        assert model.options(["x"], ["yes", "no"]) == [(0.5, 0.5)]


@given(st.dictionaries(st.text("abc", max_size=3), st.floats(0.01, 1), max_size=6))
def test_shares_are_shares(tokens: dict[str, float]) -> None:
    shares = _told_apart(tokens, ["ab", "bc", "ca"])
    if shares is not None:
        assert sum(shares) == pytest.approx(1)
        assert all(share >= 0 for share in shares)
    else:
        assert not any(token and any(o.startswith(token) or token.startswith(o) for o in ("ab", "bc", "ca")) for token in tokens)  # noqa: E501  # fmt: skip


@given(st.lists(st.text(max_size=9), min_size=1, max_size=5), st.integers(0, 99))
def test_tokens_are_shared_out_without_a_rest(texts: list[str], count: int) -> None:
    tokens = _shared_out({"completion_tokens": count}, texts)
    assert sum(tokens) == count
    assert min(tokens) >= 0
    assert _shared_out({"completion_tokens": None}, texts) == [math.ceil(len(text) / 4) for text in texts]


def answers(messages: tuple[Turn, ...]) -> str:
    return f"{len(messages)}: {messages[-1].content[-9:]}</chunk>"


def test_without_the_address_texts_are_continued_by_chat() -> None:
    plain = Instruct.plain()
    begun = plain.solve("1 + 1?") + "<chunk>1 + 1"
    with sampler(chat=answers, writes=None) as (model, server):
        with pytest.warns(UserWarning, match=r"no /v1/completions"):
            texts = ask(model, Prompt(begun, 1, 0), Prompt(plain.solve("2?")), Prompt("just text"), stop=[CLOSE])
        assert [copies[0].text for copies in texts] == [
            "2: unk>1 + 1</chunk>",
            "1: oblem:\n2?</chunk>",
            "1: just text</chunk>",
        ]
        bodies = {len(body["messages"]): body for body in server.bodies}
        assert bodies[2]["messages"][1] == {"role": "assistant", "content": "<chunk>1 + 1"}
        assert bodies[2]["continue_final_message"] is True
        assert bodies[2]["add_generation_prompt"] is False
        assert "continue_final_message" not in bodies[1]
        assert bodies[2]["messages"][0]["content"].endswith("1 + 1?")
        assert server.requests == 3  # the missing address counts none
        with pytest.warns(UserWarning, match="options are decided by 16 draws"):
            assert model.options([lay_out_plainly([Turn("user", "Which?")])], ["1: ", "2: "]) == [(1.0, 0.0)]


@pytest.mark.parametrize(
    "fault",
    [
        refuses(404, "This is a chat model and not supported in the v1/completions endpoint. Use v1/chat/completions?"),
        refuses(405, "Method Not Allowed"),
        refuses(501, "not implemented"),
        refuses(400, "test does not support completions"),
    ],
)
def test_chat_models_are_chatted_with(fault: Fault) -> None:
    with sampler(fault, chat=answers) as (model, _), pytest.warns(UserWarning, match="continued by chat"):
        assert ask(model, Prompt("x"))[0][0].text == "1: x</chunk>"


def test_a_chat_server_that_cannot_go_on() -> None:
    def fault(body: Json) -> Fault | None:
        return refuses(400, "Unknown parameter: 'continue_final_message'") if len(body["messages"]) > 1 else None

    with sampler(chat=answers, writes=None, fault=fault) as (model, _):
        with pytest.raises(
            ModelFailed, match=r"cannot continue a text that is begun.*use a server with /v1/completions"
        ):
            ask(model, Prompt(Instruct.plain().solve("1?") + "<chunk>"))
        with pytest.warns(UserWarning, match="continued by chat"):
            assert ask(model, Prompt(Instruct.plain().solve("1?")))[0][0].ended

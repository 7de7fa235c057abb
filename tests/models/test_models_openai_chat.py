"""The client against a real server on loopback that also misbehaves."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

import pytest

from talkoot.episode import run_sync
from talkoot.errors import BadInput, ModelFailed, NetworkForbidden
from talkoot.model import Model, Reply, Request, Turn, Usage
from talkoot.models import open_model
from talkoot.models.check import check_model
from talkoot.models.limits import forbid_network_models
from talkoot.models.openai_chat import LONGEST_REPLY, OpenAIChat, split_name
from talkoot.models.testserver import Fault, TestServer, refuses, says, serving

KEY = "sk-verysecret1234567890"


def ask(text: str = "hello", **fields: Any) -> Request:
    return Request("test/echo", (Turn("system", "Echo."), Turn("user", text)), **fields)


def echo(messages: tuple[Turn, ...]) -> str:
    return f"you said {messages[-1].content}"


def talk(
    *faults: Fault, request: Request | None = None, times: int = 1, **options: Any
) -> tuple[list[Reply], TestServer, OpenAIChat]:
    """Ask a fresh server with these faults `times` times, one after the other."""
    fault = options.pop("fault", None)
    key = options.pop("key", "")
    model = options.pop("model", "")

    async def run() -> tuple[list[Reply], TestServer, OpenAIChat]:
        async with TestServer(echo, faults=faults, fault=fault, key=key) as server:
            client = OpenAIChat(
                f"{model}@{server.url}" if model else server.name, **({"backoff": 0.01, "timeout": 5.0} | options)
            )
            return [await client(request or ask()) for _ in range(times)], server, client

    return run_sync(run())


def fails(*faults: Fault, **options: Any) -> str:
    with pytest.raises(ModelFailed) as caught:
        talk(*faults, **options)
    return str(caught.value)


def test_a_reply_with_usage() -> None:
    replies, server, client = talk(request=ask("päivää 🍲", stop=("END",), seed=3, max_tokens=7))
    assert replies[0].text == "you said päivää 🍲"
    assert replies[0].usage == Usage(1, 4)
    body = server.bodies[0]
    assert body["messages"][0] == {"role": "system", "content": "Echo."}
    assert (body["max_tokens"], body["stop"], body["seed"], body["temperature"]) == (7, ["END"], 3, 0.0)
    assert "purpose" not in str(body)
    assert isinstance(client, Model)


@pytest.mark.parametrize(
    "fault",
    [
        refuses(429, "slow down"),
        refuses(429, "slow down", headers=["Retry-After: 0.02"]),
        refuses(429, "slow down", headers=["Retry-After: nonsense"]),
        refuses(408, "time out"),
        refuses(409, "conflict"),
        refuses(500, "oops"),
        Fault(503, b"<html>bad gateway</html>", (("Content-Type", "text/html"),)),
        Fault(200, says("late"), drop=0),
        Fault(200, says("half"), drop=60),
        Fault(200, b'{"choices": [{"mess'),
        Fault(200, b"[" * 100_000),
        Fault(200, b"null"),
        Fault(200, b'"text"'),
        Fault(200, b"plain", (("Content-Type", "text/plain"),)),
        Fault(200, {"choices": []}),
        Fault(200, {"choices": [{"message": None}]}),
        Fault(200, {"choices": [{"message": {"content": 5}}]}),
        Fault(200, {"error": {"message": "overloaded"}}),
        Fault(200, says("")),
        Fault(200, says(" \n ")),
        Fault(200, says(None)),
    ],
)
def test_a_fault_that_passes_is_tried_again(fault: Fault) -> None:
    replies, server, _ = talk(fault, fault)
    assert replies[0].text == "you said hello"
    assert server.requests == 3


def test_a_slow_answer_is_tried_again() -> None:
    replies, server, _ = talk(Fault(200, says("late"), seconds=3.0), timeout=0.2)
    assert replies[0].text == "you said hello"
    assert server.requests == 2


def test_retry_after_is_honoured_in_seconds_and_as_date() -> None:
    for fault, least in (
        (refuses(429, "slow down", headers=["Retry-After: 0.3"]), 0.29),
        (Fault(429, {}, date_in=2.2), 1.1),  # dates have whole seconds
    ):
        _, server, _ = talk(fault)
        assert server.arrivals[1] - server.arrivals[0] >= least


def test_retry_after_holds_back_every_caller() -> None:
    async def run() -> list[float]:
        faults = [refuses(429, "slow down", headers=["Retry-After: 0.3"])]
        async with TestServer(echo, faults=faults) as server:
            client = OpenAIChat(server.name, backoff=0.01)

            async def later() -> Reply:
                await asyncio.sleep(0.1)
                return await client(ask("b"))

            await asyncio.gather(client(ask("a")), later())
            return list(server.arrivals)

    first, second, third = run_sync(run())
    assert min(second, third) - first >= 0.29


def test_a_too_long_pause_is_an_error() -> None:
    assert "pause of 7200 s" in fails(refuses(429, "come back later", headers=["Retry-After: 7200"]))


def test_it_gives_up_after_the_retries() -> None:
    message = fails(*[refuses(500, "broken inside")] * 3, retries=2)
    assert "in 3 tries" in message
    assert "broken inside" in message


def test_an_empty_reply_that_used_up_its_tokens_says_so() -> None:
    assert "max_tokens" in fails(Fault(200, says("", finish="length")), retries=0)


def test_an_over_long_reply_is_cut() -> None:
    replies, _, _ = talk(Fault(200, says("x" * 10_000_000)))
    assert replies[0].text == "x" * LONGEST_REPLY


def test_spent_credit_is_not_tried_again() -> None:
    message = fails(refuses(429, "You exceeded your current quota", code="insufficient_quota"))
    assert "quota" in message


def without(*words: str) -> Callable[[Any], Fault | None]:
    """A server that refuses these parameters."""

    def fault(body: Any) -> Fault | None:
        for word in words:
            if word in body:
                hint = " Use 'max_completion_tokens' instead." if word == "max_tokens" else ""
                message = f"Unsupported parameter: '{word}' is not supported with this model.{hint}"
                return refuses(400, message, code="unsupported_parameter", param=word)
        return None

    return fault


def test_unsupported_parameters_are_left_out_once_and_for_all() -> None:
    request = ask("one END two", seed=1, stop=("END",))
    replies, server, client = talk(
        fault=without("seed", "stop", "max_tokens", "temperature"), request=request, times=2, retries=0
    )
    assert [reply.text for reply in replies] == ["you said one "] * 2  # stop words still end the reply
    assert server.requests == 4 + 2
    assert server.bodies[-1]["max_completion_tokens"] == 256
    assert set(client.unsupported) == {"seed", "stop", "temperature"}


def test_many_callers_find_out_together() -> None:
    async def run() -> tuple[int, dict[str, Any]]:
        async with TestServer(echo, fault=without("max_tokens", "seed")) as server:
            client = OpenAIChat(server.name, retries=0)
            await asyncio.gather(*[client(ask(str(n), seed=1)) for n in range(20)])
            return server.requests, server.bodies[-1]

    requests, body = run_sync(run())
    assert requests <= 60
    assert body["max_completion_tokens"] == 256


def test_a_server_without_system_turns() -> None:
    def fault(body: Any) -> Fault | None:
        return refuses(400, "System role not supported") if body["messages"][0]["role"] == "system" else None

    replies, server, client = talk(fault=fault, times=2)
    assert replies[1].text == "you said Echo.\n\nhello"
    assert server.requests == 3
    assert client.unsupported == ("system",)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refuses(401, f"Incorrect API key provided: {KEY}"), "wants a key"),
        (refuses(403, "no access"), "wants a key"),
        (refuses(404, "The model `test` does not exist."), "does not know the model 'test'"),
        (Fault(404, b"<html>", (("Content-Type", "text/html"),)), "nothing answers at"),
        (refuses(404, "This is not a chat model and thus not supported"), "no chat support"),
        (refuses(400, '"embed" does not support chat'), "no chat support"),
        (refuses(400, "This model's maximum context length is 4096 tokens"), "too long"),
        (refuses(400, "max_tokens is too large: 'max_tokens' 256, maximum context"), "too long"),
        (refuses(422, "Something odd"), "refused the request (HTTP 422: Something odd)"),
        (Fault(301, b"", (("Location", "http://other/v1"),)), "redirects to http://other/v1"),
        (Fault(200, b"<html>welcome</html>", (("Content-Type", "text/html"),)), "web page"),
    ],
)
def test_what_no_try_can_mend_is_said_at_once(fault: Fault, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALKOOT_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    message = fails(fault, fault)
    assert words in message
    assert KEY not in message
    assert "\n" not in message


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelFailed, match=f"cannot connect to http://127.0.0.1:{port}/v1"):
        run_sync(OpenAIChat(f"m@127.0.0.1:{port}", backoff=0.01)(ask()))


def test_the_key_goes_to_the_server_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-someotherkey123")
    monkeypatch.setenv("TALKOOT_API_KEY", f" {KEY}\n")
    replies, _, client = talk(refuses(500, f"crashed with {KEY}"), key=KEY, request=ask(f"the key is {KEY}"))
    assert replies[0].text == "you said the key is [key]"
    assert KEY not in repr(client)
    assert KEY not in client.name
    message = fails(key="sk-another-key-1234567")
    assert "refuses the key from TALKOOT_API_KEY" in message
    echoes = fails(refuses(400, f"odd header Bearer {KEY} and sk-another-key-1234567"))
    assert "[key]" in echoes
    for text in (message, echoes, caplog.text):
        assert "verysecret" not in text
        assert "another-key" not in text
    monkeypatch.setenv("TALKOOT_API_KEY", "sk-ümlaut")
    with pytest.raises(BadInput, match="TALKOOT_API_KEY"):
        talk()


def test_the_account_of_one_vendor_is_not_told_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-private")
    heads: list[bytes] = []

    class Listening(TestServer):
        def respond(self, head: bytes, body: bytes) -> Any:
            heads.append(head)
            return super().respond(head, body)

    async def run() -> None:
        async with Listening(echo) as server:
            await OpenAIChat(server.name)(ask())

    run_sync(run())
    assert heads
    assert b"private" not in heads[0]


def test_concurrency_is_bounded() -> None:
    async def run() -> int:
        async with TestServer(echo, latency=0.03) as server:
            client = OpenAIChat(server.name, concurrency=5)
            replies = await asyncio.gather(*[client(ask(str(n))) for n in range(30)])
            assert [reply.text for reply in replies] == [f"you said {n}" for n in range(30)]
            return server.most_under_way

    assert run_sync(run()) == 5


def test_one_model_serves_several_event_loops() -> None:
    with serving(TestServer(echo)) as server:
        client = OpenAIChat(server.name)
        assert [run_sync(client(ask(str(n)))).text for n in range(3)] == ["you said 0", "you said 1", "you said 2"]


def test_a_cancelled_call_leaves_the_client_usable() -> None:
    async def run() -> str:
        async with TestServer(echo, faults=[Fault(200, says("late"), seconds=2.0)]) as server:
            client = OpenAIChat(server.name, concurrency=1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client(ask())
            return (await client(ask())).text

    assert run_sync(run()) == "you said hello"


def test_half_a_surrogate_pair_is_sent_and_received() -> None:
    replies, server, _ = talk(Fault(200, b'{"choices":[{"message":{"content":"a\\ud800"}}]}'), request=ask("b\udfff"))
    assert replies[0].text == "a\ud800"
    assert server.bodies[0]["messages"][1]["content"] == "b?"


def test_the_switch_forbids_network_models(monkeypatch: pytest.MonkeyPatch) -> None:
    far, near = OpenAIChat("m@https://api.example.com/v1"), OpenAIChat("m@http://127.0.0.1:9/v1", retries=0)
    with forbid_network_models():
        with pytest.raises(NetworkForbidden, match=r"m@https://api\.example\.com/v1"):
            run_sync(far(ask()))
        with pytest.raises(ModelFailed, match="cannot connect"):
            run_sync(near(ask()))
    with forbid_network_models(allow_loopback=False), pytest.raises(NetworkForbidden):
        run_sync(near(ask()))
    monkeypatch.setenv("TALKOOT_NO_NETWORK_MODELS", "1")
    with pytest.raises(NetworkForbidden):
        run_sync(far(ask()))


def test_the_client_conforms() -> None:
    with serving(TestServer(echo)) as server:
        check_model(open_model(server.name))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a@localhost:8000", ("a", "http://localhost:8000/v1")),
        ("a@127.0.0.1:8/v2/", ("a", "http://127.0.0.1:8/v2")),
        ("org/a@b@https://x.com/v1/chat/completions", ("org/a@b", "https://x.com/v1")),
        ("m@api.example.com/v1", ("m", "https://api.example.com/v1")),
        ("m@http://[::1]:80", ("m", "http://[::1]:80/v1")),
    ],
)
def test_names(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize("name", ["@http://h", "m@", "m@ftp://h", "m@http://h:x", "m@http://a b", "m@http://h:99999"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadInput, match="NAME@URL"):
        split_name(name)


@pytest.mark.parametrize("name", ["m@http://user:hush@h/v1", "m@user:hush@h", "m@https://h/v1?key=hush"])
def test_no_secrets_in_names(name: str) -> None:
    with pytest.raises(BadInput, match="TALKOOT_API_KEY") as caught:
        split_name(name)
    assert "hush" not in str(caught.value)

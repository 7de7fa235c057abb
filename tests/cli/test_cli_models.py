"""`talkoot models` against good, poor and wrong endpoints on loopback."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.episode import run_sync
from talkoot.model import Reply, Request, Turn
from talkoot.models.limits import Recorder
from talkoot.models.testserver import Fault, TestServer, refuses, says, serving


class Capable:
    """A server's mind that keeps to everything that is asked; its words are numbers, its seeds matter."""

    def __call__(self, body: Any) -> Fault:
        turns, text = body["messages"], body["messages"][-1]["content"]
        if turns[0]["role"] == "system":
            words = ["BANANA"]
        elif "response_format" in body:
            words = ['{"vegetable": "onion", "count": 3}']
        elif text.startswith("Count"):
            words = [str(n) for n in range(1, 101)]
        else:
            words = ["ship", str(body.get("seed", 0) if body["temperature"] else 0)]
        words = words[: body["max_tokens"]]
        said = " ".join(words)
        for stop in body.get("stop", ()):
            said = said.partition(stop)[0]
        return Fault(200, says(said))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["talkoot", "models", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else 0


def never(messages: tuple[Turn, ...]) -> str:
    raise AssertionError("the fault answers everything")


def test_without_a_name_it_lists_the_kinds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--json") == 0
    assert set(json.loads(capsys.readouterr().out)["kinds"]) == {"rulebook", "recorded/PATH", "hf/FOLDER", "NAME@URL"}
    assert run(monkeypatch) == 0
    assert "recorded/PATH" in capsys.readouterr().out


def test_a_capable_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(TestServer(never, fault=Capable())) as server:
        assert run(monkeypatch, server.name, "--json", "--parallel", "3") == 0
        captured = capsys.readouterr()
        found = json.loads(captured.out)["models"][0]
        assert (found["name"], found["usable"], found["problem"]) == (server.name, True, None)
        facts = found["facts"]
        wanted = "listed chat usage system max_tokens stop temperature_0_repeats seed json_object json_schema"
        assert {word: facts[word] for word in wanted.split()} == dict.fromkeys(wanted.split(), True)
        assert (facts["parallel"], facts["parallel_ok"], facts["refused"]) == (3, 3, [])
        assert run(monkeypatch, server.name) == 0
        assert re.search(r"max tokens +yes", capsys.readouterr().out)


def test_a_poor_server_is_still_usable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fault(body: Any) -> Fault | None:
        for word in ("seed", "stop", "response_format"):
            if word in body:
                return refuses(400, f"Unrecognized request argument supplied: '{word}'", param=word)
        return None

    with serving(TestServer(lambda messages: f"1 2 3 4 5 6 7 {'x' * 99}", fault=fault)) as server:
        assert run(monkeypatch, server.name, "--json") == 0
    facts = json.loads(capsys.readouterr().out)["models"][0]["facts"]
    assert facts["refused"] == ["stop", "seed"]
    for word in ("system", "max_tokens", "stop", "seed", "json_object", "json_schema"):
        assert facts[word] is False


def test_endpoints_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TALKOOT_API_KEY", "sk-wrong-secret-1")
    with serving(TestServer(never, key="sk-right-secret-2")) as locked, serving(TestServer(lambda _: "hi")) as open_one:
        for name, words in (
            (locked.name, "refuses the key from TALKOOT_API_KEY"),
            (open_one.name.replace("test@", "best@"), "does not know the model 'best'"),
            (open_one.name.replace("/v1", "/v2"), "nothing answers at"),
            ("m@http://127.0.0.1:9/v1", "cannot connect to http://127.0.0.1:9/v1"),
            ("recorded/nowhere", "no recording at nowhere"),
        ):
            assert run(monkeypatch, name, "rulebook", "--json") == 4
            captured = capsys.readouterr()
            first, second = json.loads(captured.out)["models"]
            assert not first["usable"]
            assert words in first["problem"]
            assert words in captured.err
            assert second["usable"]
            assert "secret" not in captured.out + captured.err
        assert run(monkeypatch, open_one.name, "gpt-with-no-url", "--json") == 2
        assert "unknown model" in json.loads(capsys.readouterr().out)["error"]


def test_what_is_in_a_recording(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Fixed:
        name = "fixed"

        async def __call__(self, request: Request) -> Reply:
            return Reply("yes")

    recorder = Recorder(Fixed(), tmp_path / "file")
    for purpose in ("a/plan", "a/plan", "a/verify"):
        run_sync(recorder(Request(purpose, (Turn("user", "?"),))))
    assert run(monkeypatch, f"recorded/{tmp_path / 'file'}", "--json") == 0
    facts = json.loads(capsys.readouterr().out)["models"][0]["facts"]
    assert facts == {
        "answers": 3,
        "different_requests": 2,
        "failed": 0,
        "purposes": {"a/plan": 2, "a/verify": 1},
        "models": ["fixed"],
    }

"""Cache, budget, recordings and the network switch around a scripted model."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from talkoot.episode import EpisodeWriter, run_sync
from talkoot.errors import BadInput, BudgetSpent, CorruptRecord, ModelFailed
from talkoot.events import Called
from talkoot.model import Model, Reply, Request, Turn, Usage
from talkoot.models import KINDS, open_model
from talkoot.models.check import check_model
from talkoot.models.limits import (
    Budget,
    Cached,
    Recorded,
    Recorder,
    Resumed,
    answers_of,
    forbid_network_models,
    is_loopback,
    read_answers,
)


class Counting:
    """Answers with the number of the call; fails at texts that say so."""

    def __init__(self, name: str = "counting", tokens: int = 10, pause: float = 0.0) -> None:
        self.name = name
        self.calls = 0
        self.tokens = tokens
        self.pause = pause

    async def __call__(self, request: Request) -> Reply:
        self.calls += 1
        number = self.calls
        await asyncio.sleep(self.pause)
        if "fail" in request.messages[-1].content:
            raise ModelFailed(f"failed at {number}")
        return Reply(f"{number} \ud83c🍲\n{request.messages[-1].content}", Usage(self.tokens, self.tokens), 0.25)


def ask(text: str = "hello", **fields: Any) -> Request:
    return Request("test/count", (Turn("user", text),), **fields)


async def many(model: Model, *requests: Request) -> list[Reply | BaseException]:
    return await asyncio.gather(*[model(request) for request in requests], return_exceptions=True)


def test_the_cache_asks_once_even_at_once_and_across_processes(tmp_path: Path) -> None:
    inner = Counting(pause=0.01)
    path = tmp_path / "deep" / "cache.jsonl"
    model, other = Cached(inner, path), Cached(inner, path)
    replies = run_sync(many(model, *[ask()] * 5, ask("two")))
    assert inner.calls == 2
    assert len(set(map(str, replies[:5]))) == 1
    assert run_sync(other(ask())) == replies[0]  # `other` finds what was appended after it was opened
    assert run_sync(Cached(inner, path)(ask("two"))) == replies[5]
    assert inner.calls == 2
    assert run_sync(Cached(Counting("another"), path)(ask())) == Reply("1 \ud83c🍲\nhello", Usage(10, 10))
    assert run_sync(model(ask(seed=1))).text != replies[0].text  # type: ignore[union-attr]


def test_the_cache_keeps_no_failures(tmp_path: Path) -> None:
    inner = Counting(pause=0.01)
    model = Cached(inner, tmp_path / "cache")
    assert all(isinstance(error, ModelFailed) for error in run_sync(many(model, *[ask("fail")] * 3)))
    assert inner.calls == 3
    assert not (tmp_path / "cache").exists()


def test_the_cache_lives_on_after_a_cancelled_call(tmp_path: Path) -> None:
    async def run() -> Reply:
        model = Cached(Counting(pause=0.05), tmp_path / "cache")
        first, second = asyncio.ensure_future(model(ask())), asyncio.ensure_future(model(ask()))
        await asyncio.sleep(0.01)
        first.cancel()
        return await second

    assert run_sync(run()).text.startswith("2")


@pytest.mark.parametrize("cut", [1, 5, 9, 40, 200])
def test_half_a_last_line_is_passed_over_and_ended(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cache"
    run_sync(many(Cached(Counting(), path), ask("one"), ask("two")))
    whole = path.read_bytes()
    second = whole.index(b"\n") + 1
    path.write_bytes(whole[: second + cut])
    inner = Counting()
    model = Cached(inner, path)
    assert run_sync(model(ask("one"))).text.endswith("one")
    assert inner.calls == 0
    run_sync(many(model, ask("two"), ask("three")))
    assert inner.calls == 2
    run_sync(many(Cached(inner, path), ask("one"), ask("two"), ask("three")))
    assert inner.calls == 2
    assert len(read_answers(path)) == 3


def test_a_whole_last_line_without_its_end_counts(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    run_sync(Cached(Counting(), path)(ask("one")))
    path.write_bytes(path.read_bytes()[:-1])
    run_sync(Cached(Counting(), path)(ask("two")))
    assert len(read_answers(path)) == 2


def test_a_file_that_is_no_cache_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\nare here\n")
    with pytest.raises(CorruptRecord, match=r"notes\.txt"):
        Cached(Counting(), path)
    assert path.read_text() == "my notes\nare here\n"


WRITER = """
    import asyncio, sys
    from pathlib import Path
    from talkoot.model import Reply, Request, Turn
    from talkoot.models.limits import Cached

    class Long:
        name = "long"
        async def __call__(self, request):
            return Reply(request.messages[0].content * 3000)

    async def main():
        model = Cached(Long(), Path(sys.argv[1]))
        print("go", flush=True)
        n = 0
        while True:
            await model(Request("a/b", (Turn("user", f"{sys.argv[2]}-{n}"),)))
            n += 1

    asyncio.run(main())
"""


def test_several_writers_and_sigkill_leave_a_readable_cache(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    for _ in range(3):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path)]
        writers = [subprocess.Popen([*command, who], stdout=subprocess.PIPE) for who in "ab"]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writers[0].wait(0.15)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
    answers = read_answers(path)
    assert answers
    assert len({answer.key for answer in answers}) >= len(answers) - 6  # each killed writer may repeat its last
    assert all(len(answer.reply.text) >= 9000 for answer in answers)
    assert path.read_bytes().count(b"\n") <= len(answers) + 6


@pytest.mark.parametrize("calls", [0, 1, 7])
def test_a_budget_of_calls_is_never_exceeded(calls: int) -> None:
    inner = Counting(pause=0.01)
    model = Budget(inner, calls=calls)
    replies = run_sync(many(model, *[ask(str(n)) for n in range(20)]))
    assert inner.calls == calls
    assert sum(isinstance(reply, Reply) for reply in replies) == calls
    errors = [reply for reply in replies if isinstance(reply, BudgetSpent)]
    assert len(errors) == 20 - calls
    assert all(f"{calls} calls" in str(error) for error in errors)


def test_a_budget_of_tokens_is_used_up_and_not_exceeded() -> None:
    inner = Counting(tokens=10, pause=0.001)
    model = Budget(inner, tokens=200)
    replies = run_sync(many(model, *[ask(str(n), max_tokens=20) for n in range(30)]))
    assert model.tokens_used <= 200
    assert inner.calls == 10  # they waited for each other's true use instead of giving up early
    assert sum(isinstance(reply, BudgetSpent) for reply in replies) == 20


def test_uncounted_tokens_are_estimated() -> None:
    model = Budget(Counting(tokens=0), tokens=10_000)
    run_sync(model(ask("x" * 400)))
    assert 200 <= model.tokens_used <= 210


def test_a_senseless_budget() -> None:
    with pytest.raises(BadInput, match="-1 calls"):
        Budget(Counting(), calls=-1)


def test_record_and_replay(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    live = Recorder(Counting(), path)
    first = [run_sync(live(ask(text))) for text in ("a", "a", "b")]
    with pytest.raises(ModelFailed):
        run_sync(live(ask("fail")))
    for model in (Recorded(path), open_model(f"recorded/{path}")):
        assert [run_sync(model(ask(text))) for text in ("a", "b", "a")] == [first[0], first[2], first[1]]
        with pytest.raises(ModelFailed, match="failed at 4"):
            run_sync(model(ask("fail")))
        assert run_sync(model(ask("b"))) == first[2]  # recorded once, so its answer is the only one
        with pytest.raises(ModelFailed, match="recorded only 2 times"):
            run_sync(model(ask("a")))
        with pytest.raises(ModelFailed) as caught:
            run_sync(model(ask("new")))
        assert all(part in str(caught.value) for part in ("test/count", ask("new").key()[:16], "ecord again"))


def test_a_cache_file_and_a_run_can_be_replayed(tmp_path: Path) -> None:
    cached = Cached(Counting(), tmp_path / "cache")
    reply = run_sync(cached(ask()))
    assert run_sync(Recorded(tmp_path / "cache")(ask())) == reply
    folder = tmp_path / "run" / "episodes"
    folder.mkdir(parents=True)
    for number in (2, 1):
        with (folder / f"{number}.jsonl").open("w") as file:
            write = EpisodeWriter(file)
            for text in ("same", f"only {number}"):
                request = ask(text)
                messages = tuple((turn.role, turn.content) for turn in request.messages)
                write(Called(0, 0, request.purpose, "m", request.key(), messages, f"{text} from {number}", 3, 4))
    replay = Recorded(tmp_path / "run")
    assert [run_sync(replay(ask("same"))).text for _ in range(2)] == ["same from 1", "same from 2"]
    assert run_sync(replay(ask("only 2"))) == Reply("only 2 from 2", Usage(3, 4))
    assert run_sync(Recorded(folder / "1.jsonl")(ask("same"))).text == "same from 1"


def test_recordings_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no recording at"):
        Recorded(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="episodes"):
        Recorded(tmp_path)
    for number, text in enumerate(("hello\n", "{}\n", '{"key":"x"}\n', '{"key":1,"reply":null}\n')):
        (tmp_path / f"f{number}").write_text(text)
        with pytest.raises(CorruptRecord, match=f"f{number}, line 1"):
            Recorded(tmp_path / f"f{number}")


def test_resumed_serves_what_is_known_then_asks() -> None:
    def called(text: str, reply: str, error: str = "") -> Called:
        return Called(0, 0, "test/count", "m", ask(text).key(), (("user", text),), reply, error=error)

    inner = Counting()
    model = Resumed(inner, answers_of([called("a", "old"), called("b", "", "went wrong")]))
    assert model.name == inner.name
    assert run_sync(model(ask("a"))).text == "old"
    with pytest.raises(ModelFailed, match="went wrong"):
        run_sync(model(ask("b")))
    assert inner.calls == 0
    assert run_sync(model(ask("a"))).text.startswith("1")
    assert run_sync(model(ask("c"))).text.startswith("2")


def test_the_switch_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALKOOT_NO_NETWORK_MODELS")
    with forbid_network_models(allow_loopback=False):
        assert os.environ["TALKOOT_NO_NETWORK_MODELS"] == "1"
        with forbid_network_models():
            assert os.environ["TALKOOT_NO_NETWORK_MODELS"] == "1"  # an outer, stricter switch holds
    assert "TALKOOT_NO_NETWORK_MODELS" not in os.environ
    assert is_loopback("127.0.0.1")
    assert not is_loopback("127.evil.example")


def test_names_that_open_nothing() -> None:
    for name in ("gpt", "", "rulebooks"):
        with pytest.raises(BadInput, match="unknown model") as caught:
            open_model(name)
        assert all(kind in str(caught.value) for kind in KINDS)
    with pytest.raises(BadInput, match="no checkpoint"):
        open_model("hf/no/such/folder")


def test_wrappers_conform_and_stack(tmp_path: Path) -> None:
    model = Cached(Budget(Recorder(Counting(), tmp_path / "record"), calls=100), tmp_path / "cache")
    check_model(model, deterministic=True)
    assert len(read_answers(tmp_path / "cache")) == len(read_answers(tmp_path / "record")) == 3
    with pytest.raises(AssertionError, match="equal replies"):
        check_model(Counting(), deterministic=True)


def test_importing_models_is_light() -> None:
    code = """
        import sys, json, talkoot.models, talkoot.models.limits, talkoot.models.openai_chat, talkoot.models.check
        print(json.dumps([name for name in ("openai", "httpx2", "numba", "pydantic") if name in sys.modules]))
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert "openai" not in json.loads(result.stdout)
    assert "httpx2" not in json.loads(result.stdout)

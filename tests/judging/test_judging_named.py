"""Judges by name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from talkoot.episode import run_sync
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging import named
from talkoot.judging.dialect import Tiny
from talkoot.judging.judges import Chat, Discriminative, Generative, Outcome
from talkoot.judging.named import described, open_judge, split_judge


@pytest.mark.parametrize(
    ("name", "head", "options"),
    [
        ("rulebook", "rulebook", {}),
        ("rulebook:drop=0.2,seed=3,votes=8", "rulebook:drop=0.2,seed=3", {"votes": 8}),
        ("rulebook:votes=2", "rulebook", {"votes": 2}),
        (
            "m@http://127.0.0.1:8000/v1,votes=8,temperature=0.7,tokens=99,concurrency=4",
            "m@http://127.0.0.1:8000/v1",
            {"votes": 8, "temperature": 0.7, "tokens": 99, "concurrency": 4},
        ),
        ("m@http://h/v1(votes=4,temperature=.7)", "m@http://h/v1", {"votes": 4, "temperature": 0.7}),
        ("m@http://h/v1,temperature=1.", "m@http://h/v1", {"temperature": 1.0}),
        ("m@http://h/v1( votes = 8, temperature=1 )", "m@http://h/v1", {"votes": 8, "temperature": 1.0}),
        ("tiny/a,b=c,score=votes", "tiny/a,b=c", {"score": "votes"}),
        ("hf/my model (2)", "hf/my model (2)", {}),
        ("hf/my model (2),votes=3", "hf/my model (2)", {"votes": 3}),
    ],
)
def test_options_stand_behind_the_name(name: str, head: str, options: dict[str, object]) -> None:
    assert split_judge(name) == (head, options)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("m@http://h/v1,votes=0", "votes cannot be '0'; write a whole number of 1"),
        ("m@http://h/v1,votes=many", "votes cannot be 'many'"),
        ("m@http://h/v1,votes=2,votes=3", "votes is given twice"),
        ("m@http://h/v1,votes=2,colour=red", "unknown option 'colour=red'; known are votes, temperature, score"),
        ("m@http://h/v1,vote=8", "unknown option 'vote=8'"),
        ("m@http://h/v1,vote=8,votes=2", "unknown option 'vote=8'"),
        ("m@http://h/v1,temperature=.", "temperature cannot be '.'"),
        ("m@http://h/v1(colour=red)", "unknown option 'colour=red'"),
        ("m@http://h/v1(votes=2,x)", "unknown option 'x'"),
        ("m@http://h/v1,temperature=-1", "temperature cannot be '-1'; write a number of 0 or more"),
        ("tiny/x,score=best", "score cannot be 'best'; write options or votes"),
        ("m@http://h/v1,score=options", "score makes no sense.*a chat model gives no probabilities"),
        ("tiny/x,concurrency=3", "concurrency makes no sense.*in batches"),
        ("oracle", "unknown judge 'oracle'; a judge is named NAME@URL, rulebook, recorded/PATH, hf/FOLDER"),
        ("", "unknown judge ''"),
        ("hf/nowhere", "nowhere holds no checkpoint"),
        ("tiny/nowhere", "nowhere holds no small model of ours"),
    ],
)
def test_names_that_cannot_be_opened(name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        open_judge(name)


def test_chat_models() -> None:
    judge = open_judge("rulebook:drop=0,votes=2,tokens=50,concurrency=3", seed=9)
    assert isinstance(judge, Chat)
    assert (judge.votes, judge.max_tokens, judge.concurrency, judge.seed) == (2, 50, 3, 9)
    (verdict,) = run_sync(judge([Trace("p", ("3 + 4 = 8",))]))
    assert not verdict.good
    assert judge.name == "chat:rulebook,votes=2"
    assert isinstance(open_judge("m@http://127.0.0.1:1/v1"), Chat)


def test_what_the_model_costs_is_bounded_and_kept(tmp_path: Path) -> None:
    cache = tmp_path / "replies.jsonl"
    trace = Trace("p", ("3 + 4 = 8",))
    first = run_sync(open_judge("rulebook", cache=cache, calls=1)([trace]))
    assert cache.exists()
    assert run_sync(open_judge("rulebook", cache=cache, calls=0)([trace])) == first


def test_judges_of_ours(tmp_path: Path) -> None:
    from talkoot.learning.tiny import random_tiny

    pieces = ["<solution>", "<chunk>", "</chunk>", "<judge>", "\\boxed{Positive}", "\\boxed{Negative}", "1", " + "]
    random_tiny(pieces, width=8, layers=1, heads=1, context=64).save(tmp_path)
    traces = [Trace("1", ("1",)), Trace("1 + 1", ("1", " + 1"))]
    name = f"tiny/{tmp_path}"
    judge = open_judge(f"{name},votes=3,tokens=5,temperature=1.5", seed=2)
    assert isinstance(judge, Generative)
    assert (judge.dialect, judge.votes, judge.temperature) == (Tiny(analysis_tokens=5), 3, 1.5)
    verdicts = run_sync(judge(traces))
    assert verdicts == run_sync(open_judge(f"{name}(votes=3,tokens=5,temperature=1.5)", seed=2)(traces))
    assert all(0 < verdict.score < 1 and 3 <= verdict.tokens <= 15 for verdict in verdicts)

    for kind, shape in (("discriminative", Discriminative), ("outcome", Outcome)):
        (tmp_path / "judge.json").write_text(json.dumps({"kind": kind}))
        judge = open_judge(name)
        assert isinstance(judge, shape)
        assert all(0 < verdict.score < 1 and verdict.tokens == 1 for verdict in run_sync(judge(traces)))
        with pytest.raises(BadInput, match=f"a {kind} judge writes no analysis.*leave out votes"):
            open_judge(f"{name},votes=3")


def test_what_a_folder_says_of_its_judge(tmp_path: Path) -> None:
    assert described(tmp_path) == ("generative", Tiny())
    file = tmp_path / "judge.json"
    file.write_text('{"dialect": {"analysis_tokens": 7}}')
    assert described(tmp_path) == ("generative", Tiny(analysis_tokens=7))
    for nonsense in ('{"kind": "wise"}', '{"dialect": {"size": 3}}', "[]", "{", '{"dialect": 3}', "\xff"):
        file.write_text(nonsense, encoding="latin-1")
        with pytest.raises(BadInput, match=r"judge\.json does not describe a judge"):
            described(tmp_path)


def test_a_checkpoint_with_instructions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is made of a folder; the checkpoint itself is `learning.hf`'s."""
    from types import ModuleType

    from judging_simulated import Writer

    fake = ModuleType("talkoot.learning.hf")
    fake.HfCausal = lambda folder: Writer(lambda prompt, copy: "Sound. \\boxed{Positive}", lambda text: 0.9)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "talkoot.learning.hf", fake)
    from talkoot.judging.instruct import Instruct

    monkeypatch.setattr(Instruct, "__init__", lambda self, source, **sizes: vars(self).update(Sizes | sizes))
    monkeypatch.setattr(Instruct, "judge", lambda self, trace: "judge: " + trace.chunks[-1])
    (tmp_path / "config.json").write_text("{}")
    judge = open_judge(f"hf/{tmp_path},votes=2,tokens=33,score=votes")
    assert isinstance(judge, Generative)
    assert (judge.votes, judge.dialect.analysis_tokens, judge.score) == (2, 33, "votes")
    (verdict,) = run_sync(judge([Trace("p", ("x",))]))
    assert (verdict.good, verdict.score, verdict.tokens) == (True, 1.0, 4)


Sizes = {"solution_tokens": 1, "chunk_tokens": 1, "analysis_tokens": 1}


def test_packages_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "find_spec", lambda package: None)
    for name, extra in (("hf/x", "hf"), ("tiny/x", "judging")):
        with pytest.raises(BadInput, match=rf"not installed \(torch, .*pip install 'talkoot\[{extra}\]'"):
            open_judge(name)


def test_torch_stays_out_of_chats() -> None:
    import subprocess

    code = "import sys; from talkoot.judging.named import open_judge as o; o('rulebook'); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"

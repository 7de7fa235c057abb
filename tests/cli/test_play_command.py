"""`talkoot play`: one episode, its score, its record and its page; watched live or afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from talkoot.cli import main
from talkoot.episode import read_episode

WORLD = "cramped_room:horizon=40"


def talkoot(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["talkoot", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)  # type: ignore[arg-type]


def test_json_tells_score_record_and_page(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert talkoot(monkeypatch, "play", WORLD, "--team", "proagent+random", "--seed", 3, "--json") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    told = json.loads(out)
    assert (told["world"], told["team"], told["seed"], told["steps"]) == (WORLD, "proagent+random", 3, 40)
    episode = read_episode(Path(told["episode"]))
    assert episode.ended is not None
    assert episode.score == told["score"]
    assert episode.started.team == {0: "proagent", 1: "random"}
    assert told["calls"] > 0
    assert Path(told["replay"]).read_text().startswith("<!")
    assert talkoot(monkeypatch, "play", WORLD, "--team", "proagent+random", "--seed", 3, "--json") == 0
    again = capsys.readouterr()
    assert json.loads(again.out) == told
    assert "played before" in again.err


@pytest.mark.parametrize("times", [1, 2])
def test_watching_shows_the_kitchen_live_and_again(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, times: int
) -> None:
    for _ in range(times):
        capsys.readouterr()
        arguments = ["play", WORLD, "--team", "stay+random", "--watch", "--speed", 0, "--replay", "page.html"]
        assert talkoot(monkeypatch, *arguments) == 0
    told = capsys.readouterr()
    assert "step 40" in told.err
    assert "step" in told.out  # the score line
    assert "score    " in told.out
    assert Path("page.html").exists()


def test_unknown_names_and_spent_budgets_are_told(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert talkoot(monkeypatch, "play", "atlantis") == 2
    assert talkoot(monkeypatch, "play", WORLD, "--team", "nobody+stay") == 2
    assert not runs.exists()
    capsys.readouterr()
    arguments = ["play", WORLD, "--team", "proagent+proagent", "--json", "--run", runs]
    assert talkoot(monkeypatch, *arguments, "--max-calls", 3) == 5
    told = capsys.readouterr()
    assert "the budget of 3 calls" in json.loads(told.out)["error"]
    assert talkoot(monkeypatch, *arguments) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 40


def test_a_page_that_cannot_be_written_is_told_first(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    Path("folder").mkdir()
    assert talkoot(monkeypatch, "play", WORLD, "--team", "stay+stay", "--replay", "folder") == 2
    assert "talkoot: --replay folder is a folder" in capsys.readouterr().err
    assert not runs.exists()


def test_a_path_that_fails_later_is_one_message(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (runs / "replay.html").mkdir(parents=True)
    (runs / "replay.html").rmdir()
    assert talkoot(monkeypatch, "play", WORLD, "--team", "stay+stay", "--run", runs) == 0
    (runs / "replay.html").unlink()
    (runs / "replay.html").mkdir()
    capsys.readouterr()
    assert talkoot(monkeypatch, "play", WORLD, "--team", "stay+stay", "--run", runs, "--json") == 2
    told = capsys.readouterr()
    assert "replay.html" in json.loads(told.out)["error"]
    assert "Traceback" not in told.err


def test_what_could_only_be_guessed_is_told_beside_calls_and_tokens(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from talkoot.models.testserver import TestServer, serving

    with serving(TestServer(lambda messages: "Well, plan B sounds good, or A.")) as server:
        asked = ["play", "household/test:limit=12", "--team", "coela+coela", "--model", server.name]
        assert talkoot(monkeypatch, *asked) == 0
        text = capsys.readouterr().out
        assert talkoot(monkeypatch, *asked, "--json") == 0
        told = json.loads(capsys.readouterr().out)
    assert told["fallback_parses"] > 0
    assert told["calls"] == server.requests
    tokens = told["prompt_tokens"] + told["completion_tokens"]
    counts = f"{told['invalid_replies']} invalid, {told['fallback_parses']} guessed"
    assert f"{told['calls']} calls, {tokens} tokens, {counts}" in text

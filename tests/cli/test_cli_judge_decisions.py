"""`talkoot judge decisions`: from a recorded episode to labels beside it and a page that shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from talkoot.agents.catalog import make_team
from talkoot.cli import app
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.errors import BadInput, CorruptRecord
from talkoot.models import open_model
from talkoot.replay.judged import read_labels
from talkoot.worlds.catalog import make_world


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    world = make_world("cramped_room:horizon=24")
    team = make_team("proagent+random", world.seats, open_model)
    with path.open("w") as file:
        run_sync(run_episode(world, team, 0, record=EpisodeWriter(file), names={0: "proagent", 1: "random"}))
    return path


def call(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["judge", "decisions", *map(str, arguments)], catch_exceptions=False)


def test_labels_are_written_and_shown(episode: Path, tmp_path: Path) -> None:
    before = episode.read_bytes()
    page = tmp_path / "page.html"
    result = call(episode, "--rollouts", 3, "--horizon", 15, "--replay", page, "--json")
    told = json.loads(result.stdout)
    assert [(one["seat"], one["agent"]) for one in told["seats"]] == [(0, "proagent"), (1, "random")]
    labels = read_labels(episode)
    assert labels is not None
    assert told["rule"] == labels.rule == "rel-ratio:gamma=0.8"
    assert sum(one["minus"] for one in told["seats"]) == sum(one.label < 0 for one in labels.decisions)
    assert [one["decisions"] for one in told["seats"]][1] == 3
    assert labels.about["horizon"] == 15
    assert '"rule":"rel-ratio:gamma=0.8"' in page.read_text()
    assert episode.read_bytes() == before
    again = labels
    call(episode, "--rollouts", 3, "--horizon", 15)
    assert read_labels(episode) == again


def test_one_seat_to_the_end_with_another_rule(episode: Path) -> None:
    result = call(episode, "--rollouts", 2, "--horizon", 0, "--seat", 1, "--rule", "abs-q", "--own", "stay",
                  "--mates", "stay", "--noise", 0)  # fmt: skip
    assert "share of -" in result.stdout
    assert "0%" in result.stdout  # nobody earns anything, which is as good as ever
    labels = read_labels(episode)
    assert labels is not None
    assert {one.seat for one in labels.decisions} == {1}
    assert {one.label for one in labels.decisions} == {1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.jsonl",), "there is no episode file nowhere.jsonl"),
        (("{}.other",), r"is no record of an episode: line 1 is not an event.*name one of RUN/episodes"),
        (("{}", "--rule", "rel-ratio:beta=1"), "there is no rule"),
        (("{}", "--seat", "7"), "--seat 7: nobody sits there"),
        (("{}", "--own", "nobody"), "unknown agent"),
    ],
)
def test_bad_requests_are_told(episode: Path, arguments: tuple[str, ...], words: str) -> None:
    episode.with_name("one.jsonl.other").write_text('{"journal": 1}\n')
    with pytest.raises((BadInput, CorruptRecord), match=words):
        call(*(argument.format(episode) for argument in arguments))
    assert read_labels(episode) is None

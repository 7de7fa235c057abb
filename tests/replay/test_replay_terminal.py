"""The terminal view, rendered by rich into text."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from replay_story import HOSTILE, write_story
from rich.console import Console

from talkoot.episode import Episode, read_episode
from talkoot.events import Acted, Noted, Stepped
from talkoot.replay.terminal import Onlooker, clean, watch


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    return read_episode(write_story(tmp_path_factory.mktemp("run") / "story.jsonl"))


def console(width: int = 120) -> Console:
    return Console(width=width, file=io.StringIO(), record=True, force_terminal=True, color_system="truecolor")


def picture(episode: Episode, t: int, width: int = 120) -> str:
    onlooker = Onlooker()
    for event in episode.events:
        onlooker(event)
        if isinstance(event, Stepped) and event.t == t:
            break
    screen = console(width)
    screen.print(onlooker.frame())
    return screen.export_text()


def test_shows_the_kitchen_and_the_minds(episode: Episode) -> None:
    text = picture(episode, 34)
    assert "overcooked/cramped_room   step 34 / 64   score 0" in text
    assert "[ooo]" in text
    assert "18/20" in text
    assert "fill_dish_with_soup()" in text
    assert "seat 1: pickup_dish()  ✗ did wait(4)" in text
    assert "READY" in picture(episode, 36)
    assert "score 20" in picture(episode, 64)


def test_stacks_where_there_is_little_room(episode: Episode) -> None:
    text = picture(episode, 34, width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert "fill_dish_with_soup()" in text


def test_nothing_in_a_record_steers_the_terminal(episode: Episode) -> None:
    shown = clean(HOSTILE)
    assert shown.isprintable()
    onlooker = Onlooker()
    onlooker(episode.started)
    onlooker(Acted(0, 1, "stay", "\x1b[2J\x9b1m", "\x1b[31m\u202edeu\u2066 [bold]x[/bold] \ud800\r\x07"))
    onlooker(Noted(0, 0, "\x1b]0;owned\x07", "[link=http://x]"))
    screen = console()
    screen.print(onlooker.frame())
    raw = screen.file.getvalue()  # type: ignore[attr-defined]
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e\u2066\ud800]", raw)
    assert not re.search("\x1b(?!\\[[0-9;]*m)", raw), "an escape code that is no colour"
    assert "“·[31m·deu· [bold]x[/bold] ···”" in screen.export_text()


def test_watch_shows_every_step_at_the_asked_speed(episode: Episode) -> None:
    waits: list[float] = []
    seen = watch(episode, console(), speed=2, sleep=waits.append)
    assert (seen.t, seen.score, seen.done) == (64, 20, True)
    assert waits == [0.125] * 65
    assert watch(episode, console(), speed=0, sleep=waits.append).t == 64
    assert len(waits) == 65


def test_ctrl_c_ends_the_show(episode: Episode) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    assert watch(episode, console(), sleep=interrupt).t == 0


def test_unknown_worlds_are_told_as_recorded(tmp_path: Path) -> None:
    from talkoot.events import Started

    onlooker = Onlooker()
    assert onlooker.frame() is not None
    onlooker(Started("odd/one", {0: "x"}, 0, {"kind": "odd"}, {"what": 41}, "0"))
    screen = console()
    screen.print(onlooker.frame())
    assert "{'what': 41}" in screen.export_text()

"""The terminal view, rendered by rich into text."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from household_story import STEPS, home_setting, write_home
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_story import HOSTILE, write_story
from rich.console import Console

from talkoot.episode import Episode, read_episode
from talkoot.events import Acted, Noted, Started, Stepped
from talkoot.replay.household import WIDTH, draw_household
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
    onlooker = Onlooker()
    assert onlooker.frame() is not None
    onlooker(Started("odd/one", {0: "x"}, 0, {"kind": "odd"}, {"what": 41}, "0"))
    screen = console()
    screen.print(onlooker.frame())
    assert "{'what': 41}" in screen.export_text()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    return read_episode(write_home(tmp_path_factory.mktemp("run") / "home.jsonl", hostile=False))


def test_shows_the_home(home: Episode) -> None:
    text = picture(home, 8)
    assert "household/story   step 8 / 250   in place 0 of 3" in text
    assert "Prepare tea: apple 0/1 cupcake 0/1 wine 0/1" in text
    assert " 0  Alice in the livingroom, holds apple" in text
    assert " 1  Bob in the bedroom, holds cupcake and wine" in text
    assert "▶0" in text
    assert "★★" in text
    assert f"“{'I found <apple> (31) in the'}" in text
    assert "in place 3 of 3" in picture(home, STEPS)
    assert "apple 1/1 cupcake 1/1 wine 1/1" in picture(home, STEPS)


def test_the_plan_of_the_home_is_walls_doors_and_letters(home: Episode) -> None:
    rows = draw_household(home.started.setting, home.started.scene).plain.splitlines()
    assert max(map(len, rows)) <= WIDTH
    assert rows[0].strip() == "┌───────────────┐"
    assert rows[7].strip() == "├────╴ ╶────────┴───────┐", "the two walls between the rooms are one, with a gap"
    assert rows[10].startswith("┌───────────────────┤")
    assert all(any(name in row for row in rows) for name in ("kitchen", "livingroom", "bedroom"))
    plan = [row for row in rows if "Prepare" not in row][:-2]
    assert {sign for row in plan for sign in row if sign.isupper()} == {"F", "C"}  # fridge and cabinet
    assert [row.count("a") for row in plan if "F" in row] == [1]  # the apple in the fridge


def test_a_closed_container_and_an_open_one_differ(home: Episode) -> None:
    def styles(t: int) -> set[str]:
        scene = next((event.scene for event in home.events if isinstance(event, Stepped) and event.t == t), None)
        text = draw_household(home.started.setting, scene or home.started.scene)
        return {str(span.style) for span in text.spans if text.plain[span.start : span.end] == "F"}

    assert styles(1) == {"bold white on orange4"}
    assert styles(2) == {"bold black on tan"}


def test_two_on_one_spot_and_many_things_are_all_seen() -> None:
    person = {"position": [2.0, 2.0], "yaw": 0, "room": 11, "holding": []}
    things = [{"id": number, "name": "apple", "at": [0.5, 3.5]} for number in range(5)]
    scene = {"people": [{"seat": 0} | person, {"seat": 1} | person], "things": things}
    text = draw_household(home_setting(), scene).plain
    assert "▲0" in text
    assert "▲1" in text
    assert text.split("Prepare")[0].count("a") - text.split("Prepare")[0].count("ea") >= 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
SPOT = st.lists(JSON | st.floats(-9, 9), max_size=4)
PART = st.fixed_dictionaries(
    {}, optional={"id": JSON, "name": JSON, "box": SPOT, "at": SPOT, "position": SPOT, "holding": JSON, "seat": JSON,
                  "yaw": JSON, "count": JSON, "target": JSON, "container": JSON, "room": JSON, "top": JSON},
)  # fmt: skip
KEYS = ("rooms", "doors", "furniture", "goals", "names", "people", "things", "open", "satisfied", "seen", "activity")
HOME = JSON | st.fixed_dictionaries({}, optional={key: JSON | st.lists(PART, max_size=3) for key in KEYS})


@settings(max_examples=60, deadline=None)
@given(HOME, HOME)
def test_no_scene_of_a_home_stops_the_show(setting: object, scene: object) -> None:
    onlooker = Onlooker()
    told = setting | {"kind": "household"} if isinstance(setting, dict) else {"kind": "household"}
    onlooker(Started("household/odd", {0: "x"}, 0, told, scene, "0"))
    screen = console(100)
    screen.print(onlooker.frame())
    assert "household/odd" in screen.export_text()

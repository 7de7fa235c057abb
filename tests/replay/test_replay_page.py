"""The page in a real browser: nothing leaves it, nothing in a record does anything, and it can be used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from replay_story import HOSTILE, write_story

from talkoot.episode import read_episode
from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Called
from talkoot.replay import page as page_module
from talkoot.replay.page import write_page


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write_story(folder / "episodes" / "hostile.jsonl")
    write_story(folder / "episodes" / "longer.jsonl", steps=150, hostile=False)
    return folder


@pytest.fixture(scope="module")
def page_file(run_folder: Path) -> Path:
    return write_page(run_folder, run_folder / "replay.html")


@pytest.fixture
def visit(open_page: Callable[..., Any], page_file: Path) -> Callable[..., Any]:
    """Open the page of the kitchens."""
    return partial(open_page, page_file)


def now(tab: Any) -> int:
    return int(tab.locator("#overview").get_attribute("aria-valuenow"))


def test_texts_are_stored_once_and_nothing_can_end_the_script(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    assert text.count("You are a cook in a small kitchen") == 1
    assert text.count("</script>") == 2
    assert "onerror='" in text
    assert "<img" not in text
    assert "\u2028" not in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]


def test_hostile_text_is_shown_as_text(visit: Any) -> None:
    tab = visit()
    tab.keyboard.press("1")  # open seat 1 at step 0, whose first reply is hostile
    assert tab.locator("#panel").is_visible()
    shown = tab.locator("#panel .reply pre").first.text_content()
    assert "</script><script>window.pwned = 1</script><img src=x" in shown
    assert tab.locator("#panel img, #lanes img, #cards img, #top img, #stage img").count() == 0
    assert tab.locator("script").count() == 2
    for _ in range(6):
        tab.keyboard.press("n")
    tab.keyboard.press("End")


def test_keys_move_the_time(visit: Any) -> None:
    tab = visit()
    assert now(tab) == 0
    for key, expected in [
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Shift+ArrowRight", 11), ("End", 64),
        ("ArrowRight", 64), ("Home", 0), ("ArrowLeft", 0),
    ]:  # fmt: skip
        tab.keyboard.press(key)
        assert now(tab) == expected, key
    tab.keyboard.press("End")
    assert tab.locator("#score").text_content() == "20"
    assert "Step 64 of 64, score 20" in tab.locator("#overview").get_attribute("aria-valuetext")


def test_space_plays_and_pauses(visit: Any) -> None:
    tab = visit()
    tab.keyboard.press(".")
    tab.keyboard.press(" ")
    assert tab.locator("#play").get_attribute("aria-label") == "Pause"
    for _ in range(100):  # the policy of the page forbids wait_for_function, which evaluates text
        if now(tab) >= 2:
            break
        tab.wait_for_timeout(50)
    assert now(tab) >= 2
    tab.keyboard.press(" ")
    assert tab.locator("#play").get_attribute("aria-label") == "Play"
    stopped = now(tab)
    tab.wait_for_timeout(300)
    assert now(tab) == stopped


def test_mouse_scrubs_overview_and_ruler(visit: Any) -> None:
    tab = visit()
    box = tab.locator("#overview .plot").bounding_box()
    tab.mouse.move(box["x"] + 5, box["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=4)
    assert now(tab) == 32
    tab.mouse.up()
    tab.mouse.move(box["x"] + box["width"], box["y"] + 20)
    assert now(tab) == 32
    ruler = tab.locator(".ruler span", has_text=re.compile("^10$")).bounding_box()
    tab.mouse.click(ruler["x"] + 3, ruler["y"] + 5)
    assert now(tab) == 10


def test_touch_scrubs(visit: Any) -> None:
    tab = visit(390, 844, has_touch=True, is_mobile=True)
    box = tab.locator("#overview .plot").bounding_box()
    tab.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + 20)
    assert now(tab) == 48
    speed = tab.locator('#speeds [aria-checked="true"]')
    for expected in ("2×", "4×", "8×", "½×"):
        speed.tap()
        assert speed.text_content() == expected


def test_the_kitchen_follows_the_time(visit: Any) -> None:
    tab = visit()
    before = tab.locator(".cook.seat-0").get_attribute("transform")
    for _ in range(4):
        tab.keyboard.press("ArrowRight")
    assert tab.locator(".cook.seat-0").get_attribute("transform") != before
    assert tab.locator(".cook.seat-0 .held .onion").count() == 1
    tab.keyboard.press("End")
    assert tab.locator(".cook").count() == 2


def test_a_click_opens_the_exact_prompt_reply_and_verdict(visit: Any, run_folder: Path) -> None:
    tab = visit()
    episode = read_episode(run_folder / "episodes" / "hostile.jsonl")
    calls = [event for event in episode.events if isinstance(event, Called) and event.seat == 0 and event.t == 44]
    assert len(calls) == 2
    tab.locator('.lane.seat-0 .row.verified [data-t="44"]').click()
    assert now(tab) == 44
    turns = tab.locator("#panel .said-to-model pre").all_text_contents()
    assert turns == [content for call in calls for _, content in call.messages]
    replies = tab.locator("#panel .reply pre").all_text_contents()
    assert replies == [call.reply for call in calls]
    assert tab.locator("#panel .turn.system").first.get_attribute("open") is None
    refused = tab.locator("#panel .block.refused")
    assert "you hold nothing that could be delivered" in refused.text_content()
    assert refused.locator(".conditions .bad").text_content() == "you hold a soupyou hold nothing"
    tab.keyboard.press("Escape")
    assert not tab.locator("#panel").is_visible()


def test_beliefs_stand_beside_what_was_done(visit: Any) -> None:
    tab = visit()
    assert tab.locator(".row.believed .good").count() > 0
    wrong = tab.locator(".lane.seat-1 .row.believed .bad").first
    assert "but it did" in wrong.get_attribute("aria-label")
    wrong.click()
    assert "it really did" in tab.locator(".card.seat-1 .guess.bad").text_content()


def test_a_refusal_under_way_is_marked_too(visit: Any) -> None:
    tab = visit()
    mark = tab.locator('.lane.seat-1 .row.verified [data-t="16"]')
    assert mark.get_attribute("aria-label") == "Step 16: refused 1 plan (nobody needs it), then accepted one"
    assert tab.locator(".lane.seat-1 .row.planned .failed").get_attribute("aria-label").endswith("(nobody needs it)")
    mark.click()
    assert "nothing cooks" in tab.locator("#panel .block.refused").text_content()


def test_every_row_is_there_and_can_be_walked_by_keyboard(visit: Any) -> None:
    tab = visit()
    names = tab.locator(".lane.seat-0 .row-name").all_text_contents()
    assert names == ["saw", "believed", "planned", "verified", "did"]
    first = tab.locator(".lane.seat-0 .row.planned .mark").first
    first.focus()
    tab.keyboard.press("ArrowRight")
    assert now(tab) == 0
    tab.keyboard.press("Enter")
    assert now(tab) == 3
    assert tab.locator("#panel").is_visible()


@pytest.mark.parametrize("width", [390, 768, 1024, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_scrolls_sideways(visit: Any, width: int, scheme: str) -> None:
    tab = visit(width, 844, color_scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    tab.keyboard.press("0")
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    panel = tab.locator("#panel").bounding_box()
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width + 0.5


def test_reduced_motion_stays_on_whole_steps(visit: Any) -> None:
    tab = visit(reduced_motion="reduce")
    tab.keyboard.press(" ")
    for _ in range(5):
        tab.wait_for_timeout(60)
        x = float(re.match(r"translate\((\S+)", tab.locator(".cook.seat-1").get_attribute("transform"))[1])
        assert x % 100 == 50


def test_picker_and_deep_link(visit: Any) -> None:
    tab = visit(at="#episode=longer&t=41")
    assert now(tab) == 41
    assert int(tab.locator("#overview").get_attribute("aria-valuemax")) == 150
    tab.locator("#episode").select_option("0")
    assert int(tab.locator("#overview").get_attribute("aria-valuemax")) == 64


def test_unknown_setting_and_bare_episode_are_shown_all_the_same(open_page: Any, tmp_path: Path) -> None:
    lines = [
        {"kind": "started", "world": "odd/one", "team": {"0": "x", "1": "y"}, "seed": 0,
         "setting": {"kind": "constructor"}, "scene": {"what": HOSTILE}, "version": "0"},
        {"kind": "acted", "t": 0, "seat": 0, "action": "constructor"},
        {"kind": "stepped", "t": 3, "rewards": {"0": 1.5}, "scene": {"what": 2}},
    ]  # fmt: skip
    file = tmp_path / "odd.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tab = open_page(write_page(file, tmp_path / "odd.html"))
    assert "window.pwned" in tab.locator("#picture").text_content()
    tab.keyboard.press("End")
    assert now(tab) == 3
    assert tab.locator("#score").text_content() == "1.5"
    assert "cut off" in tab.locator("#subtitle").text_content()
    tab.keyboard.press("0")
    assert "recorded no thoughts" in tab.locator("#panel").text_content()


def test_bad_input_is_named(tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "page.html"
    with pytest.raises(BadInput, match="there is no run at"):
        write_page(tmp_path / "nothing", out)
    with pytest.raises(CorruptRecord, match=r"neither run\.json nor episodes"):
        write_page(tmp_path, out)
    (tmp_path / "empty" / "episodes").mkdir(parents=True)
    with pytest.raises(BadInput, match="no episodes yet"):
        write_page(tmp_path / "empty", out)
    (tmp_path / "empty" / "run.json").write_text("{")
    with pytest.raises(CorruptRecord, match=r"run\.json cannot be read"):
        write_page(tmp_path / "empty", out)
    with pytest.raises(BadInput, match="no episode 'q'; it has hostile, longer"):
        write_page(run_folder, out, ["q"])
    (tmp_path / "broken.jsonl").write_text('{"kind": "started"}\n{"kind": "ended"}\n')
    with pytest.raises(CorruptRecord, match="line 1"):
        write_page(tmp_path / "broken.jsonl", out)
    (tmp_path / "blank.jsonl").write_text("")
    with pytest.raises(CorruptRecord, match="no first line"):
        write_page(tmp_path / "blank.jsonl", out)
    monkeypatch.setattr(page_module, "LIMIT", 100_000)
    with pytest.raises(BadInput, match="choose with --episode"):
        write_page(run_folder, out)
    assert not out.exists()

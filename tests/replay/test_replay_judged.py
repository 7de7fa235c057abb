"""Labels of decisions beside an episode, and verdicts on reasoning in it: files, the page, the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from replay_story import HOSTILE, write_story

from talkoot.episode import EpisodeWriter, read_episode
from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Event, Judged, Planned, Started
from talkoot.replay.judged import Labelled, Labels, labels_file, read_labels, write_labels
from talkoot.replay.page import write_page
from talkoot.replay.terminal import Onlooker

LABELS = Labels(
    "rel-ratio:gamma=0.8", {"horizon": 60},
    (
        Labelled(0, 0, 12, "pickup_onion()", (16, 16), (15, 16), (8.0, 9.5), 1),
        Labelled(0, 12, 20, HOSTILE.replace("\ud800", ""), (16, 16), (15, 2), (9.0, 3.25), -1),
        Labelled(1, 4, 30, "wait(1)", (16, 1), (12, 1), (9.0, 9.0), 0),
    ),
)  # fmt: skip


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """An episode with a judged thought: the second plan's reasoning is refused at its second chunk."""
    path = write_story(tmp_path / "episodes" / "one.jsonl", hostile=False)
    events: list[Event] = []
    for event in read_episode(path).events:
        events.append(event)
        if isinstance(event, Planned) and event.seat == 0 and (event.t, event.attempt) == (0, 1):
            chunks = (("The pot is empty. ", True, 0.91, ""), (HOSTILE, False, 0.12, "two and two are four"))
            events.append(Judged(0, 0, event.skill, False, "tiny", chunks, 2, "the reasoning is unsound", 40))
            events.append(replace(event, attempt=2))
            events.append(Judged(0, 0, event.skill, True, "tiny", chunks[:1], 0, "", 20))
    with path.open("w", encoding="utf-8") as file:
        writer = EpisodeWriter(file)
        for event in events:
            writer(event)
    return path


def test_judged_events_survive_their_file(story: Path) -> None:
    told = [event for event in read_episode(story).events if isinstance(event, Judged)]
    assert [(event.ok, event.unread, len(event.chunks), event.tokens) for event in told] == [
        (False, 2, 2, 40), (True, 0, 1, 20)
    ]  # fmt: skip
    assert told[0].chunks[1] == (HOSTILE, False, 0.12, "two and two are four")


def test_labels_are_kept_beside_a_record_that_stays_as_it_was(story: Path) -> None:
    before = story.read_bytes()
    assert read_labels(story) is None
    path = write_labels(story, LABELS)
    assert path == labels_file(story) == story.with_name("one.decisions.json")
    assert read_labels(story) == LABELS
    assert story.read_bytes() == before
    assert sorted(file.name for file in story.parent.iterdir()) == ["one.decisions.json", "one.jsonl"]


def test_labels_of_another_record_are_refused(story: Path) -> None:
    write_labels(story, LABELS)
    write_story(story, steps=20)
    with pytest.raises(BadInput, match=r"labels another record than one\.jsonl is now"):
        write_page(story, story.with_suffix(".html"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: "{", lambda value: "[]", lambda value: json.dumps({**value, "format": 2}),
        lambda value: json.dumps({**value, "decisions": [{}]}),
        lambda value: json.dumps({**value, "decisions": [{**value["decisions"][0], "tries": [0, 1]}]}),
        lambda value: json.dumps({**value, "decisions": [{**value["decisions"][0], "points": [float("nan"), 1]}]}),
    ],
)  # fmt: skip
def test_damaged_labels_are_named(story: Path, damage: Callable[[Any], str]) -> None:
    path = write_labels(story, LABELS)
    path.write_text(damage(json.loads(path.read_text())))
    with pytest.raises(CorruptRecord, match=r"one\.decisions\.json holds no labels of decisions"):
        read_labels(story)


def test_the_page_shows_what_each_decision_was_worth(story: Path, open_page: Callable[..., Any]) -> None:
    write_labels(story, LABELS)
    tab = open_page(write_page(story, story.with_suffix(".html")))
    marks = tab.locator(".lane.seat-0 .row.worth .mark")
    assert marks.count() == 2
    assert marks.nth(0).get_attribute("class").split()[2:4] == ["worth", "good"]
    assert marks.nth(1).get_attribute("class").split()[2:4] == ["worth", "bad"]
    assert marks.nth(1).text_content() == "−94% → 13%"
    assert "poor decision, chance of success 94% before and 13% after" in marks.nth(1).get_attribute("title")
    assert tab.locator(".lane.seat-1 .row.worth .mark.open").text_content() == "?75% → 100%"
    assert tab.locator("#overview .poor").count() == 1
    line = tab.locator(".card.seat-0 .worth-line")
    assert line.text_content() == "+chance of success 94% → 100%"
    marks.nth(1).click()
    assert "bad" in line.get_attribute("class")
    block = tab.locator("#panel .block.poor")
    assert "Chance of success 94% → 13% (16 rollouts before, 16 after)" in block.text_content()
    assert "the mean over 60 steps" in block.text_content()


def test_without_labels_there_is_no_row_of_them(story: Path, open_page: Callable[..., Any]) -> None:
    tab = open_page(write_page(story, story.with_suffix(".html")))
    assert tab.locator(".row.worth, .poor").count() == 0
    assert not tab.locator(".card.seat-0 .worth-line").is_visible()


def test_the_page_shows_the_verdict_on_every_chunk(story: Path, open_page: Callable[..., Any]) -> None:
    tab = open_page(write_page(story, story.with_suffix(".html")))
    mark = tab.locator('.lane.seat-0 .row.verified [data-t="0"]')
    assert "refused 2 plans" in mark.get_attribute("aria-label")
    mark.click()
    refused = tab.locator("#panel .block.refused", has_text="reasoning, by tiny")
    chunks = refused.locator(".conditions li")
    assert [chunks.nth(i).get_attribute("class") for i in (0, 1)] == ["good", "bad"]
    assert "sound: 12% · two and two are four" in chunks.nth(1).text_content()
    assert "2 more chunks not read" in refused.text_content()
    assert tab.locator("#panel .block.judged").count() == 1


def test_the_terminal_tells_a_refusal(story: Path) -> None:
    onlooker = Onlooker()
    for event in read_episode(story).events:
        onlooker(event)
        if isinstance(event, Judged):
            break
    assert isinstance(onlooker.started, Started)
    assert onlooker.minds[0].refused.endswith("the reasoning is unsound")

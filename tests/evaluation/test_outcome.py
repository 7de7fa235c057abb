"""What is read of an episode file: success, talk and its cost, replies that were guessed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from talkoot.agents.scripted import Stay
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.errors import CorruptRecord
from talkoot.evaluation.outcome import Outcome, read_outcome
from talkoot.events import Noted, Record
from talkoot.types import Action, Json, Observation
from talkoot.world import Guide, World
from talkoot.worlds.catalog import make_world
from talkoot.worlds.household.speed import script


class Told:
    """Does what it was told, step by step, then nothing; notes a guess at the start."""

    def __init__(self, *actions: Action) -> None:
        self.actions = actions

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        self.safe = guide.safe
        record(Noted(0, guide.seat, "fallback parse", "took option B"))

    async def act(self, observation: Observation) -> Action:
        return self.actions[observation.t] if observation.t < len(self.actions) else self.safe

    def save(self) -> Json:
        return None

    def load(self, state: Json) -> None:
        pass


def outcome_of(folder: Path, world: World, team: Mapping[int, object], seed: int = 0) -> Outcome:
    path = folder / "e.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        run_sync(run_episode(world, team, seed, record=EpisodeWriter(file)))  # type: ignore[arg-type]
    return read_outcome(path)


def send(text: str) -> Action:
    return Action("send_message", say=text)


def test_messages_cost_steps_and_reach_the_other_only_by_their_primitive(tmp_path: Path) -> None:
    world = make_world("household/test:limit=6")
    talker = Told(send("I look in the kitchen."), Action("turnleft", say="lost words"), send(""))
    told = outcome_of(tmp_path, world, {0: talker, 1: Told(send("Good."))})
    assert (told.messages, told.message_steps, told.delivered_messages) == (3, 3, 2)
    assert (told.steps, told.success, told.fallback_parses, told.notes) == (6, False, 2, 2)


def test_free_talk_costs_no_steps(tmp_path: Path) -> None:
    world = make_world("household/test:limit=4,talk=free")
    told = outcome_of(tmp_path, world, {0: Told(Action("turnleft", say="I turn.")), 1: Stay()})
    assert (told.messages, told.message_steps, told.delivered_messages) == (1, 0, 1)


def test_success_and_its_steps(tmp_path: Path) -> None:
    world = make_world("household/test")
    steps = script(world, 3)  # type: ignore[arg-type]
    told = outcome_of(tmp_path, world, {seat: Told(*(both[seat] for both in steps)) for seat in (0, 1)}, 3)
    assert told.success
    assert told.steps == len(steps) < 250
    assert told.told()["success"] is True
    assert "identity" not in told.told()


def test_kitchens_know_no_success(tmp_path: Path) -> None:
    told = outcome_of(tmp_path, make_world("cramped_room:horizon=3,talk=on"), {0: Stay(), 1: Stay()})
    assert told.success is None
    assert set(told.told()) == {"score", "steps", "calls", "prompt_tokens", "completion_tokens", "invalid_replies",
                                "notes"}  # fmt: skip


@pytest.mark.parametrize("line", [b'{"kind":"stepped"}', b"[]", b'{"kind":"acted","t":0}', b"3"])
def test_damage_is_told_with_its_line(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "e.jsonl"
    path.write_bytes(b'{"kind":"text","hash":"0","text":""}\n' + line + b"\n")
    with pytest.raises(CorruptRecord, match="line 2: not an event"):
        read_outcome(path)


def test_scenes_of_other_worlds_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    scenes = (b"3", b"[]", b'{"said":7}', b'{"said":["x"]}')
    lines = [b'{"kind":"stepped","scene":' + scene + b"}" for scene in scenes]
    end = b'{"kind":"ended","t":4,"score":1,"calls":0,"prompt_tokens":0,"completion_tokens":0}'
    path.write_bytes(b"\n".join([*lines, end, b""]))
    assert read_outcome(path).delivered_messages == 0

"""Hostile replies: no crash, no illegal action, all of it in the record. `bench/hostile.py` does the same at length."""

from __future__ import annotations

import importlib.util
import io
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from agent_fakes import Fake, Table, act, kitchen_world
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.agents.presets import coela, proagent, react
from talkoot.agents.reading import Unreadable, read_intention, read_line, read_plan, read_skill, released_skill
from talkoot.agents.thinking import one_line
from talkoot.episode import EpisodeWriter, read_episode, run_episode, run_sync
from talkoot.events import Called, Noted, Planned
from talkoot.types import SkillCall
from talkoot.worlds.catalog import make_world

GUIDE = kitchen_world().guide(0)
VERIFY = ["rounds", "explain", "rules", "model", "off"]


def _bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "hostile.py"
    spec = importlib.util.spec_from_file_location("bench_hostile", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bench = _bench()
hostile_text = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from([*bench.LABELS, *bench.SKILLS, *bench.STRANGE, *bench.BOMBS, *bench.INJECTIONS, "\n"]))
    .map("".join),
    st.builds(lambda inside: f"Plan for <Player 0>: wait({inside})", st.text(st.characters(exclude_categories=()))),
)  # fmt: skip


def test_some_hundred_hostile_replies_through_every_team() -> None:
    figures = bench.measure(400, seed=100, horizon=20)
    assert figures["good"], figures
    assert figures["replies"] >= 400
    assert figures["unusable"] > 50
    assert len(figures["teams"]) == len(bench.TEAMS) + 1


@given(hostile_text)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_readers_give_a_sound_skill_or_say_why_not(text: str) -> None:
    known = {skill.name for skill in GUIDE.skills}
    for read in (read_plan, read_skill):
        try:
            call = read(text, GUIDE)
        except Unreadable:
            continue
        assert call.name in known
        assert all(argument == one_line(argument) and argument for argument in call.arguments)
        assert SkillCall.parse(str(call)) == call
    released = released_skill(text, 0)
    assert SkillCall.parse(str(released)) == released
    intention = read_intention(text, GUIDE, 1)
    assert intention == "" or SkillCall.parse(intention).name in known
    line = read_line(text, "Analysis")
    assert line is None or len(line.splitlines()) < 2


@given(hostile_text, st.sampled_from(VERIFY), st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_one_step_with_any_reply(text: str, verify: Any, talk: bool) -> None:
    table = Table(talk=talk)
    for agent in (
        proagent(Fake(text), verify=verify, talk=talk),
        react(Fake(text)),
        proagent(Fake(text), released=True),
    ):
        agent.reset(0, table.guide, table.events.append)
        table.events.clear()
        for action in act(agent, table.seen, table.holding(3, 1)):
            assert action.name in table.guide.primitives
            assert len(action.say) <= table.guide.message_limit
        # The rest of the mind can be written down, whatever is in it.
        agent.load(agent.save())
        assert {event.seat for event in table.events} == {0}  # type: ignore[union-attr]


@pytest.mark.parametrize("verify", VERIFY)
@pytest.mark.parametrize("kind", sorted(bench.MUTATIONS))
def test_each_mutation_leaves_a_record_that_reads_back(kind: str, verify: Any, tmp_path: Path) -> None:
    class One(bench.Hostile):  # type: ignore[name-defined, misc]
        async def __call__(self, request: Any) -> Any:
            reply = await self._inner(request)
            text = bench.MUTATIONS[kind](self._random, reply.text)
            self.given.append(text)
            return replace(reply, text=text)

    path, world, model = tmp_path / "e.jsonl", kitchen_world(horizon=4, talk=True), One("1")
    team = {seat: proagent(model, verify=verify, talk=True) for seat in world.seats}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        episode = run_sync(run_episode(world, team, record=EpisodeWriter(file)))
    assert bench._reads_back(path)
    assert bench.unaccounted(list(episode.events), [model]) == 0
    assert [e for e in read_episode(path).events if isinstance(e, Called)] == [
        e for e in episode.events if isinstance(e, Called)
    ]


@pytest.mark.parametrize("settings", [{}, {"answer": "two"}, {"chain_of_thought": False}, {"execute": False}])
def test_a_household_survives_mutated_replies(settings: dict[str, Any], tmp_path: Path) -> None:
    """Plans, extractions and drafts as hostile as can be: each choice is told, and the record reads back."""
    path, world = tmp_path / "e.jsonl", make_world("household/test:limit=20")
    models = [bench.Hostile(f"{settings}|{seat}", 0.2) for seat in world.seats]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        team = {seat: coela(models[seat], **settings) for seat in world.seats}
        events = run_sync(run_episode(world, team, 1, record=EpisodeWriter(file))).events
    assert bench._reads_back(path)
    assert sum(len(model.given) for model in models) == sum(isinstance(event, Called) for event in events)
    for place, event in enumerate(events):
        if isinstance(event, Called) and event.purpose in ("household/choose", "household/extract"):
            mine = [e for e in events[place + 1 :] if getattr(e, "seat", None) == event.seat]
            after = next(e for e in mine if not (isinstance(e, Noted) and e.what in ("fallback parse", "draft")))
            extracted = isinstance(after, Called) and after.purpose == "household/extract"
            assert extracted or isinstance(after, Planned) or after.what == "unusable reply"
    assert any(isinstance(event, Noted) and event.what == "fallback parse" for event in events)


def test_replies_that_are_missing_from_a_record_are_found() -> None:
    world, model = kitchen_world(horizon=3), bench.Hostile("1", 0.0)
    events = list(run_sync(run_episode(world, {seat: proagent(model) for seat in world.seats})).events)
    assert bench.unaccounted(events, [model]) == 0
    call = next(event for event in events if isinstance(event, Called))
    assert bench.unaccounted([event for event in events if event is not call], [model]) == 1
    silent = [event for event in events if not isinstance(event, Noted)]
    assert bench.unaccounted(silent, [model]) > 0


def test_a_bad_reply_is_told_to_the_model_and_a_good_one_is_then_taken() -> None:
    world = kitchen_world(horizon=1, seats=(0,))
    model = Fake("</script>", "Plan for <Player 0>: pickup_onion()")
    events = run_sync(run_episode(world, {0: proagent(model)})).events
    assert [event.what for event in events if isinstance(event, Noted)] == ["unusable reply"]
    assert [(event.skill, event.problem) for event in events if isinstance(event, Planned)] == [("pickup_onion()", "")]


def test_the_same_hostile_replies_give_the_same_bytes() -> None:
    def record() -> str:
        file = io.StringIO()
        bench.play("proagent:verify=model,talk=on", ("cramped_room", "old"), 7, 25, 0.3, EpisodeWriter(file))
        return file.getvalue()

    assert record() == record()

"""Demonstrations drawn from earlier runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_fakes import Fake, Table, kitchen_world

from talkoot.agents.demonstrations import demos_from
from talkoot.agents.planner import SkillPlanner
from talkoot.agents.presets import proagent
from talkoot.agents.scripted import RandomAgent, Stay
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.events import Event, Finished, Planned, Saw, Started, Stepped
from talkoot.models.rulebook import Rulebook


def write(path: Path, *events: Event) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for event in events:
            EpisodeWriter(file)(event)
    return path


def start() -> Started:
    return Started("w", {0: "a", 1: "b"}, 0, {}, {}, "0")


def story(seat: int, skill: str, *, done: bool = True, attempt: int = 0, problem: str = "") -> list[Event]:
    mate = 1 - seat
    return [
        Saw(1, seat, f"the kitchen\n\nYou are <Player {seat}>, beside <Player {mate}>"),
        Planned(1, seat, skill, f"<Player {mate}> helps", "wait(1); more", attempt, problem),
        Finished(4, seat, skill, done),
    ]


def test_only_plans_accepted_at_once_and_carried_out(tmp_path: Path) -> None:
    bad = [*story(0, "bad()", done=False), *story(0, "again()", attempt=1), *story(0, "safe()", problem="empty")]
    good = [*story(1, "good()"), *story(0, "good()"), *story(0, "fine()")]
    path = write(tmp_path / "e.jsonl", start(), *bad, *good)
    demos = demos_from(path)
    assert [(demo.plan, demo.seat) for demo in demos] == [("good()", 1), ("fine()", 0)]
    assert demos[0].scene == "You are <Player 1>, beside <Player 0>"
    assert (demos[0].analysis, demos[0].intention) == ("<Player 0> helps", "wait(1)")
    assert len(demos_from(path, 1)) == 1


def test_each_is_told_for_the_seat_that_reads_it(tmp_path: Path) -> None:
    demos = demos_from(write(tmp_path / "e.jsonl", start(), *story(1, "good()")))
    told = demos[0].told_to(0)
    assert (told.scene, told.analysis) == ("You are <Player 0>, beside <Player 1>", "<Player 1> helps")
    assert demos[0].told_to(1) == demos[0]
    model = Fake("Plan for <Player 0>: wait(1)")
    table = Table()
    run_sync(SkillPlanner(model, demos=demos)(table.seating, table.seen, "", [], None, []))
    assert "You are <Player 0>, beside <Player 1>\nAnalysis: <Player 1> helps" in model.system()


def test_the_best_episode_of_a_run(tmp_path: Path) -> None:
    for name, reward in (("a", 20.0), ("b", 60.0), ("c", 40.0)):
        events = [start(), *story(0, f"{name}()"), Stepped(5, {0: reward}, {})]
        write(tmp_path / "episodes" / f"{name}.jsonl", *events)
    assert [demo.plan for demo in demos_from(tmp_path)] == ["b()"]


def test_from_a_real_run(tmp_path: Path) -> None:
    path = tmp_path / "episodes" / "e.jsonl"
    path.parent.mkdir()
    world = kitchen_world(horizon=120)
    with path.open("w", encoding="utf-8") as file:
        team = {0: Stay(), 1: proagent(Rulebook())}
        run_sync(run_episode(world, team, record=EpisodeWriter(file)))
    demos = demos_from(tmp_path)
    assert {"pickup_onion()", "put_onion_in_pot()"} <= {demo.plan for demo in demos}
    assert all(demo.scene.startswith("Scene ") and demo.analysis for demo in demos)
    assert all("You are <Player 0>" in demo.told_to(0).scene for demo in demos)
    # And they can be used.
    again = {0: proagent(Rulebook(), demos=demos), 1: proagent(Rulebook(), demos=demos)}
    assert run_sync(run_episode(kitchen_world(horizon=200), again)).score > 0


def test_nothing_to_draw_from(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no episodes; name a run folder"):
        demos_from(tmp_path)
    with pytest.raises(BadInput, match="holds no episodes"):
        demos_from(tmp_path / "nowhere")
    path = tmp_path / "episodes" / "e.jsonl"
    path.parent.mkdir()
    with path.open("w") as file:
        team = {0: Stay(), 1: RandomAgent()}
        run_sync(run_episode(kitchen_world(horizon=3), team, record=EpisodeWriter(file)))
    with pytest.raises(BadInput, match="no plan that was carried out"):
        demos_from(tmp_path)

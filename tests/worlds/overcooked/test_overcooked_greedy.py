"""The greedy script: it delivers on every kitchen and both rule sets, by itself where one cook can, and with others."""

from __future__ import annotations

import asyncio
import json

import pytest

from talkoot.agent import Agent
from talkoot.agents.scripted import Stay
from talkoot.episode import Episode, run_episode
from talkoot.types import Observation
from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.generate import solvable
from talkoot.worlds.overcooked.greedy import Greedy
from talkoot.worlds.overcooked.kitchen import Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.skills import spoils
from talkoot.worlds.overcooked.world import OvercookedWorld


def pairs_of_layout_and_rules() -> list[tuple[str, str]]:
    return [
        (name, rules)
        for name in layout_names()
        for rules in ("old", "new")
        if rules == "new" or all(sum(order) == 3 for order in load_layout(name).recipes.orders)
    ]


def play(world: OvercookedWorld, team: dict[int, Agent], seed: int = 0) -> Episode:
    return asyncio.run(run_episode(world, team, seed))


@pytest.mark.parametrize(("name", "rules"), pairs_of_layout_and_rules())
def test_a_pair_delivers_everywhere(name: str, rules: str) -> None:
    for start, seed in (("standard", 0), ("random", 1), ("random", 2)):
        world = OvercookedWorld(name, rules=rules, start=start, horizon=250)  # type: ignore[arg-type]
        assert play(world, {0: Greedy(), 1: Greedy()}, seed).score > 0


@pytest.mark.parametrize(("name", "rules"), pairs_of_layout_and_rules())
def test_one_delivers_wherever_one_can(name: str, rules: str) -> None:
    layout = load_layout(name)
    for seat in (0, 1):
        alone = Layout(name, layout.rows, (layout.starts[seat],), layout.recipes)
        score = play(OvercookedWorld(layout, rules=rules, horizon=250, seats=(seat,)), {seat: Greedy()}).score
        assert (score > 0) == solvable(alone)


# In Cramped Room and Coordination Ring one of the cooks starts on the only cell before the dishes.
@pytest.mark.parametrize(
    ("name", "seats"),
    [("cramped_room", [0]), ("asymmetric_advantages", [0, 1]), ("coordination_ring", [1]), ("counter_circuit", [0, 1])],
)
def test_it_copes_with_somebody_who_does_nothing(name: str, seats: list[int]) -> None:
    for seat in seats:
        world = OvercookedWorld(name, horizon=250)
        assert play(world, {seat: Greedy(), 1 - seat: Stay()}).score > 0


@pytest.mark.parametrize("options", ["", "regions=2", "clutter=0.45", "tomatoes=1", "tomatoes=1,rules=new", "pots=2"])
def test_a_pair_delivers_in_generated_kitchens(options: str) -> None:
    for seed in range(4):
        world = make_world("overcooked/generate:" + ",".join([*filter(None, [options]), f"seed={seed},horizon=250"]))
        assert isinstance(world, OvercookedWorld)
        assert play(world, {0: Greedy(), 1: Greedy()}).score > 0, seed


def test_it_does_not_spoil_a_soup() -> None:
    layout = load_layout("mdp_test")  # orders: one onion, three onions, two onions and a tomato
    cooks = {0: Cook((1, 1), 3, 2), 1: Cook((3, 1), 2, 0)}
    for onions, tomatoes, item, spoilt in [
        (2, 0, 2, False),
        (2, 0, 1, False),
        (0, 0, 2, False),
        (1, 1, 2, True),
        (1, 1, 1, False),
    ]:
        kitchen = Kitchen(layout, "new", 0, 400, cooks, (Pot((2, 0), onions, tomatoes, -1, 6),), {})
        assert spoils(kitchen, kitchen.pots[0], item) == spoilt
    assert layout.recipes.best(1, 1) == 50
    assert layout.recipes.best(0, 2) == 0
    assert layout.recipes.best(3, 0) == 30


def test_spoilt_pots_are_cooked_and_emptied() -> None:
    world = OvercookedWorld("mdp_test", rules="new", horizon=400)
    world.reset(0)
    saved = world.save()
    from talkoot.worlds.overcooked.mechanics import CONTENTS

    saved["state"][CONTENTS] = 4 * 2  # two tomatoes, from which nothing that was ordered can come
    world.load(saved)
    team = {0: Greedy(), 1: Greedy()}
    for seat, agent in team.items():
        agent.reset(0, world.guide(seat), lambda event: None)
    earned = 0.0
    while not world.done:
        actions = {
            seat: asyncio.run(agent.act(Observation(seat, world.kitchen.t, world.kitchen)))
            for seat, agent in team.items()
        }
        earned += sum(world.step(actions).rewards.values())
    assert earned > 0


def test_saved_and_loaded_it_goes_on_as_before() -> None:
    world = OvercookedWorld("counter_circuit", horizon=120)

    def actions(interrupt: bool) -> list[str]:
        observations = world.reset(0)
        team = {seat: Greedy() for seat in (0, 1)}
        for seat, agent in team.items():
            agent.reset(3, world.guide(seat), lambda event: None)
        taken = []
        while not world.done:
            chosen = {seat: asyncio.run(agent.act(observations[seat])) for seat, agent in team.items()}
            taken += [action.name for action in chosen.values()]
            observations = world.step(chosen).observations
            if interrupt:
                for seat in team:
                    state = json.loads(json.dumps(team[seat].save()))
                    team[seat] = Greedy()
                    team[seat].reset(3, world.guide(seat), lambda event: None)
                    team[seat].load(state)
        return taken

    assert actions(False) == actions(True)

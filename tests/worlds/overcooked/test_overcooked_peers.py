"""The same random play in other implementations: overcooked_ai on every layout it ships, JaxMARL on its five."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.batch import Batch
from talkoot.worlds.overcooked.encoding import encode
from talkoot.worlds.overcooked.layout import Layout, Recipes
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout
from talkoot.worlds.overcooked.mechanics import (
    CONTENTS,
    EVENTS,
    PLAYER,
    TICK,
    State,
    advance,
    empty_state,
    event_names,
    tables,
)
from talkoot.worlds.overcooked.speed import JAX_LAYOUTS, PEER_LAYOUTS
from talkoot.worlds.overcooked.world import kitchen_of

pytestmark = pytest.mark.filterwarnings("ignore")  # the peers' own warnings

ODDS = [0.14, 0.14, 0.14, 0.14, 0.04, 0.4]
DIRECTIONS = [(0, -1), (0, 1), (1, 0), (-1, 0)]


def peer_layouts() -> list[str]:
    """The names of overcooked_ai's layout files, found without importing it."""
    spec = find_spec("overcooked_ai_py")
    if spec is None or not spec.submodule_search_locations:
        return ["cramped_room"]
    folder = Path(next(iter(spec.submodule_search_locations))) / "data" / "layouts"
    return sorted(path.stem for path in folder.glob("*.layout") if path.stem != "multiplayer_schelling")  # four cooks


def item_code(thing: Any) -> int:
    if thing is None:
        return 0
    if thing.name == "soup":
        return 16 + thing.ingredients.count("onion") + 4 * thing.ingredients.count("tomato")
    return {"onion": 1, "tomato": 2, "dish": 3}[thing.name]


def vector(layout: Layout, theirs: Any) -> State:
    """A state of overcooked_ai as ours."""
    state = empty_state(layout, {})
    state[0] = theirs.timestep
    for seat, player in enumerate(theirs.players):
        x, y = player.position
        facing = DIRECTIONS.index(player.orientation)
        state[PLAYER + 3 * seat : PLAYER + 3 * seat + 3] = y * layout.width + x, facing, item_code(player.held_object)
    loose = CONTENTS + 2 * len(layout.pots)
    for (x, y), thing in theirs.objects.items():
        if (x, y) in layout.pots:
            pot = layout.pots.index((x, y))
            state[CONTENTS + 2 * pot] = item_code(thing) - 16
            state[TICK + 2 * pot] = thing._cooking_tick
        else:
            state[loose + y * layout.width + x] = item_code(thing)
    return state


def our_layout(mdp: Any, name: str) -> Layout:
    from overcooked_ai_py.mdp.overcooked_mdp import Recipe

    def counts(ingredients: Any) -> tuple[int, int]:
        return list(ingredients).count("onion"), list(ingredients).count("tomato")

    every = {counts(recipe.ingredients): recipe for recipe in Recipe.ALL_RECIPES}
    recipes = Recipes(
        orders=tuple(counts(order["ingredients"]) for order in mdp.start_all_orders or ()),
        bonus=tuple(counts(order["ingredients"]) for order in mdp.start_bonus_orders or ()),
        values={soup: recipe.value for soup, recipe in every.items()},
        times={soup: recipe.time for soup, recipe in every.items()},
        bonus_multiplier=mdp.order_bonus,
    )
    return Layout(name, tuple("".join(row) for row in mdp.terrain_mtx), tuple(mdp.start_player_positions), recipes)


@pytest.mark.peers("overcooked_ai_py")
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("name", peer_layouts())
def test_overcooked_ai_plays_the_same(name: str, old: bool) -> None:
    from overcooked_ai_py.mdp.actions import Action
    from overcooked_ai_py.mdp.overcooked_mdp import OvercookedGridworld

    mdp = OvercookedGridworld.from_layout_name(name)
    mdp.order_bonus = min(mdp.order_bonus, 1000)  # a tutorial has infinity
    layout = our_layout(mdp, name)
    if old:
        if any(sum(order) < 3 for order in layout.recipes.orders):
            with pytest.raises(AssertionError):
                OvercookedGridworld.from_layout_name(name, old_dynamics=True)
            with pytest.raises(BadInput):
                tables(layout, "old")
            return
        mdp = OvercookedGridworld.from_layout_name(name, old_dynamics=True)
    elif mdp.old_dynamics:
        mdp.old_dynamics = False  # the layout file itself asks for the old rules
    players = len(layout.starts)
    params = mdp.reward_shaping_params
    shaping = params["PLACEMENT_IN_POT_REW"], params["DISH_PICKUP_REWARD"], params["SOUP_PICKUP_REWARD"]
    c = tables(layout, "old" if old else "new", 400, shaping)
    rng = np.random.default_rng(3)
    np.random.seed(3)  # noqa: NPY002 overcooked_ai draws its random starts from the global generator
    starts = [mdp.get_standard_start_state, mdp.get_random_start_state_fn(True, 0.5),
              mdp.get_random_start_state_fn(True, 0.9)]  # fmt: skip
    for start in starts:
        theirs = start()
        theirs.timestep = 330
        ours = vector(layout, theirs)
        for t, (a0, a1) in enumerate(rng.choice(6, size=(80, 2), p=ODDS).tolist()):
            joint = tuple(Action.INDEX_TO_ACTION[a] for a in (a0, a1)[:players])
            theirs, infos = mdp.get_state_transition(theirs, joint)
            outcome = advance(c, ours, a0, a1)
            assert np.array_equal(ours, vector(layout, theirs))
            assert list(outcome[:players]) == infos["sparse_reward_by_agent"]
            assert list(outcome[2 : 2 + players]) == infos["shaped_reward_by_agent"]
            for seat in range(players):
                noted = [event for event in EVENTS if infos["event_infos"][event][seat]]
                assert event_names(outcome[4 + seat]) == noted
            if t % 4 == 0 and players == 2:
                kitchen = kitchen_of(layout, c, ours)
                for seat, reference in enumerate(mdp.lossless_state_encoding(theirs, 400)):
                    assert np.array_equal(encode(kitchen, seat), reference)


@pytest.mark.peers("overcooked_ai_py")
@pytest.mark.parametrize("name", layout_names())
def test_our_layout_files_are_those_of_overcooked_ai(name: str) -> None:
    from overcooked_ai_py.mdp.overcooked_mdp import OvercookedGridworld

    theirs = {**PEER_LAYOUTS, "counter_circuit_tomato": "counter_circuit"}.get(name, name)
    layout, reference = load_layout(name), our_layout(OvercookedGridworld.from_layout_name(theirs), name)
    assert (layout.rows, layout.starts) == (reference.rows, reference.starts)
    assert np.array_equal(tables(layout, "new"), tables(reference, "new"))


@pytest.mark.peers("jaxmarl")
@pytest.mark.parametrize("name", JAX_LAYOUTS)
def test_jaxmarl_plays_the_same(name: str) -> None:
    """Allowed to differ: start cells and facing (taken over), counters that are occupied, the useful-dish reward."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jaxmarl
    from jaxmarl.environments.overcooked import overcooked_layouts

    env = jaxmarl.make("overcooked", layout=overcooked_layouts[JAX_LAYOUTS[name]])
    steps, worlds = 399, 32
    first, begin = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(0), worlds))
    actions = np.random.default_rng(5).choice(6, size=(steps, worlds, 2), p=ODDS)

    def one(state: Any, acts: Any) -> Any:
        def single(state: Any, act: Any) -> Any:
            return env.step_env(jax.random.key(0), state, {"agent_0": act[0], "agent_1": act[1]})

        seen, state, rewards, _, info = jax.vmap(single)(state, acts)
        return state, (seen, rewards["agent_0"], info["shaped_reward"])

    _, (seen, rewards, shaped) = jax.jit(lambda begin, acts: jax.lax.scan(one, begin, acts))(begin, actions)
    # theirs is (height, width), ours (width, height)
    theirs = np.stack([np.asarray(seen[agent]) for agent in env.agents], axis=2).transpose(0, 1, 2, 4, 3, 5)
    rewards = np.asarray(rewards)
    shaped = np.stack([np.asarray(shaped[agent]) for agent in env.agents], axis=2)

    layout = load_layout(name)
    batch = Batch(replace(layout, name="from JaxMARL"), worlds, horizon=400, shaping=(3, 0, 5))
    states = np.stack([empty_state(layout, {})] * worlds)
    for world in range(worlds):
        for seat in (0, 1):
            own = np.asarray(first[f"agent_{seat}"])[world].transpose(1, 0, 2)
            x, y = np.argwhere(own[:, :, 0])[0]
            facing = int(np.argmax(own[x, y, 2:6]))
            states[world, PLAYER + 3 * seat : PLAYER + 3 * seat + 2] = y * layout.width + x, facing
    batch.load(states)
    for t in range(steps):
        outcome = batch.step(actions[t])
        ours = batch.observations.copy()
        ours[..., 11] &= ours[..., 18:25].sum(axis=-1) == 0
        assert np.array_equal(ours, theirs[t]), t
        assert np.array_equal(outcome.sparse.sum(axis=1), rewards[t])
        rest = shaped[t] - outcome.shaped
        assert set(np.unique(rest)) <= {0, 3}, "what is left is the useful dish"
        assert not (rest.astype(bool) & ~(outcome.events >> 11 & 1).astype(bool)).any()
    assert batch.states[:, CONTENTS].any()

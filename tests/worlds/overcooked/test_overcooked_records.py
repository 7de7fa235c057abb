"""Readers of recorded games: every format gives the same game; damage is named."""

from __future__ import annotations

import io
import itertools
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_dialects import action, pickled_table, state

from talkoot.errors import BadInput, CorruptRecord
from talkoot.worlds.overcooked.decode import from_json, literal, vector_of
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, T, advance, random_start, tables
from talkoot.worlds.overcooked.records import Recording, begin_at, human_trials, read_recordings, recorded_layout
from talkoot.worlds.overcooked.verify import verify


def play(name: str, rules: str, seed: int, steps: int = 60) -> Recording:
    """A random game."""
    layout, rng = load_layout(name), np.random.default_rng(seed)
    c, s = tables(layout, rules), random_start(layout, rng, rules=rules, random_objects=0.5)
    stoves = s[CONTENTS : CONTENTS + 2 * len(layout.pots)]
    stoves[1::2][stoves[1::2] == 0] = -1  # a tick of 0 is a moment that no game shows and the older files cannot tell
    states, actions, rewards = [s.copy()], [], []
    for _ in range(steps):
        joint = rng.choice(6, 2, p=[0.15, 0.15, 0.15, 0.15, 0.05, 0.35]).tolist()
        outcome = advance(c, s, *joint)
        states.append(s.copy())
        actions.append(joint)
        rewards.append(outcome[0] + outcome[1])
    vectors = np.array(states, np.int32)
    return Recording("game", 0, begin_at(layout, vectors), "old" if rules == "old" else "new", vectors,
                     np.array([*actions, [-1, -1]], np.int8), np.array([*rewards, 0], np.int32))  # fmt: skip


def as_trajectory(game: Recording, dialect: str) -> dict[str, Any]:
    kitchens = list(game.kitchens())
    joint = [[action(a) if a >= 0 else [0, 0] for a in pair] for pair in game.actions.tolist()]
    key = "ep_states" if dialect == "new" else "ep_observations"
    return {key: [[state(kitchen, dialect) for kitchen in kitchens]], "ep_actions": [joint],
            "ep_rewards": [game.rewards.tolist()], "mdp_params": [{"layout_name": game.layout.name}]}  # fmt: skip


def as_columns(game: Recording, dialect: str) -> dict[str, list[Any]]:
    kitchens, last = list(game.kitchens()), game.transitions
    dump: Callable[[Any], str] = str if dialect == "2019" else json.dumps
    rows = list(game.layout.rows)
    grid = json.dumps([list(row) for row in rows])
    if dialect == "2019":  # start cells stand in the drawing
        x, y = game.layout.starts[0]
        grid = str([row[:x] + "1" + row[x + 1 :] if y == at else row for at, row in enumerate(rows)])
    name = {"counter_circuit_tomato": "counter_circuit", "counter_circuit": "random3"}.get(
        game.layout.name, game.layout.name
    )
    columns: dict[str, list[Any]] = {
        "state": [dump(state(kitchen, dialect)) for kitchen in kitchens[:last]],
        "joint_action": [dump([action(a, "INTERACT") for a in pair]) for pair in game.actions[:last].tolist()],
        "layout": [grid] * last,
        "layout_name": [name] * last,
        "cur_gameloop": list(range(last)),
        "reward": [r / (4 if dialect == "2019" else 1) for r in game.rewards[:last].tolist()],
    }
    if dialect == "2019":
        columns["next_state"] = [dump(state(kitchen, dialect)) for kitchen in kitchens[1:]]
        columns["run"], columns["workerid_num"] = ["run-1"] * last, [7] * last
    return columns


def same(found: Recording, game: Recording, rows: int | None = None) -> None:
    n = rows or len(game.states)
    states = game.states[:n].copy()
    states[:, T] -= states[0, T]
    read = found.states.copy()
    read[:, T] -= read[0, T]
    assert np.array_equal(read, states)
    assert np.array_equal(found.actions[:-1], game.actions[: n - 1])
    assert np.array_equal(found.rewards[:-1], game.rewards[: n - 1])
    assert found.layout.rows == game.layout.rows


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(["cramped_room", "forced_coordination", "counter_circuit"]), seed=st.integers(0, 2**31))
def test_all_dialects_give_the_same_game_of_the_old_rules(name: str, seed: int) -> None:
    game = play(name, "old", seed)
    for kitchen, vector in zip(game.kitchens(), game.states, strict=True):
        for dialect in ("new", "before", "2019"):
            read = vector_of(state(kitchen, dialect), game.layout, "old")
            assert np.array_equal(read[1:], vector[1:]), dialect
    (read_game,) = from_json(as_trajectory(game, "before"), "game")
    same(read_game, game)
    assert read_game.rules == "old"
    verdict = verify([read_game])
    assert verdict.exact == verdict.transitions == game.transitions


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(["counter_circuit_tomato", "mdp_test", "you_shall_not_pass"]), seed=st.integers(0, 2**31))
def test_a_trajectory_of_the_new_rules_is_read_back(name: str, seed: int) -> None:
    game = play(name, "new", seed)
    (found,) = from_json(as_trajectory(game, "new"), "game")
    same(found, game)
    assert (found.rules, found.layout.name, found.layout.starts) == ("new", name, game.layout.starts)
    verdict = verify([found])
    assert verdict.exact == verdict.transitions


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31))
def test_pickled_tables_are_read_back(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "table.pickle"
    for name, rules, dialect in (("counter_circuit", "old", "2019"), ("counter_circuit_tomato", "new", "new")):
        game = play(name, rules, seed)
        with monkeypatch.context() as patch:
            file.write_bytes(pickled_table(as_columns(game, dialect), patch))
        (found,) = read_recordings(file)
        # Without a column of successors the last row is the final state.
        same(found, game, None if dialect == "2019" else game.transitions)
        assert (found.rules, found.layout.name, found.trial) == (rules, name, 0)
        assert found.layout.starts == game.layout.starts
        verdict = verify([found])
        assert verdict.exact == verdict.transitions == found.transitions


def test_a_table_is_cut_where_rows_do_not_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    game = play("cramped_room", "old", 3)
    columns = as_columns(game, "2019")
    for values in columns.values():
        del values[20:25]
    file = tmp_path / "table.pickle"
    file.write_bytes(pickled_table(columns, monkeypatch))
    before, after = read_recordings(file)
    assert (before.transitions, after.transitions) == (20, 35)
    assert (before.trial, after.trial, before.first_row, after.first_row) == (0, 0, 0, 20)
    verdict = verify([before, after])
    assert verdict.exact == verdict.transitions == 55


def test_the_source_package_is_read_without_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    game = play("cramped_room", "old", 4)
    file = tmp_path / "package.tar.gz"
    with tarfile.open(file, "w:gz") as package:
        table = pickled_table(as_columns(game, "2019"), monkeypatch)
        for name, content in (("a/data/clean_train_trials.pickle", table), ("a/setup.py", b"raise SystemExit")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    (found,) = read_recordings(file)
    same(found, game)
    assert found.source == "package.tar.gz:clean_train_trials.pickle"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(CorruptRecord, match=r"package\.tar\.gz is a damaged archive"):
        read_recordings(file)
    with tarfile.open(file, "w:gz"):
        pass
    with pytest.raises(CorruptRecord, match="holds no tables of trials"):
        read_recordings(file)


def test_orders_of_older_games_are_crossed_off_and_kinds_do_not_mix() -> None:
    """By hand, in mdp_test: tomatoes are refused by a pot of onions; only the foremost order pays."""
    layout = "mdp_test"

    def moment(orders: list[str], held: Any, soup: list[Any]) -> dict[str, Any]:
        held = None if held is None else {"name": held, "position": [2, 1], "state": None} | (
            {"state": ["onion", 3, 5]} if held == "soup" else {})  # fmt: skip
        facing = [0, -1]
        return {"players": [{"position": [2, 1], "orientation": facing, "held_object": held},
                            {"position": [3, 2], "orientation": [0, 1], "held_object": None}],
                "objects": [{"name": "soup", "position": [2, 0], "state": soup}], "order_list": orders}  # fmt: skip

    def deliver(orders: list[str], carries: bool) -> dict[str, Any]:
        now = moment(orders, None, ["onion", 1, 0])
        if carries:
            now["players"][1]["held_object"] = {"name": "soup", "position": [3, 2], "state": ["onion", 3, 5]}
        return now

    states = [moment(["onion", "any"], "tomato", ["onion", 1, 0]), moment(["onion", "any"], "tomato", ["onion", 1, 0])]
    file = {"ep_observations": [states], "ep_actions": [[["interact", [0, 0]]] * 2], "ep_rewards": [[0, 0]],
            "mdp_params": [{"layout_name": layout, "cook_time": 5}]}  # fmt: skip
    assert verify(from_json(file, "f")).exact == 1
    served = [deliver(["onion", "any"], True), deliver(["any"], False), deliver(["any"], False)]
    file |= {"ep_observations": [served], "ep_actions": [[[[0, 0], "interact"], [[0, 0], [0, 0]], [[0, 0], [0, 0]]]],
             "ep_rewards": [[20, 0, 0]]}  # fmt: skip
    stretches = from_json(file, "f")
    assert [(part.first_row, part.transitions) for part in stretches] == [(0, 1), (1, 1)]
    assert stretches[0].layout.recipes.orders == ((3, 0),)
    assert verify(stretches).exact == 2
    served[0]["order_list"] = ["tomato"]
    verdict = verify(from_json(file, "f"))
    assert verdict.first_difference["differs"] == {"reward": {"recorded": 20, "replayed": 0}}


def test_a_kitchen_that_is_not_shipped_brings_its_terrain_and_recipes() -> None:
    terrain = [list("XPX"), list("O T"), list("X X"), list("DXS")]
    settings_ = {"layout_name": "mine", "terrain": terrain, "start_player_positions": [[1, 1], [1, 2]],
                 "start_all_orders": [{"ingredients": ["onion"]}, {"ingredients": ["tomato", "onion"]}],
                 "start_bonus_orders": [{"ingredients": ["onion"]}], "recipe_values": [7, 9],
                 "recipe_times": [3, 4]}  # fmt: skip
    players = [{"position": [1, y], "orientation": [0, -1], "held_object": None} for y in (1, 2)]
    file = {"ep_states": [[{"players": players, "objects": []}] * 2], "ep_actions": [[[[0, 0], [0, 0]]] * 2],
            "ep_rewards": [[0, 0]], "mdp_params": [settings_]}  # fmt: skip
    (game,) = from_json(file, "f")
    recipes = game.layout.recipes
    assert (recipes.value(1, 0), recipes.value(1, 1), recipes.value(3, 0)) == (14, 9, 0)
    assert (recipes.time(1, 0), recipes.time(1, 1)) == (3, 4)
    del settings_["terrain"]
    with pytest.raises(CorruptRecord, match="'mine' is unknown here"):
        from_json(file, "f")


def test_literals_are_read_not_evaluated() -> None:
    assert literal("{'a': [None, True, 'x'], 'b': (1, 2)}") == {"a": [None, True, "x"], "b": (1, 2)}
    assert literal('{"a": null}') == {"a": None}
    with pytest.raises(ValueError, match="malformed"):
        literal("__import__('os').getcwd()")


def test_names_follow_the_rules_version() -> None:
    assert recorded_layout("counter_circuit", "old").rows == recorded_layout("random3", "old").rows
    assert recorded_layout("counter_circuit", "new").name == "counter_circuit_tomato"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no recording"),
        (b"hello", "is no recording"),
        (b"PK\x03\x04nonsense", "damaged npz"),
        (b"\x1f\x8bnonsense", "damaged archive"),
        (b"{", "is damaged"),
        (b"{}", "is damaged: KeyError: 'ep_states'"),
        (b'{"ep_states": [[]], "ep_actions": [[]], "ep_rewards": [[]], "mdp_params": [{}]}', "0 states"),
        (b"\x80\x04garbage", "nothing in it was run"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(content)
    with pytest.raises(CorruptRecord, match=message):
        read_recordings(file)


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_recordings(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"players": [{"position": [0, 0], "orientation": [0, -1]}] * 2}, "cannot be there"),
        (
            {"players": [{"position": [1, 1], "orientation": [0, 0]}, {"position": [2, 1], "orientation": [0, 1]}]},
            "faces",
        ),
        ({"objects": [{"name": "onion", "position": [1, 1]}]}, "cannot be there"),
        ({"objects": [{"name": "onion", "position": [9, 9]}]}, "cannot be there"),
        ({"objects": [{"name": "bomb", "position": [0, 0]}]}, "unknown thing 'bomb'"),
        ({"objects": [{"name": "onion", "position": [2, 0]}]}, "in a pot"),
        ({"objects": [{"name": "soup", "position": [2, 0], "state": ["carrot", 1, 0]}]}, "made of"),
        ({"objects": [{"name": "soup", "position": [2, 0], "state": ["onion", 4, 0]}]}, "made of"),
        ({"players": []}, "0 players"),
    ],
)
def test_impossible_states_are_named(change: dict[str, Any], message: str) -> None:
    good = {"players": [{"position": [x, 1], "orientation": [0, -1]} for x in (1, 2)], "objects": []}
    with pytest.raises(CorruptRecord, match=message):
        vector_of(good | change, load_layout("cramped_room"), "old")


def test_unknown_actions_and_rewards_are_named() -> None:
    file = as_trajectory(play("cramped_room", "old", 1, 3), "before")
    file["ep_actions"][0][1] = ["jump", [0, 0]]
    with pytest.raises(CorruptRecord, match="unknown action 'jump'"):
        from_json(file, "f")
    file = as_trajectory(play("cramped_room", "old", 1, 3), "before")
    file["ep_rewards"][0][1] = 0.5
    with pytest.raises(CorruptRecord, match="not a whole number"):
        from_json(file, "f")


@pytest.mark.data
def test_human_trials_are_seen_as_kitchens(data: Path) -> None:
    trials = list(human_trials())
    assert len(trials) == 39
    assert sum(trial.transitions for trial in trials) == 46_729
    assert len({trial.group for trial in trials}) > 5
    circuit = next(trial for trial in trials if trial.layout.name == "counter_circuit")
    assert circuit.layout.starts == ((6, 3), (1, 3))
    kitchens = list(circuit.kitchens())
    assert [kitchen.t for kitchen in kitchens] == list(range(circuit.transitions + 1))
    assert kitchens[0].cooks[0].cell == (6, 3)
    assert kitchens[0].horizon == circuit.transitions
    # What an onlooker sees completed are things that the players did.
    done = [now.completed(0, before) for before, now in itertools.pairwise(kitchens)]
    assert sum(call is not None for call in done) > 50

"""Replaying recorded games: all of them exact, damage found exactly where it is, rewards of each player as recorded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.errors import CorruptRecord
from talkoot.worlds.overcooked.layout_file import load_layout
from talkoot.worlds.overcooked.mechanics import EVENTS, standard_start
from talkoot.worlds.overcooked.records import Recording, from_npz, read_recordings
from talkoot.worlds.overcooked.verify import as_json, replay, sound, verify

ROWS = ("trial", "t", "xy", "facing", "held", "pot_onions", "pot_tomatoes", "pot_tick", "loose", "action", "reward")


def arrays(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as stored:
        return {key: stored[key].copy() for key in stored.files}


def reread(d: dict[str, Any]) -> list[Recording]:
    file = io.BytesIO()
    np.savez(file, **d)
    return from_npz(file.getvalue(), "changed.npz")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "transitions", "trials"), [("human_train", 46_729, 39), ("small_trajectories", 5_030, 6)]
)
def test_every_recorded_transition_is_exact(data: Path, name: str, transitions: int, trials: int) -> None:
    verdict = verify(read_recordings(data / "overcooked" / f"{name}.npz"))
    assert (verdict.transitions, verdict.exact, verdict.first_difference) == (transitions, transitions, None)
    assert sum(count[0] for count in verdict.counts.values()) == trials
    assert verdict.differences == []


@pytest.mark.data
@pytest.mark.parametrize(("name", "prefix"), [("human_train", "human"), ("small_trajectories", "small")])
def test_each_players_rewards_equal_the_reference(data: Path, name: str, prefix: str) -> None:
    oracle = arrays(data / "overcooked" / "oracles.npz")
    results = [replay(recording) for recording in read_recordings(data / "overcooked" / f"{name}.npz")]
    last = np.zeros((1, 2), np.int32)
    for kind in ("shaped", "sparse"):
        ours = np.concatenate([part for result in results for part in (getattr(result, kind), last)])
        assert np.array_equal(ours, oracle[f"{prefix}_{kind}"])


@pytest.mark.data
def test_events_of_people_add_up(data: Path) -> None:
    """693 soups were delivered, each taken from a pot after three onions; what the shaping pays are events too."""
    recordings = read_recordings(data / "overcooked" / "human_train.npz")
    count = dict.fromkeys(EVENTS, 0)
    for recording in recordings:
        result = replay(recording)
        for bit, event in enumerate(EVENTS):
            count[event] += int((result.events >> bit & 1).sum())
        useful = result.events >> EVENTS.index("useful_dish_pickup") & 1
        potted = result.events >> EVENTS.index("potting_onion") & 1
        taken = (result.shaped - 3 * useful - 3 * potted) // 5
        assert set(np.unique(taken)) <= {0, 1}
        assert np.array_equal(result.shaped, 3 * useful + 3 * potted + 5 * taken)
    assert count["soup_delivery"] == 693
    assert count["potting_onion"] >= 3 * 693
    assert count["potting_onion"] == count["viable_onion_potting"] == count["optimal_onion_potting"]
    assert not any(number for event, number in count.items() if "tomato" in event)


@pytest.mark.data
@settings(max_examples=25, deadline=None)
@given(changes=st.data())
def test_damaged_rows_are_reported_exactly(changes: st.DataObject) -> None:
    """Change values in some rows; the transitions into and out of them, and no others, stop being exact."""
    from talkoot.data import data_file

    d = arrays(data_file("overcooked", "small_trajectories.npz"))
    first, steps = d["trial_first"].tolist(), d["trial_steps"].tolist()
    expected: set[tuple[str, int, int]] = set()
    candidates: set[tuple[str, int, int]] = set()
    for _ in range(changes.draw(st.integers(1, 4))):
        trial = changes.draw(st.integers(0, 5))
        row = changes.draw(st.integers(0, steps[trial] - 1))
        kind = changes.draw(st.sampled_from(["reward", "facing", "loose in the wall", "t", "xy", "action"]))
        at = first[trial] + row
        if kind == "reward":
            d["reward"][at] += 1
            expected.add(("changed.npz", trial, row))
            continue
        if kind == "action":
            d["action"][at, 0] = changes.draw(st.sampled_from([-1, 6, 127]))
            expected.add(("changed.npz", trial, row))
            continue
        if kind == "facing":
            d["facing"][at, 1] = (d["facing"][at, 1] + 1) % 4
        elif kind == "loose in the wall":
            d["loose"][at, 1, 0] = 99
        elif kind == "t":
            d["t"][at] += 7
        else:
            d["xy"][at, 0] = (-5, 100)
        # The step into a changed row is wrong for sure, the step out of it may still turn out right (a new facing).
        expected |= {("changed.npz", trial, row - 1)} if row else set()
        candidates.add(("changed.npz", trial, row))
    verdict = verify(reread(d))
    found = set(verdict.differences)
    assert found <= expected | candidates
    # Two changes in neighbouring rows can undo each other only if they touch the same row twice.
    assert len(verdict.differences) == len(found) == verdict.transitions - verdict.exact
    lost = expected - found
    assert all(("changed.npz", trial, row + 1) in candidates for _, trial, row in lost)
    if found:
        where = verdict.first_difference
        assert (where["source"], where["trial"], where["row"]) == verdict.differences[0]
        assert where["differs"]


@pytest.mark.data
def test_single_changes_are_found_where_they_are(data: Path) -> None:
    clean = arrays(data / "overcooked" / "small_trajectories.npz")

    def differences(**change: Any) -> list[tuple[int, int]]:
        d = {key: value.copy() for key, value in clean.items()}
        for key, (place, value) in change.items():
            d[key][place] = value
        return [(trial, row) for _, trial, row in verify(reread(d)).differences]

    at = int(clean["trial_first"][3])
    assert differences() == []
    assert differences(reward=(at + 10, 99)) == [(3, 10)]
    assert differences(action=((at + 20, 0), -1)) == [(3, 20)]
    assert differences(held=((at + 30, 0), 55)) == [(3, 29), (3, 30)]
    assert differences(t=(at + 40, 0)) == [(3, 39), (3, 40)]
    assert differences(xy=((at, 1), (0, 0))) == [(3, 0)]
    assert differences(pot_tick=((at + 5, 0), 1)) == [(3, 4), (3, 5)]
    verdict = verify(reread({**clean, "reward": np.where(np.arange(len(clean["t"])) == at + 10, 99, clean["reward"])}))
    assert as_json(verdict)["first_difference"]["differs"] == {"reward": {"recorded": 99, "replayed": 0}}


@pytest.mark.data
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("held"), "lacks the arrays held"),
        (lambda d: d.update(xy=d["xy"][:-1]), "the array xy"),
        (lambda d: d.update(reward=d["reward"] * 0.5), "the array reward is float64"),
        (lambda d: d["trial"].__setitem__(5, 3), "game 0 does not lie in the rows"),
        (lambda d: d["trial_steps"].__setitem__(0, 30_000), "game 0 does not lie in the rows"),
        (lambda d: d["trial_steps"].__setitem__(0, -5), "game 0 does not lie in the rows"),
        (lambda d: d.update(trial_steps=d["trial_steps"][:3]), "belong to no game"),
        (lambda d: d.update(loose=d["loose"][:, :2]), "does not fit the arrays"),
        (lambda d: d["trial_layout"].__setitem__(0, 100), "is damaged: IndexError"),
        (lambda d: d.update(t=np.array(3)), "the array"),
    ],
)
def test_damaged_files_are_refused(data: Path, change: Any, message: str) -> None:
    d = arrays(data / "overcooked" / "small_trajectories.npz")
    change(d)
    file = io.BytesIO()
    np.savez(file, **d)
    from talkoot.worlds.overcooked.records import _read

    with pytest.raises(CorruptRecord, match=message):
        _read(file.getvalue(), "changed.npz", None)


@pytest.mark.data
@settings(max_examples=40, deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=5), keep=st.floats(0, 1))
def test_a_file_with_wrong_bytes_never_ends_in_a_crash(places: list[tuple[float, int]], keep: float) -> None:
    from talkoot.data import data_file
    from talkoot.worlds.overcooked.records import _read

    content = bytearray(data_file("overcooked", "small_trajectories.npz").read_bytes())
    for place, value in places:
        content[int(place * (len(content) - 1))] = value
    cut = bytes(content if keep > 0.3 else content[: int(keep * len(content))])
    try:
        verdict = verify(_read(cut, "f.npz", None))
    except CorruptRecord:
        return
    assert verdict.transitions <= 5_030


def test_states_that_no_game_has_are_not_stepped() -> None:
    layout = load_layout("cramped_room")
    good = standard_start(layout)
    changes = {1: 0, 2: 4, 3: 7, 4: int(good[1]), 7: 16, 8: 50, 9: 1, 9 + 6: 1, 9 + 1: 19, 5: -1}
    states = np.array([good, *[good] * len(changes)])
    for row, (place, value) in enumerate(changes.items(), 1):
        states[row, place] = value
    # Entry 10 is counter cell 1, where a soup may lie.
    expected = [True, *(place == 10 or (place, value) == (9, 1) for place, value in changes.items())]
    assert sound(layout, states).tolist() == expected


@pytest.mark.data
def test_the_rules_of_a_file_can_be_overridden(data: Path) -> None:
    """By the new rules nothing cooks by itself, so that people's kitchens go wrong soon after a third onion."""
    verdict = verify(read_recordings(data / "overcooked" / "human_train.npz", "new"))
    assert verdict.transitions == 46_729
    assert 0 < verdict.exact < verdict.transitions
    assert "tick" in str(verdict.first_difference["differs"])


@pytest.mark.data
def test_numbers_too_large_for_a_state_do_not_wrap_round(data: Path) -> None:
    d = arrays(data / "overcooked" / "small_trajectories.npz")
    d["action"] = d["action"].astype(np.int16)
    d["action"][50] = 256
    assert [row for _, _, row in verify(reread(d)).differences] == [50]
    d["t"] = d["t"].astype(np.int64)
    with pytest.raises(CorruptRecord, match="the array t is int64"):
        reread(d)

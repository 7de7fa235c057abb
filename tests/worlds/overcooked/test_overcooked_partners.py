"""Trained partners: numbers equal to the reference, names, and what does not fit is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from overcooked_rows import load

from talkoot.agents.policy import PolicyAgent
from talkoot.episode import run_episode, run_sync
from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Observation
from talkoot.worlds.overcooked.layout_file import PAPER_NAMES, load_layout
from talkoot.worlds.overcooked.partners import (
    KINDS,
    Network,
    find_partner,
    load_partner,
    partner_names,
    read_network,
)
from talkoot.worlds.overcooked.world import OvercookedWorld


def arrays(width: int = 5, height: int = 4, seed: int = 0) -> dict[str, Any]:
    """A small made-up policy."""
    rng = np.random.default_rng(seed)
    shapes = {"conv0": (5, 5, 26, 4), "conv1": (3, 3, 4, 4), "conv2": (3, 3, 4, 3),
              "dense0": ((width - 2) * (height - 2) * 3, 8), "dense1": (8, 8), "dense2": (8, 8), "logits": (8, 6),
              "value": (8, 1)}  # fmt: skip
    made = {f"{name}_w": rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return made | {f"{name}_b": rng.normal(size=shape[-1]).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.data
@pytest.mark.parametrize("layout", PAPER_NAMES)
def test_logits_and_values_equal_the_reference(data: Path, layout: str) -> None:
    oracle = load(data / "overcooked" / "oracles.npz")
    name = "counter_circuit_o_1order" if layout == "counter_circuit" else layout
    seen = oracle[f"obs26_{name}"].reshape(80, *oracle[f"obs26_{name}"].shape[2:])
    for k, kind in enumerate(KINDS):
        # The reference is rounded to float32; plain float32 sums differ by BLAS and threads, so values get a share too.
        for exact, tolerance in ((False, 1e-5), (True, 2e-6)):
            network, home = read_network(find_partner(f"{layout}_{kind}"), exact=exact)
            assert home is not None
            assert home.name == layout
            logits, value = network(seen)
            np.testing.assert_allclose(logits, oracle[f"logits_{name}"][k].reshape(80, 6), rtol=1e-6, atol=tolerance)
            np.testing.assert_allclose(value, oracle[f"value_{name}"][k].reshape(80), rtol=1e-6, atol=tolerance)
            one = network(seen[7:8])
            np.testing.assert_allclose(one.logits[0], logits[7], rtol=1e-6, atol=tolerance)


@pytest.mark.data
def test_the_value_of_the_standard_start(data: Path) -> None:
    """The README beside the data gives them to three places."""
    expected = {"cramped_room": (7.804, 7.294), "asymmetric_advantages": (11.856, 5.143),
                "coordination_ring": (10.232, 5.031), "forced_coordination": (8.460, 2.122),
                "counter_circuit": (11.202, 4.952)}  # fmt: skip
    for layout, values in expected.items():
        start = OvercookedWorld(layout).reset(0)[0]
        for kind, value in zip(KINDS, values, strict=True):
            assert round(float(load_partner(kind).evaluate(start).value[0]), 3) == value


@pytest.mark.data
@pytest.mark.parametrize(
    ("layout", "pair", "score"),
    [
        ("cramped_room", ("sp", "sp"), 260),
        ("coordination_ring", ("ppo_bc", "ppo_bc"), 0),
        ("forced_coordination", ("ppo_bc", "sp"), 40),
        ("counter_circuit", ("sp", "ppo_bc"), 180),
    ],
)
def test_the_likeliest_actions_score_as_recorded(data: Path, layout: str, pair: tuple[str, str], score: int) -> None:
    """The deterministic episodes of the README: encoding, network, seats and rules together."""
    team = {seat: PolicyAgent(load_partner(f"policy/{kind}"), argmax=True) for seat, kind in enumerate(pair)}
    assert run_sync(run_episode(OvercookedWorld(layout), team)).score == score


@pytest.mark.data
def test_sampled_play_is_as_good_as_recorded_and_repeats(data: Path) -> None:
    def play(seed: int) -> Any:
        team = {seat: PolicyAgent(load_partner("policy/cramped_room_sp")) for seat in (0, 1)}
        return run_sync(run_episode(OvercookedWorld("cramped_room"), team, seed))

    episodes = [play(seed) for seed in range(3)]
    assert play(1).events == episodes[1].events
    assert len({str(episode.actions()) for episode in episodes}) == 3
    assert all(180 <= episode.score <= 260 for episode in episodes)


@pytest.mark.data
def test_names(data: Path) -> None:
    for name in (
        "policy/random3_sp",
        "counter_circuit_sp",
        "policy/counter_circuit_o_1order_sp.npz",
        "counter_circuit_sp.npz",
    ):
        assert load_partner(name).network_for(load_layout("counter_circuit")).name == "counter_circuit_o_1order_sp"
    path = str(data / "overcooked" / "partners" / "cramped_room_sp.npz")
    assert load_partner(f"policy/{path}").network_for(load_layout("cramped_room")).name == "cramped_room_sp"
    names = partner_names()
    assert names[:2] == ["policy/sp", "policy/ppo_bc"]
    assert len(names) == 12
    with pytest.raises(
        BadInput, match=r"no trained partner policy/nobody; at hand are policy/sp, .*policy/cramped_room_sp"
    ):
        load_partner("policy/nobody")


@pytest.mark.data
def test_another_kitchen_is_refused(data: Path) -> None:
    def seen(layout: str, rules: str = "old") -> Observation:
        return OvercookedWorld(layout, rules=rules).reset(0)[0]

    with pytest.raises(BadInput, match="was trained in cramped_room, not in counter_circuit"):
        load_partner("policy/cramped_room_sp")(seen("counter_circuit"))
    # Of the same size, so that only the name tells.
    with pytest.raises(BadInput, match="was trained in coordination_ring, not in forced_coordination"):
        load_partner("policy/coordination_ring_sp")(seen("forced_coordination"))
    with pytest.raises(BadInput, match="no trained partner policy/mdp_test_sp"):
        load_partner("policy/sp")(seen("mdp_test", "new"))
    partner = load_partner("policy/sp")
    assert partner(seen("cramped_room")).shape == partner(seen("counter_circuit")).shape == (6,)
    with pytest.raises(BadInput, match="plays Overcooked only"):
        partner(Observation(0, 0, "a house"))


def test_without_the_data_the_message_says_where_they_are_expected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TALKOOT_DATA", str(tmp_path))
    assert partner_names() == []
    with pytest.raises(BadInput, match="set TALKOOT_DATA"):
        load_partner("policy/sp")(OvercookedWorld("cramped_room").reset(0)[0])


def test_own_policies_of_any_width(tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    np.savez(file, **arrays())
    logits = load_partner(f"policy/{file}")(OvercookedWorld("cramped_room").reset(0)[1])
    assert logits.shape == (6,)
    with pytest.raises(BadInput, match="does not fit a kitchen of 9 by 5 cells"):
        load_partner(str(file))(OvercookedWorld("asymmetric_advantages").reset(0)[0])


def test_a_convolution_by_hand() -> None:
    """One weight at one corner of the kernel moves the picture, does not mirror it, and fills in zeros."""
    made = {key: np.zeros_like(value) for key, value in arrays().items()}
    made["conv0_w"][4, 2, 0, 0] = 1  # looks two cells to the east
    made["conv1_w"][1, 1, 0, 0] = made["conv2_w"][1, 1, 0, 0] = 1
    made["dense0_w"][:, 0] = 2.0 ** np.arange(18)
    made["dense1_w"][0, 0] = made["dense2_w"][0, 0] = made["logits_w"][0, 3] = 1
    made["value_w"][0, 0], made["value_b"][0] = 1, 0.5
    seen = np.zeros((1, 5, 4, 26))
    seen[0, 3, 2, 0] = 1  # cell (3, 2) is seen from (1, 2), which is the inner cell (0, 1)
    output = Network(made, "hand")(seen)
    assert output.logits[0].tolist() == [0, 0, 0, 2.0**3, 0, 0]
    assert output.value[0] == 8.5
    seen[0, 3, 2, 0] = -1  # leaky: 0.2 in each of three convolutions, 0.3 in each of three dense layers
    np.testing.assert_allclose(Network(made, "hand", exact=True)(seen).logits[0, 3], -8 * 0.2**3 * 0.3**3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("conv1_b"), "lacks conv1_b"),
        (lambda d: d.update(conv0_w=d["conv0_w"][:, :, :20]), "conv0_w has shape"),
        (lambda d: d.update(dense1_w=d["dense1_w"][:4]), "dense1_w has shape"),
        (lambda d: d.update(logits_b=d["logits_b"][:4]), "logits_b does not fit"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: Any, message: str) -> None:
    made = arrays()
    change(made)
    with pytest.raises(CorruptRecord, match=message):
        Network(made, "mine")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    for content in (b"", b"PK\x03\x04nonsense", b"hello"):
        file.write_bytes(content)
        with pytest.raises(CorruptRecord, match=r"mine\.npz cannot be read"):
            load_partner(str(file))

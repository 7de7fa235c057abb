"""How fast the rules are, on one pinned core, beside overcooked_ai and JaxMARL where these are importable."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import Any

import numpy as np

from talkoot.worlds.overcooked.batch import Batch
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.layout_file import load_layout

PEER_LAYOUTS = {"counter_circuit": "counter_circuit_o_1order"}
"""Names in overcooked_ai that differ from ours."""
JAX_LAYOUTS = {
    "cramped_room": "cramped_room",
    "asymmetric_advantages": "asymm_advantages",
    "coordination_ring": "coord_ring",
    "forced_coordination": "forced_coord",
    "counter_circuit": "counter_circuit",
}
"""Our names and those in JaxMARL."""


def measure(
    name: str = "cramped_room", *, worlds: int = 1024, steps: int = 4_000_000, repeats: int = 5, peers: bool = True
) -> dict[str, Any]:
    """Environment steps a second (one step: both cooks act once) on one pinned core, best of `repeats`.

    Uniformly random actions are drawn inside; sparse and shaped rewards, events and automatic resets are included.
    `rules_steps_per_s` writes no observations; `observed_steps_per_s` brings both seats' dense uint8 observations of
    26 channels up to date in their array in every step; `stored_steps_per_s` moreover copies them out, step by step,
    into a learner's buffer. Peers are timed in turn with ours: overcooked_ai with a transition and both lossless
    encodings a step, JaxMARL with 256 worlds, vmap and scan, its observations consumed; ratios are ours
    (`observed_steps_per_s`) to theirs. A peer that is not importable is left out.
    """
    layout = load_layout(name)
    with _one_core() as core:
        timed: dict[str, Callable[[], float]] = {
            "rules": _batch_timer(layout, worlds, steps, observe=False),
            "observed": _batch_timer(layout, worlds, steps, observe=True),
            "stored": _store_timer(layout, worlds, steps // 4),
        }
        if peers and find_spec("overcooked_ai_py") is not None:
            timed["overcooked_ai"] = _overcooked_ai_timer(layout)
        if peers and find_spec("jaxmarl") is not None and layout.name in JAX_LAYOUTS:
            timed["jaxmarl"] = _jaxmarl_timer(layout)
        best = dict.fromkeys(timed, 0.0)
        for _ in range(repeats):
            for what, run in timed.items():
                best[what] = max(best[what], run())
    result: dict[str, Any] = {"layout": name, "worlds": worlds, "repeats": repeats, "core": core, "cpu": _cpu_name(),
                              "python": platform.python_version()}  # fmt: skip
    result |= {f"{what}_steps_per_s": round(speed) for what, speed in best.items()}
    result |= {f"ratio_{peer}": round(best["observed"] / best[peer], 1) for peer in ("overcooked_ai", "jaxmarl")
               if peer in best}  # fmt: skip
    return result


@contextmanager
def peers_to_stderr() -> Iterator[None]:
    """Keep standard output clean: JaxMARL prints on import, past any redirection of `sys.stdout`."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _one_core() -> Iterator[int | None]:
    """Keep this process, and the threads that it starts from now on, on one core; None where that cannot be done."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = _idlest(before)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)


def _idlest(cores: set[int]) -> int:
    """The core that did least in the last tenth of a second; the last one where Linux does not say."""

    def idle() -> dict[int, int]:
        with open("/proc/stat", encoding="utf-8") as file:
            rows = [line.split() for line in file if line.startswith("cpu") and line[3].isdigit()]
        return {int(row[0][3:]): int(row[4]) for row in rows}

    try:
        before = idle()
        time.sleep(0.1)
        after = idle()
        return max(sorted(cores), key=lambda core: after[core] - before[core])
    except (OSError, KeyError, IndexError, ValueError):
        return max(cores)


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        return platform.processor()


def _batch_timer(layout: Layout, worlds: int, steps: int, *, observe: bool) -> Callable[[], float]:
    batch = Batch(layout, worlds, observe=observe)
    batch.play_random(2)

    def run() -> float:
        begun = time.perf_counter()
        totals = batch.play_random(max(steps // worlds, 1))
        return totals.steps / (time.perf_counter() - begun)

    return run


def _store_timer(layout: Layout, worlds: int, steps: int) -> Callable[[], float]:
    """As a learner that gives the actions and keeps everything: many steps of a tile-sized batch into a buffer."""
    length, size = 128, min(worlds, 64)
    batch = Batch(layout, size)
    kept = np.zeros((length, *batch.observations.shape), dtype=np.uint8)
    rng = np.random.default_rng(0)
    batch.step(np.zeros((size, 2), dtype=np.int64))

    def run() -> float:
        rounds = max(steps // (length * size), 1)
        begun = time.perf_counter()
        for _ in range(rounds):
            actions = rng.integers(0, 6, size=(length, size, 2))
            for t in range(length):
                batch.step(actions[t])
                kept[t] = batch.observations
        return rounds * length * size / (time.perf_counter() - begun)

    return run


def _overcooked_ai_timer(layout: Layout) -> Callable[[], float]:
    from overcooked_ai_py.mdp.actions import Action
    from overcooked_ai_py.mdp.overcooked_mdp import OvercookedGridworld

    mdp = OvercookedGridworld.from_layout_name(PEER_LAYOUTS.get(layout.name, layout.name), old_dynamics=True)
    every = Action.INDEX_TO_ACTION
    rng = np.random.default_rng(0)

    def run() -> float:
        horizon, episodes = 400, 5
        begun = time.perf_counter()
        for _ in range(episodes):
            state = mdp.get_standard_start_state()
            for a0, a1 in rng.integers(0, 6, size=(horizon, 2)).tolist():
                state, _ = mdp.get_state_transition(state, (every[a0], every[a1]))
                mdp.lossless_state_encoding(state, horizon)
        return episodes * horizon / (time.perf_counter() - begun)

    return run


def _jaxmarl_timer(layout: Layout, worlds: int = 256, steps: int = 400) -> Callable[[], float]:
    # XLA reads its flags once, when it is first used.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JaxMARL recommends another game of its own
        import jax
        import jax.numpy as jnp
        import jaxmarl
        from jaxmarl.environments.overcooked import overcooked_layouts

        env = jaxmarl.make("overcooked", layout=overcooked_layouts[JAX_LAYOUTS[layout.name]])

    def one(carry: Any, key: Any) -> Any:
        state, total = carry
        first, second, third = jax.random.split(key, 3)
        actions = {
            "agent_0": jax.random.randint(first, (worlds,), 0, 6),
            "agent_1": jax.random.randint(second, (worlds,), 0, 6),
        }
        seen, state, rewards, _, info = jax.vmap(env.step)(jax.random.split(third, worlds), state, actions)
        consumed = sum(jnp.sum(seen[agent], dtype=jnp.int32) for agent in env.agents)
        earned = sum(jnp.sum(rewards[agent]) + jnp.sum(info["shaped_reward"][agent]) for agent in env.agents)
        return (state, (total[0] + consumed, total[1] + earned)), None

    def many(state: Any, key: Any) -> Any:
        return jax.lax.scan(one, (state, (jnp.int32(0), jnp.float32(0))), jax.random.split(key, steps))[0]

    play = jax.jit(many)
    _, begin = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), worlds))
    jax.block_until_ready(play(begin, jax.random.key(1)))  # compile
    seed = 1

    def run() -> float:
        nonlocal seed
        seed += 1
        begun = time.perf_counter()
        jax.block_until_ready(play(begin, jax.random.key(seed)))
        return worlds * steps / (time.perf_counter() - begun)

    return run

"""GRPO with one reward for several prompts' completions together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_toys import PIECES, PROMPTS, truth
from talkoot.errors import BadInput
from talkoot.learning.grpo import Score, Settings, StepLog, advantages, train
from talkoot.learning.grpo_groups import collect, draw_groups
from talkoot.learning.order import Order
from talkoot.learning.tiny import TinyCausal, random_tiny

SMALL = Settings(steps=3, prompts=2, group=4, max_tokens=2, lr=1e-2, refills=0, verdicts=("yes", "no"))
BUNDLES = [[0, 1, 2], [3], [4, 5], [6, 7, 8, 9], [10, 11], [12, 13, 14]]


def tiny() -> TinyCausal:
    return random_tiny(PIECES, seed=1, width=16, layers=1, heads=2, context=16)


def ids(causal: TinyCausal) -> list[list[int]]:
    return [causal.tokenizer.encode(prompt) for prompt in PROMPTS]


def weights(causal: TinyCausal) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten().clone() for parameter in causal.net.parameters()])


def never(number: int, text: str) -> Score:
    raise AssertionError("single completions are not scored where a joint reward is given")


def letters(number: int, texts: list[str]) -> Score:
    """A joint reward that differs from completion to completion."""
    return Score(float(sum(text.count("a") - text.count("b") for text in texts)), parsed="." not in "".join(texts))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, len(BUNDLES) - 1), min_size=1, max_size=4), st.integers(0, 1000))
def test_the_completions_with_one_number_are_scored_together_and_share_the_advantage(
    chosen: list[int], seed: int
) -> None:
    causal, seen = tiny(), list[tuple[int, list[str]]]()

    def joint(number: int, texts: list[str]) -> Score:
        seen.append((number, texts))
        return letters(number, texts)

    seeds = [seed + k for k in range(len(chosen))]
    found = draw_groups(causal, chosen, ids(causal), BUNDLES, joint, SMALL, seeds)
    assert [len(some) for some in found] == [len(BUNDLES[i]) for i in chosen]
    assert [number for number, _ in seen] == [i for i in chosen for _ in range(SMALL.group)]
    calls = iter(seen)
    for number, some in zip(chosen, found, strict=True):
        told = [next(calls)[1] for _ in range(SMALL.group)]
        texts = [[causal.tokenizer.decode(completion) for completion in group.completions] for group in some]
        assert told == [list(row) for row in zip(*texts, strict=True)]
        rewards = [letters(number, row).reward for row in told]
        expected = advantages(torch.tensor(rewards, dtype=torch.float64), "std").float().tolist()
        for member, group in zip(BUNDLES[number], some, strict=True):
            assert group.prompt == ids(causal)[member]
            assert [score.reward for score in group.scores] == rewards
            assert [value.tolist() for value in group.advantages] == [
                [value] * len(completion) for value, completion in zip(expected, group.completions, strict=True)
            ]


def test_bundles_of_one_prompt_each_are_single_prompts() -> None:
    single, bundled = tiny(), tiny()

    def reward(number: int, text: str) -> Score:
        return letters(number, [text])

    logs = train(single, PROMPTS, reward, SMALL)
    assert train(bundled, PROMPTS, never, SMALL, bundles=[[i] for i in range(16)], joint=letters) == logs
    assert torch.equal(weights(single), weights(bundled))


def test_silent_bundles_are_replaced_as_a_whole() -> None:
    """Only bundles 0 and 2 ever have a signal: the batch comes to consist of their prompts."""
    causal, asked = tiny(), list[int]()

    def joint(number: int, texts: list[str]) -> Score:
        asked.append(number)
        return Score(float(len(asked) % 2) if number in (0, 2) else 1.0)

    order = Order([None] * len(BUNDLES), 0)
    batch, drawn = collect(causal, ids(causal), BUNDLES, joint, replace(SMALL, refills=30), order, 0)
    places = asked[:: SMALL.group]
    assert len(places) > 2
    assert sum(number in (0, 2) for number in places) == 2
    kept = [member for number in places if number in (0, 2) for member in BUNDLES[number]]
    assert sorted(list(group.prompt) for group in batch) == sorted(ids(causal)[member] for member in kept)
    assert len(drawn) == sum(len(BUNDLES[number]) for number in places)
    assert not any(group.silent for group in batch)


def test_without_refills_a_silent_bundle_stays_and_counts() -> None:
    causal = tiny()
    before = weights(causal)
    (log,) = train(causal, PROMPTS, never, replace(SMALL, steps=1, refills=2), bundles=BUNDLES,
                   joint=lambda number, texts: Score(0.5))  # fmt: skip
    assert (log.silent, log.trained, log.reward) == (1.0, 0, 0.5)
    assert log.completions % SMALL.group == 0
    assert torch.equal(weights(causal), before)


def test_classes_are_those_of_bundles() -> None:
    causal, asked = tiny(), list[int]()

    def joint(number: int, texts: list[str]) -> Score:
        asked.append(number)
        return letters(number, texts)

    kinds = [True, False, False, False, False, False]
    train(causal, PROMPTS, never, replace(SMALL, prompts=4), classes=kinds, bundles=BUNDLES, joint=joint)
    places = asked[:: SMALL.group]
    assert len(places) == 12
    for step in range(3):
        assert sum(kinds[number] for number in places[4 * step : 4 * step + 4]) == 2
    assert set(places) == set(range(6))


def test_a_joint_reward_is_learnt_from() -> None:
    """Right is a pair of which both verdicts are: two judgements under one sparse reward."""
    ordered = [i for i, prompt in enumerate(PROMPTS) if truth(prompt)]
    pairs = [ordered[k : k + 2] for k in range(0, 10, 2)]

    def joint(number: int, texts: list[str]) -> Score:
        return Score(float(all(text == "yes" for text in texts)))

    logs = train(tiny(), PROMPTS, never, Settings(steps=30, prompts=5, group=16, max_tokens=1, lr=1e-2),
                 bundles=pairs, joint=joint)  # fmt: skip
    assert logs[0].reward < 0.3
    assert logs[-1].reward > 0.8


def test_an_interrupted_run_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    settings = replace(SMALL, steps=5, checkpoint_every=2, refills=1)

    class Stopped(Exception):
        pass

    def stop(log: StepLog) -> None:
        if log.step == 3:
            raise Stopped

    def run(causal: TinyCausal, folder: Path | None, bundles: Sequence[Sequence[int]] = BUNDLES,
            on_step: object = None) -> list[StepLog]:  # fmt: skip
        return train(causal, PROMPTS, never, settings, seed=3, bundles=bundles, joint=letters, folder=folder,
                     classes=[len(one) % 2 for one in bundles], on_step=on_step)  # type: ignore[arg-type]  # fmt: skip

    whole, second = tiny(), tiny()
    logs = run(whole, None)
    with pytest.raises(Stopped):
        run(tiny(), tmp_path, on_step=stop)
    assert run(second, tmp_path) == logs
    assert torch.equal(weights(second), weights(whole))
    with pytest.raises(BadInput, match="other settings, prompts or seed"):
        run(tiny(), tmp_path, BUNDLES[::-1])
    with pytest.raises(BadInput, match="other settings, prompts or seed"):
        train(tiny(), PROMPTS, lambda number, text: letters(number, [text]), settings, seed=3, folder=tmp_path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bundles": BUNDLES}, "bundles need a joint reward"),
        ({"joint": letters}, "bundles need a joint reward"),
        ({"bundles": [], "joint": letters}, "0 prompts"),
        ({"bundles": [[0], []], "joint": letters}, r"bundle \[\] must name some of the 16 prompts"),
        ({"bundles": [[0, 16]], "joint": letters}, r"bundle \[0, 16\] must name"),
        ({"bundles": [[-1]], "joint": letters}, r"bundle \[-1\] must name"),
        ({"bundles": BUNDLES, "joint": letters, "classes": [0] * 16}, "got 6 prompts and classes of 16"),
        ({"bundles": BUNDLES, "joint": lambda number, texts: Score(float("inf"))}, "not a finite number"),
    ],
)
def test_refusals(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        train(tiny(), PROMPTS, never, SMALL, **given)  # type: ignore[arg-type]


def test_rewards_of_steps_are_refused() -> None:
    with pytest.raises(BadInput, match="without process"):
        train(tiny(), PROMPTS, never, replace(SMALL, process=True), bundles=BUNDLES, joint=letters)

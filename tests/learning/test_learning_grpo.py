"""GRPO: the formulas on hand-made groups, what a batch is made of, learning, and going on after an interruption."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_toys import PIECES, PROMPTS, GruCausal, truth, verdict_reward
from talkoot.errors import BadInput, ModelFailed
from talkoot.learning import grpo, grpo_groups
from talkoot.learning.grpo import Score, Settings, StepLog, advantages, k3, process_advantages, surrogate, train
from talkoot.learning.tiny import TinyCausal, random_tiny

SMALL = Settings(steps=3, prompts=4, group=4, max_tokens=3, lr=1e-2, refills=0, verdicts=("yes", "no"))


def tiny() -> TinyCausal:
    return random_tiny(PIECES, seed=1, width=16, layers=1, heads=2, context=16)


def weights(causal: TinyCausal | GruCausal) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten().clone() for parameter in causal.net.parameters()])


def test_advantages_of_a_hand_made_group() -> None:
    rewards = torch.tensor([1.0, 0.0, 0.0, 1.0])
    assert advantages(rewards, "none").tolist() == [0.5, -0.5, -0.5, 0.5]
    scaled = 0.5 / (math.sqrt(1 / 3) + grpo_groups.EPSILON)
    assert advantages(rewards, "std").tolist() == pytest.approx([scaled, -scaled, -scaled, scaled])
    assert advantages(torch.full((8,), 0.1), "std").tolist() == [0.0] * 8


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=16))
def test_advantages_sum_to_zero_and_keep_the_order_of_the_rewards(rewards: list[float]) -> None:
    found = advantages(torch.tensor(rewards, dtype=torch.float64), "std").tolist()
    assert sum(found) == pytest.approx(0, abs=1e-6)
    assert all(found[i] <= found[j] + 1e-12 for i in range(len(rewards)) for j in range(len(rewards))
               if rewards[i] <= rewards[j])  # fmt: skip


def test_process_advantages_sum_what_follows() -> None:
    # Two completions with steps that end at tokens 2 and 5, and at 3; normalised over the three rewards together.
    found = process_advantages([[1.0, 0.0], [0.5]], [[2, 5], [3]], [6, 3], "none")
    assert found[0].tolist() == [0.0, 0.0, -0.5, -0.5, -0.5, 0.0]
    assert found[1].tolist() == [0.0, 0.0, 0.0]
    mean, std = 2 / 3, torch.tensor([1.0, 0.0, 1.0]).std().item() + grpo_groups.EPSILON
    found = process_advantages([[1.0, 0.0], [1.0]], [[1, 2], [1]], [2, 1], "std")
    assert found[0].tolist() == pytest.approx([(1 - mean - mean) / std, -mean / std], abs=1e-5)
    assert found[1].tolist() == pytest.approx([(1 - mean) / std], abs=1e-5)
    assert [each.tolist() for each in process_advantages([[], []], [[], []], [2, 1], "std")] == [[0.0, 0.0], [0.0]]


def test_the_surrogate_clips_only_what_went_too_far_in_the_right_direction() -> None:
    ratios = [1.0, 1.27, 1.3, 0.81, 0.5, 1.3, 0.5]
    advantage = torch.tensor([1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0])
    new = torch.tensor(ratios).log().requires_grad_()
    value, clipped = surrogate(new, torch.zeros(7), advantage, 0.2, 0.28)
    assert value.tolist() == pytest.approx([1.0, 1.27, 1.28, -0.81, -0.8, -1.3, 0.5])
    assert clipped.tolist() == [False, False, True, False, True, False, False]
    (slope,) = torch.autograd.grad(value.sum(), new)
    assert slope.tolist() == pytest.approx([1.0, 1.27, 0.0, -0.81, 0.0, -1.3, 0.5])


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_k3_is_never_negative_and_zero_for_equals(new: float, reference: float) -> None:
    value = float(k3(torch.tensor(new, dtype=torch.float64), torch.tensor(reference, dtype=torch.float64)))
    assert value >= -1e-12
    assert (value < 1e-9) == (abs(new - reference) < 1e-4) or abs(new - reference) < 1e-3


@pytest.mark.parametrize(("make", "lr", "prompts"), [(tiny, 5e-3, 16), (GruCausal, 2e-2, 8)])
def test_it_learns_the_toy_task(make: Callable[[], TinyCausal | GruCausal], lr: float, prompts: int) -> None:
    causal = make()
    settings = replace(SMALL, steps=40, prompts=prompts, group=8, max_tokens=1, lr=lr)
    logs = train(causal, PROMPTS, verdict_reward, settings, classes=[truth(prompt) for prompt in PROMPTS])
    assert sum(log.reward for log in logs[:3]) / 3 < 0.3
    assert sum(log.reward for log in logs[-5:]) / 5 > 0.65  # one verdict for all would give 0.5
    assert logs[0].unparsed > logs[-1].unparsed
    assert logs[0].verdict_entropy is not None
    assert logs[0].entropy > logs[-1].entropy
    assert all(log.sampled == 8 * prompts for log in logs)


def one_step(causal: TinyCausal, reward: grpo.Reward, **changes: object) -> tuple[StepLog, torch.Tensor]:
    before = weights(causal)
    (log,) = train(causal, PROMPTS[:4], reward, replace(SMALL, steps=1, **changes))  # type: ignore[arg-type]
    return log, weights(causal) - before


def test_a_batch_without_signal_changes_no_weight() -> None:
    log, change = one_step(tiny(), lambda index, text: Score(1.0), weight_decay=0.1, refills=2)
    assert (log.silent, log.refills, log.trained, log.grad_norm) == (1.0, 8, 0, 0.0)
    assert not change.any()
    assert log.completions == 12 * 4
    assert log.sampled == pytest.approx(log.length * 48)


def test_silent_groups_count_in_the_divisor_and_are_left_out() -> None:
    silent = group([0.5, 0.5])
    assert silent.silent
    for loss, both, alone in (("sequence", 8, 4), ("constant", 12, 6), ("tokens", 10, 5)):
        for batch, divisor in (([group([1.0, 0.0]), silent], both), ([group([1.0, 0.0])], alone)):
            part = [list(range(len(batch)))]
            rows, values, scales, members = grpo._rows(batch, part, replace(SMALL, loss=loss))  # type: ignore[arg-type]
            assert members == [[0, 1]]
            assert [row.completion for row in rows] == [[3, 3], [3, 3, 3]]
            assert 1 / scales[0].tolist()[0] == pytest.approx(divisor)
            assert values[0].tolist() == [-value for value in values[1].tolist()[:2]]
    everything = grpo._rows([silent], [[0]], replace(SMALL, beta=0.1))
    assert everything[3] == [[0, 1]]  # the divergence has a gradient without any advantage


def group(rewards: Sequence[float]) -> grpo_groups.Group:
    """Completions of 2, 3, ... tokens with these rewards; the last was cut."""
    completions = [[3] * (k + 2) for k in range(len(rewards))]
    each = [
        value.expand(len(c)) for value, c in zip(advantages(torch.tensor(rewards), "std"), completions, strict=True)
    ]
    ended = [True] * (len(rewards) - 1) + [False]
    return grpo_groups.Group([2, 3], completions, [Score(reward) for reward in rewards], ended, each)


def test_weights_of_tokens_under_each_loss() -> None:
    batch = [group([1.0, 0.0]), group([0.0, 1.0])]

    def scales(**changes: object) -> list[float]:
        _, _, found, _ = grpo._rows(batch, [[0], [1]], replace(SMALL, **changes))  # type: ignore[arg-type]
        return [round(1 / float(each[0]), 3) for each in found]

    assert scales(loss="sequence") == [4, 6, 4, 6]
    assert scales(loss="constant") == [6, 6, 6, 6]
    assert scales(loss="tokens") == [5, 5, 5, 5]
    assert scales(loss="tokens", overlong="mask") == [2, 2]
    assert grpo._rows(batch, [[0], [1]], SMALL)[3] == [[0, 1], [2, 3]]


def test_the_gradient_raises_what_was_rewarded_and_lowers_the_rest() -> None:
    causal = tiny()
    yes = causal.tokenizer.encode("yes")[0]

    def share() -> float:
        return causal.options(["ab"], list(PIECES))[0][yes - 2]

    before = share()
    reward: grpo.Reward = lambda index, text: Score(float(text == "yes"))  # noqa: E731
    for _ in range(3):
        one_step(causal, reward, max_tokens=1, group=16)
    assert share() > before
    middle = share()
    for _ in range(3):
        one_step(causal, lambda index, text: Score(-float(text == "yes")), max_tokens=1, group=16)
    assert share() < middle


def test_minibatches_and_epochs_keep_the_old_probabilities_and_clip() -> None:
    log, _ = one_step(tiny(), verdict_reward, group=8, minibatches=2, epochs=6, lr=0.05, clip_low=0.01, clip_high=0.01)
    single, _ = one_step(tiny(), verdict_reward, group=8, lr=0.05, clip_low=0.01, clip_high=0.01)
    assert log.clipped > 0.2
    assert single.clipped == 0
    assert log.trained == 6 * single.trained
    assert log.reward == single.reward


def test_micro_batches_change_nothing_but_rounding() -> None:
    changes = []
    for tokens in (1, 64, 4096):
        causal = tiny()
        train(causal, PROMPTS, verdict_reward, replace(SMALL, steps=1, micro_tokens=tokens, prompts=8))
        changes.append(weights(causal))
    assert torch.allclose(changes[0], changes[1], atol=1e-5)
    assert torch.allclose(changes[0], changes[2], atol=1e-5)


def test_the_divergence_holds_the_policy_back() -> None:
    found = {}
    for beta in (0.0, 0.5):
        causal = tiny()
        fresh = weights(causal)
        logs = train(causal, PROMPTS, verdict_reward, replace(SMALL, steps=12, max_tokens=1, group=8, beta=beta))
        found[beta] = float((weights(causal) - fresh).norm()), logs[-1].kl, logs[0].kl
    assert found[0.5][0] < found[0.0][0]
    assert found[0.0][1] == 0
    assert found[0.5][1] > 0
    assert found[0.5][2] == pytest.approx(0, abs=1e-6)


def test_refills_replace_silent_groups_class_by_class() -> None:
    asked: list[int] = []

    def reward(index: int, text: str) -> Score:
        asked.append(index)
        return Score(float(len(asked) % 2) if index in (1, 3, 8) else 0.0)

    kinds = [index < 4 for index in range(16)]
    causal = tiny()
    (log,) = train(causal, PROMPTS, reward, replace(SMALL, steps=1, prompts=4, refills=50), classes=kinds)
    assert log.refills > 0
    places = asked[::4]
    assert sum(kinds[i] for i in places[:4]) == 2
    assert len(places) == 4 + log.refills
    assert log.silent == pytest.approx(1 - 4 / len(places))
    assert log.trained == log.sampled * 4 / len(places) or log.trained > 0
    bounded, _ = one_step(tiny(), lambda index, text: Score(0.0), refills=3)
    assert bounded.refills == 12


def test_overlong_completions_are_masked_or_punished() -> None:
    causal = tiny()
    base = replace(SMALL, steps=1, prompts=8, group=8, max_tokens=4)

    def drawn(**changes: object) -> list[grpo_groups.Group]:
        ids = [causal.tokenizer.encode(prompt) for prompt in PROMPTS[:8]]
        chosen = replace(base, **changes)  # type: ignore[arg-type]
        some = list(range(8))
        found = grpo_groups.draw_groups(
            causal, some, ids, [[i] for i in some], lambda i, texts: Score(1.0), chosen, some
        )
        return [each for (each,) in found]

    assert all(each.silent for each in drawn())
    assert all(each.silent for each in drawn(overlong="mask"))
    punished = drawn(overlong="punish", margin=2)
    mixed = [each for each in punished if not each.silent]
    assert mixed
    for each in mixed:
        for completion, ended, value in zip(each.completions, each.ended, each.advantages, strict=True):
            if ended and len(completion) <= 2:
                assert value[0] > 0
            if not ended:
                assert value[0] < 0
    assert grpo_groups._excess(3, True, replace(base, margin=2)) == 0.5
    assert grpo_groups._excess(4, False, base) == 1.0


def test_masked_rows_get_no_gradient() -> None:
    log, change = one_step(tiny(), lambda index, text: Score(float("yes" in text)), overlong="mask", max_tokens=1)
    assert log.cut > 0.5
    ended = round((1 - log.cut) * log.completions)
    assert log.trained <= ended
    assert torch.isfinite(change).all()


def test_process_rewards_reach_their_own_steps() -> None:
    def reward(index: int, text: str) -> Score:
        ends = list(range(1, len(text) + 1))
        return Score(0.0, steps=tuple((end, float(text[end - 1] == "a")) for end in ends))

    causal = tiny()
    ids = [causal.tokenizer.encode("ab")]
    settings = replace(SMALL, process=True, group=8, advantage="none")
    ((one,),) = grpo_groups.draw_groups(causal, [0], ids, [[0]], lambda i, texts: reward(i, texts[0]), settings, [3])
    rewards = [[value for _, value in score.steps] for score in one.scores]
    mean = sum(map(sum, rewards)) / sum(map(len, rewards))
    for completion, score, value in zip(one.completions, one.scores, one.advantages, strict=True):
        assert len(value) == len(completion)
        if score.steps:
            assert float(value[0]) == pytest.approx(sum(r - mean for _, r in score.steps), abs=1e-6)
    logs = train(causal, PROMPTS, reward, replace(SMALL, process=True, steps=25, group=8, max_tokens=4, lr=2e-2))
    assert logs[-1].reward == 0
    drawn = causal.draw(ids * 8, n=[4] * 8, seeds=list(range(8)), max_tokens=4)
    text = "".join(causal.tokenizer.decode(each) for copies in drawn for each in copies)
    assert text.count("a") > len(text) / 3


def test_a_run_that_was_interrupted_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    chosen = replace(SMALL, steps=6, checkpoint_every=2, beta=0.1, minibatches=2, warmup=3)
    whole = tiny()
    logs = train(whole, PROMPTS, verdict_reward, chosen, seed=5)

    class Broken(Exception):
        pass

    def stop(log: StepLog) -> None:
        if log.step == 4:
            raise Broken

    with pytest.raises(Broken):
        train(tiny(), PROMPTS, verdict_reward, chosen, seed=5, folder=tmp_path, on_step=stop)
    second, told = tiny(), list[int]()
    again = train(
        second, PROMPTS, verdict_reward, chosen, seed=5, folder=tmp_path, on_step=lambda log: told.append(log.step)
    )
    assert told == [4, 5]
    assert again == logs
    assert torch.equal(weights(second), weights(whole))
    third = tiny()
    assert train(third, PROMPTS, verdict_reward, chosen, seed=5, folder=tmp_path) == logs  # nothing is left to do
    assert torch.equal(weights(third), weights(whole))
    with pytest.raises(BadInput, match="other settings, prompts or seed"):
        train(tiny(), PROMPTS, verdict_reward, chosen, seed=6, folder=tmp_path)
    (tmp_path / grpo.FILE).write_bytes(b"cut")
    with pytest.raises(BadInput, match="no checkpoint that can be read"):
        train(tiny(), PROMPTS, verdict_reward, chosen, seed=5, folder=tmp_path)


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    runs = [train(tiny(), PROMPTS, verdict_reward, SMALL, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_collapse_of_entropy_is_told() -> None:
    logs = train(tiny(), PROMPTS, lambda index, text: Score(float(text == "yes")),
                 replace(SMALL, steps=40, group=8, max_tokens=1, lr=5e-2, entropy_floor=0.3))  # fmt: skip
    assert not logs[0].warning
    assert any("verdict entropy collapsed" in log.warning for log in logs)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"group": 1}, "group is 1; give at least 2"),
        ({"lr": 0.0}, "lr is 0.0; give a number above 0"),
        ({"clip_low": 1.0}, "clip range is 1.0"),
        ({"minibatches": 5}, "into 5 minibatches"),
        ({"margin": 9}, "margin 9 is above"),
        ({"process": True, "overlong": "punish"}, "by their one reward"),
    ],
)
def test_settings_that_make_no_sense(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        replace(SMALL, **changes)  # type: ignore[arg-type]


def test_refusals() -> None:
    with pytest.raises(BadInput, match="0 prompts"):
        train(tiny(), [], verdict_reward, SMALL)
    with pytest.raises(BadInput, match="classes of 1"):
        train(tiny(), ["a", "b"], verdict_reward, SMALL, classes=[True])
    with pytest.raises(BadInput, match="prompt 1 has no tokens"):
        train(tiny(), ["a", ""], verdict_reward, SMALL)
    with pytest.raises(BadInput, match="equal numbers of 3 classes in batches of 4"):
        train(tiny(), ["a", "b", "c"], verdict_reward, SMALL, classes=[1, 2, 3])
    with pytest.raises(BadInput, match="not a finite number"):
        train(tiny(), ["a"], lambda index, text: Score(math.nan), SMALL)
    with pytest.raises(BadInput, match="gradient is not finite"):
        train(
            tiny(), ["a"], lambda index, text: Score(len(text) * 1e300), replace(SMALL, advantage="none", max_tokens=5)
        )


def test_out_of_memory_names_what_to_lower(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(grpo, "logprobs", full)
    with pytest.raises(ModelFailed, match=r"lower micro_tokens \(4096\), prompts \(4\) or max_tokens \(3\)"):
        train(tiny(), PROMPTS, verdict_reward, SMALL)

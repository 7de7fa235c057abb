"""TRL as a back end: the same settings in its terms, the same reward reached, refusals."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from learning_toys import PIECES, PROMPTS, verdict_reward
from talkoot.errors import BadInput
from talkoot.learning import trl_backend
from talkoot.learning.grpo import Settings, advantages, train
from talkoot.learning.hf import HfCausal
from talkoot.learning.tiny import random_tiny
from talkoot.learning.trl_backend import train_with_trl

TOY = Settings(steps=30, prompts=16, group=8, max_tokens=1, lr=2e-2, refills=0, betas=(0.9, 0.999))


@pytest.mark.peers("trl")
@pytest.mark.filterwarnings("ignore")  # the peer's own
def test_both_back_ends_reach_the_same_reward(tmp_path: Path) -> None:
    causal = random_tiny(PIECES, seed=1, width=16, layers=1, heads=2, context=16)
    causal.to_llama(tmp_path / "llama")
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    told: list[int] = []
    rows = train_with_trl(tmp_path / "llama", PROMPTS, verdict_reward, TOY, tmp_path / "out",
                          on_step=lambda row: told.append(row["step"]))  # fmt: skip
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])
    assert told == list(range(30))
    logs = train(causal, PROMPTS, verdict_reward, TOY)
    ours, theirs = (sum(last) / 5 for last in ([log.reward for log in logs[-5:]], [row["reward"] for row in rows[-5:]]))
    assert sum(row["reward"] for row in rows[:3]) / 3 < 0.3
    assert min(ours, theirs) > 0.6
    assert abs(ours - theirs) < 0.25
    assert rows[0]["entropy"] == pytest.approx(logs[0].entropy, abs=0.1)
    assert rows[0]["unparsed"] > rows[-1]["unparsed"]
    trained = HfCausal(tmp_path / "out")
    drawn = trained.draw([trained.tokenizer.encode("ab")], n=[32], seeds=[0], max_tokens=1)[0]
    assert sum(trained.tokenizer.decode(ids) in ("yes", "no") for ids in drawn) > 20


@pytest.mark.peers("trl")
@pytest.mark.filterwarnings("ignore")
def test_settings_in_the_terms_of_trl() -> None:
    from trl.trainer.utils import nanstd

    found = trl_backend._arguments(
        replace(TOY, minibatches=2, epochs=3, loss="constant", advantage="none", overlong="mask", beta=0.1), 7
    )
    assert (found.max_steps, found.num_generations, found.num_iterations) == (180, 8, 3)
    assert (found.generation_batch_size, found.per_device_train_batch_size, found.steps_per_generation) == (128, 64, 2)
    assert (found.loss_type, found.scale_rewards, found.beta, found.mask_truncated_completions) == (
        "dr_grpo", "none", 0.1, True)  # fmt: skip
    assert (found.epsilon, found.epsilon_high, found.gradient_checkpointing, found.seed) == (0.2, 0.28, False, 7)
    rewards = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0])
    theirs = (rewards - rewards.mean()) / (nanstd(rewards) + 1e-4)
    assert torch.allclose(advantages(rewards, "std"), theirs)


@pytest.mark.parametrize(
    "settings",
    [
        replace(TOY, process=True),
        replace(TOY, overlong="punish"),
        replace(TOY, stop=("yes",)),
        replace(TOY, minibatches=3),
    ],
)
def test_what_trl_cannot_do(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="TRL's GRPO has no"):
        train_with_trl(tmp_path, PROMPTS, verdict_reward, settings)


def test_without_trl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        if name == "trl":
            raise ImportError("No module named 'trl'")
        return __import__("importlib").import_module(name)

    monkeypatch.setattr(trl_backend, "import_module", absent)
    with pytest.raises(BadInput, match="pip install trl"):
        train_with_trl(tmp_path, PROMPTS, verdict_reward, TOY)

"""Rejection-sampling fine-tuning: what is kept, that it teaches, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from learning_toys import PIECES, PROMPTS, truth
from talkoot.errors import BadInput
from talkoot.learning import rsft
from talkoot.learning.rsft import RsftRound, RsftSettings, fine_tune
from talkoot.learning.sft import SftSettings
from talkoot.learning.tiny import TinyCausal, random_tiny

LABELS = [truth(prompt) for prompt in PROMPTS]  # 10 good, 6 bad
SMALL = RsftSettings(
    fit=SftSettings(steps=30, batch=16, lr=2e-2, optimiser="adamw", warmup=2),
    draws=32, keep=6, max_tokens=2, epochs=8.0, stop=("yes", "no"),
)  # fmt: skip


def tiny() -> TinyCausal:
    return random_tiny(PIECES, seed=1, width=16, layers=1, heads=2, context=16)


def verdict(text: str) -> bool | None:
    return True if text.endswith("yes") else False if text.endswith("no") else None


def test_it_learns_from_its_own_right_analyses() -> None:
    told: list[RsftRound] = []
    rounds = fine_tune(tiny(), PROMPTS, LABELS, verdict, replace(SMALL, rounds=2), on_round=told.append)
    assert told == rounds
    assert [each.drawn for each in rounds] == [512] * 2
    assert rounds[-1].parsed > rounds[0].parsed
    assert rounds[-1].right > rounds[0].right
    for each in rounds:
        assert each.kept_good == each.kept_bad > 0
        assert each.right <= each.parsed <= each.drawn
        assert 512 <= each.sampled <= 2 * 512
    again = fine_tune(tiny(), PROMPTS, LABELS, verdict, SMALL)
    assert again == rounds[:1]


def test_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[tuple[str, str]] = []
    used: list[int] = []

    def fit(causal: object, examples: list[tuple[str, str]], settings: SftSettings, *, seed: int) -> list[object]:
        learnt.extend(examples)
        used.append(settings.steps)
        return []

    monkeypatch.setattr(rsft, "fit", fit)
    (one,) = fine_tune(tiny(), PROMPTS, LABELS, verdict, replace(SMALL, balanced=False, keep=1, epochs=0.5))
    assert len(learnt) == len(set(learnt)) == one.kept_good + one.kept_bad
    assert len({prompt for prompt, _ in learnt}) == len(learnt)  # one each
    assert all(verdict(text) == truth(prompt) for prompt, text in learnt)
    assert used == [max(1, round(len(learnt) / 16))]
    assert one.kept_good > one.kept_bad


def test_refusals() -> None:
    with pytest.raises(BadInput, match="16 prompts and 1 labels"):
        fine_tune(tiny(), PROMPTS, [True], verdict, SMALL)
    with pytest.raises(BadInput, match=r"kept nothing in round 1: 0 right analyses of good chunks, 0 of bad ones"):
        fine_tune(tiny(), PROMPTS, LABELS, lambda text: None, SMALL)
    for change in ({"draws": 0}, {"keep": 0}, {"rounds": 0}, {"epochs": 0.0}):
        with pytest.raises(BadInput, match="rejection sampling needs"):
            replace(SMALL, **change)  # type: ignore[arg-type]

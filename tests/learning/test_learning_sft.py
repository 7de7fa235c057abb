"""Supervised fine-tuning: what is learnt, in which order, how fast, and going on after an interruption."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from learning_toys import PIECES, GruCausal
from talkoot.errors import BadInput
from talkoot.learning import sft
from talkoot.learning.sft import Examples, SftSettings, SftStep, batch, fit
from talkoot.learning.tiny import TinyCausal, random_tiny

PAIRS = [(f"{x}{y}", "yes" if x <= y else "no") for x in "abcd" for y in "abcd"]
SMALL = SftSettings(steps=10, batch=4, warmup=2)


def tiny() -> TinyCausal:
    return random_tiny(PIECES, seed=1, width=16, layers=1, heads=2, context=16)


def endless(number: int) -> tuple[str, ...]:
    return PAIRS[random.Random(number).randrange(len(PAIRS))]


def weights(causal: TinyCausal) -> list[list[float]]:
    return [p.detach().flatten().tolist() for p in causal.net.parameters()]


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_a_toy_is_learnt(optimiser: str) -> None:
    causal = tiny()
    settings = SftSettings(40, 16, lr=2e-2, muon_lr=0.05, optimiser=optimiser, warmup=5)  # type: ignore[arg-type]
    log = fit(causal, PAIRS, settings)
    assert [one.step for one in log] == list(range(1, 41))
    assert log[-1].loss < 0.2 < 1.5 < log[0].loss
    assert [one.tokens for one in log] == [32 * i for i in range(1, 41)]  # the word and the end, never the prompt
    shares = causal.options([prompt for prompt, _ in PAIRS], ["yes", "no"])
    assert all((yes > no) == (word == "yes") for (yes, no), (_, word) in zip(shares, PAIRS, strict=True))
    assert not causal.net.training
    again = tiny()
    assert fit(again, PAIRS, settings) == log
    assert weights(again) == weights(causal)


def test_only_completions_are_learnt() -> None:
    ids, learnt = batch([([5, 6, 7, 8], [False, False, True, True]), ([9, 4], [False, True])], pad=0)
    assert ids.tolist() == [[5, 6, 7, 8], [9, 4, 0, 0]]
    assert learnt.tolist() == [[False, True, True], [True, False, False]]
    # With an empty prompt the first token has nothing before it to be foretold from.
    ids, learnt = batch([([5, 6, 7], [True, True, True]), ([5, 1], [True, True])], pad=0)
    assert learnt.tolist() == [[True, True], [True, False]]
    assert batch([([5], [True])], pad=0)[1].shape == (1, 0)


def test_prompts_change_nothing_but_what_follows_them() -> None:
    """The loss is that of the learnt tokens alone, by hand."""
    causal, examples = tiny(), [("ab", "yes"), ("", "c.d"), ("a", "b", "c.", "no")]
    settings = SftSettings(4, 3, lr=0.0, muon_lr=0.0)  # the weights stay, and a block has each example four times
    encode = causal.tokenizer.encode
    losses = []
    for parts in examples:
        ids = encode("".join(parts)) + ([1] if len(parts) % 2 == 0 else [])
        marks = [place % 2 == 1 for place, part in enumerate(parts) for _ in encode(part)] + [True]
        logs = causal.net(torch.tensor([ids])).log_softmax(-1)[0]
        losses += [-logs[i - 1, ids[i]].item() for i in range(1, len(ids)) if marks[i]]
    log = fit(causal, lambda number: examples[number % 3], settings)
    assert log[-1].tokens == 4 * len(losses) == 4 * (2 + 3 + 3)
    before = [0, *(one.tokens for one in log)]
    total = sum(one.loss * (one.tokens - earlier) for one, earlier in zip(log, before, strict=False))
    assert total == pytest.approx(4 * sum(losses), rel=1e-5)


def test_parts_that_end_with_something_read_have_no_end() -> None:
    (with_end,) = fit(tiny(), [("a", "b")], SftSettings(1, 1))
    (without,) = fit(tiny(), [("a", "b")], SftSettings(1, 1, end_token=False))
    (more,) = fit(tiny(), [("a", "b", "c")], SftSettings(1, 1))
    assert (with_end.tokens, without.tokens, more.tokens) == (2, 1, 1)


def drawn(monkeypatch: pytest.MonkeyPatch, examples: Examples, settings: SftSettings, seed: int) -> list[list[str]]:
    """The texts of each batch."""
    seen: list[list[str]] = []
    causal = tiny()

    def watched(rows: list[tuple[list[int], list[bool]]], pad: int) -> object:
        seen.append([causal.tokenizer.decode(ids) for ids, _ in rows])
        return batch(rows, pad)

    with monkeypatch.context() as patch:
        patch.setattr(sft, "batch", watched)
        fit(causal, examples, settings, seed=seed)
    return seen


def test_every_epoch_takes_everything_once_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [("a" * (i % 5 + 1), "bcd"[i % 3] * (i // 5 + 1)) for i in range(16)]  # all different
    settings = SftSettings(steps=12, batch=4)
    seen = drawn(monkeypatch, examples, settings, seed=3)
    texts = sorted("".join(parts) for parts in examples)
    epochs = [seen[0:4], seen[4:8], seen[8:12]]
    assert all(sorted(text for rows in epoch for text in rows) == texts for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    for epoch in epochs:  # in a batch the lengths are alike, so that little is padding
        spans = sorted((min(map(len, rows)), max(map(len, rows))) for rows in epoch)
        assert all(one[1] <= following[0] for one, following in pairwise(spans))
    assert drawn(monkeypatch, examples, settings, seed=3) == seen
    assert drawn(monkeypatch, tuple(examples), settings, seed=3) == seen
    assert drawn(monkeypatch, examples, settings, seed=4) != seen


def test_functions_are_asked_for_every_number_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def numbered(number: int) -> tuple[str, ...]:
        asked.append(number)
        return PAIRS[number % 16]

    drawn(monkeypatch, numbered, SftSettings(steps=8, batch=3), seed=0)
    assert asked == list(range(24))


def test_the_rate_warms_up_and_falls() -> None:
    settings = SftSettings(steps=100, warmup=10)
    rates = [sft._rate(step, settings) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * i for i in range(1, 11)])
    assert rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.515)
    assert all(later < one for one, later in pairwise(rates[10:]))
    assert rates[-1] == pytest.approx(0.03, abs=1e-3)
    assert sft._rate(0, replace(settings, warmup=0)) == 1.0
    assert sft._rate(99, SftSettings(steps=100, warmup=200)) == 0.5


def test_muon_takes_the_hidden_matrices_only() -> None:
    causal = tiny()
    adam, muon = (optimiser for optimiser, _ in sft._optimisers(causal.net, SMALL))
    names = {id(p): name for name, p in causal.net.named_parameters()}
    taken = sorted(names[id(p)] for p in muon.param_groups[0]["params"])
    assert taken == [f"layers.0.{name}.weight" for name in ("down", "gate_up", "out", "qkv")]
    assert len(adam.param_groups[0]["params"]) + len(taken) == len(names)
    assert len(sft._optimisers(causal.net, replace(SMALL, optimiser="adamw"))) == 1


class Killed(BaseException):
    """As a signal would end the process."""


@pytest.mark.parametrize("examples", [PAIRS, endless], ids=["list", "function"])
@pytest.mark.parametrize("at", [1, 3, 6, 8, 9])
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_later_call_goes_on_to_the_very_same_weights(tmp_path: Path, examples: Examples, at: int, how: str) -> None:
    whole = tiny()
    log = fit(whole, examples, SMALL, seed=5)

    def end(step: SftStep) -> bool:
        if step.step == at and how == "killed":
            raise Killed
        return step.step == at

    first = tiny()
    if how == "killed":
        with pytest.raises(Killed):
            fit(first, examples, SMALL, seed=5, folder=tmp_path, every=3, on_step=end)
    else:
        assert fit(first, examples, SMALL, seed=5, folder=tmp_path, every=3, on_step=end) == log[:at]
    steps: list[int] = []
    later = tiny()
    told = fit(later, examples, SMALL, seed=5, folder=tmp_path, every=3, on_step=lambda s: steps.append(s.step))
    assert told == log
    assert steps == list(range(at + 1 if how == "stopped" else (at - 1) // 3 * 3 + 1, 11))
    assert weights(later) == weights(whole)
    assert later.name == whole.name
    finished = tiny()
    assert fit(finished, examples, SMALL, seed=5, folder=tmp_path) == log  # nothing is left to do
    assert weights(finished) == weights(whole)


OTHERS: list[tuple[Examples, SftSettings, int]] = [
    (PAIRS, SMALL, 6), (PAIRS, replace(SMALL, lr=1e-4), 5), (PAIRS[:-1], SMALL, 5), (tuple(PAIRS[:-1]), SMALL, 5),
    (PAIRS[::-1], SMALL, 5), (endless, SMALL, 5),
]  # fmt: skip


@pytest.mark.parametrize(("examples", "settings", "seed"), OTHERS)
def test_a_folder_of_another_run_is_refused(
    tmp_path: Path, examples: Examples, settings: SftSettings, seed: int
) -> None:
    def two(step: SftStep) -> bool:
        return step.step == 2

    fit(tiny(), PAIRS, SMALL, seed=5, folder=tmp_path, on_step=two)
    before = (tmp_path / sft.FILE).read_bytes()
    with pytest.raises(BadInput, match="belongs to a run with other settings"):
        fit(tiny(), examples, settings, seed=seed, folder=tmp_path)
    assert (tmp_path / sft.FILE).read_bytes() == before
    assert len(fit(tiny(), tuple(PAIRS), SMALL, seed=5, folder=tmp_path, on_step=lambda s: s.step == 3)) == 3


def test_another_function_is_refused_and_a_damaged_file(tmp_path: Path) -> None:
    def later(number: int) -> tuple[str, ...]:
        return endless(number) if number < 39 else ("d", "yes")

    fit(tiny(), endless, SMALL, folder=tmp_path)
    with pytest.raises(BadInput, match="other settings"):
        fit(tiny(), later, SMALL, folder=tmp_path)
    (tmp_path / sft.FILE).write_bytes(b"nothing")
    with pytest.raises(BadInput, match="delete it to begin again"):
        fit(tiny(), endless, SMALL, folder=tmp_path)


def test_any_causal_is_trained_and_sampling_between_steps_does_no_harm() -> None:
    modes: list[bool] = []

    def look(causal: TinyCausal | GruCausal) -> Callable[[SftStep], None]:
        def tell(step: SftStep) -> None:
            modes.append(causal.net.training)
            causal.net.eval()

        return tell

    gru = GruCausal()
    log = fit(gru, PAIRS, SftSettings(40, 16, lr=2e-2, optimiser="adamw", warmup=2), on_step=look(gru))
    assert log[-1].loss < log[0].loss / 2
    assert modes == [True] * 40
    one, other = tiny(), tiny()
    state = torch.get_rng_state()
    assert fit(one, PAIRS, SMALL, on_step=look(one)) == fit(other, PAIRS, SMALL)
    assert torch.equal(torch.get_rng_state(), state)


def test_nothing_to_do() -> None:
    causal = tiny()
    before = weights(causal)
    assert fit(causal, PAIRS, replace(SMALL, steps=0)) == []
    assert weights(causal) == before


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([], "got no examples"), ([("ab", "")], "nothing is learnt from the example"), ([("ab",)], "nothing is learnt"),
        ([("", "a")], "nothing is learnt"), ([("", "")], "nothing is learnt"), ([("ab", "x")], "has no tokens"),
    ],
)  # fmt: skip
def test_examples_that_cannot_be_learnt(examples: list[tuple[str, ...]], said: str) -> None:
    causal = tiny()
    before = weights(causal)
    with pytest.raises(BadInput, match=said):
        fit(causal, examples, replace(SMALL, end_token=False))
    assert weights(causal) == before


@pytest.mark.parametrize("changes", [{"steps": -1}, {"batch": 0}, {"warmup": -1}, {"optimiser": "sgd"}])
def test_settings_that_cannot_be(changes: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"fine-tuning cannot do|take muon or adamw"):
        replace(SMALL, **changes)  # type: ignore[arg-type]

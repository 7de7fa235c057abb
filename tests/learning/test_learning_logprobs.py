"""Log-probabilities: packed prompts, batches of any size and the plain forward pass agree; gradients too."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_toys import PIECES, GruCausal
from talkoot.learning import logprobs as module
from talkoot.learning.logprobs import Row, batches, entropy, logprobs, of_targets, packs_prompts
from talkoot.learning.tiny import random_tiny

CAUSAL = random_tiny(PIECES, seed=3, width=16, layers=2, heads=2, context=64)
IDS = st.lists(st.integers(1, 8), min_size=1, max_size=6)


def plainly(net: torch.nn.Module, row: Row) -> torch.Tensor:
    ids = torch.tensor([[*row.prompt, *row.completion]])
    shares = net(ids)[0].log_softmax(-1)
    first = len(row.prompt) - 1
    return torch.stack([shares[first + k, token] for k, token in enumerate(row.completion)])


def by_row(net: torch.nn.Module, rows: list[Row], *, tokens: int, pack: bool) -> dict[int, torch.Tensor]:
    found: dict[int, torch.Tensor] = {}
    for batch in batches(rows, tokens=tokens, pad=0, device="cpu", pack=pack):
        parts = of_targets(logprobs(net, batch), batch).split([len(rows[i].completion) for i in batch.rows])
        found |= zip(batch.rows, parts, strict=True)
        assert batch.ids.numel() <= tokens or len(batch.ids) == 1
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(IDS, st.lists(IDS, min_size=1, max_size=4)), min_size=1, max_size=4), st.integers(1, 80))
def test_all_ways_agree(groups: list[tuple[list[int], list[list[int]]]], tokens: int) -> None:
    rows = [Row(prompt, completion) for prompt, completions in groups for completion in completions]
    with torch.no_grad():
        for pack in (False, True):
            found = by_row(CAUSAL.net, rows, tokens=tokens, pack=pack)
            assert sorted(found) == list(range(len(rows)))
            for i, row in enumerate(rows):
                assert torch.allclose(found[i], plainly(CAUSAL.net, row), atol=1e-4)


def test_a_prompt_goes_through_the_network_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Row([2] * 10, [3, 4, 1]) for _ in range(4)] + [Row([5] * 3, [6])]
    (batch,) = batches(rows, tokens=1000, pad=0, device="cpu", pack=True)
    assert batch.ids.shape == (2, 10 + 4 * 2)
    assert batch.rows == (4, 0, 1, 2, 3)
    assert batch.positions[1].tolist() == [*range(10), *[10, 11] * 4]
    assert batch.mask is not None
    assert batch.mask[1, 0, 12].int().tolist() == [1] * 10 + [0, 0, 1] + [0] * 5
    (plain,) = batches(rows, tokens=1000, pad=0, device="cpu", pack=False)
    assert plain.ids.shape == (5, 12)
    assert plain.mask is None
    monkeypatch.setattr(module, "PACKED", 4)
    (split,) = batches(rows, tokens=1000, pad=0, device="cpu", pack=True)
    assert split.ids.shape == (3, 14)


def test_gradients_agree() -> None:
    rows = [Row([2, 3, 4], completion) for completion in ([5, 1], [6, 7, 1], [8])]
    found = []
    for pack in (False, True):
        CAUSAL.net.zero_grad()
        torch.autograd.backward(sum(each.sum() for each in by_row(CAUSAL.net, rows, tokens=99, pack=pack).values()))
        found.append(torch.cat([parameter.grad.flatten() for parameter in CAUSAL.net.parameters()]))  # type: ignore
    assert found[0].norm() > 0
    assert torch.allclose(*found, atol=1e-4)


def test_temperature_and_entropy() -> None:
    (batch,) = batches([Row([2], [3, 1])], tokens=9, pad=0, device="cpu", pack=True)
    with torch.no_grad():
        sharp, plain, flat = (entropy(logprobs(CAUSAL.net, batch, t)) for t in (0.01, 1.0, 1e6))
    assert (sharp < plain).all()
    assert torch.allclose(flat, torch.full((2,), 9.0).log(), atol=1e-3)
    assert torch.allclose(entropy(torch.tensor([[0.5, 0.25, 0.25]]).log()), torch.tensor([1.0397]), atol=1e-4)


def test_any_network_will_do() -> None:
    gru = GruCausal()
    assert not packs_prompts(gru.net)
    assert packs_prompts(CAUSAL.net)
    rows = [Row([2, 3], [4, 5, 1]), Row([6], [7])]
    with torch.no_grad():
        for i, values in by_row(gru.net, rows, tokens=99, pack=False).items():
            assert torch.allclose(values, plainly(gru.net, rows[i]), atol=1e-5)

    class Split(torch.nn.Module):
        """Logits apart from hidden states: they are made for the chosen places alone."""

        def hidden(self, ids: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = gru.net.gru(gru.net.embed(ids))[0]
            return out

        def logits(self, hidden: torch.Tensor) -> torch.Tensor:
            assert hidden.shape == (4, 24)
            out: torch.Tensor = gru.net.head(hidden)
            return out

    with torch.no_grad():
        for i, values in by_row(Split(), rows, tokens=99, pack=False).items():
            assert torch.allclose(values, plainly(gru.net, rows[i]), atol=1e-5)

"""The small transformer: caches give what whole texts give, and no random number of others is used up."""

from __future__ import annotations

import math

import pytest
import torch

from talkoot.learning.transformer import Shape, Transformer

SHAPE = Shape(vocabulary=11, width=16, layers=2, heads=2, context=24)


def ids(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(2, SHAPE.vocabulary, size, generator=torch.Generator().manual_seed(seed))


def test_weights_are_drawn_from_the_seed_alone() -> None:
    state = torch.get_rng_state()
    first = Transformer(SHAPE, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    again, other = Transformer(SHAPE, seed=3), Transformer(SHAPE, seed=4)
    assert all(torch.equal(first.state_dict()[key], value) for key, value in again.state_dict().items())
    assert not torch.equal(first.embed.weight, other.embed.weight)
    assert float(first.embed.weight.detach().std()) == pytest.approx(0.2, rel=0.3)
    torch.set_rng_state(state)


def test_names_and_sizes_of_weights() -> None:
    net = Transformer(SHAPE)
    sizes = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    assert Shape(11, width=128).feed_forward == 336
    assert Shape(11, hidden=40).feed_forward == 40
    assert SHAPE.to_json() == {
        "vocabulary": 11, "width": 16, "layers": 2, "heads": 2, "context": 24, "hidden": 0
    }  # fmt: skip
    assert sizes.pop("embed.weight") == (11, 16)
    assert sizes.pop("norm.weight") == (16,)
    assert sizes == {
        f"layers.{i}.{key}": size
        for i in range(2)
        for key, size in {
            "norm_attention.weight": (16,), "norm_feed.weight": (16,),
            "qkv.weight": (48, 16), "qkv.bias": (48,),
            "out.weight": (16, 16), "gate_up.weight": (80, 16), "down.weight": (16, 40),
        }.items()
    }  # fmt: skip


def test_what_follows_changes_nothing_before_it() -> None:
    net, text = Transformer(SHAPE), ids(3, 12)
    whole = net(text)
    for length in (1, 5, 11):
        torch.testing.assert_close(net(text[:, :length]), whole[:, :length])


def test_positions_are_relative_in_scores_but_order_counts() -> None:
    net = Transformer(SHAPE)
    with torch.no_grad():
        for layer in net.layers:
            layer.qkv.weight *= 50  # so that attention is not flat
    a, b = net(torch.tensor([[2, 3, 4]])), net(torch.tensor([[3, 2, 4]]))
    assert not torch.allclose(a[:, -1], b[:, -1], atol=1e-4)
    # The same token throughout looks the same wherever it stands.
    same = net(torch.full((1, 6), 5))
    torch.testing.assert_close(same[0, 0], same[0, 5])


def test_prefill_gives_logits_and_caches_that_serve_every_prefix() -> None:
    net, text = Transformer(SHAPE), ids(2, 10)
    logits, cache = net.prefill(text)
    torch.testing.assert_close(logits, net(text))
    torch.testing.assert_close(net.logits(net.hidden(text)), logits)
    assert len(cache) == SHAPE.layers
    _, shorter = net.prefill(text[:, :4])
    for layer, short in zip(cache, shorter, strict=True):
        for whole, part in zip(layer, short, strict=True):
            assert whole.shape == (2, SHAPE.heads, 10, SHAPE.width // SHAPE.heads)
            torch.testing.assert_close(whole[:, :, :4], part)


def test_gradients_flow_through_whole_texts() -> None:
    net = Transformer(SHAPE)
    net(ids(2, 6)).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in net.parameters())


@torch.no_grad()
def test_steps_in_lanes_give_what_whole_texts_give() -> None:
    """Two texts; rows that continue prefixes of them, one of them begun two tokens after the others."""
    net, texts, copies, seen, room = Transformer(SHAPE), ids(2, 9), 2, 9, 4
    _, cache = net.prefill(texts)
    lanes = net.lanes(2, copies, 9, room)
    for whole, new in zip(lanes.texts, cache, strict=True):
        for into, of in zip(whole, new, strict=True):
            into.copy_(of)
    began = torch.tensor([9, 4, 7, 1])  # by slot: lane * copies + copy
    more = ids(4, 4, seed=1)
    done = torch.zeros(4, dtype=torch.long)
    for turn in range(4):
        slots = torch.tensor([3, 0, 1]) if turn < 2 else torch.tensor([0, 3, 2, 1])
        tokens = int(done[slots].max()) + 1
        hidden = torch.cat([torch.arange(seen) >= began[:, None], torch.arange(tokens) > done[:, None]], -1)
        mask = torch.zeros(hidden.shape).masked_fill_(hidden, -math.inf).view(2, copies, -1)
        logits = net.step(
            more[slots, done[slots]], slots, began[slots] + done[slots], done[slots], lanes, seen, mask
        )  # fmt: skip
        for slot, row in zip(slots.tolist(), logits, strict=True):
            text = torch.cat([texts[slot // copies, : began[slot]], more[slot, : done[slot] + 1]])
            torch.testing.assert_close(row, net(text[None])[0, -1])
        done[slots] += 1

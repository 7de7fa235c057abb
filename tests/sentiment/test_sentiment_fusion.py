"""Fusion on numbers worked out by hand."""

import pytest
import torch
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.fusion import Fusion

KINDS = ["sum", "average", "product", "literal_product", "concat", "pool"]

STATES = torch.tensor([[[[1.0, 2.0], [3.0, -1.0]], [[5.0, 0.0], [2.0, 2.0]]]])
"""[1, 2, 2, 2]: two steps of two modalities."""
WEIGHTS = torch.tensor([[[1.0, 0.5], [0.25, 0.25]]])
VALID = torch.ones(1, 2, dtype=torch.bool)


@pytest.mark.parametrize(
    ("kind", "steps", "sample"),
    [
        ("sum", [[2.5 / 1.5, 1], [3.5, 1]], [4.25 / 2, 2 / 2]),
        ("average", [[1.25, 0.75], [0.875, 0.25]], [1.0625, 0.5]),
        ("product", [[2 * 2.5, 3 * 0.5], [2.25 * 1.5, 1.5]], [4.1875, 1.5]),
        ("literal_product", [[1.5, -1], [0.625, 0]], [1.0625, -0.5]),
        ("concat", [[1, 2, 1.5, -0.5], [1.25, 0, 0.5, 0.5]], [1.125, 1, 1, 0]),
    ],
)
def test_each_kind_by_hand(kind, steps, sample):
    fusion = Fusion(2, 2, kind)
    assert fusion.out == len(sample)
    torch.testing.assert_close(fusion(STATES, WEIGHTS, VALID, "step"), torch.tensor([steps]))
    torch.testing.assert_close(fusion(STATES, WEIGHTS, VALID, "sample"), torch.tensor([sample]))


def made(kind: str) -> tuple[Fusion, torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    mask = torch.ones(3, 5, 2, dtype=torch.bool)
    mask[1, 3:] = False
    mask[2, 1, 0] = False
    return Fusion(2, 4, kind), torch.randn(3, 5, 2, 4) * mask[..., None], torch.rand(3, 5, 2) * mask, mask.any(-1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_prefix_is_the_sample_and_padding_changes_nothing(kind):
    fusion, f, w, valid = made(kind)
    prefix, sample = fusion(f, w, valid, "prefix"), fusion(f, w, valid, "sample")
    torch.testing.assert_close(prefix[:, -1], sample)
    torch.testing.assert_close(prefix[1, 2], sample[1])
    torch.testing.assert_close(prefix[:, 0], fusion(f, w, valid, "step")[:, 0])
    more = fusion(F.pad(f, (0, 0, 0, 0, 1, 2)), F.pad(w, (0, 0, 1, 2)), F.pad(valid, (1, 2)), "sample")
    torch.testing.assert_close(more, sample)


@pytest.mark.parametrize("over", ["step", "prefix", "sample"])
@pytest.mark.parametrize("kind", KINDS)
def test_many_choices_at_once_are_those_one_by_one(kind, over):
    fusion, f, w, valid = made(kind)
    many = torch.stack([w, w * 0.5, w.flip(-1)])
    torch.testing.assert_close(
        fusion(f, many, valid, over), torch.stack([fusion(f, one, valid, over) for one in many])
    )  # fmt: skip


def test_a_weight_of_zero_is_neutral_but_to_the_literal_product():
    f, w = STATES, torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
    alone = f[:, :, :1], w[:, :, :1], VALID, "sample"
    for kind, shift in (("sum", 0), ("product", 0), ("pool", 0)):
        torch.manual_seed(0)
        fusion = Fusion(2, 2, kind)
        torch.testing.assert_close(fusion(f, w, VALID, "sample"), fusion(*alone) + shift)
    assert Fusion(2, 2, "literal_product")(f, w, VALID, "sample").tolist() == [[0, 0]]


@pytest.mark.parametrize("kind", KINDS)
def test_no_weight_at_all_gives_numbers_and_gradients(kind):
    fusion, f, w, valid = made(kind)
    w = torch.zeros_like(w).requires_grad_()
    out = fusion(f, w, valid, "sample")
    out.sum().backward()
    assert torch.isfinite(out).all()
    assert torch.isfinite(w.grad).all()
    if kind in ("sum", "average", "concat", "pool"):
        assert out.abs().max() == 0


def test_attention_pooling_prefers_what_scores_high():
    fusion, f, w, valid = made("pool")
    with torch.no_grad():
        for parameter in fusion.parameters():
            parameter.zero_()
    torch.testing.assert_close(fusion(f, w, valid, "sample"), Fusion(2, 4)(f, w, valid, "sample"))
    with torch.no_grad():
        fusion.score[0].weight[0, 0] = 50.0
        fusion.score[2].weight[0, 0] = 50.0  # +-5 by the sign of the first feature
    f[..., 0] = torch.where(torch.arange(5)[:, None] == 2, 1.0, -1.0)
    near = fusion(f[:1], torch.ones(1, 5, 2), valid[:1], "sample")
    torch.testing.assert_close(near[0], f[0, 2].mean(0), atol=1e-3, rtol=1e-3)


def test_unknown_fusion_is_refused():
    with pytest.raises(BadInput, match="no fusion 'glue'; take sum, average"):
        Fusion(2, 4, "glue")

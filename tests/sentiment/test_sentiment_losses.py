"""The losses of Co-SA's agents on cases worked out by hand."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.losses import (
    dpsr_loss,
    frame_similarity,
    modality_loss,
    over_modalities,
    reconstruction_loss,
    separation_loss,
)


def frames(*rows: list[float], modalities: int = 1) -> torch.Tensor:
    """One sample whose modalities all have these frames, [1, T, M, D]."""
    return torch.tensor(rows)[None, :, None].expand(-1, -1, modalities, -1).clone()


def all_there(f: torch.Tensor) -> torch.Tensor:
    return torch.ones(f.shape[:3], dtype=torch.bool)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(st.integers(2, 24), st.floats(0.1, 9))
@settings(max_examples=20, deadline=None)
def test_frames_all_alike_give_the_mean_of_eta(length, size):
    f = frames(*[[size, -size]] * length)
    mask = all_there(f)
    assert dpsr_loss(f, mask).item() == pytest.approx((2 * length - 1) / (3 * length), rel=1e-5)
    assert dpsr_loss(f, mask, "weighted").item() == pytest.approx(1, rel=1e-5)
    assert dpsr_loss(f, mask, "as_released").item() == pytest.approx(4 * (length + 1) / (3 * length), rel=1e-5)
    eta = length - (length + 1) / 3
    assert dpsr_loss(f, mask, "as_described").item() == pytest.approx(1.5 * eta, rel=1e-5)


def test_the_values_of_the_reference_at_twenty_steps():
    f = frames(*[[1.0, 0.0]] * 20)
    assert dpsr_loss(f, all_there(f), "as_released").item() == pytest.approx(1.4, rel=1e-5)
    assert dpsr_loss(f, all_there(f)).item() == pytest.approx(0.65, rel=1e-5)


@pytest.mark.parametrize("variant", ["sound", "weighted", "as_released"])
def test_orthogonal_frames_give_half_and_opposite_ones_nothing(variant):
    alike, orthogonal = frames(*[[1.0] + [0.0] * 5] * 6), torch.eye(6)[None, :, None]
    mask = all_there(alike)
    assert dpsr_loss(orthogonal, mask, variant).item() == pytest.approx(dpsr_loss(alike, mask, variant).item() / 2)
    opposite = frames([1.0, 2.0], [-2.0, -4.0])
    assert dpsr_loss(opposite, all_there(opposite), variant).item() == pytest.approx(0, abs=1e-6)


def test_the_described_dpsr_falls_below_zero():
    opposite = frames([1.0, 0.0], [-1.0, 0.0])
    assert dpsr_loss(opposite, all_there(opposite), "as_described").item() == pytest.approx(-0.5)


def test_near_frames_weigh_more():
    near = frames([1.0, 0.0], [1.0, 0.0], [-1.0, 0.0])  # alike: one apart; unlike: one and two apart
    far = frames([1.0, 0.0], [-1.0, 0.0], [1.0, 0.0])  # alike: two apart
    assert dpsr_loss(near, all_there(near)).item() == pytest.approx(2 * (2 / 3) / 6)
    assert dpsr_loss(far, all_there(far)).item() == pytest.approx(2 * (1 / 3) / 6)


@pytest.mark.parametrize("variant", ["sound", "weighted", "as_described", "as_released"])
def test_padding_changes_no_dpsr(variant):
    f, mask = noise(3, 8, 2, 4), torch.ones(3, 8, 2, dtype=torch.bool)
    mask[1, 5:] = False
    mask[2, 1:, 0] = False
    short = dpsr_loss(f, mask, variant)
    more = torch.cat([noise(3, 2, 2, 4, seed=1), f, 9 * noise(3, 4, 2, 4, seed=2)], 1)
    padded = F.pad(mask, (0, 0, 2, 4))
    assert dpsr_loss(more, padded, variant).item() == pytest.approx(short.item(), rel=1e-5)


def test_every_modality_has_a_gradient_of_dpsr_and_masked_frames_have_none():
    f = noise(2, 5, 3, 4).requires_grad_()
    mask = torch.ones(2, 5, 3, dtype=torch.bool)
    mask[:, 3:, 1] = False
    dpsr_loss(f, mask).backward()
    assert (f.grad.abs().sum((0, 1, 3)) > 0).all()
    assert f.grad[~mask].abs().max() == 0


def test_a_single_frame_and_an_absent_modality_count_nothing():
    f = noise(1, 4, 2, 3).requires_grad_()
    mask = torch.zeros(1, 4, 2, dtype=torch.bool)
    mask[0, 2, 0] = True
    for variant in ("sound", "weighted", "as_described", "as_released"):
        loss = dpsr_loss(f, mask, variant)
        loss.backward()
        assert loss.item() == 0
        assert torch.isfinite(f.grad).all()
    both = torch.ones(1, 4, 2, dtype=torch.bool)
    both[:, :, 1] = False
    assert dpsr_loss(f, both).item() == pytest.approx(dpsr_loss(f[:, :, :1], both[:, :, :1]).item())


def test_frame_similarity_of_each_modality():
    f = torch.cat([frames([1.0, 0.0], [1.0, 0.0]), frames([1.0, 0.0], [0.0, 2.0]), frames([1.0, 1.0], [5.0, 5.0])], 2)
    mask = all_there(f)
    mask[0, 1, 2] = False
    told = frame_similarity(f, mask)
    assert told[:2].tolist() == pytest.approx([1, 0])
    assert math.isnan(told[2])


def test_modality_loss_is_the_cross_entropy_of_the_true_modality():
    logits = torch.zeros(2, 3, 3, 3)
    mask = torch.ones(2, 3, 3, dtype=torch.bool)
    assert modality_loss(logits, mask).item() == pytest.approx(math.log(3))
    sure = 50 * torch.eye(3).expand(2, 3, 3, 3)
    assert modality_loss(sure, mask).item() == pytest.approx(0, abs=1e-6)
    assert modality_loss(sure.flip(-1), mask).item() == pytest.approx(2 * 50 / 3)  # the middle one stays right


def test_modalities_count_alike_however_many_frames_they_have():
    each = torch.tensor([[[1.0, 7.0, 5.0], [3.0, 100.0, 5.0]]])
    mask = torch.tensor([[[True, True, False], [True, False, False]]])
    assert over_modalities(each, mask).item() == pytest.approx((2 + 7) / 2)
    assert over_modalities(each, torch.zeros_like(mask)).item() == 0


def test_separation_of_like_orthogonal_and_opposite_features():
    s = frames([1.0, 0.0], [0.0, 3.0], [1.0, 1.0])
    mask = all_there(s)
    for z, cosine, apart in ((s, 1.0, 0.0), (-s, 1.0, 2 * (1 + 3 + 2**0.5) / 3), (s.flip(-1), 1 / 3, None)):
        assert separation_loss(s, z, mask).item() == pytest.approx(cosine, abs=1e-6)
        if apart is not None:
            assert separation_loss(s, z, mask, "as_described").item() == pytest.approx(-apart, rel=1e-5)
    assert separation_loss(s, s, mask, "hinge", margin=2.5).item() == pytest.approx(2.5)
    assert separation_loss(s, -s, mask, "hinge", margin=1.0).item() == 0


def test_the_difference_loss_is_that_of_misa_over_the_frames():
    s, z = noise(2, 4, 1, 3), noise(2, 4, 1, 3, seed=1)
    mask = torch.ones(2, 4, 1, dtype=torch.bool)
    mask[1, 2:] = False
    a, b = (x[mask] - x[mask].mean(0) for x in (s, z))
    a, b = (x / x.norm(dim=1, keepdim=True) for x in (a, b))
    wanted = sum((sum(a[k, i] * b[k, j] for k in range(6)) / 6) ** 2 for i in range(3) for j in range(3))
    assert separation_loss(s, z, mask, "difference").item() == pytest.approx(wanted.item(), rel=1e-5)
    assert separation_loss(s, z, torch.zeros_like(mask), "difference").item() == 0


@pytest.mark.parametrize("variant", ["sound", "difference", "hinge", "as_described"])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e3])
def test_separation_is_bounded_but_as_described(variant, scale):
    s = (scale * noise(2, 5, 3, 4)).requires_grad_()
    loss = separation_loss(s, s.detach() * -1, torch.ones(2, 5, 3, dtype=torch.bool), variant)
    loss.backward()
    assert torch.isfinite(s.grad).all()
    if variant == "as_described":
        assert loss.item() <= -scale
    else:
        assert 0 <= loss.item() <= 1 + 1e-6


def test_reconstruction_of_wide_and_narrow_modalities():
    x = {"text": torch.zeros(1, 2, 100), "audio": torch.zeros(1, 2, 4)}
    rebuilt = {"text": torch.ones(1, 2, 100), "audio": torch.full((1, 2, 4), 3.0)}
    mask = torch.ones(1, 2, 2, dtype=torch.bool)
    assert reconstruction_loss(x, rebuilt, mask).item() == pytest.approx((1 + 9) / 2)
    assert reconstruction_loss(x, rebuilt, mask, "as_described").item() == pytest.approx((10 + 6) / 2)
    mask[:, 1] = False
    rebuilt["text"][:, 1] = 1e6
    assert reconstruction_loss(x, rebuilt, mask).item() == pytest.approx((1 + 9) / 2)


def test_unknown_variants_are_refused():
    f = noise(1, 2, 2, 2)
    mask = all_there(f)
    with pytest.raises(BadInput, match="no DPSR loss 'loud'; take sound, weighted"):
        dpsr_loss(f, mask, "loud")
    with pytest.raises(BadInput, match="no separation loss 'loud'"):
        separation_loss(f, f, mask, "loud")
    with pytest.raises(BadInput, match="no reconstruction loss 'loud'"):
        reconstruction_loss({}, {}, mask, "loud")

"""A GRU that sees neither padding nor holes."""

import pytest
import torch
from torch.nn import functional as F

from talkoot.sentiment.recurrent import MaskedGRU


def made(causal: bool) -> tuple[MaskedGRU, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    mask = torch.ones(3, 6, dtype=torch.bool)
    mask[1, 4:] = mask[1, 1] = False
    mask[2] = False
    return MaskedGRU(4, 8, causal=causal), torch.randn(3, 6, 4), mask


@pytest.mark.parametrize("causal", [True, False])
def test_frames_that_are_not_there_are_not_read(causal):
    gru, x, mask = made(causal)
    out = gru(x, mask)
    assert out.shape == (3, 6, 8)
    assert out[~mask].abs().max() == 0
    other = torch.where(mask[..., None], x, 1e3)
    assert torch.equal(gru(other, mask), out)
    more, marks = F.pad(x, (0, 0, 2, 3), value=7.0), F.pad(mask, (2, 3))
    torch.testing.assert_close(gru(more, marks)[:, 2:-3], out)


def test_both_directions_are_those_of_a_gru_on_the_frames_alone():
    gru, x, mask = made(False)
    alone = x[1:2][:, mask[1]]
    there = gru.forwards(alone)[0]
    back = gru.backwards(alone.flip(1))[0].flip(1)
    torch.testing.assert_close(gru(x, mask)[1][mask[1]], torch.cat([there, back], -1)[0])


@pytest.mark.parametrize("causal", [True, False])
def test_a_causal_one_knows_nothing_of_later_frames(causal):
    gru, x, mask = made(causal)
    later = x.clone()
    later[0, 4] += 1
    same = torch.isclose(gru(later, mask)[0], gru(x, mask)[0]).all(-1)
    assert same[:4].all() == causal
    assert not same[4:].any()


def test_an_odd_width_has_no_two_halves():
    with pytest.raises(ValueError, match="take an even one"):
        MaskedGRU(4, 7)
    assert MaskedGRU(4, 7, causal=True)(torch.zeros(1, 2, 4), torch.ones(1, 2, dtype=torch.bool)).shape == (1, 2, 7)

"""One agent: its encoders, its decoder and its map over time."""

import pytest
import torch
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.agents import Agent, Encoder, Expectation, Space, readable, reversed_gradient, sines

KINDS = [("gru", "attention"), ("mlp", "matrix"), ("linear", "none"), ("linear", "attention")]


def made(encoder: str = "gru", space: str = "attention", **more: object) -> tuple[Agent, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    mask = torch.ones(3, 6, dtype=torch.bool)
    mask[1, 4:] = False
    mask[2, 2] = False
    x = torch.randn(3, 6, 5) * mask[..., None]
    return Agent(5, 8, 12, encoder=encoder, space=space, heads=2, **more).eval(), x, mask


@pytest.mark.parametrize(("encoder", "space"), KINDS)
def test_an_agent_is_silent_where_masked_and_padding_changes_nothing(encoder, space):
    agent, x, mask = made(encoder, space)
    seen = agent(x, mask)
    for what in (seen.sentiment, seen.modality, seen.state):
        assert what.shape == (3, 6, 8)
        assert what[~mask].abs().max() == 0
        assert what[mask].abs().sum(-1).min() > 0
    assert seen.rebuilt.shape == x.shape
    longer = agent(F.pad(x, (0, 0, 0, 3)), F.pad(mask, (0, 3)))
    torch.testing.assert_close(longer.state[:, :6], seen.state)
    torch.testing.assert_close(longer.rebuilt[:, :6], seen.rebuilt)
    assert agent(x, mask, rebuild=False).rebuilt is None


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("encoder", "space"), [("gru", "attention"), ("mlp", "matrix")])
def test_a_causal_agent_knows_nothing_of_later_frames(encoder, space, causal):
    agent, x, mask = made(encoder, space, causal=causal)
    if space == "matrix":
        torch.nn.init.normal_(agent.space.matrix)
    later = x.clone()
    later[0, 4] += 1
    same = torch.isclose(agent(later, mask).state[0], agent(x, mask).state[0], atol=1e-6).all(-1)
    assert same[:4].all() == causal
    assert not same[4]


@pytest.mark.parametrize(("encoder", "space"), KINDS)
def test_every_part_of_an_agent_learns(encoder, space):
    agent, x, mask = made(encoder, space)
    seen = agent.train()(x, mask)
    (seen.state.square().sum() + seen.rebuilt.square().sum()).backward()
    # keys have no use for a bias, and a norm's scale and shift cancel nothing here
    assert [name for name, one in agent.named_parameters() if one.grad is None] == []
    assert all(torch.isfinite(one.grad).all() for one in agent.parameters())


def test_an_agent_with_nothing_to_read_says_zero_without_nan():
    agent, x, _ = made()
    seen = agent.train()(torch.zeros_like(x).requires_grad_(), torch.zeros(3, 6, dtype=torch.bool))
    assert seen.state.abs().max() == 0
    seen.state.sum().backward()
    assert all(one.grad is None or torch.isfinite(one.grad).all() for one in agent.parameters())
    assert agent(x[:1, :1], torch.ones(1, 1, dtype=torch.bool)).state.isfinite().all()


def test_the_matrix_over_time_starts_as_the_identity_and_mixes_steps():
    space = Space(4, 5, "matrix")
    s, mask = torch.randn(2, 3, 4), torch.ones(2, 3, dtype=torch.bool)
    torch.testing.assert_close(space(s, mask), s)
    with torch.no_grad():
        space.matrix.copy_(torch.arange(25.0).view(5, 5))
    torch.testing.assert_close(space(s, mask)[:, 1], 5 * s[:, 0] + 6 * s[:, 1] + 7 * s[:, 2])
    long, mask = torch.randn(1, 8, 4), torch.ones(1, 8, dtype=torch.bool)
    torch.testing.assert_close(space(long, mask)[:, 6], 5 * long[:, 5] + 6 * long[:, 6] + 7 * long[:, 7])


def test_without_residual_a_state_is_the_norm_of_what_attention_reads():
    torch.manual_seed(0)
    s, mask = torch.randn(1, 4, 8), torch.ones(1, 4, dtype=torch.bool)
    space = Space(8, 4, heads=2, positions=False, residual=False).eval()
    ask = space.ask(s)
    query, key, value = (x.view(4, 2, 4) for x in (ask[0, :, :8], ask[0, :, 8:], space.tell(s)[0]))
    read = torch.zeros(4, 8)
    for head in range(2):
        share = (query[:, head] @ key[:, head].T / 2).softmax(-1)
        read[:, head * 4 : head * 4 + 4] = share @ value[:, head]
    c = space.out(read)
    torch.testing.assert_close(space(s, mask)[0], F.layer_norm(c + space.after(c), (8,)))


def test_positions_tell_like_frames_apart_only_where_switched_on():
    """Values have no positions: frames all alike stay alike, unlike ones are read by where they stand."""
    torch.manual_seed(0)
    s, mask = torch.randn(1, 5, 8), torch.ones(1, 5, dtype=torch.bool)
    turned = torch.tensor([4, 3, 2, 1, 0])
    for positions in (True, False):
        space = Space(8, 5, heads=2, positions=positions).eval()
        same = torch.allclose(space(s[:, turned], mask), space(s, mask)[:, turned], atol=1e-5)
        assert same != positions
        alike = space(s[:, :1].expand(-1, 5, -1), mask)
        torch.testing.assert_close(alike, alike[:, :1].expand(-1, 5, -1))


def test_each_step_may_read_at_least_itself():
    mask = torch.tensor([[False, True, True], [False, False, False]])
    assert readable(mask).int().tolist() == [[[1, 1, 1], [0, 1, 1], [0, 1, 1]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]
    assert readable(mask, causal=True)[0].int().tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]


def test_sines_differ_at_all_steps():
    place = sines(50, 6, torch.zeros(1))
    assert place.shape == (50, 6)
    assert torch.cdist(place, place).add(torch.eye(50)).min() > 0.01
    assert place[0].tolist() == [0, 0, 0, 1, 1, 1]
    assert sines(3, 5, torch.zeros(1, dtype=torch.float64)).shape == (3, 5)


def test_a_reversed_gradient_is_turned_and_scaled():
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    out = reversed_gradient(x, 0.5)
    assert torch.equal(out, x)
    (out * torch.tensor([3.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [-1.5, -2.0]


def test_unknown_parts_are_refused():
    with pytest.raises(BadInput, match="no encoder 'conv'; take linear, mlp or gru"):
        Encoder(3, 4, "conv")
    with pytest.raises(BadInput, match="no map over time 'fourier'"):
        Space(4, 5, "fourier")
    for heads in (3, 0, -2):
        with pytest.raises(BadInput, match=f"{heads} heads cannot share a width of 8"):
            Space(8, 5, heads=heads)


@pytest.mark.parametrize("causal", [True, False])
def test_a_frame_asks_and_the_others_answer(causal):
    torch.manual_seed(0)
    expect = Expectation(4, causal=causal).eval()
    s, mask = torch.randn(2, 5, 4), torch.ones(2, 5, dtype=torch.bool)
    mask[1, 3] = False
    told = expect(s, mask)
    for t in range(5):
        other = s.clone()
        other[:, t] += 1
        moved = ~torch.isclose(expect(other, mask), told, atol=1e-6).all(-1)
        later = torch.arange(5) > t if causal else torch.ones(5, dtype=torch.bool)
        assert not (moved & ~later)[:, torch.arange(5) != t].any()
        assert moved[0, later & (torch.arange(5) != t)].all()
        assert not moved[1, torch.arange(5) != t].any() or t != 3  # what is masked says nothing
        only = torch.arange(5).expand(2, -1) == t
        torch.testing.assert_close(expect(s, only)[:, t], expect.say.bias.expand(2, -1))  # it does not answer itself


def test_expectations_find_a_frame_that_does_not_fit():
    torch.manual_seed(0)
    expect = Expectation(6)
    optimiser = torch.optim.AdamW(expect.parameters(), 1e-2)
    mask = torch.ones(32, 8, dtype=torch.bool)
    for _ in range(150):
        s = torch.randn(32, 1, 6).expand(-1, 8, -1) + 0.1 * torch.randn(32, 8, 6)
        loss = (expect(s, mask) - s).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    s = s.clone()
    s[:, 2] = torch.randn(32, 6)
    error = (expect(s, mask) - s).square().mean(-1)
    assert (error[:, 2:3] > error[:, [0, 1, 3, 4, 5, 6, 7]]).float().mean() > 0.9

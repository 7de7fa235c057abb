"""Trainers of policies: what each may touch, exact counterfactuals, learning whom to trust, going on where it was."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from sentiment_rewarded import FEEL, MANY, NUMBER, TASKS, toy_batch, toy_net, transparent
from talkoot.errors import BadInput
from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.nets import Batch
from talkoot.sentiment.policy import Levels
from talkoot.sentiment.reward import loss_of
from talkoot.sentiment.samples import Task
from talkoot.sentiment.trainers import TRAINERS
from talkoot.sentiment.trainers.coma_critic import ComaCritic
from talkoot.sentiment.trainers.coma_exact import ComaExact, counterfactuals
from talkoot.sentiment.trainers.ddpg import Ddpg
from talkoot.sentiment.trainers.ddpg_bandit import DdpgBandit
from talkoot.sentiment.trainers.joint import Joint, Learning, calm, seeded
from talkoot.sentiment.trainers.moments import moments, width
from talkoot.sentiment.trainers.reinforce import Reinforce, apart
from talkoot.sentiment.training import TrainSettings

HEADS = {"coma_exact": "levels", "coma_critic": "levels", "reinforce": "beta"}
REINFORCED = [name for name in TRAINERS if name not in ("equal", "gate")]


def net_for(trainer: str, task: Task, **others: Any) -> CosaNet:
    return toy_net(task, head=HEADS.get(trainer, "gate"), **others)


def copies(weights: list[Any]) -> list[Tensor]:
    return [weight.detach().clone() for weight in weights]


def same(before: list[Tensor], now: list[Any]) -> bool:
    return all(torch.equal(one, two) for one, two in zip(before, now, strict=True))


@pytest.mark.parametrize("name", REINFORCED)
def test_each_side_learns_from_its_own_losses(name: str) -> None:
    batch = toy_batch(NUMBER)
    for lr, policy_lr in ((0.01, 0.0), (0.0, 0.01)):
        net = net_for(name, NUMBER, message="mean").train()
        update = TRAINERS[name](net, TrainSettings(lr=lr, policy_lr=policy_lr, weight_decay=0.0))
        supervised, policies = copies(net.supervised()), copies(net.policies())
        told = [update(batch) for _ in range(2)][-1]
        assert same(supervised, net.supervised()) == (not lr)
        assert same(policies, net.policies()) == (not policy_lr)
        assert told["loss"] == pytest.approx(
            sum(value for key, value in told.items() if key not in ("loss", "policy", "critic")), rel=1e-5
        )


@pytest.mark.parametrize("name", REINFORCED)
def test_policies_may_learn_by_the_supervised_loss_as_well(name: str) -> None:
    found = []
    for supervise in (0.0, 1.0, 1.0):
        net = net_for(name, NUMBER, message="mean", dropout=0.0).train()
        TRAINERS[name](net, TrainSettings(supervise=supervise, policy_lr=0.01))(toy_batch(NUMBER))
        found.append((copies(net.supervised()), copies(net.policies())))
    alone, both, again = found
    assert same(alone[0], both[0])  # what the agents learn in this step is the same
    assert not same(alone[1], both[1])
    assert same(both[1], again[1])


def test_the_gate_learns_all_by_one_loss() -> None:
    net = net_for("gate", NUMBER)
    policies = copies(net.policies())
    TRAINERS["gate"](net.train(), TrainSettings(policy_lr=0.01))(toy_batch(NUMBER))
    assert not same(policies, net.policies())


@pytest.mark.parametrize("task", TASKS)
def test_equal_weights_stay_equal(task: Task) -> None:
    net = net_for("equal", task, message="mean").train()
    update, policies = TRAINERS["equal"](net, TrainSettings(lr=0.01)), copies(net.policies())
    before = copies(net.supervised())
    for seed in range(3):
        update(toy_batch(task, seed=seed))
    batch = toy_batch(task)
    trust = net.eval()(batch).trust
    assert trust is not None
    assert trust[batch.marks].unique().numel() == 1
    assert same(policies, net.policies())
    assert not same(before, net.supervised())


@pytest.mark.parametrize("name", [name for name in TRAINERS if name not in ("ddpg_bandit", "equal")])
def test_policies_learn_whom_to_trust(name: str) -> None:
    net = transparent(net_for(name, NUMBER))
    settings = TrainSettings(lr=0.0, weight_decay=0.0, policy_lr=0.03, critic_lr=0.01, tau=0.05, gamma=0.8)
    update = TRAINERS[name](net, settings)
    batches = [toy_batch(NUMBER, n=32, seed=seed) for seed in range(10)]
    for number in range({"gate": 20, "coma_exact": 20, "reinforce": 40}.get(name, 70)):
        net.train()
        update(batches[number % 10])
    trust = net.eval()(toy_batch(NUMBER, n=32, seed=999)).trust
    assert trust is not None
    text, audio, vision = trust[3:].mean((0, 1)).tolist()
    assert text > audio + 0.1
    assert text > vision + 0.1


@pytest.mark.parametrize("name", list(TRAINERS))
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("size", [(1, 1), (5, 4)])
def test_every_trainer_takes_every_task(name: str, task: Task, size: tuple[int, int]) -> None:
    n, length = size
    net = net_for(name, task, length=length).train()
    update = TRAINERS[name](net, TrainSettings(seed=3))
    told = [update(toy_batch(task, n=n, length=length)) for _ in range(2)][-1]
    assert all(isinstance(value, float) and value == value for value in told.values())
    assert all(bool(weight.isfinite().all()) for weight in net.parameters())


@pytest.mark.parametrize("name", list(TRAINERS))
def test_training_goes_on_in_the_very_same_weights(name: str) -> None:
    settings = TrainSettings(seed=5)
    batches = [toy_batch(NUMBER, seed=seed) for seed in range(4)]
    whole = net_for(name, NUMBER, dropout=0.0).train()
    update = TRAINERS[name](whole, settings)
    for batch in batches[:2]:
        update(batch)
    kept = copy.deepcopy((whole.state_dict(), update.state_dict()))
    for batch in batches[2:]:
        update(batch)
    other = net_for(name, NUMBER, dropout=0.0).train()
    again = TRAINERS[name](other, TrainSettings(seed=5))
    other.load_state_dict(kept[0])
    again.load_state_dict(kept[1])
    for batch in batches[2:]:
        again(batch)
    assert same(list(whole.state_dict().values()), list(other.state_dict().values()))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("fusion", ["sum", "average", "product", "concat", "pool"])
def test_counterfactuals_are_what_the_head_would_have_said(task: Task, fusion: str) -> None:
    batch, net = toy_batch(task), toy_net(task, head="levels", levels=3, fusion=fusion).train()
    assert isinstance(net.head, Levels)
    states = net.states(batch).detached()
    w = torch.rand(states.mask.shape, generator=torch.Generator().manual_seed(0)) * states.mask
    worth = counterfactuals(net, net.head, states, w, batch.y)
    assert worth.shape == (*w.shape, 3)
    assert net.answer.training
    net.eval()
    for row, t, agent, level in ((0, 1, 0, 2), (1, 1, 1, 0), (3, 3, 2, 1), (0, 0, 2, 2), (2, 1, 0, 1)):
        changed = w.clone()
        changed[row, t, agent] = level / 2
        asked = -loss_of(task, net.fuse(states, changed).value.detach(), batch.y)[row]
        expected = asked[t] if task.steps else asked
        assert worth[row, t, agent, level].item() == pytest.approx(float(expected), abs=1e-5)


def test_a_bandit_climbs_its_critic() -> None:
    batch, net = toy_batch(MANY), net_for("ddpg_bandit", MANY, dropout=0.0).train()
    update = TRAINERS["ddpg_bandit"](net, TrainSettings(lr=0.0, weight_decay=0.0, policy_lr=0.01, critic_lr=0.0))
    worth = [-update(batch)["policy"] for _ in range(5)]
    assert worth == sorted(worth)
    assert worth[-1] > worth[0]


def test_a_bandit_is_paid_by_its_own_truth() -> None:
    batch, net = toy_batch(NUMBER), transparent(toy_net(NUMBER))
    update = DdpgBandit(net, TrainSettings())
    _, states = update.joint.read(batch)
    text = states.mask * torch.tensor([1.0, 0.0, 0.0])
    assert torch.allclose(update.paid(states, text, batch.y), torch.ones(6), atol=1e-6)
    steps = toy_batch(MANY)
    net = transparent(toy_net(MANY))
    paid = DdpgBandit(net, TrainSettings()).paid(net.states(steps), text, steps.y)
    assert torch.allclose(paid, torch.ones(6), atol=1e-6)


def test_drawn_and_expected_counterfactuals_point_the_same_way() -> None:
    batch = toy_batch(NUMBER, n=64)
    moves = []
    for expected in (True, False):
        net = transparent(net_for("coma_exact", NUMBER, dropout=0.0)).train()
        before = torch.cat([weight.detach().flatten() for weight in net.policies()])
        update = ComaExact(net, TrainSettings(lr=0.0, weight_decay=0.0, policy_lr=0.01, entropy=0.0), expected=expected)
        for _ in range(8):
            update(batch)
        moves.append(torch.cat([weight.detach().flatten() for weight in net.policies()]) - before)
    assert torch.nn.functional.cosine_similarity(*moves, dim=0) > 0.5


def test_a_learned_critic_can_be_believed_for_all_actions() -> None:
    net = transparent(net_for("coma_critic", FEEL)).train()
    update = ComaCritic(net, TrainSettings(lr=0.0, policy_lr=0.0, critic_lr=0.01, tau=0.1), expected=True)
    losses = [update(toy_batch(FEEL, n=32, seed=seed))["critic"] for seed in range(30)]
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])


def extended(batch: Batch, more: int) -> Batch:
    """With padding."""

    def pad(x: Tensor, value: Any = 0) -> Tensor:
        return torch.cat([x, torch.full((len(x), more, *x.shape[2:]), value, dtype=x.dtype)], 1)

    y = pad(batch.y, float("nan")) if batch.y.dim() == 2 and batch.y.shape == batch.valid.shape else batch.y
    return Batch({m: pad(x) for m, x in batch.x.items()}, {m: pad(x, False) for m, x in batch.mask.items()},
                 pad(batch.valid, False), y)  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_padding_earns_nothing_and_changes_nothing(task: Task) -> None:
    net = toy_net(task, length=7).eval()
    update = Joint(net, TrainSettings())
    short = toy_batch(task)
    long = extended(short, 3)
    found = []
    for batch in (short, long):
        _, states = update.read(batch)
        w = net.weights(states, net.policy(states))
        found.append((update.earned(states, w, batch.y), moments(net, states, w, batch.y, update.prior(batch.y))))
    (paid, seen), (paid_more, seen_more) = found
    assert torch.allclose(paid_more[:, :4], paid, atol=1e-6)
    assert not paid_more[:, 4:].any()
    assert torch.allclose(seen_more[:, :4], seen, atol=1e-6)
    assert seen.shape[-1] == width(net)


def test_the_moment_knows_the_past_and_not_the_future() -> None:
    batch, net = toy_batch(NUMBER), toy_net(NUMBER).eval()
    states = net.states(batch)
    w = torch.full(states.mask.shape, 0.5)
    later = w.clone()
    later[:, 2] = 0.9
    later[:, 2, 0] = 0.1
    one, two = (moments(net, states, each, batch.y, torch.tensor(0.2)) for each in (w, later))
    assert torch.equal(one[:, :3], two[:, :3])
    assert not torch.allclose(one[3, 3], two[3, 3])
    assert one[0, 0, -2].item() == pytest.approx(0.2)  # what is said of nothing
    assert torch.equal(one[..., -1], batch.y[:, None].expand(-1, 4))


def test_the_prior_is_the_mean_of_the_labels() -> None:
    update = Joint(toy_net(NUMBER), TrainSettings())
    batches = [toy_batch(NUMBER, n=5), toy_batch(NUMBER, n=9, seed=1)]
    for batch in batches:
        update.read(batch)
    labels = torch.cat([batch.y for batch in batches])
    assert update.prior(labels).item() == pytest.approx(float(labels.mean()), abs=1e-6)
    feelings = Joint(toy_net(FEEL), TrainSettings())
    batch = toy_batch(FEEL, n=9)
    feelings.read(batch)
    assert torch.allclose(feelings.prior(batch.y).sigmoid(), batch.y.mean(0), atol=1e-5)


def test_targets_start_as_copies_and_follow() -> None:
    net = toy_net(MANY, message="mean").train()
    update = Ddpg(net, TrainSettings(tau=0.25, policy_lr=0.01))
    with torch.no_grad():
        for weight in net.decide.parameters():
            weight.add_(0.3)
    _, states = update.joint.read(toy_batch(MANY))
    old = update.target_policy.weights(states)
    assert not torch.allclose(old, net.weights(states, net.policy(states)))
    before, online = copies(update.target_policy.parts.parameters()), copies(update.target_policy.online.parameters())  # type: ignore[arg-type]
    update.target_policy.follow()
    for was, aim, now in zip(before, online, update.target_policy.parts.parameters(), strict=True):
        assert torch.allclose(now, 0.75 * was + 0.25 * aim, atol=1e-6)
    fresh = Ddpg(net, TrainSettings())
    assert same(copies(list(fresh.critic.parameters())), list(fresh.target.parameters()))
    assert torch.allclose(fresh.target_policy.weights(states), net.weights(states, net.policy(states)))


def test_draws_are_compared_with_each_other() -> None:
    gained = torch.tensor([[1.0], [2.0], [6.0]])
    assert apart(gained).flatten().tolist() == pytest.approx([1 - 4, 2 - 3.5, 6 - 1.5])


def test_calm_and_seeded_leave_things_as_they_were() -> None:
    net = toy_net(NUMBER).train()
    with calm(net):
        assert not net.answer.training
        assert net.agents.training
    assert all(part.training for part in net.modules())
    state = torch.get_rng_state()
    with seeded(4):
        first = torch.rand(3)
    with seeded(4):
        assert torch.equal(first, torch.rand(3))
    assert torch.equal(torch.get_rng_state(), state)


def test_what_has_no_weights_learns_nothing() -> None:
    nothing = Learning([], 0.1, decay=0.0, clip=1.0)
    nothing.step(torch.zeros((), requires_grad=True))
    assert nothing.state_dict() == {}


def test_heads_that_do_not_fit() -> None:
    settings = TrainSettings()
    for name in ("coma_exact", "coma_critic"):
        with pytest.raises(BadInput, match="head=levels"):
            TRAINERS[name](toy_net(NUMBER), settings)
    for name in ("ddpg", "ddpg_bandit"):
        with pytest.raises(BadInput, match="head=gate"):
            TRAINERS[name](toy_net(NUMBER, head="levels"), settings)
    with pytest.raises(BadInput, match="2 or more"):
        Reinforce(toy_net(NUMBER), settings, draws=1)

"""COMA: agents that act on their own learn from one reward, each by what its own action changed.

Counterfactual multi-agent policy gradients (Foerster et al., AAAI 2018, arXiv 1705.08926; reference 3.2). One central
critic, used in training only, values all actions of an agent while those of the others stay as they were,

    A^a(s, u) = Q(s, u) - sum_k pi^a(k) Q(s, (u^-a, k)),

and each actor follows grad log pi^a(u^a) A^a. Here are arrays only: observations, states, actions, rewards and masks;
whose agents they are does not matter. B episodes, T steps, N agents, K actions.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput


@dataclass(frozen=True)
class Settings:
    """`gamma` and `td_lambda` of the targets; `actor_lr` and `critic_lr` of RMSprop (decay .99, epsilon 1e-5);
    `entropy`, the weight of the policies' entropy; gradients clipped to the norm `clip` (0: not at all).

    The target critic takes over the critic's weights by the share `tau` after each update, and all of them after
    every `copy_every` updates (0: never; both 0 would leave it as it began). The critic makes `critic_steps` steps in
    an update, each over all steps of time; the original makes one for each step of time, backwards.
    """

    gamma: float = 0.99
    td_lambda: float = 0.8
    actor_lr: float = 5e-4
    critic_lr: float = 5e-4
    entropy: float = 0.0
    clip: float = 10.0
    tau: float = 0.0
    copy_every: int = 200
    critic_steps: int = 1

    def __post_init__(self) -> None:
        for name in ("gamma", "td_lambda", "tau"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number from 0 to 1")
        for name in ("actor_lr", "critic_lr", "entropy", "clip", "copy_every"):
            if not getattr(self, name) >= 0:
                raise BadInput(f"{name} is {getattr(self, name)}; give a number of at least 0")
        if self.critic_steps < 1 or not (self.tau or self.copy_every):
            raise BadInput("the critic needs at least one step in an update, and a tau or copy_every above 0")


@dataclass(frozen=True)
class Episodes:
    """What happened: `observation` [B, T, N, O] of each agent, `state` [B, T, S] of the world, `action` [B, T, N] (of
    0 to K - 1), `reward` [B, T] of the team after the actions, and `mask` [B, T] bool, the steps that were played
    (others count for nothing, wherever they are).

    `done` [B, T] bool marks the steps after which nothing follows; the last step of a row always ends it, unless
    `beyond` [B] says what the rest is worth. `acting` [B, T, N] bool: the agents that had a say (None: all).

    Raises BadInput for shapes that do not fit and for rewards that are not finite.
    """

    observation: Tensor
    state: Tensor
    action: Tensor
    reward: Tensor
    mask: Tensor
    done: Tensor | None = None
    beyond: Tensor | None = None
    acting: Tensor | None = None

    def __post_init__(self) -> None:
        shape, agents = self.reward.shape, self.action.shape[-1]
        fits = [self.mask.shape == shape, self.action.shape == (*shape, agents), self.state.shape[:-1] == shape]
        fits += [self.observation.shape[:-1] == (*shape, agents), self.done is None or self.done.shape == shape]
        fits += [self.beyond is None or self.beyond.shape == shape[:1]]
        fits += [self.acting is None or self.acting.shape == self.action.shape]
        if len(shape) != 2 or not all(fits):
            raise BadInput(
                f"observations {list(self.observation.shape)}, states {list(self.state.shape)}, actions "
                f"{list(self.action.shape)}, rewards {list(shape)} and masks {list(self.mask.shape)} do not fit; "
                "[B, T, N, O], [B, T, S], [B, T, N], [B, T] and [B, T] are wanted"
            )
        if not bool(torch.isfinite(self.reward[self.mask]).all()):
            raise BadInput("a reward is NaN or infinite; mask that step, or bound the reward")

    @property
    def counts(self) -> Tensor:
        """[B, T, N]: this agent acted at this step."""
        played = self.mask[..., None].expand_as(self.action)
        return played if self.acting is None else played & self.acting


def td_lambda_targets(
    reward: Tensor,
    value: Tensor,
    mask: Tensor,
    *,
    gamma: float,
    td_lambda: float,
    done: Tensor | None = None,
    beyond: Tensor | None = None,
) -> Tensor:
    """TD(lambda) targets, backwards in time (reference 3.2; Sutton and Barto 2018, 12.1):

        G_t = r_t + gamma (1 - done_t) ((1 - lambda) V_{t+1} + lambda G_{t+1}).

    `reward`, `mask` and `done` [B, T]; `value` V, [B, T] or [B, T, N], of the action that was taken. t + 1 is the next
    step that the mask leaves, so that a hole in the middle changes nothing. What follows the last step is worth
    `beyond` [B] (None: nothing). Of the shape of `value`, without gradient, 0 where masked.
    """
    value = value.detach()
    more = (1,) * (value.dim() - reward.dim())
    going = torch.ones_like(reward) if done is None else (~done).to(reward.dtype)
    target = torch.zeros_like(value)
    end = reward.new_zeros(len(reward)) if beyond is None else beyond.detach().to(reward.dtype)
    following = ahead = end.view(-1, *more).expand(len(value), *value.shape[2:])
    for t in reversed(range(reward.shape[1])):
        rest = gamma * going[:, t].view(-1, *more) * ((1 - td_lambda) * ahead + td_lambda * following)
        now = reward[:, t].view(-1, *more) + rest
        played = mask[:, t].view(-1, *more)
        target[:, t] = torch.where(played, now, 0)
        following, ahead = torch.where(played, now, following), torch.where(played, value[:, t], ahead)
    return target


def advantages(q: Tensor, policy: Tensor, action: Tensor) -> Tensor:
    """The counterfactual advantage Q(s, u) - sum_k pi^a(k) Q(s, (u^-a, k)), without gradient.

    `q` and `policy` [..., N, K] (values and probabilities of all actions of each agent), `action` [..., N]; gives
    [..., N]. The values may be a critic's, or exact ones where the world can be asked (reference 3.3).
    """
    return (taken(q, action) - (policy * q).sum(-1)).detach()


def taken(q: Tensor, action: Tensor) -> Tensor:
    """The values [..., N] of the actions [..., N] that were taken, of q [..., N, K]."""
    return q.gather(-1, action[..., None]).squeeze(-1)


def actor_loss(logits: Tensor, action: Tensor, advantage: Tensor, counts: Tensor, entropy: float = 0.0) -> Tensor:
    """-(log pi(u) A + entropy H(pi)), the mean over what counts, a scalar.

    `logits` [..., N, K]; `action`, `advantage` and `counts` [..., N].
    """
    logs = F.log_softmax(logits, -1)
    gain = taken(logs, action) * advantage.detach() - entropy * (logs.exp() * logs).sum(-1)
    return -masked_mean(gain, counts)


def expected_actor_loss(logits: Tensor, q: Tensor, counts: Tensor, entropy: float = 0.0) -> Tensor:
    """-(sum_k pi(k) A(k) + entropy H(pi)): the expectation of `actor_loss` over the agent's own action, which values of
    all actions allow, and so with less variance (Allen et al. 2017, "Mean actor critic"). `q` [..., N, K]."""
    logs = F.log_softmax(logits, -1)
    policy = logs.exp()
    q = q.detach()
    advantage = q - (policy.detach() * q).sum(-1, keepdim=True)
    gain = (policy * advantage).sum(-1) - entropy * (policy * logs).sum(-1)
    return -masked_mean(gain, counts)


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """Mean where the mask is True; 0 where nothing is."""
    return torch.where(mask, x, 0).sum() / mask.sum().clamp(min=1)


class CentralCritic(nn.Module):
    """Q of all K actions of each agent at once, given the actions of the others (reference 3.2).

    An agent's input: the state, its own observation, the actions of all at this step with its own left out, the actions
    of all at the step before, and which agent it is. Two hidden layers, shared by the agents.
    """

    def __init__(self, *, state: int, observation: int, agents: int, actions: int, width: int = 128) -> None:
        super().__init__()
        self.actions = actions
        inputs = state + observation + 2 * agents * actions + agents
        self.net = nn.Sequential(
            nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, actions)
        )

    def forward(self, episodes: Episodes) -> Tensor:
        """Values [B, T, N, K]."""
        b, t, n = episodes.action.shape
        dtype = episodes.state.dtype
        done = F.one_hot(episodes.action, self.actions).to(dtype) * episodes.counts[..., None]
        before = torch.cat([torch.zeros_like(done[:, :1]), done[:, :-1]], 1).flatten(2)
        self_ = torch.eye(n, dtype=dtype, device=done.device)
        others = (done[:, :, None] * (1 - self_)[..., None]).flatten(3)  # [B, T, N, N K], the own action is 0
        parts = [
            episodes.state[:, :, None].expand(b, t, n, -1),
            episodes.observation,
            others,
            before[:, :, None].expand(b, t, n, -1),
            self_.expand(b, t, n, n),
        ]
        out: Tensor = self.net(torch.cat(parts, -1))
        return out


class Critic:
    """A central critic that learns: its target network, which starts as a copy, and its optimiser."""

    def __init__(self, net: nn.Module, settings: Settings) -> None:
        self.net, self.settings = net, settings
        self.target = copy.deepcopy(net).requires_grad_(False)
        self.optimiser = torch.optim.RMSprop(net.parameters(), lr=settings.critic_lr, alpha=0.99, eps=1e-5)
        self.updates = 0

    def learn(self, episodes: Episodes) -> float:
        """Move towards the TD(lambda) targets; the loss before the last step comes back."""
        loss = torch.zeros(())
        targets = self.targets(episodes)
        for _ in range(self.settings.critic_steps):
            gap = taken(self.net(episodes), episodes.action) - targets
            loss = masked_mean(gap.square(), episodes.counts)
            _step(self.optimiser, loss, list(self.net.parameters()), self.settings.clip)
        self.updates += 1
        follow(self.target, self.net, self.settings.tau)
        if self.settings.copy_every and self.updates % self.settings.copy_every == 0:
            follow(self.target, self.net, 1.0)
        return float(loss.detach())

    @torch.no_grad()
    def targets(self, episodes: Episodes) -> Tensor:
        """TD(lambda) targets [B, T, N] by the target network."""
        return td_lambda_targets(
            episodes.reward,
            taken(self.target(episodes), episodes.action),
            episodes.mask,
            gamma=self.settings.gamma,
            td_lambda=self.settings.td_lambda,
            done=episodes.done,
            beyond=episodes.beyond,
        )

    @torch.no_grad()
    def values(self, episodes: Episodes) -> Tensor:
        """Q of all actions of each agent, [B, T, N, K]."""
        out: Tensor = self.net(episodes)
        return out

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return {
            "net": self.net.state_dict(),
            "target": self.target.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "updates": self.updates,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.net.load_state_dict(state["net"])
        self.target.load_state_dict(state["target"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.updates = int(state["updates"])


class Coma:
    """Actors and the critic that teaches them. `actor(observation)` gives logits, [B, T, N, O] to [B, T, N, K]; it owns
    how agents share weights and what they remember. On-policy: episodes are of the actor as it is."""

    def __init__(self, actor: nn.Module, critic: nn.Module, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.actor, self.critic = actor, Critic(critic, self.settings)
        self.optimiser = torch.optim.RMSprop(actor.parameters(), lr=self.settings.actor_lr, alpha=0.99, eps=1e-5)

    @torch.no_grad()
    def act(self, observation: Tensor, generator: torch.Generator) -> Tensor:
        """Draw actions, [..., N, O] to [..., N]."""
        return draw(self.actor(observation), generator)

    def update(self, episodes: Episodes) -> dict[str, float]:
        """One update of the critic, then one of the actors by its values; their losses come back."""
        critic = self.critic.learn(episodes)
        logits = self.actor(episodes.observation)
        advantage = advantages(self.critic.values(episodes), logits.softmax(-1), episodes.action)
        loss = actor_loss(logits, episodes.action, advantage, episodes.counts, self.settings.entropy)
        _step(self.optimiser, loss, list(self.actor.parameters()), self.settings.clip)
        return {"actor": float(loss.detach()), "critic": critic}

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from, the actor's weights among it."""
        return {
            "actor": self.actor.state_dict(),
            "critic": self.critic.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.actor.load_state_dict(state["actor"])
        self.critic.load_state_dict(state["critic"])
        self.optimiser.load_state_dict(state["optimiser"])


def draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One action of each distribution, [..., K] to [...]."""
    flat = logits.softmax(-1).flatten(0, -2)
    return torch.multinomial(flat, 1, generator=generator).view(logits.shape[:-1])


@torch.no_grad()
def follow(target: nn.Module, online: nn.Module, share: float) -> None:
    """The target takes over this share of the online weights, and all of its buffers."""
    for old, new in zip(target.parameters(), online.parameters(), strict=True):
        old.lerp_(new, share)
    for kept, now in zip(target.buffers(), online.buffers(), strict=True):
        kept.copy_(now)


def _step(optimiser: torch.optim.Optimizer, loss: Tensor, weights: list[nn.Parameter], clip: float) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if clip:
        nn.utils.clip_grad_norm_(weights, clip)
    optimiser.step()

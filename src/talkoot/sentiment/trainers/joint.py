"""What trainers of policies share: the supervised update with weights given, optimisers, and what a step earned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from talkoot.errors import BadInput
from talkoot.sentiment.cosa import CosaNet, States
from talkoot.sentiment.nets import Batch, task_loss
from talkoot.sentiment.policy import Levels
from talkoot.sentiment.reward import RunningScale, step_rewards
from talkoot.sentiment.training import TrainSettings

KEEP = 0.99
"""How much running scales of what policies earn remember of the batch before."""


class Learning:
    """AdamW of some weights, with gradients clipped to the norm `clip` (0: not at all)."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, *, decay: float, clip: float) -> None:
        self.weights = [weight for weight in weights if weight.requires_grad]
        # without any weights, as those of another head, there is nothing to do
        self.optimiser = (
            torch.optim.AdamW(self.weights, lr=lr, weight_decay=decay, fused=True) if self.weights else None
        )
        self.clip = clip

    def step(self, loss: Tensor, *, again: bool = False) -> None:
        """Take the loss's gradient for these weights alone, and step. With `again` the loss may be asked again."""
        if self.optimiser is None:
            return
        grads = torch.autograd.grad(loss, self.weights, allow_unused=True, retain_graph=again)
        for weight, grad in zip(self.weights, grads, strict=True):
            weight.grad = grad
        if self.clip:
            nn.utils.clip_grad_norm_(self.weights, self.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """The optimiser's."""
        return {} if self.optimiser is None else self.optimiser.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if self.optimiser is not None:
            self.optimiser.load_state_dict(state)


class Joint:
    """Both sides of an update: the supervised one of `net.supervised()`, and the policies' optimiser.

    Also the generator of draws, the mean of all labels seen (what would be said of nothing), and the scale of what
    policies earn, so that learning rates and the entropy's weight mean the same for all tasks.
    """

    def __init__(self, net: CosaNet, settings: TrainSettings) -> None:
        self.net, self.settings = net, settings
        self.supervised = Learning(net.supervised(), settings.lr, decay=settings.weight_decay, clip=settings.clip)
        self.policies = Learning(net.policies(), settings.policy_lr, decay=0.0, clip=settings.clip)
        self.generator = torch.Generator(next(net.parameters()).device).manual_seed(settings.seed)
        self.labels = [RunningScale() for _ in range(net.spec.outputs)]
        self.scale = RunningScale(KEEP)

    def read(self, batch: Batch) -> tuple[States, States]:
        """The agents' states, and the same without gradients, which is what reinforcement sees. Labels are counted."""
        columns = batch.y.unbind(-1) if self.net.spec.task.kind == "classification" else [batch.y]
        for seen, column in zip(self.labels, columns, strict=True):
            seen.see(column, ~torch.isnan(column))
        states = self.net.states(batch)
        return states, states.detached()

    def losses(self, batch: Batch, states: States, weights: Sequence[Tensor]) -> dict[str, Tensor]:
        """The supervised losses with weights [B, T, M] given: the mean of the task's over all of them, so that the head
        knows both what policies try and what they stand for (put last); the loss after each step with the last of them;
        and the agents' losses. Only the last gets a gradient, and only where policies are supervised as well."""
        net, (*tried, meant) = self.net, weights
        if not self.settings.supervise:
            meant = meant.detach()
        outs = [net.fuse(states, w) for w in (*(w.detach() for w in tried), meant)]
        task = torch.stack([task_loss(net.spec.task, out.value, batch.y) for out in outs]).mean()
        return {"task": task, **states.losses, **net.prefix_loss(batch, states, outs[-1])}

    def learn(self, losses: dict[str, Tensor], policy: Tensor, told: dict[str, float]) -> dict[str, float]:
        """Step both sides, from losses of the same weights; all that there is to tell comes back."""
        total = torch.stack(list(losses.values())).sum()
        if self.settings.supervise:
            self.policies.step(policy + self.settings.supervise * total, again=True)
        else:
            self.policies.step(policy)
        self.supervised.step(total)
        values = torch.stack([each.detach() for each in (total, *losses.values(), policy)]).tolist()
        return dict(zip(("loss", *losses, "policy"), values, strict=True)) | told

    @torch.no_grad()
    def earned(self, states: States, w: Tensor, y: Tensor) -> Tensor:
        """Rewards [..., B, T] of the process over time for weights w [..., B, T, M] (`reward.step_rewards`)."""
        with calm(self.net):
            said = self.net.prefixes(states, w)
        return step_rewards(self.net.spec.task, said, y, states.valid, self.prior(y))

    def prior(self, like: Tensor) -> Tensor:
        """What would be said of nothing: the mean label so far, or the logits of the emotions' shares, [] or [E]."""
        means = torch.tensor([seen.mean for seen in self.labels], dtype=like.dtype, device=like.device)
        return means.logit(1e-3) if self.net.spec.task.kind == "classification" else means[0]

    def state_dict(self) -> dict[str, Any]:
        """What an interrupted training goes on from."""
        return {
            "supervised": self.supervised.state_dict(),
            "policies": self.policies.state_dict(),
            "generator": self.generator.get_state(),
            "labels": [seen.state_dict() for seen in self.labels],
            "scale": self.scale.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.supervised.load_state_dict(state["supervised"])
        self.policies.load_state_dict(state["policies"])
        self.generator.set_state(state["generator"].cpu())
        for seen, kept in zip(self.labels, state["labels"], strict=True):
            seen.load_state_dict(kept)
        self.scale.load_state_dict(state["scale"])


@contextmanager
def calm(net: CosaNet) -> Iterator[None]:
    """Without dropout in what follows the states: choices are compared on equal terms."""
    parts = [part for part in (net.fusion, net.answer) if part.training]
    for part in parts:
        part.eval()
    try:
        yield
    finally:
        for part in parts:
            part.train()


def levels_of(net: CosaNet, trainer: str) -> Levels:
    """The head of a network that chooses among levels. Raises BadInput for another head."""
    if not isinstance(net.head, Levels):
        raise BadInput(f"{trainer} compares choices among levels; build the network with head=levels")
    return net.head


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Build networks from this seed, and leave torch's own generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield

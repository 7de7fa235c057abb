"""Co-SA: agents that read one modality each, policies that decide how much each counts, and one head for the team.

After S. Wang et al., "Cooperative Sentiment Agents for Multimodal Sentiment Analysis" (arXiv 2404.12642), rebuilt from
its formulas (reference, 1.3, 1.4 and 9); where description, released code and sound reading differ, `CosaSettings`
chooses (table in `losses`). Trained by any of `talkoot.sentiment.trainers`; with the trainer `gate` the policies learn
from the supervised loss, as plain differentiable gates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from talkoot.errors import BadInput
from talkoot.sentiment.agents import Agent, EncoderKind, SpaceKind, reversed_gradient
from talkoot.sentiment.fusion import Fusion, FusionKind
from talkoot.sentiment.losses import (
    Dpsr,
    Reconstruction,
    Separation,
    dpsr_loss,
    modality_loss,
    over_modalities,
    reconstruction_loss,
    separation_loss,
)
from talkoot.sentiment.nets import Batch, Net, Output, Spec
from talkoot.sentiment.policy import Head, HeadKind, Message, MessageKind, Policies, head_of
from talkoot.sentiment.samples import Task

Preset = Literal["default", "as_described", "as_released"]

EXPECT = 0.1
"""Weight of what expectations learn by. No other part learns by it."""


@dataclass(frozen=True)
class CosaSettings:
    """All switches. Weights of losses stand beside a task's loss of weight 1; 0 switches a term off.

    Agents: `width` D, `encoder`, `space` (DPSR's map), `heads`, `positions`, `residual`, `dropout`; `causal` makes each
    step depend on no later one. Where each step has a label, "auto" is a GRU and attention over time: what is said
    before and after a segment tells about it. With one number a sample it is an MLP and no map: a state that knows the
    whole sample can be trusted wherever it stands, and weights over time would mean nothing. With emotions of a sample
    it is a GRU and no map: that is .93 right where an MLP is .87 (`emotions:seed=1`), and the price is just that.

    Losses: `modality` L_m, `separation` L_c, `reconstruction` L_r, `dpsr` L_dpsr, and `adversary`, a classifier behind
    a gradient reversal that makes f^s forget its modality; `..._as` choose variants, `margin` is that of the hinge.

    Policies: `head` with `levels` and `noise`, `message`, and `surprise`: a policy also sees how far f^s is from what
    its agent expects (`agents.Expectation`), on a log scale (ours). `fusion`. `steps`: a task with one label for a
    sample also tells what it would have said after each step, which is learnt with the weight `prefix`.

    Raises BadInput for numbers that make no sense, such as weights below 0; other wrong values when a network is built.
    """

    width: int = 64
    encoder: EncoderKind = "auto"
    space: SpaceKind = "auto"
    heads: int = 4
    positions: bool = True
    residual: bool = True
    causal: bool = False
    dropout: float = 0.3
    modality: float = 0.1
    separation: float = 0.1
    reconstruction: float = 0.1
    dpsr: float = 0.1
    adversary: float = 0.0
    separation_as: Separation = "sound"
    reconstruction_as: Reconstruction = "sound"
    dpsr_as: Dpsr = "sound"
    margin: float = 1.0
    head: HeadKind = "gate"
    levels: int = 5
    noise: float = 0.5
    message: MessageKind = "mean"
    surprise: bool = True
    fusion: FusionKind = "sum"
    steps: bool = True
    prefix: float = 0.1

    def __post_init__(self) -> None:
        weights = ("modality", "separation", "reconstruction", "dpsr", "adversary", "prefix")
        if low := [name for name in weights if not 0 <= getattr(self, name) < math.inf]:
            raise BadInput(f"the loss {low[0]} has the weight {getattr(self, low[0])}; give 0 (off) or more")
        for name, least in (("margin", 0.0), ("noise", 1e-6)):
            if not least <= getattr(self, name) < math.inf:
                word = "at least 0" if least == 0 else "above 0"
                raise BadInput(f"{name} is {getattr(self, name)}; give a number {word}")
        if self.width < 2 or not 0 <= self.dropout < 1:
            raise BadInput(
                f"agents cannot be {self.width} wide with a dropout of {self.dropout}; give 2 or more, and 0 to under 1"
            )

    def for_task(self, task: Task) -> CosaSettings:
        """With "auto" decided."""
        encoder, space = self.encoder, self.space
        if encoder == "auto":
            encoder = "gru" if task.steps or task.kind == "classification" else "mlp"
        if space == "auto":
            space = "attention" if task.steps else "none"
        return replace(self, encoder=encoder, space=space)


def preset(name: Preset = "default") -> CosaSettings:
    """Settings by name. Raises BadInput for another name.

    - `default`: the sound reading.
    - `as_described`: the formulas of the description: all terms of MSD, minus the distance as L_c (unbounded: it
      diverges in a long training), the distance as L_r, eta = T - d with cos + 1/2, a matrix over time, all weights 1,
      no message. (13) is read as the sum.
    - `as_released`: no MSD, the code's eta, attention without positions and residual, linear encoders, D 128, 8 heads,
      summed similarities as message, the mean of the modalities; DPSR 10 beside a task of 9. The code's transformer
      layer of each weighted stream and its batch normalisation (which fails on a batch of one) are left out. Its bugs
      are mended: audio has a DPSR gradient, padding is masked, the policy sees the same state in training and test.
    """
    if name == "default":
        return CosaSettings()
    plain = CosaSettings(
        positions=False, residual=False, surprise=False, steps=False, prefix=0.0, encoder="linear", space="attention",
        dropout=0.1,
    )  # fmt: skip
    if name == "as_described":
        return replace(
            plain, encoder="mlp", space="matrix", message="none",
            modality=1.0, separation=1.0, reconstruction=1.0, dpsr=1.0,
            separation_as="as_described", reconstruction_as="as_described", dpsr_as="as_described",
        )  # fmt: skip
    if name == "as_released":
        return replace(
            plain, width=128, heads=8, message="sum", fusion="average",
            modality=0.0, separation=0.0, reconstruction=0.0, dpsr=10 / 9, dpsr_as="as_released",
        )  # fmt: skip
    raise BadInput(f"there is no preset {name!r}; take default, as_described or as_released")


@dataclass(frozen=True)
class States:
    """What the agents make of a batch: `f` [B, T, M, D], 0 where masked; `mask` [B, T, M] and `valid` [B, T] bool.

    `sentiment` f^s and `modality` f^m are as wide as f. `surprise` [B, T, M]: log mean squared difference of f^s and
    what was expected, 0 where it was not asked for. `losses`: the terms of the agents, weighted; in training only.
    """

    f: Tensor
    mask: Tensor
    valid: Tensor
    sentiment: Tensor
    modality: Tensor
    surprise: Tensor
    losses: dict[str, Tensor] = field(default_factory=dict)

    def detached(self) -> States:
        """The same without gradients and losses: what reinforcement learning takes for given."""
        return States(
            self.f.detach(), self.mask, self.valid, self.sentiment.detach(), self.modality.detach(),
            self.surprise.detach(),
        )  # fmt: skip


class CosaNet(Net):
    """Co-SA's network for a spec. `head` (a `policy.Head`) turns parameters of the policies into weights."""

    def __init__(self, spec: Spec, settings: CosaSettings | None = None) -> None:
        super().__init__(spec)
        self.settings = settings = (settings or CosaSettings()).for_task(spec.task)
        size, d = len(spec.widths), settings.width
        self.agents = nn.ModuleList([
            Agent(
                inputs, d, spec.length, encoder=settings.encoder, space=settings.space, heads=settings.heads,
                positions=settings.positions, residual=settings.residual, causal=settings.causal,
                dropout=settings.dropout, expects=settings.surprise,
            )
            for inputs in spec.widths.values()
        ])  # fmt: skip
        self.which = nn.Linear(d, size)
        self.adversary = nn.Linear(d, size) if settings.adversary else None
        self.fusion = Fusion(size, d, settings.fusion)
        self.answer = nn.Sequential(
            nn.Linear(self.fusion.out, d), nn.GELU(), nn.Dropout(settings.dropout), nn.Linear(d, spec.outputs)
        )
        self.head: Head = head_of(settings.head, levels=settings.levels, noise=settings.noise)
        self.message = Message(size, d, settings.message, causal=settings.causal)
        self.decide = Policies(size, 2 * d + 1, d, self.head.size)

    def supervised(self) -> list[nn.Parameter]:
        """What the loss of the task and of the agents teaches: encoders, decoders, maps, fusion and head."""
        own = {id(parameter) for parameter in self.policies()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]

    def policies(self) -> list[nn.Parameter]:
        """What reinforcement learning teaches: messages and policies."""
        return [*self.message.parameters(), *self.decide.parameters()]

    def states(self, batch: Batch) -> States:
        """Let each agent read its modality."""
        rebuild = self.training and self.settings.reconstruction > 0
        seen = [
            agent(batch.x[name], batch.mask[name], rebuild=rebuild)
            for agent, name in zip(self.agents, self.spec.widths, strict=True)
        ]
        mask = torch.stack([batch.mask[name] for name in self.spec.widths], -1)
        f, sentiment, modality = (
            torch.stack([getattr(one, what) for one in seen], 2) for what in ("state", "sentiment", "modality")
        )
        pairs = zip(self.spec.widths, seen, strict=True)
        rebuilt = {name: one.rebuilt for name, one in pairs if one.rebuilt is not None}
        surprise = torch.zeros_like(f[..., 0])
        strange = None
        if self.settings.surprise:
            expected = torch.stack([one.expected for one in seen if one.expected is not None], 2)
            strange = (expected - sentiment.detach()).square().mean(-1)
            surprise = torch.log(strange.detach() + 1e-4) * mask
        states = States(f, mask, mask.any(-1), sentiment, modality, surprise)
        if not self.training:
            return states
        losses = self._losses(states, batch, rebuilt)
        if strange is not None:
            losses["expectation"] = EXPECT * over_modalities(strange, mask)
        return replace(states, losses=losses)

    def _losses(self, states: States, batch: Batch, rebuilt: dict[str, Tensor]) -> dict[str, Tensor]:
        """The terms that are switched on, weighted."""
        its, mask = self.settings, states.mask
        terms: dict[str, Callable[[], Tensor]] = {
            "modality": lambda: modality_loss(self.which(states.modality), mask),
            "separation": lambda: separation_loss(
                states.sentiment, states.modality, mask, its.separation_as, its.margin
            ),
            "reconstruction": lambda: reconstruction_loss(
                {name: batch.x[name] for name in rebuilt}, rebuilt, mask, its.reconstruction_as
            ),
            "dpsr": lambda: dpsr_loss(states.f, mask, its.dpsr_as),
        }
        losses = {name: getattr(its, name) * term() for name, term in terms.items() if getattr(its, name)}
        if self.adversary is not None:
            forgets = reversed_gradient(states.sentiment, its.adversary)
            losses["adversary"] = modality_loss(self.adversary(forgets), mask)  # its own classifier learns at full rate
        return losses

    def policy(self, states: States) -> Tensor:
        """Parameters of the head, [B, T, M, P]: each agent decides by its own state and what it hears."""
        heard = self.message(states.f, states.mask)
        out: Tensor = self.decide(torch.cat([states.f, heard, states.surprise[..., None]], -1))
        return out

    def weights(self, states: States, params: Tensor) -> Tensor:
        """Weights [B, T, M] that the parameters stand for, 0 where masked."""
        return self.head.weights(params) * states.mask

    def fuse(self, states: States, w: Tensor) -> Output:
        """What the team says with weights w [..., B, T, M]; leading axes come back in `value`, `steps` and `trust`.

        A masked modality counts nothing, whatever its weight. `steps` is there for one number a sample."""
        w = w * states.mask
        over_steps = self.spec.task.steps
        value = self._said(self.fusion(states.f, w, states.valid, "step" if over_steps else "sample"))
        steps = None
        if self.settings.steps and not over_steps and self.spec.task.kind == "regression":
            steps = self.prefixes(states, w)
        return Output(value=value, trust=w, steps=steps)

    def prefixes(self, states: States, w: Tensor) -> Tensor:
        """What it would have said after each step, [..., B, T] or [..., B, T, E]; with labels at every step, what it
        says of the step. The states themselves know later steps unless `causal`."""
        over = "step" if self.spec.task.steps else "prefix"
        return self._said(self.fusion(states.f, w * states.mask, states.valid, over))

    def _said(self, fused: Tensor) -> Tensor:
        out: Tensor = self.answer(fused)
        return out if self.spec.task.kind == "classification" else out[..., 0]

    def forward(self, batch: Batch) -> Output:
        """Read, decide and say; in training with the losses of the agents."""
        states = self.states(batch)
        out = self.fuse(states, self.weights(states, self.policy(states)))
        return replace(out, losses=states.losses | self.prefix_loss(batch, states, out)) if self.training else out

    def prefix_loss(self, batch: Batch, states: States, out: Output) -> dict[str, Tensor]:
        """The loss of the task after each step, meaned over steps; empty where it is off or steps have labels."""
        if not self.settings.prefix or not self.settings.steps or self.spec.task.steps or out.trust is None:
            return {}
        said = self.prefixes(states, out.trust) if out.steps is None else out.steps
        truth = batch.y[:, None].expand_as(said)
        if self.spec.task.kind == "classification":
            each = F.binary_cross_entropy_with_logits(said, truth, reduction="none").mean(-1)
        else:
            each = (said - truth).abs()
        return {"prefix": self.settings.prefix * over_modalities(each[..., None], states.valid[..., None])}

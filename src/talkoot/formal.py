"""DEC-POMDP-COM: the formal problem that a world poses to its team, stated by the world about itself.

A decentralised partially observable Markov decision process with communication (Goldman and Zilberstein 2003; CoELA,
arXiv 2307.02485, section 3): a tuple of agents, states, world actions, communication actions, observations, transition,
subgoals, reward, costs, discount and horizon. Each part is said in words, with numbers where there are any, so that a
page, a table or a test can quote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill

from talkoot.types import Seat


@dataclass(frozen=True)
class DecPomdpCom:
    """The formal problem of one world, options included.

    `agents` are the held seats. `state`, `observations`, `transition` and `reward` are sentences. `actions` lists the
    world actions and `messages` says what may be communicated (`message_limit` characters; 0 where nobody can speak).
    `subgoals` are what the common task consists of, in words. `costs` maps an action's name (or "message") to the time
    that it takes, in the world's own unit. `deterministic` tells whether the transition has no chance in it after the
    start. `observable` says how much of the state an observation carries: "full" or "partial".
    """

    agents: tuple[Seat, ...]
    state: str
    actions: tuple[str, ...]
    messages: str
    message_limit: int
    observations: str
    observable: str
    transition: str
    deterministic: bool
    subgoals: tuple[str, ...]
    reward: str
    costs: Mapping[str, float] = field(default_factory=dict)
    discount: float = 1.0
    horizon: int = 0

    def words(self) -> str:
        """The whole problem in words: one line for each part, names in one column, long lines broken (ours)."""
        costs: dict[float, list[str]] = {}
        for name, cost in self.costs.items():
            costs.setdefault(cost, []).append(name)
        told = "; ".join(f"{cost:g} for {', '.join(names)}" for cost, names in sorted(costs.items()))
        chance = "deterministic" if self.deterministic else "with chance"
        parts = {
            "agents": ", ".join(f"seat {seat}" for seat in self.agents),
            "state": self.state,
            "world actions": ", ".join(self.actions),
            "communication": self.messages,
            "observations": f"{self.observable}: {self.observations}",
            "transition": f"{chance}: {self.transition}",
            "subgoals": "; ".join(self.subgoals),
            "reward": self.reward,
            "costs": told,
            "discount": f"{self.discount:g}",
            "horizon": f"{self.horizon} steps",
        }
        indent = " " * (max(map(len, parts)) + 2)
        lines = (fill(f"{name:{len(indent)}}{said}", 110, subsequent_indent=indent) for name, said in parts.items())
        return "\n".join(lines) + "\n"

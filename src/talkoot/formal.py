"""DEC-POMDP-COM: the formal problem that a world poses to its team, stated by the world about itself.

A decentralised partially observable Markov decision process with communication (Goldman and Zilberstein 2003; CoELA,
arXiv 2307.02485, section 3): a tuple of agents, states, world actions, communication actions, observations, transition,
subgoals, reward, costs, discount and horizon. Each part is said in words, with numbers where there are any, so that a
page, a table or a test can quote it. Plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

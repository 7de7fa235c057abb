"""The numbers and the named choices of MHP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """The reference's settings are the defaults (4.1); where it leaves a choice, or a quirk was seen, it has a name."""

    simulations: int = 100
    """Simulations of one search."""

    rollout: int = 5
    """Sub-goals tried in one rollout, at most."""

    depth: int = 5
    """Sub-goals from the root of the tree to its deepest nodes, at most."""

    c_init: float = 0.1
    c_base: float = 1e6
    """The two constants of the tree's score."""

    discount: float = 1.0
    """Of a simulation's value, for each primitive on the way to its leaf."""

    partner: Literal["none", "seen", "told", "oracle"] = "none"
    """What is known of the other's sub-goal. "none": nothing, as in the release's script for MHP+MHP, whose default for
    the opponent's sub-goal is 'None'. "seen": what it was last seen to hold, it brings where that belongs (ours).
    "told": what it announced by message ('comm' in the release). "oracle": always ('gt' there; see `oracle_pair`)."""

    talk: Literal["off", "messages"] = "off"
    """"messages": new sub-goals are announced, what was put is reported, and beliefs are shared when worthwhile; each
    message takes a step. Messages of this kind are read back; any other text is ignored."""

    belief_talk: bool = True
    """Whether messages share beliefs (the release has a switch for each part)."""

    worth: float = 5.0
    """A belief is shared if its value, 1 for each place and 4 for each thing that is needed, is at least this."""

    furniture: Literal["hidden", "known"] = "hidden"
    """Whether the rooms of containers and goal places must be found out, as in the reference, whose belief knows which
    objects, rooms and containers exist, "just not where they are"."""

    satisfied: Literal["told", "seen"] = "told"
    """"told": what the household tells as delivered is believed. "seen": only what was put or seen with own eyes, as in
    the release, whose MHP counts on its own graph."""

    costs: Literal["whole", "rollout"] = "whole"
    """"whole": the value of a simulation is what it newly satisfied from the root on, less all its costs. "rollout": the
    way from the root to the leaf costs nothing (a quirk of the release: it favours doing what is dear first)."""

    rollouts: Literal["remaining", "leaf"] = "remaining"
    """"remaining": a rollout draws each next sub-goal from those that remain then. "leaf": it shuffles once those that
    are worth doing at the leaf (the release; where only what is seen counts, it stops short)."""

"""The numbers and the named choices of MHP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from talkoot.errors import BadInput


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

    talk: Literal["off", "plans", "messages"] = "off"
    """"plans": new sub-goals are announced, as the release's MHP does beside CoELA. "messages": besides, what was put
    is reported and beliefs are shared when worthwhile. Each message takes a step where talk is costly. Messages of this
    kind are always read back; any other text is ignored. "off" in the release's script for MHP+MHP."""

    worth: float = 5.0
    """A belief is shared if its value, 1 for each place and 4 for each thing that is needed, is at least this."""

    furniture: Literal["hidden", "known"] = "hidden"
    """Whether the rooms of containers and goal places must be found out, as in the reference, whose belief knows which
    objects, rooms and containers exist, "just not where they are"."""

    satisfied: Literal["told", "seen"] = "told"
    """"told": what the household tells as delivered is believed. "seen": only what was put or seen with own eyes, as in
    the release, whose MHP counts on its own graph."""

    costs: Literal["whole", "rollout"] = "whole"
    """"whole": the value of a simulation is what it newly satisfied from the root on, less all its costs. "rollout":
    the way from the root to the leaf costs nothing (a quirk of the release: it favours doing what is dear first)."""

    rollouts: Literal["remaining", "leaf"] = "remaining"
    """"remaining": a rollout draws each next sub-goal from those that remain then. "leaf": it shuffles once those that
    are worth doing at the leaf (the release; where only what is seen counts, it stops short)."""


def make_settings(options: Mapping[str, str]) -> Settings:
    """Settings from `key=value` as a user types them; raises BadInput for an unknown key or a value that cannot be."""
    hints, read = get_type_hints(Settings), dict[str, Any]()
    for name, text in options.items():
        if name not in hints:
            known = ", ".join(field.name for field in fields(Settings))
            raise BadInput(f"mhp has no option {name!r}; known are {known}, written key=value")
        choices = get_args(hints[name])
        if choices:
            if text not in choices:
                raise BadInput(f"mhp:{name}={text} does not exist; choose one of {', '.join(choices)}")
            read[name] = text
            continue
        try:
            read[name] = hints[name](text)
        except ValueError:
            raise BadInput(f"mhp:{name}={text} is no number; write for example {getattr(Settings, name)}") from None
        least = 1 if hints[name] is int else 0
        if not least <= read[name] <= 1e9:
            raise BadInput(f"mhp:{name}={text} makes no sense; write {least} or more")
    return Settings(**read)

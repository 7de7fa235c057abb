"""Teams by name, as a user types them: `proagent+greedy`, `proagent:belief=off,verify=rules+policy/sp`, `central`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from talkoot.agent import Agent
from talkoot.agents.policy import PolicyAgent
from talkoot.agents.presets import central, pddl, proagent, react
from talkoot.agents.scripted import RandomAgent, Recording, Stay
from talkoot.errors import BadInput
from talkoot.model import Model
from talkoot.types import Seat, Style

Models = Callable[[str], Model]

_CHOICES: dict[str, tuple[str, ...]] = {
    "level": ("plan", "analysis", "intention"),
    "belief": ("replace", "annotate", "off"),
    "verify": ("rounds", "explain", "rules", "model", "off"),
    "style": ("words", "grid", "both"),
    "coordinates": ("on", "off"),
    "talk": ("on", "off"),
    "released": ("on", "off"),
    "argmax": ("on", "off"),
    "plan": ("model", "pddl"),
}
_NUMBERS = ("memory", "recent", "replans", "turns", "seat")
_FIXED = ("level", "belief", "verify", "recent", "talk", "plan")  # what released=on settles by itself
_OPTIONS = {
    "proagent": ("model", "level", "belief", "verify", "memory", "recent", "replans", "style", "coordinates", "talk",
                 "demos", "released", "plan"),
    "react": ("model", "turns", "style", "coordinates"),
    "central": ("model", "style", "coordinates"),
    "random": (),
    "stay": (),
    "greedy": (),
    "pddl": ("style", "coordinates"),
    "policy/FILE": ("argmax",),
    "recorded/FILE": ("seat",),
}  # fmt: skip

DESCRIPTIONS = {
    "proagent": "language agent that infers its mate's intention (ProAgent); options: "
    + ", ".join(_OPTIONS["proagent"]),
    "react": "language agent in turns of thought, action, observation (ReAct)",
    "central": "one planner for all seats (a team by itself)",
    "random": "a random primitive at every step",
    "stay": "does nothing",
    "greedy": "script: the nearest useful thing, on every kitchen and both rule sets",
    "pddl": "states what it sees as a planning problem, shares the goals out and plans; asks no model",
    "policy/FILE": "trained network; policy/sp and policy/ppo_bc find the file of the kitchen",
    "recorded/FILE": "does again what a seat did in an episode file",
}


def list_teams() -> list[tuple[str, str]]:
    """Every kind of agent with one line about it."""
    return list(DESCRIPTIONS.items())


def split_team(team: str) -> list[str]:
    """`A+B` as its parts. A plus inside a path or an address stays (no agent's name follows it)."""
    names = "|".join(sorted(_heads(), key=len, reverse=True))
    return [part for part in re.split(rf"\+(?=(?:{names})(?:[:/+]|$))", team) if part] if team else []


def _heads() -> set[str]:
    return {name.split("/")[0] for name in _OPTIONS}


def make_team(team: str, seats: tuple[Seat, ...], models: Models, default_model: str = "rulebook") -> dict[Seat, Agent]:
    """Build the agents of a team for these seats, in order. Raises BadInput for an unknown agent or option."""
    parts = split_team(team)
    if not parts:
        raise BadInput("the team is empty; name an agent for each seat, for example proagent+greedy")
    if len(parts) == 1 and parts[0].split(":")[0] == "central":
        options = options_of(parts[0])
        return dict(central(models(options.pop("model", default_model)), seats, style=_style(options)))
    for part in parts:
        options_of(part)
    if len(parts) != len(seats):
        raise BadInput(
            f"the team {team!r} has {len(parts)} member{'s' if len(parts) > 1 else ''} for {len(seats)} seats; "
            "join agents with +, for example proagent+greedy"
        )
    return {seat: make_agent(part, models, default_model) for seat, part in zip(seats, parts, strict=True)}


def make_agent(text: str, models: Models, default_model: str = "rulebook") -> Agent:
    """Build one agent from `NAME[:option=value,...]`."""
    name = text.split(":")[0]
    if name.startswith("policy/") or name == "greedy":
        # These play one world only, so they live beside it; found by name, as agents import no world.
        options = options_of(text)
        if name == "greedy":
            greedy: Agent = import_module("talkoot.worlds.overcooked.greedy").Greedy()
            return greedy
        partner = import_module("talkoot.worlds.overcooked.partners").load_partner(name)
        return PolicyAgent(partner, argmax=options.get("argmax") == "on")
    options = options_of(text)
    if name == "pddl":
        return pddl(style=_style(options))
    if name == "random":
        return RandomAgent()
    if name == "stay":
        return Stay()
    if name.startswith("recorded/"):
        return Recording(name.removeprefix("recorded/"), int(options["seat"]) if "seat" in options else None)
    if name == "central":
        raise BadInput("central plans for all seats: make it the whole team (--team central), without +")
    if options.get("released") == "on" and (given := [key for key in _FIXED if key in options]):
        raise BadInput(f"released=on settles {', '.join(given)} as ProAgent's release does; leave them or released out")
    model = models(options.pop("model", default_model))
    if name == "react":
        return react(model, turns=int(options.get("turns", 6)), style=_style(options))
    settings: dict[str, Any] = {key: options[key] for key in ("level", "belief", "verify") if key in options}
    settings |= {key: int(options[key]) for key in ("memory", "recent", "replans") if key in options}
    if "demos" in options:
        settings["demos"] = _demos(options["demos"])
    made = proagent(
        model,
        style=_style(options),
        talk=options.get("talk") == "on",
        released=options.get("released") == "on",
        **settings,
    )
    return replace(made, plan=pddl().plan) if options.get("plan") == "pddl" else made


def _style(options: dict[str, str]) -> Style:
    return Style(options.get("style", "words"), options.get("coordinates") == "on")  # type: ignore[arg-type]


def _demos(source: str) -> Any:
    from talkoot.agents.demonstrations import demos_from

    return () if source == "off" else demos_from(source)


def options_of(text: str) -> dict[str, str]:
    """The options of one agent, `NAME[:option=value,...]`. Raises BadInput for an unknown agent or option."""
    name, _, rest = text.partition(":")
    head, slash, file = name.partition("/")
    known = _OPTIONS.get(f"{head}/FILE" if slash else head)
    if known is None or (slash and not file):
        stranger = next((part for part in name.split("+") if part.split("/")[0] not in _heads()), name)
        raise BadInput(f"unknown agent {stranger[:80]!r}; known are {', '.join(_OPTIONS)}")
    options: dict[str, str] = {}
    # A comma may be part of an option's value (rulebook:drop=0.2,seed=3), so only a comma before a known key splits.
    keys = "|".join(known) or "(?!)"
    for part in re.split(rf",(?=(?:{keys})=)", rest) if rest else []:
        key, equals, value = part.partition("=")
        if key in _CHOICES or key in _NUMBERS:  # no comma can be part of these, so what follows it is an unknown option
            value, comma, rest = value.partition(",")
            key, equals = (rest.partition("=")[0], "") if comma else (key, equals)
        if key not in known or not equals:
            raise BadInput(f"{name} has no option {key!r}; known are {', '.join(known) or 'none'}, written key=value")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise BadInput(f"{name}:{key}={value} does not exist; choose one of {', '.join(_CHOICES[key])}")
        if key in _NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 7):
            raise BadInput(f"{name}:{key}={value} is not a number; write a whole one, for example {key}=3")
        options[key] = value
    return options

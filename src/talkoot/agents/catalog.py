"""Teams by name, as a user types them: `proagent+greedy`, `coela:talk=off+mhp`, `policy/sp+proagent`, `central`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from talkoot.agent import Agent
from talkoot.agents.communication import Communication
from talkoot.agents.found import WorldsOwn
from talkoot.agents.policy import PolicyAgent
from talkoot.agents.presets import central, coela, pddl, proagent, react
from talkoot.agents.scripted import RandomAgent, RandomPlan, Recording, Stay
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
    "execute": ("on", "off"),
    "answer": ("one", "two"),
    "cot": ("on", "off"),
    "partner": ("none", "seen", "told"),
    "heed": ("on", "off"),
    "distances": ("on", "off"),
    "furniture": ("hidden", "known"),
    "satisfied": ("told", "seen"),
    "costs": ("whole", "rollout"),
    "rollouts": ("remaining", "leaf"),
    "coela:memory": ("on", "episodic", "off"),
    "mhp:talk": ("on", "off", "plans"),
}
_NUMBERS = ("memory", "recent", "replans", "turns", "seat", "simulations", "retries")
_FIXED = ("level", "belief", "verify", "recent", "talk", "plan", "judge")  # what released=on settles by itself
_OPTIONS = {
    "proagent": ("model", "level", "belief", "verify", "memory", "recent", "replans", "style", "coordinates", "talk",
                 "demos", "released", "plan", "judge"),
    "coela": ("model", "memory", "talk", "execute", "answer", "cot", "retries", "belief", "verify", "heed", "distances",
              "plan", "style", "coordinates", "judge"),
    "mhp": ("simulations", "talk", "partner", "furniture", "satisfied", "costs", "rollouts"),
    "react": ("model", "turns", "style", "coordinates"),
    "central": ("model", "style", "coordinates"),
    "random": (),
    "randomplan": (),
    "stay": (),
    "human": (),
    "greedy": (),
    "pddl": ("style", "coordinates"),
    "policy/FILE": ("argmax",),
    "recorded/FILE": ("seat",),
}  # fmt: skip

DESCRIPTIONS = {
    "proagent": "language agent that infers its mate's intention (ProAgent); options: "
    + ", ".join(_OPTIONS["proagent"]),
    "coela": "language agent of five modules that weighs each message against the step it costs (CoELA); options: "
    + ", ".join(_OPTIONS["coela"]),
    "mhp": "tree search over sub-goals and believed places (C-WAH's baseline, household only); options: "
    + ", ".join(_OPTIONS["mhp"]),
    "react": "language agent in turns of thought, action, observation (ReAct)",
    "central": "one planner for all seats (a team by itself)",
    "random": "a random primitive at every step",
    "randomplan": "a random one of the plans that can be carried out now, to its end",
    "stay": "does nothing",
    "human": "a person in the terminal (talkoot play)",
    "greedy": "script: the nearest useful thing, in every world",
    "pddl": "states what it sees as a planning problem, shares the goals out and plans; asks no model",
    "policy/FILE": "trained network; policy/sp and policy/ppo_bc find the file of the kitchen",
    "recorded/FILE": "does again what a seat did in an episode file",
}


def list_teams() -> list[tuple[str, str]]:
    """Every kind of agent with one line about it."""
    return list(DESCRIPTIONS.items())


def split_teams(teams: str) -> list[str]:
    """`A+B,C+D,E` as its teams. A comma between options of an agent stays (no agent's name follows it)."""
    names = "|".join(sorted(_heads(), key=len, reverse=True))
    return [team for team in re.split(rf",\s*(?=(?:{names})(?:[:/+,]|$))", teams.strip()) if team]


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
    name, options = text.split(":")[0], options_of(text)
    if name in ("coela", "proagent", "react"):
        return _language_agent(name, options, models, default_model)
    if name.startswith("policy/"):
        # It plays one world only, so it lives beside it; found by name, as agents import no world.
        partner = import_module("talkoot.worlds.overcooked.partners").load_partner(name)
        return PolicyAgent(partner, argmax=options.get("argmax") == "on")
    if name.startswith("recorded/"):
        return Recording(name.removeprefix("recorded/"), int(options["seat"]) if "seat" in options else None)
    if name == "central":
        raise BadInput("central plans for all seats: make it the whole team (--team central), without +")
    if name == "pddl":
        return pddl(style=_style(options))
    if name == "human":
        human: Agent = import_module("talkoot.agents.human").Human(models("person"))
        return human
    return _script(name, options)


def _script(name: str, options: dict[str, str]) -> Agent:
    """An agent that asks no model."""
    if name == "greedy":
        return WorldsOwn("greedy", "greedy", lambda module: module.Greedy())
    if name == "mhp":
        if int(options.get("simulations", 1)) == 0:
            raise BadInput("mhp:simulations=0 searches nothing; give at least 1 (the default is 100)")
        return WorldsOwn("mhp", "mhp.agent", lambda module: module.MHP(_mhp_settings(module, options)))
    scripts: dict[str, Callable[[], Agent]] = {"random": RandomAgent, "randomplan": RandomPlan, "stay": Stay}
    return scripts[name]()


def _mhp_settings(module: Any, options: dict[str, str]) -> Any:
    given: dict[str, Any] = {"simulations": int(options["simulations"])} if "simulations" in options else {}
    if (talk := options.get("talk", "off")) != "off":
        given |= {"talk": "messages" if talk == "on" else talk, "partner": "told"}
    named = ("partner", "furniture", "satisfied", "costs", "rollouts")
    return module.Settings(**given | {key: options[key] for key in named if key in options})


def _language_agent(name: str, options: dict[str, str], models: Models, default_model: str) -> Agent:
    if options.get("released") == "on" and (given := [key for key in _FIXED if key in options]):
        raise BadInput(f"released=on settles {', '.join(given)} as ProAgent's release does; leave them or released out")
    model = models(options.pop("model", default_model))
    style = _style(options)
    if name == "react":
        return react(model, turns=int(options.get("turns", 6)), style=style)
    if name == "coela":
        return _coela(model, options, style)
    settings: dict[str, Any] = {key: options[key] for key in ("level", "belief", "verify") if key in options}
    settings |= {key: int(options[key]) for key in ("memory", "recent", "replans") if key in options}
    if "demos" in options:
        settings["demos"] = _demos(options["demos"])
    if "judge" in options:
        settings["judge"] = _judge(options["judge"])
    made = proagent(
        model, style=style, talk=options.get("talk") == "on", released=options.get("released") == "on", **settings
    )
    return replace(made, plan=pddl().plan) if options.get("plan") == "pddl" else made


def _coela(model: Model, options: dict[str, str], style: Style) -> Agent:
    if options.get("execute") == "off" and (given := [key for key in ("verify", "plan") if key in options]):
        raise BadInput(f"execute=off lets the model pick primitives, which leaves nothing for {given[0]}; leave it out")
    settings: dict[str, Any] = {key: options[key] for key in ("answer", "belief", "verify") if key in options}
    if "retries" in options:
        settings["retries"] = int(options["retries"])
    if "judge" in options:
        settings["judge"] = _judge(options["judge"])
    by_planner = options.get("plan") == "pddl"
    made = coela(
        model,
        memory=options.get("memory", "on") == "on" or (options["memory"] == "episodic" and "episodic"),
        communicate=options.get("talk") != "off" and not by_planner,
        execute=options.get("execute") != "off",
        chain_of_thought=options.get("cot") != "off",
        heed=options.get("heed") != "off",
        distances=options.get("distances") != "off",
        style=style,
        **settings,
    )
    if not by_planner:
        return made
    # A planner weighs no drafts; where talk is asked for, a fresh plan is told, which takes a step of its own.
    telling = Communication(model) if options.get("talk") == "on" else None
    return replace(made, plan=pddl().plan, communicate=telling)


def _style(options: dict[str, str]) -> Style:
    return Style(options.get("style", "words"), options.get("coordinates") == "on")  # type: ignore[arg-type]


def _demos(source: str) -> Any:
    from talkoot.agents.demonstrations import demos_from

    return () if source == "off" else demos_from(source)


def _judge(name: str) -> Any:
    from talkoot.judging.named import open_judge

    return None if name == "off" else open_judge(name)


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
        choices = _CHOICES.get(f"{head}:{key}", () if key in _NUMBERS else _CHOICES.get(key, ()))
        if choices or key in _NUMBERS:  # no comma can be part of these, so what follows it is an unknown option
            value, comma, rest = value.partition(",")
            key, equals = (rest.partition("=")[0], "") if comma else (key, equals)
        if key not in known or not equals:
            raise BadInput(f"{name} has no option {key!r}; known are {', '.join(known) or 'none'}, written key=value")
        if choices and value not in choices:
            raise BadInput(f"{name}:{key}={value} does not exist; choose one of {', '.join(choices)}")
        if not choices and key in _NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 7):
            raise BadInput(f"{name}:{key}={value} is not a number; write a whole one, for example {key}=3")
        options[key] = value
    return options

"""talkoot: teams of agents that perceive, remember, talk, plan, check each other's reasoning and act together."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Action": "talkoot.types",
    "Agent": "talkoot.agent",
    "BadInput": "talkoot.errors",
    "Episode": "talkoot.episode",
    "Guide": "talkoot.world",
    "Message": "talkoot.types",
    "Model": "talkoot.model",
    "Observation": "talkoot.types",
    "Reply": "talkoot.model",
    "Request": "talkoot.model",
    "Skill": "talkoot.skills",
    "SkillCall": "talkoot.types",
    "Step": "talkoot.types",
    "Style": "talkoot.types",
    "TalkootError": "talkoot.errors",
    "Turn": "talkoot.model",
    "World": "talkoot.world",
    "read_episode": "talkoot.episode",
    "run_episode": "talkoot.episode",
    "run_sync": "talkoot.episode",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'talkoot' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)

"""talkoot: teams of agents that perceive, remember, talk, plan, check each other's reasoning and act together."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from talkoot.agent import Agent as Agent
    from talkoot.episode import Episode as Episode
    from talkoot.episode import read_episode as read_episode
    from talkoot.episode import run_episode as run_episode
    from talkoot.episode import run_sync as run_sync
    from talkoot.errors import BadInput as BadInput
    from talkoot.errors import TalkootError as TalkootError
    from talkoot.formal import DecPomdpCom as DecPomdpCom
    from talkoot.model import Model as Model
    from talkoot.model import Reply as Reply
    from talkoot.model import Request as Request
    from talkoot.model import Turn as Turn
    from talkoot.skills import Option as Option
    from talkoot.skills import Skill as Skill
    from talkoot.types import Action as Action
    from talkoot.types import Message as Message
    from talkoot.types import Observation as Observation
    from talkoot.types import SkillCall as SkillCall
    from talkoot.types import Step as Step
    from talkoot.types import Style as Style
    from talkoot.world import Guide as Guide
    from talkoot.world import World as World

__version__ = "0.1.0"

_HOMES = {
    "Action": "talkoot.types",
    "Agent": "talkoot.agent",
    "BadInput": "talkoot.errors",
    "DecPomdpCom": "talkoot.formal",
    "Episode": "talkoot.episode",
    "Guide": "talkoot.world",
    "Message": "talkoot.types",
    "Model": "talkoot.model",
    "Observation": "talkoot.types",
    "Option": "talkoot.skills",
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

"""`rulebook`: no language model, but a reader of our own prompts that answers by rules. This file only dispatches.

The rules of a world lie beside its prompts, in `talkoot.worlds.WORLD.rulebook`, those of planning and
judging in `talkoot.planning.rulebook` and `talkoot.judging.rulebook`. They see nothing but the text that a language
model would see. A request finds them by its purpose, "WORLD/KIND", "planning/KIND" or "judging/KIND".
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Reply, Request, Turn, Usage

_WORLD = re.compile(r"[a-z][a-z0-9_]*")


class Rulebook:
    """Answer each request by the rules of the world that its purpose names; deterministic, offline, free.

    `drop` is the share of the prompt's facts (0 to 1) that the reader overlooks, chosen by `seed`: a stand-in for a
    weaker model. `temperature`, `max_tokens` and `stop` have no meaning to rules and are ignored. Tokens are not
    counted but estimated as a quarter of the characters, so that budgets can be tried offline. Source: ours.
    """

    def __init__(self, *, drop: float = 0.0, seed: int = 0) -> None:
        if not 0 <= drop <= 1:
            raise BadInput(f"rulebook: drop={drop} is not a share; give a number from 0 to 1")
        self.drop = drop
        self.seed = seed
        self.name = f"rulebook:drop={drop:g},seed={seed}" if drop else "rulebook"

    async def __call__(self, request: Request) -> Reply:
        """Answer by rules. Raises ModelFailed where no world knows the purpose."""
        began = time.perf_counter()
        text = answer_by_rules(request.purpose, request.messages, drop=self.drop, seed=self.seed)
        read = sum(len(turn.content) for turn in request.messages)
        return Reply(text, Usage(round(read / 4), round(len(text) / 4)), time.perf_counter() - began)


def answer_by_rules(purpose: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0) -> str:
    """What the rules of the world say to these messages. Raises ModelFailed where no world knows the purpose."""
    world, _, kind = purpose.partition("/")
    return _rules(world, purpose)(kind, messages, drop=drop, seed=seed)


@cache
def _rules(world: str, purpose: str) -> Callable[..., str]:
    """The `answer(kind, messages, *, drop, seed)` of a world. It is imported by name: models know no world."""
    module = f"talkoot.{world}.rulebook" if world in ("planning", "judging") else f"talkoot.worlds.{world}.rulebook"
    try:
        known = _WORLD.fullmatch(world) is not None and find_spec(module) is not None
    except ModuleNotFoundError:
        known = False
    if not known:
        raise ModelFailed(
            f"the rulebook has no rules for the purpose {purpose[:80]!r}: it answers only the prompts of talkoot's own "
            "worlds, of planning and of judging, named WORLD/KIND; use a language model instead (NAME@URL)"
        )
    answer: Callable[..., str] = import_module(module).answer
    return answer


def parse_rulebook(name: str, seed: int = 0) -> Rulebook:
    """Read `rulebook` or `rulebook:drop=0.2,seed=3`; `seed` serves where the name gives none.

    Raises BadInput on any other option.
    """
    head, colon, tail = name.partition(":")
    options = dict(part.partition("=")[::2] for part in tail.split(",")) if colon else {}
    try:
        if head != "rulebook" or set(options) - {"drop", "seed"}:
            raise ValueError
        return Rulebook(drop=float(options.get("drop", 0)), seed=int(options.get("seed", seed)))
    except ValueError:
        raise BadInput(
            f"{name[:80]!r}: rulebook takes the options drop and seed, as in rulebook:drop=0.2,seed=3"
        ) from None

"""Find out by asking what a model can do: what `talkoot models NAME` tells before a long run is begun on it."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Model, Reply, Request, Turn
from talkoot.models import open_model
from talkoot.models.limits import read_answers
from talkoot.models.openai_chat import OpenAIChat
from talkoot.types import Json

_SCHEMA = {
    "type": "object",
    "properties": {"vegetable": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["vegetable", "count"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about one model: whether it can be used, why not, and a fact for each thing that was tried.

    Facts are true, false, a number or a text; None is what could not be found out.
    """

    name: str
    usable: bool
    problem: str | None
    facts: dict[str, Json]


async def probe(name: str, *, parallel: int = 8, timeout: float = 60.0) -> Findings:
    """Try a model by name. Costs about 20 short calls where a server answers; raises BadInput on a name of no kind.

    For a server the facts are `listed`, `chat`, `system`, `max_tokens`, `stop`, `temperature_0_repeats`, `seed`,
    `json_object`, `json_schema`, `usage`, `latency_s` (median of single calls), `parallel_ok` of `parallel` calls at
    once in `parallel_s`, and `tokens` used by the trial. A small or odd model may fail a trial that its server
    supports: these are observations, not promises.
    """
    try:
        model = open_model(name, timeout=timeout, retries=2, concurrency=max(1, parallel))
    except BadInput as error:
        if name.startswith(("recorded/", "hf/")):
            return Findings(name, False, str(error), {})
        raise
    if name.startswith("hf/"):
        return await _checkpoint(model)
    if not isinstance(model, OpenAIChat):
        facts = _recording(name) if name.startswith("recorded/") else _rules()
        return Findings(name, True, None, facts)
    facts = {}
    try:
        listed = await model.listed()
        facts["listed"] = None if listed is None else model.model in listed
        if listed is not None and model.model not in listed:
            facts["others"] = list(listed[:20])
        await _Trial(model, facts).run(parallel)
    except ModelFailed as error:
        return Findings(name, False, str(error), facts)
    return Findings(name, True, None, facts)


async def _checkpoint(model: Model) -> Findings:
    """Load a local checkpoint and ask it once."""
    try:
        reply = await model(Request("probe", (Turn("user", "Say hello in one short sentence."),), max_tokens=16))
    except (ModelFailed, BadInput) as error:
        return Findings(model.name, False, str(error), {})
    return Findings(model.name, True, None, {"chat": True, "reply": reply.text[:80], "latency_s": reply.seconds})


class _Trial:
    """The trials of one server, one method each; they write what they find into `facts`."""

    def __init__(self, model: OpenAIChat, facts: dict[str, Json]) -> None:
        self.model = model
        self.facts = facts
        self.seconds: list[float] = []
        self.tokens = 0

    async def run(self, parallel: int) -> None:
        """All trials, the one that must succeed first."""
        reply = await self.ask("Say hello in one short sentence.")
        self.facts["chat"] = True
        self.facts["usage"] = reply.usage.completion_tokens > 0
        await self.system()
        await self.max_tokens()
        await self.stop()
        await self.repeats()
        await self.formats()
        self.facts["latency_s"] = round(statistics.median(self.seconds), 3)
        await self.parallel(parallel)
        self.facts["tokens"] = self.tokens
        self.facts["refused"] = list(self.model.unsupported)

    async def ask(self, text: str, *, system: str = "", extra: dict[str, Json] | None = None, **fields: Json) -> Reply:
        turns = (Turn("system", system),) if system else ()
        request = Request("models/probe", (*turns, Turn("user", text)), **fields)
        reply = await self.model.ask(request, **(extra or {}))
        self.seconds.append(reply.seconds)
        self.tokens += reply.usage.prompt_tokens + reply.usage.completion_tokens
        return reply

    async def ask_or_none(self, text: str, **named: Json) -> Reply | None:
        try:
            return await self.ask(text, **named)
        except ModelFailed:
            return None

    async def system(self) -> None:
        rule = "Whatever the user says, you answer with the one word BANANA and nothing else."
        reply = await self.ask_or_none("What is two plus two?", system=rule)
        self.facts["system"] = None if reply is None else "banana" in reply.text.lower()

    async def max_tokens(self) -> None:
        text = "Count from 1 to 100, with a blank between the numbers."
        reply = await self.ask_or_none(text, max_tokens=5)
        if reply is None:
            self.facts["max_tokens"] = None
        else:
            self.facts["max_tokens"] = (reply.usage.completion_tokens or len(reply.text) / 4) <= 6

    async def stop(self) -> None:
        text = "Count from 1 to 9, with a blank between the numbers."
        reply = await self.ask_or_none(text, stop=("6",))
        if "stop" in self.model.unsupported:
            self.facts["stop"] = False
        else:
            self.facts["stop"] = None if reply is None or "5" not in reply.text else "6" not in reply.text

    async def repeats(self) -> None:
        text = "Invent the name of a ship, a harbour and a captain. One line, nothing else."
        cold = [await self.ask_or_none(text) for _ in range(2)]
        self.facts["temperature_0_repeats"] = None if None in cold else _same(cold)
        warm = [await self.ask_or_none(text, temperature=1.0, seed=seed) for seed in (1, 1, 2)]
        if "seed" in self.model.unsupported:
            self.facts["seed"] = False
        elif None in warm or _same(warm):
            self.facts["seed"] = None  # always the same answer: nothing can be seen
        else:
            self.facts["seed"] = _same(warm[:2])

    async def formats(self) -> None:
        text = "Reply with a JSON object with the keys vegetable (text) and count (whole number), for three onions."
        schema = {"name": "order", "strict": True, "schema": _SCHEMA}
        for fact, form in (
            ("json_object", {"type": "json_object"}),
            ("json_schema", {"type": "json_schema", "json_schema": schema}),
        ):
            reply = await self.ask_or_none(text, extra={"response_format": form})
            self.facts[fact] = reply is not None and _is_order(reply.text, exact=fact == "json_schema")

    async def parallel(self, count: int) -> None:
        began = time.perf_counter()
        calls = [self.ask_or_none(f"Name one thing that one can cook with {n} onions.") for n in range(2, count + 2)]
        replies = await asyncio.gather(*calls)
        self.facts["parallel"] = count
        self.facts["parallel_ok"] = sum(reply is not None for reply in replies)
        self.facts["parallel_s"] = round(time.perf_counter() - began, 3)


def _same(replies: list[Reply | None]) -> bool:
    return len({reply.text for reply in replies if reply is not None}) == 1


def _is_order(text: str, *, exact: bool) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (not exact or set(value) == {"vegetable", "count"})


def _recording(name: str) -> dict[str, Json]:
    answers = read_answers(Path(name.removeprefix("recorded/")))
    return {
        "answers": len(answers),
        "different_requests": len({answer.key for answer in answers}),
        "failed": sum(bool(answer.error) for answer in answers),
        "purposes": dict(sorted(Counter(answer.purpose for answer in answers).items())),
        "models": sorted({answer.model for answer in answers}),
    }


def _rules() -> dict[str, Json]:
    """Which worlds have rules for the rulebook."""
    worlds_package = import_module("talkoot.worlds")  # by name: models know no world

    worlds = [entry.name for entry in iter_modules(worlds_package.__path__) if entry.ispkg]
    return {
        "language_model": False,
        "worlds": [world for world in worlds if find_spec(f"talkoot.worlds.{world}.rulebook") is not None],
    }

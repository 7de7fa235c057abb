"""`NAME@URL`: chat with a model on any OpenAI-compatible server, through the `openai` package.

What the server answers is never trusted: refusals, rate limits, broken JSON, empty and over-long replies all end in a
usable reply, another try, or one ModelFailed that says what is wrong and what to do. What servers do not support
(a parameter, a system turn) is noticed once and left out from then on. Source: ours; the wire format is the Chat
Completions API (https://platform.openai.com/docs/api-reference/chat).
"""

from __future__ import annotations

import re
import time

from talkoot.model import Reply, Request, Usage
from talkoot.models.wire import REFUSED, Passing, Server, clean, redact, refuses, sendable, split_name
from talkoot.types import Json

__all__ = ["LONGEST_REPLY", "OpenAIChat", "split_name"]

LONGEST_REPLY = 32_768
"""Characters after which a reply is cut; no answer that talkoot asks for comes near it."""


class OpenAIChat(Server[tuple[Request, dict[str, Json]], Reply]):
    """A model named `NAME@URL` on an OpenAI-compatible server. Addresses, keys and retries: see Server.

    A reply without content is tried again, too. Raises BadInput if the name is malformed.
    """

    def __init__(
        self,
        name: str,
        *,
        concurrency: int = 64,
        timeout: float = 60.0,
        retries: int = 5,
        seed: int = 0,
        backoff: float = 0.5,
    ) -> None:
        super().__init__(name, concurrency=concurrency, timeout=timeout, retries=retries, seed=seed, backoff=backoff)
        self._names: dict[str, str | None] = {  # our name -> what this server calls it, None: cannot
            word: word for word in ("system", "temperature", "max_tokens", "stop", "seed")
        }

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The parameters (and `system` for the system turn) that this server has refused so far."""
        return tuple(word for word, sent in self._names.items() if sent is None)

    async def __call__(self, request: Request) -> Reply:
        """Ask the server. Raises ModelFailed, naming the remedy, when no usable answer can be had."""
        return await self.ask(request)

    async def ask(self, request: Request, **extra: Json) -> Reply:
        """Like calling, with further fields of the request's body, such as `response_format`."""
        began = time.perf_counter()
        reply = await self._ask((request, extra))
        return Reply(reply.text, reply.usage, time.perf_counter() - began)

    def _compose(self, question: tuple[Request, dict[str, Json]]) -> tuple[str, dict[str, Json]]:
        request, extra = question
        return "/chat/completions", self._body(request) | extra

    def _body(self, request: Request) -> dict[str, Json]:
        turns = [{"role": turn.role, "content": sendable(turn.content)} for turn in request.messages]
        if self._names["system"] is None and turns and turns[0]["role"] == "system":
            first = turns.pop(0)["content"]
            if turns and turns[0]["role"] == "user":
                turns[0]["content"] = f"{first}\n\n{turns[0]['content']}"
            else:
                turns.insert(0, {"role": "user", "content": first})
        values: dict[str, Json] = {"temperature": request.temperature, "max_tokens": request.max_tokens}
        if request.stop:
            values["stop"] = list(request.stop)
        if request.seed is not None:
            values["seed"] = request.seed
        sent = {name: value for word, value in values.items() if (name := self._names[word])}
        return {"model": self.model, "messages": turns, **sent}

    def _mend(self, status: int, text: str, body: dict[str, Json]) -> bool:
        """Whether the refusal names something that can be left out or renamed; remembers it."""
        if status not in (400, 422):
            return False
        if re.search(r"system (?:role|message|prompt)|role.{0,20}system", text, re.I) and REFUSED.search(text):
            found = "system" in (turn["role"] for turn in body["messages"])
            self._names["system"] = None
            return found
        for word in ("max_tokens", "temperature", "seed", "stop"):
            for name in {word, "max_completion_tokens"} if word == "max_tokens" else {word}:
                if name in body and refuses(text, name):
                    if self._names[word] == name:  # else another caller has already found out
                        renamed = name == "max_tokens" and "max_completion_tokens" in text
                        self._names[word] = "max_completion_tokens" if renamed else None
                    return True
        return False

    def _read(self, answer: Json, question: tuple[Request, dict[str, Json]]) -> Reply | Passing:
        """Take the reply out of a decoded body."""
        answer = self._decode(answer)
        if isinstance(answer, Passing):
            return answer
        try:
            choice = answer["choices"][0]
            content = choice["message"].get("content") or choice["message"].get("refusal") or ""
            if isinstance(content, list):
                content = "".join(part.get("text", "") for part in content)
            if not isinstance(content, str):
                raise TypeError
        except (KeyError, IndexError, TypeError, AttributeError):
            return Passing(f"the answer has no choices[0].message.content but {clean(answer)!r}")
        self._reached = True
        if not content.strip():
            why = "; it used up max_tokens before it said anything" if choice.get("finish_reason") == "length" else ""
            return Passing(f"the reply is empty{why}")
        if self._names["stop"] is None:
            content = min((content.partition(word)[0] for word in question[0].stop), key=len, default=content)
        usage = answer.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        counts = (usage.get(word) for word in ("prompt_tokens", "completion_tokens"))
        return Reply(redact(content[:LONGEST_REPLY]), Usage(*(max(n, 0) if isinstance(n, int) else 0 for n in counts)))

"""`NAME@URL` as a sampler: texts continued by any OpenAI-compatible server, through /v1/completions.

Servers differ in what they heed. What one refuses or ignores (`n`, `stop`, `seed`, log-probabilities, the
whole address) is noticed, done without and told once in a warning. Source: ours; the wire format is the Completions API
(https://platform.openai.com/docs/api-reference/completions) with vLLM's `include_stop_str_in_output` and `stop_reason`,
SGLang's `matched_stop`, and llama.cpp's forms of `stopping_word` and `logprobs`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import threading
import warnings
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from talkoot.errors import BadInput, ModelFailed
from talkoot.judging.instruct import read_plainly
from talkoot.learning.sampling import Completion, Prompt
from talkoot.models.wire import Passing, Server, clean, redact, refuses, sendable
from talkoot.types import Json

T = TypeVar("T")

_NO_ADDRESS = re.compile(
    r"chat/completions|not support\w* (?:the )?completion|completions? (?:api|endpoint)?.{0,20}not support", re.I
)
_ONE_ONLY = re.compile(
    r"only one completion|multiple (?:completions|choices)|\bn\b['\"`]?\s.{0,20}(?:must|only|be 1)", re.I
)
_TAG = re.compile(r"</([\w-]+)>")
_REMEDY = "use a server with /v1/completions (vLLM, SGLang, llama.cpp), or judge by chat"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request: a text to continue."""

    text: str
    n: int
    seed: int
    max_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float = 1.0
    logprobs: int = 0
    bound: bool = True  # whether the server is told of the stop strings


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of the answers. `reason` is the stop string that ended it, "" if the server says that none did, None if it
    does not say; `first` the likeliest first tokens with their probabilities."""

    text: str
    tokens: int
    finish: str
    reason: str | None = None
    first: tuple[tuple[str, float], ...] | None = None


class ServerSampler(Server[_Asked, list[_Choice]]):
    """A Sampler on a server; its own name is NAME@URL with the full URL. Addresses, keys and retries: see Server.

    `concurrency` bounds the requests under way; one request asks for all copies of a prompt. Prompts that begin alike
    are sent one after the other, for servers that keep a cache of prefixes. `votes` is how many draws decide about
    `options` where the server tells no probabilities.

    Every request has a seed made of (seed, text, copy), but how far draws can be repeated is the server's business:
    most depend on what else they are computing. A stop string is part of the text, as for every sampler: it is asked
    for with the text, else put back. Where a server says neither what ended a text nor leaves the string in it, a
    closing tag (`</chunk>`) is put back if the text has it open; with other stop strings the text is drawn again
    without them, and cut here.

    Tokens are the server's count, shared out by length among the copies of one request; where it counts none, one for
    four characters. Without /v1/completions texts go to /v1/chat/completions: what `Instruct.plain` laid out becomes a
    user turn and an assistant turn to be continued (`continue_final_message`), any other text one user turn.

    `complete` and `options` may be called from any thread, and wait for each other. `notes` lists what was noticed.
    """

    def __init__(
        self,
        name: str,
        *,
        concurrency: int = 64,
        timeout: float = 600.0,
        retries: int = 5,
        seed: int = 0,
        backoff: float = 0.5,
        votes: int = 16,
    ) -> None:
        super().__init__(name, concurrency=concurrency, timeout=timeout, retries=retries, seed=seed, backoff=backoff)
        if votes < 1:
            raise BadInput(f"{name}: options cannot be decided by {votes} votes")
        self.name = f"{self.model}@{self.url}"
        self.votes = votes
        self._chat = False
        self._left_out: set[str] = set()
        self._silent = False  # the server does not say what ended a text
        self._one_each = False  # the server gives one choice a request, whatever `n` says
        self._likeliest = 20  # how many log-probabilities it gives
        self._noted: dict[str, str] = {}
        self._told: set[str] = set()
        self._turn = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """What this server was found not to do so far, a sentence each."""
        return tuple(self._noted.values())

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        """As a Sampler. Raises ModelFailed, naming the remedy, if a prompt gets no usable answer."""
        if max_tokens < 1 or temperature < 0 or any(not one for one in stop):
            raise BadInput(f"max_tokens {max_tokens}, temperature {temperature} or an empty stop string makes no sense")

        async def all_of_them() -> list[list[Completion]]:
            order = sorted(range(len(prompts)), key=lambda i: prompts[i].text)
            found = await _together([self._copies(prompts[i], max_tokens, tuple(stop), temperature) for i in order])
            placed = dict(zip(order, found, strict=True))
            return [placed[i] for i in range(len(prompts))]

        return self._run(all_of_them())

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        """As a Sampler: from the probabilities of the first token that tells the options apart.

        What all options begin with is taken as written. Where the server gives no probabilities, or no token tells
        the options apart, they are the shares of `votes` draws (equal if none of these begins with an option).
        """
        if not options or any(not option for option in options) or len(set(options)) < len(options):
            raise BadInput("options to choose among must be texts, different ones, and at least one")
        shared = _beginning(options)
        shared = shared if shared.strip() and shared not in options else ""
        rest = [option[len(shared) :] for option in options]
        return self._run(_together([self._shares(text + shared, rest) for text in texts]))

    async def _copies(
        self, prompt: Prompt, max_tokens: int, stop: tuple[str, ...], temperature: float
    ) -> list[Completion]:
        def asked(first: int, n: int) -> _Asked:
            seed = _seed(prompt.seed, prompt.text, first)
            return _Asked(prompt.text, n, seed, max_tokens, stop, temperature, bound=bound)

        bound = not self._silent or all(map(_TAG.fullmatch, stop))
        several = prompt.n if temperature > 0 else min(prompt.n, 1)  # the likeliest text is the same every time
        choices: list[_Choice] = []
        if several and not self._one_each:
            choices = (await self._ask(asked(0, several)))[:several]
            if len(choices) < several:
                self._one_each = self._one_each or len(choices) == 1
                self._note("n", f"gives {len(choices)} of {several} texts a request; the rest are asked for singly")
        more = await _together([self._ask(asked(copy, 1)) for copy in range(len(choices), several)])
        choices += [each[0] for each in more]
        if bound and not all(map(_TAG.fullmatch, stop)) and any(_unclear(choice, stop) for choice in choices):
            self._silent = True
            self._note("stop_reason", "does not say which stop string ended a text; texts are cut here instead")
            return await self._copies(prompt, max_tokens, stop, temperature)
        finished = [self._finished(choice, prompt.text, stop) for choice in choices]
        return finished if temperature > 0 else finished * prompt.n

    def _finished(self, choice: _Choice, before: str, stop: tuple[str, ...]) -> Completion:
        """The completion with the stop string that ended it, and nothing after that."""
        text = choice.text
        ends = [at + len(one) for one in stop if (at := text.find(one)) >= 0]
        if ends:
            if min(ends) < len(text) and not self._silent:
                self._note("stop", "writes on after stop strings; texts are cut here, and cost what they cost")
            return Completion(text[: min(ends)], choice.tokens)
        if choice.finish == "length":
            return Completion(text, choice.tokens, ended=False)
        reason = choice.reason
        if reason is None:
            reason = next((one for one in stop if _open(one, before + text)), "")
        return Completion(text + (reason if reason in stop else ""), choice.tokens)

    async def _shares(self, text: str, options: Sequence[str]) -> tuple[float, ...]:
        if self._likeliest and not self._chat:
            choice = (await self._ask(_Asked(text, 1, 0, 1, (), 0.0, self._likeliest)))[0]
            if choice.first is None:
                self._likeliest = 0
            elif (shares := _told_apart(dict(choice.first), options)) is not None:
                return shares
        why = "tells the options apart by no single token" if self._likeliest else "gives no probabilities of tokens"
        self._note("logprobs", f"{why}; options are decided by {self.votes} draws")
        longest = max(map(len, options))
        drawn = await self._copies(Prompt(text, self.votes), longest, (), 1.0)
        votes = [sum(one.text.startswith(option) for one in drawn) for option in options]
        return tuple(vote / sum(votes) for vote in votes) if any(votes) else (1 / len(options),) * len(options)

    def _compose(self, question: _Asked) -> tuple[str, dict[str, Json]]:
        body: dict[str, Json] = {
            "model": self.model, "max_tokens": question.max_tokens, "temperature": question.temperature,
            "seed": question.seed,
        }  # fmt: skip
        if question.stop and question.bound:
            body |= {"stop": list(question.stop), "include_stop_str_in_output": True}
        if question.n > 1 and not self._one_each:
            body["n"] = question.n
        if question.logprobs and self._likeliest and not self._chat:
            body["logprobs"] = min(question.logprobs, self._likeliest)
        if self._chat:
            asked, begun = read_plainly(question.text) or (question.text, "")
            body["messages"] = [{"role": "user", "content": sendable(asked)}]
            if begun:
                body["messages"].append({"role": "assistant", "content": sendable(begun)})
                body |= {"continue_final_message": True, "add_generation_prompt": False}
        else:
            body["prompt"] = sendable(question.text)
        return f"/{'chat/' * self._chat}completions", {k: v for k, v in body.items() if k not in self._left_out}

    def _mend(self, status: int, text: str, body: dict[str, Json]) -> bool:
        """Whether something can be done without: the address, or a parameter."""
        unknown = "model_not_found" in text or re.search(rf"\b{re.escape(self.model)}\b", text)
        if "prompt" in body and (
            (status in (400, 404, 405, 422, 501) and _NO_ADDRESS.search(text))
            or (status in (404, 405, 501) and not unknown)
        ):
            self._chat = True
            self._note("chat", "has no /v1/completions; texts are continued by chat, as far as it continues turns")
            return True
        if status not in (400, 422):
            return False
        if "continue_final_message" in body and re.search(
            r"continue_final_message|add_generation_prompt|last message|final message|assistant", text
        ):
            raise ModelFailed(f"{self.name} cannot continue a text that is begun ({clean(text)[:200]}); {_REMEDY}")
        if "logprobs" in body and "logprobs" in text:
            self._likeliest = 5 if body["logprobs"] > 5 else 0
            return True
        if "n" in body and (refuses(text, "n") or _ONE_ONLY.search(text)):
            self._one_each = True
            self._note("n", "takes no `n`; texts are asked for singly")
            return True
        for name in ("include_stop_str_in_output", "stop", "seed", "temperature"):
            if name in body and refuses(text, name):
                self._left_out.add(name)
                if name != "include_stop_str_in_output":
                    self._note(name, f"takes no `{name}`; it goes without")
                return True
        return False

    def _read(self, answer: Json, question: _Asked) -> list[_Choice] | Passing:
        answer = self._decode(answer)
        if isinstance(answer, Passing):
            return answer
        try:
            given = [(_text(choice), choice) for choice in answer["choices"]]
            if not given:
                raise IndexError
        except (KeyError, IndexError, TypeError, AttributeError):
            return Passing(f"the answer has no choices with a text but {clean(answer)!r}")
        self._reached = True
        longest = max(32_768, 32 * question.max_tokens)  # characters; a token has a handful
        texts = [redact(text[:longest]) for text, _ in given]
        tokens = _shared_out(answer.get("usage"), texts)
        return [
            _Choice(text, count, str(choice.get("finish_reason") or ""), _reason(choice, question.stop), _first(choice))
            for (_, choice), text, count in zip(given, texts, tokens, strict=True)
        ]

    def _note(self, key: str, words: str) -> None:
        self._noted.setdefault(key, f"{self.name} {words}")

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on an event loop of its own, wherever the caller is; then tell what was noticed."""
        with self._turn:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                found = asyncio.run(work)
            else:
                with ThreadPoolExecutor(1) as pool:
                    found = pool.submit(asyncio.run, work).result()
            fresh = [note for key, note in self._noted.items() if key not in self._told]
            self._told |= set(self._noted)
        if fresh:
            warnings.warn("; ".join(fresh), stacklevel=3)
        return found


async def _together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All of it at once; the first failure ends the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


def _beginning(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    shared = ""
    for letters in zip(*texts, strict=False):
        if len(set(letters)) > 1:
            break
        shared += letters[0]
    return shared


def _seed(seed: int, text: str, copy: int) -> int:
    """A seed of 31 bits, which every server takes."""
    digest = hashlib.blake2b(f"{seed}/{copy}/{text}".encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "little") >> 1


def _unclear(choice: _Choice, stop: tuple[str, ...]) -> bool:
    """Whether one of the stop strings may have ended the text, without anything that tells."""
    return choice.finish != "length" and choice.reason is None and not any(one in choice.text for one in stop)


def _open(stop: str, text: str) -> bool:
    """Whether the stop string is a closing tag whose opening one stands open at the end of the text."""
    tag = _TAG.fullmatch(stop)
    return tag is not None and text.rfind(f"<{tag[1]}>") > text.rfind(stop)


def _text(choice: Json) -> str:
    text = choice["message"]["content"] if "message" in choice else choice["text"]
    if isinstance(text, list):
        text = "".join(part.get("text", "") for part in text)
    if not isinstance(text, str | None):
        raise TypeError
    return text or ""  # a model may end at once


def _reason(choice: Json, stop: tuple[str, ...]) -> str | None:
    for name in ("stop_reason", "matched_stop", "stopping_word"):
        if name in choice:
            said = choice[name]
            return said if said in stop else ""
    return None


def _first(choice: Json) -> tuple[tuple[str, float], ...] | None:
    """The likeliest first tokens with their probabilities, in the form of OpenAI and vLLM or in that of llama.cpp."""
    try:
        told = choice["logprobs"]
        if told.get("top_logprobs"):
            pairs = list(told["top_logprobs"][0].items())
        else:
            pairs = [(each["token"], each["logprob"]) for each in told["content"][0]["top_logprobs"]]
        return tuple((str(token), math.exp(min(float(logprob), 0.0))) for token, logprob in pairs) or None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return None


def _told_apart(tokens: dict[str, float], options: Sequence[str]) -> tuple[float, ...] | None:
    """The options' shares of the next token; None if the likely tokens belong to none or to several of them."""
    shares, torn = [0.0] * len(options), 0.0
    for token, p in tokens.items():
        owners = [
            i for i, option in enumerate(options) if token and (option.startswith(token) or token.startswith(option))
        ]
        if len(owners) == 1:
            shares[owners[0]] += p
        elif owners:
            torn += p
    total = sum(shares)
    return tuple(share / total for share in shares) if total > 0 and torn <= 0.01 * total else None


def _shared_out(usage: Json, texts: Sequence[str]) -> list[int]:
    """Generated tokens of each text: the server's count by length, the sum exact; without one, 1 for 4 characters."""
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    if not isinstance(count, int) or count < 0:
        return [math.ceil(len(text) / 4) for text in texts]
    lengths = [len(text) for text in texts] if any(texts) else [1] * len(texts)
    upto = [round(count * sum(lengths[:place]) / sum(lengths)) for place in range(len(texts) + 1)]
    return [end - start for start, end in pairwise(upto)]

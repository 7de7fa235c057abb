"""`NAME@URL`: chat with a model on any OpenAI-compatible server, through the `openai` package.

What the server answers is never trusted: refusals, rate limits, broken JSON, empty and over-long replies all end in a
usable reply, another try, or one ModelFailed that says what is wrong and what to do. What servers do not support
(a parameter, a system turn) is noticed once and left out from then on. Source: ours; the wire format is the Chat
Completions API (https://platform.openai.com/docs/api-reference/chat).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import time
from collections.abc import AsyncGenerator
from email.utils import parsedate_to_datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Reply, Request, Usage
from talkoot.models.limits import check_network_allowed, is_loopback
from talkoot.types import Json

if TYPE_CHECKING:
    import ssl

    from openai import APIStatusError, AsyncOpenAI

LONGEST_REPLY = 32_768
"""Characters after which a reply is cut; no answer that talkoot asks for comes near it."""

LONGEST_WAIT = 120.0
"""Seconds: a server that asks for a longer pause than this is given up."""

_POOL = 8  # connections of one client
_KEYS = ("TALKOOT_API_KEY", "OPENAI_API_KEY")
_RETRIED = {408, 409, 425, 429}
_SECRET = re.compile(r"\b(?:sk|gsk|hf|key|pk|xai)[-_][\w*.\-]{6,}")
_REFUSED = re.compile(
    r"un(?:supported|recognized|known|expected)|not (?:support|permit|allow|accept|valid)|no longer", re.I
)
_TOO_LONG = re.compile(
    r"context length|context window|too (?:long|large)|maximum context|exceeds? (?:the |its )?(?:max|model|context)",
    re.I,
)
_NO_CHAT = re.compile(
    r"not a chat model|chat template|not support (?:the )?chat|chat completions? (?:is|are) not", re.I
)


class OpenAIChat:
    """A model named `NAME@URL` on an OpenAI-compatible server; one client and connection pool for each event loop.

    URL is used as it is (`http://127.0.0.1:8000/v1`), but for two things: without a scheme it gets `http://` if the
    host is this machine, a bare name or an address, else `https://`; without a path it gets `/v1`. The key comes from
    TALKOOT_API_KEY, else OPENAI_API_KEY; without one, a placeholder is sent, which local servers accept.

    `concurrency` bounds the requests under way, `timeout` is in seconds for one try, `retries` the tries after the
    first for what may pass: 408, 409, 425, 429, 5xx, dropped connections, time outs, broken JSON, empty content.
    Between tries it waits `backoff` seconds, doubled each time up to 8 s, varied by up to a quarter (seeded by `seed`),
    or as long as Retry-After says (seconds or date, at most LONGEST_WAIT); a Retry-After holds back all callers.
    Raises BadInput if the name is malformed.
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
        self.model, self.url = split_name(name)
        self.name = name
        self.host = urlsplit(self.url).hostname or ""
        if concurrency < 1 or timeout <= 0 or retries < 0:
            raise BadInput(f"{name}: concurrency {concurrency}, timeout {timeout} or retries {retries} makes no sense")
        self.concurrency = concurrency
        self.timeout = timeout
        self.retries = retries
        self.backoff = backoff
        self._random = random.Random(seed)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opened: AsyncGenerator[list[AsyncOpenAI], None]
        self._clients: list[AsyncOpenAI]
        self._free: list[int]  # places among the clients' connections, a heap: the first ones are kept busy
        self._tickets: asyncio.Semaphore
        self._lane: asyncio.Lock
        self._sender: asyncio.Task[Json] | None = None
        self._not_before = 0.0
        self._reached = False  # has ever answered: then a refused connection is a pause, not a wrong address
        self._trust: ssl.SSLContext | bool | None = None
        self._names: dict[str, str | None] = {  # our name -> what this server calls it, None: cannot
            word: word for word in ("system", "temperature", "max_tokens", "stop", "seed")
        }

    def __repr__(self) -> str:
        return f"OpenAIChat({self.name!r})"

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
        failures = 0
        while True:
            outcome = await self._try(request, extra)
            if isinstance(outcome, Reply):
                return Reply(outcome.text, outcome.usage, time.perf_counter() - began)
            if outcome is None:
                continue  # a parameter was left out; each can be so only once
            problem, wait = outcome
            failures += 1
            if failures > self.retries:
                raise ModelFailed(f"{self.name} gave no usable answer in {failures} tries; the last time: {problem}")
            pause = min(8.0, self.backoff * 2 ** (failures - 1)) * (0.75 + 0.5 * self._random.random())
            if not wait:
                await asyncio.sleep(pause)
            elif wait > LONGEST_WAIT:
                raise ModelFailed(f"{self.name} asks for a pause of {wait:.0f} s ({problem}); try again later")
            else:
                self._not_before = max(self._not_before, time.monotonic() + wait)

    async def listed(self) -> tuple[str, ...] | None:
        """The names of the models that the server lists; None if it keeps no list. Raises ModelFailed like a call."""
        import openai

        check_network_allowed(self.name, self.host)
        await self._connect()
        try:
            async with asyncio.timeout(self.timeout):
                answer = await self._client(0).get("/models", cast_to=object)
            data = answer["data"] if isinstance(answer, dict) else ()
            return tuple(_clean(entry["id"]) for entry in data if "id" in entry) or None
        except openai.APIStatusError as error:
            if error.status_code in (401, 403):
                raise ModelFailed(self._explain(error, "")) from None
            return None
        except TimeoutError:
            raise ModelFailed(f"{self.name}: no answer in {self.timeout:g} s from {self.url}") from None
        except openai.APIConnectionError as error:
            raise ModelFailed(self._unreachable(error)) from None
        except (ValueError, TypeError, KeyError):
            return None

    async def _connect(self) -> None:
        """Have clients of the running loop. A loop that ends closes its async generators, and so the connections."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._opened = self._open()
            self._clients = await anext(self._opened)  # does not wait, so no other caller comes in between
            self._free = list(range(self.concurrency))
            self._tickets = asyncio.Semaphore(self.concurrency)
            self._lane = asyncio.Lock()
            self._loop = loop

    async def _open(self) -> AsyncGenerator[list[AsyncOpenAI], None]:
        clients: list[AsyncOpenAI] = []
        try:
            yield clients
        finally:
            for client in clients:
                await client.close()

    def _client(self, place: int) -> AsyncOpenAI:
        """The client of a place. Each has few connections, as its pool looks at all of them for every request."""
        while len(self._clients) <= place // _POOL:
            self._clients.append(self._new_client())
        return self._clients[place // _POOL]

    def _new_client(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI

        if self._trust is None:
            # Loading certificates takes long, and http needs none.
            self._trust = httpx2.create_ssl_context() if self.url.startswith("https") else False
        http = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=_POOL),
            timeout=httpx2.Timeout(None, connect=min(10.0, self.timeout)),
            follow_redirects=False,  # a redirect would carry prompts to a place that nobody named
            verify=self._trust,
            event_hooks={"request": [self._watch]},
            trust_env=not is_loopback(self.host),  # no proxy between us and ourselves
        )
        client = AsyncOpenAI(base_url=self.url, api_key=_key()[0] or "none", max_retries=0, http_client=http)
        if not self.host.endswith("openai.com"):  # no other server learns the user's account there
            client.organization = client.project = None
        return client

    async def _try(self, request: Request, extra: dict[str, Json]) -> Reply | tuple[str, float | None] | None:
        """Ask once: a reply, or a problem that may pass with the seconds to wait, or None to ask again at once."""
        import openai

        check_network_allowed(self.name, self.host)
        await self._connect()
        while (rest := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(rest + 0.1 * self.backoff * self._random.random())
        body = self._body(request) | extra
        try:
            async with self._tickets, asyncio.timeout(self.timeout):
                place = heappop(self._free)
                try:
                    await self._lane.acquire()
                    self._sender = asyncio.current_task()
                    answer = await self._client(place).post("/chat/completions", cast_to=object, body=body)
                finally:
                    heappush(self._free, place)
                    self._leave_lane()
        except TimeoutError:
            return f"no answer in {self.timeout:g} s", None
        except openai.APIConnectionError as error:
            if type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout") and not self._reached:
                raise ModelFailed(self._unreachable(error)) from None
            return f"the connection failed ({_clean(error.__cause__ or error)})", None
        except openai.APIStatusError as error:
            status, text = error.status_code, _clean(error.message, json.dumps(error.body, default=str))
            if (status in _RETRIED or status >= 500) and "insufficient_quota" not in text:
                self._reached = True
                return f"HTTP {status}: {_short(error)}", _retry_after(error.response.headers.get("retry-after"))
            if status in (400, 422) and not _TOO_LONG.search(text) and self._leave_out(text, body):
                return None
            raise ModelFailed(self._explain(error, text)) from None
        except (ValueError, RecursionError) as error:
            return f"the answer is not JSON ({_clean(error)})", None
        return self._read(answer, request)

    # Sending takes many turns of the event loop. Callers that start at once would share them and all be late; one after
    # the other, the first is away while the next one prepares, and their replies come back spread out as well.
    async def _watch(self, request: Any) -> None:
        request.extensions["trace"] = self._on_progress

    async def _on_progress(self, event: str, _: Json) -> None:
        if event in ("http11.receive_response_headers.started", "connection.connect_tcp.started"):
            self._leave_lane()

    def _leave_lane(self) -> None:
        if self._sender is not None and self._sender is asyncio.current_task():
            self._sender = None
            self._lane.release()

    def _body(self, request: Request) -> dict[str, Json]:
        turns = [{"role": turn.role, "content": _sendable(turn.content)} for turn in request.messages]
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

    def _leave_out(self, text: str, body: dict[str, Json]) -> bool:
        """Whether the refusal names something that can be left out or renamed; remembers it."""
        if re.search(r"system (?:role|message|prompt)|role.{0,20}system", text, re.I) and _REFUSED.search(text):
            found = "system" in (turn["role"] for turn in body["messages"])
            self._names["system"] = None
            return found
        for word in ("max_tokens", "temperature", "seed", "stop"):
            for name in {word, "max_completion_tokens"} if word == "max_tokens" else {word}:
                quoted = rf"""['"`]{name}\\?['"`]|(?:parameter|argument|field|option)s?:? {name}\b"""
                if name in body and re.search(quoted, text) and _REFUSED.search(text):
                    if self._names[word] == name:  # else another caller has already found out
                        renamed = name == "max_tokens" and "max_completion_tokens" in text
                        self._names[word] = "max_completion_tokens" if renamed else None
                    return True
        return False

    def _read(self, answer: Json, request: Request) -> Reply | tuple[str, float | None]:
        """Take the reply out of a decoded body."""
        if isinstance(answer, str):
            try:
                answer = json.loads(answer)  # JSON that is not declared as such
            except ValueError:
                if answer.lstrip()[:1] == "<" and not self._reached:
                    raise ModelFailed(f"{self.name}: {self.url} answers with a web page; {_ADDRESS}") from None
                return f"the answer is not JSON but {_clean(answer)!r}", None
        try:
            if "choices" not in answer and "error" in answer:
                return f"an error in place of an answer: {_clean(answer['error'])}", None
            choice = answer["choices"][0]
            content = choice["message"].get("content") or choice["message"].get("refusal") or ""
            if isinstance(content, list):
                content = "".join(part.get("text", "") for part in content)
            if not isinstance(content, str):
                raise TypeError
        except (KeyError, IndexError, TypeError, AttributeError):
            return f"the answer has no choices[0].message.content but {_clean(answer)!r}", None
        self._reached = True
        if not content.strip():
            why = "; it used up max_tokens before it said anything" if choice.get("finish_reason") == "length" else ""
            return f"the reply is empty{why}", None
        if self._names["stop"] is None:
            content = min((content.partition(word)[0] for word in request.stop), key=len, default=content)
        usage = answer.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        counts = (usage.get(word) for word in ("prompt_tokens", "completion_tokens"))
        return Reply(_redact(content[:LONGEST_REPLY]), Usage(*(max(n, 0) if isinstance(n, int) else 0 for n in counts)))

    def _explain(self, error: APIStatusError, text: str) -> str:
        """One sentence for an answer that no further try can mend."""
        status, said = error.status_code, _short(error)
        if status in (401, 403):
            key, source = _key()
            if not key:
                return f"{self.name} wants a key (HTTP {status}); set {_KEYS[0]} in the environment"
            return f"{self.name} refuses the key from {source} (HTTP {status}); set {_KEYS[0]} to one that may use it"
        if _NO_CHAT.search(text):
            return f"{self.name}: the model has no chat support ({said}); choose an instruction-tuned chat model"
        if status in (404, 405) and (re.search(rf"model_not_found|\b{re.escape(self.model)}\b", text)):
            return (
                f"{self.name}: the server does not know the model {self.model!r} ({said}); `talkoot models` checks it"
            )
        if status in (404, 405):
            return f"{self.name}: nothing answers at {self.url}/chat/completions (HTTP {status}); {_ADDRESS}"
        if 300 <= status < 400:
            place = error.response.headers.get("location", "elsewhere")
            return f"{self.name}: {self.url} redirects to {_clean(place)}; use that address if it is the right one"
        if status in (400, 413, 422) and _TOO_LONG.search(text):
            return f"{self.name}: the prompt or the asked length is too long for it ({said}); use a longer context"
        return f"{self.name} refused the request (HTTP {status}: {said})"

    def _unreachable(self, error: Exception) -> str:
        cause = error.__cause__ or error
        return f"{self.name}: cannot connect to {self.url} ({_clean(cause) or type(cause).__name__}); {_ADDRESS}"


_ADDRESS = "check the address and that the server runs; it often ends in /v1, as in NAME@http://127.0.0.1:8000/v1"


def split_name(name: str) -> tuple[str, str]:
    """Split `NAME@URL` into the model's name and the full base URL (see OpenAIChat). Raises BadInput if malformed."""
    model, _, url = name.partition("@") if "://" not in name else _at_scheme(name)
    url = url.rstrip("/").removesuffix("/chat/completions")
    if "@" in url or "?" in url or "#" in url:
        raise BadInput(f"the model {model!r} has a URL with a user, key or query in it; put the key into {_KEYS[0]}")
    try:
        if "://" not in url:
            host = urlsplit(f"//{url}").hostname or ""
            near = is_loopback(host) or "." not in host or re.fullmatch(r"[\d.]+|[\da-f:]+", host)
            url = f"{'http' if near else 'https'}://{url}"
        parts = urlsplit(url)
        proper = (
            re.fullmatch(r"[\w.:%-]+", parts.hostname or "") and parts.scheme in ("http", "https") and parts.port != 0
        )
        if not model or not proper:
            raise ValueError
    except ValueError:
        raise BadInput(f"{name!r} is not NAME@URL, such as qwen3@http://127.0.0.1:8000/v1") from None
    return model, url if parts.path else f"{url}/v1"


def _at_scheme(name: str) -> tuple[str, str, str]:
    """Split before the last `@` in front of the scheme: names of models may hold one themselves."""
    head, scheme, tail = name.partition("://")
    model, at, scheme_name = head.rpartition("@")
    return model, at, scheme_name + scheme + tail


def _key() -> tuple[str, str]:
    """The key and the variable it comes from, or two empty strings."""
    for variable in _KEYS:
        if key := os.environ.get(variable, "").strip():
            if not (key.isascii() and key.isprintable() and " " not in key):
                raise BadInput(f"the key in {variable} holds characters that no key has; set it again")
            return key, variable
    return "", ""


def _redact(text: str) -> str:
    """Take the key out of a text that the server sent."""
    key = _key()[0]
    return text.replace(key, "[key]") if len(key) >= 8 else text


def _clean(*values: object) -> str:
    """The server's words for a message: without anything like a key, on one line, not long."""
    text = _SECRET.sub("[key]", _redact(" ".join(str(value) for value in values)))
    return " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())


def _short(error: APIStatusError) -> str:
    return (
        _clean(error.message.removeprefix(f"Error code: {error.status_code}").removeprefix(" - "))[:200] or "no reason"
    )


def _sendable(text: str) -> str:
    """Half a surrogate pair cannot be sent as UTF-8; it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait from a Retry-After header in seconds or as an HTTP date; None if there is none."""
    if not value:
        return None
    try:
        wait = float(value)
    except ValueError:
        try:
            wait = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, wait) if wait == wait else None

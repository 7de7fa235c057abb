"""One OpenAI-compatible server, `NAME@URL`: connections, keys, retries and plain words for what goes wrong.

What is asked and how answers are read is left to subclasses: chat completions in `models.openai_chat`, completions of
plain text in `judging.server`. Source: ours; it sends with the `openai` package.
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
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from talkoot.errors import BadInput, ModelFailed
from talkoot.models.limits import check_network_allowed, is_loopback
from talkoot.types import Json

if TYPE_CHECKING:
    import ssl

    from openai import APIStatusError, AsyncOpenAI

Q = TypeVar("Q")
A = TypeVar("A")

LONGEST_WAIT = 120.0
"""Seconds: a server that asks for a longer pause than this is given up."""

_POOL = 8  # connections of one client
_KEYS = ("TALKOOT_API_KEY", "OPENAI_API_KEY")
_RETRIED = {408, 409, 425, 429}
_SECRET = re.compile(r"\b(?:sk|gsk|hf|key|pk|xai)[-_][\w*.\-]{6,}")
REFUSED = re.compile(
    r"un(?:supported|recognized|known|expected)|not (?:support|permit|allow|accept|valid)|no longer", re.I
)
TOO_LONG = re.compile(
    r"context (?:length|size|window)|too (?:long|large)|maximum context|exceeds? (?:the |its )?(?:max|model|context)",
    re.I,
)
_NO_CHAT = re.compile(
    r"not a chat model|chat template|not support (?:the )?chat|chat completions? (?:is|are) not", re.I
)


class Passing(NamedTuple):
    """What went wrong with one try and may pass, with the seconds to wait before the next (None: as usual)."""

    problem: str
    wait: float | None = None


class Server(Generic[Q, A]):
    """Asks one server questions of type Q for answers of type A; one client and connection pool for each event loop.

    URL is used as it is (`http://127.0.0.1:8000/v1`), but for two things: without a scheme it gets `http://` if the
    host is this machine, a bare name or an address, else `https://`; without a path it gets `/v1`. The key comes from
    TALKOOT_API_KEY, else OPENAI_API_KEY; without one, a placeholder is sent, which local servers accept.

    `concurrency` bounds the requests under way, `timeout` is in seconds for one try, `retries` the tries after the
    first for what may pass: 408, 409, 425, 429, 5xx, dropped connections, time outs, broken JSON, what `_read` finds.
    Between tries it waits `backoff` seconds, doubled each time up to 8 s, varied by up to a quarter (seeded by `seed`),
    or as long as Retry-After says (seconds or date, at most LONGEST_WAIT); a Retry-After holds back all callers.
    Raises BadInput if the name is malformed.

    A subclass says what is sent where (`_compose`), what a refusal can be mended by (`_mend`) and reads (`_read`).
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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _compose(self, question: Q) -> tuple[str, dict[str, Json]]:
        """The path (`/completions`) and body of a question; asked before every try, as refusals may change them."""
        raise NotImplementedError

    def _mend(self, status: int, text: str, body: dict[str, Json]) -> bool:
        """Whether the refusal names something that can be done without; then the question is composed anew."""
        raise NotImplementedError

    def _read(self, answer: Json, question: Q) -> A | Passing:
        """Take the answer out of a decoded body, a JSON object or whatever came instead."""
        raise NotImplementedError

    async def _ask(self, question: Q) -> A:
        """Ask, and again where that may help. Raises ModelFailed, naming the remedy."""
        failures = 0
        while True:
            outcome = await self._try(question)
            if outcome is None:
                continue  # something was left out; each thing can be so only once
            if not isinstance(outcome, Passing):
                return outcome
            failures += 1
            if failures > self.retries:
                raise ModelFailed(
                    f"{self.name} gave no usable answer in {failures} tries; the last time: {outcome.problem}"
                )
            pause = min(8.0, self.backoff * 2 ** (failures - 1)) * (0.75 + 0.5 * self._random.random())
            if not outcome.wait:
                await asyncio.sleep(pause)
            elif outcome.wait > LONGEST_WAIT:
                raise ModelFailed(
                    f"{self.name} asks for a pause of {outcome.wait:.0f} s ({outcome.problem}); try again later"
                )
            else:
                self._not_before = max(self._not_before, time.monotonic() + outcome.wait)

    async def listed(self) -> tuple[str, ...] | None:
        """The names of the models that the server lists; None if it keeps no list. Raises ModelFailed like a call."""
        import openai

        check_network_allowed(self.name, self.host)
        await self._connect()
        try:
            async with asyncio.timeout(self.timeout):
                answer = await self._client(0).get("/models", cast_to=object)
            data = answer["data"] if isinstance(answer, dict) else ()
            return tuple(clean(entry["id"]) for entry in data if "id" in entry) or None
        except openai.APIStatusError as error:
            if error.status_code in (401, 403):
                raise ModelFailed(self._explain(error, "", "/models")) from None
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

    async def _try(self, question: Q) -> A | Passing | None:
        """Ask once: an answer, or what may pass, or None to ask again at once."""
        import openai

        check_network_allowed(self.name, self.host)
        await self._connect()
        while (rest := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(rest + 0.1 * self.backoff * self._random.random())
        path, body = self._compose(question)
        try:
            async with self._tickets, asyncio.timeout(self.timeout):
                place = heappop(self._free)
                try:
                    await self._lane.acquire()
                    self._sender = asyncio.current_task()
                    answer = await self._client(place).post(path, cast_to=object, body=body)
                finally:
                    heappush(self._free, place)
                    self._leave_lane()
        except TimeoutError:
            return Passing(f"no answer in {self.timeout:g} s")
        except openai.APIConnectionError as error:
            if type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout") and not self._reached:
                raise ModelFailed(self._unreachable(error)) from None
            return Passing(f"the connection failed ({clean(error.__cause__ or error)})")
        except openai.APIStatusError as error:
            status, text = error.status_code, clean(error.message, json.dumps(error.body, default=str))
            if not TOO_LONG.search(text) and self._mend(status, text, body):
                return None
            if (status in _RETRIED or status >= 500) and "insufficient_quota" not in text:
                self._reached = True
                return Passing(
                    f"HTTP {status}: {_short(error)}", retry_after(error.response.headers.get("retry-after"))
                )
            raise ModelFailed(self._explain(error, text, path)) from None
        except (ValueError, RecursionError) as error:
            return Passing(f"the answer is not JSON ({clean(error)})")
        return self._read(answer, question)

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

    def _decode(self, answer: Json) -> Json | Passing:
        """JSON that is not declared as such, made into an object; errors that come with status 200, told."""
        if isinstance(answer, str):
            try:
                answer = json.loads(answer)
            except ValueError:
                if answer.lstrip()[:1] == "<" and not self._reached:
                    raise ModelFailed(f"{self.name}: {self.url} answers with a web page; {_ADDRESS}") from None
                return Passing(f"the answer is not JSON but {clean(answer)!r}")
        if isinstance(answer, dict) and "choices" not in answer and "error" in answer:
            return Passing(f"an error in place of an answer: {clean(answer['error'])}")
        return answer

    def _explain(self, error: APIStatusError, text: str, path: str) -> str:
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
            return f"{self.name}: nothing answers at {self.url}{path} (HTTP {status}); {_ADDRESS}"
        if 300 <= status < 400:
            place = error.response.headers.get("location", "elsewhere")
            return f"{self.name}: {self.url} redirects to {clean(place)}; use that address if it is the right one"
        if status in (400, 413, 422) and TOO_LONG.search(text):
            return (
                f"{self.name}: the prompt or the asked length is too long for it ({said}); use a longer "
                "context, or ask for fewer tokens"
            )
        return f"{self.name} refused the request (HTTP {status}: {said})"

    def _unreachable(self, error: Exception) -> str:
        cause = error.__cause__ or error
        return f"{self.name}: cannot connect to {self.url} ({clean(cause) or type(cause).__name__}); {_ADDRESS}"


_ADDRESS = "check the address and that the server runs; it often ends in /v1, as in NAME@http://127.0.0.1:8000/v1"


def split_name(name: str) -> tuple[str, str]:
    """Split `NAME@URL` into the model's name and the full base URL (see Server). Raises BadInput if malformed."""
    model, _, url = name.partition("@") if "://" not in name else _at_scheme(name)
    url = url.rstrip("/").removesuffix("/completions").removesuffix("/chat")
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


def redact(text: str) -> str:
    """Take the key out of a text that the server sent."""
    key = _key()[0]
    return text.replace(key, "[key]") if len(key) >= 8 else text


def clean(*values: object) -> str:
    """The server's words for a message: without anything like a key, on one line, not long."""
    text = _SECRET.sub("[key]", redact(" ".join(str(value) for value in values)))
    return " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())


def _short(error: APIStatusError) -> str:
    return (
        clean(error.message.removeprefix(f"Error code: {error.status_code}").removeprefix(" - "))[:200] or "no reason"
    )


def sendable(text: str) -> str:
    """Half a surrogate pair cannot be sent as UTF-8; it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def retry_after(value: str | None) -> float | None:
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


def refuses(text: str, name: str) -> bool:
    """Whether an error's text says that the server does not take the parameter `name`."""
    named = rf"""['"`]{name}\\?['"`]|(?:parameter|argument|field|option)s?(?: supplied)?:? {name}\b"""
    return bool(re.search(named, text) and REFUSED.search(text))

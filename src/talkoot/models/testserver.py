"""A small OpenAI-compatible server on this machine that answers by a function, and misbehaves on request.

It serves tests and measurements: 64 episodes against a server that takes 500 ms, a rate limit in the middle of a run,
a server that sends half an answer. It speaks just enough HTTP/1.1 for clients of the Chat Completions API and is kept
cheap, so that what is measured is the client. Not for the open network.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate

from talkoot.model import Turn
from talkoot.types import Json

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request is answered instead of properly.

    `status`, `body` and `headers` are sent as they are (a `body` that is no bytes as JSON); `date_in` adds a
    Retry-After as an HTTP date that many seconds from now; `seconds` waits first; `drop` closes the connection after
    that many bytes of the answer.
    """

    status: int = 200
    body: Json = None
    headers: tuple[tuple[str, str], ...] = ()
    date_in: float | None = None
    seconds: float = 0.0
    drop: int | None = None


def says(text: str | None, *, finish: str = "stop") -> Json:
    """The body of a proper chat completion that says `text`."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    words = len((text or "").split())
    usage = {"prompt_tokens": 1, "completion_tokens": words, "total_tokens": 1 + words}
    return {"id": "chatcmpl-0", "object": "chat.completion", "created": 0, "choices": [choice], "usage": usage}


def refuses(status: int, message: str, *, code: str = "", param: str = "", headers: Iterable[str] = ()) -> Fault:
    """A Fault with an error body as servers send it. `headers` are lines such as `Retry-After: 1`."""
    body = {
        "error": {"message": message, "type": "invalid_request_error", "code": code or None, "param": param or None}
    }
    lines = (line.partition(":") for line in headers)
    return Fault(status, body, tuple((name, value.strip()) for name, _, value in lines))


def continues(
    asked: Json,
    writes: Callable[[str, int], str],
    next_tokens: Callable[[str], dict[str, float]] | None = None,
    ignores: frozenset[str] = frozenset(),
) -> Json:
    """The body of a proper completion of `asked`; see TestServer."""
    asked = {name: value for name, value in asked.items() if name not in ignores}
    choices: list[Json] = []
    total = 0
    for index in range(asked.get("n", 1)):
        tokens = re.findall(r"\s*\S+|\s+$", writes(asked["prompt"], asked.get("seed", 0) + index))
        text = "".join(tokens[: asked["max_tokens"]])
        reason, finish = None, "stop" if len(tokens) <= asked["max_tokens"] else "length"
        ends = [(text.find(stop) + len(stop), stop) for stop in asked.get("stop", ()) if stop in text]
        if ends:
            end, reason = min(ends)
            text, finish = text[: end if asked.get("include_stop_str_in_output") else end - len(reason)], "stop"
        total += len(re.findall(r"\s*\S+|\s+$", text))
        choice = {"index": index, "text": text, "finish_reason": finish, "logprobs": None}
        choices.append(choice if "stop_reason" in ignores else choice | {"stop_reason": reason})
        if next_tokens is not None and asked.get("logprobs"):
            likeliest = sorted(next_tokens(asked["prompt"]).items(), key=lambda pair: -pair[1])[: asked["logprobs"]]
            choices[-1]["logprobs"] = {"top_logprobs": [{token: math.log(p) for token, p in likeliest}]}
    usage = {"prompt_tokens": 1, "completion_tokens": total, "total_tokens": 1 + total}
    return {"id": "cmpl-0", "object": "text_completion", "created": 0, "choices": choices, "usage": usage}


def by_rulebook(purpose: Callable[[tuple[Turn, ...]], str]) -> Callable[[tuple[Turn, ...]], str]:
    """An `answer` that asks the rulebook. Servers see no purpose, so `purpose(messages)` must tell it from the text."""
    from talkoot.models.rulebook import answer_by_rules

    return lambda messages: answer_by_rules(purpose(messages), messages)


class TestServer:
    """Answers `POST /v1/chat/completions` by `answer(messages)` after `latency` seconds, and `GET /v1/models`.

    With `writes`, it continues texts at `POST /v1/completions` as well: `writes(prompt, seed)` is what the model would
    write without bounds, its tokens are words, and copy i of a request has the seed `seed` + i. `next_tokens(prompt)`
    gives the probabilities of the next token, for requests with `logprobs`. The parameters in `ignores` are taken and
    not heeded: `n`, `stop`, `logprobs`, `include_stop_str_in_output`, and `stop_reason` for saying what ended a text.
    `faults` are used up one a request, in order; `fault(body)`, if given, decides for each request with its decoded
    body whether it goes wrong. `key` demands that key. `bodies` keeps the last requests, `requests` counts all.
    """

    __test__ = False  # no test class, whatever pytest makes of the name

    def __init__(
        self,
        answer: Callable[[tuple[Turn, ...]], str],
        *,
        model: str = "test",
        latency: float = 0.0,
        key: str = "",
        faults: Iterable[Fault] = (),
        fault: Callable[[Json], Fault | None] | None = None,
        writes: Callable[[str, int], str] | None = None,
        next_tokens: Callable[[str], dict[str, float]] | None = None,
        ignores: Iterable[str] = (),
    ) -> None:
        self.answer = answer
        self.writes = writes
        self.next_tokens = next_tokens
        self.ignores = frozenset(ignores)
        self.model = model
        self.latency = latency
        self.key = key
        self.faults = deque(faults)
        self.fault = fault
        self.requests = 0
        self.under_way = 0
        self.most_under_way = 0
        self.bodies: deque[Json] = deque(maxlen=100)
        self.arrivals: deque[float] = deque(maxlen=1000)
        self.url = ""
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    @property
    def name(self) -> str:
        """The model's name for `open_model`."""
        return f"{self.model}@{self.url}"

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. `url` then says where."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.transport.abort()
            await self._server.wait_closed()
            await asyncio.sleep(0)

    async def __aenter__(self) -> TestServer:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    def respond(self, head: bytes, body: bytes) -> tuple[float, bytes, int | None]:
        """For one request: seconds to wait, the bytes to send, and after how many of them to hang up (None: not)."""
        method, _, path = head.partition(b" ")
        if self.key and f"authorization: bearer {self.key}".encode().lower() not in head.lower():
            return self._proper(refuses(401, f"Incorrect API key provided, expected {self.key}"))
        if method == b"GET" and path.startswith(b"/v1/models"):
            return self._proper(Fault(200, {"object": "list", "data": [{"id": self.model, "object": "model"}]}))
        plain = self.writes is not None and path.startswith(b"/v1/completions")
        if method != b"POST" or not (plain or path.startswith(b"/v1/chat/completions")):
            return self._proper(Fault(404, b"<html>no such page</html>", (("Content-Type", "text/html"),)))
        self.requests += 1
        self.arrivals.append(time.monotonic())
        asked = json.loads(body)
        self.bodies.append(asked)
        if self.faults:
            return self._proper(self.faults.popleft())
        if self.fault is not None and (fault := self.fault(asked)) is not None:
            return self._proper(fault)
        if asked["model"] != self.model:
            return self._proper(refuses(404, f"The model `{asked['model']}` does not exist.", code="model_not_found"))
        if self.writes is not None and plain:
            body_of = continues(asked, self.writes, self.next_tokens, self.ignores)
            return self._proper(Fault(200, body_of, seconds=self.latency))
        text = self.answer(tuple(Turn(turn["role"], turn["content"]) for turn in asked["messages"]))
        return self._proper(Fault(200, says(text), seconds=self.latency))

    def _proper(self, fault: Fault) -> tuple[float, bytes, int | None]:
        body = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | dict(fault.headers)
        if fault.date_in is not None:
            headers["Retry-After"] = formatdate(time.time() + fault.date_in, usegmt=True)
        lines = [f"HTTP/1.1 {fault.status} {_REASONS.get(fault.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return fault.seconds, "\r\n".join(lines).encode() + b"\r\n\r\n" + body, fault.drop


class _Connection(asyncio.Protocol):
    """One client: cuts the byte stream into requests and answers each in turn."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            _, found, length = head.lower().partition(b"content-length:")
            size = int(length.split(b"\r\n", 1)[0]) if found else 0
            if len(self.buffer) < end + 4 + size:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + size], self.buffer[end + 4 + size :]
            self.server.under_way += 1
            self.server.most_under_way = max(self.server.most_under_way, self.server.under_way)
            seconds, answer, drop = self.server.respond(head, body)
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self.send, answer, drop)
            else:
                self.send(answer, drop)

    def send(self, answer: bytes, drop: int | None) -> None:
        self.server.under_way -= 1
        if self.transport.is_closing():
            return
        self.transport.write(answer[:drop])
        if drop is not None:
            self.transport.close()


@contextmanager
def serving(server: TestServer, port: int = 0) -> Iterator[TestServer]:
    """Run the server in a thread of its own for the length of the block, for callers that are not async."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        try:
            await server.start(port)
        finally:
            ready.set()
        await stop.wait()
        await server.stop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(live())
        loop.close()

    thread = threading.Thread(target=run, name="talkoot test server", daemon=True)
    thread.start()
    ready.wait()
    if not server.url:
        thread.join()
        raise OSError(f"cannot listen on 127.0.0.1, port {port}")
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()

"""Models around a Model: `Cached`, `Budget`, `Recorder`, `Recorded`, `Resumed`; and the switch that forbids networks.

Cache and recording are one format: JSON lines of what was asked (by key) and answered. A line is appended in one
write under a file lock, so several processes may share a file, and a process that is killed leaves at most half a last
line, which readers pass over and the next writer ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from talkoot.errors import BadInput, BudgetSpent, CorruptRecord, ModelFailed, NetworkForbidden
from talkoot.events import Called, Event
from talkoot.model import Model, Reply, Request, Usage
from talkoot.types import Json

_START = b'{"key":"'  # how every line begins
_SWITCH = "TALKOOT_NO_NETWORK_MODELS"


@dataclass(frozen=True, slots=True)
class Answer:
    """One recorded answer: the request's key, its purpose, the model's name, and the reply, or the `error` instead."""

    key: str
    purpose: str
    model: str
    reply: Reply
    error: str = ""


def answers_of(events: Iterable[Event]) -> list[Answer]:
    """The answers that an episode's events of kind `called` hold, in order; failed calls among them (see `error`)."""
    return [
        Answer(
            event.key,
            event.purpose,
            event.model,
            Reply(event.reply, Usage(event.prompt_tokens, event.completion_tokens)),
            event.error,
        )
        for event in events
        if isinstance(event, Called)
    ]


def read_answers(path: Path) -> list[Answer]:
    """Read a recording, a cache file, an episode file, or all episodes of a run folder in the order of their names.

    Raises BadInput if there is nothing at `path`, CorruptRecord with file and line if it is something else.
    """
    if path.is_dir():
        files = sorted(path.glob("episodes/*.jsonl")) or sorted(path.glob("*.jsonl"))
        if not files:
            raise BadInput(f"{path} holds no episodes/*.jsonl; give a run folder, an episode file or a recording")
        return [answer for file in files for answer in read_answers(file)]
    if not path.exists():
        raise BadInput(f"no recording at {path}; give a recording, a cache file, an episode file or a run folder")
    with path.open("rb") as file:
        first = file.read(9)
    if first == b'{"kind":"':
        from talkoot.episode import iter_events

        return answers_of(iter_events(path))
    lines = enumerate(path.read_bytes().splitlines(), 1)
    found = (_parse(line, f"{path}, line {number}") for number, line in lines)
    return [answer for answer in found if answer is not None]


class Cached:
    """Ask `model` only what the file at `path` does not hold yet; the reply of the first time serves ever after.

    Replies are kept by model name and request key; equal requests under way at once are asked once. Failed calls are
    not kept. The file may be shared by several processes: what another one appended is found before asking.
    """

    def __init__(self, model: Model, path: Path) -> None:
        self.model = model
        self.name = model.name
        self.path = path
        self._index: dict[str, tuple[int, int]] = {}  # key -> where its line lies in the file
        self._read = 0
        self._pending: dict[tuple[int, str], asyncio.Future[None]] = {}
        self._refresh()

    async def __call__(self, request: Request) -> Reply:
        """Answer from the file, or ask and write the reply down."""
        key = request.key()
        while True:
            if (reply := self._find(key)) is not None:
                return reply
            loop = asyncio.get_running_loop()
            ticket = (id(loop), key)
            if (pending := self._pending.get(ticket)) is None:
                break
            await asyncio.wait([pending])  # the first asker may fail; then the next one asks
        mine = self._pending[ticket] = loop.create_future()
        try:
            reply = await self.model(request)
            _append(self.path, Answer(key, request.purpose, self.name, reply))
            return reply
        finally:
            del self._pending[ticket]
            mine.set_result(None)

    def _find(self, key: str) -> Reply | None:
        if key not in self._index:
            self._refresh()
        if key not in self._index:
            return None
        start, length = self._index[key]
        with self.path.open("rb") as file:
            file.seek(start)
            answer = _parse(file.read(length), f"{self.path}, byte {start}")
        return answer.reply if answer else None

    def _refresh(self) -> None:
        """Index the complete lines that were appended since the last look."""
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size <= self._read:
                    return
                file.seek(self._read)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    start, self._read = self._read, self._read + len(line)
                    answer = _parse(line, f"{self.path}, byte {start}")
                    if answer is not None and answer.model == self.name and not answer.error:
                        self._index.setdefault(answer.key, (start, len(line)))
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(f"the cache {self.path} cannot be read: {error.strerror or error}") from error


class Budget:
    """Let through at most `calls` calls and about `tokens` tokens to `model`, then raise BudgetSpent.

    Calls are counted when they are asked, failed ones too, and are never exceeded. For tokens, each call under way
    holds back its `max_tokens` and a quarter of its prompt's characters; one that does not fit beside the others waits
    until they tell what they really used. So the sum is exceeded only where a prompt has more tokens than estimated.
    Replies whose tokens nobody counted are counted as a quarter of the characters.
    """

    def __init__(self, model: Model, *, calls: int | None = None, tokens: int | None = None) -> None:
        for what, bound in (("calls", calls), ("tokens", tokens)):
            if bound is not None and bound < 0:
                raise BadInput(f"a budget of {bound} {what} makes no sense; give 0 or more")
        self.model = model
        self.name = model.name
        self.calls = calls
        self.tokens = tokens
        self.calls_made = 0
        self.tokens_used = 0
        self._held = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def __call__(self, request: Request) -> Reply:
        """Pass the request on if the budget allows it. Raises BudgetSpent if not."""
        prompt = sum(len(turn.content) for turn in request.messages) // 4
        need = prompt + request.max_tokens if self.tokens is not None else 0
        while self._check(need):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self.calls_made += 1
        self._held += need
        try:
            reply = await self.model(request)
            used = reply.usage.prompt_tokens + reply.usage.completion_tokens
            self.tokens_used += used or prompt + len(reply.text) // 4
            return reply
        finally:
            self._held -= need
            waiting, self._waiting = self._waiting, []
            for turn in waiting:
                if not turn.done():
                    turn.set_result(None)

    def _check(self, need: int) -> bool:
        """Whether the call must wait for others to end. Raises BudgetSpent if that cannot help."""
        if self.calls is not None and self.calls_made >= self.calls:
            raise BudgetSpent(
                f"the budget of {self.calls} calls to {self.name} is spent; everything so far is on disk, the same "
                "command with a larger budget goes on from there"
            )
        if self.tokens is None or self.tokens_used + self._held + need <= self.tokens:
            return False
        if self._held and self.tokens_used + need <= self.tokens:
            return True
        raise BudgetSpent(
            f"the budget of {self.tokens} tokens for {self.name} is spent ({self.tokens_used} used, the next call may "
            f"need {need}); everything so far is on disk, the same command with a larger budget goes on from there"
        )


class Recorder:
    """Pass every request to `model` and append each reply, or the error that came instead, to the file at `path`."""

    def __init__(self, model: Model, path: Path) -> None:
        self.model = model
        self.name = model.name
        self.path = path

    async def __call__(self, request: Request) -> Reply:
        """Ask and write down."""
        try:
            reply = await self.model(request)
        except ModelFailed as error:
            _append(self.path, Answer(request.key(), request.purpose, self.name, Reply(""), str(error)))
            raise
        _append(self.path, Answer(request.key(), request.purpose, self.name, reply))
        return reply


class _Replay:
    """Answers by key: the nth request of a key gets its nth answer. `take` gives None where none is left."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers: dict[str, list[Answer]] = {}
        self._taken: dict[str, int] = {}
        for answer in answers:
            self._answers.setdefault(answer.key, []).append(answer)

    def count(self, key: str) -> int:
        return len(self._answers.get(key, ()))

    def take(self, key: str, *, repeat: bool) -> Answer | None:
        answers = self._answers.get(key, [])
        number = self._taken.get(key, 0)
        if number < len(answers):
            self._taken[key] = number + 1
            return answers[number]
        same = repeat and len({(answer.reply.text, answer.error) for answer in answers}) == 1
        return answers[-1] if same else None


class Recorded:
    """Replay recorded answers, strictly: the nth request of a key gets the nth answer recorded for that key.

    Where a request comes more often than it was recorded, its answer is given again if all recorded ones are equal
    (a deterministic model), else that is an error, as is a request that was never recorded: ModelFailed, naming purpose
    and key. A recorded failure is raised again as ModelFailed. `source` is a file or folder (see `read_answers`) or
    the answers themselves.
    """

    def __init__(self, source: Path | Iterable[Answer], *, name: str = "") -> None:
        self.name = name or (f"recorded/{source}" if isinstance(source, Path) else "recorded")
        self._replay = _Replay(read_answers(source) if isinstance(source, Path) else source)

    async def __call__(self, request: Request) -> Reply:
        """Answer from the recording. Raises ModelFailed if it does not hold the request."""
        key = request.key()
        answer = self._replay.take(key, repeat=True)
        if answer is None:
            count = self._replay.count(key)
            what = f"recorded only {count} times, with different answers" if count else "not recorded"
            raise ModelFailed(
                f"{self.name}: the request {request.purpose} with key {key[:16]} is {what}; prompts, settings or seeds "
                "have changed since the recording, or the world went another way. Record again with a live model"
            )
        return _give(answer)


class Resumed:
    """Serve `answers` first, each once and by key, then ask `model`: goes on with a half-played episode for free.

    The nth request of a key gets the nth answer of that key; everything beyond is asked live.
    """

    def __init__(self, model: Model, answers: Iterable[Answer]) -> None:
        self.model = model
        self.name = model.name
        self._replay = _Replay(answers)

    async def __call__(self, request: Request) -> Reply:
        """Answer from what is known, else live."""
        answer = self._replay.take(request.key(), repeat=False)
        return _give(answer) if answer is not None else await self.model(request)


@contextmanager
def forbid_network_models(allow_loopback: bool = True) -> Iterator[None]:
    """Forbid network models inside this block, in child processes too: a call raises NetworkForbidden.

    Servers on this machine stay allowed if `allow_loopback`. The same switch from outside is the environment variable
    TALKOOT_NO_NETWORK_MODELS: `1` forbids all, `loopback` all but this machine's own.
    """
    before = os.environ.get(_SWITCH)
    # An outer switch that forbids more stays in force.
    os.environ[_SWITCH] = "loopback" if allow_loopback and before in (None, "", "0", "loopback") else "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


def check_network_allowed(name: str, host: str) -> None:
    """Raise NetworkForbidden if the switch forbids the model `name` on `host`; network models ask before each call."""
    switch = os.environ.get(_SWITCH, "")
    if switch in ("", "0") or (switch == "loopback" and is_loopback(host)):
        return
    raise NetworkForbidden(
        f"{name} was called, but {_SWITCH}={switch} forbids network models; unset it, or use rulebook or recorded/PATH"
    )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by name or address; nothing is looked up."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host) is not None


def _give(answer: Answer) -> Reply:
    if answer.error:
        raise ModelFailed(answer.error)
    return answer.reply


def _parse(line: bytes, where: str) -> Answer | None:
    """Read one line; None if it is the first part of one that a killed process left (and the next writer ended)."""
    try:
        fields: Json = json.loads(line)
    except ValueError as error:
        line = line.rstrip(b"\n")
        if line.startswith(_START) or _START.startswith(line):
            return None
        raise CorruptRecord(f"{where}: not a line of a recording ({error}); record again") from error
    try:
        usage = Usage(int(fields["prompt_tokens"]), int(fields["completion_tokens"]))
        reply = Reply(str(fields["reply"]), usage, float(fields.get("seconds", 0.0)))
        return Answer(
            str(fields["key"]), str(fields["purpose"]), str(fields["model"]), reply, str(fields.get("error", ""))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptRecord(f"{where}: not a line of a recording (missing or wrong {error}); record again") from error


def _append(path: Path, answer: Answer) -> None:
    """Append one line in one write under a lock; a half line of a killed writer is ended first."""
    fields: dict[str, Json] = {
        "key": answer.key,
        "purpose": answer.purpose,
        "model": answer.model,
        "reply": answer.reply.text,
        "prompt_tokens": answer.reply.usage.prompt_tokens,
        "completion_tokens": answer.reply.usage.completion_tokens,
        "seconds": round(answer.reply.seconds, 3),
    }
    if answer.error:
        fields["error"] = answer.error
    # ASCII escapes: half a surrogate pair in a hostile reply is no UTF-8.
    line = json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        _lock(file.fileno())
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)


def _lock(descriptor: int) -> None:
    """Lock the file until it is closed; where there is no flock (Windows), single appends must do."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)

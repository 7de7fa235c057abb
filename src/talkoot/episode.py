"""The main loop, and the record it writes: `run_episode` plays a team in a world, `read_episode` reads it back."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypeVar

from talkoot import __version__
from talkoot.agent import Agent
from talkoot.errors import BadInput, CorruptRecord
from talkoot.events import Acted, Called, Ended, Event, Saw, Started, Stepped
from talkoot.types import Json, Seat
from talkoot.world import World

_LONG = 120  # characters from which a paragraph is stored once and referred to by its hash
T = TypeVar("T")


@dataclass(frozen=True)
class Episode:
    """All events of one episode, in order."""

    events: tuple[Event, ...]

    def __repr__(self) -> str:
        """In short: asyncio prints the results of tasks, and thousands of events take long to print."""
        return f"Episode({len(self.events)} events)"

    @property
    def started(self) -> Started:
        """The first event."""
        first = self.events[0] if self.events else None
        if not isinstance(first, Started):
            raise CorruptRecord("the episode has no first line of kind 'started'; play it again")
        return first

    @property
    def ended(self) -> Ended | None:
        """The last event, or None if the episode was cut off."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, Ended) else None

    @property
    def score(self) -> float:
        """The team's return: the sum of all rewards of all seats."""
        return sum(sum(event.rewards.values()) for event in self.events if isinstance(event, Stepped))

    def actions(self) -> list[dict[Seat, str]]:
        """The primitives of every step, by seat."""
        steps: dict[int, dict[Seat, str]] = {}
        for event in self.events:
            if isinstance(event, Acted):
                steps.setdefault(event.t, {})[event.seat] = event.action
        return [steps[t] for t in sorted(steps)]


async def run_episode(
    world: World,
    team: Mapping[Seat, Agent],
    seed: int = 0,
    *,
    record: Callable[[Event], None] | None = None,
    names: Mapping[Seat, str] | None = None,
    on_step: Callable[[Stepped], None] | None = None,
) -> Episode:
    """Play one episode: the seats that are ready think at the same time, then the world takes one step.

    Events go to `record` while they happen, step by step and seat by seat, so that the order does not depend on which
    model answered first. An agent's events are written even if it raises. Raises BadInput if the team does not fill
    exactly the world's seats.
    """
    if set(team) != set(world.seats):
        raise BadInput(f"{world.name} has seats {list(world.seats)}, but the team fills {sorted(team)}")
    events: list[Event] = []

    def write(event: Event) -> None:
        events.append(event)
        if record is not None:
            record(event)

    observations = dict(world.reset(seed))
    labels = {seat: (names or {}).get(seat, type(team[seat]).__name__) for seat in world.seats}
    write(Started(world.name, labels, seed, world.setting(), world.scene(), __version__))
    thoughts: dict[Seat, list[Event]] = {seat: [] for seat in world.seats}
    for seat in world.seats:
        team[seat].reset(seed, world.guide(seat), thoughts[seat].append)

    def flush() -> None:
        for seat in world.seats:
            for event in thoughts[seat]:
                write(event)
            thoughts[seat].clear()

    ready, done, now = frozenset(world.seats), False, 0
    try:
        while not done:
            seats = sorted(ready)
            now = observations[seats[0]].t
            replies = await _all_or_first_error([team[seat].act(observations[seat]) for seat in seats])
            actions = dict(zip(seats, replies, strict=True))
            for seat in seats:
                # Language agents say under which skill they act; for all others the bare primitive is told here.
                if not any(isinstance(event, Acted) for event in thoughts[seat]):
                    thoughts[seat].append(Acted(now, seat, str(actions[seat]), "", actions[seat].say))
            step = world.step(actions)
            flush()
            observations.update(step.observations)
            ready, done, now = step.ready, step.done, now + step.elapsed
            stepped = Stepped(now, dict(step.rewards), world.scene(), done, dict(step.info))
            write(stepped)
            if on_step is not None:
                on_step(stepped)
    except BaseException:
        flush()
        raise
    calls = [event for event in events if isinstance(event, Called)]
    tokens = sum(call.prompt_tokens for call in calls), sum(call.completion_tokens for call in calls)
    write(Ended(now, Episode(tuple(events)).score, len(calls), *tokens))
    return Episode(tuple(events))


async def _all_or_first_error(coroutines: list[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all; if one fails, stop the others before raising, so that nothing goes on thinking behind our back."""
    if len(coroutines) == 1:
        reply = await coroutines[0]
        await asyncio.sleep(0)  # a script waits for nothing, and Ctrl-C is heard only by who does
        return [reply]
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from ordinary code: `run_sync(run_episode(world, team))`."""
    return asyncio.run(coroutine)


class EpisodeWriter:
    """Appends events to a JSON-lines file, each line flushed, so that the file can be read while it grows.

    Long paragraphs (a prompt repeats most of its text from call to call) are written once as a line of kind `text`
    and referred to by hash afterwards.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._known: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Write one event as one line (after the texts that it is the first to need)."""
        fields: dict[str, Json] = {name: getattr(event, name) for name in ("kind", *event.__dataclass_fields__)}
        if isinstance(event, Called):
            fields["messages"] = [[role, self._store(content)] for role, content in event.messages]
        elif isinstance(event, Saw):
            fields["words"] = self._store(event.words)
        self._line(fields)

    def _store(self, text: str) -> list[Json]:
        parts: list[Json] = []
        for paragraph in text.split("\n\n"):
            if len(paragraph) < _LONG:
                parts.append(paragraph)
                continue
            digest = hashlib.sha256(paragraph.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            if digest not in self._known:
                self._known.add(digest)
                self._line({"kind": "text", "hash": digest, "text": paragraph})
            parts.append({"text": digest})
        return parts

    def _line(self, fields: dict[str, Json]) -> None:
        # Half a surrogate pair in a hostile reply is not UTF-8; ASCII escapes carry it through unharmed.
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        try:
            text.encode()
        except UnicodeEncodeError:
            text = json.dumps(fields, separators=(",", ":"))
        self._file.write(text + "\n")
        self._file.flush()


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Event] = TypeAdapter(Event)
    return adapter


def iter_events(path: Path, *, allow_cut: bool = True) -> Iterator[Event]:
    """Read the events of an episode file one by one.

    A half-written last line (a killed process) is passed over if `allow_cut`. Any other fault raises CorruptRecord
    with file and line.
    """
    texts: dict[str, str] = {}
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise CorruptRecord(f"{path} cannot be read: {error.strerror or error}") from error

    def restore(parts: Json) -> str:
        return "\n\n".join(texts[part["text"]] if isinstance(part, dict) else part for part in parts)

    for number, line in enumerate(lines, 1):
        if not line:
            continue
        last = number == len(lines)  # a complete line ends in a newline, so the last piece is empty
        try:
            fields = json.loads(line)
            if fields["kind"] == "text":
                texts[fields["hash"]] = fields["text"]
                continue
            if fields["kind"] == "called":
                fields["messages"] = [(role, restore(parts)) for role, parts in fields["messages"]]
            elif fields["kind"] == "saw":
                fields["words"] = restore(fields["words"])
            event: Event = _adapter().validate_python(fields)
        except (ValueError, KeyError, TypeError) as error:
            if last and allow_cut:
                return
            what = str(error).splitlines()[0]
            if number == 1:
                raise CorruptRecord(
                    f"{path} is no record of an episode: line 1 is not an event ({what}); name one of "
                    "RUN/episodes/*.jsonl, or if it is one, delete it and run the command again"
                ) from error
            raise CorruptRecord(
                f"{path}, line {number}: not an event ({what}); delete the file and run the command again"
            ) from error
        if not last:
            yield event
        elif not allow_cut:
            raise CorruptRecord(f"{path}, line {number}: the last line was cut off; run the command again")


def read_episode(path: Path) -> Episode:
    """Read a whole episode file, complete or cut off."""
    return Episode(tuple(iter_events(path)))

"""Memory: a trajectory of bounded length, first in, first out (ProAgent: language state, analysis, belief, skill)."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace

from talkoot.agents.thinking import one_line
from talkoot.model import Turn
from talkoot.types import Json, Message, Seat


@dataclass(frozen=True)
class Moment:
    """One decision: when, what was seen, the reply, the skill chosen, and what came of it ("" while under way)."""

    t: int
    words: str
    reply: str
    skill: str
    outcome: str = ""


@dataclass
class Memory:
    """What the agent remembers of this episode.

    `capacity` bounds the trajectory of decisions and, separately, the log of deeds. `recent` is how many of the latest
    decisions are put into the prompt as earlier turns of the chat (the release: K messages, and only when a plan is
    made again: `recall="replans"`). `deeds` is how many lines of what both did are told.
    """

    capacity: int = 10
    recent: int = 0
    deeds: int = 6
    recall: str = "always"
    trajectory: deque[Moment] = field(default_factory=deque)
    log: deque[tuple[int, str]] = field(default_factory=deque)
    messages: deque[Message] = field(default_factory=deque)
    said: deque[str] = field(default_factory=deque)

    def reset(self) -> None:
        """Forget everything."""
        for store in (self.trajectory, self.log, self.messages, self.said):
            store.clear()

    def remember(self, moment: Moment) -> None:
        """Keep a decision; the oldest is dropped beyond the capacity."""
        self.trajectory.append(moment)
        while len(self.trajectory) > self.capacity:
            self.trajectory.popleft()

    def outcome(self, t: int, skill: str, outcome: str, reason: str = "", *, deed: bool = True) -> None:
        """Write down how the skill that was chosen last ended, and why; as a line of the log only if it is a `deed`."""
        if self.trajectory and self.trajectory[-1].skill == skill:
            how = f"{outcome}: {one_line(reason)}" if reason else outcome
            self.trajectory[-1] = replace(self.trajectory[-1], outcome=how)
        if deed:
            self.note(t, f"you {outcome} {skill}")

    def note(self, t: int, deed: str) -> None:
        """Write a line into the log of deeds."""
        self.log.append((t, one_line(deed)))
        while len(self.log) > self.capacity:
            self.log.popleft()

    def hear(self, messages: tuple[Message, ...]) -> None:
        """Keep what was said to this seat; the last few are told again."""
        self.messages.extend(messages)
        while len(self.messages) > 4:
            self.messages.popleft()

    def say(self, text: str) -> None:
        """Keep what this seat said."""
        self.said.append(text)
        while len(self.said) > 4:
            self.said.popleft()

    def history(self) -> list[str]:
        """The latest deeds, one line each, oldest first."""
        return [f"scene {t}: {deed}" for t, deed in list(self.log)[-self.deeds :]] if self.deeds else []

    def turns(self, *, again: bool) -> list[Turn]:
        """The latest decisions as earlier turns of the chat; `again` says that a rejected plan is being made anew."""
        if not self.recent or (self.recall == "replans" and not again):
            return []
        latest = list(self.trajectory)[-self.recent :]
        return [turn for m in latest for turn in (Turn("user", m.words), Turn("assistant", m.reply))]

    def save(self) -> Json:
        """Everything as JSON."""
        return {
            "trajectory": [asdict(moment) for moment in self.trajectory],
            "log": [list(entry) for entry in self.log],
            "messages": [[m.sender, m.text, m.t] for m in self.messages],
            "said": list(self.said),
        }

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self.reset()
        self.trajectory.extend(Moment(**moment) for moment in state["trajectory"])
        self.log.extend((t, deed) for t, deed in state["log"])
        self.messages.extend(Message(*fields) for fields in state["messages"])
        self.said.extend(state["said"])


def deed_line(seat: Seat, deed: str) -> str:
    """A mate's deed as a line of the log."""
    return f"<Player {seat}> did {deed}"

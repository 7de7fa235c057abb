"""Episodic memory: decisions, deeds, plans and dialogue of this episode, each of bounded length, first in, first out.

ProAgent keeps language state, analysis, belief and skill of each decision; CoELA tells its last plans and the last
lines that were said. What is known of the world by now is another memory: see `semantic`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace

from talkoot.agents.thinking import one_line
from talkoot.model import Turn
from talkoot.types import Json, Message, Seat

UNFINISHED = " (unfinished)"
"""What the history of plans adds to one that was given up."""


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
    made again: `recall="replans"`). `deeds` is how many lines of what both did are told, `lines` how many lines of the
    dialogue (the reference, 1.3: 3). `plans` are the chosen plans as a list of plans writes them, for CoELA's prompts.
    """

    capacity: int = 10
    recent: int = 0
    deeds: int = 6
    recall: str = "always"
    lines: int = 3
    trajectory: deque[Moment] = field(default_factory=deque)
    log: deque[tuple[int, str]] = field(default_factory=deque)
    messages: deque[Message] = field(default_factory=deque)
    said: deque[str] = field(default_factory=deque)
    plans: deque[str] = field(default_factory=deque)
    dialogue: deque[tuple[int, Seat, str]] = field(default_factory=deque)

    def reset(self) -> None:
        """Forget everything."""
        for store in (self.trajectory, self.log, self.messages, self.said, self.plans, self.dialogue):
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
        for message in messages:
            self.spoken(message.t, message.sender, message.text)

    def say(self, text: str) -> None:
        """Keep what this seat said."""
        self.said.append(text)
        while len(self.said) > 4:
            self.said.popleft()

    def spoken(self, t: int, seat: Seat, text: str) -> None:
        """Put a line into the dialogue: by the step in which it was said, then by seat."""
        self.dialogue = deque(sorted([*self.dialogue, (t, seat, text)], key=lambda line: line[:2]))
        while len(self.dialogue) > max(self.capacity, self.lines):
            self.dialogue.popleft()

    def told(self) -> list[tuple[Seat, str]]:
        """The latest lines of the dialogue, oldest first."""
        return [(seat, text) for _, seat, text in list(self.dialogue)[-self.lines :]] if self.lines else []

    def begin(self, plan: str) -> None:
        """A plan was chosen; the oldest is dropped beyond the capacity."""
        self.plans.append(plan)
        while len(self.plans) > self.capacity:
            self.plans.popleft()

    def withdraw(self) -> None:
        """The plan that was chosen last is not carried out."""
        if self.plans:
            self.plans.pop()

    def unfinished(self) -> None:
        """The plan that was chosen last was given up."""
        if self.plans and not self.plans[-1].endswith(UNFINISHED):
            self.plans[-1] += UNFINISHED

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
            "plans": list(self.plans),
            "dialogue": [list(line) for line in self.dialogue],
        }

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self.reset()
        self.trajectory.extend(Moment(**moment) for moment in state["trajectory"])
        self.log.extend((t, deed) for t, deed in state["log"])
        self.messages.extend(Message(*fields) for fields in state["messages"])
        self.said.extend(state["said"])
        self.plans.extend(state["plans"])
        self.dialogue.extend((t, seat, text) for t, seat, text in state["dialogue"])


def deed_line(name: str, deed: str) -> str:
    """A mate's deed as a line of the log; `name` is what prompts call the mate."""
    return f"{name} did {deed}"

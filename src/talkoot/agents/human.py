"""A seat taken by a person: asked what to do in the words that agents get, with the plans that are open to it.

The person is a model: a question goes out, a line comes back. So what was answered is kept like any model's replies,
and an episode that was stopped goes on where it stood. Where questions are shown and lines typed is for others: a
terminal, or a page that fills a queue (`Person`).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from talkoot.agents.following import Follower, moves, plans
from talkoot.errors import BadInput, Stopped
from talkoot.events import Record, Saw
from talkoot.model import Model, Reply, Request, Turn
from talkoot.skills import Failed, Option, blocked
from talkoot.types import Action, Json, Observation, SkillCall
from talkoot.world import Guide

PERSON = "person"
"""The name under which the model that is a person is opened."""

HELP = (
    "A number chooses a plan; it is carried out to its end, and you are asked again then, or when somebody talks to "
    "you. Enter alone goes on with the plan under way.",
    "actions   list single actions instead of plans, and back",
    "careful   be asked before every step, and back",
    "wait      do nothing in this step",
    "goal      what is to be done, and the rules",
    "quit      stop here; the same command goes on from here",
)
"""What can be typed besides; `say` is told where there is a channel."""


@dataclass(frozen=True)
class Question:
    """What a person is asked at step `t`, as plain data: a terminal prints it, a page draws it.

    `name` is what the seat is called, `words` what it sees (and remembers), `heard` who said what since the last
    question. `choices` are the plans, or single actions, in the order of their numbers from 1. `doing` is the plan
    under way, "" without one; `news` says what became of the last one, or what was wrong with the last line. `say` is
    "" where nobody can speak, "free" where words ride along, "costly" where they take the step; `limit` are the
    characters that they may have.
    """

    seat: int
    t: int
    name: str
    words: str
    heard: tuple[tuple[str, str], ...]
    choices: tuple[str, ...]
    doing: str = ""
    news: tuple[str, ...] = ()
    say: str = ""
    limit: int = 0
    task: str = ""

    @classmethod
    def of(cls, request: Request) -> Question:
        """The question that a request carries. Raises BadInput for a request of another kind."""
        try:
            fields = json.loads(request.messages[-1].content)
            fields["heard"] = tuple((str(name), str(text)) for name, text in fields["heard"])
            fields |= {key: tuple(map(str, fields[key])) for key in ("choices", "news")}
            return cls(**fields)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise BadInput(f"{request.purpose} is no question to a person; only the agent human asks one") from error


class Person:
    """The model that is a person: `tell` shows a question, `hear` waits for the line that answers it.

    Fed by queues it is the seat of a page: `Person(outbox.put_nowait, inbox.get)`. Several seats may ask at once; they
    are asked one after the other. Whatever `hear` raises goes through; None stands for the end of all input, which
    raises Stopped.
    """

    name = PERSON

    def __init__(self, tell: Callable[[Question], Any], hear: Callable[[], Awaitable[str | None]]) -> None:
        self._tell, self._hear = tell, hear
        self._turn = asyncio.Lock()

    async def __call__(self, request: Request) -> Reply:
        """Ask, and wait for as long as it takes."""
        async with self._turn:
            self._tell(Question.of(request))
            line = await self._hear()
        if line is None:
            raise Stopped("the input has ended; the same command goes on from here")
        if line.strip().lower() in ("quit", "exit", "q"):  # not kept: who goes on is not to stop again
            raise Stopped("stopped; the same command goes on from here")
        return Reply(line.strip())


class Human:
    """An agent that asks a person. It remembers and carries out plans as others do; what to do it does not know."""

    def __init__(self, person: Model) -> None:
        self._person = person

    def reset(self, seed: int, guide: Guide, record: Record) -> None:
        """Take a seat."""
        self._guide, self._record = guide, record
        self._follow = Follower(seed, guide, record)
        self._single = self._careful = False
        self._say = ""
        self._heard: list[tuple[str, str]] = []
        self._news: list[str] = []

    async def act(self, observation: Observation) -> Action:
        """Go on with the plan, or ask until there is something to do."""
        follow = self._follow
        seen = follow.see(observation)
        self._heard += [(self._guide.name(message.sender), message.text) for message in observation.messages]
        under_way = follow.plan
        move = follow.next(seen)
        if isinstance(move, Action) and not self._heard and not self._careful:
            return self._done(seen, move)
        if under_way is not None and not isinstance(move, Action):
            self._news.append(f"{under_way}: {move.reason if isinstance(move, Failed) else 'done'}")
        words = seen.words()
        self._record(Saw(seen.t, seen.seat, words))
        while True:
            line = await self._ask(seen, words)
            self._news.clear()
            going_on = move if isinstance(move, Action) and follow.plan is not None else None
            action = self._read(seen, line, going_on)
            if action is not None:
                self._heard.clear()
                return action

    async def _ask(self, seen: Observation, words: str) -> str:
        guide = self._guide
        offered = moves(guide, seen) if self._single else plans(guide, seen)
        question = Question(
            seat=seen.seat,
            t=seen.t,
            name=guide.name(seen.seat),
            words=words,
            heard=tuple(self._heard),
            choices=tuple(one.text if isinstance(one, Option) else self._words(seen, one) for one in offered),
            doing=str(self._follow.plan) if self._follow.plan is not None else "",
            news=tuple(self._news),
            say="" if guide.message_limit <= 0 else "costly" if guide.speech else "free",
            limit=guide.message_limit,
            task=guide.task,
        )
        content = json.dumps(asdict(question), ensure_ascii=False)
        reply = await self._person(Request(f"{guide.world}/person", (Turn("user", content),)))
        return reply.text

    def _words(self, seen: Observation, action: Action) -> str:
        tell = self._guide.action_words
        return tell(seen.view, action) if tell is not None else str(action)

    def _read(self, seen: Observation, line: str, move: Action | None) -> Action | None:
        """What a line makes of this step; None where more is to be asked, with the reason in the news."""
        word, _, rest = line.partition(" ")
        word = word.lower()
        if not line:
            if move is not None:
                return self._done(seen, move)
            self._news.append("there is no plan under way; type a number, or help")
        elif word in ("help", "?", "h"):
            self._news += [*HELP, *self._help_to_say()]
        elif word == "goal":
            self._news += [self._guide.task, *self._guide.rules]
        elif word in ("actions", "plans"):
            self._single = word == "actions" and not self._single
            self._news.append("single actions" if self._single else "plans")
        elif word == "careful":
            self._careful = not self._careful
            self._news.append("you are asked before every step" if self._careful else "plans run to their end")
        elif word == "say":
            return self._speak(seen, rest.strip())
        elif word in ("wait", "w") and not rest:
            return self._done(seen, self._guide.safe, of_plan=False)
        else:
            return self._choose(seen, line)
        return None

    def _help_to_say(self) -> list[str]:
        limit = self._guide.message_limit
        if limit <= 0:
            return []
        cost = "it takes the step" if self._guide.speech else "it goes with your next action"
        return [f"say TEXT  talk to the other, up to {limit} characters; {cost}"]

    def _speak(self, seen: Observation, text: str) -> Action | None:
        guide = self._guide
        if guide.message_limit <= 0:
            self._news.append("nobody can hear you here")
        elif not text:
            self._news.append("say what? For example: say I go to the kitchen")
        elif len(text) > guide.message_limit:
            self._news.append(
                f"your message was not sent: it has {len(text)} characters, {guide.message_limit} are allowed"
            )
        elif guide.speech:
            return self._done(seen, Action(guide.speech, say=text), of_plan=False)
        else:
            self._say = text
            self._news.append("you will say that with your next action")
        return None

    def _choose(self, seen: Observation, line: str) -> Action | None:
        """A plan or an action by its number, or as it is written."""
        guide = self._guide
        offered = moves(guide, seen) if self._single else plans(guide, seen)
        chosen: Action | SkillCall
        if line.isdecimal():
            if not 1 <= int(line) <= len(offered):
                self._news.append(f"there is no {line}; choose from 1 to {len(offered)}, or type help")
                return None
            one = offered[int(line) - 1]
            chosen = one.call if isinstance(one, Option) else one
        else:
            found = self._written(seen, line)
            if found is None:
                self._news.append(f"{line[:60]!r} is neither a number nor a plan nor an action that is open; type help")
                return None
            chosen = found
        if isinstance(chosen, Action):
            self._follow.drop(seen, "another action was chosen")
            return self._done(seen, chosen, of_plan=False)
        skill = guide.skill(chosen.name)
        reason = blocked(skill, seen, chosen.arguments, advice=False) if skill is not None else "there is no such skill"
        if reason is not None:
            self._news.append(f"{chosen}: {reason}")
            return None
        self._follow.drop(seen, "another plan was chosen")
        self._follow.take(seen, chosen)
        move = self._follow.next(seen)
        if isinstance(move, Action):
            return self._done(seen, move)
        self._news.append(f"{chosen}: {move.reason if isinstance(move, Failed) else 'is done already'}")
        return None

    def _written(self, seen: Observation, line: str) -> Action | SkillCall | None:
        """What was written out: a plan or action that is open, or a call of a skill such as `wait(3)`."""
        wanted = _plain(line)
        for option in plans(self._guide, seen):
            if wanted in (_plain(option.text), _plain(str(option.call))):
                return option.call
        for move in moves(self._guide, seen):
            if wanted in (_plain(str(move)), _plain(self._words(seen, move))):
                return move
        name, _, rest = line.partition(" ")
        try:
            call = SkillCall.parse(line) if "(" in line else SkillCall(name, tuple(rest.split()))
        except BadInput:
            return None
        return call if self._guide.skill(call.name) is not None else None

    def _done(self, seen: Observation, action: Action, *, of_plan: bool = True) -> Action:
        if self._say and not action.say:
            action, self._say = replace(action, say=self._say), ""
        return self._follow.do(seen, action, of_plan=of_plan)

    def save(self) -> Json:
        """What is known, the plan under way, and how one is asked."""
        return {
            "follow": self._follow.save(),
            "asking": [self._single, self._careful],
            "say": self._say,
            "heard": [list(one) for one in self._heard],
            "news": list(self._news),
        }

    def load(self, state: Json) -> None:
        """Go on from a saved state."""
        self._follow.load(state["follow"])
        self._single, self._careful = state["asking"]
        self._say = state["say"]
        self._heard = [(name, text) for name, text in state["heard"]]
        self._news = list(state["news"])


def _plain(text: str) -> str:
    """Letters and digits only, so that `grab apple_12`, `grab(apple_12)` and `[grab] <apple> (12)` are the same."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()

"""From words to a problem by a language model: one question, then repairs of what the checks found, or a vote.

What LLM+P leaves at one unchecked call becomes: ask once (or k times, and take what most answers agree on), read and
complete the answer by rules, hold it against the task, and send back only the parts that are wrong, with the faults.
Source: the idea of the question from LLM+P (arXiv 2304.11477, section III); checks, repair and vote are ours.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from talkoot.errors import CutReply, Doubtful, EmptyReply, ModelFailed
from talkoot.model import Model, Reply, Request, Turn
from talkoot.planning.asking import Counted, render
from talkoot.planning.faults import Fault
from talkoot.planning.packs.abridge import abridge, completed
from talkoot.planning.packs.audit import audit
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack
from talkoot.planning.pddl.parts import assemble, parts_of, unfinished
from talkoot.planning.pddl.printer import print_domain, print_problem
from talkoot.planning.pddl.reader import read_problem
from talkoot.planning.seam import Written
from talkoot.problem import Problem

Form = Literal["pddl", "compact"]
"""What is asked for: a problem with every fact written out, or one with macros that code expands (see `compact`)."""

MAX_TOKENS = 4096
"""The default bound of one reply, in tokens."""

_UNCLEAR = re.compile(r"^\W*unclear:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_ORDER = ("objects", "init", "goal", "metric")


@dataclass(frozen=True)
class Review:
    """What a reply says, completed, and what is wrong with it; `reply` is its text."""

    reply: str
    problem: Problem
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def open(self) -> list[Fault]:
        """The faults that nobody has mended."""
        return [fault for fault in self.faults if not fault.mended]

    @property
    def mendable(self) -> list[Fault]:
        """Those of them that writing anew can mend; that the domain lacks words for something is none of these."""
        return [fault for fault in self.open if fault.section != "text"]


def review(reply: str, pack: Pack, text: str) -> Review:
    """Read a reply, complete it by the rules of the pack, hold it against the task. Never raises for a bad reply."""
    draft = read_problem(reply, pack.domain)
    problem, faults = complete(draft, pack.domain, pack)
    found, unread = audit(problem, pack.domain, pack, text)
    return Review(reply, problem, (*_unclear(reply), *faults, *found), tuple(unread))


async def write(
    model: Model,
    pack: Pack,
    text: str,
    *,
    form: Form = "pddl",
    faithful: bool = False,
    rounds: int = 2,
    samples: int = 1,
    temperature: float | None = None,
    max_tokens: int = MAX_TOKENS,
) -> Written[Problem]:
    """Have a model write the problem of a task.

    `faithful` asks as LLM+P did: the worked example and the task, without the domain. Otherwise the prompt holds the
    domain, its rules in words, the example and the task. At most `rounds` further calls go on with a reply that was cut
    off or mend faults; mending stops early where the faults do not get fewer. Of several `samples` (asked for at
    once, at `temperature`, by default 0.7, and 0 for a single one) the largest group that is equal up to the names of
    objects wins. Faults that remain are in the result.

    Raises EmptyReply if no reply holds anything like a problem, Doubtful if the model says so because the domain lacks
    what the task speaks of, CutReply if all replies ended at their token limit, and what the model raises.
    """
    author = _Author(Counted(model), pack, text, form, faithful, max_tokens)
    warmth = temperature if temperature is not None else 0.7 if samples > 1 else 0.0
    tries = await asyncio.gather(
        *(author.first(warmth, number if samples > 1 else None, rounds) for number in range(samples)),
        return_exceptions=True,
    )
    found = [one for one in tries if not isinstance(one, BaseException)]
    for one in tries:
        if isinstance(one, BaseException) and (not found or not isinstance(one, EmptyReply | CutReply)):
            raise one
    best, share = review(found[0][0], pack, text), 1.0
    if samples > 1:
        best, share = _elect([review(reply, pack, text) for reply, _ in found], pack, samples)
    spent = 0 if samples > 1 else found[0][1]
    while spent < rounds and best.mendable:
        spent += 1
        later = review(await author.mend(best), pack, text)
        if len(later.mendable) >= len(best.mendable):
            break
        best = later
    shown = print_problem(best.problem)
    return Written(best.problem, shown, best.faults, best.unread, spent, samples, share,
                   author.model.calls, author.model.tokens)  # fmt: skip


@dataclass
class _Author:
    """One task in front of one model."""

    model: Counted
    pack: Pack
    text: str
    form: Form
    faithful: bool
    max_tokens: int

    async def first(self, temperature: float, seed: int | None, rounds: int) -> tuple[str, int]:
        """A reply in answer to the task, and how many times it had to be gone on with."""
        turns = (Turn("system", render("write_system")), Turn("user", self._question()))
        reply = await self._ask("write", turns, temperature, seed)
        text, spent = reply.text, 0
        while unfinished(text) and spent < rounds:
            spent += 1
            text = await self._go_on(turns, text, temperature, seed)
        if unfinished(text):
            raise CutReply(
                f"the reply of {self.model.name} ended at its token limit ({self.max_tokens} tokens), before the "
                "problem did; give it more (--reply-tokens), or ask for the compact form (--form compact)"
            )
        if not parts_of(text):
            self._refused(text)
        return text, spent

    async def mend(self, best: Review) -> str:
        """The reply again with its failing parts written anew; the others stay as they are."""
        parts = parts_of(best.reply)
        failing = _failing(best.mendable, parts)
        question = render(
            "repair",
            domain=print_domain(self.pack.domain).strip(),
            text=self.text.strip(),
            settled="\n".join(parts[name] for name in ("objects", "metric") if name in parts and name not in failing),
            failing="\n".join(parts[name] for name in failing if name in parts),
            parts=", ".join(f"(:{name} ...)" for name in failing),
            faults=best.mendable,
            form=self.form,
            completed=completed(self.pack),
        )
        turns = (Turn("system", render("write_system")), Turn("user", question))
        reply = await self._ask("repair", turns, 0.0, None)
        fresh = parts_of(reply.text)
        if unfinished(reply.text) and fresh:
            fresh.popitem()  # its last part is not whole
        unclear = "".join(f"; unclear: {words}\n" for words in dict.fromkeys(_UNCLEAR.findall(best.reply)))
        return unclear + assemble(
            parts | {name: fresh[name] for name in failing if name in fresh}, self.pack.domain.name
        )

    def _question(self) -> str:
        if self.faithful:
            return render("method_problem_context", pack=self.pack, text=self.text)
        domain = self.pack.domain
        return render(
            "write",
            domain=print_domain(domain).strip(),
            domain_name=domain.name,
            metric="total-cost" in domain.functions,
            description=self.pack.description.strip(),
            example_text=self.pack.example_text.strip(),
            example_problem=self._example(),
            form=self.form,
            completed=completed(self.pack),
            text=self.text,
        )

    def _example(self) -> str:
        """The worked example; in the compact form without the facts that code adds."""
        example = self.pack.example_problem.strip()
        if self.form == "pddl" or not example:
            return example
        draft = read_problem(example, self.pack.domain)
        return print_problem(abridge(draft.problem, self.pack)).strip()

    async def _go_on(self, turns: tuple[Turn, ...], text: str, temperature: float, seed: int | None) -> str:
        """A reply that was cut off, with what comes after it."""
        whole = text[: text.rfind(")") + 1] or text
        last = whole.rstrip().rpartition("\n")[2]
        more = await self._ask(
            "repair", (*turns, Turn("assistant", whole), Turn("user", render("continue", last=last))), temperature, seed
        )
        rest = re.sub(r"^```\w*\n?|```\s*$", "", more.text.strip())
        if re.match(r"\(\s*define\b", rest, re.IGNORECASE):
            return rest  # it began anew
        return f"{whole}\n{rest.removeprefix(last)}"

    async def _ask(self, kind: str, turns: tuple[Turn, ...], temperature: float, seed: int | None) -> Reply:
        try:
            reply = await self.model(Request(f"planning/{kind}", turns, temperature, self.max_tokens, seed=seed))
        except ModelFailed as error:
            # A server's client asks several times before it gives up on an empty answer.
            if "the reply is empty" not in str(error):
                raise
            raise (CutReply if "max_tokens" in str(error) else EmptyReply)(str(error)) from None
        if not reply.text.strip():
            raise EmptyReply(f"{self.model.name} answered nothing; try again, or another model")
        return reply

    def _refused(self, text: str) -> None:
        unclear = _unclear(text)
        if unclear:
            raise Doubtful(
                f"the domain {self.pack.name} has no means to express {', '.join(_quoted(f) for f in unclear)}; say it "
                "in the terms of the domain, or choose another domain"
            )
        said = " ".join(text.split())
        raise EmptyReply(
            f"the reply of {self.model.name} holds no problem, but: {said[:200]!r}; try again, or another model"
        )


def _unclear(reply: str) -> list[Fault]:
    """What the model says it cannot express."""
    return [
        Fault("text-entity", f"the domain has no means to express “{words[:200]}”",
              "say it in the terms of the domain, or choose another domain", section="text")
        for words in dict.fromkeys(_UNCLEAR.findall(reply))
    ]  # fmt: skip


def _quoted(fault: Fault) -> str:
    return fault.message[fault.message.index("“") :]


def _failing(faults: Sequence[Fault], parts: dict[str, str]) -> list[str]:
    """The parts of a problem that must be written anew: those that faults lie in, or that hang together with them."""
    failing: set[str] = {name for name in _ORDER[:3] if name not in parts}
    for fault in faults:
        if fault.section == "objects":
            failing |= {"objects", "init"}  # an object more has facts, too
        elif fault.kind == "unreachable-goal":
            failing |= {"init", "goal"}
        else:
            failing |= {fault.section} if fault.section in _ORDER else set(_ORDER[:3])
    return [name for name in _ORDER if name in failing]


def _elect(reviews: list[Review], pack: Pack, samples: int) -> tuple[Review, float]:
    """The review that most others agree with, with the fewest faults among equals, and the share that agrees."""
    from talkoot.planning.pddl.agree import vote

    groups = vote([one.problem for one in reviews], pack.domain)
    best = min(groups, key=lambda group: (-len(group), min(len(reviews[at].open) for at in group)))
    return min((reviews[at] for at in best), key=lambda one: len(one.open)), len(best) / samples

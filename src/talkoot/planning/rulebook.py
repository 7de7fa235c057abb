"""`rulebook` for planning: reads the prompts of `write` and `tell` and answers them by rules, offline.

It sees what a language model sees. It knows the packs that come with talkoot by the predicates of the domain in the
prompt, and reads the task with their phrases: the descriptions that our generators write, and little else. What it
cannot read it says, and does not guess. Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from talkoot.errors import ModelFailed
from talkoot.model import Model, Reply, Request, Turn, Usage
from talkoot.models.rulebook import Rulebook
from talkoot.planning.comparison import rulebook as compared
from talkoot.planning.packs.abridge import abridge
from talkoot.planning.packs.claims import problem_of
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.pack import Pack, pack_for, signature
from talkoot.planning.packs.phrases import declared, read_text
from talkoot.planning.pddl.parts import assemble, parts_of
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import Draft, read_domain, read_problem
from talkoot.problem import Atom, Problem, literals

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_STEP = re.compile(r"^(\d+)\. (.*?)\. Why: ", re.MULTILINE)
_WANTED = re.compile(r"\(:(\w+) \.\.\.\)")


class Acquainted:
    """The rulebook, acquainted with one pack more: the one that a user has written."""

    def __init__(self, rulebook: Rulebook, pack: Pack) -> None:
        self.name = rulebook.name
        self.rulebook = rulebook
        self.pack = pack

    async def __call__(self, request: Request) -> Reply:
        """Answer by rules. Raises ModelFailed for what is no request of planning."""
        kind = request.purpose.removeprefix("planning/")
        text = answer(kind, request.messages, drop=self.rulebook.drop, seed=self.rulebook.seed, pack=self.pack)
        return Reply(text, Usage(sum(len(turn.content) for turn in request.messages) // 4, len(text) // 4))


def acquainted(model: Model, pack: Pack) -> Model:
    """The rulebook with that pack known to it; any other model as it is."""
    return Acquainted(model, pack) if isinstance(model, Rulebook) else model


def answer(kind: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0, pack: Pack | None = None) -> str:
    """Answer one request: `kind` is write, repair or tell, or one of `comparison.rulebook`.

    `drop` is the share of the facts (of the start and of the goal) that are overlooked, drawn by `seed` anew for every
    task and state of its problem; mending a problem, the facts that it already holds are seen. `pack` is known besides
    those that come along. Raises ModelFailed for other kinds.
    """
    prompt = next((turn.content for turn in reversed(messages) if turn.role == "user"), "")
    if kind == "tell":
        return "\n".join(f"{number}. {words}." for number, words in _STEP.findall(prompt))
    if kind in compared.KINDS and "\n## Domain\n" not in f"\n{prompt}":
        return compared.answer(kind, prompt, drop=drop, seed=seed, pack=pack)
    if kind not in ("write", "repair"):
        raise ModelFailed(f"the rulebook has no rules for planning/{kind}; use a language model instead (NAME@URL)")
    said = _headed(prompt)
    domain, _ = read_domain(said.get("Domain", ""))
    if pack is None or signature(domain) != signature(pack.domain):
        pack = pack_for(domain) if domain.predicates else None
    if pack is None:
        return "I know only the domains that come with talkoot, and the one in the prompt is none of them."
    objects = declared(said["Task"], pack)
    reading = read_text(said["Task"], pack, {**pack.domain.constants, **objects})
    unclear = [sentence for _, sentence in reading.unread] + [name for name, _ in reading.strangers]
    confession = "".join(f"; unclear: {words}\n" for words in unclear)
    problem = problem_of(reading.claims, objects, pack)
    if not literals(problem.goal):
        return confession or "; unclear: what the goal is\n"
    compact = "code writes the bulk out" in said.get("Form of the answer", "")
    if kind == "write":
        seen = _overlook(problem, frozenset(), drop, Random(f"{seed} {said['Task']}"))
        return confession + print_problem(_formed(seen, pack, compact))
    parts = parts_of(f"{said['Settled']}\n{said['To be mended']}")
    before = read_problem(assemble(parts, pack.domain.name), pack.domain).problem
    known = frozenset((*before.init, *_wanted(before)))
    seen = _overlook(problem, known, drop, Random(f"{seed} {said['Task']} {sorted(known, key=str)}"))
    fresh = parts_of(print_problem(_formed(seen, pack, compact)))
    wanted = _WANTED.findall(said["Form of the answer"])
    return confession + "\n".join(fresh[name] for name in wanted if name in fresh)


def _headed(prompt: str) -> dict[str, str]:
    """The text below each heading; the task is the last in a question and may hold headings of its own."""
    pieces = _HEADING.split(prompt)
    said = dict(zip(pieces[1::2], (piece.strip() for piece in pieces[2::2]), strict=True))
    if "Example of a task" in said or "Settled" not in said:
        said["Task"] = prompt.partition("\n## Task\n")[2].strip()
    return said


def _overlook(problem: Problem, known: frozenset[Atom], drop: float, rng: Random) -> Problem:
    """The problem without the facts that are overlooked. Nothing is drawn twice for what is known already."""

    def seen(facts: tuple[Atom, ...]) -> Iterator[Atom]:
        for fact in facts:
            if rng.random() >= drop or fact in known:
                yield fact

    return replace(problem, init=tuple(seen(problem.init)), goal=("and", *seen(problem.goal[1:])))


def _wanted(problem: Problem) -> tuple[Atom, ...]:
    goal = problem.goal
    return goal[1:] if goal and goal[0] == "and" else (goal,)


def _formed(problem: Problem, pack: Pack, compact: bool) -> Problem:
    """With every fact written out, or without those that code adds."""
    whole, _ = complete(Draft(problem, []), pack.domain, pack)
    return abridge(whole, pack) if compact else whole

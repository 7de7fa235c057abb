"""Sampling solutions and rolling out their prefixes, many at a time, into a journal (StepWiser 2.3; reference 4.4).

Every prefix of many solutions is drawn in one call of the sampler, so that batches stay full and prefixes that begin
one another share their computation. The seed of a block comes from the journal's seed, the problem, the chunks so far
and the block's number: a run that was stopped, re-ordered or curtailed draws the same rollouts.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from talkoot.errors import BadInput, ModelFailed
from talkoot.judge import Trace
from talkoot.judging.allocation import Allocation
from talkoot.judging.answers import final_answer
from talkoot.judging.chunks import Cutter, Malformed, parse
from talkoot.judging.dialect import CLOSE, OPEN, Dialect
from talkoot.judging.journal import AnnotatedSolution, Block, Journal, Node, Sampled, Settings, Solution
from talkoot.judging.problem import Problem
from talkoot.learning.sampling import Completion, Prompt, Sampler


class Grades(Protocol):
    """Checks texts against reference answers, such as `judging.answers.Grader`."""

    def grade(self, pairs: Sequence[tuple[str, str]], /) -> list[bool]:
        """For each (reference answer, text of a solution) whether its final answer is right."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: problems or solutions `done` of `of`, and what was drawn in this run."""

    done: int
    of: int
    rollouts: int
    tokens: int


Tell = Callable[[Progress], None]


class Plain:
    """A dialect for policies that write no tags: chunks follow the prompt as they are."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.solution_tokens = dialect.solution_tokens
        self.chunk_tokens = dialect.chunk_tokens
        self.analysis_tokens = dialect.analysis_tokens

    def solve(self, problem: str) -> str:
        """As the dialect's."""
        return self.dialect.solve(problem)

    def go_on(self, trace: Trace) -> str:
        """`solve`, then the chunks without tags."""
        return self.solve(trace.problem) + "".join(trace.chunks)

    def judge(self, trace: Trace) -> str:
        """As the dialect's."""
        return self.dialect.judge(trace)


def open_journal(
    path: str | Path,
    sampler: Sampler,
    dialect: Dialect,
    *,
    task: str = "",
    cut: str = "tags",
    seed: int = 0,
    temperature: float = 1.0,
    samples: int = 16,
    block: int = 4,
) -> Journal:
    """The journal at `path` for this sampler and dialect, new or gone on with. Raises BadInput as Journal does."""
    tokens, template = dialect.solution_tokens, getattr(dialect, "template", "")
    return Journal(path, Settings(sampler.name, task, cut, seed, temperature, tokens, samples, block, template))


def derived(seed: int, *parts: object) -> int:
    """A seed of 31 bits for one piece of work: a hash of the journal's seed and what the piece is."""
    text = "\x1f".join(map(str, (seed, *parts))).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "little") >> 1


def without_tags(text: str) -> str:
    """The text as a reader sees it: what is graded."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def sample_solutions(
    problems: Sequence[Problem],
    sampler: Sampler,
    dialect: Dialect,
    grader: Grades,
    journal: Journal,
    *,
    plain: Cutter | None = None,
    distinct: bool = True,
    most: int | None = None,
    at_once: int = 4096,
    progress: Tell | None = None,
) -> list[Solution]:
    """Draw the journal's number of responses to each problem and keep the solutions that are worth annotating.

    Their pass rate is Q_0. Problems that are always or never solved are dropped, and responses that were cut off, whose
    tags do not parse, or that state no answer; `distinct` drops those that repeat an earlier one word for word, and
    `most` keeps at most so many of a problem (ours; the paper keeps all). All of that is counted in the journal.
    `plain` cuts the texts of a policy that writes no tags. A response that was cut off counts as wrong.

    Problems that the journal holds already are not drawn again. About `at_once` rollouts are drawn in a call, and
    written down after it. Raises BadInput for a sampler that is not the journal's.
    """
    settings = journal.settings
    _check(sampler, dialect, settings, plain is not None)
    if len({problem.id for problem in problems}) < len(problems):
        twice = next(name for name, count in Counter(problem.id for problem in problems).items() if count > 1)
        raise BadInput(f"two problems have the id {twice!r}; ids must be unique")
    known = journal.contents.sampled
    for problem in problems:
        if problem.id in known and known[problem.id].problem != problem:
            raise BadInput(f"problem {problem.id} is another one in {journal.path}; take another journal, or other ids")
    todo = [problem for problem in problems if problem.id not in known]
    tokens = drawn = 0
    for some in _parts(todo, max(at_once // settings.samples, 1)):
        prompts = [
            Prompt(dialect.solve(one.text), settings.samples, derived(settings.seed, one.id, one.text)) for one in some
        ]
        groups = _complete(sampler, prompts, settings)
        graded = iter(
            _graded(grader, [(p.answer, "", c) for p, group in zip(some, groups, strict=True) for c in group])
        )
        many = []
        for problem, group in zip(some, groups, strict=True):
            rights = [next(graded) for _ in group]
            many.append(_kept(problem, group, rights, plain, distinct, most))
        journal.sampled(many)
        drawn += sum(one.tries for one in many)
        tokens += sum(one.tokens for one in many)
        if progress:
            progress(Progress(sum(one.id in known for one in problems), len(problems), drawn, tokens))
    return [solution for problem in problems for solution in known[problem.id].solutions]


def _kept(
    problem: Problem,
    group: Sequence[Completion],
    rights: Sequence[bool],
    plain: Cutter | None,
    distinct: bool,
    most: int | None,
) -> Sampled:
    dropped: Counter[str] = Counter()
    kept: list[Solution] = []
    seen: set[tuple[str, ...]] = set()
    for k, (completion, right) in enumerate(zip(group, rights, strict=True)):
        if all(rights) or not any(rights):
            dropped["all right" if right else "all wrong"] += 1
        elif not completion.ended:
            dropped["unfinished"] += 1
        elif final_answer(without_tags(completion.text)) is None:
            dropped["no answer"] += 1
        elif (chunks := _chunks(completion.text, plain)) is None:
            dropped["no tags"] += 1
        elif distinct and chunks in seen:
            dropped["twice"] += 1
        elif most is not None and len(kept) >= most:
            dropped["too many"] += 1
        else:
            seen.add(chunks)
            kept.append(Solution(f"{problem.id}/{k}", problem, chunks, right))
    spent = sum(one.tokens for one in group)
    return Sampled(problem, len(group), sum(rights), spent, tuple(kept), dict(dropped))


def _chunks(text: str, plain: Cutter | None) -> tuple[str, ...] | None:
    if plain is not None:
        return tuple(plain(text)) or None
    try:
        return tuple(parse(text, spaces=True))
    except Malformed:
        return None


def annotate(
    solutions: Sequence[Solution],
    sampler: Sampler,
    dialect: Dialect,
    grader: Grades,
    journal: Journal,
    allocation: Allocation,
    *,
    at_once: int = 4096,
    progress: Tell | None = None,
) -> list[AnnotatedSolution]:
    """Roll out the prefixes of solutions of this journal until the allocation is content; give them with their counts.

    Rounds over all open prefixes of many solutions, about `at_once` rollouts a call, written down after it: stopped at
    any moment, no more than one call is lost. What the journal already holds is not drawn again. Rollouts that were cut
    off count as wrong. Raises BadInput for solutions that are not the journal's, for a sampler that is not, and for a
    cap that is no multiple of the journal's block.
    """
    settings, contents = journal.settings, journal.contents
    _check(sampler, dialect, settings, settings.cut != "tags")
    if allocation.cap % settings.block:
        raise BadInput(f"{allocation.cap} rollouts are no multiple of the journal's blocks of {settings.block}; "
                       "take a multiple")  # fmt: skip
    for solution in solutions:
        if contents.by_id.get(solution.id) != solution:
            raise BadInput(f"solution {solution.id} is not in {journal.path}; sample solutions into this journal first")
    voice = dialect if settings.cut == "tags" else Plain(dialect)
    by_problem: dict[str, list[Solution]] = {}
    for solution in solutions:
        by_problem.setdefault(solution.problem.id, []).append(solution)
    todo = deque(by_problem.values())
    rollouts = tokens = 0
    while todo:
        asked: dict[Node, tuple[Solution, int, int]] = {}
        taken: list[list[Solution]] = []
        while todo and sum(blocks for _, _, blocks in asked.values()) * settings.block < at_once:
            # All solutions of a problem, which may share prefixes, are asked in the same round: what is drawn for them
            # does not depend on the other problems, nor on where a run was stopped.
            group = todo.popleft()
            before = len(asked)
            for solution in group:
                wanted = allocation.wanted(contents.annotated(solution).counts, settings.block)
                for prefix, blocks in wanted.items():
                    node = (solution.problem.id, solution.chunks[:prefix])
                    asked[node] = (solution, prefix, max(blocks, asked.get(node, (solution, prefix, 0))[2]))
            if len(asked) > before:
                taken.append(group)
        if asked:
            drawn = list(_draw(asked, sampler, voice, grader, journal))
            journal.drawn(drawn)
            rollouts += sum(block.tries for _, block in drawn)
            tokens += sum(block.tokens for _, block in drawn)
        todo.extendleft(reversed(taken))
        if progress:
            progress(Progress(len(solutions) - sum(map(len, todo)), len(solutions), rollouts, tokens))
    return [contents.annotated(solution) for solution in solutions]


def _draw(
    asked: dict[Node, tuple[Solution, int, int]], sampler: Sampler, dialect: Dialect, grader: Grades, journal: Journal
) -> Iterator[tuple[Node, Block]]:
    """The next blocks of some prefixes, in one call."""
    settings, nodes, prompts = journal.settings, [], []
    for node, (solution, prefix, blocks) in asked.items():
        text = dialect.go_on(Trace(solution.problem.text, solution.chunks[:prefix]))
        first = len(journal.contents.blocks.get(node, ()))
        for number in range(first, first + blocks):
            nodes.append((node, solution.problem.answer, "".join(solution.chunks[:prefix])))
            prompts.append(Prompt(text, settings.block, derived(settings.seed, *node[:1], *node[1], number)))
    groups = _complete(sampler, prompts, settings)
    pairs = [(answer, before, one) for (_, answer, before), group in zip(nodes, groups, strict=True) for one in group]
    graded = iter(_graded(grader, pairs))
    for (node, _, _), group in zip(nodes, groups, strict=True):
        right = sum(next(graded) for _ in group)
        yield node, Block(len(group), right, sum(one.tokens for one in group))


def _complete(sampler: Sampler, prompts: list[Prompt], settings: Settings) -> list[list[Completion]]:
    groups = sampler.complete(prompts, max_tokens=settings.solution_tokens, temperature=settings.temperature)
    if [len(group) for group in groups] != [prompt.n for prompt in prompts]:
        raise ModelFailed(
            f"{sampler.name} gave {sum(map(len, groups))} continuations where {sum(prompt.n for prompt in prompts)} "
            "were asked for"
        )
    return groups


def _graded(grader: Grades, drawn: Sequence[tuple[str, str, Completion]]) -> list[bool]:
    """Whether (answer, text before, continuation) ends right; what was cut off does not, and is not looked at."""
    ended = [one.ended for _, _, one in drawn]
    pairs = [(answer, without_tags(before + one.text)) for answer, before, one in drawn if one.ended]
    rights = iter(grader.grade(pairs))
    return [done and bool(next(rights)) for done in ended]


def _check(sampler: Sampler, dialect: Dialect, settings: Settings, plain: bool) -> None:
    if sampler.name != settings.model:
        raise BadInput(
            f"the journal holds rollouts of model {settings.model}, and these would be of {sampler.name}; counts of "
            "different policies must not be mixed: give each model a journal of its own"
        )
    if dialect.solution_tokens != settings.solution_tokens:
        raise BadInput(f"the journal's solutions have at most {settings.solution_tokens} tokens, not "
                       f"{dialect.solution_tokens}; take that bound, or another journal")  # fmt: skip
    if plain != (settings.cut != "tags"):
        raise BadInput(f"the journal's solutions are cut by {settings.cut!r}; take that, or another journal")


def _parts(items: Sequence[Problem], size: int) -> Iterator[Sequence[Problem]]:
    return (items[i : i + size] for i in range(0, len(items), size))

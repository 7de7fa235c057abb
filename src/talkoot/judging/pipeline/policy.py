"""The policy: a network that learns to solve from an erring author's texts, and then to write its chunks in tags."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from talkoot.errors import BadInput
from talkoot.judging.answers import Grader, final_answer
from talkoot.judging.chunks import F1, Malformed, boundary_f1, by_lines, parse
from talkoot.judging.dialect import CLOSE, OPEN, tagged
from talkoot.judging.pipeline.work import MORE, Work
from talkoot.judging.problem import Problem
from talkoot.judging.rollouts import without_tags
from talkoot.judging.tasks.arithmetic import compute, header, pieces, read, solved_in_order
from talkoot.judging.tasks.author import segment
from talkoot.judging.tasks.oracle import valid
from talkoot.learning.sampling import Completion, Prompt
from talkoot.learning.sft import Example, SftStep, fit
from talkoot.learning.tiny import TinyCausal, open_tiny, random_tiny


def learn(work: Work) -> dict[str, Any]:
    """From nothing to a policy that writes plain lines.

    What can be learnt densely comes first, since all that cannot be foreseen (operands, line breaks, slips) drowns the
    signal: sums whose results alone are learnt, then these and looking up every statement of a problem, then the
    author's solutions, of whose line breaks few are learnt.
    """
    preset = work.preset
    causal = random_tiny(pieces(preset.task), seed=work.seed, **preset.shape)
    causal.net.to(preset.device)
    lessons = Lessons(work)
    folder = work.folder("policy-plain")
    done = 0.0
    log: list[SftStep] = []
    for name, data, settings, share in (
        ("sums", lessons.sums, preset.sums, 0.1),
        ("lookups", lessons.lookups_and_sums, preset.lookups, 0.2),
        ("solutions", lessons.solutions, preset.policy, 0.7),
    ):
        start = done

        def tell(step: SftStep, start: float = start, share: float = share, steps: int = settings.steps) -> None:
            work.say("policy", start + share * step.step / steps)

        log = fit(causal, data, settings, seed=work.seed, on_step=tell, folder=folder / name)
        done += share
    causal.save(folder)
    return {"parameters": sum(p.numel() for p in causal.net.parameters()), "learnt_tokens": log[-1].tokens,
            "loss": log[-1].loss, **quality(work, causal, tags=False).to_json()}  # fmt: skip


@dataclass(frozen=True)
class Lessons:
    """What the policy reads while it learns: example `number` of each kind, for no end."""

    work: Work

    def sums(self, number: int, leaps: float = 0.0) -> Example:
        """A row of sums; only the results are learnt.

        A share of them has two operations, worked in one leap or, a quarter of the time, one after the other as in a
        check. In every second row sums stand between tags, so that the signs are known when their use is taught.
        """
        rng = random.Random(f"sums/{self.work.seed}/{number}")
        modulus = self.work.preset.task.modulus
        between = f".{CLOSE}{OPEN}" if rng.random() < 0.5 else "."
        parts: list[str] = []
        for _ in range(12):
            terms, leap = [str(rng.randrange(modulus))], rng.random() < leaps
            for _ in range(2 if leap else 1):
                terms += [rng.choice("+-" if leap else "+-*"), str(rng.randrange(modulus))]
            end = between if parts else between[len(f".{CLOSE}") :]
            if leap and rng.random() < 0.25:
                half = str(compute(terms[:3], modulus))
                parts += [end + " check :" + " ".join(terms[:3]) + " = ", half]
                terms, end = [half, *terms[3:]], " ;"
            parts += [end + " ".join(terms) + " = ", str(compute(terms, modulus))]
        return tuple(parts)

    def problem(self, number: int) -> Problem:
        """A problem to learn from."""
        return self.work.preset.task.problem("train", self.work.seed * 10_000_000 + number)

    def lookups_and_sums(self, number: int) -> Example:
        """Half of them: all statements of a problem, in the order in which they are worked."""
        if number % 2:
            return self.sums(number, self.work.preset.task.leaps)
        text = self.problem(number).text
        level, statements, asked = read(text)
        due = [one for one in solved_in_order(statements, asked) if one.needs]
        return self.work.dialect.solve(text), "".join(header(level, one) + " :" for one in due)

    def solutions(self, number: int) -> Example:
        """The author's solutions, slips and all; for the first part of them a quarter of the rows are sums, and few of
        the line breaks are learnt."""
        preset = self.work.preset
        early = number < preset.sums_until * preset.policy.steps * preset.policy.batch
        if early and number % 4 == 0:
            return self.sums(number, 3 * preset.task.leaps)
        problem, rng = self.problem(number), random.Random(f"author/{self.work.seed}/{number}")
        first, *rest = preset.author.lesson(problem, rng, gaps=0.3 if early else 1.0)
        return (self.work.dialect.solve(problem.text) + first, *rest)


def learn_tags(work: Work) -> dict[str, Any]:
    """Self-segmentation (StepWiser 2.2): the policy's own solutions, cut by a rule that reads the text and must
    reconstruct it exactly, at most four of a problem; fine-tuned on, they teach it to write its chunks in tags.

    The paper takes right solutions only, which `preset.right_only` selects. That is a rejection-sampling fine-tuning
    as well: a policy of ours rises by it from .53 to .86 (ours), and what tags change by themselves is not seen. So by
    default all solutions count that come to an answer, of problems that it solves at least once in 16 times.

    Raises BadInput where it solves nothing.
    """
    preset, dialect = work.preset, work.dialect
    causal = open_tiny(work.folder("policy-plain"), device=preset.device)
    before = quality(work, causal, tags=False)
    problems = work.problems("train", preset.segment_problems, first=500_000)
    drawn = causal.complete(
        [Prompt(dialect.solve(p.text), 16, work.seed) for p in problems], max_tokens=dialect.solution_tokens
    )
    data: list[Example] = []
    inexact = 0
    with Grader() as grader:
        for problem, group in zip(problems, drawn, strict=True):
            right = grader.grade([(problem.answer, one.text) for one in group])
            texts = dict.fromkeys(
                one.text
                for one, good in zip(group, right, strict=True)
                if one.ended and (good or (any(right) and not preset.right_only and final_answer(one.text) is not None))
            )
            for text in list(texts)[:4]:
                chunks = segment(text)
                if "".join(chunks) == text and chunks:
                    data.append((dialect.solve(problem.text), tagged(chunks)))
                else:
                    inexact += 1
    if not data:
        raise BadInput(
            f"stage policy: none of the {16 * len(problems)} solutions sampled from the policy is right, so there are "
            f"no chunks to learn from; {MORE}policy.steps or segment_problems"
        )
    total = preset.segment.steps
    lessons = Lessons(work)

    def example(number: int) -> Example:  # with a quarter of sums, lest they be forgotten
        return lessons.sums(number, 3 * preset.task.leaps) if number % 4 == 0 else data[number * 7919 % len(data)]

    fit(causal, example, preset.segment, seed=work.seed, on_step=lambda s: work.say("policy", s.step / total))
    causal.save(work.folder("policy"))
    after = quality(work, causal, tags=True)
    return {
        "examples": len(data), "inexact": inexact, "before": before.to_json(), "after": after.to_json(),
        "fewer_steps": 1 - after.steps / before.steps if before.steps else 0.0,
    }  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """A policy on unseen problems. `steps` a solution: lines without tags, chunks with them; `f1` of the chunks'
    boundaries against the oracle's, None where there are none; `malformed` is the share of solutions whose
    tags do not parse."""

    n: int
    accuracy: float
    greedy: float
    steps: float
    tokens: float
    valid: float
    f1: float | None
    malformed: float

    def to_json(self) -> dict[str, Any]:
        """As a dict."""
        return {"n": self.n, "pass@1": self.accuracy, "greedy": self.greedy, "steps": self.steps,
                "tokens": self.tokens, "valid_chunks": self.valid, "boundary_f1": self.f1,
                "malformed": self.malformed}  # fmt: skip


def quality(work: Work, causal: TinyCausal, *, tags: bool, copies: int = 4) -> Quality:
    """Sample the policy on test problems, and look."""
    dialect = work.dialect
    problems = work.problems("test", work.preset.test_problems, first=800_000)
    prompts = [dialect.solve(p.text) for p in problems]
    drawn = causal.complete([Prompt(p, copies, work.seed) for p in prompts], max_tokens=dialect.solution_tokens)
    greedy = causal.complete([Prompt(p) for p in prompts], max_tokens=dialect.solution_tokens, temperature=0.0)
    right, best = _graded(problems, drawn), _graded(problems, greedy)
    steps, sound, found, malformed = 0, list[bool](), F1(0, 0, 0), 0
    for problem, group in zip(problems, drawn, strict=True):
        for one in group:
            truth = segment(without_tags(one.text))
            try:
                given = parse(one.text) if tags else by_lines(one.text)
            except Malformed:
                malformed += 1
                continue
            steps += len(given)
            sound += valid(problem.text, truth, work.preset.task.modulus)
            found += boundary_f1(given, truth) if tags and given else F1(0, 0, 0)
    n, tokens = sum(map(len, drawn)), sum(one.tokens for group in drawn for one in group)
    return Quality(
        n, sum(right) / n, sum(best) / len(best), steps / max(n - malformed, 1), tokens / n,
        sum(sound) / max(len(sound), 1), found.f1 if tags and malformed < n else None, malformed / n,
    )  # fmt: skip


def _graded(problems: Sequence[Problem], drawn: Sequence[Sequence[Completion]]) -> list[bool]:
    pairs = [(p.answer, without_tags(one.text)) for p, group in zip(problems, drawn, strict=True) for one in group]
    with Grader() as grader:
        return grader.grade(pairs)

"""Policies and judges that are known through and through: chunks are right at a given rate, so are verdicts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from talkoot.judge import Trace, Verdict
from talkoot.judging.dialect import CLOSE, OPEN
from talkoot.judging.problem import Problem
from talkoot.learning.sampling import Completion, Prompt


class Stepper:
    """A policy that writes `steps` chunks and an answer. A chunk is `good N` or, at the rate `errs`, `bad N`; N is
    fresh for every draw. The answer is right if no chunk is bad, or at the rate `mends`.

    What it writes next depends on (seed, text so far) alone, so whole solutions and solutions chunk by chunk are the
    same. Tokens are words and tags; the end is one.
    """

    name = "stepper"

    def __init__(self, steps: int = 5, errs: float = 0.05, mends: float = 0.1) -> None:
        self.steps, self.errs, self.mends = steps, errs, mends
        self.calls: list[tuple[int, tuple[str, ...], float]] = []

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        self.calls.append((len(prompts), tuple(stop), temperature))
        return [
            [self._one(p.text, p.seed + copy, max_tokens, stop, temperature) for copy in range(p.n)] for p in prompts
        ]

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        raise AssertionError("a policy is not asked for options")

    def _one(self, prompt: str, seed: int, most: int, stop: Sequence[str], temperature: float) -> Completion:
        text, tokens = "", 0
        while True:
            if tokens >= most:
                return Completion(text, most, ended=False)
            piece = self._next(prompt + text, seed, temperature)
            if not piece:
                return Completion(text, tokens + 1)
            text, tokens = text + piece, tokens + len(piece.split()) + 2
            if any(text.endswith(one) for one in stop):
                return Completion(text, tokens)

    def _next(self, so_far: str, seed: int, temperature: float) -> str:
        rng = random.Random(f"{seed} {so_far}" if temperature else so_far)
        done = so_far.count(CLOSE)
        if done > self.steps:
            return ""
        if done == self.steps:
            right = "bad" not in so_far or rng.random() < self.mends
            return f"{OPEN}so {rng.randrange(10**9)} tells: \\boxed{{{int(right)}}}{CLOSE}"
        kind = "bad" if rng.random() < self.errs else "good"
        return f"{OPEN} we do {kind} {rng.randrange(10**9)} now{CLOSE}"


class Oracle:
    """A judge that accepts sound chunks at the rate `tpr` and rejects unsound ones at the rate `tnr`, by a hash."""

    def __init__(self, tpr: float = 1.0, tnr: float = 1.0, tokens: int = 4) -> None:
        self.tpr, self.tnr, self.tokens = tpr, tnr, tokens
        self.name = f"oracle {tpr} {tnr}"
        self.asked: list[Trace] = []

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        self.asked += traces
        return [self._one(trace) for trace in traces]

    def _one(self, trace: Trace) -> Verdict:
        rng = random.Random(str(trace))
        sound = "bad" not in trace.chunks[-1] and not (
            trace.chunks[-1].endswith("{0}") and not any("bad" in chunk for chunk in trace.chunks)
        )
        good = sound == (rng.random() < (self.tpr if sound else self.tnr))
        return Verdict(good, 0.5 + 0.5 * rng.random() if good else 0.5 * rng.random(), "seen", self.tokens)


class Says:
    """A judge that decides by a function of the trace."""

    def __init__(self, decide: Callable[[Trace], float], tokens: int = 3, name: str = "says") -> None:
        self.decide, self.tokens, self.name = decide, tokens, name
        self.asked: list[Trace] = []

    async def __call__(self, traces: Sequence[Trace]) -> list[Verdict]:
        self.asked += traces
        scores = [self.decide(trace) for trace in traces]
        return [Verdict(score >= 0.5, score, tokens=self.tokens) for score in scores]


class Writer:
    """A sampler that answers prompts by a function of (prompt, copy), and options by a function of the text."""

    name = "writer"

    def __init__(self, write: Callable[[str, int], str], positive: Callable[[str], float] = lambda text: 0.5) -> None:
        self.write, self.positive = write, positive
        self.prompts: list[Prompt] = []
        self.settings: list[tuple[int, tuple[str, ...], float]] = []
        self.texts: list[str] = []

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        self.prompts += prompts
        self.settings.append((max_tokens, tuple(stop), temperature))
        written = [[self.write(p.text, copy) for copy in range(p.n)] for p in prompts]
        return [[Completion(text, len(re.findall(r"\S+", text))) for text in texts] for texts in written]

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        assert list(options) == ["\\boxed{Positive}", "\\boxed{Negative}"]
        self.texts += texts
        return [(self.positive(text), 1 - self.positive(text)) for text in texts]


def problems(count: int) -> list[Problem]:
    """Problems for `Stepper`; the answer is 1."""
    return [Problem(f"p{i}", f"problem {i}: ", "1") for i in range(count)]


class Plain:
    """Grades by equal text."""

    def same(self, gold: str, answer: str) -> bool:
        return gold == answer or {gold, answer} == {"1/2", "0.5"}

    def grade(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        return [f"\\boxed{{{gold}}}" in text for gold, text in pairs]

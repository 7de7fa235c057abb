"""A policy with known Q: it adds ones, may slip at every step, and may leave a slip standing or mend it."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from talkoot.judging.answers import final_answer
from talkoot.judging.problem import Problem
from talkoot.learning.sampling import Completion, Prompt


def adding(number: int, steps: int = 4) -> Problem:
    """Problem `number`: so many steps of one, and no slip, lead to the answer."""
    return Problem(f"p{number}", f"{number}:{steps}", str(steps))


@dataclass
class Adder:
    """Writes a chunk `+1` at each step, or `+0` (a slip, for good) with probability `slip`; at the end the sum.

    With s steps left and no slip before, Q = (1 - slip) ** s; after one it is 0. It keeps a sampler's promise: the same
    prompt and seed give the same continuations. `calls` are the numbers of rollouts of each call.
    """

    slip: float = 0.2
    name: str = "adder"
    tags: bool = True
    spoil: float = 0.0
    calls: list[int] = field(default_factory=list)
    stop_after: int | None = None

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        if self.stop_after is not None and len(self.calls) >= self.stop_after:
            raise KeyboardInterrupt
        self.calls.append(sum(prompt.n for prompt in prompts))
        return [[self._one(p, copy) for copy in range(p.n)] for p in prompts]

    def _one(self, prompt: Prompt, copy: int) -> Completion:
        problem, _, begun = prompt.text.partition("<solution>")
        steps = int(problem.partition(":")[2])
        done = re.findall(r"\+(\d)", begun)
        rng = random.Random(zlib.crc32(f"{prompt.seed}/{copy}/{prompt.text}".encode("utf-8", "surrogatepass")))
        if rng.random() < self.spoil and not done:
            return [
                Completion("<chunk>+1", 2), Completion("no tags \\boxed{1}", 2), Completion("<chunk>+1</chunk>", 2),
                Completion(f"<chunk>\\boxed{{{steps}}}", 9, ended=False),
            ][rng.randrange(4)]  # fmt: skip
        fresh = [str(int(rng.random() >= self.slip)) for _ in range(steps - len(done))]
        total = sum(map(int, [*done, *fresh]))
        chunks = [*(f"+{one} " for one in fresh), f"\\boxed{{{total}}}"] if "boxed" not in begun else []
        text = "".join(f"<chunk>{one}</chunk>" if self.tags else f"{one}\n" for one in chunks)
        return Completion(text, len(chunks))

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        raise NotImplementedError


class Equal:
    """Grades by equal text of the final answers; `asked` counts what it was given."""

    def __init__(self) -> None:
        self.asked = 0

    def grade(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        self.asked += len(pairs)
        return [final_answer(text) == gold for gold, text in pairs]

"""`rulebook` as a judge: checks the arithmetic that the new chunk states, exactly, and nothing else (ours).

A baseline that costs nothing: what it calls wrong nearly always is, but most errors of reasoning pass it by.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from talkoot.errors import ModelFailed
from talkoot.judging.dialect import NEGATIVE, POSITIVE
from talkoot.judging.equations import equations

_BEGIN, _END = "\nNew piece:\n", "\n\nThink step by step before you decide:\n"
_TOLD = 20


def judge(prompt: str, *, drop: float = 0.0, seed: int = 0) -> str:
    """Answer the prompt `judge` of `judging.instruct`: what was checked, then the boxed verdict.

    `drop` is the share of the equations that are overlooked, drawn by `seed`. Raises ModelFailed for other prompts.
    """
    said, end, _ = prompt.rpartition(_END)
    before, begin, chunk = said.rpartition(_BEGIN)
    if not end or not begin:
        raise ModelFailed("the rulebook reads only talkoot's own prompt for a judge; use a language model (NAME@URL)")
    random = Random(f"{seed} {before} {chunk}".encode("utf-8", "surrogatepass"))
    seen = [equation for equation in equations(chunk) if random.random() >= drop]
    lines = ["I am a set of rules, no model: I check arithmetic between numbers, and nothing else."]
    if not seen:
        lines.append("The piece states no arithmetic that I can read.")
    for equation in sorted(seen, key=lambda one: one.holds)[:_TOLD]:  # what is wrong comes first
        right = "holds." if equation.holds else f"is wrong: the left side is {_written(equation.value)}."
        lines.append(f"{equation} {right}")
    lines.append(POSITIVE if all(equation.holds for equation in seen) else NEGATIVE)
    return "\n".join(lines)


def _written(value: Fraction) -> str:
    """As a decimal where that is exact and short, else as a fraction, else rounded."""
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value)
    if (value * 10**6).denominator == 1 and abs(value) < 10**9:
        return f"{float(value):.6f}".rstrip("0")
    return str(value) if value.denominator < 10**4 and abs(value) < 10**9 else f"about {_rounded(value)}"


def _rounded(value: Fraction) -> str:
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "a very large number"

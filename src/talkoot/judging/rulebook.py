"""`rulebook` for judging: reads the prompts of `segment` and `judge` and answers them by rules, offline (ours).

It sees what a language model sees.
"""

from __future__ import annotations

from random import Random

from talkoot.errors import ModelFailed
from talkoot.judging.dialect import tagged
from talkoot.judging.rulebook_judge import judge
from talkoot.judging.rules import by_rules
from talkoot.model import Turn


def answer(kind: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0) -> str:
    """Answer one request: `kind` is segment, or judge (`rulebook_judge`).

    `drop` is the share of the cuts (of the equations, for a judge) that are overlooked, drawn by `seed`.

    Raises ModelFailed for other kinds.
    """
    if kind not in ("segment", "judge"):
        raise ModelFailed(f"the rulebook has no rules for judging/{kind}; use a language model instead (NAME@URL)")
    prompt = next((turn.content for turn in reversed(messages) if turn.role == "user"), "")
    if kind == "judge":
        return judge(prompt, drop=drop, seed=seed)
    _, _, solution = prompt.partition("\nSolution:\n")
    random = Random(f"{seed} {solution}".encode("utf-8", "surrogatepass"))
    chunks: list[str] = []
    for piece in by_rules(solution):
        if chunks and random.random() < drop:
            chunks[-1] += piece
        else:
            chunks.append(piece)
    return tagged(chunks)

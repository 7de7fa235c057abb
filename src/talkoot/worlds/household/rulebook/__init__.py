"""`rulebook` for the household: reads the prompts of our agents and answers them by rules, in the form they ask for."""

from __future__ import annotations

import re

from talkoot.model import Turn
from talkoot.worlds.household.rulebook.policy import choose
from talkoot.worlds.household.rulebook.reading import read
from talkoot.worlds.household.rulebook.talking import draft


def answer(kind: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0) -> str:
    """Answer one request. `kind` is what follows the world in its purpose: choose, choose_alone, extract, draft."""
    users = [turn.content for turn in messages if turn.role == "user"]
    facts = read(users[0] if users else "", drop=drop, seed=seed)
    if kind == "draft":
        return draft(facts)
    if kind == "extract":
        said = next((turn.content for turn in reversed(messages) if turn.role == "assistant"), "")
        letter = re.search(r"Best now: ([A-Z]{1,2})\b", said)
        chosen = next((one for one in facts.choices if letter and one.letter == letter[1]), None)
        return (chosen or choose(facts).choice).text
    if not facts.choices:
        return "There is nothing to choose from."
    decision = choose(facts)
    if "Answer: LETTER" in users[-1]:
        reason = decision.why if "Think step by step" in users[-1] else ""
        return f"{reason}\nAnswer: {decision.choice.letter}".strip()
    return f"{decision.why} Best now: {decision.choice.letter}. {decision.choice.text}"

"""`rulebook` for the household: reads the prompts of our agents and answers them by rules, in the form they ask for."""

from __future__ import annotations

import re

from talkoot.model import Turn
from talkoot.worlds.household.rulebook.policy import Decision, choose
from talkoot.worlds.household.rulebook.reading import Facts, read
from talkoot.worlds.household.rulebook.scene import call_in, call_of, judge, read_scene
from talkoot.worlds.household.rulebook.talking import draft


def answer(kind: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0) -> str:
    """Answer one request. `kind` is what follows the world in its purpose.

    choose, choose_alone, extract and draft are CoELA's prompts; plan, react, central, message, check, double_check,
    explain and conclude those of the other agents.
    """
    system = next((turn.content for turn in messages if turn.role == "system"), "")
    users = [turn.content for turn in messages if turn.role == "user"]
    if kind in ("choose", "choose_alone", "extract", "draft"):
        return _coela(kind, users, messages, drop=drop, seed=seed)
    first = kind in ("check", "double_check", "explain", "conclude")
    facts = read_scene(system, (users or [""])[0 if first else -1], drop=drop, seed=seed)
    if first:
        return _check(kind, facts, users[0])
    if kind == "message":
        return f"Message: {draft(facts)}"
    decision = choose(facts) if facts.choices else None
    call = decision.choice.text if decision else "wait(1)"
    why = decision.why if decision else "Nothing is left to do."
    if kind == "react":
        return f"Thought: {why}\nAction: {call}"
    lines = []
    if kind == "central" or "\nAnalysis: what" in system:
        lines.append(f"Analysis: {why}")
    intention = _intention(facts)
    if "\nIntention of " in system and intention:
        lines.append(f"Intention of {facts.mate}: {intention}")
    lines.append(f"Plan for {facts.me}: {call}")
    if kind == "central":
        lines += _others(facts, system, decision)
    return "\n".join(lines)


def _coela(kind: str, users: list[str], messages: tuple[Turn, ...], *, drop: float, seed: int) -> str:
    facts = read(users[0] if users else "", drop=drop, seed=seed)
    if kind == "draft":
        return draft(facts)
    if not facts.choices:
        return "There is nothing to choose from."
    if kind == "extract":
        said = next((turn.content for turn in reversed(messages) if turn.role == "assistant"), "")
        letter = re.search(r"Best now: ([A-Z]{1,2})\b", said)
        chosen = next((one for one in facts.choices if letter and one.letter == letter[1]), None)
        return (chosen or choose(facts).choice).text
    decision = choose(facts)
    if "Answer: LETTER" in users[-1]:
        reason = decision.why if "Think step by step" in users[-1] else ""
        return f"{reason}\nAnswer: {decision.choice.letter}".strip()
    return f"{decision.why} Best now: {decision.choice.letter}. {decision.choice.text}"


def _intention(facts: Facts) -> str:
    """What the mate seems to be about: it brings what it holds; nothing else shows."""
    names = {name for name, _ in facts.mate_held}
    place = next((one for one in facts.places if names & facts.belongs[one[1]].keys()), None)
    return call_of("goput", *place) if place else ""


def _others(facts: Facts, system: str, mine: Decision | None) -> list[str]:
    """A line for each other player: what it is busy with; what it holds it brings; else the next best plan."""
    names = [name for name in re.findall(r"\nPlan for (\w+):", system) if name != facts.me]
    facts.choices = [choice for choice in facts.choices if mine is None or choice.text != mine.choice.text]
    rest = [choice for choice in facts.choices if choice.verb != "goput"]
    plan = _intention(facts)
    if not plan and rest:
        facts.choices = rest
        plan = choose(facts).choice.text
    return [f"Plan for {name}: {facts.busy.get(name) or plan or 'wait(1)'}" for name in names]


def _check(kind: str, facts: Facts, user: str) -> str:
    """Go through the needs of the skill in question; say what is wrong."""
    call = call_in(user.rpartition(" wants to use ")[2])
    judged = judge(facts, *call) if call else []
    wrong = [f"{need} does not hold: {why}" for need, holds, why in judged if not holds]
    if kind in ("explain", "conclude"):
        return f"Error: {wrong[0] if wrong else 'it cannot be used in this scene'}."
    lines = [f"Condition: {need} | {'yes' if holds else 'no'} | {why}" for need, holds, why in judged]
    return "\n".join([*lines, f"Verdict: {'cannot be used' if wrong else 'can be used'}"])

"""`rulebook` for Overcooked: reads the prompts of our agents and answers them by rules, in the form they ask for."""

from __future__ import annotations

from talkoot.model import Turn
from talkoot.worlds.overcooked.rulebook.checking import conclude, judge
from talkoot.worlds.overcooked.rulebook.policy import choose
from talkoot.worlds.overcooked.rulebook.reading import Facts, read
from talkoot.worlds.overcooked.rulebook.talking import message


def answer(kind: str, messages: tuple[Turn, ...], *, drop: float = 0.0, seed: int = 0) -> str:
    """Answer one request. `kind` is what follows the world in its purpose: plan, react, central, check, message, ...

    `drop` is the share of the prompt's facts to overlook, drawn anew in every scene by `seed`.
    """
    system = next((turn.content for turn in messages if turn.role == "system"), "")
    users = [turn.content for turn in messages if turn.role == "user"]
    if kind in ("check", "double_check", "explain", "conclude"):
        facts = read(system, users[0] if users else "", drop=drop, seed=seed)
        if kind == "conclude":
            return conclude(facts, users[0])
        return judge(facts, users[0], again=kind == "double_check", explain=kind == "explain")
    facts = read(system, users[-1] if users else "", drop=drop, seed=seed)
    if kind == "message":
        return message(facts, users[-1])
    if kind == "central":
        return _central(facts)
    chosen = choose(facts)
    if kind == "react":
        return f"Thought: {chosen.why}\nAction: {chosen.skill}"
    lines = []
    if "\nAnalysis: what" in system:
        expected = f" <Player {facts.mate}> will {chosen.intention}." if chosen.intention else ""
        lines.append(f"Analysis: {chosen.why or 'The rest can wait.'}{expected}")
    if "\nIntention of <Player" in system and chosen.intention:
        lines.append(f"Intention of <Player {facts.mate}>: {chosen.intention}")
    lines.append(f"Plan for <Player {facts.me}>: {chosen.skill}")
    return "\n".join(lines)


def _central(facts: Facts) -> str:
    """A plan for both seats: my own choice, and the mate's as I would choose in its place."""
    mine = choose(facts)
    lines = [f"Analysis: {mine.why or 'Both go on.'}", f"Plan for <Player {facts.me}>: {mine.skill}"]
    if facts.mate is not None:
        if facts.mate in facts.busy:
            lines.append(f"Plan for <Player {facts.mate}>: {facts.busy[facts.mate]}()")
        else:
            theirs = choose(_from_the_other_side(facts, mine.skill))
            lines.append(f"Plan for <Player {facts.mate}>: {theirs.skill}")
    return "\n".join(lines)


def _from_the_other_side(facts: Facts, my_skill: str) -> Facts:
    """The same facts with the seats exchanged, and my plan as something that was announced."""
    said = [f"<Player {facts.me}> says: {my_skill}"]
    other = Facts(**{**facts.__dict__, "me": facts.mate, "mate": facts.me, "messages": said, "rejected": [],
                     "intended": []})  # fmt: skip
    return other

"""Whether a skill can be used, judged from the words of the scene: the rulebook as the verificator's model."""

from __future__ import annotations

import re

from talkoot.worlds.overcooked.rulebook.policy import DISPENSER, SERVING, Situation
from talkoot.worlds.overcooked.rulebook.reading import FAR, Facts, PotFacts

Line = tuple[str, bool, str, bool]
"""Need, whether it is met, why, and whether it is only advice."""


def needs(facts: Facts, skill: str) -> list[Line]:
    """The needs of a skill, judged one by one on what was told."""
    situation = Situation(facts)
    hand = situation.hand
    holding = f"<Player {facts.me}> holds {hand or 'nothing'}"
    near = [pot for name, pot in facts.pots.items() if name in facts.steps.get(facts.me, {})]
    reach = bool(near)
    lines: list[Line] = []
    if skill.startswith("pickup_"):
        item = skill.removeprefix("pickup_")
        lines.append(("your hand is empty", hand == "", holding, False))
        if item in DISPENSER:
            found = situation.fetch(facts.me, item) < FAR
            lines.append((f"a {item} is within your reach", found, "it is" if found else "none is told of", False))
        if item == "soup":
            lying = _soups_to_take(facts, situation)
            lines.append(("a soup is within your reach", lying, "one is" if lying else "none is told of", False))
        if item == "dish":
            soups, dishes = sum(1 for pot in facts.pots.values() if pot.items), _dishes(facts, situation)
            lines.append(
                ("a soup is cooking or ready, or a pot has been begun, and no other dish is there for it",
                 soups > dishes, f"{soups} begun, {dishes} dishes there", True)
            )  # fmt: skip
    elif skill.startswith("put_"):
        item = skill.removeprefix("put_").removesuffix("_in_pot")
        takes = any(pot.left is None and pot.items < 3 for pot in near)
        lines.append((f"you hold one {item}", hand == item, holding, False))
        lines.append(("a pot within your reach takes it", takes and reach, "one does" if takes and reach
                      else "every pot is full, cooking, ready or out of reach", False))  # fmt: skip
    elif skill == "fill_dish_with_soup":
        lines.append(("you hold one dish", hand == "dish", holding, False))
        lines.append(("a soup within your reach is cooking or ready", bool(situation.soups) and reach,
                      f"{len(situation.soups)} are", False))  # fmt: skip
    elif skill == "deliver_soup":
        served = situation.near(facts.me, SERVING) < FAR
        lines.append(("you hold a dish with soup", hand == "soup", holding, False))
        lines.append(("a serving place is within your reach", served, "one is" if served else "none is", False))
    elif skill == "place_obj_on_counter":
        lines.append(("you hold something", hand != "", holding, False))
    elif skill == "start_cooking":
        waiting = reach and any(_worth_starting(facts, pot) for pot in near)
        lines.append(("fires are lit by hand", facts.by_hand, "they are" if facts.by_hand else "they are not", False))
        lines.append(("your hand is empty", hand == "", holding, False))
        lines.append(("an idle pot holds an ordered soup", waiting, "one does" if waiting else "none does", False))
    return lines


def _dishes(facts: Facts, situation: Situation) -> int:
    """Dishes that the mate brings; whoever only hands dishes over counts those that lie ready for the mate, too."""
    theirs = facts.steps.get(facts.mate, {}) if facts.mate is not None else {}
    lying = sum(what == "dish" and at in theirs for what, at in facts.loose)
    return situation.dishes_there() + (0 if situation.uses(facts.me, "dish") else lying)


def _soups_to_take(facts: Facts, situation: Situation) -> bool:
    """Whether a soup lies within reach: to serve it, or where only I reach it and could hand it over."""
    mine = facts.steps.get(facts.me, {})
    theirs = facts.steps.get(facts.mate, {}) if facts.mate is not None else {}
    served = situation.uses(facts.me, "soup")
    return any(what == "soup" and at in mine and (served or at not in theirs) for what, at in facts.loose)


def _worth_starting(facts: Facts, pot: PotFacts) -> bool:
    """Whether an idle pot holds an ordered soup, or one that can become nothing that is ordered."""
    reachable = [o for o in facts.orders if o[0] >= pot.onions and o[1] >= pot.tomatoes]
    return pot.left is None and pot.items > 0 and (not reachable or any(sum(o[:2]) == pot.items for o in reachable))


def _asked(text: str) -> str:
    found = re.search(r"(?:wants to use|failed to use) (\w+)", text)
    return found[1] if found else ""


def _overturned(facts: Facts, skill: str) -> bool:
    """Advice that is no reason here: a dish fetched ahead is welcome while the mate carries what a pot still lacks."""
    if skill != "pickup_dish":
        return False
    situation = Situation(facts)
    carried = {situation.mate_hand: 1}
    ahead = sum(lacking == carried and not situation.pots[pot].items for pot, lacking in situation.missing.items())
    return ahead + sum(1 for pot in facts.pots.values() if pot.items) > _dishes(facts, situation)


def judge(facts: Facts, text: str, *, again: bool, explain: bool) -> str:
    """Go through the needs of the skill that is asked about. The second look weighs advice against the scene."""
    skill = _asked(text)
    lines = needs(facts, skill)
    if again and _overturned(facts, skill):
        lines = [(need, met or advice, "worth it here" if advice and not met else why, advice)
                 for need, met, why, advice in lines]  # fmt: skip
    usable = all(met for _, met, _, _ in lines)
    told = [f"Condition: {need} | {'yes' if met else 'no'} | {why}" for need, met, why, _ in lines]
    if explain:
        return "\n".join([*told, f"Error: {_error(lines)}"])
    return "\n".join([*told, f"Verdict: {'can be used' if usable else 'cannot be used'}"])


def conclude(facts: Facts, text: str) -> str:
    """The need that is not met, in one line."""
    return f"Error: {_error(needs(facts, _asked(text)))}"


def _error(lines: list[Line]) -> str:
    return "; ".join(f"{need}: no, {why}" for need, met, why, _ in lines if not met) or "something in the way changed"

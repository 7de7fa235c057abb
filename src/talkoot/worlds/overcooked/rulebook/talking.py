"""A message worth sending, by rules: what I am about to fetch, if the mate's hand is free to fetch the same."""

from __future__ import annotations

import re

from talkoot.worlds.overcooked.rulebook.reading import Facts


def message(facts: Facts, text: str) -> str:
    """Say what I am going to fetch when the mate could do double work; otherwise say nothing."""
    plan = re.search(r"^Your plan: (\w+)\(", text, re.M)
    name = plan[1] if plan else ""
    if not name.startswith("pickup_") or facts.mate is None or facts.held.get(facts.mate, ""):
        return "Message: none"
    item = name.removeprefix("pickup_")
    other = "the dish" if item in ("onion", "tomato") else "onions"
    line = f"I fetch the {item} ({name}) at scene {facts.t}; you could see to {other}."
    return f"Message: {line}"

"""Reading what a model wrote: which skill, which intention. Tolerant of spelling, strict about meaning.

`read_line` finds the line that was asked for and `read_skill` the one skill in it. `released_skill` reads as ProAgent's
release does (reference, 1.6): by substrings, with its quirks.
"""

from __future__ import annotations

import re

from talkoot.types import Seat, SkillCall
from talkoot.world import Guide

_CALL = re.compile(r"([a-z_]\w*)\s*(?:\(([^()\n]{0,60})\))?", re.IGNORECASE)


class Unreadable(ValueError):
    """The reply does not hold what was asked for; the text says what is wrong, to be told to the model."""


def read_line(text: str, label: str) -> str | None:
    """The rest of the first line that starts with `label` and a colon, whatever markup and case; None if there is none.

    In a label, a player tag matches with or without its angle brackets.
    """
    pattern = re.escape(label).replace("<", "<?").replace(">", ">?").replace(r"\ ", r"\s+")
    match = re.search(rf"^[\s*_#>`\-]*{pattern}[\s*_`]*:[\s*_`]*(.*)$", text, re.IGNORECASE | re.MULTILINE)
    return match.group(1).strip().strip("*_`\"' ") if match else None


def read_skill(text: str, guide: Guide) -> SkillCall:
    """The one skill that a line names: `put_onion_in_pot()`, `pickup(onion)`, `Wait(3)`. Raises Unreadable."""
    names = {_plain(skill.name): skill for skill in guide.skills}
    found: dict[str, SkillCall] = {}
    for match in _CALL.finditer(text):
        name, inside = match.group(1), match.group(2) or ""
        arguments = tuple(part.strip().strip("\"'") for part in inside.split(",") if part.strip())
        for key, rest in ((_plain(name), arguments), (_plain(name + "".join(arguments[:1])), arguments[1:])):
            skill = names.get(key)
            if skill is not None:
                # An argument that the skill does not have is dropped if it only repeats what the name says.
                kept = rest if skill.parameters else ()
                found.setdefault(key, SkillCall(skill.name, kept))
                break
    if not found:
        words = _plain(text)
        inside_text = [skill for key, skill in names.items() if key in words]
        if len(inside_text) == 1:
            found[inside_text[0].name] = SkillCall(inside_text[0].name)
    if not found:
        raise Unreadable("it names none of the skills in the list.")
    if len(found) > 1:
        raise Unreadable("it names more than one skill.")
    return next(iter(found.values()))


def read_plan(text: str, guide: Guide, seat: Seat | None = None) -> SkillCall:
    """The skill in the line `Plan for <Player i>:` of the own (or the given) seat. Raises Unreadable."""
    label = f"Plan for <Player {guide.seat if seat is None else seat}>"
    line = read_line(text, label)
    if line is None and len(guide.seats) > 0 and seat is None:
        line = read_line(text, "Plan")
    if not text.strip():
        raise Unreadable("it was empty.")
    if line is None:
        raise Unreadable(f"it has no line '{label}: ...'.")
    return read_skill(line, guide)


def read_intention(text: str, guide: Guide, mate: Seat) -> str:
    """The skill that the mate is expected to complete, as written in the list of skills, or "" if none can be read."""
    line = read_line(text, f"Intention of <Player {mate}>")
    if line is None:
        return ""
    try:
        return str(read_skill(line, guide))
    except Unreadable:
        return ""


def released_skill(text: str, seat: Seat, *, longest_wait_at_least: int = 1) -> SkillCall:
    """Read a plan as ProAgent's release does: the rest of the first `layer i: ` line (or the whole reply).

    Anything with "wait" in it waits; without any known word the skill is wait(1). A verb without a known object gives
    a skill that no validator knows.
    """
    match = re.search(rf"layer\s*{seat}: (.*)", text)
    line = match.group(1) if match else text
    skill = "wait(1)"
    if "place" in line:
        skill = "place_obj_on_counter"
    elif "pick" in line:
        item = next((item for item in ("onion", "tomato", "dish") if item in line), None)
        skill = f"pickup_{item}" if item else (line.split() or ["pick"])[0]
    elif "put" in line:
        item = next((item for item in ("onion", "tomato") if item in line), None)
        skill = f"put_{item}_in_pot" if item else (line.split() or ["put"])[0]
    elif "fill" in line:
        skill = "fill_dish_with_soup"
    elif "deliver" in line:
        skill = "deliver_soup"
    if "wait" in line:
        rest = line
        for part in ("wait", "(", ")", '"', "."):
            rest = rest.replace(part, "")
        number = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 5 else 1
        return SkillCall("wait", (str(max(number, longest_wait_at_least)),))
    name = re.sub(r"\W.*", "", skill.split(",")[0].replace("wait(1)", "wait")) or "wait"
    return SkillCall("wait", ("1",)) if name == "wait" else SkillCall(name)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

"""Reading what a model wrote: which skill, which intention. Tolerant of spelling, strict about meaning.

`read_line` finds the line that was asked for and `read_skill` the one skill in it. `released_skill` reads as ProAgent's
release does (reference, 1.6): by substrings, with its quirks.
"""

from __future__ import annotations

import re

from talkoot.agents.thinking import one_line
from talkoot.types import Seat, SkillCall
from talkoot.world import Guide

_CALL = re.compile(r"([a-z_]\w*)\s*(?:\(((?:[^()\n]|\([^()\n]{0,20}\)){0,60})\))?", re.IGNORECASE)
_THING = re.compile(r"[\s<]*([a-z]\w*?)[\s>_]*\(?\s*([0-9]{1,9})\s*\)?\s*", re.IGNORECASE)
_PREPOSITIONS = ("for", "until", "till", "about", "to", "up")
_MARKUP = " \t*_#>`-"


class Unreadable(ValueError):
    """The reply does not hold what was asked for; the text says what is wrong, to be told to the model."""


def read_line(text: str, label: str, *, last: bool = False) -> str | None:
    """What follows `label` and a colon in the first (or the last) line that starts so, whatever markup and case.

    None without such a line.

    In a label, a player tag matches with or without its angle brackets. Where nothing follows the colon, the next line
    with anything in it counts, unless it is a labelled line itself. Read line by line, so that the time is linear.
    """
    pattern = re.escape(label).replace("<", "<?").replace(">", ">?").replace(r"\ ", r"[ \t]*")
    begins = re.compile(rf"(?:\d{{1,2}}[.)][ \t*_`]*)?{pattern}[ \t*_`]*[:：](.*)", re.IGNORECASE)
    lines = text.splitlines()
    numbered = list(enumerate(lines))
    for number, line in reversed(numbered) if last else numbered:
        match = begins.fullmatch(line.lstrip(_MARKUP))
        if match is None:
            continue
        rest = _bare(match.group(1))
        if not rest:
            following = next((bare for other in lines[number + 1 :] if (bare := _bare(other))), "")
            rest = following if ":" not in following else ""
        return rest
    return None


def read_skill(text: str, guide: Guide) -> SkillCall:
    """The one skill that a line names: `put_onion_in_pot()`, `pickup(onion)`, `Wait(3)`. Raises Unreadable.

    A thing with a number may be written `gocheck(fridge_103)`, `gocheck(<fridge> (103))` or `[gocheck] <fridge> (103)`;
    it is read as `gocheck(fridge_103)`. What stands in brackets is the text of a skill whose parameter is `text`.
    """
    names = {_plain(skill.name): skill for skill in guide.skills}
    spoken = _spoken(text, guide)
    if spoken is not None:
        return spoken
    found: dict[str, SkillCall] = {}
    for match in _CALL.finditer(text):
        name, inside = match.group(1), match.group(2) or ""
        arguments = tuple(argument for part in inside.split(",") if (argument := _argument(part)))
        for key, rest in ((_plain(name), arguments), (_plain(name + "".join(arguments[:1])), arguments[1:])):
            skill = names.get(key)
            if skill is not None:
                # An argument that the skill does not have is dropped if it only repeats what the name says.
                kept = (rest or _things_behind(text[match.end() :])) if skill.parameters else ()
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


def _argument(text: str) -> str:
    """An argument as it may stand in a prompt again: one line without quotes and without `name =` before it."""
    bare = one_line(text).rpartition("=")[2].strip("\"'` ")
    thing = _THING.fullmatch(bare)
    return f"{thing[1].lower()}_{thing[2]}" if thing else one_line(bare.replace("(", " ").replace(")", " "))


def _things_behind(text: str) -> tuple[str, ...]:
    """The thing that stands behind a skill's name without brackets around it: `] <fridge> (103)`, ` fridge 103`."""
    thing = _THING.match(text[:100].lstrip("]*`: "))
    return (f"{thing[1].lower()}_{thing[2]}",) if thing and thing[1].lower() not in _PREPOSITIONS else ()


def _spoken(text: str, guide: Guide) -> SkillCall | None:
    """A call of the skill that takes a text, `send_message(I see <apple> (12).)`: what it says is one argument."""
    for skill in guide.skills:
        if skill.parameters != ("text",):
            continue
        said = re.match(rf"[\[*`\s]*{re.escape(skill.name)}[\]*`\s:]*(.*)", text, re.IGNORECASE)
        if said is not None:
            words = one_line(said[1], (guide.message_limit or 400) + 4)
            words = words[1:].removesuffix(".").removesuffix(")") if words.startswith("(") else words
            return SkillCall(skill.name, (words.strip("\"'` ")[: guide.message_limit or 400],))
    return None


def read_plan(text: str, guide: Guide, seat: Seat | None = None) -> SkillCall:
    """The skill in the line `Plan for NAME:` of the own (or the given) seat. Raises Unreadable."""
    label = f"Plan for {guide.name(guide.seat if seat is None else seat)}"
    line = read_line(text, label)
    if not text.strip():
        raise Unreadable("it was empty.")
    if line is None and seat is None:
        line = read_line(text, "Plan")
    if line is None:
        raise Unreadable(f"it has no line '{label}: ...'.")
    return read_skill(line, guide)


def read_intention(text: str, guide: Guide, mate: Seat) -> str:
    """The skill that the mate is expected to complete, as written in the list of skills, or "" if none can be read."""
    line = read_line(text, f"Intention of {guide.name(mate)}")
    if line is None:
        return ""
    try:
        return str(read_skill(line, guide))
    except Unreadable:
        return ""


def released_skill(text: str, seat: Seat, *, waits_at_least: int = 0) -> SkillCall:
    """Read a plan as ProAgent's release does: the rest of the first `layer i: ` line (or the whole reply).

    Anything with "wait" in it waits; without any known word the skill is wait(1). A verb without a known object gives
    a skill that no validator knows, and so does a wait of 0 or of more than 20 steps. `waits_at_least` raises the
    number of steps to wait; the release takes 3 in Forced Coordination. The release asks for `Player i:` where our
    prompts ask for `<Player i>:`, so the closing bracket may stand there.
    """
    match = re.search(rf"layer\s*{seat}>?: (.*)", text)
    line = match.group(1) if match else text
    if "wait" in line:
        rest = line
        for part in ("wait", "(", ")", '"', "."):
            rest = rest.replace(part, "")
        number = int(rest.lstrip("0")[:6] or "0") if rest.isascii() and rest.isdigit() else 1
        return SkillCall("wait", (str(max(number, waits_at_least)),))
    if "place" in line:
        return SkillCall("place_obj_on_counter")
    if "pick" in line:
        item = next((item for item in ("onion", "tomato", "dish") if item in line), None)
        return SkillCall(f"pickup_{item}" if item else _first_word(line))
    if "put" in line:
        item = next((item for item in ("onion", "tomato") if item in line), None)
        return SkillCall(f"put_{item}_in_pot" if item else _first_word(line))
    if "fill" in line:
        return SkillCall("fill_dish_with_soup")
    if "deliver" in line:
        return SkillCall("deliver_soup")
    return SkillCall("wait", (str(max(1, waits_at_least)),))


def _first_word(line: str) -> str:
    """The first raw word up to a comma, as a name that prompts and records can hold."""
    name = re.sub(r"[^A-Za-z0-9_]", "", line.split()[0].split(",")[0])[:60]
    return name if name[:1].isalpha() else f"_{name}"


def _bare(text: str) -> str:
    return text.strip().strip("*_`\"' ")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

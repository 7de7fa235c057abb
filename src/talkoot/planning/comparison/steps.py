"""Reading a plan that a language model wrote in its own words into ground actions.

The published comparison had such plans judged by hand; here code reads them: a line is one step, written as
`(stack b1 b2)`, `stack b1 b2`, `stack(b1, b2)`, in the words of the pack ("Put b1 onto b2"), or freely, as long as it
names one action of the domain and objects whose types tell which parameter each one fills. What reads two ways is not
read. What a phrase leaves unsaid (which hand, which height) is filled in from the state, as a person who judges would.
Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product

from talkoot.planning.pddl.domain import ActionSchema, Domain
from talkoot.planning.plans.validate import Simulator
from talkoot.problem import Atom, Plan, Problem

UNSAID = "?"
"""Stands for an object that a phrase leaves out."""

_TRIES = 20_000  # ways to fill in one step

_NUMBER = re.compile(r"^\s*(?:[-*•>]+\s+|\(?(?:step\s*)?\d+\s*[.):]\s*|step\s+\d+\s*[-–]?\s*)+", re.I)
_NAME = r"[\w@]+(?:[-.]\w+)*"
_CALL = re.compile(rf"({_NAME})\s*\(\s*((?:{_NAME}\s*,\s*)*(?:{_NAME})?)\s*\)")
_LIST = re.compile(r"\(([^()]*)\)")
_PARTS = re.compile(r"\s*;\s*|\.\s+|,?\s+(?:and\s+)?then\s+")
_NOTHING = re.compile(
    r"already (?:satisfied|achieved|reached|met|true|fulfilled)|goal (?:already|holds)"
    r"|\bno (?:further )?(?:actions?|steps?|moves?)\b|nothing (?:needs|has|is|to)|empty plan"
)


@dataclass(frozen=True)
class Steps:
    """The actions that were read, in order, and the lines that look like steps but could not be read.

    `plan` is None where nothing was read, and `()` where the reply says that there is nothing to do.
    """

    plan: Plan | None
    unreadable: tuple[str, ...] = ()


def read_steps(
    reply: str, domain: Domain, phrases: Mapping[str, str], objects: Mapping[str, str] | None = None
) -> Steps:
    """Read the steps of a reply.

    `phrases` are the pack's, `objects` maps the names of the task to their types; without them names are taken as they
    stand and only the first three forms and the phrases are read. A phrase that does not mention every parameter gives
    a step with UNSAID in it (see `fill_in`). Never raises.
    """
    reader = _Reader(domain, phrases, {**domain.constants, **objects} if objects is not None else None)
    plan: list[Atom] = []
    unreadable: list[str] = []
    for line in reply.lower().splitlines():
        bare = re.sub(r"[`*_]{2,}|`", "", line)
        text = _NUMBER.sub("", bare).strip()
        if not text:
            continue
        found = reader.line(text)
        if found is not None:
            plan += found
        elif text.endswith(":"):
            continue  # a heading, whatever it names
        elif text != bare.strip() or text.startswith("(") or reader.actions_named(text):
            unreadable.append(line.strip())
    if plan or unreadable or not _NOTHING.search(reply.lower()):
        return Steps(tuple(plan) if plan else None, tuple(unreadable))
    return Steps(())


def fill_in(plan: Plan, domain: Domain, problem: Problem) -> Plan:
    """The plan with what its steps leave unsaid: the first objects, in their order, with which the step can be carried
    out where it stands; if there are none, the first of the right types, and the plan will fail there."""
    simulator = Simulator(domain, problem)
    objects = domain.objects(problem)
    state: frozenset[Atom] | None = simulator.start
    filled: list[Atom] = []
    for step in plan:
        ways = [step] if UNSAID not in step else list(islice(_ways(step, domain, objects), _TRIES))
        best = ways[0] if ways else step
        if state is not None:
            after = next(((way, got) for way in ways if (got := _after(simulator, way, state)) is not None), None)
            best, state = after if after is not None else (best, None)
        filled.append(best)
    return tuple(filled)


def _ways(step: Atom, domain: Domain, objects: Mapping[str, str]) -> Iterator[Atom]:
    slots = zip(step[1:], domain.actions[step[0]].parameters, strict=True)
    pools = [
        [said] if said != UNSAID else [name for name, kind in objects.items() if domain.is_a(kind, types)]
        for said, (_, types) in slots
    ]
    return ((step[0], *names) for names in product(*pools))


def _after(simulator: Simulator, step: Atom, state: frozenset[Atom]) -> frozenset[Atom] | None:
    """The state after a step, None if it cannot be carried out."""
    action = simulator.grounding.action(step)
    if isinstance(action, str) or not action.needs.met(state):
        return None
    adds, deletes = action.effects(state)
    return (state - deletes) | adds


class _Reader:
    def __init__(self, domain: Domain, phrases: Mapping[str, str], objects: Mapping[str, str] | None) -> None:
        self.domain = domain
        self.objects = objects
        self.names = {_plain(name): name for name in objects} if objects is not None else {}
        said = (
            "|".join(map(_said, sorted(objects, key=len, reverse=True))) if objects else rf"{_NAME}(?: {_NAME}){{0,2}}?"
        )
        self.patterns = {
            action: re.compile(_pattern(phrase, said)) for action, phrase in phrases.items() if action in domain.actions
        }
        self.called = {name: re.compile(_spoken(name)) for name in domain.actions}

    def line(self, text: str) -> list[Atom] | None:
        """All steps of a line, or None if there are none or one cannot be read."""
        lists = [atom for inside in _LIST.findall(text) if (atom := self.listed(inside.split())) is not None]
        if lists:
            return lists
        steps = []
        for part in filter(None, (part.strip(" .,!") for part in _PARTS.split(text))):
            atom = self.listed(part.split()) or self.call(part) or self.phrase(part) or self.free(part)
            if atom is None:
                return None
            steps.append(atom)
        return steps or None

    def listed(self, words: list[str]) -> Atom | None:
        """`stack b1 b2`, bare or from inside brackets."""
        if not words or words[0] not in self.domain.actions:
            return None
        return self.fits(self.domain.actions[words[0]], [word.strip(",") for word in words[1:]])

    def call(self, text: str) -> Atom | None:
        """`stack(b1, b2)`."""
        match = _CALL.search(text)
        if match is None or match[1] not in self.domain.actions:
            return None
        return self.fits(self.domain.actions[match[1]], [part.strip() for part in match[2].split(",") if part.strip()])

    def phrase(self, text: str) -> Atom | None:
        """A phrase of the pack; where its objects are of the wrong types, the one other action with the same
        parameters that they fit."""
        found: dict[Atom, None] = {}
        others: dict[Atom, None] = {}
        for action, pattern in self.patterns.items():
            match = pattern.fullmatch(text)
            if match is None:
                continue
            given = match.groupdict()
            for schema in self.domain.actions.values():
                wanted = [_group(variable[1:]) for variable, _ in schema.parameters]
                if schema.name == action or set(wanted) == set(given):
                    atom = self.fits(schema, [given.get(name, UNSAID) for name in wanted])
                    if atom is not None:
                        (found if schema.name == action else others)[atom] = None
        best = found or others
        return next(iter(best)) if len(best) == 1 else None

    def free(self, text: str) -> Atom | None:
        """Any sentence with one action and objects that fill its parameters in one way, by their types."""
        actions = self.actions_named(text)
        if self.objects is None or len(actions) != 1:
            return None
        schema = self.domain.actions[actions[0]]
        mentioned = list(dict.fromkeys(self.mentioned(self.called[schema.name].sub(" ", text, count=1))))
        if len(mentioned) > len(schema.parameters) or len(schema.parameters) > 8:
            return None
        in_order = self.fits(schema, mentioned) if len(mentioned) == len(schema.parameters) else None
        if in_order is not None:
            return in_order
        ways = {tuple(way) for way in self.ways(schema, mentioned)}
        return (schema.name, *ways.pop()) if len(ways) == 1 else None

    def ways(self, schema: ActionSchema, mentioned: list[str]) -> Iterator[list[str]]:
        """Fill the parameters with the objects mentioned, by type; a parameter left open takes the only object of
        its type."""
        assert self.objects is not None
        slots = [types for _, types in schema.parameters]
        for places in permutations(range(len(slots)), len(mentioned)):
            filled: list[str | None] = [None] * len(slots)
            for place, name in zip(places, mentioned, strict=True):
                filled[place] = name
            for place, types in enumerate(slots):
                if filled[place] is None:
                    able = [name for name, kind in self.objects.items() if self.domain.is_a(kind, types)]
                    filled[place] = able[0] if len(able) == 1 else None
            whole = [name for name in filled if name is not None]
            if len(whole) == len(slots) and self.fits(schema, whole) is not None:
                yield whole

    def fits(self, schema: ActionSchema, words: list[str]) -> Atom | None:
        """The ground action if the names exist and their types are admitted."""
        if len(words) != len(schema.parameters):
            return None
        if self.objects is None:
            return (schema.name, *("-".join(word.split()) for word in words))
        names = [UNSAID if word == UNSAID else self.names.get(_plain(word)) for word in words]
        whole = [name for name in names if name is not None]
        good = len(whole) == len(words) and all(
            name == UNSAID or self.domain.is_a(self.objects[name], types)
            for name, (_, types) in zip(whole, schema.parameters, strict=True)
        )
        return (schema.name, *whole) if good else None

    def mentioned(self, text: str) -> list[str]:
        """The task's objects in a text, in order, the longest name at each place."""
        words = re.findall(_NAME, text)
        found, at = [], 0
        while at < len(words):
            for length in (3, 2, 1):
                name = self.names.get(_plain(" ".join(words[at : at + length])))
                if name is not None:
                    found.append(name)
                    at += length - 1
                    break
            at += 1
        return found

    def actions_named(self, text: str) -> list[str]:
        """The actions whose names stand in a text; one whose name is part of a longer one there does not count."""
        spans = [(match.span(), name) for name, said in self.called.items() for match in said.finditer(text)]
        kept = {
            name
            for (start, end), name in spans
            if not any(s <= start and end <= e and (s, e) != (start, end) for (s, e), _ in spans)
        }
        return [name for name in self.domain.actions if name in kept]


def _plain(name: str) -> str:
    return re.sub(r"[_\s]+", "-", name.strip())


def _group(name: str) -> str:
    return "p_" + re.sub(r"\W", "_", name)


def _spoken(name: str) -> str:
    """`pick-up` is also said "pick up", "picks up" and "pickup"; `pickup` alone also "pick up"."""
    parts = [re.escape(part) for part in re.split(r"[-_]", name)]
    if len(parts) == 1 and (split := re.fullmatch(r"(\w{2,})(up|down|out|in|off|on)", name)):
        parts = [split[1], split[2]]
    head = rf"{parts[0]}(?:{parts[0][-1]}?(?:s|es|ed|ing))?" if parts[0].isalpha() else parts[0]
    return rf"(?<![\w-]){r'[-_ ]?'.join([head, *parts[1:]])}(?![\w-])"


def _said(name: str) -> str:
    """A name as a regular expression: it may be told with blanks for its dashes."""
    return r"[-_\s]".join(map(re.escape, re.split(r"[-_]", name)))


def _pattern(phrase: str, said: str) -> str:
    """A phrase of a pack as a regular expression with a group for each parameter; `said` is that of a name."""
    seen: set[str] = set()
    parts = []
    for piece in re.split(r"(\{[\w-]+\})", phrase.lower().strip(" .")):
        if piece.startswith("{"):
            name = _group(piece[1:-1])
            parts.append(rf"(?P={name})" if name in seen else rf"(?:the )?(?P<{name}>{said})")
            seen.add(name)
        else:
            parts.append(r"\s+".join(re.escape(word) for word in re.split(r"\s+", piece)))
    return "".join(parts)

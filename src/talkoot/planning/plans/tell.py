"""Tell a plan in words: what each step does and what it is good for.

The words come from the phrases of a domain's pack, the reasons from causal links
(`talkoot.planning.plans.order`). A language model may tell them anew; what it says is checked step by step, and the
templates stand where it fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from talkoot.errors import BadInput, BudgetSpent, ModelFailed
from talkoot.model import Model
from talkoot.planning.asking import ask, render
from talkoot.planning.pddl.domain import Domain, Parameters
from talkoot.planning.plans.order import GOAL, Link, links, useless
from talkoot.problem import Atom, Problem

_HOLE = re.compile(r"\{([^{}]*)\}")
_BETWEEN = re.compile(r"(?<=[^\W_])[-_]+(?=[^\W_])")
_DIGITS = re.compile(r"(?<=\d)[-_](?=\d)")
_LINE = re.compile(r"\W*(?:step\s+)?(\d+)\s*[.):]\**\s*(\S.*)", re.IGNORECASE)
_RELATIONS = ("above", "at", "behind", "below", "beside", "by", "in", "inside", "near", "next-to", "on", "under")
_ROLES = ("at", "by", "for", "from", "in", "into", "of", "on", "onto", "over", "through", "to", "under", "via", "with")
_MOST = 3


@dataclass(frozen=True)
class Told:
    """One step in words. `because` says what needs it; `useless` marks a step without which the plan works too."""

    step: int
    words: str
    because: str
    useless: bool = False


@dataclass(frozen=True)
class Telling:
    """A whole plan in words. `by` is the name of the model that told it, "" for the templates; `note` says why a
    model's words were not taken."""

    told: tuple[Told, ...]
    by: str = ""
    note: str = ""

    def __str__(self) -> str:
        """One numbered line for each step. A model's sentence already holds the reason."""
        reasons = ("" if self.by or not one.because else f" ({one.because})" for one in self.told)
        return "\n".join(f"{one.step}. {one.words}{reason}" for one, reason in zip(self.told, reasons, strict=True))


def tell(
    domain: Domain,
    problem: Problem,
    plan: Sequence[Atom],
    phrases: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
) -> list[Told]:
    """Tell a valid plan step by step.

    `phrases` maps actions, `facts` predicates to sentences with holes: a parameter's name without "?", or its place
    from 0. What has no phrase is told from its name. Raises InvalidPlan for a plan that is not valid, BadInput for a
    phrase with a hole that nothing fills.
    """
    spare = useless(domain, problem, plan)
    kept = [number for number in range(1, len(plan) + 1) if number not in spare]
    reasons: dict[int, list[Link]] = {number: [] for number in kept}
    for link in links(domain, problem, [plan[number - 1] for number in kept]):
        if link.producer:
            consumer = GOAL if link.consumer == GOAL else kept[link.consumer - 1]
            reasons[kept[link.producer - 1]].append(replace(link, consumer=consumer))
    told: list[Told] = []
    for number, step in enumerate(plan, 1):
        if number in reasons:
            because = _because(domain, reasons[number], facts or {})
        else:
            because = "nothing needs this step: the plan works without the steps marked so"
        told.append(Told(number, words_of(domain, step, phrases), because, number not in reasons))
    return told


async def tell_with(
    model: Model,
    domain: Domain,
    problem: Problem,
    plan: Sequence[Atom],
    phrases: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
) -> Telling:
    """Let a model tell a valid plan anew (purpose "planning/tell").

    Its words are taken only if every step is there once, by number and in order, and no step speaks of an object that
    neither the step nor its reason names. Otherwise, and where the model fails, the templates are what is told, and
    `note` says why. Raises as `tell` does.
    """
    told = tell(domain, problem, plan, phrases, facts)
    if not told:
        return Telling(())
    try:
        reply = await ask(
            model, "tell", render("tell", told=told), system="tell_system", max_tokens=200 + 80 * len(told)
        )
    except (ModelFailed, BudgetSpent) as error:
        return Telling(tuple(told), "", f"the model did not retell the plan ({error}); it is told by the templates")
    lines, fault = _read(reply, told, list(domain.objects(problem)))
    if fault:
        return Telling(
            tuple(told), "", f"the model's words are not used, as {fault}; the plan is told by the templates"
        )
    return Telling(tuple(replace(one, words=line) for one, line in zip(told, lines, strict=True)), model.name)


def words_of(domain: Domain, step: Atom, phrases: Mapping[str, str]) -> str:
    """A step in words, from the phrase of its action or else from the names of action and parameters."""
    schema = domain.actions.get(step[0])
    parameters = schema.parameters if schema else ()
    if step[0] in phrases:
        return _fill(phrases[step[0]], f"the phrase of action {step[0]}", parameters, step[1:])
    words = [spoken(step[0])[:1].upper() + spoken(step[0])[1:]]
    bare: list[str] = []
    tail: list[str] = []
    for place, name in enumerate(step[1:]):
        role = parameters[place][0].lstrip("?") if place < len(parameters) else ""
        if role in _ROLES:
            tail.append(f"{role} {spoken(name)}")
        else:
            bare.append(spoken(name))
    return " ".join(words + ([", ".join(bare)] if bare else []) + tail)


def fact_words(domain: Domain, fact: Atom, facts: Mapping[str, str], wanted: bool = True) -> str:
    """A fact in words (or its opposite): from its phrase, else `b1 on b2` for a relation, `clear b1` for others."""
    if fact[0] in facts:
        parameters = domain.predicates.get(fact[0], ())
        words = _fill(facts[fact[0]], f"the phrase of predicate {fact[0]}", parameters, fact[1:])
        if not wanted:
            parts = re.subn(r"\b(is|are|has|can)\b", r"\1 not", words, count=1)
            return parts[0] if parts[1] else f"not: {words}"
        return words
    if len(fact) == 3 and fact[0] in _RELATIONS:
        words = f"{spoken(fact[1])} {spoken(fact[0])} {spoken(fact[2])}"
    else:
        words = " ".join(spoken(name) for name in fact)
    return words if wanted else f"not {words}"


def by_place(
    domain: Domain, phrases: Mapping[str, str], facts: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Phrases of one domain with places (`{0}`) for its parameters' names, so that they serve any domain with the same
    signatures, however it names its parameters."""

    def placed(phrase: str, parameters: Parameters) -> str:
        for place, (variable, _) in enumerate(parameters):
            phrase = re.sub(rf"\{{\??{re.escape(variable.lstrip('?'))}\}}", f"{{{place}}}", phrase, flags=re.IGNORECASE)
        return phrase

    signatures = {name: action.parameters for name, action in domain.actions.items()}
    return (
        {name: placed(phrase, signatures.get(name, ())) for name, phrase in phrases.items()},
        {name: placed(phrase, domain.predicates.get(name, ())) for name, phrase in facts.items()},
    )


def spoken(name: str) -> str:
    """A name as it is told: `left-hand` is left hand, `pos-0-1` is pos 0-1."""
    parts = _DIGITS.sub("\0", name)
    return _BETWEEN.sub(" ", parts).replace("\0", "-")


def _fill(phrase: str, what: str, parameters: Parameters, names: Sequence[str]) -> str:
    by_name = {str(place): name for place, name in enumerate(names)}
    by_name |= {variable.lstrip("?"): name for (variable, _), name in zip(parameters, names, strict=False)}

    def value(match: re.Match[str]) -> str:
        key = match[1].lstrip("?").lower()
        if key not in by_name:
            known = ", ".join("{" + name + "}" for name in by_name)
            raise BadInput(
                f"{what}, {phrase!r}, has a hole {match[0]} that nothing fills; it can have {known or 'none'}"
            )
        return spoken(by_name[key])

    return _HOLE.sub(value, phrase)


def _because(domain: Domain, needed: Sequence[Link], facts: Mapping[str, str]) -> str:
    """What a step's links are good for, the goal first, at most three parts."""
    goals = [fact_words(domain, link.fact, facts, link.wanted) for link in needed if link.consumer == GOAL]
    users: dict[tuple[bool, Atom], list[int]] = {}
    for link in needed:
        if link.consumer != GOAL:
            users.setdefault((link.wanted, link.fact), []).append(link.consumer)
    parts = [f"for the goal: {_joined(goals)}"] if goals else []
    for (wanted, fact), steps in sorted(users.items(), key=lambda item: (min(item[1]), item[0])):
        numbers = [str(step) for step in sorted(steps)]
        if len(numbers) > _MOST:
            numbers[_MOST:] = ["later ones"]
        whom = f"for step{'s' if len(numbers) > 1 else ''} {_joined(numbers)}"
        words = fact_words(domain, fact, facts, wanted)
        parts.append(f"so that {words}, {whom}" if fact[0] in facts else f"{whom}: {words}")
    rest = len(parts) - _MOST
    return "; ".join(parts[:_MOST]) + (f"; and {rest} more" if rest > 0 else "")


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _read(reply: str, told: Sequence[Told], objects: Sequence[str]) -> tuple[list[str], str]:
    """The model's line for each step, and what is wrong with them ("" if nothing is)."""
    found: list[tuple[int, str]] = []
    for line in reply.splitlines():
        match = _LINE.match(line)
        if match:
            found.append((int(match[1]), match[2].strip()))
    numbers = [number for number, _ in found]
    wanted = [one.step for one in told]
    if numbers != wanted:
        absent = [str(number) for number in wanted if number not in numbers]
        if absent:
            return [], f"step {absent[0]} is missing" if len(absent) == 1 else f"{len(absent)} steps are missing"
        return [], "the steps are not told once each and in order"
    for one, (_, line) in zip(told, found, strict=True):
        own = f"{one.words} {one.because}"
        for name in objects:
            if len(name) > 1 and _mentions(line, name) and not _mentions(own, name):
                return [], f"step {one.step} speaks of {name}, which has no part in it"
    return [line for _, line in found], ""


def _mentions(text: str, name: str) -> bool:
    either = "|".join(re.escape(form) for form in {name, spoken(name)})
    return re.search(rf"(?<![\w-])(?:{either})(?![\w-])", text, re.IGNORECASE) is not None

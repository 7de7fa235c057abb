"""`check_pack`: the conformance test of a domain pack, for those that come with talkoot and those that a user writes.

It reads every file, holds the example and generated instances against their own words, reads the words back into a
problem, solves some, and spoils instances fact by fact to see whether the audit would notice. Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

from talkoot.errors import BadInput, TalkootError
from talkoot.planning.faults import Fault, doubtful
from talkoot.planning.packs.audit import audit
from talkoot.planning.packs.claims import problem_of
from talkoot.planning.packs.complete import complete
from talkoot.planning.packs.conditions import parse_condition
from talkoot.planning.packs.pack import Pack, load_pack
from talkoot.planning.packs.phrases import declared, read_text
from talkoot.planning.pddl.domain import Domain, Parameters, Types
from talkoot.planning.pddl.printer import print_problem
from talkoot.planning.pddl.reader import Draft, read_domain, read_problem
from talkoot.problem import Atom, Condition, Problem, literals
from talkoot.types import Json

TOLD = 6
"""How many faults of one kind are told."""
SPOILED = 40
"""How many spoiled copies of an instance are held against its description."""
_HOLE = re.compile(r"\{(\w+)(?:[:@][\w-]+)?\}")
_CONNECTIVES = ("and", "or", "not", "imply", "start", "quiet")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `ok` is None where it could not be; `detail` says what was found, `file` where and
    `remedy` what to do about it."""

    name: str
    ok: bool | None
    detail: str = ""
    remedy: str = ""
    file: str = ""

    def to_json(self) -> Json:
        """As a JSON object with these same names."""
        return asdict(self)


class Instance(NamedTuple):
    """A generated instance: what it is called, its words and its problem."""

    name: str
    text: str
    problem: Problem


def check_pack(
    folder: str | Path,
    *,
    sizes: tuple[int, ...] = (1, 2, 3),
    seeds: tuple[int, ...] = (0, 1),
    time: float = 20.0,
    progress: Callable[[str], None] | None = None,
) -> list[Check]:
    """Check the pack in a folder, or a shipped one by its name; all that is wrong is found at once.

    `sizes` and `seeds` say which instances are generated; one of each size is solved within `time` seconds (0 solves
    none). Raises BadInput if there is no such folder. Faults of the pack never raise.
    """
    tell = progress or (lambda message: None)
    if isinstance(folder, Path) or Path(folder).is_dir():
        found = list(_domain(Path(folder) / "domain.pddl"))
        if not all(one.ok for one in found):
            return found
        try:
            pack = load_pack(Path(folder))
        except TalkootError as error:
            where = str(Path(folder).resolve() / "pack.toml")  # the file is told anyway
            return [
                *found,
                Check("pack", False, str(error).removeprefix(where).lstrip(":, "), "mend this first", "pack.toml"),
            ]
    else:
        pack = load_pack(folder)
        found = list(_domain(pack.folder / "domain.pddl"))
    found.append(Check("pack", True, pack.title, file="pack.toml"))
    for check in (_telling, _rules, _phrases):
        tell(f"reading the {check.__name__.strip('_')} of {pack.name}")
        found += _gather(check.__name__.strip("_"), check(pack), "pack.toml")
    if all(one.ok for one in found):  # otherwise the same mistake would be told many times over
        found += _gather("example", _example(pack), "example.pddl")
        found += _instances(pack, sizes, seeds, time, tell)
    return found


def _gather(name: str, faults: Iterator[tuple[str, str]], file: str) -> list[Check]:
    """One check for each fault, or one that passes. Of many faults the first are told: they tend to have one cause."""
    found = [Check(name, False, what, remedy, file) for what, remedy in faults]
    more = [Check(name, False, f"and {len(found) - TOLD} more", "", file)] if len(found) > TOLD else []
    return found[:TOLD] + more or [Check(name, True, file=file)]


def _domain(path: Path) -> Iterator[Check]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield Check("domain", False, f"cannot be read: {error}", "write the PDDL domain there", path.name)
        return
    domain, faults = read_domain(text)
    sizes = f"{len(domain.predicates)} predicates, {len(domain.actions)} actions"
    yield from (
        _gather("domain", map(_told, faults), path.name) if faults else [Check("domain", True, sizes, "", path.name)]
    )


def _told(fault: Fault) -> tuple[str, str]:
    return (f"line {fault.line}, column {fault.column}: " if fault.line else "") + fault.message, fault.remedy


def _telling(pack: Pack) -> Iterator[tuple[str, str]]:
    actions = {name: action.parameters for name, action in pack.domain.actions.items()}
    for entry, phrases, parameters in (
        ("tell", pack.tell, actions),
        ("facts", pack.facts, dict(pack.domain.predicates)),
    ):
        for name, words in phrases.items():
            if name not in parameters:
                yield f"[{entry}] {name}: the domain has no such name", f"it has {', '.join(parameters)}"
                continue
            known = {variable.lstrip("?") for variable, _ in parameters[name]}
            for hole in re.findall(r"\{([^{}]*)\}", words):
                if hole not in known and not (hole.isdigit() and int(hole) < len(parameters[name])):
                    yield (f"[{entry}] {name}: {{{hole}}} is none of its parameters",
                           f"they are {', '.join(sorted(known)) or 'none'}")  # fmt: skip
    for name in actions:
        if name not in pack.tell:
            yield f"[tell] has no words for the action {name}", f'add {name} = "..."'


def _rules(pack: Pack) -> Iterator[tuple[str, str]]:
    domain = pack.domain
    for rule in pack.exactly_one:
        yield from _unknown_types(rule.variables, domain, "[[exactly_one]] for")
        for pattern in rule.patterns:
            yield from _wrong(pattern, domain, "[[exactly_one]]", dict(rule.variables))
    for derived in pack.derived:
        yield from _unknown_types(derived.variables, domain, "[[derived]] for")
        yield from _wrong(derived.fact, domain, "[[derived]] fact", dict(derived.variables))
        yield from _wrong(derived.condition, domain, "[[derived]] if", dict(derived.variables))
    for grid in pack.grids:
        if grid.type not in domain.types:
            yield f"[[grid]]: the domain has no type {grid.type}", f"it has {', '.join(domain.types)}"
        yield from _wrong(grid.where, domain, "[[grid]] where", {"?cell": (grid.type,)})
    for chain in pack.chains:
        if chain.type not in domain.types:
            yield f"[[chain]]: the domain has no type {chain.type}", f"it has {', '.join(domain.types)}"
    for source, target in pack.aliases:
        yield from _wrong(target, domain, "[[alias]] to", dict.fromkeys(source[1:], ("object",)))
    for relation in pack.symmetric:
        types = [kinds for _, kinds in domain.predicates[relation]]
        if len(types) != 2 or not _overlap(types[0], types[1], domain):
            yield f"symmetric: {relation} does not take two arguments that can change places", "leave it out"
    for text in pack.silent:
        try:
            pattern = parse_condition(re.sub(r"\{\w+@[\w-]+\}", "1", text))
        except ValueError as error:
            yield f"silent: {error}", "mend it"
            continue
        yield from _wrong(pattern, domain, "silent", None)


def _phrases(pack: Pack) -> Iterator[tuple[str, str]]:
    domain = pack.domain
    chains = {rule.relation for rule in pack.chains}
    for number, phrase in enumerate(pack.phrases, 1):
        entry = f"[[phrase]] number {number}"
        used = {hole for hole in _HOLE.findall(phrase.means) if not hole.isdigit()}
        for says in phrase.says:
            for missing in sorted(used - set(_HOLE.findall(says))):
                yield f"{entry}: {says!r} gives no {{{missing}}}, which its meaning uses", "put it into the pattern"
            for kind in re.findall(r"\{\w+:([\w-]+)\}", says):
                if kind not in ("number", "new", "object", *domain.types):
                    yield f"{entry}: the domain has no type {kind}", f"it has {', '.join(domain.types) or 'none'}"
        for relation in re.findall(r"\{\w+@([\w-]+)\}", phrase.means):
            if relation not in chains:
                yield f"{entry}: there is no [[chain]] of the relation {relation}", "add one, or mend the name"
        try:
            condition = parse_condition(re.sub(r"\{(\w+)(@[\w-]+)?\}", "1", phrase.means))
        except ValueError as error:
            yield f"{entry}: {error}", "mend the condition"
            continue
        yield from _wrong(condition, domain, entry, {})


def _wrong(
    condition: Condition, domain: Domain, entry: str, known: Mapping[str, Types] | None
) -> Iterator[tuple[str, str]]:
    """Predicates, types and functions in a condition that the domain lacks, or has with other arguments.

    `known` are the variables that may stand in it, with their types; None admits any.
    """
    head, rest = (condition[0], condition[1:]) if condition else ("and", ())
    if head in _CONNECTIVES:
        for part in rest:
            yield from _wrong(part, domain, entry, known)
    elif head in ("forall", "exists", "count"):
        yield from _unknown_types(rest[-2], domain, entry)
        yield from _wrong(rest[-1], domain, entry, None if known is None else {**known, **dict(rest[-2])})
    elif head in ("objects", "grid"):
        if rest[0] != "object" and rest[0] not in domain.types:
            yield f"{entry}: the domain has no type {rest[0]}", f"it has {', '.join(domain.types) or 'none'}"
    elif head == "value":
        if rest[0][0] not in domain.functions:
            yield f"{entry}: the domain has no function {rest[0][0]}", f"it has {', '.join(domain.functions) or 'none'}"
    elif head == "=":
        return
    elif head not in domain.predicates:
        yield f"{entry}: the domain has no predicate {head}", f"it has {', '.join(domain.predicates)}"
    elif len(rest) != len(domain.predicates[head]):
        yield (f"{entry}: {head} takes {len(domain.predicates[head])} arguments, not {len(rest)}",
               "give as many as the domain says")  # fmt: skip
    elif known is not None:
        for part, (_, types) in zip(rest, domain.predicates[head], strict=True):
            if part.startswith("?") and part not in known:
                yield (f"{entry}: nothing says what {part} in ({' '.join(condition)}) stands for",
                       "declare it, or take the name that is meant")  # fmt: skip
            elif part in known and not _overlap(known[part], types, domain):
                yield (f"{entry}: {part} in ({' '.join(condition)}) is of type {' or '.join(known[part])}, "
                       f"but {head} takes {' or '.join(types)} there", "mind the order of the arguments")  # fmt: skip


def _unknown_types(variables: Parameters, domain: Domain, entry: str) -> Iterator[tuple[str, str]]:
    for _, types in variables:
        for kind in types:
            if kind != "object" and kind not in domain.types:
                yield f"{entry}: the domain has no type {kind}", f"it has {', '.join(domain.types) or 'none'}"


def _overlap(some: Types, others: Types, domain: Domain) -> bool:
    """Whether something may be of both. A type that the domain lacks is told elsewhere, and fits."""
    unknown = not {*some, *others} <= {"object", *domain.types}
    direct = any(domain.is_a(one, others) for one in some) or any(domain.is_a(one, some) for one in others)
    return unknown or direct or any(domain.is_a(kind, some) and domain.is_a(kind, others) for kind in domain.types)


def _example(pack: Pack) -> Iterator[tuple[str, str]]:
    for file, text in (("description.txt", pack.description), ("example.txt", pack.example_text)):
        if not text.strip():
            yield f"{file} is missing or empty", "a language model needs it: write it"
    if not pack.example_problem.strip():
        yield "example.pddl is missing or empty", "write the problem of example.txt there"
        return
    draft = read_problem(pack.example_problem, pack.domain)
    for fault in draft.faults:
        if fault.mended:  # code puts it right, but a language model is shown the file as it is
            what, remedy = _told(fault)
            yield what, remedy or "mend it"
    problem, faults = complete(draft, pack.domain, pack)
    follows = {name for grid in pack.grids for name in grid.relation} | {rule.relation for rule in pack.chains}
    for fact in draft.problem.init:
        if fact[0] in follows and fact not in problem.init:
            yield (f"it states ({' '.join(fact)}), which the rules of {fact[0]} in pack.toml take out",
                   "mend the rule (a step or an offset may point the other way), or the problem")  # fmt: skip
    yield from _audited(problem, faults, pack, pack.example_text)


def _audited(problem: Problem, faults: list[Fault], pack: Pack, text: str) -> Iterator[tuple[str, str]]:
    more, unread = audit(problem, pack.domain, pack, text)
    for fault in (*faults, *more):
        if not fault.mended:
            what, remedy = _told(fault)
            yield what, f"{remedy}; or mend the text, the phrase or the rule" if remedy else "mend the text or the rule"
    for sentence in unread:
        yield f"no phrase reads “{sentence[:100]}”", 'add a [[phrase]]; means = "(and)" if it states nothing'


def _instances(
    pack: Pack, sizes: tuple[int, ...], seeds: tuple[int, ...], time: float, tell: Callable[[str], None]
) -> Iterator[Check]:
    """What is checked of generated instances, or of the example where there is no generator."""
    generator = pack.folder / "generate.py"
    instances: list[Instance] = []
    if generator.exists():
        found = _gather("generator", _generated(pack, sizes, seeds, instances), generator.name)
        yield from found
        if not all(one.ok for one in found):
            return
    else:
        yield Check("generator", None, "there is none, so only the example is used", "", generator.name)
        draft = read_problem(pack.example_problem, pack.domain)
        problem, faults = complete(draft, pack.domain, pack)
        if not doubtful(faults):
            instances.append(Instance("the example", pack.example_text, problem))
    tell(f"spoiling instances of {pack.name}")
    yield from _gather("words tell instances apart", _apart(pack, instances), "pack.toml")
    yield from _gather("audit notices changes", _spoiled(pack, instances), "pack.toml")
    yield from _gather("words give the problem", _read_back(pack, instances), "pack.toml")
    if time > 0:
        firsts = [one for at, one in enumerate(instances) if at % len(seeds) == 0]
        yield from _solved(pack, firsts, time, tell)


def _generated(
    pack: Pack, sizes: tuple[int, ...], seeds: tuple[int, ...], into: list[Instance]
) -> Iterator[tuple[str, str]]:
    for size in sizes:
        for seed in seeds:
            name = f"size {size}, seed {seed}"
            try:
                text, problem = pack.generate(size, seed)
                again = pack.generate(size, seed)
            except BadInput as error:
                yield str(error), "mend generate.py"
                continue
            if again != (text, problem):
                yield f"{name}: two calls give different instances", "draw from random.Random(seed) only"
            draft = read_problem(print_problem(problem), pack.domain)
            finished, faults = complete(draft, pack.domain, pack)
            for fault in faults:
                yield (
                    f"{name}: {_told(fault)[0]}",
                    "write the whole problem, as the rules of the pack have it, or mend the rule",
                )
            for what, remedy in _audited(finished, [], pack, text):
                yield f"{name}: {what}", remedy
            into.append(Instance(name, text, problem))


def _apart(pack: Pack, instances: list[Instance]) -> Iterator[tuple[str, str]]:
    """Whether the words of one instance contradict the problem of another."""
    for one, other in pairwise(instances):
        if _same(one.problem, other.problem):
            continue
        faults, unread = audit(other.problem, pack.domain, pack, one.text)
        if not unread and not doubtful(faults):
            yield (f"the words of {one.name} fit the problem of {other.name} too",
                   "name objects, start and goal in the words, and read them with phrases")  # fmt: skip


def _spoiled(pack: Pack, instances: list[Instance]) -> Iterator[tuple[str, str]]:
    missed: dict[tuple[str, str], list[str]] = {}
    for one in instances:
        spoiled = list(spoil(one.problem, pack.domain))
        for how, fact, problem in Random(0).sample(spoiled, min(SPOILED, len(spoiled))):
            finished, faults = complete(Draft(problem, []), pack.domain, pack)
            if not _same(finished, one.problem) and not doubtful(faults) and not _noticed(finished, pack, one.text):
                missed.setdefault((how, fact[0]), []).append(f"({' '.join(map(str, fact))}) in {one.name}")
    for (how, predicate), places in missed.items():
        yield (f"nobody notices that a fact of `{predicate}` {how}, such as {places[0]}",
               "say it in words that a phrase reads, list it under complete, or state an invariant")  # fmt: skip


def spoil(problem: Problem, domain: Domain) -> Iterator[tuple[str, Atom, Problem]]:
    """Copies of a problem with one thing wrong: how, the fact, and the copy.

    A fact of the start or the goal is left out, another object put into it, or a goal fact copied to the start.
    """
    objects, goal = domain.objects(problem), literals(problem.goal) or ()
    wanted: list[Condition] = [atom if positive else ("not", atom) for positive, atom in goal]
    for at, fact in enumerate(problem.init):
        yield "is left out of the start", fact, replace(problem, init=problem.init[:at] + problem.init[at + 1 :])
        for other in _variants(fact, domain, objects):
            if other not in problem.init:
                init = (*problem.init[:at], other, *problem.init[at + 1 :])
                yield "is wrong at the start", other, replace(problem, init=init)
    for at, (positive, fact) in enumerate(goal):
        rest = (*wanted[:at], *wanted[at + 1 :])
        yield "is left out of the goal", fact, replace(problem, goal=("and", *rest))
        if positive and fact not in problem.init:
            yield "is copied from the goal to the start", fact, replace(problem, init=(*problem.init, fact))
        for other in _variants(fact, domain, objects) if positive else ():
            if other not in wanted:
                yield "is wrong in the goal", other, replace(problem, goal=("and", *rest, other))


def _variants(fact: Atom, domain: Domain, objects: dict[str, str]) -> Iterator[Atom]:
    """The fact with its last argument replaced by the next object that fits, and likewise the first."""
    names = list(objects)
    for place in {1, len(fact) - 1} if len(fact) > 1 else ():
        types = domain.predicates[fact[0]][place - 1][1]
        start = names.index(fact[place])
        for name in names[start + 1 :] + names[:start]:
            if domain.is_a(objects[name], types) and objects[name] == objects[fact[place]]:
                yield (*fact[:place], name, *fact[place + 1 :])
                break


def _noticed(problem: Problem, pack: Pack, text: str) -> bool:
    return doubtful(audit(problem, pack.domain, pack, text)[0])


def _read_back(pack: Pack, instances: list[Instance]) -> Iterator[tuple[str, str]]:
    for one in instances:
        objects = declared(one.text, pack)
        reading = read_text(one.text, pack, {**pack.domain.constants, **objects})
        problem = problem_of(reading.claims, objects, pack)
        problem, _ = complete(Draft(problem, []), pack.domain, pack)
        difference = _difference(problem, one.problem)
        if difference:
            yield (f"{one.name}: reading its words gives another problem: {difference}",
                   "list all objects in the words with (objects TYPE {xs}) phrases, and state each fact")  # fmt: skip


def _difference(read: Problem, true: Problem) -> str:
    for name, got, want in (
        ("objects", set(read.objects.items()), set(true.objects.items())),
        ("start", set(read.init), set(true.init)),
        ("goal", set(literals(read.goal) or ()), set(literals(true.goal) or ())),
        ("values", set(read.values.items()), set(true.values.items())),
    ):
        for verb, facts in (("lacks", want - got), ("also has", got - want)):
            if facts:
                return f"its {name} {verb} {min(map(str, facts))}" + (
                    f" and {len(facts) - 1} more" if len(facts) > 1 else ""
                )
    return ""


def _same(one: Problem, other: Problem) -> bool:
    return not _difference(one, other)


def _solved(pack: Pack, instances: list[Instance], time: float, tell: Callable[[str], None]) -> Iterator[Check]:
    from talkoot.planning.engines.portfolio import solve

    for one in instances:
        tell(f"solving {one.name}")
        try:
            solution = solve(pack.domain, one.problem, time=time)
        except TalkootError as error:
            yield Check("planning", None, f"{one.name}: {error}", "", "")
            continue
        steps = len(solution.plan or ())
        if solution.status == "unsolvable":
            yield Check("planning", False, f"{one.name} cannot be solved: {solution.reason}",
                        "the generator must make solvable instances", "generate.py")  # fmt: skip
        elif solution.plan is None:
            yield Check("planning", None, f"{one.name}: no plan within {time:g} s", "give it more time", "generate.py")
        else:
            yield Check("planning", True, f"{one.name}: {steps} steps", file="generate.py")

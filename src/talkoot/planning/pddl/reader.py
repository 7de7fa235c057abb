"""Reads a PDDL problem, also in the compact form, against its domain: all faults at once, each with its place.

What can be put right without changing what was meant is put right and reported as mended; anything else that is faulty
is left out of the problem and reported as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from talkoot.planning.faults import Fault, Section
from talkoot.planning.pddl.abbreviation import ELLIPSIS, Abbreviation, fill, placeholders
from talkoot.planning.pddl.compact import apply_rule, close, expand, expand_names
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.pddl.formula import Dropped, Formulas
from talkoot.planning.pddl.goal import read_goal
from talkoot.planning.pddl.inventory import Inventory, read_objects
from talkoot.planning.pddl.names import suggest
from talkoot.planning.pddl.printer import normalise
from talkoot.planning.pddl.schema import complain, load_domain, read_domain
from talkoot.planning.pddl.sexpr import Branch, Reading, Token, Tree, read
from talkoot.problem import Atom, Problem

__all__ = ["Draft", "load_domain", "load_problem", "normalise", "read_domain", "read_problem"]

_SECTIONS: dict[str, Section] = {":objects": "objects", ":init": "init", ":goal": "goal", ":metric": "metric"}


@dataclass(frozen=True)
class Draft:
    """A problem as it was read, with all that is wrong with it.

    `places` has line and column of each initial fact; `dropped` the flat facts that were left out, as written, and
    `unknown_objects` the names among them that nothing declares; `abbreviations` the places where something is left
    out; `compact` says that ranges, loops or closures were written out; `spans` has the first and last line of each
    section.
    """

    problem: Problem
    faults: list[Fault]
    places: dict[Atom, tuple[int, int]] = field(default_factory=dict)
    abbreviations: tuple[Abbreviation, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unknown_objects: dict[str, tuple[int, int]] = field(default_factory=dict)
    compact: bool = False
    spans: dict[Section, tuple[int, int]] = field(default_factory=dict)

    @property
    def abbreviated(self) -> bool:
        """Whether anything was left out, even if code could fill it in."""
        return bool(self.abbreviations)


def load_problem(text: str, domain: Domain, source: str = "") -> Problem:
    """Read a problem; raises FaultyPddl that lists all its faults that code could not mend. `source` names the text."""
    draft = read_problem(text, domain)
    complain(draft.faults, source or "the problem")
    return draft.problem


def read_problem(text: str, domain: Domain) -> Draft:
    """Read a problem and everything that is wrong with it. Never raises."""
    reading = read(text, "problem")
    if reading.form is None:
        return Draft(Problem("nameless", domain.name, {}, (), ("and",)), reading.faults)
    faults = reading.faults
    spans = _spans(reading)
    faults[:] = [replace(fault, section=_section_at(fault.line, spans)) for fault in faults]
    abbreviations = placeholders(reading, domain)
    for name in _SECTIONS:
        _fill_ellipses(reading.sections(name), abbreviations)
    _headers(reading, domain, faults)

    name_items, compact = expand_names(_contents(reading, ":objects"), faults)
    init_items, goal_items = _flat(_contents(reading, ":init"), domain, faults), _contents(reading, ":goal")
    stock = read_objects(name_items, domain, faults)
    init = expand(init_items, domain, {**domain.constants, **stock.objects}, faults, "init")
    goal = expand(goal_items, domain, {**domain.constants, **stock.objects}, faults, "goal")
    stock.infer([*init.facts, *init.rules, *goal.facts], {":goal": goal.facts})

    starts = _Starts(domain, stock, faults)
    for item in init.facts:
        starts.add(item)
    objects = {**domain.constants, **stock.objects}
    for rule in init.rules:
        for atom in apply_rule(rule, starts.formulas, objects, starts.places):
            starts.places.setdefault(atom, (rule.line, rule.column))
    for atom in close(init.closures, starts.places, faults):
        starts.places[atom] = (init.closures[0].line, init.closures[0].column)
    starts.finish()
    aim = Formulas(domain, stock.names(), faults, "goal", untyped=stock.guessed)
    condition = read_goal(goal.facts, aim, objects)
    unknown = _report_unknown(starts.formulas, aim, stock, domain, faults)

    faults += [_abbreviated(one) for one in abbreviations]
    problem = Problem(
        _problem_name(reading), domain.name, stock.objects, tuple(starts.places), condition, starts.values,
        _metric(reading, domain, faults),
    )  # fmt: skip
    faults.sort(key=lambda fault: (fault.line or 10**9, fault.column))
    dropped = (*starts.formulas.dropped, *aim.dropped)
    compact = compact or init.used or goal.used
    return Draft(problem, faults, starts.places, tuple(abbreviations), dropped, unknown, compact, spans)


def _contents(reading: Reading, name: str) -> list[Tree]:
    return [item for section in reading.sections(name) for item in section.items[1:]]


def _spans(reading: Reading) -> dict[Section, tuple[int, int]]:
    spans: dict[Section, tuple[int, int]] = {}
    for keyword, name in _SECTIONS.items():
        for section in reading.sections(keyword):
            first = spans.get(name, (section.line, 0))[0]
            spans[name] = (min(first, section.line), max(section.line, section.end[0]))
    return spans


def _section_at(line: int, spans: dict[Section, tuple[int, int]]) -> Section:
    return next((name for name, (first, last) in spans.items() if first <= line <= last), "problem")


def _problem_name(reading: Reading) -> str:
    words = [item for section in reading.sections("problem") for item in section.items[1:]]
    return words[0].text if words and isinstance(words[0], Token) else "nameless"


def _headers(reading: Reading, domain: Domain, faults: list[Fault]) -> None:
    """Name, domain, and which sections there are."""
    if not reading.sections("problem"):
        faults.append(
            Fault("syntax", "the problem has no name", "begin with (define (problem NAME)", 1, 1, mended=True)
        )
    names = reading.sections(":domain")
    given = names[0].items[1] if names and len(names[0].items) > 1 else None
    if given is None:
        faults.append(Fault("domain-name", "the problem does not name its domain", f"add (:domain {domain.name})",
                            mended=True))  # fmt: skip
    elif str(given) != domain.name:
        faults.append(Fault("domain-name", f"the problem is for domain {given}, the domain is called {domain.name}",
                            f"write (:domain {domain.name})", given.line, given.column, mended=True))  # fmt: skip
    known = {"problem", *_SECTIONS, ":domain", ":requirements"}
    for keyword, name in _SECTIONS.items():
        found = reading.sections(keyword)
        needed = keyword in (":init", ":goal") or (keyword == ":objects" and not domain.constants)
        if not found and needed:
            faults.append(Fault("section-missing", f"the section {keyword} is missing", f"add ({keyword} ...)",
                                section=name))  # fmt: skip
        for again in found[1:]:
            faults.append(Fault("syntax", f"the section {keyword} stands twice; both were read as one",
                                "write it once", again.line, again.column, name, mended=True))  # fmt: skip
    for item in reading.form.items[1:] if reading.form else []:
        head = item.head if isinstance(item, Branch) else item.text
        if head == ":constraints":
            faults.append(Fault("unsupported", ":constraints are not supported", "say it in the goal or in the domain",
                                item.line, item.column))  # fmt: skip
        elif head not in known:
            faults.append(Fault("syntax", f"{_start(item)} is no section of a problem",
                                f"the sections are {', '.join(_SECTIONS)}", item.line, item.column))  # fmt: skip


def _start(item: Tree) -> str:
    text = str(item)
    return text if len(text) < 50 else f"{text[:47]}..."


def _fill_ellipses(sections: Iterable[Branch], abbreviations: list[Abbreviation]) -> None:
    """Take ellipses out of a section; where the things around one tell what it stands for, put these in."""

    def visit(branch: Branch, name: Section) -> None:
        index = 0
        while index < len(branch.items):
            item = branch.items[index]
            word = item.items[0] if isinstance(item, Branch) and len(item.items) == 1 else item
            if isinstance(word, Token) and ELLIPSIS.fullmatch(word.text):
                filled = fill(branch.items, index)
                branch.items[index : index + 1] = filled or []
                abbreviations.append(Abbreviation(word.text, name, word.line, word.column, filled is not None))
                index += len(filled or ())
                continue
            if isinstance(item, Branch):
                visit(item, name)
            index += 1

    for section in sections:
        visit(section, _SECTIONS[section.head])


def _abbreviated(one: Abbreviation) -> Fault:
    what = one.text if len(one.text) < 80 else f"{one.text[:77]}..."
    if one.filled:
        return Fault("abbreviated", f"{what!r} stands for a run of numbers, which was written out",
                     "write a range such as b1..b5", one.line, one.column, one.section, mended=True)  # fmt: skip
    return Fault("abbreviated", f"{what!r} stands where facts belong",
                 "write out everything it stands for, or state it in the compact form", one.line, one.column,
                 one.section)  # fmt: skip


def _flat(items: list[Tree], domain: Domain, faults: list[Fault]) -> list[Tree]:
    """The facts of `(and ...)` at the start, facts that were never closed, and facts without an opening bracket."""
    result: list[Tree] = []
    words: list[Token] = []

    def take_words() -> None:
        if not words:
            return
        if len(domain.predicates.get(words[0].text, ())) == len(words) - 1 and words[0].text in domain.predicates:
            result.append(Branch(list(words), words[0].line, words[0].column))
            what, mended = f"the bracket before {words[0].text} is missing", True
        else:
            what, mended = f"{' '.join(map(str, words))[:60]} stands outside of brackets", False
        faults.append(Fault("syntax", what, "write (predicate name name ...)", words[0].line, words[0].column, "init",
                            mended))  # fmt: skip
        words.clear()

    for item in items:
        if isinstance(item, Token):
            words.append(item)
            continue
        take_words()
        if item.head == "and" and "and" not in domain.predicates:
            faults.append(Fault("syntax", "(and ...) is not needed at the start", "write the facts one after the other",
                                item.line, item.column, "init", mended=True))  # fmt: skip
            result += _flat(item.items[1:], domain, faults)
        else:
            result += _unclosed(item, domain, faults)
    take_words()
    return result


def _unclosed(item: Branch, domain: Domain, faults: list[Fault]) -> list[Tree]:
    """`(on a b (clear c) ...`: a whole fact and then others inside it lacks its closing bracket."""
    own = [part for part in item.items if isinstance(part, Token)]
    inner = item.items[len(own) :]
    whole = item.head in domain.predicates and len(domain.predicates[item.head]) == len(own) - 1
    if not whole or not inner or not all(isinstance(part, Branch) and part.head in domain.predicates for part in inner):
        return [item]
    faults.append(Fault("syntax", f"({' '.join(map(str, own))} is not closed", "add a closing bracket", item.line,
                        item.column, "init", mended=True))  # fmt: skip
    head = Branch([*own], item.line, item.column, (inner[0].line, inner[0].column))
    return [head, *(one for part in inner if isinstance(part, Branch) for one in _unclosed(part, domain, faults))]


class _Starts:
    """Collects the facts and numbers of `:init`."""

    def __init__(self, domain: Domain, stock: Inventory, faults: list[Fault]) -> None:
        self.domain = domain
        self.formulas = Formulas(domain, stock.names(), faults, "init", untyped=stock.guessed)
        self.places: dict[Atom, tuple[int, int]] = {}
        self.values: dict[Atom, float] = {}
        self.denied: dict[Atom, Branch] = {}

    def add(self, item: Tree) -> None:
        if isinstance(item, Token):
            self.formulas.fault("syntax", item, f"{item.text} stands outside of brackets", "write (predicate name ...)")
        elif item.head == "=" and "=" not in self.domain.predicates:
            self._value(item)
        elif item.head == "not" and len(item.items) == 2 and isinstance(item.items[1], Branch):
            atom = self.formulas.atom(item.items[1], {})
            self.formulas.fault("negative-fact", item, f"{item} says what is false; what is not stated is false anyway",
                                "leave it out", mended=True)  # fmt: skip
            if atom is not None:
                self.denied[atom] = item
        elif item.head == "at" and len(item.items) == 3 and isinstance(item.items[2], Branch):
            self.formulas.fault(
                "unsupported", item, "facts that become true at a time are not supported", "leave it out"
            )
        else:
            atom = self.formulas.atom(item, {})
            if atom is not None:
                self.places.setdefault(atom, (item.line, item.column))

    def _value(self, item: Branch) -> None:
        term, number = (*item.items[1:], None, None)[:2]
        if not isinstance(term, Branch) or len(item.items) != 3:
            self.formulas.fault(
                "fluent", item, f"{_start(item)} gives no function a number", "write (= (function name) 3)"
            )
            return
        if term.head == "total-cost" and "total-cost" not in self.domain.functions:
            self.formulas.fault("fluent", item, "this domain has no costs", f"leave {item} out", mended=True)
            return
        atom = self.formulas.fluent(term, {})
        try:
            value = float(str(number))
        except ValueError:
            self.formulas.fault("fluent", number or item, f"{number} is no number", "write a number such as 3")
            return
        if value != value or value in (float("inf"), float("-inf")):
            self.formulas.fault("fluent", item, f"{number} is no finite number", "write a number such as 3")
        elif value < 0:
            self.formulas.fault("unsupported", item, f"{term} is negative, and costs cannot be", "write 0 or more")
        elif atom is not None and atom != ("total-cost",):
            if self.values.get(atom, value) != value:
                self.formulas.fault("fluent", item, f"{term} has two values, {self.values[atom]:g} and {value:g}",
                                    "state one of them")  # fmt: skip
                return
            self.values[atom] = value

    def finish(self) -> None:
        for atom, item in self.denied.items():
            if atom in self.places:
                self.formulas.fault(
                    "negative-fact", item, f"({' '.join(atom)}) is stated and denied", "state one of both"
                )


def _report_unknown(
    init: Formulas, goal: Formulas, stock: Inventory, domain: Domain, faults: list[Fault]
) -> dict[str, tuple[int, int]]:
    """One fault for each name that is used but not declared, at the first place where it stands."""
    unknown: dict[str, tuple[int, int]] = {}
    for formulas in (init, goal):
        for name, words in formulas.unknown.items():
            if name in unknown:
                continue
            unknown[name] = (words[0].line, words[0].column)
            count = len(words) + len(goal.unknown.get(name, ()) if formulas is init else ())
            often = "" if count == 1 else f" ({count} times)"
            if name[:1] == "?":
                formulas.fault("undeclared-object", words[0], f"{name} is a variable, but no quantifier binds it",
                               "write the name of an object")  # fmt: skip
            else:
                formulas.fault("undeclared-object", words[0], f"{name} is used{often}, but it is no declared object",
                               suggest(name, stock.names(), stock.how_to_declare(name)))  # fmt: skip
    return unknown


def _metric(reading: Reading, domain: Domain, faults: list[Fault]) -> bool:
    for section in reading.sections(":metric"):
        words = " ".join(map(str, section.items[1:]))
        at = (section.line, section.column)
        if "total-cost" not in domain.functions:
            faults.append(Fault("fluent", f"(:metric {words}): this domain has no costs", "leave it out", *at, "metric",
                                mended=words in ("minimize (total-cost)", "minimize (total-time)")))  # fmt: skip
        elif words in ("minimize (total-cost)", "minimize total-cost"):
            return True
        else:
            faults.append(Fault("unsupported", f"(:metric {words}) is not supported",
                                "write (:metric minimize (total-cost))", *at, "metric"))  # fmt: skip
    return False

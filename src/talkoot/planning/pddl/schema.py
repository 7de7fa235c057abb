"""Reads a PDDL domain: all its faults at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping

from talkoot.errors import FaultyPddl
from talkoot.planning.faults import Fault
from talkoot.planning.pddl.domain import ActionSchema, Domain, Parameters, Types
from talkoot.planning.pddl.formula import CONNECTIVES, Formulas, typed_list
from talkoot.planning.pddl.names import is_name, occurrences, uses, widest
from talkoot.planning.pddl.sexpr import Branch, Reading, Token, Tree, read, walk
from talkoot.problem import Condition

_NOT_OURS = {
    ":derived": "derived predicates",
    ":durative-action": "actions with a duration",
    ":constraints": "constraints on the way to the goal",
    ":process": "processes",
    ":event": "events",
}
_KNOWN = (":requirements", ":types", ":constants", ":predicates", ":functions", ":action")
_RESERVED = CONNECTIVES | {"when", "increase", "decrease", "assign", "scale-up", "scale-down"}


def load_domain(text: str, source: str = "") -> Domain:
    """Read a domain; raises FaultyPddl that lists all its faults that code could not mend. `source` names the text."""
    domain, faults = read_domain(text)
    complain(faults, source or "the domain")
    return domain


def complain(faults: list[Fault], source: str) -> None:
    """Raise FaultyPddl if any of the faults is not mended, with all of them in its message; that the problem says to be
    of another domain is told with them, since it may be the cause."""
    open_ones = [fault for fault in faults if not fault.mended]
    if open_ones:
        lines = "\n".join(f"  {fault}" for fault in faults if not fault.mended or fault.kind == "domain-name")
        raise FaultyPddl(f"{source} has {len(open_ones)} fault{'s' if len(open_ones) > 1 else ''}:\n{lines}")


def read_domain(text: str) -> tuple[Domain, list[Fault]]:
    """Read a domain and everything that is wrong with it. Never raises; what is faulty is left out.

    Names that actions use but nobody declared become constants of the widest type that all their places admit, with a
    mended fault that says so.
    """
    reading = read(text, "domain")
    faults = [_in_domain(fault) for fault in reading.faults]
    if reading.form is None:
        return Domain("nameless"), faults
    name = _domain_name(reading, faults)
    types = _types(reading, faults)
    requirements = tuple(
        item.text for section in reading.sections(":requirements") for item in section.items[1:]
        if isinstance(item, Token)
    )  # fmt: skip
    domain = Domain(name, types, requirements=requirements)
    formulas = Formulas(domain, {}, faults)
    domain = Domain(name, types, _constants(reading, formulas), _signatures(reading, ":predicates", formulas),
                    _functions(reading, formulas), requirements=requirements)  # fmt: skip
    actions = reading.sections(":action")
    domain = Domain(name, types, {**domain.constants, **_undeclared(actions, domain, faults)}, domain.predicates,
                    domain.functions, requirements=requirements)  # fmt: skip
    formulas = Formulas(domain, {key: (kind,) for key, kind in domain.constants.items()}, faults)
    schemas: dict[str, ActionSchema] = {}
    for section in actions:
        schema = _action(section, formulas)
        if schema and schema.name in schemas:
            formulas.fault("syntax", section, f"the action {schema.name} is declared twice", "rename one of them")
        elif schema:
            schemas[schema.name] = schema
    for missing, words in formulas.unknown.items():
        what = "variable" if missing[:1] == "?" else "name"
        formulas.fault("undeclared-object", words[0], f"the {what} {missing} is not declared",
                       "add it to :parameters" if what == "variable" else "add it to :constants")  # fmt: skip
    _unsupported(reading, faults)
    if not schemas and not any(fault.kind == "unsupported" for fault in faults):
        faults.append(
            Fault("section-missing", f"the domain {name} has no action", "add (:action ...)", section="domain")
        )
    result = Domain(name, types, domain.constants, domain.predicates, domain.functions, schemas, requirements)
    return result, sorted(faults, key=lambda fault: (fault.line, fault.column))


def _in_domain(fault: Fault) -> Fault:
    return Fault(fault.kind, fault.message, fault.remedy, fault.line, fault.column, "domain", fault.mended)


def _domain_name(reading: Reading, faults: list[Fault]) -> str:
    names = [section.items[1].text for section in reading.sections("domain")
             if len(section.items) > 1 and isinstance(section.items[1], Token)]  # fmt: skip
    if not names:
        faults.append(Fault("section-missing", "the domain has no name", "begin with (define (domain NAME)", 1, 1,
                            "domain", True))  # fmt: skip
    return names[0] if names else "nameless"


def _types(reading: Reading, faults: list[Fault]) -> dict[str, Types]:
    types: dict[str, Types] = {}
    for section in reading.sections(":types"):
        for name, words in typed_list(section.items[1:], faults, "domain"):
            if name.text == "object":
                continue  # the root is always known; some domains declare it beside their own types
            parents = [word.text for word in words if word.text not in ("object", name.text)]
            types[name.text] = tuple(dict.fromkeys((*types.get(name.text, ()), *parents)))
    for parent in [parent for parents in types.values() for parent in parents if parent not in types]:
        types.setdefault(parent, ())
    for kind in types:
        if _above(kind, types, ()) is None:
            faults.append(Fault("unknown-type", f"the type {kind} is its own ancestor",
                                "declare each type below another one only", section="domain"))  # fmt: skip
            types[kind] = ()
    return {name: parents or ("object",) for name, parents in types.items()}


def _above(name: str, types: Mapping[str, Types], path: Types) -> set[str] | None:
    """All ancestors of a type, None if it is among them."""
    if name in path:
        return None
    found: set[str] = set()
    for parent in types.get(name, ()):
        more = _above(parent, types, (*path, name))
        if more is None:
            return None
        found |= {parent, *more}
    return found


def _constants(reading: Reading, formulas: Formulas) -> dict[str, str]:
    constants: dict[str, str] = {}
    for section in reading.sections(":constants"):
        for name, words in typed_list(section.items[1:], formulas.faults, "domain"):
            kinds = [formulas.type_name(word) for word in words]
            if name.text in constants:
                formulas.fault("duplicate-object", name, f"the constant {name.text} is declared twice", "remove one",
                               constants[name.text] == (kinds[0] if kinds else "object"))  # fmt: skip
                continue
            if len(kinds) > 1:
                formulas.fault("unsupported", name, f"the constant {name.text} has several types", "give it one type")
            constants[name.text] = next((kind for kind in kinds if kind), "object")
    return constants


def _signatures(reading: Reading, keyword: str, formulas: Formulas) -> dict[str, Parameters]:
    result: dict[str, Parameters] = {}
    for section in reading.sections(keyword):
        for item in section.items[1:]:
            if isinstance(item, Token) or not item.head:
                formulas.fault(
                    "syntax", item, f"{item} stands where a declaration is expected", "write (name ?x - type)"
                )
            elif item.head in result:
                formulas.fault("syntax", item, f"{item.head} is declared twice", "remove one of them")
            elif keyword == ":predicates" and item.head == "=":
                formulas.fault("syntax", item, "= needs no declaration", "remove it", mended=True)
            elif keyword == ":predicates" and item.head in _RESERVED:
                formulas.fault("syntax", item, f"{item.head} is a word of PDDL itself, no name for a predicate",
                               f"call it {item.head}-of or the like")  # fmt: skip
            else:
                result[item.head] = formulas.parameters(Branch(item.items[1:], item.line, item.column))
    return result


def _functions(reading: Reading, formulas: Formulas) -> dict[str, Parameters]:
    """Functions may carry `- number` behind them, which says nothing."""
    for section in reading.sections(":functions"):
        section.items = [
            item for item in section.items if not (isinstance(item, Token) and item.text in ("-", "number"))
        ]
    functions = _signatures(reading, ":functions", formulas)
    costs = [branch for action in reading.sections(":action") for branch in walk(action) if branch.head == "total-cost"]
    if costs and "total-cost" not in functions:
        formulas.fault("fluent", costs[0], "the function total-cost is not declared", "add (:functions (total-cost))",
                       mended=True)  # fmt: skip
        functions["total-cost"] = ()
    return functions


def _undeclared(actions: list[Branch], domain: Domain, faults: list[Fault]) -> dict[str, str]:
    """Constants for the names that actions use without a declaration."""
    found = uses(actions, domain)
    result: dict[str, str] = {}
    for name, places in found.items():
        if name in domain.constants:
            continue
        kinds = widest([types for _, types in places], domain)
        result[name] = kinds[0] if kinds else "object"
        where = places[0][0]
        faults.append(Fault(
            "undeclared-object",
            f"the actions use {name} ({occurrences(found, name)}), but no :constants declare it, so that strict "
            f"planners refuse the domain; it is taken as a constant of type {result[name]}, or of the type that a "
            "problem gives it",
            f"add (:constants {name} - {result[name]}) to the domain", where.line, where.column, "domain",
            mended=len(kinds) == 1 and is_name(name),
        ))  # fmt: skip
    return result


def _action(section: Branch, formulas: Formulas) -> ActionSchema | None:
    name = section.items[1] if len(section.items) > 1 else None
    if not isinstance(name, Token) or name.text[:1] == ":":
        formulas.fault("syntax", section, "an action has no name", "write (:action NAME :parameters ...)")
        return None
    parts: dict[str, Tree] = {}
    index = 2
    while index < len(section.items):
        key = section.items[index]
        if isinstance(key, Token) and key.text in (":parameters", ":precondition", ":effect"):
            if index + 1 < len(section.items):
                parts[key.text] = section.items[index + 1]
            index += 2
        else:
            formulas.fault("syntax", key, f"{key} stands where a part of action {name.text} is expected",
                           "the parts are :parameters, :precondition, :effect")  # fmt: skip
            index += 1
    parameters = formulas.parameters(parts.get(":parameters"))
    variables = dict(parameters)
    precondition = formulas.condition(parts[":precondition"], variables) if ":precondition" in parts else ("and",)
    if ":effect" not in parts:
        formulas.fault("section-missing", name, f"the action {name.text} has no :effect", "add :effect (...)")
    effect = _effect(parts[":effect"], variables, formulas) if ":effect" in parts else ("and",)
    return ActionSchema(name.text, parameters, precondition or ("and",), effect or ("and",))


def _effect(tree: Tree, variables: Mapping[str, Types], formulas: Formulas) -> Condition | None:
    if isinstance(tree, Token):
        formulas.fault("syntax", tree, f"{tree.text} stands where an effect is expected", "write it in brackets")
        return None
    head, rest = tree.head, tree.items[1:]
    if not tree.items:
        return ("and",)
    if head in formulas.domain.predicates:
        return formulas.atom(tree, variables)
    if head == "and":
        parts = [_effect(part, variables, formulas) for part in rest]
        return ("and", *(part for part in parts if part is not None))
    if head == "not" and len(rest) == 1 and isinstance(rest[0], Branch):
        inner = formulas.atom(rest[0], variables)
        return None if inner is None else ("not", inner)
    if head == "forall" and len(rest) == 2:
        own = formulas.parameters(rest[0])
        part = _effect(rest[1], {**variables, **dict(own)}, formulas)
        return None if part is None else ("forall", own, part)
    if head == "when" and len(rest) == 2:
        condition, part = formulas.condition(rest[0], variables), _effect(rest[1], variables, formulas)
        return None if condition is None or part is None else ("when", condition, part)
    if head in ("increase", "decrease", "assign", "scale-up", "scale-down"):
        return _increase(tree, variables, formulas)
    return formulas.atom(tree, variables)


def _increase(tree: Branch, variables: Mapping[str, Types], formulas: Formulas) -> Condition | None:
    target, amount = (*tree.items[1:], None, None)[:2]
    name = target.head if isinstance(target, Branch) else str(target)
    if tree.head != "increase" or name != "total-cost":
        formulas.fault("unsupported", tree,
                       f"({tree.head} ({name}) ...) is not supported: actions may change no number but total-cost",
                       "use (increase (total-cost) amount), or facts for levels")  # fmt: skip
        return None
    if isinstance(amount, Branch):
        term = formulas.fluent(amount, variables)
        return None if term is None else ("increase", ("total-cost",), term)
    try:
        value = float(str(amount))
    except ValueError:
        formulas.fault("fluent", tree, f"{amount} is no number", "write a number or a function's term")
        return None
    if not 0 <= value < float("inf"):
        formulas.fault("unsupported", tree, f"an action's cost cannot be {amount}", "costs are 0 or more")
        return None
    return ("increase", ("total-cost",), value)


def _unsupported(reading: Reading, faults: list[Fault]) -> None:
    for item in reading.form.items[1:] if reading.form else []:
        head = item.head if isinstance(item, Branch) else item.text
        if head in _NOT_OURS:
            faults.append(Fault("unsupported", f"{head} is not supported: talkoot plans without {_NOT_OURS[head]}",
                                "write the domain with plain actions", item.line, item.column, "domain"))  # fmt: skip
        elif head != "domain" and head not in _KNOWN:
            faults.append(Fault("syntax", f"{head or item} is no section of a domain",
                                f"the sections are {', '.join(_KNOWN)}", item.line, item.column, "domain"))  # fmt: skip

"""The compact form of a problem: ranges, grids, chains and closures inside PDDL that code writes out (ours).

A language model that must write hundreds of like facts leaves them out; told in this form they take one line.

  tile_0-1..tile_4-3                     names whose numbers run, each from its first to its last value
  (for i 1..9 (tight nuts{i} hub{i}))    facts for each number; {i+1} and {i-1} too; `for x b2..b4` runs over names
  (forall (?t - tile) (clear ?t))        facts for each object; (when CONDITION fact) keeps those for which it holds
  (grid up tile 1 0)                     (up a b) for all cells a = b + (1, 0); cells are named STEM ROW-COLUMN
  (chain succ n3 n2 n1 n0)               (succ n3 n2) (succ n2 n1) (succ n1 n0); also with a range
  (symmetric connected), (transitive above)   closures, applied last
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product

from talkoot.planning.faults import Fault, Section
from talkoot.planning.pddl.domain import Domain, Parameters, holds, substitute
from talkoot.planning.pddl.formula import Formulas
from talkoot.planning.pddl.names import suggest
from talkoot.planning.pddl.sexpr import Branch, Token, Tree
from talkoot.problem import Atom, Condition

MOST = 20_000
"""More facts than this from one macro are a mistake, not a problem."""

_RANGE = re.compile(r"([^.…]+)(?:\.{2,3}|…)([^.…]+)")
_HOLE = re.compile(r"\{([^{}+-]+)([+-]\d{1,9})?\}")
_CELL = re.compile(r"(.*?)(\d+)[-_](\d+)")


class _Wrong(Exception):
    """A macro that makes no sense: message and remedy."""


@dataclass
class Expanded:
    """The facts written out, what remains to be done when all facts are known, and whether anything was compact.

    `steps` counts the rounds of all loops.
    """

    facts: list[Tree] = field(default_factory=list)
    rules: list[Branch] = field(default_factory=list)
    closures: list[Branch] = field(default_factory=list)
    used: bool = False
    steps: int = 0


def run(text: str) -> list[str] | None:
    """The names of a range such as `b1..b5` or `tile_0-1..tile_4-3`; None if the text is no range.

    Raises ValueError if its ends do not differ in numbers only, or if it has too many names.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    low, high = (re.split(r"(\d+)", part) for part in match.groups())
    if len(high) == 3 and high[0] == high[2] == "" and low[0]:
        high = [*low[:-2], high[1], low[-1]]  # b1..5
    if low[::2] != high[::2] or len(low) < 3:
        raise ValueError(f"the ends of {text} are not alike but for their numbers")
    spans = [_numbers(a, b) for a, b in zip(low[1::2], high[1::2], strict=True)]
    size = 1
    for span in spans:
        size *= len(span)
    if size > MOST:
        raise ValueError(f"{text} has {size} names")
    stems = low[::2]
    return ["".join(a + b for a, b in zip(stems, (*numbers, ""), strict=True)) for numbers in product(*spans)]


def _numbers(low: str, high: str) -> list[str]:
    first, last = int(low[:9]), int(high[:9])
    if abs(first - last) > MOST:
        raise ValueError(f"{low}..{high} is too long")
    width = len(low) if len(low) == len(high) and low[0] == "0" else 0
    return [str(n).zfill(width) for n in range(first, last + (1 if last >= first else -1), 1 if last >= first else -1)]


def expand_names(items: list[Tree], faults: list[Fault], section: Section = "objects") -> tuple[list[Tree], bool]:
    """A list of names with its ranges written out, and whether there were any."""
    result: list[Tree] = []
    for item in items:
        try:
            names = run(item.text) if isinstance(item, Token) else None
        except ValueError as error:
            faults.append(Fault("syntax", f"{error}", "write for example b1..b5", item.line, item.column, section))
            continue
        result += [item] if names is None else [Token(name, item.line, item.column) for name in names]
    return result, len(result) != len(items)


def expand(
    items: list[Tree], domain: Domain, objects: Mapping[str, str], faults: list[Fault], section: Section
) -> Expanded:
    """Write out all macros of a section but those that need the other facts. Faulty ones give a fault and no facts."""
    out = Expanded()
    for number, item in enumerate(items, 1):
        known = len(out.facts)
        try:
            _expand(item, domain, objects, out, section)
        except _Wrong as wrong:
            del out.facts[known:]
            faults.append(Fault("syntax", wrong.args[0], wrong.args[1], item.line, item.column, section))
        if len(out.facts) > MOST + number:  # what is written fact by fact has no bound
            faults.append(
                Fault("syntax", f"more than {MOST} facts", "use smaller ranges", item.line, item.column, section)
            )
            break
    return out


def _expand(item: Tree, domain: Domain, objects: Mapping[str, str], out: Expanded, section: Section) -> None:
    if isinstance(item, Token) or item.head in domain.predicates:
        out.facts += _ranges(item, out)
        return
    head, words = item.head, item.items[1:]
    if head == "and" and section == "goal":
        inner = Expanded(steps=out.steps)
        for part in words:
            _expand(part, domain, objects, inner, section)
        out.facts.append(Branch([item.items[0], *inner.facts], item.line, item.column, item.end))
        out.used |= inner.used
        out.steps = inner.steps
    elif head == "for":
        out.used = True
        for part in _loop(item):
            _expand(part, domain, objects, out, section)
            out.steps += 1
            if max(len(out.facts), out.steps) > MOST:
                raise _Wrong(f"more than {MOST} facts come from one (for ...)", "use smaller ranges")
    elif head == "chain":
        out.used = True
        out.facts += _chain(item, domain)
    elif head == "grid":
        out.used = True
        out.facts += _grid(item, domain, objects)
    elif head == "forall" and section == "init":
        out.used = True
        out.rules.append(item)
    elif head in ("symmetric", "transitive"):
        out.used = True
        _predicate(words[0] if len(words) == 1 else None, domain, 2, head)
        out.closures.append(item)
    else:
        out.facts += _ranges(item, out)


def _ranges(item: Tree, out: Expanded) -> list[Tree]:
    """A fact with a range among its arguments is one fact for each name of it."""
    if isinstance(item, Token):
        return [item]
    options: list[list[Tree]] = []
    for part in item.items:
        try:
            names = run(part.text) if isinstance(part, Token) and ".." in part.text else None
        except ValueError as error:
            raise _Wrong(str(error), "write for example (clear b1..b5)") from None
        options.append([part] if names is None else [Token(name, part.line, part.column) for name in names])
    if sum(len(option) > 1 for option in options) > 1:
        raise _Wrong(f"{item} has two ranges; it does not tell which belong together", "write (for i 1..5 ...)")
    if all(len(option) == 1 and option[0] is part for option, part in zip(options, item.items, strict=True)):
        return [item]
    out.used = True
    return [Branch(list(parts), item.line, item.column, item.end) for parts in product(*options)]


def _loop(item: Branch) -> list[Tree]:
    words = item.items[1:]
    if len(words) < 3 or not isinstance(words[0], Token):
        raise _Wrong(f"(for ...) needs a letter, a range and facts, it has {len(words)} parts",
                     "write (for i 1..5 (clear b{i}))")  # fmt: skip
    try:
        values = run(words[1].text) if isinstance(words[1], Token) else [str(part) for part in words[1].items]
    except ValueError as error:
        raise _Wrong(str(error), "write a range such as 1..5") from None
    if values is None:
        raise _Wrong(f"{words[1]} is no range", "write a range such as 1..5")
    return [_put(part, words[0].text, value) for value in values for part in words[2:]]


def _put(tree: Tree, name: str, value: str) -> Tree:
    """Fill the holes {name}, {name+1} of a tree."""
    if isinstance(tree, Branch):
        return Branch([_put(item, name, value) for item in tree.items], tree.line, tree.column, tree.end)

    def one(match: re.Match[str]) -> str:
        if match[1] != name:
            return match[0]
        if match[2] is None:
            return value
        return str(int(value) + int(match[2])) if re.fullmatch(r"\d{1,9}", value) else match[0]

    return Token(_HOLE.sub(one, tree.text), tree.line, tree.column)


def _predicate(tree: Tree | None, domain: Domain, arity: int, macro: str) -> str:
    if not isinstance(tree, Token):
        raise _Wrong(f"({macro} ...) needs the name of a predicate", f"write ({macro} predicate ...)")
    if len(domain.predicates.get(tree.text, ())) != arity:
        known = [name for name, parameters in domain.predicates.items() if len(parameters) == arity]
        raise _Wrong(f"({macro} {tree.text} ...): there is no predicate {tree.text} with {arity} arguments",
                     suggest(tree.text, known, f"such predicates are: {', '.join(known) or 'none'}"))  # fmt: skip
    return tree.text


def _chain(item: Branch, domain: Domain) -> list[Tree]:
    words = item.items[1:]
    predicate = _predicate(words[0] if words else None, domain, 2, "chain")
    faults: list[Fault] = []
    names, _ = expand_names(words[1:], faults)
    if faults or len(names) < 2 or any(isinstance(name, Branch) for name in names):
        raise _Wrong(
            faults[0].message if faults else f"{item} needs two names or more", f"write (chain {predicate} n0..n5)"
        )
    return [_fact(item, predicate, str(a), str(b)) for a, b in pairwise(names)]


def _fact(at: Branch, *words: str) -> Branch:
    return Branch([Token(word, at.line, at.column) for word in words], at.line, at.column, at.end)


def _grid(item: Branch, domain: Domain, objects: Mapping[str, str]) -> list[Tree]:
    words = item.items[1:]
    predicate = _predicate(words[0] if words else None, domain, 2, "grid")
    shape = [str(word) for word in words[1:]]
    if len(shape) != 3 or any(re.fullmatch(r"[-+]?\d{1,6}", word) is None for word in shape[1:]):
        raise _Wrong(f"{item} needs a type and two whole numbers", f"write (grid {predicate} TYPE ROWS COLUMNS)")
    cells = grid_cells(domain, objects, shape[0])
    if not cells:
        raise _Wrong(f"no object of type {shape[0]} is named like a cell", "name cells STEM ROW-COLUMN, as in tile_0-1")
    rows, columns = int(shape[1]), int(shape[2])
    at = {cell: name for name, cell in cells.items()}
    return [
        _fact(item, predicate, at[stem, row + rows, column + columns], name)
        for name, (stem, row, column) in cells.items()
        if (stem, row + rows, column + columns) in at
    ]


def grid_cells(domain: Domain, objects: Mapping[str, str], kind: str) -> dict[str, tuple[str, int, int]]:
    """Stem, row and column of each object of a type that is named like a cell of a grid, such as `tile_0-1`."""
    found = {}
    for name, own in objects.items():
        match = _CELL.fullmatch(name) if domain.is_a(own, (kind,)) else None
        if match and len(match[2]) < 9 and len(match[3]) < 9:
            found[name] = (match[1], int(match[2]), int(match[3]))
    return found


def apply_rule(
    rule: Branch, formulas: Formulas, objects: Mapping[str, str], facts: Mapping[Atom, object]
) -> list[Atom]:
    """The facts of `(forall (?x - type) fact ...)`, also with `(when condition fact)`, for the facts known so far."""
    if len(rule.items) < 3 or not isinstance(rule.items[1], Branch):
        formulas.fault("syntax", rule, "(forall ...) needs variables and facts", "write (forall (?x - type) (fact ?x))")
        return []
    own = formulas.parameters(rule.items[1])
    templates = _templates(rule.items[2:], own, formulas)
    pools = 1
    for _, types in own:
        pools *= sum(formulas.domain.is_a(kind, types) for kind in objects.values())
    if pools > MOST:
        formulas.fault("syntax", rule, f"this (forall ...) has {pools} cases", "use fewer variables")
        return []
    state, result = set(facts), []
    for binding in formulas.domain.bindings(own, objects):
        for condition, atom in templates:
            ground = substitute(atom, binding)
            if holds(substitute(condition, binding), state, formulas.domain, objects) and _typed(
                ground, formulas, objects
            ):
                result.append(ground)
    return result


def _templates(body: list[Tree], own: Parameters, formulas: Formulas) -> list[tuple[Condition, Atom]]:
    found: list[tuple[Condition, Atom]] = []
    for part in body:
        condition: Condition | None = ("and",)
        facts = [part]
        if isinstance(part, Branch) and part.head == "when" and len(part.items) >= 3:
            condition, facts = formulas.condition(part.items[1], dict(own)), part.items[2:]
        flat = [
            one
            for fact in facts
            for one in (fact.items[1:] if isinstance(fact, Branch) and fact.head == "and" else [fact])
        ]
        for fact in flat:
            if isinstance(fact, Token):
                formulas.fault("syntax", fact, f"{fact.text} stands where a fact is expected", "write it in brackets")
                continue
            atom = formulas.atom(fact, dict(own))
            if atom is not None and condition is not None:
                found.append((condition, atom))
    return found


def _typed(atom: Atom, formulas: Formulas, objects: Mapping[str, str]) -> bool:
    """Whether the objects fit; a variable of a wide type also runs over objects that a fact cannot be about."""
    signature = formulas.domain.predicates[atom[0]]
    return all(
        formulas.domain.is_a(objects.get(name, "object"), types) or name in formulas.untyped
        for name, (_, types) in zip(atom[1:], signature, strict=True)
    )


def close(closures: list[Branch], facts: Mapping[Atom, object], faults: list[Fault]) -> list[Atom]:
    """The facts that closures add: `(symmetric p)` the converse of each, `(transitive p)` what chains of p reach.

    A closure that would add too many facts gives a fault and adds none.
    """
    known = dict.fromkeys(facts)
    for closure in [*closures, *closures]:  # twice, for a relation that is to be symmetric and transitive
        predicate = str(closure.items[1])
        pairs = [(atom[1], atom[2]) for atom in known if atom[0] == predicate]
        more = [(b, a) for a, b in pairs] if closure.head == "symmetric" else _reached(pairs)
        if len(more) > MOST:
            faults.append(Fault("syntax", f"{closure} adds more than {MOST} facts", "state fewer", closure.line,
                                closure.column, "init"))  # fmt: skip
            break
        known.update(dict.fromkeys((predicate, a, b) for a, b in more))
    return [atom for atom in known if atom not in facts]


def _reached(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Whatever chains of pairs lead to, nothing to itself unless it is said; cut off soon after MOST."""
    after: dict[str, list[str]] = {}
    for a, b in pairs:
        after.setdefault(a, []).append(b)
    found = list(pairs)
    for start in after:
        seen, todo = {start}, list(after[start])
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += after.get(one, ())
        found += [(start, one) for one in sorted(seen - {start})]
        if len(found) > len(pairs) + MOST:
            break
    return found

"""The objects of a problem and their types, also of those nobody declared but whose type follows from their use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from talkoot.planning.faults import Fault
from talkoot.planning.pddl.domain import Domain, Types
from talkoot.planning.pddl.formula import Formulas, typed_list
from talkoot.planning.pddl.names import (
    fitting,
    is_name,
    leaf,
    looks_like_typo,
    near_miss,
    occurrences,
    plain,
    stem,
    uses,
    widest,
)
from talkoot.planning.pddl.sexpr import Token, Tree


@dataclass
class Inventory:
    """The objects read so far. `guessed` are those whose type was not given in a usable way."""

    domain: Domain
    faults: list[Fault]
    objects: dict[str, str] = field(default_factory=dict)
    untyped: dict[str, Token] = field(default_factory=dict)
    strange: dict[str, Token] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()
    admitted: dict[str, list[Types]] = field(default_factory=dict)

    def names(self) -> dict[str, Types]:
        """Constants and objects with their types."""
        return {name: (kind,) for name, kind in {**self.domain.constants, **self.objects}.items()}

    def infer(self, trees: Sequence[Tree], sections: Mapping[str, Sequence[Tree]]) -> None:
        """Find types for objects without one, and declare names that are used and whose type follows from all uses."""
        found = uses(trees, self.domain)
        goal = {id(word) for places in uses(sections.get(":goal", ()), self.domain).values() for word, _ in places}
        self.admitted = {name: [types for _, types in places] for name, places in found.items()}
        for name, word in self.untyped.items():
            kind = leaf(self.admitted.get(name, ()), self.domain) if name in found else None
            if kind:
                self.objects[name] = kind
                self.faults.append(
                    Fault(
                        "unknown-type",
                        f"{name} has no type; all its uses ask for {kind}",
                        f"write {name} - {kind}",
                        word.line,
                        word.column,
                        "objects",
                        True,
                    )
                )
        for name in self.strange:
            asked = self.admitted.get(name, [])
            self.objects[name] = leaf(asked, self.domain) or next(iter(widest(asked, self.domain)), "object")
        self.guessed = frozenset(self.strange)
        names = self.names()
        spelt = {plain(name) for name in names}
        stems: dict[str, set[str]] = {}
        for known, own in self.objects.items():
            stems.setdefault(own, set()).add(stem(known))
        for name, places in found.items():
            if name in names or plain(name) in spelt:
                continue
            kind = leaf(self.admitted[name], self.domain)
            if kind is None or not is_name(name) or looks_like_typo(name, stems.get(kind, ())):
                continue
            self.objects[name] = kind
            word = places[0][0]
            often = occurrences(found, name)
            self.faults.append(Fault(
                "undeclared-object",
                f"{name} is used ({often}) but not declared; all its uses ask for {kind}, so it was declared as one",
                f"add {name} - {kind} to :objects", word.line, word.column,
                "goal" if id(word) in goal else "init", True,
            ))  # fmt: skip

    def how_to_declare(self, name: str) -> str:
        """What to add to the objects, with the types that the uses of a name admit."""
        kinds = [kind for kind in fitting(self.admitted.get(name, ()), self.domain) if kind != "object"]
        if not self.domain.types:
            return f"add {name} to :objects, or write another name"
        if not kinds:
            return "its uses ask for different types; write other names"
        return f"add {name} - {' or '.join(kinds)} to :objects, or write another name"


def read_objects(items: list[Tree], domain: Domain, faults: list[Fault]) -> Inventory:
    """Read the `:objects` section."""
    stock = Inventory(domain, faults)
    formulas = Formulas(domain, {}, faults, "objects")
    told: set[str] = set()
    for name, words in typed_list(items, faults, "objects"):
        if not is_name(name.text):
            formulas.fault("syntax", name, f"{name.text} is no name of an object", "write names, then - and a type")
            continue
        kind: str | None = "object"
        if words and not domain.types:
            if any(word.text != "object" for word in words) and words[0].text not in told:
                told.add(words[0].text)
                formulas.fault("unknown-type", words[0], f"the domain has no types; - {words[0].text} was left out",
                               "write names only", mended=True)  # fmt: skip
        elif words:
            kind = _known_type(words[0], formulas, told)
            if len(words) > 1:
                formulas.fault("unsupported", words[0], f"{name.text} has several types", "give it one type")
        if not _again(name, kind or "object", stock, formulas):
            stock.objects[name.text] = kind or "object"
            if kind is None:
                stock.strange[name.text] = name
            elif not words and domain.types:
                stock.untyped[name.text] = name
    return stock


def _known_type(word: Token, formulas: Formulas, told: set[str]) -> str | None:
    """The type; a fault only the first time that an unknown one is met."""
    if word.text not in told:
        known = formulas.type_name(word)
        if known != word.text:
            told.add(word.text)
        return known
    return near_miss(word.text, formulas.domain.types)


def _again(name: Token, kind: str, stock: Inventory, formulas: Formulas) -> bool:
    """Whether a name is declared already, with a fault that says whether this matters."""
    domain = stock.domain
    if name.text in stock.objects:
        first = stock.objects[name.text]
        types = "" if first == kind else f", as {first} and as {kind}"
        formulas.fault("duplicate-object", name, f"{name.text} is declared twice{types}", "declare it once",
                       mended=first == kind)  # fmt: skip
        return True
    constant = domain.constants.get(name.text)
    if constant is None or (kind != constant and domain.is_a(kind, (constant,))):
        return False  # the problem may say more exactly what a constant is
    formulas.fault("duplicate-object", name, f"{name.text} is a constant of the domain, of type {constant}",
                   "leave it out of :objects", mended=domain.is_a(constant, (kind,)))  # fmt: skip
    return True

"""Reads typed lists, atoms and conditions from s-expressions against a domain's vocabulary, and tells what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from talkoot.planning.faults import Fault, Section
from talkoot.planning.pddl.domain import Domain, Parameters, Types
from talkoot.planning.pddl.names import near_miss, plain, signature, similar, suggest, type_text
from talkoot.planning.pddl.sexpr import Branch, Token, Tree
from talkoot.problem import Atom, Condition

CONNECTIVES = frozenset(("and", "or", "not", "imply", "forall", "exists", "="))


@dataclass(frozen=True)
class Dropped:
    """A flat fact as it was written that was left out of the problem because of a fault."""

    section: Section
    atom: Atom
    line: int
    column: int


def typed_list(items: list[Tree], faults: list[Fault], section: Section) -> list[tuple[Token, tuple[Token, ...]]]:
    """Read `a b - t c - (either u v) d`: each name with its type words, none where no type is given."""
    result: list[tuple[Token, tuple[Token, ...]]] = []
    waiting: list[Token] = []
    index = 0
    while index < len(items):
        item = items[index]
        index += 1
        if isinstance(item, Branch):
            faults.append(Fault("syntax", f"{item} stands where a name is expected", "write names, then - and a type",
                                item.line, item.column, section))  # fmt: skip
        elif item.text == "-" or (item.text[:1] == "-" and len(item.text) > 1):
            if item.text == "-":
                kind: Tree | None = items[index] if index < len(items) else None
                index += 1
            else:
                kind = Token(item.text[1:], item.line, item.column + 1)
            words = _type_words(kind)
            if not words:
                faults.append(Fault("syntax", "no type follows the -", "write a type's name after it",
                                    item.line, item.column, section))  # fmt: skip
            result += [(name, words) for name in waiting]
            waiting = []
        else:
            waiting.append(item)
    return result + [(name, ()) for name in waiting]


def _type_words(tree: Tree | None) -> tuple[Token, ...]:
    if isinstance(tree, Token):
        return (tree,)
    if isinstance(tree, Branch):
        return tuple(item for item in tree.items[1:] if isinstance(item, Token))
    return ()


@dataclass
class Formulas:
    """Reads facts and conditions about `names` (constants and objects with their types).

    A list that is no well-formed fact gives a fault, and None instead of an atom. Names that are not known are
    collected in `unknown`, so that each can be reported once.
    """

    domain: Domain
    names: Mapping[str, Types]
    faults: list[Fault]
    section: Section = "domain"
    unknown: dict[str, list[Token]] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    untyped: frozenset[str] = frozenset()
    """Names whose type is a guess; faults of type about them would only repeat another fault."""
    _spelt: dict[str, list[str]] | None = None

    def fault(self, kind: str, at: Tree, message: str, remedy: str = "", mended: bool = False) -> None:
        """Report something about a place."""
        self.faults.append(Fault(kind, message, remedy, at.line, at.column, self.section, mended))

    def parameters(self, tree: Tree | None) -> Parameters:
        """A list of typed variables."""
        if not isinstance(tree, Branch):
            return ()
        result: list[tuple[str, Types]] = []
        for variable, words in typed_list(tree.items, self.faults, self.section):
            types = tuple(self.type_name(word) for word in words)
            if variable.text[:1] != "?":
                self.fault("syntax", variable, f"{variable.text} is no variable", f"write ?{variable.text}")
            elif variable.text in dict(result):
                self.fault("syntax", variable, f"{variable.text} stands twice in one list", "give it another name")
            else:
                result.append((variable.text, tuple(kind for kind in types if kind) or ("object",)))
        return tuple(result)

    def type_name(self, word: Token) -> str | None:
        """A declared type; a fault and the nearest one, or None, if there is none of that name."""
        if word.text == "object" or word.text in self.domain.types:
            return word.text
        miss = near_miss(word.text, self.domain.types)
        if miss:
            self.fault("unknown-type", word, f"the type {word.text} is called {miss}", f"write {miss}", mended=True)
            return miss
        known = ", ".join(self.domain.types) or "none, every object is untyped"
        self.fault("unknown-type", word, f"the type {word.text} is not declared",
                   suggest(word.text, self.domain.types, f"the types are: {known}"))  # fmt: skip
        return None

    def atom(self, branch: Branch, variables: Mapping[str, Types]) -> Atom | None:
        """A fact of a known predicate over known names and the given variables."""
        head = branch.items[0] if branch.items else None
        if not isinstance(head, Token):
            self.fault("syntax", branch, f"{_short(branch)} is no fact", "write (predicate name name ...)")
            return None
        predicate = self._predicate(head, len(branch.items) - 1)
        parameters = self.domain.predicates.get(predicate or "")
        atom = self._arguments(branch, predicate or head.text, parameters, variables)
        if atom is None and not any(isinstance(item, Branch) for item in branch.items):
            words = tuple(str(item) for item in branch.items)
            self.dropped.append(Dropped(self.section, words, branch.line, branch.column))
        return atom

    def fluent(self, branch: Branch, variables: Mapping[str, Types]) -> Atom | None:
        """A term of a known numeric function."""
        parameters = self.domain.functions.get(branch.head)
        if parameters is None:
            known = ", ".join(self.domain.functions) or "none"
            self.fault("fluent", branch, f"the function {branch.head or _short(branch)} is not declared",
                       suggest(branch.head, self.domain.functions, f"the functions are: {known}"))  # fmt: skip
            return None
        return self._arguments(branch, branch.head, parameters, variables)

    def _predicate(self, head: Token, count: int) -> str | None:
        name = head.text
        if name in self.domain.predicates:
            return name
        miss = near_miss(name, self.domain.predicates)
        if miss:
            self.fault(
                "unknown-predicate", head, f"the predicate {name} is called {miss}", f"write {miss}", mended=True
            )
            return miss
        if name in CONNECTIVES:
            self.fault("quantifier", head, f"({name} ...) is not allowed here", "write out the facts")
        elif name in self.domain.actions:
            self.fault("unknown-predicate", head, f"{name} is an action, not a predicate", "state facts only")
        elif name in self.domain.functions:
            self.fault("fluent", head, f"{name} is a number, not a fact", f"write (= ({name} ...) number)")
        else:
            same = [key for key, parameters in self.domain.predicates.items() if len(parameters) == count]
            known = ", ".join(self.domain.predicates)
            remedy = suggest(name, similar(name, same) or self.domain.predicates, f"the predicates are: {known}")
            if name in self.told:
                remedy = f"as in line {self.told[name]}"
            self.told.setdefault(name, head.line)
            self.fault("unknown-predicate", head, f"the predicate {name} is not declared in domain {self.domain.name}",
                       remedy)  # fmt: skip
        return None

    def _arguments(
        self, branch: Branch, name: str, parameters: Parameters | None, variables: Mapping[str, Types]
    ) -> Atom | None:
        nested = [item for item in branch.items[1:] if isinstance(item, Branch)]
        if nested:
            self.fault("nested-term", nested[0], f"{_short(nested[0])} stands inside the fact ({name} ...)",
                       "close the fact before it, or write a name instead")  # fmt: skip
            return None
        words = [item for item in branch.items[1:] if isinstance(item, Token)]
        good = parameters is not None
        if parameters is not None and len(words) != len(parameters):
            self.fault("arity", branch, f"{branch} has {_things(len(words))}, {name} takes {len(parameters)}",
                       f"write {signature(name, parameters)}")  # fmt: skip
            good = False
        found = [self._name(word, variables) for word in words]
        if not good or parameters is None or any(one is None for one in found):
            return None
        for position, (word, one) in enumerate(zip(words, found, strict=True)):
            admitted, types = parameters[position][1], (variables.get(one or "") or self.names.get(one or "", ()))
            if self._admits(types, admitted, (one or "")[:1] == "?"):
                continue
            good = False
            if one not in self.untyped:
                self.fault("argument-type", word,
                           f"{word.text} is of type {type_text(types)}, but argument {position + 1} of {name} is to be "
                           f"of type {type_text(admitted)}", self._remedy(name, parameters, found))  # fmt: skip
        return (name, *(one for one in found if one)) if good else None

    def _admits(self, types: Types, admitted: Types, variable: bool) -> bool:
        """An object must be of an admitted type; a variable of a wider type is well if some object could fit."""
        if any(self.domain.is_a(kind, admitted) for kind in types):
            return True
        if not variable:
            return False
        return "object" in types or any(
            self.domain.is_a(kind, types) and self.domain.is_a(kind, admitted) for kind in self.domain.types
        )

    def _remedy(self, name: str, parameters: Parameters, found: list[str | None]) -> str:
        """The names in another order, if only one other order fits; else the names that could stand there."""
        from itertools import permutations

        names = [one or "" for one in found]
        if 1 < len(names) <= 4:
            orders = {
                order
                for order in permutations(names)
                if all(
                    self._admits(self.names.get(one, ()), types, False)
                    for one, (_, types) in zip(order, parameters, strict=True)
                )
            }
            if len(orders) == 1:
                return f"did you mean ({' '.join([name, *orders.pop()])})?"
        return f"write {signature(name, parameters)}"

    def _name(self, word: Token, variables: Mapping[str, Types]) -> str | None:
        name = word.text
        if name in variables or name in self.names:
            return name
        if name[:1] != "?" and name not in self.unknown:
            if self._spelt is None:
                self._spelt = {}
                for other in self.names:
                    self._spelt.setdefault(plain(other), []).append(other)
            same = self._spelt.get(plain(name), [])
            miss = same[0] if len(same) == 1 else None
            if miss:
                self.fault("undeclared-object", word, f"{name} is declared as {miss}", f"write {miss}", mended=True)
                return miss
        self.unknown.setdefault(name, []).append(word)
        return None

    def condition(self, tree: Tree, variables: Mapping[str, Types]) -> Condition | None:
        """A condition; parts that cannot be read are left out of `and` (each has its fault), else it is None."""
        if isinstance(tree, Token):
            self.fault("syntax", tree, f"{tree.text} stands where a condition is expected",
                       "write it in brackets")  # fmt: skip
            return None
        head = tree.head
        if not tree.items:
            return ("and",)
        if head in self.domain.predicates or head not in CONNECTIVES:
            return self.atom(tree, variables)
        rest = tree.items[1:]
        if head in ("and", "or"):
            parts = [self.condition(part, variables) for part in rest]
            return (head, *(part for part in parts if part is not None))
        if head == "=":
            return self._equality(tree, variables)
        wanted = {"not": 1, "imply": 2, "forall": 2, "exists": 2}[head]
        if len(rest) != wanted:
            self.fault("syntax", tree, f"({head} ...) has {len(rest)} parts, it takes {wanted}",
                       f"write ({head} {'(?x - type) ' if head in ('forall', 'exists') else ''}(...))")  # fmt: skip
            return None
        if head in ("forall", "exists"):
            own = self.parameters(rest[0])
            inner = self.condition(rest[1], {**variables, **dict(own)})
            return None if inner is None else (head, own, inner)
        parts = [self.condition(part, variables) for part in rest]
        return None if any(part is None for part in parts) else (head, *parts)

    def _equality(self, tree: Branch, variables: Mapping[str, Types]) -> Condition | None:
        words = [item for item in tree.items[1:] if isinstance(item, Token)]
        if len(words) != 2 or len(tree.items) != 3:
            self.fault("fluent" if len(words) < len(tree.items) - 1 else "arity", tree,
                       f"{_short(tree)} does not compare two names", "write (= name name)")  # fmt: skip
            return None
        found = [self._name(word, variables) for word in words]
        return None if None in found else ("=", *found)


def _things(count: int) -> str:
    return "one argument" if count == 1 else f"{count or 'no'} arguments"


def _short(tree: Tree) -> str:
    text = str(tree)
    return text if len(text) <= 60 else f"{text[:57]}..."

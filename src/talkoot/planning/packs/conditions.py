"""Reading the short PDDL conditions that packs and phrases are written in. Source: ours."""

from __future__ import annotations

import re

from talkoot.planning.pddl.domain import Parameters
from talkoot.problem import Atom, Condition

_PARTS = {"and": None, "or": None, "not": 1, "imply": 2, "start": 1, "quiet": 1}
"""How many conditions stand in these; None: any number."""
_TOKEN = re.compile(r"[()]|[^\s()]+")


def parse_condition(text: str) -> Condition:
    """A condition as nested tuples, lower case. Quantifiers and `count` get their typed variables as `Parameters`.

    Raises ValueError where the brackets do not fit or there is no condition.
    """
    tokens = _TOKEN.findall(text.lower())
    tree, rest = _tree(tokens, text)
    if rest or not isinstance(tree, tuple):
        raise ValueError(f"{text!r} is not one condition in brackets")
    return _typed(tree)


def parse_atom(text: str) -> Atom:
    """One fact, such as `(on ?x ?y)`; raises ValueError for anything else."""
    atom = parse_condition(text)
    if not atom or not all(isinstance(part, str) for part in atom):
        raise ValueError(f"{text!r} is not one fact in brackets")
    return atom


def parse_parameters(text: str) -> Parameters:
    """A typed list: `?x ?y - block ?t - (either a b)`; what has no type is an `object`. Raises ValueError."""
    tree, _ = _tree(_TOKEN.findall(f"({text.lower()})"), text)
    assert isinstance(tree, tuple)
    return _parameters(tree)


def _tree(tokens: list[str], text: str) -> tuple[Condition | str, list[str]]:
    if not tokens:
        raise ValueError(f"{text!r} ends before its brackets close")
    head, rest = tokens[0], tokens[1:]
    if head == ")":
        raise ValueError(f"{text!r} has a closing bracket too many")
    if head != "(":
        return head, rest
    parts = []
    while rest and rest[0] != ")":
        part, rest = _tree(rest, text)
        parts.append(part)
    if not rest:
        raise ValueError(f"{text!r} ends before its brackets close")
    return tuple(parts), rest[1:]


def _parameters(tree: Condition) -> Parameters:
    found: list[tuple[str, tuple[str, ...]]] = []
    waiting: list[str] = []
    parts = iter(tree)
    for part in parts:
        if part == "-":
            types = next(parts, None)
            if types is None:
                raise ValueError("a typed list ends after its dash")
            admitted = tuple(types[1:]) if isinstance(types, tuple) else (types,)
            found += [(name, admitted) for name in waiting]
            waiting = []
        elif isinstance(part, str) and part.startswith("?"):
            waiting.append(part)
        else:
            raise ValueError(f"{part!r} stands where a variable such as ?x belongs")
    return tuple(found + [(name, ("object",)) for name in waiting])


def _typed(tree: Condition) -> Condition:
    if tree and tree[0] in ("forall", "exists", "count"):
        at = 2 if tree[0] == "count" else 1
        if len(tree) != at + 2 or not isinstance(tree[at], tuple):
            raise ValueError(f"({tree[0]} ...) takes {'a number, ' if at == 2 else ''}variables and a condition")
        if at == 2 and not str(tree[1]).isdigit():
            raise ValueError(f"(count {tree[1]} ...) counts to no whole number")
    if not tree:
        raise ValueError("() says nothing; (and) is always true")
    if tree[0] in ("forall", "exists", "count"):
        return (*tree[:at], _parameters(tree[at]), _typed(tree[at + 1]))
    if tree[0] in _PARTS:
        if _PARTS[tree[0]] not in (None, len(tree) - 1) or not all(isinstance(part, tuple) for part in tree[1:]):
            raise ValueError(f"({tree[0]} ...) takes {_PARTS[tree[0]] or 'only'} conditions in brackets")
        return (tree[0], *(_typed(part) for part in tree[1:]))
    shape = [isinstance(part, str) for part in tree]
    if shape != {"value": [True, False, True], "grid": [True] * 4}.get(str(tree[0]), [True] * len(tree)):
        raise ValueError(f"({tree[0]} ...) does not have the parts that it takes")
    if tree[0] == "value":
        float(tree[2])
    return tree

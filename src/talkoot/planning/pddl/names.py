"""Names that are nearly right, and the types of names that nobody declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches

from talkoot.planning.pddl.domain import Domain, Types
from talkoot.planning.pddl.sexpr import Token, Tree, walk

_BETWEEN = re.compile(r"(?<!\d)-|-(?!\d)")
_NAME = re.compile(r"\w[^\s(){}:?…]*")
_WORDS = frozenset(("and", "or", "not", "imply", "forall", "exists", "when", "either"))


def is_name(text: str) -> bool:
    """Whether a word can name an object: it begins with a letter or digit and holds nothing that PDDL gives a sense."""
    return _NAME.fullmatch(text) is not None and ".." not in text and text not in _WORDS


def plain(name: str) -> str:
    """A name without its hyphens and underscores, those between two numbers aside."""
    return _BETWEEN.sub("", name.replace("_", "-"))


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """The one known name that differs in hyphens and underscores only; those between two numbers are kept apart."""
    key = plain(name)
    same = [other for other in known if plain(other) == key]
    return same[0] if len(same) == 1 else None


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that look like `name`, the nearest first."""
    return get_close_matches(name, list(known), n=3, cutoff=0.6)


def suggest(name: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy in words: the nearest known names, or `otherwise`."""
    found = similar(name, known)
    return f"did you mean {' or '.join(found)}?" if found else otherwise


def stem(name: str) -> str:
    """A name with its numbers masked: `b7` and `b12` have one stem."""
    return re.sub(r"\d+", "#", name)


def looks_like_typo(name: str, stems: Collection[str]) -> bool:
    """Whether a name is probably a misspelling of one with such a stem: a few letters differ. `b7` for `b6` is not."""
    own = stem(name)
    return own not in stems and any(SequenceMatcher(None, own, other).ratio() >= 0.75 for other in stems)


def uses(trees: Iterable[Tree], domain: Domain) -> dict[str, list[tuple[Token, Types]]]:
    """Each name (no variables) with the places where facts use it and the types these places admit."""
    found: dict[str, list[tuple[Token, Types]]] = {}
    for tree in trees:
        for branch in walk(tree):
            if branch.head in domain.predicates:
                signature = domain.predicates[branch.head]
            elif branch.head in domain.functions:
                signature = domain.functions[branch.head]
            else:
                signature = None
            if branch.head == "=":
                pairs: list[tuple[Tree, Types]] = [(item, ("object",)) for item in branch.items[1:]]
            elif signature is None or len(signature) != len(branch.items) - 1:
                continue
            else:
                pairs = [(item, types) for item, (_, types) in zip(branch.items[1:], signature, strict=True)]
            for item, types in pairs:
                if isinstance(item, Token) and item.text[:1] != "?" and not _is_number(item.text):
                    found.setdefault(item.text, []).append((item, types))
    return found


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text) is not None


def fitting(admitted: Iterable[Types], domain: Domain) -> list[str]:
    """The types that all places admit, in the order of their declaration, `object` last."""
    places = list(admitted)
    return [kind for kind in (*domain.types, "object") if all(domain.is_a(kind, types) for types in places)]


def leaf(admitted: Iterable[Types], domain: Domain) -> str | None:
    """The one type without subtypes that all places admit; None if there is none or more than one, or no types."""
    parents = {parent for types in domain.types.values() for parent in types}
    leaves = [kind for kind in fitting(admitted, domain) if kind not in parents and kind != "object"]
    return leaves[0] if len(leaves) == 1 else None


def widest(admitted: Iterable[Types], domain: Domain) -> list[str]:
    """The most general types that all places admit."""
    kinds = fitting(admitted, domain)
    if "object" in kinds:
        return ["object"]
    return [kind for kind in kinds if not any(other != kind and domain.is_a(kind, (other,)) for other in kinds)]


def signature(name: str, parameters: Iterable[tuple[str, Types]]) -> str:
    """How an atom is to be written: `(on ?c - crate ?s - storearea)`."""
    return f"({' '.join([name, *(f'{variable} - {type_text(types)}' for variable, types in parameters)])})"


def type_text(types: Types) -> str:
    """A type, or `(either a b)`, as PDDL writes it."""
    return types[0] if len(types) == 1 else f"(either {' '.join(types)})"


def occurrences(uses_of: Mapping[str, list[tuple[Token, Types]]], name: str) -> str:
    """How often a name is used, in words."""
    count = len(uses_of.get(name, ()))
    return "once" if count <= 1 else f"{count} times"

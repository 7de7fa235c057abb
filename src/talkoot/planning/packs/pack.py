"""Domain packs: a folder with all that is known about a planning domain, written by hand in half an hour.

    FOLDER/domain.pddl        types, predicates, actions
    FOLDER/pack.toml          invariants, relations that code completes, phrases for reading and telling
    FOLDER/description.txt    the rules in prose, for a language model
    FOLDER/example.txt        a worked task in words, and
    FOLDER/example.pddl       its problem
    FOLDER/generate.py        `generate(size, seed) -> (description, Problem)`; optional

The rules of a pack are bound by the signatures of its predicates: `pack_for` finds the pack of any domain that has the
same ones, whatever its name. `docs/planning_domains.md` explains every entry. Source: ours.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, cast

from talkoot.errors import BadInput
from talkoot.planning.packs.conditions import parse_atom, parse_condition, parse_parameters
from talkoot.planning.pddl.domain import Domain, Parameters
from talkoot.planning.pddl.reader import load_domain
from talkoot.problem import Atom, Condition, Problem

SHIPPED = Path(__file__).parent / "domains"
Cell = tuple[int, int]


@dataclass(frozen=True)
class ExactlyOne:
    """For every binding of `variables`, exactly one fact that fits one of the patterns is true at the start.

    In a pattern `*` stands for any object. With `at_most` none is fine too.
    """

    variables: Parameters
    patterns: tuple[Atom, ...]
    at_most: bool = False


@dataclass(frozen=True)
class Derived:
    """A fact that is true at the start exactly if a condition is."""

    variables: Parameters
    fact: Atom
    condition: Condition


@dataclass(frozen=True)
class Grid:
    """The cells of a grid, named STEM R-C, are related by their offsets: `(relation a b)` if a = b + offset."""

    type: str
    where: Condition
    relation: Mapping[str, tuple[Cell, ...]]


@dataclass(frozen=True)
class Chain:
    """`(relation a b)` holds if the number in a's name is that in b's plus `step`."""

    type: str
    relation: str
    step: int = 1


@dataclass(frozen=True)
class Phrase:
    """Patterns of a sentence, and the PDDL condition that they mean (see `talkoot.planning.packs.phrases`)."""

    says: tuple[str, ...]
    means: str
    section: str = "both"


@dataclass(frozen=True)
class Pack:
    """All that is known about a domain."""

    name: str
    folder: Path
    title: str
    domain: Domain
    domain_text: str
    description: str = ""
    example_text: str = ""
    example_problem: str = ""
    tell: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    exactly_one: tuple[ExactlyOne, ...] = ()
    derived: tuple[Derived, ...] = ()
    grids: tuple[Grid, ...] = ()
    symmetric: tuple[str, ...] = ()
    chains: tuple[Chain, ...] = ()
    aliases: tuple[tuple[Atom, Atom], ...] = ()
    phrases: tuple[Phrase, ...] = ()
    complete: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()

    def generate(self, size: int, seed: int) -> tuple[str, Problem]:
        """A new instance: its description in words and the true problem.

        Raises BadInput without a generator, or if it fails, which a user's code may do in any way.
        """
        path = self.folder / "generate.py"
        if not path.exists():
            raise BadInput(f"the pack {self.name} has no generator: write {path} with generate(size, seed)")
        try:
            text, problem = _generator(path, path.stat().st_mtime_ns)(size, seed)
            if not (isinstance(text, str) and isinstance(problem, Problem)):
                raise TypeError("it must return a text and a talkoot.problem.Problem")
        except (Exception, SystemExit) as error:
            if isinstance(error, BadInput):
                raise
            lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)]
            place = f", line {lines[-1]}" if lines else ""
            raise BadInput(f"{path}{place}: size {size}, seed {seed} ended in {type(error).__name__}: {error}; mend "
                           "it, or take another size") from error  # fmt: skip
        return text, problem


_ENTRIES: dict[str, str | tuple[str, ...]] = {
    "title": "a text",
    "tell": "a table of texts",
    "facts": "a table of texts",
    **dict.fromkeys(("complete", "silent", "symmetric", "in_order"), "a list of texts"),
    "exactly_one": ("for", "of", "at_most"),
    "derived": ("for", "fact", "if"),
    "grid": ("type", "where", "relation"),
    "chain": ("type", "relation", "step"),
    "alias": ("from", "to"),
    "phrase": ("says", "means", "section"),
}
"""The entries of pack.toml: what each must be, of those that come as [[tables]] what such a table takes."""


def list_packs() -> list[str]:
    """The names of the packs that come with talkoot."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/pack.toml"))


def load_pack(name: str | Path) -> Pack:
    """A pack by its name, or from a folder.

    Raises BadInput for an unknown name or a file that is missing or malformed, FaultyPddl for a faulty domain.
    """
    if isinstance(name, str) and name in list_packs():
        return _load(SHIPPED / name, ())
    folder = Path(name)
    if not folder.is_dir():
        raise BadInput(
            f"there is no planning domain {str(name)!r}; those that come along are {', '.join(list_packs())}, "
            "or name the folder of your own pack"
        )
    stamps = sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file())
    return _load(folder.resolve(), tuple(stamps))


def pack_for(domain: Domain, more: Iterable[Pack] = ()) -> Pack | None:
    """The pack whose predicates and actions have the same names and arities as those of a domain.

    Of `more`, packs of the user's own, the first that fits is taken before one that comes along.
    """
    wanted = signature(domain)
    known = chain(more, map(load_pack, list_packs()))
    return next((pack for pack in known if signature(pack.domain) == wanted), None)


def packs_in(folder: Path) -> list[Pack]:
    """The packs in a folder: itself, or those directly below it.

    Raises BadInput where there is none, and what `load_pack` raises.
    """
    places = [path.parent for path in (folder / "pack.toml", *sorted(folder.glob("*/pack.toml"))) if path.is_file()]
    if not places:
        raise BadInput(
            f"{folder} holds no planning domain; name the folder of a pack (it has a pack.toml), or one of such"
        )
    return [load_pack(place) for place in places]


def signature(domain: Domain) -> tuple[frozenset[tuple[str, int]], ...]:
    """Names and arities of predicates and actions."""
    predicates = frozenset((name, len(parameters)) for name, parameters in domain.predicates.items())
    return predicates, frozenset((name, len(action.parameters)) for name, action in domain.actions.items())


@cache
def _load(folder: Path, stamps: tuple[tuple[str, int], ...]) -> Pack:
    """Read a pack; `stamps` say when its files were changed, so that an edited one is read again."""
    domain_text = _read(folder / "domain.pddl")
    domain = load_domain(domain_text, str(folder / "domain.pddl"))
    path = folder / "pack.toml"
    try:
        toml = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: {error}; mend the TOML") from None
    for key in toml:
        if key not in _ENTRIES:
            raise BadInput(f"{path}: unknown entry {key!r}; see docs/planning_domains.md for the entries of a pack")
        _check_entry(path, key, toml[key])
    return Pack(
        name=folder.name,
        folder=folder,
        title=toml.get("title", folder.name),
        domain=domain,
        domain_text=domain_text,
        description=_read(folder / "description.txt", needed=False),
        example_text=_read(folder / "example.txt", needed=False),
        example_problem=_read(folder / "example.pddl", needed=False),
        tell=toml.get("tell", {}),
        facts=toml.get("facts", {}),
        symmetric=tuple(_predicate(path, "symmetric", name, domain) for name in toml.get("symmetric", ())),
        complete=tuple(_predicate(path, "complete", name, domain) for name in toml.get("complete", ())),
        silent=tuple(_silence(path, text) for text in toml.get("silent", ())),
        in_order=tuple(_pairing(path, name, domain) for name in toml.get("in_order", ())),
        **_rules(path, toml, domain),
    )


def _check_entry(path: Path, key: str, value: Any) -> None:
    """Raise BadInput for an entry that is of another kind than it should be."""
    wanted, rows = _ENTRIES[key], [value]
    if wanted == "a list of texts":
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
    elif wanted == "a text":
        fits = isinstance(value, str)
    elif wanted == "a table of texts":
        fits = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    else:
        fits = isinstance(value, list) and all(isinstance(one, dict) for one in value)
        rows = value if fits else []
    if not fits:
        kind = wanted if isinstance(wanted, str) else f"tables, each headed [[{key}]]"
        raise BadInput(f"{path}: {key} must be {kind}, and is {str(value)[:40]!r}")
    for number, row in enumerate(rows if isinstance(wanted, tuple) else (), 1):
        for name in row:
            if name not in wanted:
                raise BadInput(
                    f"{path}, [[{key}]] number {number}: unknown entry {name!r}; it takes {', '.join(wanted)}"
                )


def _silence(path: Path, text: str) -> str:
    try:
        parse_condition(re.sub(r"\{\w+@[\w-]+\}", "1", text))
    except ValueError as error:
        raise BadInput(f"{path}, silent: {error}") from None
    return text


def _rules(path: Path, toml: dict[str, Any], domain: Domain) -> dict[str, Any]:
    """The entries that come as tables, read one by one so that a mistake is told with its place."""

    def each(kind: str, make: Callable[[dict[str, Any]], Any]) -> tuple[Any, ...]:
        made = []
        for index, row in enumerate(toml.get(kind, ()), 1):
            try:
                made.append(make(row))
            except (KeyError, ValueError, TypeError, AttributeError, re.error) as error:
                why = f"the entry {error} is missing" if isinstance(error, KeyError) else str(error)
                if isinstance(error, TypeError | AttributeError):
                    why = f"an entry is of another kind than it should be ({error})"
                raise BadInput(f"{path}, [[{kind}]] number {index}: {why}") from None
        return tuple(made)

    def relations(row: dict[str, Any]) -> dict[str, tuple[Cell, ...]]:
        table = {}
        for name, offsets in row["relation"].items():
            table[_predicate(path, "grid", name, domain)] = tuple((int(dr), int(dc)) for dr, dc in offsets)
        return table

    def phrase(row: dict[str, Any]) -> Phrase:
        says = (row["says"],) if isinstance(row["says"], str) else tuple(row["says"])
        section = row.get("section", "both")
        if section not in ("start", "goal", "both"):
            raise ValueError(f"section {section!r} is none of start, goal, both")
        if not says:
            raise ValueError("says has no pattern")
        for pattern in says:
            if re.compile(re.sub(r"\{(\w+)(:[\w-]+)?\}", r"(?P<\1>x)", pattern)).match(""):
                raise ValueError(f"the pattern {pattern!r} fits where there is nothing")
        parse_condition(re.sub(r"\{[\w@-]+\}", "1", row["means"]))
        return Phrase(says, row["means"], section)

    return {
        "exactly_one": each("exactly_one", lambda row: ExactlyOne(
            parse_parameters(row.get("for", "")), tuple(map(parse_atom, row["of"])), row.get("at_most", False))),
        "derived": each("derived", lambda row: Derived(
            parse_parameters(row.get("for", "")), parse_atom(row["fact"]), parse_condition(row["if"]))),
        "grids": each("grid", lambda row: Grid(
            row["type"], parse_condition(row.get("where", "(and)")), relations(row))),
        "chains": each("chain", lambda row: Chain(
            row["type"], _predicate(path, "chain", row["relation"], domain), int(row.get("step", 1)))),
        "aliases": each("alias", lambda row: (parse_atom(row["from"]), parse_atom(row["to"]))),
        "phrases": each("phrase", phrase),
    }  # fmt: skip


def _predicate(path: Path, entry: str, name: str, domain: Domain) -> str:
    if name.lower() not in domain.predicates:
        raise BadInput(f"{path}, {entry}: the domain has no predicate {name!r}; it has {', '.join(domain.predicates)}")
    return name.lower()


def _pairing(path: Path, name: str, domain: Domain) -> str:
    if len(domain.predicates[_predicate(path, "in_order", name, domain)]) != 2:
        raise BadInput(f"{path}, in_order: {name} does not relate two things; leave it out")
    return name.lower()


def _read(path: Path, needed: bool = True) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not needed:
            return ""
        raise BadInput(f"{path} is missing: a pack has at least domain.pddl and pack.toml") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text ({error}); save it as UTF-8") from None


@cache
def _generator(path: Path, stamp: int) -> Callable[[int, int], tuple[str, Problem]]:
    spec = importlib.util.spec_from_file_location(f"talkoot_pack_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, "generate", None)):
        raise BadInput(f"{path} does not define generate(size, seed)")
    return cast("Callable[[int, int], tuple[str, Problem]]", module.generate)

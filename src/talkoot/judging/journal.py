"""A journal of rollouts: one file of JSON lines that holds problems, solutions and the counts at their prefixes.

Three kinds of lines: first the settings (whose draws these are), then one line for each problem once its solutions are
sampled, and one for each finished block of rollouts. Lines are only ever appended, so that a run which was stopped
goes on from the last finished block. No times, no labels: labels are views over the counts (`judging.labels`).

Solutions of one problem that begin with the same chunks share the rollouts of that prefix (ours; reference 4.3): the
block stands in the journal once, under the first solution that begins so, and counts for all of them.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.judge import Trace
from talkoot.judging.labels import Counts
from talkoot.judging.problem import Problem

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Whose rollouts a journal holds, and how they were drawn: the first line of the file.

    `model` is the sampler's name, `task` where the problems come from, `cut` how solutions are cut ("tags" where the
    policy writes them itself), `samples` the solutions drawn of each problem, `block` the rollouts of one line,
    `template` a digest of the chat template, "" without one (and in journals from before it was noted).
    """

    model: str
    task: str = ""
    cut: str = "tags"
    seed: int = 0
    temperature: float = 1.0
    solution_tokens: int = 0
    samples: int = 16
    block: int = 4
    template: str = ""

    def __post_init__(self) -> None:
        if self.samples < 1 or self.block < 1 or self.temperature < 0:
            raise BadInput("a journal needs at least 1 sample of each problem, blocks of at least 1 rollout, and a "
                           "temperature not below 0")  # fmt: skip


class Block(NamedTuple):
    """Rollouts drawn together at one prefix."""

    tries: int
    successes: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Solution:
    """One sampled solution. `id` is "PROBLEM/k" for the k-th response to the problem; `right` is its outcome."""

    id: str
    problem: Problem
    chunks: tuple[str, ...]
    right: bool

    @property
    def trace(self) -> Trace:
        """The whole of it."""
        return Trace(self.problem.text, self.chunks)


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the responses to one problem were: how many, how many right, their tokens, those kept to be annotated.

    `dropped` counts the others by the reason: "no tags", "no answer", "unfinished", "twice", "too many", and "all
    right" or "all wrong" for problems that teach nothing.
    """

    problem: Problem
    tries: int
    successes: int
    tokens: int
    solutions: tuple[Solution, ...]
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AnnotatedSolution:
    """A solution with the rollouts at its prefixes: `blocks[i]` are those after chunk i, in the order of drawing.

    Index 0 (the bare problem) and the last (the finished solution) have none: `start` says how many of the responses
    to the problem were right, and the outcome is the solution's own.
    """

    id: str
    problem: Problem
    chunks: tuple[str, ...]
    right: bool
    start: tuple[int, int]
    blocks: tuple[tuple[Block, ...], ...]

    @property
    def trace(self) -> Trace:
        """Problem and chunks."""
        return Trace(self.problem.text, self.chunks)

    @property
    def counts(self) -> Counts:
        """Tries and successes at prefixes 0..H."""
        return self.counted(self.blocks)

    def counted(self, blocks: tuple[tuple[Block, ...], ...]) -> Counts:
        """The counts of a part of the blocks, such as every second one."""
        tries = [sum(block.tries for block in drawn) for drawn in blocks]
        successes = [sum(block.successes for block in drawn) for drawn in blocks]
        tries[0], successes[0] = self.start
        tries[-1], successes[-1] = 1, int(self.right)
        return Counts(tuple(tries), tuple(successes))

    @property
    def prefixes(self) -> tuple[Node, ...]:
        """The places at which rollouts were drawn, for prefixes 1..H-1: equal for solutions that share them."""
        return tuple((self.problem.id, self.chunks[:i]) for i in range(1, len(self.chunks)))


Node = tuple[str, tuple[str, ...]]
"""A problem's id and the chunks so far: where rollouts start."""


@dataclass
class Contents:
    """What stands in a journal. `notes` tell in words what was passed over when it was read."""

    settings: Settings
    sampled: dict[str, Sampled] = field(default_factory=dict)
    blocks: dict[Node, list[Block]] = field(default_factory=dict)
    owners: dict[Node, tuple[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    by_id: dict[str, Solution] = field(default_factory=dict)

    @property
    def solutions(self) -> list[AnnotatedSolution]:
        """All solutions with their rollouts so far, in the order of the file."""
        return [self.annotated(solution) for one in self.sampled.values() for solution in one.solutions]

    def annotated(self, solution: Solution) -> AnnotatedSolution:
        """One solution with its rollouts so far."""
        chunks, problem = solution.chunks, solution.problem
        between = [tuple(self.blocks.get((problem.id, chunks[:i]), ())) for i in range(1, len(chunks))]
        sampled = self.sampled[problem.id]
        start = sampled.tries, sampled.successes
        return AnnotatedSolution(solution.id, problem, chunks, solution.right, start, ((), *between, ()))

    def add_sampled(self, one: Sampled) -> None:
        """Take up a problem's solutions, and note who owns which prefix."""
        self.sampled[one.problem.id] = one
        for solution in one.solutions:
            self.by_id[solution.id] = solution
            for i in range(1, len(solution.chunks)):
                self.owners.setdefault((one.problem.id, solution.chunks[:i]), (solution.id, i))


def read_journal(path: str | Path) -> list[AnnotatedSolution]:
    """The solutions of a journal with their counts. Raises BadInput as `load_journal` does."""
    return load_journal(path).solutions


def load_journal(path: str | Path) -> Contents:
    """Read a journal.

    A broken last line (a process was killed while writing it) is passed over and noted. Raises BadInput for a file that
    cannot be read or holds no settings, for a broken line before the last, and for lines of another model.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"the journal {path} cannot be read ({error.strerror}); name a file that exists") from None
    contents, _ = _read(path, raw)
    if contents is None:
        raise BadInput(f"{path} is no journal of rollouts: it holds no settings; `talkoot judge annotate` writes one")
    return contents


def _read(path: Path, raw: bytes) -> tuple[Contents | None, int]:
    """What the file says, and how many of its bytes are sound."""
    contents: Contents | None = None
    lines = raw.splitlines(keepends=True)
    sound = 0
    for number, line in enumerate(lines, 1):
        place = f"line {number} of {path}"
        try:
            told = json.loads(line) if line.strip() else {}
        except ValueError:
            told = None
        if not isinstance(told, dict):
            if contents is None and number < len(lines):
                raise BadInput(f"{path} is no journal of rollouts: {place} holds no settings; name another file")
            if number < len(lines):
                raise BadInput(
                    f"{place} is broken: {line[:40].decode('utf-8', 'replace').strip()!r}; only a last line can be, of "
                    "a process that was killed. Delete that line, and what it held is drawn again"
                )
            if contents is not None:
                contents.notes.append(f"the last line of {path} is broken off; it is dropped and drawn again")
            break
        try:
            if told:
                contents = _take(contents, told, place)
        except (KeyError, TypeError, ValueError, IndexError):
            raise BadInput(f"{place} is no line of a journal: {line[:60].decode('utf-8', 'replace').strip()!r}; "
                           "delete it, or name another file") from None  # fmt: skip
        sound += len(line)
    return contents, sound


def _take(contents: Contents | None, told: dict[str, Any], place: str) -> Contents:
    if "journal" in told:
        if told["journal"] != FORMAT:
            raise BadInput(f"{place}: the journal has format {told['journal']!r}, this talkoot reads {FORMAT}; "
                           "read it with the version that wrote it")  # fmt: skip
        told = {"template": "", **told}
        settings = Settings(**{one.name: told[one.name] for one in fields(Settings)})
        if contents is None:
            return Contents(settings)
        _same(contents.settings, settings, place)
        return contents
    if contents is None:
        raise BadInput(f"{place}: the settings, which come first in a journal, are missing; name another file")
    if "sampled" in told:
        one = _sampled_from(told)
        known = contents.sampled.get(one.problem.id)
        if known is not None and known != one:
            raise BadInput(f"{place}: problem {one.problem.id} was sampled before, with other solutions; keep journals "
                           "of different problems or seeds apart")  # fmt: skip
        if known is None:
            contents.add_sampled(one)
        return contents
    solution = contents.by_id.get(told["solution"])
    prefix, number, block = int(told["prefix"]), int(told["block"]), Block(told["tries"], told["right"], told["tokens"])
    if solution is None or not 1 <= prefix < len(solution.chunks) or not 0 <= block.successes <= block.tries:
        raise BadInput(f"{place} counts rollouts of {told['solution']} after chunk {prefix}, of which the journal "
                       "knows nothing; delete it")  # fmt: skip
    drawn = contents.blocks.setdefault((solution.problem.id, solution.chunks[:prefix]), [])
    if number < len(drawn) and drawn[number] != block:
        raise BadInput(f"{place}: block {number} of {told['solution']} after chunk {prefix} was told before, "
                       "differently; lines of different runs were mixed, go back to one run's file")  # fmt: skip
    if number > len(drawn):  # what is drawn again comes after it in the file, from the lost block on
        contents.notes.append(f"{place}: block {number} of {told['solution']} after chunk {prefix} has none before it; "
                              "it is passed over and drawn again")  # fmt: skip
    if number == len(drawn):
        drawn.append(block)
    return contents


def _same(wanted: Settings, found: Settings, place: str) -> None:
    if wanted.model != found.model:
        raise BadInput(
            f"{place}: rollouts of model {found.model}, while the journal was begun with model {wanted.model}; counts "
            "of different policies must not be mixed: give each model a journal of its own"
        )
    if wanted.template != found.template:
        raise BadInput(f"{place}: the chat template is another one than that which the journal was begun with; take "
                       "that one (annotate --template), or another journal")  # fmt: skip
    for one in fields(Settings):
        a, b = getattr(wanted, one.name), getattr(found, one.name)
        if a != b:
            raise BadInput(f"{place}: {one.name} is {b!r}, while the journal was begun with {a!r}; "
                           "take that value, or another journal")  # fmt: skip


def _sampled_from(told: dict[str, Any]) -> Sampled:
    problem = Problem(told["sampled"], told["text"], told["answer"])
    solutions = tuple(
        Solution(f"{problem.id}/{one['k']}", problem, tuple(one["chunks"]), bool(one["right"]))
        for one in told["solutions"]
    )
    if any(not solution.chunks for solution in solutions) or not 0 <= told["right"] <= told["tries"]:
        raise ValueError("a solution has chunks")
    return Sampled(problem, told["tries"], told["right"], told["tokens"], solutions, dict(told["dropped"]))


class Journal:
    """A journal that is open for writing; a context manager. One process writes at a time.

    A new file gets `settings`; an old one must have been begun with the same. A broken last line is cut off (see
    `contents.notes`). Raises BadInput for other settings (above all another model), for a file that another process
    writes, and as `load_journal` does.
    """

    def __init__(self, path: str | Path, settings: Settings) -> None:
        self.path, self.settings = Path(path), settings
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab+")
        except OSError as error:
            raise BadInput(f"the journal {path} cannot be written ({error.strerror}); name another file") from None
        try:
            self.contents = self._begin()
        except BaseException:
            self._file.close()
            raise

    def _begin(self) -> Contents:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"the journal {self.path} is being written by another process; wait for it, or name "
                           "another file") from None  # fmt: skip
        self._file.seek(0)
        raw = self._file.read()
        contents, sound = _read(self.path, raw)
        if contents is None and sound:
            raise BadInput(f"{self.path} is no journal of rollouts; name another file")
        if contents is None and raw and not raw.lstrip().startswith(b'{"journal"'):
            raise BadInput(f"{self.path} is no journal of rollouts; name another file, so that nothing is lost")
        if contents is not None and not contents.sampled and contents.settings != self.settings:
            contents, sound = None, 0  # nothing was drawn: a first try that failed, and loses nothing
        if sound < len(raw):
            self._file.truncate(sound)
        elif raw and not raw.endswith(b"\n"):
            self._file.write(b"\n")
        if contents is None:
            self._write([{"journal": FORMAT} | asdict(self.settings)])
            return Contents(self.settings)
        _same(contents.settings, self.settings, str(self.path))
        return contents

    def sampled(self, many: Iterable[Sampled]) -> None:
        """Write down what was sampled of some problems."""
        many = list(many)
        self._write(
            {"sampled": one.problem.id, "text": one.problem.text, "answer": one.problem.answer, "tries": one.tries,
             "right": one.successes, "tokens": one.tokens, "dropped": dict(one.dropped),
             "solutions": [{"k": int(solution.id.rpartition("/")[2]), "chunks": solution.chunks,
                            "right": solution.right} for solution in one.solutions]}
            for one in many
        )  # fmt: skip
        for one in many:
            self.contents.add_sampled(one)

    def drawn(self, many: Iterable[tuple[Node, Block]]) -> None:
        """Write down finished blocks, each the next one of its prefix."""
        many, rows = list(many), []
        for node, block in many:
            solution, prefix = self.contents.owners[node]
            blocks = self.contents.blocks.setdefault(node, [])
            rows.append({"solution": solution, "prefix": prefix, "block": len(blocks), "tries": block.tries,
                         "right": block.successes, "tokens": block.tokens})  # fmt: skip
            blocks.append(block)
        self._write(rows)

    def _write(self, rows: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        with named(self.path):
            self._file.write(text.encode("utf-8", "surrogatepass"))
            self._file.flush()

    def close(self) -> None:
        """Let other processes write."""
        with named(self.path):
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

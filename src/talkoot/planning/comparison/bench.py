"""Methods x domains x tasks: the comparison of the LLM+P paper, as cells that can be worked on one by one.

Each cell asks one method for a plan of one task and replays the plan on the task's true problem. The pseudo-method
`truth` gives the true problem to the planner instead: it tells what a plan costs at best. Source: the questions from
the paper (arXiv 2304.11477, table I); silent errors are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from talkoot.errors import BadInput, FaultyPddl
from talkoot.model import Model
from talkoot.planning.comparison.methods import Attempt, Limits, method_named
from talkoot.planning.comparison.taskfile import DomainTexts, read_tasks
from talkoot.planning.engines.interrupt import interruptible
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.packs.pack import Pack, list_packs, load_pack, pack_for
from talkoot.planning.pddl.agree import isomorphic
from talkoot.planning.pddl.domain import ActionSchema, Parameters
from talkoot.planning.pddl.printer import normalise
from talkoot.planning.pddl.reader import load_domain, load_problem
from talkoot.planning.plans.validate import Simulator
from talkoot.planning.rulebook import acquainted
from talkoot.problem import Plan, Problem
from talkoot.types import Json

TRUTH = "truth"
"""The pseudo-method that plans on the true problem."""


@dataclass(frozen=True)
class Task:
    """A task in words with its domain, and the true problem that its plans are judged by."""

    pack: Pack
    name: str
    text: str
    problem: Problem

    @property
    def domain(self) -> str:
        """The name of the domain."""
        return self.pack.name


@dataclass(frozen=True)
class Cell:
    """One method on one task with one model (a name for `open_model`)."""

    method: str
    task: Task
    model: str
    limits: Limits = field(default_factory=Limits)

    @property
    def key(self) -> tuple[str, str, str]:
        """Method, domain, task."""
        return self.method, self.task.domain, self.task.name


@dataclass(frozen=True)
class Scored:
    """What became of a cell, as a line of a run's `cells.jsonl`.

    `valid`: the plan, replayed on the true problem, reaches its goal, and `cost` is what it costs there; `fault` says
    where an invalid one breaks. `proven`: for `truth` only, no plan is cheaper. Times are seconds of wall time.
    """

    method: str
    domain: str
    task: str
    claimed: bool
    doubtful: bool
    valid: bool
    cost: float | None
    proven: bool
    fault: str
    reason: str
    calls: int
    tokens: int
    seconds: float
    unreadable: list[str]
    plan: list[str] | None
    texts: list[str]

    @property
    def silent(self) -> bool:
        """A plan is claimed without doubt and is wrong."""
        return self.claimed and not self.doubtful and not self.valid

    def to_json(self) -> dict[str, Json]:
        """As a JSON object with these same names."""
        return asdict(self)


SCORED_KEYS = frozenset(Scored.__dataclass_fields__)


def generated_tasks(domains: Sequence[str], tasks: int, size: int, seed: int = 0) -> list[Task]:
    """Tasks from the generators of packs (names or folders), `tasks` of each with the seeds from `seed` on.

    Raises BadInput for an unknown domain and one without a generator.
    """
    made: list[Task] = []
    for pack in map(load_pack, domains or list_packs()):
        for number in range(seed, seed + tasks):
            text, problem = pack.generate(size, number)
            made.append(Task(pack, f"size{size}-seed{number}", text, problem))
    return made


def recorded_tasks(path: Path, domains: Sequence[str] = (), tasks: int | None = None) -> list[Task]:
    """The tasks of a file, at most `tasks` of each domain, with the description and the example that the file gives.

    Raises BadInput for a domain that the file lacks, FaultyPddl for a faulty domain or true problem, and what
    `read_tasks` raises.
    """
    read = read_tasks(path, truth=True)
    for name in domains:
        if name not in read.domains:
            raise BadInput(f"{path} has no domain {name!r}; it has {', '.join(read.domains)}")
    packs = {name: _pack_of(read.domains[name], path) for name in domains or read.domains}
    made: list[Task] = []
    for task in read.tasks.values():
        count = sum(other.domain == task.domain for other in made)
        if task.domain in packs and (tasks is None or count < tasks):
            pack = packs[task.domain]
            try:
                domain, problem = normalise(pack.domain, load_problem(task.truth, pack.domain))
            except FaultyPddl as error:
                raise FaultyPddl(f"{path}, {task.domain}/{task.task}: {error}") from None
            made.append(Task(replace(pack, domain=domain), task.task, task.text, problem))
    return made


def _pack_of(texts: DomainTexts, path: Path) -> Pack:
    """The pack that fits a domain's signature, with the texts of the file; a bare one if none fits."""
    domain = load_domain(texts.domain_pddl, f"{path}, domain {texts.name}")
    known = pack_for(domain)
    bare = Pack(texts.name, path.parent, texts.name, domain, texts.domain_pddl)
    return replace(
        known or bare,
        name=texts.name,
        domain=domain,
        domain_text=texts.domain_pddl,
        description=texts.description,
        example_text=texts.example_text,
        example_problem=texts.example_problem,
        tell=_reworded(known.tell, known.domain.actions, domain.actions) if known else {},
        facts=_reworded(known.facts, known.domain.predicates, domain.predicates) if known else {},
    )


def _reworded(phrases: Mapping[str, str], own: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, str]:
    """Phrases with the parameters' names of one domain in place of those of another with the same signature."""
    reworded = {}
    for name, phrase in phrases.items():
        pairs = zip(_variables(own[name]), _variables(theirs[name]), strict=True)
        table = {f"{{{mine}}}": f"{{{other}}}" for mine, other in pairs}
        reworded[name] = re.sub(r"\{[^{}]+\}", lambda found, table=table: table.get(found[0], found[0]), phrase)  # type: ignore[misc]
    return reworded


def _variables(schema: ActionSchema | Parameters) -> list[str]:
    parameters = schema.parameters if isinstance(schema, ActionSchema) else schema
    return [variable[1:] for variable, _ in parameters]


def cells_of(methods: Iterable[str], tasks: Iterable[Task], model: str, limits: Limits) -> list[Cell]:
    """All cells, those of `truth` first. Raises BadInput for an unknown method."""
    names = [TRUTH, *dict.fromkeys(name for name in methods if name != TRUTH)]
    for name in names[1:]:
        method_named(name)
    listed = list(tasks)
    return [Cell(name, task, model, limits) for name in names for task in listed]


async def work(open_model: Callable[[str], Model], cell: Cell) -> Scored:
    """Do one cell. Raises what the model raises (ModelFailed, BudgetSpent); a bad reply is a result."""
    task = cell.task
    proven = False
    if cell.method == TRUTH:
        with interruptible():
            solution = solve(
                task.pack.domain, task.problem, time=cell.limits.time, improve=cell.limits.improve, prove=True
            )
        attempt = Attempt(solution.plan, task.problem, reason=solution.reason, seconds=solution.seconds)
        proven = solution.status == "optimal"
    else:
        model = acquainted(open_model(cell.model), task.pack)
        attempt = await method_named(cell.method)(model, task.pack, task.text, task.problem, cell.limits)
    valid, cost, fault = judge(task, attempt)
    return Scored(
        *cell.key,
        claimed=attempt.plan is not None,
        doubtful=attempt.doubtful,
        valid=valid,
        cost=cost,
        proven=proven,
        fault=fault,
        reason=attempt.reason,
        calls=attempt.calls,
        tokens=attempt.tokens,
        seconds=round(attempt.seconds, 3),
        unreadable=list(attempt.unreadable),
        plan=None if attempt.plan is None else [" ".join(step) for step in attempt.plan],
        texts=list(attempt.texts),
    )


def judge(task: Task, attempt: Attempt) -> tuple[bool, float | None, str]:
    """Whether the plan of an attempt is valid on the truth, what it costs there, and what is wrong with it.

    Objects to which the text gives no names may be called otherwise: then the problem that the plan was made for must
    equal the truth up to their names.
    """
    if attempt.plan is None:
        return False, None, ""
    verdict = Simulator(task.pack.domain, task.problem).check(attempt.plan)
    if not verdict.ok and attempt.problem is not None:
        renamed = rename(task, attempt.plan, attempt.problem)
        if renamed is not None:
            verdict = Simulator(task.pack.domain, task.problem).check(renamed)
    return verdict.ok, verdict.cost if verdict.ok else None, verdict.reason


def rename(task: Task, plan: Plan, written: Problem) -> Plan | None:
    """The plan in the names of the truth, if the written problem is the truth but for names that the text does not
    give; else None."""
    domain, text = task.pack.domain, task.text.lower()
    said = [name for name in task.problem.objects if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
    renaming = isomorphic(written, task.problem, domain, pinned=(*said, *domain.constants))
    if renaming is None:
        return None
    return tuple((step[0], *(renaming.get(name, name) for name in step[1:])) for step in plan)


def rows_of(cells: Sequence[Cell], known: Mapping[tuple[str, str, str], Scored]) -> list[dict[str, Json]]:
    """One row for each method and domain, and one for each method over all domains (domain "all").

    `success`: valid plans; `optimal`: valid ones that cost no more than the best that any method or the planner on the
    truth found, `proven` tasks whose best cost is proven; `silent`: wrong plans claimed without doubt; `doubted`:
    claimed with doubt, `doubted_right` right ones among them. `seconds` is the median, calls and tokens are means.
    """
    best: dict[tuple[str, str], float] = {}
    proven: set[tuple[str, str]] = set()
    for (_, domain, task), one in known.items():
        if one.cost is not None:
            best[domain, task] = min(one.cost, best.get((domain, task), one.cost))
        if one.proven:
            proven.add((domain, task))
    methods = dict.fromkeys(cell.method for cell in cells)
    domains = dict.fromkeys(cell.task.domain for cell in cells)
    rows = []
    for method in methods:
        mine = [cell for cell in cells if cell.method == method]
        parts = {name: [cell for cell in mine if cell.task.domain == name] for name in domains}
        for domain, part in [*parts.items(), *([("all", mine)] if len(domains) > 1 else [])]:
            done = [known[cell.key] for cell in part if cell.key in known]
            rows.append({"method": method, "domain": domain, **_row(done, len(part), best, proven)})
    return rows


def _row(
    done: list[Scored], total: int, best: Mapping[tuple[str, str], float], proven: set[tuple[str, str]]
) -> dict[str, Any]:
    def optimal(one: Scored) -> bool:
        return one.cost is not None and one.cost <= best[one.domain, one.task] + 1e-9

    n = len(done)
    return {
        "n": n,
        "missing": total - n,
        "success": sum(one.valid for one in done),
        "optimal": sum(map(optimal, done)),
        "proven": sum((one.domain, one.task) in proven for one in done),
        "claimed": sum(one.claimed for one in done),
        "silent": sum(one.silent for one in done),
        "doubted": sum(one.claimed and one.doubtful for one in done),
        "doubted_right": sum(one.valid and one.doubtful for one in done),
        "unreadable": sum(len(one.unreadable) for one in done),
        "seconds": median(one.seconds for one in done) if done else None,
        "calls": sum(one.calls for one in done) / n if n else None,
        "tokens": sum(one.tokens for one in done) / n if n else None,
    }

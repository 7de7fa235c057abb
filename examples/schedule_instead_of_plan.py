"""Another solver behind the same seam: chores in words, a schedule from SciPy's mixed-integer solver, told in words.

    python examples/schedule_instead_of_plan.py

`carry_out` joins four parts: write (words to a problem), solve, check (knowing nothing of the solver), tell. PDDL with
Fast Downward is one set of them; here is a whole other one, for who does which chore when. The writer reads sentences
of three fixed kinds and refuses any other; a language model could write the same `Chores` instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from talkoot.errors import Doubtful
from talkoot.planning.plans.tell import Telling, Told
from talkoot.planning.plans.validate import Verdict
from talkoot.planning.seam import Outcome, Written, carry_out
from talkoot.planning.solution import Solution
from talkoot.problem import Plan

TEXT = """
Chopping takes Ada 12 minutes and Ben 20 minutes.
Frying takes Ada 10 minutes and Ben 8 minutes.
Boiling takes Ada 15 minutes and Ben 15 minutes.
Laying takes Ada 6 minutes and Ben 5 minutes.
Tasting takes Ben 3 minutes.
Frying comes after chopping.
Tasting comes after frying and boiling.
Everything is to be done within 40 minutes.
"""


@dataclass
class Chores:
    """`takes` maps a chore to the minutes that each person needs for it; `after` lists pairs (later, earlier)."""

    takes: dict[str, dict[str, int]] = field(default_factory=dict)
    after: list[tuple[str, str]] = field(default_factory=list)
    within: int = 24 * 60

    def __str__(self) -> str:
        return f"takes {self.takes}\nafter {self.after}\nwithin {self.within}\n"


async def write(text: str) -> Written[Chores]:
    """Words to a problem. Raises Doubtful for a sentence of another kind, or a chore that nobody was said to do."""
    chores = Chores()
    for sentence in filter(None, (part.strip() for part in text.lower().replace("\n", " ").split("."))):
        if found := re.fullmatch(r"(\w+) takes (\w+ \d+ minutes(?: and \w+ \d+ minutes)*)", sentence):
            people = re.findall(r"(\w+) (\d+) minutes", found[2])
            chores.takes[found[1]] = {name: int(minutes) for name, minutes in people}
        elif found := re.fullmatch(r"(\w+) comes after (\w+(?: and \w+)*)", sentence):
            chores.after += [(found[1], earlier) for earlier in found[2].split(" and ")]
        elif found := re.fullmatch(r"everything is to be done within (\d+) minutes", sentence):
            chores.within = int(found[1])
        else:
            raise Doubtful(
                f"{sentence!r} is no sentence about chores; say who takes how long, or what comes after what"
            )
    unknown = {name for pair in chores.after for name in pair} - set(chores.takes)
    if unknown:
        raise Doubtful(f"nobody was said to do {', '.join(sorted(unknown))}; say how long it takes whom")
    return Written(chores, str(chores))


def solve(chores: Chores) -> Solution:
    """The shortest schedule, in whole minutes.

    Unknowns: who does what (0 or 1), when each chore starts, which of two comes first, the end. Of two chores of one
    person, one must end before the other starts; the rows that say so are switched off (by `big`) where the person does
    not do both, or the order is the other one.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    names = list(chores.takes)
    does = {(job, who): n for n, (job, who) in enumerate((job, who) for job in names for who in chores.takes[job])}
    start = {job: len(does) + n for n, job in enumerate(names)}
    pairs = list(combinations(names, 2))
    first = {pair: len(does) + len(names) + n for n, pair in enumerate(pairs)}
    end = len(does) + len(names) + len(pairs)
    big = sum(max(people.values()) for people in chores.takes.values()) + chores.within
    rows: list[dict[int, float]] = []
    low: list[float] = []
    high: list[float] = []

    def row(terms: dict[int, float], least: float, most: float = np.inf) -> None:
        rows.append(terms)
        low.append(least)
        high.append(most)

    def lasts(job: str, factor: float) -> dict[int, float]:
        return {does[job, who]: factor * minutes for who, minutes in chores.takes[job].items()}

    for job in names:
        row({does[job, who]: 1 for who in chores.takes[job]}, 1, 1)
        row({end: 1, start[job]: -1, **lasts(job, -1)}, 0)
    for later, earlier in chores.after:
        row({start[later]: 1, start[earlier]: -1, **lasts(earlier, -1)}, 0)
    for pair in pairs:
        for who in sorted(set(chores.takes[pair[0]]) & set(chores.takes[pair[1]])):
            for one, other, sign in ((*pair, -big), (*pair[::-1], big)):
                terms = {start[other]: 1.0, start[one]: -1.0, first[pair]: float(sign)}
                terms[does[one, who]] = -float(big + chores.takes[one][who])
                terms[does[other, who]] = -float(big)
                row(terms, -3 * big if sign < 0 else -2 * big)
    matrix = np.zeros((len(rows), end + 1))
    for number, terms in enumerate(rows):
        for column, factor in terms.items():
            matrix[number, column] = factor
    cost = np.zeros(end + 1)
    cost[end] = 1
    most = np.ones(end + 1)
    most[[*start.values(), end]] = chores.within
    found = milp(
        cost, constraints=LinearConstraint(matrix, low, high), integrality=np.ones(end + 1), bounds=Bounds(0, most)
    )
    if found.x is None:
        return Solution("unsolvable" if found.status == 2 else "gave up", engine="scipy", reason=found.message)
    steps = [(job, who, round(found.x[start[job]])) for (job, who), n in does.items() if found.x[n] > 0.5]
    plan = tuple(("start", job, who, str(minute)) for job, who, minute in sorted(steps, key=lambda step: step[2]))
    return Solution("optimal", plan, found.fun, found.mip_dual_bound, "scipy")


def check(chores: Chores, plan: Plan) -> Verdict:
    """Replay a schedule: everything done once, nobody in two places, the order kept, the end in time."""
    spans = {job: (int(at), int(at) + chores.takes[job][who], who) for _, job, who, at in plan}
    end = max((stop for _, stop, _ in spans.values()), default=0)
    if len(plan) != len(spans) or spans.keys() != chores.takes.keys():
        return Verdict(False, reason="not every chore is done exactly once", cost=end)
    for number, (_, job, who, _) in enumerate(plan, 1):
        begin, stop, _ = spans[job]
        for other, (since, until, person) in spans.items():
            if other != job and person == who and begin < until and since < stop:
                return Verdict(False, number, f"{who} does {job} and {other} at the same time", end)
            if (job, other) in chores.after and begin < until:
                return Verdict(False, number, f"{job} starts before {other} is done", end)
    return Verdict(end <= chores.within, None, "" if end <= chores.within else f"it takes {end} minutes", end)


async def tell(chores: Chores, plan: Plan) -> Telling:
    """The schedule in words, with what each chore waits for."""
    told = []
    for number, (_, job, who, at) in enumerate(plan, 1):
        waits = [earlier for later, earlier in chores.after if later == job]
        because = f"after {' and '.join(waits)}" if waits else ""
        words = f"minute {at}: {who.capitalize()} starts {job}, for {chores.takes[job][who]} minutes"
        told.append(Told(number, words, because))
    return Telling(tuple(told))


def main(text: str = TEXT) -> Outcome[Chores]:
    outcome = carry_out(text, write, solve, check, tell)
    print(outcome.words(), end="")
    if outcome.solution.cost is not None:
        print(f"done after {outcome.solution.cost:g} minutes; no schedule is shorter")
    return outcome


if __name__ == "__main__":
    main()

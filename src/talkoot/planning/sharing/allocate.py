"""Goals shared out among agents so that all work: who sees to what, each one's plan on its own slice, and the lanes.

A planner that minimises the sum of costs loads one agent with nearly everything, as nobody's time counts in it. So the
goals are given out first, to keep the largest share small; what a share costs is told by a relaxed plan, in which
nothing that was reached is ever lost (the additive heuristic's best supporters, each action counted once: Bonet and
Geffner 2001, Hoffmann and Nebel 2001). Then everybody plans alone, on the slice of the problem that its share needs;
the plans are put together, checked on the whole problem, and freed of needless order. Sharing and merging are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from talkoot.errors import GaveUp, Unsolvable
from talkoot.planning.engines.ground import relaxed
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.plans.order import Schedule, lanes
from talkoot.planning.plans.semantics import conjuncts
from talkoot.planning.plans.validate import Simulator, validate
from talkoot.planning.sharing.slice import restrict, slice_problem, solve_sliced
from talkoot.planning.solution import Solution
from talkoot.problem import Atom, Condition, Plan, Problem, literals

Solve = Callable[[Domain, Problem], Solution]
Goals = tuple[Condition, ...]
Literal = tuple[bool, Atom]

NEVER = float("inf")


@dataclass(frozen=True)
class Together:
    """A plan for several agents: who sees to which goals, the whole plan in one order, and what everybody does when.

    `left` are the goals that were planned for all agents together, as no single one can reach them.
    """

    shares: Mapping[str, Goals]
    left: Goals
    plan: Plan
    schedule: Schedule
    cost: float


class RelaxedCosts:
    """What goals cost one agent if nothing that it reached were ever lost again."""

    def __init__(self, domain: Domain, problem: Problem) -> None:
        simulator = Simulator(domain, problem)
        self.start = simulator.start
        self.prices: dict[Atom, float] = {}
        self.needs: dict[Atom, tuple[Literal, ...]] = {}
        self.supporter: dict[Literal, Atom] = {}
        self.costs: dict[Literal, float] = {}
        waiting: dict[Literal, list[Atom]] = defaultdict(list)
        makes: dict[Atom, list[Literal]] = {}
        for step in sorted(relaxed(domain, problem).actions):
            action = simulator.action(step)
            price = sum(simulator.value(price) or 0.0 for price in action.costs) if problem.metric else 1.0
            needs = {(True, atom) for atom in action.needs.true - self.start}
            needs |= {(False, atom) for atom in action.needs.false & self.start}
            self.prices[step], self.needs[step] = price, tuple(sorted(needs))
            adds = action.adds.union(*(change.adds for change in action.changes))
            deletes = action.deletes.union(*(change.deletes for change in action.changes))
            makes[step] = sorted([(True, atom) for atom in adds - self.start]
                                 + [(False, atom) for atom in deletes & self.start])  # fmt: skip
            for need in needs:
                waiting[need].append(step)
        self._spread(waiting, makes)

    def _spread(self, waiting: Mapping[Literal, list[Atom]], makes: Mapping[Atom, list[Literal]]) -> None:
        """The cheapest way to every literal, nearest first (Knuth 1977, Dijkstra's algorithm on hypergraphs)."""
        lacking = {step: len(needs) for step, needs in self.needs.items()}
        queue: list[tuple[float, Literal, Atom]] = []

        def fire(step: Atom) -> None:
            cost = self.prices[step] + sum(self.costs[need] for need in self.needs[step])
            for made in makes[step]:
                if made not in self.costs:
                    heappush(queue, (cost, made, step))

        for step, number in lacking.items():
            if not number:
                fire(step)
        while queue:
            cost, made, step = heappop(queue)
            if made in self.costs:
                continue
            self.costs[made], self.supporter[made] = cost, step
            for other in waiting.get(made, ()):
                lacking[other] -= 1
                if not lacking[other]:
                    fire(other)

    def of(self, goals: Sequence[Condition]) -> float:
        """The cost of a relaxed plan for all the goals; infinite if one is never reached, or no mere conjunction."""
        parts = [literals(goal) for goal in goals]
        if None in parts:
            return NEVER
        todo = [literal for part in parts for literal in part or ()]
        steps: set[Atom] = set()
        while todo:
            wanted, atom = todo.pop()
            if (atom in self.start) == wanted:
                continue
            step = self.supporter.get((wanted, atom))
            if step is None:
                return NEVER
            if step not in steps:
                steps.add(step)
                todo += self.needs[step]
        return sum(self.prices[step] for step in steps)


def alone(domain: Domain, problem: Problem, agent: str, agents: Sequence[str]) -> Problem:
    """The problem as if the agent were the only one: without the other agents and all facts about them."""
    others = set(agents) - {agent}
    return restrict(domain, problem, [name for name in problem.objects if name not in others])


def allocate(
    domain: Domain, problem: Problem, agents: Sequence[str], goals: Sequence[Condition] | None = None
) -> dict[str, Goals]:
    """Share the goals (by default the parts of the problem's goal) out so that the dearest share is as cheap as can be.

    Greedy, the dearest goal first, then moves and exchanges as long as they help; the same input always gives the same
    shares. Goals that no agent reaches alone, or that are alternatives or quantified, are in nobody's share.
    """
    goals = tuple(dict.fromkeys(goals if goals is not None else conjuncts(problem.goal)))
    prices: dict[str, RelaxedCosts] = {}
    for agent in agents:
        mine = alone(domain, replace(problem, goal=("and", *goals)), agent, agents)
        prices[agent] = RelaxedCosts(domain, slice_problem(domain, mine))

    def price(agent: str, share: Sequence[Condition]) -> float:
        # To be alone is no way to see that somebody else is not somewhere.
        others = set(agents) - {agent}
        named = {name for goal in share for _, atom in literals(goal) or () for name in atom[1:]}
        return NEVER if named & others else prices[agent].of(share)

    shares: dict[str, list[Condition]] = {agent: [] for agent in agents}

    def load(changed: Mapping[str, Sequence[Condition]]) -> tuple[float, float]:
        costs = [price(agent, changed.get(agent, shares[agent])) for agent in agents]
        return max(costs), sum(costs)

    cheapest = {goal: min(price(agent, [goal]) for agent in agents) for goal in goals}
    for goal in sorted(goals, key=lambda goal: (-cheapest[goal], goals.index(goal))):
        if cheapest[goal] < NEVER:
            best = min(agents, key=lambda agent: (load({agent: [*shares[agent], goal]}), agents.index(agent)))
            shares[best].append(goal)
    while (better := _exchange(agents, shares, load)) is not None:
        shares |= better
    return {agent: tuple(goal for goal in goals if goal in share) for agent, share in shares.items()}


def _exchange(
    agents: Sequence[str],
    shares: Mapping[str, list[Condition]],
    load: Callable[[Mapping[str, Sequence[Condition]]], tuple[float, float]],
) -> dict[str, list[Condition]] | None:
    """The best change in which one goal moves to another agent, perhaps for one in return; None if none helps."""
    now, best = load({}), None
    for giver in agents:
        for taker in agents:
            if giver == taker:
                continue
            for goal in shares[giver]:
                for back in [None, *shares[taker]]:
                    changed = {
                        giver: [one for one in shares[giver] if one != goal] + ([back] if back else []),
                        taker: [one for one in shares[taker] if one != back] + [goal],
                    }
                    after = load(changed)
                    if after < now:
                        now, best = after, changed
    return best


def plan_together(
    domain: Domain, problem: Problem, agents: Sequence[str], solve: Solve, *, slicing: bool = True
) -> Together:
    """Share out the goals, have everybody plan alone (at the same time: engines are processes), and merge.

    `agents` are objects of the problem; the agent of a step is the first of them among its arguments. Goals that nobody
    reaches alone are planned for all together, from where the others' plans end; or everything is, where that end is a
    dead one. Raises Unsolvable or GaveUp as the engine says if there is no plan for them.
    """
    goals = tuple(dict.fromkeys(conjuncts(problem.goal)))
    shares = allocate(domain, problem, agents, goals)

    def ask(one: Problem) -> Solution:
        return solve_sliced(domain, one, solve) if slicing else solve(domain, one)

    busy = [agent for agent in agents if shares[agent]]
    with ThreadPoolExecutor(max_workers=max(1, len(busy))) as pool:
        tasks = [alone(domain, replace(problem, goal=("and", *shares[agent])), agent, agents) for agent in busy]
        found = list(pool.map(ask, tasks))
    plan: list[Atom] = []
    reached: Goals = ()
    for agent, solution in zip(busy, found, strict=True):
        both = reached + shares[agent]
        more = _continued(domain, problem, plan, solution.plan or ())
        if more is None or not _reaches(domain, problem, [*plan, *more], both):
            # In the way of what others did: planned again from there, and what they reached is to stay.
            again = replace(_after(domain, problem, plan), goal=("and", *both))
            more = ask(alone(domain, again, agent, agents)).plan
        if more is not None and _reaches(domain, problem, [*plan, *more], both):
            plan += more
            reached = both
    left = tuple(goal for goal in goals if not _reaches(domain, problem, plan, [goal]))
    if left:
        last = ask(_after(domain, problem, plan))
        if last.plan is None and plan:
            plan, left = [], goals
            last = ask(problem)
        if last.plan is None:
            raise (Unsolvable if last.status == "unsolvable" else GaveUp)(
                last.reason or "no plan was found for the goals that need several agents"
            )
        plan += last.plan
    verdict = validate(domain, problem, plan)
    schedule = lanes(domain, problem, plan, lambda step: actor(step, agents))
    return Together(shares, left, tuple(plan), schedule, verdict.cost)


def actor(step: Atom, agents: Sequence[str]) -> str:
    """Who carries out a step: the first agent among its arguments; "" for what nobody does."""
    return next((name for name in step[1:] if name in agents), "")


def _after(domain: Domain, problem: Problem, plan: Sequence[Atom]) -> Problem:
    """The problem from the state in which a plan ends."""
    return replace(problem, init=tuple(sorted(Simulator(domain, problem).trace(plan)[-1])))


def _reaches(domain: Domain, problem: Problem, plan: Sequence[Atom], goals: Sequence[Condition]) -> bool:
    return validate(domain, replace(problem, goal=("and", *goals)), plan).ok


def _continued(domain: Domain, problem: Problem, plan: Sequence[Atom], more: Plan) -> Plan | None:
    """The steps that are still wanted after a plan made without them in mind, such as opening what is open by now left
    out; None if one cannot be carried out."""
    simulator = Simulator(domain, problem)
    state = set(simulator.trace(plan)[-1])
    kept: list[Atom] = []
    for step in more:
        action = simulator.action(step)
        adds, deletes = action.effects(state)
        if action.needs.met(state):
            kept.append(step)
            state -= deletes
            state |= adds
        elif not (adds <= state and state.isdisjoint(deletes)):
            return None
    return tuple(kept)

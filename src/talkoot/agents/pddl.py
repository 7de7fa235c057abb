"""Planning by a planner: what the agent believes is stated as a PDDL problem, solved, and told (LLM+P as an organ).

The world states the view (`Guide.statement`). The goals are shared out among all who work, in one plan with a lane for
each agent (`talkoot.planning.sharing.turns`); the agent takes the first step of its own lane. Every seat works this
out from what it sees, in the same way, so that two of them agree without talking. The plan is made anew whenever a
skill has ended: what was planned for later holds only until something happens. Sharing and timing are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from talkoot.agents.memory import Memory
from talkoot.agents.planner import SAFE, Plan, Rejected
from talkoot.agents.thinking import Seating
from talkoot.errors import GaveUp, TalkootError
from talkoot.planning.engines.cheapest import cheapest
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.domain import Domain
from talkoot.planning.sharing.slice import restrict, slice_problem
from talkoot.planning.sharing.turns import Board, in_turn
from talkoot.problem import Atom, Condition, Problem
from talkoot.problem import Plan as Steps
from talkoot.skills import blocked
from talkoot.types import Json, Observation, Seat, SkillCall
from talkoot.world import Guide, Statement

_MOST_KEPT = 20_000


@dataclass
class PddlPlanner:
    """A planner organ for every world that can state its beliefs as a planning problem. It asks no model.

    `engine` plans the parts that are too large for `most` states of our own search ("auto": Fast Downward where it is
    installed), each within `time` seconds. A mate that has stood still for `patience` steps is not counted on, unless
    nothing can be done without it. Where nothing can be done yet the agent waits up to `wait` steps.
    """

    engine: str = "auto"
    time: float = 10.0
    most: int = 5_000
    patience: int = 30
    wait: int = 3
    _seen: dict[Seat, tuple[int, str]] = field(default_factory=dict)
    _domains: dict[str, Domain] = field(default_factory=dict)
    _plans: dict[Any, Steps | None] = field(default_factory=dict)

    def reset(self) -> None:
        """A new episode begins; plans for problems that were met before are kept, as they hold for ever."""
        self._seen.clear()

    async def __call__(
        self,
        seating: Seating,
        observation: Observation,
        words: str,
        beliefs: list[str],
        memory: Memory | None,
        rejected: list[Rejected],
        *,
        draft: str = "",
    ) -> Plan:
        """State the scene, plan for all, and take the first own step that nobody turned down."""
        guide, seat = seating.guide, observation.seat
        if guide.statement is None:
            return Plan(SAFE, problem=f"the world {guide.world} cannot state its beliefs as a planning problem")
        statement = guide.statement(observation.view)
        idle = self._idle(observation, guide.mates)
        everybody = {actor: name for name, actor in statement.agents.items()}
        names = {actor: name for actor, name in everybody.items() if actor not in idle}
        turned_down = {one.skill for one in rejected}
        try:
            board = self._share_out(statement, names, seat, turned_down)
            if idle and _first_skill(statement, board, names[seat]) is None:
                # Whoever stands still may be waiting for us, as we would be for them.
                names = everybody
                board = self._share_out(statement, names, seat, turned_down)
        except TalkootError as error:
            return Plan(SAFE, problem=f"no plan: {error}")
        intentions = {
            mate: str(skill)
            for mate in guide.mates
            if mate in names and (skill := _first_skill(statement, board, names[mate])) is not None
        }
        skill = _first_skill(statement, board, names[seat])
        analysis = _told(statement, board, names, guide)
        if skill is None:
            why = "" if board.turns else "the planner finds no way to any goal"
            return Plan(self._waiting(turned_down), f"{analysis} There is nothing for me to do now.", intentions,
                        problem=why)  # fmt: skip
        known = guide.skill(skill.name)
        reason = f"there is no skill {skill.name}" if known is None else blocked(known, observation, skill.arguments,
                                                                                 advice=False)  # fmt: skip
        if reason is not None:
            return Plan(self._waiting(turned_down), f"{analysis} It is not time for {skill} yet: {reason}.", intentions)
        return Plan(skill, analysis, intentions)

    def _share_out(
        self, statement: Statement, names: Mapping[Seat, str], seat: Seat, turned_down: set[str]
    ) -> Board:  # fmt: skip
        """Plan for the named agents as if there were no others."""
        domain = self._domain(statement.domain)
        absent = set(statement.agents) - set(names.values())
        present = [name for name in statement.problem.objects if name not in absent]

        def refused(step: Atom) -> bool:
            return str(statement.skill(step)) in turned_down

        return in_turn(
            domain, restrict(domain, statement.problem, present), statement.threads,
            [names[actor] for actor in sorted(names)], lambda part: self._find(domain, part, statement.agents),
            refused={names[seat]: refused}, briefly=True,
        )  # fmt: skip

    def _waiting(self, turned_down: set[str]) -> SkillCall:
        waits = (SkillCall("wait", (str(n),)) for n in range(self.wait, 0, -1))
        return next((call for call in waits if str(call) not in turned_down), SAFE)

    def _idle(self, observation: Observation, mates: tuple[Seat, ...]) -> set[Seat]:
        """The mates that have not moved for long."""
        idle = set()
        for mate in mates:
            pose = str(observation.view.pose(mate))
            since, before = self._seen.get(mate, (observation.t, pose))
            self._seen[mate] = (since, before) if pose == before else (observation.t, pose)
            if observation.t - self._seen[mate][0] >= self.patience:
                idle.add(mate)
        return idle

    def _domain(self, text: str) -> Domain:
        from talkoot.planning.pddl.reader import load_domain

        if text not in self._domains:
            self._domains[text] = load_domain(text, "the world's domain")
        return self._domains[text]

    def _find(self, domain: Domain, problem: Problem, agents: Mapping[str, Seat]) -> Steps | None:
        """A plan for one goal: on its slice, else on the whole; the same problem is solved once."""
        part = slice_problem(domain, problem, narrow=True)
        for one in (part, problem) if part is not problem else (problem,):
            key = (domain.name, tuple(one.objects.items()), frozenset(one.init), one.goal,
                   frozenset(one.values.items()))  # fmt: skip
            if key not in self._plans:
                if len(self._plans) >= _MOST_KEPT:
                    self._plans.clear()
                self._plans[key] = self._solve(domain, one, agents)
            plan = self._plans[key]
            if plan is not None:
                return plan
        return None

    def _solve(self, domain: Domain, problem: Problem, agents: Mapping[str, Seat]) -> Steps | None:
        try:
            # What happens by itself keeps nobody busy: it takes time on the board, but costs no effort.
            return cheapest(domain, problem, self.most, free=lambda step: not any(name in agents for name in step))
        except GaveUp:
            return solve(domain, problem, time=self.time, engine=self.engine).plan

    def save(self) -> Json:
        """How long each mate has stood where it stands."""
        return [[mate, since, pose] for mate, (since, pose) in sorted(self._seen.items())]

    def load(self, state: Json) -> None:
        """Restore what `save` gave."""
        self._seen = {mate: (since, pose) for mate, since, pose in state}


def _first_skill(statement: Statement, board: Board, agent: str) -> SkillCall | None:
    return next((skill for slot in board.lane(agent) if (skill := statement.skill(slot.action)) is not None), None)


def _told(statement: Statement, board: Board, names: Mapping[Seat, str], guide: Guide) -> str:
    """Goals, who sees to them, and the own steps, in words."""
    sentences, seat = [], guide.seat
    for actor, name in sorted(names.items(), key=lambda item: item[0] != seat):
        goals = [_goal_words(statement, turn.goal, turn.end) for turn in board.turns if turn.agent == name]
        if goals:
            whose = "My part" if actor == seat else f"{guide.name(actor)} sees to"
            sentences.append(f"{whose}: {', then '.join(goals)}.")
    shared = [_goal_words(statement, turn.goal, turn.end) for turn in board.turns if not turn.agent]
    if shared:
        sentences.append(f"Together: {', then '.join(shared)}.")
    steps = [statement.words(slot.action) for slot in board.lane(names[seat])]
    if steps:
        sentences.append(f"Plan: {'; '.join(steps)}.")
    return " ".join(sentences)


def _goal_words(statement: Statement, goal: Condition, end: float) -> str:
    return f"{statement.words(goal)} (in {end:g} steps)"

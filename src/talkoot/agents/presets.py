"""Published systems as assemblies of organs. Swap one with `dataclasses.replace(proagent(model), plan=...)`."""

from __future__ import annotations

from typing import Literal

from talkoot.agents.belief import Belief
from talkoot.agents.central import CentralPlanner
from talkoot.agents.choosing import OptionPlanner, offered, primitives
from talkoot.agents.communication import Communication
from talkoot.agents.drafting import Draft
from talkoot.agents.executor import Executor, PrimitiveExecutor
from talkoot.agents.memory import Memory
from talkoot.agents.modular import ModularAgent
from talkoot.agents.pddl import PddlPlanner
from talkoot.agents.planner import Level, SkillPlanner
from talkoot.agents.react import ReActPlanner
from talkoot.agents.semantic import SemanticMemory
from talkoot.agents.step_judge import StepJudge
from talkoot.agents.verifier import Mode, Verifier
from talkoot.judge import Judge
from talkoot.model import Model
from talkoot.types import Seat, Style
from talkoot.world import Demonstration


def proagent(
    model: Model,
    *,
    level: Level = "intention",
    belief: Literal["replace", "annotate", "off"] = "replace",
    verify: Mode | Literal["off"] = "rounds",
    memory: int = 10,
    recent: int = 0,
    talk: bool = False,
    style: Style | None = None,
    replans: int = 3,
    demos: tuple[Demonstration, ...] | None = None,
    released: bool = False,
    judge: Judge | None = None,
) -> ModularAgent:
    """ProAgent (arXiv 2308.11339) for one seat, as the paper means it.

    `level` is the prompt level; `belief` the correction of intentions; `verify` the verificator's mode; `memory` the
    length of the trajectory (0: no memory); `recent` how many past dialogues are put into each prompt; `talk` adds a
    message channel (ours); `judge` reads the reasoning behind each plan (StepWiser; ours).

    `released=True` selects what the released code does where it differs: prompts without
    intentions (l2-ap), no belief, one explaining call, past dialogue only when a plan is made again (K = 1), replies
    read by substrings. The release's random walk while waiting and its coin toss when blocked are left out in both
    (they draw on an unseeded generator), as are its seat-specific prompts for Forced Coordination.
    """
    if released:
        return ModularAgent(
            plan=SkillPlanner(model, "analysis", demos, retries=0, reading="released"),
            perceive=style or Style(),
            memory=Memory(memory or 10, recent=1, deeds=0, recall="replans"),
            believe=None,
            verify=Verifier(model, "explain"),
            replans=replans,
        )
    return ModularAgent(
        plan=SkillPlanner(model, level, demos, talk=talk),
        perceive=style or Style(),
        memory=Memory(memory, recent) if memory else None,
        believe=None if belief == "off" else Belief(belief),
        communicate=Communication(model) if talk else None,
        verify=None if verify == "off" else Verifier(model, verify),
        replans=replans,
        judge=StepJudge(judge) if judge else None,
    )


def coela(
    model: Model,
    *,
    memory: bool | Literal["episodic"] = True,
    communicate: bool = True,
    execute: bool = True,
    chain_of_thought: bool = True,
    answer: Literal["one", "two"] = "one",
    belief: Literal["replace", "annotate", "off"] = "off",
    verify: Mode | Literal["off"] = "off",
    heed: bool = True,
    distances: bool = True,
    retries: int = 1,
    temperature: float = 0.0,
    style: Style | None = None,
    judge: Judge | None = None,
) -> ModularAgent:
    """CoELA (arXiv 2307.02485) for one seat: perception, memory, communication, planning and execution.

    `memory=False` leaves out memory: every decision is made on the view of the moment, and nothing is told of what was
    done and said before; with "episodic" that much is told, and only what was seen before is not known any more.
    `communicate=False` drafts no messages (it still hears them). `execute=False` leaves out execution: every step the
    model picks one primitive, without those in which the world finds the way. `answer="two"` asks for the choice in a
    second call, as the release does; `chain_of_thought=False` asks for it at once. `retries` is how often an unreadable
    reply is asked for again before a plan is drawn (the release: 0). The release samples with `temperature` 0.7; ours
    is 0, so that a run can be repeated. `belief` and `verify` fit ProAgent's organs in CoELA's body; CoELA's planner
    predicts no intentions, so that its beliefs tell what the mate was seen to do. Without execution nothing is
    verified: a primitive is no skill. `judge` reads the chain of thought behind each plan (StepWiser; ours).

    `heed` has the plan under way made anew when a message arrives (ours); without
    it, as in the release, a message waits until the plan has ended. `distances=False` leaves out how far away each plan
    is, which the release's prompts do not tell.

    Two guards are the reference's (1.2): a plan whose primitive was the same in the same place more than 20 times is
    dropped, and after more than 3 plans in one step that end at once the agent waits.
    """
    return ModularAgent(
        plan=OptionPlanner(
            model, chain_of_thought, answer, retries, temperature, talk=communicate,
            offer=offered if execute else primitives, notes=distances,
        ),
        execute=Executor(patience=20) if execute else PrimitiveExecutor(),
        perceive=style or Style(),
        memory=Memory() if memory else None,
        believe=None if belief == "off" else Belief(belief),
        verify=None if verify == "off" or not execute else Verifier(model, verify),
        semantic=SemanticMemory("episode" if memory is True else "plan"),
        draft=Draft(model, temperature) if communicate else None,
        renew=3,
        heed=heed,
        judge=StepJudge(judge) if judge else None,
    )  # fmt: skip


def react(model: Model, *, turns: int = 6, style: Style | None = None) -> ModularAgent:
    """ReAct (arXiv 2210.03629) on the same organs: thought, action, observation; no belief, no verificator."""
    return ModularAgent(
        plan=ReActPlanner(model, turns), perceive=style or Style(), memory=Memory(max(turns, 1)), believe=None
    )


def pddl(*, style: Style | None = None) -> ModularAgent:
    """A planner in place of a model: no call is made. Its belief organ keeps what it expects of its mate."""
    return ModularAgent(plan=PddlPlanner(), perceive=style or Style())


def central(model: Model, seats: tuple[Seat, ...], *, style: Style | None = None) -> dict[Seat, ModularAgent]:
    """One planner for all seats; each seat keeps its own memory, verificator (by rules) and controller."""
    plan = CentralPlanner(model)
    return {
        seat: ModularAgent(plan=plan, perceive=style or Style(), believe=None, verify=Verifier(model, "rules"))
        for seat in seats
    }

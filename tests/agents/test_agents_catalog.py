"""Teams by name: how they are split and read, and what is said about those that make no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agent_fakes import kitchen_world

from talkoot.agents.catalog import list_teams, make_agent, make_team, split_team, split_teams
from talkoot.agents.choosing import OptionPlanner, primitives
from talkoot.agents.communication import Communication
from talkoot.agents.drafting import Draft
from talkoot.agents.executor import PrimitiveExecutor
from talkoot.agents.modular import ModularAgent
from talkoot.agents.pddl import PddlPlanner
from talkoot.agents.planner import SkillPlanner
from talkoot.agents.policy import PolicyAgent
from talkoot.agents.react import ReActPlanner
from talkoot.agents.scripted import RandomAgent, RandomPlan, Recording, Stay
from talkoot.episode import EpisodeWriter, run_episode, run_sync
from talkoot.errors import BadInput
from talkoot.models import open_model
from talkoot.types import Style


def agent(text: str) -> Any:
    return make_agent(text, open_model)


@pytest.mark.parametrize(
    ("team", "parts"),
    [
        ("proagent+greedy", ["proagent", "greedy"]),
        ("proagent", ["proagent"]),
        ("", []),
        ("proagent:belief=off,verify=rules+policy/sp", ["proagent:belief=off,verify=rules", "policy/sp"]),
        ("proagent:model=rulebook:drop=0.2,seed=3+stay", ["proagent:model=rulebook:drop=0.2,seed=3", "stay"]),
        ("recorded/runs/a+b/episodes/x.jsonl+stay", ["recorded/runs/a+b/episodes/x.jsonl", "stay"]),
        ("recorded/a+staying.jsonl+random", ["recorded/a+staying.jsonl", "random"]),
        ("proagent:model=m@http://h:1/v1?a+b+react:turns=3", ["proagent:model=m@http://h:1/v1?a+b", "react:turns=3"]),
        ("stay+stay", ["stay", "stay"]),
        (
            "coela:model=rulebook:drop=0.2,talk=off+mhp:talk=on",
            ["coela:model=rulebook:drop=0.2,talk=off", "mhp:talk=on"],
        ),
        ("randomplan+random", ["randomplan", "random"]),
    ],
)
def test_splitting(team: str, parts: list[str]) -> None:
    assert split_team(team) == parts


def test_options_reach_their_organs() -> None:
    made = agent("proagent:level=analysis,belief=annotate,verify=explain,memory=4,recent=2,replans=1,"
                 "style=both,coordinates=on,talk=on,demos=off,model=rulebook:drop=0.2,seed=3")  # fmt: skip
    assert isinstance(made, ModularAgent)
    assert isinstance(made.plan, SkillPlanner)
    assert (made.plan.level, made.plan.demos, made.plan.model.name) == ("analysis", (), "rulebook:drop=0.2,seed=3")
    assert made.believe is not None
    assert made.verify is not None
    assert made.memory is not None
    assert (made.believe.correction, made.verify.mode, made.replans) == ("annotate", "explain", 1)
    assert (made.memory.capacity, made.memory.recent) == (4, 2)
    assert made.perceive == Style("both", True)
    assert made.communicate is not None


def test_organs_can_be_left_out() -> None:
    made = agent("proagent:belief=off,verify=off,memory=0")
    assert (made.believe, made.verify, made.memory, made.communicate) == (None, None, None, None)


def test_the_released_behaviour() -> None:
    made = agent("proagent:released=on,memory=0")
    assert made.plan.reading == "released"
    assert made.plan.level == "analysis"
    assert made.plan.retries == 0
    assert made.believe is None
    assert made.verify.mode == "explain"
    assert (made.memory.recent, made.memory.recall) == (1, "replans")


def test_the_other_kinds() -> None:
    assert isinstance(agent("react:turns=2").plan, ReActPlanner)
    assert agent("react:turns=2").plan.turns == 2
    assert isinstance(agent("random"), RandomAgent)
    assert isinstance(agent("stay"), Stay)
    assert isinstance(agent("randomplan"), RandomPlan)


def test_coela_and_its_modules() -> None:
    whole = agent("coela")
    assert isinstance(whole.plan, OptionPlanner)
    assert (whole.plan.answer, whole.plan.chain_of_thought, whole.plan.retries, whole.plan.talk) == (
        "one",
        True,
        1,
        True,
    )
    assert (whole.semantic.span, whole.renew, whole.execute.patience) == ("episode", 3, 20)
    assert isinstance(whole.draft, Draft)
    assert (whole.believe, whole.verify, whole.communicate) == (None, None, None)
    less = agent("coela:memory=off,talk=off,execute=off,answer=two,cot=off,retries=0,style=grid")
    assert (less.semantic.span, less.memory, less.draft, less.plan.talk) == ("plan", None, None, False)
    assert (less.plan.answer, less.plan.chain_of_thought, less.plan.retries) == ("two", False, 0)
    assert less.plan.offer is primitives
    assert isinstance(less.execute, PrimitiveExecutor)
    assert less.perceive == Style("grid")
    episodic = agent("coela:memory=episodic")
    assert episodic.semantic.span == "plan"
    assert episodic.memory is not None
    mixed = agent("coela:belief=annotate,verify=rules,model=rulebook:drop=0.2,seed=3")
    assert (mixed.believe.correction, mixed.verify.mode, mixed.plan.model.name) == (
        "annotate", "rules", "rulebook:drop=0.2,seed=3",
    )  # fmt: skip


def test_coela_with_a_planner_tells_its_plans_only_when_asked_to() -> None:
    made, telling = agent("coela:plan=pddl"), agent("coela:plan=pddl,talk=on")
    assert isinstance(made.plan, PddlPlanner)
    assert (made.draft, made.communicate, telling.draft) == (None, None, None)
    assert isinstance(telling.communicate, Communication)


@pytest.mark.data
def test_policies(data: Path) -> None:
    assert isinstance(agent("policy/sp"), PolicyAgent)
    assert agent("policy/sp:argmax=on")._argmax is True


def test_recordings(tmp_path: Path) -> None:
    path = tmp_path / "a+b.jsonl"
    world = kitchen_world(horizon=3)
    with path.open("w") as file:
        run_sync(run_episode(world, make_team("random+stay", world.seats, open_model), record=EpisodeWriter(file)))
    team = make_team(f"recorded/{path}:seat=1+recorded/{path}", (0, 1), open_model)
    assert [isinstance(member, Recording) for member in team.values()] == [True, True]
    with pytest.raises(BadInput, match="seat=one is not a number"):
        agent(f"recorded/{path}:seat=one")


def test_central_is_a_team_by_itself() -> None:
    team: Any = make_team("central:model=rulebook:drop=0.1", (0, 1), open_model)
    assert team[0].plan is team[1].plan
    with pytest.raises(BadInput, match="make it the whole team"):
        make_team("central+greedy", (0, 1), open_model)


def test_a_planner_in_place_of_a_model() -> None:
    assert isinstance(agent("pddl").plan, PddlPlanner)
    made = agent("proagent:plan=pddl,verify=rules")
    assert isinstance(made.plan, PddlPlanner)
    assert made.verify is not None
    assert made.verify.mode == "rules"
    with pytest.raises(BadInput, match="released=on settles plan"):
        agent("proagent:released=on,plan=pddl")


def test_a_team_of_one() -> None:
    assert list(make_team("proagent", (1,), open_model)) == [1]


@pytest.mark.parametrize(
    ("team", "message"),
    [
        ("", "the team is empty; name an agent for each seat"),
        ("+", "unknown agent ''"),
        ("proagent", "has 1 member for 2 seats; join agents with +"),
        ("stay+stay+stay", "has 3 members for 2 seats"),
        ("alphazero+greedy", "unknown agent 'alphazero'; known are proagent, coela, mhp, react"),
        ("coela:memory=4+stay", "coela:memory=4 does not exist; choose one of on, episodic, off"),
        ("coela:memory=off,level=plan+stay", "coela has no option 'level'; known are model, memory, talk, execute"),
        (
            "coela:execute=off,verify=rules+stay",
            "execute=off lets the model pick primitives, which leaves nothing for verify",
        ),
        ("coela:retries=few+stay", "coela:retries=few is not a number"),
        ("mhp:simulations=0+stay", "mhp:simulations=0 searches nothing; give at least 1"),
        ("mhp:partner=oracle+stay", "mhp:partner=oracle does not exist; choose one of none, seen, told"),
        ("greedy+alphazero", "unknown agent 'alphazero'"),
        ("proagent+", "unknown agent ''"),
        ("policy+stay", "unknown agent 'policy'; .*policy/FILE"),
        ("policy/+stay", "unknown agent 'policy/'"),
        ("recorded+stay", "unknown agent 'recorded'"),
        ("stay/x+stay", "unknown agent 'stay/x'"),
        ("proagent/x+stay", "unknown agent 'proagent/x'"),
        ("proagent:belief=maybe+stay", "proagent:belief=maybe does not exist; choose one of replace, annotate, off"),
        ("proagent:colour=red+stay", "proagent has no option 'colour'; known are model, level"),
        ("proagent:belief=off,colour=red+stay", "proagent has no option 'colour'"),
        ("proagent:memory=4,colour+stay", "proagent has no option 'colour'"),
        ("proagent:belief+stay", "proagent has no option 'belief'; known are .* written key=value"),
        ("proagent:memory=many+stay", "proagent:memory=many is not a number; write a whole one"),
        ("proagent:memory=-1+stay", "memory=-1 is not a number"),
        ("proagent:memory=³+stay", "memory=³ is not a number"),
        ("proagent:memory=" + "9" * 5000 + "+stay", "is not a number"),
        ("proagent:model=gpt+stay", "unknown model 'gpt'"),
        ("proagent:model=rulebook:drop=2+stay", "rulebook: drop=2.0 is not a share"),
        ("proagent:model=rulebook:speed=2+stay", "rulebook takes the options drop and seed"),
        ("stay:fast=on+stay", "stay has no option 'fast'; known are none"),
        ("react:belief=off+stay", "react has no option 'belief'"),
        ("proagent:released=on,belief=replace,talk=on+stay", "released=on settles belief, talk"),
        ("proagent:demos=/no/such/run+stay", "/no/such/run holds no episodes; name a run folder"),
        ("recorded//no/such/file+stay", "there is no episode file /no/such/file"),
    ],
)
def test_what_makes_no_sense_says_so_with_a_remedy(team: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make_team(team, (0, 1), open_model)


def test_every_kind_is_described() -> None:
    kinds = dict(list_teams())
    assert set(kinds) >= {
        "proagent",
        "coela",
        "mhp",
        "randomplan",
        "human",
        "react",
        "central",
        "random",
        "stay",
        "greedy",
        "policy/FILE",
        "recorded/FILE",
    }
    assert all(kinds.values())


@pytest.mark.parametrize(
    ("typed", "teams"),
    [
        ("coela+coela,mhp+mhp, mhp", ["coela+coela", "mhp+mhp", "mhp"]),
        ("proagent:belief=off,memory=0+stay,central", ["proagent:belief=off,memory=0+stay", "central"]),
        ("proagent:model=rulebook:drop=0.2,seed=3+greedy", ["proagent:model=rulebook:drop=0.2,seed=3+greedy"]),
        ("recorded/a,b.jsonl+stay,random", ["recorded/a,b.jsonl+stay", "random"]),
        ("stay", ["stay"]),
        ("nobody,stay", ["nobody", "stay"]),
        ("", []),
    ],
)
def test_teams_can_be_joined_with_commas(typed: str, teams: list[str]) -> None:
    assert split_teams(typed) == teams

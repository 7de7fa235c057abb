"""MHP in a seat: whole episodes, the keep rule, the partner's sub-goal, messages, records, saving and loading."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mhp_games import Game, game

from household_homes import (
    APPLE,
    APPLE_IN_FRIDGE,
    CABINET,
    COFFEETABLE,
    CUPCAKE,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    four_rooms_task,
    two_rooms_task,
)  # fmt: skip
from talkoot.agents.check import check_agent
from talkoot.agents.scripted import Stay
from talkoot.errors import BadInput
from talkoot.events import Acted, Believed, Finished, Planned, silent
from talkoot.types import Action, Message, Observation, Seat, SkillCall
from talkoot.world import Guide
from talkoot.worlds.household.mhp.agent import MHP, oracle_pair
from talkoot.worlds.household.mhp.inventory import inventory_of
from talkoot.worlds.household.mhp.messages import Report, read, say
from talkoot.worlds.household.mhp.settings import Settings
from talkoot.worlds.household.mhp.speed import decisions
from talkoot.worlds.household.mhp.subgoals import SubGoal
from talkoot.worlds.household.task import Goal, Start, Task
from talkoot.worlds.household.world import HouseholdWorld

TALKING = Settings(partner="told", talk="messages")


FOUR_ROOMS = four_rooms_task()


TASKS: dict[str, Callable[[], Task]] = {
    "on": two_rooms_task,
    "inside": lambda: four_rooms_task(Goal("inside", "cutleryfork", 102, 2)),
    "both": lambda: four_rooms_task(Goal("inside", "apple", 101, 2), Goal("on", "plate", 100, 2)),
}


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("seats", [(0,), (1,), (0, 1)])
def test_it_reaches_every_goal_and_no_step_is_in_vain(name: str, seats: tuple[Seat, ...]) -> None:
    for seed in range(3):
        played = game(TASKS[name](), seats=seats, seed=seed)
        assert played.play() < 250
        assert played.world.success
        if len(seats) == 1:
            assert not any(played.failed)


OPTIONS = [
    Settings(partner="seen"), Settings(partner="told", talk="plans"), TALKING, Settings(furniture="known"),
    Settings(satisfied="seen"), Settings(costs="rollout", rollouts="leaf"),
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_option_reaches_every_goal(options: Settings) -> None:
    for seed in range(2):
        played = game(FOUR_ROOMS, seats=(0, 1), options=options, seed=seed)
        assert played.play() < 150


def test_two_need_fewer_steps_than_one() -> None:
    alone = sum(game(FOUR_ROOMS, seed=seed).play() for seed in range(6))
    together = sum(game(FOUR_ROOMS, seats=(0, 1), seed=seed).play() for seed in range(6))
    assert together < 0.9 * alone


def test_walks_go_to_the_room_first_and_on_until_their_end() -> None:
    played = game(two_rooms_task(Goal("on", "plate", TABLE, 1)), options=Settings(furniture="known"), seed=2)
    for _ in range(4):
        played.step()
    assert {actions[0] for actions in played.actions} == {Action("walktowards", (str(LIVINGROOM),))}
    while played.world.state.room[0] == KITCHEN:
        played.step()
    played.step()
    assert played.actions[-1][0] == Action("walktowards", (str(PLATE),))


def test_it_needs_an_inventory() -> None:
    world = HouseholdWorld([two_rooms_task()])
    with pytest.raises(BadInput, match="mhp plays the household only"):
        MHP().reset(0, replace(world.guide(0), inventory=None), silent)


# --- the keep rule


def test_a_sub_goal_is_kept_while_it_is_worth_doing() -> None:
    played = game(FOUR_ROOMS)
    played.play()
    plans = played.of(Planned)
    for event in played.of(Acted):
        current = [plan for plan in plans if plan.t <= event.t][-1]
        assert event.skill == current.skill
    ends = played.of(Finished)
    assert [end.skill for end in ends] == [plan.skill for plan in plans[: len(ends)]]
    assert all(end.done or "something else" in end.reason for end in ends)
    assert any(end.done for end in ends)


def test_what_is_seen_on_the_way_takes_over() -> None:
    dropped = 0
    for seed in range(12):
        played = game(FOUR_ROOMS, seed=seed)
        played.play()
        for end in played.of(Finished):
            if not end.done:
                dropped += 1
                (plan,) = [plan for plan in played.of(Planned) if plan.t == end.t]
                thing = int(re.findall(r"_(\d+)", plan.skill)[0])
                assert thing != int(re.findall(r"_(\d+)", end.skill)[0])
    assert dropped


def test_what_is_held_is_brought_even_if_nobody_needs_it_any_more() -> None:
    task = two_rooms_task(Goal("on", "apple", COFFEETABLE, 1), Goal("on", "cupcake", COFFEETABLE, 1),
                          bob=Start(KITCHEN, (1.0, 3.5)))  # fmt: skip
    played = game(task, seats=(0, 1))
    while played.world.state.hands[0] != [APPLE]:
        played.step(_1=Action("wait"))
    fridge, table = str(FRIDGE), str(COFFEETABLE)
    bob = [("walktowards", fridge)] * 9 + [("open", fridge), ("grab", str(APPLE_IN_FRIDGE))]
    bob += [("walktowards", str(LIVINGROOM))] * 8 + [("walktowards", table)] * 5
    for name, *arguments in [*bob, ("putback", str(APPLE_IN_FRIDGE), table)]:
        played.step(_0=Action("wait"), _1=Action(name, tuple(arguments)))
    assert [*played.world.state.on].count(APPLE_IN_FRIDGE) == 1
    while APPLE in played.world.state.hands[0]:
        played.step(_1=Action("wait"))
    assert played.world.state.on[APPLE] == COFFEETABLE, "a surplus apple"
    played.play()
    assert played.world.success


# --- the partner


def test_nothing_is_known_of_the_partner_by_default() -> None:
    played = game(FOUR_ROOMS, seats=(0, 1))
    played.play()
    assert not played.of(Believed, 0) + played.of(Believed, 1)


def test_what_the_partner_is_seen_to_hold_counts_as_its_sub_goal() -> None:
    task = two_rooms_task(Goal("on", "cupcake", COFFEETABLE, 1), Goal("on", "apple", COFFEETABLE, 1),
                          bob=Start(KITCHEN, (2.5, 1.0)))  # fmt: skip
    world = HouseholdWorld([task])
    played = Game(world, {0: MHP(Settings(partner="seen")), 1: Stay()})
    played.step(_1=Action("grab", (str(APPLE),)))
    while not played.world.state.hands[1]:
        played.step(_1=Action("walktowards", (str(APPLE),)) if len(played.actions) % 2 else Action("grab", ("50",)))
    played.step()
    (belief,) = played.of(Believed)
    assert belief.intention == f"put(apple_{APPLE}, coffeetable_{COFFEETABLE})"  # type: ignore[attr-defined]
    played.step()
    assert "cupcake" in played.of(Acted)[-1].skill  # type: ignore[attr-defined]


def test_the_second_of_an_oracle_pair_knows_what_the_first_pursues() -> None:
    played = Game(HouseholdWorld([FOUR_ROOMS]), dict(oracle_pair()))
    played.play()
    assert played.world.success
    assert not played.of(Believed, 0)
    pursued = {event.skill for event in played.of(Planned, 0)}  # type: ignore[attr-defined]
    for event in played.of(Believed, 1):
        assert event.intention in pursued  # type: ignore[attr-defined]
        before = [plan for plan in played.of(Acted, 0) if plan.t == event.t - 1]  # type: ignore[attr-defined]
        assert [plan.skill for plan in before] == [event.intention]  # type: ignore[attr-defined]


def told(played: Game, seat: Seat, text: str, sender: Seat, t: int = 0) -> None:
    """Put a message into the next observation of a seat."""
    seen = played.seen[seat]
    message = Message(sender, text, t)
    played.seen = {**played.seen, seat: Observation(seen.seat, seen.t, seen.view, (message,))}


def test_an_announced_sub_goal_is_left_to_the_partner() -> None:
    goals = Goal("on", "apple", COFFEETABLE, 1), Goal("on", "cupcake", COFFEETABLE, 1)
    for seed in range(8):
        played = game(two_rooms_task(*goals), seats=(0, 1), options=Settings(partner="told"), seed=seed)
        told(played, 1, f"I want to put <cupcake> ({CUPCAKE}) on <coffeetable> ({COFFEETABLE}); I know where it is.", 0)
        played.step()
        plan = played.of(Planned, 1)[0]
        assert "apple" in plan.skill  # type: ignore[attr-defined]
        assert "cupcake" in plan.intention  # type: ignore[attr-defined]
        assert "cupcake" in played.of(Believed, 1)[0].intention  # type: ignore[attr-defined]


def test_any_other_text_is_ignored() -> None:
    for text in ("Hello!", "I will put <cupcake> (52) on <coffeetable> (33).", "put_52_33", "", "I found " * 60):
        first, second = (game(two_rooms_task(), seats=(0, 1), options=TALKING) for _ in range(2))
        told(second, 1, text, 0)
        first.step()
        second.step()
        assert first.team[1].save() == second.team[1].save()


def test_its_own_words_are_no_news() -> None:
    first, second = (game(two_rooms_task(), seats=(0, 1), options=TALKING) for _ in range(2))
    told(second, 0, f"I want to put <cupcake> ({CUPCAKE}) on <coffeetable> ({COFFEETABLE}); I know where it is.", 0)
    first.step()
    second.step()
    assert first.team[0].save() == second.team[0].save()


# --- messages


def label(number: int) -> str:
    task = two_rooms_task()
    return task.apartment.nodes[number].label


@given(
    st.sampled_from([None, APPLE, CUPCAKE]),
    st.booleans(),
    st.sampled_from([None, APPLE_IN_FRIDGE, CUPCAKE]),
    st.dictionaries(
        st.sampled_from([FRIDGE, CABINET]), st.lists(st.sampled_from([APPLE, CUPCAKE]), unique=True, max_size=2)
    ),
    st.lists(st.sampled_from([APPLE, APPLE_IN_FRIDGE]), unique=True, min_size=1),
)
def test_what_is_said_is_understood(
    plan: int | None, found: bool, put: int | None, shelves: dict[int, list[int]], lying: list[int]
) -> None:
    inventory = inventory_of(two_rooms_task())

    def goal(thing: int | None) -> SubGoal | None:
        named = (one for one in inventory.goals if thing and one.name == inventory.things[thing])
        return SubGoal(thing, next(named)) if thing else None

    full = [(place, tuple(things)) for place, things in shelves.items() if things] + [(LIVINGROOM, tuple(lying))]
    empty = [(place, ()) for place, things in shelves.items() if not things]
    report = Report(goal(plan), found and plan is not None, goal(put), (*full, *empty))
    text = say(report, label, {FRIDGE: KITCHEN, CABINET: KITCHEN}, 500)
    assert read(text, inventory) == report
    short = say(report, label, {FRIDGE: KITCHEN, CABINET: KITCHEN}, 100)
    assert len(short) <= 100
    assert text.startswith(short)


def test_ids_that_do_not_exist_are_passed_over() -> None:
    inventory = inventory_of(two_rooms_task())
    text = ("I want to put <apple> (999) on <coffeetable> (33); I know where it is. I have put <apple> (50) on "
            "<table> (7). In <fridge> (31) of the <kitchen> (11) I found <pear> (4), <apple> (50). In <box> (8) I "
            "found <apple> (51).")  # fmt: skip
    assert read(text, inventory) == Report(None, True, None, ((FRIDGE, (APPLE,)),))


def test_a_message_takes_a_step_where_talk_is_costly_and_rides_along_where_it_is_free() -> None:
    for talk, name in (("costly", "send_message"), ("free", "walktowards")):
        world = HouseholdWorld([FOUR_ROOMS], talk=talk)  # type: ignore[arg-type]
        played = Game(world, {seat: MHP(Settings(talk="plans")) for seat in (0, 1)})
        played.step()
        action = played.actions[0][0]
        assert action.name == name
        assert re.fullmatch(r"I want to put <\w+> \(\d+\) on <kitchentable> \(100\); I have yet to come across it\.",
                            action.say)  # fmt: skip
        assert played.of(Acted)[0].say == action.say  # type: ignore[attr-defined]
    silent_world = Game(HouseholdWorld([FOUR_ROOMS], talk="off"), {seat: MHP(TALKING) for seat in (0, 1)})
    silent_world.play()
    assert not any(action.say for actions in silent_world.actions for action in actions.values())


def test_it_tells_what_it_has_put_and_what_it_has_found() -> None:
    sentences: set[str] = set()
    for seed in range(8):
        played = game(FOUR_ROOMS, seats=(0, 1), options=TALKING, seed=seed)
        played.play()
        for actions in played.actions:
            for action in actions.values():
                sentences |= set(re.findall(r"I want to put|I have put|In <|I checked", action.say))
                if "In <" in action.say or "I checked" in action.say:
                    things = len(re.findall(r"\(\d+\)", action.say))
                    assert things >= 2, "it was worth 5: a place and a thing at least"
    assert sentences == {"I want to put", "I have put", "In <", "I checked"}


def test_what_was_found_is_believed_and_not_said_again() -> None:
    played = game(FOUR_ROOMS, seats=(0, 1), options=TALKING)
    told(played, 1, "In <fridge> (101) of the <kitchen> (11) I found <apple> (120), <cupcake> (121). I have put "
                    "<apple> (312) on <kitchentable> (100). I checked <kitchencabinet> (111): empty.", 0)  # fmt: skip
    played.step()
    bob = played.team[1]
    assert isinstance(bob, MHP)
    assert bob.belief.certain().items() >= {120: 101, 121: 101}.items()
    assert {101, 111} <= bob.belief.looked_into()
    assert bob.belief.on[312] == 100
    while not played.world.done:
        played.step()
        assert "(120)" not in re.sub(r"I (want to|have) put [^.;]*[.;]", "", played.actions[-1][1].say)


def test_two_that_announce_the_same_do_not_give_way_for_ever() -> None:
    for seed in range(6):
        played = game(two_rooms_task(Goal("on", "cupcake", COFFEETABLE, 1)), seats=(0, 1), options=TALKING, seed=seed)
        assert played.play() < 60
        assert sum(bool(action.say) for actions in played.actions for action in actions.values()) < 12


# --- the contract


@pytest.mark.parametrize("options", [None, TALKING, Settings(partner="seen", satisfied="seen")], ids=str)
def test_the_contract_of_an_agent(options: Settings | None) -> None:
    class Told(HouseholdWorld):
        """A household whose guide has the inventory."""

        def guide(self, seat: Seat) -> Guide:
            return replace(super().guide(seat), inventory=inventory_of(self.task))

    check_agent(lambda: MHP(options), Told([FOUR_ROOMS]), steps=40)


def test_it_goes_on_exactly_from_what_was_saved() -> None:
    for options in (None, TALKING, Settings(partner="seen")):
        played = game(FOUR_ROOMS, seats=(0, 1), options=options, seed=4)
        while not played.world.done:
            minds = {seat: json.loads(json.dumps(agent.save())) for seat, agent in played.team.items()}
            world = json.loads(json.dumps(played.world.save()))
            again = game(FOUR_ROOMS, seats=(0, 1), options=options, seed=7)
            again.seen = again.world.load(world)
            for seat, agent in again.team.items():
                agent.load(minds[seat])
                assert agent.save() == played.team[seat].save()
            played.step()
            again.step()
            assert again.actions[-1] == played.actions[-1]


def test_the_seed_decides_and_nothing_else() -> None:
    plays = {seed: [game(FOUR_ROOMS, seed=seed) for _ in range(2)] for seed in range(4)}
    for first, second in plays.values():
        first.play()
        second.play()
        assert first.actions == second.actions
        assert first.events == second.events
    assert len({len(first.actions) for first, _ in plays.values()}) > 1


def test_plans_are_told_as_calls_with_the_visits() -> None:
    played = game(FOUR_ROOMS)
    played.step()
    (plan,) = played.of(Planned)
    assert SkillCall.parse(plan.skill).name == "put"  # type: ignore[attr-defined]
    assert re.match(r"visits of put\(\w+, kitchentable_100\): \d+", plan.analysis)  # type: ignore[attr-defined]
    assert "Best order: put(" in plan.analysis  # type: ignore[attr-defined]


def test_decisions_are_timed() -> None:
    taken = decisions([two_rooms_task()], Settings(simulations=10))
    assert len(taken) >= 3
    assert all(0 < one < 10_000 for one in taken)


def test_what_lies_at_the_other_end_of_a_long_table_is_walked_to() -> None:
    goals = Goal("on", "apple", COFFEETABLE, 1), Goal("on", "cupcake", TABLE, 1)
    task = two_rooms_task(*goals, alice=Start(KITCHEN, (0.6, 1.6)))
    nodes = dict(task.apartment.nodes)
    nodes[TABLE] = replace(nodes[TABLE], size=(3.0, 0.8, 1.0))
    nodes[APPLE] = nodes[APPLE].moved((3.9, 0.86, 2.9))
    long = replace(task, apartment=replace(task.apartment, nodes=nodes))
    played = game(long)
    view = played.seen[0].view
    assert view.reaches(TABLE)
    assert not view.reaches(APPLE)
    played.play()
    assert played.world.success
    assert not any(played.failed)

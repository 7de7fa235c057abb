"""Execution: counts of steps, being stuck, what changed, and the next primitive."""

from __future__ import annotations

from agent_fakes import Table

from talkoot.agents.executor import Executor
from talkoot.skills import Done, Failed
from talkoot.types import Action, SkillCall
from talkoot.worlds.overcooked.kitchen import DISH, ONION


def test_the_controller_gives_primitives_until_the_hand_shows_success() -> None:
    table, executor = Table(), Executor()
    move = executor.next(table.seating, table.seen, SkillCall("pickup_onion"))
    assert isinstance(move, Action)
    assert move.name in table.guide.primitives
    assert executor.next(table.seating, table.holding(ONION), SkillCall("pickup_onion")) == Done()
    assert isinstance(executor.next(table.seating, table.holding(DISH), SkillCall("pickup_onion")), Failed)
    assert executor.next(table.seating, table.seen, SkillCall("fly")) == Failed("there is no skill fly")


def test_being_stuck_is_read_off_the_pose() -> None:
    table, executor = Table(), Executor()
    executor.notice(table.seen, None)
    for expected in (1, 2, 3):
        executor.did(Action("north"))
        executor.notice(table.seen, table.seen.view)
        assert executor.stuck == expected
    executor.did(Action("interact"))
    executor.notice(table.seen, table.seen.view)
    assert executor.stuck == 0  # using something turns nobody
    executor.did(Action("north"))
    executor.notice(table.seen, table.seen.view)
    executor.begin()
    assert (executor.stuck, executor.begun) == (0, 0)


def test_changes_are_noticed_until_a_new_skill_begins() -> None:
    table, executor = Table(), Executor()
    executor.notice(table.seen, None)
    assert not executor.changed
    executor.notice(table.holding(0, ONION), table.seen.view)
    assert executor.changed
    executor.notice(table.holding(0, ONION), table.holding(0, ONION).view)
    assert executor.changed
    executor.begin()
    assert not executor.changed


def test_waiting_ends_early_when_something_changes() -> None:
    table, executor = Table(), Executor()
    call = SkillCall("wait", ("5",))
    executor.begin()
    assert isinstance(executor.next(table.seating, table.seen, call), Action)
    executor.did(Action("stay"))
    assert isinstance(executor.next(table.seating, table.seen, call), Action)
    executor.notice(table.holding(0, ONION), table.seen.view)
    assert executor.next(table.seating, table.holding(0, ONION), call) == Done()


def test_save_and_load() -> None:
    table, executor = Table(), Executor()
    executor.notice(table.seen, None)
    executor.did(Action("north"))
    executor.notice(table.holding(0, ONION), table.seen.view)
    again = Executor()
    again.load(executor.save(), table.seen.view.pose(0))
    assert again == executor
    again.reset()
    assert again == Executor()

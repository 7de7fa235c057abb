"""MHP by eye: it looks around, brings everything where it belongs, remembers, and can be saved on its way."""

from __future__ import annotations

import json
from dataclasses import replace
from math import dist

from mhp_games import Game, decide

from household_eyes import needs_driver
from household_homes import LIVINGROOM, two_rooms_task
from talkoot.events import silent
from talkoot.skills import Done, Known
from talkoot.types import Action, Style
from talkoot.worlds.household.mhp.agent import MHP
from talkoot.worlds.household.skills import EXPLORE
from talkoot.worlds.household.world import HouseholdWorld

pytestmark = needs_driver
SIZE = (128, 256)
TURN = Action("turnleft")


def by_eye(seats=(0,)):
    return HouseholdWorld(two_rooms_task(), seats=seats, visual=SIZE, limit=120)


def test_it_looks_around_and_reaches_every_goal():
    world = by_eye()
    game = Game(world, {0: MHP()})
    assert game.play() < 120
    assert world.success
    taken = [actions[0] for actions in game.actions]
    assert taken[:11] == [TURN] * 11, "a whole look around where it begins"
    assert taken[11] != TURN
    assert not any(game.failed)


def test_a_loaded_mind_goes_on_as_the_saved_one():
    world = by_eye()
    game = Game(world, {0: MHP()})
    for _ in range(14):
        game.step()
    other = MHP()
    other.reset(5, game.guide(0), silent)
    other.load(json.loads(json.dumps(game.team[0].save())))
    for _ in range(6):
        action = decide(other, game.seen[0])
        game.step()
        assert action == game.actions[-1][0]


def test_exploring_goes_to_the_middle_before_it_turns():
    world = by_eye()
    seen, guide = world.reset(0)[0], world.guide(0)
    view, move, moves, begun = None, None, [], 0
    call = (f"livingroom_{LIVINGROOM}",)
    while not isinstance(move, Done):
        view = guide.recall(view, seen)
        move = EXPLORE.next(Known(replace(seen, view=view), begun), call)
        if isinstance(move, Action):
            moves.append(move.name)
            seen, begun = world.step({0: move}).observations[0], begun + 1
    assert view.me.room == LIVINGROOM
    assert view.explored == {LIVINGROOM}
    assert "walktowards" not in moves[moves.index("turnleft") :]
    assert len(moves) - moves.index("turnleft") in (10, 11)
    x, _, z = view.rooms[LIVINGROOM].center
    assert dist(view.me.position, (x, z)) < 1.0
    assert "so far" not in view.words(0, Style())
    assert "so far" in guide.recall(None, world.reset(0)[0]).words(0, Style())

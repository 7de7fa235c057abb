from dataclasses import replace

from household_homes import (
    APPLE,
    BATHROOM,
    FRIDGE,
    KITCHEN,
    LIVINGROOM,
    PLATE,
    TABLE,
    four_rooms_task,
    node,
    two_rooms_task,
)
from household_views import Played
from talkoot.planning.engines.portfolio import solve
from talkoot.planning.pddl.reader import load_domain
from talkoot.types import SkillCall
from talkoot.worlds.household.statement import domain_text, skill_of, state_view, words_of
from talkoot.worlds.household.task import Goal


def test_only_what_is_known_is_stated():
    statement = state_view(Played().see(0))
    objects = statement.problem.objects
    assert objects["apple_50"] == "thing"
    assert "apple_51" not in objects
    assert "cupcake_52" not in objects
    assert "coffeetable_33" not in objects
    assert statement.agents == {"alice": 0}


def test_threads_are_things_to_bring_and_places_to_look_into():
    played = Played()
    assert state_view(played.see(0)).threads == (
        (("fetched", "apple_50"),), (("looked", "cabinet_32"),), (("looked", "fridge_31"),),
        (("looked", "livingroom_12"),),
    )  # fmt: skip
    played.walk(LIVINGROOM)
    view = played.walk(KITCHEN)
    assert (("fetched", "apple_50"), ("delivered", "apple_50")) in state_view(view).threads


def test_nothing_is_searched_when_nothing_is_missing_that_is_not_known():
    played = Played(two_rooms_task(Goal("on", "apple", 33, 1)))
    played.walk(LIVINGROOM)
    assert state_view(played.known[0]).threads == ((("fetched", "apple_50"), ("delivered", "apple_50")),)


def test_the_problem_is_pddl_that_planners_solve():
    played = Played()
    played.walk(LIVINGROOM)
    played.walk(KITCHEN)
    played.walk(FRIDGE)
    view = played.do(f"open {FRIDGE}", "grab 51")
    statement = state_view(view)
    domain = load_domain(domain_text(), "home")
    plan = solve(domain, statement.problem, time=10).plan
    assert plan is not None
    deeds = [str(skill_of(step)) for step in plan]
    assert "gograb(apple_50)" in deeds
    assert "goput(coffeetable_33)" in deeds
    assert all(statement.skill(step) is not None for step in plan)
    assert all(words_of(step) for step in plan)


def test_the_mate_is_part_of_the_problem_where_it_is_known():
    played = Played()
    played.walk(KITCHEN, seat=1)
    played.walk(APPLE, seat=1)
    played.do(f"grab {APPLE}", seat=1)
    statement = state_view(played.known[0])
    assert statement.agents == {"alice": 0, "bob": 1}
    assert ("holds", "hand0_bob", "apple_50") in statement.problem.init


def test_steps_and_goals_in_words():
    assert words_of(("looked", "fridge_31")) == "a look at <fridge> (31)"
    assert words_of(("delivered", "apple_50")) == "<apple> (50) delivered"
    assert words_of(("open", "alice", "hand0_alice", "here_alice", "fridge_31")) == "Alice will look into <fridge> (31)"
    put = ("put", "bob", "hand0_bob", "here_bob", "coffeetable_33", "apple_50")
    assert words_of(put) == "Bob will bring <apple> (50) to <coffeetable> (33)"
    assert skill_of(put) == SkillCall("goput", ("coffeetable_33",))
    assert skill_of(("think", "bob")) is None


def test_full_hands_put_things_into_a_closed_goal_container():
    played = Played(two_rooms_task(Goal("inside", "apple", FRIDGE, 1), Goal("inside", "plate", FRIDGE, 1)))
    played.walk(APPLE)
    played.do(f"grab {APPLE}")
    played.walk(LIVINGROOM)
    played.walk(PLATE)
    view = played.do(f"grab {PLATE}")
    statement = state_view(view)
    plan = solve(load_domain(domain_text(), "home"), statement.problem, time=10).plan
    assert plan is not None
    assert plan[0][0] == "push-in"
    assert skill_of(plan[0]) == SkillCall("goput", ("fridge_31",))
    assert words_of(plan[0]).endswith("to <fridge> (31)")


def test_the_goal_place_is_searched_for_in_rooms_only():
    played = Played(two_rooms_task(Goal("on", "apple", 33, 1)))
    assert state_view(played.see(0)).threads == ((("fetched", "apple_50"),), (("looked", "livingroom_12"),))


def test_full_hands_look_for_the_goal_place_however_many_containers_are_nearer():
    played = Played(four_rooms_task(Goal("on", "apple", 200, 2), Goal("on", "cupcake", 200, 2)))
    view, held = played.known[0], (120, 121)
    things = {number: played.task.apartment.nodes[number] for number in held}
    shelves = {number: node(number, "kitchencabinet", view.me.position) for number in range(70, 80)}
    view = replace(view, people={0: replace(view.me, holding=held)}, nodes={**view.nodes, **things, **shelves},
                   inside={**view.inside, **dict.fromkeys(shelves, BATHROOM)})  # fmt: skip
    looked = [thread[0][1] for thread in state_view(view).threads if thread[0][0] == "looked"]
    assert {"kitchen_11", "bedroom_13", "livingroom_12"} < set(looked)
    assert len(looked) == 6


def test_what_is_held_without_need_may_be_put_down_and_is_no_find():
    played = Played(two_rooms_task(Goal("on", "apple", TABLE, 1), Goal("on", "cupcake", TABLE, 1)))
    played.walk(FRIDGE)
    view = played.do(f"open {FRIDGE}", "grab 51")
    surplus = replace(view, satisfied={APPLE: view.goals[0]})
    statement = state_view(surplus)
    assert ("belongs", "apple_51", "kitchentable_30") in statement.problem.init
    assert (("looked", "cabinet_32"),) in statement.threads
    assert not any("delivered" in goal for thread in statement.threads for goal in thread)

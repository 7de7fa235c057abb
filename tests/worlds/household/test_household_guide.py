from household_homes import two_rooms_task
from talkoot.worlds.household.guide import PRIMITIVES, make_guide


def test_two_people_are_told_of_each_other_and_of_the_cost_of_talk():
    guide = make_guide(two_rooms_task(), 1, (0, 1))
    assert guide.persona.startswith("I am Bob. My friend Alice and I ")
    assert guide.task == "Find and put 2 apples and 1 cupcake onto the <coffeetable> (33)."
    assert guide.names == ("Alice", "Bob")
    assert guide.speech == "send_message"
    assert guide.message_limit == 500
    assert [seat for seat, _ in guide.opening] == [0, 1]
    assert guide.primitives == PRIMITIVES
    assert any("takes one step" in rule and "500 characters" in rule for rule in guide.rules)
    assert any("250 steps" in rule for rule in guide.rules)
    assert guide.safe.name in guide.primitives


def test_alone_nobody_is_spoken_to():
    guide = make_guide(two_rooms_task(), 0, (0,))
    assert "Bob" not in guide.persona
    assert guide.opening == ()
    assert guide.speech == ""
    assert guide.message_limit == 0
    assert "send_message" not in guide.primitives
    assert guide.skill("send_message") is None


def test_free_talk_rides_along_and_no_talk_leaves_no_trace():
    free = make_guide(two_rooms_task(), 0, (0, 1), talk="free", message_limit=80)
    assert free.speech == ""
    assert free.message_limit == 80
    off = make_guide(two_rooms_task(), 0, (0, 1), talk="off")
    assert off.message_limit == 0
    assert not any("message" in rule for rule in off.rules)


def test_the_inventory_tells_what_exists_not_where():
    inventory = make_guide(two_rooms_task(), 0, (0, 1)).inventory
    assert set(inventory.things.values()) == {"apple", "cupcake"}
    assert not set(inventory.things) & set(inventory.room_of)

"""The formal problem in words: every part is told, what costs the same stands together, long lines are broken."""

from __future__ import annotations

from talkoot.formal import DecPomdpCom

PROBLEM = DecPomdpCom(
    agents=(0, 1),
    state="a light, on or off",
    actions=("flip", "wait"),
    messages="one word",
    message_limit=9,
    observations="the light",
    observable="full",
    transition="a flip changes the light; " + "both may act in the same step, seat 0 first " * 3,
    deterministic=True,
    subgoals=("the light is on", "everybody knows"),
    reward="1 when it is on",
    costs={"flip": 2.0, "wait": 1.0, "message": 1.0},
    discount=0.9,
    horizon=5,
)


def test_every_part_is_told_in_order() -> None:
    lines = PROBLEM.words().splitlines()
    names = [line[:15].strip() for line in lines if not line.startswith(" ")]
    assert names == ["agents", "state", "world actions", "communication", "observations", "transition", "subgoals",
                     "reward", "costs", "discount", "horizon"]  # fmt: skip
    told = {line[:15].strip(): line[15:] for line in lines}
    assert told["agents"] == "seat 0, seat 1"
    assert told["observations"] == "full: the light"
    assert told["costs"] == "1 for wait, message; 2 for flip"
    assert (told["discount"], told["horizon"]) == ("0.9", "5 steps")
    assert told["transition"].startswith("deterministic: a flip")
    assert max(map(len, lines)) <= 110
    broken = [line.strip() for line in lines if line.startswith(" " * 15)]
    assert broken, "what is too long goes on under its beginning"
    assert f"{told['transition']} {' '.join(broken)}" == f"deterministic: {PROBLEM.transition.strip()}"

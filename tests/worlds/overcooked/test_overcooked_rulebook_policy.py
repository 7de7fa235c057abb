"""The rulebook's decisions: form, sections that matter, weakness on request, and that pairs deliver in new kitchens."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from talkoot.agents.catalog import make_team
from talkoot.agents.planner import Rejected
from talkoot.agents.reading import read_plan
from talkoot.agents.thinking import render
from talkoot.episode import Episode, run_episode
from talkoot.events import Called
from talkoot.model import Turn
from talkoot.models.rulebook import parse_rulebook
from talkoot.types import Message, Style
from talkoot.worlds.catalog import make_world
from talkoot.worlds.overcooked.kitchen import DISH, NOTHING, ONION, SOUP, Cook, Kitchen, Pot
from talkoot.worlds.overcooked.layout_file import ALIASES, PAPER_NAMES, layout_names, load_layout
from talkoot.worlds.overcooked.rulebook import answer
from talkoot.worlds.overcooked.world import OvercookedWorld

GUIDE = OvercookedWorld("cramped_room").guide(0)
SYSTEM = Turn(
    "system", render("system", guide=GUIDE, level="intention", talk=False, demonstrations=GUIDE.demonstrations)
)


def ask(
    kitchen: Kitchen,
    beliefs: Sequence[str] = (),
    history: Sequence[str] = (),
    messages: Sequence[Message] = (),
    verdicts: Sequence[Rejected] = (),
    drop: float = 0.0,
    seed: int = 0,
) -> str:
    words = kitchen.words(0, Style())
    scene = render("plan", guide=GUIDE, beliefs=beliefs, history=history, messages=messages, words=words,
                   verdicts=verdicts, problem="")  # fmt: skip
    return answer("plan", (SYSTEM, Turn("user", scene)), drop=drop, seed=seed)


def plan(reply: str) -> str:
    return str(read_plan(reply, GUIDE))


def scenes(n: int = 80) -> list[Kitchen]:
    """Scenes of Cramped Room in which both are free or carry something, at many stages of a soup."""
    rng, layout = np.random.default_rng(5), load_layout("cramped_room")
    found = []
    for _ in range(n):
        a, b = rng.permutation(len(layout.floor))[:2]
        onions = int(rng.integers(4))
        pot = Pot((2, 0), onions, 0, int(rng.integers(21)) if onions == 3 else -1, 20)
        hands = [int(rng.choice([NOTHING, NOTHING, ONION, DISH])), int(rng.choice([NOTHING, NOTHING, ONION]))]
        cooks = {0: Cook(layout.floor[a], int(rng.integers(4)), hands[0]),
                 1: Cook(layout.floor[b], int(rng.integers(4)), hands[1])}  # fmt: skip
        found.append(Kitchen(layout, "old", 90, 400, cooks, (pot,), {}))
    return found


def test_clear_cases() -> None:
    layout = load_layout("cramped_room")

    def kitchen(mine: int, theirs: int, pot: Pot) -> Kitchen:
        return Kitchen(layout, "old", 50, 400, {0: Cook((1, 2), 3, mine), 1: Cook((3, 1), 2, theirs)}, (pot,), {})

    empty, two, cooking = Pot((2, 0), 0, 0, -1, 20), Pot((2, 0), 2, 0, -1, 20), Pot((2, 0), 3, 0, 15, 20)
    assert plan(ask(kitchen(SOUP + 3, NOTHING, empty))) == "deliver_soup()"
    assert plan(ask(kitchen(ONION, NOTHING, two))) == "put_onion_in_pot()"
    assert plan(ask(kitchen(NOTHING, NOTHING, empty))) == "pickup_onion()"
    assert plan(ask(kitchen(NOTHING, ONION, cooking))) == "pickup_dish()"
    assert plan(ask(kitchen(DISH, ONION, cooking))) == "fill_dish_with_soup()"
    for theirs, expected in (
        (SOUP + 3, "deliver_soup()"),
        (ONION, "put_onion_in_pot()"),
        (DISH, "fill_dish_with_soup()"),
    ):
        assert f"Intention of <Player 1>: {expected}" in ask(kitchen(NOTHING, theirs, cooking))


BELIEFS = ("scene 70: <Player 1> intended pickup_dish()", "scene 88: <Player 1> intended pickup_dish()")
OTHER_BELIEFS = tuple(line.replace("dish", "onion") for line in BELIEFS)
IDLE = ("scene 2: <Player 1> did pickup_onion()",)
BUSY = ("scene 88: <Player 1> did pickup_onion()",)


def changed(first: dict[str, Sequence[object]], second: dict[str, Sequence[object]]) -> int:
    """In how many scenes the plan differs."""
    return sum(plan(ask(k, **first)) != plan(ask(k, **second)) for k in scenes())  # type: ignore[arg-type]


def test_taking_the_belief_away_changes_plans() -> None:
    assert changed({"beliefs": BELIEFS}, {"beliefs": ()}) + changed({"beliefs": OTHER_BELIEFS}, {"beliefs": ()}) > 0


def test_taking_the_history_away_changes_plans() -> None:
    assert changed({"history": IDLE}, {"history": ()}) > 0
    assert changed({"history": IDLE}, {"history": BUSY}) > 0


def test_taking_messages_away_changes_plans() -> None:
    for words in ("I fetch the dish (pickup_dish).", "I fetch the onion (pickup_onion)."):
        assert changed({"messages": (Message(1, words, 89),)}, {"messages": ()}) > 0
        assert changed({"messages": (Message(1, words, 20),)}, {"messages": ()}) == 0  # long ago


def test_taking_the_verdict_away_changes_every_plan() -> None:
    for kitchen in scenes(20):
        first = plan(ask(kitchen))
        second = plan(ask(kitchen, verdicts=(Rejected(first, "it cannot be used now"),)))
        assert second.split("(")[0] != first.split("(")[0] or first.startswith("wait")


def test_a_bounded_number_of_rejections_ends_in_waiting() -> None:
    kitchen, verdicts = scenes(1)[0], list[Rejected]()
    for _ in range(6):
        skill = plan(ask(kitchen, verdicts=verdicts))
        verdicts.append(Rejected(skill, "no"))
    assert skill.startswith("wait")


def test_the_words_of_the_scene_decide_not_their_place_in_the_prompt() -> None:
    for kitchen in scenes(10):
        other = replace(kitchen, t=kitchen.t + 1)
        assert plan(ask(kitchen)) == plan(ask(other))


def test_the_form_follows_what_is_asked_for() -> None:
    kitchen = scenes(1)[0]
    user = Turn("user", kitchen.words(0, Style()))
    for level, labels in (
        ("plan", ["Plan"]),
        ("analysis", ["Analysis", "Plan"]),
        ("intention", ["Analysis", "Intention", "Plan"]),
    ):
        system = render("system", guide=GUIDE, level=level, talk=False, demonstrations=())
        lines = answer("plan", (Turn("system", system), user)).splitlines()
        assert [line.split(" ")[0].rstrip(":") for line in lines] == labels
        assert re.fullmatch(r"Plan for <Player 0>: \w+\([\d]*\)", lines[-1])
    thought, action = answer(
        "react", (Turn("system", render("react_system", guide=GUIDE, demonstrations=())), user)
    ).splitlines()
    assert thought.startswith("Thought: ")
    assert re.fullmatch(r"Action: \w+\(\d*\)", action)
    central = answer("central", (Turn("system", render("central_system", guide=GUIDE)), user)).splitlines()
    assert [line.split(":")[0] for line in central] == ["Analysis", "Plan for <Player 0>", "Plan for <Player 1>"]
    told = render(
        "message",
        guide=GUIDE,
        said=(),
        messages=(),
        words=kitchen.words(0, Style()),
        plan="pickup_onion()",
        intention="",
    )
    said = answer("message", (Turn("system", ""), Turn("user", told)))
    assert re.fullmatch(r"Message: .+", said)


def test_it_knows_no_layout() -> None:
    names = {*layout_names(), *ALIASES, *PAPER_NAMES.values()} - {"simple"}
    folder = resources.files("talkoot.worlds.overcooked") / "rulebook"
    sources = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".py")}
    assert set(sources) == {"__init__.py", "reading.py", "policy.py", "checking.py", "talking.py"}
    for file, text in sources.items():
        for name in names:
            assert name.lower() not in text.lower(), (file, name)
        assert "load_layout" not in text
        assert "kitchen import" not in text


def play(world: str, team: str, seed: int = 0) -> Episode:
    made = make_world(world)
    return asyncio.run(run_episode(made, make_team(team, made.seats, parse_rulebook), seed))


def replies(episode: Episode) -> list[str]:
    return [event.reply for event in episode.events if isinstance(event, Called)]


def test_dropping_facts_is_seeded_and_weakens_but_never_crashes() -> None:
    whole = play("overcooked/counter_circuit:horizon=150", "proagent+proagent")
    weak = "proagent:model=rulebook:drop=0.3,seed={}+proagent:model=rulebook:drop=0.3,seed={}"
    first = play("overcooked/counter_circuit:horizon=150", weak.format(1, 1))
    again = play("overcooked/counter_circuit:horizon=150", weak.format(1, 1))
    other = play("overcooked/counter_circuit:horizon=150", weak.format(2, 2))
    assert replies(first) == replies(again)
    assert replies(first) != replies(whole)
    assert replies(first) != replies(other)
    for drop in (0.1, 0.6, 1.0):
        for world in ("forced_coordination", "mdp_test:rules=new"):
            separator = "," if ":" in world else ":"
            team = "+".join([f"proagent:model=rulebook:drop={drop},seed=3"] * 2)
            play(f"overcooked/{world}{separator}horizon=80", team)


@pytest.mark.parametrize(
    "options", ["", "regions=2", "size=5x5", "clutter=0.45", "pots=2,regions=2", "tomatoes=1,rules=new"]
)
def test_pairs_deliver_in_kitchens_that_nobody_has_seen(options: str) -> None:
    for seed in (0, 1, 3, 7, 8, 14, 16):  # each stopped a pair in one kind of kitchen once
        world = "overcooked/generate:" + ",".join([*filter(None, [options]), f"seed={seed}", "horizon=200"])
        assert play(world, "proagent+proagent").score > 0, world


@pytest.mark.parametrize("name", layout_names())
def test_pairs_deliver_in_every_shipped_kitchen_under_both_rules(name: str) -> None:
    for rules in ("old", "new") if all(sum(order) == 3 for order in load_layout(name).recipes.orders) else ("new",):
        assert play(f"overcooked/{name}:rules={rules},horizon=200", "proagent+proagent").score > 0

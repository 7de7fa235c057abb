"""Overcooked as a DEC-POMDP-COM: what is state, action, observation, subgoal, reward and cost in a kitchen."""

from __future__ import annotations

from talkoot.formal import DecPomdpCom
from talkoot.types import Seat
from talkoot.worlds.overcooked.kitchen import PRIMITIVES
from talkoot.worlds.overcooked.layout import Layout


def state_problem(
    layout: Layout, rules: str, seats: tuple[Seat, ...], *, message_limit: int = 0, horizon: int = 400
) -> DecPomdpCom:
    """The problem that a kitchen poses to the cooks in `seats`, with `rules` "old" or "new" (reference: the rules).

    With `message_limit` 0 there is no communication, which leaves a fully observable DEC-POMDP, that is a
    decentralised MDP. Source: ours.
    """
    recipes = layout.recipes
    soups = [
        f"serve a soup of {_counted('onion', onions)}{' and ' if onions and tomatoes else ''}"
        f"{_counted('tomato', tomatoes)}, worth {recipes.value(onions, tomatoes)}"
        for onions, tomatoes in layout.soups(rules)
    ]
    begins = "cooks by itself from the third item on" if rules == "old" else "cooks once a cook starts it"
    return DecPomdpCom(
        agents=seats,
        state=f"cell, facing and hands of each cook, contents and time of each pot ({len(layout.pots)}), and what lies "
        f"on the counters of a grid of {layout.width} x {layout.height} cells",
        actions=PRIMITIVES,
        messages=f"words beside any action, at most {message_limit} characters; they reach the mate with its next "
        "observation and cost no time" if message_limit else "none",
        message_limit=message_limit,
        observations="the whole kitchen" + (", and what was said in the last step" if message_limit else ""),
        observable="full",
        transition=f"all cooks act in the same step: interactions first, seat 0 before seat 1, then moves; two cooks "
        f"neither share nor swap cells; a pot {begins}",
        deterministic=True,
        subgoals=tuple(soups),
        reward="the value of each soup that is served; the team's reward is the sum",
        costs={**dict.fromkeys(PRIMITIVES, 1.0), **({"message": 0.0} if message_limit else {})},
        discount=1.0,
        horizon=horizon,
    )  # fmt: skip


def _counted(name: str, n: int) -> str:
    plural = {"onion": "onions", "tomato": "tomatoes"}[name]
    return f"{n} {name if n == 1 else plural}" if n else ""

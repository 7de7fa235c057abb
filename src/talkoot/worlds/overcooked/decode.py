"""Decodes games that overcooked_ai wrote, as JSON trajectories or as tables with one row a step.

States come in three dialects: the current one (soups list their ingredients), the one before (a soup's state is type,
number and counter), and that of the browser game of 2019 (objects keyed by cell, the counter of a finished soup runs
on). All become state vectors of `mechanics`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput, CorruptRecord
from talkoot.types import Json
from talkoot.worlds.overcooked.kitchen import DISH, ONION, SOUP, TOMATO
from talkoot.worlds.overcooked.layout import DIRECTIONS, Cell, Layout, Recipes
from talkoot.worlds.overcooked.layout_file import parse_layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, PLAYER, TICK, State, T, empty_state
from talkoot.worlds.overcooked.pickled import Columns
from talkoot.worlds.overcooked.records import UNIT_2019, Recording, Rules, begin_at, recorded_layout

_ITEMS = {"onion": ONION, "tomato": TOMATO, "dish": DISH}
_FACINGS = {direction: facing for facing, direction in enumerate(DIRECTIONS)}
_MOVES = {**_FACINGS, (0, 0): 4}
_INTERACT = 5
_SETTINGS = {"cook_time": "cook_time", "delivery_reward": "order_value", "order_bonus": "bonus_multiplier",
             "onion_value": "onion_value", "tomato_value": "tomato_value", "onion_time": "onion_time",
             "tomato_time": "tomato_time"}  # fmt: skip


def from_json(file: Json, name: str, rules: Rules | None = None) -> list[Recording]:
    """Read trajectories: `ep_states` (since 2020) or `ep_observations` (before), `ep_actions` and `ep_rewards`.

    The older kind plays by the old rules; the newer kind by the new ones unless its parameters say `old_dynamics`.
    `ep_dones` and other entries are not used. Where an older game has a list of orders that are crossed off, each
    stretch with one foremost order becomes a Recording of its own. Raises CorruptRecord (or what Python raises) if
    something is missing.
    """
    older = "ep_observations" in file
    games = file["ep_observations"] if older else file["ep_states"]
    found: list[Recording] = []
    for trial, states in enumerate(games):
        actions, rewards = file["ep_actions"][trial], file["ep_rewards"][trial]
        settings = file["mdp_params"][trial]
        if not states or not len(states) == len(actions) == len(rewards):
            raise CorruptRecord(f"{name}: game {trial} has {len(states)} states, {len(actions)} actions and "
                                f"{len(rewards)} rewards; it needs as many of each")  # fmt: skip
        played: Rules = rules or ("old" if older or settings.get("old_dynamics") else "new")
        layout = _layout(settings, played, older)
        heads = [_head(state) for state in states]
        begin = 0
        for end in range(1, len(states) + 1):
            if end < len(states) and heads[end] == heads[begin]:
                continue
            last = min(end, len(states) - 1)  # the state after the last transition of this stretch
            stretch = _with_orders(layout, heads[begin], name, trial)
            vectors = np.array([vector_of(state, stretch, played) for state in states[begin : last + 1]], np.int32)
            vectors[:, T] = _times(states, begin, last + 1)
            found.append(
                _recording(
                    name,
                    trial,
                    stretch,
                    played,
                    vectors,
                    actions[begin : last + 1],
                    rewards[begin : last + 1],
                    first_row=begin,
                )
            )
            begin = end
    return found


def from_table(columns: Columns, name: str, rules: Rules | None = None) -> list[Recording]:
    """Read a table of human trials, one row a step, of 2019 or 2020.

    What the recorder of 2019 wrote is known by its layout column (rows with start cells): it plays by the old rules,
    pays 5 for a soup and lets the counters of finished soups run on. Time is counted in rows, as only some tables carry
    it. Rows of one trial that do not follow each other, or a successor that is not the next row, start a new Recording.
    """
    needed = [key for key in ("state", "joint_action", "reward", "layout_name", "layout") if key not in columns]
    if needed:
        raise CorruptRecord(f"{name}: the table lacks the columns {', '.join(needed)}; it is no table of trials")
    rows = range(len(columns["state"]))
    keys = [columns[key] for key in ("trial_id", "run", "workerid_num", "layout_name") if key in columns]
    trial_of = list(zip(*keys, strict=True))
    loops, followers = columns.get("cur_gameloop"), columns.get("next_state")
    groups: dict[Any, int] = {}
    found: list[Recording] = []
    begin, opening, trial = 0, 0, -1
    for row in rows:
        goes_on = (
            row + 1 < len(rows)
            and trial_of[row + 1] == trial_of[row]
            and (loops is None or loops[row + 1] == loops[row] + 1)
            and (followers is None or _same(followers[row], columns["state"][row + 1]))
        )
        if goes_on:
            continue
        if begin == 0 or trial_of[begin] != trial_of[begin - 1]:
            trial += 1
            opening = begin
        span = slice(begin, row + 1)
        game = {key: columns[key][span] for key in ("state", "joint_action", "reward")}
        if followers is not None:
            game = {"state": [*game["state"], followers[row]], "joint_action": [*game["joint_action"], None],
                    "reward": [*game["reward"], 0]}  # fmt: skip
        people = tuple(columns[key][begin] for key in ("run", "workerid_num", "player_0_id", "player_1_id")
                       if key in columns)  # fmt: skip
        found.append(
            _game(game, columns["layout"][begin], columns["layout_name"][begin], name, trial, rules,
                  groups.setdefault(people, len(groups)) if people else -1, begin - opening)
        )  # fmt: skip
        begin = row + 1
    return found


def _game(
    game: Columns,
    grid: Any,
    layout_name: str,
    name: str,
    trial: int,
    rules: Rules | None,
    group: int,
    first_row: int,
) -> Recording:
    rows = literal(grid) if isinstance(grid, str) else grid
    of_2019 = any(kind.isdigit() for row in rows for kind in row)
    played: Rules = rules or ("old" if of_2019 else "new")
    layout = recorded_layout(layout_name, played)
    terrain = tuple("".join(" " if kind.isdigit() else kind for kind in row) for row in rows)
    if terrain != layout.rows:
        raise CorruptRecord(f"{name}: trial {trial} was played in another kitchen than the {layout.name} known here")
    cache: dict[str, State] = {}

    def vector(text: str) -> State:
        known = cache.get(text)
        if known is None:
            known = cache[text] = vector_of(literal(text), layout, played)
        return known

    states = np.array([vector(text) for text in game["state"]], np.int32)
    states[:, T] = first_row + np.arange(len(states))
    actions = [literal(text) if isinstance(text, str) else text for text in game["joint_action"]]
    unit = UNIT_2019 if of_2019 else 1
    return _recording(
        name, trial, layout, played, states, actions, [unit * reward for reward in game["reward"]], group, first_row
    )


def _recording(
    name: str, trial: int, layout: Layout, rules: Rules, states: NDArray[np.int32], actions: list[Json],
    rewards: list[Any], group: int = -1, first_row: int = 0,
) -> Recording:  # fmt: skip
    """Put the parts together; the last row starts no transition."""
    indices = np.full((len(states), 2), -1, np.int8)
    indices[:-1] = [[_action(part, name, trial) for part in joint] for joint in actions[: len(states) - 1]] or np.empty(
        (0, 2)
    )
    earned = np.zeros(len(states), np.int32)
    for i, reward in enumerate(rewards[: len(states) - 1]):
        if reward != int(reward):
            raise CorruptRecord(f"{name}: game {trial}, step {i}: the reward {reward!r} is not a whole number")
        earned[i] = int(reward)
    return Recording(name, trial, begin_at(layout, states), rules, states, indices, earned, group, first_row)


def literal(text: str) -> Json:
    """Read a JSON value or a Python literal; nothing in it is evaluated."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:  # the tables of 2019 hold Python literals without quotes or apostrophes inside their strings
        return json.loads(
            text.replace("'", '"').replace("False", "false").replace("True", "true").replace("None", "null")
        )
    except json.JSONDecodeError:
        return ast.literal_eval(text)


def vector_of(state: Json, layout: Layout, rules: Rules) -> State:
    """A serialised state, in any of the three dialects, as a state vector; time is left at 0.

    Raises CorruptRecord for what cannot be: a player in a wall, a thing on the floor, an unknown thing.
    """
    players = state["players"]
    if len(players) != 2:
        raise CorruptRecord(f"a recorded state has {len(players)} players; only games of two can be read")
    out = empty_state(layout, {seat: _cell(player, layout, " ") for seat, player in enumerate(players)})
    for seat, player in enumerate(players):
        facing = _FACINGS.get(tuple(player["orientation"]))
        if facing is None:
            raise CorruptRecord(f"a recorded player faces {player['orientation']!r}, which is no direction")
        out[PLAYER + 3 * seat + 1] = facing
        if player.get("held_object"):
            out[PLAYER + 3 * seat + 2] = _item(player["held_object"])
    objects = state["objects"]
    for thing in objects.values() if isinstance(objects, dict) else objects:
        cell = _cell(thing, layout, "XP")
        if layout.at(cell) == "P":
            pot = layout.pots.index(cell)
            contents, tick = _soup(thing)
            time = layout.recipes.time(contents & 3, contents >> 2)
            out[CONTENTS + 2 * pot] = contents
            out[TICK + 2 * pot] = min(tick, time) if rules == "old" else tick
        else:
            out[CONTENTS + 2 * len(layout.pots) + cell[1] * layout.width + cell[0]] = _item(thing)
    return out


def _cell(thing: Json, layout: Layout, kinds: str) -> Cell:
    x, y = thing["position"]
    if not (0 <= x < layout.width and 0 <= y < layout.height) or layout.at((x, y)) not in kinds:
        raise CorruptRecord(f"a recorded state of {layout.name} has something at {(x, y)} that cannot be there")
    return x, y


def _item(thing: Json) -> int:
    if thing["name"] == "soup":
        return SOUP + _soup(thing)[0]
    if thing["name"] not in _ITEMS:
        raise CorruptRecord(f"a recorded state has an unknown thing {thing['name']!r}")
    return _ITEMS[thing["name"]]


def _soup(thing: Json) -> tuple[int, int]:
    """Contents (onions + 4 * tomatoes) and tick of a soup; a soup that has not been started has tick -1."""
    if thing.get("name") != "soup":
        raise CorruptRecord(f"a recorded state has {thing.get('name')!r} in a pot")
    if thing.get("state") is not None:
        kind, number, tick = thing["state"]
        names = [kind] * number
        tick = tick if number == 3 and tick > 0 else -1
    else:
        names = [part["name"] for part in thing["_ingredients"]]
        tick = thing["_cooking_tick"]
    if not 1 <= len(names) <= 3 or set(names) - {"onion", "tomato"}:
        raise CorruptRecord(f"a recorded soup is made of {names}")
    return names.count("onion") + 4 * names.count("tomato"), int(tick)


def _action(part: Json, name: str, trial: int) -> int:
    if isinstance(part, str) and part.lower() == "interact":
        return _INTERACT
    move = _MOVES.get(tuple(part)) if isinstance(part, list | tuple) else None
    if move is None:
        raise CorruptRecord(f"{name}: game {trial} has an unknown action {part!r}")
    return move


def _same(one: str, other: str) -> bool:
    return one == other or literal(one) == literal(other)


def _times(states: list[Json], begin: int, end: int) -> list[int]:
    """The recorded times, or row numbers where the recorder did not count."""
    if (
        len(states) > 1
        and all("timestep" in state for state in states)
        and states[0]["timestep"] != states[1]["timestep"]
    ):
        return [int(state["timestep"]) for state in states[begin:end]]
    return list(range(begin, end))


def _head(state: Json) -> str | None:
    """The foremost order of an older state; "" where the list is used up, None where there is none."""
    orders = state.get("order_list")
    if orders is None:
        return None
    return str(orders[0]) if orders else ""


def _with_orders(layout: Layout, head: str | None, name: str, trial: int) -> Layout:
    wanted: dict[str, tuple[tuple[int, int], ...]] = {"onion": ((3, 0),), "tomato": ((0, 3),), "any": ()}
    if head is None:
        return layout
    if head not in wanted:
        raise CorruptRecord(f"{name}: game {trial} goes on after its last order, or has an unknown order {head!r}")
    return replace(layout, recipes=replace(layout.recipes, orders=wanted[head], bonus=()))


def _layout(settings: Json, rules: Rules, older: bool) -> Layout:
    """The kitchen of a trajectory: its own terrain if it has one, else the known one of that name, with its recipes."""
    name = str(settings["layout_name"])
    try:
        layout: Layout | None = recorded_layout(name, rules)
    except BadInput:
        layout = None
    terrain = settings.get("terrain")
    if terrain is not None and (layout is None or layout.rows != tuple("".join(row) for row in terrain)):
        rows = [list(row) for row in terrain]
        for digit, (x, y) in enumerate(settings["start_player_positions"], 1):
            rows[y][x] = str(digit)
        layout = parse_layout("\n".join("".join(row) for row in rows) + "\n\norders = []", name)
    if layout is None:
        raise CorruptRecord(f"the kitchen {name!r} is unknown here and its terrain is not recorded")
    # Before 2020 every soup paid alike and pots took one kind, however a newer kitchen of the same name counts.
    base = Recipes(orders=(), mixed=False) if older else layout.recipes
    known: dict[str, Any] = {ours: settings[key] for key, ours in _SETTINGS.items() if settings.get(key) is not None}
    soup: Callable[[Json], tuple[int, int]] = lambda order: (  # noqa: E731
        order["ingredients"].count("onion"), order["ingredients"].count("tomato"))  # fmt: skip
    if settings.get("start_all_orders") is not None:
        known["orders"] = tuple(soup(order) for order in settings["start_all_orders"])
        known["bonus"] = tuple(soup(order) for order in settings.get("start_bonus_orders") or ())
        for key, ours in (("recipe_values", "values"), ("recipe_times", "times")):
            if settings.get(key) is not None:
                known[ours] = dict(zip(known["orders"], settings[key], strict=True))
    return replace(layout, recipes=replace(base, **known))

"""Does our game equal the recorded one? Every recorded state is stepped once by the rules and compared with the next.

There is one implementation of the rules (`mechanics.advance`); this only feeds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from talkoot.types import Json
from talkoot.worlds.overcooked.kitchen import DISH, ONION, PRIMITIVES, SOUP, TOMATO
from talkoot.worlds.overcooked.layout import Layout
from talkoot.worlds.overcooked.mechanics import CONTENTS, PLAYER, T, advance
from talkoot.worlds.overcooked.records import Recording

_ITEMS = [0, ONION, TOMATO, DISH, *(SOUP + o + 4 * t for o in range(4) for t in range(4 - o) if o + t)]
_CONTENTS = [o + 4 * t for o in range(4) for t in range(4 - o)]


@dataclass(frozen=True, eq=False)
class Replay:
    """What the rules make of a Recording: row i is the outcome of the recorded state and action of row i.

    `states` int32 [R-1, S] are the states that follow, `sparse` and `shaped` int32 [R-1, 2] the rewards of each player,
    `events` int32 [R-1, 2] masks of EVENTS, `sound` bool [R-1] whether the row could be replayed at all.
    """

    states: NDArray[np.int32]
    sparse: NDArray[np.int32]
    shaped: NDArray[np.int32]
    events: NDArray[np.int32]
    sound: NDArray[np.bool_]


@dataclass
class Verdict:
    """How many transitions are exact. `first_difference` tells the first that is not; `differences` are all of them.

    `counts` maps (source, layout, rules) to [trials, transitions, exact]; `differences` lists (source, trial, row in
    the trial).
    """

    transitions: int = 0
    exact: int = 0
    first_difference: Json = None
    differences: list[tuple[str, int, int]] = field(default_factory=list)
    counts: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)


def replay(recording: Recording) -> Replay:
    """Step every recorded state once with the recorded actions. Rows that no game can have are left as they are."""
    states = np.ascontiguousarray(recording.states[:-1])
    actions = np.ascontiguousarray(recording.actions[:-1])
    good = sound(recording.layout, states) & np.all((actions >= 0) & (actions < len(PRIMITIVES)), axis=1)
    after, outcomes = states.copy(), np.zeros((len(states), 6), np.int32)
    # One call a row: compiled code that calls `advance` from another file would outlive a change of the rules in the
    # compile cache, which looks only at the file of the calling function.
    c, joint = recording.tables, actions.tolist()
    for row in np.flatnonzero(good).tolist():
        outcomes[row] = advance(c, after[row], *joint[row])
    return Replay(after, outcomes[:, 0:2], outcomes[:, 2:4], outcomes[:, 4:6], good)


def sound(layout: Layout, states: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which states of two players can be stepped: everybody on a floor cell of his own, known things only."""
    floor = [y * layout.width + x for x, y in layout.floor]
    counters = [y * layout.width + x for x, y in layout.cells("X")]
    loose = states[:, CONTENTS + 2 * len(layout.pots) :]
    elsewhere = np.ones(loose.shape[1], bool)
    elsewhere[counters] = False
    cells, facings, held = (states[:, [PLAYER + part, PLAYER + 3 + part]] for part in range(3))
    stoves = states[:, CONTENTS : CONTENTS + 2 * len(layout.pots)]
    contents, ticks = stoves[:, ::2], stoves[:, 1::2]
    items = contents % 4 + contents // 4
    times = np.array([layout.recipes.time(code % 4, code // 4) for code in range(16)])[np.clip(contents, 0, 15)]
    good: NDArray[np.bool_] = (
        np.isin(cells, floor).all(1)
        & (cells[:, 0] != cells[:, 1])
        & np.isin(facings, range(4)).all(1)
        & np.isin(held, _ITEMS).all(1)
        & np.isin(loose, _ITEMS).all(1)
        & ~loose[:, elsewhere].any(1)
        & np.isin(contents, _CONTENTS).all(1)
        & ((ticks >= -1) & (ticks <= times) & ((items > 0) | (ticks == -1))).all(1)
    )
    return good


def verify(recordings: Iterable[Recording]) -> Verdict:
    """Compare every recorded transition, state and team reward, with the rules."""
    verdict = Verdict()
    for recording in recordings:
        result = replay(recording)
        exact = (
            result.sound
            & np.all(result.states == recording.states[1:], axis=1)
            & (result.sparse.sum(1) == recording.rewards[:-1])
        )
        wrong = np.flatnonzero(~exact).tolist()
        key = recording.source, recording.layout.name, recording.rules
        count = verdict.counts.setdefault(key, [0, 0, 0])
        for i, number in enumerate((recording.first_row == 0, len(exact), int(exact.sum()))):
            count[i] += number
        verdict.transitions += len(exact)
        verdict.exact += int(exact.sum())
        verdict.differences += [(recording.source, recording.trial, recording.first_row + row) for row in wrong]
        if wrong and verdict.first_difference is None:
            verdict.first_difference = explain(recording, result, wrong[0])
    return verdict


def explain(recording: Recording, result: Replay, row: int) -> Json:
    """Where and how one transition differs, as JSON: each differing part with its recorded and its replayed value."""
    parts: dict[str, Json] = {}
    if not result.sound[row]:
        parts["state or action"] = {"recorded": "one that no game can have", "replayed": None}
    else:
        names = _parts(recording.layout)
        after, ours = recording.states[row + 1].tolist(), result.states[row].tolist()
        for name, theirs, mine in zip(names, after, ours, strict=True):
            if theirs != mine:
                parts[name] = {"recorded": theirs, "replayed": mine}
        reward, earned = int(recording.rewards[row]), int(result.sparse[row].sum())
        if reward != earned:
            parts["reward"] = {"recorded": reward, "replayed": earned}
    actions = [PRIMITIVES[a] if 0 <= a < len(PRIMITIVES) else f"unknown ({a})" for a in recording.actions[row].tolist()]
    return {
        "source": recording.source,
        "trial": recording.trial,
        "layout": recording.layout.name,
        "rules": recording.rules,
        "row": recording.first_row + row,
        "t": int(recording.states[row, T]),
        "actions": actions,
        "differs": parts,
    }


def _parts(layout: Layout) -> list[str]:
    """The name of each entry of a state vector."""
    players = [f"player {seat} {part}" for seat in (0, 1) for part in ("cell", "facing", "item")]
    pots = [f"pot {cell} {part}" for cell in layout.pots for part in ("contents", "tick")]
    cells = [f"loose at {(x, y)}" for y in range(layout.height) for x in range(layout.width)]
    return ["t", *players, *pots, *cells]


def as_json(verdict: Verdict) -> Json:
    """What `talkoot verify overcooked --json` prints."""
    return {
        "transitions": verdict.transitions,
        "exact": verdict.exact,
        "first_difference": verdict.first_difference,
        "parts": [
            {"source": source, "layout": layout, "rules": rules, "trials": n, "transitions": total, "exact": exact}
            for (source, layout, rules), (n, total, exact) in verdict.counts.items()
        ],
    }

"""Generated kitchens, and the solvability test against searching through the real rules."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from talkoot.errors import BadInput
from talkoot.worlds.overcooked.catalog import draw
from talkoot.worlds.overcooked.generate import generate, solvable
from talkoot.worlds.overcooked.layout import PAIRED, Layout, Recipes
from talkoot.worlds.overcooked.layout_file import layout_names, load_layout, parse_layout
from talkoot.worlds.overcooked.mechanics import advance, standard_start, tables


@pytest.mark.parametrize("name", layout_names())
def test_shipped_kitchens_are_solvable_from_everywhere(name: str) -> None:
    assert solvable(load_layout(name), everywhere=True)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    width=st.integers(5, 13),
    height=st.integers(4, 9),
    regions=st.sampled_from([1, 2]),
    pots=st.integers(1, 2),
    tomatoes=st.integers(0, 1),
    onions=st.integers(0, 2),
    clutter=st.sampled_from([0.0, 0.15, 0.3]),
)
def test_generated_kitchens_keep_their_promises(
    seed: int, width: int, height: int, regions: int, pots: int, tomatoes: int, onions: int, clutter: float
) -> None:
    assume(onions + tomatoes)
    options = {"pots": pots, "tomatoes": tomatoes, "onions": onions, "regions": regions, "clutter": clutter}
    layout = generate(seed, width, height, **options)  # type: ignore[arg-type]
    assert layout == generate(seed, width, height, **options)  # type: ignore[arg-type]
    assert (layout.width, layout.height, len(layout.pots)) == (width, height, pots)
    assert len(set(layout.region.values())) == regions
    assert len({layout.region[start] for start in layout.starts}) == regions
    assert solvable(layout, everywhere=True)
    assert all(sum(order) == 3 for order in layout.recipes.orders)
    again = parse_layout("\n".join([*draw(layout.rows, layout.starts), "", "orders = []"]), layout.name)
    assert (again.rows, again.starts) == (layout.rows, layout.starts)


@pytest.mark.parametrize(
    "options",
    [{"width": 3, "height": 3}, {"width": 2, "height": 9}, {"regions": 3}, {"pots": 0}, {"clutter": 1.0},
     {"onions": 0}, {"width": 200, "height": 200}],
)  # fmt: skip
def test_what_cannot_be_made_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        generate(0, **options)  # type: ignore[arg-type]


def delivers(layout: Layout) -> bool:
    """Search every state that the real rules can reach for one in which a soup is delivered."""
    c = tables(layout, "new", 10)
    first = standard_start(layout, tuple(range(len(layout.starts))))
    seen, queue = {first.tobytes()}, deque([first])
    while queue:
        state = queue.popleft()
        for a0 in range(6):
            for a1 in range(6 if len(layout.starts) == 2 else 1):
                after = state.copy()
                outcome = advance(c, after, a0, a1)
                if outcome[0] + outcome[1]:
                    return True
                after[0] = 0
                key = after.tobytes()
                if key not in seen:
                    seen.add(key)
                    queue.append(after)
    return False


ONE_ONION = Recipes(orders=((1, 0),), cook_time=0)


def corridor(rng: np.random.Generator) -> Layout:
    """Two or three floor cells in a row between random fixtures, with few counters: small enough to search fully."""
    length = int(rng.integers(2, 4))
    kinds = rng.choice(list("OPDSSSX"), size=(2, length))
    ends = rng.choice(list("OPDS"), size=2)
    rows = ("S" + "".join(kinds[0]) + "S", ends[0] + " " * length + ends[1], "S" + "".join(kinds[1]) + "S")
    cells = [(int(x) + 1, 1) for x in rng.permutation(length)[:2]]
    return Layout("corridor", rows, tuple(cells), ONE_ONION)


def test_solvable_means_that_the_rules_can_deliver() -> None:
    rng = np.random.default_rng(11)
    verdicts = []
    while len(verdicts) < 30:
        layout = corridor(rng)
        text = "".join(layout.rows)
        if text.count("X") > 1 or not all(kind in text for kind in "OPDS") or text.count("P") > 1:
            continue
        verdict = solvable(layout)
        if (verdict and sum(verdicts) >= 15) or (not verdict and verdicts.count(False) >= 15):
            continue
        assert verdict == delivers(layout), layout.rows
        verdicts.append(verdict)


def test_large_kitchens_are_judged_by_regions() -> None:
    layout = generate(1, 60, 40, pots=3)
    assert len(layout.floor) > PAIRED
    assert solvable(layout, everywhere=True)
    assert solvable(layout)
    apart = generate(1, 60, 40, regions=2)
    assert solvable(apart, everywhere=True)
    assert not any(solvable(replace(apart, starts=(start,))) for start in apart.starts)


def test_two_cooks_can_block_each_other() -> None:
    rows = ("XOXXDX", "P    S", "XXXXXX")
    assert solvable(Layout("free", rows, ((1, 1), (4, 1)), ONE_ONION))
    tight = ("XOSX", "P  D", "XXXX")
    assert solvable(Layout("alone", tight, ((1, 1),), ONE_ONION))
    assert not solvable(Layout("tight", tight, ((1, 1), (2, 1)), ONE_ONION))

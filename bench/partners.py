"""How the trained partners score with each other: the behavioural anchors of the README beside the recorded data.

    python bench/partners.py [--episodes 50] [--json]

Old rules, 400 steps, standard start, sampled actions; then one episode in which both take the likeliest action.
The episodes of one pair run side by side, so that a network sees all of them at once; episode i draws its random
numbers as `PolicyAgent` does with seed i.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

from talkoot.agents.policy import sample
from talkoot.worlds.overcooked.encoding import encode
from talkoot.worlds.overcooked.layout_file import PAPER_NAMES, load_layout
from talkoot.worlds.overcooked.mechanics import advance, standard_start, tables
from talkoot.worlds.overcooked.partners import KINDS, load_partner
from talkoot.worlds.overcooked.world import kitchen_of

PAIRS = (("sp", "sp"), ("ppo_bc", "ppo_bc"), ("sp", "ppo_bc"), ("ppo_bc", "sp"))


def play(
    layout_name: str, pair: tuple[str, str], seeds: range, *, argmax: bool = False, horizon: int = 400
) -> list[int]:
    layout = load_layout(layout_name)
    networks = [load_partner(kind).network_for(layout) for kind in pair]
    c = tables(layout, "old", horizon)
    states = [standard_start(layout) for _ in seeds]
    chance = [[np.random.default_rng([seed, seat]) for seat in (0, 1)] for seed in seeds]
    scores = [0] * len(seeds)
    for _ in range(horizon):
        kitchens = [kitchen_of(layout, c, state) for state in states]
        logits = [networks[seat](np.stack([encode(kitchen, seat) for kitchen in kitchens])).logits for seat in (0, 1)]
        for i, state in enumerate(states):
            if argmax:
                actions = [int(np.argmax(logits[seat][i])) for seat in (0, 1)]
            else:
                actions = [sample(logits[seat][i].astype(np.float64), chance[i][seat].random()) for seat in (0, 1)]
            outcome = advance(c, state, actions[0], actions[1])
            scores[i] += outcome[0] + outcome[1]
    return scores


def start_values(layout_name: str) -> list[float]:
    """What each kind of partner thinks the standard start is worth to player 0."""
    layout = load_layout(layout_name)
    seen = encode(kitchen_of(layout, tables(layout), standard_start(layout)), 0)[None]
    return [round(float(load_partner(kind).network_for(layout)(seen).value[0]), 3) for kind in KINDS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    print(f"{'layout':24}" + "".join(f"{'+'.join(pair):>34}" for pair in PAIRS), file=sys.stderr)
    for layout in PAPER_NAMES:
        cells = []
        for pair in PAIRS:
            scores = np.array(play(layout, pair, range(options.episodes)))
            best = play(layout, pair, range(1), argmax=True)[0]
            error = float(scores.std(ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else 0.0
            row = {
                "layout": layout,
                "team": list(pair),
                "n": len(scores),
                "mean": float(scores.mean()),
                "stderr": error,
            }
            rows.append({**row, "min": int(scores.min()), "max": int(scores.max()), "argmax": best})
            cells.append(f"{scores.mean():.1f} ± {error:.1f} [{scores.min()}..{scores.max()}] ({best})")
        print(f"{layout:24}" + "".join(f"{cell:>34}" for cell in cells), file=sys.stderr, flush=True)
    values = {name: start_values(name) for name in PAPER_NAMES}
    if options.json:
        print(json.dumps({"rows": rows, "start_values": values}))
    else:
        print("value at the start, sp / ppo_bc:", values, file=sys.stderr)


if __name__ == "__main__":
    main()

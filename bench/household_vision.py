"""How well sight recovers the symbolic relations of the household, and how many images a second are drawn.

    python bench/household_vision.py [--poses 3] [--tasks 1] [--set test] [--json]

In every room of every apartment of the set, someone stands at `--poses` random free places; some containers are open,
and in half of the cases the mate is there with things in its hands. Once for all twelve images of a look around, once
for a single image, the relations read from images and poses alone are compared with those of the symbolic view, among
things of at least 25 pixels: precision, recall and F1 for ON, INSIDE, the room, CLOSE (within reach of the one who
looks) and what the mate holds. "reference" are the reference's thresholds with the largest cluster alone.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from time import perf_counter
from typing import Any

from talkoot.types import Action
from talkoot.worlds.household.mechanics import apply, observe, start
from talkoot.worlds.household.sets import task_set
from talkoot.worlds.household.state import State
from talkoot.worlds.household.task import Start, Task
from talkoot.worlds.household.view import HomeView
from talkoot.worlds.household.vision.clouds import reconstruct
from talkoot.worlds.household.vision.observe import sight_of
from talkoot.worlds.household.vision.perceive import perceive
from talkoot.worlds.household.vision.relations import relate
from talkoot.worlds.household.vision.render import Images, driver, render
from talkoot.worlds.household.vision.scores import Score, pixels_of, relations_f1
from talkoot.worlds.household.vision.shapes import Plan
from talkoot.worlds.household.vision.speed import measure

TURN = 30.0


def moments(task: Task, poses: int) -> Iterator[HomeView]:
    """Views of the moment from random places in all rooms, with some containers open and things in the mate's hands."""
    rng = Random(f"{task.name}|sight")
    nodes = task.apartment.nodes
    opened = frozenset(number for number, node in nodes.items() if node.searchable and rng.random() < 0.5)
    home = replace(task.apartment, open=opened)
    for room in home.rooms:
        away = next(other for other in home.rooms if other != room)
        for _ in range(poses):
            here = Start(room, None, round(rng.uniform(-180, 180), 2))
            mate = rng.random() < 0.6
            starts = here, replace(here, yaw=round(rng.uniform(-180, 180), 2)) if mate else Start(away)
            state = start(replace(task, apartment=home, starts=starts), rng.randrange(1 << 30))
            if mate:
                take(state, room, rng)
            yield observe(state, 0)


def take(state: State, room: int, rng: Random) -> None:
    """Let the mate walk to up to two things that lie about in the room and take them."""
    nodes = state.task.apartment.nodes
    loose = [
        n for n, parent in state.inside.items() if parent == room and nodes[n].grabbable and max(nodes[n].size) < 0.5
    ]
    for thing in rng.sample(loose, min(rng.randint(0, 2), len(loose))):
        for name in ("walktowards", "grab"):
            apply(state, 1, Action(name, (str(thing),)), jump=True)


def looks(view: HomeView, plan: Plan, number: int) -> tuple[Images, ...]:
    """Images of `number` headings, each 30 degrees left of the one before."""
    turned = (replace(view.me, yaw=view.me.yaw - TURN * turn) for turn in range(number))
    return tuple(render(replace(view, people={**view.people, view.seat: me}), plan) for me in turned)


def compare(tasks: list[Task], poses: int, number: int) -> tuple[dict[str, dict[str, Score]], float]:
    """Scores of both rules over all moments, and seconds of perception for each image."""
    scores: dict[str, dict[str, Score]] = {"ours": {}, "reference": {}}
    spent, images = 0.0, 0
    for task in tasks:
        plan = Plan.of(task.apartment)
        for view in moments(task, poses):
            sight = sight_of(view, looks(view, plan, number))
            pixels = pixels_of(sight.images)
            begun = perf_counter()
            ours = perceive(sight)
            spent, images = spent + perf_counter() - begun, images + number
            rough = perceive(sight, rule="reference", keep="largest")
            scene = reconstruct(sight.images, keep="largest")
            close = relate(scene, sight.labels, sight.open, sight.me.position, rule="reference").close
            for name, found in (
                ("ours", relations_f1(ours, view, pixels)),
                ("reference", relations_f1(rough, view, pixels, close=close)),
            ):
                for relation, score in found.items():
                    scores[name][relation] = scores[name].get(relation, Score()) + score
    return scores, spent / images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="test", help="set of episodes: test or train")
    parser.add_argument("--tasks", type=int, default=1, help="episodes of each apartment")
    parser.add_argument("--poses", type=int, default=3, help="places in each room")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    chosen: dict[str, list[Task]] = {}
    for task in task_set(options.set):
        chosen.setdefault(task.apartment.name, []).append(task)
    tasks = [task for several in chosen.values() for task in several[: options.tasks]]
    rooms = sum(len(task.apartment.rooms) for task in tasks)
    result: dict[str, Any] = {"driver": driver(), "apartments": len(chosen), "rooms": rooms, "poses": options.poses}
    for what, number in (("look around", 12), ("one image", 1)):
        scores, seconds = compare(tasks, options.poses, number)
        result[what] = {
            rule: {
                relation: {
                    "precision": round(score.precision, 4), "recall": round(score.recall, 4),
                    "f1": round(score.f1, 4), "true": score.hits + score.missed,
                }
                for relation, score in found.items()
            }
            for rule, found in scores.items()
        } | {"perception_ms_per_image": round(1000 * seconds, 1)}  # fmt: skip
    result |= {"images_per_s": round(measure(), 1), "load": round(os.getloadavg()[0], 2)}
    if options.json:
        print(json.dumps(result, indent=1))
        return
    print(f"{result['driver']}: {result['apartments']} apartments, {rooms} rooms, {options.poses} places in each")
    for what in ("look around", "one image"):
        for rule in ("ours", "reference"):
            print(f"\n{what}, {rule}:  precision  recall  F1      of")
            for relation, row in result[what][rule].items():
                print(f"  {relation:8}{row['precision']:18.4f}{row['recall']:9.4f}{row['f1']:8.4f}{row['true']:6}")
        print(f"  perception: {result[what]['perception_ms_per_image']} ms an image")
    print(f"\n{result['images_per_s']} images a second of 256 x 512 on two cores at most, load {result['load']}")


if __name__ == "__main__":
    main()

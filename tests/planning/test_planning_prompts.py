"""The prompts of `write`, rendered for a small pack and compared with the files that show them.

After a wanted change of a prompt, look at the difference and write the files anew:

    TALKOOT_WRITE_GOLDEN=1 pytest tests/planning/test_planning_prompts.py
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from planning_fakes import Scripted
from talkoot.planning.asking import render
from talkoot.planning.packs.abridge import abridge, completed
from talkoot.planning.packs.pack import Pack, load_pack
from talkoot.planning.pddl.reader import load_problem, read_domain, read_problem
from talkoot.planning.write import write

GOLDEN = Path(__file__).parent / "golden"

DOMAIN = """(define (domain frogs)
  (:requirements :typing)
  (:types frog leaf size)
  (:predicates (on ?f - frog ?l - leaf) (empty ?l - leaf) (east ?a ?b - leaf) (bridge ?a ?b - leaf)
               (next ?big ?small - size) (wide ?l - leaf ?s - size))
  (:action jump
    :parameters (?f - frog ?from ?to - leaf)
    :precondition (and (on ?f ?from) (empty ?to) (or (east ?to ?from) (bridge ?from ?to)))
    :effect (and (on ?f ?to) (empty ?from) (not (on ?f ?from)) (not (empty ?to)))))
"""
PACK = """title = "Frogs on leaves"
symmetric = ["bridge"]
[tell]
jump = "{f} jumps from {from} to {to}"
[[exactly_one]]
for = "?f - frog"
of = ["(on ?f *)"]
[[derived]]
for = "?l - leaf"
fact = "(empty ?l)"
if = "(not (exists (?f - frog) (on ?f ?l)))"
[[grid]]
type = "leaf"
relation = { east = [[0, 1]] }
[[chain]]
type = "size"
relation = "next"
[[phrase]]
says = ['{f:frog} (?:is|should be) on {l:leaf}']
means = "(on {f} {l})"
"""
DESCRIPTION = "Frogs jump eastwards from leaf to leaf, or over bridges. A leaf carries one frog.\n"
EXAMPLE_TEXT = "kermit is on leaf-0-0. The goal: kermit should be on leaf-0-2.\n"
EXAMPLE = """(define (problem pond) (:domain frogs)
  (:objects kermit - frog leaf-0-0 leaf-0-1 leaf-0-2 - leaf s1 s2 - size)
  (:init (on kermit leaf-0-0) (empty leaf-0-1) (empty leaf-0-2) (east leaf-0-1 leaf-0-0) (east leaf-0-2 leaf-0-1)
         (bridge leaf-0-0 leaf-0-2) (bridge leaf-0-2 leaf-0-0) (next s2 s1))
  (:goal (on kermit leaf-0-2)))
"""
TASK = "kermit is on leaf-0-1.\nThe goal: kermit should be on leaf-0-2.\n"
WRONG = """(define (problem task) (:domain frogs)
(:objects kermit - frog leaf-0-0 leaf-0-1 leaf-0-2 - leaf)
(:init (on kermit leaf-0-0))
(:goal (and (on kermit leaf-0-2))))
"""


@pytest.fixture
def pond(tmp_path: Path) -> Pack:
    files = {"domain.pddl": DOMAIN, "pack.toml": PACK, "description.txt": DESCRIPTION, "example.txt": EXAMPLE_TEXT,
             "example.pddl": EXAMPLE}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return load_pack(tmp_path)


def same_as_golden(name: str, model: Scripted, number: int) -> None:
    turns = model.requests[number].messages
    text = "\n\n".join(f"=== {turn.role} ===\n{turn.content}" for turn in turns)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("TALKOOT_WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.is_file(), f"{path} is missing; see the head of this file"
    assert text + "\n" == path.read_text(encoding="utf-8")


def asked(pack: Pack, *answers: str, **options: Any) -> Scripted:
    model = Scripted(answers)
    asyncio.run(write(model, pack, TASK, **options))
    return model


def test_the_question(pond: Pack) -> None:
    same_as_golden("write_pddl", asked(pond, WRONG, rounds=0), 0)
    same_as_golden("write_compact", asked(pond, WRONG, rounds=0, form="compact"), 0)
    same_as_golden("write_faithful", asked(pond, WRONG, rounds=0, faithful=True), 0)


def test_the_request_to_mend(pond: Pack) -> None:
    same_as_golden("repair_pddl", asked(pond, WRONG, rounds=1), 1)
    same_as_golden("repair_compact", asked(pond, WRONG, rounds=1, form="compact"), 1)


def test_the_request_to_go_on(pond: Pack) -> None:
    cut = WRONG[: WRONG.index("(:goal")]
    same_as_golden("continue", asked(pond, cut, "(:goal (and (on kermit leaf-0-2))))", rounds=1), 1)


def test_what_code_adds_is_left_out_of_the_compact_example(pond: Pack) -> None:
    example = load_problem(EXAMPLE, pond.domain)
    assert abridge(example, pond).init == (("on", "kermit", "leaf-0-0"), ("bridge", "leaf-0-0", "leaf-0-2"))
    assert [line.partition(")")[0] for line in completed(pond)] == [
        "(east ...", "(next ...", "the other direction of (bridge a b", "(empty ?l"]  # fmt: skip


def test_a_pack_without_words_and_example(pond: Pack) -> None:
    from dataclasses import replace

    bare = replace(pond, description="", example_text="", example_problem="")
    prompt = asked(bare, WRONG, rounds=0).prompt(0)
    assert "## Example" not in prompt
    assert "## What the domain is about" not in prompt
    assert "## Domain" in prompt


def test_a_forgotten_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("write", text="x")


def test_the_samples_of_the_compact_form_are_what_the_reader_takes() -> None:
    domain, _ = read_domain("""(define (domain samples) (:requirements :typing) (:types nut hub tile size room)
      (:predicates (tight ?n - nut ?h - hub) (clear ?t - tile) (up ?a ?b - tile) (succ ?a ?b - size)
                   (connected ?a ?b - room) (above ?a ?b - size)))""")
    samples = [re.split(r"\s{2,}", line.strip())[0] for line in render("compact", completed=[]).splitlines()
               if line.startswith("  ")]  # fmt: skip
    assert len(samples) == 6
    names, *macros = samples
    objects = f"{names} nut1..nut9 - nut hub1..hub9 - hub tile_0-1..tile_4-3 - tile n0..n3 - size a b - room"
    draft = read_problem(
        f"(define (problem p) (:domain samples) (:objects {objects}) (:init (connected a b) {' '.join(macros)}) "
        "(:goal (connected b a)))", domain
    )  # fmt: skip
    assert not [fault for fault in draft.faults if not fault.mended]
    assert {f"b{number}" for number in range(1, 6)} <= set(draft.problem.objects)
    counts = Counter(atom[0] for atom in draft.problem.init)
    assert counts == {"tight": 9, "clear": 15, "up": 12, "succ": 3, "connected": 2}
    assert {("succ", "n3", "n2"), ("up", "tile_1-1", "tile_0-1")} <= set(draft.problem.init)

"""`check_pack`: it passes what is right, and finds what is wrong with a pack, each mistake in its place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import talkoot.cli.domains
from talkoot.errors import BadInput
from talkoot.planning.packs.check import TOLD, Check, check_pack, spoil
from talkoot.planning.packs.pack import list_packs, load_pack
from talkoot.problem import literals

SKELETON = Path(talkoot.cli.domains.__file__).parent / "skeleton"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SKELETON, tmp_path / "newdomain", ignore=shutil.ignore_patterns("__pycache__")))


def _edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def _wrong(folder: Path, **options: float) -> list[Check]:
    return [one for one in check_pack(folder, sizes=(1, 2), time=0, **options) if one.ok is False]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list_packs())
def test_packs_that_come_along_are_right(name: str) -> None:
    checks = check_pack(name, sizes=(2,), seeds=(0, 1), time=0)
    assert [one for one in checks if one.ok is not True] == []
    assert {"domain", "phrases", "example", "generator", "audit notices changes", "words give the problem"} <= {
        one.name for one in checks
    }


@pytest.mark.parametrize("name", list_packs())
def test_their_smallest_instances_are_solved(name: str) -> None:
    planned = [one for one in check_pack(name, sizes=(1,), seeds=(1,), time=20) if one.name == "planning"]
    assert [one.ok for one in planned] == [True]
    assert "steps" in planned[0].detail


def test_the_pack_to_begin_with_is_right(folder: Path) -> None:
    said: list[str] = []
    checks = check_pack(folder, sizes=(1, 3), time=20, progress=said.append)
    assert [one for one in checks if one.ok is not True] == []
    assert sum(one.name == "planning" for one in checks) == 2
    assert any("solving" in line for line in said)
    assert checks[0].to_json()["file"] == "domain.pddl"


def test_faults_of_the_domain_are_told_with_their_lines(folder: Path) -> None:
    _edit(folder, "domain.pddl", "(road ?here ?there)", "(raod ?here ?there)")
    checks = check_pack(folder)
    assert [one.name for one in checks] == ["domain"]
    assert "line 16" in checks[0].detail
    assert "raod" in checks[0].detail
    assert checks[0].remedy


def test_a_domain_that_is_not_there_or_not_text_is_told(folder: Path) -> None:
    (folder / "domain.pddl").write_bytes(b"(define \xff")
    assert "cannot be read" in check_pack(folder)[0].detail
    (folder / "domain.pddl").unlink()
    assert check_pack(folder)[0].ok is False
    with pytest.raises(BadInput, match="no planning domain"):
        check_pack("nowhere")


def test_a_broken_pack_is_told(folder: Path) -> None:
    _edit(folder, "pack.toml", "title = ", "title ")
    wrong = _wrong(folder)
    assert [(one.name, one.file) for one in wrong] == [("pack", "pack.toml")]


@pytest.mark.parametrize(
    ("old", "new", "name", "part"),
    [
        ('load = "Load {x} at {here}"', "", "telling", "no words for the action load"),
        ("Drive from {here}", "Drive from {start}", "telling", "{start} is none of its parameters"),
        ('drive = "', 'ride = "', "telling", "no such name"),
        ('"(loaded ?x)"', '"(load ?x)"', "rules", "no predicate load"),
        ("(loaded ?x)))", "(loaded ?x ?x)))", "rules", "loaded takes 1 arguments, not 2"),
        ("(exists (?x - parcel)", "(exists (?x - packet)", "rules", "no type packet"),
        ("van (?:is|stands|starts) at {p:place}", "van (?:is|stands|starts) at {p:town}", "phrases", "no type town"),
        ("road (?:between|from) {p:place}", "road (?:between|from) {a:place}", "phrases", "gives no {p}"),
        ('means = "(van-at {p})"', 'means = "(bus-at {p})"', "phrases", "no predicate bus-at"),
        ('means = "(van-at {p})"', 'means = "(van-at {p}"', "pack", "brackets"),
        ('means = "(van-at {p})"', 'means = "(at {p} {2@succ})"', "phrases", "no [[chain]]"),
        ('means = "(objects parcel {xs})"', 'means = "(objects box {xs})"', "phrases", "no type box"),
        ('means = "(count {n} (?x - parcel) (and))"', 'means = "(grid cell {n} 2)"', "phrases", "no type cell"),
        ('means = "(count {n} (?x - parcel) (and))"', 'means = "(value (far) {n})"', "phrases", "no function far"),
    ],
)
def test_mistakes_in_the_pack_are_told_once_and_in_their_place(
    folder: Path, old: str, new: str, name: str, part: str
) -> None:
    _edit(folder, "pack.toml", old, new)
    wrong = _wrong(folder)
    assert {one.name for one in wrong} == {name}
    assert part in wrong[0].detail
    assert {one.file for one in wrong} == {"pack.toml"}


def test_grids_chains_and_aliases_are_looked_at(folder: Path) -> None:
    with (folder / "pack.toml").open("a") as file:
        file.write('[[grid]]\ntype = "cell"\nwhere = "(in ?cell)"\nrelation = { road = [[1, 0]] }\n'
                   '[[chain]]\ntype = "level"\nrelation = "road"\n'
                   '[[alias]]\nfrom = "(in ?x van)"\nto = "(inside ?x)"\n')  # fmt: skip
    told = [one.detail for one in _wrong(folder)]
    assert len(told) == 4
    assert "[[grid]]: the domain has no type cell" in told[0]
    assert "[[grid]] where: the domain has no predicate in" in told[1]
    assert "[[chain]]" in told[2]
    assert "inside" in told[3]


def test_an_example_that_says_something_else_is_found(folder: Path) -> None:
    _edit(folder, "example.pddl", "(at letter market)", "(at letter depot)")
    (folder / "description.txt").write_text("\n")
    told = " ".join(one.detail for one in _wrong(folder))
    assert "The letter is at market" in told
    assert "description.txt is missing or empty" in told


def test_sentences_that_nothing_reads_are_listed(folder: Path) -> None:
    _edit(folder, "example.txt", "The van is empty.", "The van is empty. The driver is tired.")
    wrong = _wrong(folder)
    assert [one.name for one in wrong] == ["example"]
    assert "The driver is tired" in wrong[0].detail
    assert "(and)" in wrong[0].remedy


def test_a_pack_without_a_generator_is_checked_by_its_example(folder: Path) -> None:
    (folder / "generate.py").unlink()
    checks = check_pack(folder, time=20)
    assert [one.name for one in checks if one.ok is None] == ["generator"]
    assert [one.detail for one in checks if one.name == "planning"] == ["the example: 8 steps"]
    (folder / "example.pddl").unlink()


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("rng = Random(seed)", "rng = Random()", "two calls give different instances"),
        ("rng = Random(seed)", "rng = Random(1 / 0)", "ZeroDivisionError"),
        ('("van-at", van), ("van-empty",)', '("van-at", van)', "filled in"),
        ('"newdomain", objects', '"other", objects', "other"),
        ("should be at {place}", "should stay at {place}", "no phrase reads"),
    ],
)
def test_mistakes_of_the_generator_are_found(folder: Path, old: str, new: str, part: str) -> None:
    _edit(folder, "generate.py", old, new)
    wrong = _wrong(folder)
    assert {one.name for one in wrong} == {"generator"}
    assert any(part in one.detail for one in wrong), wrong
    assert len(wrong) <= TOLD + 1


def test_what_nobody_would_notice_is_found(folder: Path) -> None:
    _edit(folder, "pack.toml", '"road", "at"', '"at"')
    _edit(folder, "pack.toml", 'means = "(and (road {p} {q}) (road {q} {p}))"', 'means = "(and)"')
    told = {one.name: one.detail for one in _wrong(folder)}
    assert set(told) == {"audit notices changes", "words give the problem"}
    assert "`road`" in told["audit notices changes"]
    assert "its start lacks" in told["words give the problem"]


def test_words_that_fit_every_problem_are_found(folder: Path) -> None:
    text = (folder / "generate.py").read_text()
    words = 'return "The goal is to deliver.\\n", problem\n'
    (folder / "generate.py").write_text(text.split("lines = [")[0] + words)
    _edit(folder, "pack.toml", 'complete = ["van-at", "road", "at", "loaded"]', "")
    _edit(folder, "pack.toml", 'means = "(and)"', 'means = "(forall (?x - parcel) (exists (?p - place) (at ?x ?p)))"')
    found = {one.name: one.detail for one in _wrong(folder)}
    assert "size 2, seed 0 fit the problem of size 2, seed 1 too" in found["words tell instances apart"]
    assert "is wrong in the goal" in found["audit notices changes"]


def test_an_unsolvable_instance_is_found(folder: Path) -> None:
    _edit(folder, "domain.pddl", "(and (not (loaded ?x)) (at ?x ?here) (van-empty))", "(and (loaded ?x))")
    checks = check_pack(folder, sizes=(1,), seeds=(0,), time=20)
    wrong = [one for one in checks if one.ok is False]
    assert {one.name for one in wrong} <= {"planning", "example", "generator"}
    assert wrong


def test_spoiled_copies_differ_from_the_problem_in_one_thing() -> None:
    pack = load_pack("blocksworld")
    _, problem = pack.generate(3, 1)
    spoiled = list(spoil(problem, pack.domain))
    assert len(spoiled) > 20
    for how, fact, copy in spoiled:
        start, goal = (
            set(copy.init) ^ set(problem.init),
            set(literals(copy.goal) or ()) ^ set(literals(problem.goal) or ()),
        )
        assert 1 <= len(start) + len(goal) <= 2
        assert bool(start) != bool(goal)
        assert ("goal" in how and "start" not in how) == bool(goal)
        assert fact in {*start, *(atom for _, atom in goal)}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('for = "?x - parcel"', 'for = "?x - parcle"', "[[exactly_one]] for: the domain has no type parcle"),
        ('"(at ?x *)"', '"(at * ?x)"', "?x in (at * ?x) is of type parcel, but at takes place there"),
        ('"(at ?x *)"', '"(at ?y *)"', "nothing says what ?y in (at ?y *) stands for"),
        ("(exists (?x - parcel) (loaded ?x))", "(exists (?x - parcel) (loaded ?y))", "what ?y in (loaded ?y)"),
        ('symmetric = ["road"]', 'symmetric = ["at"]', "at does not take two arguments that can change places"),
        ('symmetric = ["road"]', 'symmetric = ["loaded"]', "loaded does not take two arguments"),
        ('symmetric = ["road"]', 'symmetric = ["road"]\nsilent = ["(att ?x ?p)"]', "no predicate att"),
        ("[[derived]]", '[[alias]]\nfrom = "(in ?x)"\nto = "(loaded ?y)"\n\n[[derived]]', "what ?y in (loaded ?y)"),
    ],
)
def test_variables_of_rules_are_held_against_what_they_stand_for(folder: Path, old: str, new: str, told: str) -> None:
    _edit(folder, "pack.toml", old, new)
    wrong = _wrong(folder)
    assert [one.name for one in wrong] == ["rules"]
    assert told in wrong[0].detail
    assert wrong[0].remedy


def test_a_chain_that_points_the_other_way_is_told_of_the_example(folder: Path) -> None:
    (folder / "generate.py").unlink()
    _edit(folder, "pack.toml", "[[derived]]", '[[chain]]\ntype = "place"\nrelation = "road"\n\n[[derived]]')
    _edit(folder, "pack.toml", 'symmetric = ["road"]', "")
    for file in ("example.pddl", "example.txt"):
        text = (folder / file).read_text()
        for old, new in (("depot", "place1"), ("market", "place2"), ("harbour", "place3")):
            text = text.replace(old, new)
        (folder / file).write_text(text)
    assert any("(road place1 place2), which the rules of road" in one.detail for one in _wrong(folder))


def test_the_path_of_a_broken_pack_is_told_once(folder: Path) -> None:
    _edit(folder, "pack.toml", "[[derived]]", "[[derive]]")
    assert [one.detail.split(";")[0] for one in _wrong(folder)] == ["unknown entry 'derive'"]


def test_an_example_with_mended_faults_is_told_as_models_see_it(folder: Path) -> None:
    text = (folder / "example.pddl").read_text()
    own = re.search(r"\(:domain ([\w-]+)\)", text)
    assert own
    _edit(folder, "example.pddl", own[0], "(:domain elsewhere)")
    (wrong,) = _wrong(folder)
    assert wrong.name == "example"
    assert "for domain elsewhere" in wrong.detail
    assert f"write (:domain {own[1]})" in wrong.remedy

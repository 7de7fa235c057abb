"""Loading domain packs, and finding the one that fits a domain."""

import os
import shutil
from pathlib import Path

import pytest

from talkoot.errors import BadInput, FaultyPddl
from talkoot.planning.packs.pack import SHIPPED, list_packs, load_pack, pack_for, packs_in, signature
from talkoot.planning.pddl.reader import read_problem
from talkoot.planning.pddl.schema import load_domain


def test_the_eight_domains_come_along_and_are_whole() -> None:
    assert list_packs() == [
        "barman", "blocksworld", "floortile", "grippers", "manipulation", "storage", "termes", "tyreworld",
    ]  # fmt: skip
    for name in list_packs():
        pack = load_pack(name)
        assert set(pack.tell) == set(pack.domain.actions), name
        assert pack.description, name
        assert pack.phrases, name
        draft = read_problem(pack.example_problem, pack.domain)
        assert not [fault for fault in draft.faults if not fault.mended], name


def test_a_pack_is_found_by_its_signature_whatever_the_domain_is_called() -> None:
    text = load_pack("grippers").domain_text.replace("gripper-strips", "something-else")
    found = pack_for(load_domain(text))
    assert found is not None
    assert found.name == "grippers"
    assert pack_for(load_domain(text.replace("pick", "seize"))) is None
    assert len({signature(load_pack(name).domain) for name in list_packs()}) == len(list_packs())


def test_generators_repeat_themselves_and_differ_by_seed_and_size() -> None:
    for name in list_packs():
        pack = load_pack(name)
        assert pack.generate(3, 5) == pack.generate(3, 5)
        assert pack.generate(3, 5) != pack.generate(3, 6)
        small, large = pack.generate(1, 1)[1], pack.generate(6, 1)[1]
        assert len(small.objects) < len(large.objects), name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED / "blocksworld", tmp_path / "mine")
    return tmp_path / "mine"


def _change(folder: Path, old: str, new: str) -> None:
    path = folder / "pack.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title =", "title", "pack.toml"),
        ("[[alias]]", "[[aliass]]", "unknown entry 'aliass'"),
        ('complete = ["on"', 'complete = ["onn"', "no predicate 'onn'"),
        ('fact = "(clear ?b)"', 'fakt = "(clear ?b)"', r"\[\[derived\]\] number 1: unknown entry 'fakt'"),
        ('fact = "(clear ?b)"', "", r"\[\[derived\]\] number 1: the entry 'fact' is missing"),
        ("title =", "domain =", "unknown entry 'domain'"),
        ("title =", "grids =", "unknown entry 'grids'"),
        ("title =", "title = 3 #", "title must be a text, and is '3'"),
        ("title =", 'silent = "(clear b1)"\ntitle =', "silent must be a list of texts"),
        ("title =", 'silent = ["(clear b1"]\ntitle =', "pack.toml, silent: .*brackets"),
        ("title =", "in_order = [3]\ntitle =", "in_order must be a list of texts"),
        ("title =", "chain = 3\ntitle =", r"chain must be tables, each headed \[\[chain\]\]"),
        ("pickup =", "pickup = 3 #", "tell must be a table of texts"),
        ('means = "(arm-empty)"', "means = 3", r"number 6: an entry is of another kind than it should be"),
        ('means = "(arm-empty)"', 'means = "(not)"', r"number 6: \(not ...\) takes 1 conditions"),
        ("says = ['{n} blocks?']", "says = ['{x} by {x}']", r"number 1: redefinition of group name 'x'"),
        ("says = ['{n} blocks?']", "says = []", r"number 1: says has no pattern"),
        ("says = ['{n} blocks?']", "says = ['(?:{n})?']", r"number 1: the pattern .* fits where there is nothing"),
        ('"(clear ?b)", "(on * ?b)"', '"(clear ?b", "(on * ?b)"', r"\[\[exactly_one\]\] number 2: .*brackets"),
        ('means = "(arm-empty)"', 'section = "middle"\nmeans = "(arm-empty)"', "none of start, goal, both"),
        ("says = ['{n} blocks?']", "says = ['{n} (blocks?']", r"\[\[phrase\]\] number 1"),
        ('means = "(arm-empty)"', 'means = "(arm-empty"', r"\[\[phrase\]\] number 6: .*brackets"),
    ],
)
def test_mistakes_in_a_pack_are_told_with_file_and_place(folder: Path, old: str, new: str, complaint: str) -> None:
    _change(folder, old, new)
    with pytest.raises(BadInput, match=complaint) as caught:
        load_pack(folder)
    assert "pack.toml" in str(caught.value)


def test_an_unknown_domain_is_told_with_those_that_exist() -> None:
    with pytest.raises(BadInput, match=r"no planning domain 'chess'; .*blocksworld"):
        load_pack("chess")


def test_missing_and_unreadable_files(folder: Path) -> None:
    for body, said in (
        ("    return {}[size]", r"generate\.py, line 2: size 1, seed 1 ended in KeyError: 1; mend it, or"),
        ("    return 'words'", "ended in ValueError"),
        ("    return 'words', 3", "it must return a text and a talkoot.problem.Problem"),
        ("    raise SystemExit(4)", "ended in SystemExit: 4"),
        ("    from nowhere import this", "line 2: .* No module named 'nowhere'"),
        ("  )", "ended in SyntaxError"),
    ):
        (folder / "generate.py").write_text(f"def generate(size, seed):\n{body}\n# {said}\n")
        os.utime(folder / "generate.py", ns=(len(said), len(body)))  # as if time had passed
        with pytest.raises(BadInput, match=said):
            load_pack(folder).generate(1, 1)
    (folder / "generate.py").unlink()
    with pytest.raises(BadInput, match="has no generator"):
        load_pack(folder).generate(1, 1)
    (folder / "description.txt").write_bytes(b"\xff\xfe\xff")
    shutil.copytree(folder, folder.parent / "other")
    with pytest.raises(BadInput, match="not UTF-8"):
        load_pack(folder.parent / "other")
    (folder.parent / "other" / "domain.pddl").unlink()
    with pytest.raises(BadInput, match=r"domain\.pddl is missing"):
        load_pack(folder.parent / "other")


def test_a_faulty_domain_is_refused(folder: Path) -> None:
    path = folder / "domain.pddl"
    path.write_text(path.read_text(encoding="utf-8").replace("(clear ?below)", "(cleer ?below)"), encoding="utf-8")
    with pytest.raises(FaultyPddl, match="cleer"):
        load_pack(folder)


def test_own_packs_come_before_those_that_come_along(tmp_path: Path) -> None:
    shutil.copytree(load_pack("blocksworld").folder, tmp_path / "mine" / "towers")
    (own,) = packs_in(tmp_path / "mine")
    assert own == packs_in(tmp_path / "mine" / "towers")[0]
    domain = load_pack("blocksworld").domain
    assert (pack_for(domain), pack_for(domain, [own])) == (load_pack("blocksworld"), own)
    assert pack_for(load_pack("termes").domain, [own]) == load_pack("termes")
    with pytest.raises(BadInput, match="holds no planning domain"):
        packs_in(tmp_path)


def test_in_order_takes_relations_of_two_things(tmp_path: Path) -> None:
    shutil.copytree(load_pack("blocksworld").folder, tmp_path / "towers")
    path = tmp_path / "towers" / "pack.toml"
    path.write_text('in_order = ["clear"]\n' + path.read_text())
    with pytest.raises(BadInput, match="in_order: clear does not relate two things"):
        load_pack(tmp_path / "towers")

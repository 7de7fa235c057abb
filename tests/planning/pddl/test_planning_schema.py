import pytest

from pddl_samples import BLOCKS, DOMAIN, GRID
from talkoot.errors import FaultyPddl
from talkoot.planning.faults import Fault
from talkoot.planning.pddl.schema import load_domain, read_domain


def faults(text: str, keep: str = "") -> list[Fault]:
    return [fault for fault in read_domain(text)[1] if keep in fault.kind]


def test_a_domain_is_read_whole() -> None:
    domain, found = read_domain(DOMAIN)
    assert domain.name == "courier"
    assert domain.types["locker"] == ("stop", "thing")
    assert domain.types["box"] == ("parcel",)
    assert domain.is_a("box", ("thing",))
    assert domain.predicates["holds"] == (("?t", ("parcel", "letter")),)
    assert domain.predicates["busy"] == ()
    assert domain.predicates["drive"] == (("?s", ("stop",)),)  # shares its name with an action
    assert domain.functions == {"total-cost": (), "way": (("?a", ("stop",)), ("?b", ("stop",)))}
    assert domain.requirements == (":typing", ":negative-preconditions", ":action-costs")
    drive = domain.actions["drive"]
    assert drive.parameters == (("?a", ("stop",)), ("?b", ("stop",)))
    assert drive.effect[3] == ("increase", ("total-cost",), ("way", "?a", "?b"))
    assert domain.actions["load"].precondition[1] == ("not", ("busy",))
    assert domain.actions["load"].effect[-1] == ("increase", ("total-cost",), 1.0)
    assert [(fault.kind, fault.line, fault.mended) for fault in found] == [("undeclared-object", 18, True)]


def test_a_name_that_nobody_declares_becomes_a_constant_of_the_widest_type_that_fits() -> None:
    domain, (fault,) = read_domain(DOMAIN)
    assert domain.constants == {"home": "depot", "van": "object"}
    assert "van (4 times)" in fault.message
    assert "(:constants van - object)" in fault.remedy
    text = GRID.replace("(not (wet ?b))", "(and (north ?b gate) (not (wet gate)))")
    assert read_domain(text)[0].constants == {"gate": "bed"}
    clash = GRID.replace("(not (wet ?b))", "(and (above x x) (wet x))")
    assert [fault.mended for fault in faults(clash, "undeclared")] == [False]


def test_conditions_and_effects_of_every_sort() -> None:
    text = """(define (domain d) (:requirements :adl) (:types a) (:predicates (p ?x - a) (q))
     (:action go :parameters (?x ?y - a)
      :precondition (and (or (p ?x) (q)) (imply (q) (not (p ?y))) (forall (?z - a) (p ?z))
                         (exists (?z - a) (and (p ?z) (not (= ?z ?x)))))
      :effect (forall (?z - a) (when (p ?z) (and (not (p ?z)) (q))))) (:action rest :effect (q)))"""
    domain, found = read_domain(text)
    assert found == []
    go = domain.actions["go"]
    assert go.precondition[2] == ("imply", ("q",), ("not", ("p", "?y")))
    assert go.precondition[3] == ("forall", (("?z", ("a",)),), ("p", "?z"))
    assert go.precondition[4][2][2] == ("not", ("=", "?z", "?x"))
    assert go.effect == ("forall", (("?z", ("a",)),), ("when", ("p", "?z"), ("and", ("not", ("p", "?z")), ("q",))))
    assert domain.actions["rest"].parameters == ()
    assert domain.actions["rest"].precondition == ("and",)


def test_object_may_be_declared_and_parents_need_not_be() -> None:
    domain, found = read_domain("(define (domain d) (:types object room - object cup - (either tool toy)) "
                                "(:predicates (in ?o - object)) (:action a :effect (in x)))")  # fmt: skip
    assert domain.types == {"room": ("object",), "cup": ("tool", "toy"), "tool": ("object",), "toy": ("object",)}
    assert [fault.kind for fault in found] == ["undeclared-object"]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("(on ?a ?b))\n   :effect", "(on ?a))\n   :effect", "arity"),
        ("(and (clear ?a) (on ?a ?b))", "(and (cleer ?a) (on ?a ?b))", "unknown-predicate"),
        (":precondition", ":precond", "syntax"),
        (":parameters (?a ?b)", ":parameters (?a)", "undeclared-object"),
        (":parameters (?a ?b)", ":parameters (?a ?b ?a)", "syntax"),
        (":parameters (?a ?b)", ":parameters (?a - brick ?b)", "unknown-type"),
        (":parameters (?a ?b)", ":parameters (a ?b)", "syntax"),
        ("(on-floor ?a) (clear ?a))", "(on-floor ?a) (clear ?a) (clear ?b))", "syntax"),
        ("(clear ?a) (on ?a ?b))", "(clear (on ?a)) (on ?a ?b))", "nested-term"),
        ("(:action", "(:derived (clear ?a) (on ?a ?a)) (:action", "unsupported"),
        ("(:action lift", "(:durative-action lift", "unsupported"),
        ("(on-floor ?a)\n", "(increase (fuel ?a) 2)\n", "unsupported"),
        ("(on-floor ?a)\n", "(increase (total-cost) -2)\n", "unsupported"),
        ("(on-floor ?a)\n", "(increase (total-cost) two)\n", "fluent"),
        ("(on-floor ?a)\n", "(increase (total-cost) (way ?a))\n", "fluent"),
        ("(clear ?b))))", "(clear ?b)", "truncated"),
        (":effect", ":then", "syntax"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_a_remedy(old: str, new: str, kind: str) -> None:
    assert old in BLOCKS
    found = [fault for fault in faults(BLOCKS.replace(old, new)) if not fault.mended]
    assert kind in [fault.kind for fault in found]
    assert all(fault.section == "domain" and fault.line and fault.remedy for fault in found)


def test_types_are_checked_where_no_object_could_fit() -> None:
    wrong = GRID.replace(":precondition (wet ?b)", ":precondition (above ?b ?b)")
    assert [fault.kind for fault in faults(wrong)] == ["argument-type"] * 2
    assert faults(GRID.replace("(?b - bed) :precondition", "(?b - object) :precondition")) == []


def test_costs_need_no_declaration() -> None:
    domain, found = read_domain(BLOCKS.replace("(on-floor ?a)\n", "(increase (total-cost) 2)\n"))
    assert domain.functions == {"total-cost": ()}
    assert [(fault.kind, fault.mended) for fault in found] == [("fluent", True)]


def test_words_of_pddl_are_no_names_of_predicates() -> None:
    for word in ("and", "forall", "when", "increase"):
        found = faults(f"(define (domain d) (:predicates ({word} ?x) (p)) (:action x :effect (p)))")
        assert [str(fault) for fault in found] == [
            f"line 1, column 33: {word} is a word of PDDL itself, no name for a predicate "
            f"(call it {word}-of or the like)"
        ]
    domain, found = read_domain("(define (domain d) (:predicates (= ?x ?y) (p)) (:action x :effect (p)))")
    assert (list(domain.predicates), [fault.mended for fault in found]) == (["p"], [True])


def test_a_circle_of_types_is_a_fault() -> None:
    domain, found = read_domain("(define (domain d) (:types a - b b - a) (:predicates (p)) (:action x :effect (p)))")
    assert "its own ancestor" in found[0].message
    assert domain.is_a("b", ("a",)) or domain.is_a("a", ("b",))


def test_load_domain_lists_all_that_is_wrong() -> None:
    assert load_domain(DOMAIN).constants["van"] == "object"
    with pytest.raises(FaultyPddl, match=r"garden.pddl has 2 faults(.|\n)*line 2, column 57(.|\n)*took(.|\n)*tell"):
        load_domain(BLOCKS.replace("(clear ?a) (on ?a ?b)", "(took ?a) (tell ?b)"), "garden.pddl")
    with pytest.raises(FaultyPddl, match=r"the domain has 1 fault:\n.*empty"):
        load_domain("")

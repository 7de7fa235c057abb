from pddl_samples import PROBLEM, problem
from talkoot.planning.pddl.sexpr import DEEPEST, Branch, Token, read, walk


def kinds(text: str) -> list[tuple[str, bool]]:
    return [(fault.kind, fault.mended) for fault in read(text, "problem").faults]


def form(text: str) -> str:
    return str(read(text, "problem").form)


CLEAN = "(define (problem p) (:domain d) (:objects a) (:init (x a) (y a)) (:goal (and (x a))))"


def test_words_and_lists_know_their_places() -> None:
    reading = read("\n (define (PROBLEM p)\n   (:init (On A b)))", "problem")
    assert reading.form is not None
    atom = next(branch for branch in walk(reading.form) if branch.head == "on")
    assert (atom.line, atom.column, atom.end) == (3, 11, (3, 18))
    assert atom.items[1] == Token("a", 3, 15)
    assert [section.head for section in reading.sections(":init")] == [":init"]
    assert kinds(PROBLEM) == []


def test_comments_are_kept_with_their_places() -> None:
    reading = read("; before\n(define (problem p) ; a (note\n (:init)) ; after", "problem")
    assert [(note.text, note.line, note.column) for note in reading.comments[:1]] == [("a (note", 2, 21)]
    assert reading.faults == []


def test_fences_prose_and_thoughts_around_are_left_out() -> None:
    fenced = f"Sure! Here it is:\n```lisp\n{CLEAN}\n```\nNote that (x a) holds :-)"
    assert form(fenced) == form(CLEAN)
    assert kinds(fenced) == [("syntax", True)]
    assert read(fenced, "problem").form.line == 3  # type: ignore[union-attr]
    assert kinds(f"<think>(define (problem q) (:init))</think>{CLEAN}") == []
    assert kinds(f"\ufeff{CLEAN}\n") == []


def test_odd_quotes_dashes_and_commas_do_no_harm() -> None:
    assert form(CLEAN.replace("(x a)", "(“x” ‘a’,)")) == form(CLEAN)
    assert "tile-1" in form(CLEAN.replace("a)", "tile–1)"))


def test_the_last_of_several_problems_is_read_and_domains_are_passed_over() -> None:
    domain = "(define (domain d) (:predicates (x ?a)) (:action go :effect (x)))"
    both = read(domain + CLEAN, "problem")
    assert str(both.form) == form(CLEAN)
    assert [fault.mended for fault in both.faults] == [True]
    assert str(read(CLEAN + domain, "domain").form) == str(read(domain, "domain").form)
    assert kinds(CLEAN + CLEAN) == []
    two = read(CLEAN + CLEAN.replace("(y a)", ""), "problem")
    assert "(y a)" not in str(two.form)
    assert [(fault.kind, fault.mended) for fault in two.faults] == [("syntax", False)]


def test_nothing_to_read() -> None:
    assert kinds("  \n") == [("empty", False)]
    assert kinds("I cannot do that.") == [("empty", False)]
    assert read("(define (problem p) (:init))", "domain").form is None


def test_missing_brackets_at_the_end() -> None:
    assert kinds(CLEAN[:-1]) == kinds(CLEAN[:-2]) == [("syntax", True)]
    assert form(CLEAN[:-2]) == form(CLEAN)
    assert kinds(CLEAN[:-3]) == [("truncated", False)]  # more goals may have followed
    assert kinds(CLEAN[:40])[-1] == ("truncated", False)


def test_a_section_closes_what_is_open_before_it() -> None:
    text = CLEAN.replace("(y a)) (:goal", "(y a) (:goal")
    assert form(text) == form(CLEAN)
    assert kinds(text) == [("syntax", True)]
    assert form(CLEAN.replace("(y a)) (:goal", "(y a (:goal")) == form(CLEAN)


def test_extra_brackets_are_ignored_and_what_they_cut_off_is_kept() -> None:
    assert form(CLEAN + ")") == form(CLEAN)
    assert kinds(CLEAN + ")") == [("syntax", True)]
    early = CLEAN.replace("(x a) (y a)", "(x a)) (y a)")
    assert form(early) == form(CLEAN)
    assert all(mended for _, mended in kinds(early))
    assert kinds(early)


def test_a_section_without_its_opening_bracket() -> None:
    text = CLEAN.replace("(:init", ":init")
    assert form(text) == form(CLEAN)
    assert kinds(text) == [("syntax", True)]


def test_sections_alone_are_read() -> None:
    reading = read("Here:\n(:init (x a))\n(:goal (x a))", "problem")
    assert [len(reading.sections(name)) for name in (":init", ":goal", ":objects")] == [1, 1, 0]
    assert all(fault.mended for fault in reading.faults)
    assert [fault.kind for fault in read("(:init (x a) (y", "problem").faults][-1] == "truncated"


def test_depth_is_bounded() -> None:
    reading = read("(define (problem p) (:init " + "(" * 100_000, "problem")
    assert [fault.kind for fault in reading.faults] == ["syntax", "truncated"]
    assert sum(1 for _ in walk(reading.form or Branch([], 1, 1))) <= DEEPEST + 2
    assert "(:goal" in form("(define (problem p) (:init " + "(" * 200 + ")" * 201 + "(:goal (x a)))")


def test_every_beginning_of_a_problem_is_read() -> None:
    for text in (PROBLEM, problem("(on a b) ; note\n")):
        for end in range(len(text)):
            assert read(text[:end], "problem").faults or not text[end:].strip()

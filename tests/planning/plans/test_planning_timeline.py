"""Plans drawn over time."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plan_samples import sample
from talkoot.errors import BadInput, InvalidPlan
from talkoot.planning.packs.pack import load_pack
from talkoot.planning.pddl.reader import load_domain
from talkoot.planning.plans.order import lanes
from talkoot.planning.plans.timeline import agent_of, draw, make_timeline, page, write_timeline
from talkoot.problem import Plan, Problem

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync"]  # fmt: skip


def tall(count: int) -> tuple[Any, Problem, Plan]:
    """A long plan: one cart goes to and fro."""
    domain, problem, _ = sample("hauling")
    plan = tuple(
        ("roll", "red", *(("yard", "barn") if number % 2 else ("barn", "yard"))) for number in range(1, count + 1)
    )
    return domain, replace(problem, goal=("at", "red", "barn" if count % 2 else "yard")), plan


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_what_the_page_says() -> None:
    domain, problem, plan = sample("hauling")
    timeline = make_timeline(domain, problem, plan, {"seal": "Seal {b}"}, {"sealed": "{b} is sealed"}, "cart")
    data = data_of(page(timeline))
    assert data["title"] == "two-carts"
    assert data["lanes"] == ["red", "blue"]
    assert data["makespan"] == 8
    steps = {one["step"]: one for one in data["steps"]}
    assert steps[8]["words"] == "Seal b1"
    assert steps[8]["because"] == "for the goal: b1 is sealed"
    assert steps[8]["goal"]
    assert not steps[1]["goal"]
    assert (steps[2]["start"], steps[2]["end"], steps[2]["lane"]) == (1, 4, 0)
    assert [3, 7, "not full red"] in data["links"]
    assert all(first for first, _, _ in data["links"])  # none from the start
    heights = dict(data["times"])
    assert heights[0] == 0
    assert sorted(heights.values()) == [heights[time] for time in sorted(heights)]


def test_a_page_is_safe_and_asks_nobody() -> None:
    domain, problem, plan = sample("tower")
    evil = replace(problem, name="</script><img src=x onerror=alert(1)>{{data}}")
    text = page(make_timeline(domain, evil, plan, {"lift": "<b>{a}</b> </script><script>alert(2)</script>"}))
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 2
    assert data_of(text)["title"] == evil.name
    assert "http://www.w3.org/2000/svg" in text
    assert not re.findall(r"(?:src|href)=\"(?!data:,)", text)
    assert "default-src 'none'" in text
    assert data_of(text)["steps"][0]["words"].startswith("<b>b</b>")


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf", ".html"])
def test_every_kind_of_file(tmp_path: Path, ending: str) -> None:
    domain, problem, plan = sample("hauling")
    path = tmp_path / "new" / f"plan{ending}"
    assert draw(domain, problem, plan, path, agents="cart") == path
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".html": b"<!doctype html>"}[ending]
    assert path.read_bytes().startswith(start)
    assert list(path.parent.iterdir()) == [path]
    if ending == ".svg":
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize("count", [0, 1, 120])
def test_short_and_long_plans_are_drawn(tmp_path: Path, count: int) -> None:
    domain, problem, plan = tall(count)
    timeline = make_timeline(domain, problem, plan, {}, agents="cart")
    path = write_timeline(timeline, tmp_path / "plan.png")
    width, height = (int.from_bytes(path.read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert 400 < width < 1500
    assert height > 25 * count
    assert len(data_of(page(timeline))["steps"]) == count


def test_other_endings_are_refused(tmp_path: Path) -> None:
    domain, problem, plan = sample("tower")
    with pytest.raises(BadInput, match=r"plan\.gif has none of the endings \.html, \.png, \.svg, \.pdf"):
        draw(domain, problem, plan, tmp_path / "plan.gif")
    with pytest.raises(InvalidPlan):
        draw(domain, problem, plan[1:], tmp_path / "plan.png")
    assert list(tmp_path.iterdir()) == []


def test_who_acts() -> None:
    domain, problem, _ = sample("hauling")
    assert agent_of(domain, problem)(("roll", "red", "yard", "barn")) == "all"
    assert agent_of(domain, problem, "cart")(("roll", "red", "yard", "barn")) == "red"
    assert agent_of(domain, problem, "barrel")(("seal", "red", "b1")) == "b1"
    assert agent_of(domain, problem, "barrel")(("roll", "red", "yard", "barn")) == "all"
    with pytest.raises(BadInput, match="no type 'wagon'; its types are place, cart, good, crate, barrel"):
        agent_of(domain, problem, "wagon")


@pytest.mark.parametrize(
    ("pack", "step", "agent"),
    [
        ("grippers", ("move", "r2", "a", "b"), "r2"),
        ("storage", ("drop", "h0", "c", "s1", "s2", "d"), "h0"),
        ("floortile", ("up", "robot2", "t1", "t2"), "robot2"),
        ("barman", ("grasp", "left", "shot1"), "left"),
        ("blocksworld", ("pickup", "b1"), "all"),
    ],
)
def test_agents_of_the_packs_are_guessed(pack: str, step: tuple[str, ...], agent: str) -> None:
    domain = load_pack(pack).domain
    assert agent_of(domain, Problem("p", domain.name, {}, (), ("and",)))(step) == agent


def test_fractions_that_add_up_differently_are_one_time() -> None:
    domain = load_domain("""(define (domain tick) (:requirements :typing) (:types agent)
      (:predicates (p ?a - agent ?n) (q ?n ?m))
      (:action go :parameters (?a - agent ?n ?m) :precondition (and (p ?a ?n) (q ?n ?m)) :effect (p ?a ?m)))""")
    objects = {"x": "agent", "y": "agent", **{f"n{n}": "object" for n in range(4)}}
    init = (("p", "x", "n0"), ("p", "y", "n0"), *(("q", f"n{n}", f"n{n + 1}") for n in range(3)))
    goal = ("and", ("p", "x", "n3"), ("p", "y", "n2"))
    problem = Problem("p", "tick", objects, init, goal)
    plan = (("go", "x", "n0", "n1"), ("go", "x", "n1", "n2"), ("go", "x", "n2", "n3"), ("go", "y", "n0", "n1"),
            ("go", "y", "n1", "n2"))  # fmt: skip
    timeline = make_timeline(domain, problem, plan, {})
    schedule = lanes(domain, problem, plan, lambda step: step[1], takes=[0.1, 0.1, 0.1, 0.15, 0.15])
    data = data_of(page(replace(timeline, schedule=schedule)))
    assert [row for _, row in data["times"]] == pytest.approx([0, 2, 3, 4, 6])


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """It shows all steps, complains about nothing, and says why a step is there when it is pointed at."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    domain, problem, plan = sample("hauling")
    path = draw(domain, problem, plan, tmp_path / "plan.html", agents="cart")
    complaints: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        tab = browser.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(path.as_uri())
        assert tab.locator(".step").count() == 8
        assert tab.locator("path").count() == len({(link[0], link[1]) for link in data_of(path.read_text())["links"]
                                                   if link[1] > 0})  # fmt: skip
        tab.locator(".step", has_text="Seal red, b1").hover()
        told = tab.locator("#reason").inner_text()
        assert "for the goal: sealed b1" in told
        assert "needs on cart b1 red (step 7)" in told
        assert tab.locator(".step.far").count() == 6
        browser.close()
    assert complaints == []

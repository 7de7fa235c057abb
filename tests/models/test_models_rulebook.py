"""The dispatch to a world's rules by purpose."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

import talkoot.worlds
from talkoot.episode import run_sync
from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Request, Turn, Usage
from talkoot.models import open_model
from talkoot.models.check import check_model
from talkoot.models.rulebook import Rulebook, answer_by_rules, parse_rulebook
from talkoot.models.testserver import TestServer, by_rulebook, serving


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world with rules: it repeats what it was asked and how."""
    from importlib.machinery import ModuleSpec

    for name in ("talkoot.worlds.toy", "talkoot.worlds.toy.rulebook"):
        module = ModuleType(name)
        module.__path__ = []
        module.__spec__ = ModuleSpec(name, None)
        monkeypatch.setitem(sys.modules, name, module)
    rules = sys.modules["talkoot.worlds.toy.rulebook"]
    monkeypatch.setattr(talkoot.worlds, "toy", sys.modules["talkoot.worlds.toy"], raising=False)

    def answer(kind: str, messages: tuple[Turn, ...], *, drop: float, seed: int) -> str:
        return f"{kind}: {messages[-1].content} ({drop}, {seed})"

    rules.answer = answer  # type: ignore[attr-defined]


def ask(purpose: str, text: str = "pots") -> Request:
    return Request(purpose, (Turn("user", text),))


def test_the_purpose_finds_the_rules(toy: None) -> None:
    reply = run_sync(open_model("rulebook:drop=0.2,seed=3")(ask("toy/plan/double", "x" * 100)))
    assert reply.text == f"plan/double: {'x' * 100} (0.2, 3)"
    assert reply.usage == Usage(25, round(len(reply.text) / 4))
    assert run_sync(open_model("rulebook:drop=0.5", seed=9)(ask("toy/plan"))).text == "plan: pots (0.5, 9)"
    check_model(open_model("rulebook"), purposes=("toy/plan", "toy/verify"), deterministic=True)


@pytest.mark.parametrize("purpose", ["nowhere/plan", "", "overcooked", "../x", "a.b/c", "catalog/plan", "os/x"])
def test_a_purpose_without_rules(purpose: str) -> None:
    if purpose == "overcooked":
        purpose = "Overcooked/plan"
    with pytest.raises(ModelFailed, match="no rules for the purpose"):
        run_sync(Rulebook()(ask(purpose)))


def test_names() -> None:
    assert parse_rulebook("rulebook").name == "rulebook"
    assert parse_rulebook("rulebook:drop=0.20,seed=3").name == "rulebook:drop=0.2,seed=3"
    for name in (
        "rulebook:",
        "rulebook:drop=2",
        "rulebook:drop=x",
        "rulebook:luck=1",
        "rulebook:drop",
        "rulebook:seed=1.5",
    ):
        with pytest.raises(BadInput, match="rulebook"):
            open_model(name)


def test_a_server_can_answer_by_rules(toy: None) -> None:
    with serving(TestServer(by_rulebook(lambda messages: f"toy/{messages[-1].content}"))) as server:
        assert run_sync(open_model(server.name)(ask("whatever", "verify"))).text == "verify: verify (0.0, 0)"
    assert answer_by_rules("toy/a", (Turn("user", "b"),)) == "a: b (0.0, 0)"

"""The entropy watch, the order of prompts, and checkpoints."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from learning_toys import PIECES
from talkoot.errors import BadInput
from talkoot.learning.checkpoint import identity, load_checkpoint, save_checkpoint
from talkoot.learning.entropy import deciding, entropies, tokens_to
from talkoot.learning.logprobs import Row
from talkoot.learning.order import Order
from talkoot.learning.tiny import random_tiny
from talkoot.learning.tokenizer import WordTokenizer

WORDS = WordTokenizer(["\\boxed{", "Pos", "Neg", "itive", "ative", "}", " so ", "\\boxed{Positive}"])


def test_the_token_that_decides_is_where_verdicts_begin_to_differ() -> None:
    both = ["\\boxed{Positive}", "\\boxed{Negative}"]
    pieces = [2, 4, 5, 7, 8, 2, 3, 5, 7]  # \boxed{ Neg itive } so \boxed{ Pos itive }: the last whole verdict counts
    assert deciding(WORDS, pieces, both) == 6
    assert deciding(WORDS, [8, 9, WORDS.eos], both) == 1
    assert deciding(WORDS, [8, 2, 4, 5], both) is None
    assert deciding(WORDS, pieces, ()) is None
    assert deciding(WORDS, pieces, ["}"]) == 8


@given(st.lists(st.integers(2, 9), max_size=8), st.integers(0, 60))
def test_tokens_to_a_character(ids: list[int], end: int) -> None:
    count = tokens_to(WORDS, ids, end)
    assert len(WORDS.decode(ids[:count])) >= min(end, len(WORDS.decode(ids)))
    assert count == 0 or len(WORDS.decode(ids[: count - 1])) < end


def test_entropies_of_a_known_network() -> None:
    causal = random_tiny(PIECES, width=16, layers=1, heads=2, context=16)
    rows = [Row([2], causal.tokenizer.encode("ayes")), Row([3], causal.tokenizer.encode("b"))]
    with torch.no_grad():
        for parameter in causal.net.parameters():
            parameter.zero_()
    every, verdict = entropies(causal, rows, verdicts=("yes", "no"), temperature=1.0, tokens=99)
    assert every == pytest.approx(2.1972, abs=1e-3)  # uniform over 9 tokens
    assert verdict == pytest.approx(every)
    assert entropies(causal, rows[1:], verdicts=("yes", "no"), temperature=1.0, tokens=1)[1] is None


@given(st.lists(st.sampled_from("xyz"), min_size=1, max_size=12), st.integers(0, 5))
def test_every_epoch_of_a_class_has_each_of_its_prompts_once(kinds: list[str], seed: int) -> None:
    order = Order(kinds, seed)
    names = list(dict.fromkeys(kinds))
    assert len(order.taken) == len(names)
    for number, name in enumerate(names):
        members = [i for i, kind in enumerate(kinds) if kind == name]
        assert Counter(order.take(number) for _ in range(3 * len(members))) == Counter(members * 3)


def test_an_order_goes_on_from_its_counters() -> None:
    whole, half = Order([0] * 7, 3), Order([0] * 7, 3)
    expected = [whole.take(0) for _ in range(20)]
    assert [half.take(0) for _ in range(9)] == expected[:9]
    later = Order([0] * 7, 3, taken=list(half.taken))
    assert [later.take(0) for _ in range(11)] == expected[9:]
    other = Order([0] * 7, 4)
    assert [other.take(0) for _ in range(20)] != expected


def test_checkpoints(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.pt"
    run = identity(["a"], {"lr": 0.1}, 3)
    assert run == identity(["a"], {"lr": 0.1}, 3)
    assert run != identity(["a"], {"lr": 0.2}, 3)
    assert load_checkpoint(path, run, "cpu") is None
    save_checkpoint(path, run, {"tensor": torch.arange(3), "numbers": [1, 2]})
    save_checkpoint(path, run, {"tensor": torch.arange(4), "numbers": [1, 2, 3]})
    state = load_checkpoint(path, run, "cpu")
    assert state is not None
    assert state["tensor"].tolist() == [0, 1, 2, 3]
    assert state["numbers"] == [1, 2, 3]
    assert [each.name for each in path.parent.iterdir()] == ["one.pt"]
    with pytest.raises(BadInput, match="other settings"):
        load_checkpoint(path, identity("other"), "cpu")
    for broken in (b"", b"nonsense", path.read_bytes()[:200]):
        path.write_bytes(broken)
        with pytest.raises(BadInput, match="delete it to begin again"):
            load_checkpoint(path, run, "cpu")

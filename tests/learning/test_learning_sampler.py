"""The batched sampler: what it draws is what the plain way draws, whatever else is in the batch."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from talkoot.learning import sampler
from talkoot.learning.sampler import Row, choose, draw, lane_width, plan, stream, uniform
from talkoot.learning.transformer import Shape, Transformer

CONTEXT = 40
NONE: frozenset[int] = frozenset()


def sharp(seed: int = 0) -> Transformer:
    """Weights large enough that texts differ in what follows them."""
    net = Transformer(Shape(vocabulary=9, width=16, layers=2, heads=2, context=CONTEXT), seed)
    with torch.no_grad():
        for parameter in net.layers.parameters():
            if parameter.dim() > 1:
                parameter *= 8
    return net


NET = sharp()


@torch.no_grad()
def plainly(
    prompt: Sequence[int], copy: int, seed: int, max_tokens: int, stops: frozenset[int] = NONE, temperature: float = 1.0
) -> list[int]:
    """One row, a forward of the whole text for every token."""
    text, key = list(prompt), torch.tensor([stream(seed, prompt, copy)])
    for position in range(max_tokens):
        logits = NET(torch.tensor([text]))[:, -1]
        text.append(int(choose(logits, temperature, key, torch.tensor([position]))))
        if text[-1] in stops or len(text) >= CONTEXT:
            break
    return text[len(prompt) :]


texts = st.lists(st.integers(2, 8), min_size=1, max_size=12)


@st.composite
def cases(draw_: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    """Prompts, some of them prefixes of others or the same, with numbers of copies and seeds."""
    prompts = draw_(st.lists(texts, min_size=1, max_size=4))
    for whole in list(prompts):
        prompts += [whole[:cut] for cut in draw_(st.lists(st.integers(1, len(whole)), max_size=3))]
    prompts = draw_(st.permutations(prompts))
    size = len(prompts)
    n = draw_(st.lists(st.integers(0, 5), min_size=size, max_size=size))
    return prompts, n, draw_(st.lists(st.integers(0, 3), min_size=size, max_size=size))


@settings(max_examples=25, deadline=None)
@given(cases(), st.integers(1, 7), st.sampled_from([NONE, frozenset({3}), frozenset({2, 5, 7})]), st.integers(1, 40))
def test_draws_are_those_of_the_plain_way(
    case: tuple[list[list[int]], list[int], list[int]], max_tokens: int, stops: frozenset[int], rows: int
) -> None:
    prompts, n, seeds = case
    found = draw(NET, prompts, n, seeds, max_tokens=max_tokens, stops=stops, rows=rows)
    wanted = [
        [plainly(prompt, copy, seed, max_tokens, stops) for copy in range(count)]
        for prompt, count, seed in zip(prompts, n, seeds, strict=True)
    ]
    assert found == wanted


def test_many_nested_prefixes_with_refill_and_closing_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than fit, ends far apart, prefills cut small; the same whatever `rows` and whoever else is there."""
    monkeypatch.setattr(sampler, "PREFILLED", 20)
    generator = torch.Generator().manual_seed(1)
    wholes = [torch.randint(2, 9, (4 + 2 * i,), generator=generator).tolist() for i in range(5)]
    prompts = [whole[:cut] for whole in wholes for cut in range(2, len(whole) + 1, 2)]
    n, seeds, stops = [6] * len(prompts), [7] * len(prompts), frozenset({4})
    found = {rows: draw(NET, prompts, n, seeds, max_tokens=20, stops=stops, rows=rows) for rows in (1, 3, 16, 40, 512)}
    for rows in (1, 3, 16, 40):
        assert found[rows] == found[512]
    lengths = {len(ids) for copies in found[512] for ids in copies}
    assert min(lengths) == 1
    assert max(lengths) == 20
    alone = draw(NET, [prompts[9]], [6], [7], max_tokens=20, stops=stops)
    assert alone == [found[512][9]]
    assert alone[0][4] == plainly(prompts[9], 4, 7, 20, stops)


def test_greedy_is_the_argmax_of_whole_texts() -> None:
    prompts = [[2, 3, 4, 5], [2, 3], [8]]
    found = draw(NET, prompts, [2, 1, 3], [0, 0, 0], max_tokens=18, stops=NONE, temperature=0)
    for prompt, copies in zip(prompts, found, strict=True):
        assert copies == [plainly(prompt, 0, 0, 18, temperature=0)] * len(copies)


def test_temperature() -> None:
    cold = draw(NET, [[2, 3]], [20], [0], max_tokens=4, stops=NONE, temperature=1e-4)[0]
    assert cold == draw(NET, [[2, 3]], [20], [0], max_tokens=4, stops=NONE, temperature=0)[0]
    hot = draw(NET, [[2, 3]], [200], [0], max_tokens=1, stops=NONE, temperature=1e6)[0]
    assert {ids[0] for ids in hot} == set(range(9))


def test_stops_end_a_row_and_are_kept() -> None:
    (free,) = draw(NET, [[2, 3]], [30], [5], max_tokens=12, stops=NONE)
    (stopped,) = draw(NET, [[2, 3]], [30], [5], max_tokens=12, stops=frozenset({4, 6}))
    assert all(len(ids) == 12 for ids in free)
    for ids, whole in zip(stopped, free, strict=True):
        end = next((i for i, token in enumerate(whole) if token in (4, 6)), 11)
        assert ids == whole[: end + 1]


def test_the_context_ends_a_row() -> None:
    prompts = [[2] * (CONTEXT - 1), [3] * (CONTEXT - 5), [4] * 10]
    found = draw(NET, prompts, [2, 2, 2], [0, 0, 0], max_tokens=12, stops=NONE)
    assert [[len(ids) for ids in copies] for copies in found] == [[1, 1], [5, 5], [12, 12]]
    assert found[1][1] == plainly(prompts[1], 1, 0, 12)


def test_nothing_to_draw() -> None:
    assert draw(NET, [], [], [], max_tokens=5, stops=NONE) == []
    assert draw(NET, [[2], [3]], [0, 0], [0, 0], max_tokens=5, stops=NONE) == [[], []]
    assert draw(NET, [[2]], [2], [0], max_tokens=0, stops=NONE) == [[[], []]]


def test_seeds_copies_and_prompts_have_streams_of_their_own() -> None:
    first, other, again = draw(NET, [[2, 3]] * 3, [8] * 3, [0, 1, 0], max_tokens=10, stops=NONE)
    assert first == again != other
    assert len({tuple(ids) for ids in first}) > 4
    keys = {stream(seed, prompt, copy) for seed in range(3) for prompt in ([1], [1, 2], [12]) for copy in range(3)}
    assert len(keys) == 27
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_no_random_number_of_others_is_used_and_no_gradient_kept() -> None:
    state = torch.get_rng_state()
    drawn = draw(NET, [[2, 3]], [4], [0], max_tokens=5, stops=NONE)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(123)
    assert draw(NET, [[2, 3]], [4], [0], max_tokens=5, stops=NONE) == drawn
    torch.set_rng_state(state)
    assert all(parameter.grad is None for parameter in NET.parameters())


def test_uniform_is_uniform_and_depends_on_key_and_position() -> None:
    keys = torch.tensor([stream(0, [5, 6], copy) for copy in range(400)])
    numbers = uniform(keys[:, None], torch.arange(50))
    assert numbers.shape == (400, 50)
    assert 0 <= numbers.min() < 1e-3
    assert 1 - 1e-3 < numbers.max() < 1
    assert len(numbers.unique()) == numbers.numel()
    shares = torch.histc(numbers.float(), bins=20, min=0, max=1) / numbers.numel()
    assert (shares - 1 / 20).abs().max() < 5 * (0.05 * 0.95 / numbers.numel()) ** 0.5
    # Neither positions of one key nor keys at one position go together.
    centred = numbers - 0.5
    for left, right in ((centred[:, :-1], centred[:, 1:]), (centred[:-1], centred[1:])):
        assert abs(float((left * right).mean() * 12)) < 5 / left.numel() ** 0.5


def test_choose_draws_by_the_shares_and_never_what_has_none() -> None:
    logits = torch.tensor([0.5, 0.0, 0.3, 0.2]).log().expand(20_000, 4)
    keys = torch.full((20_000,), stream(1, [2], 3))
    shares = torch.bincount(choose(logits, 1.0, keys, torch.arange(20_000)), minlength=4) / 20_000
    assert shares[1] == 0
    torch.testing.assert_close(shares, torch.tensor([0.5, 0.0, 0.3, 0.2]), atol=0.02, rtol=0)


@given(cases())
def test_every_row_is_planned_once_and_its_text_begins_with_its_prompt(
    case: tuple[list[list[int]], list[int], list[int]],
) -> None:
    prompts, n, _ = case
    wholes, rows = plan(prompts, n)
    assert len(rows) == len(set(rows)) == sum(n)
    for row in rows:
        assert wholes[row.text][: row.length] == prompts[row.prompt]
        assert row.length == len(prompts[row.prompt])
        assert row.copy < n[row.prompt]
    assert [(row.text, row.length) for row in rows] == sorted((row.text, row.length) for row in rows)
    for i, whole in enumerate(wholes):
        assert whole in prompts
        assert not any(other[: len(whole)] == whole for j, other in enumerate(wholes) if j != i)


def test_a_chain_of_prefixes_is_one_text() -> None:
    wholes, rows = plan([[1, 2], [1, 3], [1], [1, 2]], [1, 1, 2, 1])
    assert wholes == [[1, 2], [1, 3]]
    assert rows == [Row(2, 0, 0, 1), Row(2, 1, 0, 1), Row(0, 0, 0, 2), Row(3, 0, 0, 2), Row(1, 0, 1, 2)]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=20), st.integers(1, 600))
def test_lanes_are_as_wide_as_leaves_few_places_empty(counts: list[int], rows: int) -> None:
    def places(width: int) -> int:
        return sum((count + width - 1) // width * width for count in counts)

    width = lane_width(counts, rows)
    assert width in (1, 2, 4, 8, 16, 32)
    assert width <= rows
    assert places(width) <= 1.25 * sum(counts)
    assert width == 32 or 2 * width > rows or places(2 * width) > 1.25 * sum(counts)
    assert lane_width([16, 16, 48], 512) == 16
    assert lane_width([1, 1, 1], 512) == 1

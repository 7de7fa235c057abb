"""How fast the learners of judges are on this machine: rollouts, and ratios to the plain ways with other tools.

The model is the reference's for its chain task D (7.1): 128 wide, 4 layers, .8 million weights, here with weights drawn
at random, and every rollout has the same length, so that all ways do the same work: times do not depend on what the
weights are. The prefixes are those of solutions of task D (3 to 8 operations, a chunk for each, the answer), the
rollouts 26 tokens long, the mean that the reference measured. All figures are of one thread; seconds are CPU seconds.
"""

from __future__ import annotations

import random
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import torch

from talkoot.learning.grpo import Score, Settings, train
from talkoot.learning.sampler import draw
from talkoot.learning.tiny import TinyCausal, random_tiny

NUMBERS = [str(number) for number in range(13)]
PIECES = [*NUMBERS, "+", "-", "*", "=", "?", ";", "\n", "<solution>", "<chunk>", "</chunk>", "<answer>", "<judge>"]
ROLLOUTS = 16
"""Rollouts for one label (StepWiser, 2.3)."""
LENGTH = 26
"""Tokens of a rollout: 302,000 in 11,456 rollouts (reference, 7.2)."""
GRPO = Settings(steps=4, prompts=8, group=8, max_tokens=24, lr=1e-4, refills=0)
"""The batch that both GRPOs train on."""


def measure(*, solutions: int = 24, repeats: int = 3, steps: int = 4, peers: bool = True) -> dict[str, Any]:
    """Figures for `talkoot bench judging`, the best of `repeats` runs each, taken in turns.

    `rollouts_per_cpu_s`: rollouts of all prefixes, which share the computation of the text that they have in common.
    `ratio_transformers_generate`: labels a second (16 rollouts a prefix, no early stopping) to those of transformers'
    `generate` with the same weights, called the faster of two plain ways: a prefix at a time with
    `num_return_sequences=16`, or all prefixes of four solutions padded on the left. `ratio_trl_grpo`: steps of GRPO a
    second to those of TRL's GRPOTrainer, the same weights, prompts, reward and batch; in every group the rewards
    differ, so that no group is left out. A ratio is None where its package is missing; `..._reason` then says so.
    """
    solved = [_solution(random.Random(number)) for number in range(solutions)]
    with _one_thread(), tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        causal = random_tiny(PIECES, width=128, layers=4, heads=4, context=256)
        result: dict[str, Any] = {
            "model": "random weights, 128 wide, 4 layers", "weights": sum(p.numel() for p in causal.net.parameters()),
            "prefixes": sum(map(len, solved)), "rollouts_a_prefix": ROLLOUTS, "rollout_tokens": LENGTH,
            "repeats": repeats, "torch": torch.__version__,
        }  # fmt: skip
        warnings.simplefilter("ignore")  # the peers' own
        ways: dict[str, Callable[[], float]] = {"ours": lambda: _ours(causal, solved)}
        reason = _missing("transformers", peers)
        if not reason:
            _export(causal, Path(folder))
            model = _llama(Path(folder))
            ways |= {
                "one": lambda: _generate(model, causal, [[prefix] for prefixes in solved[:4] for prefix in prefixes]),
                "four": lambda: _generate(model, causal, [[*chain.from_iterable(solved[i : i + 4])] for i in (0, 4)]),
            }
        best = dict.fromkeys(ways, 0.0)
        for _ in range(repeats):
            for name, run in ways.items():
                best[name] = max(best[name], run())
        result["rollouts_per_cpu_s"] = round(best["ours"] * ROLLOUTS, 1)
        result["labels_per_cpu_s"] = round(best["ours"], 2)
        result["ratio_transformers_generate"] = (
            None if reason else round(best["ours"] / max(best["one"], best["four"]), 2)
        )
        if reason:
            result["ratio_transformers_generate_reason"] = reason
        else:
            result["transformers_labels_per_cpu_s"] = round(max(best["one"], best["four"]), 2)
        result |= _grpo(
            causal, [_text(causal, prefixes[-1]) for prefixes in solved], Path(folder), steps, repeats, peers
        )
    return result


def _solution(rng: random.Random) -> list[list[int]]:
    """The prefixes of one solution of task D, as tokens: the problem with 0, 1, ... of its chunks."""
    tokens = {piece: number for number, piece in enumerate(PIECES, 2)}
    value, text, chunks = rng.randrange(1, 13), [], []
    text.append(str(value))
    for _ in range(rng.randint(3, 8)):
        sign, number = rng.choice("+-*"), rng.randrange(2, 13)
        text += [";", sign, str(number)]
        after = {"+": value + number, "-": value - number, "*": value * number}[sign] % 13
        chunks.append(["<chunk>", sign, str(number), "\n", str(value), sign, str(number), "=", str(after), "</chunk>"])
        value = after
    text += ["?", "<solution>"]
    prefixes = []
    for chunk in chunks:
        text += chunk
        prefixes.append([tokens[piece] for piece in text])
    return prefixes


def _text(causal: TinyCausal, ids: list[int]) -> str:
    return causal.tokenizer.decode(ids)


def _ours(causal: TinyCausal, solved: list[list[list[int]]]) -> float:
    """Labels a CPU second of our sampler: all prefixes at once."""
    prompts = [prefix for prefixes in solved for prefix in prefixes]
    begun = time.process_time()
    drawn = draw(
        causal.net, prompts, [ROLLOUTS] * len(prompts), [0] * len(prompts), max_tokens=LENGTH, stops=frozenset()
    )
    seconds = time.process_time() - begun
    assert all(len(ids) == LENGTH for copies in drawn for ids in copies)
    return len(prompts) / seconds


def _generate(model: Any, causal: TinyCausal, calls: list[list[list[int]]]) -> float:
    """Labels a CPU second of transformers' `generate`, the prefixes of one call padded on the left."""
    torch.manual_seed(0)
    begun = time.process_time()
    for prefixes in calls:
        longest = max(map(len, prefixes))
        ids = torch.tensor([[causal.tokenizer.pad] * (longest - len(prefix)) + prefix for prefix in prefixes])
        with torch.inference_mode():
            out = model.generate(
                input_ids=ids, attention_mask=(ids != causal.tokenizer.pad).long(), do_sample=True, top_k=0,
                num_return_sequences=ROLLOUTS, max_new_tokens=LENGTH, eos_token_id=None,
                pad_token_id=causal.tokenizer.pad,
            )  # fmt: skip
        assert out.shape == (len(prefixes) * ROLLOUTS, longest + LENGTH)
    return sum(map(len, calls)) / (time.process_time() - begun)


def _grpo(
    causal: TinyCausal, prompts: list[str], folder: Path, steps: int, repeats: int, peers: bool
) -> dict[str, Any]:
    """Steps a CPU second of both GRPOs; the first step of a run is left out, it warms things up."""
    settings = replace(GRPO, steps=steps + 1)

    def reward(index: int, text: str) -> Score:
        return Score(random.Random(text).random())

    def clocked(run: Callable[[Callable[[Any], None]], Any]) -> float:
        ticks: list[float] = []
        run(lambda _: ticks.append(time.process_time()))
        return max(1 / (after - before) for before, after in pairwise(ticks))

    def ours(on_step: Callable[[Any], None]) -> None:
        fresh: Any = causal.copy()
        train(fresh, prompts, reward, settings, on_step=on_step)

    reason = _missing("transformers", peers) or _missing("trl", peers)
    best = {"ours": 0.0, "trl": 0.0}
    for _ in range(repeats):
        best["ours"] = max(best["ours"], clocked(ours))
        if not reason:
            from talkoot.learning.trl_backend import train_with_trl

            rate = clocked(lambda tick: train_with_trl(folder, prompts, reward, settings, on_step=tick))
            best["trl"] = max(best["trl"], rate)
    rows = {"grpo_steps_per_cpu_s": round(best["ours"], 2), "grpo_completions_a_step": GRPO.prompts * GRPO.group}
    if reason:
        return {**rows, "ratio_trl_grpo": None, "ratio_trl_grpo_reason": reason}
    return {
        **rows,
        "trl_grpo_steps_per_cpu_s": round(best["trl"], 2),
        "ratio_trl_grpo": round(best["ours"] / best["trl"], 2),
    }


def _missing(package: str, peers: bool) -> str:
    """Why a package is not compared with; empty if it is."""
    if not peers:
        return "peers were not asked for"
    return "" if find_spec(package) else f"{package} is not installed"


def _export(causal: TinyCausal, folder: Path) -> None:
    """As a Llama of Hugging Face."""
    logging: Any = import_module("transformers.utils.logging")
    logging.disable_progress_bar()
    causal.to_llama(folder)


def _llama(folder: Path) -> Any:
    kind: Any = import_module("transformers").AutoModelForCausalLM
    return kind.from_pretrained(str(folder), dtype=torch.float32, local_files_only=True).eval()


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for torch, and its random state back afterwards: `generate` draws from the one of the process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(before)

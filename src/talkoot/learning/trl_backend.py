"""The same GRPO through TRL's GRPOTrainer, for those who have their models there: an optional back end (TRL 1.16).

Prompts, reward and settings are those of `talkoot.learning.grpo`; the model is a folder of Hugging Face. TRL has no
refill of silent groups, no balancing of classes, no process supervision and no resuming to the very same numbers; it
copies a prompt for each of its completions. What else it needs on a CPU is set here (reference 3.3).
"""

from __future__ import annotations

import random
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from talkoot.errors import BadInput
from talkoot.learning.grpo_settings import Reward, Settings

LOSSES = {"sequence": "grpo", "constant": "dr_grpo", "tokens": "dapo"}
"""TRL's names for the losses."""


def train_with_trl(
    folder: Path | str,
    prompts: Sequence[str],
    reward: Reward,
    settings: Settings,
    out: Path | str | None = None,
    *,
    seed: int = 0,
    on_step: Callable[[dict[str, Any]], None] | None = None,
) -> list[dict[str, Any]]:
    """Train the model of a Hugging Face folder and write it to `out` (None: nowhere). What TRL logged of each update.

    A row has `step`, `reward`, `silent`, `entropy`, `kl`, `length`, `grad_norm` and `unparsed`, as far as TRL tells
    them, with the meaning of `StepLog`; `refills` are not made. The weights are 32 bit, gradients are not
    recomputed, and the whole batch of an update goes through the network at once.

    Raises BadInput where TRL is not installed, and for settings that it has no counterpart for.
    """
    if settings.process or settings.overlong == "punish" or settings.stop or settings.prompts % settings.minibatches:
        raise BadInput(
            "TRL's GRPO has no process supervision, no overlong punishment and no stop strings, and minibatches must "
            "divide the prompts; change these settings or use talkoot's own GRPO"
        )
    with _apart(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of TRL's and its dependencies' own
        try:
            grpo_trainer: Any = import_module("trl").GRPOTrainer
            dataset: Any = import_module("datasets").Dataset
        except ImportError as error:
            raise BadInput(f"TRL cannot be imported ({error}); pip install trl==1.16.0") from error
        from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback

        model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, padding_side="left")
        if tokenizer.eos_token_id is None:
            raise BadInput(
                f"{folder}: the tokenizer has no end-of-sequence token; set eos_token in tokenizer_config.json"
            )
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        model.config.eos_token_id = model.generation_config.eos_token_id = tokenizer.eos_token_id
        scored = _Scored(reward, tokenizer)
        trainer = grpo_trainer(
            model=model,
            reward_funcs=scored,
            args=_arguments(settings, seed),
            train_dataset=dataset.from_dict({"prompt": list(prompts), "number": list(range(len(prompts)))}),
            processing_class=tokenizer,
            callbacks=[_logs(scored, on_step)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        if out is not None:
            trainer.save_model(str(out))
            tokenizer.save_pretrained(str(out))
    return scored.rows


def _arguments(settings: Settings, seed: int) -> Any:
    """Our settings in TRL's terms. An update is one batch on one device, cut into nothing smaller."""
    rows = settings.prompts * settings.group
    return import_module("trl").GRPOConfig(
        output_dir=str(Path(tempfile.gettempdir()) / "talkoot-trl"),  # named because it must be; nothing is written
        max_steps=settings.steps * settings.minibatches * settings.epochs,
        num_generations=settings.group, generation_batch_size=rows,
        per_device_train_batch_size=rows // settings.minibatches, gradient_accumulation_steps=1,
        num_iterations=settings.epochs, max_completion_length=settings.max_tokens, temperature=settings.temperature,
        learning_rate=settings.lr, adam_beta1=settings.betas[0], adam_beta2=settings.betas[1],
        weight_decay=settings.weight_decay, max_grad_norm=settings.grad_clip,
        lr_scheduler_type="constant_with_warmup", warmup_steps=settings.warmup,
        beta=settings.beta, epsilon=settings.clip_low, epsilon_high=settings.clip_high,
        scale_rewards="group" if settings.advantage == "std" else "none", loss_type=LOSSES[settings.loss],
        mask_truncated_completions=settings.overlong == "mask",
        # Defaults that are meant for large models on a GPU.
        use_cpu=not torch.cuda.is_available(), bf16=False, gradient_checkpointing=False, disable_dropout=True,
        seed=seed, save_strategy="no", logging_steps=1, report_to="none", disable_tqdm=True,
    )  # fmt: skip


class _Scored:
    """A reward function as TRL calls it. It reads the token ids: TRL's own text leaves special tokens out."""

    __name__ = "reward"

    def __init__(self, reward: Reward, tokenizer: Any) -> None:
        self.reward, self.tokenizer = reward, tokenizer
        self.unparsed = 0
        self.rows: list[dict[str, Any]] = []

    def __call__(self, completion_ids: list[list[int]], number: list[int], **_: Any) -> list[float]:
        hidden = {self.tokenizer.eos_token_id, self.tokenizer.pad_token_id}
        texts = [self.tokenizer.decode([token for token in ids if token not in hidden]) for ids in completion_ids]
        scores = [self.reward(index, text) for index, text in zip(number, texts, strict=True)]
        self.unparsed = sum(not score.parsed for score in scores)
        return [score.reward for score in scores]


def _logs(scored: _Scored, on_step: Callable[[dict[str, Any]], None] | None) -> Any:
    from transformers import TrainerCallback

    names = {"reward": "reward", "frac_reward_zero_std": "silent", "entropy": "entropy", "kl": "kl",
             "completions/mean_length": "length", "grad_norm": "grad_norm"}  # fmt: skip

    class Logs(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
            if logs and "reward" in logs:
                row = {ours: float(logs[theirs]) for theirs, ours in names.items() if theirs in logs}
                scored.rows.append({"step": state.global_step - 1, **row, "unparsed": scored.unparsed})
                if on_step is not None:
                    on_step(scored.rows[-1])

    return Logs()


@contextmanager
def _apart() -> Iterator[None]:
    """TRL seeds everything that there is: put the random states of the process back afterwards; no progress bars."""
    logging: Any = import_module("transformers.utils.logging")
    plain, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(plain)
        np.random.set_state(arrays)  # noqa: NPY002
        if bars:
            logging.enable_progress_bar()

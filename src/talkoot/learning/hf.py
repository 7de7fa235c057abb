"""`hf/FOLDER` as a model that is sampled in batches and trained: any causal language model of transformers."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from talkoot.errors import BadInput, ModelFailed
from talkoot.learning.sampling import Completion, Prompt
from talkoot.learning.tiny import padded

SCORED = 8192
"""At most so many tokens, padding included, go through the network at once when options are scored."""

_BEFORE = 8  # tokens of the prompt with which a continuation is decoded, for tokenizers that drop a leading space


class HfTokenizer:
    """A tokenizer of Hugging Face as the learners use it: nothing is added to a text, special tokens in it count.

    `eos` is the tokenizer's own, else the first that the model's generation settings name. `pad` is the tokenizer's
    own, else `eos`: networks here are padded on the right and read by length, so that it never matters to them.
    Raises BadInput where neither names an end of text.
    """

    def __init__(self, tokenizer: Any, ends: Sequence[int] = ()) -> None:
        self.of = tokenizer
        eos = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else next(iter(ends), None)
        if eos is None:
            raise BadInput(
                f"{tokenizer.name_or_path}: the checkpoint names no end-of-text token; set eos_token in its "
                "tokenizer_config.json"
            )
        self.eos = int(eos)
        self.pad = int(tokenizer.pad_token_id) if tokenizer.pad_token_id is not None else self.eos
        self.ends = frozenset((self.eos, *ends))  # chat models have several

    def __len__(self) -> int:
        return len(self.of)

    def encode(self, text: str) -> list[int]:
        """Token ids, nothing added. Raises BadInput for text that has none."""
        # Half a surrogate pair (a hostile reply that was told again) is no text to a tokenizer.
        ids: list[int] = self.of.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False)
        if text and not ids:
            raise BadInput(f"this model's tokenizer has no tokens for {text[:20]!r}")
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, special tokens included but for `eos` and `pad`."""
        kept = [i for i in ids if i != self.eos and i != self.pad]
        return str(self.of.decode(kept, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def continuation(self, prompt: Sequence[int], ids: Sequence[int]) -> str:
        """The text that `ids` add to a prompt; the token that ends the text is left out."""
        ids = ids[:-1] if ids and ids[-1] in self.ends else ids
        before = list(prompt[-_BEFORE:])
        start, whole = self.decode(before), self.decode([*before, *ids])
        return whole[len(start) :] if whole.startswith(start) else self.decode(ids)


class Net(nn.Module):
    """`net(ids)` with ids [B, T], padded on the right, gives logits [B, T, V] in the model's own precision."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the next token at every position. Padding on the right needs no mask where attention is causal."""
        logits: Tensor = self.model(input_ids=ids, use_cache=False).logits
        return logits


class SplitNet(Net):
    """A Net whose last layer can be applied to chosen positions only: with large vocabularies most of the memory."""

    def hidden(self, ids: Tensor) -> Tensor:
        """What the last layer gives, [B, T, width]."""
        hidden: Tensor = self.model.base_model(input_ids=ids, use_cache=False).last_hidden_state
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states, [..., width] to [..., V]."""
        logits: Tensor = self.model.get_output_embeddings()(hidden)
        return logits


class HfCausal:
    """A checkpoint folder (`AutoModelForCausalLM` and its tokenizer) as a `Causal`. Needs the extra `hf`.

    `device`: a GPU if there is one, else the CPU. `dtype` ("float32", "bfloat16", "auto"): float32 on a CPU, else the
    checkpoint's own; choose float32 for training. `rows` bounds how many texts are continued at once. `name` is a hash
    of samples of the weights, so it changes with training and not with the folder's place. Loaded at once; nothing is
    downloaded and no code of the folder is run. Raises BadInput if the folder or the packages are missing, ModelFailed
    if the checkpoint cannot be used.
    """

    net: Net

    def __init__(
        self, folder: str | Path, device: str | None = None, dtype: str | None = None, *, rows: int = 64
    ) -> None:
        self.folder, self.rows = Path(folder), rows
        missing = [package for package in ("torch", "transformers") if find_spec(package) is None]
        if missing:
            raise BadInput(f"hf/{folder} needs packages that are not installed ({', '.join(missing)}); "
                           "run: pip install 'talkoot[hf]'")  # fmt: skip
        if not (self.folder / "config.json").is_file():
            raise BadInput(f"hf/{folder}: {folder} holds no checkpoint (no config.json); give the folder of a Hugging "
                           "Face model, as downloaded or saved with save_pretrained")  # fmt: skip
        if rows < 1:
            raise BadInput(f"hf/{folder}: rows must be at least 1, not {rows}")
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        place = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self.device = torch.device(place)
            kind = getattr(torch, dtype or "") if dtype not in (None, "auto") else None
        except (RuntimeError, AttributeError):
            raise BadInput(f"hf/{folder}: no device {place!r} or no precision {dtype!r}") from None
        if kind is None:
            kind = torch.float32 if dtype is None and self.device.type == "cpu" else "auto"
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model: Any = AutoModelForCausalLM.from_pretrained(self.folder, local_files_only=True, dtype=kind)
            model = model.to(self.device).eval()
        except (*_UNUSABLE, SafetensorError) as error:
            raise ModelFailed(f"hf/{folder}: the checkpoint cannot be loaded: {_brief(error)}") from error
        self.tokenizer = HfTokenizer(tokenizer, _ends(model))
        self.vocabulary = int(model.get_input_embeddings().num_embeddings)
        self.context: int | None = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        self.net = (SplitNet(model) if _splits(model) else Net(model)).eval()
        self._ending: dict[str, frozenset[int] | None] = {}

    def __repr__(self) -> str:
        return f"HfCausal({str(self.folder)!r})"

    @property
    def name(self) -> str:
        """`hf-`, the kind of model, and a hash of at most 4096 numbers of every weight."""
        digest = hashlib.sha256()
        for key, tensor in sorted(self.net.model.state_dict().items()):
            flat = tensor.detach().flatten()
            sample = flat[:: max(1, flat.numel() // 4096)][:4096]
            digest.update(f"{key} {tuple(tensor.shape)}".encode() + sample.float().cpu().numpy().tobytes())
        return f"hf-{self.net.model.config.model_type}-{digest.hexdigest()[:12]}"

    def draw(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        n: Sequence[int],
        seeds: Sequence[int],
        max_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 1.0,
    ) -> list[list[list[int]]]:
        """As `Causal`; a row ends with the token that completes a stop string, which may hold more than that.

        A continuation that fills the model's context is cut there. Raises BadInput for prompts without tokens or with
        tokens that the model does not have, ModelFailed for prompts that leave no room and when memory runs out.
        """
        from talkoot.learning.hf_sampler import draw

        if max_tokens < 1 or any(not text for text in stop):
            raise BadInput(f"max_tokens {max_tokens} or an empty stop string makes no sense")
        self._check(prompts)
        longest = max(map(len, prompts), default=0)
        with self._at_work(f"rows (now {self.rows}) or max_tokens (now {max_tokens}); prompts have up to {longest}"):
            return draw(
                self.net.model, prompts, n, seeds,
                max_tokens=max_tokens, ends=self.tokenizer.ends, stopped=self._stopped(stop) if stop else None,
                temperature=temperature, rows=self.rows, context=self.context,
            )  # fmt: skip

    def complete(
        self, prompts: Sequence[Prompt], *, max_tokens: int, stop: Sequence[str] = (), temperature: float = 1.0
    ) -> list[list[Completion]]:
        """As a Sampler."""
        ids = [self.tokenizer.encode(prompt.text) for prompt in prompts]
        drawn = self.draw(
            ids, n=[prompt.n for prompt in prompts], seeds=[prompt.seed for prompt in prompts],
            max_tokens=max_tokens, stop=stop, temperature=temperature,
        )  # fmt: skip
        return [
            [self._completion(prompt, copy, stop) for copy in copies] for prompt, copies in zip(ids, drawn, strict=True)
        ]

    def _completion(self, prompt: Sequence[int], ids: Sequence[int], stop: Sequence[str]) -> Completion:
        text = self.tokenizer.continuation(prompt, ids)
        cut = through_first(text, stop)
        return Completion(text if cut is None else cut, len(ids), cut is not None or ids[-1] in self.tokenizer.ends)

    def options(self, texts: Sequence[str], options: Sequence[str]) -> list[tuple[float, ...]]:
        """As a Sampler: exact, from the log-probabilities of all tokens of each option after the text."""
        if not options or any(not option for option in options):
            raise BadInput("options to choose among must be texts, and at least one")
        asked: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        for text in texts:
            start = self.tokenizer.encode(text)
            for option in options:
                whole = self.tokenizer.encode(text + option)
                kept = whole[: len(start)] == start and len(whole) > len(start)
                asked.append((tuple(start), tuple(whole[len(start) :] if kept else self.tokenizer.encode(option))))
        self._check([start for start, _ in asked])
        with self._at_work("the lengths of the texts"):
            scores = self._log_probabilities(asked)
        width = len(options)
        logits = torch.tensor(scores, dtype=torch.float64).view(len(texts), width)
        return [tuple(row) for row in logits.softmax(-1).tolist()]

    def _log_probabilities(self, asked: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> list[float]:
        """For each (text, continuation) the log-probability of the continuation. Equal inputs are computed once."""
        inputs = sorted({(*start, *rest[:-1]) for start, rest in asked}, key=lambda one: (len(one), one))
        users: dict[tuple[int, ...], list[int]] = {}
        for i, (start, rest) in enumerate(asked):
            users.setdefault((*start, *rest[:-1]), []).append(i)
        scores = [0.0] * len(asked)
        with torch.inference_mode():
            for batch in _batches(inputs, self.rows):
                ids = padded(batch, self.tokenizer.pad).to(self.device)
                head = self.net if isinstance(self.net, SplitNet) else None
                states = head.hidden(ids) if head else self.net(ids)
                for place, one in enumerate(batch):
                    for i in users[one]:
                        start, rest = asked[i]
                        at = states[place, len(start) - 1 : len(one)]
                        steps = (head.logits(at) if head else at).double().log_softmax(-1)
                        scores[i] = float(steps.gather(-1, torch.tensor(rest, device=self.device)[:, None]).sum())
        return scores

    def save(self, folder: str | Path) -> None:
        """Write weights, settings and tokenizer in Hugging Face's form; files of an older save go when all is there."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            self.net.model.save_pretrained(fresh)
            self.tokenizer.of.save_pretrained(fresh)
            folder.mkdir(exist_ok=True)
            for file in sorted(fresh.iterdir(), key=lambda file: file.name == "config.json"):  # what is looked for last
                file.replace(folder / file.name)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _check(self, prompts: Sequence[Sequence[int]]) -> None:
        for prompt in prompts:
            if not prompt:
                raise BadInput("a model cannot continue an empty text; begin it with something")
            if max(prompt) >= self.vocabulary:
                raise BadInput(
                    f"the tokenizer of {self.folder} gives token {max(prompt)}, but the model has only "
                    f"{self.vocabulary}; the two do not belong together"
                )
            if self.context is not None and len(prompt) >= self.context:
                raise ModelFailed(
                    f"a prompt has {len(prompt)} tokens, but {self.folder} sees only {self.context}; shorten it, or "
                    "take a model with a longer context"
                )

    def _stopped(self, stop: Sequence[str]) -> Any:
        """Whether a row has just completed one of the strings; its text is looked at only where its last token may."""
        endings = [self._endings(text) for text in stop]
        sets = [each for each in endings if each is not None]
        may = frozenset().union(*sets) if len(sets) == len(endings) else None

        def stopped(prompt: Sequence[int], ids: Sequence[int]) -> bool:
            if may is not None and ids[-1] not in may:
                return False
            text = self.tokenizer.continuation(prompt, ids)
            return any(one in text for one in stop)

        return stopped

    def _endings(self, text: str) -> frozenset[int] | None:
        """The tokens that may complete the string: those that hold its last character; None if any may."""
        last = text[-1]
        if not (last.isascii() and last.isprintable()) or last == " ":
            return None
        if last not in self._ending:
            alone = self.tokenizer.of.batch_decode(
                [[i] for i in range(min(len(self.tokenizer), self.vocabulary))], clean_up_tokenization_spaces=False
            )
            self._ending[last] = frozenset(i for i, piece in enumerate(alone) if last in piece or "\ufffd" in piece)
        return self._ending[last]

    @contextmanager
    def _at_work(self, sizes: str) -> Iterator[None]:
        """Dropout off meanwhile; running out of memory becomes a ModelFailed that names the sizes to lower."""
        training = self.net.training
        self.net.eval()
        try:
            yield
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            raise ModelFailed(f"{self.folder} ran out of memory on {self.device}; lower {sizes}") from None
        finally:
            self.net.train(training)


def through_first(text: str, stop: Sequence[str]) -> str | None:
    """The text through whichever of the strings is complete first; None if it holds none."""
    ends = [at + len(one) for one in stop if (at := text.find(one)) >= 0]
    return text[: min(ends)] if ends else None


_UNUSABLE = (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError, MemoryError)


def _out_of_memory(error: BaseException) -> bool:
    """torch has no error of its own for a CPU that runs out of memory."""
    signs = ("allocate memory", "not enough memory", "alloc_failed")
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(sign in str(error).lower() for sign in signs)


def _brief(error: Exception) -> str:
    """An error of a library in one line of bounded length."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _ends(model: Any) -> list[int]:
    """The ends of text that the checkpoint's generation settings name."""
    settings = getattr(model, "generation_config", None)
    given = getattr(settings, "eos_token_id", None)
    return [] if given is None else [given] if isinstance(given, int) else [int(one) for one in given]


def _splits(model: Any) -> bool:
    """Whether logits are just the output layer on the last hidden states: tried, as models may scale or cap them."""
    ids = torch.arange(2, device=model.device)[None]
    try:
        with torch.inference_mode():
            hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state
            same = torch.equal(model.get_output_embeddings()(hidden), model(input_ids=ids, use_cache=False).logits)
    except (AttributeError, TypeError):
        return False
    return same


def _batches(inputs: Sequence[tuple[int, ...]], rows: int) -> Iterator[list[tuple[int, ...]]]:
    """Inputs of ascending length in batches that keep to `rows` and SCORED."""
    batch: list[tuple[int, ...]] = []
    for one in inputs:
        if batch and (len(batch) >= rows or len(one) * (len(batch) + 1) > SCORED):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch

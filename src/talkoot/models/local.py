"""`hf/FOLDER`: a causal language model from a folder of Hugging Face files, in this process. Needs the extra `hf`.

For one laptop and small checkpoints: requests are answered one after the other. For throughput serve the folder with
vLLM and name it NAME@URL.
"""

from __future__ import annotations

import asyncio
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput, ModelFailed
from talkoot.model import Reply, Request, Turn, Usage


class Local:
    """A checkpoint (transformers' `AutoModelForCausalLM` and its tokenizer), loaded at the first call.

    It runs on a GPU if there is one, else on the CPU. Chats are laid out by the tokenizer's own chat template; a
    tokenizer without one gets `role: content` lines. At temperature 0 the likeliest token is taken; above it, tokens
    are drawn from the request's seed (0 if it has none), and torch's global generator is left as it was. Raises
    BadInput if the folder or the packages are missing, ModelFailed if the checkpoint cannot be used.
    """

    def __init__(self, folder: str | Path, *, device: str | None = None) -> None:
        self.folder = Path(folder)
        self.name = f"hf/{folder}"
        self._device = device
        self._loaded: tuple[Any, Any, Any] | None = None
        self._turn = threading.Lock()  # one request at a time: a second would only slow the first
        if not (self.folder / "config.json").is_file():
            raise BadInput(
                f"{self.name!r}: {self.folder} holds no checkpoint (no config.json); give the folder of a Hugging Face "
                "model, as downloaded or saved with save_pretrained"
            )
        missing = [package for package in ("torch", "transformers") if find_spec(package) is None]
        if missing:
            raise BadInput(
                f"{self.name!r} needs packages that are not installed ({', '.join(missing)}); "
                "run: pip install 'talkoot[hf]'"
            )

    async def __call__(self, request: Request) -> Reply:
        """Answer in a thread, so that other episodes go on meanwhile."""
        return await asyncio.to_thread(self._answer, request)

    def _load(self) -> tuple[Any, Any, Any]:
        if self._loaded is None:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
            try:
                tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
                model: Any = AutoModelForCausalLM.from_pretrained(self.folder, local_files_only=True, dtype="auto")
                self._loaded = torch, tokenizer, model.to(device).eval()
            except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError) as error:
                raise ModelFailed(f"{self.name!r}: the checkpoint cannot be loaded: {_brief(error)}") from error
        return self._loaded

    def _answer(self, request: Request) -> Reply:
        with self._turn:
            began = time.perf_counter()
            torch, tokenizer, model = self._load()
            inputs = _layout(tokenizer, request.messages).to(model.device)
            length = int(inputs["input_ids"].shape[1])
            room = getattr(model.config, "max_position_embeddings", None)
            if room is not None and length + request.max_tokens > room:
                raise ModelFailed(
                    f"{self.name!r}: the prompt has {length} tokens and the reply may have {request.max_tokens}, but "
                    f"the model sees only {room}; take a model with a longer context"
                )
            how: dict[str, Any] = {"do_sample": False}
            if request.temperature > 0:
                how = {"do_sample": True, "temperature": request.temperature}
            if request.stop:
                how |= {"stop_strings": list(request.stop), "tokenizer": tokenizer}
            pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
            devices = [model.device] if model.device.type == "cuda" else []
            try:
                with torch.random.fork_rng(devices=devices), torch.inference_mode():
                    torch.manual_seed(request.seed or 0)
                    out = model.generate(**inputs, max_new_tokens=request.max_tokens, pad_token_id=pad, **how)
            except RuntimeError as error:  # out of memory is one, too
                raise ModelFailed(f"{self.name!r}: no answer: {_brief(error)}") from error
            new = out[0, length:]
            text = tokenizer.decode(new, skip_special_tokens=True)
            for stop in request.stop:
                text = text.split(stop, 1)[0]
            return Reply(text, Usage(length, len(new)), time.perf_counter() - began)


def _brief(error: Exception) -> str:
    """An error of a library in one line of bounded length."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _layout(tokenizer: Any, messages: tuple[Turn, ...]) -> Any:
    """The chat as token ids [1, n] with their attention mask."""
    # Half a surrogate pair (a hostile reply that was told again) is no text to a tokenizer.
    chat = [{"role": turn.role, "content": turn.content.encode("utf-8", "replace").decode()} for turn in messages]
    if tokenizer.chat_template:
        return tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    text = "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in chat) + "\n\nassistant:"
    return tokenizer(text, return_tensors="pt")

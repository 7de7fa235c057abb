"""Judges by name, as the command line takes them: a chat model, a Hugging Face folder, or a judge that we trained."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from talkoot.errors import BadInput
from talkoot.judge import Judge
from talkoot.judging.dialect import Tiny
from talkoot.judging.judges import Chat, Discriminative, Generative, Outcome

KINDS: dict[str, str] = {
    "NAME@URL": "a chat model on an OpenAI-compatible server, asked for an analysis and a verdict",
    "rulebook": "no model: checks the arithmetic that a chunk states, and nothing else",
    "recorded/PATH": "replays the replies of a recording",
    "hf/FOLDER": "a Hugging Face checkpoint with a chat template, in this process",
    "tiny/FOLDER": "a judge of ours, such as DIR/judges/stepwiser of `talkoot judge pipeline`",
}
"""The kinds of judges, and what each is."""


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError("write a whole number of 1 or more")
    return int(text)


def _temperature(text: str) -> float:
    if not re.fullmatch(r"\d{1,3}(\.\d{0,6})?|\.\d{1,6}", text):
        raise ValueError("write a number of 0 or more")
    return float(text)


def _score(text: str) -> str:
    if text not in ("options", "votes"):
        raise ValueError("write options or votes")
    return text


OPTIONS: dict[str, Callable[[str], Any]] = {
    "votes": _count,
    "temperature": _temperature,
    "score": _score,
    "tokens": _count,
    "concurrency": _count,
}
"""What may follow a name: votes on each chunk (8), temperature (1.0), score (options or votes), tokens that a reply may
have (1024), concurrency of requests (16)."""

_TAIL = re.compile(rf"[,:](?=(?:{'|'.join(OPTIONS)})=)")
# By kind, what makes no sense there.
_FOREIGN = {"chat": ("score",), "hf": ("concurrency",), "tiny": ("concurrency",)}


def split_judge(name: str) -> tuple[str, dict[str, Any]]:
    """A judge's name without its options, and those: `NAME@URL,votes=8` or `NAME@URL(votes=8,score=votes)`.

    Options that belong to the model (`rulebook:drop=0.2`) stay with it. Raises BadInput for what cannot be read.
    """
    head = name.strip()
    written: list[str]
    if (found := re.fullmatch(r"(.*?)\((\s*\w+\s*=[^()]*)\)", head)) is not None:
        head, written = found[1], found[2].split(",")
    else:
        head, *written = _TAIL.split(head)
        # The last one may be followed by what nobody knows: votes=8,x=3.
        written = [part for some in written for part in some.split(",")]
    if "@" in head and (strange := re.search(r",\s*(\w+\s*=.*)", head.rpartition("@")[2])) is not None:
        # No part of an address, but an option that nobody knows.
        head, written = head.removesuffix(strange[0]), [*strange[1].split(","), *written]
    options: dict[str, Any] = {}
    for part in written:
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in OPTIONS or not equals:
            raise BadInput(
                f"judge {name[:120]!r}: unknown option {part.strip()!r}; known are {', '.join(OPTIONS)}, as key=value"
            )
        if key in options:
            raise BadInput(f"judge {name[:120]!r}: option {key} is given twice")
        try:
            options[key] = OPTIONS[key](value)
        except ValueError as error:
            raise BadInput(f"judge {name[:120]!r}: {key} cannot be {value!r}; {error}") from error
    return head.strip(), options


def open_judge(
    name: str,
    *,
    cache: Path | None = None,
    calls: int | None = None,
    tokens: int | None = None,
    timeout: float = 60.0,
    retries: int = 5,
    seed: int = 0,
) -> Judge:
    """Open a judge by name (see KINDS), options behind a comma or in parentheses (see OPTIONS).

    `cache`, `calls`, `tokens`, `timeout` and `retries` are those of `talkoot.models.open_model` and serve chat models.
    A chat model is asked at the first use; folders are read now. A folder of ours says in its `judge.json` what judge
    it is: {"kind": "generative", "discriminative" or "outcome", "dialect": {sizes of `Tiny`}}; without that file it is
    generative. Raises BadInput on a name of no kind, on options that do not belong to it, on folders that hold no
    judge, and where packages are missing.
    """
    head, options = split_judge(name)
    kind = head.partition("/")[0] if head.startswith(("hf/", "tiny/")) else "chat"
    for key in _FOREIGN[kind]:
        if key in options:
            what = "a chat model gives no probabilities" if kind == "chat" else "it runs in this process, in batches"
            raise BadInput(f"judge {name[:120]!r}: the option {key} makes no sense for {head[:80]!r}: {what}")
    if kind == "tiny":
        _need(name, "judging", "torch", "safetensors")
        return _tiny(name, Path(head.removeprefix("tiny/")), options, seed)
    if kind == "hf":
        _need(name, "hf", "torch", "transformers")
        return _hf(Path(head.removeprefix("hf/")), options, seed)
    if "@" not in head and head.partition(":")[0] != "rulebook" and not head.startswith("recorded/"):
        raise BadInput(f"unknown judge {name[:120]!r}; a judge is named {', '.join(KINDS)}")
    from talkoot.models import open_model

    concurrency = options.get("concurrency", 16)
    model = open_model(
        head, cache=cache, calls=calls, tokens=tokens, concurrency=concurrency, timeout=timeout, retries=retries,
        seed=seed,
    )  # fmt: skip
    return Chat(
        model,
        votes=options.get("votes", 1),
        temperature=options.get("temperature"),
        max_tokens=options.get("tokens", 1024),
        concurrency=concurrency,
        seed=seed,
    )


def _need(name: str, extra: str, *packages: str) -> None:
    if missing := [package for package in packages if find_spec(package) is None]:
        raise BadInput(
            f"judge {name[:120]!r} needs packages that are not installed ({', '.join(missing)}); "
            f"run: pip install 'talkoot[{extra}]'"
        )


def _hf(folder: Path, options: dict[str, Any], seed: int) -> Judge:
    if not (folder / "config.json").is_file():  # said before the heavy imports
        raise BadInput(
            f"hf/{folder}: {folder} holds no checkpoint (no config.json); give the folder of a Hugging Face model, as "
            "downloaded or saved with save_pretrained"
        )
    from talkoot.judging.instruct import Instruct
    from talkoot.learning.hf import HfCausal

    sampler = HfCausal(folder)
    sizes = {"analysis_tokens": options["tokens"]} if "tokens" in options else {}
    return Generative(
        sampler,
        Instruct(sampler, **sizes),
        votes=options.get("votes", 1),
        temperature=options.get("temperature"),
        score=options.get("score", "options"),
        seed=seed,
    )


def _tiny(name: str, folder: Path, options: dict[str, Any], seed: int) -> Judge:
    from talkoot.learning.tiny import open_tiny

    kind, dialect = described(folder)
    if kind != "generative" and options:
        raise BadInput(
            f"judge {name[:120]!r}: a {kind} judge writes no analysis, so it takes no options; leave out "
            f"{', '.join(options)}"
        )
    sampler = open_tiny(folder)
    if kind != "generative":
        plain = Discriminative(sampler, dialect)
        return Outcome(plain) if kind == "outcome" else plain
    if "tokens" in options:
        dialect = replace(dialect, analysis_tokens=options["tokens"])
    return Generative(
        sampler,
        dialect,
        votes=options.get("votes", 1),
        temperature=options.get("temperature"),
        score=options.get("score", "options"),
        seed=seed,
    )


def described(folder: Path) -> tuple[str, Tiny]:
    """What `judge.json` of a folder of ours says: the kind of judge and its dialect. Raises BadInput for nonsense."""
    file = folder / "judge.json"
    if not file.is_file():
        return "generative", Tiny()
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        kind = said.get("kind", "generative")
        if kind not in ("generative", "discriminative", "outcome"):
            raise ValueError(f"there is no kind {kind!r}")
        return cast(str, kind), Tiny(**said.get("dialect", {}))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{file} does not describe a judge: {' '.join(str(error).split())[:200]}; it holds "
            '{"kind": "generative", "discriminative" or "outcome", "dialect": {...}}'
        ) from error

"""CMU-MOSI from the recorded data: videos as samples, their segments as time steps, a label at each step.

Nothing of it is part of the package; the recordings are research data without a grant to pass them on. The folder
`sentiment` of the recorded data holds features and folds (`mosi_offline.npz`), transcripts and word times.

The features `text` and `vision` were learnt with the labels of the training fold of `dl_split`, and 24 of the 31 test
videos of the official split are in that fold. A ridge on them reaches a two-class accuracy of .94 on the official test
fold, and .77 on videos that it has not seen (reference 5.1). So what leaks is refused here, not only warned about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from talkoot.errors import BadInput
from talkoot.sentiment.readers import mosi_text
from talkoot.sentiment.readers.recorded import recorded
from talkoot.sentiment.samples import Floats, Folds, Samples, Task

SPLITS = ("dl_split", "official", "official+val")
"""`official` has its own fold to choose by (val); `official+val` adds that one to the training fold instead."""

MODALITIES = ("text", "audio", "vision", "timing")
LEARNT = "learnt with the labels of the training fold: "
"""How the source of samples tells which of their features must not judge a fold cut from them."""


def mosi(
    split: str = "dl_split",
    text: str = "",
    modalities: Sequence[str] = (),
    *,
    hold_out: float = 0.0,
    seed: int = 0,
    check: bool = True,
) -> Folds:
    """CMU-MOSI: 93 videos of up to 63 segments; labels in [-3, 3] at every segment, NaN behind the last.

    `split` is one of SPLITS. `text` is `given` (100 learnt features; dl_split only), `own` (3 scores of the transcript,
    `mosi_text.own`) or `svd` (tf-idf and up to 150 directions), both fitted on the training videos alone; by default
    given for dl_split, else own.
    `modalities` are some of text, audio (73 of openSMILE), vision (100 learnt features; dl_split only) and timing (8
    numbers on the times of words); by default text and audio, and with given text vision as well. Features are raw:
    normalise them. `hold_out` cuts that share of the training videos off as the fold to choose by, drawn by `seed`;
    own text is then fitted without them. `check` compares the files with their known hashes.

    Raises BadInput for combinations that leak (saying which are allowed), unknown names, a hold-out that leaves no
    video, and files that are missing or not those that the known figures belong to.
    """
    text, chosen = _allowed(split, text, tuple(modalities), hold_out)
    data = _read(check)
    of_video = {str(video): str(fold) for video, fold in zip(data.videos, data.folds[split.partition("+")[0]],
                                                             strict=True)}  # fmt: skip
    parts: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for video, fold in of_video.items():
        into = {"val": "train" if split == "official+val" else "valid"}.get(fold, fold)
        parts[into].append(video)
    if hold_out:
        parts["train"], parts["valid"] = _cut(parts["train"], seed, hold_out)
    rows = {fold: np.flatnonzero(np.isin(data.videos, videos)) for fold, videos in parts.items()}
    table: dict[str, Floats] = {"audio": data.given["audio"], "vision": data.given["vision"]}
    notes = []
    if "text" in chosen:
        if text == "given":
            table["text"] = data.given["text"]
        elif text == "svd":
            table["text"] = mosi_text.svd(data.texts, rows["train"], seed=0)
        else:
            table["text"] = mosi_text.own(data.texts, rows["train"], data.score, data.videos, seed=0)
    if "timing" in chosen:
        table["timing"] = mosi_text.timing(data.ids, recorded("mosi_words.csv.gz", check))
        notes.append("timing is 0 for segments without timed words")
    if missing := [id_ for id_, start in zip(data.ids, data.start, strict=True) if np.isnan(start)]:
        notes.append(f"no times of {', '.join(missing)}")
    if learnt := [name for name in chosen if name == "vision" or (name == "text" and text != "svd")]:
        notes.append(LEARNT + ", ".join(learnt))
    name = f"mosi/{split}" + (f"/{text}-text" if text != "given" and "text" in chosen else "")
    made = {fold: _videos(data, videos, {one: table[one] for one in chosen}, f"CMU-MOSI, {split}, {fold}", notes)
            for fold, videos in parts.items() if videos}  # fmt: skip
    return Folds(name, made["train"], made.get("valid"), made["test"])


@dataclass(frozen=True)
class _Mosi:
    """All segments, in the order of the files."""

    ids: list[str]
    videos: NDArray[np.str_]
    clips: NDArray[np.int16]
    score: Floats
    start: Floats
    folds: dict[str, NDArray[np.str_]]
    given: dict[str, Floats]
    texts: list[str]


def _allowed(split: str, text: str, modalities: tuple[str, ...], hold_out: float) -> tuple[str, tuple[str, ...]]:
    """Which text and which modalities, of what may be used together. Raises BadInput for all else."""
    if split not in SPLITS:
        raise BadInput(f"CMU-MOSI has no split {split!r}; it has {', '.join(SPLITS)}")
    if text not in ("", "given", "own", "svd"):
        raise BadInput(f"text of CMU-MOSI is 'given', 'own' or 'svd', not {text!r}")
    if unknown := [name for name in modalities if name not in MODALITIES]:
        raise BadInput(f"CMU-MOSI has no {unknown[0]}; it has {', '.join(MODALITIES)}")
    text = text or ("given" if split == "dl_split" and not hold_out else "own")
    chosen = modalities or (("text", "audio", "vision") if text == "given" else ("text", "audio"))
    leaking = [name for name in chosen if name == "vision" or (name == "text" and text == "given")]
    told = " and ".join(f"{'given ' if name == 'text' else ''}{name}" for name in leaking)
    if leaking and split != "dl_split":
        raise BadInput(
            f"{told} of CMU-MOSI must not be used with the split {split}: these features were learnt with the labels "
            "of 24 of its 31 test videos. Allowed are text=own, audio and timing with any split, and given text and "
            "vision with dl_split"
        )
    if leaking and hold_out:
        raise BadInput(
            f"no fold to choose by can be cut from dl_split with {told}: these features were learnt with the labels of "
            "all its training videos, and the cut part would look like .99. Allowed are text=own, audio and timing; or "
            "a number of epochs that is fixed beforehand"
        )
    if hold_out and split == "official":
        raise BadInput("the split official has a fold to choose by; cut none off, or take official+val")
    return text, chosen


def _cut(videos: list[str], seed: int, share: float) -> tuple[list[str], list[str]]:
    """Videos that stay and videos cut off, each in their order."""
    count = round(share * len(videos))
    if not 0 < count < len(videos):
        raise BadInput(f"a share of {share:g} of {len(videos)} videos leaves one part empty; give one between 0 and 1")
    off = set(np.random.default_rng(seed).permutation(len(videos))[:count].tolist())
    return ([video for at, video in enumerate(videos) if at not in off],
            [video for at, video in enumerate(videos) if at in off])  # fmt: skip


def _videos(data: _Mosi, videos: list[str], table: dict[str, Floats], where: str, notes: list[str]) -> Samples:
    """One sample a video, its segments by clip number."""
    order = [np.flatnonzero(data.videos == video) for video in videos]
    order = [rows[np.argsort(data.clips[rows], kind="stable")] for rows in order]
    length = max(len(rows) for rows in order)
    mask = np.arange(length) < np.array([len(rows) for rows in order])[:, None]
    flat = np.concatenate(order)

    def laid(values: Floats, empty: float) -> Floats:
        out = np.full((*mask.shape, *values.shape[1:]), empty, dtype=np.float32)
        out[mask] = values[flat]
        return out

    words = tuple(tuple(data.texts[row] for row in rows) for rows in order)
    masks = {name: mask & laid(_there(name, x), 0).astype(np.bool_) for name, x in table.items()}
    samples = Samples(
        Task(steps=True),
        {name: laid(x, 0) for name, x in table.items()},
        masks,
        laid(data.score, np.nan),
        tuple(videos),
        words,
        source="; ".join([where, *notes]),
    )
    return replace(samples, labels=np.where(samples.valid, samples.labels, np.float32(np.nan)))


def _there(name: str, x: Floats) -> Floats:
    """1 for segments that have the modality: all but those without timed words."""
    present = (x != 0).any(1) if name == "timing" else np.ones(len(x), dtype=np.bool_)
    return present.astype(np.float32)


def _read(check: bool) -> _Mosi:
    path = recorded("mosi_offline.npz", check)
    with np.load(path, allow_pickle=False) as arrays:
        ids = [str(id_) for id_ in arrays["id"]]
        data = _Mosi(
            ids,
            arrays["video_id"],
            arrays["clip"],
            arrays["score"],
            arrays["start"],
            {"official": arrays["split"], "dl_split": arrays["dl_split"]},
            {name: arrays[name] for name in ("text", "audio", "vision")},
            mosi_text.transcripts(ids, recorded("mosi_utterances.csv.gz", check)),
        )
    for name, x in data.given.items():
        if not np.isfinite(x).all():
            raise BadInput(f"{path}: {name} has NaN or infinity; fetch the file again")
    return data

"""A network with its settings as a learner: normalises, trains, goes on where it was, predicts, is saved and opened."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.learning.checkpoint import identity, load_checkpoint, save_checkpoint
from talkoot.sentiment.cards import check_like, digest, read_card, task_of, write_card
from talkoot.sentiment.learner import Say, quiet
from talkoot.sentiment.nets import Net, Spec, batch_of
from talkoot.sentiment.normal import Normaliser
from talkoot.sentiment.samples import Floats, Prediction, Samples
from talkoot.sentiment.training import Supervised, Training, TrainSettings, Update, read

CHECKPOINT = "training.pt"
"""What an interrupted training goes on from, in the folder of its run."""
WEIGHTS, NORMALS = "weights.pt", "normaliser.npz"
"""The files of a saved learner, beside its card."""


class NetLearner:
    """A network, its settings and the update that trains it, as a `Learner`.

    `build` makes the network, `update` what trains it. `model` and `options` (JSON) are for the card that `save` writes
    and `talkoot.sentiment.models.open_model` reads; a learner of one's own, without them, is opened by its `load`.
    `by_step` replaces settings where each step has a label.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[Spec], Net],
        settings: TrainSettings = TrainSettings(),  # noqa: B008
        update: Callable[[Any, TrainSettings], Update] = Supervised,
        *,
        model: str = "",
        options: dict[str, Any] | None = None,
        by_step: dict[str, Any] | None = None,
    ) -> None:
        self._name, self.build, self.settings, self.update = name, build, settings, update
        self.model, self.options, self.by_step = model, options or {}, by_step or {}
        self.net: Net | None = None
        self.normaliser: Normaliser | None = None
        self.source = ""

    @property
    def name(self) -> str:
        """How tables call it."""
        return self._name

    def fit(
        self, train: Samples, valid: Samples | None, *, seed: int, folder: Path | None = None, say: Say = quiet
    ) -> dict[str, Any]:
        """Learn from nothing, as `Learner.fit` says.

        Tells `epochs` run, the `best_epoch` whose weights count (from 1), `valid_loss` (None without a fold to choose
        by), `log` (the mean losses of each epoch), the number of `parameters`, modalities `absent` from training, and
        for speed the `samples` that updates saw and the CPU seconds `cpu_s` that they took.

        Raises BadInput for no samples, a fold to choose by of another kind, a seed below 0, a device that is not there,
        a loss that is not finite, and a folder with another run in it.
        """
        if not len(train):
            raise BadInput(f"{train.source or 'the training fold'} has no samples to learn from")
        if not 0 <= seed < 2**63:
            raise BadInput(f"the seed is {seed}; give a number of at least 0, below 2 ** 63")
        if np.isnan(train.labels).all():
            raise BadInput(f"{train.source or 'the training fold'} has no label to learn from")
        if valid is not None and len(valid):
            valid = check_like(valid, train.task, train.widths)
        if valid is not None and np.isnan(valid.labels).all():
            valid = None  # nothing to choose by
        chosen = self.by_step if train.task.steps else {}
        settings, device = replace(self.settings, **chosen, seed=seed), _device(self.settings.device)
        normaliser = Normaliser.fit(train)
        ready = normaliser.apply(train)
        judged = normaliser.apply(valid) if valid is not None and len(valid) else None
        spec = Spec(train.task, train.widths, max(train.length, judged.length if judged else 0))
        with _own_draws(device, seed):
            net = self._built(spec).to(device)
            run = Training(net, self.update(net, settings), settings)
            told = self._told(train, judged, settings) if folder is not None else ""
            if folder is not None:
                run.resume(folder / CHECKPOINT, told, device)

            def keep() -> None:
                if folder is not None:
                    run.keep(folder / CHECKPOINT, told)

            run.go(ready, judged, device, say, keep)
            net.load_state_dict(run.chosen)
        self.net, self.normaliser, self.source = net.eval(), normaliser, train.source
        absent = [name for name, mask in train.masks.items() if not mask.any()]
        return {
            "epochs": len(run.log), "best_epoch": run.best_epoch or len(run.log),
            "valid_loss": run.best_score if judged else None, "log": run.log,
            "parameters": sum(weight.numel() for weight in net.parameters()), "absent": absent,
            "samples": run.samples, "cpu_s": run.cpu_s,
        }  # fmt: skip

    def predict(self, samples: Samples) -> Prediction:
        """Say what it thinks, as `Learner.predict` says."""
        if self.net is None or self.normaliser is None:
            raise BadInput(f"{self.name} has not learnt anything yet; fit it, or open a trained model")
        some = self.normaliser.apply(check_like(samples, self.net.spec.task, self.net.spec.widths))
        size, device = max(self.settings.batch_for(samples.task), 64), next(self.net.parameters()).device
        outputs = [
            read(self.net, batch_of(some, np.arange(at, min(at + size, len(some))), device))
            for at in range(0, len(some), size)
        ]
        task, n, length = samples.task, len(samples), samples.length
        values = [torch.sigmoid(out.value) if task.emotions else out.value for out in outputs]
        shape = {"classification": (n, len(task.emotions))}.get(task.kind, (n, length) if task.steps else (n,))
        order = [some.modalities.index(name) for name in samples.modalities]
        trust = _filled([out.trust for out in outputs], (n, length, len(order)))
        return Prediction(
            values=cast(Floats, _filled(values, shape)) if outputs else np.zeros(shape, np.float32),
            trust=None if trust is None else trust[:, :, order],
            steps=_filled([out.steps for out in outputs], (n, length)),
        )

    def save(self, folder: Path) -> None:
        """Write weights, normaliser and card. Raises BadInput before `fit`."""
        if self.net is None or self.normaliser is None:
            raise BadInput(f"{self.name} has not learnt anything yet; fit it before it is saved")
        folder.mkdir(parents=True, exist_ok=True)
        save_checkpoint(folder / WEIGHTS, "weights", {"net": self.net.state_dict()})
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **self.normaliser.to_arrays())
        with named(folder / NORMALS):
            (folder / NORMALS).write_bytes(buffer.getvalue())
        spec = self.net.spec
        write_card(folder, self.model, self.options | (self.by_step if spec.task.steps else {}), {
            "name": self.name, "task": asdict(spec.task), "widths": spec.widths, "length": spec.length,
            "source": self.source,
        })  # fmt: skip

    def load(self, folder: Path) -> None:
        """Open what `save` wrote; what learnt on a GPU is read on the CPU where there is none. Raises BadInput for what
        does not fit this learner's network or cannot be read."""
        card = read_card(folder)
        device = _device(self.settings.device if torch.cuda.is_available() else "cpu")
        with _own_draws(device, 0):
            net = self._built(Spec(task_of(card), dict(card["widths"]), int(card["length"]))).to(device)
        state = load_checkpoint(folder / WEIGHTS, "weights", device)
        try:
            net.load_state_dict((state or {})["net"])
            with np.load(io.BytesIO((folder / NORMALS).read_bytes()), allow_pickle=False) as arrays:
                normaliser = Normaliser.from_arrays(dict(arrays))
        except (OSError, KeyError, RuntimeError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise BadInput(f"{folder} is no whole model of {self.name}; train it again") from error
        self.net, self.normaliser, self.source = net.eval(), normaliser, str(card["source"])

    def _built(self, spec: Spec) -> Net:
        """The network. Sizes that make none, as 0 heads, are told by torch in many ways."""
        try:
            return self.build(spec)
        except (ZeroDivisionError, AssertionError, RuntimeError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise BadInput(f"{self.name} cannot be built ({str(error)[:120]}); give other options") from error

    def _told(self, train: Samples, valid: Samples | None, settings: TrainSettings) -> str:
        """What tells this run from others."""
        return identity(self.name, self.model, self.options, asdict(settings), digest(train),
                        digest(valid) if valid else "")  # fmt: skip


def _filled(parts: list[Tensor | None] | list[Tensor], shape: tuple[int, ...]) -> Floats | None:
    """Parts [B, T', ...] one below the other in an array of zeros of this shape; None if they are."""
    if not parts or any(part is None for part in parts):
        return None
    out, at = np.zeros(shape, dtype=np.float32), 0
    for part in cast(list[Tensor], parts):
        array = part.float().cpu().numpy()
        here = out[at : at + len(array)]
        if array.ndim > 1:
            here = here[:, : array.shape[1]]
        here[...] = array
        at += len(array)
    return out


def _device(name: str) -> torch.device:
    try:
        device = torch.device("cuda" if name == "auto" and torch.cuda.is_available() else name.replace("auto", "cpu"))
    except RuntimeError as error:
        raise BadInput(f"there is no device {name!r}; take cpu, cuda or auto") from error
    if device.type not in ("cpu", "cuda"):
        raise BadInput(f"networks of sentiment do not run on {name!r}; take cpu, cuda or auto")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise BadInput("this machine has no CUDA device; take cpu or auto")
    return device


@contextmanager
def _own_draws(device: torch.device, seed: int) -> Iterator[None]:
    """Within the block torch's random state follows from the seed; afterwards it is what it was."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield

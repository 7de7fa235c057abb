"""Data by name or file: one call for all that can be learnt from."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.sentiment.readers.iemocap import ORDER, iemocap_folds, is_iemocap
from talkoot.sentiment.readers.mfn import mmmo, youtube
from talkoot.sentiment.readers.mmsa import mmsa_folds
from talkoot.sentiment.readers.mosi import mosi
from talkoot.sentiment.readers.pickles import read_pickle
from talkoot.sentiment.readers.plain import FOLDS, present, read_plain
from talkoot.sentiment.samples import Folds

_FILE = re.compile(r"(.+\.(?:pkl|pickle|npz|parquet))(?::([^:/\\]*))?", re.DOTALL)
_CLIPS = re.compile(r".+\.csv(?::.*)?", re.DOTALL)


def open_data(name: str, *, split: str = "", modalities: Sequence[str] = ()) -> Folds:
    """The folds of some data: a name of READERS, or a file (`.pkl` of MMSA's or IEMOCAP's form, `.npz`, `.parquet`; a
    `.csv` that lists clips with their labels, see `clip.corpus`).

    Options follow a colon, such as `synthetic:seed=1,n=300`, `mosi:text=own` or `data.pkl:emotions=happy+sad` (names of
    the columns of IEMOCAP-style labels, in order). `split` is for data that have several. `modalities` takes only
    these, in this order. Raises BadInput for names, options, splits and modalities that there are not, files that
    cannot be read, and folds that share a sample.
    """
    several = False
    if _CLIPS.fullmatch(name):
        from talkoot.sentiment.clip.corpus import clips_named

        folds = clips_named(name)
    elif match := _FILE.fullmatch(name):
        path, options = Path(match[1]), _options(name, match[2] or "")
        folds = _file(path, options)
    else:
        kind, _, told = name.partition(":")
        if kind not in READERS:
            raise BadInput(f"there are no data {kind!r}; there are {', '.join(READERS)}, and files that end in .pkl, "
                           ".npz, .parquet or .csv")  # fmt: skip
        options = _options(name, told)
        read = READERS[kind]
        several = "split" in _named(read)
        if several and split:
            options["split"] = split
        if "modalities" in _named(read) and modalities:
            options["modalities"] = tuple(modalities)
        folds = _called(name, read, options)
    if split and not several:
        raise BadInput(f"{name} has the folds that it has; leave the split {split!r} out")
    if modalities:
        chosen = tuple(modalities)
        folds = replace(
            folds,
            train=folds.train.only(chosen),
            valid=folds.valid.only(chosen) if folds.valid is not None else None,
            test=folds.test.only(chosen),
        )
    _check_apart(folds)
    return folds


def _synthetic(**options: Any) -> Folds:
    from talkoot.sentiment import synthetic

    return _called("synthetic", synthetic.schedule, {"seed": 0} | options)


def _emotions(**options: Any) -> Folds:
    from talkoot.sentiment import synthetic

    return _called("emotions", synthetic.emotions, {"seed": 0} | options)


def _mosi_shaped(**options: Any) -> Folds:
    from talkoot.sentiment import synthetic

    return _called("mosi_shaped", synthetic.mosi_shaped, {"seed": 0} | options)


READERS: dict[str, Callable[..., Folds]] = {
    "mosi": mosi,
    "mmmo": mmmo,
    "youtube": youtube,
    "synthetic": _synthetic,
    "emotions": _emotions,
    "mosi_shaped": _mosi_shaped,
}


def _file(path: Path, options: dict[str, Any]) -> Folds:
    if unknown := [key for key in options if key != "emotions"]:
        raise BadInput(f"{path} has no option {unknown[0]!r}; files have 'emotions'")
    emotions = tuple(str(options["emotions"]).split("+")) if "emotions" in options else ()
    try:
        return _read(path, emotions)
    except BadInput as error:
        raise error if str(path) in str(error) else BadInput(f"{path}: {error}") from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:  # arrays of shapes that nobody thought of
        raise BadInput(f"{path}: its arrays make no samples ({str(error)[:120]}); see the form that is wanted in "
                       "docs/sentiment.md") from error  # fmt: skip


def _read(path: Path, emotions: tuple[str, ...]) -> Folds:
    if path.suffix in (".npz", ".parquet"):
        if emotions:
            raise BadInput(f"{path} states its emotions itself; leave the option out")
        return read_plain(path)
    data = read_pickle(path)
    if is_iemocap(data):
        return iemocap_folds(data, path, emotions=emotions or ORDER)
    if emotions:
        raise BadInput(f"{path} has no labels of several emotions; leave the option 'emotions' out")
    return mmsa_folds(data, path)


def _options(name: str, told: str) -> dict[str, Any]:
    """`key=value,key=value` with whole numbers, numbers, true and false, else texts."""
    options: dict[str, Any] = {}
    for part in filter(None, told.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not key.isidentifier() or key in options:
            raise BadInput(f"{name}: {part!r} is no option; write key=value, once for each key, parted by commas")
        options[key] = _value(value)
    return options


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)


def _named(call: Callable[..., Folds]) -> list[str]:
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [key for key, one in inspect.signature(call).parameters.items() if one.kind not in kinds]


def _called(name: str, read: Callable[..., Folds], options: dict[str, Any]) -> Folds:
    """Call with options, whose names must be those of its parameters."""
    if isinstance(options.get("seed", 0), int) and options.get("seed", 0) < 0:
        raise BadInput(f"{name} has the seed {options['seed']}; give a number of at least 0")
    parameters = inspect.signature(read).parameters
    free = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    if not free and (unknown := [key for key in options if key not in parameters]):
        raise BadInput(f"{name} has no option {unknown[0]!r}; it has {', '.join(parameters)}")
    for key, value in options.items():
        default = parameters[key].default if key in parameters else None
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        if number and (isinstance(value, (str, bool)) or (isinstance(default, int) and isinstance(value, float))):
            wanted = "a whole number" if isinstance(default, int) else "a number"
            raise BadInput(f"{name}: {key} is {wanted}, not {value!r}")
    return read(**options)


def _check_apart(folds: Folds) -> None:
    """Raises BadInput if two folds share a sample, by its id. Ids that are plain numbers may mean other samples."""
    some = {fold: {id_ for id_ in samples.ids if not id_.isdigit()} for fold, samples in present(folds).items()}
    for at, one in enumerate(FOLDS):
        for other in FOLDS[at + 1 :]:
            if shared := sorted(some.get(one, set()) & some.get(other, set())):
                raise BadInput(f"{folds.name}: {len(shared)} samples are in the folds '{one}' and '{other}', such as "
                               f"{shared[0]}; what was learnt from cannot measure, so leave them out")  # fmt: skip

"""The files that a request names, as digests: the same words about another file are another request. Ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from talkoot.errors import BadInput


def digests_of(worlds: Iterable[str], teams: Iterable[str], model: str) -> dict[str, str]:
    """Everything on disk that worlds, teams and model name, as typed, with the first 16 hex digits of its SHA-256.

    These are layout files, the files and folders of homes, `policy/...`, `recorded/...`, `demos=...` and, as models and
    as judges, `hf/FOLDER` (its config.json, and the names and sizes of its files: weights are too large to read each
    time) and `tiny/FOLDER`. What does not exist is left out: whoever opens it complains.
    """
    from talkoot.agents.catalog import options_of, split_team
    from talkoot.judging.named import split_judge
    from talkoot.worlds.catalog import family_of
    from talkoot.worlds.household.catalog import files_of

    found: dict[str, str] = {}

    def add(name: str, digest: Callable[[str], str], path: str) -> None:
        with suppress(OSError, BadInput):
            found[name] = digest(path)

    def add_model(name: str) -> None:
        head, _, path = name.partition("/")
        if head in ("recorded", "hf", "tiny"):
            add(name, {"recorded": _of_records, "hf": _of_checkpoint, "tiny": _of_network}[head], path)

    for world in worlds:
        if family_of(world) == "household":
            if (home := files_of(world)) is not None:
                found[home[0]] = _of_files(home[1])
            continue
        place = world.partition(":")[0].removeprefix("overcooked/")
        if _is_file_of_a_layout(place):
            add(place, _of_file, place)
    for part in (part for team in teams for part in split_team(team)):
        name = part.partition(":")[0]
        head, _, path = name.partition("/")
        if head in ("policy", "recorded"):
            add(name, {"policy": _of_policy, "recorded": _of_file}[head], path)
        try:
            options = options_of(part)
        except BadInput:
            continue
        if options.get("demos", "off") != "off":
            add(f"demos={options['demos']}", _of_records, options["demos"])
        add_model(options.get("model", ""))
        with suppress(BadInput):
            add_model(split_judge(options.get("judge", ""))[0])
    add_model(model)
    return found


def _is_file_of_a_layout(place: str) -> bool:
    from talkoot.worlds.overcooked.catalog import GENERATE
    from talkoot.worlds.overcooked.layout_file import ALIASES, layout_names

    return place != GENERATE and ALIASES.get(place, place) not in layout_names()


def _of_file(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def _of_files(files: Iterable[Path]) -> str:
    lines = [f"{file.name} {_of_file(str(file))}" for file in sorted(files)]
    if not lines:
        raise BadInput("there are no files")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _of_records(path: str) -> str:
    """A recording, an episode file, or all episodes of a run folder."""
    folder = Path(path)
    if folder.is_dir():
        return _of_files(list(folder.glob("episodes/*.jsonl")) or folder.glob("*.jsonl"))
    return _of_file(path)


def _of_policy(name: str) -> str:
    """A partner's file; for a kind such as `sp`, which picks the file by the kitchen, all files of that kind."""
    from talkoot.data import data_folder
    from talkoot.worlds.overcooked.partners import KINDS, find_partner

    name = name.removesuffix(".npz")
    if name in KINDS:
        folder = data_folder("overcooked/partners")
        return _of_files(folder.glob(f"*_{name}.npz") if folder else ())
    return _of_file(str(find_partner(name)))


def _of_checkpoint(path: str) -> str:
    sizes = sorted(f"{file.name} {file.stat().st_size}" for file in Path(path).iterdir() if file.is_file())
    text = "\n".join([_of_file(str(Path(path, "config.json"))), *sizes])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _of_network(path: str) -> str:
    return _of_files(file for file in Path(path).iterdir() if file.name.startswith(("model.", "judge.")))

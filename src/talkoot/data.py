"""Where recorded data lie: the folder in `TALKOOT_DATA`, else `../shared/data` beside the checkout or work folder."""

from __future__ import annotations

import os
from pathlib import Path

from talkoot.errors import BadInput


def data_folder(part: str = "") -> Path | None:
    """The folder of recorded data (or the named part of it, such as "overcooked"), or None where there is none."""
    named = os.environ.get("TALKOOT_DATA")
    here = Path(__file__).resolve().parents[2]
    places = [Path(named)] if named else [Path.cwd().parent / "shared" / "data", here.parent / "shared" / "data"]
    return next((place / part for place in places if (place / part).is_dir()), None)


def data_file(part: str, name: str) -> Path:
    """A file among the recorded data, for example `data_file("overcooked", "partners/cramped_room_sp.npz")`.

    Raises BadInput if it is not there.
    """
    folder = data_folder(part)
    path = folder / name if folder else None
    if path is None or not path.is_file():
        raise BadInput(
            f"the recorded data {part}/{name} are not at hand; set TALKOOT_DATA to the folder that holds '{part}'"
        )
    return path

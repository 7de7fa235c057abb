"""The recorded data of sentiment, as the files that the known figures belong to."""

from __future__ import annotations

import hashlib
from pathlib import Path

from talkoot.data import data_file
from talkoot.errors import BadInput

HASHES = {
    "mfn_mmmo_partial.npz": "def88507cb342875063a2bfbf6befa473c8d69add7bc0a6d49ee0d525ad9ab97",
    "mfn_youtube_partial.npz": "6601663df16cec8ba9ae5a49e7e323f9e4031f8e16717f14464118ae36ca4655",
    "mosi_offline.npz": "59ce0f1a20e1b87f52e3c70c534b4f8696ee6ff044ea3bf097b25175d5ec61c2",
    "mosi_utterances.csv.gz": "31f861aba0f56bfb4ead4cba80be96bd2e086660cf95638bd7812745566e7207",
    "mosi_words.csv.gz": "5be8a58d2c1f48b49291cc12fb68a978d3439b5375d33e28d6a13742c95f6fdc",
}
"""SHA-256 of each file."""


def recorded(name: str, check: bool = True) -> Path:
    """A file of the folder `sentiment` of the recorded data; with `check` it must have the known hash.

    Raises BadInput if it is not there, or is another file.
    """
    path = data_file("sentiment", name)
    if check and hashlib.sha256(path.read_bytes()).hexdigest() != HASHES[name]:
        raise BadInput(
            f"{path} is not the file that the known figures belong to (its SHA-256 is another); fetch it again, or "
            "read it with check=False"
        )
    return path

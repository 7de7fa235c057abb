"""A file of JSON lines to which results are appended as they come, so that a long piece of work can be stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from talkoot.errors import BadInput


class Ledger:
    """What an earlier run wrote (`rows`), and a place for more. A context manager; one process writes at a time.

    A process that is killed leaves at most half a last line: it is passed over, as is any line that lacks one of
    `keys`, and the work that it stood for is done again. Raises BadInput if the file cannot be opened.
    """

    def __init__(self, path: Path, keys: frozenset[str]) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab+")
        except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
            raise BadInput(f"{path} cannot be written ({error.strerror}); choose another folder") from None
        self._file.seek(0)
        for line in self._file:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and keys <= row.keys():
                self.rows.append(row)
        size = self._file.seek(0, os.SEEK_END)
        if size:
            self._file.seek(size - 1)
            self._broken = self._file.read(1) != b"\n"
        else:
            self._broken = False

    def append(self, row: dict[str, Any]) -> None:
        """Write one line and hand it to the operating system at once."""
        line = json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
        self._file.write(b"\n" + line if self._broken else line)
        self._broken = False
        self._file.flush()
        self.rows.append(row)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

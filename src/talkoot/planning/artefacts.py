"""The folder of one planning task: everything that was made on the way, written the moment it is there.

    FOLDER/asked.json          what was asked; a folder goes on with the same task only
    FOLDER/task.txt            the task in words
    FOLDER/prompt-N.txt        what the model was asked, and
    FOLDER/reply-N.txt         what it answered
    FOLDER/replies.jsonl       the same as a recording: the same command is served from it and asks nothing twice
    FOLDER/problem.pddl        the problem as completed
    FOLDER/faults.json         all faults found in it, mended ones among them
    FOLDER/plan.txt            one step a line
    FOLDER/told.txt            the plan in words, or why there is none
    FOLDER/status.txt          one word, and FOLDER/outcome.json the whole outcome

Whatever goes wrong later, earlier files stay. Source: ours.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from talkoot.disk import named
from talkoot.errors import BadInput
from talkoot.model import Model, Reply, Request
from talkoot.models.limits import Recorder, Resumed, read_answers
from talkoot.types import Json


class Artefacts:
    """Where the stages of a task leave what they made; with `folder` None they leave nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, asked: Mapping[str, Json]) -> Artefacts:
        """Create a folder, or go on with it if the same was asked before.

        Raises BadInput if it holds something else, or cannot be a folder.
        """
        artefacts, path = cls(folder), folder / "asked.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            strangers = sorted(entry.name for entry in folder.iterdir())
        except (FileExistsError, NotADirectoryError):
            raise BadInput(f"{folder} cannot be a run folder: a file is in the way; choose another one") from None
        if not path.exists():
            strangers = [name for name in strangers if name != "lock" and not name.endswith(".part")]
            if strangers:
                raise BadInput(f"{folder} is not the folder of a planning task (it holds {strangers[0]}); choose an "
                               "empty or new one")  # fmt: skip
            artefacts.write("asked.json", json.dumps(asked, ensure_ascii=False, indent=2) + "\n")
            return artefacts
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            before = {}
        now = json.loads(json.dumps(asked))
        differ = [key for key in {**before, **now} if before.get(key) != now.get(key)]
        if differ:
            raise BadInput(f"{folder} holds another task: it differs in {', '.join(differ)}. Ask for the same again, "
                           "or choose another run folder")  # fmt: skip
        return artefacts

    def write(self, name: str, text: str) -> None:
        """Put a file in its place, whole or not at all. Raises OSError, with the file's name, if the disk is full."""
        if self.folder is None:
            return
        path, part = self.folder / name, self.folder / f"{name}.part"
        try:
            with named(path):
                # A hostile reply may hold half a surrogate pair, which is no UTF-8.
                part.write_text(text, encoding="utf-8", errors="backslashreplace")
                os.replace(part, path)
        except OSError:
            part.unlink(missing_ok=True)  # room for telling in `status.txt` what happened
            raise

    def remove(self, *names: str) -> None:
        """Take away what an earlier try left and no longer holds."""
        if self.folder is not None:
            for name in names:
                (self.folder / name).unlink(missing_ok=True)

    def keep(self, model: Model) -> Model:
        """The model with its prompts and replies written down, and those of last time served again."""
        return model if self.folder is None else _Kept(model, self)


class _Kept:
    def __init__(self, model: Model, artefacts: Artefacts) -> None:
        assert artefacts.folder is not None
        path = artefacts.folder / "replies.jsonl"
        known = [answer for answer in read_answers(path) if not answer.error] if path.exists() else []
        self.name = model.name
        self._path = path
        self._model = Resumed(Recorder(model, path), known)
        self._artefacts = artefacts
        self._asked = 0

    async def __call__(self, request: Request) -> Reply:
        self._asked += 1
        number = self._asked
        prompt = "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in request.messages)
        self._artefacts.write(f"prompt-{number}.txt", f"{prompt}\n")
        with named(self._path):
            reply = await self._model(request)
        self._artefacts.write(f"reply-{number}.txt", reply.text)
        return reply

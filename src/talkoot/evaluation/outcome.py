"""What a table needs to know of one complete episode, read from its file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from talkoot.errors import CorruptRecord
from talkoot.types import Json

SPEECH = "send_message"
"""The primitive of worlds in which talking takes a step of its own (`Guide.speech`)."""

_OF_SUCCESS = ("success", "messages", "message_steps", "delivered_messages", "fallback_parses")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one episode came to. `identity` is equal where the same things happened.

    `invalid_replies` are the model's replies that could not be used, also where the next one could (one reply of a
    central planner may be noted for several seats); `notes` are all notes, those of such replies among them.
    `success` is None in worlds that know none. `messages` counts what was sent, `delivered_messages` what reached
    somebody, `message_steps` the steps of a seat that went into talking, `fallback_parses` the replies whose choice
    could only be guessed.
    """

    score: float
    steps: int
    identity: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    invalid_replies: int
    notes: int
    success: bool | None = None
    messages: int = 0
    message_steps: int = 0
    delivered_messages: int = 0
    fallback_parses: int = 0

    def told(self) -> dict[str, Json]:
        """As a command prints it: without the identity, and with success and talk where the world knows success."""
        left_out = {"identity", *(_OF_SUCCESS if self.success is None else ())}
        return {key: value for key, value in asdict(self).items() if key not in left_out}


def read_outcome(path: Path) -> Outcome:
    """Read what a table needs from a complete episode file; raises CorruptRecord with file and line on damage."""
    deeds = hashlib.sha256()
    counts = dict.fromkeys(("notes", "invalid_replies", *_OF_SUCCESS[1:]), 0)
    ended: Json = None
    success: bool | None = None
    spoke: dict[int, bool] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            event = json.loads(line)
            kind = event["kind"]
            if kind == "started":
                deeds.update(json.dumps([event["setting"], event["scene"]]).encode())
            elif kind == "acted":
                deeds.update(json.dumps([event["t"], event["seat"], event["action"]]).encode())
                alone = event["action"].partition("(")[0] == SPEECH
                counts["message_steps"] += alone
                if alone or event["say"]:
                    spoke[event["seat"]] = alone
            elif kind == "stepped":  # an agent of the user's own may record no actions, but they show in the world
                deeds.update(line)
                said = _speakers(event["scene"])
                counts["delivered_messages"] += len(said)
                counts["messages"] += len(said | {seat for seat, alone in spoke.items() if alone})
                spoke.clear()
                success = event.get("info", {}).get("success", success)
            elif kind == "noted":
                counts["notes"] += 1
                counts["invalid_replies"] += event["what"] == "unusable reply"
                counts["fallback_parses"] += event["what"] == "fallback parse"
            elif kind == "ended":
                ended = event
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptRecord(
                f"{path}, line {number}: not an event ({error}); delete the file and run the same command again"
            ) from error
    if ended is None:
        raise CorruptRecord(f"{path}: the episode was cut off; run the same command again")
    return Outcome(
        score=ended["score"],
        steps=ended["t"],
        identity=deeds.hexdigest()[:16],
        calls=ended["calls"],
        prompt_tokens=ended["prompt_tokens"],
        completion_tokens=ended["completion_tokens"],
        success=success,
        **counts,
    )


def _speakers(scene: Json) -> set[int]:
    """Whose words a scene shows, in worlds whose scenes show them."""
    said = scene.get("said") if isinstance(scene, dict) else None
    return {one["seat"] for one in said if isinstance(one, dict) and "seat" in one} if isinstance(said, list) else set()

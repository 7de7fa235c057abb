"""How features were made, and the refusal to mix them with features that were made otherwise."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from talkoot.errors import BadInput
from talkoot.sentiment.cards import read_card
from talkoot.sentiment.clip import audio, faces, words

VERSION = 1
"""Goes up when the same settings give other numbers than before."""

TEXTS = ("hashed", "bert", "")
AUDIOS = (*audio.WIDTHS, "")
VISIONS = (*faces.WIDTHS, "")
_MARK = "extractor="


@dataclass(frozen=True)
class Plugins:
    """Where the models of other people lie that an extractor may need: an encoder of transformers, and mediapipe's
    model of faces. They are known by their content, not their place."""

    bert: Path | None = None
    face_model: Path | None = None


@dataclass(frozen=True)
class Extractor:
    """How text, audio and vision of a clip become numbers; "" leaves a modality out.

    `text`: `hashed` letter sequences of `width` numbers drawn by `seed`, or `bert`. `audio`: `librosa` (33) or
    `opensmile` (25). `vision`: `picture` statistics (18), `openface` (49) or `mediapipe` (52), `rate` pictures a
    second. `length` is the most words of a sample. `bert` and `face_model` are fingerprints of the models. Raises
    BadInput for what there is not.
    """

    text: str = "hashed"
    width: int = 256
    seed: int = 0
    audio: str = "librosa"
    vision: str = "picture"
    rate: int = 5
    length: int = 50
    bert: str = ""
    face_model: str = ""
    version: int = VERSION

    def __post_init__(self) -> None:
        for name, kinds in (("text", TEXTS), ("audio", AUDIOS), ("vision", VISIONS)):
            if getattr(self, name) not in kinds:
                raise BadInput(f"there are no {name} features {getattr(self, name)!r}; there are "
                               f"{', '.join(filter(None, kinds))}, and none at all")  # fmt: skip
        if not (self.text or self.audio or self.vision):
            raise BadInput("an extractor without text, audio and vision has nothing to give; name features of one")
        for name, least, most in (("width", 1, 1 << 16), ("rate", 1, 60), ("length", 1, 10_000), ("seed", 0, 1 << 63)):
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= most:
                raise BadInput(f"{name} is {value!r}; give a whole number from {least} to {most}")
        for name, used in (("bert", self.text == "bert"), ("face_model", self.vision == "mediapipe")):
            if used != bool(getattr(self, name)):
                raise BadInput(f"{'text features bert' if name == 'bert' else 'vision features mediapipe'} and a "
                               f"{name.replace('_', ' ')} come together; give both, or none")  # fmt: skip
        if self.version != VERSION:
            raise BadInput(f"these features were made by version {self.version} of the extractor, and this is "
                           f"{VERSION}; make them again, and train again")  # fmt: skip

    @classmethod
    def using(cls, plugins: Plugins, **settings: Any) -> Extractor:
        """An extractor with the fingerprints of the given models, which set text to `bert` and vision to `mediapipe`.

        Raises BadInput for settings that there are not, and models that cannot be read.
        """
        if unknown := sorted(
            set(settings) - {one.name for one in fields(cls)} | {"bert", "face_model"} & set(settings)
        ):
            raise BadInput(f"an extractor has no setting {unknown[0]!r}; it has "
                           "text, width, seed, audio, vision, rate, length")  # fmt: skip
        if plugins.bert is not None:
            settings = {"text": "bert", **settings, "bert": fingerprint(plugins.bert),
                        "width": _hidden_size(plugins.bert)}  # fmt: skip
        if plugins.face_model is not None:
            settings = {"vision": "mediapipe", **settings, "face_model": fingerprint(plugins.face_model)}
        return cls(**settings)

    @property
    def widths(self) -> dict[str, int]:
        """How many numbers each modality has, in the usual order."""
        of = {"text": self.width if self.text else 0, "audio": audio.WIDTHS.get(self.audio, 0),
              "vision": faces.WIDTHS.get(self.vision, 0)}  # fmt: skip
        return {name: width for name, width in of.items() if width}

    @property
    def causal(self) -> bool:
        """Does no number depend on what comes later? Only then can a clip be read while it arrives."""
        return self.text in (*words.CAUSAL, "") and self.audio in (*audio.CAUSAL, "") \
            and self.vision in (*faces.CAUSAL, "")  # fmt: skip

    @property
    def digest(self) -> str:
        """Equal digests mean equal features."""
        return hashlib.sha256(self.told.encode()).hexdigest()[:16]

    @property
    def told(self) -> str:
        """All of it as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def mark(self) -> str:
        """What the source of samples made by it carries."""
        return _MARK + self.told

    def check_plugins(self, plugins: Plugins) -> None:
        """Raises BadInput if a model that it needs is not given, or is another one than that of training."""
        for name, option in (("bert", "--bert"), ("face_model", "--face-model")):
            wanted, path = getattr(self, name), getattr(plugins, name)
            if wanted and path is None:
                raise BadInput(f"these features need the {name.replace('_', ' ')} of training; give it with {option}")
            if wanted and (found := fingerprint(path)) != wanted:
                raise BadInput(f"{path} is another {name.replace('_', ' ')} ({found}) than that of training "
                               f"({wanted}); give that one with {option}, or train with this one")  # fmt: skip

    def check_same(self, asked: dict[str, str]) -> None:
        """Raises BadInput if what is asked for (text, audio, vision) is not what this extractor does."""
        for name, kind in asked.items():
            if kind != getattr(self, name):
                have = f"{name} features {getattr(self, name)!r}" if getattr(self, name) else f"no {name} features"
                want = f"{kind!r}" if kind else f"a clip without its {name}"
                raise BadInput(f"the model was trained on {have}, and cannot read {want}; leave the option out, or "
                               "train so")  # fmt: skip


def extractor_of(source: str) -> Extractor | None:
    """The extractor that the source of samples names, or None where they were not made from clips."""
    place = source.find(_MARK)
    if place < 0:
        return None
    try:
        told, _ = json.JSONDecoder().raw_decode(source, place + len(_MARK))
        return Extractor(**told)
    except (ValueError, TypeError) as error:
        raise BadInput(f"the source of these samples names no known extractor: {source[place:][:80]}; "
                       "make the features again") from error  # fmt: skip


def extractor_for(model: Path) -> Extractor:
    """The extractor with whose features a saved model was trained.

    Raises BadInput for a folder without a model, and for one that was trained on features which cannot be made here.
    """
    card = read_card(model)
    source = str(card.get("source", ""))
    extractor = extractor_of(source)
    if extractor is None:
        raise BadInput(f"{model} was trained on features of {source.partition(';')[0] or 'unknown origin'}, which "
                       "cannot be made from a clip; train one: `talkoot sentiment train --data clips.csv`")  # fmt: skip
    left: dict[str, Any] = {m: "" for m in extractor.widths if m not in card["widths"]}  # it was trained without these
    models: dict[str, Any] = {"bert": "" if "text" in left else extractor.bert,
              "face_model": "" if "vision" in left else extractor.face_model}  # fmt: skip
    return replace(extractor, **left, **models)


def fingerprint(path: Path) -> str:
    """A hash of a file's content, or of the files of a folder with their names. Raises BadInput for nothing there."""
    if not path.exists():
        raise BadInput(f"{path} does not exist; name the model's file or folder")
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    hash_ = hashlib.sha256()
    for one in files:
        with one.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        hash_.update(f"{one.name if path.is_dir() else ''}:{digest}\n".encode())
    return hash_.hexdigest()[:16]


def _hidden_size(folder: Path) -> int:
    try:
        return int(json.loads((folder / "config.json").read_text("utf-8"))["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(f"{folder} holds no encoder of transformers with a hidden_size in its config.json; "
                       "name its folder") from None  # fmt: skip

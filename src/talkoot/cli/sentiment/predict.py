"""`talkoot sentiment predict`: what a model says of a person's own video, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from talkoot.sentiment.clip.streaming import Heard


def command(
    clip: Annotated[Path, typer.Argument(help="A video or a recording, such as clip.mp4 or clip.wav.", metavar="CLIP")],
    model: Annotated[Path, typer.Option(help="A model trained on clips, such as runs/x.")],
    words: Annotated[Path | None, typer.Option(help="Its words with their times: .srt, .vtt or .json.")] = None,
    faces: Annotated[Path | None, typer.Option(help="OpenFace's table of it (CSV), for a model trained so.")] = None,
    face_model: Annotated[Path | None, typer.Option(help="mediapipe's model of faces (.task), if it was trained so.")]
        = None,
    bert: Annotated[Path | None, typer.Option(help="The folder of an encoder of transformers, if it was trained so.")]
        = None,
    text: Annotated[str | None, typer.Option(help="Insist on these features: hashed, bert.")] = None,
    audio: Annotated[str | None, typer.Option(help="Insist on these features: librosa, opensmile (non-commercial)."
                                              )] = None,
    vision: Annotated[str | None, typer.Option(help="Insist on these features: picture, openface, mediapipe.")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Read the clip as it would arrive, and answer after every "
                                         "word (with --json one object a line).")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the JSON there, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:  # fmt: skip
    """Predict the sentiment of a clip, and tell how much each modality counted at each word.

    The features are made as they were for training; a model that was trained on others is refused.
    """
    import json

    from rich.console import Console

    from talkoot.cli import check_target, print_json
    from talkoot.errors import BadInput
    from talkoot.sentiment.cards import read_card, task_of
    from talkoot.sentiment.clip.extractor import Plugins, extractor_for
    from talkoot.sentiment.clip.features import clip_samples, late_words, record
    from talkoot.sentiment.clip.prediction import predict_clip
    from talkoot.sentiment.clip.streaming import Stream, stream_file
    from talkoot.sentiment.clip.subtitles import read_words
    from talkoot.sentiment.models import open_model

    if out is not None:
        check_target("--out", out, (".json",))
    if stream and (out is not None or words is None):
        raise BadInput("--stream needs --words and writes no file; give words, and leave --out out")
    extractor, plugins = extractor_for(model), Plugins(bert, face_model)
    extractor.check_same({name: "" if kind == "none" else kind for name, kind in
                          (("text", text), ("audio", audio), ("vision", vision)) if kind is not None})  # fmt: skip
    for name, given, wanted in (("faces", faces, extractor.vision == "openface"),
                                ("face-model", face_model, extractor.vision == "mediapipe"),
                                ("bert", bert, extractor.text == "bert")):  # fmt: skip
        if given is not None and not wanted:
            raise BadInput(f"the model was not trained with --{name}, and cannot read {given}; leave --{name} out")
    subtitles = read_words(words) if words is not None else None
    task = task_of(read_card(model))
    errors = Console(stderr=True, highlight=False)
    if stream:
        from talkoot.sentiment.clip.ffmpeg import probe

        assert subtitles is not None
        media = probe(clip)
        late = late_words(clip.stem, subtitles.words, media.seconds)
        missing = [f"{clip} has no {what}" for what, there in (("sound", media.sound), ("picture", media.picture))
                   if not there]  # fmt: skip
        for note in (*subtitles.notes, *late, *missing):
            errors.print(f"note: {note}", markup=False)
        live = Stream(open_model(model), extractor, task, sound=media.sound, picture=media.picture)
        for heard in stream_file(live, clip, subtitles.words):
            if as_json:
                print_json(_heard(heard, task.emotions))
            else:
                print(_line(heard, task.emotions), flush=True)
        return
    with errors.status(f"features of {clip}"):
        recording = record(clip, extractor, plugins, faces)
        made = clip_samples(clip.stem, subtitles.words if subtitles else None, recording, extractor, task, plugins)
    told = {"clip": str(clip), "model": str(model), "extractor": extractor.digest,
            **predict_clip(open_model(model), made)}  # fmt: skip
    told["notes"] = [*(subtitles.notes if subtitles else ()), *told["notes"]]
    if out is not None:
        from talkoot.sentiment.cards import write_json

        write_json(out, json.loads(json.dumps(told)))
    if as_json:
        print_json(told)
        return
    for note in told["notes"]:
        errors.print(f"note: {note}", markup=False)
    _show(told, task.bound, Console(highlight=False))


def _heard(heard: Heard, emotions: tuple[str, ...]) -> dict[str, Any]:
    import math

    said = [None if math.isnan(value) else value for value in heard.values]
    values = {"emotions": dict(zip(emotions, said, strict=True))} if emotions else {"score": said[0]}
    return {"word": heard.word.text, "start": heard.word.start, "end": heard.word.end, "sample": heard.piece,
            **values, "trust": heard.trust}  # fmt: skip


def _line(heard: Heard, emotions: tuple[str, ...]) -> str:
    values = (f"{name} {p:.2f}" for name, p in zip(emotions, heard.values, strict=True)) if emotions \
        else (f"{heard.values[0]:+.2f}",)  # fmt: skip
    trust = "  ".join(f"{name} {_bar(share)} {share:.2f}" for name, share in (heard.trust or {}).items())
    return f"{heard.word.end:7.2f} s  {'  '.join(values)}  {heard.word.text:<16} {trust}".rstrip()


def _bar(share: float, width: int = 8) -> str:
    full = round(max(0.0, min(1.0, share)) * width)
    return "█" * full + "·" * (width - full)


def _show(told: dict[str, Any], bound: float, console: Console) -> None:
    """The score, and the words with the trust in each modality beside them."""
    from rich.table import Table
    from rich.text import Text

    if "emotions" in told:
        said = ", ".join(f"{name} {p:.0%}" for name, p in told["emotions"].items())
    else:
        said = f"{told['score']:+.2f} (from {-bound:g}, negative, to {bound:g}, positive)"
    console.print(f"{told['clip']}: {said}", markup=False, soft_wrap=True)
    modalities = list(told["trust"] or {})
    table = Table(box=None, padding=(0, 2, 0, 0))
    for head in ("seconds", "word", "so far", *modalities):
        table.add_column(head, justify="right" if head in ("seconds", "so far") else "left")
    for step in told["steps"]:
        score = "" if step["score"] is None else f"{step['score']:+.2f}"
        trust = [f"{_bar(step['trust'][m])} {step['trust'][m]:.2f}" for m in modalities] if step["trust"] else []
        table.add_row(f"{step['start']:.2f}", Text(step["word"]), score, *trust)
    console.print(table)
    if modalities:
        mean = ", ".join(f"{m} {share:.2f}" for m, share in told["trust"].items())
        console.print(f"trust on the whole: {mean}")
    absent = [m for m, share in told["present"].items() if not share]
    if absent:
        console.print(f"not there: {', '.join(absent)}")

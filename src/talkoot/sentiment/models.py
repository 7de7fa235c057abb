"""Learners by name, with hyper-parameters that were fixed before any test fold was looked at. Loads no torch.

`cosa`, `cosa:trainer=coma_exact,width=32`, `bigru:hidden=32,epochs=40`: options are those of the network's settings and
of `TrainSettings`; `preset` starts Co-SA from another reading. A list of names is parted by commas, too: a part like
`width=32` belongs to the name before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from talkoot.errors import BadInput
from talkoot.sentiment.cards import read_card
from talkoot.sentiment.constants import Constant
from talkoot.sentiment.learner import Learner

if TYPE_CHECKING:
    from talkoot.sentiment.nets import Net, Spec

HEADS = {"coma_exact": "levels", "coma_critic": "levels"}
"""The head that a trainer of policies needs, where it is not the gate."""


class Saved(Learner, Protocol):
    """A learner that can be opened again."""

    def load(self, folder: Path) -> None:
        """Open what `save` wrote. Raises BadInput for what cannot be read."""


@dataclass(frozen=True)
class Family:
    """A network, its settings, and how it is trained (`by_step`: what differs where each step has a label). Called with
    options (texts, or values of their type) it gives a learner; called without, the learner whose hyper-parameters are
    frozen."""

    name: str
    module: str
    net: str
    settings: str
    training: dict[str, Any]
    by_step: dict[str, Any] = field(default_factory=dict)

    def __call__(self, title: str = "", **options: Any) -> Saved:
        """The learner. Raises BadInput for options that there are not, and values that they cannot have."""
        from talkoot.sentiment.net_learner import NetLearner
        from talkoot.sentiment.training import Supervised, TrainSettings

        module = import_module(f"talkoot.sentiment.{self.module}")
        net_class, settings_class = getattr(module, self.net), getattr(module, self.settings)
        title = title or self.name
        options = dict(options)
        own = {one.name for one in fields(settings_class)}
        by_step = {key: value for key, value in self.by_step.items() if key not in options}
        base: dict[str, Any] = {}
        if hasattr(module, "preset") and "preset" in options:
            base |= asdict(module.preset(options.pop("preset")))
        training = TrainSettings(**_chosen(title, TrainSettings(**self.training), options, own, settings_class))
        if training.trainer in HEADS and "head" in own:
            base["head"] = HEADS[training.trainer]
        settings = settings_class(**_chosen(title, settings_class(**base), options, None, TrainSettings))
        update: Callable[[Any, TrainSettings], Any] = Supervised
        if training.trainer != "supervised":
            update = _trainer(title, training.trainer, self.name)

        def build(spec: Spec) -> Net:
            net: Net = net_class(spec, settings)
            return net

        resolved = {key: value for key, value in (asdict(training) | asdict(settings)).items() if key != "seed"}
        return NetLearner(title, build, training, update, model=self.name, options=resolved, by_step=by_step)


def _trainer(title: str, name: str, family: str) -> Callable[..., Any]:
    from talkoot.sentiment.trainers import TRAINERS

    if family != "cosa":
        raise BadInput(f"{title}: {family} has no policies to train; leave trainer={name} out")
    if name not in TRAINERS:
        raise BadInput(f"{title}: there is no trainer {name!r}; take one of {', '.join(TRAINERS)}")
    return TRAINERS[name]


def _chosen(title: str, base: Any, options: dict[str, Any], others: set[str] | None, other: type) -> dict[str, Any]:
    """The values of `base` (settings), with options in their place; those of the other settings are passed over."""
    known = {one.name: getattr(base, one.name) for one in fields(base)}
    beside = others if others is not None else {one.name for one in fields(other)}
    for key, value in options.items():
        if key in known and key != "seed":
            known[key] = _value(title, key, value, known[key])
        elif key not in beside or key == "seed":
            there = sorted((known.keys() | beside) - {"seed"})
            raise BadInput(f"{title}: there is no option {key!r}; there are {', '.join(there)}")
    return known


def _value(title: str, key: str, value: Any, default: Any) -> Any:
    """An option's value as the type of its default."""
    kind = type(default)
    if kind is bool:
        told = {"true": True, "on": True, "false": False, "off": False}.get(str(value).lower())
        if told is None:
            raise BadInput(f"{title}: {key} is {value!r}; give true or false")
        return told
    if kind is tuple:
        return tuple(str(value).split("+")) if isinstance(value, str) else tuple(value)
    try:
        return kind(value)
    except (TypeError, ValueError):
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise BadInput(f"{title}: {key} is {value!r}; give {wanted}") from None


def _ridge(title: str = "", **options: Any) -> Saved:
    from talkoot.sentiment.peers.ridge import Ridge

    if "alphas" in options:
        alphas = options.pop("alphas")
        try:
            values = tuple(float(alpha) for alpha in (alphas.split("+") if isinstance(alphas, str) else alphas))
        except ValueError:
            raise BadInput(f"{title}: alphas is {alphas!r}; give numbers parted by +") from None
        return _plain(lambda: Ridge(values), title, options)
    return _plain(Ridge, title, options)


def _plain(make: Callable[[], Saved], title: str, options: dict[str, Any]) -> Saved:
    if options:
        raise BadInput(f"{title}: there is no option {next(iter(options))!r}")
    return make()


_MMSA = {"epochs": 30, "patience": 8}
"""Networks with MMSA's hyper-parameters: early stop after 8 epochs where there is a fold to choose by (reference 4.2).
"""

_OURS = {"epochs": 0, "lr": 1e-3, "weight_decay": 1e-2, "average": 0.98, "modality_dropout": 0.3}
_OURS_BY_STEP = {"lr": 3e-4, "policy_lr": 4e-3, "spoil": 0.4, "modality_dropout": 0.1}
"""Co-SA's: chosen on CMU-MOSI's training videos, a quarter held out, eight times (`bench/sentiment_settings.py`).
Policies that learn faster than what they weigh, and steps spoiled in training, are worth something there."""

MODELS: dict[str, Callable[..., Saved]] = {
    "constant-mean": lambda title="", **options: _plain(lambda: Constant("mean"), title, options),
    "constant-median": lambda title="", **options: _plain(lambda: Constant("median"), title, options),
    "ridge": _ridge,
    "bigru": Family("bigru", "peers.bigru", "BiGru", "BiGruSettings",
                    {"epochs": 25, "lr": 2e-3, "weight_decay": 1e-2}),
    "ef_lstm": Family("ef_lstm", "peers.ef_lstm", "EfLstm", "EfLstmSettings", {**_MMSA, "batch": 32, "lr": 1e-3}),
    "lf_dnn": Family("lf_dnn", "peers.lf_dnn", "LfDnn", "LfDnnSettings", {**_MMSA, "batch": 128, "lr": 1e-3}),
    "tfn": Family("tfn", "peers.tfn", "Tfn", "TfnSettings", {**_MMSA, "batch": 32, "lr": 1e-3}),
    "lmf": Family("lmf", "peers.lmf", "Lmf", "LmfSettings", {**_MMSA, "batch": 64, "lr": 1e-3}),
    "mult": Family("mult", "peers.mult", "Mult", "MultSettings", {**_MMSA, "batch": 16, "lr": 2e-3, "clip": 0.8}),
    "misa": Family("misa", "peers.misa", "Misa", "MisaSettings", {**_MMSA, "batch": 16, "lr": 1e-4, "clip": 0.8}),
    "cosa": Family("cosa", "cosa", "CosaNet", "CosaSettings",
                   {**_OURS, "trainer": "coma_exact", "supervise": 1.0}, _OURS_BY_STEP),
    "gate": Family("cosa", "cosa", "CosaNet", "CosaSettings", {**_OURS, "trainer": "gate"}, _OURS_BY_STEP),
    "equal": Family("cosa", "cosa", "CosaNet", "CosaSettings", {**_OURS, "trainer": "equal"}, _OURS_BY_STEP),
}  # fmt: skip
"""What `named` knows. The options of a card are those of its family, so that other defaults open it all the same."""

ABLATIONS: tuple[str, ...] = (
    "cosa",
    *(f"cosa:{term}=0" for term in ("modality", "separation", "reconstruction", "dpsr", "prefix")),
    "cosa:adversary=0.1",
    "cosa:surprise=false",
    "cosa:message=none",
    *(f"cosa:fusion={fusion}" for fusion in ("average", "product", "concat", "pool")),
    *(f"cosa:trainer={trainer}" for trainer in ("ddpg", "ddpg_bandit", "coma_critic", "reinforce")),
    "cosa:supervise=0",
    "gate",
    "equal",
    "cosa:preset=as_described,trainer=ddpg",
    "cosa:preset=as_released,trainer=ddpg_bandit",
)
"""The rows of the ablation table: the whole, then one thing different in each."""


def named(name: str) -> Saved:
    """A fresh learner by its name, with options after a colon. Raises BadInput for names and options unknown."""
    family, _, told = name.partition(":")
    if family not in MODELS:
        raise BadInput(f"there is no model {family!r}; there are {', '.join(MODELS)}")
    options: dict[str, Any] = {}
    for part in filter(None, told.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not key.isidentifier() or key in options or key == "title":
            raise BadInput(f"{name}: {part!r} is no option; write key=value, once for each key, parted by commas")
        options[key] = value
    return MODELS[family](title=name, **options)


def split_names(text: str) -> list[str]:
    """Names of a list parted by commas; a part such as `width=32` belongs to the name before it."""
    found: list[str] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if "=" in part and ":" not in part and found:
            found[-1] += ("," if ":" in found[-1] else ":") + part
        else:
            found.append(part)
    return found


def open_model(folder: Path) -> Saved:
    """The trained learner that was saved in a folder. Raises BadInput where there is none, or it cannot be read."""
    card = read_card(Path(folder))
    model = str(card["model"])
    if model not in MODELS:
        raise BadInput(f"{folder} holds a model {card.get('name') or model!r} that this version does not know by name; "
                       "build its learner and call `load`")  # fmt: skip
    try:
        learner = MODELS[model](title=str(card.get("name") or model), **card.get("options", {}))
        learner.load(Path(folder))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(f"{folder} holds no whole model of this version ({error}); train it again") from error
    return learner

"""Trainers of Co-SA: ways for policies to learn how much each modality counts. One interface, one file each.

All of them teach encoders, maps and head by the supervised loss. They differ in how the policies learn:

| trainer       | the policies learn by                                        | head   | judged by                    |
|---------------|--------------------------------------------------------------|--------|------------------------------|
| `equal`       | nothing: all modalities count alike; the floor               | any    | nobody                       |
| `gate`        | the gradient of the supervised loss alone; the control       | any    | the loss itself              |
| `ddpg`        | the gradient of a critic, deterministic, over time           | gate   | critic, TD(0), target copies |
| `ddpg_bandit` | the same, all weights of a sample as one action; as released | gate   | critic of whole samples      |
| `coma_exact`  | counterfactuals that the head itself answers                 | levels | exact                        |
| `coma_critic` | counterfactuals of a central critic                          | levels | critic, TD(lambda)           |
| `reinforce`   | the likelihood of what was tried, times what it gained       | any    | other tries                  |

Gradients: reinforcement reaches policies only (their states are detached). The supervised loss reaches them with
`gate`, else by the weight `TrainSettings.supervise`. Targets are detached, and target networks start as copies
(reference 9, point 9; 2, items 9 and 10).
"""

from __future__ import annotations

from collections.abc import Callable

from talkoot.sentiment.cosa import CosaNet
from talkoot.sentiment.trainers.coma_critic import ComaCritic
from talkoot.sentiment.trainers.coma_exact import ComaExact
from talkoot.sentiment.trainers.ddpg import Ddpg
from talkoot.sentiment.trainers.ddpg_bandit import DdpgBandit
from talkoot.sentiment.trainers.equal import Equal
from talkoot.sentiment.trainers.gate import Gate
from talkoot.sentiment.trainers.reinforce import Reinforce
from talkoot.sentiment.training import TrainSettings, Update

TRAINERS: dict[str, Callable[[CosaNet, TrainSettings], Update]] = {
    "equal": Equal,
    "gate": Gate,
    "ddpg": Ddpg,
    "ddpg_bandit": DdpgBandit,
    "coma_exact": ComaExact,
    "coma_critic": ComaCritic,
    "reinforce": Reinforce,
}
"""How policies may learn, by name."""

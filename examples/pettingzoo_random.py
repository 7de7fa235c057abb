"""The same kitchen as a PettingZoo environment, played at random (needs `pip install 'talkoot[pettingzoo]'`).

python examples/pettingzoo_random.py
"""

from __future__ import annotations

from talkoot.worlds.catalog import make_world
from talkoot.worlds.pettingzoo import ParallelWorld


def main(world_name: str = "cramped_room", seed: int = 0) -> tuple[int, float]:
    env = ParallelWorld(make_world(world_name), team_reward=True)
    observations, _ = env.reset(seed)
    for number, agent in enumerate(env.agents):
        env.action_space(agent).seed(seed + number)
    steps, score, shaped = 0, 0.0, 0.0
    while env.agents:
        actions = {agent: int(env.action_space(agent).sample()) for agent in env.agents}
        observations, rewards, _, _, infos = env.step(actions)
        score += rewards["seat_0"]
        shaped += sum(info["shaped"] for info in infos.values())
        steps += 1
    shape = observations["seat_0"].shape
    print(f"{steps} steps with observations of shape {shape}: {score:g} points, {shaped:g} of shaped reward")
    return steps, score


if __name__ == "__main__":
    main()

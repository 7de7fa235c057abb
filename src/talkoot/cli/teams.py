"""The kinds of agents as help tells them. Written out, as the catalog takes too long to load for every command."""

AGENTS = (
    "Agents: proagent, coela, react, central (alone, for all seats), mhp (homes), greedy, randomplan, random, stay, "
    "pddl, human (you, with talkoot play), policy/FILE (a trained network; policy/sp, policy/ppo_bc), recorded/FILE "
    "(an episode file). Options follow a colon, proagent:belief=off,memory=0; a wrong one lists those there are."
)

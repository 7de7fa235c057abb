"""Learners: one algorithm, one file. torch is imported here and below, never by `import talkoot`."""

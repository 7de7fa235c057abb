"""StepWiser from nothing, in stages: `run_pipeline` is the order of things, each stage is a function of a `Work`."""

from talkoot.judging.pipeline.run import run_pipeline as run_pipeline

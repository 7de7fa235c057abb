"""Benchmarks of step judges: ProcessBench and PRMBench files, predictions by any judge, the official metrics."""

"""The public names exist, and asking for the package loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import talkoot

HEAVY = {"numba", "openai", "matplotlib", "jinja2", "torch", "pydantic", "typer", "numpy"}


def test_every_public_name_resolves() -> None:
    assert len(set(talkoot.__all__)) == len(talkoot.__all__)
    for name in talkoot.__all__:
        assert getattr(talkoot, name) is not None
    assert set(talkoot.__all__) == set(dir(talkoot))


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, talkoot; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "talkoot" in loaded
    assert not HEAVY & set(loaded)


def test_the_contracts_load_neither_numba_nor_a_client() -> None:
    code = "import sys, talkoot; [getattr(talkoot, n) for n in talkoot.__all__]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numba", "openai", "matplotlib", "jinja2", "torch"} & set(loaded)

"""`talkoot replay` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def talkoot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    code = "from talkoot.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli_run")
    (folder / "episodes").mkdir()
    scene = {"t": 0, "cooks": [{"seat": 0, "cell": [1, 1], "facing": 0, "held": 0}], "pots": [], "loose": []}
    setting = {"kind": "overcooked", "layout": "tiny", "rows": ["XPX", "X X", "XDX"], "rules": "old", "horizon": 2}
    started = {"kind": "started", "world": "overcooked/tiny", "team": {"0": "stay"}, "seed": 0, "setting": setting,
               "scene": scene, "version": "0"}  # fmt: skip
    for name in ("a", "b"):
        lines = [
            started,
            {"kind": "acted", "t": 0, "seat": 0, "action": "stay"},
            {"kind": "stepped", "t": 1, "rewards": {"0": 20}, "scene": {**scene, "t": 1}},
        ]
        (folder / "episodes" / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_writes_a_page_and_says_where(run_folder: Path, tmp_path: Path) -> None:
    done = talkoot("replay", run_folder, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    page = run_folder / "replay.html"
    assert json.loads(done.stdout) == {"page": str(page), "episodes": ["a", "b"], "bytes": page.stat().st_size}
    done = talkoot("replay", run_folder, "--episode", "b", "--out", tmp_path / "deep" / "one.html")
    assert done.returncode == 0
    assert "1 episode" in done.stdout
    assert (tmp_path / "deep" / "one.html").exists()
    done = talkoot("replay", run_folder / "episodes" / "a.jsonl", "--json")
    assert json.loads(done.stdout)["page"] == str(run_folder / "episodes" / "a.html")


def test_watches_in_the_terminal(run_folder: Path) -> None:
    done = talkoot("replay", run_folder, "--watch", "--speed", "0")
    assert done.returncode == 0
    assert "score 20" in done.stdout
    assert "watching a, the first of 2 episodes" in done.stderr
    done = talkoot("replay", run_folder, "--watch", "--speed", "0", "--episode", "b", "--json")
    assert json.loads(done.stdout) == {"episode": "b", "step": 1, "score": 20}
    assert "score 20" in done.stderr


def test_tells_what_is_wrong(run_folder: Path, tmp_path: Path) -> None:
    done = talkoot("replay", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("talkoot: there is no run at")
    assert talkoot("replay", tmp_path).returncode == 3
    done = talkoot("replay", run_folder, "--episode", "c", "--json")
    assert done.returncode == 2
    assert "no episode 'c'; it has a, b" in json.loads(done.stdout)["error"]
    assert talkoot("replay", run_folder, "--watch", "--open").returncode == 2
    done = talkoot("replay", run_folder, "--out", tmp_path, "--json")
    assert done.returncode == 2
    assert done.stderr.startswith(f"talkoot: --out {tmp_path} is a folder")
    assert "is a folder" in json.loads(done.stdout)["error"]

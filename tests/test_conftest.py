"""The test bed keeps its own promises."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _pytest(folder: Path, text: str, **environment: str) -> str:
    (folder / "conftest.py").write_text((HERE / "conftest.py").read_text())
    (folder / "test_inner.py").write_text(text)
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "TALKOOT_STRICT_SKIPS")}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=kept | environment, cwd=folder).stdout


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_only_loopback_can_be_reached(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one, pytest.raises(BaseException, match="loopback"):
        one.connect((host, 80))
    with pytest.raises(BaseException, match="loopback"):
        socket.getaddrinfo("example.com", 80)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_an_unexpected_skip_fails_only_where_skips_are_strict(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.skip(reason='too tired')\ndef test_a(): pass\n"
    assert "1 skipped" in _pytest(tmp_path, text)
    for name in ("CI", "TALKOOT_STRICT_SKIPS"):
        output = _pytest(tmp_path, text, **{name: "1"})
        assert "unexpected skip: 'too tired'" in output
        assert "skipped" not in output.splitlines()[-1]


def test_a_whole_file_that_skips_is_seen_too(tmp_path: Path) -> None:
    text = "import pytest\npytest.importorskip('no_such_module_here')\ndef test_a(): pass\n"
    output = _pytest(tmp_path, text, CI="1")
    assert "unexpected skip" in output
    assert "1 error" in output


def test_expected_reasons_may_skip_in_ci(tmp_path: Path) -> None:
    text = "import pytest\ndef test_a(): pytest.skip('recorded data absent: here')\n"
    assert "1 skipped" in _pytest(tmp_path, text, CI="true")
    failing = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_a(): assert False\n"
    assert "1 xfailed" in _pytest(tmp_path, failing, CI="true")

"""A real browser for the pages: nothing may leave them, nothing may complain, nothing in a record may run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for all tests of a file."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = str(CHROMIUM) if CHROMIUM.exists() else shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page in a fresh context; afterwards: no request but the file, no complaint, nothing was run."""
    contexts: list[Any] = []
    opened = {"data:,"}  # the empty icon that the page itself names
    requests: list[str] = []
    complaints: list[str] = []

    def visit(file: Path, width: int = 1280, height: int = 900, *, at: str = "", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append("dialog"))
        opened.add(file.as_uri())
        tab.goto(file.as_uri() + at)
        return tab

    yield visit
    assert complaints == []
    assert {re.sub("#.*", "", url) for url in requests} <= opened
    for context in contexts:
        for tab in context.pages:
            assert tab.evaluate("typeof window.pwned") == "undefined"
        context.close()

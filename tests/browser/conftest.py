"""One Chromium for all browser tests, without any connection to the outside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.bidders import Rig, rigged

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """
    Chromium, until the last test of this folder.

    Playwright's loop runs in this thread as long as it does; whatever asks an application in a loop of its own would be
    refused by asyncio until then.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def rig(tmp_path: Path, browser: Browser) -> Iterator[Rig]:
    """A town with one open pilot at a fixed price."""
    with rigged(tmp_path, browser) as made:
        yield made


@pytest.fixture
def priced(tmp_path: Path, browser: Browser) -> Iterator[Rig]:
    """A town with one open pilot whose bidders name their prices."""
    with rigged(tmp_path, browser, price_mode="priced", floor_minor=1_000_000, price_weight=50) as made:
        yield made

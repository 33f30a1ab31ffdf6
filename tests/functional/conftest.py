"""What several functional tests share."""

import shutil

import pytest

from tests.helpers.require import require, require_module

INSTALLED = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser():
    """A real browser: one that is installed, or that of Playwright."""
    sync_api = require_module("playwright.sync_api", "needs the extra [test]")
    with sync_api.sync_playwright() as player:
        try:
            opened = player.chromium.launch(executable_path=INSTALLED, args=["--no-sandbox", "--disable-gpu"])
        except sync_api.Error as missing:
            require(False, f"needs a browser: {missing}")
        yield opened
        opened.close()

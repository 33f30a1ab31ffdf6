"""What several functional tests share."""

import shutil

import pytest

INSTALLED = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser():
    """A real browser; tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as player:
        try:
            opened = player.chromium.launch(executable_path=INSTALLED, args=["--no-sandbox", "--disable-gpu"])
        except sync_api.Error as missing:
            pytest.skip(f"no browser: {missing}")
        yield opened
        opened.close()

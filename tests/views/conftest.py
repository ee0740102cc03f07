"""A browser that the tests of pages share; they are skipped without Chromium."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_FILE = Path(__file__).with_name("browser.py")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium with a window of 1280 × 800 pixels."""
    spec = importlib.util.spec_from_file_location("views_browser", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if module.CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    started = module.Browser(tmp_path_factory.mktemp("chromium"))
    yield started
    started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page in the browser, and fail if it reports a problem until the end of the test."""

    def open_page(page, **size):
        browser.open(page.save(tmp_path / "page.html"), **size)
        return browser

    yield open_page
    assert browser.problems == []

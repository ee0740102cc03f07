"""Tasks that workers can import."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def tasks(monkeypatch):
    """The module of tasks, where processes that this one starts find it, too."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))
    import tasks

    yield tasks
    sys.modules.pop("tasks", None)

"""The examples in the docstrings of all public names, executed as a user would type them."""

from __future__ import annotations

import doctest
import inspect

import numpy as np
import pytest

import cerebella

# Names whose docstring has no example yet. Each line goes when the example is written.
WITHOUT_EXAMPLES = {
    "JoinedResult",
    "SweepProgress",
    "SyncResult",
    "SyncRuns",
    "TaskResult",
    "default_loop",
    "sweep_olive_to_purkinje",
}

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# The package raises its exceptions; nobody constructs them.
NAMES = [name for name in cerebella.__all__ if not name.endswith(("Error", "__"))]


def examples_of(name: str) -> list[doctest.DocTest]:
    """Collect the examples of a function, or of a class and its methods."""
    public = {"cb": cerebella, "np": np}
    return doctest.DocTestFinder().find(getattr(cerebella, name), name, globs=public)


@pytest.mark.parametrize("name", NAMES)
def test_public_name_has_an_example(name):
    docstring = inspect.getdoc(getattr(cerebella, name)) or ""
    has_example = ">>>" in docstring.partition("Examples\n--------\n")[2]
    assert has_example == (name not in WITHOUT_EXAMPLES), (
        f"Remove {name} from WITHOUT_EXAMPLES" if has_example else "No Examples section"
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_EXAMPLES])
def test_examples_print_what_they_show(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    failures: list[str] = []
    for examples in examples_of(name):
        runner.run(examples, out=failures.append)
    assert not failures, "".join(failures)

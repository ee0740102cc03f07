"""The examples in the docstrings of all public names, executed as a user would type them."""

from __future__ import annotations

import doctest
import inspect

import numpy as np
import pytest

import cerebella

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Exceptions are raised by the package, not constructed by users.
NAMES = [name for name in cerebella.__all__ if not name.endswith(("Error", "__"))]


def examples_of(name: str) -> list[doctest.DocTest]:
    """Collect the examples of a function, or of a class and its methods."""
    public = {"cb": cerebella, "np": np}
    return doctest.DocTestFinder().find(getattr(cerebella, name), name, globs=public)


@pytest.mark.parametrize("name", NAMES)
def test_public_name_has_an_example(name):
    docstring = inspect.getdoc(getattr(cerebella, name)) or ""
    has_example = ">>>" in docstring.partition("Examples\n--------\n")[2]
    assert has_example, "No Examples section"


@pytest.mark.parametrize("name", NAMES)
def test_examples_print_what_they_show(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    failures: list[str] = []
    for examples in examples_of(name):
        runner.run(examples, out=failures.append)
    assert not failures, "".join(failures)

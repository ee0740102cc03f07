"""Command lines of valid commands with arguments of any kind; none of them simulates."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import typer
from hypothesis import strategies as st

from cerebella.cli.main import app, main
from tests.faults.fuzz.damage import NASTY_TEXTS
from tests.faults.fuzz.readers import READERS

_READING = {
    "analyze": [],
    "export": [],
    "cite": [],
    "parameters": [],
    "network check": [],
    "network convert": [],
    "network show": ["--json"],
    "morphology describe": ["--json"],
}
"""Commands that read files, with options that spare figures."""

_LEFT_OUT = {"--force", "--out", "--figure", "--help"}
_PLAUSIBLE = (
    *("1", "0.5", "100", "120s", "50-150", "csv", "npz", "sonata", "PF=4", "5s:io_bias+0.3", "all"),
    *("off", "pair", "conjunctive", "coreneuron", "numba", "0,8", "n_cf=3", "cell.v_init_mV=-60"),
    *(
        "plasticity.rule=off",
        "2=ais",
        "nwb",
        "json",
        "bibtex",
        "processes",
        "a=b=c",
        "=",
        "x.y.z=1",
    ),
)


def commands(group: Any = None, path: str = "") -> dict[str, Any]:
    """Return each command that does not simulate by its path."""
    found = {}
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        own = f"{path} {name}".strip()
        if hasattr(command, "commands"):
            found |= commands(command, own)
        elif own in _READING or any("--show-config" in one.opts for one in command.params):
            found[own] = command
    return found


def _can_be_typed(text: str) -> bool:
    """Return whether a shell can give the text to a program."""
    return "\0" not in text and text.encode("utf-8", "surrogatepass") == text.encode(
        "utf-8", "replace"
    )


def command_lines() -> st.SearchStrategy[list[str]]:
    """Return a strategy of arguments of `cerebella`."""
    files = [reader.file for reader in READERS.values()] + ["run", "net", "csv", "sweep", "absent"]
    texts = [text for text in NASTY_TEXTS if _can_be_typed(text)]
    text = st.text(max_size=10).filter(_can_be_typed)
    value = st.one_of(st.sampled_from([*texts, *_PLAUSIBLE]), st.sampled_from(files), text)
    path = st.one_of(st.sampled_from(files), st.sampled_from(files), value)

    @st.composite
    def line(draw: st.DrawFn) -> list[str]:
        name, command = draw(st.sampled_from(list(commands().items())))
        words = name.split()
        options = [one for one in command.params if one.param_type_name == "option"]
        for one in draw(st.lists(st.sampled_from(options), max_size=4) if options else st.just([])):
            if not _LEFT_OUT & set(one.opts):
                words += [one.opts[0]] if one.is_flag else [one.opts[0], draw(value)]
        words += _READING.get(name, ["--show-config"])
        n_paths = sum(one.param_type_name == "argument" for one in command.params)
        return words + draw(st.lists(path, min_size=0, max_size=n_paths + 1))

    return line()


def problem_of_line(words: list[str], found: Counter[str]) -> str | None:
    """Call `cerebella`, and return what does not hold."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before, sys.argv = sys.argv, ["cerebella", *words]
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            main()
        code: Any = 0
    except SystemExit as stop:
        code = stop.code or 0
    except BaseException as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        line = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
        return f"{type(error).__name__} at {line}: {str(error)[:80]}"
    finally:
        sys.argv = before
        for number, handler in handlers.items():
            signal.signal(number, handler)
    found[f"exit {code}"] += 1
    return None if code in (0, 1, 2) else f"exit code {code!r}"

"""`cerebella doctor`: test the tools on this machine and advise on missing ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cerebella.cli.console import err, out

if TYPE_CHECKING:
    from cerebella.neuron_backend.diagnosis import Check


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")] = False,
    compile_all: Annotated[
        bool,
        typer.Option(
            "--compile",
            help="Compile the code of all levels, so that no first run has to wait for it.",
        ),
    ] = False,
    clean: Annotated[
        bool, typer.Option("--clean", help="Delete all compiled code and exit.")
    ] = False,
) -> None:
    """Test this machine; exit code 1 if simulations cannot run.

    Reports whether the code of each level is compiled, and how long it takes to load. With NEURON
    installed, its mechanisms are compiled and tested, too.

    Example: cerebella doctor --compile
    """
    from cerebella.files.cache_folder import cache_folder, clean_cache

    if clean:
        removed = clean_cache()
        err.print(f"Removed {len(removed)} items from {escape(str(cache_folder()))}")
        return
    checks = []
    for check in _diagnose(compile_all, lambda message: err.print(escape(message))):
        checks.append(check)
        if not as_json:
            mark = "[green]ok    [/]" if check.ok else "[bold red]remedy[/]"
            text = f"{check.found}. {check.remedy}" if check.remedy else check.found
            out.print(f"{mark} {check.name:15}{escape(text)}", soft_wrap=True)
    able = all(check.ok or not check.needed for check in checks)
    if as_json:
        report = {"ok": able, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(report, indent=2))
    raise typer.Exit(0 if able else 1)


def _diagnose(compile_all: bool, announce: Callable[[str], None]) -> Iterator[Check]:
    from cerebella.neuron_backend.diagnosis import diagnose_machine, diagnose_neuron, tried
    from cerebella.runs.compilation import describe_code, levels_with_code
    from cerebella.runs.level import LEVELS, level_of, resolve

    yield from diagnose_machine()
    yield _card()
    for level in levels_with_code():
        describe = partial(describe_code, level, announce, compile=compile_all)
        yield tried(f"{level.kind} code", describe)
    levels = map(level_of, LEVELS)
    mechanisms = {level.kind: resolve(level.mechanisms)() for level in levels if level.mechanisms}
    yield from diagnose_neuron(mechanisms, announce)


def _card() -> Check:
    """Return the line of the card that engine cuda uses; without a driver, none is missed."""
    from cerebella.compiled.device import cards_of_driver, describe_card, is_simulated
    from cerebella.neuron_backend.diagnosis import Check, tried

    if not cards_of_driver() and not is_simulated():
        return Check("GPU", "none; not needed", needed=False)
    return tried("GPU", describe_card, needed=False)

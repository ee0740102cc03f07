"""`cerebella doctor`: test the tools on this machine and advise on missing ones."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from cerebella.cli.console import err, out


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")] = False,
    clean: Annotated[
        bool, typer.Option("--clean", help="Delete the compiled mechanisms and exit.")
    ] = False,
) -> None:
    """Test this machine and compile the mechanisms; exit code 1 if simulations cannot run.

    Example: cerebella doctor
    """
    from cerebella.neuron_backend.cache_folder import cache_folder, clean_cache
    from cerebella.neuron_backend.diagnosis import diagnose

    if clean:
        removed = clean_cache()
        err.print(f"Removed {len(removed)} items from {escape(str(cache_folder()))}")
        return
    checks = []
    for check in diagnose(announce=lambda message: err.print(escape(message))):
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

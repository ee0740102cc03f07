"""`cerebella olive`: simulate the olivocerebellar loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cerebella.cli.console import say_saved, show_progress
from cerebella.cli.options import Config, ForceRun, Settings, ShowConfig, time_option
from cerebella.parameters.times import format_time

if TYPE_CHECKING:
    from cerebella.olive.integrate import OliveProgress
    from cerebella.parameters.olive_simulation import OliveParameters

app = typer.Typer(
    no_args_is_help=True,
    help="Simulate the olivocerebellar loop, in which plasticity stabilizes the olive at 1 Hz.",
)


@app.callback()
def _group() -> None:
    """Keep `run` a subcommand although it is the only one."""


@app.command()
def run(
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to create.", show_default=False),
    ] = None,
    duration: Annotated[float, time_option(help="Simulated time.", show_default="60 s")] = 60_000.0,
    dt: Annotated[float | None, time_option(help="Time step.", show_default="0.1 ms")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random streams.")] = 0,
    initial_weight: Annotated[
        float | None,
        typer.Option(help="Initial value of all PF→PC weights, from 0 to 1.", show_default="0.5"),
    ] = None,
    plasticity: Annotated[
        str | None,
        typer.Option(metavar="RULE", help="conjunctive, pair or off.", show_default="conjunctive"),
    ] = None,
    ltp: Annotated[
        float | None, typer.Option(help="Potentiation δ⁺.", show_default="0.00030556")
    ] = None,
    ltd: Annotated[
        float | None, typer.Option(help="Depression δ⁻.", show_default="0.00275")
    ] = None,
    window_ms: Annotated[
        float | None, time_option(help="Plasticity window W.", show_default="100 ms")
    ] = None,
    wiring: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="microzones (closed loops) or random.",
            show_default="microzones",
        ),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            help="Size of the circuit, in whole zones; 1 means 8 zones.", show_default="1"
        ),
    ] = None,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIME:CHANGE",
            help="Change from TIME (300s, 2min; a bare number is in ms) on: io_bias+0.3, "
            "mf_rate*2, pf_rate=40, gap=0, plasticity=off, cut=DCN→IO, restore=DCN→IO; separate "
            "several changes by commas. May be repeated.",
        ),
    ] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="PF=64, BC=none, PC=0-9 for spikes; IO.v=0,1 for potentials; v_every_ms=0.1; "
            "weights=50; weights_every_ms=500. May be repeated.",
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(metavar="NAME", help="numba or numpy; both give the same spikes.")
    ] = "numba",
    threads: Annotated[
        int | None,
        typer.Option(
            help="Threads of the engine numba, 1 or 2; the results are the same.",
            show_default="one per core, at most 2",
        ),
    ] = None,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the interrupted run at OUT.")
    ] = False,
    force: ForceRun = False,
) -> None:
    """Simulate the loop and write the run directory OUT.

    Example: cerebella olive run loop --duration 300s --perturb 150s:io_bias+0.3
    """
    from cerebella.olive.engines.engines import engine_from
    from cerebella.olive.shortcuts import SHORTCUTS
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.olive_simulation import OliveParameters
    from cerebella.parameters.shortcuts import apply_shortcuts

    shortcuts = {
        "dt": dt,
        "initial_weight": initial_weight,
        "plasticity": plasticity,
        "ltp": ltp,
        "ltd": ltd,
        "window_ms": window_ms,
        "wiring": wiring,
        "scale": scale,
    }
    parameters = configured(OliveParameters(), config, settings or [])
    parameters = apply_shortcuts(parameters, SHORTCUTS, shortcuts, as_options=True)
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if out_path is None:
        raise typer.BadParameter("OUT is required; see --help")
    _run(
        parameters,
        out=out_path,
        duration_ms=duration,
        seed=seed,
        perturbations=perturb or [],
        record=record or [],
        engine=engine_from(engine, threads=threads),
        resume=resume,
        force=force,
    )


def _run(parameters: OliveParameters, *, out: Path, duration_ms: float, **options: Any) -> None:
    """Simulate with a progress bar, then print a summary."""
    from cerebella.cli.results import print_report
    from cerebella.olive.simulate import simulate_olive

    with show_progress("Simulating") as bar:

        def report(now: OliveProgress) -> None:
            bar.update(now.fraction)
            bar.describe(
                f"{now.simulated_ms / 1000:.0f} of {format_time(duration_ms)}, "
                f"IO {now.io_rate_Hz:.2f} Hz, weight {now.mean_weight:.3f}"
            )

        run = simulate_olive(
            parameters, out=out, duration_ms=duration_ms, progress=report, **options
        )
    print_report(run.level.summarize([run], []).blocks)
    say_saved(out)

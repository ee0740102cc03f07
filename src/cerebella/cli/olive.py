"""`cerebella olive`: simulate the olivocerebellar loop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cerebella.cli.console import err, say_saved, show_progress
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import (
    Config,
    ForceRun,
    Seed,
    Settings,
    ShowConfig,
    Trial,
    names_in,
    time_option,
)
from cerebella.cli.results import print_report
from cerebella.cli.shortcut_options import with_shortcuts
from cerebella.cli.sweep_options import (
    BatchSize,
    Execution,
    LoopEngine,
    SweepPath,
    Zip,
)
from cerebella.olive.shortcuts import SHORTCUTS
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.runs.engines import AUTO

Perturb = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TIME:CHANGE",
        help="From a time (300s, 2min; a bare number is in ms) on: io_bias+0.3, mf_rate*2, "
        "pf_rate=40, gap=0, plasticity=off, weights=shuffled, cut=DCN→IO, restore=DCN→IO; "
        "several separated by commas. May be repeated.",
    ),
]
Record = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT",
        help="PF=64, BC=none, PC=0-9 for spikes; IO.v=0,1 for potentials; v_every_ms=0.1; "
        "weights=50; weights_every_ms=500. May be repeated.",
    ),
]

app = typer.Typer(
    no_args_is_help=True,
    help="Simulate the olivocerebellar loop, in which plasticity stabilizes the olive at 1 Hz.",
)


@app.command()
@with_shortcuts(OliveParameters(), SHORTCUTS)
def run(
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to make.", show_default=False),
    ] = None,
    duration: Annotated[float, time_option(help="Simulated time.", show_default="60s")] = 60_000.0,
    seed: Seed = 0,
    trial: Trial = 1,
    perturb: Perturb = None,
    record: Record = None,
    engine: LoopEngine = "auto",
    threads: Annotated[
        int | None,
        typer.Option(
            help="1 or 2, of engine numba; the results are the same.",
            show_default="as many as cores",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Preset of parameters: conditioning."),
    ] = None,
    device: Annotated[
        int | None, typer.Option(min=0, help="Number of the card, of engine cuda.")
    ] = None,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the interrupted run at OUT.")
    ] = False,
    force: ForceRun = False,
    *,
    shortcuts: dict[str, Any],
) -> None:
    """Simulate the loop and write the run directory OUT.

    Example: cerebella olive run loop --duration 300s --perturb 150s:io_bias+0.3
    """
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.olive_presets import with_preset

    given = with_preset(preset, OliveParameters()) if preset else OliveParameters()
    parameters = apply_shortcuts(
        configured(given, config, settings or []),
        SHORTCUTS,
        shortcuts,
    )
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if out_path is None:
        raise typer.BadParameter("OUT is needed; see --help")

    from cerebella.olive.simulate import simulate_olive
    from cerebella.results.outputs import refuse_shared

    refuse_shared(out_path, [config])
    with show_progress("Simulating") as progress:
        run = simulate_olive(
            parameters,
            out=out_path,
            duration_ms=duration,
            seed=seed,
            trial=trial,
            perturbations=perturb or [],
            record=record or [],
            engine=_engine(engine, threads, device),
            resume=resume,
            force=force,
            progress=progress,
        )
    print_report(run.level.summarize([run], []).blocks)
    if engine == AUTO:
        err.print(f"Engine {run.manifest['engine']}")
    say_saved(out_path)


@app.command()
@with_group("execution")
def ensemble(
    out_path: SweepPath,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="Values of a parameter: its path, or a shortcut such as ltp; 2,4,8, or 1.5:2.3:9 "
            "or log:1:100:9 for nine values from the first to the second. May be repeated.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of each combination, such as 1-8.")
    ] = "1-8",
    zip: Zip = False,
    measures: Annotated[
        str | None,
        typer.Option("--measure", metavar="NAME,…", help="Measures.", show_default="all"),
    ] = None,
    duration: Annotated[float, time_option(help="Simulated time.", show_default="60s")] = 60_000.0,
    trial: Trial = 1,
    perturb: Perturb = None,
    record: Record = None,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    engine: LoopEngine = "auto",
    batch: BatchSize = 512,
    *,
    execution: Execution,
) -> None:
    """Simulate the loop for all combinations of parameters and seeds, a run directory for each.

    On processors, each core simulates a run; a card simulates many at once. Finished runs in OUT
    are kept, and interrupted ones are resumed. In OUT: sweep.csv, summary.csv and sweep.png, with
    means over seeds.

    Example: cerebella olive ensemble OUT --vary drive.io_bias_mV_per_ms=1.5:2.3:9 --seeds 1-8
    """
    from cerebella.cli.sweep import show_result, variations_of
    from cerebella.experiments.parameter_sweep.ensemble import simulate_olive_ensemble
    from cerebella.parameters.configure import as_yaml, configured

    parameters = configured(OliveParameters(), config, settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    with execution.running() as options:
        result = simulate_olive_ensemble(
            out_path,
            variations_of(vary or []),
            seeds=seeds,
            zip=zip,
            measures=None if measures is None else names_in(measures),
            parameters=parameters,
            duration_ms=duration,
            trial=trial,
            perturbations=perturb or [],
            record=record or [],
            engine=engine,
            batch=batch,
            **options,
        )
    show_result(result, out_path)


def _engine(name: str, threads: int | None, device: int | None) -> Any:
    """Return the requested engine; auto is left to the simulation unless it has settings."""
    from cerebella.olive.engines.engines import ENGINES
    from cerebella.runs.engines import engine_of

    if name == AUTO and threads is None and device is None:
        return AUTO
    return engine_of(name, ENGINES, threads=threads, device=device)

"""`cerebella olive`: simulate the olivocerebellar loop."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cerebella.cli.console import say_saved, show_progress
from cerebella.cli.options import Config, ForceRun, Settings, ShowConfig

if TYPE_CHECKING:
    from cerebella.olive.simulate import OliveProgress
    from cerebella.parameters.olive_simulation import OliveParameters

app = typer.Typer(
    no_args_is_help=True,
    help="Simulate the olivocerebellar loop, which settles at 1 Hz by itself.",
)


class Engine(StrEnum):
    """Who integrates."""

    numba = "numba"
    numpy = "numpy"


class Rule(StrEnum):
    """A rule of PF→PC plasticity."""

    conjunctive = "conjunctive"
    pair = "pair"
    off = "off"


class Wiring(StrEnum):
    """How DCN and IO are wired."""

    microzones = "microzones"
    random = "random"


@app.callback()
def _group() -> None:
    """Keep `run` a subcommand although it is the only one."""


@app.command()
def run(
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to make.", show_default=False),
    ] = None,
    duration: Annotated[float, typer.Option(help="Simulated time in s.")] = 60.0,
    dt: Annotated[
        float | None, typer.Option(help="Time step in ms, 0.1 by default.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random streams.")] = 0,
    initial_weight: Annotated[
        float | None, typer.Option(help="All PF→PC weights at the start, 0 to 1; 0.5 by default.")
    ] = None,
    plasticity: Annotated[Rule | None, typer.Option(help="Rule; conjunctive by default.")] = None,
    ltp: Annotated[float | None, typer.Option(help="Potentiation δ⁺; 0.00030556.")] = None,
    ltd: Annotated[float | None, typer.Option(help="Depression δ⁻; 0.00275.")] = None,
    window_ms: Annotated[float | None, typer.Option(help="Window W in ms; 100.")] = None,
    wiring: Annotated[
        Wiring | None, typer.Option(help="Closed microzones by default, or random loops.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Size in whole zones; 1 is 8 zones.")] = None,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIME:CHANGE",
            help="At a time in s: io_bias+0.3, mf_rate*2, pf_rate=40, gap=0, plasticity=off, "
            "cut=DCN→IO, restore=DCN→IO; several separated by commas. May be repeated.",
        ),
    ] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="PF=64, BC=none, PC=0-9 for spikes; IO.v=0,1 for potentials; v_every_ms=0.1; "
            "weights=50; weights_every_ms=500. May be repeated.",
        ),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Both give the same spikes.")] = Engine.numba,
    threads: Annotated[
        int | None,
        typer.Option(help="1 or 2; the same results.", show_default="as many as cores"),
    ] = None,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run at OUT that was cut short.")
    ] = False,
    force: ForceRun = False,
) -> None:
    """Simulate the loop and write the run directory OUT.

    Example: cerebella olive run loop --duration 300 --perturb 150:io_bias+0.3
    """
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.olive_simulation import OliveParameters

    shortcuts = {
        "time_step_ms": dt,
        "plasticity.initial_weight": initial_weight,
        "plasticity.rule": plasticity and plasticity.value,
        "plasticity.ltp": ltp,
        "plasticity.ltd": ltd,
        "plasticity.window_ms": window_ms,
        "circuit.wiring": wiring and wiring.value,
        "circuit.scale": scale,
    }
    given = [f"{name}={value}" for name, value in shortcuts.items() if value is not None]
    parameters = configured(OliveParameters(), config, [*(settings or []), *given])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if out_path is None:
        raise typer.BadParameter("OUT is needed; see --help")
    _run(
        out_path,
        parameters,
        duration_ms=duration * 1000,
        seed=seed,
        perturbations=perturb or [],
        record=record or [],
        engine=engine,
        threads=threads,
        resume=resume,
        force=force,
    )


def _run(
    out_path: Path,
    parameters: OliveParameters,
    *,
    duration_ms: float,
    record: list[str],
    engine: Engine,
    **options: object,
) -> None:
    """Simulate with progress, then print a summary."""
    from cerebella.cli.olive_results import print_summary
    from cerebella.olive.recording import parse_recording
    from cerebella.olive.simulate import simulate_olive

    with show_progress("Simulating") as progress:

        def report(now: OliveProgress) -> None:
            progress.update(now.fraction)
            progress.describe(
                f"{now.simulated_ms / 1000:.0f} of {duration_ms / 1000:g} s, "
                f"IO {now.io_rate_Hz:.2f} Hz, weight {now.mean_weight:.3f}"
            )

        run = simulate_olive(
            out_path,
            parameters=parameters,
            duration_ms=duration_ms,
            recording=parse_recording(record),
            engine=engine.value,
            on_progress=report,
            **options,  # type: ignore[arg-type]
        )
    print_summary(run)
    say_saved(out_path)

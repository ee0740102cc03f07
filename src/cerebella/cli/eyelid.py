"""`cerebella experiment eyelid`: delay eyelid conditioning in the loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.option_groups import with_group
from cerebella.cli.sweep_options import (
    Execution,
    SweepPath,
    parse_numbers,
    parse_range,
)
from cerebella.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

NONE = "none"


@with_group("execution")
def eyelid(
    out_path: SweepPath,
    isi: Annotated[
        str, typer.Option(metavar="MS,…", help="Intervals from CS to US in ms, 100 to 1000.")
    ] = "250,500,750",
    sessions: Annotated[
        str,
        typer.Option(metavar="BLOCK=N,…", help="Numbers of trials of the blocks of a session."),
    ] = "acquisition=150,extinction=60,reacquisition=60",
    controls: Annotated[
        str,
        typer.Option(
            metavar="NAME,…",
            help="Controls, at 500 ms: unpaired, no-plasticity, yoked-dcn-io, shuffled; or none.",
        ),
    ] = "unpaired,no-plasticity,yoked-dcn-io,shuffled",
    mf_plasticity: Annotated[
        bool,
        typer.Option(
            "--mf-plasticity",
            help="Also a session with plastic MF→DCN synapses, at the interval of controls.",
        ),
    ] = False,
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of each session, such as 1-3.")
    ] = "1-6",
    learning_rate: Annotated[
        float, typer.Option(help="Factor of both steps of plasticity, such as 0.2.")
    ] = 1.0,
    *,
    execution: Execution,
) -> None:
    """Condition the loop with a CS that represents time and a US to the olive of four zones.

    Finished runs in OUT are kept, and an interrupted run is resumed. Tables and figure in OUT:
    eyelid_sessions, eyelid_blocks, eyelid_trials, eyelid_traces, eyelid_weights and eyelid_olive
    (CSV and JSON), and eyelid.png. The loop has the preset conditioning.

    Example: cerebella experiment eyelid learning --isi 500 --seeds 1-3
    """
    from cerebella.experiments.eyelid.cases import eyelid_cases, run_eyelid
    from cerebella.experiments.eyelid.report import draw_eyelid, measure_runs, write_tables
    from cerebella.parameters.olive_presets import describe_preset
    from cerebella.plots.save import save_figure

    cases = eyelid_cases(
        parse_numbers(isi, "--isi"),
        _controls(controls),
        learning_rate,
        mf_plasticity=mf_plasticity,
        **_n_trials(sessions),
    )
    numbers = parse_range(seeds, "--seeds")
    out.print(describe_preset(cases[0].parameters), highlight=False)
    with execution.running() as options:
        runs = run_eyelid(out_path, cases, numbers, **options)
    tables = write_tables(out_path, measure_runs(runs))
    by_name = {file.stem: table for file, table in tables.items()}
    _print_sessions(by_name["eyelid_sessions"])
    for file in tables:
        say_saved(file)
    say_saved(save_figure(draw_eyelid(tables), out_path / "eyelid.png"))


def _controls(text: str) -> list[str]:
    """Return the names of controls in text such as unpaired,shuffled or none."""
    from cerebella.experiments.eyelid.cases import CONTROLS

    names = [] if text == NONE else [name.strip() for name in text.split(",")]
    for name in names:
        if name not in CONTROLS:
            raise InputError(
                f"--controls: control {name!r} is unknown",
                remedy=f"Choose from {', '.join(CONTROLS)}, or give {NONE} alone",
            )
    return names


def _n_trials(text: str) -> dict[str, int]:
    """Return the number of trials of each block in text such as acquisition=150,extinction=60."""
    found = {}
    for part in text.split(","):
        name, _, number = (word.strip() for word in part.partition("="))
        if not number.isdigit():
            raise InputError(
                f"--sessions: {part!r} is not a block and its number of trials",
                remedy="Use the form --sessions acquisition=150,extinction=60,reacquisition=60",
            )
        found[name] = int(number)
    return found


_RESPONSES = {
    "naive_cr_percent": ("naive (%)", ".0f"),
    "late_cr_percent": ("late (%)", ".0f"),
    "trials_to_70_percent": ("to 70 %", ".0f"),
    "trials_to_70_percent_again": ("again", ".0f"),
    "peak_ms": ("peak (ms)", ".0f"),
}
_RATES = {
    "late_pc_Hz": ("PC (Hz)", ".1f"),
    "late_dcn_Hz": ("DCN (Hz)", ".1f"),
    "first_us_evoked": ("P(CF)", ".2f"),
    "late_us_evoked": ("last", ".2f"),
    "theory_r": ("Δw r", ".3f"),
    "theory_slope": ("slope", ".2f"),
}


def _print_sessions(sessions: pd.DataFrame) -> None:
    """Print the means over seeds in two tables, each at most 80 columns wide."""
    _print_means(
        "Conditioned responses; trials to 70 % in acquisition, and again",
        sessions,
        _RESPONSES,
    )
    _print_means(
        "100 ms before the US, late; P(CF after US), first and last; predicted Δw", sessions, _RATES
    )


def _print_means(
    title: str, sessions: pd.DataFrame, columns: Mapping[str, tuple[str, str]]
) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 0), pad_edge=False)
    table.add_column("Session", no_wrap=True)
    for heading, _ in columns.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for name, of_case in sessions.groupby("case", sort=False):
        means = {column: _mean(of_case[column].to_numpy(float)) for column in columns}
        table.add_row(
            str(name),
            *(
                "" if math.isnan(means[column]) else f"{means[column]:{form}}"
                for column, (_, form) in columns.items()
            ),
        )
    out.print(table)


def _mean(values: npt.NDArray[np.float64]) -> float:
    """Return the mean of the known values; NaN without any."""
    known = [value for value in values.tolist() if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan

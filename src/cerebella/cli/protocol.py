"""`cerebella protocol`: electrophysiological protocols with one cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from cerebella.cli.console import out, say_saved, show_progress
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes, load_cell
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Config, Engine, MechanismsPath, Settings, time_option
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.analysis.protocol import ProtocolResult

app = typer.Typer(
    no_args_is_help=True,
    help="Electrophysiology of one cell, without synaptic input but that of the protocol.",
)

CellName = Annotated[
    str, typer.Argument(metavar="CELL", help="mli1, mli2, purkinje, or a morphology as SWC file.")
]
Csv = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Save the table.", show_default=False)
]
FigurePath = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Save measures and courses as .png, .pdf or .svg.",
        show_default=False,
    ),
]
Currents = Annotated[
    str | None,
    typer.Option(
        metavar="CURRENTS",
        help="Such as 0pA,20pA,40pA, or FIRST:LAST:STEP as in 0pA:50pA:5pA.",
        show_default="those of the cell",
    ),
]
Settle = Annotated[
    float | None, time_option(help="Time before the stimulus.", show_default="that of the cell")
]


@dataclass(frozen=True)
class _Request:
    """Options common to all protocols."""

    cell: CellName
    sections: SectionsPath = None
    type_codes: TypeCodes = None
    prepare: Prepare = False
    engine: Engine = "auto"
    mechanisms: MechanismsPath = None
    config: Config = None
    settings: Settings = None
    csv: Csv = None
    figure: FigurePath = None

    def run(self, title: str, compute: Callable[..., ProtocolResult], **options: Any) -> None:
        """Check outputs, compute, print the table and save."""
        from cerebella.experiments.protocols.cells import CELLS, PURKINJE
        from cerebella.experiments.tables import save_table
        from cerebella.neuron_backend.own_mechanisms import read_mechanisms
        from cerebella.parameters.configure import configured
        from cerebella.parameters.mli_simulation import MLIParameters
        from cerebella.parameters.own_mechanisms import with_mechanisms
        from cerebella.parameters.purkinje_simulation import PurkinjeParameters
        from cerebella.plots.save import check_figure_path
        from cerebella.results.outputs import check_file_output, refuse_shared

        known = {name.lower(): name for name in CELLS}
        name = known.get(self.cell.lower())
        path = None if name else Path(self.cell)
        for output in (self.csv, self.figure):
            if output is not None:
                refuse_shared(output, [path, self.sections, self.config, self.mechanisms])
                check_file_output(output)
        if self.figure is not None:
            check_figure_path(self.figure)
        if path is not None and not path.exists():
            raise InputError(
                f"CELL {self.cell!r} is neither a cell nor a file",
                remedy=f"Give {', '.join(known)}, or the SWC file of a Purkinje cell",
            )
        is_mli = name is not None and name != PURKINJE
        defaults = MLIParameters() if is_mli else PurkinjeParameters()
        own = read_mechanisms(self.mechanisms)
        base = with_mechanisms(defaults, own.described)
        parameters = configured(base, self.config, self.settings or [])
        cell = name or load_cell(path, self.sections, self.type_codes or [], prepare=self.prepare)
        with show_progress(title) as progress:
            result = compute(
                cell,
                engine=self.engine,
                parameters=parameters,
                mechanisms=own,
                progress=progress,
                **options,
            )
        _print(result)
        if self.csv is not None:
            save_table(result.table(), self.csv)
            say_saved(self.csv)
        if self.figure is not None:
            from cerebella.plots.protocol import plot_protocol
            from cerebella.plots.save import save_figure

            say_saved(save_figure(plot_protocol(result), self.figure))


@app.command("fi")
@with_group("request")
def fi(
    currents: Currents = None,
    settle: Settle = None,
    step: Annotated[float, time_option(help="Duration of the step.", show_default="300ms")] = 300.0,
    *,
    request: _Request,
) -> None:
    """Measure firing rates during steps of current.

    Example: cerebella protocol fi mli1 --csv fi.csv --figure fi.png
    """
    from cerebella.experiments.protocols.current_clamp import compute_fi_curve

    request.run(
        "Measuring the f–I curve",
        compute_fi_curve,
        currents_nA=parse_numbers(currents, "nA", "--currents"),
        settle_ms=settle,
        step_ms=step,
    )


@app.command("iv")
@with_group("request")
def iv(
    levels: Annotated[
        str, typer.Option(metavar="POTENTIALS", help="Levels, as FIRST:LAST:STEP or a list.")
    ] = "-100mV:0mV:10mV",
    holding: Annotated[str, typer.Option(metavar="POTENTIAL", help="Holding potential.")] = "-70mV",
    series_resistance: Annotated[
        str, typer.Option(metavar="RESISTANCE", help="Series resistance of the clamp.")
    ] = "1MOhm",
    settle: Settle = None,
    step: Annotated[float, time_option(help="Duration of the step.", show_default="50ms")] = 50.0,
    *,
    request: _Request,
) -> None:
    """Measure currents during steps of voltage.

    Example: cerebella protocol iv mli2 --levels -80mV:-20mV:5mV --figure iv.png
    """
    from cerebella.experiments.protocols.voltage_clamp import compute_iv_curve

    request.run(
        "Measuring the I–V curve",
        compute_iv_curve,
        levels_mV=parse_numbers(levels, "mV", "--levels"),
        holding_mV=_number(holding, "mV", "--holding"),
        series_resistance_MOhm=_number(series_resistance, "MOhm", "--series-resistance"),
        settle_ms=settle,
        step_ms=step,
    )


@app.command("input-resistance")
@with_group("request")
def input_resistance(
    holding: Currents = None,
    step_current: Annotated[
        str | None,
        typer.Option(
            metavar="CURRENT", help="Current that is added.", show_default="that of the cell"
        ),
    ] = None,
    settle: Settle = None,
    step: Annotated[
        float | None, time_option(help="Duration of the step.", show_default="as --settle")
    ] = None,
    *,
    request: _Request,
) -> None:
    """Measure input resistance and time constant at some holding currents.

    Example: cerebella protocol input-resistance mli1 --holding 0pA,-20pA
    """
    from cerebella.experiments.protocols.current_clamp import compute_input_resistance

    request.run(
        "Measuring the input resistance",
        compute_input_resistance,
        holding_nA=parse_numbers(holding, "nA", "--holding"),
        step_nA=None if step_current is None else _number(step_current, "nA", "--step-current"),
        settle_ms=settle,
        step_ms=step,
    )


@app.command("rheobase")
@with_group("request")
def rheobase(
    current_range: Annotated[
        str | None,
        typer.Option(
            "--range",
            metavar="LOW:HIGH",
            help="Currents between which it is searched, such as 0pA:100pA.",
            show_default="that of the cell",
        ),
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(
            metavar="CURRENT",
            help="Width within which it is located.",
            show_default="1/1000 of the range, 1/100 for Purkinje cells",
        ),
    ] = None,
    settle: Settle = None,
    step: Annotated[float, time_option(help="Duration of the step.", show_default="300ms")] = 300.0,
    *,
    request: _Request,
) -> None:
    """Find the smallest step of current at which the cell fires.

    Example: cerebella protocol rheobase mli2 --tolerance 0.1pA
    """
    from cerebella.experiments.protocols.current_clamp import compute_rheobase

    limits = None
    if current_range is not None:
        limits = [_number(end, "nA", "--range") for end in current_range.split(":")]
        if len(limits) != 2:
            raise InputError(f"--range {current_range!r} is not LOW:HIGH", remedy="Give 0pA:100pA")
    request.run(
        "Finding the rheobase",
        compute_rheobase,
        range_nA=limits,
        tolerance_nA=None if tolerance is None else _number(tolerance, "nA", "--tolerance"),
        settle_ms=settle,
        step_ms=step,
    )


@app.command("epsp")
@with_group("request")
def epsp(
    contacts: Annotated[
        str | None,
        typer.Option(metavar="NUMBERS", help="Such as 1,2,5,10.", show_default="those of the cell"),
    ] = None,
    fiber: Annotated[
        str, typer.Option("--input", metavar="FIBER", help="pf, or cf on interneurons.")
    ] = "pf",
    place: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Place of the contacts, such as 'dendrite4(0.5)' or 'spiny[100-150um]'.",
            show_default="dendrite4(0.5), spiny",
        ),
    ] = None,
    holding: Annotated[
        str | None,
        typer.Option(metavar="CURRENT", help="Holding current.", show_default="that of the cell"),
    ] = None,
    settle: Settle = None,
    duration: Annotated[
        float, time_option(help="Time after the events.", show_default="100ms")
    ] = 100.0,
    *,
    request: _Request,
) -> None:
    """Measure EPSPs at the soma, of simultaneous synaptic events.

    Example: cerebella protocol epsp mli2 --input cf --contacts 1,4
    """
    from cerebella.experiments.protocols.epsp import compute_epsp

    try:
        numbers = None if contacts is None else [int(part) for part in contacts.split(",")]
    except ValueError:
        raise InputError(f"--contacts {contacts!r} are not numbers", remedy="Give 1,2,5") from None
    request.run(
        "Measuring EPSPs",
        compute_epsp,
        n_contacts=numbers,
        input=fiber,
        place=place,
        holding_nA=None if holding is None else _number(holding, "nA", "--holding"),
        settle_ms=settle,
        duration_ms=duration,
    )


def parse_numbers(text: str | None, unit: str, option: str) -> list[float] | None:
    """Return the numbers of a list or of a range FIRST:LAST:STEP, with units.

    >>> parse_numbers("0pA:20pA:10pA", "nA", "--currents")
    [0.0, 0.01, 0.02]
    """
    if text is None:
        return None
    if ":" not in text:
        return [_number(part, unit, option) for part in text.split(",")]
    parts = [_number(part, unit, option) for part in text.split(":")]
    if len(parts) != 3 or parts[2] <= 0 or parts[1] < parts[0]:
        raise InputError(
            f"{option} {text!r} is not a range FIRST:LAST:STEP",
            remedy="Give an ascending range, such as 0pA:50pA:5pA or -80mV:-20mV:10mV",
        )
    first, last, step = parts
    count = int(np.floor((last - first) / step + 1e-9)) + 1
    return [round(first + step * k, 12) for k in range(count)]


def _number(text: str, unit: str, option: str) -> float:
    from cerebella.stimuli.grammar import parse_number

    try:
        return parse_number(text, unit)
    except InputError as error:
        raise InputError(f"{option}: {error.problem}", remedy=error.remedy) from None


def _print(result: ProtocolResult) -> None:
    from rich.table import Table

    table = Table(box=None)
    for column in result.rows[0]:
        table.add_column(column, justify="right", overflow="fold")
    for row in result.rows:
        table.add_row(*("–" if np.isnan(value) else f"{value:.5g}" for value in row.values()))
    out.print(table)
    for name, value in result.summary.items():
        out.print(f"{name}: {value:.5g}")

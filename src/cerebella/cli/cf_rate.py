"""`cerebella experiment cf-rate`: rate and settling of the olive, compared with theory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Settings, ShowConfig, time_option
from cerebella.cli.sweep_options import (
    BatchSize,
    Execution,
    LoopEngine,
    SweepConfig,
    SweepPath,
    parse_numbers,
    parse_range,
)
from cerebella.errors import InputError
from cerebella.parameters.times import format_time, parse_time_ms

if TYPE_CHECKING:
    from cerebella.experiments.cf_rate.cases import CfRateCase, CfRateResult
    from cerebella.experiments.cf_rate.settling import SettlingResult

NONE = "none"


@with_group("execution")
def cf_rate(
    out_path: SweepPath,
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of each case, such as 0-2.")
    ] = "0-2",
    rates: Annotated[
        str | None,
        typer.Option(metavar="HZ,…", help="Predicted rates, which set the ratio LTP/LTD; or none."),
    ] = None,
    ratios: Annotated[
        str | None, typer.Option(metavar="R,…", help="Ratios LTP/LTD, which set the rates.")
    ] = None,
    windows: Annotated[
        str | None,
        typer.Option(
            metavar="TIME,…", help="Plasticity windows, combined with all rates and ratios."
        ),
    ] = None,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIME:CHANGE",
            help="Lasting change, in the syntax of olive run; may be repeated; or none.",
        ),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(
            metavar="W,…", help="Initial weights for settling, by default 0.2,1; or none."
        ),
    ] = None,
    duration: Annotated[
        float | None,
        time_option(
            help="Simulated time of each case; by default 300 s for settling, 1500 s for rates up "
            "to 0.5 Hz, and 600 s otherwise.",
            show_default=False,
        ),
    ] = None,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    engine: LoopEngine = "auto",
    batch: BatchSize = 512,
    *,
    execution: Execution,
) -> None:
    """Compare rate and settling of the olive, also after perturbations, with theory.

    By default, the cases of the tables in docs/olive.md. Finished runs in OUT are kept, and an
    interrupted run is resumed. Tables and figure in OUT: cf_rate.csv, cf_rate.json and
    cf_rate.png.

    Example: cerebella experiment cf-rate rates --rates 1,2 --windows 50,100 --perturb none
    """
    from cerebella.experiments.cf_rate.cases import run_cf_rate
    from cerebella.experiments.cf_rate.report import draw_cf_rate, write_tables
    from cerebella.experiments.cf_rate.settling import run_settling
    from cerebella.plots.save import save_figure

    changes = _changes(config, settings or [], show_config=show_config)
    numbers = parse_range(seeds, "--seeds")
    cases, settling_cases = (
        [replace(case, changes=changes) for case in wanted]
        for wanted in (
            _rate_cases(rates, ratios, windows, perturb, duration),
            _settling_cases(starts, duration),
        )
    )
    if not cases and not settling_cases:
        raise InputError(
            "there are no cases to simulate", remedy="Omit one of the options given as none"
        )
    with execution.running() as options:
        options |= {"engine": engine, "batch": batch}
        results = run_cf_rate(out_path, cases, numbers, **options) if cases else []
        settling = (
            run_settling(out_path, settling_cases, numbers, **options) if settling_cases else []
        )
    if results:
        _print_rates(results)
    if settling:
        _print_settling(settling)
    for path in write_tables(out_path, results, settling, numbers):
        say_saved(path)
    figure = draw_cf_rate(out_path, results, settling, numbers)
    say_saved(save_figure(figure, out_path / "cf_rate.png"))


def _changes(
    config: Path | None, settings: list[str], *, show_config: bool
) -> tuple[tuple[str, Any], ...]:
    """Return the parameters of the loop that a configuration and settings change.

    Raises
    ------
    InputError
        A value cannot be used, or is of plasticity, which the cases determine.
    """
    from cerebella.experiments.configuration import LoopParameters
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.provenance import parameter_rows

    given = configured(LoopParameters(), config, settings)
    if show_config:
        typer.echo(as_yaml(given), nl=False)
        raise typer.Exit
    changes = tuple(
        (row.name.removeprefix("olive."), row.value)
        for row in parameter_rows(given)
        if row.is_changed
    )
    of_cases = [path for path, _ in changes if path.startswith("plasticity.")]
    if of_cases:
        raise InputError(
            f"olive.{of_cases[0]} is determined by the cases",
            remedy="Use --rates, --ratios, --windows and --starts",
        )
    return changes


def _rate_cases(
    rates: str | None,
    ratios: str | None,
    windows: str | None,
    perturb: list[str] | None,
    duration_ms: float | None,
) -> list[CfRateCase]:
    """Return the requested cases, by default those of the tables."""
    from cerebella.experiments.cf_rate.cases import (
        FORMULA,
        PERTURBATIONS,
        formula_case,
        perturbation_case,
    )

    cases = list(FORMULA)
    if rates or ratios or windows:
        wanted = _numbers("--rates", rates or (NONE if ratios else "1"))
        by_ratio = _numbers("--ratios", ratios or NONE)
        if any(ratio <= 0 for ratio in by_ratio):
            raise InputError(f"--ratios {ratios}: a ratio LTP/LTD must be positive")
        cases = [
            formula_case(rate, window)
            for window in _times("--windows", windows or "100")
            for rate in [*wanted, *(_rate_of(ratio, window) for ratio in by_ratio)]
        ]
    timed = {} if duration_ms is None else {"duration_ms": _checked(duration_ms)}
    pushed = list(PERTURBATIONS)
    if perturb:
        pushed = [perturbation_case(text, **timed) for text in perturb if text != NONE]
    every = [replace(case, **timed) for case in [*cases, *pushed]]
    for case in every:
        if case.perturbations:
            perturbation_case(case.perturbations, case.duration_ms)
    return list(dict.fromkeys(every))


def _rate_of(ratio: float, window_ms: float) -> float:
    """Return the rate at which a ratio LTP/LTD balances."""
    from cerebella.olive.theory import predicted_cf_rate

    return float(f"{predicted_cf_rate(ratio, 1.0, window_ms):.6g}")


def _settling_cases(starts: str | None, duration_ms: float | None) -> list[CfRateCase]:
    from cerebella.experiments.cf_rate.settling import STARTS, settling_case

    timed = {} if duration_ms is None else {"duration_ms": _checked(duration_ms)}
    wanted = list(STARTS) if starts is None else _numbers("--starts", starts)
    return [settling_case(start, **timed) for start in wanted]


def _checked(duration_ms: float) -> float:
    if not duration_ms >= 1000 or duration_ms % 1:
        raise InputError(
            f"--duration {format_time(duration_ms)} is not a whole number of ms of 1 s or more",
            remedy="Use the form --duration 600s",
        )
    return duration_ms


def _numbers(option: str, text: str) -> list[float]:
    """Return the distinct numbers in text such as 0.5,1; none for "none"."""
    return [] if text == NONE else list(dict.fromkeys(parse_numbers(text, option)))


def _times(option: str, text: str) -> list[float]:
    """Return the distinct times in ms in text such as 50,100ms; none for "none"."""
    try:
        return [] if text == NONE else list(dict.fromkeys(map(parse_time_ms, text.split(","))))
    except InputError as error:
        raise InputError(f"{option}: {error.problem}", remedy=error.remedy) from None


def _print_rates(results: list[CfRateResult]) -> None:
    from cerebella.experiments.cf_rate.cases import SETTLES_IN_MS
    from cerebella.experiments.cf_rate.report import describe_differences

    table = Table(title="Rate of the inferior olive in Hz", title_justify="left")
    table.add_column("Case", no_wrap=True)
    for heading in ("Predicted", "Measured", "Difference", "First 10 s", "By seed"):
        table.add_column(heading, justify="right")
    for result in results:
        first = result.first_Hz
        table.add_row(
            _marked(result),
            f"{result.predicted_Hz:.3f}",
            f"{result.mean_Hz:.3f}",
            f"{100 * (result.mean_Hz / result.predicted_Hz - 1):+.1f} %",
            f"{sum(first) / len(first):.2f}" if first else "",
            ", ".join(f"{rate:.3f}" for rate in result.measured_Hz),
        )
    out.print(table)
    if formula := [result for result in results if not result.case.perturbations]:
        out.print(describe_differences(formula))
    if not all(result.is_settled for result in results):
        since_s = SETTLES_IN_MS / 1000
        out.print(
            f"* not settled: averaged from less than {since_s:g} s after the start or the "
            "perturbation on. Give a longer `--duration`.",
            style="dim",
        )


def _print_settling(results: list[SettlingResult]) -> None:
    title = "Time (s) for the mean weight to complete 1 − 1/e of its change; final weight"
    table = Table(title=title, title_justify="left")
    table.add_column("Start", no_wrap=True)
    for heading in ("Predicted", "Measured", "By seed", "Predicted weight", "Measured weight"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            _marked(result),
            f"{_mean(result.predicted_s):.1f}",
            f"{_mean(result.measured_s):.1f}",
            ", ".join(f"{time:.1f}" for time in result.measured_s),
            f"{_mean(result.predicted_weight):.3f}",
            f"{_mean(result.measured_weight):.3f}",
        )
    out.print(table)
    if not all(result.is_settled for result in results):
        out.print(
            "* not settled: the last third of the run, which gives the final weight, begins less "
            "than four such times after the start. Give a longer `--duration`.",
            style="dim",
        )


def _marked(result: CfRateResult | SettlingResult) -> str:
    return result.case.label if result.is_settled else f"{result.case.label} *"


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)

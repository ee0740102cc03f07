"""Options and status line of commands that run a sweep."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.markup import escape

from cerebella.cli.console import err, show_progress
from cerebella.cli.morphology import load_cell
from cerebella.cli.options import time_option
from cerebella.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from cerebella.experiments.cf_synchrony.tasks import SyncModel
    from cerebella.experiments.configuration import CortexParameters
    from cerebella.network.network import Network
    from cerebella.sweeps.state import SweepProgress

LOG_EVERY_S, ESTIMATE_OVER_S = 60.0, 900.0


class Executor(StrEnum):
    """Executor of the runs."""

    processes = "processes"
    dask = "dask"
    mpi = "mpi"
    slurm = "slurm"


ExecutorOption = Annotated[
    Executor,
    typer.Option(help="Executor of the runs; all but processes require an extra (see docs)."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Address of a Dask scheduler, such as tcp://host:8786.",
        show_default="a local one",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="Concurrent runs.", show_default="one per core, and without limit with Slurm"
    ),
]
Slurm = Annotated[
    list[str] | None,
    typer.Option(
        "--slurm",
        metavar="NAME=VALUE,…",
        help="Options of the Slurm jobs: mem_GB, array_size, and any option of sbatch, such as "
        "partition=short,account=lab,time=2:00:00; may be repeated. By default, the time limit "
        "follows from the runs.",
        show_default=False,
    ),
]
Detach = Annotated[
    bool,
    typer.Option("--detach", help="With Slurm: submit and exit; the same command collects later."),
]
AcceptMixture = Annotated[
    bool,
    typer.Option(
        "--accept-mixture",
        help="Continue even if finished runs in OUT were made by another version of the model; "
        "recorded in sweep.json.",
    ),
]
SweepPath = Annotated[
    Path, typer.Argument(metavar="OUT", help="Folder for runs, tables and figure.")
]
Zip = Annotated[
    bool,
    typer.Option("--zip", help="Pair the values of all parameters, instead of all combinations."),
]
NetworkPath = Annotated[
    Path | None,
    typer.Option(metavar="NETWORK", help="Network folder.", show_default="a generated one"),
]
MorphologyPath = Annotated[
    Path | None,
    typer.Option(
        metavar="SWC", help="Morphology of the Purkinje cell.", show_default="the default cell"
    ),
]
SweepConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="YAML",
        help="File of parameters that differ from their defaults, with a section for each level, "
        "such as mli: {connections: {pf_rate_Hz: 6}}.",
    ),
]
RunDuration = Annotated[
    float, time_option(help="Simulated time of each run.", show_default="300ms")
]
SweepEngine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Engine of network and Purkinje cell: auto, numba, coreneuron or neuron. auto is that "
        "of finished runs in OUT or, without any, the fastest.",
    ),
]
LoopEngine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="auto, numba, cuda (on an NVIDIA card) or numpy; all give the same spikes.",
    ),
]
BatchSize = Annotated[int, typer.Option("--batch", min=1, help="Most loops at once on a card.")]
NetworkRanks = Annotated[
    int, typer.Option(min=1, help="MPI processes of each network, with coreneuron or neuron.")
]


class Circuit(NamedTuple):
    """The circuit given by the options of a command.

    Attributes
    ----------
    network, morphology, sections : Path or None
        Files; None for a generated network and the default cell.
    type_codes : list of str or None
        Regions of SWC types, as CODE=REGION.
    prepare : bool
        Prepare the morphology.
    duration_ms : float
        Simulated time of each run.
    seed : int
        Seed of all random streams.
    """

    network: Path | None
    morphology: Path | None
    sections: Path | None
    type_codes: list[str] | None
    prepare: bool
    duration_ms: float
    seed: int

    def load_network(self) -> Network:
        """Load or generate the network."""
        from cerebella.network.generate import generate_network
        from cerebella.network.load import load_network

        return load_network(self.network) if self.network else generate_network(seed=self.seed)

    def build(self, network: Network, parameters: CortexParameters) -> SyncModel:
        """Return the model of a network with these parameters."""
        from cerebella.experiments.cf_synchrony.tasks import SyncModel

        return SyncModel(
            network,
            load_cell(self.morphology, self.sections, self.type_codes or [], prepare=self.prepare),
            parameters.mli,
            parameters.purkinje,
            self.duration_ms,
            self.seed,
        )


def parse_range(text: str, option: str) -> list[int]:
    """Return the integers in text such as 1-20 or 0,1,2,4.

    Parameters
    ----------
    text : str
        Integers and ranges, separated by commas.
    option : str
        Name of the option, for messages.

    Returns
    -------
    list of int
        In the order given.

    Raises
    ------
    InputError
        The text is not of this form, or a range is empty or reversed.
    """
    numbers: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        first, dash, last = part.partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            raise InputError(
                f"{option}: {part!r} is not an integer or a range",
                remedy=f"Use the form {option} 1-20 or {option} 0,4,8",
            ) from None
        if high < low:
            raise InputError(
                f"{option}: the range {part} is reversed",
                remedy=f"Give {high}-{low}",
            )
        numbers += range(low, high + 1)
    return numbers


def parse_numbers(text: str, option: str) -> list[float]:
    """Return the nonnegative numbers in text such as 0,35,70; none for an empty text.

    Parameters
    ----------
    text : str
        Numbers, separated by commas.
    option : str
        Name of the option, for messages.

    Returns
    -------
    list of float
        In the order given.

    Raises
    ------
    InputError
        The text is not of this form.
    """
    numbers = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            number = float(part)
        except ValueError:
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise InputError(
                f"{option}: {part!r} is not a nonnegative number",
                remedy=f"Use the form {option} 0,35",
            )
        numbers.append(number)
    return numbers


@contextmanager
def _status_line() -> Iterator[dict[str, Any]]:
    """Show runs done, running and failed, runs per minute and remaining time; yield callbacks.

    Without a terminal, a line is printed every minute.
    """
    start = time.monotonic()
    last_line = start
    with show_progress("Starting", estimate_over_s=ESTIMATE_OVER_S) as progress:

        def show(now: SweepProgress) -> None:
            nonlocal last_line
            minutes = max(time.monotonic() - start, 1e-9) / 60
            text = (
                f"{now.done} of {now.total} done, {now.running} running, {now.failed} failed, "
                f"{(now.done - now.kept) / minutes:.1f} per minute"
            )
            progress.describe(text)
            progress.update(now.fraction)
            if not err.is_terminal and time.monotonic() - last_line > LOG_EVERY_S:
                last_line = time.monotonic()
                progress.announce(f"{text} ({100 * now.fraction:.0f} %)")

        yield {"on_progress": show, "announce": progress.announce}


@dataclass(frozen=True)
class Execution:
    """Options of all sweeps: where their runs are executed."""

    workers: Workers = None
    executor: ExecutorOption = Executor.processes
    scheduler: Scheduler = None
    slurm: Slurm = None
    detach: Detach = False
    accept_mixture: AcceptMixture = False

    @contextmanager
    def running(self) -> Iterator[dict[str, Any]]:
        """Show the status line of a sweep, and yield its arguments."""
        from cerebella.sweeps.slurm_options import parse_slurm_options

        with _status_line() as callbacks:
            yield {
                "executor": self.executor.value,
                "workers": self.workers,
                "scheduler": self.scheduler,
                "slurm": parse_slurm_options(self.slurm or []),
                "detach": self.detach,
                "accept_mixture": self.accept_mixture,
                **callbacks,
            }


def say_missing(text: str) -> None:
    """Print a message about measures for which kept runs lack data, if it is not empty."""
    if text:
        err.print(f"[bold]{escape(text)}[/]", soft_wrap=True)


def exit_on_failures(failed: pd.DataFrame, n_runs: int, folder: Path) -> None:
    """Print failures, rows with ``cell_run`` and ``error``, and exit with 1 if there are any."""
    if not len(failed):
        return
    err.print(
        f"[bold red]{len(failed)} of {n_runs} failed[/], for example "
        f"{escape(failed['cell_run'].iloc[0])}: {escape(failed['error'].iloc[0])}",
        soft_wrap=True,
    )
    listed = escape(str(folder / "failed.json"))
    err.print(f"All failures are listed in {listed}; the same command retries them.")
    raise typer.Exit(1)


def exit_on_failed_tasks(failed: Mapping[str, str]) -> None:
    """Print failed tasks, errors by name, and exit with 1 if there are any."""
    if not failed:
        return
    name, error = next(iter(failed.items()))
    err.print(
        f"[bold red]{len(failed)} runs failed[/], for example {escape(name)}: {escape(error)}\n"
        "The same command retries them.",
        soft_wrap=True,
    )
    raise typer.Exit(1)

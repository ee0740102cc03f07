"""`cerebella mli`: simulate the network of molecular layer interneurons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cerebella.cli.console import err, say_saved, show_progress
from cerebella.cli.options import (
    Config,
    ForceRun,
    MechanismsPath,
    Seed,
    Settings,
    ShowConfig,
    Trial,
    time_option,
)
from cerebella.cli.results import print_report
from cerebella.cli.shortcut_options import with_shortcuts
from cerebella.cli.stimulus_options import StimuliFile, StimulusTexts, stimuli_of
from cerebella.errors import InputError
from cerebella.molecular_layer.shortcuts import SHORTCUTS
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.shortcuts import apply_shortcuts

if TYPE_CHECKING:
    from cerebella.network.network import Network
    from cerebella.results.spikes import SpikeTrains
    from cerebella.runs.run import Run

app = typer.Typer(
    no_args_is_help=True, help="Simulate the network of molecular layer interneurons (MLIs)."
)


@app.callback()
def _group() -> None:
    """Keep `run` a subcommand although it is the only one."""


@app.command()
@with_shortcuts(MLIParameters(), SHORTCUTS)
def run(
    network_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="NETWORK", help="Network folder, CSV or SONATA.", show_default=False
        ),
    ] = None,
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to create.", show_default=False),
    ] = None,
    cf_sync: Annotated[
        int | None,
        typer.Option(min=0, max=8, help="Climbing-fiber synchrony level.", show_default="8"),
    ] = None,
    cf_times: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="CF spikes instead of a level, as gid,spiketime rows."),
    ] = None,
    trial: Trial = 1,
    duration: Annotated[float, time_option(help="Simulated time.", show_default="300ms")] = 300.0,
    seed: Seed = 0,
    ranks: Annotated[
        int | None, typer.Option(min=1, help="MPI processes to start.", show_default="1")
    ] = None,
    oversubscribe: Annotated[
        bool, typer.Option("--oversubscribe", help="Allow more than four ranks per core.")
    ] = False,
    engine: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="auto, numba, coreneuron or neuron. Numba is the fastest; auto is numba without "
            "ranks, and coreneuron with them. All give the same spikes for about 350 ms; later, "
            "the statistics of numba and NEURON agree.",
        ),
    ] = "auto",
    record_v: Annotated[
        str,
        typer.Option(
            metavar="GIDS", help="MLIs whose soma voltage is recorded, such as 0,5,208-210."
        ),
    ] = "",
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROBE",
            help="Probe to record, such as 'MLI1[3].ik_kv' or MLI2.v@0.1ms; may be repeated.",
            show_default=False,
        ),
    ] = None,
    stimulus: StimulusTexts = None,
    stimuli_file: StimuliFile = None,
    mechanisms: MechanismsPath = None,
    config: Config = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    replay_published: Annotated[
        bool,
        typer.Option(
            "--replay-published",
            help="Use the published random streams of this trial (bias currents, delays, PFs).",
        ),
    ] = False,
    published_ranks: Annotated[
        int | None,
        typer.Option(min=1, help="MPI ranks of the replayed published run.", show_default="12"),
    ] = None,
    force: ForceRun = False,
    *,
    shortcuts: dict[str, Any],
) -> None:
    """Simulate NETWORK and write the run directory OUT.

    Example: cerebella mli run network sync8 --cf-sync 8 --ranks 2

    On a cluster: mpiexec -n 8 cerebella mli run network sync8
    """
    from cerebella.neuron_backend.own_mechanisms import read_mechanisms
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.own_mechanisms import with_mechanisms

    own = read_mechanisms(mechanisms)
    base = with_mechanisms(MLIParameters(), own.described)
    parameters = apply_shortcuts(configured(base, config, settings or []), SHORTCUTS, shortcuts)
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if network_path is None or out_path is None:
        raise typer.BadParameter("NETWORK and OUT are required; see --help")

    from cerebella.molecular_layer.engines import choose_engine
    from cerebella.molecular_layer.simulate import simulate_mli
    from cerebella.network.load import load_network
    from cerebella.neuron_backend.launcher import rank_of_launcher
    from cerebella.results.outputs import refuse_shared
    from cerebella.runs.directory import check_output

    first = rank_of_launcher() == 0
    gids = parse_gids(record_v)
    chosen = choose_engine(engine, own, ranks=ranks, oversubscribe=oversubscribe or None)
    refuse_shared(out_path, [network_path, cf_times, config, stimuli_file, mechanisms])
    stimuli = stimuli_of(stimulus, stimuli_file)
    check_output(out_path, force=force)  # on every rank, so that all exit together
    network = load_network(network_path)
    cf_spikes = None if cf_times is None else _load_cf_spikes(cf_times, network, cf_sync)
    with show_progress("Simulating", visible=first) as progress:
        run = simulate_mli(
            network,
            cf_sync=cf_sync,
            cf_spikes=cf_spikes,
            trial=trial,
            duration_ms=duration,
            seed=seed,
            stimuli=stimuli,
            engine=chosen,
            record={"v": gids, "probes": record or []},
            parameters=parameters,
            mechanisms=own,
            replay_published=replay_published,
            published_ranks=published_ranks,
            progress=progress,
        )
    if first:
        _summarize(run.save(out_path, force=force), out_path)


def parse_gids(text: str) -> list[int]:
    """Return the gids in a text such as ``"0,5,208-210"``, sorted and without repetitions.

    Raises
    ------
    InputError : the text is not of this form.
    """
    gids: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, dash, last = part.partition("-")
        try:
            gids |= set(range(int(first), int(last if dash else first) + 1))
        except ValueError:
            raise InputError(
                f"--record-v: {part!r} is not a gid or a range of gids",
                remedy="Use the form --record-v 0,5,208-210",
            ) from None
    return sorted(gids)


def _load_cf_spikes(file: Path, network: Network, cf_sync: int | None) -> SpikeTrains:
    from cerebella.network.csv_tables import load_cf_times

    if cf_sync is not None:
        raise InputError("--cf-sync and --cf-times exclude each other", remedy="Give one of them")
    return load_cf_times(file, network)


def _summarize(run: Run, path: Path) -> None:
    print_report(run.level.summarize([run], []).blocks)
    timings = run.manifest["timings_s"]
    err.print(
        f"Setup {timings['set_up']:.1f} s, {run.duration_ms:g} ms simulated in "
        f"{timings['solve']:.1f} s, {run.manifest['peak_memory_MB']:.0f} MB"
    )
    say_saved(path)

"""`cerebella purkinje`: the Purkinje cell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cerebella.cli.console import err, out, say_saved, show_progress
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes, load_cell
from cerebella.cli.options import (
    Config,
    Engine,
    ForceRun,
    MechanismsPath,
    Seed,
    Settings,
    ShowConfig,
    names_in,
    time_option,
)
from cerebella.cli.purkinje_threshold import (
    CFStrength,
    Threshold,
    apply_strength,
    parse_strength,
    threshold,
)
from cerebella.cli.shortcut_options import with_shortcuts
from cerebella.cli.stimulus_options import StimuliFile, StimulusTexts, stimuli_of
from cerebella.errors import InputError
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.purkinje.shortcuts import SHORTCUTS

app = typer.Typer(no_args_is_help=True, help="The Purkinje cell.")
app.command("threshold")(threshold)


@app.command()
@with_shortcuts(PurkinjeParameters(), SHORTCUTS)
def run(
    spikes_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="SPIKES",
            help="Spikes of the network: a run of `cerebella mli run`, a published CSV, or SONATA.",
            show_default=False,
        ),
    ] = None,
    out_path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Run directory to create.", show_default=False),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            metavar="NETWORK",
            help="Network of the spikes, or a folder with its cells table; required only if "
            "SPIKES does not name its cells.",
        ),
    ] = None,
    trial: Annotated[
        int | None,
        typer.Option(
            min=0, help="Trial of the cell's own PF trains.", show_default="that of SPIKES"
        ),
    ] = None,
    morphology_path: Annotated[
        Path | None,
        typer.Option(
            "--morphology",
            metavar="SWC",
            help="Morphology of the cell, instead of the default one.",
        ),
    ] = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    pf_table: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Published table of the PF contacts of this morphology."),
    ] = None,
    duration: Annotated[
        float | None, time_option(help="Simulated time.", show_default="that of SPIKES")
    ] = None,
    seed: Seed = 0,
    engine: Engine = "auto",
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help="Recordings: soma_v, calcium, v (of all compartments), and probes such as "
            "'spiny[150um].ik_kv3' or soma.v@0.02ms; separated by commas, or repeated.",
            show_default="soma_v,calcium",
        ),
    ] = None,
    record_dt: Annotated[
        float,
        time_option(
            help="Sampling step of calcium, v and probes without their own.", show_default="0.1ms"
        ),
    ] = 0.1,
    cf_strength: CFStrength = None,
    cf_threshold: Threshold = None,
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
            help="Use the published random streams and stopping time, for the traced cell with "
            "its table of PF contacts; PF trains then do not depend on the trial.",
        ),
    ] = False,
    force: ForceRun = False,
    *,
    shortcuts: dict[str, Any],
) -> None:
    """Simulate a Purkinje cell driven by the spikes of a network; write the run directory OUT.

    Example: cerebella purkinje run sync8 pc8

    Then: cerebella analyze pc8, cerebella plot pc8
    """
    from cerebella.neuron_backend.own_mechanisms import read_mechanisms
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.parameters.own_mechanisms import with_mechanisms

    own = read_mechanisms(mechanisms)
    base = with_mechanisms(PurkinjeParameters(), own.described)
    parameters = apply_shortcuts(
        configured(base, config, settings or []),
        SHORTCUTS,
        shortcuts,
    )
    strength = _strength_of(cf_strength, cf_threshold, parameters, shortcuts)
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    if spikes_path is None or out_path is None:
        raise typer.BadParameter("SPIKES and OUT are required; see --help")

    from cerebella.network.load import load_cell_counts
    from cerebella.network.network import population_ranges
    from cerebella.purkinje.simulate import simulate_purkinje
    from cerebella.results.outputs import refuse_shared
    from cerebella.runs.directory import check_output
    from cerebella.runs.load import load_run

    refuse_shared(
        out_path,
        [
            *(spikes_path, network, morphology_path, sections),
            *(pf_table, config, stimuli_file, mechanisms),
        ],
    )
    stimuli = stimuli_of(stimulus, stimuli_file)
    check_output(out_path, force=force)
    cell = load_cell(morphology_path, sections, type_codes or [], prepare=prepare)
    cells = None if network is None else load_cell_counts(network)
    recording = load_run(spikes_path, None if cells is None else population_ranges(cells))
    if strength is not None:
        parameters = apply_strength(parameters, strength, cf_threshold, cell, seed=seed)
    with show_progress("Simulating") as progress:
        run = simulate_purkinje(
            recording,
            network=cells,
            morphology=cell,
            pf_table=pf_table,
            trial=trial,
            duration_ms=duration,
            seed=seed,
            stimuli=stimuli,
            engine=engine,
            record=names_in(",".join(record or ["soma_v,calcium"])),
            record_dt_ms=record_dt,
            parameters=parameters,
            mechanisms=own,
            replay_published=replay_published,
            progress=progress,
        )
    run.save(out_path, force=force)
    timings = run.manifest["timings_s"]
    out.print(repr(run), markup=False, soft_wrap=True)
    err.print(
        f"Setup {timings['set_up']:.1f} s, integration {timings['solve']:.1f} s, "
        f"{run.manifest['peak_memory_MB']:.0f} MB",
    )
    say_saved(out_path)


def _strength_of(
    text: str | None,
    threshold: float | None,
    parameters: PurkinjeParameters,
    shortcuts: dict[str, Any],
) -> float | None:
    """Return the relative strength of the CF, if one is given."""
    if text is None:
        if threshold is not None:
            raise InputError("--threshold without --cf-strength", remedy="Also give --cf-strength")
        return None
    if "cf_scale" in shortcuts:
        raise InputError(
            "--cf-strength and --cf-scale both set the strength of the CF", remedy="Omit one"
        )
    if parameters.connections.cf_scale != PurkinjeParameters().connections.cf_scale:
        raise InputError(
            "--cf-strength and the parameter connections.cf_scale both set the strength of the CF",
            remedy="Omit one",
        )
    return parse_strength(text)

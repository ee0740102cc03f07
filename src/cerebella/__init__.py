"""cerebella: simulate the cerebellar circuit.

Names are imported when they are first used, so that ``import cerebella`` is quick and works
without a compiler.

>>> import cerebella as cb
>>> network = cb.generate_network(seed=0)
>>> simulation = cb.simulate_mli(network, cf_sync=8)
>>> cb.compute_rates(simulation.spikes)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cerebella.analysis.cf_response import compute_cf_response
    from cerebella.analysis.level_statistics import summarize_levels
    from cerebella.analysis.olive_balance import summarize_olive
    from cerebella.analysis.olive_rates import compute_olive_rates
    from cerebella.analysis.olive_synchrony import compute_coincidences, compute_correlogram
    from cerebella.analysis.paired import compute_paired_difference
    from cerebella.analysis.population_rate import compute_population_rate
    from cerebella.analysis.purkinje import PurkinjeSummary, compute_purkinje_summary
    from cerebella.analysis.purkinje_levels import compare_levels
    from cerebella.analysis.rates import compute_mean_rates, compute_rates
    from cerebella.errors import (
        CerebellaError,
        InputError,
        MachineError,
        MechanismBuildError,
        OutputExistsError,
        SimulationError,
    )
    from cerebella.experiments.cf_synchrony.cells import run_purkinje_synchrony
    from cerebella.experiments.cf_synchrony.networks import run_cf_synchrony
    from cerebella.experiments.cf_synchrony.sweep import SyncResult, sweep_cf_synchrony
    from cerebella.experiments.cf_synchrony.tasks import SyncModel
    from cerebella.experiments.olive_to_purkinje.events import default_loop
    from cerebella.experiments.olive_to_purkinje.sweep import JoinedResult, sweep_olive_to_purkinje
    from cerebella.experiments.olive_to_purkinje.tasks import JoinedModel
    from cerebella.molecular_layer.simulate import MLISimulation, simulate_mli
    from cerebella.morphology.compartments import Compartments, compute_compartments
    from cerebella.morphology.default import load_default_morphology
    from cerebella.morphology.growth.generate import generate_morphology
    from cerebella.morphology.morphology import Morphology
    from cerebella.morphology.recording_sites import load_run_morphology
    from cerebella.morphology.statistics import MorphologyStatistics, describe_morphology
    from cerebella.morphology.swc import load_morphology, save_morphology
    from cerebella.network.complete import complete_network
    from cerebella.network.csv_tables import load_cf_times
    from cerebella.network.generate import generate_network
    from cerebella.network.load import load_cell_counts, load_network, save_network
    from cerebella.network.network import Network
    from cerebella.olive.recording import OliveRecording
    from cerebella.olive.simulate import simulate_olive
    from cerebella.olive.theory import predicted_cf_rate
    from cerebella.parameters.mli_network import MLINetworkParameters
    from cerebella.parameters.mli_simulation import MLIParameters
    from cerebella.parameters.olive_simulation import OliveParameters
    from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters
    from cerebella.parameters.purkinje_simulation import PurkinjeParameters
    from cerebella.plots.cf_synchrony import plot_cf_synchrony
    from cerebella.plots.dendritic_calcium import plot_dendritic_calcium
    from cerebella.plots.molecular_layer import plot_molecular_layer
    from cerebella.plots.morphology import plot_morphology, plot_morphology_views
    from cerebella.plots.olive import plot_olive
    from cerebella.plots.olive_to_purkinje import plot_olive_to_purkinje
    from cerebella.plots.purkinje import plot_purkinje
    from cerebella.plots.purkinje_levels import plot_purkinje_levels
    from cerebella.plots.save import save_figure
    from cerebella.purkinje.simulate import PurkinjeSimulation, simulate_purkinje
    from cerebella.results.load import load_recording, load_spikes
    from cerebella.results.olive_npz import read_olive_npz
    from cerebella.results.olive_run import OliveRun, load_olive_run
    from cerebella.results.run_directory import Run, load_run
    from cerebella.results.spikes import Population, SpikeTrains
    from cerebella.results.traces import Traces
    from cerebella.sweeps.sweep import SweepProgress, Task, TaskResult, run_sweep

__version__ = "0.1.0.dev0"

_HOMES = {
    "CerebellaError": "errors",
    "Compartments": "morphology.compartments",
    "InputError": "errors",
    "JoinedModel": "experiments.olive_to_purkinje.tasks",
    "JoinedResult": "experiments.olive_to_purkinje.sweep",
    "MLINetworkParameters": "parameters.mli_network",
    "MLIParameters": "parameters.mli_simulation",
    "MLISimulation": "molecular_layer.simulate",
    "MachineError": "errors",
    "MechanismBuildError": "errors",
    "Morphology": "morphology.morphology",
    "MorphologyStatistics": "morphology.statistics",
    "Network": "network.network",
    "OliveParameters": "parameters.olive_simulation",
    "OliveRecording": "olive.recording",
    "OliveRun": "results.olive_run",
    "OutputExistsError": "errors",
    "Task": "sweeps.sweep",
    "TaskResult": "sweeps.sweep",
    "Population": "results.spikes",
    "PurkinjeMorphologyParameters": "parameters.purkinje_morphology",
    "PurkinjeParameters": "parameters.purkinje_simulation",
    "PurkinjeSimulation": "purkinje.simulate",
    "PurkinjeSummary": "analysis.purkinje",
    "Run": "results.run_directory",
    "SimulationError": "errors",
    "SpikeTrains": "results.spikes",
    "SweepProgress": "sweeps.sweep",
    "SyncModel": "experiments.cf_synchrony.tasks",
    "SyncResult": "experiments.cf_synchrony.sweep",
    "Traces": "results.traces",
    "compare_levels": "analysis.purkinje_levels",
    "complete_network": "network.complete",
    "compute_cf_response": "analysis.cf_response",
    "compute_coincidences": "analysis.olive_synchrony",
    "compute_compartments": "morphology.compartments",
    "compute_correlogram": "analysis.olive_synchrony",
    "compute_mean_rates": "analysis.rates",
    "compute_olive_rates": "analysis.olive_rates",
    "compute_paired_difference": "analysis.paired",
    "compute_population_rate": "analysis.population_rate",
    "compute_purkinje_summary": "analysis.purkinje",
    "compute_rates": "analysis.rates",
    "default_loop": "experiments.olive_to_purkinje.events",
    "describe_morphology": "morphology.statistics",
    "generate_morphology": "morphology.growth.generate",
    "generate_network": "network.generate",
    "load_cell_counts": "network.load",
    "load_cf_times": "network.csv_tables",
    "load_default_morphology": "morphology.default",
    "load_morphology": "morphology.swc",
    "load_network": "network.load",
    "load_olive_run": "results.olive_run",
    "load_recording": "results.load",
    "load_run": "results.run_directory",
    "load_run_morphology": "morphology.recording_sites",
    "load_spikes": "results.load",
    "plot_cf_synchrony": "plots.cf_synchrony",
    "plot_dendritic_calcium": "plots.dendritic_calcium",
    "plot_molecular_layer": "plots.molecular_layer",
    "plot_morphology": "plots.morphology",
    "plot_morphology_views": "plots.morphology",
    "plot_olive": "plots.olive",
    "plot_olive_to_purkinje": "plots.olive_to_purkinje",
    "plot_purkinje": "plots.purkinje",
    "plot_purkinje_levels": "plots.purkinje_levels",
    "predicted_cf_rate": "olive.theory",
    "read_olive_npz": "results.olive_npz",
    "run_cf_synchrony": "experiments.cf_synchrony.networks",
    "run_purkinje_synchrony": "experiments.cf_synchrony.cells",
    "run_sweep": "sweeps.sweep",
    "save_figure": "plots.save",
    "save_morphology": "morphology.swc",
    "save_network": "network.load",
    "simulate_mli": "molecular_layer.simulate",
    "simulate_olive": "olive.simulate",
    "simulate_purkinje": "purkinje.simulate",
    "summarize_levels": "analysis.level_statistics",
    "summarize_olive": "analysis.olive_balance",
    "sweep_cf_synchrony": "experiments.cf_synchrony.sweep",
    "sweep_olive_to_purkinje": "experiments.olive_to_purkinje.sweep",
}

__all__ = [
    "CerebellaError",
    "Compartments",
    "InputError",
    "JoinedModel",
    "JoinedResult",
    "MLINetworkParameters",
    "MLIParameters",
    "MLISimulation",
    "MachineError",
    "MechanismBuildError",
    "Morphology",
    "MorphologyStatistics",
    "Network",
    "OliveParameters",
    "OliveRecording",
    "OliveRun",
    "OutputExistsError",
    "Population",
    "PurkinjeMorphologyParameters",
    "PurkinjeParameters",
    "PurkinjeSimulation",
    "PurkinjeSummary",
    "Run",
    "SimulationError",
    "SpikeTrains",
    "SweepProgress",
    "SyncModel",
    "SyncResult",
    "Task",
    "TaskResult",
    "Traces",
    "__version__",
    "compare_levels",
    "complete_network",
    "compute_cf_response",
    "compute_coincidences",
    "compute_compartments",
    "compute_correlogram",
    "compute_mean_rates",
    "compute_olive_rates",
    "compute_paired_difference",
    "compute_population_rate",
    "compute_purkinje_summary",
    "compute_rates",
    "default_loop",
    "describe_morphology",
    "generate_morphology",
    "generate_network",
    "load_cell_counts",
    "load_cf_times",
    "load_default_morphology",
    "load_morphology",
    "load_network",
    "load_olive_run",
    "load_recording",
    "load_run",
    "load_run_morphology",
    "load_spikes",
    "plot_cf_synchrony",
    "plot_dendritic_calcium",
    "plot_molecular_layer",
    "plot_morphology",
    "plot_morphology_views",
    "plot_olive",
    "plot_olive_to_purkinje",
    "plot_purkinje",
    "plot_purkinje_levels",
    "predicted_cf_rate",
    "read_olive_npz",
    "run_cf_synchrony",
    "run_purkinje_synchrony",
    "run_sweep",
    "save_figure",
    "save_morphology",
    "save_network",
    "simulate_mli",
    "simulate_olive",
    "simulate_purkinje",
    "summarize_levels",
    "summarize_olive",
    "sweep_cf_synchrony",
    "sweep_olive_to_purkinje",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

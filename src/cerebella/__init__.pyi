"""The public names of cerebella and their modules: the only list of them.

The package imports each name on first use; type checkers and editors read the same lines. To add a
name, add its line.
"""

from .analysis.cf_response import compute_cf_response as compute_cf_response
from .analysis.cf_strength import summarize_recruitment as summarize_recruitment
from .analysis.cf_strength import summarize_strengths as summarize_strengths
from .analysis.cf_threshold import CFThreshold as CFThreshold
from .analysis.cf_threshold import cf_scale_of_strength as cf_scale_of_strength
from .analysis.dendritic_territories import Territory as Territory
from .analysis.disinhibition import DisinhibitionCoverage as DisinhibitionCoverage
from .analysis.disinhibition import (
    compute_disinhibition_coverage as compute_disinhibition_coverage,
)
from .analysis.events import find_cf_volleys as find_cf_volleys
from .analysis.level_statistics import summarize_levels as summarize_levels
from .analysis.olive_balance import summarize_olive as summarize_olive
from .analysis.olive_rates import compute_olive_rates as compute_olive_rates
from .analysis.olive_synchrony import compute_coincidences as compute_coincidences
from .analysis.olive_synchrony import compute_correlogram as compute_correlogram
from .analysis.paired import McNemar as McNemar
from .analysis.paired import compute_mcnemar as compute_mcnemar
from .analysis.paired import compute_paired_difference as compute_paired_difference
from .analysis.pairing import percent_of_linear_sum as percent_of_linear_sum
from .analysis.pairing import summarize_pairing as summarize_pairing
from .analysis.population_rate import compute_population_rate as compute_population_rate
from .analysis.protocol import ProtocolResult as ProtocolResult
from .analysis.purkinje import PurkinjeSummary as PurkinjeSummary
from .analysis.purkinje import compute_purkinje_summary as compute_purkinje_summary
from .analysis.purkinje_levels import compare_levels as compare_levels
from .analysis.rates import compute_mean_rates as compute_mean_rates
from .analysis.rates import compute_rates as compute_rates
from .analysis.sweep_statistics import summarize_sweep as summarize_sweep
from .citations import cite as cite
from .compiled.device import Cuda as Cuda
from .compiled.engine import Numba as Numba
from .errors import CerebellaError as CerebellaError
from .errors import InputError as InputError
from .errors import MachineError as MachineError
from .errors import MechanismBuildError as MechanismBuildError
from .errors import OutputExistsError as OutputExistsError
from .errors import SimulationError as SimulationError
from .errors import SweepDetached as SweepDetached
from .experiments.cf_strength.sweep import StrengthResult as StrengthResult
from .experiments.cf_strength.sweep import sweep_cf_strength as sweep_cf_strength
from .experiments.cf_synchrony.in_memory import SyncRuns as SyncRuns
from .experiments.cf_synchrony.in_memory import run_cf_synchrony as run_cf_synchrony
from .experiments.cf_synchrony.sweep import SyncResult as SyncResult
from .experiments.cf_synchrony.sweep import sweep_cf_synchrony as sweep_cf_synchrony
from .experiments.cf_synchrony.tasks import SyncModel as SyncModel
from .experiments.cf_threshold import compute_cf_threshold as compute_cf_threshold
from .experiments.disinhibition.sweep import DisinhibitionResult as DisinhibitionResult
from .experiments.disinhibition.sweep import sweep_disinhibition as sweep_disinhibition
from .experiments.eyelid_to_purkinje.sweep import ConditionedResult as ConditionedResult
from .experiments.eyelid_to_purkinje.sweep import (
    sweep_eyelid_to_purkinje as sweep_eyelid_to_purkinje,
)
from .experiments.eyelid_to_purkinje.tasks import ConditionedModel as ConditionedModel
from .experiments.olive_to_purkinje.events import default_loop as default_loop
from .experiments.olive_to_purkinje.sweep import JoinedResult as JoinedResult
from .experiments.olive_to_purkinje.sweep import sweep_olive_to_purkinje as sweep_olive_to_purkinje
from .experiments.olive_to_purkinje.tasks import JoinedModel as JoinedModel
from .experiments.parameter_sweep.ensemble import (
    simulate_olive_ensemble as simulate_olive_ensemble,
)
from .experiments.parameter_sweep.sweep import SweepResult as SweepResult
from .experiments.parameter_sweep.sweep import sweep as sweep
from .experiments.protocols.current_clamp import compute_fi_curve as compute_fi_curve
from .experiments.protocols.current_clamp import (
    compute_input_resistance as compute_input_resistance,
)
from .experiments.protocols.current_clamp import compute_rheobase as compute_rheobase
from .experiments.protocols.epsp import compute_epsp as compute_epsp
from .experiments.protocols.voltage_clamp import compute_iv_curve as compute_iv_curve
from .molecular_layer.simulate import simulate_mli as simulate_mli
from .morphology.compartments import Compartments as Compartments
from .morphology.compartments import compute_compartments as compute_compartments
from .morphology.default import load_default_morphology as load_default_morphology
from .morphology.growth.generate import generate_morphology as generate_morphology
from .morphology.morphology import Morphology as Morphology
from .morphology.preparation.prepare import PreparedMorphology as PreparedMorphology
from .morphology.preparation.prepare import prepare_morphology as prepare_morphology
from .morphology.preparation.repair import Repair as Repair
from .morphology.statistics import MorphologyStatistics as MorphologyStatistics
from .morphology.statistics import describe_morphology as describe_morphology
from .morphology.swc import load_morphology as load_morphology
from .morphology.swc import save_morphology as save_morphology
from .network.complete import complete_network as complete_network
from .network.csv_tables import load_cf_times as load_cf_times
from .network.generate import generate_network as generate_network
from .network.load import load_cell_counts as load_cell_counts
from .network.load import load_network as load_network
from .network.load import save_network as save_network
from .network.network import Network as Network
from .neuron_backend.engines import CoreNeuron as CoreNeuron
from .neuron_backend.engines import Neuron as Neuron
from .olive.conditioning_theory import predicted_trials_to as predicted_trials_to
from .olive.conditioning_theory import predicted_weight_change as predicted_weight_change
from .olive.engines.numpy_engine import Numpy as Numpy
from .olive.perturbations import Perturbation as Perturbation
from .olive.recording import OliveRecording as OliveRecording
from .olive.rules.rule import PlasticityRule as PlasticityRule
from .olive.simulate import simulate_olive as simulate_olive
from .olive.stimulation.basis import TemporalBasis as TemporalBasis
from .olive.stimulation.trials import CS as CS
from .olive.stimulation.trials import US as US
from .olive.stimulation.trials import TrialBlock as TrialBlock
from .olive.stimulation.trials import TrialSession as TrialSession
from .olive.stimulation.values import IOCurrent as IOCurrent
from .olive.stimulation.values import MFRate as MFRate
from .olive.stimulation.values import PFBumps as PFBumps
from .olive.stimulation.values import PFRates as PFRates
from .olive.stimulation.values import YokedInhibition as YokedInhibition
from .olive.theory import predicted_cf_rate as predicted_cf_rate
from .olive.theory import predicted_rule_rate as predicted_rule_rate
from .parameters.mli_network import MLINetworkParameters as MLINetworkParameters
from .parameters.mli_simulation import MLIParameters as MLIParameters
from .parameters.models import list_parameters as list_parameters
from .parameters.olive_presets import olive_preset as olive_preset
from .parameters.olive_simulation import OliveParameters as OliveParameters
from .parameters.purkinje_morphology import (
    PurkinjeMorphologyParameters as PurkinjeMorphologyParameters,
)
from .parameters.purkinje_simulation import PurkinjeParameters as PurkinjeParameters
from .plots.cf_strength import plot_cf_strength as plot_cf_strength
from .plots.cf_synchrony import plot_cf_synchrony as plot_cf_synchrony
from .plots.cf_threshold import plot_cf_threshold as plot_cf_threshold
from .plots.dendritic_calcium import plot_dendritic_calcium as plot_dendritic_calcium
from .plots.disinhibition import plot_disinhibition as plot_disinhibition
from .plots.eyelid_to_purkinje import plot_eyelid_to_purkinje as plot_eyelid_to_purkinje
from .plots.molecular_layer import plot_molecular_layer as plot_molecular_layer
from .plots.morphology import plot_morphology as plot_morphology
from .plots.morphology import plot_morphology_views as plot_morphology_views
from .plots.olive import plot_olive as plot_olive
from .plots.olive_to_purkinje import plot_olive_to_purkinje as plot_olive_to_purkinje
from .plots.protocol import plot_protocol as plot_protocol
from .plots.purkinje import plot_purkinje as plot_purkinje
from .plots.purkinje_levels import plot_purkinje_levels as plot_purkinje_levels
from .plots.save import save_figure as save_figure
from .plots.sweep import plot_sweep as plot_sweep
from .plots.traces import plot_traces as plot_traces
from .purkinje.simulate import simulate_purkinje as simulate_purkinje
from .results.spikes import Population as Population
from .results.spikes import SpikeTrains as SpikeTrains
from .results.traces import Traces as Traces
from .runs.load import load_run as load_run
from .runs.load import load_spikes as load_spikes
from .runs.page import View as View
from .runs.run import Run as Run
from .stimuli.currents import CurrentNoise as CurrentNoise
from .stimuli.currents import CurrentPulses as CurrentPulses
from .stimuli.currents import CurrentRamp as CurrentRamp
from .stimuli.currents import CurrentSamples as CurrentSamples
from .stimuli.currents import CurrentSine as CurrentSine
from .stimuli.currents import CurrentStep as CurrentStep
from .stimuli.stimulus_file import load_stimuli as load_stimuli
from .stimuli.synaptic import CFSpikes as CFSpikes
from .stimuli.synaptic import PFVolley as PFVolley
from .stimuli.synaptic import SynapticBlock as SynapticBlock
from .stimuli.voltage_clamp import VoltageClamp as VoltageClamp
from .sweeps.state import SweepProgress as SweepProgress
from .sweeps.state import TaskResult as TaskResult
from .sweeps.sweep import run_sweep as run_sweep
from .sweeps.task import Task as Task
from .views.movie import save_movie as save_movie
from .views.page import view as view

__version__: str

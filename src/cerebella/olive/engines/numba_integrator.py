"""Integration in compiled code, with spikes and weights bitwise equal to those of numpy.

The circuit has two stages. Basket cells receive input from parallel fibers only, so that the
*front* (fibers, basket cells) can run one block ahead of the *back* (Purkinje, nuclear and
olivary cells, plasticity), on a second core if available. The stages share only finished blocks,
so that results do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.compiled_rules import rule_events
from cerebella.olive.engines.engine import Block, BlockSpikes, Model, Plan
from cerebella.olive.engines.kernel_arguments import (
    LOOP_POPULATIONS,
    basket_cells,
    basket_wires,
    lists_of,
    loop_cells,
    loop_memory,
    loop_pulls,
    loop_scratch,
    loop_settings,
    loop_synapses,
    loop_wires,
    mossy_memory,
    plastic_weights,
    pull,
    up_to,
)
from cerebella.olive.engines.kernel_types import (
    MOST_STEPS,
    TILE,
    LoopCurrents,
    LoopLogs,
    LoopSamples,
    Sampled,
)
from cerebella.olive.engines.mossy_trains import draw_mf
from cerebella.olive.engines.procedures import (
    draw_noise,
    draw_pf_episode,
    draw_pf_trains,
    run_basket_cells,
    run_loop,
    weigh_listed,
    weigh_rows,
)
from cerebella.olive.engines.spike_log import SpikeLog, log_of_state
from cerebella.olive.engines.weight_sample import WeightSample, sample_of_units
from cerebella.olive.inputs import InputRates, input_rates, redraw_inputs
from cerebella.olive.perturbations import dcn_of_io, io_bias
from cerebella.olive.random_drive import normal_table
from cerebella.olive.state import CellState, FiberState, InputState, State
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.randomness import Purpose

_BLOCKS_AT_ONCE = 8
"""Philox blocks of four words drawn at once for a PF, enough for about a second."""


class _Front(NamedTuple):
    """A block of the front: its spikes and the preceding ones, and the state at its end."""

    plan: Plan
    mf: BlockSpikes
    logs: dict[str, SpikeLog]
    samples: npt.NDArray[np.float32]
    inputs: InputState
    cells: CellState
    conductances: npt.NDArray[np.float64]


class NumbaIntegrator:
    """Integrates in compiled code, with one or two threads."""

    def __init__(self, model: Model, state: State, threads: int = 1) -> None:
        self.model, self.threads = model, threads
        self._state = state.copy()
        self._wires, self._rule_events = loop_wires(model), rule_events(model.coefficients.rule)
        self._synapses, self._pulls = loop_synapses(model), loop_pulls(model)
        self._basket_wires, self._basket_efficacies = basket_wires(model)
        self._fibers, self._listed = plastic_weights(state.weights, model)
        history = model.coefficients.history
        self._logs = {
            name: log_of_state(spikes, state.step - history[name], state.step)
            for name, spikes in state.recent.items()
        }
        self._front_step, self._front_inputs = state.step, state.copy().inputs
        self._front_logs = {name: self._logs[name] for name in ("PF", "BC")}
        self._basket_cells = basket_cells(model, self._state)
        self._loop_cells = loop_cells(model, self._state)
        self._scratch = loop_scratch(model, self._loop_cells, self._fibers)
        self._front_cells = self._state.cells["BC"]
        self._front_conductances = self._state.conductances["pf_bc"]
        self._memory = loop_memory(model, self._state, self._fibers)
        self._mossy = mossy_memory(model, self._state)

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        if self.threads == 1:
            for plan in plans:
                yield self._back(self._front(plan))
            return
        with ThreadPoolExecutor(1) as pool:
            ahead: Future[_Front] | None = None
            for plan in plans:
                following = pool.submit(self._front, plan)
                if ahead is not None:
                    yield self._back(ahead.result())
                ahead = following
            if ahead is not None:
                yield self._back(ahead.result())

    def weights(self) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights (n PC, fan-in), in units of 2⁻²⁶."""
        shape = self.model.circuit.pf_of_purkinje.shape
        return self._weights_of(np.arange(shape[0] * shape[1])).reshape(shape)

    def mf_weights(self) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights (n DCN,), in units of 2⁻²⁶."""
        return self._state.mf_weights

    def weight_sample(self, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights, and the weights of chosen synapses."""
        sizes = self.model.circuit.sizes
        histogram = np.zeros(n_bins, dtype=np.int64)
        sums = np.zeros((3, sizes["DCN"]), dtype=np.int64)
        if self._fibers is not None:
            rows, contacts, _ = self._fibers
            weigh_rows(rows, contacts, sizes["PF"], sizes["IO"] // sizes["DCN"], histogram, sums)
        if self._listed is not None:
            per_zone = sizes["PC"] // sizes["DCN"]
            weigh_listed(self._listed, per_zone, histogram, sums)
        return sample_of_units(histogram, sums, self._weights_of(synapses))

    def _weights_of(self, synapses: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return the weights of synapses, given as indices into the flattened `weights`."""
        circuit = self.model.circuit
        if self._listed is not None:
            where = self._listed.where
            return self._listed.flat[synapses if where is None else where[synapses]]
        assert self._fibers is not None
        fibers = circuit.io_of_purkinje[synapses // circuit.pf_of_purkinje.shape[1]]
        by_pf = self._fibers.rows.reshape(circuit.sizes["PF"], -1)
        return by_pf[circuit.pf_of_purkinje.ravel()[synapses], fibers]

    def state(self) -> State:
        """Return a copy of the state."""
        state = self._state.copy()
        state.weights = self.weights()
        state.recent = {name: log.as_recent() for name, log in self._logs.items()}
        return state

    def _front(self, plan: Plan) -> _Front:
        """Draw the inputs of a block and advance the basket cells."""
        model, inputs, first = self.model, self._front_inputs, self._front_step
        rates = input_rates(plan.drive, model.parameters.time_step_ms)
        redraw_inputs(inputs, plan.drive, rates, model.seed, first)
        pf_log = _draw_pf(model, inputs.pf, rates, self._front_logs["PF"], plan.stop)
        inputs.mf, mf = draw_mf(model, inputs.mf, rates.mf_interval, first, plan.stop)
        bc_log = _room_for(self._front_logs["BC"], model, "BC", first, plan.stop)
        sampled = _sampled(model, "BC", first, plan.stop)
        run_basket_cells(
            first,
            plan.stop,
            "pf_bc" not in plan.drive.cut,
            pf_log,
            self._basket_wires,
            self._basket_efficacies,
            self._basket_cells,
            model.coefficients.synapses["pf_bc"],
            pull(model, "pf_bc"),
            model.coefficients.cells["BC"],
            _noise(model, "BC", first, plan.stop),
            bc_log,
            sampled,
            model.voltages.every,
        )
        logs = {"PF": pf_log, "BC": bc_log}
        self._front_logs = {
            name: log.tail(model.coefficients.history[name]) for name, log in logs.items()
        }
        self._front_step = plan.stop
        # The front may start its next block before the back has finished this one.
        cells, conductances = self._front_cells.copy(), self._front_conductances.copy()
        return _Front(plan, mf, logs, sampled.values, inputs.copy(), cells, conductances)

    def _back(self, front: _Front) -> Block:
        """Advance the loop through a block with known inputs."""
        model, state = self.model, self._state
        first, stop, drive = state.step, front.plan.stop, front.plan.drive
        wires = self._wires
        if drive.dcn_of_io is not None:
            of_io = dcn_of_io(drive, model.circuit.dcn_of_io)
            wires = wires._replace(dcn_io=lists_of(of_io, model.circuit.sizes["DCN"])[0])
        logs = {**front.logs, "MF": self._logs["MF"].joined(front.mf)}
        for name in LOOP_POPULATIONS:
            logs[name] = _room_for(self._logs[name], model, name, first, stop)
        noise = (_noise(model, name, first, stop) for name in LOOP_POPULATIONS)
        sampled = {name: _sampled(model, name, first, stop) for name in LOOP_POPULATIONS}
        run_loop(
            first,
            stop,
            loop_settings(model, self._rule_events, drive),
            LoopLogs(*(logs[name] for name in POPULATIONS)),
            wires,
            self._fibers,
            self._listed,
            self._memory,
            self._mossy,
            self._loop_cells,
            self._synapses,
            self._pulls,
            LoopCurrents(io_bias(drive, model.circuit.io_bias_offset), *noise),
            LoopSamples(model.voltages.every, *sampled.values()),
            self._scratch,
        )
        self._check_changes()
        state.step, state.inputs = stop, front.inputs
        state.cells["BC"], state.conductances["pf_bc"] = front.cells, front.conductances
        history = model.coefficients.history
        self._logs = {name: log.tail(history[name]) for name, log in logs.items()}
        spikes = {name: logs[name].since(first) for name in POPULATIONS}
        values = {"BC": front.samples} | {name: one.values for name, one in sampled.items()}
        voltages = {name: values[name] for name in model.voltages.cells}
        return Block(first, stop, spikes, voltages)

    def _check_changes(self) -> None:
        """Raise InputError if the rule gave a change out of range."""
        number, rule = int(self._memory.refused[0]), self.model.coefficients.rule
        event = rule.events[number - 1] if rule and number else None
        if event is not None:
            raise event.refused(f"{event.label} gave a change out of range during the run")


def _room_for(log: SpikeLog, model: Model, name: str, first: int, stop: int) -> SpikeLog:
    """Extend a log by a block, with capacity for one spike per cell and refractory period."""
    hold = model.coefficients.cells[name].hold_steps
    most = model.circuit.sizes[name] * ((stop - first) // (hold + 1) + 1)
    return log.extended(stop - first, most)


def _noise(model: Model, name: str, first: int, stop: int) -> npt.NDArray[np.float64] | None:
    """Return the noise of a population, mV/ms: (n_steps, n), or None."""
    amplitude = model.coefficients.cells[name].noise
    if not amplitude:
        return None
    n = model.circuit.sizes[name]
    first_block, stop_block = first // 4, -(-stop // 4)  # words come in blocks of four
    noise = np.empty((4 * (stop_block - first_block), up_to(TILE, n)))
    draw_noise(
        first_block,
        n,
        int(Purpose.LOOP_NOISE),
        POPULATIONS.index(name),
        np.uint64(model.seed),
        amplitude,
        tuple(normal_table()),
        np.empty((4, stop_block - first_block), dtype=np.uint64),
        noise,
    )
    return noise[first % 4 :][: stop - first]


def _sampled(model: Model, name: str, first: int, stop: int) -> Sampled:
    """Return the sampled cells of a population, with a buffer for their samples in a block."""
    cells = model.voltages.cells.get(name, np.zeros(0, dtype=np.int32))
    every = model.voltages.every
    n_samples = -(-stop // every) - -(-first // every)
    values = np.zeros((n_samples, len(cells)), dtype=np.float32)
    if not len(cells):
        return Sampled(cells, None, values)
    trace = np.empty((MOST_STEPS, up_to(TILE, model.circuit.sizes[name])))
    return Sampled(cells, trace, values)


def _draw_pf(
    model: Model, fibers: FiberState, rates: InputRates, log: SpikeLog, stop: int
) -> SpikeLog:
    """Return a log with all spikes up to step `stop`."""
    n_pf, refractory = model.circuit.sizes["PF"], model.coefficients.pf_refractory
    n_before = len(log.offsets) - 1
    first = log.first + n_before
    most = n_pf * ((stop - first) // (refractory + 1) + 1)  # untouched memory costs nothing
    extended = log.extended(stop - first, most)
    offsets = extended.offsets[n_before:]
    stream = (int(Purpose.LOOP_PF_TRAIN), np.uint64(model.seed), refractory)
    scratch = np.empty((2, most), dtype=np.uint32)
    spikes = (scratch, extended.ids[len(log.ids) :], offsets)
    if rates.episode is not None:
        draw_pf_episode(first, stop, fibers, *stream, tuple(rates.episode), *spikes)
    elif len(rates.table.thresholds):
        thresholds = rates.table.thresholds[1:].astype(np.uint32)  # only the first has 33 bits
        table = (thresholds, rates.table.guide)
        words = np.empty((4, _BLOCKS_AT_ONCE), dtype=np.uint64)
        draw_pf_trains(first, stop, fibers, *stream, *table, words, *spikes)
    else:
        offsets[:] = 0
    offsets += len(log.ids)
    return extended

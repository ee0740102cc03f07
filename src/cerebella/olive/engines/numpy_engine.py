"""The reference engine: every rule of the model as one line of numpy, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Block, BlockSpikes, Model, Plan
from cerebella.olive.engines.weight_sample import WeightSample, sample_weights
from cerebella.olive.inputs import input_rates, mf_spikes, pf_spikes, redraw_inputs
from cerebella.olive.perturbations import Drive
from cerebella.olive.plasticity import (
    depress,
    pairs_that_count,
    potentiate,
    unclaimed_arrivals,
)
from cerebella.olive.random_drive import normal_noise
from cerebella.olive.state import State, copy_state
from cerebella.olive.step_coefficients import NEURONS
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit, efficacy_units
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

Ids = npt.NDArray[np.int64]
_NO_SPIKES = np.zeros(0, dtype=np.int64)


class NumpyEngine:
    """Advances all cells together, one time step after the other."""

    def __init__(self, model: Model, state: State) -> None:
        self.model = model
        self._state = copy_state(state)
        self._sources = _sources(model.circuit)
        self._efficacies, self._scales = _efficacies(model)
        self._spikes = {
            name: _split_by_step(state[f"{name}.spike_steps"], state[f"{name}.spike_ids"])
            for name in POPULATIONS
        }

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        for plan in plans:
            yield self._advance(plan)

    def weights(self) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights (n PC, fan-in), in units of 2⁻²⁶."""
        return self._state["weights"]

    def weight_sample(self, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights, and those of chosen synapses."""
        n_zones = self.model.circuit.sizes["DCN"]
        return sample_weights(self.weights(), n_zones, n_bins, synapses)

    def state(self) -> State:
        """Return a copy of the state."""
        state = copy_state(self._state)
        for name, by_step in self._spikes.items():
            counts = [len(ids) for ids in by_step.values()]
            state[f"{name}.spike_steps"] = np.repeat(np.array(list(by_step), np.int64), counts)
            ids = np.concatenate([_NO_SPIKES, *by_step.values()])
            state[f"{name}.spike_ids"] = ids.astype(np.int32)
        return state

    def _advance(self, plan: Plan) -> Block:
        first = int(self._state["step"])
        steps = range(first, plan.stop)
        self._rates = input_rates(plan.drive, self.model.parameters.time_step_ms)
        redraw_inputs(self._state, plan.drive, self._rates, self.model.seed, first)
        noise = self._noise(first, plan.stop)
        request = self.model.voltages
        samples = {name: [] for name in request.cells}
        by_step: dict[str, list[Ids]] = {name: [] for name in POPULATIONS}
        for step in steps:
            fired = self._step(step, plan.drive, {n: x[step - first] for n, x in noise.items()})
            for name, ids in fired.items():
                by_step[name].append(ids)
            if step % request.every == 0:
                for name, cells in request.cells.items():
                    samples[name].append(self._state[f"{name}.v"][cells])
        self._state["step"] = np.array(plan.stop, dtype=np.int64)
        return Block(
            first,
            plan.stop,
            {name: _pack(lists) for name, lists in by_step.items()},
            {
                name: np.array(rows, dtype=np.float32).reshape(-1, len(request.cells[name]))
                for name, rows in samples.items()
            },
        )

    def _step(self, step: int, drive: Drive, noise: dict[str, npt.NDArray]) -> dict[str, Ids]:
        """Advance by one step and return who fired."""
        inputs = (self._state, self._rates, self.model, step)
        fired = {"PF": pf_spikes(*inputs), "MF": mf_spikes(*inputs)}
        for name, ids in fired.items():
            self._spikes[name][step] = ids
        for synapse in SYNAPSE_CLASSES:
            self._deliver(synapse, step, drive)
        self._learn_from_arrivals(step, drive)
        currents = self._currents(drive, noise)
        for name in NEURONS:
            fired[name] = self._spikes[name][step] = self._update(name, step, currents[name])
        self._learn_from_pairs(step, drive, fired["PC"])
        for name, by_step in self._spikes.items():
            by_step.pop(step - self.model.coefficients.history[name], None)
        return fired

    def _arrivals(self, synapse: str, step: int, drive: Drive) -> Ids:
        """Return the source cells whose spikes arrive in this step."""
        if synapse in drive.cut:
            return _NO_SPIKES
        source, _ = SYNAPSE_CLASSES[synapse]
        emitted = step - self.model.coefficients.synapses[synapse].delay
        return self._spikes[source].get(emitted, _NO_SPIKES)

    def _deliver(self, synapse: str, step: int, drive: Drive) -> None:
        """Let g jump where spikes arrive; sums are of whole numbers, whatever the order."""
        ids = self._arrivals(synapse, step, drive)
        n_spikes = np.bincount(ids, minlength=self.model.circuit.sizes[SYNAPSE_CLASSES[synapse][0]])
        weights = self.weights() if synapse == "pf_purkinje" else self._efficacies[synapse]
        total = (n_spikes[self._sources[synapse]] * weights).sum(axis=1)
        self._state[f"g.{synapse}"] += total * self._scales[synapse]

    def _update(self, name: str, step: int, current: npt.NDArray) -> Ids:
        """Advance the neurons of one population (Crank–Nicolson); return who fired."""
        state, cell = self._state, self.model.coefficients.cells[name]
        v, theta = state[f"{name}.v"], state[f"{name}.theta"]
        conductance, drive = np.zeros(len(v)), np.full(len(v), cell.pull)
        for synapse, (_, target) in SYNAPSE_CLASSES.items():
            if target == name:
                g, coefficients = state[f"g.{synapse}"], self.model.coefficients.synapses[synapse]
                conductance += g
                drive += g * (cell.half * coefficients.reversal)
                g *= coefficients.decay
        drive += cell.half * current
        middle = (v + drive) / (cell.load + cell.half * conductance)
        v[:] = 2 * middle - v
        theta[:] = theta * cell.threshold_decay + cell.threshold_pull
        for emitted, ids in self._spikes[name].items():
            if emitted >= step - cell.hold_steps:
                v[ids] = cell.reset
        fired = np.flatnonzero(v >= theta)
        v[fired] = cell.reset
        theta[fired] = cell.threshold_max
        return fired

    def _currents(self, drive: Drive, noise: dict[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Return what flows into each neuron besides synaptic current, mV/ms."""
        sizes, circuit = self.model.circuit.sizes, self.model.circuit
        currents = {name: np.zeros(sizes[name]) for name in NEURONS}
        currents["IO"] = drive.io_bias_mV_per_ms + circuit.io_bias_offset
        for name, values in noise.items():
            currents[name] = currents[name] + self.model.coefficients.cells[name].noise * values
        v, (cell, partner) = self._state["IO.v"], circuit.gaps.T
        gap = np.zeros(sizes["IO"])
        np.add.at(gap, cell, v[partner] - v[cell])
        currents["IO"] = currents["IO"] + drive.gap_per_ms * gap
        return currents

    def _noise(self, first: int, stop: int) -> dict[str, npt.NDArray]:
        cells, sizes = self.model.coefficients.cells, self.model.circuit.sizes
        return {
            name: normal_noise(self.model.seed, POPULATIONS.index(name), sizes[name], first, stop)
            for name in NEURONS
            if cells[name].noise
        }

    def _learn_from_arrivals(self, step: int, drive: Drive) -> None:
        """Judge PF spikes as they and CF spikes arrive at the Purkinje cells."""
        coefficients, state, circuit = self.model.coefficients, self._state, self.model.circuit
        rule = self.model.parameters.plasticity.rule
        learns = drive.plasticity and "pf_purkinje" not in drive.cut
        pf = self._arrivals("pf_purkinje", step, drive)
        if rule == "pair":
            state["last_pf"][pf] = step
        if rule == "conjunctive" and learns:
            arrived = np.bincount(pf, minlength=circuit.sizes["PF"])
            potentiate(self.weights(), arrived[circuit.pf_of_purkinje], coefficients.ltp)
        for io in self._arrivals("cf_purkinje", step, drive):
            last, state["last_cf"][io] = int(state["last_cf"][io]), step
            if not learns:
                continue
            own = np.flatnonzero(circuit.io_of_purkinje == io)
            part = self.weights()[own]
            sources = circuit.pf_of_purkinje[own]
            if rule == "conjunctive":
                counts = self._unclaimed(step, last)
                depress(part, counts[sources], coefficients.ltp + coefficients.ltd)
            else:
                pairs = pairs_that_count(state["last_pf"], last, step, coefficients.window)
                depress(part, pairs[sources], coefficients.ltd)
            self.weights()[own] = part

    def _unclaimed(self, step: int, last_cf: int) -> npt.NDArray[np.int64]:
        delay, window = (
            self.model.coefficients.synapses["pf_purkinje"].delay,
            self.model.coefficients.window,
        )
        recent = {
            emitted + delay: ids
            for emitted, ids in self._spikes["PF"].items()
            if step - window < emitted + delay <= step
        }
        steps = np.repeat(np.array(list(recent), np.int64), [len(i) for i in recent.values()])
        ids = np.concatenate([_NO_SPIKES, *recent.values()])
        n_pf = self.model.circuit.sizes["PF"]
        return unclaimed_arrivals(steps, ids, n_pf, step, window, last_cf)

    def _learn_from_pairs(self, step: int, drive: Drive, purkinje: Ids) -> None:
        """Rule "pair": potentiate the synapses whose last PF spike each PC spike follows."""
        if self.model.parameters.plasticity.rule != "pair" or not drive.plasticity:
            return
        coefficients, state, circuit = self.model.coefficients, self._state, self.model.circuit
        for cell in purkinje:
            last_cf = int(state["last_cf"][circuit.io_of_purkinje[cell]])
            pairs = pairs_that_count(state["last_pf"], last_cf, step, coefficients.pair_window)
            potentiate(self.weights()[cell], pairs[circuit.pf_of_purkinje[cell]], coefficients.ltp)


def _sources(circuit: Circuit) -> dict[str, npt.NDArray[np.int32]]:
    """Return the source cells of each target, (n target, fan-in), by class of synapses."""
    return {
        "pf_purkinje": circuit.pf_of_purkinje,
        "pf_bc": circuit.pf_of_bc,
        "bc_purkinje": circuit.bc_of_purkinje,
        "cf_purkinje": circuit.io_of_purkinje[:, None],
        "purkinje_dcn": circuit.purkinje_of_dcn,
        "mf_dcn": circuit.mf_of_dcn[:, None],
        "dcn_io": circuit.dcn_of_io,
    }


def _efficacies(model: Model) -> tuple[dict[str, npt.NDArray], dict[str, npt.NDArray]]:
    """Return whole-number efficacies, and what turns their sum into a jump of g (1/ms)."""
    circuit, jumps = model.circuit, model.coefficients.synapses
    efficacies = {name: np.array(1) for name in SYNAPSE_CLASSES}
    scales = {name: np.array(jumps[name].jump) for name in SYNAPSE_CLASSES}
    per_unit = {name: np.array(jumps[name].jump / UNITS_PER_WEIGHT) for name in SYNAPSE_CLASSES}
    scales["pf_purkinje"] = per_unit["pf_purkinje"]
    efficacies["bc_purkinje"] = efficacy_units(circuit.bc_purkinje_factor).astype(np.int64)
    scales["bc_purkinje"] = per_unit["bc_purkinje"]
    if circuit.pf_bc_factor.ndim == 2:
        efficacies["pf_bc"] = efficacy_units(circuit.pf_bc_factor).astype(np.int64)
        scales["pf_bc"] = per_unit["pf_bc"]
    else:
        scales["pf_bc"] = jumps["pf_bc"].jump * circuit.pf_bc_factor
    return efficacies, scales


def _split_by_step(steps: npt.NDArray[np.int64], ids: npt.NDArray) -> dict[int, Ids]:
    return {int(step): ids[steps == step].astype(np.int64) for step in np.unique(steps)}


def _pack(by_step: list[Ids]) -> BlockSpikes:
    offsets = np.concatenate([[0], np.cumsum([len(ids) for ids in by_step])])
    return BlockSpikes(np.concatenate([_NO_SPIKES, *by_step]), offsets.astype(np.int64))

"""The reference engine: each equation of the model as a line of numpy, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Block, BlockSpikes, Model, Plan
from cerebella.olive.engines.weight_sample import WeightSample, sample_weights
from cerebella.olive.inputs import input_rates, mf_spikes, pf_spikes, redraw_inputs
from cerebella.olive.perturbations import Drive, dcn_of_io, io_bias, learns, learns_at_dcn
from cerebella.olive.plasticity import change_weights, changes_by_pf, time_since
from cerebella.olive.random_drive import normal_noise
from cerebella.olive.rules.events import LAST_PF, Event, Paired
from cerebella.olive.state import RecentSpikes, State
from cerebella.olive.step_coefficients import NEURONS
from cerebella.olive.wiring import UNITS_PER_WEIGHT, Circuit, efficacy_units
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

Ids = npt.NDArray[np.int64]
_NO_SPIKES = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Numpy:
    """The reference engine of the olivocerebellar loop, which is slow.

    Examples
    --------
    >>> cb.Numpy().name
    'numpy'
    """

    name: ClassVar[str] = "numpy"
    cite: ClassVar[tuple[str, ...]] = ("numpy2020",)
    extra: ClassVar[str] = ""

    def versions(self) -> dict[str, str]:
        """Return the version of numpy."""
        return {"numpy": np.__version__}

    def is_available(self) -> bool:
        """Return whether numpy is installed."""
        return True

    def settings(self) -> dict[str, Any]:
        """Return no settings."""
        return {}


class NumpyIntegrator:
    """Advances all cells together, one time step after the other."""

    def __init__(self, model: Model, state: State) -> None:
        self.model = model
        self._state = state.copy()
        self._sources = _sources(model.circuit)
        self._efficacies, self._scales = _efficacies(model)
        self._spikes = {name: _split_by_step(spikes) for name, spikes in state.recent.items()}

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        for plan in plans:
            yield self._advance(plan)

    def weights(self) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights (n PC, fan-in), in units of 2⁻²⁶."""
        return self._state.weights

    def mf_weights(self) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights (n DCN,), in units of 2⁻²⁶."""
        return self._state.mf_weights

    def weight_sample(self, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights, and the weights of chosen synapses."""
        n_zones = self.model.circuit.sizes["DCN"]
        return sample_weights(self.weights(), n_zones, n_bins, synapses)

    def state(self) -> State:
        """Return a copy of the state."""
        state = self._state.copy()
        for name, by_step in self._spikes.items():
            counts = [len(ids) for ids in by_step.values()]
            steps = np.repeat(np.array(list(by_step), np.int64), counts)
            ids = np.concatenate([_NO_SPIKES, *by_step.values()])
            state.recent[name] = RecentSpikes(steps, ids.astype(np.int32))
        return state

    def _advance(self, plan: Plan) -> Block:
        first = self._state.step
        steps = range(first, plan.stop)
        self._sources["dcn_io"] = dcn_of_io(plan.drive, self.model.circuit.dcn_of_io)
        self._rates = input_rates(plan.drive, self.model.parameters.time_step_ms)
        redraw_inputs(self._state.inputs, plan.drive, self._rates, self.model.seed, first)
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
                    samples[name].append(self._state.cells[name].v[cells])
        self._state.step = plan.stop
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
        """Advance by one step and return the cells that fired."""
        inputs = (self._state.inputs, self._rates, self.model, step)
        fired = {"PF": pf_spikes(*inputs), "MF": mf_spikes(*inputs)}
        for name, ids in fired.items():
            self._spikes[name][step] = ids
        for synapse in SYNAPSE_CLASSES:
            self._deliver(synapse, step, drive)
        self._learn_from_arrivals(step, drive)
        self._learn_from_mfs(step, drive)
        currents = self._currents(step, drive, noise)
        for name in NEURONS:
            fired[name] = self._spikes[name][step] = self._update(name, step, currents[name])
        self._learn_from_pcs(step, drive, fired["PC"])
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
        """Increase g where spikes arrive; sums of integers do not depend on their order."""
        ids = self._arrivals(synapse, step, drive)
        n_spikes = np.bincount(ids, minlength=self.model.circuit.sizes[SYNAPSE_CLASSES[synapse][0]])
        weights = self.weights() if synapse == "pf_purkinje" else self._efficacies[synapse]
        total = (n_spikes[self._sources[synapse]] * weights).sum(axis=1)
        scale = self._scales[synapse]
        if synapse == "mf_dcn" and self.model.coefficients.mossy is not None:
            scale = self._state.mf_weights * (scale / UNITS_PER_WEIGHT)
        self._state.conductances[synapse] += total * scale

    def _update(self, name: str, step: int, current: npt.NDArray) -> Ids:
        """Advance the neurons of one population (Crank–Nicolson); return the cells that fired."""
        state, cell = self._state, self.model.coefficients.cells[name]
        v, theta = state.cells[name]
        conductance, drive = np.zeros(len(v)), np.full(len(v), cell.pull)
        for synapse, (_, target) in SYNAPSE_CLASSES.items():
            if target == name:
                g, coefficients = (
                    state.conductances[synapse],
                    self.model.coefficients.synapses[synapse],
                )
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

    def _currents(
        self, step: int, drive: Drive, noise: dict[str, npt.NDArray]
    ) -> dict[str, npt.NDArray]:
        """Return the nonsynaptic current of each neuron, mV/ms."""
        sizes, circuit = self.model.circuit.sizes, self.model.circuit
        currents = {name: np.zeros(sizes[name]) for name in NEURONS}
        currents["IO"] = io_bias(drive, circuit.io_bias_offset)
        for name, values in noise.items():
            currents[name] = currents[name] + self.model.coefficients.cells[name].noise * values
        v, (cell, partner) = self._state.cells["IO"].v, circuit.gaps.T
        gap = np.zeros(sizes["IO"])
        np.add.at(gap, cell, v[partner] - v[cell])
        fired = np.isin(partner, self._spikes["IO"].get(step - 1, _NO_SPIKES))
        np.add.at(gap, cell[fired], self.model.coefficients.spike_height)
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
        """Change the weights as PF and CF spikes arrive at the Purkinje cells."""
        rule, state, circuit = self.model.coefficients.rule, self._state, self.model.circuit
        pf = self._arrivals("pf_purkinje", step, drive)
        if rule is not None and rule.takes(LAST_PF):
            state.last_pf[pf] = step
        if rule is not None and learns(drive) and rule.events.on_pf:
            arrived = np.bincount(pf, minlength=circuit.sizes["PF"])
            n_cells = circuit.sizes["PC"] if rule.events.on_pf.varies else 1
            by_cell = [
                rule.events.on_pf.units(0.0, *self._since(step, cell)) for cell in range(n_cells)
            ]
            changes = np.array(by_cell)[:, None] * arrived[circuit.pf_of_purkinje]
            state.weights = change_weights(state.weights, changes)
        for io in self._arrivals("cf_purkinje", step, drive):
            if rule is not None and learns(drive) and rule.events.on_cf:
                own = np.flatnonzero(circuit.io_of_purkinje == io)
                alike = not rule.takes("since_pc_ms")
                for cells in [own] if alike else own[:, None]:
                    self._change(cells, rule.events.on_cf, step)
            state.last_cf[io] = step

    def _learn_from_mfs(self, step: int, drive: Drive) -> None:
        """Average the rates of PCs, and change the weights of MF→DCN."""
        mossy, state, circuit = self.model.coefficients.mossy, self._state, self.model.circuit
        if mossy is None:
            return
        from_pc, from_mf = (
            np.bincount(self._arrivals(synapse, step, drive), minlength=circuit.sizes[source])
            for synapse, source in (("purkinje_dcn", "PC"), ("mf_dcn", "MF"))
        )
        rate_Hz = state.pc_rate_Hz + from_pc[circuit.purkinje_of_dcn].sum(axis=1) * mossy.jump
        if learns_at_dcn(drive, mossy):
            change = np.where(rate_Hz < mossy.pause, mossy.ltp, -mossy.ltd)
            changed = state.mf_weights + from_mf[circuit.mf_of_dcn] * change
            state.mf_weights = np.clip(changed, 0, 2 * UNITS_PER_WEIGHT).astype(np.int32)
        state.pc_rate_Hz = rate_Hz * mossy.decay

    def _learn_from_pcs(self, step: int, drive: Drive, fired: Ids) -> None:
        """Change the weights of Purkinje cells that fire."""
        rule = self.model.coefficients.rule
        if rule is None:
            return
        if learns(drive) and rule.events.on_pc:
            for cell in fired:
                self._change(np.array([cell]), rule.events.on_pc, step)
        if rule.takes("since_pc_ms"):
            self._state.last_pc[fired] = step

    def _since(self, step: int, cell: int) -> tuple[float, float]:
        """Return the times in ms since the last CF spike and the last spike of a Purkinje cell."""
        state, step_ms = self._state, self.model.parameters.time_step_ms
        last_cf = state.last_cf[self.model.circuit.io_of_purkinje[cell]]
        lasts = int(last_cf), int(state.last_pc[cell])
        return time_since(lasts[0], step, step_ms), time_since(lasts[1], step, step_ms)

    def _change(self, cells: npt.NDArray[np.integer], event: Event, step: int) -> None:
        """Change the weights of Purkinje cells of one climbing fiber at a CF or PC spike."""
        circuit, weights = self.model.circuit, self._state.weights
        since = self._since(step, int(cells[0]))
        step_ms, n_pf = self.model.parameters.time_step_ms, circuit.sizes["PF"]
        changes = changes_by_pf(event, self._ages(event, step), since, step_ms, n_pf)
        weights[cells] = change_weights(weights[cells], changes[circuit.pf_of_purkinje[cells]])

    def _ages(self, event: Event, step: int) -> tuple[npt.NDArray[np.int64], Ids]:
        """Return age in steps, and PF, of the arrivals with which an event is paired."""
        rule, step_ms = self.model.coefficients.rule, self.model.parameters.time_step_ms
        memory = 0 if rule is None else rule.memory_steps(step_ms)
        if event.paired is Paired.LAST:
            ages = step - self._state.last_pf
            ids = np.flatnonzero(ages < memory)
            return ages[ids], ids
        delay = self.model.coefficients.synapses["pf_purkinje"].delay
        by_age = {step - emitted - delay: ids for emitted, ids in self._spikes["PF"].items()}
        by_age = {age: ids for age, ids in by_age.items() if 0 <= age < memory}
        ages = np.repeat(np.array(list(by_age), np.int64), [len(i) for i in by_age.values()])
        return ages, np.concatenate([_NO_SPIKES, *by_age.values()])


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
    """Return integer efficacies, and the jump of g (1/ms) per unit of their sum."""
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


def _split_by_step(spikes: RecentSpikes) -> dict[int, Ids]:
    steps, ids = spikes
    return {int(step): ids[steps == step].astype(np.int64) for step in np.unique(steps)}


def _pack(by_step: list[Ids]) -> BlockSpikes:
    offsets = np.concatenate([[0], np.cumsum([len(ids) for ids in by_step])])
    return BlockSpikes(np.concatenate([_NO_SPIKES, *by_step]), offsets.astype(np.int64))

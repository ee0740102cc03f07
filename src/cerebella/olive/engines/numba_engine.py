"""The fast engine: the same spikes and weights as the numpy engine, to the last bit.

The circuit falls into two stages. The basket cells hear the parallel fibres and nobody else,
so the *front* (fibres, basket cells) can run a block ahead of the *back* (Purkinje, nuclear
and olivary cells, plasticity), on a second core if there is one. Nothing is shared between
them but finished blocks, so the number of threads changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines import input_kernels, kernels
from cerebella.olive.engines.arrays import (
    LOOP_POPULATIONS,
    basket_wires,
    jump_scale,
    loop_cells,
    loop_rules,
    loop_wires,
    spread_weights,
)
from cerebella.olive.engines.engine import Block, BlockSpikes, Model, Plan
from cerebella.olive.engines.spike_log import SpikeLog, log_of_state
from cerebella.olive.inputs import input_rates, redraw_inputs
from cerebella.olive.state import State, copy_state
from cerebella.olive.streams import FlipTable, normal_noise
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.randomness import Purpose

_FRONT = ("PF", "MF", "BC")


class _Front(NamedTuple):
    """A block of the front, and the state at its end."""

    plan: Plan
    spikes: dict[str, BlockSpikes]
    samples: npt.NDArray[np.float32]
    state: State


class NumbaEngine:
    """Advances in compiled code, with one thread or with two."""

    def __init__(self, model: Model, state: State, threads: int = 1) -> None:
        self.model, self.threads = model, threads
        self._state = copy_state(state)
        self._wires, self._where = loop_wires(model.circuit)
        self._basket_wires = basket_wires(model)
        self._flat = spread_weights(state["weights"], model.circuit, self._where)
        self._grown = np.zeros(model.circuit.sizes["PF"], dtype=np.int32)
        step, history = int(state["step"]), model.constants.history
        self._logs = {
            name: log_of_state(
                state[f"{name}.spike_steps"],
                state[f"{name}.spike_ids"],
                step - history[name],
                step,
            )
            for name in POPULATIONS
        }
        self._front_state = {n: x for n, x in self._state.items() if _belongs_to_front(n)}
        self._front_pf = self._logs["PF"]
        self._front_step = step
        self._scale = jump_scale(model, "pf_bc")

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
        """Return the PF→PKJ weights (n PKJ, fan-in), in units of 2⁻²⁶."""
        weights = np.empty_like(self._where)
        sources = self.model.circuit.pf_of_pkj
        kernels.read_weights(self._flat, self._grown, self._where, sources, weights)
        return weights

    def state(self) -> State:
        """Return a copy of the state."""
        state = copy_state(self._state)
        state["weights"] = self.weights()
        for name, log in self._logs.items():
            state[f"{name}.spike_steps"], state[f"{name}.spike_ids"] = log.as_steps()
        return state

    def _front(self, plan: Plan) -> _Front:
        """Draw the inputs of a block and advance the basket cells."""
        model, state, first = self.model, self._front_state, self._front_step
        rates = input_rates(plan.drive, model.parameters.time_step_ms)
        redraw_inputs(state, plan.drive, rates, model.seed, first)
        pf = _draw_pf(model, state, rates.table, first, plan.stop)
        mf = _draw_mf(model, state, rates.mf_interval, first, plan.stop)
        pf_log = self._front_pf.joined(pf)
        log = _room_for(SpikeLog(first, *_EMPTY), model, "BC", first, plan.stop)
        samples = _room_for_samples(model, ["BC"], first, plan.stop)
        kernels.run_basket_cells(
            first,
            plan.stop,
            "pf_bc" not in plan.drive.cut,
            tuple(pf_log),
            self._basket_wires,
            (*(state[f"BC.{x}"] for x in ("v", "theta", "hold")), state["g.pf_bc"], self._scale),
            model.constants.synapses["pf_bc"],
            model.constants.cells["BC"],
            _noise(model, "BC", first, plan.stop),
            (log.ids, log.offsets, *_sampled(model, ["BC"]), samples),
        )
        self._front_pf = pf_log.tail(model.constants.history["PF"])
        self._front_step = plan.stop
        spikes = {"PF": pf, "MF": mf, "BC": log.since(first)}
        return _Front(plan, spikes, samples, copy_state(state))

    def _back(self, front: _Front) -> Block:
        """Advance the loop through a block whose inputs are known."""
        model, state = self.model, self._state
        first, stop, drive = int(state["step"]), front.plan.stop, front.plan.drive
        logs = {name: self._logs[name].joined(front.spikes[name]) for name in _FRONT}
        for name in LOOP_POPULATIONS:
            logs[name] = _room_for(self._logs[name], model, name, first, stop)
        samples = _room_for_samples(model, LOOP_POPULATIONS, first, stop)
        ordered = [logs[name] for name in POPULATIONS]
        columns = [column for log in ordered for column in (log.ids, log.offsets)]
        kernels.run_loop(
            first,
            stop,
            loop_rules(model, drive),
            (*columns, tuple(log.first for log in ordered)),
            self._wires,
            (self._flat, self._grown, self._where, model.circuit.pf_of_pkj),
            self._memory(logs["PF"], first),
            loop_cells(model, state),
            tuple(model.constants.cells[name] for name in LOOP_POPULATIONS),
            (
                drive.io_bias_mV_per_ms + model.circuit.io_bias_offset,
                *(_noise(model, name, first, stop) for name in LOOP_POPULATIONS),
            ),
            (*_sampled(model, LOOP_POPULATIONS), samples),
        )
        state["step"] = np.array(stop, dtype=np.int64)
        state.update(front.state)
        history = model.constants.history
        self._logs = {name: log.tail(history[name]) for name, log in logs.items()}
        spikes = {**front.spikes, **{name: logs[name].since(first) for name in LOOP_POPULATIONS}}
        return Block(first, stop, spikes, _split_samples(model, front.samples, samples))

    def _memory(self, pf: SpikeLog, first: int) -> tuple[npt.NDArray, ...]:
        """Return the PFs' arrivals in the window before a block, and what else rules need."""
        delay = self.model.constants.synapses["pf_pkj"].delay
        emitted, ids = pf.as_steps()
        window = self.model.constants.window
        recent = (emitted + delay >= first - window) & (emitted + delay < first)
        counts = np.bincount(ids[recent], minlength=self.model.circuit.sizes["PF"])
        counts = counts.astype(np.int32)
        return counts, np.zeros_like(counts), self._state["last_pf"], self._state["last_cf"]


_EMPTY = (np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64))


def _belongs_to_front(name: str) -> bool:
    return name.startswith(("pf.", "mf.", "BC.")) or name in ("g.pf_bc", "rates_Hz")


def _room_for(log: SpikeLog, model: Model, name: str, first: int, stop: int) -> SpikeLog:
    """Extend a log by a block; no cell fires more than once in its refractory period."""
    hold = model.constants.cells[name].hold_steps
    most = model.circuit.sizes[name] * ((stop - first) // (hold + 1) + 1)
    return log.extended(stop - first, most)


def _noise(model: Model, name: str, first: int, stop: int) -> npt.NDArray[np.float64]:
    """Return the noise of a population, mV/ms: (n_steps, n), or (0, 0) for none."""
    amplitude = model.constants.cells[name].noise
    if not amplitude:
        return np.zeros((0, 0))
    stream, n = POPULATIONS.index(name), model.circuit.sizes[name]
    return amplitude * normal_noise(model.seed, stream, n, first, stop)


def _sampled(model: Model, names: Sequence[str]) -> tuple[npt.NDArray[np.int32], int]:
    """Return the places of sampled cells among all cells of these populations; how often."""
    places, start = [np.zeros(0, dtype=np.int32)], 0
    for name in names:
        places.append(model.voltages.cells.get(name, places[0]) + start)
        start += model.circuit.sizes[name]
    return np.concatenate(places).astype(np.int32), model.voltages.every


def _room_for_samples(
    model: Model, names: Sequence[str], first: int, stop: int
) -> npt.NDArray[np.float32]:
    cells, every = _sampled(model, names)
    return np.zeros((-(-stop // every) - -(-first // every), len(cells)), dtype=np.float32)


def _split_samples(
    model: Model, front: npt.NDArray[np.float32], back: npt.NDArray[np.float32]
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the samples of each population that has any."""
    cells = model.voltages.cells
    ends = np.cumsum([len(cells.get(name, ())) for name in LOOP_POPULATIONS])
    parts = dict(zip(LOOP_POPULATIONS, np.split(back, ends[:-1], axis=1), strict=True))
    return {name: part for name, part in ({"BC": front} | parts).items() if name in cells}


def _draw_pf(model: Model, state: State, table: FlipTable, first: int, stop: int) -> BlockSpikes:
    n_pf, refractory = model.circuit.sizes["PF"], model.constants.pf_refractory
    offsets = np.zeros(stop - first + 1, dtype=np.int64)
    if not len(table.thresholds):
        return BlockSpikes(np.zeros(0, dtype=np.int32), offsets)
    most = n_pf * ((stop - first) // (refractory + 1) + 1)  # memory that is never touched is free
    scratch = np.empty((2, most), dtype=np.int32)
    ids = np.empty(most, dtype=np.int32)
    n = input_kernels.draw_pf_trains(
        first,
        stop,
        (state["pf.ready"], state["pf.next"], state["pf.draw"]),
        int(Purpose.LOOP_PF_TRAIN),
        model.seed,
        refractory,
        *table,
        scratch,
        ids,
        offsets,
    )
    return BlockSpikes(ids[:n].copy(), offsets)


def _draw_mf(model: Model, state: State, interval: float, first: int, stop: int) -> BlockSpikes:
    """Draw MF spikes; a Poisson process has no bound, so try again with more room."""
    n_mf, offsets = model.circuit.sizes["MF"], np.zeros(stop - first + 1, dtype=np.int64)
    room = int(2 * n_mf * (stop - first) / interval) + 100
    while True:
        next_spike, draw = state["mf.next"].copy(), state["mf.draw"].copy()
        ids = np.empty(room, dtype=np.int32)
        n = input_kernels.draw_mf_trains(
            first,
            stop,
            next_spike,
            draw,
            int(Purpose.LOOP_MF_TRAIN),
            model.seed,
            interval,
            ids,
            offsets,
        )
        if n >= 0:
            state["mf.next"], state["mf.draw"] = next_spike, draw
            return BlockSpikes(ids[:n].copy(), offsets)
        room *= 2

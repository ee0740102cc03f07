"""Integration on a device: many circuits at once, or one that is distributed over the device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import card_target, free_memory_GB, is_simulated
from cerebella.errors import InputError, MachineError
from cerebella.olive.engines.cuda.arrays import RINGS, Circuits
from cerebella.olive.engines.cuda.conversion import (
    Arrays,
    coefficient_arrays,
    setting_arrays,
    state_arrays,
    state_from_device,
    structure_of,
    table_arrays,
    wiring_arrays,
)
from cerebella.olive.engines.cuda.kernels import THREADS, kernels_of, launch_phases, launch_resident
from cerebella.olive.engines.cuda.rule_functions import changes_of
from cerebella.olive.engines.cuda.weighing import weigh_circuits
from cerebella.olive.engines.engine import Block, BlockSpikes, Model, Plan
from cerebella.olive.engines.mossy_trains import draw_mf
from cerebella.olive.engines.spike_log import log_of_state
from cerebella.olive.engines.weight_sample import WeightSample
from cerebella.olive.inputs import input_rates, redraw_inputs
from cerebella.olive.perturbations import Drive
from cerebella.olive.random_drive import FlipTable
from cerebella.olive.state import FiberState, State

RESIDENT_CELLS = 8192
"""Largest circuit, in neurons, that one block of threads holds."""

_SIMULATED_THREADS, _SIMULATED_BLOCKS = 4, 2
_BLOCKS = 264
"""Blocks of a large circuit, two for each multiprocessor of an H100."""

_GB = 1e9


class CudaBatch:
    """Circuits of one structure, advanced together on a device; their plans end together."""

    def __init__(self, models: Sequence[Model], states: Sequence[State], device: int = 0) -> None:
        self.models, self._device = list(models), device
        self._shape = structure_of(models)
        self._rests = [state.copy() for state in states]
        self.step = states[0].step
        self._watched = [np.zeros(0, np.int64) for _ in models]
        self._weighed: tuple[Any, Any] = (None, None)
        self._mf_logs = [
            log_of_state(s.recent["MF"], s.step - m.coefficients.history["MF"], s.step)
            for m, s in zip(models, states, strict=True)
        ]
        with self._on_card():
            arrays = self._gathered(models, states)
            check_memory(sum(array.nbytes for array in arrays.values()), device)
            self._arrays = {name: cuda.to_device(array) for name, array in arrays.items()}
            self._host = {name: arrays[name] for name in ("where", "keep")}
            self._kernels = kernels_of(
                self._shape, changes_of(models[0].coefficients.rule, card_target())
            )

    def blocks(self, plans: Iterable[Sequence[Plan]]) -> Iterator[Sequence[Block]]:
        """Yield the blocks of all circuits for each set of plans."""
        return map(self.advance, plans)

    def advance(self, plans: Sequence[Plan]) -> list[Block]:
        """Advance each circuit by its plan, and return the blocks."""
        for plan in plans:
            check_drive(plan.drive)
        first, stop = self.step, plans[0].stop
        with self._on_card():
            mf = self._set_up(plans, first, stop)
            arrays = Circuits(**{name: self._arrays[name] for name in Circuits._fields})
            if self._is_large:
                launch_phases(
                    self._kernels, self._shape, arrays, first, stop, _blocks(), _threads()
                )
            else:
                launch_resident(self._kernels, arrays, first, stop, _threads())
            self._check_changes()
            spikes, samples = self._spikes(first, stop), self._fetched("samples")
        self.step = stop
        blocks = []
        for c, model in enumerate(self.models):
            by_name = {"PF": spikes[c]["PF"], "MF": mf[c]} | spikes[c]
            columns = np.cumsum([0, *(len(cells) for cells in model.voltages.cells.values())])
            voltages = {
                name: samples[c][: _n_samples(model, first, stop), start:end]
                for name, start, end in zip(
                    model.voltages.cells, columns[:-1], columns[1:], strict=True
                )
            }
            blocks.append(Block(first, stop, by_name, voltages))
        return blocks

    def state(self, c: int) -> State:
        """Return the state of a circuit."""
        with self._on_card():
            arrays = {
                name: self._arrays[name][c].copy_to_host()
                for name in (
                    "v", "theta", "g", "weights", "mf_weights", "pc_rate_Hz", "last_cf",
                    "last_pf", "last_pc", "fibers", "recent", "ring", "counts",
                )
            }  # fmt: skip
        arrays["where"] = self._where(c)
        rest = self._rests[c]
        rest.recent["MF"] = self._mf_logs[c].as_recent()
        return state_from_device(self.models[c], arrays, self._shape, rest, self.step)

    def weights(self, c: int) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights of a circuit (n PC, fan-in), in units of 2⁻²⁶."""
        with self._on_card():
            flat = self._arrays["weights"][c].copy_to_host()
        return flat[self._where(c)].reshape(self._shape.n_pc, -1)

    def mf_weights(self, c: int) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights of a circuit (n DCN,), in units of 2⁻²⁶."""
        with self._on_card():
            return self._arrays["mf_weights"][c].copy_to_host()

    def weight_sample(self, c: int, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights of a circuit, and those of chosen synapses.

        All circuits are weighed at once, with the synapses that were last asked for.
        """
        asked = self.step, n_bins
        if self._weighed[0] != asked or not np.array_equal(self._watched[c], synapses):
            self._watched[c] = synapses
            with self._on_card():
                sample = weigh_circuits(
                    self._shape, self._arrays, self._wirings, n_bins, self._watched,
                    _blocks() if self._is_large else 1, _threads(),
                )  # fmt: skip
            self._weighed = asked, sample
        return self._weighed[1](c)

    @property
    def _is_large(self) -> bool:
        """Whether a single circuit is distributed over the card."""
        return len(self.models) == 1 and self._shape.n_cells > RESIDENT_CELLS

    def _where(self, c: int) -> npt.NDArray[np.int32]:
        return self._host["where"][self._wirings[c]]

    def _on_card(self) -> AbstractContextManager[Any]:
        return nullcontext() if is_simulated() else cuda.gpus[self._device]

    def _gathered(self, models: Sequence[Model], states: Sequence[State]) -> Arrays:
        """Return all arrays that do not change between blocks, by circuit or wiring."""
        wirings: dict[int, int] = {}
        wired, self._wirings = [], []
        for model in models:
            if id(model.circuit) not in wirings:
                wirings[id(model.circuit)] = len(wired)
                wired.append(wiring_arrays(model.circuit, self._shape))
            self._wirings.append(wirings[id(model.circuit)])
        by_wiring = _stacked(wired)
        own = [
            coefficient_arrays(model, state, self._shape)
            | state_arrays(model, state, self._shape, by_wiring["where"][wiring])
            for model, state, wiring in zip(models, states, self._wirings, strict=True)
        ]
        return by_wiring | _stacked(own) | table_arrays()

    def _set_up(self, plans: Sequence[Plan], first: int, stop: int) -> list[BlockSpikes]:
        """Put settings and inputs of a block on the device; return the MF spikes."""
        tables: list[FlipTable] = []
        settings, mf = [], []
        fibers: npt.NDArray | None = None
        for c, (model, plan) in enumerate(zip(self.models, plans, strict=True)):
            rates = input_rates(plan.drive, model.parameters.time_step_ms)
            inputs = self._rests[c].inputs
            if inputs.pf_rate_Hz != plan.drive.pf_rate_Hz:
                if fibers is None:
                    fibers = self._fetched("fibers")
                inputs.pf = FiberState(*fibers[c])
            redraw_inputs(inputs, plan.drive, rates, model.seed, first)
            if not any(rates.table is table for table in tables):
                tables.append(rates.table)
            (at,) = (k for k, table in enumerate(tables) if table is rates.table)
            settings.append(setting_arrays(model, plan.drive, at, self._wirings[c]))
            inputs.mf, spikes = draw_mf(model, inputs.mf, rates.mf_interval, first, stop)
            mf.append(spikes)
        if fibers is not None:
            self._put("fibers", fibers)
        for name, array in _stacked(settings).items():
            self._put(name, array)
        self._put_tables(tables)
        self._put_mf(mf, first, stop)
        self._put_output(first, stop)
        return mf

    def _put_tables(self, tables: Sequence[FlipTable]) -> None:
        longest = max([2, *(len(table.thresholds) for table in tables)])
        thresholds = np.zeros((len(tables), longest - 1), np.uint32)
        guide = np.ones((len(tables), 1 << 12), np.int32)
        for k, table in enumerate(tables):
            if len(table.thresholds):
                thresholds[k, : len(table.thresholds) - 1] = table.thresholds[1:]
                guide[k] = table.guide
        self._put("thresholds", thresholds)
        self._put("guide", guide)

    def _put_mf(self, mf: Sequence[BlockSpikes], first: int, stop: int) -> None:
        """Put the MF spikes that arrive in a block, by step of arrival."""
        ids, starts = [], []
        for c, model in enumerate(self.models):
            log = self._mf_logs[c].joined(mf[c])
            row = first - model.coefficients.synapses["mf_dcn"].delay - log.first
            starts.append(log.offsets[row : row + stop - first + 1])
            ids.append(log.ids)
            self._mf_logs[c] = log.tail(model.coefficients.history["MF"])
        padded = np.zeros((len(ids), max([1, *map(len, ids)])), np.int32)
        for row, one in zip(padded, ids, strict=True):
            row[: len(one)] = one
        self._put("mf_ids", padded)
        self._put("mf_starts", np.array(starts))

    def _put_output(self, first: int, stop: int) -> None:
        """Make room for the spikes and samples of a block."""
        kept = self._host["keep"]
        ends = np.cumsum([0, *(self._shape.sizes[name] for name in RINGS)])
        room = []
        for name, start, end in zip(RINGS, ends[:-1], ends[1:], strict=True):
            n_kept = int(kept[:, start:end].sum(axis=1).max())
            hold = min(self._hold(model, name) for model in self.models)
            room.append(n_kept * ((stop - first) // (hold + 1) + 1))
        self._put("out_first", np.cumsum([0, *room]))
        n_samples = max(_n_samples(model, first, stop) for model in self.models)
        n_columns = max(sum(map(len, m.voltages.cells.values())) for m in self.models)
        n = len(self.models)
        self._make("out", (n, sum(room)), np.int64)
        self._make("samples", (n, max(1, n_samples), max(1, n_columns)), np.float32)
        self._put("n_out", np.zeros((n, len(RINGS)), np.int32))
        self._put("block", np.array([first, self.models[0].voltages.every]))

    def _hold(self, model: Model, name: str) -> int:
        of = model.coefficients
        return of.pf_refractory if name == "PF" else of.cells[name].hold_steps

    def _put(self, name: str, array: npt.NDArray) -> None:
        """Copy an array to the device, into the same memory if it fits exactly."""
        there = self._arrays.get(name)
        if there is not None and (there.shape, there.dtype) == (array.shape, array.dtype):
            there.copy_to_device(np.ascontiguousarray(array))
        else:
            self._arrays[name] = cuda.to_device(np.ascontiguousarray(array))

    def _make(self, name: str, size: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        there = self._arrays.get(name)
        if there is None or there.shape != size:
            check_memory(int(np.prod(size)) * np.dtype(dtype).itemsize, self._device)
            self._arrays[name] = cuda.device_array(size, dtype)

    def _fetched(self, name: str) -> npt.NDArray:
        return self._arrays[name].copy_to_host()

    def _check_changes(self) -> None:
        """Raise InputError if a rule gave a change out of range."""
        for c, number in enumerate(self._fetched("refused").tolist()):
            rule = self.models[c].coefficients.rule
            event = rule.events[number - 1] if rule and number else None
            if event is not None:
                raise event.refused(f"{event.label} gave a change out of range during the run")

    def _spikes(self, first: int, stop: int) -> list[dict[str, BlockSpikes]]:
        """Return the spikes of a block by circuit and population, sorted."""
        out, counts, starts = (self._fetched(name) for name in ("out", "n_out", "out_first"))
        steps, found = np.arange(stop - first + 1), []
        silent = BlockSpikes(np.zeros(0, np.int32), np.zeros(len(steps), np.int64))
        for c in range(len(self.models)):
            by_name = {}
            for k, name in enumerate(RINGS):
                if not counts[c, k]:
                    by_name[name] = silent
                    continue
                size = self._shape.sizes[name]
                keys = np.sort(out[c, starts[k] : starts[k] + counts[c, k]])
                ids = (keys % size).astype(np.int32)
                by_name[name] = BlockSpikes(ids, np.searchsorted(keys, steps * size))
            found.append(by_name)
        return found


class CudaIntegrator:
    """One circuit of a batch; the first that asks for a block advances all of them."""

    def __init__(self, batch: CudaBatch, number: int = 0) -> None:
        self._batch, self._number = batch, number

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        for plan in plans:
            yield self._batch.advance([plan])[0]

    def state(self) -> State:
        """Return a copy of the state."""
        return self._batch.state(self._number)

    def weights(self) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights (n PC, fan-in), in units of 2⁻²⁶."""
        return self._batch.weights(self._number)

    def mf_weights(self) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights (n DCN,), in units of 2⁻²⁶."""
        return self._batch.mf_weights(self._number)

    def weight_sample(self, n_bins: int, synapses: npt.NDArray[np.int64]) -> WeightSample:
        """Return the distribution of weights, and the weights of chosen synapses."""
        return self._batch.weight_sample(self._number, n_bins, synapses)


def check_drive(drive: Drive) -> None:
    """Raise InputError for stimuli that this engine does not have."""
    unknown = {
        "rates of PFs that change with time": drive.pf_episode,
        "inhibition yoked to another run or shuffled among IO cells": drive.dcn_of_io,
    }
    for what, given in unknown.items():
        if given is not None:
            raise InputError(f"engine cuda has no {what}", remedy="Choose `engine` numba")


def check_memory(n_bytes: int, device: int = 0) -> None:
    """Raise MachineError if arrays do not fit into the free memory of a card."""
    free_GB = free_memory_GB(device)
    if n_bytes / _GB > free_GB:
        raise MachineError(
            f"the circuits take {n_bytes / _GB:.3g} GB of the card's memory, of which "
            f"{free_GB:.3g} GB are free. Give a smaller scale, or fewer circuits at once"
        )


def _threads() -> int:
    return _SIMULATED_THREADS if is_simulated() else THREADS


def _blocks() -> int:
    return _SIMULATED_BLOCKS if is_simulated() else _BLOCKS


def _n_samples(model: Model, first: int, stop: int) -> int:
    every = model.voltages.every
    return -(-stop // every) - -(-first // every)


def _stacked(arrays: Sequence[Arrays]) -> Arrays:
    """Return arrays of several circuits as one each."""
    return {name: np.stack([one[name] for one in arrays]) for name in arrays[0]}

"""Integration on a device: many circuits at once, or one that is distributed over the device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
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
from cerebella.olive.engines.cuda.kernels import (
    THREADS,
    kernels_of,
    launch_cooperative,
    launch_phases,
    launch_resident,
)
from cerebella.olive.engines.cuda.mossy_input import MossyInput, Trains
from cerebella.olive.engines.cuda.output import Output, blocks_of
from cerebella.olive.engines.cuda.rule_functions import changes_of
from cerebella.olive.engines.cuda.weighing import weigh_circuits
from cerebella.olive.engines.engine import Block, Model, Plan
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
    """Circuits of one structure, advanced together on a device; their plans end together.

    `device` and `launches` are those of `Cuda`.
    """

    def __init__(
        self,
        models: Sequence[Model],
        states: Sequence[State],
        device: int = 0,
        launches: str = "phases",
    ) -> None:
        self.models, self._device, self._launches = list(models), device, launches
        self._shape = structure_of(models)
        self._rests = [state.copy() for state in states]
        self.step = states[0].step
        self._fetched_at: dict[str, tuple[int, npt.NDArray]] = {}
        self._drives: list[Drive] = []
        self._mossy = MossyInput(models, states)
        self._ahead: Trains | None = None
        with self._on_card():
            arrays = self._gathered(models, states)
            check_memory(sum(array.nbytes for array in arrays.values()), device)
            self._arrays = {name: cuda.to_device(array) for name, array in arrays.items()}
            self._host_where = arrays["where"]
            self._output = Output(models, self._shape, arrays["keep"])
            self._kernels = kernels_of(
                self._shape, changes_of(models[0].coefficients.rule, card_target())
            )

    def blocks(
        self, plans: Iterable[Sequence[Plan]]
    ) -> Iterator[tuple[int, Callable[[], list[Block]]]]:
        """Yield the end of the blocks for each set of plans, and a function that returns them.

        That function does not use the card, and may be called while the next blocks are computed.
        """
        remaining = iter(plans)
        following = next(remaining, None)
        while following is not None:
            current, following = following, next(remaining, None)
            yield current[0].stop, self.advance(current, following)

    def advance(
        self, plans: Sequence[Plan], following: Sequence[Plan] | None = None
    ) -> Callable[[], list[Block]]:
        """Advance each circuit by its plan, and return a function that returns the blocks.

        Plans that follow with the same settings let the host draw while the card computes.
        """
        first, stop = self.step, plans[0].stop
        with self._on_card():
            mf = self._set_up(plans, first, stop)
            arrays = Circuits(**{name: self._arrays[name] for name in Circuits._fields})
            self._launch(arrays, first, stop)
            if following and [plan.drive for plan in following] == self._drives:
                self._ahead = self._mossy.drawn_to(following[0].stop)
            self._check_changes()
            n_out, samples = self._fetched("n_out"), self._fetched("samples")
            out = self._used_output(self._output.room(stop - first), n_out.max(axis=0).tolist())
        self.step = stop
        self._fetched_at.clear()
        return partial(blocks_of, self._output, first, stop, mf, out, n_out, samples)

    def _launch(self, arrays: Circuits, first: int, stop: int) -> None:
        """Begin to advance all circuits on the device."""
        kernels, blocks, threads = self._kernels, _blocks(), _threads()
        if not self._is_large:
            launch_resident(kernels, arrays, first, stop, threads)
        elif self._launches == "cooperative":
            launch_cooperative(kernels, arrays, first, stop, blocks, threads)
        else:
            launch_phases(kernels, self._shape, arrays, first, stop, blocks, threads)

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
        rest.inputs.mf = self._mossy.state(c)
        history = self.models[c].coefficients.history["MF"]
        rest.recent["MF"] = self._mossy.block.recent(c, history)
        return state_from_device(self.models[c], arrays, self._shape, rest, self.step)

    def weights(self, c: int) -> npt.NDArray[np.int32]:
        """Return the PF→PC weights of a circuit (n PC, fan-in), in units of 2⁻²⁶."""
        with self._on_card():
            flat = self._arrays["weights"][c].copy_to_host()
        return flat[self._where(c)].reshape(self._shape.n_pc, -1)

    def mf_weights(self, c: int) -> npt.NDArray[np.int32]:
        """Return the MF→DCN weights of a circuit (n DCN,), in units of 2⁻²⁶."""
        at, found = self._fetched_at.get("mf_weights", (-1, None))
        if found is None or at != self.step:
            with self._on_card():
                found = self._fetched("mf_weights")
            self._fetched_at["mf_weights"] = self.step, found
        return found[c]

    def weight_samples(
        self, asked: Sequence[tuple[int, npt.NDArray[np.int64]]]
    ) -> list[WeightSample]:
        """Return the distribution of weights of each circuit, and those of chosen synapses.

        Parameters
        ----------
        asked : sequence of (int, ndarray of int64)
            For each circuit, the bins of its histogram, and chosen synapses, as indices into the
            flattened `weights`.
        """
        synapses = [chosen for _, chosen in asked]
        with self._on_card():
            by_bins = {
                n_bins: weigh_circuits(
                    self._shape, self._arrays, self._wirings, n_bins, synapses,
                    _blocks() if self._is_large else 1, _threads(),
                )
                for n_bins in {n_bins for n_bins, _ in asked}
            }  # fmt: skip
        return [by_bins[n_bins][c] for c, (n_bins, _) in enumerate(asked)]

    @property
    def _is_large(self) -> bool:
        """Whether a single circuit is distributed over the card."""
        return len(self.models) == 1 and self._shape.n_cells > RESIDENT_CELLS

    def _where(self, c: int) -> npt.NDArray[np.int32]:
        return self._host_where[self._wirings[c]]

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

    def _set_up(self, plans: Sequence[Plan], first: int, stop: int) -> Trains:
        """Put settings and inputs of a block on the device; return the MF spikes."""
        drives = [plan.drive for plan in plans]
        if drives != self._drives:
            self._change(drives, first)
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead.stop != stop:
            ahead = self._mossy.drawn_to(stop)
        self._mossy.block = ahead
        self._put("mf_ids", ahead.ids)
        self._put("mf_starts", ahead.offsets)
        room = self._output.room(stop - first)
        self._put("out_first", np.cumsum([0, *room]))
        n = len(self.models)
        self._make("out", (sum(room), n), np.int64)
        self._make("samples", (n, *self._output.n_samples(first, stop)), np.float32)
        self._put("n_out", np.zeros((n, len(RINGS)), np.int32))
        self._put("block", np.array([first, self._output.every, self._mossy.held]))
        return ahead

    def _used_output(self, room: Sequence[int], used: Sequence[int]) -> npt.NDArray[np.int64]:
        """Return the first places of each population in `out`, as many as any circuit has used."""
        found = np.empty((sum(used), len(self.models)), np.int64)
        begin, place = 0, 0
        for n_places, n_used in zip(room, used, strict=True):
            if n_used:
                source = self._arrays["out"][begin : begin + n_used]
                source.copy_to_host(found[place : place + n_used])
            begin, place = begin + n_places, place + n_used
        return found

    def _change(self, drives: list[Drive], first: int) -> None:
        """Put changed settings on the device, and draw the next spikes at changed rates."""
        tables: list[FlipTable] = []
        settings: list[Arrays] = []
        fibers: npt.NDArray | None = None
        self._ahead = None
        for c, (model, drive) in enumerate(zip(self.models, drives, strict=True)):
            check_drive(drive)
            rates = input_rates(drive, model.parameters.time_step_ms)
            inputs = self._rests[c].inputs
            inputs.mf = self._mossy.state(c)
            if inputs.pf_rate_Hz != drive.pf_rate_Hz:
                if fibers is None:
                    fibers = self._fetched("fibers")
                inputs.pf = FiberState(*fibers[c])
            redraw_inputs(inputs, drive, rates, model.seed, first)
            self._mossy.intervals[c] = rates.mf_interval
            if not any(rates.table is table for table in tables):
                tables.append(rates.table)
            (at,) = (k for k, table in enumerate(tables) if table is rates.table)
            settings.append(setting_arrays(model, drive, at, self._wirings[c]))
        if fibers is not None:
            self._put("fibers", fibers)
        for name, array in _stacked(settings).items():
            self._put(name, array)
        self._put_tables(tables)
        self._drives = drives

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
        refused = self._fetched("refused")
        for c in np.flatnonzero(refused):
            rule = self.models[c].coefficients.rule
            event = rule.events[refused[c] - 1] if rule else None
            if event is not None:
                raise event.refused(f"{event.label} gave a change out of range during the run")


class CudaIntegrator:
    """One circuit of a batch; `blocks` is for a batch of one circuit."""

    def __init__(self, batch: CudaBatch, number: int = 0) -> None:
        self._batch, self._number = batch, number

    def blocks(self, plans: Iterable[Plan]) -> Iterator[Block]:
        """Yield one block for each plan."""
        for _, finish in self._batch.blocks([plan] for plan in plans):
            yield finish()[0]

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
        asked = [(n_bins, synapses)] * len(self._batch.models)
        return self._batch.weight_samples(asked)[self._number]


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


def _stacked(arrays: Sequence[Arrays]) -> Arrays:
    """Return arrays of several circuits as one each."""
    return {name: np.stack([one[name] for one in arrays]) for name in arrays[0]}

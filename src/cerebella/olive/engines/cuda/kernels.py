"""Kernels: the phases of a step, put in order for ensembles and for large circuits.

In an ensemble, one block of threads holds one circuit and stays on the device for many steps; its
threads wait for each other at barriers, and its neurons are in shared memory. A large circuit is
distributed over all blocks. Either each phase is a launch of its own, or all blocks stay on the
device for many steps and wait for each other between phases, as a cooperative grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import as_kernel, card_target, most_blocks_at_once
from cerebella.errors import MachineError
from cerebella.olive.engines.cuda.arrays import N_SLOTS, Circuits, Structure
from cerebella.olive.engines.cuda.phases import Phases, phases_of

THREADS = 512
"""Threads of a block."""

REGISTERS_OF_A_THREAD = (1 << 16) // THREADS
"""Most registers of a thread, so that a multiprocessor of any device holds a block."""

_SHARED_BYTES = 48 * 1024
"""Shared memory of a block on any device."""


class Kernels(NamedTuple):
    """Compiled kernels.

    Attributes
    ----------
    resident : kernel
        ``(arrays, first, stop)`` advances each circuit, one block of threads for each.
    phases : mapping of str to kernel
        ``(arrays, step)`` carries out one phase of a single circuit, with any number of blocks.
    cooperative : kernel
        ``(arrays, first, stop)`` advances a single circuit, with as many blocks as a device holds
        at once.
    """

    resident: Any
    phases: Mapping[str, Any]
    cooperative: Any


def shared_bytes(shape: Structure) -> int:
    """Return the shared memory that the neurons of a circuit take."""
    return shape.n_cells * 8 * (2 + 2 * N_SLOTS)


@cache
def kernels_of(shape: Structure, changes: tuple[Any, Any, Any]) -> Kernels:
    """Return the kernels for circuits of a structure, and the compiled functions of their rule."""
    phases = phases_of(shape, changes, card_target())
    fits = shared_bytes(shape) <= _SHARED_BYTES
    resident = _resident(shape, phases, in_shared=fits)
    return Kernels(resident, _launched(phases), _cooperative(shape, phases))


def _resident(shape: Structure, phases: Phases, *, in_shared: bool) -> Any:
    arrive, has_cfs, learn_from_cfs, advance, learn_from_pcs, mark_pcs = phases
    n_cells, n_slots, uses_pcs = shape.n_cells, N_SLOTS, shape.rule.acts[2] or shape.rule.marks_pcs

    def go(c, t, n, first, stop, x, arrived, v, theta, g):
        for step in range(first, stop):
            arrive(c, t, n, step, x, arrived, v)
            cuda.syncthreads()
            if has_cfs(c, step, x):
                learn_from_cfs(c, t, n, step, x)
                cuda.syncthreads()
            advance(c, t, n, step, x, arrived, v, theta, g)
            cuda.syncthreads()
            if uses_pcs:
                learn_from_pcs(c, t, n, step, x)
                cuda.syncthreads()
                mark_pcs(c, t, n, step, x)
                cuda.syncthreads()

    run = card_target().compile(go)

    def in_global_memory(x, first, stop):
        c, t, n = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
        run(c, t, n, first, stop, x, x.arrived[c], x.v[c], x.theta[c], x.g[c])

    def in_shared_memory(x, first, stop):
        c, t, n = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
        arrived = cuda.shared.array((n_slots, n_cells), np.int64)
        g = cuda.shared.array((n_slots, n_cells), np.float64)
        v = cuda.shared.array(n_cells, np.float64)
        theta = cuda.shared.array(n_cells, np.float64)
        for i in range(t, n_cells, n):
            v[i], theta[i] = x.v[c, i], x.theta[c, i]
            for k in range(n_slots):
                g[k, i], arrived[k, i] = x.g[c, k, i], 0
        cuda.syncthreads()
        run(c, t, n, first, stop, x, arrived, v, theta, g)
        for i in range(t, n_cells, n):
            x.v[c, i], x.theta[c, i] = v[i], theta[i]
            for k in range(n_slots):
                x.g[c, k, i] = g[k, i]

    return as_kernel(in_shared_memory if in_shared else in_global_memory, REGISTERS_OF_A_THREAD)


def _launched(phases: Phases) -> dict[str, Any]:
    """Return a kernel for each phase of one circuit."""
    arrive, has_cfs, learn_from_cfs, advance, learn_from_pcs, mark_pcs = phases

    def arriving(x, step):
        arrive(0, cuda.grid(1), cuda.gridsize(1), step, x, x.arrived[0], x.v[0])

    def learning(x, step):
        if has_cfs(0, step, x):
            learn_from_cfs(0, cuda.grid(1), cuda.gridsize(1), step, x)

    def advancing(x, step):
        t, n = cuda.grid(1), cuda.gridsize(1)
        advance(0, t, n, step, x, x.arrived[0], x.v[0], x.theta[0], x.g[0])

    def learning_pcs(x, step):
        learn_from_pcs(0, cuda.grid(1), cuda.gridsize(1), step, x)

    def marking(x, step):
        mark_pcs(0, cuda.grid(1), cuda.gridsize(1), step, x)

    functions: tuple[Callable[..., Any], ...] = (
        arriving, learning, advancing, learning_pcs, marking,
    )  # fmt: skip
    return {function.__name__: as_kernel(function, REGISTERS_OF_A_THREAD) for function in functions}


def _cooperative(shape: Structure, phases: Phases) -> Any:
    """Return a kernel for one circuit, all blocks of which wait for each other between phases."""
    arrive, has_cfs, learn_from_cfs, advance, learn_from_pcs, mark_pcs = phases
    uses_pcs = shape.rule.acts[2] or shape.rule.marks_pcs

    def cooperating(x, first, stop):
        grid = cuda.cg.this_grid()
        t, n = cuda.grid(1), cuda.gridsize(1)
        for step in range(first, stop):
            arrive(0, t, n, step, x, x.arrived[0], x.v[0])
            grid.sync()
            if has_cfs(0, step, x):
                learn_from_cfs(0, t, n, step, x)
                grid.sync()
            advance(0, t, n, step, x, x.arrived[0], x.v[0], x.theta[0], x.g[0])
            grid.sync()
            if uses_pcs:
                learn_from_pcs(0, t, n, step, x)
                grid.sync()
                mark_pcs(0, t, n, step, x)
                grid.sync()

    return as_kernel(cooperating, REGISTERS_OF_A_THREAD)


def launch_resident(
    kernels: Kernels, arrays: Circuits, first: int, stop: int, threads: int
) -> None:
    """Advance all circuits through steps first <= s < stop."""
    kernels.resident[len(arrays.wholes), threads](arrays, first, stop)


def launch_phases(
    kernels: Kernels, shape: Structure, arrays: Circuits, first: int, stop: int,
    blocks: int, threads: int,
) -> None:  # fmt: skip
    """Advance one circuit through steps first <= s < stop."""
    acts, by_name = shape.rule.acts, kernels.phases
    used = [
        by_name["arriving"],
        *([by_name["learning"]] if acts[1] else []),
        by_name["advancing"],
        *([by_name["learning_pcs"]] if acts[2] else []),
        *([by_name["marking"]] if shape.rule.marks_pcs else []),
    ]
    ready = [kernel[blocks, threads] for kernel in used]
    for step in range(first, stop):
        for kernel in ready:
            kernel(arrays, step)


def launch_cooperative(
    kernels: Kernels, arrays: Circuits, first: int, stop: int, blocks: int, threads: int
) -> None:
    """Advance one circuit through steps first <= s < stop, with `blocks` or as many as fit."""
    fitting = most_blocks_at_once(kernels.cooperative, (arrays, first, stop), threads)
    if fitting < 1:
        raise MachineError(
            f"the card holds no block of {threads} threads of the cooperative kernel at once. "
            "Choose `launches` phases"
        )
    kernels.cooperative[min(blocks, fitting), threads](arrays, first, stop)

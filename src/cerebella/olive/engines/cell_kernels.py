"""One time step of a population, as loops that become SIMD code (see `CellStep`).

Potentials of cells that are held after a spike are put back behind the loop: a choice inside
it would be compiled to masked stores, which cost more than all the rest.
"""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.compiled import inlined

_CHUNK = 64


@inlined
def advance_with_one_class(arrived, scale, g, synapse, current, v, theta, cell):
    """Advance a population with one class of synapses.

    Parameters
    ----------
    arrived, scale : what arrived at each cell, and the jump of its conductance by one of it.
    g : conductances before the jumps, 1/ms.
    current : h times the current into each cell, mV; None for none, which saves a tenth.
    """
    pull = cell.half * synapse.reversal
    for i in range(v.size):
        charged = g[i] + arrived[i] * scale[i]
        g[i] = charged * synapse.decay
        drive = cell.pull + charged * pull
        if current is not None:
            drive = drive + current[i]
        middle = (v[i] + drive) / (cell.load + cell.half * charged)
        v[i] = 2.0 * middle - v[i]
        theta[i] = theta[i] * cell.threshold_decay + cell.threshold_pull


@inlined
def advance_with_two_classes(a_arrived, b_arrived, a_g, b_g, a, b, current, v, theta, cell):
    """Advance a population with two classes of synapses, a and b."""
    a_pull, b_pull = cell.half * a.reversal, cell.half * b.reversal
    for i in range(v.size):
        a_charged = a_g[i] + a_arrived[i] * a.jump
        b_charged = b_g[i] + b_arrived[i] * b.jump
        a_g[i] = a_charged * a.decay
        b_g[i] = b_charged * b.decay
        drive = cell.pull + a_charged * a_pull + b_charged * b_pull + current[i]
        middle = (v[i] + drive) / (cell.load + cell.half * (a_charged + b_charged))
        v[i] = 2.0 * middle - v[i]
        theta[i] = theta[i] * cell.threshold_decay + cell.threshold_pull


@inlined
def advance_with_three_classes(
    a_arrived, b_arrived, a_g, b_g, c_g, a, b, c, current, v, theta, cell
):
    """Advance a population with three classes, of which c_g has jumped already."""
    a_pull, b_pull, c_pull = cell.half * a.reversal, cell.half * b.reversal, cell.half * c.reversal
    for i in range(v.size):
        a_charged = a_g[i] + a_arrived[i] * a.jump
        b_charged = b_g[i] + b_arrived[i] * b.jump
        c_charged = c_g[i]
        a_g[i] = a_charged * a.decay
        b_g[i] = b_charged * b.decay
        c_g[i] = c_charged * c.decay
        drive = cell.pull + a_charged * a_pull + b_charged * b_pull + c_charged * c_pull
        conductance = a_charged + b_charged + c_charged
        middle = (v[i] + (drive + current[i])) / (cell.load + cell.half * conductance)
        v[i] = 2.0 * middle - v[i]
        theta[i] = theta[i] * cell.threshold_decay + cell.threshold_pull


@inlined
def fire(row, ids, offsets, v, theta, cell):
    """Hold the cells that are refractory, let those above threshold fire, and log them.

    `row` is that of this step in `offsets`.
    """
    n_spikes = offsets[row]
    for q in range(offsets[max(0, row - cell.hold_steps)], n_spikes):
        v[ids[q]] = cell.reset
    whole = np.uint64(v.size - v.size % _CHUNK)
    for begin in range(np.uint64(0), whole, np.uint64(_CHUNK)):
        below = np.int64(1)
        for i in range(begin, begin + np.uint64(_CHUNK)):
            below &= np.int64(v[i] < theta[i])
        if not below:
            n_spikes = _fire_some(begin, begin + np.uint64(_CHUNK), n_spikes, ids, v, theta, cell)
    n_spikes = _fire_some(whole, np.uint64(v.size), n_spikes, ids, v, theta, cell)
    offsets[row + 1] = n_spikes


@inlined
def _fire_some(begin, end, n_spikes, ids, v, theta, cell):
    """Let cells begin <= i < end fire that are above threshold; return the number of spikes."""
    for i in range(begin, end):
        if v[i] >= theta[i]:
            v[i] = cell.reset
            theta[i] = cell.threshold_max
            ids[n_spikes] = i
            n_spikes += 1
    return n_spikes


@inlined
def sample(step, first, every, sampled, v, samples):
    """Keep the potentials of chosen cells in every so many steps."""
    row = step // every - (first + every - 1) // every
    for i in range(sampled.size):
        samples[row, i] = v[sampled[i]]

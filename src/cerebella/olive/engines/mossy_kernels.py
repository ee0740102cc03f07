"""Plasticity of MF→DCN in compiled code."""

from __future__ import annotations

from cerebella.compiled.jit import apart, kernel_of
from cerebella.olive.engines import arithmetic

_charged, _mf_changed = kernel_of(arithmetic.charged), kernel_of(arithmetic.mf_changed)


@apart
def learn_from_mfs(n_steps, learns, mossy, from_purkinje, from_mf):
    """Weigh MF spikes and change their weights, through some steps.

    Parameters
    ----------
    n_steps : int
        Number of steps.
    learns : bool
        Whether weights change.
    mossy : MossyMemory
        Weights and averaged rates of PCs.
    from_purkinje, from_mf : ndarray of float64, shape (…, n DCN or more)
        Spikes that arrive in each step. Those of MFs are replaced with jumps of the conductance,
        at the weights before the changes.
    """
    _, step, jump, weights, pc_rate_Hz = mossy
    for row in range(n_steps):
        for cell in range(weights.size):
            rate_Hz = _charged(pc_rate_Hz[cell], from_purkinje[row, cell], step.jump)
            n_spikes = from_mf[row, cell]
            if n_spikes > 0:
                from_mf[row, cell] = n_spikes * (weights[cell] * jump)
                if learns:
                    weights[cell] = _mf_changed(
                        weights[cell], int(n_spikes), rate_Hz, step.pause, step.ltp, step.ltd
                    )
            pc_rate_Hz[cell] = rate_Hz * step.decay

"""Recording of spikes in compiled code."""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import apart


@apart
def choose_spikes(first, ids, offsets, keep, steps, cells):
    """Write step and cell of the spikes of recorded cells; return their number.

    `ids` (uint32) and `offsets` belong to a block that starts at step `first`.
    """
    n, row = 0, 0
    for q in range(np.uint64(offsets[0]), np.uint64(offsets[offsets.size - 1])):
        if keep[ids[q]]:
            while np.uint64(offsets[row + 1]) <= q:
                row += 1
            steps[n] = first + row
            cells[n] = ids[q]
            n += 1
    return n

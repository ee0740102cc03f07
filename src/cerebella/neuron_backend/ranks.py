"""The number of MPI ranks that this machine can run."""

from __future__ import annotations

from cerebella.errors import InputError
from cerebella.machine import available_memory_MB, count_cores

RANKS_PER_CORE = 4
"""Ranks per core that are started without `oversubscribe`; more only slow one another down."""

RANK_MB = 100.0
"""Estimated memory of a rank in MB.

Measured on Linux as memory not shared with others (PSS): 57 to 60 MB for a network of 27
interneurons and 76 to 102 MB for the default network, on 1 to 4 ranks.
"""


def check_ranks(ranks: int, *, oversubscribe: bool = False) -> None:
    """Raise InputError if this machine has too few cores or too little memory for the ranks.

    Parameters
    ----------
    ranks : int
        MPI processes to start on this machine.
    oversubscribe : bool, default False
        Allow more than `RANKS_PER_CORE` per core. The memory is checked nevertheless.
    """
    if ranks == 1:
        return
    cores = count_cores()
    most = RANKS_PER_CORE * cores
    if ranks > most and not oversubscribe:
        raise InputError(
            f"`ranks` is {ranks}, but the number of cores is {cores}",
            remedy=f"Give at most {most} ({RANKS_PER_CORE} per core), or set `oversubscribe`",
        )
    available_MB = available_memory_MB()
    if available_MB is not None and ranks * RANK_MB > available_MB:
        raise InputError(
            f"`ranks` is {ranks}, which take about {ranks * RANK_MB / 1000:.3g} GB of memory, but "
            f"{available_MB / 1000:.3g} GB are available",
            remedy=f"Give at most {max(1, int(available_MB / RANK_MB))}",
        )

"""`simulate_olive_ensemble`: many circuits of the loop, with other parameters and seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.sweep import SweepResult, sweep


def simulate_olive_ensemble(
    folder: Path | str,
    vary: Mapping[str, Iterable[Any] | str] | None = None,
    *,
    seeds: Iterable[int] | str = "1-8",
    record: Iterable[str] = (),
    engine: str = "auto",
    **options: Any,
) -> SweepResult:
    """Simulate the loop for all combinations of parameters and seeds, one run directory for each.

    It is `sweep` of the loop, with seeds: finished runs in `folder` are kept, interrupted ones are
    resumed, and rates of all members go to ``sweep.csv``. On processors, each worker simulates one
    member at a time, in one thread; a card simulates many members at once.

    Parameters
    ----------
    folder : Path or str
        Directory of the ensemble.
    vary : mapping of str to iterable or str
        Values by name, such as ``{"plasticity.ltp": [1e-4, 3e-4], "drive.io_bias_mV_per_ms":
        "1.5:2.3:9"}``; by default only seeds differ.
    seeds : iterable of int, or str
        Seeds of each combination; text as on the command line.
    record : iterable of str
        What is recorded, such as ``"BC=none"``; see `simulate_olive`.
    engine : str
        Name of the engine: ``"numba"``, ``"cuda"`` on an NVIDIA card, ``"numpy"``, or ``"auto"``
        for the fastest one. All give the same bytes.
    **options
        ``parameters``, ``duration_ms``, ``trial``, ``perturbations``, ``measures``, ``zip``,
        ``batch``, ``workers``, ``executor`` and the other arguments of `sweep`.

    Returns
    -------
    SweepResult
        Tables of members and of combinations.

    Raises
    ------
    InputError
        A name or value cannot be used.
    MachineError
        There is no card, or a batch does not fit into its memory; give a smaller ``batch``.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1) as threads:
    ...     result = cb.simulate_olive_ensemble(
    ...         "out",
    ...         {"drive.io_bias_mV_per_ms": "1.5:2.3:2"},
    ...         seeds=[1, 2],
    ...         parameters={"time_step_ms": 1.0, "circuit": {"scale": 0.25}},
    ...         duration_ms=1000,
    ...         measures=["IO_rate_Hz"],
    ...         executor=threads,
    ...     )
    >>> len(result.table), len(result.summary)
    (4, 2)
    """
    given = dict(vary or {})
    if "seed" in given:
        raise InputError("`vary` has seed", remedy="Give `seeds`")
    return sweep(folder, "olive", {**given, "seed": seeds}, record=record, engine=engine, **options)

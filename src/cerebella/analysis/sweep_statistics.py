"""Means of the measures of a sweep over seeds and trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = ("seed", "trial")
"""Variables whose values are repetitions, over which summaries and figures average."""


def factors_of(variables: Sequence[str]) -> list[str]:
    """Return the variables that are not repetitions, or all if there are no others.

    Parameters
    ----------
    variables : sequence of str
        Names of the varied parameters.

    Returns
    -------
    list of str

    Examples
    --------
    >>> factors_of(["w2_pS", "seed"]), factors_of(["seed"])
    (['w2_pS'], ['seed'])
    """
    return [name for name in variables if name not in REPLICATES] or list(variables)


def summarize_sweep(table: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Average each measure over seeds and trials.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each run and measure, with columns ``measure``, ``value`` and the variables, as
        from `sweep`.
    variables : sequence of str
        Names of the varied parameters.

    Returns
    -------
    pandas.DataFrame
        One row for each measure and combination of the variables except ``seed`` and ``trial``:
        number of values (``n``), ``mean`` and ``sem``, which is NaN for fewer than two values.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(35, 1, 20.0), (35, 2, 22.0), (70, 1, 11.0), (70, 2, 13.0)]
    >>> table = pd.DataFrame(rows, columns=["w2_pS", "seed", "value"]).assign(measure="dip_Hz")
    >>> cb.summarize_sweep(table, ["w2_pS", "seed"])
      measure  w2_pS  n  mean  sem
    0  dip_Hz     35  2  21.0  1.0
    1  dip_Hz     70  2  12.0  1.0
    """
    keys = ["measure", *factors_of(variables)]
    return (
        table.groupby(keys, sort=False)["value"]
        .agg(n="count", mean="mean", sem="sem")
        .reset_index()
        .sort_values("measure", key=lambda column: column.map(_places(column)), kind="stable")
        .reset_index(drop=True)
    )


def _places(names: pd.Series) -> dict[str, int]:
    """Return the place of each name by its first occurrence."""
    return {name: place for place, name in enumerate(dict.fromkeys(names))}

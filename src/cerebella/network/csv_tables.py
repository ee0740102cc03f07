"""Published CSV tables of a network.

``cells_<netid>.csv``
    gid, cell_type
``synaptic_connections_<netid>.csv``
    source, target, dendid, x, label
``gap_connections_<netid>.csv``
    source, target, source_dendid, source_x, target_dendid, target_x
``cf_times_43_sync_<n>.csv``
    gid, spiketime

Each gap junction is listed in both directions. Published cell types are IN1, IN2, PF2, …, CF;
a label combines two of them, as in ``PF2->IN1``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.checks import check_gap_rows, check_synapses, type_of
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.csv_text import FIRST_ROW, TextTable, read_text_table
from cerebella.network.network import Network
from cerebella.results.spikes import SpikeTrains

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_PUBLISHED_LABELS = [t.published_label for t in CELL_TYPES]
_TARGET_LABELS = [t.published_label for t in CELL_TYPES if t.population.startswith("MLI")]
_SYNAPSE_LABELS = np.array(
    [[f"{source}->{target}" for target in _TARGET_LABELS] for source in _PUBLISHED_LABELS]
)
"""Label of a synapse by source type and target type, shape (n_types, 2)."""

_GAP_NAMES = {
    "source_gid": "source",
    "target_gid": "target",
    "source_dendrite": "source_dendid",
    "source_x": "source_x",
    "target_dendrite": "target_dendid",
    "target_x": "target_x",
}
_SYNAPSE_NAMES = {"source_gid": "source", "target_gid": "target", "dendrite": "dendid", "x": "x"}


def read_cells(file: Path) -> dict[str, int]:
    """Read the number of cells of each type from a cells table.

    Parameters
    ----------
    file : Path
        The table.

    Returns
    -------
    dict of str to int
        Number of cells by type, in gid order.

    Raises
    ------
    InputError
        For the first invalid row.
    """
    table = read_text_table(file, ["gid"], ["cell_type"])
    gids, labels, rows = table.whole("gid"), table.columns["cell_type"], table.rows()
    if not len(gids):
        raise InputError("lists no cells", file=file, remedy="Copy or generate the file again")
    cell_type = _index_of(labels, _PUBLISHED_LABELS)
    rows.refuse(
        cell_type < 0,
        "cell_type",
        lambda i: f"unknown cell type {str(labels[i])!r}",
        f"Cell types are {', '.join(_PUBLISHED_LABELS)}",
    )
    _refuse_repeated(table, gids)
    rows.refuse(
        (gids < 0) | (gids >= len(gids)),
        "gid",
        lambda i: f"gid {gids[i]} in a table of {len(gids)} cells",
        "Gids of a network must be contiguous from 0",
    )
    by_gid = np.argsort(gids)
    falls = np.flatnonzero(np.diff(cell_type[by_gid]) < 0) + 1
    rows.refuse(
        np.isin(np.arange(len(gids)), by_gid[falls]),
        "cell_type",
        lambda i: f"gid {gids[i]} is {labels[i]} but follows cells of a later type",
        f"Gids must be ordered by type: {', '.join(_PUBLISHED_LABELS)}",
    )
    counts = np.bincount(cell_type, minlength=len(CELL_TYPES)).tolist()
    return {t.name: count for t, count in zip(CELL_TYPES, counts, strict=True)}


def read_synapses(file: Path, cell_counts: Mapping[str, int] | None) -> Synapses:
    """Read and validate a synaptic table.

    Parameters
    ----------
    file : Path
        The table.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Returns
    -------
    Synapses

    Raises
    ------
    InputError
        For the first invalid row.
    """
    table = read_text_table(file, ["source", "target", "dendid", "x"], ["label"])
    columns = {
        "source_gid": table.whole("source"),
        "target_gid": table.whole("target"),
        "dendrite": table.whole("dendid"),
        "x": table.columns["x"],
    }
    _check_known_labels(table)
    check_synapses(table.rows(**_SYNAPSE_NAMES), columns, cell_counts)
    if cell_counts is not None:
        _check_labels(table, columns, cell_counts)
    return Synapses(**columns, table_row=np.arange(len(columns["x"])))


_KIND = re.compile(r"(PF|IN|CF)")
_KIND_OF_POPULATION = {"PF": "PF", "MLI1": "IN", "MLI2": "IN", "CF": "CF"}
_W2_LABEL = "IN2->IN1"
"""The only label that determines the synaptic weight, so it must match the cells exactly."""


def _check_known_labels(table: TextTable) -> None:
    """Raise InputError for labels that do not begin with the kind of their source cell."""
    labels = table.columns["label"]
    texts, inverse = np.unique(labels, return_inverse=True)
    unknown = np.array([_KIND.match(text.strip()) is None for text in texts.tolist()], dtype=bool)
    table.rows().refuse(
        unknown[inverse],
        "label",
        lambda i: f"unknown label {str(labels[i])!r}",
        "A label must begin with PF, IN or CF, and should name both cell types, as in PF2->IN1",
    )


def _check_labels(
    table: TextTable, columns: Mapping[str, npt.NDArray], cell_counts: Mapping[str, int]
) -> None:
    """Raise InputError for labels that contradict the cell types."""
    source, target = (type_of(columns[side], cell_counts) for side in ("source_gid", "target_gid"))
    labels = table.columns["label"]
    exact = _SYNAPSE_LABELS[source, target]
    kind = np.array([_KIND_OF_POPULATION[t.population] for t in CELL_TYPES])[source]
    texts, inverse = np.unique(labels, return_inverse=True)
    texts = np.array([text.strip() for text in texts.tolist()])
    names_types = np.isin(texts, _SYNAPSE_LABELS)[inverse]
    kind_of_label = np.array([_KIND.match(text)[0] for text in texts.tolist()])[inverse]  # type: ignore[index]
    table.rows().refuse(
        np.where(
            names_types | (exact == _W2_LABEL), texts[inverse] != exact, kind_of_label != kind
        ),
        "label",
        lambda i: (
            f"label {labels[i]} contradicts the cells: source {columns['source_gid'][i]} is "
            f"{_PUBLISHED_LABELS[source[i]]}, target {columns['target_gid'][i]} is "
            f"{_PUBLISHED_LABELS[target[i]]}; expected {exact[i]}"
        ),
        "Correct the label or the gids, or use the cells table of the same network",
    )


def read_gap_junctions(file: Path, cell_counts: Mapping[str, int] | None) -> GapJunctions:
    """Read and validate a table of gap junctions, which lists each one in both directions.

    Parameters
    ----------
    file : Path
        The table.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Returns
    -------
    GapJunctions

    Raises
    ------
    InputError
        For the first invalid row.
    """
    table = read_text_table(file, list(_GAP_NAMES.values()))
    columns = {
        name: table.columns[own] if name.endswith("_x") else table.whole(own)
        for name, own in _GAP_NAMES.items()
    }
    check_gap_rows(table.rows(**_GAP_NAMES), columns, cell_counts)
    return GapJunctions.from_directed(columns)


def read_cf_level(file: Path, cell_counts: Mapping[str, int] | None) -> FloatArray:
    """Read the CF times of one synchrony level.

    Parameters
    ----------
    file : Path
        The table, with exactly one row per CF.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Returns
    -------
    ndarray of float, shape (n_cf,)
        Times in ms, in gid order.

    Raises
    ------
    InputError
        For the first invalid row, or a CF without a row.
    """
    table, gids, times = _read_cf_times(file, cell_counts)
    _refuse_repeated(table, gids)
    if cell_counts is not None:
        first = sum(cell_counts.values()) - cell_counts["CF"]
        missing = np.setdiff1d(np.arange(first, first + cell_counts["CF"]), gids)
        if len(missing):
            others = f" (and {len(missing) - 1} others)" if len(missing) > 1 else ""
            raise InputError(
                f"CF {missing[0]}{others} has no time",
                file=file,
                column="gid",
                remedy="Add one row per CF; a time of 10 000 ms or later marks a silent CF",
            )
    return times[np.argsort(gids)]


def load_cf_times(file: Path | str, network: Network) -> SpikeTrains:
    r"""Load user-defined CF spike times.

    Parameters
    ----------
    file : Path or str
        CSV file with columns ``gid`` and ``spiketime`` (ms); any number of rows per CF.
    network : Network
        Network that contains the CFs.

    Returns
    -------
    SpikeTrains
        Spikes of the CF population.

    Raises
    ------
    InputError
        If a gid is unknown or not a CF, or a time is negative or not finite; the message names
        the row.

    Examples
    --------
    >>> from pathlib import Path
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> network.gids("CF")
    range(2161, 2163)
    >>> _ = Path("cf.csv").write_text("gid,spiketime\n2161,150\n2161,160.5\n2162,150\n")
    >>> cb.load_cf_times("cf.csv", network).times_ms.tolist()
    [150.0, 150.0, 160.5]
    """
    _, gids, times = _read_cf_times(Path(file), network.cell_counts)
    return SpikeTrains(times, gids, (network.population("CF"),))


def _read_cf_times(
    file: Path, cell_counts: Mapping[str, int] | None
) -> tuple[TextTable, IntArray, FloatArray]:
    table = read_text_table(file, ["gid", "spiketime"])
    gids, times, rows = table.whole("gid"), table.columns["spiketime"], table.rows()
    rows.refuse(
        ~(np.isfinite(times) & (times >= 0)),
        "spiketime",
        lambda i: f"invalid spike time {float(times[i])!r}",
        "Give a finite time in ms, at least 0",
    )
    if cell_counts is not None:
        n_cells = sum(cell_counts.values())
        first = n_cells - cell_counts["CF"]
        rows.refuse(
            (gids < first) | (gids >= n_cells),
            "gid",
            lambda i: (
                f"gid {gids[i]} is a {_PUBLISHED_LABELS[type_of(gids[i], cell_counts)]}, not a CF"
                if 0 <= gids[i] < n_cells
                else f"unknown gid {gids[i]}"
            ),
            f"The CFs of this network have gids {first} to {n_cells - 1}"
            if cell_counts["CF"]
            else "This network has no CFs",
        )
    return table, gids, times


def _refuse_repeated(table: TextTable, gids: IntArray) -> None:
    repeated = np.ones(len(gids), dtype=bool)
    repeated[np.unique(gids, return_index=True)[1]] = False
    table.rows().refuse(
        repeated,
        "gid",
        lambda i: f"duplicate gid {gids[i]}, first in row {np.argmax(gids == gids[i]) + FIRST_ROW}",
        "Keep one row per cell",
    )


def _index_of(texts: npt.NDArray[np.str_], known: list[str]) -> IntArray:
    """Return the index of each text in `known`, ignoring padding; -1 for unknown texts."""
    distinct, inverse = np.unique(texts, return_inverse=True)
    place = {text: i for i, text in enumerate(known)}
    return np.array([place.get(text.strip(), -1) for text in distinct.tolist()], dtype=np.int64)[
        inverse
    ]


def write_csv_tables(network: Network, folder: Path) -> None:
    """Write all tables to a folder under their published names.

    Parameters
    ----------
    network : Network
        Network to write.
    folder : Path
        Existing folder.

    Raises
    ------
    InputError
        If the network has CFs but no CF times.
    """
    if network.cell_counts["CF"] and not network.cf_times_ms:
        raise InputError(
            f"network {network.name} has CFs but no CF times, which the CSV format requires",
            remedy="Add at least one synchrony level to cf_times_ms, or save as SONATA",
        )
    name = network.name
    _write(folder / f"cells_{name}.csv", "gid,cell_type", _cell_rows(network))
    _write(
        folder / f"synaptic_connections_{name}.csv",
        ",".join([*_SYNAPSE_NAMES.values(), "label"]),
        _synapse_rows(network),
    )
    directed = network.gap_junctions.directed()
    _write(
        folder / f"gap_connections_{name}.csv",
        ",".join(_GAP_NAMES.values()),
        zip(*(directed[column].tolist() for column in _GAP_NAMES), strict=True),
    )
    for level, times in network.cf_times_ms.items():
        rows = zip(network.gids("CF"), times.tolist(), strict=True)
        _write(folder / cf_table_name(level), "gid,spiketime", rows)


def cf_table_name(level: int | str) -> str:
    """Return the file name of a level; published tables use 43 for every network name."""
    return f"cf_times_43_sync_{level}.csv"


def _write(file: Path, header: str, rows: Iterable[tuple]) -> None:
    """Write rows; floats have the fewest digits that round-trip."""
    with file.open("w", encoding="ascii", newline="\n") as out:
        out.write(f"{header}\n")
        out.writelines(f"{','.join(map(str, row))}\n" for row in rows)


def _cell_rows(network: Network) -> Iterable[tuple[int, str]]:
    for t in CELL_TYPES:
        for gid in network.gids(t.name):
            yield gid, t.published_label


def _synapse_rows(network: Network) -> Iterable[tuple]:
    table = network.synapses
    labels = _SYNAPSE_LABELS[
        network.type_index(table.source_gid), network.type_index(table.target_gid)
    ]
    order = table.table_order
    columns = (getattr(table, name)[order].tolist() for name in _SYNAPSE_NAMES)
    return zip(*columns, labels[order].tolist(), strict=True)

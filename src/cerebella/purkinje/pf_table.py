"""The published table of parallel-fiber contacts on the Purkinje cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import Morphology
from cerebella.network.csv_text import FIRST_ROW, TextTable, read_text_table
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.placement import NOT_SHARED, ordered_compartments

_REMEDY = "Give the table of this morphology, or omit it to place the contacts at random"

IntArray = npt.NDArray[np.int64]


def read_pf_table(
    file: Path | str, morphology: Morphology, connections: PurkinjeConnectionParameters
) -> tuple[IntArray, IntArray]:
    """Read the table: one row for each contact, with columns syn, shared and pf_index.

    Parameters
    ----------
    file : Path or str
        The table.
    morphology : Morphology
        The cell.
    connections : PurkinjeConnectionParameters
        Parameters that determine the expected numbers of contacts.

    Returns
    -------
    pf_compartment, pf_shared : ndarray of int, shape (n_contacts,)
        As in `Placement`.

    Raises
    ------
    InputError
        The file is missing or not such a table, or its counts do not match the morphology.
    """
    table = read_text_table(Path(file), ["syn", "pf_index"], ["shared"])
    synapse, index = table.whole("syn"), table.whole("pf_index")
    if not len(synapse):
        raise InputError("lists no contacts", file=file, remedy="Copy the file again")
    compartments = compute_compartments(morphology)
    where = ordered_compartments(morphology, compartments, "spiny")
    table.rows().refuse(
        (synapse < 0) | (synapse >= len(where)),
        "syn",
        lambda i: (
            f"{synapse[i]} is not a compartment of the spiny dendrite of {morphology.name}, "
            f"which has {len(where)}"
        ),
        _REMEDY,
    )
    table.rows().refuse(
        index < 0, "pf_index", lambda i: f"{index[i]} is negative", "Number fibers from 0"
    )
    expected = connections.pf_per_um * compartments.length_um[where]
    _refuse_counts(table, synapse, expected, morphology)
    shared = _flags(table)
    _refuse_repeated_fibers(table, index, shared)
    return where[synapse], np.where(shared, index, NOT_SHARED)


def _flags(table: TextTable) -> npt.NDArray[np.bool_]:
    texts = np.char.lower(table.columns["shared"])
    table.rows().refuse(
        ~np.isin(texts, ("true", "false")),
        "shared",
        lambda i: f"{str(table.columns['shared'][i])!r} is neither True nor False",
        "Specify whether the fiber belongs to the network",
    )
    return texts == "true"


def _refuse_counts(
    table: TextTable, synapse: IntArray, expected: npt.NDArray[np.float64], cell: Morphology
) -> None:
    """Raise InputError if the number of contacts of a compartment does not match its length."""
    counts = np.bincount(synapse, minlength=len(expected))
    unfit = np.abs(counts - np.maximum(expected - 0.5, 0)) > 1
    empty = np.flatnonzero(unfit & (counts == 0))
    if len(empty):
        raise InputError(
            f"has no contact on compartment {empty[0]} of {cell.name}, but its length implies "
            f"about {expected[empty[0]] - 0.5:.0f}",
            file=table.file,
            remedy=_REMEDY,
        )
    table.rows().refuse(
        unfit[synapse],
        "syn",
        lambda i: (
            f"{counts[synapse[i]]} contacts on compartment {synapse[i]} of {cell.name}, but "
            f"its length implies {expected[synapse[i]] - 0.5:.1f} ± 1"
        ),
        _REMEDY,
    )


def _refuse_repeated_fibers(
    table: TextTable, index: IntArray, shared: npt.NDArray[np.bool_]
) -> None:
    rows = np.flatnonzero(shared)
    _, first = np.unique(index[rows], return_index=True)
    again = np.zeros(len(index), dtype=bool)
    again[np.delete(rows, first)] = True
    table.rows().refuse(
        again,
        "pf_index",
        lambda i: f"shared fiber {index[i]} has a contact in an earlier row (from {FIRST_ROW} on)",
        "Each fiber of the network has one contact",
    )

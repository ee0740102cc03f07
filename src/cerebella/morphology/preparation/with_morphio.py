"""Tracings in other formats, read by MorphIO: Neurolucida (ASC) and HDF5."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.files.text import check_readable
from cerebella.morphology.preparation.reading import tree_of
from cerebella.morphology.preparation.repair import Repair
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints
from cerebella.results.convert import optional_library

SUFFIXES = (".asc", ".h5")

_SOMA_CODE = 1
_DIGITS = 5
"""MorphIO holds numbers in single precision."""

_COLORS = re.compile(r"\x1b\[[0-9;]*m")


def read_with_morphio(file: Path, type_codes: Mapping[int, str]) -> tuple[SWCPoints, list[Repair]]:
    """Read a tracing like `read_tracing`; rows are numbers of points in the order of MorphIO."""
    check_readable(file, kind="morphology")
    morphio = optional_library("morphio", extra="morphologies")
    morphio.set_maximum_warnings(0)
    try:
        cell = morphio.Morphology(file)
    except morphio.MorphioError as error:
        problem = " ".join(_COLORS.sub("", str(error)).split())
        raise InputError(
            f"cannot be read by MorphIO: {problem}", file=file, remedy="Export the file again"
        ) from error
    soma = np.column_stack([cell.soma.points, cell.soma.diameters])
    n_soma = len(soma)
    three = cell.soma_type == morphio.SomaType.SOMA_NEUROMORPHO_THREE_POINT_CYLINDERS
    parents = [NO_PARENT, *((1 if three else i) for i in range(1, n_soma))][:n_soma]
    codes, points, last_id = [_SOMA_CODE] * n_soma, [soma], {}
    for section in cell.iter():
        first = len(codes) + 1
        n = len(section.points)
        root = 1 if n_soma else NO_PARENT
        parents += [
            root if section.is_root else last_id[section.parent.id],
            *range(first, first + n - 1),
        ]
        codes += [int(section.type)] * n
        points.append(np.column_stack([section.points, section.diameters]))
        last_id[section.id] = first + n - 1
    if not codes:
        raise InputError("contains no points", file=file, remedy="Export the file again")
    ids = np.arange(1, len(codes) + 1)
    points_um = np.concatenate(points).astype(np.float64).round(_DIGITS)
    return tree_of(file, ids, np.column_stack([ids, codes, parents]), points_um, type_codes)

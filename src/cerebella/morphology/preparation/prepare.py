"""Prepare tracings of Purkinje cells for simulation: `prepare_morphology`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS, Morphology, length_of
from cerebella.morphology.preparation.dendrite import (
    MIN_DIAMETER_UM,
    apply_scale,
    remove_zero_lengths,
    repair_diameters,
)
from cerebella.morphology.preparation.reading import read_tracing
from cerebella.morphology.preparation.repair import SMOOTH, SPINY, Repair
from cerebella.morphology.preparation.soma import set_soma_and_axon
from cerebella.morphology.preparation.with_morphio import SUFFIXES, read_with_morphio
from cerebella.morphology.swc import (
    COMPARTMENT_LENGTH_UM,
    assemble_sections,
    check_compartment_length,
    check_swc_output,
    check_type_codes,
    save_morphology,
)
from cerebella.morphology.swc_points import TYPE_CODES, SWCPoints
from cerebella.morphology.swc_sections import split_into_sections
from cerebella.results.outputs import refuse_shared

_CODE_OF = {region: code for code, region in TYPE_CODES.items()}


@dataclass(frozen=True, eq=False)
class PreparedMorphology:
    """A tracing prepared for simulation, as returned by `prepare_morphology`.

    Attributes
    ----------
    morphology : Morphology
        The cell.
    repairs : tuple of Repair
        Everything that differs from the file, in the order in which it was done.

    Examples
    --------
    >>> soma, dendrite = (1, 1, 0, 0, 0, 8, -1), (2, 3, 0, 8, 0, 2, 1)
    >>> np.savetxt("raw.swc", [soma, dendrite, (3, 3, 0, 60, 0, 0.05, 2)], fmt="%g")
    >>> prepared = cb.prepare_morphology("raw.swc")
    >>> prepared.morphology
    <Morphology 'raw': 3 sections (1 soma, 1 ais, 1 smooth, 0 spiny), 22 compartments>
    >>> print(prepared.repairs[0])
    diameter below 0.2 µm raised (row 3): 0.1 µm → 0.2 µm
    """

    morphology: Morphology
    repairs: tuple[Repair, ...]

    def save(self, swc: Path | str, *, force: bool = False) -> Path:
        """Write the cell as an SWC file that contains the repairs as comments.

        Parameters
        ----------
        swc : Path or str
            File to write; `load_morphology` reads the same cell from it.
        force : bool
            Replace an existing file.

        Returns
        -------
        Path
            The file.
        """
        swc = Path(swc)
        check_swc_output(swc, force=force)
        comments = [f"prepared by cerebella from {self.morphology.name}:", *map(str, self.repairs)]
        save_morphology(self.morphology, swc, comments=comments)
        return swc

    def __repr__(self) -> str:
        return "\n".join([repr(self.morphology), *(f"  {repair}" for repair in self.repairs)])


def prepare_morphology(
    tracing: Path | str,
    out: Path | str | None = None,
    *,
    scale: float | None = None,
    soma: str = "traced",
    keep_axon: bool = False,
    min_diameter_um: float = MIN_DIAMETER_UM,
    type_codes: Mapping[int, str] | None = None,
    compartment_length_um: float = COMPARTMENT_LENGTH_UM,
    force: bool = False,
) -> PreparedMorphology:
    """Prepare a tracing of a Purkinje cell for simulation.

    Reads what other programs read, completes the cell with an axon initial segment, divides the
    dendrite into smooth and spiny, and repairs values that cannot be simulated. Every change is
    listed.

    Parameters
    ----------
    tracing : Path or str
        SWC file. Ids in any order, any form of the soma and unknown types are accepted.
        Neurolucida (.asc) and HDF5 (.h5) files require ``pip install 'cerebella[morphologies]'``.
    out : Path or str, optional
        SWC file to write, with the changes as comments.
    scale : float, optional
        Size of a unit of the file in µm; by default, the units are µm, and a cell whose size
        contradicts this is refused.
    soma : {"traced", "default"}
        Keep the traced soma, or use that of the default cell, which tracings without a soma need.
    keep_axon : bool
        Keep a traced axon as far as the axon initial segment; by default, an axon is replaced by
        the initial segment of the default cell.
    min_diameter_um : float
        Smaller diameters are raised to this one, in µm.
    type_codes : mapping of int to {"soma", "ais", "smooth", "spiny"}, optional
        Regions of type codes, where they differ from 1 soma, 2 axon, 3 and 4 dendrite. Type 5 is
        smooth dendrite if its points form a tree that starts at the soma; points of other types
        take the type of their branch.
    compartment_length_um : float
        Target length of compartments in µm.
    force : bool
        Replace an existing file `out`.

    Returns
    -------
    PreparedMorphology
        The cell and the table of changes.

    Raises
    ------
    InputError
        The file cannot be read as one cell; the message names row, value and remedy.
    OutputExistsError
        `out` exists, and `force` is not given.

    See Also
    --------
    describe_morphology : Compare the cell with the traced cell.

    Notes
    -----
    Rules and examples are in docs/morphologies.md.

    Examples
    --------
    >>> soma, dendrite = (1, 1, 0, 0, 0, 8, -1), (2, 3, 0, 8, 0, 2, 1)
    >>> np.savetxt("raw.swc", [soma, dendrite, (3, 3, 0, 60, 0, 0.5, 2)], fmt="%g")
    >>> prepared = cb.prepare_morphology("raw.swc", "cell.swc")
    >>> for repair in prepared.repairs:
    ...     print(repair.what)
    soma described as a stack of disks
    axon initial segment of the default cell added
    smooth dendrite found by rule
    >>> cb.load_morphology("cell.swc")
    <Morphology 'cell': 3 sections (1 soma, 1 ais, 1 smooth, 0 spiny), 22 compartments>
    """
    tracing = Path(tracing)
    if soma not in ("traced", "default"):
        raise InputError(f"unknown soma {soma!r}", remedy="Choose from traced, default")
    check_type_codes(type_codes or {})
    check_compartment_length(compartment_length_um)
    if out is not None:
        refuse_shared(out, [tracing])
        check_swc_output(Path(out), force=force)
    read = read_with_morphio if tracing.suffix.lower() in SUFFIXES else read_tracing
    points, repairs = read(tracing, type_codes or {})
    points = apply_scale(points, scale, repairs)
    points = repair_diameters(points, min_diameter_um, repairs)
    points = remove_zero_lengths(points, repairs)
    points = set_soma_and_axon(points, soma=soma, keep_axon=keep_axon, repairs=repairs)
    codes = [_CODE_OF[REGIONS[region]] for region in points.regions.tolist()]
    points = replace(points, codes=np.array(codes))
    cell = assemble_sections(
        tracing.stem, points, split_into_sections(points), compartment_length_um
    )
    repairs += _division(points, cell)
    prepared = PreparedMorphology(cell, tuple(repairs))
    if out is not None:
        prepared.save(out, force=force)
    return prepared


def _division(points: SWCPoints, cell: Morphology) -> list[Repair]:
    """Describe the division of the dendrite, if the tracing had none."""
    if np.isin([SMOOTH, SPINY], points.regions).all():
        return []
    lengths_um = np.array([length_of(cell.points_of(s)) for s in range(cell.n_sections)])
    is_smooth = cell.regions == SMOOTH
    smooth_um, dendrite_um = (
        lengths_um[own].sum() for own in (is_smooth, is_smooth | (cell.regions == SPINY))
    )
    return [
        Repair(
            "smooth dendrite found by rule",
            0,
            "",
            f"{dendrite_um:.0f} µm of dendrite",
            f"{smooth_um:.0f} µm smooth ({100 * smooth_um / dendrite_um:.1f} %) "
            f"in {is_smooth.sum()} section{'s' if is_smooth.sum() > 1 else ''}",
        )
    ]

"""Placement of synapses on the Purkinje cell."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.morphology.compartments import Compartments, compute_compartments
from cerebella.morphology.morphology import Morphology
from cerebella.parameters.purkinje_synapses import CFPlacement, PurkinjeConnectionParameters
from cerebella.purkinje.published_order import order_sections
from cerebella.randomness import Purpose, generator

PUBLISHED_SEED = 43
NOT_SHARED = -1

_NEAR_UM, _LENGTH_CONSTANT_UM, _LOWEST = 35.0, 50.0, 0.05
"""Path of full density, length constant of its decay, and lowest density, of proximal CFs."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placement:
    """Compartments of the synapses of one cell.

    Compartments are indices into `compute_compartments` of the morphology.

    Attributes
    ----------
    pf_compartment : ndarray of int, shape (n_contacts,)
        Compartment of each PF contact.
    pf_shared : ndarray of int, shape (n_contacts,)
        Index of the contact's fiber among the PFs of the network that contact Purkinje cells, in
        gid order; `NOT_SHARED` for fibers outside the network.
    mli_compartment : ndarray of int, shape (n_sites,)
        Compartment of each inhibitory site.
    cf_compartment : ndarray of int, shape (n_cf_synapses,)
        Compartment of each CF synapse.
    """

    pf_compartment: IntArray
    pf_shared: IntArray
    mli_compartment: IntArray
    cf_compartment: IntArray

    def __repr__(self) -> str:
        shared = int((self.pf_shared != NOT_SHARED).sum())
        return (
            f"<Placement: {len(self.pf_compartment):,} PF contacts ({shared:,} shared with the "
            f"network), {len(self.mli_compartment):,} MLI sites, "
            f"{len(self.cf_compartment)} CF synapses>"
        )


def place_synapses(
    morphology: Morphology,
    connections: PurkinjeConnectionParameters,
    *,
    n_network_pf: int,
    seed: int = 0,
    published_streams: bool = False,
) -> Placement:
    """Place all synapses.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    connections : PurkinjeConnectionParameters
        Densities and numbers of synapses.
    n_network_pf : int
        Number of PFs of the network that contact Purkinje cells.
    seed : int
        Seed of the numbers per compartment and of the choice of shared PF contacts.
    published_streams : bool
        Draw the numbers per compartment from the published random streams.

    Returns
    -------
    Placement
        The compartments of all synapses.
    """
    compartments = compute_compartments(morphology)
    spiny = ordered_compartments(morphology, compartments, "spiny")
    smooth = ordered_compartments(morphology, compartments, "smooth")
    of_mlis = spiny if connections.mli_placement == "spiny" else np.concatenate([spiny, smooth])

    def place(where: IntArray, per_um: float, purpose: Purpose) -> IntArray:
        u = (
            np.random.RandomState(PUBLISHED_SEED) if published_streams else generator(seed, purpose)
        ).uniform(size=len(where))
        expected = per_um * compartments.length_um[where]
        return np.repeat(where, np.maximum(np.trunc(expected + u - 0.5), 0).astype(np.int64))

    pf = place(spiny, connections.pf_per_um, Purpose.PURKINJE_PF_SITES)
    return Placement(
        pf,
        share_contacts(len(pf), n_network_pf, connections, seed),
        place(of_mlis, connections.mli_per_um, Purpose.PURKINJE_MLI_SITES),
        place_cf(morphology, compartments, connections.n_cf_synapses, connections.cf_placement),
    )


def ordered_compartments(
    morphology: Morphology, compartments: Compartments, region: str
) -> IntArray:
    """Return the compartments of a region in the order of synapse placement."""
    by_section = [
        np.flatnonzero(compartments.section == s) for s in order_sections(morphology, region)
    ]
    return np.concatenate(by_section) if by_section else np.empty(0, dtype=np.int64)


def share_contacts(
    n_contacts: int, n_network_pf: int, connections: PurkinjeConnectionParameters, seed: int
) -> IntArray:
    """Choose contacts for fibers of the network, one per fiber; see `Placement.pf_shared`."""
    n_shared = min(n_network_pf, round(connections.pf_shared_fraction * n_contacts))
    shared = np.full(n_contacts, NOT_SHARED)
    draw = generator(seed, Purpose.PURKINJE_SHARED_PF)
    contacts = np.sort(draw.choice(n_contacts, n_shared, replace=False))
    shared[contacts] = np.sort(draw.choice(n_network_pf, n_shared, replace=False))
    return shared


def place_cf(
    morphology: Morphology,
    compartments: Compartments,
    n_synapses: int,
    placement: CFPlacement = "uniform",
) -> IntArray:
    """Place CF synapses along the smooth dendrite, followed by the soma.

    Distances between synapses are equal, or inversely proportional to the density of a proximal
    placement.
    """
    where = np.concatenate(
        [ordered_compartments(morphology, compartments, region) for region in ("smooth", "soma")]
    )
    length_um = compartments.length_um[where]
    if placement == "proximal":
        length_um = length_um * _proximal_density(compartments.path_distance_um[where])
    end_um = np.cumsum(length_um)
    position_um = np.arange(n_synapses) * (end_um[-1] / max(n_synapses, 1))
    return where[np.searchsorted(end_um, position_um, side="left")]


def _proximal_density(path_um: FloatArray) -> FloatArray:
    """Return the density of CF synapses relative to that near the soma."""
    return np.maximum(np.exp(-np.maximum(path_um - _NEAR_UM, 0) / _LENGTH_CONSTANT_UM), _LOWEST)


def connect_mlis(
    n_mli1: int,
    n_mli2: int,
    n_sites: int,
    connections: PurkinjeConnectionParameters,
    *,
    seed: int = 0,
    published_streams: bool = False,
) -> tuple[IntArray, IntArray]:
    """Draw the sites of each MLI, without repetition within a cell.

    Parameters
    ----------
    n_mli1, n_mli2 : int
        Numbers of cells.
    n_sites : int
        Number of inhibitory sites, which cells may share.
    connections : PurkinjeConnectionParameters
        Mean numbers of contacts.
    seed : int
        Seed of the random draws.
    published_streams : bool
        Draw from the published random streams.

    Returns
    -------
    mli, site : ndarray of int, shape (n_contacts,)
        Index of the cell, MLI1s first, and of the site.
    """
    if published_streams:
        stream = random.Random(PUBLISHED_SEED)
        drawn = [stream.sample(range(n_sites), round(7 + stream.random())) for _ in range(n_mli1)]
        drawn += [stream.sample(range(n_sites), 1) for _ in range(n_mli2)]
    else:
        draw = generator(seed, Purpose.PURKINJE_MLI_CONTACTS)
        means = [connections.mli1_contacts] * n_mli1 + [connections.mli2_contacts] * n_mli2
        counts = np.floor(np.array(means) + draw.uniform(size=len(means))).astype(int)
        drawn = [
            draw.choice(n_sites, min(int(count), n_sites), replace=False).tolist()
            for count in counts
        ]
    mli = np.repeat(np.arange(n_mli1 + n_mli2), [len(sites) for sites in drawn])
    return mli, np.array([site for sites in drawn for site in sites], dtype=np.int64)

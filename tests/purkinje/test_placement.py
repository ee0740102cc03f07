"""Where synapses are on the Purkinje cell, and the published order of its sections."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.parameters.purkinje_synapses import (
    N_PUBLISHED_PF_CONTACTS,
    N_PUBLISHED_SHARED_PF,
    PurkinjeConnectionParameters,
)
from cerebella.purkinje.pf_table import read_pf_table
from cerebella.purkinje.placement import (
    NOT_SHARED,
    connect_mlis,
    ordered_compartments,
    place_synapses,
)
from cerebella.purkinje.published_order import order_sections

CONNECTIONS = PurkinjeConnectionParameters()


def regions_of(cell, compartments):
    """Synapses by region."""
    region = compute_compartments(cell).region[compartments]
    return {REGIONS[r]: int(n) for r, n in zip(*np.unique(region, return_counts=True), strict=True)}


@pytest.mark.published
def test_published_numbers_of_synapses_on_the_traced_cell(traced_cell):
    placement = place_synapses(
        traced_cell, CONNECTIONS, n_network_pf=N_PUBLISHED_SHARED_PF, published_streams=True
    )
    assert len(placement.pf_compartment) == N_PUBLISHED_PF_CONTACTS
    assert len(np.unique(placement.pf_compartment)) == 2356
    assert (placement.pf_shared != NOT_SHARED).sum() == N_PUBLISHED_SHARED_PF
    assert regions_of(traced_cell, placement.mli_compartment) == {"smooth": 58, "spiny": 1569}
    assert len(np.unique(placement.mli_compartment)) == 1543
    assert regions_of(traced_cell, placement.cf_compartment) == {"soma": 35, "smooth": 465}


@pytest.mark.published
def test_published_table_of_contacts_is_the_published_placement(traced_cell, published_networks):
    compartment, shared = read_pf_table(
        published_networks / "pf_syn_table.csv", traced_cell, CONNECTIONS
    )
    placement = place_synapses(traced_cell, CONNECTIONS, n_network_pf=0, published_streams=True)
    np.testing.assert_array_equal(compartment, placement.pf_compartment)
    fibers = shared[shared != NOT_SHARED]
    np.testing.assert_array_equal(fibers, np.arange(N_PUBLISHED_SHARED_PF))


@pytest.mark.published
def test_published_order_has_each_section_once(traced_cell):
    for region in ("smooth", "spiny"):
        order = order_sections(traced_cell, region)
        assert sorted(order) == sorted(traced_cell.sections_of(region))
    last = order_sections(traced_cell, "smooth")[-1]
    assert traced_cell.section_names[last] == "smth_A1_010010010"


def test_sections_of_other_cells_keep_their_order(default_cell):
    order = order_sections(default_cell, "spiny")
    np.testing.assert_array_equal(order, default_cell.sections_of("spiny"))


def test_numbers_per_compartment_follow_from_length_by_random_rounding(default_cell):
    placement = place_synapses(default_cell, CONNECTIONS, n_network_pf=6990)
    compartments = compute_compartments(default_cell)
    spiny = ordered_compartments(default_cell, compartments, "spiny")
    expected = 2.8 * compartments.length_um[spiny] - 0.5
    counts = np.bincount(placement.pf_compartment, minlength=len(compartments))[spiny]
    assert (np.abs(counts - np.maximum(expected, 0)) <= 1).all()
    assert counts.sum() == pytest.approx(expected.sum(), rel=0.005)
    assert set(regions_of(default_cell, placement.pf_compartment)) == {"spiny"}


def test_placement_depends_on_the_seed_alone(default_cell):
    first, again, other = (
        place_synapses(default_cell, CONNECTIONS, n_network_pf=6990, seed=seed)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.pf_compartment, again.pf_compartment)
    np.testing.assert_array_equal(first.pf_shared, again.pf_shared)
    assert not np.array_equal(first.pf_shared, other.pf_shared[: len(first.pf_shared)])


@pytest.mark.parametrize("n_network_pf", [0, 100, 6990, 69900])
def test_a_fiber_of_the_network_has_at_most_one_contact(default_cell, n_network_pf):
    placement = place_synapses(default_cell, CONNECTIONS, n_network_pf=n_network_pf)
    fibers = placement.pf_shared[placement.pf_shared != NOT_SHARED]
    assert len(np.unique(fibers)) == len(fibers)
    limit = round(CONNECTIONS.pf_shared_fraction * len(placement.pf_compartment))
    assert len(fibers) == min(n_network_pf, limit)


def test_cf_synapses_are_evenly_spaced_along_smooth_dendrite_and_soma(default_cell):
    placement = place_synapses(default_cell, CONNECTIONS, n_network_pf=0)
    compartments = compute_compartments(default_cell)
    per_um = 500 / compartments.length_um[np.isin(compartments.region, (0, 2))].sum()
    counts = np.bincount(placement.cf_compartment, minlength=len(compartments))
    there = np.isin(compartments.region, (0, 2))
    assert (np.abs(counts - per_um * compartments.length_um)[there] < 1.0001).all()
    assert counts[~there].sum() == 0
    assert counts.sum() == 500


def test_proximal_cf_synapses_are_as_many_and_follow_the_published_density(default_cell):
    proximal = CONNECTIONS.model_copy(update={"cf_placement": "proximal"})
    placement = place_synapses(default_cell, proximal, n_network_pf=0)
    compartments = compute_compartments(default_cell)
    there = np.isin(compartments.region, (0, 2))
    d = compartments.path_distance_um
    density = np.where(d < 35, 1, np.maximum(np.exp(-(d - 35) / 50), 0.05))
    expected = density * compartments.length_um * there
    counts = np.bincount(placement.cf_compartment, minlength=len(compartments))
    assert counts.sum() == 500
    assert (np.abs(counts - 500 * expected / expected.sum()) < 1.0001).all()
    uniform = place_synapses(default_cell, CONNECTIONS, n_network_pf=0)
    assert d[placement.cf_compartment].mean() < 0.8 * d[uniform.cf_compartment].mean()


def test_mli_sites_can_be_on_spiny_dendrite_only(default_cell):
    spiny_only = CONNECTIONS.model_copy(update={"mli_placement": "spiny"})
    own = place_synapses(default_cell, spiny_only, n_network_pf=0).mli_compartment
    whole = place_synapses(default_cell, CONNECTIONS, n_network_pf=0).mli_compartment
    is_spiny = compute_compartments(default_cell).region == 3
    assert is_spiny[own].all()
    assert np.array_equal(own, whole[is_spiny[whole]])  # the same sites, without the others
    assert len(own) < len(whole)


@pytest.mark.parametrize("published", [False, True])
def test_each_mli1_has_seven_or_eight_sites_and_each_mli2_one(published):
    mli, site = connect_mlis(208, 59, 1627, CONNECTIONS, published_streams=published)
    counts = np.bincount(mli, minlength=267)
    assert set(counts[:208].tolist()) == {7, 8}
    assert set(counts[208:].tolist()) == {1}
    assert counts[:208].mean() == pytest.approx(7.5, abs=3 * 0.5 / np.sqrt(208))
    assert site.min() >= 0
    assert site.max() < 1627
    for cell in range(267):
        assert len(np.unique(site[mli == cell])) == counts[cell]


def write_table(folder, cell, change=lambda rows: rows):
    """A table of contacts that fits the cell, changed."""
    compartments = compute_compartments(cell)
    spiny = ordered_compartments(cell, compartments, "spiny")
    counts = np.trunc(2.8 * compartments.length_um[spiny]).astype(int)
    synapse = np.repeat(np.arange(len(spiny)), counts)
    rows = [[str(i), str(s), "False", str(i)] for i, s in enumerate(synapse.tolist())]
    text = "\n".join(",".join(row) for row in [["", "syn", "shared", "pf_index"], *change(rows)])
    file = folder / "pf.csv"
    file.write_text(text + "\n")
    return file


def put(row, column, value):
    def change(rows):
        rows[row][column] = value
        return rows

    return change


def test_a_table_that_fits_is_read(tmp_path, small_cell):
    compartment, shared = read_pf_table(write_table(tmp_path, small_cell), small_cell, CONNECTIONS)
    assert len(compartment) == len(shared) > 0
    assert (shared == NOT_SHARED).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(0, 1, "9999"), r"pf\.csv, row 2, column syn: 9999 is not a compartment"),
        (put(0, 1, "-1"), r"row 2, column syn: -1 is not a compartment"),
        (put(0, 2, "perhaps"), r"row 2, column shared: 'perhaps' is neither True nor False"),
        (put(0, 3, "-4"), r"row 2, column pf_index: -4 is negative"),
        (lambda rows: rows[:-9], r"contacts? on compartment \d+"),
        (lambda rows: rows + [["0", "0", "False", "0"]] * 3, r"contacts on compartment 0"),
        (
            lambda rows: put(1, 3, "0")(put(1, 2, "True")(put(0, 2, "True")(rows))),
            r"row 3, column pf_index: shared fiber 0",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, small_cell, change, message):
    with pytest.raises(InputError, match=message):
        read_pf_table(write_table(tmp_path, small_cell, change), small_cell, CONNECTIONS)

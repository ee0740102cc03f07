from dataclasses import replace

import numpy as np
import pytest

from cerebella.analysis.dendritic_calcium import (
    MAX_DIAMETER_UM,
    compute_calcium_mean_nM,
    compute_spike_spread,
    compute_spiny_calcium,
    compute_spiny_mask,
)
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.recording_sites import recording_sites_of
from cerebella.morphology.swc import load_morphology
from cerebella.results.traces import Traces


@pytest.fixture
def calcium(spiny_calcium):
    return spiny_calcium()


@pytest.fixture
def sites(calcium, spiny_cell):
    return recording_sites_of(calcium, spiny_cell)


def test_the_mask_is_spiny_and_thin(sites):
    mask = compute_spiny_mask(sites)
    assert sites.sections[mask].tolist() == ["dendA1_00", "dendA1_00", "dendA1_01"]


def test_the_mean_over_the_mask_counts_each_compartment_once(calcium, sites):
    spiny = compute_spiny_calcium(calcium, sites)
    assert spiny.n_compartments == 3
    assert spiny.mean_nM[1600] == pytest.approx((4000 + 4000 + 6000) / 3)
    assert spiny.mean_nM[1500] == pytest.approx(40)


def test_the_mean_over_time_is_that_of_150_to_180_ms(calcium, sites):
    """10 of 30 ms are at the pulse."""
    spiny = compute_spiny_calcium(calcium, sites)
    expected = (14000 / 3 * 10 + 40 * 20) / 30
    assert compute_calcium_mean_nM(spiny) == pytest.approx(expected)
    assert compute_calcium_mean_nM(spiny, 101.7) == pytest.approx(40)  # from 100 to 130 ms


def test_the_spread_counts_compartments_that_reach_5_uM(spiny_calcium, sites):
    assert compute_spike_spread(spiny_calcium(thin=0.004999, twig=0.005), sites) == 1
    assert compute_spike_spread(spiny_calcium(smooth=1, thick=1, thin=0.1, twig=0.1), sites) == 3
    assert compute_spike_spread(spiny_calcium(thin=1), sites, 101.7) == 0


def test_a_recording_that_ends_in_the_window_has_neither(spiny_calcium, sites):
    short = spiny_calcium(duration_ms=170)
    assert np.isnan(compute_calcium_mean_nM(compute_spiny_calcium(short, sites)))
    assert compute_spike_spread(short, sites) is None


def test_places_of_other_compartments_are_refused(calcium, sites):
    with pytest.raises(InputError, match="do not match the traces of calcium"):
        compute_spiny_calcium(calcium, sites.take(np.arange(10, -1, -1)))
    with pytest.raises(InputError, match="no spiny compartment is thinner"):
        compute_spiny_calcium(calcium, replace(sites, diameters_um=sites.diameters_um + 2))


@pytest.mark.published
def test_the_mask_of_the_traced_cell(published_folder):
    """1901 published, six of which measure 1.5 µm but for a rounding error."""
    folder = published_folder("purkinje")
    cell = load_morphology(folder / "pc_morphology.swc", folder / "pc_morphology_sections.csv")
    c = compute_compartments(cell)
    n = len(c.x)
    calcium = Traces(
        np.arange(2.0),
        np.zeros((2, n)),
        np.zeros(n),
        np.array(cell.section_names)[c.section],
        c.x,
        "cai",
        "mM",
    )
    sites = recording_sites_of(calcium, cell)
    mask = compute_spiny_mask(sites)
    at_the_limit = (sites.regions == "spiny") & (sites.diameters_um == MAX_DIAMETER_UM)
    assert mask.sum() == 1901 - 6
    assert at_the_limit.sum() == 58

import pytest

from cerebella.errors import InputError
from cerebella.morphology.recording_sites import (
    PUBLISHED_ORIGIN_X,
    load_recording_sites,
    recording_sites_of,
)
from cerebella.results.traces import Traces


@pytest.fixture
def run(make_purkinje_run):
    return make_purkinje_run()


def test_the_morphology_comes_back_from_the_run(run, spiny_cell):
    back = run.morphology
    assert back.section_names == spiny_cell.section_names
    assert back.n_compartments.tolist() == spiny_cell.n_compartments.tolist()


def test_places_are_those_of_the_columns(run):
    places = load_recording_sites(run, run.traces["calcium"])
    assert places.fit(run.traces["calcium"])
    assert places.regions.tolist() == (["soma"] * 3 + ["ais"] * 2 + ["smooth"] * 2 + ["spiny"] * 4)
    assert places.diameters_um.tolist() == [20] * 3 + [1] * 2 + [3] * 2 + [2, 1, 1, 0.5]
    assert places.path_distances_um[5:8].tolist() == pytest.approx([15, 25, 32.5])


def test_path_distances_may_start_elsewhere(run):
    places = load_recording_sites(run, run.traces["calcium"], origin_x=PUBLISHED_ORIGIN_X)
    assert places.path_distances_um[5] == pytest.approx(0.95 * 20 + 5)


def test_columns_may_be_some_compartments_in_any_order(run, spiny_cell):
    calcium = run.traces["calcium"]
    some = Traces(
        calcium.times_ms,
        calcium.values[:, [9, 2]],
        [10, 10],
        calcium.sections[[9, 2]],
        calcium.positions[[9, 2]],
    )
    assert recording_sites_of(some, spiny_cell).diameters_um.tolist() == [1, 20]


def test_traces_of_another_cell_are_refused(run, small_cell):
    with pytest.raises(InputError, match=r"no compartment at \w+\(0\.\d+\)"):
        recording_sites_of(run.traces["calcium"], small_cell)


def test_a_run_without_its_morphology_is_refused(run):
    (run.path / "morphology.swc").unlink()
    with pytest.raises(InputError, match=r"morphology\.swc: is missing"):
        load_recording_sites(run, run.traces["calcium"])

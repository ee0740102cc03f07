"""CSV tables and SONATA hold the same network, and others can open the SONATA files."""

from __future__ import annotations

import libsonata
import numpy as np
import pytest

from cerebella.errors import OutputExistsError
from cerebella.network.complete import complete_network
from cerebella.network.generate import generate_network
from cerebella.network.load import load_network, save_network


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=7, scale=0.2)


@pytest.fixture(scope="module")
def sonata(network, tmp_path_factory):
    return save_network(network, tmp_path_factory.mktemp("sonata") / "net")


def test_round_trip_between_the_formats_loses_nothing(network, sonata, tmp_path):
    csv = save_network(load_network(sonata), tmp_path / "csv", format="csv")
    assert load_network(csv) == network
    back = save_network(load_network(csv), tmp_path / "back")
    assert load_network(back) == network
    assert load_network(back).name == network.name
    for name in ("nodes.h5", "edges.h5"):
        assert (back / name).read_bytes() == (sonata / name).read_bytes()


def test_row_order_does_not_matter(network, tmp_path):
    csv = save_network(network, tmp_path / "csv", format="csv")
    (table,) = csv.glob("synaptic_connections_*.csv")
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert load_network(csv) == network


def test_libsonata_opens_nodes_edges_and_configuration(network, sonata):
    config = libsonata.CircuitConfig.from_file(str(sonata / "circuit_config.json"))
    assert {"mli1", "mli2", "pf", "cf"} <= config.node_populations
    for population in network.populations:
        nodes = config.node_population(population.name.lower())
        assert len(nodes) == population.n_cells
    edges = config.edge_population("pf__mli1__chemical")
    mli1 = network.synapses.target_gid == 5
    from_pf = network.synapses.source_gid >= network.population("PF").first_gid
    selection = edges.afferent_edges(np.array([5]))
    assert selection.flat_size == np.count_nonzero(mli1 & from_pf)
    x = edges.get_attribute("afferent_section_pos", selection)
    assert sorted(x) == sorted(network.synapses.x[mli1 & from_pf])
    dendrite = edges.get_attribute("afferent_section_id", selection)
    assert sorted(dendrite - 1) == sorted(network.synapses.dendrite[mli1 & from_pf])


def test_gap_junctions_are_an_edge_population_in_both_directions(network, sonata):
    storage = libsonata.EdgeStorage(str(sonata / "edges.h5"))
    edges = storage.open_population("mli1__mli1__electrical")
    assert edges.size == 2 * len(network.gap_junctions)
    a, b = int(network.gap_junctions.gid_a[0]), int(network.gap_junctions.gid_b[0])
    assert edges.connecting_edges(np.array([a]), np.array([b])).flat_size >= 1
    assert edges.connecting_edges(np.array([b]), np.array([a])).flat_size >= 1


def test_repr_describes_the_content(network):
    assert "42 MLI1, 12 MLI2" in repr(network)
    assert f"{len(network.gap_junctions)} gap junctions" in repr(network)


def test_existing_files_are_overwritten_only_on_request(network, sonata, tmp_path):
    with pytest.raises(OutputExistsError, match="`force`"):
        save_network(network, sonata)
    other = tmp_path / "home"
    other.mkdir()
    (other / "thesis.tex").touch()
    with pytest.raises(OutputExistsError, match=r"thesis\.tex"):
        save_network(network, other, overwrite=True)
    assert (other / "thesis.tex").exists()
    csv = save_network(network, tmp_path / "net", format="csv")
    save_network(network, csv, overwrite=True)
    assert load_network(csv) == network
    assert not list(csv.glob("cells_*.csv"))


def test_missing_tables_are_generated_and_named(network, tmp_path):
    folder = save_network(network, tmp_path / "tables", format="csv")
    for table in folder.glob("synaptic_*"):
        table.unlink()
    (folder / "cf_times_43_sync_3.csv").unlink()
    completed, used, generated = complete_network(folder, seed=7)
    assert completed.gap_junctions == network.gap_junctions
    np.testing.assert_array_equal(completed.cf_times_ms[3], network.cf_times_ms[3])
    assert len(completed.synapses) == len(network.synapses)
    assert {path.name for path in used} == {path.name for path in folder.iterdir()}
    assert any("synapses" in text for text in generated)
    assert any("3" in text for text in generated)


@pytest.mark.published
def test_published_tables_are_used_with_their_synapses_generated(published_networks):
    network, used, generated = complete_network(published_networks, seed=0)
    assert network.name == "43_20241112_153832"
    assert len(network.gap_junctions) == 478
    assert len(network.synapses) == 171_837
    assert len(used) == 8
    assert len(generated) == 2
    assert list(network.cf_times_ms) == list(range(9))
    assert network.cf_times_ms[8][1] == 150.68399751639595

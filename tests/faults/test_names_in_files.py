"""Names in files are never paths: no file outside a folder is read or written because of them."""

from __future__ import annotations

import json
import os

import h5py
import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.network.load import check_network, load_network
from cerebella.network.network import Network
from cerebella.results.sonata_spikes import read_spikes
from cerebella.results.sonata_traces import read_traces
from cerebella.runs.load import load_run

PATHS = ["x/../../evil", "/etc/passwd", "..", "", ".hidden", "a\\b", "a\nb", "a\x00b", "n" * 200, 3]


def edit(file, change):
    """Change the content of a JSON file."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize("name", PATHS)
def test_the_network_of_a_run_is_not_a_path(mli_run, name):
    edit(mli_run / "run.json", lambda run: run["network"].update(name=name))
    with pytest.raises(InputError, match=r"network\.name"):
        load_run(mli_run)


@pytest.mark.parametrize("name", PATHS)
def test_the_traces_of_a_run_are_not_paths(mli_run, name):
    edit(mli_run / "run.json", lambda run: run.update(traces=[name]))
    with pytest.raises(InputError, match=r"traces\.0"):
        load_run(mli_run)


def test_an_export_is_written_into_its_folder_only(mli_run, tmp_path):
    """Also if a name came past the checks of the manifest."""
    run = load_run(mli_run)
    run.manifest["network"]["name"] = "x/../../evil"
    (tmp_path / "spk_x").mkdir()
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="is a path"):
        run.level.export(run, "csv", tmp_path / "out")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("name", PATHS)
def test_the_name_of_a_network_is_not_a_path(small_network, name):
    edit(small_network / "circuit_config.json", lambda c: c["cerebella"].update(name=name))
    network, problems = check_network(small_network)
    assert network is None
    assert "name of the network" in str(problems[0])


def test_the_name_of_a_network_made_in_python_is_not_a_path(small_network):
    network = load_network(small_network)
    with pytest.raises(InputError, match="name of the network"):
        Network(network.cell_counts, network.synapses, network.gap_junctions, {}, "a/b")


@pytest.mark.parametrize("name", PATHS)
def test_the_file_of_a_synchrony_level_is_not_a_path(small_network, name):
    edit(
        small_network / "circuit_config.json",
        lambda c: c["cerebella"]["cf_synchrony_levels"].update({"0": name}),
    )
    with pytest.raises(InputError, match="name of the file of CF spikes"):
        load_network(small_network)


def external_link(file, secret):
    file["report/mli1/data"] = h5py.ExternalLink(secret, "/x")


def soft_link_through_an_external_one(file, secret):
    file["outside"] = h5py.ExternalLink(secret, "/")
    file["report/mli1/data"] = h5py.SoftLink("/outside/x")


def external_storage(file, secret):
    file["report/mli1"].create_dataset("data", (5, 1), "f8", external=[(secret, 0, 40)])


def virtual_dataset(file, secret):
    layout = h5py.VirtualLayout((5, 1), "f8")
    layout[:] = h5py.VirtualSource(secret, "x", (5, 1))
    file["report/mli1"].create_virtual_dataset("data", layout)


def soft_link_to_itself(file, secret):
    file["report/mli1/data"] = h5py.SoftLink("data")


@pytest.mark.parametrize(
    "attack",
    [
        external_link,
        soft_link_through_an_external_one,
        external_storage,
        virtual_dataset,
        soft_link_to_itself,
    ],
)
def test_no_values_are_read_from_other_files(mli_run, tmp_path, attack):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.full((5, 1), 42.0)
    trace = mli_run / "voltage.h5"
    with h5py.File(trace, "r+") as file:
        del file["report/mli1/data"]
        attack(file, os.fspath(secret))
    with pytest.raises(InputError, match="link, or refers to values in another file"):
        read_traces(trace)


def test_soft_links_within_a_file_are_followed(mli_run):
    expected = read_spikes(mli_run / "spikes.h5")
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        file.move("spikes/mli1/timestamps", "times")
        file["spikes/mli1/timestamps"] = h5py.SoftLink("/times")
    assert read_spikes(mli_run / "spikes.h5") == expected

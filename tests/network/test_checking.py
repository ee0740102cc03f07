"""Errors in tables are reported with file, row, column, value and remedy."""

from __future__ import annotations

import re
import shutil

import pytest

from cerebella.errors import InputError
from cerebella.network.csv_tables import load_cf_times
from cerebella.network.generate import generate_network
from cerebella.network.load import check_network, load_network, save_network

CELLS, SYNAPSES = "cells_seed_1_scale_0.1.csv", "synaptic_connections_seed_1_scale_0.1.csv"
GAPS, CF = "gap_connections_seed_1_scale_0.1.csv", "cf_times_43_sync_8.csv"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "net"
    save_network(generate_network(seed=1, scale=0.1), path, format="csv")
    names = {file.name.partition("_seed")[0]: file for file in path.iterdir()}
    for stem, wanted in (
        ("cells", CELLS),
        ("synaptic_connections", SYNAPSES),
        ("gap_connections", GAPS),
    ):
        names[stem].rename(path / wanted)
    load_network(path)
    return path


@pytest.fixture
def tables(pristine, tmp_path):
    return shutil.copytree(pristine, tmp_path / "net")


def line(number, text):
    """Replace one line; the header is number 1."""

    def change(lines):
        lines[number - 1] = text

    return change


def cut(number, column, value):
    """Replace one value of one line."""

    def change(lines):
        values = lines[number - 1].split(",")
        values[column] = value
        lines[number - 1] = ",".join(values)

    return change


def header(old, new):
    return lambda lines: lines.__setitem__(0, lines[0].replace(old, new))


def without(number):
    return lambda lines: lines.pop(number - 1)


def repeat(number):
    return lambda lines: lines.insert(number, lines[number - 1])


def truncate(lines):
    lines[-1] = lines[-1][: len(lines[-1]) // 2].rpartition(",")[0]


def semicolons(lines):
    lines[:] = [text.replace(",", ";") for text in lines]


PROBLEMS = {
    "missing column in cells": (CELLS, header("cell_type", "kind"), ["cell_type"]),
    "missing column in synapses": (SYNAPSES, header("dendid", "dend"), ["dendid"]),
    "missing column in gaps": (GAPS, header("target_x", "tx"), ["target_x"]),
    "missing column in CF times": (CF, header("spiketime", "time"), ["spiketime"]),
    "duplicate gid": (CELLS, repeat(5), ["row 6", "gid", "duplicate gid 3", "one row"]),
    "gid with a gap": (CELLS, without(5), ["gid"]),
    "unknown cell type": (CELLS, cut(4, 1, "IN9"), ["row 4", "cell_type", "'IN9'", "IN1"]),
    "cells out of order": (CELLS, cut(4, 1, "CF"), ["cell_type", "order"]),
    "gid that is no number": (CELLS, cut(4, 0, "x"), ["row 4", "gid", "'x'"]),
    "gid that is not whole": (CELLS, cut(4, 0, "2.5"), ["row 4", "gid", "2.5"]),
    "unknown source": (SYNAPSES, cut(3, 0, "99999"), ["row 3", "source", "99999"]),
    "unknown target": (SYNAPSES, cut(3, 1, "99999"), ["row 3", "target", "99999"]),
    "dendrite 12": (SYNAPSES, cut(3, 2, "12"), ["row 3", "dendid", "12", "11"]),
    "dendrite -1": (SYNAPSES, cut(3, 2, "-1"), ["row 3", "dendid", "-1"]),
    "x above 1": (SYNAPSES, cut(3, 3, "1.5"), ["row 3", "column x", "1.5"]),
    "x is NaN": (SYNAPSES, cut(3, 3, "nan"), ["row 3", "column x", "NaN"]),
    "x is empty": (SYNAPSES, cut(3, 3, ""), ["row 3", "column x"]),
    "unknown label": (SYNAPSES, cut(3, 4, "XX->IN1"), ["row 3", "label", "XX->IN1"]),
    "contradicting label": (SYNAPSES, cut(3, 4, "CF->IN2"), ["row 3", "label", "contradicts"]),
    "label of the wrong kind": (SYNAPSES, cut(3, 4, "CF"), ["row 3", "label", "contradicts"]),
    "autapse": (SYNAPSES, line(2, "0,0,3,0.5,IN1->IN1"), ["row 2", "0"]),
    "gap row without its mirror": (GAPS, without(4), ["row", "mirror"]),
    "gap of a cell with itself": (GAPS, line(2, "0,0,5,0.7,6,0.8"), ["row 2"]),
    "gap dendrite 12": (GAPS, cut(2, 2, "12"), ["row 2", "source_dendid", "12"]),
    "gap x below 0": (GAPS, cut(2, 5, "-0.1"), ["row 2", "target_x", "-0.1"]),
    "gap on an unknown cell": (GAPS, cut(2, 1, "99999"), ["row 2", "target", "99999"]),
    "CF without time": (CF, without(2), ["has no time", "gid"]),
    "CF time is NaN": (CF, cut(2, 1, "nan"), ["row 2", "spiketime", "nan"]),
    "CF time is negative": (CF, cut(2, 1, "-3"), ["row 2", "spiketime", "-3"]),
    "CF time of another cell": (CF, cut(2, 0, "0"), ["row 2", "gid 0", "not a CF"]),
    "truncated cells": (CELLS, line(2163, "21"), ["row 2163"]),
    "truncated synapses": (SYNAPSES, truncate, ["row"]),
    "truncated gaps": (GAPS, truncate, ["row"]),
    "wrong delimiter in cells": (CELLS, semicolons, ["semicolons", "commas"]),
    "wrong delimiter in synapses": (SYNAPSES, semicolons, ["semicolons", "commas"]),
    "wrong delimiter in CF times": (CF, semicolons, ["semicolons", "commas"]),
    "no content": (SYNAPSES, lambda lines: lines.clear(), ["empty"]),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_bad_table_is_refused_with_its_place(tables, problem):
    name, change, fragments = PROBLEMS[problem]
    lines = (tables / name).read_text().splitlines()
    change(lines)
    (tables / name).write_text("".join(f"{text}\n" for text in lines))
    with pytest.raises(InputError) as caught:
        load_network(tables)
    message = str(caught.value)
    assert name in message
    assert caught.value.remedy
    for fragment in fragments:
        assert fragment in message, message


@pytest.mark.parametrize("name", [CELLS, SYNAPSES, GAPS, CF])
def test_a_file_of_0_bytes_or_of_binary_is_refused(tables, name):
    for content in (b"", b"\x00\xff\xfe\x01" * 50):
        (tables / name).write_bytes(content)
        with pytest.raises(InputError, match=re.escape(name)):
            load_network(tables)


@pytest.mark.parametrize("name", [CELLS, SYNAPSES, GAPS])
def test_a_missing_table_is_named_with_the_command_that_makes_it(tables, name):
    (tables / name).unlink()
    with pytest.raises(InputError, match=r"network build OUT --from") as caught:
        load_network(tables)
    assert name.partition("_seed")[0] in str(caught.value)


def test_a_folder_without_a_network_is_named(tmp_path):
    with pytest.raises(InputError, match="contains no network"):
        load_network(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        load_network(tmp_path / "absent")


def test_two_tables_of_a_kind_are_both_named(tables):
    shutil.copy(tables / CELLS, tables / "cells_other.csv")
    with pytest.raises(InputError, match=r"cells_other\.csv") as caught:
        load_network(tables)
    assert CELLS in str(caught.value)


def test_windows_line_ends_a_byte_order_mark_and_padding_are_accepted(tables):
    before = load_network(tables)
    text = (tables / CELLS).read_text().replace(",", ", ")
    (tables / CELLS).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_network(tables) == before


def test_labels_that_name_the_kind_of_source_alone_are_accepted(tables):
    """The kind of a synapse is decided by how its label begins."""
    before = load_network(tables)
    text = (tables / SYNAPSES).read_text()
    text = re.sub(r"PF\d->IN\d", "PF", text).replace("IN1->IN1", "IN->IN")
    (tables / SYNAPSES).write_text(text)
    assert load_network(tables) == before
    (tables / SYNAPSES).write_text(text.replace("IN2->IN1", "IN->IN"))
    with pytest.raises(InputError, match=r"contradicts.*IN2->IN1"):
        load_network(tables)


def test_check_names_the_first_problem_of_each_file(tables):
    for name, change in ((SYNAPSES, cut(3, 2, "12")), (GAPS, cut(2, 2, "12")), (CF, without(2))):
        lines = (tables / name).read_text().splitlines()
        change(lines)
        (tables / name).write_text("\n".join(lines) + "\n")
    network, problems = check_network(tables)
    assert network is None
    assert [problem.file.name for problem in problems] == [SYNAPSES, GAPS, CF]


@pytest.mark.parametrize(
    ("rows", "fragment"),
    [("0,20\n", "not a CF"), ("99999,20\n", "unknown gid"), ("CF,20\n", "'CF'")],
)
def test_own_cf_spikes_are_checked_too(tables, tmp_path, rows, fragment):
    network = load_network(tables)
    first = network.population("CF").first_gid
    file = tmp_path / "cf.csv"
    file.write_text(f"gid,spiketime\n{first},20\n{first},25.5\n")
    assert load_cf_times(file, network).times_ms.tolist() == [20, 25.5]
    file.write_text(f"gid,spiketime\n{rows}")
    with pytest.raises(InputError, match=fragment):
        load_cf_times(file, network)


@pytest.mark.parametrize("name", ["nodes.h5", "edges.h5", "circuit_config.json"])
def test_a_damaged_sonata_file_is_named(tables, tmp_path, name):
    sonata = save_network(load_network(tables), tmp_path / "sonata")
    content = (sonata / name).read_bytes()
    (sonata / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=re.escape(name)):
        load_network(sonata)
    (sonata / name).unlink()
    with pytest.raises(InputError):
        load_network(sonata)

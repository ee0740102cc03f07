"""Any file is read, or refused with one short message, soon and in little memory."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile

import h5py
import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.files import unpacked
from cerebella.files.hdf5 import numbers_in, opened_hdf5, texts_in
from cerebella.files.json_file import read_json
from cerebella.files.npz import read_npz
from cerebella.files.text import read_text
from cerebella.files.yaml_file import read_yaml
from cerebella.morphology.swc import load_morphology
from cerebella.network.csv_tables import load_cf_times
from cerebella.network.load import check_network, load_network
from cerebella.parameters.configure import apply_file
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.settings import apply_settings
from tests.faults.fuzz.readers import SWC

ALIAS_BOMB = "a0: &a0 [x]\n" + "\n".join(
    f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]" for i in range(12)
)
YAML = {
    "date": ("seed: 2024-01-01", "timestamp"),
    "impossible date": ("seed: 2024-99-99", "timestamp"),
    "set": ("seed: !!set {a, b}", "set"),
    "binary": ("seed: !!binary aGVsbG8=", "binary"),
    "object": ("seed: !!python/object/apply:os.system [x]", "python/object"),
    "5000 digits": (f"seed: {'9' * 5000}", "4300 digits"),
    "alias to itself": ("a: &a [*a, *a]", "refers to itself"),
    "merge with itself": ("a: &a {b: 1, c: *a}", "refers to itself"),
    "alias bomb": (ALIAS_BOMB, "more than 20000 values"),
    "depth": ("[" * 5000, "not valid YAML"),
    "depth in blocks": ("- " * 5000 + "x", "not valid YAML"),
    "shallow enough for YAML": (f"a: {'[' * 100}{']' * 100}", "more than 20000 values"),
    "two documents": ("--- {a: 1}\n--- {b: 2}", "another document"),
    "no mapping": ("[1, 2]", "not a mapping"),
    "control characters": ("a: \x07", "special characters"),
}


@pytest.mark.parametrize("name", YAML)
def test_yaml_is_plain_and_small(tmp_path, name):
    text, message = YAML[name]
    (tmp_path / "x.yaml").write_text(text)
    start = time.process_time()
    with pytest.raises(InputError, match=message) as caught:
        read_yaml(tmp_path / "x.yaml")
    assert len(str(caught.value)) < 600
    assert time.process_time() - start < 5


def test_yaml_with_references_is_read(tmp_path):
    (tmp_path / "x.yaml").write_text("a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}")
    content = {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}
    assert read_yaml(tmp_path / "x.yaml") == content


@pytest.mark.parametrize("value", ["'" + "9" * 5000 + "'", "9" * 4000, "x" * 100_000, "[1, 2]"])
def test_a_value_of_a_parameter_is_not_repeated_in_full(tmp_path, value):
    (tmp_path / "x.yaml").write_text(f"time_step_ms: {value}")
    with pytest.raises(InputError, match="time_step_ms") as caught:
        apply_file(MLIParameters(), tmp_path / "x.yaml")
    assert len(str(caught.value).replace(str(tmp_path), "")) < 400


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 50_000, "1e400", "NaN"])
def test_settings_of_the_command_line_are_refused_in_one_message(value):
    with pytest.raises(InputError, match="time_step_ms") as caught:
        apply_settings(MLIParameters(), [f"time_step_ms={value}"])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "not valid JSON"),
        ('{"a":' * 900 + "1" + "}" * 900, "nested too deeply|not valid JSON"),
        ('{"a": ' + "9" * 5000 + "}", "4300 digits"),
        ('{"a": NaN}', "NaN is not finite"),
        ('{"a": 1e400}', "1e400 is not finite"),
        ('{"a": \x00}', "not UTF-8"),
        ("", "not valid JSON"),
        ("[]", "not a JSON object"),
    ],
)
def test_json_is_an_object_of_finite_depth(tmp_path, text, message):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_json(tmp_path / "x.json")
    assert len(str(caught.value)) < 600


def test_json_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(20_000_000_000)  # takes no space on the disk
    with pytest.raises(InputError, match="larger than 16 MB"):
        read_json(tmp_path / "x.json")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{", "[]", '{"cerebella": 3}', '{"cerebella": {}}']
)
def test_a_broken_configuration_of_a_network_is_reported(small_network, text):
    (small_network / "circuit_config.json").write_text(text)
    network, problems = check_network(small_network)
    assert network is None
    assert problems[0].file == small_network / "circuit_config.json"


def archive(members, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return bytearray(buffer.getvalue())


def array(values, shape=None):
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=True)
    content = buffer.getvalue()
    return content if shape is None else content.replace(b"(3,)", shape)


def test_an_archive_of_rows_that_are_not_there_is_refused(tmp_path):
    for shape in (
        b"(1000000000,)",
        b"(10**9, )",
        b"(-3,)",
        b"(4,)",
        b"(2,)",
        b"(None,)",
        b"((((",
        b"(",
    ):
        (tmp_path / "x.npz").write_bytes(archive({"a": array(np.arange(3.0), shape)}))
        with pytest.raises(InputError, match="cannot be read as a NumPy archive"):
            read_npz(tmp_path / "x.npz")


@pytest.fixture
def small_limit(monkeypatch):
    """Treat 1 MB as 500 MB, the most that may be unpacked from a highly compressed file."""
    monkeypatch.setattr(unpacked, "_MOST_REPETITIVE_BYTES", 1_000_000)


def test_archives_that_claim_more_than_they_can_hold_are_refused(tmp_path, small_limit):
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(5_000_000))
    assert (tmp_path / "x.npz").stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"claims arrays of 0\.04 GB"):
        read_npz(tmp_path / "x.npz")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_of_other_programs_are_refused(tmp_path, method):
    (tmp_path / "x.npz").write_bytes(archive({"a": array(np.arange(3.0))}, method))
    with pytest.raises(InputError, match="is not that of NumPy"):
        read_npz(tmp_path / "x.npz")


def test_damaged_members_of_archives_are_refused(tmp_path):
    good = archive({"a": array(np.arange(300.0))}, zipfile.ZIP_DEFLATED)
    method = good.index(b"PK\x01\x02") + 10
    for place, value in ((60, 255), (100, 0), (method, 99), (method - 2, 1)):
        content = bytearray(good)
        content[place] = value
        (tmp_path / "x.npz").write_bytes(content)
        with pytest.raises(InputError, match="cannot be read as a NumPy archive"):
            read_npz(tmp_path / "x.npz")


def test_pickles_in_archives_are_not_loaded(tmp_path):
    (tmp_path / "x.npz").write_bytes(archive({"a": array(np.array([{}], dtype=object))}))
    with pytest.raises(InputError, match="does not contain numbers or text"):
        read_npz(tmp_path / "x.npz")


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (10**9,), "chunks": (10**5,), "compression": "gzip"},
        {"shape": (10**9,), "fillvalue": 1.0},
        {"shape": (10,), "maxshape": (None,), "chunks": (10**8,)},
        {"data": np.zeros(5 * 10**6), "compression": "gzip"},
    ],
)
def test_a_dataset_larger_than_the_file_can_hold_is_refused(tmp_path, small_limit, options):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", dtype="f8", **options)
    with (
        pytest.raises(InputError, match="far more than the file holds"),
        opened_hdf5(tmp_path / "x.h5") as file,
    ):
        numbers_in(file, "x", tmp_path / "x.h5")


def test_compressed_datasets_of_recordings_are_read(tmp_path):
    values = np.round(np.random.default_rng(1).normal(-60, 0.1, 10**6), 1)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", data=values, compression="gzip", shuffle=True)
    with opened_hdf5(tmp_path / "x.h5") as file:
        assert np.array_equal(numbers_in(file, "x", tmp_path / "x.h5"), values)


def test_texts_of_hdf5_are_short(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", data=["y" * 100_000] * 3, dtype=h5py.string_dtype())
    with opened_hdf5(tmp_path / "x.h5") as file, pytest.raises(InputError, match="200") as caught:
        texts_in(file, "x", tmp_path / "x.h5")
    assert len(str(caught.value)) < 400


def test_devices_and_folders_are_not_read(tmp_path):
    for read in (read_text, read_json, read_yaml, read_npz):
        with pytest.raises(InputError, match="is a device"):
            read(type(tmp_path)("/dev/zero"))
        with pytest.raises(InputError, match="is a folder"):
            read(tmp_path)
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(InputError, match="is a device"), opened_hdf5(tmp_path / "pipe.h5"):
        pass


def test_no_message_repeats_a_file_or_controls_the_terminal(tmp_path):
    (tmp_path / "run.csv").write_text("\x1b[2J" + "x" * 100_000 + "\n")
    with pytest.raises(InputError) as caught:
        read_json(tmp_path / "run.csv")
    assert "\x1b" not in str(caught.value)
    error = InputError("\x1b[2J" + "x" * 100_000 + " is not a number", remedy="y" * 100_000)
    assert len(str(error)) < 600
    assert "\x1b" not in str(error)
    assert error.problem.endswith("is not a number")


CF_TIMES = {
    "10.5": (None, "10.5"),
    '"10.5"': (None, "10.5"),
    '"10,5"': ("decimal comma", "Write 10.5"),
    "10,5": ("3 values but the header has 2", "decimals are written with a point"),
    '"1,000,5"': ("not a number", "Give a number"),
    "1" * 200_000: ("spike time inf", "finite time"),
    '"' + "x" * 200_000 + '"': ("not a number", "Give a number"),
    '"': ("not a number|missing|value|several rows", ""),
    "1_0": ("not a number", ""),
    "": ("missing", "Give a number"),
}


@pytest.mark.parametrize("value", CF_TIMES, ids=lambda text: text[:10])
def test_values_of_csv_are_read_or_the_cause_is_named(tmp_path, small_network, value):
    problem, remedy = CF_TIMES[value]
    network = load_network(small_network)
    (tmp_path / "x.csv").write_text(f'gid,spiketime\n"2161",{value}\n')
    if problem is None:
        assert load_cf_times(tmp_path / "x.csv", network).times_ms.tolist() == [float(remedy)]
        return
    with pytest.raises(InputError, match=problem) as caught:
        load_cf_times(tmp_path / "x.csv", network)
    assert remedy in (caught.value.remedy or "")
    assert len(str(caught.value).replace(str(tmp_path), "")) < 400


def with_row(number, row):
    rows = SWC.splitlines()
    rows[number] = row
    return "\n".join(rows) + "\n"


def test_swc_with_commas_or_with_ids_beyond_2_53_is_read(tmp_path):
    forms = {
        "plain": SWC,
        "commas": SWC.replace(" ", ","),
        "both": SWC.replace(" ", ", "),
        "ids": with_row(6, "720575940626407426 3 -20 90 0 0.5 5"),
    }
    for name, text in forms.items():
        (tmp_path / f"{name}.swc").write_text(text)
    plain, *others = (load_morphology(tmp_path / f"{name}.swc") for name in forms)
    for other in others:
        assert np.array_equal(other.points_um, plain.points_um)


def test_large_ids_of_swc_are_told_apart(tmp_path):
    big = 2**62
    rows = "".join(
        " ".join([str(big + int(row.split()[0])), *row.split()[1:6], parent]) + "\n"
        for row in SWC.splitlines()
        for parent in [str(big + int(row.split()[6])) if row.split()[6] != "-1" else "-1"]
    )
    (tmp_path / "x.swc").write_text(rows)
    assert load_morphology(tmp_path / "x.swc").n_sections == 5


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        (SWC.rstrip("\n"), "no line ending", "if the line is complete, add a line ending"),
        (with_row(6, f"{2**63} 3 -20 90 0 0.5 5"), "larger than 2⁶³", "Number the points"),
        (with_row(6, "7 3 -20,5 90 0 0.5 5"), "has a comma", "with a point"),
        (with_row(6, "7.5 3 -20 90 0 0.5 5"), "not an integer", "Give an integer"),
        (SWC + "8 1 3 0 0 3 1\n9 1 0 3 0 3 1\n10 1 -3 0 0 3 1\n", "3 points of the soma", "sphere"),
    ],
)
def test_the_cause_is_named_of_swc_that_is_refused(tmp_path, text, problem, remedy):
    (tmp_path / "x.swc").write_text(text)
    with pytest.raises(InputError, match=problem) as caught:
        load_morphology(tmp_path / "x.swc")
    assert remedy in (caught.value.remedy or "")


def test_the_name_of_a_network_with_a_slash_is_reported(small_network):
    config = json.loads((small_network / "circuit_config.json").read_text())
    config["cerebella"]["name"] = "a/b"
    (small_network / "circuit_config.json").write_text(json.dumps(config))
    network, problems = check_network(small_network)
    assert network is None
    assert "'a/b'" in str(problems[0])

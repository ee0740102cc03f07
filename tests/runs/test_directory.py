import json

import numpy as np
import pytest

from cerebella.errors import InputError, OutputExistsError
from cerebella.results.condition import Condition
from cerebella.results.traces import Traces
from cerebella.runs.directory import check_output
from cerebella.runs.load import load_run
from cerebella.runs.manifest import MANIFEST_SCHEMA
from cerebella.runs.run import Run


def write_run(path, manifest, spikes, traces=None, force=False):
    return Run(manifest, spikes=spikes, traces=traces).save(path, force=force)


@pytest.fixture
def manifest():
    return {
        "kind": "mli",
        "cerebella": "0.1.0",
        "network": {"name": "tiny", "cell_counts": {"MLI1": np.int64(4)}},
        "cf_sync": 8,
        "trial": 1,
        "w2_pS": 70,
        "duration_ms": 200.0,
        "seed": np.uint64(7),
        "timings_s": {"solve": np.float64(1.5)},
    }


@pytest.fixture
def voltage():
    return Traces(
        0.5 * np.arange(4), np.arange(8.0).reshape(4, 2), [0, 5], ["soma", "soma"], [0.5, 0.5]
    )


@pytest.fixture
def run(tmp_path, manifest, small_spikes, voltage):
    return write_run(tmp_path / "run", manifest, small_spikes, {"voltage": voltage})


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_comes_back(run, small_spikes, voltage):
    assert names_in(run.path) == ["run.json", "spikes.h5", "voltage.h5"]
    back = load_run(run.path)
    assert back.spikes == small_spikes
    assert back.traces["voltage"] == voltage
    assert back.manifest["seed"] == 7
    assert back.manifest["schema"] == MANIFEST_SCHEMA
    assert back.condition == Condition(8, 70, 1, "tiny")


def test_traces_are_read_on_access(run):
    (run.path / "voltage.h5").unlink()
    back = load_run(run.path)
    assert list(back.traces) == ["voltage"]
    with pytest.raises(InputError, match=r"voltage\.h5: is missing"):
        back.traces["voltage"]
    with pytest.raises(KeyError, match="recorded"):
        back.traces["calcium"]


def test_repr_identifies_the_run(run):
    text = repr(run)
    for part in ("tiny", "CF synchrony 8", "w2 70 pS", "trial 1", "12 spikes", "200 ms", "voltage"):
        assert part in text


def test_a_finished_run_is_not_overwritten(run, manifest, small_spikes):
    with pytest.raises(OutputExistsError, match="`force`"):
        write_run(run.path, manifest, small_spikes)
    assert (run.path / "voltage.h5").exists()


def test_force_replaces_a_run_whole(run, manifest, small_spikes):
    write_run(run.path, manifest | {"trial": 2}, small_spikes, force=True)
    assert names_in(run.path) == ["run.json", "spikes.h5"]
    assert load_run(run.path).condition.trial == 2


def test_force_keeps_the_old_run_if_the_new_one_fails(run, manifest, small_spikes, voltage):
    stray = Traces(voltage.times_ms, voltage.values, [0, 99], voltage.sections, voltage.positions)
    with pytest.raises(InputError, match="2 traces, but only 1"):
        write_run(run.path, manifest, small_spikes, {"voltage": stray}, force=True)
    assert load_run(run.path).traces["voltage"] == voltage
    assert names_in(run.path.parent) == ["run"]


def test_force_does_not_delete_a_folder_other_than_a_run(tmp_path, manifest, small_spikes):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").touch()
    with pytest.raises(InputError, match="not a run"):
        write_run(tmp_path / "thesis", manifest, small_spikes, force=True)
    assert names_in(tmp_path / "thesis") == ["chapter1.tex"]


def test_force_does_not_replace_a_file_or_a_link(tmp_path, run):
    (tmp_path / "link").symlink_to(run.path)
    for path in (run.path / "run.json", tmp_path / "link"):
        with pytest.raises(InputError, match="a file or a link"):
            check_output(path, force=True)


def test_an_output_is_checked_before_the_work(tmp_path, run):
    check_output(tmp_path / "new")
    check_output(run.path, force=True)
    with pytest.raises(OutputExistsError):
        check_output(run.path)


@pytest.mark.parametrize("key", ["kind", "cerebella", "network", "cf_sync", "trial", "w2_pS"])
def test_a_manifest_without_a_key_is_neither_written_nor_read(
    tmp_path, run, manifest, small_spikes, key
):
    del manifest[key]
    if key != "kind":  # without it, this is not known to be an MLI run
        with pytest.raises(InputError, match=key):
            write_run(tmp_path / "new", manifest, small_spikes)
        assert not (tmp_path / "new").exists()
    stored = json.loads((run.path / "run.json").read_text())
    del stored[key]
    (run.path / "run.json").write_text(json.dumps(stored))
    with pytest.raises(InputError, match=key) as caught:
        load_run(run.path)
    assert caught.value.file.name == "run.json"


def test_numbers_that_json_does_not_know_are_refused(tmp_path, manifest, small_spikes):
    with pytest.raises(InputError, match="JSON"):
        write_run(tmp_path / "new", manifest | {"seed": float("nan")}, small_spikes)


def test_runs_of_other_kinds_need_fewer_keys(tmp_path, small_spikes):
    manifest = {"kind": "other", "cerebella": "0.2", "duration_ms": 200}
    assert write_run(tmp_path / "other", manifest, small_spikes).condition == Condition()


@pytest.mark.parametrize("name", ["spikes", "../voltage", "run.json", ""])
def test_traces_need_a_plain_name(tmp_path, manifest, small_spikes, voltage, name):
    with pytest.raises(InputError, match="cannot name traces"):
        write_run(tmp_path / "new", manifest, small_spikes, {name: voltage})


def test_a_later_format_is_not_misread(run):
    stored = json.loads((run.path / "run.json").read_text()) | {"schema": "cerebella-run/99"}
    (run.path / "run.json").write_text(json.dumps(stored))
    with pytest.raises(InputError, match="cerebella-run/99"):
        load_run(run.path)


def test_the_message_names_an_incomplete_run(tmp_path, run):
    with pytest.raises(InputError, match="no such run"):
        load_run(tmp_path / "nothing")
    with pytest.raises(InputError, match="not a complete run"):
        load_run(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        load_run(run.path / "run.json")


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("run.json", b'{"kind": ', "not valid JSON"),
        ("run.json", b"[]", "not a JSON object"),
        ("run.json", b"\xff", "not UTF-8 text"),
        ("spikes.h5", b"nonsense", "cannot be read as HDF5"),
        ("spikes.h5", None, "missing from this run"),
    ],
)
def test_a_damaged_file_is_named(run, file, content, problem):
    if content is None:
        (run.path / file).unlink()
    else:
        (run.path / file).write_bytes(content)
    with pytest.raises(InputError, match=problem) as caught:
        load_run(run.path)
    assert caught.value.file == run.path / file


def test_runs_of_one_cell_share_its_morphology_as_long_as_the_files_are_equal(make_purkinje_run):
    one, two = (load_run(make_purkinje_run(cf_sync=level).path) for level in (0, 8))
    assert one.morphology is two.morphology
    swc = two.path / "morphology.swc"
    swc.write_text(swc.read_text().replace(" 10.0 -1", " 11.0 -1"))
    assert load_run(one.path).morphology is one.morphology
    assert load_run(two.path).morphology is not one.morphology
    (one.path / "morphology.swc").write_text("1 1 0 0")
    with pytest.raises(InputError, match="1 1 0 0"):
        _ = load_run(one.path).morphology

"""`cerebella experiment olive-to-purkinje` as a user meets it."""

from __future__ import annotations

import pytest

from cerebella.morphology.swc import save_morphology

COMMAND = ("experiment", "olive-to-purkinje")
CONFIG = """olive:
  time_step_ms: 1
  plasticity: {rule: "off", initial_weight: 0.37}
"""


@pytest.fixture
def joined(cerebella, tmp_path, small_network_path, spiny_cell):
    """Run the experiment with a small network, a small cell and a loop of six seconds."""
    save_morphology(spiny_cell, tmp_path / "cell.swc", tmp_path / "sections.csv")
    (tmp_path / "small.yaml").write_text(CONFIG, encoding="utf-8")
    small = ["--network", small_network_path, "--morphology", "cell.swc"]
    small += ["--sections", "sections.csv", "--config", "small.yaml"]
    small += ["--loop-duration", "6s", "--settle", "1s", "--duration", "190ms", "--workers", 1]

    def run(out, *options, call=cerebella):
        return call(*COMMAND, out, *small, *options)

    return run


def test_it_writes_tables_a_figure_and_runs_and_resumes_when_repeated(
    joined, cerebella_process, tmp_path
):
    done = joined("out", "--coupling", "0", "--events", 2, call=cerebella_process)
    assert done.returncode == 0, done.stderr
    assert "CFs within ± 5 ms" in done.stdout
    assert "Change per synchronous climbing fiber" in done.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {"events.csv", "synchrony.csv", "correlograms.csv", "summary.csv", "summary.json"}
    assert {*tables, "olive_to_purkinje.png", "sweep.json", "runs"} <= names
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 1 + 2 * 2
    figure = (tmp_path / "out" / "olive_to_purkinje.png").read_bytes()
    again = joined("out", "--coupling", "0", "--events", 2)
    assert again.returncode == 0
    assert again.stdout == done.stdout
    assert (tmp_path / "out" / "olive_to_purkinje.png").read_bytes() == figure


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--coupling", "-0.1"], "'-0.1' is not a nonnegative number"),
        (["--coupling", "0,weak"], "'weak' is not a nonnegative number"),
        (["--coupling", "0.3"], "0.3 /ms is not between 0 and 0.2 /ms"),
        (["--events", 0], "0 events"),
    ],
)
def test_bad_input_gets_one_message_and_leaves_nothing(joined, tmp_path, options, message):
    done = joined("out", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_experiment_is_refused(joined, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sweep.json").write_text(
        '{"schema": "cerebella-sweep/1", "experiment": "cf-synchrony", "settings": {}}'
    )
    done = joined("out")
    assert done.returncode == 2
    assert "holds experiment cf-synchrony, not olive-to-purkinje" in done.stderr


def test_an_olive_that_is_too_small_is_refused_with_the_remedy(cerebella):
    done = cerebella(*COMMAND, "out", "--set", "olive.circuit.io_per_zone=2")
    assert done.returncode == 2
    assert "16 IO cells are too few for 22 climbing fibers" in done.stderr
    assert "circuit.scale=1.5" in done.stderr

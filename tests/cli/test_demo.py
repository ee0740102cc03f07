"""`cerebella demo`: the first thing that anybody runs."""

from __future__ import annotations

from functools import partial

import pytest
import typer
from typer.testing import CliRunner

from cerebella.cli.console import out
from cerebella.cli.demo import _free_folder, demo
from cerebella.molecular_layer import common_beginning as of_networks
from cerebella.purkinje import common_beginning as of_cells
from cerebella.runs.load import load_run
from cerebella.runs.run import Run


def assert_complete(folder, printed):
    assert "MLI2, sync 8" in printed
    assert "(91.5)" in printed  # the published rate beside ours
    assert "Complex spike width (ms)" in printed
    assert "19.9" in printed  # the published width
    assert "disinhibited" in printed
    for figure in ("cf_synchrony.png", "purkinje.png"):
        assert (folder / figure).read_bytes().startswith(b"\x89PNG")
    assert load_run(folder / "sync8_trial3").condition.trial == 3
    cell = load_run(folder / "purkinje_sync8_trial1")
    assert (cell.kind, cell.condition.cf_sync) == ("purkinje", 8)
    assert sorted(cell.traces) == ["calcium", "soma_v"]
    assert load_run(folder / "purkinje_sync0_trial3").condition.trial == 3
    assert "Purkinje cell: mean of 3 trials" in printed


@pytest.mark.slow
def test_demo_shows_the_effect_and_leaves_everything_to_look_at(
    cerebella, cerebella_process, tmp_path
):
    done = cerebella_process("demo")
    assert done.returncode == 0, done.stderr
    assert_complete(tmp_path / "demo", done.stdout)
    refused = cerebella("demo", "demo")
    assert refused.returncode == 2
    assert "--force" in refused.stderr


@pytest.fixture
def quick_simulations(monkeypatch, make_purkinje_run):
    """Put recordings in the place of the simulations and of the compilation."""

    def begin_levels(network, levels, *, trial):
        return [partial(simulated_network, level, trial) for level in levels]

    def simulated_network(level, trial):
        manifest = {"kind": "mli", "cerebella": "0", "network": {"name": "tiny"}, "w2_pS": 70.0}
        manifest |= {"cf_sync": level, "trial": trial, "duration_ms": 300.0}
        return Run(manifest, spikes=make_purkinje_run(duration_ms=300.0).spikes)

    def begin_cells(networks):
        return [
            partial(make_purkinje_run, cf_sync=one.condition.cf_sync, trial=one.condition.trial)
            for one in networks
        ]

    monkeypatch.setattr(of_networks, "begin_levels", begin_levels)
    monkeypatch.setattr(of_cells, "begin_cells", begin_cells)
    monkeypatch.setattr("cerebella.cli.demo._compile", lambda folder: None)


def test_demo_prints_tables_and_saves_runs_and_figures(quick_simulations, tmp_path, monkeypatch):
    monkeypatch.setattr(out, "width", 200)
    app = typer.Typer()
    app.command()(demo)
    result = CliRunner().invoke(app, [str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert_complete(tmp_path / "out", result.stdout)


def test_an_older_demo_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _free_folder().name == "demo"
    (tmp_path / "demo").mkdir()
    assert _free_folder().name == "demo-2"
    (tmp_path / "demo-2").mkdir()
    assert _free_folder().name == "demo-3"

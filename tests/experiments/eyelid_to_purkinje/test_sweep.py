"""A trained loop drives a small cell, before and after learning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cerebella.errors import InputError
from cerebella.experiments.eyelid.cases import EyelidCase
from cerebella.experiments.eyelid_to_purkinje.drive import BEFORE_CS_MS, CellTrial, drive_of
from cerebella.experiments.eyelid_to_purkinje.sweep import (
    example_voltages,
    sweep_eyelid_to_purkinje,
)
from cerebella.experiments.eyelid_to_purkinje.tasks import ConditionedModel, evoked_cf_ms
from cerebella.plots.eyelid_to_purkinje import plot_eyelid_to_purkinje
from cerebella.runs.load import load_run

CASE = EyelidCase(isi_ms=250.0, acquisition=20, extinction=0, reacquisition=0)


@pytest.fixture(scope="module")
def model(spiny_cell):
    return ConditionedModel(spiny_cell, case=CASE, n_mli1=8)


def sweep(folder, model, **options):
    with ThreadPoolExecutor(2) as threads:
        return sweep_eyelid_to_purkinje(
            folder, model, **{"seeds": (11,), "trials": 1} | options, executor=threads
        )


@pytest.fixture(scope="module")
def swept(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pause") / "out"
    return folder, sweep(folder, model)


def test_cells_are_simulated_before_and_after_learning_with_and_without_us(swept):
    _, result = swept
    assert not len(result.failed)
    assert result.cells[["zones", "stage"]].to_numpy().tolist() == [
        [zones, stage] for zones in ("trained", "untrained") for stage in ("before", "after")
    ]


def test_learned_weights_reach_the_contacts_of_the_cell(swept):
    folder, result = swept
    at_isi = result.weights[result.weights.center_ms.between(200, 280)]
    weight = at_isi.groupby(["zones", "stage"]).weight.mean()
    assert weight["trained", "after"] < weight["trained", "before"] - 0.03
    assert weight["untrained", "after"] == pytest.approx(weight["untrained", "before"], abs=0.05)
    run, session = load_run(folder / "runs" / result.cells["loop_run"].iloc[0]), CASE.session(11)
    rates = {}
    for stage in ("before", "after"):
        drive = drive_of(
            run,
            session,
            CellTrial(11, stage, "trained", 1),
            n_contacts=4000,
            n_mli1=8,
            transmitted_Hz=4.0,
        )
        times_ms = drive.spikes.of("PF").times_ms - BEFORE_CS_MS
        windows_ms = ((-400, 0), (150, 250))
        rates[stage] = [
            ((times_ms >= a) & (times_ms < b)).sum() / 4.0 / (b - a) for a, b in windows_ms
        ]
    assert rates["before"] == pytest.approx([4.0, 4.0], rel=0.1)
    assert rates["after"][0] == pytest.approx(4.0, rel=0.1)
    assert rates["after"][1] < 0.9 * rates["before"][1]


def test_climbing_fiber_spikes_are_those_of_an_olivary_cell_in_the_same_trial(swept):
    folder, result = swept
    for row in result.cells.to_dict("records"):
        run, loop = (load_run(folder / "runs" / row[name]) for name in ("cell_run", "loop_run"))
        cell = CellTrial(row["seed"], row["stage"], row["zones"], row["number"])
        session = CASE.session(row["seed"])
        io = loop.of("IO")
        times_ms = io.times_ms[io.cells == cell.io_cell(2)] - cell.trial_in(session).cs_ms
        expected = times_ms[(times_ms >= -BEFORE_CS_MS) & (times_ms < 550)] + BEFORE_CS_MS
        found = run.manifest["conditioning"]["cf_times_ms"]
        assert found == pytest.approx(expected.tolist())
        assert row["cf_evoked"] == (evoked_cf_ms(found, 250.0) is not None)
        assert np.isfinite(row["n_spikelets"]) == bool(row["cf_evoked"])


def test_interneurons_fire_as_basket_cells(swept):
    folder, result = swept
    run = load_run(folder / "runs" / result.cells["cell_run"].iloc[0])
    mli1 = run.spikes.of("MLI1")
    assert mli1.populations[0].n_cells == 8
    assert len(mli1) * 1000 / 950 / 8 == pytest.approx(29.5, abs=6)


def test_tables_and_figure_are_written_as_they_are_returned(swept):
    folder, result = swept
    for name, table in result._asdict().items():
        assert list(pd.read_csv(folder / f"{name}.csv").columns) == list(table.columns)
        assert (folder / f"{name}.json").is_file()
    voltages = example_voltages(folder, result.cells)
    assert list(voltages) == ["before", "after"]
    assert voltages["after"].times_ms[0] == -BEFORE_CS_MS
    figure = plot_eyelid_to_purkinje(
        result.cells, result.cell_curves, result.loop_curves, result.weights, voltages
    )
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels[1] == "Loop: PC (Hz)"
    assert labels[4] == "Cell: simple spikes (Hz)"


def test_what_is_finished_is_kept_and_another_model_is_refused(swept, model):
    folder, result = swept
    before = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*/run.json")}
    pd.testing.assert_frame_equal(sweep(folder, model).cells, result.cells)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with pytest.raises(InputError, match=r"other settings.*seed"):
        sweep(folder, replace(model, seed=1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trials": 0}, "0 trials before and after"),
        ({"trials": 10}, "10 trials .* acquisition of 20. Give 1 to 9 trials"),
        ({"seeds": []}, "`seeds` is empty"),
        ({"seeds": [1, 1]}, "`seeds` has 1 twice"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(model, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        sweep(tmp_path / "out", model, **options)
    assert not (tmp_path / "out").exists()


def test_models_that_cannot_be_are_refused(spiny_cell):
    with pytest.raises(InputError, match="interval of 50 ms"):
        ConditionedModel(spiny_cell, case=EyelidCase(isi_ms=50.0))
    with pytest.raises(InputError, match=r"`n_mli1` is 600. Give 1 to 512"):
        ConditionedModel(spiny_cell, n_mli1=600)

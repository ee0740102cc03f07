"""Tables and figure of the experiment, from runs of seconds."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cerebella.experiments.cf_rate.cases import (
    FORMULA,
    CfRateResult,
    formula_case,
    perturbation_case,
    run_cf_rate,
)
from cerebella.experiments.cf_rate.report import (
    describe_differences,
    draw_cf_rate,
    rate_grid,
    write_tables,
)
from cerebella.experiments.cf_rate.settling import SettlingResult, settling_case
from cerebella.olive.theory import predicted_cf_rate

SEEDS = range(2)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cf")
    cases = [replace(FORMULA[2], duration_ms=3000.0), perturbation_case("1s:io_bias*2", 3000.0)]
    start = settling_case(0.2, 3000.0)
    settling = SettlingResult(start, (30.0, 31.0), (29.0, float("nan")), (0.4, 0.4), (0.3, 0.3))
    with ThreadPoolExecutor(2) as threads:
        *results, _ = run_cf_rate(folder, [*cases, start], SEEDS, executor=threads)
    return folder, results, [settling], SEEDS


def test_tables_have_a_row_for_each_case_and_seed(experiment):
    results = experiment[1]
    csv_file, json_file = write_tables(*experiment)
    rows = json.loads(json_file.read_text())
    assert [(row["case"], row["seed"]) for row in rows] == [
        (case, seed) for case in ("2_Hz", "at_1s_io_biasx2", "from_0.2") for seed in (0, 1)
    ]
    assert rows[1]["measured_Hz"] == results[0].measured_Hz[1]
    assert rows[0]["first_10_s_Hz"] is None
    assert rows[2]["first_10_s_Hz"] == results[1].first_Hz[0]
    assert rows[4]["measured_settling_s"] == 29
    assert rows[5]["measured_settling_s"] is None
    with csv_file.open() as file:
        of_csv = list(csv.DictReader(file))
    assert [float(row["predicted_Hz"]) for row in of_csv[:2]] == pytest.approx([2, 2])
    assert of_csv[5]["measured_settling_s"] == ""
    assert list(of_csv[0]) == list(rows[0])


def test_averages_over_a_loop_that_has_not_settled_are_marked(experiment):
    assert not any(result.is_settled for result in experiment[1])
    long = perturbation_case("300s:io_bias*2", 600_000.0)
    assert CfRateResult(long, 1.0, (1.0,), (1.5,)).is_settled


def test_the_figure_has_a_panel_for_each_kind_of_case(experiment):
    folder, results, _, seeds = experiment
    figure = draw_cf_rate(*experiment)
    figure.draw_without_rendering()
    assert len(figure.axes) == 3
    assert all(ax.lines for ax in figure.axes)
    assert len(draw_cf_rate(folder, results[:1], [], seeds).axes) == 1


def _grid_results(*, without=()):
    windows, ratios = (50.0, 100.0), (0.05, 0.1, 0.2)
    return [
        CfRateResult(formula_case(rate, window), rate, (1.02 * rate, 1.04 * rate), ())
        for window in windows
        for ratio in ratios
        for rate in [predicted_cf_rate(ratio, 1.0, window)]
        if (window, ratio) not in without
    ]


def test_ratios_and_windows_that_fill_a_grid_have_a_map_of_rates(tmp_path):
    results = _grid_results()
    grid = rate_grid(results)
    assert grid
    assert grid.windows_ms.tolist() == [50, 100]
    assert grid.ratios.tolist() == [0.05, 0.1, 0.2]
    assert grid.measured_Hz == pytest.approx(1.03 * grid.predicted_Hz)
    assert grid.predicted_Hz[1, 2] == pytest.approx(1000 / 100 * 0.2 / 1.2)
    titles = [ax.get_ylabel() for ax in draw_cf_rate(tmp_path, results, [], (0, 1)).axes]
    assert titles[1:] == ["Plasticity window (ms)", "Measured − predicted (%)"]
    assert rate_grid(_grid_results(without=[(50.0, 0.1)])) is None
    assert describe_differences(results) == (
        "6 cases: measured and predicted rates differ by 3.0 % (rms), at most by 3.0 % "
        f"({results[0].case.label})"
    )

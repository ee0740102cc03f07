"""What a notebook shows as the value of a cell, in a kernel without pyplot and magics."""

from __future__ import annotations

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

NETWORK = "cb.generate_network(seed=1, scale=0.1)"
SPIKES = """
cells = (cb.Population("MLI1", 0, 4), cb.Population("MLI2", 4, 2))
spikes = cb.SpikeTrains(np.arange(0, 100, 5), np.arange(20) % 6, cells, 100)
run = cb.Run({"kind": "mli", "duration_ms": 100.0, "seed": 3}, spikes=spikes)
"""
FRAME = 'pd.DataFrame({"run": ["a", "b"], "error": ["", "out of memory"], "mean": [0.123456, 2]})'
CELLS = {
    "network": (NETWORK, "text/html", "<td>49</td>"),
    "morphology": ("cb.load_default_morphology()", "text/html", "30 sections"),
    "parameters": ("cb.MLIParameters()", "text/html", "connections.pf_rate_Hz"),
    "run": (f"{SPIKES}\nrun", "text/html", "4 cells, 4 recorded"),
    "figure": ("run.plot()", "image/png", ""),
    "axes": ("cb.plot_morphology(cb.load_default_morphology())", "image/png", ""),
    "page": ("run.view()", "text/html", "<iframe"),
    "sweep": (
        f"frame = {FRAME}\ncb.SweepResult(frame, frame, ('seed',), {{}})",
        "text/html",
        "2 runs, 1 failed",
    ),
    "protocol": (
        "cb.ProtocolResult('fi', 'MLI1', ({'rate_Hz': 34.5678},), np.arange(2.0), "
        "np.zeros((1, 2)), (0, 1))",
        "text/html",
        "34.57",
    ),
}
"""Code of each cell, with the type of its output and a part of it."""

BAR = """
import time
from cerebella.runs.progress import progress_bar
bar = progress_bar("Simulating <all>")
report = bar.__enter__()
time.sleep(0.4)
report(0.5)
"""
FINISHED = {
    "finished": """
with progress_bar("Simulating") as report:
    report.announce("Compiling")
    report(1)
""",
    "short": f"cb.simulate_mli({NETWORK}, duration_ms=1)",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Outputs of each cell of one notebook, by name."""
    imports = "import cerebella as cb, numpy as np, pandas as pd"
    code = [imports, *(c for c, _, _ in CELLS.values()), "run.plot().show()", BAR]
    code += [*FINISHED.values()]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in code])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        nbclient.NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}},
        ).execute()
    return dict(
        zip(
            ["imports", *CELLS, "show", "bar", *FINISHED],
            (cell.outputs for cell in notebook.cells),
            strict=True,
        )
    )


@pytest.mark.parametrize("name", CELLS)
def test_the_value_of_a_cell_is_shown(outputs, name):
    _, kind, part = CELLS[name]
    (shown,) = outputs[name]
    assert shown.output_type == "execute_result"
    assert part in shown.data[kind]


def test_a_figure_can_be_shown_within_a_cell(outputs):
    (shown,) = outputs["show"]
    assert shown.output_type == "display_data"
    assert "image/png" in shown.data


def test_imports_print_nothing(outputs):
    assert outputs["imports"] == []


def test_a_bar_is_shown_while_a_cell_is_run(outputs):
    (shown,) = outputs["bar"]
    assert shown.output_type == "display_data"
    assert "Simulating &lt;all&gt;" in shown.data["text/html"]
    assert '<progress max="1" value="0.5000">' in shown.data["text/html"]


@pytest.mark.parametrize("name", FINISHED)
def test_a_bar_leaves_nothing(outputs, name):
    left = [output for output in outputs[name] if output.output_type != "execute_result"]
    assert [dict(output.data) for output in left] in ([], [{"text/html": "", "text/plain": ""}])

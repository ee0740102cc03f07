"""Fixtures that several test folders share."""

from __future__ import annotations

import ast
import itertools
import math
import operator
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.swc import load_morphology
from cerebella.results.spikes import Population, SpikeTrains, merge_spike_trains
from cerebella.results.traces import Traces
from cerebella.runs.run import Run

MPI_TIME_LIMIT_S = 300
PUBLISHED = Path(__file__).parents[2] / "shared" / "published"

SMALL_SWC = """\
# a soma of three points, an axon initial segment, a fork of smooth dendrite, three spiny ends
1 1 0 -10 0 3 -1
2 1 0 0 0 10 1
3 1 0 10 0 2 2
4 2 0 -10 0 0.6 1
5 2 0 -28 0 0.4 4
6 5 0 10 0 1.5 3
7 5 0 30 0 1.5 6
8 5 0 30 0 1.2 7
9 5 20 45 0 1.1 8
10 3 20 45 0 0.5 9
11 3 20 60 0 0.4 10
12 3 20 45 0 0.5 9
13 3 35 45 2 0.3 12
14 3 0 30 0 0.7 7
15 3 -8 36 0 0.6 14
16 3 -20 40 1 0.2 15
"""


FIRST_FILES = (
    "olive/engines/test_engines.py",
    "molecular_layer/test_simulate.py",
    "olive/rules/test_rules.py",
    "neuron_backend/test_mechanisms_cache.py",
)
"""Files that start first, distributed alternately to the first two of the parallel processes.

The first compiles the loop, which takes half a minute. While it does, the other process runs tests
that do not need the loop, instead of compiling it, too.
"""


def pytest_configure(config):
    """Let functions for cards run as Python unless `-m gpu` asks for a card.

    Numba reads this variable when it is imported, which no conftest.py does before.
    """
    is_simulated = config.option.markexpr != "gpu"
    os.environ.setdefault("NUMBA_ENABLE_CUDASIM", str(int(is_simulated)))


def pytest_collection_modifyitems(items):
    """Move the first files to the front."""
    order = {Path(__file__).parent / file: place for place, file in enumerate(FIRST_FILES)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


# Tests run side by side, so ranks share cores: one that waits must not keep its core busy.
os.environ.setdefault("MPIR_CVAR_ENABLE_HEAVY_YIELD", "1")


@pytest.fixture(scope="session")
def published_folder():
    """Return a folder of published data by name; tests that use it are marked `published`."""

    def find(name: str) -> Path:
        folder = PUBLISHED / name
        if not folder.is_dir():
            pytest.skip(f"the published {name} are not beside the project")
        return folder

    return find


@pytest.fixture(scope="session")
def published_networks(published_folder) -> Path:
    """The folder of published networks and spikes."""
    return published_folder("networks")


@pytest.fixture
def small_populations() -> tuple[Population, ...]:
    """A network of 4 MLI1, 2 MLI2, 3 PF and 1 CF."""
    return (
        Population("MLI1", 0, 4),
        Population("MLI2", 4, 2),
        Population("PF", 6, 3),
        Population("CF", 9, 1),
    )


@pytest.fixture
def small_spikes(small_populations) -> SpikeTrains:
    """Twelve spikes of all populations in 200 ms, given out of order."""
    times = [151.5, 10.0, 1 / 3, 199.975, 60.025, 60.025, 150.1, 152.0, 90.0, 165.0, 151.0, 0.1]
    gids = [9, 0, 6, 3, 2, 1, 4, 5, 4, 0, 8, 7]
    return SpikeTrains(np.array(times), np.array(gids), small_populations, 200.0)


@pytest.fixture(scope="session")
def neuron_session():
    """NEURON with our mechanisms in this process, which it can be only once."""
    from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
    from cerebella.neuron_backend.session import start_neuron

    return start_neuron(ensure_mechanisms(molecular_layer_mechanisms()))


@pytest.fixture
def neuron(neuron_session):
    """NEURON at the temperature and time step of the model, without gids and transfers."""
    # A junction without its cells breaks the next initialization.
    neuron_session.pc.gid_clear()
    neuron_session.h.celsius, neuron_session.h.dt = 34, 0.025
    yield neuron_session
    neuron_session.pc.gid_clear()


@pytest.fixture(autouse=True)
def _time_limit(request):
    """Terminate the ranks of a test, and fail it, after a deadlock."""
    if not request.node.get_closest_marker("mpi"):
        yield
        return

    def give_up(number, frame):
        raise TimeoutError(f"not done after {MPI_TIME_LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(MPI_TIME_LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def oracle():
    """Return columns of a test vector by name: numbers as float64, the rest as text."""

    def load(name: str) -> dict[str, np.ndarray]:
        file = Path(__file__).parent / "data" / "oracle" / f"{name}.csv"
        table = np.genfromtxt(file, delimiter=",", names=True, dtype=None, encoding="utf-8")
        return {column: np.atleast_1d(table[column]) for column in table.dtype.names or ()}

    return load


@pytest.fixture(scope="session")
def wait_until():
    """Wait for a condition to become true; fails after 20 s."""

    def wait(condition, patience_s=20.0):
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def is_running():
    """Whether a process is there and no zombie; Linux only."""

    def look(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return look


@pytest.fixture
def small_swc(tmp_path) -> Path:
    path = tmp_path / "small.swc"
    path.write_text(SMALL_SWC)
    return path


@pytest.fixture
def small_cell(small_swc) -> Morphology:
    """7 sections: soma, axon initial segment, two smooth, three spiny."""
    return load_morphology(small_swc)


@pytest.fixture(scope="session")
def published_purkinje(published_folder) -> Path:
    """The folder of the traced Purkinje cell."""
    return published_folder("purkinje")


@pytest.fixture(scope="session")
def traced_cell(published_purkinje) -> Morphology:
    return load_morphology(
        published_purkinje / "pc_morphology.swc",
        published_purkinje / "pc_morphology_sections.csv",
    )


@pytest.fixture(scope="session")
def generated_cell() -> Morphology:
    """The cell that the generator makes of the default seed; takes some seconds."""
    from cerebella.morphology.default import DEFAULT_SEED
    from cerebella.morphology.growth.generate import generate_morphology

    return generate_morphology(seed=DEFAULT_SEED)


@pytest.fixture(scope="session")
def default_cell() -> Morphology:
    """The cell that comes with cerebella: the generated one, to 1e-4 µm."""
    from cerebella.morphology.default import load_default_morphology

    return load_default_morphology()


@pytest.fixture(scope="session")
def spiny_cell() -> Morphology:
    """A Purkinje cell of 11 compartments, 3 of them spiny and thinner than 1.5 µm.

    soma (3 compartments), AIS (2), smooth (2), then spiny: thick (1), thin (2, 1 µm), twig
    (1, 0.5 µm).
    """
    sections = {  # region, parent, its end, compartments, then two points: x, y, z, diameter
        "soma": ("soma", -1, 0, 3, ((0, -10, 0, 20), (0, 10, 0, 20))),
        "AIS": ("ais", 0, 0, 2, ((0, -10, 0, 1), (0, -30, 0, 1))),
        "smth_A1": ("smooth", 0, 1, 2, ((0, 10, 0, 3), (0, 30, 0, 3))),
        "dendA1_0": ("spiny", 2, 1, 1, ((0, 30, 0, 2), (0, 35, 0, 2))),
        "dendA1_00": ("spiny", 3, 1, 2, ((0, 35, 0, 1), (10, 35, 0, 1))),
        "dendA1_01": ("spiny", 3, 1, 1, ((0, 35, 0, 0.5), (-5, 40, 0, 0.5))),
    }
    regions, parents, ends, counts, points = zip(*sections.values(), strict=True)
    return Morphology(
        "spiny_cell",
        tuple(sections),
        np.array([REGIONS.index(region) for region in regions]),
        np.array(parents),
        np.array(ends),
        np.array(counts),
        2 * np.arange(len(sections) + 1),
        np.concatenate([np.array(pair, dtype=float) for pair in points]),
    )


@pytest.fixture(scope="session")
def small_purkinje_cell() -> Morphology:
    """A generated cell with a tenth of the dendrite, 261 compartments; takes a second."""
    from cerebella.morphology.growth.generate import generate_morphology
    from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

    form = PurkinjeMorphologyParameters(
        outline_half_width_um=60,
        outline_half_height_um=60,
        outline_center_y_um=60,
        soma_clearance_um=20,
        n_smooth_targets=2,
        n_smooth_sections=5,
        smooth_length_um=90,
        smooth_area_um2=900,
        n_tips=60,
        spiny_length_um=880,
        spiny_area_um2=3300,
        first_spacing_um=4,
        length_by_path_um=(510, 365, 5),
        first_worth_by_path=(1, 1, 1),
    )
    return replace(generate_morphology(form, seed=1), name="small")


@pytest.fixture(scope="session")
def soma_voltage():
    """Make a soma voltage of -60 mV with a peak of given height (0 mV) at each time given."""

    def make(peaks_ms, heights_mV=0.0, duration_ms=299.0) -> Traces:
        times: np.ndarray = 0.02 * np.arange(round(duration_ms / 0.02) + 1)
        voltage = np.full(times.size, -60.0)
        heights = np.broadcast_to(heights_mV, np.shape(peaks_ms))
        for peak, height in zip(peaks_ms, heights, strict=True):
            shape = np.maximum(0, 1 - np.abs(times - peak) / 0.5)
            voltage = np.maximum(voltage, -60 + (60 + height) * shape)
        gids, sections, positions = np.array([10]), np.array(["soma"]), np.array([0.5])
        return Traces(times, voltage[:, np.newaxis], gids, sections, positions)

    return make


@pytest.fixture(scope="session")
def spiny_calcium(spiny_cell):
    """Make calcium of the spiny cell: at rest, then a pulse in all but the soma and the axon.

    Resting calcium is 40 nM; from 155 to 165 ms that of the dendrite is what is given (mM).
    """

    def make(smooth=0.001, thick=0.002, thin=0.004, twig=0.006, duration_ms=299.0) -> Traces:
        compartments = compute_compartments(spiny_cell)
        times: np.ndarray = 0.1 * np.arange(round(duration_ms / 0.1) + 1)
        during = (times > 154.95) & (times < 164.95)
        peaks = np.array([4e-5] * 5 + [smooth] * 2 + [thick] + [thin] * 2 + [twig])
        values = np.where(during[:, np.newaxis], peaks, 4e-5).astype(np.float32)
        sections = np.array(spiny_cell.section_names)[compartments.section]
        n = len(sections)
        return Traces(times, values, np.full(n, 10), sections, compartments.x, "cai", "mM")

    return make


@pytest.fixture
def make_purkinje_run(tmp_path, small_spikes, spiny_cell, soma_voltage, spiny_calcium):
    """Write a run of a Purkinje cell driven by a network of ten cells, as its simulation does."""

    numbers = itertools.count(1)

    def make(
        name=None,
        *,
        simple_ms=(60, 80, 100, 120, 140, 240, 260),
        spikelets_ms=(152, 155, 160, 170),
        traces=("soma_v", "calcium"),
        calcium_mM=0.004,
        duration_ms=299.0,
        **changes,
    ):
        peaks = sorted([*simple_ms, *spikelets_ms])
        recorded = {
            "soma_v": soma_voltage(peaks, duration_ms=duration_ms),
            "calcium": spiny_calcium(thin=calcium_mM, duration_ms=duration_ms),
        }
        cell = SpikeTrains(
            np.array(peaks), np.full(len(peaks), 10), (Population("PC", 10, 1),), duration_ms
        )
        network = SpikeTrains(
            small_spikes.times_ms, small_spikes.gids, small_spikes.populations, duration_ms
        )
        manifest = {
            "kind": "purkinje",
            "cerebella": "0",
            "network": {"name": "tiny"},
            "morphology": {"name": "spiny_cell", "n_sections": 6, "n_compartments": 11},
            "cf_sync": 8,
            "trial": 1,
            "w2_pS": 70.0,
            "pf_scale": 12.0,
            "cf_scale": 29.0,
            "cf_time_ms": 151.7,
            "duration_ms": duration_ms,
            "seed": 0,
        } | changes
        run = Run(
            manifest,
            spikes=merge_spike_trains([network, cell]),
            traces={trace: recorded[trace] for trace in traces},
            morphology=spiny_cell,
        )
        return run.save(tmp_path / (name or f"run{next(numbers)}"))

    return make


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder for compiled mechanisms, not made yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CEREBELLA_CACHE", str(folder))
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """Mount a small file system, with options of tmpfs; skips where this is not possible."""
    folder = tmp_path / "disk"
    mounted = False

    def mount(options: str) -> Path:
        nonlocal mounted
        folder.mkdir()
        if not shutil.which("mount"):
            pytest.skip("there is no mount here")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this user may not mount a small file system: {done.stderr}")
        mounted = True
        return folder

    yield mount
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


NMODL_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitXor: operator.pow,
}
NMODL_FUNCTIONS = {"exp": math.exp, "log": math.log, "fabs": abs}


def _evaluate(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand, names)
    if isinstance(node, ast.BinOp):
        return NMODL_OPERATORS[type(node.op)](
            _evaluate(node.left, names), _evaluate(node.right, names)
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return NMODL_FUNCTIONS[node.func.id](*(_evaluate(value, names) for value in node.args))
    raise ValueError(f"unexpected in an assignment: {ast.dump(node)}")


@pytest.fixture(scope="session")
def assign():
    """Carry out NMODL assignments, one a line, on a dictionary of names.

    Those inside ``if (a < b)`` are left out where a is not smaller, those of ``else`` where it is.
    """

    def value(text: str, names: dict[str, float]) -> float:
        return _evaluate(ast.parse(text.strip(), mode="eval").body, names)

    def run(lines: Iterable[str], names: dict[str, float]) -> None:
        carried_out = True
        for line in map(str.strip, lines):
            if limit := re.fullmatch(r"if \((.*) < (.*)\) {", line):
                carried_out = value(limit[1], names) < value(limit[2], names)
            elif line == "} else {":
                carried_out = not carried_out
            elif line == "}":
                carried_out = True
            elif carried_out and not line.startswith("LOCAL "):
                name, _, expression = line.partition("=")
                names[name.strip()] = value(expression, names)

    return run

"""Fixtures that several test folders share."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import numpy as np
import pytest

from cerebella.results.spikes import Population, SpikeTrains

MPI_TIME_LIMIT_S = 120
PUBLISHED = Path(__file__).parents[2] / "shared" / "published"


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
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
    from cerebella.neuron_backend.session import start_neuron

    return start_neuron(ensure_mechanisms())


@pytest.fixture
def neuron(neuron_session):
    """NEURON at the temperature and time step of the model, without gids and transfers."""
    # A junction whose cells are gone stops whoever initialises next.
    neuron_session.pc.gid_clear()
    neuron_session.h.celsius, neuron_session.h.dt = 34, 0.025
    yield neuron_session
    neuron_session.pc.gid_clear()


@pytest.fixture(autouse=True)
def _time_limit(request):
    """Make a test of several ranks fail, and end them, where one waits for another for ever."""
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
        return {column: np.atleast_1d(table[column]) for column in table.dtype.names}

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

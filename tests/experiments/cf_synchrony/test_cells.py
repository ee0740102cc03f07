import pytest

from cerebella.experiments.cf_synchrony import cells as purkinje_synchrony
from cerebella.experiments.cf_synchrony.cells import run_purkinje_synchrony
from cerebella.experiments.cf_synchrony.networks import run_cf_synchrony
from cerebella.network.generate import generate_network


def test_each_run_drives_a_cell(monkeypatch):
    fractions = []

    def simulate(run, *, on_progress, **options):
        on_progress(1.0)
        return run, options

    monkeypatch.setattr(purkinje_synchrony, "simulate_purkinje", simulate)
    networks = {0: ["a", "b"], 8: ["c"]}
    cells = run_purkinje_synchrony(networks, workers=2, on_progress=fractions.append, seed=3)
    assert cells == {0: [("a", {"seed": 3}), ("b", {"seed": 3})], 8: [("c", {"seed": 3})]}
    assert fractions[-1] == 1


@pytest.mark.slow
def test_before_the_synchronous_fibers_levels_are_the_same_spike_for_spike():
    networks = run_cf_synchrony(generate_network(seed=0), (0, 8), duration_ms=145.0)
    cells = run_purkinje_synchrony(networks, record=("soma_v",))
    trains = [cells[level][0].spikes.of("PC").times_ms.tolist() for level in (0, 8)]
    assert len(trains[0]) > 3
    assert trains[0] == trains[1]

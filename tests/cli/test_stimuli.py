"""The options `--stimulus` and `--stimuli` as a user meets them."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.network.load import load_network
from cerebella.results.published_csv import write_published_spikes
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run


def run_mli(cerebella, network, *arguments):
    return cerebella("mli", "run", network, "out", "--duration", "40", *arguments)


def test_texts_and_a_file_are_joined(cerebella, small_network_path, tmp_path):
    (tmp_path / "stimuli.yaml").write_text("stimuli:\n- noise MLI2 5pA\n")
    texts = ("--stimulus", "step MLI1[3] 100pA 10ms-30ms", "--stimulus", "sine MLI1 5pA 50Hz")
    done = run_mli(cerebella, small_network_path, *texts, "--stimuli", "stimuli.yaml")
    assert done.returncode == 0, done.stderr
    run = load_run(tmp_path / "out")
    assert [one["kind"] for one in run.manifest["stimuli"]] == ["noise", "step", "sine"]
    spikes = run.of("MLI1")
    in_step = spikes.times_ms[(spikes.cells == 3) & (spikes.times_ms > 10) & (spikes.times_ms < 31)]
    assert len(in_step) >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stimulus", "step MLI1[3] 20"), "--stimulus: 'step MLI1[3] 20': '20' is not a number"),
        (("--stimulus", "step soma 20pA"), "--stimulus: step at soma: the molecular layer has no"),
        (("--stimuli", "absent.yaml"), "absent.yaml: "),
    ],
)
def test_wrong_input_gives_one_message(cerebella, small_network_path, arguments, message):
    done = run_mli(cerebella, small_network_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_current_into_the_purkinje_cell(cerebella, small_network_path, tmp_path):
    network = load_network(small_network_path)
    gids = np.arange(sum(network.cell_counts.values()))
    spikes = SpikeTrains(np.linspace(0, 10, len(gids)), gids, network.populations, 10.0)
    write_published_spikes(spikes, tmp_path / "spk.csv")
    command = ("purkinje", "run", "spk.csv", "out", "--network", small_network_path)
    options = ("--duration", "5", "--record", "soma_v", "--stimulus", "step soma 3nA 1ms-5ms")
    done = cerebella(*command, *options)
    assert done.returncode == 0, done.stderr
    run = load_run(tmp_path / "out")
    assert run.manifest["stimuli"][0]["amplitude_nA"] == 3.0
    assert run.traces["soma_v"].values.max() > 0
    refused = cerebella(*command, "--force", "--stimulus", "step MLI1[3] 20pA")
    assert refused.returncode == 2
    assert "there is no place 'MLI1[3]' on default. Places are soma, ais" in refused.stderr

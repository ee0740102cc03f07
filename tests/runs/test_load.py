import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.simulate import simulate_olive
from cerebella.results.condition import Condition, group_by_condition
from cerebella.results.published_csv import write_published_spikes
from cerebella.results.sonata_spikes import write_spikes
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.load import load_run, load_spikes
from cerebella.runs.manifest import condition_of
from cerebella.runs.run import Run


@pytest.fixture
def forms(tmp_path, small_spikes):
    """The same spikes in all three forms."""
    manifest = {
        "kind": "mli",
        "cerebella": "0",
        "network": {"name": "tiny"},
        "cf_sync": None,
        "trial": 3,
        "w2_pS": 70,
        "duration_ms": 200,
    }
    Run(manifest, spikes=small_spikes).save(tmp_path / "run")
    write_spikes(small_spikes, tmp_path / "spikes.out")
    write_published_spikes(small_spikes, tmp_path / "spk_x_cfsync_sync_4_w2_70_trial_2.csv")
    return tmp_path


def test_a_run_a_sonata_file_and_a_csv_file_are_told_apart(forms, small_spikes):
    assert load_spikes(forms / "run") == small_spikes
    assert load_spikes(forms / "spikes.out") == small_spikes
    csv = load_spikes(forms / "spk_x_cfsync_sync_4_w2_70_trial_2.csv", small_spikes.populations)
    assert csv.gids.tolist() == small_spikes.gids.tolist()


def test_spikes_of_the_loop_alone_are_a_run_of_the_loop(tmp_path):
    kept = simulate_olive(
        {"time_step_ms": 1, "circuit": {"scale": 0.25}},
        duration_ms=200.0,
        record=["PF=4"],
        engine=Numba(threads=1),
        out=tmp_path / "loop",
    )
    run = load_run(tmp_path / "loop" / "spikes.h5")
    assert (run.kind, run.duration_ms, run.weights) == ("olive", 200.0, None)
    assert run.of("PF").recorded.tolist() == kept.of("PF").recorded.tolist()
    measures = run.measures()
    assert measures["IO_rate_Hz"] == kept.measures()["IO_rate_Hz"]
    assert measures["mean_weight"] is measures["predicted_cf_rate_Hz"] is None


def test_spikes_of_the_olive_alone_have_rates_but_no_zones(tmp_path):
    olive = (Population("IO", 0, 2),)
    write_spikes(SpikeTrains([10.0, 20.0, 30.0], [0, 1, 0], olive, 1000.0), tmp_path / "io.h5")
    measures = load_run(tmp_path / "io.h5").measures()
    assert measures["IO_rate_Hz"] == 1.5
    assert measures["io_pair_correlation"] is None


def test_the_condition_comes_from_the_manifest_or_the_name(forms, small_spikes):
    csv = forms / "spk_x_cfsync_sync_4_w2_70_trial_2.csv"
    assert load_run(forms / "run").condition == Condition(None, 70, 3, "tiny")
    assert load_run(csv).condition == Condition(4, 70, 2, "x")
    assert load_run(forms / "spikes.out").condition == Condition()


def test_recordings_are_named_after_their_files(forms):
    assert load_run(forms / "run").name == "run"
    assert load_run(forms / "spikes.out").name == "spikes"


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such run or file"):
        load_spikes(tmp_path / "nothing")


def recording(name, small_spikes, **condition):
    return Run({}, spikes=small_spikes, path=name, condition=Condition(**condition))


def test_trials_are_grouped_and_conditions_are_ordered_by_level(tmp_path, small_spikes):
    recordings = [
        recording(tmp_path / "a", small_spikes, cf_sync=level, w2_pS=70, trial=trial)
        for trial in (1, 2)
        for level in (8, 0)
    ]
    groups = group_by_condition(recordings)
    assert list(groups) == ["CF synchrony 0", "CF synchrony 8"]
    assert [r.condition.trial for r in groups["CF synchrony 8"]] == [1, 2]


def test_titles_name_what_differs(tmp_path, small_spikes):
    recordings = [
        recording(tmp_path / "a", small_spikes, cf_sync=8, w2_pS=weight, network=network)
        for weight in (70, 0)
        for network in ("x", None)
    ]
    assert list(group_by_condition(recordings)) == [
        "CF synchrony 8, w2 0 pS, network unknown",
        "CF synchrony 8, w2 0 pS, x",
        "CF synchrony 8, w2 70 pS, network unknown",
        "CF synchrony 8, w2 70 pS, x",
    ]


def titles_of(small_spikes, *settings):
    recordings = [
        recording("a", small_spikes, cf_sync=8, settings=tuple(one.items())) for one in settings
    ]
    return list(group_by_condition(recordings))


def test_titles_name_the_parameters_that_differ(small_spikes):
    same, rate = {"time_step_ms": "0.025"}, "connections.pf_rate_Hz"
    assert titles_of(small_spikes, same | {rate: "4.0"}, same | {rate: "8.0"}) == [
        "CF synchrony 8, pf_rate_Hz 4",
        "CF synchrony 8, pf_rate_Hz 8",
    ]
    taus = ("connections.pf.tau_ms", "connections.cf.tau_ms")
    assert titles_of(small_spikes, dict.fromkeys(taus, "1.0"), dict.fromkeys(taus, "2.0"))[1] == (
        "CF synchrony 8, connections.pf.tau_ms 2, connections.cf.tau_ms 2"
    )
    driven = [same | {f"network.{rate}": value, rate: value} for value in ("4.0", "8.0")]
    assert titles_of(small_spikes, *driven)[0] == (
        "CF synchrony 8, network pf_rate_Hz 4, pf_rate_Hz 4"
    )
    stimulus = {"stimuli": "step soma 1.0 50.0 150.0"}
    assert titles_of(small_spikes, same, same | stimulus) == [
        "CF synchrony 8, no stimuli",
        "CF synchrony 8, stimuli step soma 1.0 50.0 150.0",
    ]


def test_of_many_parameters_some_are_named_if_they_tell_conditions_apart(small_spikes):
    first, other = (dict.fromkeys("abcde", value) for value in ("1.0", "2.0"))
    assert titles_of(small_spikes, first, other)[0] == (
        "CF synchrony 8, a 1, b 1, c 1, 2 more parameters"
    )
    four = (dict(list(one.items())[:4]) for one in (first, other))
    assert titles_of(small_spikes, *four)[1] == "CF synchrony 8, a 2, b 2, c 2, 1 more parameter"
    assert titles_of(small_spikes, first, other, first | {"e": "3.0"})[2] == (
        "CF synchrony 8, a 1, b 1, c 1, d 1, e 3"
    )


def test_unknown_parameters_are_named_where_nothing_else_differs(small_spikes):
    assert titles_of(small_spikes, {}, {"a": "1.0"}) == [
        "CF synchrony 8, parameters unknown",
        "CF synchrony 8",
    ]


def manifest(**changed):
    parameters = {"connections": {"pf_rate_Hz": 4, "pf_scale": 12.0}, "cell": {"channels": {}}}
    return {"cf_sync": 8, "seed": 0, "trial": 1, "parameters": parameters} | changed


def test_any_parameter_and_stimuli_are_part_of_a_condition_but_not_seed_and_engine():
    of = condition_of(manifest())
    assert of.settings == (("connections.pf_rate_Hz", "4.0"),)
    assert of == condition_of(manifest(seed=3, engine="neuron", duration_ms=7))
    other = {"connections": {"pf_rate_Hz": 8.0}}
    assert of != condition_of(manifest(parameters=other))
    driven = {"network": {"name": "n", "parameters": other}}
    assert condition_of(driven).settings == (("network.connections.pf_rate_Hz", "8.0"),)
    step = [{"kind": "step", "place": "soma", "current_nA": 1.0}]
    assert condition_of(manifest(stimuli=step)).settings[-1] == ("stimuli", "step soma 1.0")


def test_recordings_of_unknown_condition_stay_apart(tmp_path, small_spikes):
    recordings = [recording(tmp_path / folder / "s.h5", small_spikes) for folder in "ab"]
    assert list(group_by_condition(recordings)) == ["s", "s (2)"]

"""Engine cuda against the numpy engine: the same bits, in numba's simulator and on a card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cerebella.compiled.device import LAUNCHES, Cuda
from cerebella.errors import InputError, MachineError
from cerebella.olive.engines.cuda import integrator as cuda_integrator
from cerebella.olive.engines.cuda import kernels
from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.rules.rule import PlasticityRule

VARIANTS = {
    "conjunctive": (),
    "pairs": ("plasticity.rule=pair", "plasticity.ltp=0.01"),
    "no plasticity": ("plasticity.rule=off",),
    "random wiring": ("circuit.wiring=random", "circuit.dcn_per_io=2"),
    "weights by synapse": ("synapses.pf_bc_sd_per_synapse=true",),
    "noise everywhere": (
        "purkinje.noise_mV=1",
        "bc.noise_mV=1",
        "dcn.noise_mV=0.5",
        "drive.io_bias_sd_mV_per_ms=0.1",
    ),
    "weights at both bounds": ("plasticity.ltp=1", "plasticity.ltd=0.7"),
    "spikes through gap junctions": (
        "circuit.gap_coupling=random",
        "drive.gap_spike_area_mV_ms=80",
        "io.threshold_max_mV=-40",
    ),
    "plastic mossy fibers": (
        "mf_plasticity.rule=purkinje-gated",
        "mf_plasticity.ltp=0.3",
        "mf_plasticity.ltd=0.1",
        "drive.mf_rate_Hz=300",
    ),
    "half a step": ("time_step_ms=0.5",),
}


def _perturbed(plans):
    """Change the settings of the second and the third of three plans."""
    (first, second, third), drive = plans, plans[0].drive
    changed = replace(
        drive, pf_rate_Hz=90.0, mf_rate_Hz=200.0, io_bias_mV_per_ms=5.0, gap_per_ms=0.1
    )
    cut = replace(drive, cut=frozenset({"dcn_io", "bc_purkinje"}), plasticity=False)
    return [first, second._replace(drive=changed), third._replace(drive=cut)]


def assert_same_blocks(expected, found):
    for name, spikes in expected.spikes.items():
        assert np.array_equal(spikes.ids, found.spikes[name].ids), name
        assert np.array_equal(spikes.offsets, found.spikes[name].offsets), name
    for name, values in expected.voltages.items():
        assert np.array_equal(values, found.voltages[name]), name


def assert_same_state(expected, found):
    found = found.to_arrays()
    for name, values in expected.to_arrays().items():
        assert np.array_equal(values, found[name]), name


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_card_gives_the_bits_of_numpy(make_circuit, plans_of, variant):
    model, state = make_circuit(*VARIANTS[variant])
    plans = _perturbed(plans_of(model, 15, 30, 45))
    plain, card = (integrator_of(engine, model, state) for engine in (Numpy(), Cuda()))
    blocks = list(zip(plain.blocks(plans), card.blocks(plans), strict=True))
    for expected, found in blocks:
        assert_same_blocks(expected, found)
    assert_same_state(plain.state(), card.state())
    synapses = np.arange(0, state.weights.size, 7)
    for mine, theirs in zip(
        plain.weight_sample(20, synapses), card.weight_sample(20, synapses), strict=True
    ):
        assert np.array_equal(mine, theirs)
    assert len(blocks[-1][0].spikes["PC"].ids)


@pytest.mark.parametrize("launches", LAUNCHES)
def test_a_large_circuit_is_distributed_over_a_card(make_circuit, plans_of, monkeypatch, launches):
    used = {}

    def counted(name):
        launch = getattr(cuda_integrator, name)

        def call(*arguments):
            used[name] = used.get(name, 0) + 1
            launch(*arguments)

        monkeypatch.setattr(cuda_integrator, name, call)

    for kind in ("resident", *LAUNCHES):
        counted(f"launch_{kind}")
    monkeypatch.setattr(cuda_integrator, "RESIDENT_CELLS", 0)
    model, state = make_circuit("plasticity.rule=pair")
    plain, card = (
        integrator_of(engine, model, state) for engine in (Numpy(), Cuda(launches=launches))
    )
    for expected, found in zip(
        plain.blocks(plans_of(model, 8, 12)), card.blocks(plans_of(model, 8, 12)), strict=True
    ):
        assert_same_blocks(expected, found)
    assert_same_state(plain.state(), card.state())
    assert used == {f"launch_{launches}": 2}


def test_a_cooperative_grid_of_which_a_card_holds_no_block_is_refused(
    make_circuit, plans_of, monkeypatch
):
    monkeypatch.setattr(cuda_integrator, "RESIDENT_CELLS", 0)
    monkeypatch.setattr(kernels, "most_blocks_at_once", lambda *arguments: 0)
    model, state = make_circuit()
    with pytest.raises(MachineError, match=r"holds no block .* Choose `launches` phases"):
        list(integrator_of(Cuda(launches="cooperative"), model, state).blocks(plans_of(model, 2)))


def test_circuits_of_a_batch_do_not_affect_each_other(make_circuit, plans_of):
    first = make_circuit()
    others = [make_circuit("drive.pf_rate_Hz=80", circuit=first[0].circuit), make_circuit(seed=2)]
    members = [first, *others]
    models, states = zip(*members, strict=True)
    batch = CudaBatch(models, states)
    blocks = batch.advance([plans_of(model, 20)[0] for model, _ in members])()
    for number, (model, state) in enumerate(members):
        plain = integrator_of(Numpy(), model, state)
        (expected,) = plain.blocks(plans_of(model, 20))
        assert_same_blocks(expected, blocks[number])
        assert_same_state(plain.state(), CudaIntegrator(batch, number).state())
    second, third = (block.spikes["PC"].ids for block in blocks[1:])
    assert not np.array_equal(second, third)


@pytest.mark.parametrize("engines", [(Numpy(), Cuda()), (Cuda(), Numpy())])
def test_either_engine_continues_the_state_of_the_other(make_circuit, plans_of, engines):
    model, state = make_circuit("plasticity.rule=pair")
    whole = integrator_of(Numpy(), model, state)
    list(whole.blocks(plans_of(model, 24)))
    begin, end = engines
    half = integrator_of(begin, model, state)
    list(half.blocks(plans_of(model, 13)))
    rest = integrator_of(end, model, half.state())
    list(rest.blocks(plans_of(model, 24)))
    assert_same_state(whole.state(), rest.state())


def test_spikes_of_unrecorded_cells_stay_on_the_card(make_circuit, plans_of):
    model, state = make_circuit()
    (every,) = integrator_of(Numpy(), model, state).blocks(plans_of(model, 20))
    few = model._replace(recorded={"PF": np.array([5, 9], np.int32), "BC": np.zeros(0, np.int32)})
    (block,) = integrator_of(Cuda(), few, state).blocks(plans_of(model, 20))
    assert set(block.spikes["PF"].ids) <= {5, 9}
    assert not len(block.spikes["BC"].ids)
    assert np.array_equal(block.spikes["PC"].ids, every.spikes["PC"].ids)


def _gain(since_cf_ms, ltp):
    return ltp if since_cf_ms > 5.0 else 0.5 * ltp


def _loss(since_pf_ms, ltd):
    return -ltd * (1.0 - since_pf_ms / 30.0)


def test_own_rules_are_compiled_for_a_card(make_circuit, plans_of):
    rule = PlasticityRule(
        name="own", on_pf=_gain, on_cf=_loss, memory_ms=20.0, parameters={"ltp": 0.01, "ltd": 0.02}
    )
    model, state = make_circuit(rule=rule)
    plain, card = (integrator_of(engine, model, state) for engine in (Numpy(), Cuda()))
    assert_same_blocks(*(next(iter(one.blocks(plans_of(model, 30)))) for one in (plain, card)))
    assert_same_state(plain.state(), card.state())


def test_changes_out_of_range_are_refused(make_circuit, plans_of):
    rule = PlasticityRule(
        name="wild",
        on_pf=lambda since_cf_ms, ltp: 5.0 if since_cf_ms < 1e9 else ltp,
        parameters={"ltp": 0.1},
    )
    model, state = make_circuit(rule=rule)
    with pytest.raises(InputError, match="on_pf of the rule 'wild' gave a change out of range"):
        list(integrator_of(Cuda(), model, state).blocks(plans_of(model, 30)))


def test_stimuli_that_a_card_lacks_are_refused_by_name(make_circuit):
    model, state = make_circuit()
    drive = replace(initial_drive(model.parameters), dcn_of_io=(0, 0, 1, 1))
    with pytest.raises(InputError, match="engine cuda has no inhibition yoked to another run"):
        list(integrator_of(Cuda(), model, state).blocks([Plan(5, drive)]))


def test_circuits_that_exceed_the_memory_of_a_card_are_refused_with_a_number(
    make_circuit, monkeypatch
):
    monkeypatch.setattr(cuda_integrator, "free_memory_GB", lambda device: 1e-5)
    with pytest.raises(MachineError, match=r"take .* GB of the card's memory, of which 1e-05 GB"):
        integrator_of(Cuda(), *make_circuit())

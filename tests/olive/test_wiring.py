from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings


def wire(*settings, seed=1):
    return wire_circuit(apply_settings(OliveParameters(), settings), seed)


@pytest.mark.parametrize("sources", ["pf_of_purkinje", "pf_of_bc", "bc_of_purkinje"])
def test_no_source_contacts_a_cell_twice(sources):
    rows = getattr(wire(), sources)
    assert (np.diff(rows, axis=1) > 0).all()


def test_numbers_and_fan_ins_are_those_of_the_table():
    circuit = wire()
    assert circuit.sizes == {"PF": 4096, "MF": 8, "BC": 512, "PC": 128, "DCN": 8, "IO": 16}
    assert circuit.pf_of_purkinje.shape == (128, 1024)
    assert circuit.pf_of_bc.shape == (512, 512)
    assert circuit.bc_of_purkinje.shape == (128, 128)
    assert circuit.purkinje_of_dcn.shape == (8, 16)


def test_microzones_are_closed():
    circuit = wire()
    for zone in range(8):
        assert circuit.purkinje_of_dcn[zone].tolist() == list(range(16 * zone, 16 * zone + 16))
        assert (circuit.dcn_of_io[2 * zone : 2 * zone + 2] == zone).all()
        climbing = circuit.io_of_purkinje[circuit.purkinje_of_dcn[zone]]
        assert climbing.tolist() == [2 * zone] * 8 + [2 * zone + 1] * 8


def test_the_two_olivary_cells_of_a_zone_share_one_junction_listed_once_per_side():
    expected = [[2 * zone + side, 2 * zone + 1 - side] for zone in range(8) for side in (0, 1)]
    assert wire().gaps.tolist() == expected


def test_random_wiring_draws_partners_without_repetition():
    circuit = wire("circuit.wiring=random")
    assert circuit.dcn_of_io.shape == (16, 4)
    assert (np.diff(circuit.dcn_of_io, axis=1) > 0).all()
    assert np.bincount(circuit.gaps[:, 0]).tolist() == [3] * 16
    sides = {tuple(pair) for pair in circuit.gaps.tolist()}
    assert len(sides) == 48
    assert all((b, a) in sides and a != b for a, b in sides)


def test_coupling_can_be_wider_than_zones():
    circuit = wire("circuit.gap_coupling=random", "circuit.gap_partners=5")
    assert np.bincount(circuit.gaps[:, 0]).tolist() == [5] * 16
    assert circuit.dcn_of_io.shape == (16, 1)


def test_the_circuit_grows_by_whole_zones_with_the_same_fan_ins():
    circuit = wire("circuit.scale=2.5")
    assert circuit.sizes["DCN"] == 20
    assert circuit.pf_of_purkinje.shape == (320, 1024)


def test_weights_have_the_stated_spread():
    circuit = wire()
    assert circuit.pf_bc_factor.shape == (512,)
    assert circuit.bc_purkinje_factor.std() == pytest.approx(0.1, rel=0.05)
    assert circuit.pf_bc_factor.std() == pytest.approx(0.1, rel=0.15)


def test_the_same_seed_gives_the_same_circuit():
    assert np.array_equal(wire(seed=3).pf_of_purkinje, wire(seed=3).pf_of_purkinje)
    assert not np.array_equal(wire(seed=3).pf_of_purkinje, wire(seed=4).pf_of_purkinje)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("circuit.scale=0.1", "scale 0.1 is 0.8 zones.*scale 0.125"),
        ("circuit.scale=1.3", "10.4 zones.*scale 1.25 or 1.375"),
        ("circuit.scale=0.125", "512 PFs are too few for 1024.*scale 0.25 has enough"),
        ("circuit.purkinje_per_dcn=20", "with microzones"),
        ("circuit.scale=-1", "greater than 0"),
    ],
)
def test_circuits_that_cannot_be_built_are_refused(setting, message):
    with pytest.raises(InputError, match=message):
        apply_settings(OliveParameters(), [setting])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("time_step_ms=0", "greater than 0"),
        ("time_step_ms=-0.1", "greater than 0"),
        ("time_step_ms=0.3", "not a multiple of the time step of 0.3"),
        ("synapses.dcn_io.delay_ms=2.55", "DCN→IO of 2.55 ms is not a multiple"),
        ("plasticity.initial_weight=1.2", "less than or equal to 1"),
        ("plasticity.initial_weight=-0.1", "greater than or equal to 0"),
        ("drive.pf_rate_Hz=20000", "cannot fire"),
    ],
)
def test_numbers_that_cannot_be_used_are_refused(setting, message):
    with pytest.raises(InputError, match=message):
        apply_settings(OliveParameters(), [setting])

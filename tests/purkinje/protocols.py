"""Single compartments of the Purkinje cell's mechanisms, under the protocols of the test vectors.

Run as a script, in a process of its own: NEURON holds one library of mechanisms, and the other
tests use that of the molecular layer. Usage: protocols.py LIBRARY OUT.npz TABLE.npz, where TABLE
holds the voltages and concentrations of the calcium-dependent vectors.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import start_neuron
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.purkinje.cell import insert_calcium, insert_membrane

# Mechanism, settings, states: for the voltage steps of the channels.
KV4_FAST, KV4_SLOW = {"gmax_fast": 0.0264}, {"gmax_slow": 0.015}
SOMA_NA = {"gmax": 0.03168}
AIS_NA = {"gmax": 0.56, "shift_a": 15, "shift_k": 5}
STEPS_MV = (-60, -40, -20, 0, 20)
VOLTAGE_STEPS = {
    "Kv1": ("pc_kv1", {"gmax": 0.002}, 0.002),
    "Kv3": ("pc_kv3", {"gmax": 0.2268}, 0.002),
    "Kv4": ("pc_kv4", KV4_FAST, 0.002),
    "Kv4s": ("pc_kv4", KV4_SLOW, 0.002),
    "hpkj": ("pc_ih", {"gmax": 0.000324}, 0.002),
    "nap": ("pc_nap", {"gmax": 0.0023}, 0.002),
    "CaP": ("pc_cap", {"permeability": 0.00076, "cai": 4.5e-5}, 0.002),
    "CaT3_1": ("pc_cat31", {"permeability": 0.000108, "cai": 4.5e-5}, 0.002),
    "naRsg_soma": ("pc_narsg", SOMA_NA, 0.001),
    "naRsg_AIS": ("pc_narsg", AIS_NA, 0.001),
    "naRsg_soma_dt0.02": ("pc_narsg", SOMA_NA, 0.02),
    "naRsg_AIS_dt0.02": ("pc_narsg", AIS_NA, 0.02),
    **{f"mslo_cai{c}": ("pc_mslo", {"gmax": 0.21504, "cai": c}, 0.002) for c in (1e-4, 1e-3, 1e-2)},
    **{f"abBK_cai{c}": ("pc_abbk", {"gmax": 0.3, "cai": c}, 0.002) for c in (1e-4, 1e-3, 1e-2)},
}

# cai at 10 and 40 ms (mM): for SK2, whose voltage is fixed at -40 mV.
SK2_CALCIUM_MM = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)

POOLS = {
    "soma": ("soma", 20.0),
    "AIS": ("ais", 1.0),
    "smooth": ("smooth", 1.0),
    "smooth_d3": ("smooth", 3.0),
    "spiny": ("spiny", 1.0),
    "spiny_d0.6": ("spiny", 0.6),
}


def compartment(h, mechanism, settings=(), diameter_um=10.0):
    """A section of one compartment with one mechanism."""
    section = h.Section(name="patch")
    section.L, section.diam = 10, diameter_um
    section.insert(mechanism)
    for name, value in dict(settings).items():
        setattr(section, name if name == "cai" else f"{name}_{mechanism}", value)
    for ion, reversal in (("ena", 63), ("ek", -77)):
        if hasattr(section, ion):
            setattr(section, ion, reversal)
    return section


def current_of(section, mechanism):
    """Reference to the current density of a compartment's only mechanism."""
    if mechanism in ("pc_cat31", "pc_ih"):
        return getattr(section(0.5), mechanism)._ref_i
    for name in ("ina", "ik", "ica"):
        if hasattr(section(0.5), name):
            return getattr(section(0.5), f"_ref_{name}")
    raise ValueError(mechanism)


def clamp(h, section, times_ms, voltages_mV):
    """Impose a piecewise constant voltage."""
    electrode = h.SEClamp(section(0.5))
    electrode.rs = 1e-6
    electrode.dur1, electrode.dur2, electrode.dur3 = *np.diff([0, *times_ms]), 1e9
    electrode.amp1, electrode.amp2, electrode.amp3 = voltages_mV
    return electrode


def run(h, references, start_mV, sample_ms, dt_ms):
    """Currents at the sample times: gates and voltage of that time, hence one step later."""
    h.dt = dt_ms
    recorded = [h.Vector().record(reference) for reference in references]
    h.finitialize(start_mV)
    h.continuerun(sample_ms[-1] + 3 * dt_ms)
    index = np.round(sample_ms / dt_ms).astype(int) + 1
    return [np.array(current)[index] for current in recorded]


def voltage_steps(h):
    out = {}
    for name, (mechanism, settings, dt_ms) in VOLTAGE_STEPS.items():
        fine = name.startswith("naRsg")
        sample_ms = 49 + 0.02 * np.arange(1601) if fine else 45 + 0.1 * np.arange(551)
        steps = range(-120, -19, 20) if name == "hpkj" else STEPS_MV
        sections = [compartment(h, mechanism, settings) for _ in steps]
        electrodes = [
            clamp(h, section, (50, 80), (-70, step, -70))
            for section, step in zip(sections, steps, strict=True)
        ]
        references = [current_of(section, mechanism) for section in sections]
        currents = run(h, references, -70, sample_ms, dt_ms)
        out |= {f"i_{name} {step}": i for step, i in zip(steps, currents, strict=True)}
        del electrodes
    return out


def resurgent(h):
    out = {}
    for name, settings in (("soma", SOMA_NA), ("AIS", AIS_NA)):
        steps = range(-60, -19, 10)
        sections = [compartment(h, "pc_narsg", settings) for _ in steps]
        electrodes = [
            clamp(h, section, (20, 30), (-90, 30, step))
            for section, step in zip(sections, steps, strict=True)
        ]
        references = [section(0.5)._ref_ina for section in sections]
        currents = run(h, references, -90, 29 + 0.1 * np.arange(511), 0.002)
        out |= {f"i_naRsg_{name}_resurgent {v}": i for v, i in zip(steps, currents, strict=True)}
        del electrodes
    return out


def calcium_steps(h):
    """SK2 at -40 mV during steps of calcium, which no mechanism changes."""
    out = {}
    section = compartment(h, "pc_sk2", {"gmax": 0.0075})
    electrode = clamp(h, section, (1, 2), (-40, -40, -40))
    for cai in SK2_CALCIUM_MM:
        section.cai, h.dt = 4.5e-5, 0.002
        recorded = h.Vector().record(section(0.5)._ref_ik)
        h.finitialize(-40)
        for until_ms, level in ((10, 4.5e-5), (40, cai), (150, 4.5e-5)):
            section.cai = level
            h.continuerun(until_ms)
        h.fadvance()
        index = np.round(0.2 * np.arange(751) / h.dt).astype(int) + 1
        out[f"i_SK2_castep {cai:g}"] = np.array(recorded)[index]
    del electrode
    return out


def steady_states(h):
    """States after initialization."""
    out = {}

    def start(mechanism, settings, voltages_mV, names):
        section = compartment(h, mechanism, settings)
        instance = getattr(section(0.5), mechanism)
        rows = []
        for v in voltages_mV:
            h.finitialize(float(v))
            rows.append([getattr(instance, name) for name in names])
        return np.array(rows)

    wide, coarse = np.arange(-120, 51, 2), np.arange(-100, 41, 4)
    sodium = ["c1", "c2", "c3", "c4", "c5", "o", "b", *(f"i{k}" for k in range(1, 7))]
    out["ss_naRsg_soma"] = start("pc_narsg", SOMA_NA, coarse, sodium)
    out["ss_naRsg_AIS"] = start("pc_narsg", AIS_NA, coarse, sodium)
    out["ss_nap"] = start("pc_nap", {}, wide, ["m"])
    out["ss_Kv1"] = start("pc_kv1", {}, wide, ["n", "h"])
    out["ss_Kv3_vshift4"] = start("pc_kv3", {}, wide, ["n"])
    out["ss_Kv4"] = start("pc_kv4", {}, wide, ["n", "h_fast"])
    out["ss_Kv4s"] = start("pc_kv4", {}, wide, ["n", "h_slow"])
    out["ss_hpkj"] = start("pc_ih", {}, wide, ["n"])
    out["ss_CaP_vshift-5"] = start("pc_cap", {}, wide, ["m"])
    out["ss_CaT3_1"] = start("pc_cat31", {"cai": 4.5e-5}, wide, ["m", "h", "flux"])
    return out


def calcium_dependence(h, table):
    """BK channels and CaP current at the voltages and concentrations of the test vectors."""
    out = {}
    open_states = [f"o{k}" for k in range(5)]
    bk, slow = compartment(h, "pc_mslo"), compartment(h, "pc_abbk")
    rows = []
    for v, cai in zip(table["bk_v"].tolist(), table["bk_cai"].tolist(), strict=True):
        bk.cai = slow.cai = cai
        h.finitialize(v)
        rows.append(
            [
                sum(getattr(bk(0.5).pc_mslo, name) for name in open_states),
                slow(0.5).pc_abbk.x,
            ]
        )
    out["ss_BK"] = np.array(rows)
    cap = compartment(h, "pc_cap", {"permeability": 1.0})
    rows = []
    for v, cai in zip(table["cap_v"].tolist(), table["cap_cai"].tolist(), strict=True):
        cap.cai = cai
        h.finitialize(v)
        rows.append(cap(0.5).ica)
    out["ss_CaP_current"] = np.array(rows)
    sk = compartment(h, "pc_sk2")
    rows = []
    for cai in table["sk_cai"].tolist():
        sk.cai = cai
        h.finitialize(-67)
        rows.append(
            [getattr(sk(0.5).pc_sk2, name) for name in ("c1", "c2", "c3", "c4", "o1", "o2")]
        )
    out["ss_SK2"] = np.array(rows)
    return out


def calcium_pools(h):
    """Calcium after a pulse of inward calcium current, 10 to 12 ms.

    The current is that of CaP channels, which keep it from step to step, set to what it should be.
    """
    out = {}
    for name, (region, diameter_um) in POOLS.items():
        section = compartment(h, "pc_cap", diameter_um=diameter_um)
        insert_calcium(section, region)
        electrode = clamp(h, section, (1, 2), (20, 20, 20))
        for current in (0.01, 0.1):
            for dt_ms in (0.002, 0.02):
                h.dt = dt_ms
                cai = h.Vector().record(section(0.5)._ref_cai)
                section.permeability_pc_cap = 0
                h.finitialize(20)
                h.continuerun(10)
                instance = section(0.5).pc_cap
                for _ in range(round(2 / dt_ms)):
                    instance.current = -current
                    h.fadvance()
                instance.current = 0
                section.permeability_pc_cap = 0
                h.continuerun(80.1)
                index = np.round(0.1 * np.arange(801) / dt_ms).astype(int)
                out[f"cdp_{name} {current} {dt_ms}"] = np.array(cai)[index]
        del electrode
    return out


def patches(h):
    """Whole membranes of the regions, one compartment each, some with current from 5 to 25 ms."""
    out = {}
    for region, diameter_um, current_nA in (
        ("spiny", 1, 0.15),
        ("smooth", 3, 0.1),
        ("soma", 20, 0),
        ("ais", 1, 0),
    ):
        section = h.Section(name="patch")
        section.L, section.diam = 20, diameter_um
        insert_membrane(section, region, PurkinjeCellParameters())
        electrode = h.IClamp(section(0.5))
        electrode.delay, electrode.dur, electrode.amp = 5, 20, current_nA
        for dt_ms in (0.02, 0.0025):
            h.dt = dt_ms
            v = h.Vector().record(section(0.5)._ref_v)
            cai = h.Vector().record(section(0.5)._ref_cai)
            h.finitialize(-67)
            h.continuerun(40.1)
            index = np.round(0.1 * np.arange(401) / dt_ms).astype(int)
            out[f"patch_{region} {dt_ms}"] = np.stack([np.array(v)[index], np.array(cai)[index]])
        del electrode
    return out


def main(library, out, table):
    h, _ = start_neuron(MechanismLibrary(Path(library), key=""))
    h.celsius = 34
    h.steps_per_ms = 1
    results = {
        **steady_states(h),
        **calcium_dependence(h, np.load(table)),
        **voltage_steps(h),
        **resurgent(h),
        **calcium_steps(h),
        **calcium_pools(h),
        **patches(h),
    }
    np.savez(out, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The reduced calcium system and its generated code, compared with all 13 species per shell."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cerebella.purkinje.calcium_pools import POOLS, SOMA_DIAMETER_UM, shell_geometry
from cerebella.purkinje.nmodl.calcium import calcium_mechanism
from cerebella.purkinje.nmodl.mechanisms import TEMPLATES

SOMA, AIS, SMOOTH, SPINY = POOLS
TEMPLATE = (TEMPLATES / "calcium.mod").read_text()

CA_REST, MG_REST = 4.5e-5, 0.59
ON_F, OFF_F, ON_S, OFF_S = 43.5, 0.0358, 5.5, 0.0026
ON_P, OFF_P, ON_PM, OFF_PM = 107, 9.5e-4, 0.8, 0.025
D_CA, D_CB, D_PV = 0.233, 0.028, 0.043
PUMP_TOTAL, PUMP_ON, PUMP_OFF, PUMP_TURNOVER = 2e-14, 3000, 17.5, 72.55
V_MAX, K_LOSS = 0.1, 17.5 / 3000

FULL = [
    *("ca", "mg"),
    *(f"{kind}_{state}" for kind in ("mobile", "immobile") for state in ("0", "s", "f", "b")),
    *("pv", "pv_ca", "pv_mg"),
]
MARGINALS = {
    "c": ("ca",),
    "mg": ("mg",),
    "mf": ("mobile_f", "mobile_b"),
    "ms": ("mobile_s", "mobile_b"),
    "f": ("immobile_f", "immobile_b"),
    "s": ("immobile_s", "immobile_b"),
    "p": ("pv_ca",),
    "pm": ("pv_mg",),
}
DIFFUSION = np.array([D_CA, D_CA, *[D_CB] * 4, *[0] * 4, *[D_PV] * 3])
CALCIUM_IONS = np.array([1, 0, 0, 1, 1, 2, 0, 1, 1, 2, 0, 1, 0])


class FullSystem:
    """Right-hand side of all species, as published (anwar2012, zang2018).

    The state is (13 × shells, then bound pump in mol/cm²), shells of a species together.
    """

    def __init__(self, pool, diameter_um):
        self.pool, self.diameter_um = pool, diameter_um
        volume, self.exchange = shell_geometry(pool)
        self.volume = volume * (diameter_um**2 if pool.geometry == "scaled" else 1)
        self.pump_area = np.pi * diameter_um * 1e10

    def start(self):
        kf, ks = ON_F * CA_REST / OFF_F, ON_S * CA_REST / OFF_S
        kc, km = ON_P * CA_REST / OFF_P, ON_PM * MG_REST / OFF_PM
        calbindin = np.array([1, ks, kf, ks * kf]) / ((1 + kf) * (1 + ks)) * self.pool.calbindin_mM
        parvalbumin = np.array([1, kc, km]) / (1 + kc + km) * self.pool.parvalbumin_mM
        species = [CA_REST, MG_REST, *(0.8 * calbindin), *(0.2 * calbindin), *parvalbumin]
        return np.append(np.repeat(species, self.pool.n_shells), 0.0)

    def species(self, y):
        return y[:-1].reshape(len(FULL), self.pool.n_shells, *y.shape[1:])

    def rate(self, y, influx=0.0, extrusion=True):
        """dy/dt; `influx` in mM µm²/ms per µm of length."""
        x = self.species(y)
        change = np.zeros_like(x)
        i = {name: index for index, name in enumerate(FULL)}

        def react(bound, ion, free, on, off):
            flux = on * x[i[ion]] * x[i[free]] - off * x[i[bound]]
            change[i[bound]] += flux
            change[i[ion]] -= flux
            change[i[free]] -= flux

        for kind in ("mobile", "immobile"):
            react(f"{kind}_s", "ca", f"{kind}_0", ON_S, OFF_S)
            react(f"{kind}_b", "ca", f"{kind}_f", ON_S, OFF_S)
            react(f"{kind}_f", "ca", f"{kind}_0", ON_F, OFF_F)
            react(f"{kind}_b", "ca", f"{kind}_s", ON_F, OFF_F)
        react("pv_ca", "ca", "pv", ON_P, OFF_P)
        react("pv_mg", "mg", "pv", ON_PM, OFF_PM)
        flux = DIFFUSION[:, None] * self.exchange * (x[:, :-1] - x[:, 1:])
        change[:, :-1] -= flux / self.volume[:-1]
        change[:, 1:] += flux / self.volume[1:]
        change[0, 0] += influx / self.volume[0]
        pump = 0 * y[-1]
        if extrusion and self.pool.extrusion == "pump":
            bound = PUMP_ON * x[0, 0] * (PUMP_TOTAL - y[-1]) - PUMP_OFF * y[-1]
            change[0, 0] -= self.pump_area * bound / self.volume[0]
            pump = bound - PUMP_TURNOVER * y[-1]
        elif extrusion:
            by = self.diameter_um**2 if self.pool.extrusion == "everywhere/d2" else 1
            change[0] -= V_MAX * x[0] / (x[0] + K_LOSS) / by
        return np.append(change.ravel(), pump)

    def marginals(self, y):
        """The eight variables of the reduced system: (8, shells)."""
        x = dict(zip(FULL, self.species(y), strict=True))
        return np.array([sum(x[name] for name in names) for names in MARGINALS.values()])

    def calcium_content(self, y):
        """All calcium, bound to the pump too, in mM µm² per µm of length."""
        bound = CALCIUM_IONS @ self.species(y)
        return bound @ self.volume + self.pump_area * y[-1] * (self.pool.extrusion == "pump")


def reduced_rate(full, y, influx):
    """Right-hand side of the reduced system; same order as the marginals."""
    x = y[:-1].reshape(8, full.pool.n_shells)
    c, mg, mf, ms, f, s, p, pm = x
    mobile, immobile = 0.8 * full.pool.calbindin_mM, 0.2 * full.pool.calbindin_mM
    pv = full.pool.parvalbumin_mM - p - pm
    to_mf, to_f = (ON_F * c * (b - x) - OFF_F * x for b, x in ((mobile, mf), (immobile, f)))
    to_ms, to_s = (ON_S * c * (b - x) - OFF_S * x for b, x in ((mobile, ms), (immobile, s)))
    to_p, to_pm = ON_P * c * pv - OFF_P * p, ON_PM * mg * pv - OFF_PM * pm
    change = np.array(
        [-(to_mf + to_ms + to_f + to_s + to_p), -to_pm, to_mf, to_ms, to_f, to_s, to_p, to_pm]
    )
    diffusion = np.array([D_CA, D_CA, D_CB, D_CB, 0, 0, D_PV, D_PV])
    flux = diffusion[:, None] * full.exchange * (x[:, :-1] - x[:, 1:])
    change[:, :-1] -= flux / full.volume[:-1]
    change[:, 1:] += flux / full.volume[1:]
    change[0, 0] += influx / full.volume[0]
    if full.pool.extrusion == "pump":
        bound = 3000 * c[0] * (PUMP_TOTAL - y[-1]) - 17.5 * y[-1]
        change[0, 0] -= np.pi * 1e10 * full.diameter_um / full.volume[0] * bound
        pump = 3000 * c[0] * (PUMP_TOTAL - y[-1]) - 90.05 * y[-1]
    else:
        by = full.diameter_um**2 if full.pool.extrusion == "everywhere/d2" else 1
        change[0] -= V_MAX * c / (c + K_LOSS) / by
        pump = 0.0
    return np.append(change.ravel(), pump)


def integrate(rate, start, times_ms):
    """Values at times, with tight tolerances; those of the pump in its own unit."""
    absolute = np.full(len(start), 1e-14)
    absolute[-1] = 1e-26
    solution = solve_ivp(
        lambda t, y: rate(y), (0, times_ms[-1]), start, "BDF", times_ms, rtol=1e-10, atol=absolute
    )
    assert solution.success
    return solution.y


@pytest.mark.parametrize(
    ("pool", "diameter_um"),
    [(SMOOTH, 3.0), (SPINY, 0.6), (AIS, 1.0)],
    ids=["smooth", "spiny", "ais"],
)
def test_eight_variables_follow_the_thirteen_species(pool, diameter_um):
    """From rest, 1 ms of influx that takes calcium to micromolars, then 4 ms of decay."""
    full = FullSystem(pool, diameter_um)
    influx = 0.05 * full.volume[0] * pool.n_shells
    pulse_ms, after_ms = np.linspace(0, 1, 5), np.linspace(0, 4, 5)
    start = full.start()
    y = integrate(lambda y: full.rate(y, influx), start, pulse_ms)
    y_later = integrate(full.rate, y[:, -1], after_ms)
    reduced = np.append(full.marginals(start).ravel(), 0.0)
    z = integrate(lambda z: reduced_rate(full, z, influx), reduced, pulse_ms)
    z_later = integrate(lambda z: reduced_rate(full, z, 0.0), z[:, -1], after_ms)
    assert z[0].max() > 1e-3
    for species, eight in ((y, z), (y_later, z_later)):
        expected = full.marginals(species).reshape(-1, species.shape[1])
        np.testing.assert_allclose(eight[:-1], expected, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(eight[-1], species[-1], rtol=1e-7, atol=1e-24)


def test_species_conserve_calcium_as_long_as_none_enters_or_leaves():
    """A check of the reference itself."""
    full = FullSystem(SPINY, 1.0)
    y = full.start()
    y[0] = 0.01
    assert abs(full.calcium_content(full.rate(y, extrusion=False))) < 1e-15
    inside = full.calcium_content(full.rate(y)) + full.pump_area * PUMP_TURNOVER * y[-1]
    assert abs(inside) < 1e-15


# One step of what is generated, read as assignments.


def generated_step(assign, pool, before, diameter_um, current_mA_per_cm2, dt_ms=0.02):
    """Carry out procedure `advance` of a pool of few shells; returns (8, shells) and the pump."""
    body = re.search(
        r"PROCEDURE advance\(\) \{\n(.*?)\n\}", calcium_mechanism(TEMPLATE, pool), re.S
    )
    lines = [line for line in body[1].splitlines() if " = " in line]
    names = {"dt": dt_ms, "diam": diameter_um, "ica": current_mA_per_cm2, "q": before[1]}
    shells = range(pool.n_shells)
    of = {f"{x}_{i}": (k, i) for k, x in enumerate(MARGINALS) for i in shells}
    names |= {name: float(before[0][at]) for name, at in of.items()}
    assign(lines, names)
    after = np.array([[names[f"{x}_{i}"] for i in shells] for x in MARGINALS])
    assert names["outer_shell"] == after[0, 0]
    return after, names["q"]


def exact_step(full, y, influx, dt_ms=0.02):
    """One backward-Euler step of all species, by Newton with an exact Jacobian."""
    scale = np.append(np.ones(len(y) - 1), 1e-12)
    new = y.copy()
    for _ in range(6):
        residual = new - y - dt_ms * full.rate(new, influx)
        jacobian = np.array(
            [
                step - dt_ms * full.rate(new + 1e-30j * step, influx).imag / 1e-30
                for step in np.diag(scale)
            ]
        ).T
        new += scale * np.linalg.solve(jacobian, -residual)
    return new


@pytest.mark.parametrize("pool", [SMOOTH, SPINY], ids=lambda pool: pool.region)
@pytest.mark.parametrize("diameter_um", [0.3, 1.0, 3.0])
def test_a_generated_step_is_a_backward_euler_step_of_all_species(assign, pool, diameter_um):
    """Within 2e-6, over ten steps that take calcium from rest to some micromolars."""
    full = FullSystem(pool, diameter_um)
    y = full.start()
    ours = full.marginals(y), 0.0
    current = -0.1 * diameter_um * pool.influx_divisor
    influx = -current * np.pi * diameter_um / (2 * 9.6485332) / pool.influx_divisor
    for _ in range(10):
        y = exact_step(full, y, influx)
        ours = generated_step(assign, pool, ours, diameter_um, current)
    assert y[0] > 1e-3
    np.testing.assert_allclose(ours[0], full.marginals(y), rtol=2e-6)
    assert ours[1] == pytest.approx(y[-1], rel=2e-6)


@pytest.mark.parametrize("pool", [SMOOTH, SPINY], ids=lambda pool: pool.region)
def test_generated_steps_conserve_calcium_and_stay_positive(assign, pool):
    """Influx minus extrusion equals the increase of calcium; magnesium is conserved."""
    diameter_um, dt_ms, current = 1.0, 0.02, -0.1
    full = FullSystem(pool, diameter_um)
    state = full.marginals(full.start()), 0.0
    per_step = dt_ms * 0.1 * np.pi * diameter_um / (2 * 9.6485332) / pool.influx_divisor

    def content(state):
        calcium = state[0][[0, 2, 3, 4, 5, 6]].sum(axis=0) @ full.volume
        return calcium + full.pump_area * state[1], state[0][[1, 7]].sum(axis=0) @ full.volume

    calcium, magnesium = content(state)
    for step in range(60):
        on = step < 20
        state = generated_step(assign, pool, state, diameter_um, current * on, dt_ms)
        calcium += per_step * on - dt_ms * full.pump_area * PUMP_TURNOVER * state[1]
        assert (state[0] > 0).all()
        assert 0 <= state[1] < PUMP_TOTAL
    assert content(state) == pytest.approx((calcium, magnesium), rel=1e-6)


# Geometry and text.


def test_shells_of_the_soma_have_the_published_volumes():
    volume, exchange = shell_geometry(SOMA)
    np.testing.assert_allclose(
        volume[[0, 1, 2, -1]], [0.692491, 2.852758, 2.698555, 0.077102], rtol=0, atol=5.1e-7
    )
    assert volume.sum() == pytest.approx(np.pi / 4 * SOMA_DIAMETER_UM**2, rel=1e-12)
    assert exchange[-1] == pytest.approx(4 * np.pi / 3, rel=1e-12)
    outer, width = 0.0368, (SOMA_DIAMETER_UM / 2 - 0.0368) / 19
    edge = SOMA_DIAMETER_UM / 2 - outer
    assert exchange[0] == pytest.approx(2 * np.pi * edge / (outer + width / 2), rel=1e-12)
    assert exchange[1] == pytest.approx(2 * np.pi * (edge - width) / width, rel=1e-12)


@pytest.mark.parametrize("pool", [AIS, SMOOTH, SPINY], ids=lambda pool: pool.region)
def test_scaled_shells_fill_the_compartment(pool):
    volume, exchange = shell_geometry(pool)
    n = pool.n_shells
    h = 0.5 / (2 * (n - 1))
    assert volume.sum() == pytest.approx(np.pi / 4, rel=1e-12)
    assert volume[0] == pytest.approx(np.pi * (0.5**2 - (0.5 - h) ** 2), rel=1e-12)
    assert volume[-1] == pytest.approx(np.pi * h**2, rel=1e-12)
    assert exchange[-1] == pytest.approx(np.pi, rel=1e-12)
    assert len(exchange) == n - 1


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.region)
def test_only_pools_of_few_shells_are_unrolled(pool):
    text = calcium_mechanism(TEMPLATE, pool)
    assert f"SUFFIX calcium_{pool.region}" in text
    assert "$" not in text
    assert ("FROM" in text) == (pool.n_shells > 4)
    assert bool(re.search(r"\[\w+\]", text)) == (pool.n_shells > 4)
    assert ("fabs" in re.sub(r"FUNCTION.*", "", text, flags=re.S)) == (pool.extrusion != "pump")

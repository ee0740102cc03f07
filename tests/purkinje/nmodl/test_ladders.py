"""The written-out implicit step of a ladder against the dense linear system."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.purkinje.kinetic_schemes import MSLO, Ladder
from cerebella.purkinje.nmodl.ladders import ladder_locals, ladder_step


def random_ladder(n_levels, seed, beside=""):
    """A ladder whose rates × time step span six orders of magnitude; and these, by name."""
    rng = np.random.default_rng(seed)
    lengths = {
        **dict.fromkeys(("up_left", "down_left"), n_levels - 1 + bool(beside)),
        **dict.fromkeys(("up_right", "down_right"), n_levels - 1),
        **dict.fromkeys(("across", "back"), n_levels),
    }
    indices = iter(range(6 * n_levels))
    tables = {
        name: tuple((float(rng.integers(1, 4)), next(indices)) for _ in range(n))
        for name, n in lengths.items()
    }
    values = {f"rate{k}": float(10 ** rng.uniform(-4, 2)) for k in range(next(indices))}
    rails = {rail: tuple(f"{rail}{k}" for k in range(n_levels)) for rail in ("left", "right")}
    return MSLO._replace(**rails, **tables, beside=beside), values


def dense(ladder: Ladder, values):
    """The matrix dt Q, whose columns sum to 0, in the order of the states."""
    q = np.zeros((len(ladder.states), len(ladder.states)))
    for source, target, factor, index in ladder.transitions():
        i, j = ladder.states.index(source), ladder.states.index(target)
        q[j, i] += factor * values[f"rate{index}"]
        q[i, i] -= factor * values[f"rate{index}"]
    return q


@pytest.mark.parametrize("beside", ["", "beside"])
@pytest.mark.parametrize("n_levels", [2, 5, 6])
@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_the_solution_of_the_dense_system(assign, n_levels, seed, beside):
    """Also with a state beside the highest of the left rail, as of resurgent sodium channels."""
    ladder, values = random_ladder(n_levels, seed, beside)
    n = len(ladder.states)
    before = np.random.default_rng(seed + 100).dirichlet(np.ones(n))
    names = values | dict(zip(ladder.states, before.tolist(), strict=True))
    assign(ladder_step(ladder), names)
    after = np.array([names[state] for state in ladder.states])
    expected = np.linalg.solve(np.eye(n) - dense(ladder, values), before)
    np.testing.assert_allclose(after, expected, rtol=1e-10)
    assert after.sum() == pytest.approx(1, abs=1e-12)
    assert (after > 0).all()


def test_locals_are_all_that_a_step_assigns_beside_its_states():
    ladder, _ = random_ladder(5, seed=0, beside="beside")
    declared = {name.strip() for line in ladder_locals(5) for name in line.split(",")}
    assigned = {line.partition("=")[0].strip() for line in ladder_step(ladder)}
    assert assigned == declared | {"kept", *ladder.states}

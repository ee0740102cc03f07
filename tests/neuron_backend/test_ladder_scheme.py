"""The written-out implicit step of a ladder against the dense linear system."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.neuron_backend.ladder_scheme import Ladder, ladder_locals, ladder_step


def random_ladder(n_levels, seed):
    """A ladder whose rates × time step span six orders of magnitude; and these, by name."""
    rng = np.random.default_rng(seed)
    between = ("up_left", "down_left", "up_right", "down_right")
    rates = {f: [f"{f}{k}" for k in range(n_levels - 1)] for f in between}
    rates |= {f: [f"{f}{k}" for k in range(n_levels)] for f in ("across", "back")}
    values = {name: float(10 ** rng.uniform(-4, 2)) for names in rates.values() for name in names}
    states = {
        "left": [f"x{k}" for k in range(n_levels)],
        "right": [f"y{k}" for k in range(n_levels)],
    }
    return Ladder(**states, **rates), values


def dense(ladder, values):
    """The matrix dt Q, whose columns sum to 0; left states first."""
    n = len(ladder.left)
    q = np.zeros((2 * n, 2 * n))

    def transition(source, target, name):
        q[target, source] += values[name]
        q[source, source] -= values[name]

    for k in range(n - 1):
        transition(k, k + 1, ladder.up_left[k])
        transition(k + 1, k, ladder.down_left[k])
        transition(n + k, n + k + 1, ladder.up_right[k])
        transition(n + k + 1, n + k, ladder.down_right[k])
    for k in range(n):
        transition(k, n + k, ladder.across[k])
        transition(n + k, k, ladder.back[k])
    return q


@pytest.mark.parametrize("n_levels", [2, 5, 6])
@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_the_solution_of_the_dense_system(assign, n_levels, seed):
    ladder, values = random_ladder(n_levels, seed)
    before = np.random.default_rng(seed + 100).dirichlet(np.ones(2 * n_levels))
    states = [*ladder.left, *ladder.right]
    names = values | dict(zip(states, before.tolist(), strict=True))
    assign(ladder_step(ladder), names)
    after = np.array([names[state] for state in states])
    expected = np.linalg.solve(np.eye(2 * n_levels) - dense(ladder, values), before)
    np.testing.assert_allclose(after, expected, rtol=1e-10)
    assert after.sum() == pytest.approx(1, abs=1e-12)
    assert (after > 0).all()


def test_a_state_outside_the_ladder_hangs_on_the_last_level(assign):
    """As the blocked state of resurgent sodium channels does; it is eliminated by hand."""
    n_levels, block, unblock = 6, 3.0, 0.4
    kept = 1 / (1 + unblock)
    plain, values = random_ladder(n_levels, seed=1)
    ladder = Ladder(**vars(plain) | {"top_loss": "block*kept", "top_gain": "unblock*kept*b"})
    before = np.random.default_rng(1).dirichlet(np.ones(2 * n_levels + 1))
    states = [*ladder.left, *ladder.right, "b"]
    names = values | dict(zip(states, before.tolist(), strict=True))
    names |= {"block": block, "unblock": unblock, "kept": kept}
    assign([*ladder_step(ladder), "b = (b + block*x5)*kept"], names)
    q = np.zeros((13, 13))
    q[:12, :12] = dense(plain, values)
    q[[12, 5], 5] += [block, -block]
    q[[5, 12], 12] += [unblock, -unblock]
    after = [names[state] for state in states]
    np.testing.assert_allclose(after, np.linalg.solve(np.eye(13) - q, before), rtol=1e-10)


def test_locals_are_all_that_a_step_assigns_beside_its_states():
    ladder, _ = random_ladder(5, seed=0)
    declared = {name.strip() for line in ladder_locals(5) for name in line.split(",")}
    assigned = {line.partition("=")[0].strip() for line in ladder_step(ladder)}
    assert assigned == declared | {*ladder.left, *ladder.right}

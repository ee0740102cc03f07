"""All engines of the olivocerebellar loop, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Integrator, Model
from cerebella.olive.engines.numpy_engine import Numpy, NumpyIntegrator
from cerebella.olive.rules.own import check_changes
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import RULES
from cerebella.olive.state import State
from cerebella.runs.engines import Engine


def _with_numba(engine: Numba, model: Model, state: State) -> Integrator:
    from cerebella.olive.engines.numba_integrator import NumbaIntegrator

    return NumbaIntegrator(model, state, **engine.settings())


def _with_numpy(engine: Numpy, model: Model, state: State) -> Integrator:
    return NumpyIntegrator(model, state)


ENGINES: dict[type[Engine], Callable[[Any, Model, State], Integrator]] = {
    Numba: _with_numba,
    Numpy: _with_numpy,
}
"""Function that returns an integrator, by the type of the engine; the first is the default."""


def check_rule(engine: Engine, rule: PlasticityRule | None, step_ms: float) -> None:
    """Raise InputError if an engine cannot use a rule; those of this package can be used."""
    if rule is None or rule.name in RULES:
        return
    check_changes(rule, step_ms)
    if isinstance(engine, Numba):
        from cerebella.olive.engines.rule_kernels import check_compiled

        check_compiled(rule, step_ms)


def integrator_of(engine: Engine, model: Model, state: State) -> Integrator:
    """Return an integrator of a model that starts from a state, which it copies.

    All engines give the same spikes and weights to the last bit.
    """
    return ENGINES[type(engine)](engine, model, state)

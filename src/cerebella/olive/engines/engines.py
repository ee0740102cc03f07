"""All engines of the olivocerebellar loop, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.device import Cuda, is_simulated
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.engines.engine import Block, Integrator, Model, Plan
from cerebella.olive.engines.numpy_engine import Numpy, NumpyIntegrator
from cerebella.olive.engines.weight_sample import WeightSample
from cerebella.olive.request import OliveRequest
from cerebella.olive.rules.own import check_changes
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import RULES
from cerebella.olive.state import State
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.runs.engines import AUTO, Engine, engine_of


def _with_numba(engine: Numba, model: Model, state: State) -> Integrator:
    from cerebella.olive.engines.numba_integrator import NumbaIntegrator

    return NumbaIntegrator(model, state, **engine.settings())


def _with_numpy(engine: Numpy, model: Model, state: State) -> Integrator:
    return NumpyIntegrator(model, state)


def _with_cuda(engine: Cuda, model: Model, state: State) -> Integrator:
    from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator

    return CudaIntegrator(CudaBatch([model], [state], **engine.settings()))


def _batch_on_card(engine: Cuda, models: Sequence[Model], states: Sequence[State]) -> Joined:
    from cerebella.olive.engines.cuda.integrator import CudaBatch, CudaIntegrator

    batch = CudaBatch(models, states, **engine.settings())
    each: list[Integrator] = [CudaIntegrator(batch, k) for k in range(len(models))]
    return Joined(each, batch.blocks, batch.weight_samples, on_card=True)


ENGINES: dict[type[Engine], Callable[[Any, Model, State], Integrator]] = {
    Numba: _with_numba,
    Numpy: _with_numpy,
    Cuda: _with_cuda,
}
"""Function that returns an integrator, by the type of the engine; the first is the default."""

CELLS_OF_A_CARD = 20_000
"""Neurons, of one circuit or of all that are simulated at once, from which on a card is faster."""


def chosen_engine(asked: Engine | str, parameters: OliveParameters, n_circuits: int = 1) -> Engine:
    """Return the engine that was requested, or the fastest one for circuits of this size."""
    if asked != AUTO:
        return engine_of(asked, ENGINES)
    sizes = parameters.circuit.sizes
    return fastest_engine(n_circuits * sum(sizes[name] for name in NEURONS))


def fastest_engine(n_cells: int) -> Engine:
    """Return the engine that is fastest for a number of neurons, on this machine."""
    if n_cells >= CELLS_OF_A_CARD and Cuda().is_available() and not is_simulated():
        return Cuda()
    return Numba() if Numba().is_available() else Numpy()


def engine_with_stimuli(asked: Engine | str, chosen: Engine) -> Engine:
    """Return the engine of a run with stimuli; raise InputError if one without them was asked."""
    if not isinstance(chosen, Cuda):
        return chosen
    if asked == AUTO:
        return fastest_engine(0)
    raise InputError(
        "`stimuli`: engine cuda cannot simulate them",
        remedy=f"Choose engine {Numba.name} or {Numpy.name}",
    )


def check_memory(engine: Engine, requests: Sequence[OliveRequest]) -> None:
    """Raise MachineError if circuits do not fit into the memory of a card, before they are made."""
    if isinstance(engine, Cuda):
        from cerebella.olive.engines.cuda import memory

        memory.check_memory(requests, engine.device)


def check_rule(engine: Engine, rule: PlasticityRule | None, step_ms: float) -> None:
    """Raise InputError if an engine cannot use a rule; those of this package can be used."""
    if rule is None or rule.name in RULES:
        return
    check_changes(rule, step_ms)
    if isinstance(engine, Numba):
        from cerebella.olive.engines.compiled_rules import check_compiled

        check_compiled(rule, step_ms)


def integrator_of(engine: Engine, model: Model, state: State) -> Integrator:
    """Return an integrator of a model that starts from a state, which it copies.

    All engines give the same spikes and weights to the last bit.
    """
    return ENGINES[type(engine)](engine, model, state)


class Joined(NamedTuple):
    """Models that advance together.

    Attributes
    ----------
    each : list of Integrator
        States and weights of each model.
    blocks : callable
        Takes plans for all models at a time. Yields the end of their blocks, and a function that
        returns these.
    weigh : callable
        Takes the arguments of `weight_sample` for each model, and returns their samples.
    on_card : bool
        Whether the next blocks are computed elsewhere, while this processor records those before.
    """

    each: list[Integrator]
    blocks: Callable[
        [Iterable[Sequence[Plan]]], Iterator[tuple[int, Callable[[], Sequence[Block]]]]
    ]
    weigh: Callable[[Sequence[tuple[int, npt.NDArray[np.int64]]]], list[WeightSample]]
    on_card: bool = False


def integrators_of(engine: Engine, models: Sequence[Model], states: Sequence[State]) -> Joined:
    """Return integrators of models that advance together; of several, on a card only."""
    if isinstance(engine, Cuda):
        return _batch_on_card(engine, models, states)
    (model,), (state,) = models, states
    integrator = integrator_of(engine, model, state)

    def blocks(
        plans: Iterable[Sequence[Plan]],
    ) -> Iterator[tuple[int, Callable[[], Sequence[Block]]]]:
        for block in integrator.blocks(plan for (plan,) in plans):
            yield block.stop, partial(list, (block,))

    return Joined([integrator], blocks, lambda asked: [integrator.weight_sample(*asked[0])])

"""cerebella: simulate the cerebellar circuit.

Public names are listed in ``__init__.pyi`` and imported on first use, so that ``import cerebella``
is quick and works without a compiler.

>>> import cerebella as cb
>>> network = cb.generate_network(seed=0)
>>> simulation = cb.simulate_mli(network, cf_sync=8)
>>> cb.compute_rates(simulation.spikes)
"""

from lazy_loader import attach_stub

__version__ = "0.1.0.dev0"

__getattr__, _dir_of_names, __all__ = attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __dir__() -> list[str]:
    return [*_dir_of_names(), "__version__"]

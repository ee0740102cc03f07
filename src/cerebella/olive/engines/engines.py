"""All engines of the olivocerebellar loop, in one table."""

from __future__ import annotations

from cerebella.olive.engines.engine import LoopEngine
from cerebella.olive.engines.numba_engine import Numba
from cerebella.olive.engines.numpy_engine import Numpy

ENGINES: tuple[type[LoopEngine], ...] = (Numba, Numpy)
"""Types of engines; the first is the default."""

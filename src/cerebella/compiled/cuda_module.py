"""Numba's module for CUDA devices, whose functions have other types within kernels."""

from __future__ import annotations

from typing import Any

from numba import cuda as _cuda

cuda: Any = _cuda


def add_at_once(array, index, value):
    """Add to an element, also from many threads at once; return what was there before."""
    return cuda.atomic.add(array, index, value)

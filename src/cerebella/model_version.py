"""The version of each level's numbers, by the kind of its runs.

Increase the number of a level whenever the same request gives different spikes, weights or traces,
through a change of equations, schemes, random streams or orders of summation. The number is
independent of the version of the package, since most releases do not change results. Changes of
parameter values do not count, since every run lists them.
"""

from __future__ import annotations

MODEL_VERSIONS = {"mli": 1, "purkinje": 1, "olive": 1}

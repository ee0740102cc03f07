"""The version of each level's numbers, by the kind of its runs.

Raise the number of a level whenever the same request gives other spikes, weights or traces than
before: another equation, scheme, random stream or order of summation. It does not follow the
version of the package, most of whose releases change no numbers. Values of parameters are not
meant, since every run lists them.
"""

from __future__ import annotations

MODEL_VERSIONS = {"mli": 1, "purkinje": 1, "olive": 1}

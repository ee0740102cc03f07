"""The mechanisms of the Purkinje cell in NMODL."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cerebella.neuron_backend.mechanism_sets import (
    SHARED,
    MechanismSet,
    processor_options,
    texts_in,
)
from cerebella.purkinje.calcium_pools import POOLS
from cerebella.purkinje.channels import CHANNELS, Channel
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG, SK2_MECHANISM
from cerebella.purkinje.nmodl.calcium import calcium_mechanism
from cerebella.purkinje.nmodl.channels import channel_mechanisms
from cerebella.purkinje.nmodl.ladders import ladder_mechanism
from cerebella.purkinje.nmodl.sk2 import sk2_mechanism

TEMPLATES = Path(__file__).parent / "templates"


@cache
def purkinje_mechanisms(channels: tuple[Channel, ...] = CHANNELS) -> MechanismSet:
    """Return the mechanisms of the Purkinje cell, with options for this processor.

    Parameters
    ----------
    channels : tuple of Channel
        Its channels with gates.

    Returns
    -------
    MechanismSet
    """
    templates = texts_in(TEMPLATES)
    calcium = templates["calcium.mod"]
    texts = {
        **texts_in(SHARED),
        "calcium_to_ion.mod": templates["calcium_to_ion.mod"],
        **{f"{pool.mechanism}.mod": calcium_mechanism(calcium, pool) for pool in POOLS},
        **dict(channel_mechanisms(templates, channels)),
        **{f"{ladder.mechanism}.mod": ladder_mechanism(ladder) for ladder in (NARSG, MSLO)},
        f"{SK2_MECHANISM}.mod": sk2_mechanism(),
    }
    return MechanismSet(dict(sorted(texts.items())), processor_options(), compile_s=60)

"""A packed run of the Purkinje cell in NEURON, with the conductances of its point processes.

Run as a script, in a process of its own, as `protocols.py`. Usage: synapses_in_neuron.py LIBRARY
REQUEST.json ARRAYS.npz OUT.npy, where OUT holds the conductance in µS of each synapse at each step.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import start_neuron
from cerebella.neuron_backend.workers import Parcel
from cerebella.purkinje import integrate
from cerebella.purkinje.request import unpack


def main(library, request, arrays, out):
    neuron = start_neuron(MechanismLibrary(Path(library), key=""))
    build, recorded = integrate._build_synapses, []

    def build_and_record(h, *given):
        synapses, deliver = build(h, *given)
        recorded.extend(h.Vector().record(synapse._ref_g) for synapse in synapses)
        return synapses, deliver

    integrate._build_synapses = build_and_record
    with np.load(arrays) as stored:
        parcel = Parcel(json.loads(Path(request).read_text()), dict(stored))
    integrate.run_purkinje(neuron, *unpack(parcel))
    np.save(out, np.stack([np.array(vector) for vector in recorded]))


if __name__ == "__main__":
    main(*sys.argv[1:])

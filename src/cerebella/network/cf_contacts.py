"""Contacts of climbing fibers (CFs) that a network does not have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cerebella.errors import InputError
from cerebella.network.cell_types import N_PROXIMAL_DENDRITES
from cerebella.network.connections import Synapses
from cerebella.network.network import Network
from cerebella.randomness import Purpose, random123

_X = 0.5
"""Position of a contact on its dendrite, that of CF contacts on MLI2s."""


def add_cf_contacts(network: Network, per_mli1: int, *, seed: int = 0) -> Network:
    """Return a network in which each MLI1 has further contacts with climbing fibers.

    Parameters
    ----------
    network : Network
        The network.
    per_mli1 : int
        Contacts of each MLI1, on its proximal dendrites in turn, each of a CF drawn at random.
    seed : int
        Seed of the draws. With a higher number, an MLI1 keeps the contacts of a lower one.

    Returns
    -------
    Network
        `network` itself for no contacts. The last result for a network is kept.

    Raises
    ------
    InputError
        The network has no CF.

    Examples
    --------
    >>> from cerebella.network.cf_contacts import add_cf_contacts
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> len(add_cf_contacts(network, 4).synapses) - len(network.synapses)
    84
    """
    mli1 = np.asarray(network.gids("MLI1"))
    if not per_mli1 or not len(mli1):
        return network
    fibers = np.asarray(network.gids("CF"))
    if not len(fibers):
        raise InputError(
            "MLI1s cannot get contacts of climbing fibers, since the network has none",
            remedy="Give a network with climbing fibers, or cf_contacts_per_mli1 = 0",
        )
    key = (per_mli1, seed)
    kept = network.derived.get(__name__)
    if kept is None or kept[0] != key:
        drawn = random123(seed, Purpose.ADDED_CF_CONTACTS, mli1, 0, per_mli1).ravel()
        old = network.synapses
        synapses = Synapses(
            np.concatenate([old.source_gid, fibers[(drawn * len(fibers)).astype(int)]]),
            np.concatenate([old.target_gid, np.repeat(mli1, per_mli1)]),
            np.concatenate(
                [old.dendrite, np.tile(np.arange(per_mli1) % N_PROXIMAL_DENDRITES, len(mli1))]
            ),
            np.concatenate([old.x, np.full(len(drawn), _X)]),
            None
            if old.table_row is None
            else np.concatenate([old.table_row, len(old) + np.arange(len(drawn))]),
        )
        kept = key, replace(network, synapses=synapses)
        network.derived[__name__] = kept
    return kept[1]

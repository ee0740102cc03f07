"""The network that drives a Purkinje cell, from whatever its spikes come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import Network, population_ranges
from cerebella.results.condition import Condition
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.run import Run


@dataclass(frozen=True)
class PresynapticNetwork:
    """What a simulation needs to know of the network.

    Attributes
    ----------
    spikes : of its populations.
    cell_counts : cells of each type, in gid order.
    condition : under which the network was simulated.
    """

    spikes: SpikeTrains
    cell_counts: Mapping[str, int]
    condition: Condition

    @classmethod
    def of(
        cls, spikes: Run | SpikeTrains, network: Network | Mapping[str, int] | None
    ) -> PresynapticNetwork:
        """Find out which cells the network has: from `network`, else from the run's manifest.

        Raises
        ------
        InputError : neither says, they contradict each other, or other cells have spikes.
        """
        trains = spikes if isinstance(spikes, SpikeTrains) else spikes.require("spikes")
        condition = Condition() if isinstance(spikes, SpikeTrains) else spikes.condition
        counts = network.cell_counts if isinstance(network, Network) else network
        own = getattr(spikes, "manifest", {}).get("network", {}).get("cell_counts")
        if counts is None and own is None:
            raise InputError(
                "the spikes do not say which cells their network has",
                remedy="Give `network`, or the folder of its cells table",
            )
        counts = {t.name: int((counts or own)[t.name]) for t in CELL_TYPES}
        if own and counts != dict(own):
            different = next(name for name in counts if counts[name] != own.get(name))
            raise InputError(
                f"the spikes are of a network with {own.get(different)} {different}, the network "
                f"has {counts[different]}",
                remedy="Give the network that was simulated, or none",
            )
        n_cells = sum(counts.values())
        strangers = trains.gids[(trains.gids < 0) | (trains.gids >= n_cells)]
        if len(strangers):
            raise InputError(
                f"gid {strangers[0]} has spikes, but the network has gids 0 to {n_cells - 1}",
                remedy="Give the network of these spikes",
            )
        known = SpikeTrains(
            trains.times_ms, trains.gids, population_ranges(counts), trains.duration_ms
        )
        return cls(known, counts, condition)

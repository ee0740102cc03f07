"""The network that drives a Purkinje cell, from a run or from spike trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cerebella.citations import keys_of_run
from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import Network, population_ranges
from cerebella.results.condition import Condition
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.run import Run


@dataclass(frozen=True)
class PresynapticNetwork:
    """Properties of the presynaptic network that a simulation requires.

    Attributes
    ----------
    spikes : SpikeTrains
        Spikes of its populations.
    cell_counts : mapping of str to int
        Number of cells of each type, in gid order.
    condition : Condition
        Condition under which the network was simulated.
    cite : tuple of str
        Keys of the references of its run; empty for spikes alone.
    settings : mapping of str to object
        Parameters and stimuli of its run, as in manifests; empty if unknown.
    """

    spikes: SpikeTrains
    cell_counts: Mapping[str, int]
    condition: Condition
    cite: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, spikes: Run | SpikeTrains, network: Network | Mapping[str, int] | None
    ) -> PresynapticNetwork:
        """Determine the cells of the network from `network` or the manifest of the run.

        Parameters
        ----------
        spikes : Run or SpikeTrains
            Spikes of the network.
        network : Network or mapping of str to int, optional
            The network, or its number of cells of each type.

        Returns
        -------
        PresynapticNetwork
            The network and its spikes.

        Raises
        ------
        InputError
            The cells are unknown or contradictory, or spikes belong to other cells.
        """
        if not isinstance(spikes, Run | SpikeTrains):
            raise InputError(
                f"`spikes` is {spikes!r}, neither a run nor spike trains",
                remedy="Give the result of simulate_mli, or read a run with load_run",
            )
        trains = spikes if isinstance(spikes, SpikeTrains) else spikes.require("spikes")
        condition = Condition() if isinstance(spikes, SpikeTrains) else spikes.condition
        counts = network.cell_counts if isinstance(network, Network) else network
        manifest = spikes.manifest if isinstance(spikes, Run) else {}
        own = manifest.get("network", {}).get("cell_counts")
        if counts is None and own is None:
            raise InputError(
                "the spikes do not specify the cells of their network",
                remedy="Give `network`, or the folder of its cells table",
            )
        counts = {t.name: int((counts or own)[t.name]) for t in CELL_TYPES}
        if own and counts != dict(own):
            different = next(name for name in counts if counts[name] != own.get(name))
            raise InputError(
                f"the spikes come from a network with {own.get(different)} {different}, but the "
                f"given network has {counts[different]}",
                remedy="Give the network that was simulated, or omit it",
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
        of_run = manifest if manifest.get("kind") == "mli" else manifest.get("network", {})
        settings = {name: of_run[name] for name in ("parameters", "stimuli") if name in of_run}
        return cls(known, counts, condition, tuple(keys_of_run(manifest)), settings)

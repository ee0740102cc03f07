"""Memory that circuits take on a card, computed before any of their arrays is made."""

from __future__ import annotations

from collections.abc import Sequence

from cerebella.compiled.device import free_memory_GB
from cerebella.errors import MachineError
from cerebella.olive.engines.cuda.arrays import N_SLOTS, RINGS
from cerebella.olive.plans import longest_block
from cerebella.olive.recording import recorded_cells, sampled_cells
from cerebella.olive.request import OliveRequest
from cerebella.olive.step_coefficients import NEURONS, derive_coefficients
from cerebella.olive.wiring import wiring_settings
from cerebella.parameters.olive_circuit import OliveCircuitParameters

_WHOLE, _HALF = 8, 4
"""Bytes of numbers of 64 and of 32 bits."""

_GB = 1e9

_TABLES = 12 * (1 << 12)
"""Bytes of a table of coin flips with its guide."""


def wiring_bytes(circuit: OliveCircuitParameters) -> int:
    """Return the memory in bytes of the connections of a circuit."""
    n = circuit.sizes
    pf_purkinje = n["PC"] * circuit.pf_per_purkinje
    others = n["BC"] * circuit.pf_per_bc + n["PC"] * (circuit.bc_per_purkinje + 2)
    starts = 2 * n["PF"] + sum(n.values())
    return 3 * _HALF * pf_purkinje + 2 * _HALF * others + _WHOLE * starts


def circuit_bytes(request: OliveRequest, block_steps: int) -> int:
    """Return the memory in bytes of the state of a circuit, its coefficients and its output.

    Parameters
    ----------
    request : OliveRequest
        Its run.
    block_steps : int
        Longest block in steps, after which spikes leave the card.
    """
    parameters, recording = request.parameters, request.recording
    of, n = derive_coefficients(parameters), parameters.circuit.sizes
    n_pf, n_cells = n["PF"], sum(n[name] for name in NEURONS)
    recent = of.history["PF"] // (of.pf_refractory + 1) + 1
    slots = max(of.synapses[name].delay for name in ("pf_purkinje", "pf_bc")) + 1
    of_fibers = n_pf * (_WHOLE * (3 + recent + 1) + _HALF * (1 + slots) + 1)
    of_cells = n_cells * (_WHOLE * (3 + 3 * N_SLOTS) + _HALF + 1)
    of_rings = _HALF * sum(of.history[name] * n[name] for name in NEURONS)
    weights = _HALF * n["PC"] * parameters.circuit.pf_per_purkinje
    kept = recorded_cells(recording, n, request.seed) | {"IO": None}
    spikes = 0
    for name in RINGS:
        chosen = kept.get(name)
        n_kept = n[name] if chosen is None else len(chosen)
        hold = of.pf_refractory if name == "PF" else of.cells[name].hold_steps
        spikes += _WHOLE * n_kept * (block_steps // (hold + 1) + 1)
    n_sampled = sum(map(len, sampled_cells(recording, n).values()))
    every = max(1, parameters.steps(recording.v_every_ms))
    samples = _HALF * n_sampled * -(-block_steps // every)
    mossy = _HALF * (block_steps + of.history["MF"] + 1)
    return weights + of_fibers + of_cells + of_rings + spikes + samples + mossy + _TABLES


def check_memory(requests: Sequence[OliveRequest], device: int) -> None:
    """Raise MachineError if circuits that are simulated at once do not fit into a card's memory."""
    wirings = {(wiring_settings(one.parameters), one.seed) for one in requests}
    needed = sum(wiring_bytes(settings.circuit) for settings, _ in wirings)
    needed += sum(circuit_bytes(one, longest_block(one)) for one in requests)
    free_GB = free_memory_GB(device)
    if needed / _GB > free_GB:
        fewer = "fewer circuits at once, or " if len(requests) > 1 else ""
        circuits = f"{len(requests)} circuits take" if len(requests) > 1 else "the circuit takes"
        raise MachineError(
            f"{circuits} {needed / _GB:.3g} GB of the memory of card {device}, of which "
            f"{free_GB:.3g} GB are free. Give {fewer}a smaller scale"
        )

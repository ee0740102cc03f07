"""Valid files of every format, and the functions of the package that read them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

import cerebella as cb
from cerebella.analysis.strength_responses import StoredResponses
from cerebella.citations import keys_of_run
from cerebella.experiments.cf_strength.tasks import load_responses
from cerebella.files.npz import read_npz
from cerebella.morphology.swc import load_morphology, save_morphology
from cerebella.network.load import check_network, load_cell_counts
from cerebella.neuron_backend.own_mechanisms import read_mechanisms
from cerebella.parameters.configure import apply_file, as_yaml
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.results.olive_npz import read_olive_npz
from cerebella.results.published_csv import write_published_spikes
from cerebella.results.published_npz import write_published_traces
from cerebella.results.recording_sites import RecordingSites
from cerebella.results.sonata_traces import read_traces
from cerebella.results.weights import WeightSamples, read_weights
from cerebella.sweeps.folder import load_sweep

TRACES = "pc_cf2_cf_29_pf_12_sync_8_trial_11"
SWC = """\
1 1 0 0 0 5 -1
2 2 0 -5 0 0.5 1
3 2 0 -15 0 0.5 2
4 3 0 5 0 1.5 1
5 3 0 50 0 1.5 4
6 3 20 90 0 0.5 5
7 3 -20 90 0 0.5 5
"""
TRACING = """\
1 1 0 0 0 8 -1
2 1 0 8 0 8 1
3 1 0 -8 0 8 1
4 3 0 12 0 2 1
5 5 0 40 0 2 4
6 0 30 70 0 0.5 5
7 3 60 90 2 0.05 6
8 3 -30 70 0 0 5
9 2 0 -8 0 0.5 1
10 2 0 -60 0 0.5 9
"""
STIMULI = """\
stimuli:
- step MLI1[3] 20pA 50ms-150ms
- {kind: noise, place: soma, sd_nA: 0.1, interval_ms: 0.1}
"""
NMODL = """\
NEURON { SUFFIX hcn NONSPECIFIC_CURRENT i RANGE gbar, i }
COMMENT
channels
ENDCOMMENT
PARAMETER { gbar = 1e-4 (S/cm2) <0, 1> }
ASSIGNED { v (mV) i (mA/cm2) : a comment
}
BREAKPOINT { i = gbar*(v + 30) }
"""
MANIFEST = {
    "kind": "mli",
    "cerebella": "0",
    "network": {"name": "tiny", "cell_counts": {"CF": 0}},
    "cf_sync": 8,
    "trial": 3,
    "w2_pS": 70.0,
    "duration_ms": 400.0,
    "seed": 0,
    "parameters": MLIParameters().model_dump(mode="json"),
    "cite": ["park2026"],
}


class Reader(NamedTuple):
    """A file and the function that reads it, given the folder of all files."""

    file: str
    form: str
    read: Callable[[Path], Any]


def use_run(path: Path) -> None:
    """Read all that a run directory or file holds, as `cerebella analyze` does."""
    run = cb.load_run(path)
    repr(run)
    for name in run.populations:
        run.of(name)
    if run.n_spikes:
        len(run.spikes)
    for name in run.traces:
        run.traces[name].of(0)
    _ = run.weights, run.morphology, run.parameters
    run.measures()
    run.level.summarize([run], [])
    keys_of_run(run)


def use_network(path: Path) -> None:
    """Validate a network and, if it is valid, use it; raise the first problem."""
    network, problems = check_network(path)
    if network is None:
        raise problems[0]
    repr(network)
    load_cell_counts(path)


def use_sections(folder: Path) -> None:
    load_morphology(folder / "cell.swc", folder / "sections.csv")


READERS = {
    "spikes of a run": Reader("run/spikes.h5", "hdf5", lambda f: use_run(f / "run")),
    "spikes alone": Reader("run/spikes.h5", "hdf5", lambda f: use_run(f / "run/spikes.h5")),
    "traces": Reader("run/voltage.h5", "hdf5", lambda f: read_traces(f / "run/voltage.h5")),
    "weights": Reader("weights.h5", "hdf5", lambda f: read_weights(f / "weights.h5")),
    "nodes": Reader("net/nodes.h5", "hdf5", lambda f: use_network(f / "net")),
    "edges": Reader("net/edges.h5", "hdf5", lambda f: use_network(f / "net")),
    "level": Reader("net/cf_spikes_sync_0.h5", "hdf5", lambda f: use_network(f / "net")),
    "circuit": Reader("net/circuit_config.json", "json", lambda f: use_network(f / "net")),
    "manifest": Reader("run/run.json", "json", lambda f: use_run(f / "run")),
    "sweep": Reader("sweep/sweep.json", "json", lambda f: load_sweep(f / "sweep")),
    "counts": Reader("loop.npz", "npz", lambda f: use_run(f / "loop.npz")),
    "counts alone": Reader("loop.npz", "npz", lambda f: read_olive_npz(f / "loop.npz")),
    "soma": Reader(f"{TRACES}_somav.npz", "npz", lambda f: use_run(f / f"{TRACES}_somav.npz")),
    "calcium": Reader(f"{TRACES}_ca.npz", "npz", lambda f: use_run(f / f"{TRACES}_ca.npz")),
    "archive": Reader("loop.npz", "npz", lambda f: read_npz(f / "loop.npz")),
    "responses": Reader("responses/arrays.npz", "npz", lambda f: load_responses(f / "responses")),
    "weights of a loop": Reader("loop/weights.h5", "hdf5", lambda f: use_run(f / "loop")),
    "spikes of a loop": Reader("loop/spikes.h5", "hdf5", lambda f: use_run(f / "loop")),
    "manifest of a loop": Reader("loop/run.json", "json", lambda f: use_run(f / "loop")),
    "manifest of a cell": Reader("cell/run.json", "json", lambda f: use_run(f / "cell")),
    "soma of a cell": Reader("cell/soma_v.h5", "hdf5", lambda f: use_run(f / "cell")),
    "configuration": Reader(
        "mli.yaml", "text", lambda f: apply_file(MLIParameters(), f / "mli.yaml")
    ),
    "loop": Reader("olive.yaml", "text", lambda f: apply_file(OliveParameters(), f / "olive.yaml")),
    "mechanism": Reader("nmodl/hcn.mod", "text", lambda f: read_mechanisms(f / "nmodl")),
    "stimuli": Reader("stimuli.yaml", "text", lambda f: cb.load_stimuli(f / "stimuli.yaml")),
    "cells": Reader("csv/cells_x.csv", "text", lambda f: use_network(f / "csv")),
    "synapses": Reader("csv/synaptic_connections_x.csv", "text", lambda f: use_network(f / "csv")),
    "gap junctions": Reader("csv/gap_connections_x.csv", "text", lambda f: use_network(f / "csv")),
    "CF times": Reader("csv/cf_times_43_sync_0.csv", "text", lambda f: use_network(f / "csv")),
    "published spikes": Reader("spikes.csv", "text", lambda f: use_run(f / "spikes.csv")),
    "cell": Reader("cell.swc", "text", lambda f: load_morphology(f / "cell.swc")),
    "tracing": Reader("tracing.swc", "text", lambda f: cb.prepare_morphology(f / "tracing.swc")),
    "cell with sections": Reader("cell.swc", "text", use_sections),
    "sections": Reader("sections.csv", "text", use_sections),
}


def write_valid_files(folder: Path) -> None:
    """Write a small valid file for each reader."""
    cells = (cb.Population("MLI1", 0, 4), cb.Population("MLI2", 4, 2))
    times, gids = np.linspace(1, 399, 40), np.arange(40) % 6
    spikes = cb.SpikeTrains(times, gids, cells, 400.0)
    sites = np.array(["soma", "dendA1", "smth"])
    voltage = _traces(np.arange(8) * 0.1, np.full((8, 3), -60.0), [0, 4, 4], sites, [0.5] * 3)
    cb.Run(MANIFEST, spikes=spikes, traces={"voltage": voltage}).save(folder / "run")
    write_published_spikes(spikes, folder / "spikes.csv")
    network = cb.generate_network(seed=1, scale=0.1)
    network = cb.Network(
        network.cell_counts, network.synapses, network.gap_junctions, network.cf_times_ms, "x"
    )
    cb.save_network(network, folder / "net")
    cb.save_network(network, folder / "csv", "csv")
    _write_weights(folder / "weights.h5")
    np.savez_compressed(
        folder / "loop.npz",
        IO_spikes=np.eye(30, 4, dtype=np.uint16),
        PKJ_spikes=np.ones((30, 3), np.uint16),
        weights=np.full((3, 5), 0.2),
        bin_ms=np.array(100.0),
        weights_times_ms=np.arange(3.0),
    )
    (folder / "responses").mkdir()
    arrays = {name: np.zeros((2, 3, 4), np.float32) for name in StoredResponses._fields}
    np.savez_compressed(folder / "responses/arrays.npz", **arrays)  # type: ignore[arg-type]
    _write_loop(folder / "loop")
    _write_cell(folder / "cell")
    t = np.arange(3000) * 0.1
    regions = np.array(["soma", "spiny", "smooth"])
    one = RecordingSites(sites, np.full(3, 0.5), regions, np.ones(3), 50 * np.arange(3.0))
    soma = _traces(t, -60 + 80 * (t % 20 < 0.3)[:, np.newaxis], [0], ["soma"], [0.5])
    write_published_traces(soma, folder / f"{TRACES}_somav.npz")
    calcium = _traces(t, np.full((3000, 3), 4e-5), [0] * 3, sites, [0.5] * 3, "cai", "mM")
    write_published_traces(calcium, folder / f"{TRACES}_ca.npz", one)
    (folder / "mli.yaml").write_text(as_yaml(MLIParameters()))
    (folder / "stimuli.yaml").write_text(STIMULI)
    (folder / "nmodl").mkdir()
    (folder / "nmodl" / "hcn.mod").write_text(NMODL)
    (folder / "olive.yaml").write_text(as_yaml(OliveParameters()))
    (folder / "cell.swc").write_text(SWC)
    (folder / "tracing.swc").write_text(TRACING)
    save_morphology(
        load_morphology(folder / "cell.swc"), folder / "cell.swc", folder / "sections.csv"
    )
    (folder / "sweep").mkdir()
    sweep = {"schema": "cerebella-sweep/1", "experiment": "x", "settings": {"a": MANIFEST}}
    (folder / "sweep/sweep.json").write_text(json.dumps(sweep))


def _traces(*values: Any) -> cb.Traces:
    """Return traces from lists or arrays."""
    return cb.Traces(*values)


def _write_loop(folder: Path) -> None:
    """Write a run of the loop of a few cells, as its simulation does."""
    parameters = OliveParameters()
    names = {"MF": 3, "PF": 8, "BC": 2, "PC": 4, "DCN": 2, "IO": 4}
    firsts = np.cumsum([0, *names.values()]).tolist()
    cells = tuple(
        cb.Population(name, first, n)
        for (name, n), first in zip(names.items(), firsts, strict=False)
    )
    gids = np.arange(200) % firsts[-1]
    spikes = cb.SpikeTrains(np.linspace(1, 999, 200), gids, cells, 1000.0)
    manifest = {
        "kind": "olive",
        "cerebella": "0",
        "duration_ms": 1000.0,
        "seed": 0,
        "trial": 1,
        "parameters": parameters.model_dump(mode="json"),
        "perturbations": [],
        "rule": parameters.plasticity.rule,
        "engine": "numba",
    }
    cb.Run(manifest, spikes=spikes).save(folder)
    _write_weights(folder / "weights.h5")


def _write_cell(folder: Path) -> None:
    """Write a run of a Purkinje cell, as its simulation does."""
    t = np.arange(3000) * 0.1
    soma = _traces(t, -60 + 80 * (t % 20 < 0.3)[:, np.newaxis], [10], ["soma"], [0.5])
    swc = folder.with_name("traced.swc")
    swc.write_text(SWC)
    cells = (cb.Population("PF", 0, 10), cb.Population("PC", 10, 1))
    times = np.arange(20.0, 300, 20)
    manifest = {
        "kind": "purkinje",
        "cerebella": "0",
        "network": {"name": "tiny"},
        "morphology": {"name": "cell", "n_sections": 5},
        "cf_sync": 8,
        "trial": 1,
        "w2_pS": 70.0,
        "pf_scale": 12.0,
        "cf_scale": 29.0,
        "cf_time_ms": 151.7,
        "duration_ms": 300.0,
        "seed": 0,
    }
    cb.Run(
        manifest,
        spikes=cb.SpikeTrains(times, np.full(len(times), 10), cells, 300.0),
        traces={"soma_v": soma},
        morphology=load_morphology(swc),
    ).save(folder)


def _write_weights(file: Path) -> None:
    shapes = {"by_zone": (3, 2), "histogram": (3, 4), "histogram_edges": (5,), "synapses": (3, 2)}
    shapes |= {"synapse_pf": (2,), "synapse_purkinje": (2,), "final": (2, 3)}
    shapes |= {"pf_of_purkinje": (2, 3), "by_group": (3, 2, 4), "mf_dcn": (3, 2)}
    with h5py.File(file, "w") as out:
        for name in WeightSamples._fields:
            out[name] = np.zeros(shapes.get(name, (3,)))


def restore(folder: Path, valid: Path, reader: Reader) -> bytes:
    """Put the valid file of a reader back, and return its content."""
    shutil.copyfile(valid / reader.file, folder / reader.file)
    return (valid / reader.file).read_bytes()

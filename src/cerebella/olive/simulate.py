"""`simulate_olive`: one run of the olivocerebellar loop, from parameters to a run directory."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cerebella.citations import citation_keys
from cerebella.errors import InputError
from cerebella.memory import peak_memory_MB
from cerebella.olive.engines.engine import Block, Engine, Model, Plan, VoltageRequest
from cerebella.olive.perturbations import (
    Perturbation,
    initial_drive,
    parse_perturbations,
    perturb,
)
from cerebella.olive.recorder import Recorder, read_checkpoint, write_checkpoint
from cerebella.olive.recording import OliveRecording, recorded_cells, sampled_cells
from cerebella.olive.state import State, initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.olive.write_run import write_olive_run
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.results.atomic import CerebellaOSError, atomic_file, explained
from cerebella.results.difference import describe_difference
from cerebella.results.olive_run import OliveRun, load_olive_run
from cerebella.results.run_directory import MANIFEST_FILE, check_output

EngineName = Literal["numba", "numpy"]

PARTIAL = "partial"
"""Folder inside a run that is not finished; it holds all that is needed to go on."""

CONFIGURATION = "configuration.json"
CHECKPOINT = "checkpoint.npz"

_BLOCK_MS = 1000.0
_MOST_CELL_STEPS = 50_000_000
_BYTES_PER_SYNAPSE = 12


class OliveProgress(NamedTuple):
    """How far a run has come.

    Attributes
    ----------
    fraction : of the simulated time, 0 to 1.
    simulated_ms : simulated time.
    io_rate_Hz : rate of the IO cells in the last block.
    mean_weight : of the last sample.
    """

    fraction: float
    simulated_ms: float
    io_rate_Hz: float
    mean_weight: float


def simulate_olive(
    path: Path | str | None = None,
    *,
    duration_ms: float = 60_000.0,
    parameters: OliveParameters | None = None,
    seed: int = 0,
    perturbations: Iterable[str] = (),
    recording: OliveRecording | None = None,
    engine: EngineName = "numba",
    threads: int | None = None,
    resume: bool = False,
    force: bool = False,
    checkpoint_every_s: float = 20.0,
    on_progress: Callable[[OliveProgress], None] = lambda progress: None,
) -> OliveRun:
    """Simulate the olivocerebellar loop and return the run.

    Parameters
    ----------
    path : run directory to make; by default a temporary one, which goes with the result.
    duration_ms : simulated time.
    parameters : the model's numbers, the time step and the rule of plasticity among them.
    seed : names all random streams; the same seed gives the same bytes.
    perturbations : as ``"300:io_bias+0.3"``, the time in seconds; see
        `cerebella.olive.perturbations`.
    recording : what to record; by default all spikes but those of most PFs, the potentials of
        a pair of IO cells, and the distribution of weights.
    engine : ``"numba"``, or ``"numpy"``, the slow reference; both give the same spikes.
    threads : 1 or 2, by default as many as there are cores; it does not change the result.
    resume : go on with a run at `path` that was cut short.
    force : replace a finished run at `path`.
    checkpoint_every_s : time between checkpoints, in seconds of the clock.
    on_progress : called after each block.

    Raises
    ------
    InputError : an argument cannot be used, `path` is taken, the run to resume was made
        otherwise, or the disk is full.
    """
    start = time.perf_counter()
    parameters = parameters or OliveParameters()
    recording = recording or OliveRecording()
    parsed = parse_perturbations(perturbations)
    _check(parameters, recording, duration_ms, seed, parsed)
    threads = min(2, os.cpu_count() or 1) if threads is None else threads
    if engine not in ("numba", "numpy") or threads not in (1, 2):
        raise InputError(f"engine {engine!r} with {threads} threads", remedy="Give numba, 1 or 2")
    configuration = {
        "duration_ms": duration_ms,
        "seed": seed,
        "parameters": parameters.model_dump(mode="json"),
        "perturbations": [str(one) for one in parsed],
        "recording": recording.model_dump(mode="json"),
    }
    temporary = Path(tempfile.mkdtemp(prefix="cerebella-")) if path is None else None
    folder = temporary / "run" if temporary else Path(path or ".")
    if resume and (folder / MANIFEST_FILE).is_file():
        run = load_olive_run(folder)
        made_with = {name: run.manifest.get(name) for name in configuration}
        _check_same(folder, made_with, configuration)
        return run
    with _told_to_resume(folder):
        saved = _start(folder, configuration, resume=resume, force=force)
        job = _Job(folder, parameters, recording, seed, duration_ms, parsed, engine, threads)
        timings = job.run(saved, checkpoint_every_s, on_progress)
        manifest = {
            "kind": "olive",
            "cerebella": version("cerebella"),
            **configuration,
            "rule": parameters.plasticity.rule,
            "engine": engine,
            "threads": threads,
            "timings_s": {**timings, "total": time.perf_counter() - start},
            "peak_memory_MB": peak_memory_MB(),
            "versions": {name: version(name) for name in ("numpy", "numba", "h5py")},
        }
        manifest["cite"] = citation_keys(manifest)
        write_olive_run(
            folder, folder / PARTIAL, manifest, job.model, job.recorder, job.final_weights
        )
    run = load_olive_run(folder)
    if temporary is not None:
        weakref.finalize(run, shutil.rmtree, temporary, ignore_errors=True)
    return run


@contextmanager
def _told_to_resume(folder: Path) -> Iterator[None]:
    """Say of a run that the disk or its owner ended how to go on with it."""
    try:
        with explained(folder):
            yield
    except CerebellaOSError as error:
        if not (folder / PARTIAL / CONFIGURATION).is_file():
            raise
        remedy = "Make room, or see to it that you may write there, and go on by --resume"
        raise CerebellaOSError(error.problem, file=error.file, remedy=remedy) from error


def can_resume(path: Path | str) -> bool:
    """Return whether a run at `path` is finished, or was cut short and can be gone on with."""
    path = Path(path)
    return (path / MANIFEST_FILE).is_file() or (path / PARTIAL / CONFIGURATION).is_file()


class _Job:
    """A run that is under way."""

    def __init__(
        self,
        folder: Path,
        parameters: OliveParameters,
        recording: OliveRecording,
        seed: int,
        duration_ms: float,
        perturbations: tuple[Perturbation, ...],
        engine: EngineName,
        threads: int,
    ) -> None:
        self.folder, self.recording, self.perturbations = folder, recording, perturbations
        self.n_steps, self.threads = parameters.steps(duration_ms), threads
        self.engine_name: EngineName = engine
        circuit = wire_circuit(parameters, seed)
        every = max(1, parameters.steps(recording.v_every_ms))
        request = VoltageRequest(every, sampled_cells(recording, circuit.sizes))
        self.model = Model(parameters, circuit, derive_coefficients(parameters), seed, request)
        self.recorder: Recorder

    def run(
        self,
        saved: State | None,
        checkpoint_every_s: float,
        on_progress: Callable[[OliveProgress], None],
    ) -> dict[str, float]:
        """Advance to the end; return how long the parts took, in seconds."""
        start = time.perf_counter()
        model = self.model
        state = saved or initial_state(
            model.parameters, model.circuit, model.coefficients, model.seed
        )
        partial = self.folder / PARTIAL
        self.recorder = Recorder(partial, self.recording, model.circuit, model.seed, saved)
        engine = _make_engine(self.engine_name, model, state, self.threads)
        if saved is None:
            self._sample_weights(engine, 0)
        first = int(state["step"])
        every = max(1, model.parameters.steps(self.recording.weights_every_ms))
        set_up_s = time.perf_counter() - start
        try:
            self._advance(engine, first, every, checkpoint_every_s, on_progress)
        finally:
            self.recorder.close()
        self.final_weights = engine.weights().copy()
        return {"set_up": set_up_s, "solve": time.perf_counter() - start - set_up_s}

    def _advance(
        self,
        engine: Engine,
        first: int,
        every: int,
        checkpoint_every_s: float,
        on_progress: Callable[[OliveProgress], None],
    ) -> None:
        last_saved = time.perf_counter()
        for block in engine.blocks(self._plans(first, every)):
            self.recorder.append(block)
            if block.stop % every == 0:
                self._sample_weights(engine, block.stop)
            if time.perf_counter() - last_saved > checkpoint_every_s and block.stop < self.n_steps:
                self._save(engine)
                last_saved = time.perf_counter()
            on_progress(self._progress(block))

    def _sample_weights(self, engine: Engine, step: int) -> None:
        recorder = self.recorder
        sample = engine.weight_sample(recorder.n_bins, recorder.synapses)
        recorder.append_weights(step, sample)

    def _save(self, engine: Engine) -> None:
        arrays = engine.state() | self.recorder.saved_arrays()
        write_checkpoint(self.folder / PARTIAL / CHECKPOINT, arrays)

    def _progress(self, block: Block) -> OliveProgress:
        parameters, n_io = self.model.parameters, self.model.circuit.sizes["IO"]
        seconds = (block.stop - block.first) * parameters.time_step_ms / 1000
        return OliveProgress(
            block.stop / self.n_steps,
            block.stop * parameters.time_step_ms,
            len(block.spikes["IO"].ids) / seconds / n_io,
            self.recorder.mean_weight,
        )

    def _plans(self, first: int, every: int) -> Iterator[Plan]:
        """Yield blocks that end where something happens; where they end changes no result."""
        parameters, circuit = self.model.parameters, self.model.circuit
        drive = initial_drive(parameters)
        at = [(parameters.steps(one.time_ms), one) for one in self.perturbations]
        n_pf = circuit.sizes["PF"]
        length = max(1, min(parameters.steps(_BLOCK_MS), _MOST_CELL_STEPS // n_pf))
        step = 0
        while step < self.n_steps:
            for when, perturbation in at:
                if when == step:
                    drive = perturb(drive, perturbation, parameters)
            stop = min(
                [
                    self.n_steps,
                    step - step % length + length,
                    step - step % every + every,
                    *(when for when, _ in at if when > step),
                ]
            )
            if stop > first:
                yield Plan(stop, drive)
            step = stop


def _make_engine(name: EngineName, model: Model, state: State, threads: int) -> Engine:
    if name == "numpy":
        from cerebella.olive.engines.numpy_engine import NumpyEngine

        return NumpyEngine(model, state)
    from cerebella.olive.engines.numba_engine import NumbaEngine

    return NumbaEngine(model, state, threads)


def _check(
    parameters: OliveParameters,
    recording: OliveRecording,
    duration_ms: float,
    seed: int,
    perturbations: tuple[Perturbation, ...],
) -> None:
    step = parameters.time_step_ms
    if (
        not step <= duration_ms < float("inf")
        or abs(duration_ms / step - parameters.steps(duration_ms)) > 1e-6
    ):
        raise InputError(
            f"a duration of {duration_ms:g} ms is not a whole number of time steps of {step:g} ms",
            remedy="Give a positive duration that is a multiple of the time step",
        )
    if parameters.steps(duration_ms) >= 1 << 32:
        raise InputError("more than 2³² time steps", remedy="Give a shorter duration")
    if not 0 <= seed < 1 << 32:
        raise InputError(f"seed {seed} is not in 0 to 2³²−1")
    _check_memory(parameters)
    recorded_cells(recording, parameters.circuit.sizes, seed)
    sampled_cells(recording, parameters.circuit.sizes)
    for name in ("v_every_ms", "weights_every_ms"):
        interval = getattr(recording, name)
        if parameters.steps(interval) < 1:
            raise InputError(f"{name} = {interval:g} is shorter than the time step of {step:g} ms")
    drive = initial_drive(parameters)
    for one in perturbations:
        if not one.time_ms < duration_ms:
            raise InputError(
                f"perturbation {str(one)!r} is not before the end at {duration_ms / 1000:g} s",
                remedy="Times of perturbations are in seconds",
            )
        drive = perturb(drive, one, parameters)


def _check_memory(parameters: OliveParameters) -> None:
    """Raise InputError if sources and weights alone do not fit into this machine's memory."""
    circuit, n = parameters.circuit, parameters.circuit.sizes
    n_synapses = n["PC"] * circuit.pf_per_purkinje + n["BC"] * circuit.pf_per_bc
    needed_GB = n_synapses * _BYTES_PER_SYNAPSE / 1e9
    memory_GB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    if needed_GB > memory_GB:
        raise InputError(
            f"a circuit of scale {circuit.scale:g} needs more than {needed_GB:.3g} GB of memory, "
            f"and this machine has {memory_GB:.3g} GB",
            remedy="Give a smaller scale",
        )


def _start(
    folder: Path, configuration: dict[str, Any], *, resume: bool, force: bool
) -> State | None:
    """Make the folder of a run, or return the checkpoint of one to go on with."""
    partial = folder / PARTIAL
    if resume:
        if not (partial / CONFIGURATION).is_file():
            raise InputError(
                "there is no run here that was cut short",
                file=folder,
                remedy="Leave out --resume, or give the directory of such a run",
            )
        _check_same(folder, json.loads((partial / CONFIGURATION).read_text()), configuration)
        checkpoint = partial / CHECKPOINT
        return read_checkpoint(checkpoint) if checkpoint.is_file() else None
    if (partial / CONFIGURATION).is_file() and not force:
        raise InputError(
            "a run was cut short here",
            file=folder,
            remedy="Go on with it by --resume, or give --force to start anew",
        )
    if (partial / CONFIGURATION).is_file() and not (folder / MANIFEST_FILE).is_file():
        _remove(folder)
    check_output(folder, force=force)
    _remove(folder)
    partial.mkdir(parents=True)
    with atomic_file(partial / CONFIGURATION) as temporary:
        temporary.write_text(json.dumps(configuration, indent=1), encoding="utf-8")
    return None


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)


def _check_same(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Raise InputError, showing the difference, if a run is to go on with other settings."""
    differences = describe_difference(old, new)
    if differences:
        raise InputError(
            f"the run that was cut short is another one: {differences}",
            file=folder,
            remedy="Resume with the settings it was started with",
        )

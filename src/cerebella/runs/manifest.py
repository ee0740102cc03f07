"""The manifest of a run, `run.json`: keys required by readers, and format version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cerebella.errors import InputError
from cerebella.files.json_file import read_json
from cerebella.files.names import NAME
from cerebella.parameters.renamed import upgrade, without_added
from cerebella.results.condition import Condition
from cerebella.runs.engines import Engine
from cerebella.runs.level import LEVELS, level_of
from cerebella.runs.request import Request

MANIFEST_SCHEMA = "cerebella-run/1"
"""Value of the key `schema`; the number is increased when older readers would misread a run."""

Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$", description="part of file names")]
Whole = Annotated[int, Field(ge=0, lt=2**63)]


class NetworkKeys(BaseModel):
    """Keys of the network of a run that readers require."""

    model_config = ConfigDict(extra="allow")

    name: Name = Field(description="netid of the network")


class RunKeys(BaseModel):
    """Keys of any run that readers require; other keys are kept unchanged."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)

    schema_: str = Field(alias="schema")
    kind: str = Field(min_length=1, description="level that was simulated, such as 'mli'")
    cerebella: str = Field(description="version of cerebella")
    duration_ms: float = Field(gt=0)
    traces: list[Name] = Field(description="<name> of each <name>.h5 with traces", max_length=100)
    seed: Whole | None = None
    engine: str | None = None
    parameters: dict[str, Any] | None = None
    versions: dict[str, Any] | None = None
    timings_s: dict[str, float] | None = None
    cite: list[str] | None = None


def start_manifest(kind: str, request: Request, engine: Engine) -> dict[str, Any]:
    """Return the part of a manifest common to all levels.

    Parameters
    ----------
    kind : str
        Kind of the run.
    request : Request
        The request, with its parameters.
    engine : Engine
        The engine.
    """
    values = request.model_dump(mode="json")
    return {
        "kind": kind,
        "cerebella": version("cerebella"),
        **{name: values[name] for name in ("duration_ms", "seed", "trial")},
        "engine": engine.name,
        "parameters": values["parameters"],
        "versions": {**engine.versions(), **{name: version(name) for name in ("numpy", "h5py")}},
    }


def check_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Raise InputError if a manifest lacks a required key or has a later format."""
    schema = manifest.get("schema")
    if schema != MANIFEST_SCHEMA:
        raise InputError(
            f"format {schema!r} is not known (this version reads {MANIFEST_SCHEMA!r})",
            file=path,
            remedy="Read it with the version of cerebella that wrote it, or a later one",
        )
    kind = str(manifest.get("kind"))
    keys = level_of(kind).manifest if kind in LEVELS else RunKeys
    try:
        keys.model_validate(dict(manifest))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise InputError(
            f"the manifest cannot be used ({problems})",
            file=path,
            remedy="Repeat the run; manifests are not meant to be edited",
        ) from None


def condition_of(manifest: Mapping[str, Any]) -> Condition:
    """Return the condition of a run from its manifest."""
    return Condition(
        cf_sync=manifest.get("cf_sync"),
        w2_pS=manifest.get("w2_pS"),
        trial=manifest.get("trial"),
        network=_name_in(manifest.get("network")),
        morphology=_name_in(manifest.get("morphology")),
        pf_scale=manifest.get("pf_scale"),
        cf_scale=manifest.get("cf_scale"),
        settings=tuple(_settings_of(manifest)),
    )


_NAMED_BY_CONDITION = (
    "connections.mli2_to_mli1_weight_pS",
    "connections.pf_scale",
    "connections.cf_scale",
)
"""Parameters that are fields of a condition."""


def _settings_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and value of all other parameters, with today's names, and the stimuli.

    Those of the network that drives a Purkinje cell are also part of its condition.
    """
    network = manifest.get("network")
    for prefix, of in (("", manifest), ("network.", network)):
        if not isinstance(of, Mapping):
            continue
        for path, value in _leaves(without_added(upgrade(of.get("parameters") or {}))):
            if path not in _NAMED_BY_CONDITION:
                yield f"{prefix}{path}", value
        if stimuli := of.get("stimuli"):
            text = "; ".join(" ".join(map(str, one.values())) for one in stimuli)
            yield f"{prefix}stimuli", text


def _leaves(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and value, as text, of each number, text and list in nested mappings."""
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            yield f"{path}{name}", repr(float(value)) if is_number else str(value)


def _name_in(part: object) -> str | None:
    return part.get("name") if isinstance(part, Mapping) else None


def dump_manifest(manifest: Mapping[str, Any], path: Path) -> str:
    """Return the text of `run.json`; arrays become lists, paths and other values text.

    Raises
    ------
    InputError : the text could not be read back as a manifest.
    """
    try:
        text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the manifest cannot be written as JSON ({error})",
            file=path,
            remedy="Give finite numbers, text, lists and mappings with text keys",
        ) from error
    check_manifest(json.loads(text), path)
    return text + "\n"


def _plain(value: object) -> object:
    """Convert values that JSON cannot represent."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)


def load_manifest(path: Path) -> dict[str, Any]:
    """Read and check `run.json`."""
    manifest = read_json(path, remedy="Copy or repeat the run")
    check_manifest(manifest, path)
    return manifest

"""A rule of the user: its record in runs, and its checks before a run."""

from __future__ import annotations

from pydantic import Field

from cerebella.errors import InputError
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import RULES
from cerebella.parameters.olive_simulation import OliveParameters, PlasticityParameters
from cerebella.parameters.quantity import Parameters

_LONGEST_MEMORY_MS = 10_000.0


class OwnRule(Parameters):
    """Record of a rule of the user, which tells runs with different rules apart."""

    name: str = Field(description="name of the rule")
    memory_ms: float | None = Field(description="time after which PF spikes are ignored [ms]")
    parameters: dict[str, float] = Field(description="parameters of its functions")
    source_sha256: str = Field(description="digest of the text of its functions")


def record_of(rule: PlasticityRule | None) -> OwnRule | None:
    """Return the record of a rule."""
    if rule is None:
        return None
    return OwnRule(
        name=rule.name,
        memory_ms=rule.memory_ms,
        parameters=dict(rule.parameters),
        source_sha256=rule.source_digest,
    )


def parameters_with(rule: object, parameters: OliveParameters) -> OliveParameters:
    """Return the parameters of a run with a rule of the user.

    Raises
    ------
    InputError
        It is no rule, has the name of a rule of this package, or remembers PF spikes for too
        long; or parameters of other rules are given, which would have no effect.
    """
    if rule is None:
        return parameters
    if not isinstance(rule, PlasticityRule):
        raise InputError(
            f"`rule` is {rule!r}",
            remedy="Give a PlasticityRule. Rules of this package are chosen by name: "
            'plasticity="conjunctive"',
        )
    if rule.name in RULES:
        raise InputError(
            f"{rule.name!r} is the name of a rule of this package", remedy="Give it another name"
        )
    if rule.memory_ms is not None and rule.memory_ms > _LONGEST_MEMORY_MS:
        raise InputError(
            f"memory_ms of the rule {rule.name!r} is {rule.memory_ms:g}",
            remedy=f"Give at most {_LONGEST_MEMORY_MS:g} ms",
        )
    plasticity, default = parameters.plasticity, PlasticityParameters()
    for name in PlasticityParameters.model_fields:
        value = getattr(plasticity, name)
        is_own = name == "initial_weight" or (name == "rule" and value == "own")
        if not is_own and value != getattr(default, name):
            raise InputError(
                f"plasticity.{name} = {value} has no effect on the rule {rule.name!r}",
                remedy="Omit it, and give parameters of the rule to PlasticityRule",
            )
    own = plasticity.model_copy(update={"rule": "own"})
    return parameters.model_copy(update={"plasticity": own})


def check_changes(rule: PlasticityRule, step_ms: float) -> None:
    """Raise InputError unless the functions of a rule return changes, for a range of times."""
    memory = rule.memory_steps(step_ms)
    for event in rule.events:
        if event is not None:
            for ages, *since_ms in event.sampled_times(memory, step_ms):
                for age in ages:
                    event.units(age * step_ms, *since_ms)

"""How a parameter is declared: a frozen pydantic model whose fields carry unit and source."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Parameters(BaseModel):
    """Base of all parameter sets: immutable, and unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def quantity(default: Any, meaning: str, *, unit: str, source: str, **constraints: Any) -> Any:
    """Declare one parameter with its default, meaning, unit and source.

    Parameters
    ----------
    default : the value, in `unit`.
    meaning : what it is, in the field's words.
    unit : e.g. ``"mV"``; ``"1"`` for a pure number.
    source : paper or section of the specification.
    constraints : passed on to `pydantic.Field` (``gt=0``, ``le=1``, …).
    """
    return Field(
        default,
        description=f"{meaning} [{unit}]. Source: {source}.",
        json_schema_extra={"unit": unit, "source": source},
        **constraints,
    )


def mli_quantity(default: Any, meaning: str, unit: str, section: str, **constraints: Any) -> Any:
    """Declare a parameter whose source is a section of the mli-network specification."""
    source = f"mli-network specification, {section}"
    return quantity(default, meaning, unit=unit, source=source, **constraints)


def purkinje_quantity(
    default: Any, meaning: str, unit: str, section: str, **constraints: Any
) -> Any:
    """Declare a parameter whose source is a section of the purkinje-cell specification."""
    source = f"purkinje-cell specification, {section}"
    return quantity(default, meaning, unit=unit, source=source, **constraints)


def olive_quantity(default: Any, meaning: str, unit: str, section: str, **constraints: Any) -> Any:
    """Declare a parameter whose source is a section of the olivocerebellar-loop specification."""
    source = f"olivocerebellar-loop specification, {section}"
    return quantity(default, meaning, unit=unit, source=source, **constraints)

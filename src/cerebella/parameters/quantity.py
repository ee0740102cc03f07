"""How a parameter is declared: a frozen pydantic model whose fields carry unit and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cerebella.errors import InputError
from cerebella.parameters.provenance import parameters_as_html, parameters_as_text
from cerebella.parameters.refusal import explain_refusal
from cerebella.parameters.source import PartSources


class Parameters(BaseModel):
    """Base of all parameter sets: immutable, and unknown names are refused.

    A part (a field that is itself a parameter set) may be given as a mapping with some of its
    values; the others keep the default that they have in this set.

    Raises
    ------
    InputError
        A name or value cannot be used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    part_sources: ClassVar[PartSources] = {}
    """Sources of the values of parts, where one class serves several parts."""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise explain_refusal(error, type(self)) from None

    # Without this mark pydantic would call `__init__` for each part, and a message would lack the
    # path of the part; pydantic's own RootModel uses it for the same purpose.
    __init__.__pydantic_base_init__ = True  # pyright: ignore[reportFunctionMemberAccess]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Return a set from a mapping; raise InputError if it cannot be used."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise explain_refusal(error, cls) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Return a set from JSON text; raise InputError if it cannot be used."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise explain_refusal(error, cls) from None

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError:
            raise InputError(
                f"{name} cannot be set to {value!r}: parameters do not change once they are made",
                remedy=f"Make another set, {type(self).__name__}({name}=...)",
            ) from None

    @model_validator(mode="before")
    @classmethod
    def _complete_parts(cls, values: Any) -> Any:
        """Complete parts that are mappings from this set's defaults, not from their class's."""
        if not isinstance(values, Mapping):
            return values
        completed = dict(values)
        for name, value in values.items():
            field = cls.model_fields.get(name)
            if field and isinstance(field.default, Parameters) and isinstance(value, Mapping):
                completed[name] = _merge(field.default.model_dump(), value)
        return completed

    def __repr__(self) -> str:
        return super().__repr__() if self._is_description() else parameters_as_text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str | None:
        return None if self._is_description() else parameters_as_html(self)

    @classmethod
    def _is_description(cls) -> bool:
        """Return whether this is a description, such as that of a channel, without a default."""
        return any(field.is_required() for field in cls.model_fields.values())


def _merge(defaults: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return defaults with values in their place, mappings within mappings included."""
    merged = dict(defaults)
    for name, value in values.items():
        default = defaults.get(name)
        if isinstance(default, dict) and isinstance(value, Mapping):
            value = _merge(default, value)
        merged[name] = value
    return merged


def quantity(
    default: Any,
    meaning: str,
    *,
    unit: str,
    source: str | tuple[str, ...],
    remark: str = "",
    **constraints: Any,
) -> Any:
    """Declare one parameter with its default, meaning, unit and source.

    Parameters
    ----------
    default : object
        The value, in `unit`.
    meaning : str
        Its meaning, in the words of the field.
    unit : str
        The unit, e.g. ``"mV"``; ``"1"`` for a pure number.
    source : str or tuple of str
        Keys of ``references.bib``, `CHOSEN_BY_PARK` or `OURS`.
    remark : str
        A reservation about the source, such as "constant measured in another cell type".
    **constraints
        Passed on to `pydantic.Field` (``gt=0``, ``le=1``, …).

    Returns
    -------
    pydantic.fields.FieldInfo
        The declaration.

    Examples
    --------
    >>> from cerebella.parameters.quantity import Parameters, quantity
    >>> from cerebella.parameters.source import OURS
    >>> class Membrane(Parameters):
    ...     leak_nS: float = quantity(15.0, "leak conductance", unit="nS", source=OURS, ge=0)
    >>> Membrane().leak_nS
    15.0
    """
    keys = (source,) if isinstance(source, str) else source
    return Field(
        default,
        description=f"{meaning} [{unit}]",
        json_schema_extra={
            "meaning": meaning,
            "unit": unit,
            "source": list(keys),
            "remark": remark,
        },
        **constraints,
    )

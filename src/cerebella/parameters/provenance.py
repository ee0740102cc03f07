"""The parameters of a model as a table: name, value, unit, source and remark of each."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from cerebella.parameters.source import Source


class ParameterRow(NamedTuple):
    """One parameter.

    Attributes
    ----------
    name : str
        Its name, with dots between the parts that it belongs to.
    value : object
        Its value, in `unit`.
    unit : str
        Its unit; ``"1"`` for a pure number.
    source : str
        Keys of the bibliography and statements, with semicolons between them; where the value
        comes from if it is the default.
    remark : str
        A reservation about the source; may be empty.
    meaning : str
        Its meaning.
    default : object
        Its default value.
    """

    name: str
    value: Any
    unit: str
    source: str
    remark: str
    meaning: str
    default: Any

    @property
    def is_changed(self) -> bool:
        """Whether the value differs from the default."""
        return self.value != self.default


def parameter_rows(parameters: BaseModel) -> list[ParameterRow]:
    """Return all parameters of a set, those of its parts included, in order.

    Parameters
    ----------
    parameters : Parameters
        A set.

    Returns
    -------
    list of ParameterRow
        One row for each value.

    Examples
    --------
    >>> from cerebella.parameters.provenance import parameter_rows
    >>> rows = {row.name: row for row in parameter_rows(cb.OliveParameters())}
    >>> rows["drive.gap_per_ms"].source
    'cbmsim'
    >>> rows["io.noise_mV"].source
    'this package'
    """
    return list(_rows(parameters, type(parameters)()))


def _rows(
    parameters: BaseModel,
    default: BaseModel,
    path: tuple[str, ...] = (),
    owners: tuple[type[BaseModel], ...] = (),
) -> Iterator[ParameterRow]:
    owners = (*owners, type(parameters))
    for name, field in type(parameters).model_fields.items():
        value, place = getattr(parameters, name), (*path, name)
        if isinstance(value, BaseModel):
            yield from _rows(value, getattr(default, name), place, owners)
            continue
        extra = field.json_schema_extra
        if not isinstance(extra, dict) or "unit" not in extra:
            continue  # of a request, not of a model
        declared: dict[str, Any] = dict(extra)
        source = _overridden(owners, place) or Source(tuple(declared["source"]), declared["remark"])
        yield ParameterRow(
            name=".".join(place),
            value=value,
            unit=declared["unit"],
            source="; ".join(source.keys),
            remark=source.remark,
            meaning=declared["meaning"],
            default=getattr(default, name),
        )


def _overridden(owners: tuple[Any, ...], place: tuple[str, ...]) -> Source | None:
    """Return the source that the outermost set names for a value or the part that holds it."""
    for depth, owner in enumerate(owners):
        below = place[depth:]
        for length in range(len(below), 0, -1):
            source = owner.part_sources.get(".".join(below[:length]))
            if source:
                return source
    return None


def format_value(value: Any) -> str:
    """Return a value as text for tables: numbers with six digits, lists and text as JSON.

    Parameters
    ----------
    value : object
        The value of a parameter.

    Returns
    -------
    str
        Its text.

    Examples
    --------
    >>> from cerebella.parameters.provenance import format_value
    >>> format_value(1 / 120236)
    '8.31698e-06'
    >>> format_value(None)
    'none'
    """
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(format_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=_as_json)


def _as_json(value: BaseModel) -> dict[str, Any]:
    """Return a description within a value, such as that of a channel of the user."""
    return value.model_dump(mode="json", exclude_defaults=True)


_MARK = "*"
_TEXT_WIDTH = 40


def parameters_as_text(parameters: BaseModel) -> str:
    """Return a set as an aligned table; ``*`` marks values that differ from the default.

    Parameters
    ----------
    parameters : Parameters
        A set.

    Returns
    -------
    str
        One line for each parameter: name, value, unit and source.
    """
    rows = parameter_rows(parameters)
    cells = [(row.name, _cut(format_value(row.value)), row.unit, row.source) for row in rows]
    widths = [max((len(line[i]) for line in cells), default=0) for i in range(3)]
    lines = [_title(parameters, rows)]
    for row, (name, value, unit, source) in zip(rows, cells, strict=True):
        mark = _MARK if row.is_changed else " "
        lines.append(
            f"{mark} {name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  "
            f"{_note(row) or source}".rstrip()
        )
    return "\n".join(lines)


def parameters_as_html(parameters: BaseModel) -> str:
    """Return a set as an HTML table for notebooks; values that differ from the default are bold.

    Parameters
    ----------
    parameters : Parameters
        A set.

    Returns
    -------
    str
        An HTML fragment.
    """
    rows = parameter_rows(parameters)
    parts = [
        f"<p>{html.escape(_title(parameters, rows))}</p>",
        "<table><thead><tr><th>name</th><th>value</th><th>unit</th><th>source</th>"
        "<th>remark</th></tr></thead><tbody>",
    ]
    for row in rows:
        value = html.escape(format_value(row.value))
        value = f"<b>{value}</b>" if row.is_changed else value
        source = _note(row) or row.source
        remark = "" if row.is_changed else row.remark
        cells = (
            f'<span title="{html.escape(row.meaning)}">{html.escape(row.name)}</span>',
            value,
            html.escape(row.unit),
            html.escape(source),
            html.escape(remark),
        )
        parts.append(
            "<tr>" + "".join(f'<td style="text-align:left">{c}</td>' for c in cells) + "</tr>"
        )
    return "".join([*parts, "</tbody></table>"])


def _title(parameters: BaseModel, rows: list[ParameterRow]) -> str:
    changed = sum(row.is_changed for row in rows)
    differ = f", {changed} changed ({_MARK})" if changed else ""
    return f"{type(parameters).__name__}: {len(rows)} parameters{differ}"


def _note(row: ParameterRow) -> str:
    """Return what takes the place of the source of a value that was changed."""
    return f"changed; default {_cut(format_value(row.default))}" if row.is_changed else ""


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_WIDTH else text[: _TEXT_WIDTH - 1] + "…"

"""Output of cells that run commands: it arrives in pieces, which are joined where they were cut.

myst_nb ends each piece with a new line when it merges the pieces of a stream, also in the middle of
a table.
"""

from __future__ import annotations

from typing import Any

from myst_nb.core import render


def joined(outputs: list[Any]) -> list[Any]:
    """Return outputs with one output for each stream, standard output before errors."""
    streams: dict[str, Any] = {"stdout": None, "stderr": None}
    others = []
    for output in outputs:
        if output["output_type"] != "stream":
            others.append(output)
            continue
        before = streams[output["name"]]
        text = output["text"] if before is None else before["text"] + output["text"]
        streams[output["name"]] = type(output)({**output, "text": text})
    return [*(stream for stream in streams.values() if stream is not None), *others]


def setup(app: Any) -> dict[str, bool]:
    """Use it for all pages."""
    render.coalesce_streams = joined
    return {"parallel_read_safe": True, "parallel_write_safe": True}

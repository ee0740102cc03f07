"""A progress bar in a notebook: HTML below the cell, of which nothing is left at the end."""

from __future__ import annotations

import time
from html import escape
from typing import Any

_AFTER_S, _EVERY_S = 0.3, 0.2
"""Time until the bar is first shown, so that short work shows nothing, and between changes."""

_NOTHING = {"text/html": "", "text/plain": ""}


class NotebookBar:
    """A bar in the output of the cell that is being run, which needs IPython only.

    Parameters
    ----------
    what : str
        Description of the bar.
    """

    def __init__(self, what: str) -> None:
        self.what, self.fraction, self.message = what, 0.0, ""
        self.remaining: str | None = None
        self._handle: Any = None
        self._next_s = time.monotonic() + _AFTER_S

    def show(self, *, at_once: bool = False) -> None:
        """Show the present state, unless it was shown shortly before."""
        now_s = time.monotonic()
        if now_s < self._next_s and not at_once:
            return
        self._next_s = now_s + _EVERY_S
        shown = {"text/html": self._html(), "text/plain": f"{self.what}: {self.fraction:.0%}"}
        if self._handle is None:
            from IPython.display import DisplayHandle

            self._handle = DisplayHandle()
            self._handle.display(shown, raw=True)
        else:
            self._handle.update(shown, raw=True)

    def close(self) -> None:
        """Remove the bar."""
        if self._handle is not None:
            self._handle.update(_NOTHING, raw=True)

    def _html(self) -> str:
        bar = f'<progress max="1" value="{self.fraction:.4f}"></progress>'
        after = f" {self.remaining}" if self.remaining else ""
        message = f"<br>{escape(self.message)}" if self.message else ""
        return f"<label>{escape(self.what)} {bar}</label>{after}{message}"

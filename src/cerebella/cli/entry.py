"""Entry point of the installed command, before anything that takes long to import."""

from __future__ import annotations

import atexit
import gc
import os
import signal
from typing import NoReturn


def main() -> None:
    """Run `cerebella.cli.main.main`; an interruption while it is imported ends without a word."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    _open_closed_streams()
    # The end of the process would search all objects for cycles, which takes up to 0.3 s.
    atexit.register(gc.freeze)
    from cerebella.cli.main import main as run

    run()


def _end_at_once(number: int, frame: object) -> NoReturn:
    os._exit(128 + number)


def _open_closed_streams() -> None:
    """Open the null device for each closed standard stream.

    The next file to be opened, such as one of results, would otherwise take its number, and
    libraries would print into it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


if __name__ == "__main__":
    main()

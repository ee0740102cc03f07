"""Check that worker processes, which import the calling script, do not run the sweep again."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import FrameType

from cerebella.errors import InputError

_REMEDY = (
    'Put the call below the line `if __name__ == "__main__":`, or use `executor` '
    "ThreadPoolExecutor(2) of concurrent.futures, which starts no processes"
)


def check_main_guard() -> None:
    """Check the script from which this function is called, at any depth.

    Raises
    ------
    InputError
        The call is not below ``if __name__ == "__main__":``, or the script was read from standard
        input, so that processes cannot import it.
    """
    frame: FrameType | None = sys._getframe()
    main = vars(sys.modules["__main__"])
    while frame is not None and not (
        frame.f_globals is main and frame.f_code.co_name == "<module>"
    ):
        frame = frame.f_back
    if frame is None or "__file__" not in main:  # interactive, or below another program
        return
    script, line = Path(main["__file__"]), frame.f_lineno
    if not script.is_file():
        raise InputError(
            "a script read from standard input cannot start worker processes, which import it",
            remedy='Save it in a file, with the call below the line `if __name__ == "__main__":`',
        )
    if not is_below_guard(script.read_bytes(), line):
        raise InputError(
            "starts worker processes whenever it is imported, and they import it themselves",
            file=script,
            row=line,
            remedy=_REMEDY,
        )


def is_below_guard(source: bytes, line: int) -> bool:
    """Tell whether a line of a script is below a question for ``__name__``.

    Parameters
    ----------
    source : bytes
        The script.
    line : int
        Number of the line, from 1.

    Returns
    -------
    bool
        Also true if the script is not written in Python.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return True
    return any(
        _asks_for_main(node) and node.lineno <= line <= (node.end_lineno or line)
        for node in nodes
        if isinstance(node, ast.If)
    )


def _asks_for_main(question: ast.If) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(question.test)
    )

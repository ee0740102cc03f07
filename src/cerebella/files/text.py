"""Reading of text files."""

from __future__ import annotations

import stat
from pathlib import Path

from cerebella.errors import InputError


def check_readable(file: Path, *, kind: str = "file", pipe: bool = False) -> None:
    """Raise InputError if there is no file, or if it is a folder or a device.

    Parameters
    ----------
    file : Path
        The file.
    kind : str
        What it should be, for messages.
    pipe : bool
        Accept a pipe, which a shell may give for a file.
    """
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    if stat.S_ISDIR(mode):
        raise InputError(f"is a folder, not a {kind}", file=file, remedy="Check the path")
    if not (stat.S_ISREG(mode) or (pipe and stat.S_ISFIFO(mode))):
        raise InputError(f"is a device, not a {kind}", file=file, remedy="Check the path")


def read_text(
    file: Path,
    *,
    kind: str = "text file",
    most_bytes: int | None = None,
    replace_others: bool = False,
) -> str:
    """Read a file as UTF-8.

    Parameters
    ----------
    file : Path
        The file.
    kind : str
        What it should be, for messages.
    most_bytes : int, optional
        Largest size.
    replace_others : bool
        Accept bytes that are not UTF-8, each as U+FFFD.

    Returns
    -------
    str
        The text, without a byte-order mark.

    Raises
    ------
    InputError
        The file cannot be read, is larger, or is not UTF-8 text.
    """
    check_readable(file, kind=kind, pipe=True)
    try:
        with file.open("rb") as stream:
            content = stream.read(-1 if most_bytes is None else most_bytes + 1)
    except OSError as error:
        raise _unreadable(file, error) from error
    if most_bytes is not None and len(content) > most_bytes:
        raise InputError(
            f"is larger than {most_bytes / 1e6:g} MB, so it is not a {kind}",
            file=file,
            remedy="Check the path",
        )
    if b"\0" in content:
        raise _not_text(file)
    try:
        return content.decode("utf-8-sig", errors="replace" if replace_others else "strict")
    except UnicodeDecodeError as error:
        raise _not_text(file) from error


def whole_lines(file: Path) -> list[str]:
    """Return all lines of a file without line endings; trailing blank lines are dropped.

    Parameters
    ----------
    file : Path
        The file.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the file is missing, empty, truncated or not UTF-8 text.
    """
    text = read_text(file)
    if not text.strip():
        raise InputError("is empty", file=file, remedy="Copy or generate the file again")
    lines = lines_of(text)
    if lines[-1].strip():
        raise InputError(
            f"the last line, {quoted(lines[-1])}, has no line ending, so the file may be truncated",
            file=file,
            row=len(lines),
            remedy="Copy the file again; if the line is complete, add a line ending: echo >> FILE",
        )
    while not lines[-1].strip():
        lines.pop()
    return lines


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text without line endings; the last is empty if it has an ending.

    Examples
    --------
    >>> from cerebella.files.text import lines_of
    >>> lines_of("1\r\n2\n")
    ['1', '2', '']
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def quoted(text: str) -> str:
    """Return text of a file in quotes, without its end if it is long.

    Examples
    --------
    >>> from cerebella.files.text import quoted
    >>> quoted("1,2,3")
    "'1,2,3'"
    """
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _unreadable(file: Path, error: OSError | ValueError) -> InputError:
    problem = getattr(error, "strerror", None) or error
    return InputError(f"cannot be read ({problem})", file=file, remedy="Check the path")


def _not_text(file: Path) -> InputError:
    return InputError("is not UTF-8 text", file=file, remedy="Save it as text in UTF-8")

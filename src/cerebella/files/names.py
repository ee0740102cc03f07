"""Names in files, which become parts of file names and must never be paths."""

from __future__ import annotations

import re
from pathlib import Path

from cerebella.errors import InputError
from cerebella.files.text import quoted

NAME = re.compile(r"\w[\w .,+=~@()\[\]-]{0,99}")
"""Letters of any script, digits and a few signs; no separators of folders, and no leading dot."""


def checked_name(name: object, what: str, file: Path | None = None) -> str:
    """Return a name that may become part of a file name.

    Parameters
    ----------
    name : object
        The name, from a file or a user.
    what : str
        What it names, for the message.
    file : Path, optional
        The file that contains it.

    Returns
    -------
    str

    Raises
    ------
    InputError
        It is not text, is empty or too long, or contains other characters.

    Examples
    --------
    >>> from cerebella.files.names import checked_name
    >>> checked_name("seed_1_scale_0.1", "network")
    'seed_1_scale_0.1'
    """
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    raise InputError(
        f"the name of the {what}, {quoted(str(name))}, cannot be part of a file name",
        file=file,
        remedy="Names have 1 to 100 letters, digits, spaces and signs such as _ - . + =, "
        "begin with a letter, digit or _, and contain no path",
    )

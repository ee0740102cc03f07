"""The stamp of a compiled library: size and hash of each file, checked before it is loaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cerebella.files.cache_folder import check_owner

STAMP = "stamp.json"


def write_stamp(folder: Path) -> None:
    """Write size and hash of the libraries in `folder` to its stamp."""
    stamp = {
        file.name: {"bytes": file.stat().st_size, "sha256": _hash(file)}
        for file in sorted(folder.glob("lib*"))
    }
    (folder / STAMP).write_text(json.dumps(stamp, indent=2))


def find_damage(folder: Path, names: list[str]) -> str | None:
    """Return what is wrong with the libraries in `folder`, or None.

    Parameters
    ----------
    folder : Path
        Folder of a library with its stamp.
    names : list of str
        Files that it must contain.

    Raises
    ------
    MachineError
        Another user owns one of them or may write to it.
    """
    if not folder.is_dir():
        return "it is not a folder"
    check_owner(folder)
    try:
        stamp = json.loads((folder / STAMP).read_text())
        for name in names:
            if not (folder / name).is_file():
                return f"{name} is missing"
            check_owner(folder / name)
            expected = stamp[name]
            if (size := (folder / name).stat().st_size) != expected["bytes"]:
                return f"{name} has {size} bytes, not {expected['bytes']}"
            if _hash(folder / name) != expected["sha256"]:
                return f"{name} was changed after the compilation"
    except FileNotFoundError:
        return f"{STAMP} is missing"
    except OSError as error:
        return f"{error.filename} cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{STAMP} is damaged"
    return None


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

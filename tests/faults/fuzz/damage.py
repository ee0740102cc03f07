"""Damage of valid files: strategies of functions from bytes to bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from hypothesis import strategies as st

Damage = Callable[[bytes], bytes]
fraction = st.floats(0, 1, exclude_max=True)

NASTY_TEXTS = [
    *("NaN", "-1", "1e400", "-inf", "0x10", "0.7", "1,5", "9" * 30, "9" * 5000, "'", '"', ""),
    *("../x", "/etc/passwd", "x" * 200_000, "\x00", "\x1b[2J", "\ud800", "µ", "\n", "\t", ";", "#"),
    *("null", "true", "[]", "{}", "[" * 5000, '{"a":' * 5000, "- " * 2000, "2024-99-99"),
    *("2024-01-01", "!!set {a, b}", "!!binary aGVsbG8=", "!!python/object:os.system x", "? [a]\n:"),
    *("&a [*a, *a]", "&a {<<: *a}", "*unknown", "1:30:00", "1_000", "%YAML 9.9", "--- a\n---"),
    "\n".join(["a0: &a0 [x]", *(f"a{i + 1}: &a{i + 1} [{f'*a{i}, ' * 9}]" for i in range(12))]),
]
NASTY_VALUES: list[Any] = [
    *(
        None,
        True,
        -1,
        0,
        0.7,
        10**30,
        1e300,
        float("nan"),
        float("inf"),
        "",
        "x",
        "../x",
        "9" * 5000,
    ),
    *([], {}, [[]], [None], {"a": []}, ["x" * 1000] * 3, list(range(300)), "x" * 100_000, "\ud800"),
]


def nasty_arrays() -> list[Any]:
    """Return arrays of wrong types, shapes and values."""
    text, times = h5py.string_dtype(), np.array([np.nan, np.inf, -1.0, 1e300, 0.5])
    return [
        *(np.empty(0), np.zeros((0, 3)), np.float64(3), np.zeros((2, 2, 2)), times, np.full(5, 1j)),
        *(
            np.array([0.7, 1.5]),
            np.array([2**63, 1], np.uint64),
            np.array([-(2**63)]),
            np.bytes_("x"),
        ),
        *(np.array(["a", "b"], dtype=object).astype("S1"), np.zeros(3, [("a", "f8"), ("b", "S3")])),
        *(np.zeros(4, np.float16), np.zeros(4, bool), np.arange(4, dtype=">i2"), np.zeros(3, "f4")),
        np.array([f"s{i}" for i in range(3)], dtype=text),
        np.array(["y" * 100_000] * 3, dtype=text),
    ]


def flipped(places: list[tuple[float, int]]) -> Damage:
    """Replace single bytes."""

    def damage(content: bytes) -> bytes:
        changed = bytearray(content)
        for place, value in places:
            if changed:
                changed[int(place * len(changed))] = value
        return bytes(changed)

    return damage


def cut(start: float, stop: float) -> Damage:
    """Remove a part."""
    first, last = sorted((start, stop))
    return lambda content: (
        content[: int(first * len(content))] + content[int(last * len(content)) :]
    )


def spliced(start: float, stop: float, to: float) -> Damage:
    """Insert a copy of a part elsewhere."""

    def damage(content: bytes) -> bytes:
        first, last = sorted((int(start * len(content)), int(stop * len(content))))
        at = int(to * len(content))
        return content[:at] + content[first:last] + content[at:]

    return damage


def ends_at(place: float) -> Damage:
    """Keep the start only."""
    return lambda content: content[: int(place * len(content))]


bytes_damage = st.one_of(
    st.builds(flipped, st.lists(st.tuples(fraction, st.integers(0, 255)), min_size=1, max_size=20)),
    st.builds(ends_at, fraction),
    st.builds(cut, fraction, fraction),
    st.builds(spliced, fraction, fraction, fraction),
    st.builds(lambda new: lambda _: new, st.binary(max_size=200)),
)


def word_replaced(place: float, text: str) -> Damage:
    """Replace a word or number of a text file."""

    def damage(content: bytes) -> bytes:
        words = list(re.finditer(rb"[\w.+-]+", content)) or [re.match(b"", content)]
        word = words[int(place * len(words))]
        new = text.encode("utf-8", "surrogatepass")
        return content[: word.start()] + new + content[word.end() :]

    return damage


text_damage = st.one_of(
    st.builds(word_replaced, fraction, st.sampled_from(NASTY_TEXTS)),
    st.builds(word_replaced, fraction, st.text(max_size=20)),
    bytes_damage,
)


def entry_replaced(places: list[float], value: Any) -> Damage:
    """Replace an entry of a JSON file, at a depth and place."""

    def damage(content: bytes) -> bytes:
        try:
            whole = json.loads(content)
        except ValueError:
            return content
        part = whole
        for place in places:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = keys[int(place * len(keys))]
            if place is places[-1] or not isinstance(part[key], dict | list):
                part[key] = value
                break
            part = part[key]
        return json.dumps(whole).encode("utf-8", "surrogatepass")

    return damage


json_damage = st.one_of(
    st.builds(
        entry_replaced,
        st.lists(fraction, min_size=1, max_size=3),
        st.sampled_from(NASTY_VALUES),
    ),
    text_damage,
)


def node_changed(place: float, how: str, which: float) -> Damage:
    """Change one dataset, attribute or group of an HDF5 file."""

    def damage(content: bytes) -> bytes:
        buffer, nodes = io.BytesIO(content), []
        try:
            with h5py.File(buffer, "r+") as file:
                file.visit(nodes.append)
                name = nodes[int(place * len(nodes))]
                arrays = nasty_arrays()
                _change(file, name, how, arrays[int(which * len(arrays))], which)
        except (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError):
            return content
        return buffer.getvalue()

    return damage


def _change(file: h5py.File, name: str, how: str, array: Any, which: float) -> None:
    if how == "attribute":
        names = list(file[name].attrs) or ["units"]
        own = names[int(which * len(names))]
        del file[name].attrs[own]
        file[name].attrs[own] = array
        return
    del file[name]
    if how == "values":
        file[name] = array
    elif how == "group":
        file.create_group(name)
    elif how == "huge":
        file.create_dataset(name, (10**9,), "f8", chunks=(10**5,), compression="gzip")
    elif how == "huge chunk":
        file.create_dataset(name, (10,), "f8", maxshape=(None,), chunks=(10**8,))
    elif how == "zeros":
        file.create_dataset(name, data=np.zeros(10**6), compression="gzip")
    elif how == "external link":
        file[name] = h5py.ExternalLink("/etc/passwd", "/x")
    elif how == "soft link":
        file[name] = h5py.SoftLink("/" + name)
    elif how == "external storage":
        file.create_dataset(name, (5,), "f8", external=[("/etc/passwd", 0, 40)])


_CHANGES = (
    *("attribute", "values", "values", "values", "group", "huge", "huge chunk", "zeros", "removed"),
    *("external link", "soft link", "external storage"),
)
hdf5_damage = st.one_of(
    st.builds(node_changed, fraction, st.sampled_from(_CHANGES), fraction),
    st.builds(node_changed, fraction, st.sampled_from(_CHANGES), fraction),
    bytes_damage,
)


def array_changed(place: float, which: float, how: str) -> Damage:
    """Change one array of an NPZ file, or its header."""

    def damage(content: bytes) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            name = list(members)[int(place * len(members))]
        except (
            zipfile.BadZipFile,
            RuntimeError,
            ValueError,
            OSError,
            EOFError,
            IndexError,
            zlib.error,
        ):
            return content
        if how == "values":
            arrays = [*nasty_arrays()[:16], np.array([{}], dtype=object), np.zeros(3, "U0")]
            stream = io.BytesIO()
            np.save(stream, arrays[int(which * len(arrays))], allow_pickle=True)
            members[name] = stream.getvalue()
        elif how == "removed":
            del members[name]
        elif how == "rows":
            rows = (b"1000000000", b"-5", b"(1, 2)", b"None", b"1" * 100)[int(which * 5)]
            members[name] = re.sub(rb"'shape': \((\d+)", b"'shape': (" + rows, members[name])
        else:
            members[name] = re.sub(rb"'descr': '[^']*'", b"'descr': '|O'", members[name])
        buffer = io.BytesIO()
        methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        with zipfile.ZipFile(buffer, "w", methods[int(which * 4) if how == "method" else 0]) as new:
            for one, value in members.items():
                new.writestr(one, value)
        return buffer.getvalue()

    return damage


npz_damage = st.one_of(
    st.builds(
        array_changed,
        fraction,
        fraction,
        st.sampled_from(("values", "values", "rows", "removed", "objects", "method")),
    ),
    bytes_damage,
)

DAMAGE_OF = {"hdf5": hdf5_damage, "npz": npz_damage, "json": json_damage, "text": text_damage}


def damages(form: str) -> st.SearchStrategy[list[Damage]]:
    """Return up to three damages of a file of a form, one after the other."""
    return st.lists(DAMAGE_OF[form], min_size=1, max_size=3)

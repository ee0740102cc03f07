"""Terminals that cannot show every character, and backends of figures that do not exist here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cerebella.cli import terminal

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "Length: 30 um, ~2"),
        ("latin-1", "Length: 30 µm, ~2"),
        ("utf-8", "Length: 30 µm, ≈2"),
    ],
)
def test_characters_that_an_encoding_lacks_are_replaced(encoding, shown):
    code = (
        "from cerebella.cli.terminal import adapt_streams\n"
        "adapt_streams()\n"
        "print('Length: 30 µm, ≈2')\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert printed.stdout.decode(encoding).strip() == shown.replace("~", "?")


def test_units_and_tables_stay_readable_in_ascii():
    text = "µS → −5 °C, 10⁻⁶ cm², ≥ ½, δ, 3 Ω·cm, Ĝ, 細, \udce9"
    ascii_text = "".join(terminal._in_ascii(one) if ord(one) > 127 else one for one in text)
    assert ascii_text == "uS -> -5  deg C, 10-6 cm2, >= 1/2, delta, 3 Ohm.cm, G, ?, ?"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_command_prints_in_any_encoding_and_with_any_backend_of_figures(encoding, tmp_path):
    points = ["1 1 0 0 0 10 -1", "2 2 0 -20 0 1 1", "3 5 0 30 0 2 1", "4 3 0 60 0 0.5 3"]
    (tmp_path / "cell.swc").write_text("\n".join(points) + "\n")
    ended = subprocess.run(
        [*CEREBELLA, "morphology", "describe", "cell.swc", "--figure", "cell.png"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding, "MPLBACKEND": "module://of_a_notebook"},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode(encoding)
    assert (tmp_path / "cell.png").is_file()

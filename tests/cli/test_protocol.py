"""`cerebella protocol` as a user meets it."""

from __future__ import annotations

import pandas as pd
import pytest

from cerebella.cli.protocol import parse_numbers
from cerebella.errors import InputError

ARGUMENTS = {
    "fi": ("--currents", "10pA:30pA:10pA", "--step", "100ms"),
    "iv": ("--levels", "-80mV,-20mV", "--settle", "10ms", "--step", "10ms"),
    "input-resistance": ("--holding", "-20pA", "--settle", "50ms"),
    "rheobase": ("--range", "0pA:50pA", "--tolerance", "1pA", "--step", "100ms"),
    "epsp": ("--contacts", "1,5", "--settle", "50ms", "--duration", "30ms"),
}
N_ROWS = {"fi": 3, "iv": 2, "input-resistance": 1, "epsp": 2}


@pytest.mark.parametrize("protocol", ARGUMENTS)
def test_each_protocol_prints_and_saves_table_and_figure(cerebella, tmp_path, protocol):
    outputs = ("--csv", "table.csv", "--figure", "figure.png")
    done = cerebella("protocol", protocol, "mli1", *ARGUMENTS[protocol], *outputs)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "table.csv")
    assert len(table) == N_ROWS.get(protocol, len(table))
    assert set(table["cell"]) == {"MLI1"}
    assert all(column in done.stdout.replace("\n", "") for column in table.columns[1:])
    assert (tmp_path / "figure.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fi", "mli3"), "CELL 'mli3' is neither a cell nor a file. Give mli1, mli2, purkinje"),
        (("fi", "mli1", "--currents", "20"), "--currents: '20' is not a number with a unit (pA"),
        (("fi", "mli1", "--currents", "9pA:1pA:1pA"), "is not a range FIRST:LAST:STEP"),
        (("fi", "mli1", "--figure", "fi.txt"), "fi.txt"),
        (("fi", "mli1", "--mechanisms", "none"), "none"),
        (("fi", "mli1", "--set", "mli1.km_gbar=1e-3"), "unknown parameter 'mli1.km_gbar'"),
        (("rheobase", "mli2", "--range", "0pA"), "--range '0pA' is not LOW:HIGH"),
        (("rheobase", "mli2", "--range", "0pA:5pA"), "MLI2 does not fire at 0.005 nA"),
        (("epsp", "mli2", "--contacts", "few"), "--contacts 'few' are not numbers"),
        (("epsp", "mli2", "--place", "soma"), "--place 'soma' is not on an interneuron"),
        (("iv", "mli1", "--series-resistance", "0MOhm"), "series_resistance_MOhm is 0"),
    ],
)
def test_wrong_input_gives_one_message(cerebella, arguments, message):
    done = cerebella("protocol", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_numbers_are_a_list_or_a_range_with_its_ends():
    assert parse_numbers("-80mV:-60mV:10mV", "mV", "--levels") == [-80, -70, -60]
    assert parse_numbers("20pA, 0.1nA", "nA", "--currents") == [0.02, 0.1]
    assert parse_numbers(None, "nA", "--currents") is None
    with pytest.raises(InputError, match="--levels '-80mV:-60mV' is not a range"):
        parse_numbers("-80mV:-60mV", "mV", "--levels")

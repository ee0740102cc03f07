"""`cerebella experiment eyelid`: its refusals and the tables that it prints."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from cerebella.cli import eyelid
from cerebella.experiments.eyelid.cases import CONTROLS, eyelid_cases


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--controls", "frog"], "--controls: control 'frog' is unknown"),
        (["--controls", "none,shuffled"], "shuffled, or give none alone"),
        (["--sessions", "acquisition"], "Use the form --sessions acquisition=150"),
        (["--isi", "20"], "an interval of 20 ms"),
    ],
)
def test_what_cannot_be_run_is_refused(cerebella, arguments, message):
    done = cerebella("experiment", "eyelid", "out", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_the_printed_tables_fit_80_columns(monkeypatch):
    shown = StringIO()
    monkeypatch.setattr(eyelid, "out", Console(file=shown, width=80, highlight=False))
    columns = {**eyelid._RESPONSES, **eyelid._RATES}
    cases = eyelid_cases(controls=CONTROLS, learning_rate=0.25, mf_plasticity=True)
    values = dict.fromkeys(columns, 44.444)
    eyelid._print_sessions(pd.DataFrame([{"case": case.name, **values} for case in cases]))
    text = shown.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    for name in (*(case.name for case in cases), *(heading for heading, _ in columns.values())):
        assert name in text

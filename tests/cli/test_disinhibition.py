"""`cerebella experiment disinhibition` as a user meets it."""

from __future__ import annotations

import pytest

COMMAND = ("experiment", "disinhibition")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cf-placements", "distal"), "--cf-placements is distal. Give uniform or proximal"),
        (("--sites", "1000"), "1000 sites, but default has"),
        (("--cells", "absent.swc"), "--cells: there is no file or folder 'absent.swc'"),
        (("--set", "purkinje.connections.cf_time_ms=80"), "the climbing fiber fires at 80 ms"),
    ],
)
def test_wrong_input_is_answered_in_one_line(cerebella, small_network_path, arguments, message):
    done = cerebella(*COMMAND, "out", "--network", small_network_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr

"""Numbers that an experiment runs over."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.experiments.repetitions import check_different


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([], "`seeds` is empty. Give at least one number"),
        ([3, 1, 3, 1], "`seeds` has 3 twice. Give each once"),
        ([0, -2], "`seeds` has -2. Give 0 or larger numbers"),
    ],
)
def test_they_are_different_ones_of_0_or_more(numbers, message):
    check_different("seeds", [0, 0.05, 7])
    with pytest.raises(InputError, match=message):
        check_different("seeds", numbers)

"""The cell that comes with cerebella."""

from __future__ import annotations

import numpy as np

from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.statistics import describe_morphology


def test_the_default_cell_has_nothing_to_warn_of():
    cell = load_default_morphology()
    assert cell.name == "default"
    assert describe_morphology(cell).warnings == ()


def test_the_generator_still_makes_the_default_cell(generated_cell):
    """Fails where a library's random streams have changed: then say so in the changelog."""
    cell = load_default_morphology()
    assert cell.section_names == generated_cell.section_names
    for name in ("regions", "parents", "parent_ends", "n_compartments", "first_points"):
        np.testing.assert_array_equal(getattr(cell, name), getattr(generated_cell, name))
    # Files hold four decimals; the last may be rounded the other way.
    np.testing.assert_allclose(cell.points_um, generated_cell.points_um, atol=1.01e-4)

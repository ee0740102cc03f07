"""Columns grow in memory and in files, and can be truncated to resume."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.results import append_only_column as columns
from cerebella.results.append_only_column import Column


def _all(column):
    return np.concatenate([*column.pieces(), np.zeros((0, *column.row), column.dtype)])


@pytest.fixture
def make_column(tmp_path):
    return lambda dtype, **options: Column(tmp_path / "x", dtype, **options)


def test_a_short_column_needs_no_file(make_column, tmp_path):
    column = make_column(np.uint32)
    column.append(np.arange(10))
    assert not (tmp_path / "x").exists()
    assert np.array_equal(_all(column), np.arange(10))


def test_rows_come_back_from_file_and_memory_in_their_order(make_column, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_MOST_PENDING", 100)
    column, rows = make_column(np.float32, row=(3,)), np.arange(90.0).reshape(30, 3)
    for row in rows:
        column.append(row[np.newaxis])
    assert 0 < (tmp_path / "x").stat().st_size < rows.size * 4
    assert column.shape == (30, 3)
    assert np.array_equal(_all(column), rows)


def test_flushed_rows_are_kept_for_resuming_and_others_are_dropped(make_column):
    column = make_column(np.int64)
    column.append(np.arange(5))
    written = column.flush()
    column.append(np.arange(5, 9))
    column.flush()
    column.append(np.arange(9, 12))  # never written
    again = make_column(np.int64, written=written)
    again.append(np.array([50]))
    assert _all(again).tolist() == [0, 1, 2, 3, 4, 50]


def test_a_file_that_lost_rows_is_refused(make_column, tmp_path):
    column = make_column(np.int64)
    column.append(np.arange(5))
    written = column.flush()
    (tmp_path / "x").write_bytes(b"1234")
    with pytest.raises(OSError, match="shorter than expected"):
        make_column(np.int64, written=written)


def test_rows_of_nothing_are_counted(make_column):
    column = make_column(np.float32, row=(0,))
    column.append(np.zeros((4, 0)))
    assert column.shape == (4, 0)
    column.flush()
    assert sum(piece.size for piece in column.pieces()) == 0

"""Work in turn: at once, or one piece behind in the background."""

from __future__ import annotations

import threading

import pytest

from cerebella.olive.in_turn import InTurn


def test_without_a_background_each_piece_is_done_at_once():
    with InTurn(in_background=False) as turn:
        assert turn.do(lambda: threading.current_thread()) == [threading.current_thread()]
        assert turn.wait() == []


def test_in_the_background_a_piece_waits_for_the_one_before():
    order, may_end = [], threading.Event()

    def first():
        may_end.wait(20.0)
        order.append("first")
        return 1

    with InTurn(in_background=True) as turn:
        assert turn.do(first) == []
        may_end.set()
        assert turn.do(lambda: order.append("second")) == [1]
        assert turn.wait() == [None]
        assert turn.wait() == []
    assert order == ["first", "second"]


def test_an_error_in_the_background_is_raised_by_the_next_call():
    def fail():
        raise OSError("disk full")

    with InTurn(in_background=True) as turn:
        turn.do(fail)
        with pytest.raises(OSError, match="disk full"):
            turn.do(lambda: None)

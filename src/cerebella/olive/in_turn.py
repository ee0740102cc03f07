"""Work that is done in turn: at once, or in a thread while something else is computed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class InTurn(Generic[T]):
    """Does one piece of work after the other; in the background, one at most is waited for.

    An error of a piece is raised by the call that waits for it.
    """

    def __init__(self, *, in_background: bool) -> None:
        self._thread = ThreadPoolExecutor(1) if in_background else None
        self._begun: Future[T] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread:
            self._thread.shutdown()

    def do(self, work: Callable[[], T]) -> list[T]:
        """Do or begin some work, after that before is done; return the results of what is done."""
        if self._thread is None:
            return [work()]
        done = self.wait()
        self._begun = self._thread.submit(work)
        return done

    def wait(self) -> list[T]:
        """Wait for what was begun, and return its result, if anything was begun."""
        begun, self._begun = self._begun, None
        return [] if begun is None else [begun.result()]

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from skyloom.workspace.write_behind import WriteBehind


@contextmanager
def held(
    most_together: int = 1, most_waiting: int = 0
) -> Iterator[tuple[WriteBehind[int], list[list[int]], threading.Event]]:
    """A writer that waits before its first items, what it has written, and what lets it go on."""
    written: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def write(items: list[int]) -> None:
        begun.set()
        go_on.wait(10)
        written.append(items)

    behind = WriteBehind("test", write, most_together, most_waiting)
    try:
        assert behind.note(0)
        assert begun.wait(10)
        yield behind, written, go_on
    finally:
        go_on.set()
        behind.close()


def test_items_are_written_in_order_behind_those_who_note_them() -> None:
    with held() as (behind, written, go_on):
        assert all(behind.note(number) for number in range(1, 5))
        assert written == []
        go_on.set()
        behind.flush()
        assert written == [[0], [1], [2], [3], [4]]


def test_what_waits_is_written_together_up_to_a_number() -> None:
    with held(most_together=3) as (behind, written, go_on):
        for number in range(1, 6):
            behind.note(number)
        go_on.set()
        behind.flush()
        assert written == [[0], [1, 2, 3], [4, 5]]


def test_beyond_what_may_wait_nothing_is_taken() -> None:
    with held(most_waiting=2) as (behind, written, go_on):
        assert [behind.note(number) for number in (1, 2, 3)] == [True, True, False]
        go_on.set()
        behind.flush()
        assert written == [[0], [1], [2]]


def test_what_waits_at_the_end_is_written_and_a_closed_one_may_begin_again() -> None:
    with held() as (behind, written, go_on):
        behind.note(1)
        go_on.set()
        behind.close()
        assert written == [[0], [1]]
        behind.note(2)
        behind.close()
        assert written[-1] == [2]


def test_one_that_nothing_was_given_has_no_thread() -> None:
    behind: WriteBehind[int] = WriteBehind("idle writer", lambda items: None)
    behind.flush()
    behind.close()
    assert "idle writer" not in [thread.name for thread in threading.enumerate()]

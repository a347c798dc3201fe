"""News: followers of a run hear of its events, and of nothing else."""

from __future__ import annotations

import threading

from skyloom.core.identity import RunId
from skyloom.workspace.news import News

ONE, OTHER = RunId("one"), RunId("other")


def test_a_follower_is_woken_by_events_it_has_not_seen() -> None:
    news = News()
    with news.following(ONE, after=3) as woken:
        news.tell(ONE, 3)
        assert not woken.is_set()
        news.tell(ONE, 4)
        assert woken.is_set()


def test_another_run_wakes_nobody() -> None:
    news = News()
    with news.following(ONE, after=0) as woken:
        news.tell(OTHER, 9)
        assert not woken.is_set()


def test_a_teller_who_does_not_know_the_number_wakes_everybody_of_the_run() -> None:
    news = News()
    with news.following(ONE, after=100) as woken, news.following(ONE, after=0) as also:
        news.tell(ONE)
        assert woken.is_set() and also.is_set()


def test_who_has_left_is_forgotten() -> None:
    news = News()
    with news.following(ONE, after=0) as first:
        pass
    news.tell(ONE, 1)
    assert not first.is_set()
    assert not news._followers


def test_a_waiting_thread_goes_on_at_once() -> None:
    news = News()
    with news.following(ONE, after=0) as woken:
        threading.Timer(0.01, news.tell, (ONE, 1)).start()
        assert woken.wait(30)

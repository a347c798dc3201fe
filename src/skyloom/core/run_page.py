"""The page of a job elsewhere that carried a node out: told in the node's notices, found again there."""

from __future__ import annotations

from collections.abc import Iterable

_PREFIX = "Run page: "


def page_notice(url: str) -> str:
    """The notice that tells a page.

    >>> page_of([page_notice("https://adb-1.example/#job/1/run/1")])
    'https://adb-1.example/#job/1/run/1'
    """
    return _PREFIX + url


def page_of(notices: Iterable[str]) -> str | None:
    """The page that is told, if any."""
    return next((notice[len(_PREFIX) :] for notice in notices if notice.startswith(_PREFIX)), None)

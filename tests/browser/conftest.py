from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, StorageState

from .chromium import open_browser
from .studio import Studio, open_studio
from .visitor import Visitor, visiting

GROUP = pytest.mark.xdist_group("browser")  # one browser and one workspace for all stories


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(GROUP)
            item.add_marker(pytest.mark.real("browser"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not for the whole session: while Playwright runs, no other test could use asyncio.run."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def studio() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture
def stranger(browser: Browser, studio: Studio) -> Iterator[Visitor]:
    """Somebody whom the server does not know."""
    with visiting(browser, studio.address) as visitor:
        yield visitor


@pytest.fixture(scope="package")
def session(browser: Browser, studio: Studio) -> StorageState:
    """The cookie of one sign-in by the printed address: the server takes five a minute."""
    with visiting(browser, studio.address) as visitor:
        visitor.page.goto(studio.sign_in_address())
        visitor.page.wait_for_url(f"{studio.address}/")
        return visitor.page.context.storage_state()


@pytest.fixture
def visitor(browser: Browser, studio: Studio, session: StorageState) -> Iterator[Visitor]:
    """Somebody who has signed in, at the first page."""
    with visiting(browser, studio.address, session=session) as visitor:
        visitor.goes("/")
        yield visitor

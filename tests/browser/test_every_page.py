"""Every page in both themes: nothing against WCAG 2.2 AA, and what users bring is text, not a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .filled import MARKUP, fill
from .studio import Studio
from .visitor import Visitor


@pytest.fixture(scope="module")
def pages(studio: Studio) -> dict[str, str]:
    return fill(studio)


def test_no_page_is_against_the_guidelines_in_either_theme(visitor: Visitor, pages: dict[str, str]) -> None:
    found = []
    for name, address in pages.items():
        visitor.page.emulate_media(color_scheme="light")
        visitor.goes(address)
        _is_there(visitor)
        visitor.picture(f"light-{name}")
        found += [f"{name}: {fault}" for fault in visitor.accessibility_faults()]
        visitor.page.emulate_media(color_scheme="dark")
        visitor.picture(f"dark-{name}")
        # colours are all that the theme changes
        found += [f"{name}, dark: {fault}" for fault in visitor.accessibility_faults("color-contrast")]
    assert not found, "\n".join(found)


def test_what_users_bring_is_text(visitor: Visitor, pages: dict[str, str]) -> None:
    # the watch of the visitor fails the story at any dialog, any content-policy report, any request elsewhere
    page = visitor.page
    for name in ("home", "experiments", "runs", "datasets"):
        visitor.goes(pages[name])
        visitor.sees(MARKUP)
    for name in ("pipelines", "pipelines-schedules", "pipeline", "pipeline-endpoint", "pipeline-schedule"):
        visitor.goes(pages[name])
        visitor.sees(MARKUP)
    visitor.goes(pages["visualize"])
    expect(page.get_by_role("cell", name=MARKUP).first).to_be_visible()
    assert page.locator("dialog").evaluate("it => it.scrollWidth <= it.clientWidth"), (
        "the title pushes it wide"
    )
    visitor.goes(pages["canvas"])
    expect(page.locator("#canvas .box")).to_have_count(2)
    visitor.goes(pages["run"])
    log = page.get_by_role("tabpanel")
    expect(log).to_contain_text(MARKUP)
    expect(log).to_contain_text("red")
    assert "\x1b" not in log.inner_text()
    visitor.picture("log-hostile")
    page.get_by_role("tab", name="Images").click()
    expect(page.get_by_role("tabpanel").locator("img")).to_have_count(1)
    visitor.goes(pages["run-failed"])
    visitor.sees("ZeroDivisionError")
    expect(page.get_by_role("region", name="Values where it failed")).to_contain_text(MARKUP)
    visitor.picture("run-failed")
    assert page.locator("img[src=x], main script").count() == 0


def _is_there(visitor: Visitor) -> None:
    """The page has drawn itself and waits for nobody."""
    visitor.page.locator("main").first.wait_for()
    expect(visitor.page.locator(".loading")).to_have_count(0, timeout=20_000)  # boxes of a busy machine

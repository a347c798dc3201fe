"""Story (d): the first visit without a mouse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .studio import Studio
from .visitor import Visitor

SCRIPT = (
    "import matplotlib.pyplot as plt\n\ndef azureml_main(dataframe1=None, dataframe2=None):\n"
    '    print("rows:", len(dataframe1))\n    plt.plot([1, 2])\n    plt.savefig("line.png")\n'
    "    return dataframe1.head(2),"
)


@pytest.fixture
def typist(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Somebody whose mouse does nothing: a story that reaches for it fails."""

    def refuse(*words: object, **more: object) -> None:
        raise AssertionError("this story has no mouse")

    for name in ("move", "down", "up", "click", "dblclick", "wheel"):
        monkeypatch.setattr(visitor.page.mouse, name, refuse)
    return visitor


def _tabs_to(page: Page, name: str | re.Pattern[str], most: int = 60) -> None:
    """Tab until the focus is on something of that name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            # without a focus it is the body, whose text is that of the whole page
            """() => { const at = document.activeElement;
            return at === document.body ? '' : (at.ariaLabel ?? '') + ' ' + (at.innerText ?? ''); }"""
        )
        if re.search(name, focused):
            return
    raise AssertionError(f"{most} tabs do not lead to {name!r}")


def test_the_first_visit_by_keyboard_alone(typist: Visitor, studio: Studio) -> None:
    page, press = typist.page, typist.page.keyboard.press
    file = Path(studio.folder) / "keys.csv"
    file.write_text("a,b\n1,2\n3,4\n5,6\n")
    # asked for long before: Chromium is told to hand dialogs over while it already takes keys
    page.on("filechooser", lambda chooser: chooser.set_files(file))

    _tabs_to(page, "Upload data")
    press("Enter")
    page.get_by_role("heading", name="Datasets", exact=True).wait_for()
    expect(page.locator("#upload")).to_be_focused()
    press("Enter")
    page.get_by_role("dialog").wait_for()
    _tabs_to(page, r"^ Upload$")
    press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("cell", name="keys", exact=True).or_(
        page.get_by_role("button", name="keys")
    ).first.wait_for()

    press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("Experiments")
    press("Enter")
    page.get_by_role("heading", name="Experiments", exact=True).wait_for()
    _tabs_to(page, "New experiment")
    press("Enter")
    typist.sees("Begin with data")

    canvas = page.locator("#canvas")
    _tabs_to(page, "Canvas")
    for name in ("keys", "Execute Python Script"):
        press("/")
        expect(page.get_by_role("combobox", name="Add a module or dataset")).to_be_focused()
        page.keyboard.type(name)
        press("Enter")
        expect(canvas).to_be_focused()
    expect(page.locator("#canvas .box")).to_have_count(2)
    press("c")
    page.keyboard.type("keys Dataset1")
    typist.picture("keyboard-link")
    press("Enter")
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    expect(canvas).to_be_focused()
    press("Enter")
    editor = page.locator(".workbench .cm-content")
    editor.wait_for()
    _tabs_to(page, r"(?i)python script .*def azureml_main|Python script")
    press("Control+a")
    press("Delete")
    page.keyboard.insert_text(SCRIPT)
    press("Control+Enter")
    expect(page.locator(".workbench .state.completed")).to_be_visible(timeout=60_000)

    press("Escape")
    _tabs_to(page, "Inputs")
    for _ in range(3):
        press("ArrowRight")
    expect(page.locator(".workbench .images img")).to_be_visible()
    _tabs_back_to(page, "Back to the canvas")
    press("Enter")
    expect(canvas).to_be_focused()
    press("m")
    item = page.get_by_role("menuitem", name="Visualize: Result Dataset", exact=True)
    item.wait_for()
    for _ in range(20):
        if page.evaluate("document.activeElement.innerText").strip() == "Visualize: Result Dataset":
            break
        press("ArrowDown")
    press("Enter")
    expect(page.get_by_role("dialog").get_by_text("2 rows × 2 columns")).to_be_visible()
    press("ArrowRight")
    typist.picture("keyboard-visualize")
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def _tabs_back_to(page: Page, name: str, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Shift+Tab")
        if name in page.evaluate("document.activeElement.ariaLabel ?? ''"):
            return
    raise AssertionError(f"{most} tabs back do not lead to {name!r}")

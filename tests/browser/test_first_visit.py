"""Story (a): from the printed address to a picture, with the mouse as most people do it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Page, expect

from .studio import Studio
from .visitor import Visitor

CSV = "sepal,petal,species\n" + "".join(
    f"{4 + place % 7 / 2},{1 + place % 5},{('setosa', 'virginica')[place % 2]}\n" for place in range(40)
)
HEAD = """import matplotlib.pyplot as plt

def azureml_main(dataframe1=None, dataframe2=None):
    print("rows:", len(dataframe1))
"""
LINE = 'dataframe1["ratio"] = dataframe1["sepal"] / dataframe1["pet'  # the rest is offered
AFTER = (
    'dataframe1.plot.scatter(x="sepal", y="petal")',
    'plt.savefig("scatter.png")',
    "return dataframe1,",
)


def _drag(page: Page, name: str, x: int, y: int) -> None:
    entry = page.locator(f'.palette .item[data-name="{name}"]')
    entry.drag_to(page.locator("#canvas"), target_position={"x": x, "y": y})


def _middle(box: FloatRect | None) -> tuple[float, float]:
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _found_in_palette(page: Page, name: str) -> None:
    page.get_by_role("searchbox", name="Search modules and data").fill(name)
    page.locator(f'.palette .item[data-name="{name}"]').wait_for()


@pytest.fixture
def csv(studio: Studio) -> Path:
    file = studio.folder / "flowers.csv"
    file.write_text(CSV)
    return file


def test_a_first_visit_ends_with_a_result_to_look_at(visitor: Visitor, studio: Studio, csv: Path) -> None:
    page = visitor.page
    visitor.sees("Draw an experiment, run it")
    visitor.picture("home-empty")

    # the data
    page.get_by_role("link", name="Upload data").first.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload data").click()
    chooser.value.set_files(csv)
    visitor.picture("upload")
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("cell", name="flowers").first.wait_for()
    visitor.picture("datasets")

    # the graph
    page.get_by_role("link", name="Home").click()
    page.get_by_role("link", name="New experiment").click()
    visitor.sees("Begin with data")
    visitor.picture("canvas-empty")
    name = "flowers"
    _found_in_palette(page, name)
    _drag(page, name, 320, 120)
    _found_in_palette(page, "Execute Python Script")
    _drag(page, "Execute Python Script", 320, 300)
    boxes = page.locator("#canvas .box")
    expect(boxes).to_have_count(2)
    output = page.locator(".react-flow__node", has_text=name).locator(".port.source")
    wanted = page.locator(".react-flow__node", has_text="Execute Python").locator('[data-port="Dataset1"]')
    output.hover()
    page.mouse.down()
    wanted.hover()
    page.mouse.move(*_middle(wanted.bounding_box()), steps=5)
    visitor.picture("joining")
    page.mouse.up()
    expect(page.locator(".react-flow__edge")).to_have_count(1)

    # the script, with the columns of the linked data offered
    page.locator(".react-flow__node", has_text="Execute Python").dblclick()
    editor = page.locator(".workbench .cm-content")
    editor.wait_for()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(HEAD)
    page.keyboard.insert_text("    ")
    page.keyboard.type(LINE)
    page.keyboard.press("Control+Space")
    offered = page.locator(".cm-tooltip-autocomplete li", has_text="petal")
    offered.first.wait_for()
    visitor.picture("script-completion")
    offered.first.click()  # Enter within the first moments would be a new line
    page.keyboard.press("End")
    # at once: Enter after a line would take what is offered for its last word
    page.keyboard.insert_text("".join(f"\n    {line}" for line in AFTER))

    # the run, from the editor
    page.keyboard.press("Control+Enter")
    expect(page.locator(".workbench .state.completed")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Console").click()
    visitor.sees("rows: 40")
    page.get_by_role("tab", name="Images (1)").click()
    picture = page.locator(".workbench .images img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 100
    visitor.picture("script-run")
    page.get_by_role("button", name="Back to the canvas").click()
    expect(page.locator("#canvas .box.completed")).to_have_count(1)
    visitor.picture("canvas-run")

    # the result
    page.locator('#canvas .box.completed [data-port="Result Dataset"]').click(button="right")
    page.get_by_role("menuitem", name="Visualize").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("40 rows × 4 columns")).to_be_visible()
    dialog.get_by_role("button", name="ratio").click()
    expect(dialog.get_by_text("Standard Deviation")).to_be_visible()
    visitor.picture("visualize")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    run = studio.ask("GET", "/runs?limit=1")["runs"][0]["id"]
    images = [one["name"] for one in studio.ask("GET", f"/runs/{run}")["nodes"][0]["others"]]
    assert images == ["0000-scatter.png"]

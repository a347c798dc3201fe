"""Story (e): a graph of Studio (classic) is dropped on the page, bound to its data, and run."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .studio import Studio
from .visitor import Visitor

EXAMPLE = Path(__file__).parents[2] / "examples" / "classic-import"
# a drop of a file, as the browser tells it to a page
_DROP = """([name, text]) => {
  const given = new DataTransfer();
  given.items.add(new File([text], name, { type: "application/json" }));
  for (const kind of ["dragover", "drop"]) {
    document.querySelector("main").dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: given }));
  }
}"""


def test_a_classic_graph_is_dropped_bound_and_run(visitor: Visitor, studio: Studio) -> None:
    artifact = studio.ask("PUT", "/artifacts?name=loans.csv", (EXAMPLE / "loans.csv").read_bytes())
    studio.ask("POST", "/datasets", {"name": "loans of the bank", "artifact": artifact})
    page = visitor.page
    visitor.goes("/experiments")
    page.get_by_role("heading", name="Experiments", exact=True).wait_for()
    page.evaluate(_DROP, ["loans.json", (EXAMPLE / "loans.json").read_bytes().decode("utf-8")])
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("pieces of data")).to_be_visible()
    dialog.get_by_role("combobox").select_option("loans of the bank")
    visitor.picture("import")
    dialog.get_by_role("button", name="Import").click()
    page.wait_for_url(f"{studio.address}/experiments/*")
    boxes = page.locator("#canvas .box")
    for place in range(8):
        expect(boxes.nth(place)).to_be_in_viewport()  # the graph is shown whole
    visitor.picture("imported")
    modules = page.locator("#canvas .box:not(.data)").count()
    assert modules > 3
    page.get_by_role("button", name="Run", exact=True).click()
    done = page.locator("#canvas .box.completed, #canvas .box.reused")
    expect(done).to_have_count(modules, timeout=60_000)
    visitor.picture("imported-run")

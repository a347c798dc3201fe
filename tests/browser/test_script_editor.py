"""The script editor: a real language server beside it, values of a failure, files of the bundle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Locator, expect

from skyloom.compute.language_program import find_language_server

from .filled import dataset, document
from .studio import Studio
from .visitor import Visitor

BEGIN = "import pandas as pd\n\ndef azureml_main(dataframe1=None, dataframe2=None):\n    pass\n"
FAILING = """def share(part, whole):
    password = "hunter2"
    return part / whole

def azureml_main(dataframe1=None, dataframe2=None):
    total = dataframe1["sepal"].sum() * 0
    return share(len(dataframe1), int(total)),
"""
USING = """import helpers

def azureml_main(dataframe1=None, dataframe2=None):
    return helpers.doubled(dataframe1),
"""
HELPER = "def doubled(frame):\n    return frame * 2\n"


@pytest.fixture(scope="module")
def flowers(studio: Studio) -> str:
    dataset(studio, "leaves", "sepal,petal\n1.5,2\n2.5,3\n")
    return "leaves"


@pytest.fixture
def workbench(visitor: Visitor, studio: Studio, flowers: str) -> Iterator[Locator]:
    """The editor of a new experiment's only script."""
    made = studio.ask("POST", "/experiments", {"document": document("Leaves", BEGIN, flowers)})
    visitor.goes(f"/experiments/{made['id']}")
    visitor.page.locator(".react-flow__node", has_text="Execute Python").dblclick()
    found = visitor.page.locator(".workbench")
    found.locator(".cm-content").wait_for()
    yield found


def write(workbench: Locator, text: str) -> None:
    """Put a whole text in place of the one that is there."""
    workbench.locator(".cm-content").click()
    keyboard = workbench.page.keyboard
    keyboard.press("Control+a")
    keyboard.press("Delete")
    keyboard.insert_text(text)


def place_of(line: Locator, word: str) -> tuple[float, float]:
    """The middle of a word of a line."""
    x, y = line.evaluate(
        """(line, word) => {
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + word.length);
            const box = range.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
          }
        }""",
        word,
    )
    return x, y


def test_the_language_server_helps_while_one_writes(visitor: Visitor, workbench: Locator) -> None:
    if not find_language_server():
        pytest.skip("the language server 'ty' is not installed here")
    page = visitor.page
    write(workbench, BEGIN.removesuffix("pass\n"))
    offered = page.locator(".cm-tooltip-autocomplete li", has_text="describe")
    page.keyboard.type("dataframe1.des", delay=60)
    expect(offered).to_be_visible(timeout=60_000)
    # only who has read the environment's pandas knows this
    expect(offered.locator(".cm-completionDetail")).to_contain_text("percentiles")
    visitor.picture("editor-completion")
    offered.click()
    page.keyboard.type("(")
    expect(page.locator(".cm-help-code", has_text="percentiles")).to_be_visible(timeout=20_000)
    visitor.picture("editor-signature")
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    page.keyboard.insert_text("\n    return dataframe1[nowhere],")

    squiggle = workbench.locator(".cm-lintRange-error", has_text="nowhere")
    expect(squiggle).to_be_visible(timeout=20_000)
    squiggle.hover()
    expect(page.locator(".cm-tooltip", has_text="used when not defined")).to_be_visible()
    visitor.picture("editor-squiggle")
    page.mouse.move(5, 5)
    page.mouse.move(*place_of(workbench.locator(".cm-line", has_text="describe"), "describe"), steps=4)
    expect(page.locator(".cm-tooltip-hover .cm-help", has_text="DataFrame.describe")).to_be_visible(
        timeout=20_000
    )
    visitor.picture("editor-hover")
    page.mouse.move(5, 5)

    # the columns of the linked data, as before
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\n    ")
    page.keyboard.type('dataframe1["')
    expect(page.locator(".cm-tooltip-autocomplete li", has_text="sepal")).to_be_visible()
    assert visitor.accessibility_faults() == []


def test_a_failure_shows_the_values_of_the_variables(visitor: Visitor, workbench: Locator) -> None:
    write(workbench, FAILING)
    visitor.page.keyboard.press("Control+Enter")
    expect(workbench.locator(".state.failed")).to_be_visible(timeout=60_000)
    expect(workbench.locator(".cm-lintRange-error")).to_contain_text("return part / whole")
    visitor.page.get_by_role("tab", name="Output").click()
    values = workbench.get_by_role("region", name="Values where it failed")
    expect(values.locator("tr", has_text="part")).to_contain_text("2")
    expect(values.locator("tr", has_text="whole")).to_contain_text("0")
    expect(values.locator("tr", has_text="password")).to_contain_text("hidden")
    outer = values.locator("details", has_text="azureml_main")
    outer.locator("summary").click()
    expect(outer).to_contain_text("DataFrame of 2 rows and 2 columns")
    visitor.picture("editor-values")
    assert "hunter2" not in values.inner_text()
    assert visitor.accessibility_faults() == []


def test_the_files_of_a_bundle_are_written_beside_the_script(
    visitor: Visitor, studio: Studio, workbench: Locator
) -> None:
    page = visitor.page
    write(workbench, USING)
    page.get_by_role("tab", name="Files").click()
    page.get_by_label("Name of the new file").fill("helpers.py")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("textbox", name="helpers.py of the bundle").click()
    page.keyboard.insert_text(HELPER)
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text("Saved as version 1 of Leaves files.").wait_for()
    visitor.picture("editor-files")
    page.get_by_role("button", name="Back to the script").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.locator(".workbench .cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(workbench.locator(".state.completed")).to_be_visible(timeout=60_000)

    # a change makes the next version, and the node has it
    page.get_by_role("button", name="helpers.py", exact=True).click()
    page.get_by_role("textbox", name="helpers.py of the bundle").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(HELPER.replace("* 2", "* 3"))
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text("Saved as version 2 of Leaves files.").wait_for()
    page.get_by_role("button", name="Run this module").click()
    expect(workbench.locator(".state.completed")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Output").click()
    expect(workbench.locator(".workbench-side td", has_text="4.5")).to_be_visible(timeout=20_000)
    assert visitor.accessibility_faults() == []


@contextmanager
def other_origin() -> Iterator[str]:
    """A page of somebody else on this machine: another origin, but to a browser the same site."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>elsewhere</title>")

        def log_message(self, format: str, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


KNOCK = """(address) => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onopen = () => socket.send("{}");
  socket.onmessage = () => done("let in");
  socket.onclose = () => done("refused");
})"""


def test_only_our_own_page_gets_a_socket_for_the_cookie(visitor: Visitor) -> None:
    door = visitor.address.replace("http://", "ws://") + "/api/v1/language"
    visitor.expected += ["asked elsewhere", "WebSocket connection", "favicon"]
    assert visitor.page.evaluate(KNOCK, door) == "let in"
    with other_origin() as elsewhere:
        visitor.page.goto(elsewhere)
        assert visitor.page.evaluate(KNOCK, door) == "refused"

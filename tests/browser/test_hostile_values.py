"""What hostile scripts put into tables, names, logs and files is text or a safe image in a real browser.

The visitor's watch fails each story at any dialog, content-policy report, fault or request to elsewhere.
"""

from __future__ import annotations

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, StorageState, expect

from .filled import dataset, experiment
from .studio import Studio
from .visitor import Visitor, visiting

VALUES = (
    "<script>alert('cell')</script>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    '=HYPERLINK("http://elsewhere.example")',
    "'; drop table runs; --",
    "\u202etxt.exe",
    "\ud800 half a letter",
)
NAMES = ("<img src=x onerror=alert(2)>", "__proto__", "constructor", "toString", "", "a" * 300)
SCRIPT = f"""
import struct, sys, zlib
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data
                                + struct.pack(">I", zlib.crc32(kind + data)))
    def png(width, height):
        head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        pixels = zlib.compress((b"\\0" * (width + 1)) * min(height, 8), 9)
        return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    files = {{
        "page.png": b"<html><script>alert(document.cookie)</script></html>",
        "draw.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"/>',
        "page.html": b"<script>alert(6)</script>",
        "bomb.png": png(30000, 30000),
        "empty.png": b"",
        "cut.png": b"\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR",
        "good <b>.png": png(8, 8),
    }}
    for name, content in files.items():
        with open(name, "wb") as file:
            file.write(content)
    print("\\x1b]0;title\\x07\\x1b[31mred\\x1b[0m <script>alert(7)</script> \\u202e reversed \\x00 nul")
    sys.stdout.write("y" * 3_000_000 + "\\n")
    print("behind the long line")
    values = {[value.encode("utf-8", "surrogatepass") for value in VALUES]!r}
    texts = [value.decode("utf-8", "surrogatepass") for value in values]
    table = pd.DataFrame([[text] * {len(NAMES)} for text in texts], columns={list(NAMES)!r})
    table["twice"] = 1
    table.insert(0, "twice", 2, allow_duplicates=True)
    return table,
"""


@pytest.fixture(scope="module")
def hostile(studio: Studio) -> tuple[str, str]:
    dataset(studio, "plain for hostile", "a\n1\n")
    return experiment(studio, 'H"><script>alert(8)</script> {{7*7}}', SCRIPT, "plain for hostile")


def test_values_and_names_of_a_table_are_text(visitor: Visitor, hostile: tuple[str, str]) -> None:
    page = visitor.page
    visitor.goes(f"/experiments/{hostile[0]}")
    expect(page.locator("#canvas .box.completed, #canvas .box.reused")).to_have_count(1)
    page.locator('.react-flow__node[data-id="script"] .port.source').first.click(button="right")
    page.get_by_role("menuitem", name="Visualize").click()
    dialog = page.get_by_role("dialog")
    for value in VALUES[:6]:
        expect(dialog.get_by_role("cell", name=value, exact=True).first).to_be_visible()
    expect(dialog.get_by_role("cell", name="\\u202etxt.exe", exact=True).first).to_be_visible()
    assert dialog.locator("thead th").count() == len(NAMES) + 2
    expect(dialog.get_by_text(NAMES[0]).first).to_be_visible()
    for name in NAMES[:3]:
        dialog.get_by_role("button", name=name).first.click()
        expect(dialog.locator(".visualize-side h3")).to_have_text(name)
    visitor.picture("hostile-table")
    page.keyboard.press("Escape")
    assert page.locator("img[src=x], main script, main svg[onload]").count() == 0


def test_a_log_is_text_whatever_is_in_it(visitor: Visitor, hostile: tuple[str, str]) -> None:
    page = visitor.page
    visitor.goes(f"/runs/{hostile[1]}?node=script")
    log = page.locator(".log-lines")
    expect(log).to_contain_text("<script>alert(7)</script>")
    expect(log).to_contain_text("behind the long line")
    shown = log.inner_text()
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(shown)
    visitor.picture("hostile-log")
    page.get_by_label("Search the log").fill("behind the long")
    expect(page.get_by_text("Found: 1").first).to_be_visible()


def test_only_what_really_is_a_picture_is_one(
    visitor: Visitor, hostile: tuple[str, str], studio: Studio
) -> None:
    page = visitor.page
    visitor.goes(f"/runs/{hostile[1]}?node=script")
    page.get_by_role("tab", name="Images").click()
    figures = page.get_by_role("tabpanel").locator("figure")
    expect(figures.filter(has_text="good").locator("img")).to_be_visible()
    images = page.get_by_role("tabpanel").locator("img")
    sizes = images.evaluate_all("all => all.map((one) => [one.naturalWidth, one.naturalHeight])")
    assert max(width for width, _ in sizes) < 10_000, "a picture of a thousand million pixels was opened"
    visitor.picture("hostile-images")
    run = studio.ask("GET", f"/runs/{hostile[1]}")
    for one in run["nodes"][0].get("others", []):
        for address in (f"artifacts/{one['digest']}/image", f"artifacts/{one['digest']}/content?type=File"):
            reply = page.request.get(f"{visitor.address}/api/v1/{address}")
            kind = reply.headers.get("content-type", "")
            assert kind in ("image/png", "image/jpeg", "application/octet-stream", "application/problem+json")
            assert reply.headers["x-content-type-options"] == "nosniff"


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """A page of another origin on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_from_elsewhere_can_do_nothing_with_the_cookie(
    browser: Browser, studio: Studio, session: StorageState
) -> None:
    before = len(studio.ask("GET", "/experiments")["experiments"])
    form = f"""<form method=post enctype=text/plain action="{studio.address}/api/v1/experiments">
      <input name='{{"document": {{"schema_version": 1, "x": "' value='"}}}}'></form>"""
    with elsewhere(form) as address, visiting(browser, address.rstrip("/"), session=session) as visitor:
        visitor.expected += ["asked elsewhere", "403", "401", "CORS", "Failed to", "net::ERR", "WebSocket"]
        page = visitor.page
        page.goto(address)
        asked = """async ([base, how]) => {
          try {
            const reply = await fetch(base + "/api/v1/experiments", how);
            return [reply.type, reply.status];
          } catch (error) { return ["refused", 0]; }
        }"""
        read = page.evaluate(asked, [studio.address, {"credentials": "include"}])
        posted = page.evaluate(
            asked,
            [studio.address, {"method": "POST", "mode": "no-cors", "credentials": "include", "body": "{}"}],
        )
        assert read == ["refused", 0]
        assert posted in (["opaque", 0], ["refused", 0])  # nothing of the answer is told to it
        socket = page.evaluate(
            """(base) => new Promise((done) => {
              const socket = new WebSocket(base.replace("http", "ws") + "/api/v1/language");
              socket.onopen = () => done("open");
              socket.onerror = socket.onclose = () => done("refused");
            })""",
            studio.address,
        )
        assert socket == "refused"
        with page.expect_navigation():
            page.evaluate("document.forms[0].submit()")
        assert '"code"' in page.content() and "A1" in page.content()
    assert len(studio.ask("GET", "/experiments")["experiments"]) == before


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0"])
def test_a_name_that_is_not_ours_is_refused(studio: Studio, host: str) -> None:
    for path in ("/", "/signin", "/api/v1/runs", "/healthz"):
        request = urllib.request.Request(studio.address + path, headers={"Host": f"{host}:80"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        assert refused.value.code == 421
        refused.value.close()


def test_the_page_signs_out_and_its_other_tabs_are_out_too(stranger: Visitor, studio: Studio) -> None:
    page = stranger.page
    page.goto(studio.sign_in_address())
    page.wait_for_url(f"{studio.address}/")
    stranger.expected.append("401")
    other = page.context.new_page()
    other.goto(f"{studio.address}/runs")
    page.goto(f"{studio.address}/settings")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{studio.address}/signin*")
    assert other.evaluate("fetch('/api/v1/runs').then((reply) => reply.status)") == 401

"""A Chromium that looks at the page of a workspace, signed in once; and a page of one word beside it."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.command import skyloom
from bench.setting import MissingPart
from skyloom.server.page_files import PageFiles

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--no-sandbox",  # root, in containers; the pages are ours
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
SIZE = {"width": 1440, "height": 900}
PLAIN = b"<!doctype html><title>plain</title><p>plain</p>"


@dataclass
class Reader:
    """Somebody with a browser who is signed in; every ``page`` is one without anything kept."""

    browser: Any
    address: str
    port: int
    session: Any = None

    @contextmanager
    def page(self) -> Iterator[Any]:
        context = self.browser.new_context(storage_state=self.session, viewport=SIZE)
        try:
            yield context.new_page()
        finally:
            context.close()


@contextmanager
def open_reader() -> Iterator[Reader]:
    """A browser that is signed in to the workspace of SKYLOOM_HOME, whose port is opened for it.

    Raises
    ------
    MissingPart
        There is no Playwright, no Chromium, or the page is not built.
    """
    try:
        from playwright.sync_api import sync_playwright  # optional: of the test tools
    except ImportError as error:
        raise MissingPart("Playwright is not installed (make setup)") from error
    program = next((path for path in map(shutil.which, NAMES) if path), None)
    if program is None:
        raise MissingPart("there is no Chromium (tools/system-packages.sh installs it as root)")
    if not PageFiles().is_built:
        raise MissingPart("the Studio's page is not built: 'make page' tells why")
    port = free_port()
    told = open_port(port)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            reader = Reader(browser, str(told["address"]), port)
            with reader.page() as page:
                page.goto(told["sign_in"])
                page.wait_for_url(f"{reader.address}/")
                reader.session = page.context.storage_state()
            yield reader
        finally:
            browser.close()


def open_port(port: int) -> dict[str, Any]:
    """`skyloom up` at that port: the address, and one that signs in once."""
    found: dict[str, Any] = json.loads(skyloom("up", "--port", str(port), "--json"))
    return found


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def plain_page() -> Iterator[str]:
    """The address of a page that holds one word: what browser and loopback take by themselves."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's spelling
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PLAIN)))
            self.end_headers()
            self.wfile.write(PLAIN)

        def log_message(self, *_: Any) -> None:
            """Nothing: the lines of this program are figures."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()

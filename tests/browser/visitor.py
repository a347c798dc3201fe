"""Visitor: somebody with a browser. What a page does behind their back is written down."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    StorageState,
)

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
# pictures to look at, and those that the docs show; written where the variable names a folder
PICTURES = os.environ.get("SKYLOOM_PICTURES", "")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Visitor:
    """A page and everything that should not have happened on it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of faults that a story provokes

    def watch(self) -> None:
        """Write down errors, dialogs and requests to elsewhere."""
        self.page.add_init_script(_WATCH)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def goes(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sees(self, text: str) -> Locator:
        """The first element with that text, waited for."""
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    def picture(self, name: str, of: Locator | None = None) -> None:
        """Keep a picture where somebody asked for them."""
        if PICTURES:
            path = Path(PICTURES) / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            (of or self.page).screenshot(path=path, animations="disabled")

    def accessibility_faults(self, *rules: str) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA, a line for each element; or against these rules alone."""
        # evaluated by the debugger, which the page's own policy does not bind
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        wanted = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
        found: dict[str, Any] = self.page.evaluate(
            "(runOnly) => axe.run(document, { runOnly, resultTypes: ['violations'] })", wanted
        )
        return [
            f"{rule['id']}: {rule['help']} at {json.dumps(node['target'])}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    @property
    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "blob:", "about:")):
            self.faults.append(f"asked elsewhere: {request.url[:200]}")


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    theme: Literal["light", "dark"] = "light",
    language: str = "en-GB",
    session: StorageState | None = None,
) -> Iterator[Visitor]:
    """A visitor with a fresh profile; the visit fails when the page misbehaved."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme=theme,
        locale=language,
        reduced_motion="reduce",
        accept_downloads=True,
        storage_state=session,
    )
    context.set_default_timeout(15_000)
    try:
        visitor = Visitor(context.new_page(), address)
        visitor.watch()
        yield visitor
        if visitor.unexpected:
            raise AssertionError("the page misbehaved:\n" + "\n".join(visitor.unexpected))
    finally:
        context.close()

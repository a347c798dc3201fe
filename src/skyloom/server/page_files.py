"""The page's files as the build left them in ``server/web`` (tools/build_web.py), and the page's addresses.

``index.html`` is given for every address of the page and is never cached; files below ``assets`` have a
digest in their names and are cached for a year. Each may lie beside itself as ``.br`` and ``.gz``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUILT = Path(__file__).resolve().parent / "web"
NONCE = "SKYLOOM_NONCE"  # what web/vite.config.ts writes where the word of the policy belongs
# the page looks at the address itself; what names a run or an experiment there is nothing that we read
_ROOTS = (
    "home|experiments|runs|pipelines|services|datasets|models|compute|datastores|environments|settings"
    "|compare|visualize|schedules"
)
# published pipelines are called below /pipelines/v1.0: no address of the page, which anybody may read
PAGE = rf"/|/(?:{_ROOTS})(?!/v[0-9])(?:/[0-9A-Za-z_~-][0-9A-Za-z._~-]*)*"
ASSET = r"/assets/[0-9A-Za-z_.-]+\.(?:js|css|svg|png|woff2)"
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_PACKED = (("br", ".br"), ("gzip", ".gz"))  # the smaller first


@dataclass(frozen=True)
class PageFile:
    """A file to send: where it lies, what it is, how it is packed (nothing, br or gzip)."""

    path: Path
    media_type: str
    encoding: str = ""


class PageFiles:
    """The files of one build; a build that is made anew is seen at once."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder

    @property
    def is_built(self) -> bool:
        return (self._folder / "index.html").is_file()

    def page(self) -> tuple[str, str]:
        """The page, and the word that its style elements may carry."""
        nonce = secrets.token_urlsafe(16)
        text = (self._folder / "index.html").read_text(encoding="utf-8")
        return text.replace(NONCE, nonce), nonce

    def asset(self, name: str, accepted: str) -> PageFile | None:
        """The file of that name, packed as the browser accepts it; nothing when the build has none.

        Parameters
        ----------
        accepted
            The header Accept-Encoding.
        """
        path = self._names().get(name)
        if path is None:
            return None
        media_type = MEDIA_TYPES[path.suffix]
        takes = {word.partition(";")[0].strip() for word in accepted.lower().split(",")}
        for encoding, ending in _PACKED:
            packed = path.with_name(path.name + ending)
            if encoding in takes and packed.is_file():
                return PageFile(packed, media_type, encoding)
        return PageFile(path, media_type)

    def _names(self) -> Mapping[str, Path]:
        """What may be asked for: a list of names, so that no name becomes a path."""
        try:
            found = sorted((self._folder / "assets").iterdir())
        except FileNotFoundError:
            return {}
        return {file.name: file for file in found if file.suffix in MEDIA_TYPES}

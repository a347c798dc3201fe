"""Addresses that lead to a folder of this machine: so that code with public addresses runs without a network.

Source: sdk.md 5 ("Provide a url map setting").
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class UrlMap:
    """``PREFIX=FOLDER`` pairs; the longest prefix that fits decides."""

    folders: Mapping[str, Path] = field(default_factory=dict)

    @staticmethod
    def parse(text: str) -> UrlMap:
        """Read ``https://host/container=/folder`` pairs, separated by ';'."""
        pairs = (part.strip().rpartition("=") for part in text.split(";") if "=" in part)
        return UrlMap({prefix.rstrip("/"): Path(folder).expanduser() for prefix, _, folder in pairs})

    @staticmethod
    def from_environment() -> UrlMap:
        return UrlMap.parse(os.environ.get("SKYLOOM_URL_MAP", ""))

    def find(self, url: str) -> tuple[Path, str] | None:
        """The folder that an address leads into, and the path below it; None: it is asked on the network."""
        for prefix in sorted(self.folders, key=len, reverse=True):
            if url == prefix or url.startswith(prefix + "/"):
                return self.folders[prefix], url[len(prefix) :].strip("/")
        return None

"""Puts the page into the wheel: hatchling calls this when it builds one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))

import build_web  # noqa: E402


class PageHook(BuildHookInterface[Any]):
    """Builds web/ unless the page is there already, as it is in a source distribution."""

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling: a Node for machines without one."""
        if self._has_nothing_to_do() or build_web.system_node() is not None:
            return []
        return [build_web.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # an editable install is made by tools/setup.sh, which builds the page itself
        if version != "editable" and not self._has_nothing_to_do():
            node = build_web.system_node() or build_web.packaged_node()
            build_web.fetch_packages(node)
            build_web.build(node)

    def _has_nothing_to_do(self) -> bool:
        return build_web.is_current()

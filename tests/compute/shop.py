"""A folder of wheels in place of an index."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import zipfile
from pathlib import Path


class Shop:
    """A folder of wheels in place of an index, and the settings that lead uv there."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.cache = cache
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(folder),
            "UV_CACHE_DIR": str(cache),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }

    def add(self, name: str, version: str, code: str = "", needs: tuple[str, ...] = ()) -> None:
        described = f"{name}-{version}.dist-info"
        files = {
            f"{name}/__init__.py": f"__version__ = {version!r}\n{code}\n",
            f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            + "".join(f"Requires-Dist: {need}\n" for need in needs),
            f"{described}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = [f"{path},{_sum(text)},{len(text)}" for path, text in files.items()]
        files[f"{described}/RECORD"] = "\n".join([*record, f"{described}/RECORD,,"]) + "\n"
        with zipfile.ZipFile(self.folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)


def _sum(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")

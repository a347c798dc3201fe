"""Takes the pictures of the docs anew: runs the stories of tests/browser and keeps what the docs show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "docs" / "pictures" / "studio"


def shown() -> set[str]:
    """Names of the pictures that pages of the docs show."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    return set(re.findall(r"pictures/studio/([\w-]+)\.png", pages))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pytest", "-q", str(ROOT / "tests" / "browser")]
        done = subprocess.run(words, cwd=ROOT, env={**os.environ, "SKYLOOM_PICTURES": folder})
        if done.returncode:
            return done.returncode
        PLACE.mkdir(parents=True, exist_ok=True)
        for name in sorted(shown()):
            shutil.copyfile(Path(folder) / f"{name}.png", PLACE / f"{name}.png")
            print(f"docs/pictures/studio/{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

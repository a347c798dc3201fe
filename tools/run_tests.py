"""Runs the tests of a change; a few that failed while others ran beside them are run once more, alone.

What passes alone is named at the end and does not fail the run (decision 0039): it tells of a machine
that was busy as often as of a fault, and is looked into either way. Words after the program's name go to
pytest.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
TESTS_FAILED = 1  # pytest's exit code for it; any other is not about single tests
_GROUP = re.compile(r"@[^\]@]+$")  # what pytest-xdist adds to the name of a test that shares a worker
MOST = 12  # more than a busy machine explains
BESIDE_OTHERS = ("-n", "2", "--dist", "loadgroup", "--ignore=tests/bench")


def main(words: list[str]) -> int:
    FAILED.unlink(missing_ok=True)
    code = _pytest(*BESIDE_OTHERS, *(words or ["tests"]))
    if code != TESTS_FAILED or not FAILED.exists():
        return code
    failed = [_GROUP.sub("", name) for name in json.loads(FAILED.read_text())]
    if len(failed) > MOST:
        return code
    print(f"\n{len(failed)} failed. Once more, alone:\n", flush=True)
    code = _pytest("-n", "0", *failed)
    if code == 0:
        print("\nFailed beside others and passed alone, which is a fault of the test or of what it tests:")
        print("\n".join(f"  {name}" for name in failed))
    return code


def _pytest(*words: str) -> int:
    """Some thousand programs are started: they keep what they compile, whatever the caller's habit is."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

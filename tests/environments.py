"""Where tests keep what takes long to install: once a machine, for all homes, sessions and clones.

Environments, packages of the old clients, and Azurite (tools/azurite.sh knows the folder too).
"""

from __future__ import annotations

import os
from pathlib import Path

HOME = Path("/var/tmp") / f"skyloom-test-engines-{os.getuid()}"
FOLDER = HOME / "envs"


def share() -> None:
    """Let every agent that is started from here keep its environments there."""
    HOME.mkdir(mode=0o711, exist_ok=True)
    os.environ.setdefault("SKYLOOM_ENVIRONMENTS", str(FOLDER))

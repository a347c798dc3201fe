"""R, where this machine has it."""

from __future__ import annotations

import shutil

import pytest

HAS_R = shutil.which("Rscript") is not None
NO_R = "R is not installed here; as root, tools/system-packages.sh installs r-base-core"

needs_r = [pytest.mark.real("r"), pytest.mark.skipif(not HAS_R, reason=NO_R)]

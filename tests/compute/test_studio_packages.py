from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from skyloom.compute.environments import Environments
from skyloom.compute.studio_packages import STUDIO_PACKAGES, studio_environment, studio_table
from skyloom.core.environment import STUDIO
from tests.environments import HOME
from tests.old_pythons import interpreter_of

PAGE = Path(__file__).parents[2] / "docs" / "environments.md"


def test_every_package_is_pinned_once() -> None:
    lines = studio_environment().packages
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.a-z]*", line) for line in lines)
    assert len({line.partition("==")[0] for line in lines}) == len(lines)


def test_pandas_stays_below_3_and_numpy_is_2() -> None:
    versions = {package.name: package.version for package in STUDIO_PACKAGES}
    assert versions["pandas"].startswith("2.3.")
    assert versions["numpy"].startswith("2.")


def test_the_page_shows_the_table() -> None:
    assert studio_table() in PAGE.read_text(encoding="utf-8")


@pytest.mark.real("environment")
def test_studio_is_its_table_and_every_package_of_it_imports(tmp_path: Path) -> None:
    interpreter = interpreter_of(STUDIO)
    assert interpreter.compatibility
    environments = Environments(HOME)
    wish = studio_environment()
    [built] = [one for one in environments.list() if one.wish == wish.digest]
    environments.close()
    assert built.packages == wish.packages  # the table is the whole closure
    names = [package.imported_as for package in STUDIO_PACKAGES]
    code = "import importlib, json, sys; [importlib.import_module(name) for name in json.loads(sys.argv[1])]"
    answer = subprocess.run(
        [interpreter.path, "-I", "-c", code, json.dumps(names)],
        env={"PATH": os.defpath, "MPLBACKEND": "Agg", "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr

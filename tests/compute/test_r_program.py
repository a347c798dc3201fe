"""The R of a machine: found, asked once, and part of what results depend on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from skyloom.compute.r_program import RProgram, find_r
from skyloom.compute.sandbox.view import r_paths
from tests.rscript import needs_r

SAYS = """\
#!/bin/sh
echo asked >> {log}
echo {version}
echo x86_64-pc-linux-gnu
echo {library}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program called Rscript beside the interpreter, and a library."""
    for name in ("bin", "library/stats", "library/mgcv"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    install(tmp_path, "4.2.2", mgcv="1.8-41")
    return tmp_path


def install(machine: Path, version: str, mgcv: str) -> None:
    """Put this version there, and this one of a package."""
    (machine / "library/stats/DESCRIPTION").write_text(f"Package: stats\nVersion: {version}\n")
    (machine / "library/mgcv/DESCRIPTION").write_text(f"Package: mgcv\nVersion: {mgcv}\n")
    program = machine / "bin" / "Rscript"
    text = SAYS.format(log=machine / "log", version=version, library=machine / "library")
    if not program.exists() or program.read_text() != text:
        program.write_text(text)
        program.chmod(0o755)


def found() -> RProgram:
    program = find_r()
    assert program is not None
    return program


def test_version_and_packages_are_told(machine: Path) -> None:
    assert found().version == "4.2.2"
    assert found().packages == ("mgcv==1.8-41", "stats==4.2.2")


def test_it_is_asked_once_until_it_changes(machine: Path) -> None:
    found(), found()
    assert (machine / "log").read_text() == "asked\n"
    before = found().digest
    install(machine, "4.3.10", mgcv="1.8-41")
    assert found().version == "4.3.10"
    assert found().digest != before


def test_another_version_of_a_package_is_another_r(machine: Path) -> None:
    before = found().digest
    install(machine, "4.2.2", mgcv="1.9-0")
    assert found().digest != before


def test_one_that_does_not_start_is_none(machine: Path) -> None:
    (machine / "bin" / "Rscript").write_text("#!/bin/sh\nexit 1\n")
    assert find_r() is None


def test_an_r_that_is_linked_in_from_elsewhere_is_shown_to_boxes_and_nothing_beside_it(machine: Path) -> None:
    elsewhere = machine / "opt" / "R"
    home = elsewhere / "lib" / "R"
    (home / "library" / "base").mkdir(parents=True)
    (elsewhere / "bin").mkdir()
    (elsewhere / "bin" / "R").write_text(f"#!/bin/sh\n# the front end\nR_HOME_DIR={home}\n")
    (machine / "bin" / "Rscript").rename(elsewhere / "bin" / "Rscript")
    os.symlink(elsewhere / "bin" / "Rscript", machine / "bin" / "Rscript")
    programs = [str(machine / "bin" / "Rscript"), str(elsewhere / "bin" / "Rscript")]
    assert r_paths() == [*programs, str(home)]


def test_a_front_end_that_names_no_home_of_an_r_shows_nothing(machine: Path) -> None:
    (machine / "bin" / "R").write_text("#!/bin/sh\nR_HOME_DIR=/etc\n")
    assert r_paths() == [str(machine / "bin" / "Rscript")]


@pytest.mark.parametrize("mark", [pytest.param(None, marks=needs_r)])
def test_the_real_one_has_its_base_packages(mark: None) -> None:
    assert {"base", "stats", "grDevices"} <= {line.partition("==")[0] for line in found().packages}

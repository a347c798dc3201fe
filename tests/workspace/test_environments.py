"""Environments as the engine sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.compute.environments import Environments
from skyloom.compute.r_program import RProgram
from skyloom.core.problem import ProblemError
from skyloom.workspace import environments
from skyloom.workspace.environments import WorkspaceEnvironments


@pytest.fixture
def known(tmp_path: Path) -> WorkspaceEnvironments:
    return WorkspaceEnvironments(Environments(tmp_path))


def machine_with(monkeypatch: pytest.MonkeyPatch, r: RProgram | None) -> None:
    monkeypatch.setattr(environments, "find_r", lambda: r)


def test_the_version_of_r_counts_and_so_do_its_packages(
    known: WorkspaceEnvironments, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for version, packages in (("4.2.2", ()), ("4.3.0", ()), ("4.3.0", ("mgcv==1.9",)), ("4.2.2", ())):
        machine_with(monkeypatch, RProgram("/usr/bin/Rscript", version, "x86_64-pc-linux-gnu", packages))
        digests.append(known.with_r().digest)
    assert len(set(digests)) == 3
    assert digests[0] == digests[3]
    assert known.current().digest not in digests


def test_it_runs_in_the_interpreter_of_the_agent(
    known: WorkspaceEnvironments, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_with(monkeypatch, RProgram("/usr/bin/Rscript", "4.2.2", "x86_64-pc-linux-gnu", ()))
    assert known.interpreter(known.with_r().digest) == known.interpreter(known.current().digest)


def test_a_machine_without_r_is_told_so(
    known: WorkspaceEnvironments, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_with(monkeypatch, None)
    with pytest.raises(ProblemError, match="S200: R is not installed"):
        known.with_r()

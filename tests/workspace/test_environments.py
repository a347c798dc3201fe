"""Environments as the engine sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.compute.environments import Environments
from skyloom.compute.r_program import RProgram
from skyloom.core.environment import Environment
from skyloom.core.problem import ProblemError
from skyloom.engine.ports import ResolvedEnvironment
from skyloom.workspace import environments
from skyloom.workspace.environments import WorkspaceEnvironments
from tests.compute.shop import Shop


@pytest.fixture
def known(tmp_path: Path) -> WorkspaceEnvironments:
    return WorkspaceEnvironments(Environments(tmp_path))


def machine_with(monkeypatch: pytest.MonkeyPatch, r: RProgram | None) -> None:
    monkeypatch.setattr(environments, "find_r", lambda: r)


def test_what_gave_way_is_told_of_a_built_environment_too(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    shop = Shop(tmp_path / "wheels", tmp_path / "cache")
    shop.add("tiny", "1.0")
    wish = Environment("own", "3.11", ("tiny==0.5",), takes_nearest=True)
    told: list[tuple[str, ...]] = []
    for _ in range(2):  # the second finds it built
        environments = Environments(tmp_path / "home", environ=shop.environ)
        found = WorkspaceEnvironments(environments)
        environments.resolve(wish)
        asked = ResolvedEnvironment(wish.name, wish.digest, wish.compatibility)
        assert found.gave_way(asked) == ()
        found.prepare(asked, lambda line: None)
        told.append(found.gave_way(asked))
        environments.close()
    assert told == [("tiny==0.5 can no longer be installed here; tiny 1.0 is used instead.",)] * 2


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

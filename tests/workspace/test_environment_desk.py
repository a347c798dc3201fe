"""Environments as people see them: what they are doing, built ahead of need, removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyloom.compute.environments import Environments
from skyloom.core.environment import STUDIO, Environment
from skyloom.core.environment_view import EnvironmentView
from skyloom.core.identity import Digest
from skyloom.core.problem import ProblemError
from skyloom.workspace.environment_desk import EnvironmentDesk
from skyloom.workspace.environments import WorkspaceEnvironments
from tests.compute.shop import Shop

TINY = Environment("own", "3.11", ("tiny",))
LOST = Environment("own", "3.11", ("nowhere-to-be-found",))
CONDA = {
    "dependencies": ["python=3.11", {"pip": ["azureml-defaults", "tiny"]}, "scikit-learn=1.5"],
    "channels": ["conda-forge"],
}


@pytest.fixture
def desk_at(tmp_path: Path) -> Callable[..., tuple[EnvironmentDesk, Environments]]:
    """A desk over a shop of one wheel; each call is another agent of the same home."""
    (tmp_path / "wheels").mkdir()
    shop = Shop(tmp_path / "wheels", tmp_path / "cache")
    shop.add("tiny", "1.0")

    def open_one(facts: dict[str, Any] | None = None) -> tuple[EnvironmentDesk, Environments]:
        environments = Environments(tmp_path / "home", environ=shop.environ)
        for wish in (TINY, LOST):
            environments.resolve(wish)
        return EnvironmentDesk(
            environments, WorkspaceEnvironments(environments), lambda: facts or {}
        ), environments

    return open_one


def one(desk: EnvironmentDesk, digest: Digest) -> EnvironmentView:
    return next(view for view in desk.all() if view.digest == digest)


def settled(desk: EnvironmentDesk, digest: Digest) -> EnvironmentView:
    until = time.monotonic() + 60
    while (view := one(desk, digest)).state == "building":
        assert time.monotonic() < until
        time.sleep(0.05)
    return view


def test_an_environment_is_built_ahead_of_need_and_removed_when_nobody_uses_it(desk_at: Any) -> None:
    desk, environments = desk_at()
    assert one(desk, TINY.digest).state == "not built"
    assert desk.build(TINY.digest).state == "building"
    assert desk.build(TINY.digest).state in ("building", "built")  # asked for twice, built once
    built = settled(desk, TINY.digest)
    assert (built.state, built.installed, built.in_use, built.kind) == ("built", ("tiny==1.0",), True, "own")
    log = desk.log(TINY.digest)
    assert "Building the environment `own`." in log.text and log.lines > 1
    with pytest.raises(ProblemError, match="W381"):
        desk.remove(TINY.digest)
    environments.close()

    later, _ = desk_at()
    assert one(later, TINY.digest).in_use is False
    later.remove(TINY.digest)
    assert one(later, TINY.digest).state == "not built"
    assert later.log(TINY.digest).text == ""


def test_a_build_that_fails_says_why_and_may_be_tried_again(desk_at: Any) -> None:
    desk, _ = desk_at()
    desk.build(LOST.digest)
    failed = settled(desk, LOST.digest)
    assert failed.state == "failed" and "nowhere-to-be-found" in failed.problem
    assert "nowhere-to-be-found" in desk.log(LOST.digest).text
    assert desk.build(LOST.digest).state == "building"
    settled(desk, LOST.digest)


def test_built_in_ones_come_first(desk_at: Any) -> None:
    views = desk_at()[0].all()
    assert [view.names[0] for view in views[:4]] == [STUDIO, "studio-3.6", "studio-2.7", "current"]
    assert all(view.kind == "built-in" for view in views[:4])


def test_what_the_sdk_registered_has_its_name_and_its_packages(desk_at: Any) -> None:
    body = {"dependencies": CONDA, "variables": {}, "image": None, "user_managed": False}
    desk, _ = desk_at({"environments": {"train": [{"dependencies": None}, body]}})
    named = next(view for view in desk.all() if view.kind == "registered")
    assert named.names == ("train:2",)
    assert {"tiny", "scikit-learn==1.5.*", "conda package: scikit-learn=1.5"} <= set(named.wishes)
    assert not any("azureml" in wish for wish in named.wishes)


def test_the_agents_own_python_stays_and_a_digest_nobody_knows_is_refused(desk_at: Any) -> None:
    desk, _ = desk_at()
    current = next(view for view in desk.all() if view.names == ("current",))
    with pytest.raises(ProblemError, match="W382"):
        desk.remove(current.digest)
    with pytest.raises(ProblemError, match="C050"):
        desk.build(Digest("sha256:" + "0" * 64))

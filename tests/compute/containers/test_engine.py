"""Which engine is found: commands that are really started, which say what Docker and Podman say."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.compute.containers.engine import SETTING, Engines
from skyloom.compute.containers.images import dockerfile_of
from skyloom.compute.environments import Environments
from skyloom.core.environment import NEAREST, Environment
from skyloom.core.image_wish import ImageWish
from skyloom.core.problem import ProblemError

NO_DAEMON = "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1"
PODMAN = 'if [ "$1" = info ]; then echo "rootless: true"; else echo "podman version 4.3.1"; fi'


def engines(folder: Path, **commands: str) -> Engines:
    for name, body in commands.items():
        file = folder / name
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
    return Engines({"PATH": str(folder)})


def test_a_command_without_its_daemon_is_no_engine(tmp_path: Path) -> None:
    why = engines(tmp_path, docker=NO_DAEMON).why_not()
    assert "Cannot connect to the Docker daemon" in why and "there is no command 'podman'" in why


def test_the_first_that_answers_is_taken(tmp_path: Path) -> None:
    found = engines(tmp_path, docker=NO_DAEMON, podman=PODMAN).find()
    assert found is not None and found.version == "podman version 4.3.1"
    assert (found.is_podman, found.is_rootless, found.path) == (True, True, str(tmp_path / "podman"))


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    found = Engines({SETTING: "off", "PATH": str(tmp_path)})
    assert found.find() is None and SETTING in found.why_not()


@pytest.mark.parametrize("wish", [ImageWish("debian:12"), ImageWish(dockerfile="FROM a\nRUN b")])
def test_without_an_engine_the_packages_stand_in_where_they_may(tmp_path: Path, wish: ImageWish) -> None:
    home = Environments(tmp_path, engines=Engines({SETTING: "off"}))
    text = "\n".join((NEAREST, *wish.lines(), "six"))
    found = home.resolve("studio", None, text)
    assert not found.is_image and "six" in found.packages and "is not used" in found.notices[-1]
    only = "\n".join((NEAREST, *ImageWish(wish.image, wish.dockerfile, is_only=True).lines()))
    with pytest.raises(ProblemError) as refused:
        home.resolve("studio", None, only)
    assert refused.value.problem.code == "C066" and "apt install podman" in refused.value.problem.fix


def test_with_an_engine_the_environment_is_the_image(tmp_path: Path) -> None:
    home = Environments(tmp_path, engines=engines(tmp_path, podman=PODMAN))
    wish = ImageWish("debian:12")
    found = home.resolve("own", None, "\n".join((NEAREST, *wish.lines(), "six")))
    assert (found.image, found.packages) == ("debian:12", ("six",))
    assert home.resolve(found.digest) == found  # after a restart, too
    assert Environments(tmp_path).resolve(found.digest) == found
    with pytest.raises(ProblemError) as refused:
        home.ready(found, lambda line: None)  # a module, not a step
    assert refused.value.problem.code == "C066"


def test_packages_are_added_to_the_image_by_its_own_pip() -> None:
    text = dockerfile_of(Environment("image", "3.11", ("six",), dockerfile="FROM debian:12\n"))
    assert text.startswith("FROM debian:12\nCOPY skyloom-requirements.txt") and "-m pip install" in text

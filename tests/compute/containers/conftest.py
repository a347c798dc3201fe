from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compute.containers.containers import Containers
from tests.containers import Podman, podman_with_base


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    with tempfile.TemporaryDirectory(prefix="skyloom-podman-", dir="/var/tmp") as folder:
        podman, why = podman_with_base(Path(folder))
        if podman is None:
            pytest.skip(why)
        try:
            yield podman
        finally:
            podman.close()


@pytest.fixture(scope="session")
def containers(podman: Podman) -> Iterator[Containers]:
    with tempfile.TemporaryDirectory(prefix="skyloom-containers-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        made = Containers(Path(folder), {**os.environ, **podman.variables})
        try:
            yield made
        finally:
            made.close()

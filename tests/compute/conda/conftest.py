from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.compute.shop import Shop
from tests.conda_channel import CondaChannel, why_no_channel

SETTING = "SKYLOOM_CONDA_CHANNELS"


@pytest.fixture(scope="session")
def channels(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The setting that leads to two channels, `main` with a Python, and `side` with packages alone."""
    if why_no_channel():
        pytest.skip(why_no_channel())
    folder = tmp_path_factory.mktemp("channels")
    main, side = CondaChannel(folder / "main"), CondaChannel(folder / "side")
    main.add_python()
    for version in ("1.0", "1.5", "2.0"):
        main.add("tiny", version)
    main.add("needy", "1.0", ("python >=3.8", "tiny <2"))
    main.add("fussy", "1.0", ("python <3.0",))
    side.add("tiny", "5.0")
    side.add("extra", "1.0", ("python", "tiny"))
    return f"conda-forge={main.indexed()}; side={side.indexed()}"


@pytest.fixture(scope="session")
def package_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rattler")


@pytest.fixture
def shop(tmp_path: Path, channels: str, package_cache: Path) -> Shop:
    """Wheels in place of Python's index, and settings that lead to the channels too."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    made = Shop(folder, tmp_path / "cache")
    made.environ |= {SETTING: channels, "RATTLER_CACHE_DIR": os.fspath(package_cache)}
    return made

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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


class Guarded(SimpleHTTPRequestHandler):
    """Files of a folder, for who knows the word, where there is one."""

    word = ""

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if not self.word or self.headers.get("Authorization") == self.word:
            return True
        self.send_error(401)
        return False

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path, word: str = "") -> Iterator[str]:
    """The folder over HTTP; ``word`` is ``user:password``."""
    handler = type(
        "Handler", (Guarded,), {"word": f"Basic {b64encode(word.encode()).decode()}" if word else ""}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


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

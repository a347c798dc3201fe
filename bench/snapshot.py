"""A source directory of 5,000 files, 200 MB: the first look, a look when nothing changed, and sending it."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.measure import Case, Measurement
from bench.setting import Item, Setting
from skyloom.client.pipelines import PipelineWorkspace
from skyloom.sdk.snapshot import take_snapshot

FILES, BYTES = 5000, 200_000_000
SMALL_FILES, SMALL_BYTES = 200, 2_000_000


@contextmanager
def prepare(setting: Setting) -> Iterator[Sequence[Case]]:
    files, size = (FILES, BYTES) if setting.sizes.chain_nodes == 20 else (SMALL_FILES, SMALL_BYTES)
    source = Path(setting.workspace.home) / "tree"
    _make(source, files, size)
    facts = {"files": files, "bytes": size}
    home = setting.workspace.home
    setting.workspace.api.status()  # its agent runs from here on
    api = PipelineWorkspace(setting.workspace.api.place)
    read = Case("floor.read_tree", "ms", partial(_read, source))
    walk = Case("floor.walk_tree", "ms", partial(_walk, source))
    yield (
        read,
        walk,
        Case("snapshot.first", "ms", partial(_first, source, home), 400, 110, (), facts),
        Case("snapshot.unchanged", "ms", partial(_unchanged, source, home), 60, 20, (), facts),
        Case("snapshot.first_and_sent", "ms", partial(_sent, source, home, api), None, None, (), facts),
        Case("snapshot.one_file_sent", "ms", partial(_one_sent, source, home, api), None, None, (), facts),
    )
    api.close()


ITEM = Item("snapshot", 5, prepare)


def _make(source: Path, files: int, size: int) -> None:
    numbers = random.Random(1)
    for number in range(files):
        folder = source / f"folder{number % 50:02}"
        if number < 50:
            folder.mkdir(parents=True)
        (folder / f"file{number:04}.bin").write_bytes(numbers.randbytes(size // files))
    time.sleep(0.1)  # so that no file is of the moment of the first look


def _read(source: Path) -> Measurement:
    started = time.perf_counter()
    for parent, _, names in os.walk(source):
        for name in names:
            descriptor = os.open(os.path.join(parent, name), os.O_RDONLY)
            while os.read(descriptor, 1 << 20):
                pass
            os.close(descriptor)
    return Measurement((time.perf_counter() - started) * 1000)


def _walk(source: Path) -> Measurement:
    started = time.perf_counter()
    for parent, _, names in os.walk(source):
        for name in names:
            os.stat(os.path.join(parent, name))
    return Measurement((time.perf_counter() - started) * 1000)


def _first(source: Path, home: str) -> Measurement:
    shutil.rmtree(Path(home) / "snapshots", ignore_errors=True)
    return _look(source, home)


def _unchanged(source: Path, home: str) -> Measurement:
    take_snapshot(str(source), home)
    return _look(source, home)


def _look(source: Path, home: str) -> Measurement:
    started = time.perf_counter()
    take_snapshot(str(source), home)
    return Measurement((time.perf_counter() - started) * 1000)


def _sent(source: Path, home: str, api: PipelineWorkspace) -> Measurement:
    """Every file another one, so that all has to be sent; durable when it is over."""
    for path in source.rglob("*.bin"):
        with open(path, "r+b") as file:
            file.write(os.urandom(8))
    time.sleep(0.1)
    started = time.perf_counter()
    take_snapshot(str(source), home).send(api)
    return Measurement((time.perf_counter() - started) * 1000)


def _one_sent(source: Path, home: str, api: PipelineWorkspace) -> Measurement:
    take_snapshot(str(source), home).send(api)
    (source / "folder00" / "file0000.bin").write_bytes(os.urandom(1000))
    started = time.perf_counter()
    take_snapshot(str(source), home).send(api)
    return Measurement((time.perf_counter() - started) * 1000)

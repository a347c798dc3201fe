"""py-rattler at work, as a process of its own: ``python -m skyloom.compute.conda.program QUESTION ANSWER``.

Both are JSON files. The agent never loads py-rattler (80 MB), and a build that is given up ends with this
process.

- ``{"do": "solve", "channels": [address], "specs": [...], "python": wish}`` is answered by
  ``{"lock": text, "python": version, "pins": ["name=version=build"]}``; the lock is rattler's own (pixi.lock)
- ``{"do": "install", "lock": text, "prefix": folder}`` is answered by ``{}``
- a fault by ``{"fault": a word of faults.py, "said": why}``
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from rattler import Gateway, MatchSpec, RepoDataRecord, Subdir, VirtualPackage, install, solve
from rattler.channel import ChannelPriority
from rattler.exceptions import GatewayError, InvalidMatchSpecError, SolverError
from rattler.lock import LockChannel, LockFile, LockPlatform
from rattler.networking import Client

from skyloom.compute.conda.faults import NO_PYTHON, UNREACHED, UNREADABLE, UNSOLVABLE
from skyloom.compute.interpreters import OLDEST_PYTHON, is_loose, matches_wish, nearest_version

_ANY_PYTHON = "python >=" + ".".join(map(str, OLDEST_PYTHON))
_SOLVES_WITHIN = timedelta(minutes=5)
# conda's == with a build, which rattler reads with one = alone
_EXACT_BUILD = re.compile(r"(?P<name>[^\s=]+)\s*==\s*(?P<version>[^\s=,|]+)=(?P<build>[^\s=]+)")


def main() -> None:
    question, answer = map(Path, sys.argv[1:3])
    asked = json.loads(question.read_text("utf-8"))
    act = _solved if asked.pop("do") == "solve" else _installed
    answer.write_text(json.dumps(asyncio.run(_answered(act(**asked)))), "utf-8")


async def _answered(act: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = await act
        return found
    except InvalidMatchSpecError as error:
        return {"fault": UNREADABLE, "said": str(error)}
    except SolverError as error:
        return {"fault": UNSOLVABLE, "said": str(error)}
    except GatewayError as error:
        return {"fault": UNREACHED, "said": str(error)}


async def _solved(channels: Sequence[str], specs: Sequence[str], python: str) -> dict[str, Any]:
    wanted = [_spec(line) for line in specs]
    gateway = Gateway(_cache("repodata"), client=Client.default_client())
    print(f"Asking {len(channels)} channels for {len(specs)} packages.", flush=True)
    pythons = await _pythons(gateway, channels)
    nearest = nearest_version(python, pythons)
    if not nearest:
        listing = ", ".join(pythons[-12:]) or "none"
        return {"fault": NO_PYTHON, "said": f"Python {python} requested; the channels have {listing}."}
    print("Solving.", flush=True)
    records = await _attempted(gateway, channels, wanted, _python_specs(python, nearest))
    return {"lock": _locked(channels, records), **_described(records)}


async def _installed(lock: str, prefix: str) -> dict[str, Any]:
    records = _unlocked(lock)
    size = sum(record.size or 0 for record in records)
    print(f"Installing {len(records)} conda packages ({size / 1e6:.1f} MB).", flush=True)
    try:
        # scripts of packages would run outside the sandbox, with the network
        client = Client.default_client()
        await install(
            records,
            prefix,
            cache_dir=_cache("pkgs"),
            client=client,
            execute_link_scripts=False,
            show_progress=False,
        )
    except Exception as error:  # its classes differ by what failed; the words tell
        return {"fault": UNREACHED, "said": str(error)}
    return {}


async def _attempted(
    gateway: Gateway, channels: Sequence[str], specs: Sequence[MatchSpec], pythons: Sequence[str]
) -> list[RepoDataRecord]:
    """Packages of the first channel that has them, else of any (conda's "flexible"), for each Python in turn.

    Where nothing helps, what was said of the first Python and all channels counts.
    """
    said: SolverError | None = None
    for python in pythons:
        for priority in (ChannelPriority.Strict, ChannelPriority.Disabled):
            try:
                return await solve(
                    list(channels),
                    [MatchSpec(python), *specs],
                    gateway=gateway,
                    virtual_packages=VirtualPackage.detect(),
                    channel_priority=priority,
                    channel_relations="disabled",
                    timeout=_SOLVES_WITHIN,
                )
            except SolverError as error:
                if python == pythons[0]:
                    said = error
    assert said is not None
    raise said


def _python_specs(wish: str, nearest: str) -> list[str]:
    """The nearest Python of the channels; where a bare version was asked for, any other that a box can hold.

    A version with its patch release, and a condition, are met exactly where they can be.
    """
    if not is_loose(wish):
        return [f"python =={nearest}"]
    feature = ".".join(nearest.split(".")[:2])
    exact = [f"python =={nearest}"] if matches_wish(wish, nearest) and wish.count(".") > 1 else []
    return [*exact, f"python {feature}.*", _ANY_PYTHON]


async def _pythons(gateway: Gateway, channels: Sequence[str]) -> list[str]:
    """Versions of Python that the channels have for this platform, the newest last."""
    found = await gateway.query(
        list(channels), _platforms(), ["python"], recursive=False, channel_relations="disabled"
    )
    records = {record.version: str(record.version) for of_channel in found for record in of_channel}
    return [records[version] for version in sorted(records)]


def _spec(line: str) -> MatchSpec:
    channel, mark, rest = line.rpartition("::")
    exact = _EXACT_BUILD.fullmatch(rest)
    if exact is not None:
        rest = f"{exact['name']}={exact['version']}={exact['build']}"
    return MatchSpec(channel + mark + rest)


def _cache(part: str) -> Path | None:
    """Where rattler's tools keep what they fetched; None: its own choice, which does not ask the variable."""
    place = os.environ.get("RATTLER_CACHE_DIR")
    return Path(place, part) if place else None


def _platforms() -> list[Subdir]:
    return [Subdir.current(), Subdir("noarch")]


def _described(records: Sequence[RepoDataRecord]) -> dict[str, Any]:
    python = next(str(record.version) for record in records if record.name.normalized == "python")
    pins = [f"{record.name.normalized}={record.version}={record.build}" for record in records]
    return {"python": python, "pins": sorted(pins)}


def _locked(channels: Sequence[str], records: Sequence[RepoDataRecord]) -> str:
    platform = LockPlatform(str(Subdir.current()))
    lock = LockFile([platform])
    lock.set_channels("default", [LockChannel(address) for address in channels])
    for record in records:
        lock.add_conda_package("default", platform, record)
    with tempfile.NamedTemporaryFile("r", suffix=".lock", encoding="utf-8") as file:
        lock.to_path(Path(file.name))
        return Path(file.name).read_text("utf-8")


def _unlocked(text: str) -> list[RepoDataRecord]:
    with tempfile.NamedTemporaryFile("w", suffix=".lock", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        lock = LockFile.from_path(Path(file.name))
    environment = lock.default_environment()
    records = environment.conda_repodata_records_for_platform(lock.platforms()[0]) if environment else None
    return records or []


if __name__ == "__main__":
    main()
    os._exit(0)  # threads of py-rattler outlive its answers, and Python's own end aborts under them

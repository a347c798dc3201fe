"""A real PostgreSQL of its own for a test session: unix socket and loopback, a folder that goes away."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "skyloom"
_START_S = 30.0


@dataclass(frozen=True)
class PostgresServer:
    """A running server; every test takes a schema of its own in its one database."""

    host: str
    port: int

    def url(self, schema: str = "public") -> str:
        return f"postgresql://{USER}@{self.host}:{self.port}/postgres?options=-csearch_path%3D{schema}"

    def new_schema(self) -> str:
        """The name of a schema that nobody else has."""
        import psycopg  # an optional dependency

        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Started once a session (and worker); skips with the reason where it cannot be."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL (initdb, postgres) is not installed")
    with started_server(programs) as server:
        yield server


@contextlib.contextmanager
def started_server(programs: Path) -> Iterator[PostgresServer]:
    """A server for the length of the block, ended by its process id."""
    identity = _identity()
    folder = Path(tempfile.mkdtemp(prefix="skyloom-pg-", dir="/tmp"))
    process = None
    try:
        if identity is not None:
            os.chown(folder, identity, -1)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True,
            capture_output=True,
            cwd="/",
            user=identity,
        )
        port = _free_port()
        options = {"unix_socket_directories": folder, "listen_addresses": "127.0.0.1", "port": port}
        options |= {"fsync": "off", "max_connections": "60", "shared_buffers": "16MB"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with open(folder.with_suffix(".log"), "wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                user=identity,
            )
        _wait(port, process, folder.with_suffix(".log"))
        yield PostgresServer("127.0.0.1", port)
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".log").unlink(missing_ok=True)


def find_programs() -> Path | None:
    """The folder of the newest installation."""
    installed = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    found = installed[-1] if installed else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _identity() -> int | None:
    """PostgreSQL refuses to run as root, so root steps down for it."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65534


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_S
    import psycopg  # an optional dependency

    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{USER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
            return
        time.sleep(0.05)
    pytest.skip(f"PostgreSQL did not start: {log.read_text(errors='replace')[-500:]}")

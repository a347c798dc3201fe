"""Canaries: files, sockets and processes that a script must not reach, and the map that leads it to them."""

from __future__ import annotations

import csv
import ctypes
import os
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.hostile.processes import process

PREFIX = "CANARY-"
ENVIRONMENT_NAME = "SKYLOOM_HOSTILE_SECRET"
_IPC_CREATE, _IPC_REMOVE = 0o1000, 0
_ADDRESSES = {"tcp_port": (socket.AF_INET, "127.0.0.1"), "tcp6_port": (socket.AF_INET6, "::1")}


def new_secret() -> str:
    return PREFIX + secrets.token_hex(12)


class Listeners:
    """Sockets of the host on which nothing may ever arrive."""

    def __init__(self, folder: Path) -> None:
        self.hits: list[str] = []
        self.abstract = f"skyloom-hostile-{secrets.token_hex(6)}"
        self.path = folder / "canary.sock"
        self.ports: dict[str, int] = {}
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._open()
        threading.Thread(target=self._listen, name="canary-listeners", daemon=True).start()

    def close(self) -> None:
        for key in list((self._selector.get_map() or {}).values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()

    def _open(self) -> None:
        for name, (family, host) in {**_ADDRESSES, "server_port": _ADDRESSES["tcp_port"]}.items():
            self.ports[name] = self._stream(name, family, (host, 0))
        self._stream("unix_path", socket.AF_UNIX, str(self.path))
        os.chmod(self.path, 0o777)
        self._stream("unix_abstract", socket.AF_UNIX, "\0" + self.abstract)
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", 0))
        self.ports["udp_port"] = datagrams.getsockname()[1]
        self._selector.register(datagrams, selectors.EVENT_READ, "udp_port")

    def _stream(self, name: str, family: int, address: object) -> int:
        line = socket.socket(family, socket.SOCK_STREAM)
        line.bind(address)  # type: ignore[arg-type]
        line.listen(64)
        self._selector.register(line, selectors.EVENT_READ, name)
        return int(line.getsockname()[1]) if family != socket.AF_UNIX else 0

    def _listen(self) -> None:
        while True:
            try:
                for key, _ in self._selector.select():
                    self._take(key)
            except (OSError, ValueError):
                return  # closed

    def _take(self, key: selectors.SelectorKey) -> None:
        line = key.fileobj
        assert isinstance(line, socket.socket)
        if line.type == socket.SOCK_DGRAM:
            said = line.recv(100)
        else:
            connection, _ = line.accept()
            connection.settimeout(0.2)
            try:
                said = connection.recv(100)
            except OSError:
                said = b""
            finally:
                connection.close()
        with self._lock:
            self.hits.append(f"{key.data}: {said[:40]!r}")


class Victims:
    """Sleeping processes of the identity that scripts get, with a secret in their environment.

    Where every box has an identity of its own, several sleep: one for each of the first identities.
    """

    def __init__(self, uids: Sequence[int | None], marker: str, secret: str) -> None:
        self._start = [partial(_sleeper, uid, marker, secret) for uid in uids]
        self._running = [start() for start in self._start]

    @property
    def pid(self) -> int:
        return self._running[0].pid

    def mend(self) -> None:
        """Let others sleep in the place of those that were hurt."""
        if self.hurt():
            self.close()
            self._running = [start() for start in self._start]

    def hurt(self) -> list[str]:
        """Those that no longer sleep in peace."""
        states = {victim.pid: process(victim.pid) for victim in self._running}
        return [
            f"victim {pid} is {'gone' if found is None else found.state}"
            for pid, found in states.items()
            if found is None or found.state in "TtZX"
        ]

    def close(self) -> None:
        for victim in self._running:
            victim.send_signal(signal.SIGKILL)
            victim.wait()


@dataclass
class Canaries:
    """Everything a script is led to. ``close`` removes what lies outside ``folder``."""

    folder: Path
    listeners: Listeners
    victims: Victims
    marker: str
    victim_marker: str
    sysv_key: int
    rows: Mapping[str, str]
    private_secrets: tuple[str, ...]  # not in the map: where one is found, somebody read a canary
    _segment: int = field(default=-1)

    @property
    def outside(self) -> Path:
        return Path(self.rows["outside_dir"])

    def mend(self) -> None:
        """Put back what a case has changed, so that the next one is judged for itself."""
        self.outside.chmod(0o777)
        for entry in self.outside.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        self.victims.mend()

    def write_map(self, path: Path) -> None:
        rows = {**self.rows, "victim_pid": str(self.victims.pid)}
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("key", "value"))
            writer.writerows(rows.items())

    def close(self) -> None:
        self.listeners.close()
        self.victims.close()
        shutil.rmtree(Path(self.rows["other_run_dir"]).parent, ignore_errors=True)
        if self._segment >= 0:
            ctypes.CDLL(None).shmctl(self._segment, _IPC_REMOVE, None)


def prepare(folder: Path, home: Path, agent: int, uids: Sequence[int | None], secret: str) -> Canaries:
    """Put every canary in its place. ``secret`` is the one in the agent's environment."""
    folder.mkdir(mode=0o755)
    outside = folder / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    kept = {name: new_secret() for name in ("outside", "private", "key", "run", "victim")}
    _write(folder / "outside.txt", kept["outside"], 0o644)
    _write(folder / "private.txt", kept["private"], 0o600)
    _write(folder / "server.key", kept["key"], 0o600)
    other_run = _finished_run(home, kept["run"])
    marker, victim_marker = f"marker{secrets.token_hex(8)}", f"victim{secrets.token_hex(8)}"
    listeners = Listeners(folder)
    victims = Victims(uids, victim_marker, kept["victim"])
    key, segment = _sysv_segment()
    rows = {
        "outside_dir": str(outside),
        "outside_file": str(folder / "outside.txt"),
        "private_file": str(folder / "private.txt"),
        "other_run_dir": str(other_run),
        "server_db": str(home / "records.sqlite"),
        "server_key": str(folder / "server.key"),
        "env_name": ENVIRONMENT_NAME,
        "token_prefix": PREFIX,
        **{name: str(port) for name, port in listeners.ports.items()},
        "unix_path": str(listeners.path),
        "unix_abstract": listeners.abstract,
        "victim_pid": "",  # whoever sleeps when the map is written
        "server_pid": str(agent),
        "marker": marker,
        "victim_marker": victim_marker,
        "listen_port": str(_free_port()),
        "sysv_key": str(key),
        "server_socket": str(home / "agent" / "agent.sock"),
        "home": str(home),
    }
    found = (*kept.values(), secret)
    return Canaries(folder, listeners, victims, marker, victim_marker, key, rows, found, segment)


def _finished_run(home: Path, secret: str) -> Path:
    """A run as the product lays runs out: RUN/NODE/logs, images."""
    node = home / "runs" / f"00000000-0000-7000-8000-{secrets.token_hex(6)}" / "script"
    (node / "logs").mkdir(parents=True)
    (node / "images").mkdir()
    _write(node / "canary.txt", secret, 0o600)
    _write(node / "logs" / "stdout.txt", secret, 0o600)
    return node


def _write(path: Path, text: str, mode: int) -> None:
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(mode)


def _sleeper(uid: int | None, marker: str, secret: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [f"sleep-{marker}", "86400"],
        executable=shutil.which("sleep"),
        env={ENVIRONMENT_NAME: secret},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
    )


def _sysv_segment() -> tuple[int, int]:
    """A System V segment of the host that everybody may attach."""
    key = 0x5C00_0000 | secrets.randbits(20)
    return key, int(ctypes.CDLL(None).shmget(key, 4096, _IPC_CREATE | 0o666))


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])

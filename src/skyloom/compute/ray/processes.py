"""Processes of Ray on this machine: ``ray start --block`` as children, each with ports of its own.

Nothing is ended by name and ``ray stop``, which ends every Ray of the user, is never called. Everything that
we start carries a mark in its environment; a bridge that was killed takes its children along
(PR_SET_PDEATHSIG), and what is left all the same is found by the mark.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MARK = "SKYLOOM_RAY"  # in the environment of everything of one cluster, of one node: CLUSTER or CLUSTER/NODE
HOST = "127.0.0.2"  # loopback; Ray takes 127.0.0.1 for "any address of this machine"
OBJECT_STORE_BYTES = 80_000_000  # content does not go through Ray; this is its least
_OWN_PORTS = ("object-manager", "node-manager", "runtime-env-agent")
_HELPERS = {  # option of ``ray start`` -> the file in which a raylet waits to read that port
    "dashboard-agent-listen": "dashboard_agent_listen_port",
    "dashboard-agent-grpc": "metrics_agent_port",
    "metrics-export": "metrics_export_port",
}
_NODE_ID = "RAY_OVERRIDE_NODE_ID_FOR_TESTING"
_DIES_WITH_PARENT = (
    "import ctypes, sys; ctypes.CDLL(None).prctl(1, 15); "
    "from ray.scripts.scripts import main; sys.argv[0] = 'ray'; main()"
)
_GONE_WITHIN_S = 10.0


def variables(token: str, mark: str) -> dict[str, str]:
    """The environment of Ray's processes: this one's without what was meant for another Ray, and ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return {
        **kept,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_memory_monitor_refresh_ms": "0",  # limits of memory are the boxes'
        "RAY_health_check_failure_threshold": "20",  # a busy node is not dead; a dead one we see ourselves
        "RAY_agent_register_timeout_ms": "120000",
        MARK: mark,
    }


@dataclass(frozen=True)
class Start:
    """A process to be started."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    ports: Mapping[str, int]


def head_start(
    environment: Mapping[str, str], port: int, folder: str, cores: int = 0, gpus: int = 0
) -> Start:
    """A head; without processors it places nothing on itself."""
    ports, id = _ports(), os.urandom(28).hex()
    words = _words(
        ports, "--head", f"--port={port}", f"--num-cpus={cores}", f"--num-gpus={gpus}",
        "--include-dashboard=false",
        f"--temp-dir={folder}",
    )  # fmt: skip
    return Start(words, {**environment, _NODE_ID: id}, ports)


def has_session(start: Start, folder: str, port: int) -> bool:
    """Whether nodes may join a head that is still coming up; its own helpers' ports are told meanwhile."""
    session = os.path.join(folder, "session_latest")
    if not os.path.isdir(session):
        return False
    _tell_ports(session, start.environment[_NODE_ID], start.ports)
    try:
        with socket.create_connection((HOST, port), 0.5):
            return True
    except OSError:
        return False


def node_start(
    environment: Mapping[str, str],
    address: str,
    folder: str,
    size: tuple[int, int, int],
    resource: str,
    is_low: bool,
) -> Start:
    """A node with the cores, GPUs and bytes of memory of ``size``, and a resource by which it alone is meant.

    One of low priority gives way to everything else on this machine. Each has a folder of its own below the
    head's: nodes that start at one moment would take the same names for their sockets, and one would die.
    """
    ports, id = _ports(), os.urandom(28).hex()
    own = os.path.join(folder, id[:8])  # short, as paths of sockets must be
    session = os.path.join(own, os.path.basename(os.path.realpath(os.path.join(folder, "session_latest"))))
    os.makedirs(session)
    _tell_ports(session, id, ports)
    cores, gpus, memory = size
    words = _words(
        ports, f"--address={address}", f"--num-cpus={cores}", f"--num-gpus={gpus}", f"--memory={memory}",
        f'--resources={{"{resource}": 1}}', f"--temp-dir={own}",
    )  # fmt: skip
    return Start(("nice", "-n", "10", *words) if is_low else words, {**environment, _NODE_ID: id}, ports)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has at this moment."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def marked(mark: str) -> Iterator[int]:
    """Processes of a cluster or node; of a cluster, its nodes' too."""
    exact, below = f"{MARK}={mark}".encode(), f"{MARK}={mark}/".encode()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if any(word == exact or word.startswith(below) for word in words):
            yield int(name)


def end_marked(mark: str, within_s: float = _GONE_WITHIN_S) -> bool:
    """Kill every process of the mark; whether all are gone."""
    until = time.monotonic() + within_s
    while left := list(marked(mark)):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass  # it ended by itself
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def with_mark(environment: Mapping[str, str], mark: str) -> dict[str, str]:
    return {**environment, MARK: mark}


def _ports() -> dict[str, int]:
    names = (*_OWN_PORTS, *_HELPERS)
    return dict(zip(names, free_ports(len(names)), strict=True))


def _tell_ports(session: str, node: str, ports: Mapping[str, int]) -> None:
    """Write the files that a node's helpers write once they are up.

    A raylet waits 15 s for them and gives up, which on a busy machine is too little; and it needs no helper
    for what we ask of it. These names are Ray's own: if they change, a node comes up as slowly as any.
    """
    for option, file in _HELPERS.items():
        with open(os.path.join(session, f"{file}_{node}"), "w", encoding="ascii") as port:
            port.write(str(ports[option]))


def _words(ports: Mapping[str, int], *words: str) -> tuple[str, ...]:
    return (
        sys.executable, "-c", _DIES_WITH_PARENT, "start", "--block", f"--node-ip-address={HOST}", *words,
        *(f"--{name}-port={port}" for name, port in ports.items()),
        f"--object-store-memory={OBJECT_STORE_BYTES}", "--disable-usage-stats",
    )  # fmt: skip

"""Where a workspace lives on this machine, and where its agent listens."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping

from skyloom.core.problem import Problem, ProblemError

LONGEST_SOCKET_PATH = 107  # bytes; what the kernel takes in an address
SHORT_FOLDERS = "/run/user/{uid}", "/tmp"


def workspace_home(environ: Mapping[str, str] = os.environ) -> str:
    """``SKYLOOM_HOME``, or ``skyloom`` in the user's data folder; always absolute.

    >>> workspace_home({"SKYLOOM_HOME": "/srv/loom"})
    '/srv/loom'
    >>> workspace_home({"HOME": "/home/ada", "XDG_DATA_HOME": "/data/ada"})
    '/data/ada/skyloom'
    """
    chosen = environ.get("SKYLOOM_HOME")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):  # a relative one must be ignored; Source: XDG base directory specification
        data = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "skyloom")


class AgentPlace:
    """The files through which clients and the agent of one workspace find each other."""

    def __init__(self, home: str) -> None:
        self.home = os.path.abspath(home)
        self.folder = os.path.join(self.home, "agent")
        self.socket_path = _socket_path(self.folder)
        self.log_path = os.path.join(self.folder, "agent.log")
        self.pid_path = os.path.join(self.folder, "agent.pid")
        self.server_path = os.path.join(self.folder, "server.json")  # where the TCP port is, while it is open
        self.start_lock_path = os.path.join(self.folder, "start.lock")

    def make_folders(self) -> None:
        """Home and agent folders, for the owner alone.

        Raises
        ------
        ProblemError
            A003: a folder that the socket would be in belongs to somebody else; A005: it cannot be made.
        """
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            os.chmod(self.folder, 0o700)
            short = os.path.dirname(self.socket_path)
            if short != self.folder:
                os.makedirs(short, mode=0o700, exist_ok=True)
                _check_owner(os.path.dirname(short))
        except OSError as error:
            raise ProblemError(
                Problem(
                    "A005",
                    f"The workspace folder cannot be used: {error.strerror or error}.",
                    error.filename or self.home,
                    "Set SKYLOOM_HOME to a folder that you may write to.",
                )
            ) from error
        _check_owner(short)

    def check_socket(self) -> None:
        """Talk only to an agent of the same user.

        Raises
        ------
        FileNotFoundError
            No agent listens.
        ProblemError
            A003.
        """
        found = os.lstat(self.socket_path)
        if found.st_uid != os.geteuid() or not stat.S_ISSOCK(found.st_mode):
            raise _foreign(self.socket_path)


def _socket_path(folder: str) -> str:
    path = os.path.join(folder, "agent.sock")
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    uid = os.geteuid()
    roots = (root.format(uid=uid) for root in SHORT_FOLDERS)
    root = next((root for root in roots if os.path.isdir(root)), "/tmp")
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return os.path.join(root, f"skyloom-{uid}", key, "agent.sock")


def _check_owner(folder: str) -> None:
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise _foreign(folder)


def _foreign(path: str) -> ProblemError:
    return ProblemError(
        Problem(
            "A003",
            "The agent's place does not belong to you alone, so Skyloom will not talk to whoever is there.",
            path,
            "Remove it, or set SKYLOOM_HOME to a folder of your own.",
        )
    )

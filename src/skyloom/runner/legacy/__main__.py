"""What an old interpreter is started with inside a box: ``python -s -u .../legacy LINE``.

numpy and pandas are loaded before the task is read, so that a spare box has them already. LINE is the
descriptor of the socket to the agent.
"""

from __future__ import absolute_import, division, print_function

import os
import resource
import signal
import sys
import types

TYPE_CHECKING = False  # Python 2 has no module typing
if TYPE_CHECKING:
    from typing import Any

_PACKAGE = "skyloom_legacy"  # under which these files import each other
_DESCRIPTORS = 1024
_SLACK_FILE_BYTES = 1 << 20
_SLACK_DATA_BYTES = 16 << 20
_SLACK_DATA_SHARE = 16


def main(line):
    # type: (int) -> None
    """Take one task, carry it out, answer; ends the process."""
    folder = os.path.dirname(os.path.abspath(__file__))
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [folder]
    sys.modules[_PACKAGE] = package
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != folder]
    from skyloom_legacy import box, wire  # type: ignore[import-not-found]

    mine = os.getpid()
    leave = os._exit
    kill = os.kill
    try:
        message, descriptors = wire.receive(line)
        set_limits(message.get("limits") or {})
        answer = box.Box(message, descriptors).carry_out()
        if os.getpid() == mine:
            wire.send(line, answer)
            kill(mine, signal.SIGSTOP)  # nothing is left to do but to be killed
    except EOFError:  # the agent has no task for this box
        pass
    finally:
        leave(1)


def set_limits(limits):
    # type: (dict[str, Any]) -> None
    """The limits that a process carries itself (compute/sandbox/limits.py)."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    if limits.get("disk_bytes") is not None:
        _set(resource.RLIMIT_FSIZE, limits["disk_bytes"] + _SLACK_FILE_BYTES)
    if limits.get("processes") is not None:
        _set(resource.RLIMIT_NPROC, limits["processes"])
    if limits.get("data_bytes") is not None:
        slack = max(_SLACK_DATA_BYTES, limits["data_bytes"] // _SLACK_DATA_SHARE)
        _set(resource.RLIMIT_DATA, _data_bytes_now() + limits["data_bytes"] + slack)


def _set(kind, value):
    # type: (int, Any) -> None
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_bytes_now():
    # type: () -> int
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[5]) * resource.getpagesize()
    except (IOError, IndexError, ValueError):
        return 0


if __name__ == "__main__":
    main(int(sys.argv[1]))

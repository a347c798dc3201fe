"""The nursery: a small process of the zygote's house that forks the keepers of boxes.

It is forked from the zygote before that loads the libraries of its environment, so that a keeper, which needs
none of them, costs a tenth of what a fork of the zygote costs. The keeper closes the box around itself, tells
the zygote, and adopts the user process that the zygote then forks (``sandbox/adoption.py``).
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from skyloom.compute import wire
from skyloom.compute.sandbox import keeper, kernel, namespaces
from skyloom.compute.sandbox.enclosure import BoxPlan, House, close_around_keeper

_MOST_BYTES = 1 << 16


class Keeper(NamedTuple):
    """A keeper that is closing its box: its process descriptor, and our end of the line to it."""

    watch: int
    line: socket.socket


class Nursery:
    """The zygote's handle of its nursery. Made while the zygote is still small."""

    def __init__(self, house: House) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        parent = os.getpid()
        if os.fork() == 0:
            self._line.close()
            _serve(house, theirs, parent)
        theirs.close()

    def fork_keeper(self, plan: BoxPlan, task: int, leash: int) -> Keeper:
        """A new keeper; ``task`` is where it tells the agent what went wrong.

        Raises
        ------
        OSError
            The nursery is gone, or it cannot fork.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            try:
                wire.send(self._line, list(plan), [task, leash, theirs.fileno()])
                reply, watches = wire.receive(self._line, _MOST_BYTES)
            except wire.ClosedError as error:
                ours.close()
                raise OSError("the process that makes keepers has ended") from error
        if not watches:
            ours.close()
            raise OSError(str(reply))
        return Keeper(watches[0], ours)


def _serve(house: House, line: socket.socket, parent: int) -> NoReturn:
    try:
        kernel.die_with_parent(parent)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended keepers leave nothing to be waited for
        while True:
            plan, descriptors = wire.receive(line, _MOST_BYTES)
            _fork_keeper(house, BoxPlan(*plan), line, descriptors)
    finally:
        os._exit(1)


def _fork_keeper(house: House, plan: BoxPlan, line: socket.socket, descriptors: list[int]) -> None:
    watches: list[int] = []
    try:
        pid = namespaces.fork_into_new_process_space()
        if pid == 0:
            line.close()
            _be_keeper(house, plan, *descriptors)
        watches.append(kernel.pidfd_open(pid))
        wire.send(line, None, watches)
    except OSError as error:
        wire.send(line, str(error))
    _close((*descriptors, *watches))


def _be_keeper(house: House, plan: BoxPlan, task: int, leash: int, zygote: int) -> NoReturn:
    """Close the box, adopt the user process, keep it."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        with socket.socket(fileno=zygote) as line:
            shm, rules = close_around_keeper(house, plan)
            wire.send(line, None, [shm, rules])
            user, _ = wire.receive(line, _MOST_BYTES)  # from itself, when it is in our spaces
        keeper.become_undumpable()
        _close((task, shm, rules))
        keeper.keep(user, leash, keeper.end_process_space, may_halt=True)
    except wire.ClosedError:
        pass
    except BaseException as error:
        wire.report(task, error)
    finally:
        os._exit(1)


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)

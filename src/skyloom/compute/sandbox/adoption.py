"""Giving a fork of this process to a parent elsewhere.

The user process of a box needs the memory of the zygote (libraries that are loaded) and the keeper as its
parent, and the keeper is to be small: forking and ending a large process costs milliseconds. So the zygote
forks the user process and the keeper adopts it.

The kernel gives the children of a process that ends to number 1 of the process space that it lived in. A
go-between is therefore made inside the keeper's process space: it shares our memory, so nothing is copied for
it, forks the user process and ends.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
from typing import Any, Callable, List

from skyloom.compute.sandbox import kernel, namespaces

_SHARE_MEMORY, _WAIT_FOR_IT = 0x100, 0x4000  # CLONE_VM, CLONE_VFORK
_USUAL_STACK_BYTES = 8 << 20
_GUARD_BYTES = 1 << 16
_FRAME_BYTES = 64  # above the first frame, kept aligned

_Entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_LIBC = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter lock: the go-between runs as this thread
_LIBC.mmap.restype = ctypes.c_void_p


class Births:
    """Forks children for other parents.

    Go-betweens and children run on a stack of their own, as large as that of a program, and guarded. Every
    child has its own copy, as it has of all our memory. It is never given back: a child lives on it, and may
    well lose every Python object of ours.
    """

    def __init__(self) -> None:
        allowed = resource.getrlimit(resource.RLIMIT_STACK)[0]
        size = _USUAL_STACK_BYTES if allowed == resource.RLIM_INFINITY else max(allowed, _USUAL_STACK_BYTES)
        whole = ctypes.c_size_t(size + _GUARD_BYTES)
        bottom = _LIBC.mmap(
            None, whole, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0
        )
        if bottom == ctypes.c_void_p(-1).value:
            raise OSError(ctypes.get_errno(), "no room for a stack")
        _LIBC.mprotect(ctypes.c_void_p(bottom), ctypes.c_size_t(_GUARD_BYTES), 0)
        self._top = bottom + whole.value - _FRAME_BYTES

    def fork_for(self, keeper: int, live: Callable[[], None]) -> None:
        """Fork; the child calls ``live``, which must not return, as a child of the keeper.

        Parameters
        ----------
        keeper
            Process descriptor of number 1 of a process space that belongs to our user namespace.

        Raises
        ------
        OSError
            The keeper is gone, or the kernel has no room for another process.
        """
        own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        try:
            kernel.call("setns", keeper, namespaces.PID)
            try:
                self._fork_through_go_between(live)
            finally:
                kernel.call("setns", own, namespaces.PID)
        finally:
            os.close(own)

    def _fork_through_go_between(self, live: Callable[[], None]) -> None:
        failed: List[OSError] = []

        def fork(_: Any) -> int:
            # as the go-between: what it does happens in our memory, so it has to come back from here
            try:
                child = os.fork()
            except OSError as error:
                failed.append(error)
                return 1
            if child == 0:
                live()
                os._exit(1)
            return 0

        entry = _Entry(fork)
        flags = _SHARE_MEMORY | _WAIT_FOR_IT | signal.SIGCHLD
        if _LIBC.clone(entry, ctypes.c_void_p(self._top), ctypes.c_int(flags), None) < 0:
            number = ctypes.get_errno()
            raise OSError(number, "clone: " + os.strerror(number))
        if failed:
            raise failed[0]

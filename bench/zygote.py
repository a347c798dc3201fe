"""The floor of a fresh process that runs a script: `python -m bench.zygote DESCRIPTOR ahead|on-demand`.

pandas is loaded once; every request is carried out by a process that was forked for it alone, in its own
network, mount, IPC and host name spaces. `ahead`: that process waits already, and has run the toy script
once, when the request comes. Nothing is kept, limited, filtered or recorded: that is why it is a floor.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import socket
import struct
import sys

TOY_SCRIPT = """\
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    out = dataframe1.copy()
    out["c"] = out["a"] * 2
    return out,
"""
TOY_ROWS = 10
_NEW_SPACES = 0x00020000 | 0x08000000 | 0x04000000 | 0x40000000  # mount, IPC, host name, network
_NEW_USER = 0x10000000
_LENGTH = struct.Struct("<Q")


def send(line: socket.socket, content: bytes) -> None:
    line.sendall(_LENGTH.pack(len(content)) + content)


def receive(line: socket.socket) -> bytes:
    """One message; EOFError when the other end is gone."""
    return _exactly(line, _LENGTH.unpack(_exactly(line, _LENGTH.size))[0])


def _exactly(line: socket.socket, count: int) -> bytes:
    content = bytearray()
    while len(content) < count:
        piece = line.recv(count - len(content))
        if not piece:
            raise EOFError
        content += piece
    return bytes(content)


def _serve(line: socket.socket, is_ahead: bool) -> None:
    """Fork for every request, one process at a time, until the other end closes."""
    import pandas  # the floor is about a process that has it already

    toy = pickle.dumps((TOY_SCRIPT, pandas.DataFrame({"a": range(TOY_ROWS), "s": ["x"] * TOY_ROWS})))
    _answer(toy)
    gc.collect()
    gc.freeze()
    line.sendall(b"R")
    while True:
        request = None if is_ahead else _next(line)
        child = os.fork()
        if child == 0:
            os._exit(_carry_out(line, request, toy))
        if os.waitpid(child, 0)[1] != 0:
            return


def _next(line: socket.socket) -> bytes:
    try:
        return receive(line)
    except EOFError:
        os._exit(0)


def _carry_out(line: socket.socket, request: bytes | None, toy: bytes) -> int:
    """In the child. Exit code 1: there is nobody left to answer."""
    _leave_spaces()
    if request is None:
        _answer(toy)
        try:
            request = receive(line)
        except EOFError:
            return 1
    send(line, _answer(request))
    return 0


def _leave_spaces() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _NEW_SPACES | (0 if os.geteuid() == 0 else _NEW_USER)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def _answer(request: bytes) -> bytes:
    source, frame = pickle.loads(request)
    names: dict[str, object] = {}
    exec(compile(source, "script.py", "exec"), names)
    main = names["azureml_main"]
    assert callable(main)
    return pickle.dumps(main(frame), protocol=5)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2] == "ahead")

"""A language server that says back what it is told, as a plain child process."""

from __future__ import annotations

import socket
import subprocess
import sys

from skyloom.compute.watch import Exceeded
from skyloom.core.language import LanguageWish

_ECHO = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer.raw, sys.stdout.buffer.raw)"


class EchoServer:
    """Implements workspace.languages.Running."""

    folder = "/work"
    compatibility = False

    def __init__(self, wish: LanguageWish) -> None:
        self.wish = wish
        self.line, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", "-c", _ECHO]
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=theirs.fileno())

    def exceeded(self) -> Exceeded | None:
        return None

    def end(self) -> None:
        self.line.close()
        self._process.kill()
        self._process.wait()

"""Files of a step run by their old names: what it kept, and its logs. Source: sdk.md 11, Process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from skyloom.core.artifact import Artifact
from skyloom.core.run import NodeRun
from skyloom.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from skyloom.client.pipelines import PipelineWorkspace

OLD_DRIVER_LOG = "azureml-logs/70_driver_log.txt"
NEW_DRIVER_LOG = "user_logs/std_log.txt"
STDOUT_LOG = "logs/azureml/stdoutlogs.txt"
STDERR_LOG = "logs/azureml/stderrlogs.txt"
JOB_LOG = "logs/azureml/executionlogs.txt"
BUILD_LOG = "azureml-logs/20_image_build_log.txt"
LOGS = (OLD_DRIVER_LOG, NEW_DRIVER_LOG, STDOUT_LOG, STDERR_LOG, JOB_LOG)


class RunFiles:
    """The files of one node run."""

    def __init__(self, api: PipelineWorkspace, node: NodeRun) -> None:
        self._api = api
        self._node = node

    def kept(self) -> dict[str, Artifact]:
        """What the step uploaded or left in outputs/ and logs/, by name."""
        return {artifact.name: artifact for artifact in self._node.others if artifact.role != "output"}

    def names(self) -> list[str]:
        """Names of everything that can be downloaded."""
        return [*LOGS, *sorted(self.kept())]

    def log(self, name: str) -> str:
        """Text of a log by its old name; nothing for one that has not begun."""
        if name == STDERR_LOG:
            return self._stream("stderr")
        if name == STDOUT_LOG:
            return self._stream("stdout")
        if name in (JOB_LOG, BUILD_LOG):
            return self._stream("environment")
        return in_order(self._bytes("order"), self._bytes("stdout"), self._bytes("stderr"))

    def download(self, name: str, target: str) -> None:
        """Write one file to a path; folders are made.

        Raises
        ------
        UserErrorException
            There is no such file.
        """
        artifact = self.kept().get(name)
        if artifact is None and name not in (*LOGS, BUILD_LOG):
            have = ", ".join(self.names()[:20])
            raise UserErrorException(f"File with path {name} was not found, available files include: {have}.")
        os.makedirs(os.path.dirname(os.path.abspath(target)), exist_ok=True)
        if artifact is not None:
            shutil.copyfile(self._api.download(artifact, "raw"), target)
            os.chmod(target, 0o644)
        else:
            with open(target, "w", encoding="utf-8") as file:
                file.write(self.log(name))

    def _stream(self, stream: str) -> str:
        return self._bytes(stream).decode("utf-8", "replace")

    def _bytes(self, stream: str) -> bytes:
        return b"".join(self._pieces(stream))

    def _pieces(self, stream: str) -> Iterator[bytes]:
        offset = 0
        while piece := self._api.log(self._node.run, self._node.node, stream, offset):
            yield piece
            offset += len(piece)


def in_order(order: bytes, out: bytes, err: bytes) -> str:
    r"""Both streams as they arrived: ``order`` has a line for each piece, its stream and how long it is.

    >>> in_order(b"stdout 2\nstderr 2\n", b"a\nc\n", b"b\n")
    'a\nb\nc\n'
    """
    rest = {"stdout": out, "stderr": err}
    pieces: list[bytes] = []
    for line in order.decode("ascii", "replace").splitlines():
        name, _, count = line.partition(" ")
        if name in rest and count.isdecimal():
            pieces.append(rest[name][: int(count)])
            rest[name] = rest[name][int(count) :]
    return b"".join([*pieces, rest["stdout"], rest["stderr"]]).decode("utf-8", "replace")

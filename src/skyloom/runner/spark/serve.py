"""The cluster's process: has the Java machine, forks a process for each step, tells the agent how each ended.

A step's process has the libraries loaded already, its own interpreter state, and the cluster's SparkContext,
which outlives it. Messages of the agent: ``run`` (with the step's two streams), ``cancel``, ``forget``.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
from typing import Any, Callable, Dict, List, Mapping, Tuple

from skyloom.runner.spark.jvm import Jvm, NoClusterError, conf_of

Send = Callable[..., None]
Receive = Callable[[socket.socket, int], Tuple[Any, List[int]]]

MOST_BYTES = 1 << 26
_TICK_S = 0.5  # how soon an end of the Java machine is noticed


def serve_cluster(
    connection: socket.socket, message: Mapping[str, Any], send: Send, receive: Receive
) -> None:
    """Until the agent goes away or the Java machine ends."""
    settings: Mapping[str, Any] = message["cluster"]
    work: str = message["work"]
    os.environ.update({str(name): str(value) for name, value in settings.get("variables", {}).items()})
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", SPARK_LOCAL_HOSTNAME="localhost")
    try:
        jvm = Jvm(conf_of(settings, work), str(settings["memory"]), os.path.join(work, ".spark"))
    except NoClusterError as error:
        send(connection, {"event": "failed", "why": str(error)})
        return
    except ImportError as error:
        send(connection, {"event": "failed", "why": f"The step's environment has no pyspark ({error})."})
        return
    send(connection, {"event": "ready", "spark": jvm.version})
    _Cluster(connection, jvm, work, send, receive).serve()


class _Cluster:
    def __init__(self, connection: socket.socket, jvm: Jvm, work: str, send: Send, receive: Receive) -> None:
        self._connection = connection
        self._jvm = jvm
        self._work = work
        self._send = send
        self._receive = receive
        self._steps: Dict[int, Tuple[str, int]] = {}  # process descriptor -> step, process

    def serve(self) -> None:
        while True:
            ready = select.select([self._connection.fileno(), *self._steps], [], [], _TICK_S)[0]
            for line in ready:
                if line in self._steps:
                    self._end(line)
            if self._connection.fileno() in ready:
                try:
                    message, descriptors = self._receive(self._connection, MOST_BYTES)
                except Exception:  # the agent is gone; its end of the box's leash ends us as well
                    return
                self._obey(message, descriptors)
            if self._jvm.process.poll() is not None:
                self._tell({"event": "lost", "why": f"Java ended with code {self._jvm.process.returncode}."})
                return

    def _obey(self, message: Mapping[str, Any], descriptors: List[int]) -> None:
        if message["want"] == "run":
            self._run(message, descriptors)
        elif message["want"] == "cancel":
            for step, pid in self._steps.values():
                if step == message["step"]:
                    _kill(pid)
        elif message["want"] == "forget":
            shutil.rmtree(os.path.join(self._work, message["step"]), ignore_errors=True)

    def _run(self, message: Mapping[str, Any], descriptors: List[int]) -> None:
        step: str = message["step"]
        if not self._jvm.is_up():
            for descriptor in descriptors:
                os.close(descriptor)
            self._tell({"event": "lost", "why": "Its SparkContext was stopped."})
            os._exit(1)
        pid = os.fork()
        if pid == 0:
            self._be_step(message, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._steps[os.pidfd_open(pid)] = (step, pid)

    def _be_step(self, message: Mapping[str, Any], descriptors: List[int]) -> None:
        """Never returns."""
        code = 1
        try:
            os.setsid()
            self._connection.close()
            for line in self._steps:
                os.close(line)
            for target, descriptor in zip((1, 2), descriptors):
                os.dup2(descriptor, target)
                os.close(descriptor)
            from skyloom.runner.spark.step import carry_out  # with all that a step alone needs

            code = carry_out(message, os.path.join(self._work, message["step"]))
        finally:
            os._exit(code)

    def _end(self, line: int) -> None:
        step, pid = self._steps.pop(line)
        os.close(line)
        status = os.waitpid(pid, 0)[1]
        _kill(pid)  # what it left of its own process group
        try:
            self._jvm.cancel(step)
        except Exception as error:  # the Java machine is going down: noticed by the next look
            os.write(2, f"The Spark jobs of {step} could not be ended: {error}\n".encode())
        self._tell({"event": "ended", "step": step, "code": os.waitstatus_to_exitcode(status)})

    def _tell(self, event: Mapping[str, Any]) -> None:
        self._send(self._connection, event)


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass

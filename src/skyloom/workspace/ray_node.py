"""A node of a Ray cluster: boxes of its own, for tasks that the agent sends. It is an actor, one a node.

Ray places it and calls it; a task's environment, its box, its limits are ours. Where it sees the workspace's
files it works on them, like the agent itself; elsewhere content comes and goes through an exchange
(parcel.py).
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import platform
import queue
import socket
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from skyloom.compute.current_environment import current_interpreter
from skyloom.compute.environments import Environments
from skyloom.compute.folders import remove_tree
from skyloom.compute.instance import remove_dead_roots
from skyloom.compute.interpreter import Interpreter
from skyloom.compute.local import LocalCompute
from skyloom.compute.ray import parcel
from skyloom.core.datastore import Datastore
from skyloom.core.environment import CURRENT, Environment
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json
from skyloom.core.task import Outcome, Reason, Task
from skyloom.stores.web_address import AllowedHosts
from skyloom.workspace.exchange import exchange_of

CLASS = "skyloom.workspace.ray_node:RayNode"
_NODES = "/var/tmp"  # where a node that does not see the workspace's files works
_PREFIX = "skyloom-node-"
GPUS = "CUDA_VISIBLE_DEVICES"  # Ray sets it for the actor, to those that the node was given


class RayNode:
    """Made by Ray on the node; ``hello`` makes it ready. Every method may be called from any thread.

    Parameters
    ----------
    config
        See ``workspace/compute_pools.py``.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._closed = threading.Event()
        self._canceled: dict[str, threading.Event] = {}
        self._consoles: dict[str, queue.SimpleQueue[tuple[str, str] | None]] = {}
        self._contents: parcel.Contents | None = None

    def hello(self) -> dict[str, Json]:
        """Make boxes ready, and tell what this node is; or a ``fault``, why it can be none."""
        try:
            return self._become_ready()
        except (ProblemError, OSError) as error:
            return {"fault": str(error)}

    def _become_ready(self) -> dict[str, Json]:
        """Find out whether the workspace's files are seen, and have boxes and environments accordingly.

        Raises
        ------
        ProblemError
            C144: it sees neither them nor an exchange; C001: no level of isolation is good enough.
        """
        config = self._config
        if not config["exchange"] and self._sees_workspace():
            self._work = config["work_root"]
            output = config["output_folder"]
            self._environments = Environments(Path(config["home"]), folder=Path(config["environments"]))
        else:
            if not config["exchange"]:
                raise ProblemError(_sees_nothing())
            remove_dead_roots(_NODES, _PREFIX)
            self._work = tempfile.mkdtemp(prefix=_PREFIX, dir=_NODES)
            os.chmod(self._work, 0o711)
            output = self._work + "/outputs"
            os.mkdir(output)
            kept = Path(config["cache"] or "/var/tmp/skyloom-nodes")
            self._environments = Environments(kept)
            self._contents = parcel.Contents(_exchange(config["exchange"]), kept / "content")
        self._compute = LocalCompute(self._work, output, weakest=config["weakest"], spares=config["spares"])
        level = self._compute.proven().best
        threading.Thread(target=self._warm, daemon=True).start()
        return {
            "pid": os.getpid(),
            "ip": _own_address(),
            "host": socket.gethostname(),
            "python": platform.python_version(),
            "isolation": level,
            "sees_workspace": self._contents is None,
            "gpus": os.environ.get(GPUS, ""),
            "descriptors": len(os.listdir("/proc/self/fd")),
        }

    def stay(self) -> None:
        """Returns when the node is closed; a node that is lost never answers."""
        self._closed.wait()

    def execute(self, call: str, text: str) -> dict[str, Json]:
        """Carry out a packed task; its packed outcome."""
        message = json.loads(text)
        canceled = self._canceled.setdefault(call, threading.Event())
        console = self._consoles.setdefault(call, queue.SimpleQueue())
        try:
            return self._answer(call, message, canceled, console)
        except ProblemError as error:
            return {"outcome": parcel.outcome_to_json(Outcome(Reason.REJECTED, error.problem))}
        except (OSError, ValueError) as error:
            return {"outcome": parcel.outcome_to_json(Outcome(Reason.REJECTED, _failed(error)))}
        finally:
            console.put(None)
            self._canceled.pop(call, None)
            if not message["follows"]:
                self._consoles.pop(call, None)  # nobody will

    def _answer(
        self,
        call: str,
        message: Mapping[str, Any],
        canceled: threading.Event,
        console: queue.SimpleQueue[tuple[str, str] | None],
    ) -> dict[str, Json]:
        """Carry out; here, or with content that comes and goes."""
        task = self._with_gpus(parcel.task_from_json(message["task"]))
        if self._contents is None:
            outcome = self._carry_out(task, message, canceled, console)
            return {"outcome": parcel.outcome_to_json(parcel.named_outputs(outcome, task.folder))}
        folder = os.path.join(self._work, "task-" + call)
        os.mkdir(folder)
        try:
            task = parcel.received(task, self._contents, folder)
            outcome = parcel.named_outputs(self._carry_out(task, message, canceled, console), folder)
            return parcel.sent_folder(folder, outcome, self._contents)
        finally:
            remove_tree(folder)

    def follow(self, call: str) -> list[tuple[str, str]] | None:
        """What the task's streams say (base64), as soon as there is some; None: it ended."""
        console = self._consoles.setdefault(call, queue.SimpleQueue())
        pieces = [console.get()]
        while pieces[-1] is not None and not console.empty():
            pieces.append(console.get())
        told = [piece for piece in pieces if piece is not None]
        if told:
            if pieces[-1] is None:
                console.put(None)  # for the next look
            return told
        self._consoles.pop(call, None)
        return None

    def cancel(self, call: str) -> None:
        self._canceled.setdefault(call, threading.Event()).set()

    def close(self) -> None:
        """End every box and remove what this node has on its machine."""
        self._compute.close()
        remove_tree(self._work)
        self._closed.set()

    def _carry_out(
        self,
        task: Task,
        message: Mapping[str, Any],
        canceled: threading.Event,
        console: queue.SimpleQueue[tuple[str, str] | None],
    ) -> Outcome:
        def hear(stream: str, content: bytes) -> None:
            console.put((stream, base64.b64encode(content).decode()))

        interpreter = self._interpreter(message)
        return self._compute.execute(
            task, interpreter, canceled=canceled, on_console=hear if message["follows"] else None
        )

    def _interpreter(self, message: Mapping[str, Any]) -> Interpreter:
        """The task's environment here: the agent's own folder of it, or one that is built on this node."""
        if self._contents is None:
            return from_json(Interpreter, message["interpreter"])
        wish = from_json(Environment, message["environment"])
        if wish.name == CURRENT:
            return current_interpreter()
        return self._environments.ready(wish, lambda line: None)

    def _with_gpus(self, task: Task) -> Task:
        """A step is told which GPUs its node was given."""
        if task.command is None or not os.environ.get(GPUS):
            return task
        variables = {**task.command.variables, GPUS: os.environ[GPUS]}
        return replace(task, command=replace(task.command, variables=variables))

    def _sees_workspace(self) -> bool:
        path, word = self._config["probe"]
        try:
            with open(path, encoding="ascii") as file:
                return bool(file.read() == word) and os.access(self._config["home"], os.W_OK)
        except OSError:
            return False

    def _warm(self) -> None:
        """Most steps start in the environment that is here anyway."""
        self._compute.warm(current_interpreter())


def _sees_nothing() -> Problem:
    return Problem(
        "C144",
        "This node does not see the workspace's files, and the compute target names no exchange.",
        socket.gethostname(),
        "Name a datastore that every machine reaches as exchange of the compute target.",
    )


def _failed(error: Exception) -> Problem:
    what = f"The node could not have what the task needs, or keep what it made: {error}."
    return Problem("C143", what, socket.gethostname(), "Look at the node's disk and at the exchange.")


def _exchange(told: Mapping[str, Any]) -> parcel.Exchange:
    allowed = AllowedHosts(frozenset(told["allowed"]))
    return exchange_of(from_json(Datastore, told["store"]), told["secrets"], allowed)


def _own_address() -> str:
    return str(importlib.import_module("ray").util.get_node_ip_address())  # on a node it is loaded

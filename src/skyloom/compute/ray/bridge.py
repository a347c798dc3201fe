"""The bridge: the one process that speaks with a Ray cluster, for one pool. The agent never loads Ray.

``python -m skyloom.compute.ray.bridge DESCRIPTOR``: requests and answers are JSON, a line each. A request
has an ``id``, the word ``do`` and what that needs; its answer the same id and ``given`` or ``fault``. What
happens by itself is told as an ``event``. When the agent's end closes, nodes and head end, and then the
bridge.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from typing import Any

from skyloom.compute.instance import remove_boxes
from skyloom.compute.ray import processes

MOST_LINE_BYTES = 1 << 28
_STARTS = 3  # of a head or a node that does not come up
_STARTED = "Ray runtime started"
_LEAVES_WITHIN_S = 5.0
_KNOWN_WITHIN_S = 15.0  # until Ray, too, knows that a node is gone
_CALLS = 64  # that a node carries out or answers at a time
_RAYS_LINE = re.compile(r"\d{4}-\d\d-\d\d \S+\s+[A-Z]+ \S+ -- (.*)")


class Fault(Exception):
    """Why a request cannot be carried out, for people."""


class LostFault(Fault):
    """A node went away before it could say anything; another try may fare better."""


@dataclass
class Node:
    """A node: the actor that carries out tasks, and of our own nodes the process that it lives under."""

    name: str
    lost: asyncio.Future[str]  # why, when it is
    work_root: str = ""  # below which its boxes are, where they are on this machine
    process: Process | None = None
    actor: Any = None
    is_up: bool = False
    is_leaving: bool = False
    watchers: list[asyncio.Task[None]] = field(default_factory=list)


class Bridge:
    """One cluster, opened by the first request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._nodes: dict[str, Node] = {}
        loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = loop.create_future()
        self._takes_nodes: asyncio.Future[None] = loop.create_future()  # their processes may start
        self._ray: Any = None  # loaded while the head comes up
        self._tasks: set[asyncio.Task[None]] = set()
        self._head: Process | None = None
        self._is_own = True  # else it was started elsewhere
        self._is_ending = False
        self._mark = self._folder = self._address = ""
        self._environment: dict[str, str] = {}

    async def serve(self) -> None:
        """Until the agent goes away, or the head does."""
        try:
            while line := await self._reader.readline():
                task = asyncio.create_task(self._answer(json.loads(line)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            await self._end()

    async def _answer(self, request: dict[str, Any]) -> None:
        try:
            action = getattr(self, "_do_" + str(request["do"]))
            given = await action(**request["with"])
            self._tell({"id": request["id"], "given": given})
        except Fault as error:
            self._tell({"id": request["id"], "fault": str(error)})
        except Exception as error:  # whatever Ray raises
            self._tell({"id": request["id"], "fault": f"{type(error).__name__}: {_first_lines(error)}"})

    def _tell(self, message: dict[str, Any]) -> None:
        self._writer.write(json.dumps(message).encode() + b"\n")

    # -- the cluster ---------------------------------------------------------------------------------------

    async def _do_open(self, mark: str, address: str) -> dict[str, Any]:
        """Start a head of our own, or connect to the cluster at an address."""
        self._mark, self._address, self._is_own = mark, address, not address
        try:
            await (self._connect() if address else self._start_head())
        except BaseException as error:
            for waited in (self._opened, self._takes_nodes):
                if not waited.done():
                    waited.set_exception(Fault(str(error)))
                    waited.exception()  # told with this answer; nodes that wait are told, too
            raise
        self._opened.set_result(None)
        return {"address": self._address}

    async def _connect(self) -> None:
        self._takes_nodes.set_result(None)
        self._ray = importlib.import_module("ray")
        try:
            self._ray.init(
                address=self._address, namespace="skyloom", log_to_driver=False, configure_logging=False
            )
        except Exception as error:
            raise Fault(
                f"the cluster at {self._address} does not let us in ({_first_lines(error)})"
            ) from error

    async def _start_head(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="skyloom-ray-", dir="/tmp")  # sockets have short paths only
        self._environment = processes.variables(os.environ["RAY_AUTH_TOKEN"], self._mark)
        self._tell({"event": "folder", "folder": self._folder})
        self._head = await self._head_that_stays()
        self._ray.init(
            address=self._address, namespace="skyloom", log_to_driver=False, configure_logging=False,
            _node_ip_address=processes.HOST,
        )  # fmt: skip
        self._watch(self._head.wait(), lambda _: self._writer.close())

    async def _head_that_stays(self) -> Process:
        """A head that is up; on a busy machine it is tried more than once."""
        for _ in range(_STARTS):
            (port,) = processes.free_ports(1)
            self._address = f"{processes.HOST}:{port}"
            start = processes.head_start(self._environment, port, self._folder)
            head = await self._started(start, "head", self._mark)
            self._ray = importlib.import_module("ray")  # here: in a thread of its own it waits for ever
            while head.returncode is None:
                if not self._takes_nodes.done() and processes.has_session(start, self._folder, port):
                    self._takes_nodes.set_result(None)
                if _STARTED in self._log_of("head"):
                    return head
                await asyncio.sleep(0.05)
        raise Fault(f"the head ended with code {head.returncode}: {self._last_word('head')}")

    async def _node_process(self, node: Node, size: tuple[int, int, int], is_low: bool) -> Process:
        """The same for a node, once; Ray gives it half a minute."""
        start = processes.node_start(self._environment, self._address, self._folder, size, node.name, is_low)
        process = await self._started(start, node.name, f"{self._mark}/{node.name}")
        while process.returncode is None:
            if _STARTED in self._log_of(node.name):
                return process
            await asyncio.sleep(0.05)
        raise LostFault(f"it ended with code {process.returncode}: {self._last_word(node.name)}")

    async def _started(self, start: processes.Start, name: str, mark: str) -> Process:
        with open(os.path.join(self._folder, f"{name}.log"), "wb") as log:
            return await asyncio.create_subprocess_exec(
                *start.words, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, env=processes.with_mark(start.environment, mark),
            )  # fmt: skip

    def _log_of(self, name: str) -> str:
        with contextlib.suppress(OSError), open(os.path.join(self._folder, f"{name}.log"), "rb") as file:
            return file.read()[-4000:].decode("utf-8", "replace").strip()
        return ""

    def _last_word(self, name: str) -> str:
        return last_words(self._log_of(name))

    def _watch(self, awaited: Any, then: Any) -> asyncio.Task[None]:
        async def wait() -> None:
            then(await awaited)

        task = asyncio.create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- nodes -----------------------------------------------------------------------------------------------

    async def _do_add(
        self, node: str, cores: int, gpus: int, memory_bytes: int, is_low: bool, does: str, config: Any
    ) -> Any:
        """Have one more node; what it says of itself. ``does`` names the class of its actor."""
        await asyncio.shield(self._takes_nodes)
        for left in reversed(range(_STARTS if self._is_own else 1)):
            lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            one = self._nodes[node] = Node(node, lost, str(config.get("work_root", "")))
            try:
                return await self._come_up(one, (cores, gpus, memory_bytes), is_low, does, config)
            except BaseException as error:
                was_let_go = one.is_leaving or self._is_ending
                if isinstance(error, LostFault):
                    self._keep_log_of(node)
                await self._do_remove(node)
                if not left or was_let_go or not isinstance(error, LostFault):
                    raise
        raise AssertionError("a node came up or why it did not was raised")

    async def _come_up(
        self, one: Node, size: tuple[int, int, int], is_low: bool, does: str, config: Any
    ) -> Any:
        """Start a node and let it say what it is; a LostFault where it went away meanwhile."""
        cores, gpus, memory_bytes = size
        placed: dict[str, Any] = {"scheduling_strategy": "SPREAD", "memory": memory_bytes // 2}
        if self._is_own:
            one.process = await self._node_process(one, size, is_low)
            one.watchers.append(self._watch(one.process.wait(), lambda _: self._is_lost(one, "it ended")))
            placed = {"resources": {one.name: 1}}
        await self._unless_lost(one, asyncio.shield(self._opened))
        file, _, name = does.partition(":")
        kind = self._ray.remote(getattr(importlib.import_module(file), name))
        one.actor = kind.options(
            num_cpus=cores, num_gpus=gpus, max_concurrency=_CALLS, max_restarts=0, **placed
        ).remote(config)
        try:
            said = await self._unless_lost(one, one.actor.hello.remote())
        except self._ray.exceptions.RayActorError as error:
            raise LostFault(_first_lines(error)) from error
        if "fault" in said:
            raise Fault(str(said["fault"]))
        one.is_up = True
        one.watchers.append(self._watch(self._stay(one), lambda why: self._is_lost(one, why)))
        return said

    def _keep_log_of(self, node: str) -> None:
        """Put what a lost node said into our own log, which outlives the cluster's folder."""
        print(f"{node} was lost while it started:\n{self._log_of(node)}", file=sys.stderr, flush=True)

    async def _stay(self, node: Node) -> str:
        """Until the actor is no more."""
        try:
            await node.actor.stay.remote()
        except Exception as error:
            return _first_lines(error)
        return "it was closed"

    async def _unless_lost(self, node: Node, awaitable: Any) -> Any:
        """What the node gives; a fault as soon as it is gone, which Ray may take some time to see."""
        call = asyncio.ensure_future(awaitable)
        await asyncio.wait({call, node.lost}, return_when=asyncio.FIRST_COMPLETED)
        if not call.done():
            call.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise LostFault(f"{node.lost.result()}: {self._last_word(node.name)}".strip())
        return call.result()

    def _is_lost(self, node: Node, why: str) -> None:
        """Everything of it is ended before anybody is told: what it was at can be begun anew."""
        if node.lost.done():
            return
        if node.process is not None:
            processes.end_marked(f"{self._mark}/{node.name}")
            remove_boxes(node.work_root)
        node.lost.set_result(why)
        if node.is_up and not node.is_leaving and node.name in self._nodes:
            self._tell({"event": "lost", "node": node.name, "why": why})

    async def _do_remove(self, node: str) -> None:
        """Let a node go: what it has on its machine is removed, then its processes end."""
        one = self._nodes.pop(node, None)
        if one is None:
            return
        one.is_leaving = True
        if one.actor is not None and not one.lost.done():
            with contextlib.suppress(Exception):
                await asyncio.wait_for(_value(one.actor.close.remote()), _LEAVES_WITHIN_S)
            with contextlib.suppress(Exception):
                self._ray.kill(one.actor)
        if one.process is not None and one.process.returncode is None:
            if not self._is_ending:  # Ray, too, is told
                one.process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(one.process.wait(), _LEAVES_WITHIN_S)
            await asyncio.to_thread(processes.end_marked, f"{self._mark}/{node}")
            await asyncio.to_thread(remove_boxes, one.work_root)
        if not one.lost.done():
            one.lost.set_result("it left")

    # -- tasks ---------------------------------------------------------------------------------------------

    async def _do_execute(self, node: str, call: str, task: str, follows: bool) -> Any:
        """Carry a task out; its outcome, or that the node was lost."""
        one = self._nodes.get(node)
        if one is None:
            return {"lost": "it is gone"}
        reference = one.actor.execute.remote(call, task)
        console = asyncio.create_task(self._follow(one, call)) if follows else None
        done = asyncio.ensure_future(_value(reference))
        await asyncio.wait({done, one.lost}, return_when=asyncio.FIRST_COMPLETED)
        if done.done() and isinstance(done.exception(), self._ray.exceptions.RayActorError):
            await asyncio.wait({one.lost}, timeout=_KNOWN_WITHIN_S)
            self._is_lost(one, "it does not answer")
        if one.lost.done() and (not done.done() or done.exception()):
            done.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            return {"lost": one.lost.result()}
        if console is not None:
            await console
        return {"outcome": done.result()}

    async def _follow(self, node: Node, call: str) -> None:
        """Pass on what the task's streams say until it has ended."""
        with contextlib.suppress(Exception):
            while (pieces := await node.actor.follow.remote(call)) is not None:
                for stream, content in pieces:
                    self._tell({"event": "console", "call": call, "stream": stream, "content": content})

    async def _do_cancel(self, node: str, call: str) -> None:
        one = self._nodes.get(node)
        if one is not None and not one.lost.done():
            one.actor.cancel.remote(call)

    # -- the end -------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        self._is_ending = True
        await asyncio.gather(*(self._do_remove(node) for node in list(self._nodes)), return_exceptions=True)
        with contextlib.suppress(Exception):
            if self._ray is not None:
                self._ray.shutdown()
        if self._head is not None:
            processes.end_marked(self._mark)
            await self._head.wait()
            shutil.rmtree(self._folder, ignore_errors=True)


def last_words(log: str) -> str:
    """What Ray said last: of its own lines a few, which are of a word or two each; else the last one."""
    lines = [line for line in log.splitlines() if line.strip()] or ["it said nothing"]
    words = [found[1].strip() for found in map(_RAYS_LINE.match, lines[-4:]) if found]
    return (" ".join(words) if _RAYS_LINE.match(lines[-1]) else lines[-1])[:300]


async def _value(reference: Any) -> Any:
    return await reference


def _first_lines(error: BaseException) -> str:
    return " ".join(str(error).strip().split("\n")[:3])[:400] or type(error).__name__


async def _main(descriptor: int) -> None:
    with socket.socket(fileno=descriptor) as connection:
        reader, writer = await asyncio.open_connection(sock=connection, limit=MOST_LINE_BYTES)
        await Bridge(reader, writer).serve()


def main() -> None:
    for ending in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # the agent says when
    asyncio.run(_main(int(sys.argv[1])))


if __name__ == "__main__":
    main()

"""Web services of this workspace: compiled by the engine, carried out by this machine's boxes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from skyloom.compute.local import LocalCompute
from skyloom.compute.service import LocalService, open_service
from skyloom.core.service import Service
from skyloom.engine.ports import World
from skyloom.engine.service_compile import compile_service
from skyloom.workspace.environments import WorkspaceEnvironments

_STARTERS = 2  # workers that are made anew side by side


class WorkspaceServices:
    """Implements engine.ports.ServiceRunner."""

    def __init__(self, world: World, compute: LocalCompute, environments: WorkspaceEnvironments) -> None:
        self._world = world
        self._compute = compute
        self._environments = environments
        self._executor = ThreadPoolExecutor(_STARTERS, thread_name_prefix="service-start")
        self._open: set[LocalService] = set()
        self._change = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def open(self, service: Service) -> LocalService:
        plan = compile_service(self._world, service)
        for box in plan.boxes:
            self._world.environments.prepare(box.environment, lambda line: None)
        interpreters = [self._environments.interpreter(box.environment.digest) for box in plan.boxes]
        opened = open_service(
            self._compute, plan, service, interpreters, self._running_loop(), self._executor, self._forget
        )
        with self._change:
            self._open.add(opened)
        return opened

    @property
    def open_services(self) -> int:
        with self._change:
            return len(self._open)

    def close(self) -> None:
        with self._change:
            every = list(self._open)
        for service in every:
            service.close()
        # what is being started ends with the compute's boxes
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None

    def _forget(self, service: LocalService) -> None:
        with self._change:
            self._open.discard(service)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The attached loop, else one of our own."""
        with self._change:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="service-calls", daemon=True
                )
                self._thread.start()
            return self._loop

"""The zygote: the warm parent of every box of one interpreter.

It runs as ``python -I -S -c ...`` in the environment's own interpreter, enters its house before it imports
anything of the environment, imports what scripts usually import, and forks a spare box whenever the agent
asks. A spare closes its box, runs a toy task once (so that the pages a task touches are its own already) and
waits for its one task.

A box has two processes, keeper and user process. Where the zygote has a house the keeper comes from the
nursery (``nursery.py``) and the user process is forked when the keeper has made the box's spaces; elsewhere
the zygote forks the keeper and the keeper the user process.

Agent and zygote speak over one socket: first the settings, then one reply for each request. When the agent's
end closes, everything ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import site
import socket
import sys
import tempfile
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from skyloom.compute import old_python, wire
from skyloom.compute.nursery import Keeper, Nursery
from skyloom.compute.sandbox import (
    adoption,
    canaries,
    huge_pages,
    identity,
    keeper,
    kernel,
    levels,
    limits,
    mounts,
    namespaces,
    seccomp,
    view,
)
from skyloom.compute.sandbox.enclosure import BoxPlan, House, close_around_adopted, close_around_user

Execute = Callable[[Dict[str, Any], List[int]], Mapping[str, Any]]


class Runner(NamedTuple):
    """What of skyloom.runner a box needs; ``old_python`` is the interpreter that a box becomes instead."""

    execute: Execute
    dry_run: Callable[[], None]
    serve: Callable[..., None]  # a web service's worker: it stays, and answers calls
    step: Callable[[Mapping[str, Any]], Optional[int]]  # a step's exit code; None: it is to be executed cold
    old_python: str = ""


class Order(NamedTuple):
    """A box to be made."""

    plan: BoxPlan
    runner: Runner
    is_grouped: bool  # the user process waits until the agent has put it into a cgroup
    task: int
    out: int
    err: int


MOST_REQUEST_BYTES = 1 << 20
BOX_IDENTITIES = 256  # as many as an agent takes for itself (instance.py)
MOST_TASK_BYTES = 1 << 30  # the agent is trusted; this is against a torn stream
GO = b"g"  # the agent has moved the user process into its cgroup

_COLLAPSE_AFTER = 100  # forks: each leaves a page or two of ours that are no longer part of a huge one
_CALM_S = 1.0  # without a request: then there is time for it

_EARLY = ("numpy", "pandas", "pyarrow")
_LATE = ("matplotlib.pyplot",)

# Kept: a script may replace functions of modules, and a child it forked may come back into our lines.
_exit: Callable[[int], object] = os._exit
_getpid = os.getpid
_kill = os.kill
_send = wire.send
_fstat = os.fstat
_flush_c_streams = kernel.flush_c_streams


def main(control_descriptor: int) -> None:
    """Serve until the agent goes away."""
    control = socket.socket(fileno=control_descriptor)
    settings, _ = wire.receive(control, MOST_REQUEST_BYTES)
    with open("/proc/self/status") as file:  # text needs files of the library, which Python 3.9 loads late:
        file.read(1)  # while the house is built they may be out of reach
    try:
        house = _enter_house(settings, control)
        nursery = Nursery(house) if house.work else None
        runner = _preload(settings)
    except Exception as error:
        wire.send(control, {"problem": f"{type(error).__name__}: {error}"})
        return
    wire.send(control, {"problem": None, "work": house.work, "modules": _loaded(_EARLY)})
    _Zygote(control, house, nursery, runner).serve()


def _enter_house(settings: Mapping[str, Any], control: socket.socket) -> House:
    """Close the house around this process; what is imported later runs inside it."""
    if not os.path.exists("/proc/thread-self/children"):
        raise OSError("the kernel does not tell the children of a process (CONFIG_PROC_CHILDREN)")
    level = settings["level"]
    its_view = view.view_for(settings["package"], settings["folders"])
    if not levels.has_namespaces(level):
        if settings["uid"] is not None and levels.has_filters(level):
            with contextlib.suppress(OSError):  # then boxes keep the one capability that goes past it
                mounts.open_way(its_view, (settings["boxes"], settings["cache"]), settings["uid"])
        return House(level, its_view, settings["boxes"], "", "")
    house = House(level, its_view, settings["boxes"], view.work_path(its_view), view.scratch_path(its_view))
    own = os.geteuid(), os.getegid()
    spaces = namespaces.MOUNT | namespaces.NET | namespaces.IPC | namespaces.UTS
    namespaces.leave(namespaces.USER | spaces)
    mounts.make_private()
    sources = mounts.open_sources(its_view, house.boxes, settings["cache"])
    _take_identity(settings["uid"], own, control)
    namespaces.leave(namespaces.PID)
    child = os.fork()
    if child:
        _stand_by(child, control, sources.values())
    kernel.die_with_parent(0)
    mounts.build_house(its_view, sources, house.work, house.scratch, _identities(settings["uid"], own[0]))
    identity.drop_bounding_set()  # of ourselves and of all that is forked from here on
    return house


def _identities(first: int | None, own: int) -> Sequence[int]:
    """User ids that boxes of this zygote may have."""
    return [own] if first is None else range(first, first + BOX_IDENTITIES)


def _take_identity(uid: int | None, own: tuple[int, int], control: socket.socket) -> None:
    """Become the zygote's identity: a bare user id on the machine, with rights over our own spaces only."""
    if uid is None:
        namespaces.map_identity(*own)
    else:
        wire.send(control, {"map": True})
        wire.receive(control, MOST_REQUEST_BYTES)
        identity.become(uid)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root (reliability.md 1.3, trap 1)


def _stand_by(child: int, control: socket.socket, descriptors: Any) -> None:
    """End the zygote, number 1 of its process space, and so everything in it, when the agent goes away."""
    for descriptor in descriptors:
        os.close(descriptor)
    ended = kernel.pidfd_open(child)
    waiter = select.poll()
    waiter.register(control.fileno(), 0)  # only whether it hangs up
    waiter.register(ended, select.POLLIN)
    waiter.poll()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os._exit(0)


def _preload(settings: Mapping[str, Any]) -> Runner:
    """Import what tasks need; the environment's own start-up files run here, inside the house."""
    if levels.has_filters(settings["level"]):
        seccomp.assembled(sees_others=not levels.has_namespaces(settings["level"]))
    if settings["old_python"]:
        return Runner(canaries.execute, lambda: None, _serve_calls, lambda _: None, settings["old_python"])
    gc.disable()  # until it is frozen: what is loaded here stays
    if settings["is_lean"]:
        return _lean_runner()
    os.environ["MPLCONFIGDIR"] = (
        mounts.CACHE if levels.has_namespaces(settings["level"]) else settings["cache"]
    )
    sys.argv = [""]
    site.main()
    tempfile.tempdir = mounts.CACHE if levels.has_namespaces(settings["level"]) else settings["cache"]
    _import(_EARLY)
    # not at the top: the runner imports packages of the environment, which are found from here on only
    from skyloom.runner.dry_run import dry_run
    from skyloom.runner.execute import execute
    from skyloom.runner.warm_step import carry_out

    for place in settings["warmings"]:
        module, _, function = place.partition(":")
        getattr(importlib.import_module(module), function)()
    dry_run()  # what it loads and caches is then shared by all boxes
    _freeze()
    return Runner(execute, dry_run, _serve_calls, carry_out)


def _lean_runner() -> Runner:
    """For steps that want nothing loaded: a process of the standard library alone forks much faster."""
    sys.argv = [""]
    site.main()
    from skyloom.runner.light_step import execute_light  # as in _preload
    from skyloom.runner.warm_step import carry_out

    _freeze()
    return Runner(execute_light, lambda: None, _serve_calls, carry_out)


def _serve_calls(*words: Any) -> None:
    """Carry out `skyloom.runner.serving.worker.serve`, loaded by the boxes that need it alone."""
    from skyloom.runner.serving.worker import serve

    serve(*words)


def _import(names: Sequence[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:  # not in this environment; a script that wants it is told by Python
            continue


def _loaded(names: Sequence[str]) -> list[str]:
    return [name for name in names if name in sys.modules]


def _freeze() -> None:
    """Keep what is loaded out of the collector and in few pages, so that a fork copies little."""
    gc.collect()
    gc.freeze()
    gc.enable()
    huge_pages.collapse_memory()


class _Zygote:
    """The loop that makes boxes."""

    def __init__(self, control: socket.socket, house: House, nursery: Nursery | None, runner: Runner) -> None:
        self._control = control
        self._house = house
        self._nursery = nursery
        self._runner = runner
        self._births = adoption.Births()
        self._expected: Dict[int, Tuple[Keeper, Order]] = {}  # by our end of the line to the keeper
        self._forks = 0

    def serve(self) -> None:
        """Until the agent goes away."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children leave nothing to be waited for
        while True:
            lines = [self._control.fileno(), *self._expected]
            ready = select.select(lines, [], [], self._patience())[0]
            if not ready:
                huge_pages.collapse_memory()
                self._forks = 0
            for line in ready:
                if line in self._expected:
                    self._give_life(*self._expected.pop(line))
            if self._control.fileno() in ready:
                try:
                    request, descriptors = wire.receive(self._control, MOST_REQUEST_BYTES)
                except wire.ClosedError:
                    return
                self._answer(request, descriptors)

    def _patience(self) -> float | None:
        return _CALM_S if self._forks >= _COLLAPSE_AFTER else None

    def _answer(self, request: Mapping[str, Any], descriptors: List[int]) -> None:
        if request["want"] == "late imports":
            if not self._runner.old_python:
                gc.disable()
                _import(_LATE)
                self._runner.dry_run()
                _freeze()
            wire.send(self._control, {"modules": _loaded(_LATE)})
            return
        try:
            watch = self._make_box(request, *descriptors)
        except OSError as error:
            wire.send(self._control, {"problem": str(error)})
            _close_all(descriptors)
        else:
            wire.send(self._control, {"problem": None}, [watch])
            os.close(watch)

    def _make_box(self, request: Mapping[str, Any], task: int, out: int, err: int, leash: int) -> int:
        """Begin to make a box; a process descriptor of its keeper."""
        plan = BoxPlan(
            request["box"], request["uid"], request["shm_bytes"], bool(request.get("has_loopback"))
        )
        runner = self._runner
        if request["is_awaited"]:  # rehearsing would keep the task waiting that it is meant to speed up
            runner = runner._replace(dry_run=lambda: None)
        order = Order(plan, runner, request["is_grouped"], task, out, err)
        self._forks += 1
        if self._nursery is not None:
            keeper_ = self._nursery.fork_keeper(plan, task, leash)
            os.close(leash)
            self._expected[keeper_.line.fileno()] = keeper_, order
            return os.dup(keeper_.watch)
        pid = os.fork()
        if pid == 0:
            self._control.close()
            _keep_box(self._house, order, leash)
        _close_all((task, out, err, leash))
        return kernel.pidfd_open(pid)

    def _give_life(self, keeper_: Keeper, order: Order) -> None:
        """Fork the user process once the keeper has made its spaces; one that failed told the agent why."""
        made: List[int] = []
        try:
            _, made = wire.receive(keeper_.line, MOST_REQUEST_BYTES)
            self._births.fork_for(keeper_.watch, lambda: self._be_adopted(keeper_, order, *made))
        except wire.ClosedError:
            pass
        except OSError as error:
            wire.report(order.task, error)
        finally:
            keeper_.line.close()
            _close_all((keeper_.watch, order.task, order.out, order.err, *made))

    def _be_adopted(self, keeper_: Keeper, order: Order, shm: int, rules: int) -> None:
        """Become the user process of a keeper's box; never returns."""
        try:
            line = keeper_.line.fileno()
            kernel.close_all_but((order.task, order.out, order.err, keeper_.watch, line, shm, rules))
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            close_around_adopted(self._house, order.plan, keeper_.watch, rules)
            wire.send(keeper_.line, _getpid())
            _close_all((keeper_.watch, line))
            _be_user(self._house, order, shm)
        except BaseException as error:
            wire.report(order.task, error)
        finally:
            _exit(1)


def _close_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _keep_box(house: House, order: Order, leash: int) -> None:
    """Become the keeper of a box that has no spaces of its own; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        mine = _getpid()
        user = os.fork()
        if user == 0:
            os.close(leash)
            kernel.die_with_parent(mine)
            _close_and_be_user(house, order, mine)
        keeper.become_undumpable()
        _close_all((order.task, order.out, order.err))
        keeper.keep(user, leash, keeper.end_descendants, may_halt=order.plan.uid is not None)
    except BaseException as error:
        wire.report(order.task, error)
    finally:
        _exit(1)


def _close_and_be_user(house: House, order: Order, keeper_pid: int) -> None:
    try:
        close_around_user(house, order.plan)
        kernel.die_with_parent(keeper_pid)
        _be_user(house, order, None)
    except BaseException as error:
        wire.report(order.task, error)
    finally:
        _exit(1)


def _be_user(house: House, order: Order, shm: int | None) -> None:
    """Rehearse, take one task, carry it out, answer; never returns."""
    connection = socket.socket(fileno=order.task)
    try:
        os.setsid()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        if order.is_grouped:
            _wait_for_group(connection)
        becomes = order.runner.old_python
        _settle(house, order.plan, becomes or sys.executable)
        silence = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silence, number)
        os.close(silence)
        order.runner.dry_run()
        if becomes:
            old_python.check(becomes)
        os.dup2(order.out, 1)
        os.dup2(order.err, 2)
        os.close(order.out)
        os.close(order.err)
        wire.send(connection, {"problem": None}, [] if shm is None else [shm])
        if shm is not None:
            os.close(shm)
        if becomes:
            old_python.become(becomes, connection.fileno())
        _take_task(connection, order.runner)
    except wire.ClosedError:
        pass
    finally:
        _exit(1)


def _wait_for_group(connection: socket.socket) -> None:
    """Let the agent put us into the box's cgroup; what we use from then on counts there."""
    me = kernel.pidfd_open(_getpid())
    wire.send(connection, {"problem": None}, [me])
    os.close(me)
    if connection.recv(1) != GO:
        raise wire.ClosedError


def _settle(house: House, box: BoxPlan, python: str) -> None:
    work, scratch = house.work_of(box.name), house.scratch_of(box.name)
    os.chdir(work)
    os.umask(0o022)
    variables = environment_of(work, scratch, python)
    for name in [name for name in os.environ if name not in variables]:
        del os.environ[name]
    os.environ.update(variables)
    tempfile.tempdir = None  # asked for by somebody's import already, with another answer


def environment_of(work: str, scratch: str, python: str) -> dict[str, str]:
    """Environment variables of user code: none of the agent's, the same on every machine."""
    variables = {
        "PATH": os.pathsep.join(view.program_folders(python)),
        "HOME": work,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
    }
    variables.update((name, "1") for name in ONE_THREAD)
    return variables


# pools of threads would be started at import and be gone after the fork; scripts may ask for more
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def _take_task(connection: socket.socket, runner: Runner) -> None:
    message, descriptors = wire.receive(connection, MOST_TASK_BYTES)
    limits.apply(message["limits"])
    kind = message["entry"]["kind"]
    if kind == "service":
        runner.serve(connection, message, descriptors, _send)
        _end()
    if kind == "cluster":
        from skyloom.runner.spark.serve import serve_cluster  # loaded by the boxes that need it alone

        serve_cluster(connection, message, wire.send, wire.receive)
        _end()
    if kind == "program":
        _become_program(message["entry"]["argv"], *descriptors)
    if kind == "command":
        _carry_out_step(connection, message, runner)
    carry_out: Execute = canaries.execute if kind == "canaries" else runner.execute
    mine = _getpid()
    try:
        answer = carry_out(message, descriptors)
        _flush_c_streams()
        if _getpid() == mine:  # else: a child that the script forked and that came back into our lines
            _send(connection, answer)
            _kill(mine, 19)  # SIGSTOP: nothing is left to do but to be killed
    except BaseException as error:
        if _getpid() == mine:
            wire.report(connection.fileno(), error)
    finally:
        _end()


def _become_program(argv: List[str], line: int) -> None:
    """Start a program of the agent's in place of this process; ``line`` is its standard input and output."""
    silence = os.open("/dev/null", os.O_RDWR)
    for target, source in ((0, line), (1, line), (2, silence)):
        os.dup2(source, target)
    os.execv(argv[0], argv)


def _carry_out_step(connection: socket.socket, message: Mapping[str, Any], runner: Runner) -> None:
    """Let the step's script have this process, and end as it did; comes back when it has to start cold.

    The answer saves the agent the time that the kernel takes to give back our memory. Without one (the script
    closed its line, or ended the process itself) the keeper tells how it ended.
    """
    mine, line = _getpid(), os.fstat(connection.fileno()).st_ino
    code = runner.step(message)
    if code is None:
        return
    try:
        _flush_c_streams()
        if _getpid() == mine and _fstat(connection.fileno()).st_ino == line:
            _send(connection, {"code": code})
            _kill(mine, 19)  # SIGSTOP: as below
    except BaseException:  # the script closed its line, or rewired what sending needs
        _end(code)
    _end(code)


def _end(code: int = 0) -> None:
    """End this process, also when a script replaced what ends it."""
    _exit(code)
    _kill(_getpid(), 9)

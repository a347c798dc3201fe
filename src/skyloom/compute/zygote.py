"""The zygote: the warm parent of every box of one interpreter.

It runs as ``python -I -S -c ...`` in the environment's own interpreter, enters its house before it imports
anything of the environment, imports what scripts usually import, and forks a spare box whenever the agent
asks. A spare closes its box, runs a toy task once (so that the pages a task touches are its own already) and
waits for its one task.

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
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence

from skyloom.compute import wire
from skyloom.compute.sandbox import (
    canaries,
    identity,
    keeper,
    kernel,
    levels,
    limits,
    mounts,
    namespaces,
    view,
)
from skyloom.compute.sandbox.enclosure import BoxPlan, House, close_around_keeper, close_around_user

Execute = Callable[[Dict[str, Any], List[int]], Mapping[str, Any]]


class Runner(NamedTuple):
    """What of skyloom.runner a box needs."""

    execute: Execute
    dry_run: Callable[[], None]


MOST_REQUEST_BYTES = 1 << 20
MOST_TASK_BYTES = 1 << 30  # the agent is trusted; this is against a torn stream
GO = b"g"  # the agent has moved the box into its cgroup

_EARLY = ("numpy", "pandas", "pyarrow")
_LATE = ("matplotlib.pyplot",)

# Kept: a script may replace functions of modules, and a child it forked may come back into our lines.
_exit: Callable[[int], object] = os._exit
_getpid = os.getpid
_kill = os.kill
_send = wire.send
_flush_c_streams = kernel.flush_c_streams


def main(control_descriptor: int) -> None:
    """Serve until the agent goes away."""
    control = socket.socket(fileno=control_descriptor)
    settings, _ = wire.receive(control, MOST_REQUEST_BYTES)
    try:
        house = _enter_house(settings, control)
        runner = _preload(settings)
    except Exception as error:
        wire.send(control, {"problem": f"{type(error).__name__}: {error}"})
        return
    wire.send(control, {"problem": None, "work": house.work, "modules": _loaded(_EARLY)})
    _serve(control, house, runner)


def _enter_house(settings: Mapping[str, Any], control: socket.socket) -> House:
    """Close the house around this process; what is imported later runs inside it."""
    if not os.path.exists("/proc/thread-self/children"):
        raise OSError("the kernel does not tell the children of a process (CONFIG_PROC_CHILDREN)")
    level = settings["level"]
    its_view = view.view_for(settings["package"])
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
    mounts.build_house(its_view, sources, house.work, house.scratch)
    return house


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

    for place in settings["warmings"]:
        module, _, function = place.partition(":")
        getattr(importlib.import_module(module), function)()
    dry_run()  # what it loads and caches is then shared by all boxes
    _freeze()
    return Runner(execute, dry_run)


def _import(names: Sequence[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:  # not in this environment; a script that wants it is told by Python
            continue


def _loaded(names: Sequence[str]) -> list[str]:
    return [name for name in names if name in sys.modules]


def _freeze() -> None:
    """Keep what is loaded out of the collector, so that a fork does not copy it page by page."""
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket, house: House, runner: Runner) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended keepers leave nothing to be waited for
    while True:
        try:
            request, descriptors = wire.receive(control, MOST_REQUEST_BYTES)
        except wire.ClosedError:
            return
        if request["want"] == "late imports":
            _import(_LATE)
            runner.dry_run()
            _freeze()
            wire.send(control, {"modules": _loaded(_LATE)})
        else:
            _fork_box(control, house, runner, request, descriptors)


def _fork_box(
    control: socket.socket, house: House, runner: Runner, request: Mapping[str, Any], descriptors: list[int]
) -> None:
    box = BoxPlan(request["box"], request["uid"], request["shm_bytes"])
    if request["is_awaited"]:  # rehearsing would keep the task waiting that it is meant to speed up
        runner = runner._replace(dry_run=lambda: None)
    try:
        pid = namespaces.fork_into_new_process_space() if house.work else os.fork()
    except OSError as error:
        wire.send(control, {"problem": str(error)})
        return
    if pid == 0:
        _in_new_process(control, house, runner, box, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        watch = kernel.pidfd_open(pid)
    except OSError as error:
        wire.send(control, {"problem": str(error)})
        return
    wire.send(control, {"problem": None}, [watch])
    os.close(watch)


def _in_new_process(
    control: socket.socket, house: House, runner: Runner, box: BoxPlan, descriptors: list[int]
) -> None:
    """Become the keeper of a box; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        _keep_box(house, runner, box, descriptors)
    except BaseException as error:
        _report(descriptors[0], error)
    finally:
        _exit(1)


def _keep_box(house: House, runner: Runner, box: BoxPlan, descriptors: list[int]) -> None:
    task, out, err, leash = descriptors
    if os.read(leash, 1) != GO:
        return
    os.setsid()
    shm: int | None = None
    end_all: Callable[[], None] = keeper.end_process_space
    if house.work:
        shm = close_around_keeper(house, box)
    else:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        end_all = keeper.end_descendants
    mine = _getpid()
    user = os.fork()
    if user == 0:
        os.close(leash)
        kernel.die_with_parent(mine)
        _be_user(house, runner, box, task, out, err, shm, mine)
    keeper.become_undumpable()
    for descriptor in (task, out, err, shm):
        if descriptor is not None:
            os.close(descriptor)
    keeper.keep(user, leash, end_all, may_halt=bool(house.work) or box.uid is not None)


def _be_user(
    house: House,
    runner: Runner,
    box: BoxPlan,
    task: int,
    out: int,
    err: int,
    shm: int | None,
    keeper_pid: int,
) -> None:
    """Close the rest, rehearse, take one task, carry it out, answer; never returns."""
    connection = socket.socket(fileno=task)
    try:
        os.setsid()
        if not house.work:
            close_around_user(house, box)
            kernel.die_with_parent(keeper_pid)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        _settle(house, box)
        silence = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silence, number)
        os.close(silence)
        runner.dry_run()
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        wire.send(connection, {"problem": None, "pid": _getpid()}, [] if shm is None else [shm])
        if shm is not None:
            os.close(shm)
        _take_task(connection, runner.execute)
    except wire.ClosedError:
        pass
    except BaseException as error:
        _report(task, error)
    finally:
        _exit(1)


def _settle(house: House, box: BoxPlan) -> None:
    work, scratch = house.work_of(box.name), house.scratch_of(box.name)
    os.chdir(work)
    os.umask(0o022)
    for name, value in environment_of(work, scratch).items():
        os.environ[name] = value
    for name in [name for name in os.environ if name not in environment_of(work, scratch)]:
        del os.environ[name]
    tempfile.tempdir = None  # asked for by somebody's import already, with another answer


def environment_of(work: str, scratch: str) -> dict[str, str]:
    """Environment variables of user code: none of the agent's, the same on every machine."""
    folders = [os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
    variables = {
        "PATH": os.pathsep.join(dict.fromkeys(folders)),
        "HOME": work,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
    }
    variables.update((name, "1") for name in ONE_THREAD)
    return variables


# pools of threads would be started at import and be gone after the fork; scripts may ask for more
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def _take_task(connection: socket.socket, execute: Execute) -> None:
    message, descriptors = wire.receive(connection, MOST_TASK_BYTES)
    limits.apply(message["limits"])
    carry_out: Execute = canaries.execute if message["entry"]["kind"] == "canaries" else execute
    mine = _getpid()
    try:
        answer = carry_out(message, descriptors)
        _flush_c_streams()
        if _getpid() == mine:  # else: a child that the script forked and that came back into our lines
            _send(connection, answer)
            _kill(mine, 19)  # SIGSTOP: nothing is left to do but to be killed
    except BaseException as error:
        if _getpid() == mine:
            _report(connection.fileno(), error)
    finally:
        _end()


def _end() -> None:
    """End this process, also when a script replaced what ends it."""
    _exit(0)
    _kill(_getpid(), 9)


def _report(task: int, error: BaseException) -> None:
    """Tell the agent why this box cannot be used; before user code only."""
    try:
        with socket.socket(fileno=os.dup(task)) as connection:
            wire.send(connection, {"problem": f"{type(error).__name__}: {error}"})
    except (OSError, wire.ClosedError):
        pass

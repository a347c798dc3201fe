"""The filter, carried out here instruction by instruction: what it answers for a call."""

from __future__ import annotations

import errno

import pytest

from skyloom.compute.sandbox import kernel, namespaces, seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(kernel, "machine", lambda: request.param)
    return str(request.param)


def answer(
    machine: str, call: str | int, *arguments: int, architecture: int | None = None, sees_others: bool = False
) -> int:
    """Run the filter on one call."""
    number = kernel.numbers()[call] if isinstance(call, str) else call
    data = {0: number, 4: ARCHITECTURE[machine] if architecture is None else architecture}
    data.update({16 + 8 * place: value & 0xFFFFFFFF for place, value in enumerate(arguments)})
    lines, at, loaded = seccomp.program(sees_others), 0, 0
    while True:
        code, if_true, if_false, operand = lines[at]
        at += 1
        if code == 0x20:
            loaded = data.get(operand, 0)
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}[code]
            at += if_true if holds else if_false


def refusal(number: int) -> int:
    return 0x00050000 | number


@pytest.mark.parametrize(
    "call", ["socket", "ptrace", "mount", "unshare", "setns", "open_by_handle_at", "bpf"]
)
def test_dangerous_call_is_not_permitted(machine: str, call: str) -> None:
    assert answer(machine, call) == refusal(errno.EPERM)


@pytest.mark.parametrize("call", ["io_uring_setup", "clone3", "shmget", "msgget", "fsopen", "mq_open"])
def test_newer_or_shared_call_is_said_to_be_absent(machine: str, call: str) -> None:
    assert answer(machine, call) == refusal(errno.ENOSYS)


def test_connected_unix_pair_is_the_only_socket(machine: str) -> None:
    assert answer(machine, "socketpair", 1) == ALLOW
    assert answer(machine, "socketpair", 2) == refusal(errno.EPERM)


def test_fork_and_threads_are_allowed_and_new_namespaces_are_not(machine: str) -> None:
    assert answer(machine, "clone", 0x1200011) == ALLOW
    assert answer(machine, "clone", 0x3D0F00) == ALLOW
    for kind in (namespaces.USER, namespaces.PID, namespaces.NET, namespaces.MOUNT, namespaces.CGROUP):
        assert answer(machine, "clone", kind | 17) == refusal(errno.EPERM)


def test_typing_into_a_terminal_is_refused_and_other_requests_are_not(machine: str) -> None:
    assert answer(machine, "ioctl", 0, 0x5412) == refusal(errno.EPERM)
    assert answer(machine, "ioctl", 0, 0x541B) == ALLOW


def test_personality_may_be_asked_for_only(machine: str) -> None:
    assert answer(machine, "personality", 0xFFFFFFFF) == ALLOW
    assert answer(machine, "personality", 0x0040000) == refusal(errno.EPERM)


def test_calls_of_another_architecture_kill(machine: str) -> None:
    assert answer(machine, 0, architecture=0x40000003) == KILL
    assert answer(machine, 0x40000000) == KILL


def test_every_other_call_is_allowed(machine: str) -> None:
    shut = set(kernel.numbers().values())
    assert all(answer(machine, number) == ALLOW for number in range(470) if number not in shut)


def test_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "machine", lambda: "vax")
    with pytest.raises(OSError, match="vax"):
        seccomp.program()


@pytest.mark.parametrize("call", ["prlimit64", "sched_setaffinity", "sched_setscheduler"])
def test_a_box_that_sees_others_may_steer_itself_only(machine: str, call: str) -> None:
    assert answer(machine, call, 0, sees_others=True) == ALLOW
    assert answer(machine, call, 4711, sees_others=True) == refusal(errno.EPERM)
    assert answer(machine, call, 4711) == ALLOW  # numbers of its own process space


@pytest.mark.parametrize("call", ["setpriority", "ioprio_set"])
def test_a_box_that_sees_others_may_change_its_own_priority_only(machine: str, call: str) -> None:
    assert answer(machine, call, 0, 0, sees_others=True) == ALLOW
    assert answer(machine, call, 0, 4711, sees_others=True) == refusal(errno.EPERM)

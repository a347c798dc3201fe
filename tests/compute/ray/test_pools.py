"""When nodes come and go, with a cluster that answers when it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from skyloom.compute.ray.cluster import ClusterError, no_ray
from skyloom.compute.ray.pools import RayLease, RayPools
from skyloom.core.identity import NodeId, RunId
from skyloom.core.node_pool import RAY, SLOTS, PoolSettings
from skyloom.core.problem import ProblemError
from skyloom.core.task import Outcome, Reason


class ByHand:
    """A cluster whose answers are given by the test."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], Future[Any]]] = []
        self.is_closed = False

    def ask(self, do: str, **words: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        self.asked.append((do, words, answer))
        return answer

    def watch_console(self, call: str, on_console: Callable[[str, bytes], None]) -> None: ...

    def forget_console(self, call: str) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    def open(self, do: str) -> list[Future[Any]]:
        """Questions of a kind that have no answer yet."""
        return [answer for asked, _, answer in self.asked if asked == do and not answer.done()]


class Pool:
    """One pool, a clock that is set by hand, and a note of who was woken."""

    def __init__(self, least: int = 0, most: int = 2, **more: Any) -> None:
        self.settings: PoolSettings | None = PoolSettings(least, most, 10.0, RAY, **more)
        self.now = 0.0
        self.woken: list[str] = []
        self.cluster = ByHand()
        self.lost: Callable[[str, str], None] = lambda node, why: None
        self.opening: ProblemError | None = None
        self.pools = RayPools(
            lambda: ["gpu"], lambda name: self.settings if name == "gpu" else None, self._open,
            lambda name, node, settings: {"node": node}, "a.b:C", lambda: self.now,
        )  # fmt: skip
        self.pools._looking = threading.Thread(target=lambda: None)  # it looks when the test says so
        self.pools._looking.start()

    def _open(self, name: str, settings: PoolSettings, on_lost: Callable[[str, str], None]) -> ByHand:
        if self.opening is not None:
            raise self.opening
        self.lost = on_lost
        return self.cluster

    def take(self, node: str = "n") -> RayLease | None:
        return self.pools.take("gpu", RunId("run"), NodeId(node), lambda: self.woken.append(node))

    def ready(self) -> None:
        """Every node that is being started is up."""
        for answer in self.cluster.open("add"):
            answer.set_result({"ip": "10.0.0.1", "sees_workspace": True})

    @property
    def states(self) -> list[str]:
        status = self.pools.status("gpu")
        assert status is not None
        return [str(node.state) for node in status.nodes]


def held(lease: RayLease | None) -> RayLease:
    assert lease is not None
    return lease


def test_nodes_are_started_for_those_who_wait_and_no_more() -> None:
    pool = Pool(0, 3)
    assert pool.take("a") is None and pool.take("b") is None and pool.take("a") is None
    assert pool.states == ["preparing", "preparing"]
    pool.ready()
    assert sorted(pool.woken) == ["a", "b"] and pool.states == ["idle", "idle"]
    first = held(pool.take("a"))
    first.begin()
    assert sorted(pool.states) == ["idle", "running"]
    first.release()
    assert pool.states == ["idle", "idle"]


def test_never_more_than_the_most() -> None:
    pool = Pool(0, 2)
    for name in "abcd":
        assert pool.take(name) is None
    pool.ready()
    leases = [pool.take(name) for name in "abcd"]
    assert [lease is not None for lease in leases] == [True, True, False, False]
    held(leases[0]).release()
    assert "c" in pool.woken[2:] and pool.take("c") is not None
    assert len(pool.states) == 2


def test_what_a_size_has_is_asked_for() -> None:
    pool = Pool(vm_size="STANDARD_NC12", low_priority=True)
    pool.take()
    (_, words, _) = pool.cluster.asked[0]
    assert (words["cores"], words["gpus"], words["is_low"]) == (12, 2, True)
    assert words["memory_bytes"] == 112 * 2**30 and words["does"] == "a.b:C"


def test_an_idle_node_ends_in_time_and_the_least_number_comes_by_itself() -> None:
    pool = Pool(1, 3)
    pool.pools.look()
    assert pool.states == ["preparing"]
    pool.ready()
    assert pool.take("a") is not None and pool.take("b") is None
    pool.ready()
    held(pool.take("b")).release()
    pool.now = 9.9
    pool.pools.look()
    assert sorted(pool.states) == ["idle", "preparing"]
    pool.now = 10.1
    pool.pools.look()
    assert "leaving" in pool.states
    for answer in pool.cluster.open("remove"):
        answer.set_result(None)
    assert pool.states == ["preparing"]  # it holds a step


def test_a_pool_back_at_nothing_and_a_pool_made_smaller() -> None:
    pool = Pool(0, 2)
    pool.take("a"), pool.take("b")
    pool.ready()
    leases = [held(pool.take("a")), held(pool.take("b"))]
    pool.settings = PoolSettings(0, 1, 10.0, RAY)
    pool.pools.look()
    assert sorted(pool.states) == ["leaving", "preparing"]
    for lease in leases:
        lease.release()
    pool.now = 20.0
    pool.pools.look()
    for answer in pool.cluster.open("remove"):
        answer.set_result(None)
    assert pool.states == []


@pytest.mark.parametrize(("is_low", "state"), [(False, "unusable"), (True, "preempted")])
def test_a_lost_node_is_told_for_a_while_and_replaced(is_low: bool, state: str) -> None:
    pool = Pool(0, 1, low_priority=is_low)
    pool.take("a")
    pool.ready()
    lease = held(pool.take("a"))
    lease.begin()
    assert lease.node is not None
    pool.lost(lease.node.id, "it ended")
    assert pool.states == [state]
    lease.release()
    assert pool.states == [state]
    assert pool.take("b") is None and pool.states == [state, "preparing"]
    pool.now = 200.0
    pool.pools.look()
    assert pool.states == ["preparing"]


def test_a_step_of_a_lost_node_was_interrupted() -> None:
    pool = Pool(0, 1)
    pool.take("a")
    pool.ready()
    lease = held(pool.take("a"))
    done: list[Any] = []
    thread = threading.Thread(
        target=lambda: done.append(pool.pools.execute(lease, json.dumps({}), threading.Event(), None))
    )
    thread.start()
    while not pool.cluster.open("execute"):
        pass
    pool.cluster.open("execute")[0].set_result({"lost": "it ended"})
    thread.join()
    assert isinstance(done[0], Outcome) and done[0].reason == Reason.INTERRUPTED
    assert done[0].problem is not None and done[0].problem.code == "C142"


def test_where_no_node_can_be_had_the_step_says_why_and_the_next_one_tries_again() -> None:
    pool = Pool(0, 1)
    assert pool.take("a") is None
    pool.cluster.open("add")[0].set_exception(ClusterError("the head ended"))
    assert pool.woken == ["a"]
    lease = held(pool.take("a"))
    outcome = pool.pools.execute(lease, "{}", threading.Event(), None)
    assert isinstance(outcome, Outcome) and outcome.reason == Reason.REJECTED
    assert outcome.problem is not None and outcome.problem.code == "C141"
    assert "the head ended" in outcome.problem.message
    lease.release()
    assert pool.take("b") is None and pool.states == ["unusable", "preparing"]


def test_the_least_number_is_tried_again_after_a_while() -> None:
    pool = Pool(1, 1)
    pool.pools.look()
    pool.cluster.open("add")[0].set_exception(ClusterError("no room"))
    pool.now = 29.0
    pool.pools.look()
    assert pool.states == ["unusable"]
    pool.now = 31.0
    pool.pools.look()
    assert pool.states == ["unusable", "preparing"]


def test_without_ray_a_step_says_what_to_install() -> None:
    pool = Pool()
    pool.opening = ProblemError(no_ray("gpu"))
    lease = held(pool.take("a"))
    assert lease.problem is not None and lease.problem.code == "C140"
    assert "skyloom[ray]" in lease.problem.fix


def test_a_pool_of_slots_is_none_of_these() -> None:
    pool = Pool()
    pool.settings = PoolSettings(0, 2, 10.0, SLOTS)
    with pytest.raises(LookupError):
        pool.take()
    assert pool.pools.status("gpu") is None


def test_a_cluster_that_is_gone_is_opened_anew() -> None:
    pool = Pool(0, 1)
    pool.take("a")
    pool.ready()
    pool.lost("", "its bridge ended")
    assert pool.states == ["unusable"]
    fresh = pool.cluster = ByHand()
    assert pool.take("b") is None
    assert [do for do, _, _ in fresh.asked] == ["add"]
    pool.pools.close()
    assert fresh.is_closed

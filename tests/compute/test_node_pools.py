from __future__ import annotations

from skyloom.compute.node_pools import Lease, NodePools
from skyloom.core.identity import NodeId, RunId
from skyloom.core.node_pool import NodeState, PoolSettings, pool_settings


class Pool:
    """One pool, a clock that is set by hand, and a note of who was woken."""

    def __init__(self, least: int, most: int, idle_s: float = 10.0) -> None:
        self.settings: PoolSettings | None = PoolSettings(least, most, idle_s)
        self.now = 0.0
        self.woken = 0
        self.pools = NodePools(lambda name: self.settings if name == "cpu" else None, lambda: self.now)

    def take(self, node: str = "n") -> Lease | None:
        return self.pools.take("cpu", RunId("run"), NodeId(node), self.wake)

    def wake(self) -> None:
        self.woken += 1

    @property
    def states(self) -> list[str]:
        status = self.pools.status("cpu")
        assert status is not None
        return [str(node.state) for node in status.nodes]


def test_the_least_number_stands_idle_and_the_most_is_the_cap() -> None:
    pool = Pool(1, 2)
    assert pool.states == ["idle"]
    first, second = pool.take("a"), pool.take("b")
    assert first and second and pool.take("c") is None and pool.take("c") is None
    first.begin()
    assert sorted(pool.states) == ["preparing", "running"]
    first.release()
    assert pool.woken == 1 and sorted(pool.states) == ["idle", "preparing"]
    assert pool.take("c") is not None


def test_an_idle_node_goes_away_in_time_but_for_the_least_number() -> None:
    pool = Pool(1, 3, idle_s=10)
    held = [pool.take(), pool.take()]
    for lease in held:
        assert lease is not None
        lease.release()
    pool.now = 9.9
    assert pool.states == ["idle", "idle"]
    pool.now = 10.1
    assert pool.states == ["idle"]
    again = pool.take()
    assert again is not None
    pool.now = 100
    assert pool.states == ["preparing"]  # at work for long is not idle


def test_a_pool_made_smaller_lets_nodes_finish_and_a_larger_one_wakes_who_waits() -> None:
    pool = Pool(0, 2)
    held = [pool.take(), pool.take()]
    assert pool.take() is None
    pool.settings = PoolSettings(0, 1)
    assert sorted(pool.states) == ["leaving", "preparing"]
    for lease in held:
        assert lease is not None
    held[1].release()  # type: ignore[union-attr]
    assert pool.states == ["preparing"] and pool.take() is None
    pool.settings = PoolSettings(0, 3)
    pool.woken = 0
    pool.pools.look_again()
    assert pool.woken == 1 and pool.take() is not None


def test_a_node_says_whose_it_is() -> None:
    pool = Pool(0, 1)
    assert pool.take("train") is not None
    status = pool.pools.status("cpu")
    assert status is not None and (status.nodes[0].run, status.nodes[0].node) == ("run", "train")
    assert status.count(NodeState.PREPARING) == 1


def test_what_is_no_pool_holds_nothing_back() -> None:
    pool = Pool(0, 0)
    assert pool.take() is None  # a pool of no nodes lets nothing run
    for name in ("local", None):
        try:
            pool.pools.take(name, RunId("r"), NodeId("n"), pool.wake)
        except LookupError:
            continue
        raise AssertionError(name)
    assert pool.pools.status("local") is None
    lease = Pool(0, 1)
    held = lease.take()
    lease.settings = None  # deleted while a step runs
    assert held is not None
    held.release()


def test_settings_are_read_from_the_facts_of_a_workspace() -> None:
    assert pool_settings({"type": "Databricks"}) is None and pool_settings(None) is None
    body = {"type": "AmlCompute", "min_nodes": 1, "max_nodes": 4, "idle_seconds_before_scaledown": 60}
    assert pool_settings(body) == PoolSettings(1, 4, 60.0)
    assert pool_settings({"type": "AmlCompute", "min_nodes": "x", "max_nodes": 0}) == PoolSettings(
        0, 0, 1800.0
    )

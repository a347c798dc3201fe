"""The life of a run, told with plain functions in place of scripts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from skyloom.core.identity import Json, NodeId
from skyloom.core.run import RunOptions, fold_states
from skyloom.core.state import State
from skyloom.core.task import Reason
from skyloom.engine.ports import Claimant, NodeChange, RunChange

from .world import Bench, node

CHAIN: dict[str, Json] = {"a": node("one"), "b": node("two", "a"), "c": node("three", "b")}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    for name in ("one", "two", "three"):
        made.script(name)
    yield made
    made.pool.shutdown()


def fails(texts: Mapping[str, str], canceled: threading.Event) -> str:
    raise ValueError("on purpose")


def test_results_travel_along_the_links(bench: Bench) -> None:
    run = bench.run(CHAIN)
    assert run.state is State.COMPLETED
    assert bench.text(run, "c") == "three+two+one"


def test_the_events_of_a_run_fold_to_its_states(bench: Bench) -> None:
    bench.script("bad", fails)
    run = bench.run({**CHAIN, "x": node("bad"), "y": node("one", "x")})
    states = fold_states(bench.records.events(run.id))
    assert states == {n.node: n.state for n in run.nodes} | {None: run.state}


def test_a_disabled_module_and_all_behind_it_are_skipped_and_the_run_completes(bench: Bench) -> None:
    off: Json = {**node("two", "a"), "disabled": True}
    run = bench.run({"a": node("one"), "b": off, "c": node("three", "b"), "d": node("one", after=("b",))})
    assert bench.states(run) == {
        "a": State.COMPLETED,
        "b": State.SKIPPED,
        "c": State.SKIPPED,
        "d": State.SKIPPED,
    }
    assert run.state is State.COMPLETED


def test_a_module_that_was_disabled_for_a_while_is_reused(bench: Bench) -> None:
    first = bench.run(CHAIN)
    bench.run({**CHAIN, "b": {**node("two", "a"), "disabled": True}})
    again = bench.run(CHAIN)
    assert [one.reused_from for one in again.nodes] == [first.id] * 3


def test_a_failure_skips_what_is_behind_it_and_nothing_else(bench: Bench) -> None:
    bench.script("bad", fails)
    run = bench.run(
        {
            "a": node("bad"),
            "b": node("two", "a"),
            "c": node("three", "b"),
            "free": node("one"),
            "d": node("two", after=("a",)),
        }
    )
    assert bench.states(run) == {
        "a": State.FAILED,
        "b": State.SKIPPED,
        "c": State.SKIPPED,
        "free": State.COMPLETED,
        "d": State.SKIPPED,
    }
    assert run.state is State.FAILED
    failed = run.node("a")
    assert failed and failed.reason == Reason.SCRIPT_ERROR
    assert failed.problem and "on purpose" in failed.problem.message


def test_independent_nodes_run_side_by_side(bench: Bench) -> None:
    both = threading.Barrier(2, timeout=10)

    def meets(texts: Mapping[str, str], canceled: threading.Event) -> str:
        both.wait()
        return "met"

    bench.script("meet", meets)
    assert bench.run({"a": node("meet"), "b": node("meet", reuse=False)}).state is State.COMPLETED


def test_the_second_run_reuses_everything_and_calls_nothing(bench: Bench) -> None:
    first = bench.run(CHAIN)
    calls = len(bench.compute.called)
    second = bench.run(CHAIN)
    assert len(bench.compute.called) == calls
    assert [n.reused_from for n in second.nodes] == [first.id] * 3
    assert bench.text(second, "c") == bench.text(first, "c")


def test_a_changed_node_runs_again_with_all_behind_it(bench: Bench) -> None:
    bench.run(CHAIN)
    bench.compute.called.clear()
    run = bench.run({**CHAIN, "b": node("three", "a")})
    assert bench.compute.called == ["b", "c"]
    assert bench.text(run, "c") == "three+three+one"


def test_a_node_that_gives_the_same_content_lets_the_rest_be_reused(bench: Bench) -> None:
    bench.script("uno", lambda texts, canceled: "one")
    bench.run(CHAIN)
    bench.compute.called.clear()
    bench.run({**CHAIN, "a": node("uno")})
    assert bench.compute.called == ["a"]


def test_a_node_that_forbids_reuse_always_runs(bench: Bench) -> None:
    graph = {"a": node("one", reuse=False)}
    bench.run(graph)
    run = bench.run(graph)
    again = run.node("a")
    assert bench.compute.called == ["a", "a"]
    assert again and again.reuse == "the node does not allow reuse"


def test_a_result_that_is_gone_is_made_again(bench: Bench) -> None:
    first = bench.run(CHAIN)
    lost = first.node("b")
    assert lost
    Path(bench.artifacts.stage(lost.outputs["Result"]).path).unlink()
    bench.compute.called.clear()
    second = bench.run(CHAIN)
    assert "b" in bench.compute.called
    assert bench.text(second, "c") == "three+two+one"


def test_regenerate_runs_everything_again(bench: Bench) -> None:
    bench.run(CHAIN)
    bench.run(CHAIN, RunOptions(regenerate=True))
    assert bench.compute.called == ["a", "b", "c"] * 2


def test_run_selected_runs_the_node_and_what_it_needs(bench: Bench) -> None:
    run = bench.run(CHAIN, RunOptions(selection=(NodeId("b"),)))
    assert bench.states(run) == {"a": State.COMPLETED, "b": State.COMPLETED}


def test_regenerate_with_a_selection_keeps_its_ancestors(bench: Bench) -> None:
    bench.run(CHAIN)
    bench.compute.called.clear()
    bench.run(CHAIN, RunOptions(selection=(NodeId("b"),), regenerate=True))
    assert bench.compute.called == ["b"]


def test_cancel_ends_what_runs_and_starts_nothing_more(bench: Bench) -> None:
    started = threading.Event()

    def waits(texts: Mapping[str, str], canceled: threading.Event) -> str:
        started.set()
        canceled.wait(30)
        return "late"

    bench.script("wait", waits)
    run = bench.submit({"a": node("wait"), "b": node("two", "a"), "free": node("one")})
    driver = bench.driver()
    thread = threading.Thread(target=driver.drive)
    thread.start()
    started.wait(10)
    bench.records.request_cancel(run)
    driver.cancel()
    thread.join(10)
    states = bench.states(bench.loaded(run))
    assert states["a"] is State.CANCELED
    assert states["b"] is State.CANCELED
    assert bench.loaded(run).state is State.CANCELED


def test_cancel_and_completion_at_once_give_one_end(bench: Bench) -> None:
    ends = set()
    for _ in range(30):
        run = bench.submit({"a": node("one", reuse=False)})
        driver = bench.driver()
        thread = threading.Thread(target=driver.drive)
        thread.start()
        bench.records.request_cancel(run)
        driver.cancel()
        thread.join(10)
        loaded = bench.loaded(run)
        events = [e for e in bench.records.events(run) if e.node is None and e.kind == "state"]
        assert sum(e.body["state"] in ("completed", "canceled", "failed") for e in events) == 1
        assert fold_states(bench.records.events(run))[None] is loaded.state
        ends.add(loaded.state)
    assert ends <= {State.COMPLETED, State.CANCELED}


def test_an_interrupted_node_is_tried_again(bench: Bench) -> None:
    tries = []

    def twice(texts: Mapping[str, str], canceled: threading.Event) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise InterruptedError
        return "third time"

    bench.script("shaky", twice)
    run = bench.run({"a": node("shaky")})
    now = run.node("a")
    assert now and (now.state, now.attempt) == (State.COMPLETED, 3)


def test_an_interrupted_node_that_may_not_repeat_says_so(bench: Bench) -> None:
    def stops(texts: Mapping[str, str], canceled: threading.Event) -> str:
        raise InterruptedError

    bench.script("stop", stops)
    run = bench.run({"a": node("stop", reuse=False), "b": node("one", "a")})
    now = run.node("a")
    assert now and (now.state, now.reason) == (State.FAILED, Reason.INTERRUPTED)
    assert bench.states(run)["b"] is State.SKIPPED


def leave_half_done(bench: Bench, graph: Mapping[str, Json]) -> object:
    """A run whose agent died while its first node ran."""
    run = bench.submit(graph)
    claim = bench.records.claim(Claimant("dead agent", 0.0))
    assert claim is not None
    first = bench.loaded(run).nodes[0]
    from dataclasses import replace

    way = (State.QUEUED, State.PREPARING, State.RUNNING)
    bench.records.change(
        claim,
        [NodeChange(replace(first, state=State.RUNNING), State.CREATED, way)],
        RunChange(State.CREATED, way),
    )
    time.sleep(0.01)
    return run


def test_the_next_agent_finishes_what_a_dead_one_left(bench: Bench) -> None:
    run = leave_half_done(bench, CHAIN)
    bench.driver("next agent").drive()
    done = bench.loaded(run)  # type: ignore[arg-type]
    first = done.node("a")
    assert done.state is State.COMPLETED
    assert first and first.attempt == 2


def test_the_next_agent_does_not_repeat_what_may_not_be_repeated(bench: Bench) -> None:
    run = leave_half_done(bench, {"a": node("one", reuse=False)})
    bench.driver("next agent").drive()
    first = bench.loaded(run).node("a")  # type: ignore[arg-type]
    assert bench.compute.called == []
    assert first and first.reason == Reason.INTERRUPTED


def test_a_resumed_run_keeps_what_had_completed_even_without_reuse(bench: Bench) -> None:
    bench.script("bad", fails)
    graph = {"a": node("one", reuse=False), "b": node("bad", "a")}
    first = bench.run(graph)
    bench.script("bad")
    bench.compute.called.clear()
    second = bench.run(graph, RunOptions(resumes=first.id))
    assert bench.compute.called == ["b"]
    assert second.state is State.COMPLETED

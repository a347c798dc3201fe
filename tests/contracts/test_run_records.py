"""What every store of runs promises (engine/ports.py, RunRecords)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from skyloom.core.graph import Graph, ModuleNode
from skyloom.core.identity import NodeId, digest_of, new_run_id, step_run_id
from skyloom.core.module import CommandEntry, ModuleSpec
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run import NodeRun, RunOptions, fold_states
from skyloom.core.serialize import spec_digest
from skyloom.core.state import State
from skyloom.core.task import Limits, Reason
from skyloom.engine.ports import Claim, Claimant, NodeChange, RunChange, StaleError
from tests.contracts.rooms import (
    FINISH,
    START,
    TO_COMPLETED,
    TO_RUNNING,
    Room,
    again,
    artifact,
    chain,
    claimed,
    completed,
    loaded,
    new_run,
    step,
    submitted,
)

FINGERPRINT = digest_of("module, values, inputs")


# --- accepting --------------------------------------------------------------------------------------------


def test_an_accepted_run_reads_back_as_it_was(room: Room) -> None:
    options = RunOptions((NodeId("n1"),), True, Limits(timeout_s=2.5), "full", "studio", True)
    run = submitted(
        room, experiment="été \u2028 \U0001f600", values={"rate": 0.5, "x": [1, None]}, options=options
    )
    assert loaded(room, run) == run


def test_an_accepted_run_survives_a_restart(room: Room) -> None:
    run = submitted(room)
    room.reopen()
    assert loaded(room, run) == run
    assert room.records.graph(run.graph) == chain()


def test_the_first_event_tells_of_the_submission(room: Room) -> None:
    run = submitted(room)
    (event,) = room.records.events(run.id)
    assert (event.run, event.sequence, event.kind, event.node) == (run.id, 1, "submitted", None)


def test_what_was_never_submitted_is_not_there(room: Room) -> None:
    nobody = new_run_id()
    assert room.records.load(nobody) is None
    assert room.records.graph(digest_of("no graph")) is None
    assert room.records.events(nobody) == []
    assert room.records.request_cancel(nobody) is False
    assert room.records.newest(10, before=nobody) == []


def test_the_id_of_a_step_leads_to_its_run(room: Room) -> None:
    first, second = submitted(room), submitted(room)
    for run in (first, second):
        assert room.records.run_of_step(step_run_id(run.id, run.nodes[-1].node)) == run.id
    for nobody in (step_run_id(first.id, NodeId("no such node")), new_run_id(), "", "Some text \0"):
        assert room.records.run_of_step(nobody) is None


def test_text_that_no_database_takes_is_still_accepted(room: Room) -> None:
    run = submitted(room, experiment="nul \0 and half a pair \ud800")
    assert loaded(room, run).experiment == run.experiment
    assert [one.id for one in room.records.newest(1, experiment=run.experiment)] == [run.id]


def test_an_empty_graph_of_nodes_is_a_run_without_nodes(room: Room) -> None:
    graph = chain(0)
    run = new_run(graph)
    room.records.create(run, graph)
    assert loaded(room, run).nodes == ()


# --- idempotency keys -------------------------------------------------------------------------------------


def test_a_key_used_again_gives_the_first_run_and_writes_nothing(room: Room) -> None:
    graph = chain()
    first, second = new_run(graph), new_run(graph)
    assert room.records.create(first, graph, "key") == first.id
    assert room.records.create(second, graph, "key") == first.id
    assert room.records.load(second.id) is None
    assert len(room.records.newest(10)) == 1


def test_a_key_outlives_a_restart(room: Room) -> None:
    graph = chain()
    first = new_run(graph)
    room.records.create(first, graph, "key")
    room.reopen()
    assert room.records.create(new_run(graph), graph, "key") == first.id


def test_a_key_used_for_something_else_is_refused(room: Room) -> None:
    graph = chain()
    room.records.create(new_run(graph), graph, "key")
    with pytest.raises(ProblemError) as refused:
        room.records.create(new_run(graph, values={"rate": 2}), graph, "key")
    assert refused.value.problem.code == "R018"
    assert len(room.records.newest(10)) == 1


def test_a_key_is_forgotten_after_a_day(room: Room) -> None:
    graph = chain()
    room.records.create(new_run(graph), graph, "key")
    room.clock.seconds += 24 * 3600 + 1
    second = new_run(graph)
    assert room.records.create(second, graph, "key") == second.id


def test_of_many_sends_of_one_key_one_becomes_a_run(room: Room) -> None:
    graph = chain()
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: room.records.create(new_run(graph), graph, "key"), range(24)))
    assert len(ids) == 1
    assert [one.id for one in room.records.newest(10)] == list(ids)


# --- lists ------------------------------------------------------------------------------------------------


def test_pages_of_runs_join_without_gap_or_repetition(room: Room) -> None:
    runs = [submitted(room).id for _ in range(7)]
    pages, before = [], None
    while page := room.records.newest(3, before):
        pages += [one.id for one in page]
        before = page[-1].id
    assert pages == runs[::-1]


def test_a_list_can_be_of_one_experiment(room: Room) -> None:
    ours = [submitted(room, experiment="ours").id for _ in range(3)]
    submitted(room, experiment="theirs")
    found = room.records.newest(10, experiment="ours")
    assert [one.id for one in found] == ours[::-1]
    assert [one.id for one in room.records.newest(10, before=ours[2], experiment="ours")] == ours[1::-1]


def test_a_row_of_the_list_tells_state_nodes_and_newest_metrics(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    first, second, _ = run.nodes
    metrics = (("loss", 0.5), ("loss", 0.25), ("table", [{"a": 1}]), ("name", "x"))
    room.records.change(claim, [completed(first, FINGERPRINT, metrics=metrics)], START)
    room.records.change(claim, [completed(second, FINGERPRINT, metrics=(("loss", 0.125),))])
    (row,) = room.records.newest(1)
    assert (row.id, row.state, row.nodes, row.cancel_requested) == (run.id, State.RUNNING, 3, False)
    assert row.metrics == {"loss": 0.125, "name": "x"}
    assert loaded(room, run).nodes[0].metrics == metrics


# --- moving -----------------------------------------------------------------------------------------------


def test_a_change_names_the_number_of_its_last_event(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    last = room.records.change(claim, [step(run.nodes[0], *TO_RUNNING)], START)
    assert last == room.records.events(run.id)[-1].sequence
    assert room.records.change(claim, []) == 0


def test_a_change_moves_states_and_tells_them_in_one(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    room.records.change(claim, [step(run.nodes[0], *TO_RUNNING, started_at="now")], START)
    after = loaded(room, run)
    assert (after.state, after.nodes[0].state) == (State.RUNNING, State.RUNNING)
    assert [event.sequence for event in room.records.events(run.id)] == list(range(1, 8))
    assert fold_states(room.records.events(run.id)) == {None: State.RUNNING, "n0": State.RUNNING}


def test_everything_known_of_a_node_run_reads_back(room: Room) -> None:
    run = submitted(room)
    problem = Problem("S001", "ValueError: \0 \ud83d", "script:3", "Look at line 3.", "Traceback ...")
    change = step(
        run.nodes[0],
        *TO_RUNNING,
        State.FAILED,
        fingerprint=FINGERPRINT,
        parts={"values": {"a": None}, "inputs": {"Dataset1": "sha256:x"}},
        reuse="nothing earlier",
        outputs={"Result dataset": artifact("rows")},
        others=(artifact("picture", "figure-1.png", "File"),),
        problem=problem,
        reason=Reason.SCRIPT_ERROR,
        isolation="full",
        metrics=(("loss", float("inf")),),
        notices=("careful",),
        timings_ms={"script": 1.25},
        started_at="a",
        ended_at="b",
    )
    room.records.change(claimed(room), [change], START)
    room.reopen()
    assert loaded(room, run).nodes[0] == change.now
    assert room.records.events(run.id)[-1].body["reason"] == "script_error"


def test_a_finished_run_says_when_and_is_free_of_its_claim(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    room.records.change(claim, [completed(node, FINGERPRINT) for node in run.nodes], START)
    room.records.change(claim, [], FINISH)
    after = loaded(room, run)
    assert after.state is State.COMPLETED and after.ended_at
    room.pass_time(room.lease_s * 2)
    assert room.records.claim(Claimant("other", room.lease_s)) is None


def test_nothing_changes_after_the_end(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    room.records.change(claim, [completed(node, FINGERPRINT) for node in run.nodes], START)
    room.records.change(claim, [], FINISH)
    before, events = loaded(room, run), room.records.events(run.id)
    for late in ([step(run.nodes[0], State.QUEUED)], [again(replace(run.nodes[0], state=State.RUNNING))]):
        with pytest.raises(StaleError):
            room.records.change(claim, late)
    assert room.records.request_cancel(run.id) is False
    assert (loaded(room, run), room.records.events(run.id)) == (before, events)


@pytest.mark.parametrize(
    "change",
    [
        step(NodeRun(new_run_id(), NodeId("n0")), State.QUEUED, State.COMPLETED),
        step(NodeRun(new_run_id(), NodeId("n0"), state=State.COMPLETED), State.RUNNING),
        NodeChange(NodeRun(new_run_id(), NodeId("n0")), State.CREATED, ()),
        NodeChange(NodeRun(new_run_id(), NodeId("n0")), State.CREATED, (State.QUEUED,)),
        again(NodeRun(new_run_id(), NodeId("n0"), state=State.FAILED)),
    ],
    ids=["step left out", "after the end", "no step", "now elsewhere", "attempt after the end"],
)
def test_a_way_that_leaves_the_table_of_states_is_refused(room: Room, change: NodeChange) -> None:
    run = submitted(room)
    claim = claimed(room)
    with pytest.raises(ValueError):
        room.records.change(claim, [replace(change, now=replace(change.now, run=run.id))])
    with pytest.raises(ValueError):
        room.records.change(claim, [], RunChange(State.CREATED, (State.RUNNING,)))
    with pytest.raises(ValueError):
        room.records.change(claim, [change])  # of another run
    assert len(room.records.events(run.id)) == 1


def test_a_change_from_a_state_that_moved_on_is_stale_and_leaves_nothing(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    first, second, _ = run.nodes
    room.records.change(claim, [step(first, State.QUEUED)], START)
    before, events = loaded(room, run), room.records.events(run.id)
    with pytest.raises(StaleError):
        room.records.change(claim, [step(second, State.QUEUED), step(first, State.QUEUED)])
    with pytest.raises(StaleError):
        room.records.change(claim, [step(second, State.QUEUED)], START)
    with pytest.raises(StaleError):
        room.records.change(claim, [step(NodeRun(run.id, NodeId("nobody")), State.QUEUED)])
    assert (loaded(room, run), room.records.events(run.id)) == (before, events)


def test_the_word_of_a_dead_attempt_does_not_reach_the_next(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    running = step(run.nodes[0], *TO_RUNNING).now
    room.records.change(claim, [step(run.nodes[0], *TO_RUNNING)], START)
    room.records.change(claim, [again(running)])
    second = loaded(room, run).nodes[0]
    assert (second.attempt, second.state) == (2, State.CREATED)
    room.records.change(claim, [step(second, *TO_RUNNING)])
    with pytest.raises(StaleError):
        room.records.change(claim, [step(running, State.FINALIZING, State.COMPLETED)])
    assert loaded(room, run).nodes[0].state is State.RUNNING
    assert fold_states(room.records.events(run.id))[NodeId("n0")] is State.RUNNING


def test_events_can_be_read_on_from_any_place(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    room.records.change(claim, [completed(node, FINGERPRINT) for node in run.nodes], START)
    whole = room.records.events(run.id)
    assert room.records.events(run.id, after=5, limit=3) == whole[5:8]
    assert room.records.events(run.id, after=len(whole)) == []


def test_changes_of_many_threads_leave_no_gap(room: Room) -> None:
    graph = chain(12)
    run = submitted(room, graph)
    claim = claimed(room)
    room.records.change(claim, [], START)

    def carry_out(node: NodeRun) -> None:
        for one in (State.QUEUED, State.PREPARING, State.RUNNING, State.FINALIZING, State.COMPLETED):
            room.records.change(claim, [step(node, one)])
            node = replace(node, state=one)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(carry_out, run.nodes))
    states = fold_states(room.records.events(run.id))
    assert [states[node.node] for node in run.nodes] == [State.COMPLETED] * 12
    assert {node.state for node in loaded(room, run).nodes} == {State.COMPLETED}


# --- canceling --------------------------------------------------------------------------------------------


def test_a_cancel_is_told_once(room: Room) -> None:
    run = submitted(room)
    assert room.records.request_cancel(run.id) is True
    assert room.records.request_cancel(run.id) is True
    assert loaded(room, run).cancel_requested
    assert [event.kind for event in room.records.events(run.id)] == ["submitted", "cancel"]


def test_a_cancel_that_meets_the_end_is_either_told_or_too_late(room: Room) -> None:
    for _ in range(10):
        run = submitted(room, chain(1))
        claim = claimed(room)
        room.records.change(claim, [completed(run.nodes[0], FINGERPRINT)], START)
        with ThreadPoolExecutor(2) as threads:
            canceled = threads.submit(room.records.request_cancel, run.id)
            threads.submit(room.records.change, claim, [], FINISH).result()
        told = [event.kind for event in room.records.events(run.id)].count("cancel")
        assert told == int(canceled.result()) == int(loaded(room, run).cancel_requested)
        assert loaded(room, run).state is State.COMPLETED


# --- claims -----------------------------------------------------------------------------------------------


def test_the_oldest_free_run_is_claimed_first_and_by_one_only(room: Room) -> None:
    first, second = submitted(room), submitted(room)
    assert claimed(room, "a").run == first.id
    assert claimed(room, "b").run == second.id
    assert room.records.claim(Claimant("c", room.lease_s)) is None


def test_a_run_whose_lease_ran_out_goes_to_the_next_with_a_higher_fence(room: Room) -> None:
    run = submitted(room)
    late = claimed(room, "a", room.lease_s)
    room.pass_time(room.lease_s * 1.2)
    taken = claimed(room, "b")
    assert taken.run == run.id and taken.fence > late.fence
    with pytest.raises(StaleError):
        room.records.change(late, [step(run.nodes[0], State.QUEUED)], START)
    room.records.change(taken, [step(run.nodes[0], State.QUEUED)], START)


def test_a_renewed_lease_holds(room: Room) -> None:
    run = submitted(room)
    claimed(room, "a", room.lease_s)
    for _ in range(3):
        room.pass_time(room.lease_s * 0.6)
        room.records.renew(Claimant("a", room.lease_s), [run.id])
    assert room.records.claim(Claimant("b", room.lease_s)) is None


def test_a_run_is_claimed_as_it_is_accepted(room: Room) -> None:
    graph = chain()
    run, claimant = new_run(graph), Claimant("a", room.lease_s)
    kept, claim = room.records.create_and_claim(run, graph, "key", claimant)
    assert claim is not None and kept == claim.run == run.id
    assert room.records.claim(Claimant("b", room.lease_s)) is None
    room.records.change(claim, [step(run.nodes[0], State.QUEUED)], START)
    again = new_run(graph)
    assert room.records.create_and_claim(again, graph, "key", claimant) == (run.id, None)
    assert room.records.load(again.id) is None


def test_whoever_waits_longer_is_claimed_before_what_is_accepted(room: Room) -> None:
    older, graph = submitted(room), chain()
    kept, claim = room.records.create_and_claim(
        new := new_run(graph), graph, None, Claimant("a", room.lease_s)
    )
    assert kept == new.id and claim is not None and claim.run == older.id
    assert claimed(room, "b").run == new.id


def test_what_may_be_lost_with_the_power_is_there_for_everybody(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room)
    room.records.change(claim, [step(run.nodes[0], *TO_RUNNING)], START, may_be_lost=True)
    assert loaded(room, run).nodes[0].state is State.RUNNING
    room.records.change(claim, [step(loaded(room, run).nodes[0], State.FINALIZING, State.COMPLETED)])
    numbers = [event.sequence for event in room.records.events(run.id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_lease_that_its_agent_does_not_know_of_runs_out(room: Room) -> None:
    """The answer to a claim may be lost on the way from the database."""
    unknown, known = submitted(room), submitted(room)
    assert [claimed(room, "a", room.lease_s).run for _ in range(2)] == [unknown.id, known.id]
    for _ in range(3):
        room.pass_time(room.lease_s * 0.6)
        room.records.renew(Claimant("a", room.lease_s), [known.id])
    assert claimed(room, "b").run == unknown.id
    assert room.records.claim(Claimant("b", room.lease_s)) is None


def test_renewing_by_somebody_else_holds_nothing(room: Room) -> None:
    run = submitted(room)
    claimed(room, "a", room.lease_s)
    room.pass_time(room.lease_s * 1.2)
    room.records.renew(Claimant("b", room.lease_s), [run.id])
    assert claimed(room, "b")


def test_an_agent_learns_which_of_its_runs_somebody_wants_ended(room: Room) -> None:
    mine, others = submitted(room), submitted(room)
    assert claimed(room, "a").run == mine.id and claimed(room, "b").run == others.id
    assert room.records.to_cancel("a") == []
    for run in (mine, others):
        room.records.request_cancel(run.id)
    assert room.records.to_cancel("a") == [mine.id]


def test_a_released_run_is_free_and_its_claim_is_worth_nothing(room: Room) -> None:
    run = submitted(room)
    claim = claimed(room, "a")
    room.records.release(claim)
    room.records.release(claim)
    with pytest.raises(StaleError):
        room.records.change(claim, [step(run.nodes[0], State.QUEUED)], START)
    assert claimed(room, "b").fence > claim.fence


def test_an_outrun_claim_releases_nothing(room: Room) -> None:
    submitted(room)
    late = claimed(room, "a", room.lease_s)
    room.pass_time(room.lease_s * 1.2)
    claimed(room, "b")
    room.records.release(late)
    assert room.records.claim(Claimant("c", room.lease_s)) is None


def test_many_agents_take_each_run_once(room: Room) -> None:
    runs = {submitted(room, chain(1)).id for _ in range(10)}
    taken: list[Claim] = []

    def take(agent: int) -> None:
        while claim := room.records.claim(Claimant(f"agent {agent}", 60.0)):
            taken.append(claim)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(take, range(4)))
    assert sorted(claim.run for claim in taken) == sorted(runs)


# --- reuse ------------------------------------------------------------------------------------------------


def test_the_newest_executed_result_is_reusable(room: Room) -> None:
    graph = chain(1)
    older, newer = submitted(room, graph), submitted(room, graph)
    for run in (older, newer):
        room.records.change(
            claimed(room), [completed(run.nodes[0], FINGERPRINT, outputs={"out": artifact(run.id)})], START
        )
    found = room.records.reusable(FINGERPRINT)
    assert found is not None and found == loaded(room, newer).nodes[0]
    room.reopen()
    assert room.records.reusable(FINGERPRINT) == found


def test_a_result_that_was_taken_over_or_failed_is_not_reusable(room: Room) -> None:
    run = submitted(room, chain(2))
    claim = claimed(room)
    reused = step(run.nodes[0], State.COMPLETED, fingerprint=FINGERPRINT, reused_from=new_run_id())
    failed = step(run.nodes[1], *TO_RUNNING, State.FAILED, fingerprint=FINGERPRINT)
    room.records.change(claim, [reused, failed], START)
    assert room.records.reusable(FINGERPRINT) is None


def test_the_earlier_node_run_is_the_newest_completed_one_of_the_experiment(room: Room) -> None:
    graph = chain(1)
    runs = [submitted(room, graph, experiment=name) for name in ("a", "b", "a", "a")]
    for run, path in zip(runs[:3], (TO_COMPLETED, TO_COMPLETED, (*TO_RUNNING, State.FAILED))):
        room.records.change(claimed(room), [step(run.nodes[0], *path)], START)
    found = room.records.earlier("a", NodeId("n0"), runs[3].id)
    assert found is not None and found.run == runs[0].id
    assert room.records.earlier("a", NodeId("n0"), runs[0].id) is None
    assert room.records.earlier("a", NodeId("other"), runs[3].id) is None


def test_artifacts_of_node_runs_are_in_use(room: Room) -> None:
    run = submitted(room, chain(1))
    made, picture = artifact("rows"), artifact("picture", "figure-1.png", "File")
    room.records.change(
        claimed(room), [completed(run.nodes[0], FINGERPRINT, outputs={"o": made}, others=(picture,))], START
    )
    assert room.records.artifacts_in_use() == {made.digest, picture.digest}


def test_snapshots_of_submitted_graphs_are_in_use(room: Room) -> None:
    """A run that waits, or is resumed later, still finds the source of its steps."""
    spec = ModuleSpec("train.py", "1", "Step", CommandEntry(digest_of("source"), ("train.py",)))
    node = ModuleNode(NodeId("train"), spec_digest(spec))
    submitted(room, Graph((node,), modules={spec_digest(spec): spec}))
    assert room.records.artifacts_in_use() == {digest_of("source")}


# --- deleting ---------------------------------------------------------------------------------------------


def test_a_run_that_has_ended_is_forgotten_with_all_that_was_its_own(room: Room) -> None:
    graph = chain(1)
    first = new_run(graph)
    assert room.records.create(first, graph, "key") == first.id
    claim = claimed(room)
    room.records.change(claim, [completed(first.nodes[0], FINGERPRINT)], START)
    room.records.change(claim, [], FINISH)
    assert room.records.reusable(FINGERPRINT) is not None
    assert room.records.delete(first.id)
    assert not room.records.delete(first.id)
    assert room.records.load(first.id) is None and room.records.events(first.id) == []
    assert room.records.newest(10) == [] and room.records.reusable(FINGERPRINT) is None
    second = new_run(graph)
    assert room.records.create(second, graph, "key") == second.id  # the key is free again
    assert room.records.reusable(FINGERPRINT) is None
    assert loaded(room, second) == second


def test_a_run_that_goes_on_is_not_deleted(room: Room) -> None:
    run = submitted(room)
    assert not room.records.delete(run.id)
    assert loaded(room, run) == run

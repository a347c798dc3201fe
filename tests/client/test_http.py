from __future__ import annotations

import io
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from skyloom.client.http import HttpWorkspace
from skyloom.client.start import ensure_agent
from skyloom.core.artifact import Artifact
from skyloom.core.identity import Digest, Json, RunId
from skyloom.core.problem import ProblemError
from skyloom.core.run import RunOptions, fold_states
from skyloom.core.state import State, is_terminal
from skyloom.core.task import Limits
from skyloom.core.workspace_api import Submission

from ..server.agents import COMMAND, end_agent, running_agent


def graph(script: str = "print('hello')", data: Artifact | None = None) -> Json:
    nodes: dict[str, Json] = {
        "a": {"module": "Execute Python Script", "parameters": {"Python Script": script}},
    }
    if data is not None:
        nodes["d"] = {"reference": {"datastore": "workspaceartifactstore", "path": data.digest}}
        nodes["a"] = {**nodes["a"], "inputs": {"Dataset1": "d"}}  # type: ignore[dict-item]
    return {"schema_version": 1, "name": "Story", "nodes": nodes}


def finished(api: HttpWorkspace, run: RunId) -> State:
    while not is_terminal(state := api.run(run).state):
        api.events(run, 10**6, 0.2)
    return state


def test_a_run_goes_from_submission_to_its_report(api: HttpWorkspace) -> None:
    kept = api.upload(io.BytesIO(b"a\n1\n"), "d.csv")
    script = "import sys; print(open(sys.argv[1]).read()); open('result.csv', 'w').write('b')"
    run = api.submit(Submission(graph(script, kept), options=RunOptions(limits=Limits(timeout_s=30.0))))
    assert finished(api, run) is State.COMPLETED
    found = api.run(run)
    assert found.options.limits.timeout_s == 30.0
    node = found.node("a")
    assert node is not None
    assert node.metrics[0] == ("accuracy", 0.5)
    assert api.log(run, "a") == b"a\n1\n\n"
    assert api.log(run, "a", "stdout", 2) == b"1\n\n"
    report = api.report(run)
    assert report["state"] == "completed"
    result = node.outputs["Result Dataset"]
    assert Path(api.download(result, "csv")).read_text() == "b"


def test_events_fold_to_the_states_of_the_run(api: HttpWorkspace) -> None:
    run = api.submit(Submission(graph()))
    finished(api, run)
    events = api.events(run)
    assert fold_states(events) == {None: State.COMPLETED, "a": State.COMPLETED}
    assert api.events(run, events[-2].sequence) == events[-1:]


def test_a_long_poll_ends_when_something_happens(api: HttpWorkspace) -> None:
    run = api.submit(Submission(graph("import time; time.sleep(60)")))
    while api.run(run).nodes[0].state is not State.RUNNING:
        time.sleep(0.01)
    after = api.events(run)[-1].sequence
    threading.Timer(0.3, lambda: api.cancel(run)).start()
    began = time.monotonic()
    assert api.events(run, after, 30)
    assert 0.2 < time.monotonic() - began < 5
    assert finished(api, run) is State.CANCELED
    assert api.cancel(run) is False


def test_a_long_poll_ends_empty_when_nothing_happens(api: HttpWorkspace) -> None:
    run = api.submit(Submission(graph()))
    finished(api, run)
    assert api.events(run, 10**6, 0.2) == []


def test_the_same_key_gives_the_same_run(api: HttpWorkspace) -> None:
    submission = Submission(graph(), idempotency_key="k 1")
    run = api.submit(submission)
    assert api.submit(submission) == run
    with pytest.raises(ProblemError) as caught:
        api.submit(replace(submission, experiment="other"))
    assert caught.value.problem.code == "R018"


def test_problems_of_a_graph_come_all_and_whole(api: HttpWorkspace) -> None:
    document: Json = {"schema_version": 2, "nodes": {"a": {"module": "Execute Python-Script"}}}
    told = api.validate(document)
    assert [problem.code for problem in told] == ["G016", "G008"]
    with pytest.raises(ProblemError) as caught:
        api.submit(Submission(document))
    assert list(caught.value.problems) == list(told)
    assert "Did you mean" in told[1].fix


def test_lists_of_runs_have_pages(api: HttpWorkspace) -> None:
    made = [api.submit(Submission(graph(), experiment="e")) for _ in range(5)]
    for run in made:
        finished(api, run)
    first = api.runs(limit=2)
    second = api.runs(limit=10, before=first[-1].id)
    assert [row.id for row in [*first, *second]] == sorted(made, reverse=True)
    assert api.runs(experiment="else") == []
    assert first[0].metrics == {"accuracy": None}  # NaN has no JSON


def test_resume_and_why_tell_of_reuse(api: HttpWorkspace) -> None:
    run = api.submit(Submission(graph("print('why')")))
    finished(api, run)
    again = api.resume(run)
    finished(api, again)
    assert api.run(again).options.resumes == run
    [note] = api.why(again)
    assert (note.node, note.reused, note.from_run) == ("a", True, run)


def test_datasets_keep_any_name(api: HttpWorkspace) -> None:
    name = "a/b?c=d&e #1 ü %2e%2e"
    artifact = api.upload(io.BytesIO(b"x"), "x.csv")
    assert api.register_dataset(name, artifact, "about").version == 1
    api.register_dataset(name, artifact)
    assert api.dataset(name).version == 2
    assert api.dataset(name, 1).description == "about"
    assert [one.name for one in api.datasets()] == [name]
    assert api.profile(artifact)["statistics"]
    assert api.delete_dataset(name) == 2
    with pytest.raises(ProblemError) as caught:
        api.dataset(name)
    assert caught.value.problem.code == "D060"


def test_an_upload_of_unknown_length_is_sent_in_chunks(api: HttpWorkspace) -> None:
    read, write = os.pipe()
    content = os.urandom(3_000_000)

    def feed() -> None:
        with open(write, "wb") as end:
            end.write(content)

    feeder = threading.Thread(target=feed)
    feeder.start()
    with open(read, "rb") as stream:
        artifact = api.upload(stream, "blob.bin")
    feeder.join()
    assert artifact.size == len(content)
    assert Path(api.download(artifact, "raw")).read_bytes() == content


def test_limits_go_with_an_upload(api: HttpWorkspace) -> None:
    assert api.upload(io.BytesIO(b"x"), "x.bin", None, Limits(memory_bytes=2**30)).size == 1


@pytest.mark.parametrize("run", ["no-such-run", "../../livez", "%2e%2e", "a b"])
def test_ids_that_lead_nowhere_are_not_found(api: HttpWorkspace, run: str) -> None:
    with pytest.raises(ProblemError) as caught:
        api.run(RunId(run))
    assert caught.value.problem.code in ("R001", "A008", "A004")


def test_modules_and_doctor_come_whole(api: HttpWorkspace) -> None:
    [spec] = api.modules()
    assert spec.name == "Execute Python Script"
    assert api.doctor()["isolation"] == "none"


def test_an_agent_of_another_kind_is_told_apart(api: HttpWorkspace) -> None:
    with pytest.raises(ProblemError) as caught:
        api.download(Artifact(Digest("sha256:0"), "x", "Dataset", "no role", "", 0), "csv")  # type: ignore[arg-type]
    assert caught.value.problem.code == "A007"


def test_a_client_goes_on_with_the_next_agent(home: Path) -> None:
    with running_agent(home) as place:
        client = HttpWorkspace(place, lambda where: ensure_agent(where, COMMAND))
        first = client.status()["pid"]
        end_agent(place)
        artifact = client.upload(io.BytesIO(b"x"), "x.bin")  # not repeatable: must not fail on the old line
        assert artifact.size == 1
        assert client.status()["pid"] != first
        client.close()


def test_threads_share_a_client(api: HttpWorkspace) -> None:
    found: list[object] = []

    def ask() -> None:
        for _ in range(20):
            found.append(api.status()["pid"])
        api.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160


def test_an_agent_on_its_way_out_is_waited_for(home: Path) -> None:
    with running_agent(home) as place:
        client = HttpWorkspace(place, lambda where: ensure_agent(where, COMMAND))
        first = client.status()["pid"]
        client.submit(Submission(graph("import time; time.sleep(1)")))
        client.stop()
        content = io.BytesIO(b"head and content")
        content.seek(5)
        artifact = client.upload(content, "x.bin")
        assert Path(client.download(artifact, "raw")).read_bytes() == b"and content"
        assert client.status()["pid"] != first
        client.close()

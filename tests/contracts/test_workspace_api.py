"""What a workspace promises whichever way it is reached: in this process, by its socket, by its address.

core/workspace_api.py, core/pipeline_api.py and core/publishing_api.py; one suite over the three forms.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skyloom.client.home import AgentPlace
from skyloom.client.publishing import PublishingWorkspace
from skyloom.client.remote import RemoteWorkspace
from skyloom.client.server_place import ServerPlace
from skyloom.client.web import HttpWeb
from skyloom.core.data_reference import DataReference
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Digest, Json, NodeId, RunId, digest_of_bytes
from skyloom.core.pipeline_api import PipelineApi
from skyloom.core.problem import ProblemError
from skyloom.core.publication import EndpointVersion, PipelineCall, PipelineDraft, Publication
from skyloom.core.publishing_api import PublishingApi
from skyloom.core.recurrence import Recurrence
from skyloom.core.run import RunOptions
from skyloom.core.run_notes import RunNotes
from skyloom.core.schedule import Schedule
from skyloom.core.state import State, is_terminal
from skyloom.core.workspace_api import Submission
from skyloom.workspace.local import LocalWorkspace, open_workspace
from tests.cli.commands import Commands

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("workspace api")]

OPTIONS = RunOptions(environment="current")
SCRIPT = "import pandas\ndef azureml_main():\n    print('hello')\n    return pandas.DataFrame({'a': [1]})\n"
DOCUMENT: Json = {
    "schema_version": 1,
    "name": "one",
    "parameters": {"word": {"type": "string", "default": "usual"}},
    "nodes": {"say": {"module": "Execute Python Script", "parameters": {"Python Script": SCRIPT}}},
}


class Direct:
    """The three faces of a workspace of this process as one."""

    def __init__(self, workspace: LocalWorkspace) -> None:
        self._faces: tuple[Any, ...] = (workspace.pipelines, workspace.publishing, workspace)

    def __getattr__(self, name: str) -> Any:
        return next(getattr(face, name) for face in self._faces if hasattr(face, name))


@pytest.fixture(scope="module")
def agent() -> Iterator[AgentPlace]:
    with tempfile.TemporaryDirectory(prefix="skyloom-api-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        skyloom = Commands(Path(folder, "home"), Path(folder))
        try:
            assert skyloom("up", "--port", "0", "--quiet").code == 0
            yield AgentPlace(f"{folder}/home")
        finally:
            skyloom("agent", "stop")


@pytest.fixture(scope="module", params=["direct", "socket", "tcp"])
def api(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "direct":
        with tempfile.TemporaryDirectory(prefix="skyloom-api-", dir="/var/tmp") as folder:
            Path(folder).chmod(0o711)
            with open_workspace(Path(folder)) as workspace:
                yield Direct(workspace)
        return
    place: AgentPlace = request.getfixturevalue("agent")
    if request.param == "socket":
        made = PublishingWorkspace(place)
    else:
        web = HttpWeb(place)
        made = RemoteWorkspace(ServerPlace(str(web.port()["address"]), web.first_token()))
        web.close()
    yield made
    made.close()


def finished(api: Any, run: RunId) -> Any:
    until = time.monotonic() + 60
    seen = 0
    while not is_terminal(api.run(run).state):
        assert time.monotonic() < until
        events = api.events(run, seen, 1.0)
        seen = events[-1].sequence if events else seen
    return api.run(run)


@pytest.fixture(scope="module")
def mine(api: Any) -> str:
    """A word for the names of this form: two of them look at one workspace."""
    return type(api).__name__


@pytest.fixture(scope="module")
def run(api: Any, mine: str) -> Any:
    """A run that has ended."""
    return finished(api, api.submit(Submission(DOCUMENT, mine, options=OPTIONS, origin="sdk")))


def code_of(action: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        action()
    return caught.value.problem.code


def test_every_form_has_every_use_case(api: Any) -> None:
    for protocol in (PipelineApi, PublishingApi):
        names = [name for name in vars(protocol) if not name.startswith("_")]
        assert [name for name in names if not callable(getattr(api, name))] == []


def test_a_run_is_submitted_followed_and_told(api: Any, mine: str, run: Any) -> None:
    assert run.state is State.COMPLETED and run.origin == "sdk"
    assert b"hello" in api.log(run.id, "say")
    assert [one.id for one in api.runs(10, None, mine)] == [run.id]
    assert api.why(run.id)[0].node == "say"
    assert api.report(run.id)["run"] == run.id
    assert api.cancel(run.id) is False
    assert api.graph(run.id).node(NodeId("say")) is not None


def test_an_output_is_downloaded(api: Any, run: Any) -> None:
    (made,) = [one for name, one in run.node("say").outputs.items() if "ataset" in name]
    assert Path(api.download(made, "csv")).read_text().split() == ["a", "1"]
    assert Path(api.download(made, "raw")).stat().st_size == made.size


def test_the_same_key_is_the_same_run(api: Any, mine: str) -> None:
    wish = Submission(DOCUMENT, "keys", options=OPTIONS, idempotency_key=mine)
    assert api.submit(wish) == api.submit(wish)
    assert code_of(lambda: api.submit(replace(wish, experiment="other"))) == "R018"


def test_a_failed_graph_tells_every_reason(api: Any) -> None:
    broken: Json = {"schema_version": 1, "nodes": {"a": {"module": "No Such"}, "b": {"module": "Nor This"}}}
    assert len(api.validate(broken)) == 2
    with pytest.raises(ProblemError) as caught:
        api.submit(Submission(broken))
    assert len(caught.value.problems) == 2


def test_what_is_not_there_is_a_problem_of_the_same_code(api: Any) -> None:
    assert code_of(lambda: api.run(RunId("nothing"))) == "R001"
    assert code_of(lambda: api.graph(RunId("nothing"))) == "R001"
    assert code_of(lambda: api.dataset("nothing")) == "D060"
    assert code_of(lambda: api.published_pipeline("nothing")) == "P200"
    assert code_of(lambda: api.pipeline_endpoint(name="nothing")) == "P204"
    assert code_of(lambda: api.schedule("nothing")) == "P208"
    assert code_of(lambda: api.draft("nothing")) == "P210"
    assert code_of(lambda: api.stored_path(DataReference("workspaceblobstore", "nothing"))) == "R312"
    assert code_of(lambda: api.stored_files(DataReference("nowhere", ""))) == "R310"


def test_facts_are_kept(api: Any) -> None:
    assert api.change_facts({"name": "suite", "location": "here"})["name"] == "suite"
    assert api.facts()["location"] == "here"
    assert code_of(lambda: api.change_facts({"name": "other"}, create=True)) == "R313"


def test_a_file_of_a_datastore_goes_in_and_out(api: Any, mine: str) -> None:
    place = DataReference("workspaceblobstore", f"{mine}/a b.bin")
    content = bytes(range(256)) * 5000
    assert api.store_file(place, io.BytesIO(content))
    assert not api.store_file(place, io.BytesIO(b""))
    (stored,) = api.stored_files(DataReference(place.datastore, mine))
    assert (stored.path, stored.size) == (place.path, len(content))
    assert Path(api.stored_path(place)).read_bytes() == content
    assert api.store_file(place, io.BytesIO(b"new"), overwrite=True)
    assert Path(api.stored_path(place)).read_bytes() == b"new"


def test_a_folder_is_kept_and_listed(api: Any) -> None:
    nowhere = Digest("sha256:" + "0" * 64)
    sent = api.upload(io.BytesIO(b"text"), "a.txt", "File")
    assert api.missing([sent.digest, nowhere]) == [nowhere]
    folder = Folder((FolderFile("x/a.txt", sent.digest, sent.size, False),))
    kept = api.keep_folder(folder, "source")
    assert api.folder(kept) == folder


def test_notes_are_written_on_a_run(api: Any, run: Any) -> None:
    notes = RunNotes({"a": "1"}, {"b": "2"}, "words", "name")
    assert api.annotate(run.id, notes) == notes
    assert api.notes(run.id) == notes


def test_a_pipeline_is_published_called_and_listed(api: Any, run: Any) -> None:
    made = api.publish_pipeline(Publication("p", "words", "3", DOCUMENT, options=OPTIONS))
    assert (made.steps, made.parameters, made.version) == (("say",), {"word": "usual"}, "3")
    of_run = api.publish_pipeline(Publication("of run", run=run.id))
    assert of_run.graph == run.graph
    listed = [one.id for one in api.published_pipelines()]
    assert listed.index(of_run.id) < listed.index(made.id)
    call = PipelineCall("calls", {"word": 3, "unknown": 1}, tags={"t": "1"}, idempotency_key=made.id)
    started = api.call_pipeline(made.id, call)
    assert api.call_pipeline(made.id, call) == started
    assert api.run(started).values == {"word": "3"} and api.run(started).origin == "endpoint"
    assert api.notes(started).tags == {"t": "1"}
    assert [one.id for one in api.calls(made.id)] == [started]
    assert api.call_of(started).pipeline == made.id and api.call_of(run.id) is None
    assert not api.set_pipeline_active(made.id, False).is_active
    assert code_of(lambda: api.call_pipeline(made.id, PipelineCall("calls"))) == "P201"
    assert code_of(lambda: api.call_pipeline(of_run.id, PipelineCall("no name!"))) == "P202"
    finished(api, started)


def test_an_endpoint_leads_to_the_version_that_is_asked_for(api: Any, mine: str) -> None:
    first, second = (
        api.publish_pipeline(Publication(name, document=DOCUMENT, options=OPTIONS)) for name in "ab"
    )
    made = api.create_pipeline_endpoint(mine, "words", first.id)
    assert code_of(lambda: api.create_pipeline_endpoint(mine, "", first.id)) == "P205"
    versions = (*made.versions, EndpointVersion("1", second.id))
    changed = api.change_pipeline_endpoint(replace(made, versions=versions, default_version="1"))
    assert code_of(lambda: api.change_pipeline_endpoint(made)) == "P214"
    started = api.call_pipeline_endpoint(made.id, None, PipelineCall("endpoints"))
    assert api.call_of(started).pipeline == second.id and api.call_of(started).endpoint == made.id
    old = api.call_pipeline_endpoint(made.id, "0", PipelineCall("endpoints"))
    assert api.call_of(old).pipeline == first.id
    assert code_of(lambda: api.call_pipeline_endpoint(made.id, "9", PipelineCall("endpoints"))) == "P207"
    assert api.pipeline_endpoint(name=mine) == changed == api.pipeline_endpoints()[0]
    for one in (started, old):
        finished(api, one)


def test_a_draft_is_kept_changed_and_deleted(api: Any) -> None:
    made = api.create_draft(PipelineDraft("", "d", "drafts", DOCUMENT, values={"word": "mine"}))
    changed = api.change_draft(replace(made, description="words"))
    assert code_of(lambda: api.change_draft(made)) == "P214"
    assert api.draft(made.id) == changed and changed.steps == ("say",)
    assert [one.id for one in api.drafts()] == [made.id]
    api.delete_draft(made.id)
    assert code_of(lambda: api.delete_draft(made.id)) == "P210"


def test_a_schedule_is_made_goes_off_and_is_ended(api: Any) -> None:
    pipeline = api.publish_pipeline(Publication("s", document=DOCUMENT, options=OPTIONS))
    wish = Schedule("", "s", "schedules", pipeline.id, recurrence=Recurrence("Month"))
    made = api.create_schedule(wish)
    until = time.monotonic() + 30
    while [one.state for one in api.triggers(made.id)] != ["started"]:
        assert time.monotonic() < until
        time.sleep(0.02)
    (call,) = api.calls(schedule=made.id)
    finished(api, RunId(call.id))
    assert [one.id for one in api.schedules(pipeline=pipeline.id)] == [made.id]
    assert api.next_times(made.id, 1) == [api.schedule(made.id).next_at]
    by_hand = api.run_schedule(made.id)
    assert api.triggers(made.id)[0].run == by_hand
    finished(api, by_hand)
    assert not api.change_schedule(replace(api.schedule(made.id), is_active=False)).is_active
    assert api.schedules() == []
    assert code_of(lambda: api.create_schedule(replace(wish, recurrence=Recurrence("Day", 0)))) == "P209"


def test_a_dataset_has_a_name_and_a_content_that_is_stored(api: Any) -> None:
    kept = api.upload(io.BytesIO(b"text"), "a.txt", "File")
    gone = replace(kept, digest=digest_of_bytes(b"never stored"))
    assert code_of(lambda: api.register_dataset("x", gone)) == "W260"
    assert code_of(lambda: api.register_dataset("x", replace(kept, digest="../x"))) == "W260"
    assert code_of(lambda: api.register_dataset(" ", kept)) == "W261"
    assert api.register_dataset("kept", kept).version == 1


def test_datasets_are_kept_and_read_the_same_way(api: Any) -> None:
    """core/data_api.py: files come as paths that can be opened, wherever the agent is."""
    name = f"set-{time.monotonic_ns()}"
    for path, content in (("a.csv", b"x\n1\n"), ("deep/b.csv", b"x\n2\n")):
        api.store_file(DataReference("workspaceblobstore", f"{name}/{path}"), io.BytesIO(content))
    definition: dict[str, Json] = {
        "kind": "file",
        "sources": [{"datastore": "workspaceblobstore", "path": f"{name}/**"}],
    }
    id = api.define_dataset(definition)
    assert api.dataset_definition(id) == definition
    found = api.dataset_files(definition)
    assert [one.path for one in found.files] == [f"{name}/a.csv", f"{name}/deep/b.csv"]
    assert [Path(one.local).read_bytes() for one in found.files] == [b"x\n1\n", b"x\n2\n"]
    assert api.register_definition(name, definition, "d", {"k": "v"}).version == 1
    (kept,) = api.registered_datasets(name)
    assert (kept.id, kept.tags, kept.description) == (id, {"k": "v"}, "d")
    assert api.change_definition_notes(name, 1, "new", {}).description == "new"
    api.forget_dataset(name)
    assert list(api.registered_datasets(name)) == []
    assert [store.name for store in api.datastores()] == ["workspaceblobstore", "workspacefilestore"]
    for wrong in ({"kind": "x"}, {"kind": "file", "sources": [{"url": 1}]}):
        with pytest.raises(ProblemError, match="P242"):
            api.define_dataset(wrong)
    with pytest.raises(ProblemError, match="P240"):
        api.dataset_definition("nothing")

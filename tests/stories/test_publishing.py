"""Publishing pipelines and starting them from elsewhere, as the old notebooks do it."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.stories.pipelines import HEAD, Code

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("publishing")]

PUBLISHING = (
    HEAD
    + """
import json, requests, time
from azureml.core.authentication import InteractiveLoginAuthentication, ServicePrincipalAuthentication
from azureml.pipeline.core import PipelineDraft, PipelineEndpoint, PublishedPipeline
from azureml.pipeline.core.schedule import Schedule, ScheduleRecurrence, TimeZone
aad_token = InteractiveLoginAuthentication().get_authentication_header()
def say_step(name="say.py", **more):
    pipeline_param = PipelineParameter(name="pipeline_arg", default_value=10)
    return PythonScriptStep(script_name="say.py", name=name, arguments=["--param1", pipeline_param], **more)
def said_by(run):
    run.wait_for_completion(show_output=False)
    return run.find_step_run("say.py")[0].get_stdout_log().strip().splitlines()[-1]
"""
)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home whose server is up."""
    with tempfile.TemporaryDirectory(prefix="skyloom-publishing-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            assert skyloom("up", "--port", "0", "--json").code == 0
            yield place / "home"
        finally:
            skyloom("agent", "stop")


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    made = Code(home, tmp_path)
    made.script("say.py", "import sys; print(sys.argv[1:])")
    return made


def test_the_seeds_publish_and_run_it_by_rest(code: Code) -> None:
    """seeds/pipelines-sdk.es.md, Publicar una canalización and Ejecutar una canalización publicada."""
    said = code(
        """
        pipeline1 = Pipeline(workspace=ws, steps=[say_step()])
        published_pipeline1 = pipeline1.publish(
            name="My_Published_Pipeline",
            description="My Published Pipeline Description")
        open("say.py", "w").write("print('edited after it was published')")
        response = requests.post(published_pipeline1.endpoint,
            headers=aad_token,
            json={"ExperimentName": "My_Pipeline",
                "ParameterAssignments": {"pipeline_arg": 20, "unknown": "let pass"}})
        assert response.status_code == 200, response.text
        run_id = response.json()["Id"]
        published_pipeline_run = PipelineRun(ws.experiments["My_Pipeline"], run_id)
        print("PARAM", said_by(published_pipeline_run))
        properties = published_pipeline_run.get_properties()
        assert properties["azureml.pipelineid"] == published_pipeline1.id
        assert properties["runType"] == "HTTP"
        assert [run.id for run in PipelineRun.get_pipeline_runs(ws, published_pipeline1.id)] == [run_id]
        state = requests.get(published_pipeline1.endpoint.replace(
            "PipelineSubmit/" + published_pipeline1.id, run_id), headers=aad_token).json()
        assert state["Status"]["StatusCode"] == "Finished" and state["TotalRunSteps"] == 1
        print("SDK", said_by(published_pipeline1.submit(ws, "My_Pipeline")))
        values = {"pipeline_arg": "7"}
        run = Experiment(ws, "My_Pipeline").submit(published_pipeline1, pipeline_parameters=values)
        print("EXP", said_by(run))
        again = published_pipeline_run.publish_pipeline("from_run", "of a run", version="2")
        assert [one.name for one in PublishedPipeline.list(ws)][:2] == ["from_run", "My_Published_Pipeline"]
        print("RUN", said_by(PublishedPipeline.get(ws, again.id).submit(ws, "other")))
        print(published_pipeline1, again._repr_html_()[:7], again.version, again.total_run_steps)
        """,
        PUBLISHING,
    )
    assert "PARAM ['--param1', '20']" in said
    assert "SDK ['--param1', '10']" in said and "EXP ['--param1', '7']" in said
    assert "RUN ['--param1', '10']" in said and "Status: Active" in said and "<table> 2 1" in said


def test_what_cannot_be_started_answers_in_the_old_form(code: Code) -> None:
    """sdk.md 15: 401, 404 and 400, with the old body."""
    said = code(
        """
        from azureml.exceptions import AuthenticationException
        pipeline = Pipeline(ws, [say_step()]).publish("refusing", "d")
        def post(url=pipeline.endpoint, headers=aad_token, **body):
            answer = requests.post(url, headers=headers, json={"ExperimentName": "E", **body})
            error = answer.json()["Error"]
            assert set(error) == {"Code", "Message", "Target", "Details", "InnerError", "DebugInfo"}
            assert answer.json()["Correlation"] == {}
            print(answer.status_code, error["Code"], error["InnerError"]["Code"])
        post(headers={})
        post(headers={"Authorization": "Bearer aml_x"})
        post(url=pipeline.endpoint[:-36] + "0" * 36)
        post(url=pipeline.endpoint.replace("/story/", "/another/"))
        post(ExperimentName="")
        post(ParameterAssignments={"pipeline_arg": "no number"})
        post(ParameterAssignments=[1])
        pipeline.disable()
        post()
        assert PublishedPipeline.get(ws, pipeline.id).status == "Disabled"
        assert pipeline.id not in [one.id for one in PublishedPipeline.list(ws)]
        assert pipeline.id in [one.id for one in PublishedPipeline.list(ws, active_only=False)]
        try:
            ServicePrincipalAuthentication("t", "0" * 16, "wrong").get_authentication_header()
        except AuthenticationException as error:
            print(error.message)
        """,
        PUBLISHING,
    )
    assert said.splitlines()[-9:] == [
        "401 Unauthorized A101",
        "401 Unauthorized A101",
        "404 NotFound P200",
        "404 NotFound W112",
        "400 UserError P202",
        "400 UserError P203",
        "400 UserError P202",
        "400 UserError P201",
        "P212: The client id and secret open nothing.",
    ]


def test_a_run_is_looked_into_at_the_old_addresses(code: Code) -> None:
    """services.md 4: polling, steps, logs, metrics, run history, pipelines and endpoints over REST."""
    code.script("say.py", "from azureml.core import Run; Run.get_context().log('n', 3); print('spoken')")
    said = code(
        """
        published = Pipeline(ws, [say_step()]).publish("looked into")
        base = published.endpoint.partition("/PipelineRuns/")[0]
        runs = base + "/PipelineRuns/"
        def ask(method, url, **more):
            answer = requests.request(method, url, headers=aad_token, **more)
            assert answer.status_code == 200, (url, answer.text)
            return answer.json()
        id = ask("POST", published.endpoint, json={"ExperimentName": "look", "tags": {"a": 1}})["Id"]
        PipelineRun(ws.experiments["look"], id).wait_for_completion(show_output=False)
        run = ask("GET", runs + id)
        print(run["Status"]["StatusCode"], run["tags"], run["RunType"], run["PipelineId"] == published.id)
        node = ask("POST", runs + id + "/Graph/AllNodes/Status")["say.py"]
        assert ask("POST", runs + id + "/Graph/Node/Status?nodeId=say.py") == node
        text = ask("POST", runs + id + "/Graph/Shareable/STDOUT?nodeId=say.py")
        print(node["StatusCode"], "spoken" in text)
        assert ask("POST", runs + id + "/Outputs") == {"say.py": {}}
        assert ask("POST", runs + id + "/Cancel")["Status"]["StatusCode"] == "Finished"
        assert ask("DELETE", runs + id + "/Execution")["Id"] == id
        history = base.replace("/pipelines/", "/history/") + "/experiments/look/runs/"
        assert ask("GET", history + id)["status"] == ask("GET", history + id + "/details")["status"]
        step = ask("GET", history + id + "/children")["value"][0]
        print(step["status"], ask("GET", history + step["runId"] + "/metrics")["value"][0]["value"])
        assert ask("GET", history + step["runId"])["parentRunId"] == id
        assert ask("GET", history + id + "/artifacts")["value"] == []
        assert ask("POST", history + id + "/cancel")["status"] == "Completed"
        assert ask("GET", base + "/Pipelines/" + published.id)["Url"] == published.endpoint
        assert published.id in [one["Id"] for one in ask("GET", base + "/PublishedPipelines")]
        off = ask("PUT", base + "/Pipelines/" + published.id + "/status", data='"Disabled"')
        assert off["EntityStatus"] == "Disabled"
        ask("PUT", base + "/Pipelines/" + published.id + "/status", json={"EntityStatus": "Active"})
        ends = base + "/PipelineEndpoints"
        made = ask("POST", ends + "/Create", json={"Name": "rest", "PipelineId": published.id})
        assert made["PipelineVersionList"] == [{"Version": "0", "PipelineId": published.id}]
        assert ask("GET", ends + "/Id/" + made["Id"]) == ask("GET", ends + "/Name?name=rest")
        assert made["Id"] in [one["Id"] for one in ask("GET", ends)]
        changed = ask("PUT", ends + "/" + made["Id"], json={"Description": "words"})
        assert changed["Description"] == "words" and changed["DefaultVersion"] == "0"
        assert [one["Id"] for one in ask("GET", ends + "/" + made["Id"] + "/pipelines")] == [published.id]
        PipelineEndpoint.get(ws, name="rest").archive()
        """,
        PUBLISHING,
    )
    assert said.splitlines()[-3:] == ["Finished {'a': '1'} HTTP True", "Finished True", "Completed 3"]


def test_a_token_for_one_pipeline_by_client_credentials(code: Code, home: Path) -> None:
    """sdk.md 15: Data Factory and build servers; the token opens one pipeline and the state of its runs."""
    id = code(
        """
        print("ID", Pipeline(ws, [say_step()]).publish("scoped", "d").id)
        """,
        PUBLISHING,
    ).split("ID ")[1]
    made = Commands(home, code.folder)("token", "create", "--scope", f"pipeline:{id.strip()}", "--json").json
    said = code(
        f"""
        auth = ServicePrincipalAuthentication("tenant", "{made["id"]}", "{made["token"].split("_")[2]}")
        header = auth.get_authentication_header()
        assert header["Authorization"].startswith("Bearer amx_") and auth.get_token()[1] > time.time() + 3000
        pipeline = PublishedPipeline.get(ws, "{id.strip()}")
        body = {{"ExperimentName": "scoped"}}
        first = requests.post(pipeline.endpoint, headers={{**header, "Idempotency-Key": "a key"}}, json=body)
        second = requests.post(pipeline.endpoint, headers={{**header, "Idempotency-Key": "a key"}}, json=body)
        assert first.json()["Id"] == second.json()["Id"], first.text
        runs = pipeline.endpoint.rpartition("/PipelineSubmit/")[0] + "/"
        print("OWN", requests.get(runs + first.json()["Id"], headers=header).status_code)
        other = Pipeline(ws, [say_step()]).publish("other", "d")
        print("OTHER", requests.post(other.endpoint, headers=header, json=body).status_code)
        theirs = Experiment(ws, "theirs").submit(other)
        print("THEIRS", requests.get(runs + theirs.id, headers=header).status_code)
        """,
        PUBLISHING,
    )
    assert "OWN 200" in said and "OTHER 403" in said and "THEIRS 403" in said


def test_an_endpoint_with_versions(code: Code) -> None:
    """As the notebook of versioned endpoints does it, the address by name included (sdk.md 15)."""
    said = code(
        """
        def pipeline(value):
            parameter = PipelineParameter("pipeline_arg", value)
            return Pipeline(ws, [PythonScriptStep("say.py", arguments=[parameter])])
        endpoint = PipelineEndpoint.publish(ws, "versions", "some words", pipeline(1))
        second = pipeline(2).publish("second")
        endpoint.add_default(second)
        endpoint.add(pipeline(3))
        assert [one.version for one in endpoint.list_versions()] == ["0", "1", "2"]
        found = PipelineEndpoint.get(ws, name="versions")
        assert found.get_default_version() == "1" and found.get_pipeline().id == second.id
        by_id = found.endpoint
        def post(url):
            answer = requests.post(url, headers=aad_token, json={"ExperimentName": "versions"})
            answer.raise_for_status()
            return said_by(PipelineRun(ws.experiments["versions"], answer.json()["Id"]))
        print("DEFAULT", post(by_id), "FIRST", post(by_id + "/0"))
        by_name = by_id[:by_id.find("Id")] + "Name?name=versions"
        print("NAMED", post(by_name), post(by_name + "&pipelineVersion=2"))
        found.set_default_version("2")
        old = found.submit("versions", pipeline_version="0")
        print("SDK", said_by(found.submit("versions")), said_by(old))
        for wrong in (lambda: found.set_default_version("9"),
                      lambda: PipelineEndpoint.publish(ws, "versions", "", second),
                      lambda: found.submit("versions", pipeline_version="9")):
            try:
                wrong()
            except ValueError as error:
                print("ValueError:", error)
        found.disable()
        assert requests.post(by_id, headers=aad_token, json={"ExperimentName": "versions"}).status_code == 400
        found.archive()
        assert [one.name for one in PipelineEndpoint.list(ws)] == []
        found.reactivate("again")
        assert [one.name for one in PipelineEndpoint.list(ws)] == ["again"]
        """,
        PUBLISHING,
    )
    assert "DEFAULT ['2'] FIRST ['1']" in said and "NAMED ['2'] ['3']" in said and "SDK ['3'] ['1']" in said
    assert said.count("ValueError:") == 3


def test_a_draft_is_worked_on_run_and_published(code: Code) -> None:
    said = code(
        """
        draft = PipelineDraft.create(ws, Pipeline(ws, [say_step()]), "a draft", "words", "drafts",
                                     {"pipeline_arg": 1}, tags={"who": "me"})
        print("ONE", said_by(draft.submit_run()))
        draft = PipelineDraft.get(ws, draft.id)
        draft.update(pipeline_parameters={"pipeline_arg": 2})
        run = Experiment(ws, "drafts").submit(draft)
        print("TWO", said_by(run), run.get_tags())
        assert draft.last_submitted_pipeline_run_id == run.id
        print("PUBLISHED", said_by(draft.publish().submit(ws, "drafts")))
        clone = PipelineDraft.create(ws, draft, name="a clone")
        of_run = PipelineDraft.create(ws, run)
        assert clone.parent_pipeline_draft_id == draft.id and of_run.parent_pipeline_run_id == run.id
        print("RUN", said_by(of_run.submit_run()))
        assert [one.name for one in PipelineDraft.list(ws, tags={"who": "me"})] == ["a clone", "a draft"]
        draft.delete()
        assert [one.name for one in PipelineDraft.list(ws, tags="who")] == ["a clone"]
        """,
        PUBLISHING,
    )
    assert "ONE ['--param1', '1']" in said and "TWO ['--param1', '2'] {'who': 'me'}" in said
    assert "PUBLISHED ['--param1', '2']" in said and "RUN ['--param1', '2']" in said


def test_schedules_by_the_clock_and_by_a_datastore(code: Code) -> None:
    """One run for all that changed between two looks, and a history that tells of it (sdk.md 14, 20)."""
    said = code(
        """
        path = PipelineParameter("changed", "nothing")
        step = PythonScriptStep("say.py", arguments=[path], allow_reuse=False)
        published = Pipeline(ws, [step]).publish("scheduled")
        def wait_for(schedule):
            for _ in range(400):
                run = schedule.get_last_pipeline_run()
                if run is not None:
                    return run
                time.sleep(0.05)
            raise AssertionError(schedule.triggers())

        recurrence = ScheduleRecurrence(frequency="Day", interval=1, time_zone=TimeZone.WEuropeStandardTime)
        daily = Schedule.create(ws, "daily", published.id, "schedules", recurrence=recurrence,
                                pipeline_parameters={"changed": "by the clock"}, wait_for_provisioning=True)
        run = wait_for(daily)  # the first is at once
        print("CLOCK", said_by(run), run.get_properties()["runType"])
        found = Schedule.get(ws, daily.id)
        assert found.recurrence.frequency == "Day"
        assert found.recurrence.time_zone is TimeZone.WEuropeStandardTime
        found.disable()
        found.disable()
        assert found.status == "Disabled" and daily.id not in [one.id for one in Schedule.list(ws)]

        store = Datastore(ws, "workspaceblobstore")
        open("first.txt", "w").write("1")
        store.upload_files(["first.txt"], target_path="watched/in", show_progress=False)
        watching = Schedule.create(ws, "watching", published.id, "schedules", datastore=store,
                                   path_on_datastore="watched", polling_interval=0.005,
                                   data_path_parameter_name="changed")
        assert watching.recurrence is None and watching.datastore_name == "workspaceblobstore"
        os.makedirs("new", exist_ok=True)
        open("new/a.txt", "w").write("1")
        store.upload_files(["new/a.txt"], target_path="watched/in", show_progress=False)
        run = wait_for(watching)
        print("CHANGE", said_by(run), run.get_properties()["azureml.changedpaths"])
        print("TRIGGER", watching.triggers()[0].changed, watching.triggers()[0].run == run.id)
        watching.disable()
        never = ScheduleRecurrence("Day", 0)
        for wrong in (dict(recurrence=recurrence, datastore=store), dict(recurrence=never)):
            try:
                Schedule.create(ws, "wrong", published.id, "schedules", **wrong)
            except ValueError as error:
                print("ValueError:", error)
        """,
        PUBLISHING,
    )
    assert "CLOCK ['by the clock'] Schedule" in said
    assert "CHANGE ['watched/in/a.txt'] [\"watched/in/a.txt\"]" in said
    assert "TRIGGER ('watched/in/a.txt',) True" in said and said.count("ValueError:") == 2


def test_schedules_survive_the_death_of_the_agent(code: Code, home: Path) -> None:
    id = code(
        """
        from datetime import datetime, timedelta, timezone
        published = Pipeline(ws, [say_step()]).publish("surviving")
        start = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=1)
        rule = ScheduleRecurrence("Hour", 1, start_time=start)
        print("ID", Schedule.create(ws, "surviving", published.id, "surviving", recurrence=rule).id)
        """,
        PUBLISHING,
    ).split("ID ")[1]
    os.kill(int((home / "agent" / "agent.pid").read_text()), signal.SIGKILL)
    said = code(
        f"""
        schedule = Schedule.get(ws, "{id.strip()}")
        for _ in range(400):
            if [one.state for one in schedule.triggers()] == ["started"]:
                break
            time.sleep(0.05)
        schedule.disable()
        print("RUNS", [said_by(run) for run in schedule.get_pipeline_runs()])
        """,
        PUBLISHING,
    )
    assert "RUNS [\"['--param1', '10']\"]" in said


def test_two_hundred_submissions_at_once_are_each_accepted_once_and_in_order(code: Code, home: Path) -> None:
    """Issue: all accepted once, in order, no 5xx. A repeated key is the same run."""
    Commands(home, code.folder)("up", "--port", "0")
    said = code(
        """
        published = Pipeline(ws, [say_step()]).publish("many")
        said_by(published.submit(ws, "warm"))  # the others take its result over
        from concurrent.futures import ThreadPoolExecutor
        def post(number):
            headers = {**aad_token, "Idempotency-Key": f"many-{number % 200}"}
            begun = time.monotonic()
            answer = requests.post(published.endpoint, headers=headers, json={"ExperimentName": "many"})
            if number < 200:
                spans[answer.json().get("Id")] = begun, time.monotonic()
            return answer
        spans = {}
        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(post, range(220)))
        assert {one.status_code for one in answers} == {200}, {one.status_code for one in answers}
        ids = [one.json()["Id"] for one in answers]
        assert ids[200:] == ids[:20], (ids[200:], ids[:20])
        assert len(set(ids)) == 200, len(set(ids))
        one_by_one = [post(1000 + number).json()["Id"] for number in range(3, 6)]
        assert one_by_one == ids[3:6], (one_by_one, ids[3:6])
        runs = list(Experiment(ws, "many").get_runs())
        assert sorted(run.id for run in runs) == sorted(set(ids))
        places = {run.id: place for place, run in enumerate(reversed(runs))}  # in order of acceptance
        for one, (_, ended) in spans.items():  # what was answered before another was asked stands before it
            late = [places[other] for other, (begun, _) in spans.items() if ended < begun]
            assert all(places[one] < place for place in late), (places[one], late)
        print("STATES", {run.wait_for_completion(show_output=False) for run in runs})
        """,
        PUBLISHING,
    )
    assert "STATES {'Finished'}" in said


def test_the_sdk_by_an_address(code: Code, home: Path, tmp_path: Path) -> None:
    """sdk.md 4: a server by URL; everything goes over the network, nothing of the home is seen."""
    skyloom = Commands(home, code.folder)
    skyloom("up", "--port", "0")
    address = json.loads((home / "agent" / "server.json").read_text())["address"]
    token = skyloom("token", "create", "--scope", "submit", "--json").json["token"]
    elsewhere = tmp_path / "nothing here"
    head = f"""
import json
import os
os.environ.update(SKYLOOM_HOME={os.fspath(elsewhere)!r}, SKYLOOM_URL={address!r}, SKYLOOM_TOKEN={token!r})
"""
    code.script("up.py", "import sys; open(sys.argv[2], 'w').write(open(sys.argv[1]).read().upper())")
    said = code(
        """
        from azureml.exceptions import AuthenticationException, WorkspaceException
        assert ws.name == "story" and list(Workspace.list()) == ["story"]
        store = ws.get_default_datastore()
        os.makedirs("data", exist_ok=True)
        open("data/in.txt", "w").write("text from elsewhere")
        place = store.upload("data", "by-url", show_progress=False).path("in.txt")
        made = PipelineData("made", datastore=store)
        step = PythonScriptStep("up.py", arguments=[place, made], inputs=[place], outputs=[made])
        pipeline = Pipeline(ws, [step])
        run = Experiment(ws, "by-url").submit(pipeline, tags={"a": "b"})
        assert run.wait_for_completion(show_output=False) == "Finished" and run.get_tags() == {"a": "b"}
        data = run.find_step_run("up.py")[0].get_output_data("made")
        data.download("fetched")
        print("RESULT", open(os.path.join("fetched", data.path_on_datastore)).read())
        published = pipeline.publish("by url")
        header = InteractiveLoginAuthentication().get_authentication_header()
        answer = requests.post(published.endpoint, headers=header, json={"ExperimentName": "by-url"})
        assert PipelineRun(ws.experiments["by-url"], answer.json()["Id"]).wait_for_completion(False)
        ws.write_config()
        del os.environ["SKYLOOM_URL"]
        assert Workspace.from_config().name == "story"
        for token, kind in (("aml_wrong", AuthenticationException), (None, AuthenticationException)):
            os.environ["SKYLOOM_TOKEN"] = token or ""
            try:
                Workspace.from_config()
            except kind as error:
                print(type(error).__name__, error.message[:4])
        os.environ.update(SKYLOOM_URL="http://127.0.0.1:9", SKYLOOM_TOKEN="x")
        try:
            Workspace.get("story")
        except WorkspaceException as error:
            print(error.message[:4])
        """,
        head + PUBLISHING.replace("aad_token = ", "# "),
    )
    assert "RESULT TEXT FROM ELSEWHERE" in said
    assert said.split()[-5:] == ["AuthenticationException", "A101", "AuthenticationException", "A101", "A001"]
    assert not (elsewhere / "records.sqlite").exists()


def test_a_run_of_a_program_that_ends_at_once_completes(code: Code) -> None:
    id = code(
        """
        run = Pipeline(ws, [say_step()]).submit("closed", {"pipeline_arg": 99})
        print("ID", run.id, flush=True)
        os._exit(0)
        """,
        PUBLISHING,
    ).split("ID ")[1]
    said = code(f'print(said_by(PipelineRun(Experiment(ws, "closed"), "{id.strip()}")))', PUBLISHING)
    assert said == "['--param1', '99']\n"


def test_the_page_on_publishing_runs_as_it_is_written(code: Code, home: Path) -> None:
    Commands(home, code.folder)("up", "--port", "0")
    page = (ROOT / "docs" / "publishing-pipelines.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    tell = "print('SAID', run.find_step_run('say.py')[0].get_stdout_log().splitlines()[-1])"
    text = "\n".join([HEAD, blocks[0], blocks[1], tell, blocks[2], tell, blocks[3]])
    said = code.run([sys.executable, "-c", text])
    assert "SAID ['good morning']" in said and "SAID ['hello']" in said


def test_data_paths_are_assigned_by_rest_and_by_a_schedule(code: Code) -> None:
    """DataPathAssignments, and the path that changed as the value of a DataPath parameter (sdk.md 14, 15)."""
    code.script(
        "read.py",
        "import os, sys; p = sys.argv[1]; print(os.listdir(p) if os.path.isdir(p) else open(p).read())",
    )
    said = code(
        """
        from azureml.data.datapath import DataPath, DataPathComputeBinding
        store = Datastore(ws, "workspaceblobstore")
        for name in ("one", "two"):
            open(name + ".txt", "w").write("content of " + name)
            store.upload_files([name + ".txt"], target_path="paths", show_progress=False)
        parameter = PipelineParameter("input_path", DataPath(store, "paths/one.txt"))
        bound = (parameter, DataPathComputeBinding(mode="mount"))
        step = PythonScriptStep("read.py", name="say.py", arguments=[bound], inputs=[bound])
        published = Pipeline(ws, [step]).publish("with a path")
        place = {"DataStoreName": "workspaceblobstore", "RelativePath": "paths/two.txt"}
        answer = requests.post(published.endpoint, headers=aad_token, json={
            "ExperimentName": "paths", "DataPathAssignments": {"input_path": place}})
        answer.raise_for_status()
        print("REST", said_by(PipelineRun(ws.experiments["paths"], answer.json()["Id"])))
        values = {"input_path": DataPath(store, "paths/two.txt")}
        print("SDK", said_by(published.submit(ws, "paths", pipeline_parameters=values)))
        print("DEFAULT", said_by(published.submit(ws, "paths")))
        watching = Schedule.create(ws, "paths", published.id, "paths", datastore=store,
                                   path_on_datastore="paths", polling_interval=0.005,
                                   data_path_parameter_name="input_path")
        open("three.txt", "w").write("content of three")
        store.upload_files(["three.txt"], target_path="paths", show_progress=False)
        for _ in range(400):
            run = watching.get_last_pipeline_run()
            if run is not None:
                break
            time.sleep(0.05)
        watching.disable()
        print("CHANGED", said_by(run))
        """,
        PUBLISHING,
    )
    assert "REST content of two" in said and "SDK content of two" in said
    assert "DEFAULT content of one" in said and "CHANGED content of three" in said

"""The traps of sdk.md 21 that need runs: one program meets them all, one test each says what came of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Commands
from tests.stories.pipelines import HEAD, Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("traps")]

OUTPUTS = """
    import os, sys
    plain, prepared, missing, single = sys.argv[1:5]
    print("plain", os.path.exists(plain), os.path.isdir(os.path.dirname(plain)))
    print("prepared", os.path.isdir(prepared))
    print("missing", os.path.isdir(missing), os.listdir(missing))
    with open(single) as file:
        print("single", file.read())
    with open(plain, "w") as file:
        file.write("a file where others make a folder")
    open(prepared + "/made.txt", "w").close()
"""
TALK = """
    import sys
    from azureml.core import Run
    run = Run.get_context()
    if len(sys.argv) > 1 and sys.argv[1] == "later":
        known = run.experiment.workspace.datasets["known"]
        print("found", run.parent.get_tags(), run.parent.get_metrics(), known.version)
        run.parent.cancel()
        sys.exit()
    class Figure:
        def savefig(self, target, **_):
            target.write(b"\\x89PNG\\r\\n\\x1a\\n")
    run.log_image("picture", plot=Figure())
    run.log_confusion_matrix("matrix", {"data": {"matrix": [[1, 2], [3, 4]]}})
    run.log("loss", 0.5)
    run.parent.log("loss", 0.25)
    run.tag("mine", 1.5)
    run.parent.tag("ours", "yes")
    run.parent.add_properties({"auc": 0.9})
    print("first line")
    print("second line", file=sys.stderr)
    import time; time.sleep(0.2)
    print("third line")
    run.complete()
    run.fail("only words")
    print("secret", run.get_secret("door") == "open-sesame", run.get_status())
"""
OLD = """
    import numpy as np, pandas as pd
    frame = pd.DataFrame({"x": np.arange(2, dtype=np.float)})
    print("rows", len(frame.append({"x": 2.0}, ignore_index=True)))
"""
PROGRAM = """
import json, requests
from azureml.core import Dataset, Environment, Model
from azureml.core.authentication import InteractiveLoginAuthentication
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.runconfig import RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import PipelineEndpoint, PublishedPipeline
from azureml.pipeline.core.schedule import Schedule, ScheduleRecurrence
facts = {}
store = ws.get_default_datastore()
os.makedirs("data", exist_ok=True)
open("data/one.csv", "w").write("a,b\\n1,2\\n")
store.upload("data", target_path="data", overwrite=True, show_progress=False)

# 3, 6, 7, 16: paths of outputs; tuples; copies of an output that stay linked; a place that is not there
plain, prepared = PipelineData("plain"), OutputFileDatasetConfig("prepared")
linked = prepared.register_on_complete("prepared_data").as_upload()
missing, single = store.path("nowhere"), store.path("data/one.csv", data_reference_name="one")
paths = PythonScriptStep(
    "scripts/outputs.py", name="write ", arguments=(plain, linked, missing, single), inputs=[missing, single],
    outputs=[plain, linked], source_directory=".", allow_reuse=False,
)
read = CommandStep(["cat", plain], name="read", inputs=[plain], source_directory="scripts", allow_reuse=False)
given = prepared.as_input("given")
listed = CommandStep(["ls", given], name="list", source_directory="scripts", allow_reuse=False)
run = Experiment(ws, "traps").submit(Pipeline(ws, [read, listed]), tags={"number": 1.5})
facts["at once"] = sorted(step.get_status() for step in run.get_children())
facts["waited"] = run.wait_for_completion(show_output=False)
facts["details"] = type(run.find_step_run("read")[0].get_details()).__name__
facts["statuses"] = [run.get_status(), run.status, Run(run.experiment, run.id).get_status()]
facts["scripted"] = type(Run(run.experiment, run.id).wait_for_completion()).__name__
step, = run.find_step_run("write ")
facts["names"] = [len(run.find_step_run("write")), step.get_details()["runDefinition"].get("script")]
facts["outputs"] = [line for line in step.get_stdout_log().splitlines() if line][-4:]
facts["read"] = run.find_step_run("read")[0].get_stdout_log().splitlines()[-1]
facts["listed"] = run.find_step_run("list")[0].get_stdout_log().splitlines()[-1]
facts["registered"] = "prepared_data" in ws.datasets
facts["portal"] = run.get_portal_url()
facts["by step"] = Run(Experiment(ws, "another-name"), step.id).id == step.id
facts["number"] = run.get_tags()["number"]

# 13, 19, and what a step may say of its run
ws.get_default_keyvault().set_secret("door", "open-sesame")
known = Dataset.Tabular.from_delimited_files((store, "data/one.csv")).register(ws, "known")
first = PythonScriptStep("talk.py", name="talk", source_directory="scripts", allow_reuse=False)
second = PythonScriptStep("talk.py", name="later", arguments=["later"], source_directory="scripts")
never = PythonScriptStep("old.py", name="never", source_directory="scripts", allow_reuse=False)
second.run_after(first)
never.run_after(second)
talk = Experiment(ws, "traps").submit(Pipeline(ws, [never]))
talk.wait_for_completion(show_output=False, raise_on_error=False)
step, = talk.find_step_run("talk")
facts["metrics"] = [step.get_metrics(), talk.get_metrics()]
facts["labels"] = [step.get_tags(), talk.get_tags(), talk.get_properties()["auc"]]
step.download_file("azureml-logs/70_driver_log.txt", "driver.txt")
facts["driver"] = [line for line in open("driver.txt").read().splitlines() if line.endswith(" line")]
facts["secret"] = step.get_stdout_log().splitlines()[-1]
facts["later"] = talk.find_step_run("later")[0].get_stdout_log()
facts["canceled"] = [talk.get_status(), talk.find_step_run("never")[0].get_status()]
old = RunConfiguration()
packages = CondaDependencies.create(python_version="3.6.2", pip_packages=["azureml-sdk[x]"])
old.environment.python.conda_dependencies = packages
aging = PythonScriptStep("old.py", source_directory="scripts", runconfig=old)
aged = Experiment(ws, "traps").submit(Pipeline(ws, [aging]))
aged.wait_for_completion(show_output=False)
facts["old"] = aged.find_step_run("old.py")[0].get_stdout_log().splitlines()[-1]

# 2, 5, 6, 17, 20, 24, 25: published, by REST, by schedules
word = PipelineParameter("word", default_value="w")
open("scripts/say.py", "w").write("print('early')")
say = PythonScriptStep("say.py", name="say", arguments=[word], source_directory="scripts")
pipeline = Pipeline(ws, [say])
open("scripts/say.py", "w").write("import sys; print('late', sys.argv[1])")
published = pipeline.publish("said", "d")
header = InteractiveLoginAuthentication().get_authentication_header()
endpoint = PipelineEndpoint.publish(ws, "traps", "d", published)
facts["address"] = endpoint.endpoint
named = endpoint.endpoint.split("Id", 1)[0] + "Name?name=traps"
body = {"ExperimentName": "by_rest", "ParameterAssignments": {"word": "x", "1": "united", "NodeCount": 3}}
answer = requests.post(named, headers=header, json=body)
rest = PipelineRun(ws.experiments["by_rest"], answer.json()["Id"])
facts["rest"] = [answer.status_code, rest.wait_for_completion(show_output=False)]
facts["said"] = rest.find_step_run("say")[0].get_stdout_log().splitlines()[-1]
watching = Schedule.create(ws, "w", published.id, "by_watch", datastore=store, path_on_datastore="data")
last = PublishedPipeline.list(ws)[-1].id
clock = Schedule.create(ws, "c", last, "by_clock", ScheduleRecurrence("Month", 1))
facts["recurrences"] = [watching.recurrence, clock.recurrence.frequency]
for one in (watching, clock):
    one.disable()
    one.disable()
facts["shown"] = [
    bool(repr(one)) and "<" in one._repr_html_()
    for one in (published, endpoint, watching, rest, rest.find_step_run("say")[0])
]
print("FACTS", json.dumps(facts))
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the program found."""
    with tempfile.TemporaryDirectory(prefix="skyloom-traps-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            assert skyloom("up", "--port", "0", "--json").code == 0
            code = Code(place / "home", tmp_path_factory.mktemp("traps"))
            for name, text in {"outputs": OUTPUTS, "talk": TALK, "old": OLD}.items():
                code.script(f"scripts/{name}.py", text)
            yield json.loads(code(PROGRAM, head=HEAD).rpartition("FACTS ")[2])
        finally:
            skyloom("agent", "stop")


def test_one_id_has_three_vocabularies(facts: dict[str, Any]) -> None:
    """Trap 1."""
    assert facts["statuses"] == ["Finished", "Completed", "Completed"]


def test_runs_of_rest_calls_and_ids_of_steps_are_found_by_their_ids(facts: dict[str, Any]) -> None:
    """Traps 2 and 17."""
    assert facts["rest"] == [200, "Finished"]
    assert facts["by step"] is True


def test_one_kind_of_output_is_there_before_the_script_and_the_other_is_not(facts: dict[str, Any]) -> None:
    """Traps 3 and 16: one output is the script's to make; a place that is not there is an empty folder."""
    single = "single a,b"
    assert facts["outputs"] == ["prepared True", "missing True []", single, "1,2"]
    assert facts["read"] == "a file where others make a folder"


def test_no_earlier_id_stands_in_an_address(facts: dict[str, Any]) -> None:
    """Trap 5."""
    before, _, after = facts["address"].partition("Id")
    assert before.endswith("PipelineEndpointSubmit/") and "Id" not in before and after.startswith("/")


def test_further_parameters_of_a_call_are_let_pass_and_the_late_script_runs(facts: dict[str, Any]) -> None:
    """Traps 6 and 25."""
    assert facts["said"] == "late x"


def test_copies_of_an_output_stay_the_outputs_of_their_step(facts: dict[str, Any]) -> None:
    """Trap 7."""
    assert (facts["listed"], facts["registered"]) == ("made.txt", True)


def test_waiting_gives_text_for_pipelines_and_details_for_runs(facts: dict[str, Any]) -> None:
    """Trap 10."""
    assert (facts["waited"], facts["scripted"], facts["details"]) == ("Finished", "dict", "dict")


def test_names_that_libraries_dropped_work_for_an_environment_of_their_time(facts: dict[str, Any]) -> None:
    """Traps 12, 13 and 22: Python 3.6 is asked for, and nothing but the SDK, which is not installed."""
    assert facts["old"] == "rows 3"


def test_a_portal_address_is_ours(facts: dict[str, Any]) -> None:
    """Trap 14."""
    assert facts["portal"].startswith("http://127.0.0.1:") and "/runs/" in facts["portal"]


def test_figures_are_taken_and_numbers_in_labels_become_text(facts: dict[str, Any]) -> None:
    """Trap 19."""
    step, whole = facts["metrics"]
    assert step["picture"].startswith("picture_") and step["picture"].endswith(".png")
    assert step["matrix"] == {"data": {"matrix": [[1, 2], [3, 4]]}}
    assert (step["loss"], whole) == (0.5, {"loss": 0.25})
    assert facts["labels"] == [{"mine": "1.5"}, {"ours": "yes"}, "0.9"]
    assert facts["number"] == "1.5"


def test_objects_show_themselves(facts: dict[str, Any]) -> None:
    """Trap 20."""
    assert facts["shown"] == [True] * 5


def test_scripts_in_folders_and_names_with_a_space_behind_them(facts: dict[str, Any]) -> None:
    """Trap 21."""
    assert facts["names"] == [0, "scripts/outputs.py"]


def test_steps_are_listed_from_the_moment_of_submission_on(facts: dict[str, Any]) -> None:
    """Trap 23."""
    assert len(facts["at once"]) == 3
    assert facts["at once"][0] == "NotStarted"


def test_a_schedule_by_a_datastore_has_no_recurrence(facts: dict[str, Any]) -> None:
    """Trap 24."""
    assert facts["recurrences"] == [None, "Month"]


def test_the_driver_log_has_both_streams_in_their_order(facts: dict[str, Any]) -> None:
    assert facts["driver"] == ["first line", "second line", "third line"]


def test_a_step_sees_what_was_written_on_its_run_and_may_cancel_it(facts: dict[str, Any]) -> None:
    assert "found {'ours': 'yes'} {'loss': 0.25} 1\n" in facts["later"]
    assert facts["canceled"] == ["Canceled", "Canceled"] or facts["canceled"] == ["Canceled", "Bypassed"]


def test_a_secret_reaches_the_step_that_names_it(facts: dict[str, Any]) -> None:
    assert facts["secret"] == "secret True Running"
    assert os.linesep not in facts["secret"]

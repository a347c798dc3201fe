"""Yesterday's SDK v1 pipeline code on this machine: the seed's walk-through, and the old rules."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.stories.data import EXAMPLES
from tests.stories.pipelines import Code

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("pipelines")]

TRAIN = """
    import argparse, os
    from azureml.core import Run
    parser = argparse.ArgumentParser()
    parser.add_argument("--input")
    parser.add_argument("--output")
    args = parser.parse_args()
    run = Run.get_context()
    is_file = os.path.isfile(args.input)
    text = open(args.input).read() if is_file else "/".join(sorted(os.listdir(args.input)))
    assert os.environ["AZUREML_DATAREFERENCE_" + os.path.basename(args.output)] == args.output
    assert not os.path.exists(args.output) and os.path.isdir(os.path.dirname(args.output))
    os.makedirs(args.output, exist_ok=True)
    with open(os.path.join(args.output, "result.txt"), "w") as file:
        file.write(text.upper())
    run.log("letters", len(text))
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home with an agent of its own."""
    with tempfile.TemporaryDirectory(prefix="skyloom-pipelines-", dir="/var/tmp") as folder:
        place = Path(folder)
        place.chmod(0o711)
        skyloom = Commands(place / "home", place)
        try:
            if skyloom("doctor", "--json").json["isolation"] == "none":
                pytest.skip("no isolation could be proven on this machine")
            yield place / "home"
        finally:
            for further in (place / "home" / "workspaces").glob("*"):
                Commands(further, place)("agent", "stop")
            skyloom("agent", "stop")


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


def test_the_seeds_walk_through(code: Code, home: Path) -> None:
    """seeds/pipelines-sdk.es.md, from the workspace to a run with another parameter."""
    code.script("data/20news.pkl", "news of the day")
    for name in ("train.py", "extract.py"):
        code.script(f"project/{name}", TRAIN)
    code.script(
        "project/compare.py",
        """
        import argparse
        parser = argparse.ArgumentParser()
        for name in ("--comp_data1", "--comp_data2", "--output_data", "--param1"):
            parser.add_argument(name)
        args = parser.parse_args()
        parts = [open(path + "/result.txt").read() for path in (args.comp_data1, args.comp_data2)]
        with open(args.output_data, "w") as file:  # a file where others make a folder (sdk.md 21, trap 3)
            file.write(" + ".join(parts) + " * " + args.param1)
        """,
    )
    said = code(
        """
        def_data_store = ws.get_default_datastore()
        def_blob_store = Datastore(ws, "workspaceblobstore")
        def_blob_store.upload_files(["./data/20news.pkl"], target_path="20newsgroups", overwrite=True)
        blob_input_data = DataReference(
            datastore=def_blob_store,
            data_reference_name="test_data",
            path_on_datastore="20newsgroups/20news.pkl")
        processed_data1 = PipelineData(
            "processed_data1",
            datastore=def_blob_store,
            output_name="processed_data1")
        comp_data2 = PipelineData("comp_data2", datastore=def_blob_store)
        out_data3 = PipelineData("out_data3", datastore=def_blob_store, pipeline_output_name="compared")

        compute_name = "aml-compute"
        if compute_name in ws.compute_targets:
            compute_target = ws.compute_targets[compute_name]
        else:
            provisioning_config = AmlCompute.provisioning_configuration(vm_size="x", min_nodes=1, max_nodes=4)
            compute_target = ComputeTarget.create(ws, compute_name, provisioning_config)
            compute_target.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)
            print(compute_target.status.serialize())
        assert type(compute_target) is AmlCompute

        project_folder = "project"
        trainStep = PythonScriptStep(
            script_name="train.py",
            arguments=["--input", blob_input_data, "--output", processed_data1],
            inputs=[blob_input_data],
            outputs=[processed_data1],
            compute_target=compute_target,
            source_directory=project_folder)
        extractStep = PythonScriptStep(
            script_name="extract.py",
            arguments=["--input", processed_data1, "--output", comp_data2],
            inputs=[processed_data1],
            outputs=[comp_data2],
            compute_target=compute_target,
            source_directory=project_folder)
        pipeline_param = PipelineParameter(name="pipeline_arg", default_value=10)
        compareStep = PythonScriptStep(
            script_name="compare.py",
            arguments=["--comp_data1", processed_data1, "--comp_data2", comp_data2,
                       "--output_data", out_data3, "--param1", pipeline_param],
            inputs=[processed_data1, comp_data2],
            outputs=[out_data3],
            target=compute_target,
            source_directory=project_folder)
        compareModels = [trainStep, extractStep, compareStep]
        pipeline1 = Pipeline(workspace=ws, steps=[compareModels])
        assert pipeline1.validate() == []
        pipeline_run1 = Experiment(ws, 'Compare_Models_Exp').submit(pipeline1, tags={"who": 1.5})
        assert [step.get_status() for step in pipeline_run1.get_children()][-1] == "NotStarted"
        print("RETURNED", pipeline_run1.wait_for_completion())

        again = PipelineRun(ws.experiments["Compare_Models_Exp"], pipeline_run1.id)
        assert (again.get_status(), again.status) == ("Finished", "Completed")
        assert again.get_tags() == {"who": "1.5"}
        step = again.find_step_run("compare.py")[0]
        data = step.get_output_data("out_data3")
        assert data.path_on_datastore == "azureml/" + step.id + "/out_data3"
        assert again.get_pipeline_output("compared").path_on_datastore == data.path_on_datastore
        assert data.download(".") == 1
        print("RESULT", open(data.path_on_datastore).read())
        assert again.find_step_run("train.py")[0].get_metrics() == {"letters": 15}
        values = {"pipeline_arg": 20}
        from azureml.widgets import RunDetails
        RunDetails(again).show()
        assert RunDetails(step).get_widget_data()["child_runs"][0]["status"] == "Finished"
        second = Experiment(ws, 'Compare_Models_Exp').submit(pipeline1, pipeline_parameters=values)
        second.wait_for_completion(show_output=False)
        print({step.name: step.is_reused for step in second.get_steps()})
        step = second.find_step_run("compare.py")[0]
        step.get_output_data("out_data3").download(".")
        print("RESULT", open(step.get_output_data("out_data3").path_on_datastore).read())
        """
    )
    for token in ("PipelineRunId: ", "PipelineRun Status: Running", "StepRun( train.py ) Status: Finished"):
        assert token in said
    assert "Streaming azureml-logs/70_driver_log.txt" in said and "PipelineRun Execution Summary" in said
    assert "RETURNED Finished" in said
    assert "compare.py  Finished" in said
    assert "RESULT NEWS OF THE DAY + RESULT.TXT * 10" in said
    assert "{'train.py': True, 'extract.py': True, 'compare.py': False}" in said
    assert "RESULT NEWS OF THE DAY + RESULT.TXT * 20" in said
    runs = Commands(home, code.folder)("runs", "list", "--json")
    assert "Compare_Models_Exp" in runs.out  # one history for both faces


def test_a_failed_step_raises_its_own_traceback_and_stops_the_rest(code: Code) -> None:
    code.script("bad.py", "def fit():\n    raise ValueError('no rows')\nfit()\n")
    code.script("good.py", "print('good')")
    said = code(
        """
        bad, good = PythonScriptStep("bad.py"), PythonScriptStep("good.py", allow_reuse=False)
        good.run_after(bad)
        free = PythonScriptStep("good.py", name="free", allow_reuse=False)
        pipeline = Pipeline(ws, [StepSequence([bad, good])])
        run = Experiment(ws, "failing").submit(pipeline)
        try:
            run.wait_for_completion(show_output=False)
        except ActivityFailedException as error:
            print(error.message)
        print({step.name: (step.status, step.get_status()) for step in run.get_children()})
        step = run.find_step_run("bad.py")[0]
        assert "ValueError: no rows" in step.get_stderr_log() and step.get_details()["error"]
        assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
        """
    )
    assert "ValueError: no rows" in said and 'File \\"bad.py\\", line 2, in fit' in said
    assert "{'bad.py': ('Failed', 'Failed'), 'good.py': ('Canceled', 'Bypassed')}" in said


def test_the_old_rules_of_reuse(code: Code) -> None:
    """sdk.md 13, Reuse: source, parameters and places count, what lies at a place does not."""
    code.script(
        "src/make.py", "import sys; open(sys.argv[2], 'w').write(open(sys.argv[1] + '/a.txt').read())"
    )
    code.script("src/use.py", "import sys; print(open(sys.argv[1]).read())")
    code.script("data/a.txt", "one")
    said = code(
        """
        store = ws.get_default_datastore()
        place = store.upload("data", "reuse", overwrite=True, show_progress=False)
        def build(allow=True):
            data = PipelineData("data")
            make = PythonScriptStep("make.py", arguments=[place, data], inputs=[place], outputs=[data],
                                    source_directory="src", allow_reuse=allow)
            use = PythonScriptStep("use.py", arguments=[data], inputs=[data], source_directory="src")
            return Pipeline(ws, [use])
        def go(label, pipeline, **more):
            run = Experiment(ws, "reuse").submit(pipeline, **more)
            run.wait_for_completion(show_output=False)
            print(label, [step.is_reused for step in run.get_steps()])
            return run
        go("first", build())
        go("same", build())
        open("data/a.txt", "w").write("two")
        store.upload("data", "reuse", overwrite=True, show_progress=False)
        go("other data", build())
        go("regenerate", build(), regenerate_outputs=True)
        go("make is not reused", build(allow=False))
        open("src/notes.txt", "w").write("any file of the source counts")
        pipeline = build()
        run = go("other source", pipeline)
        open("src/.amlignore", "w").write("notes.txt\\n.amlignore")
        go("ignored as before", build())
        print(run.find_step_run("use.py")[0].reuse)
        """
    )
    lines = [line for line in said.splitlines() if line.endswith("]") and "Created" not in line]
    assert lines == [
        "first [False, False]",
        "same [True, True]",
        "other data [True, True]",
        "regenerate [False, False]",
        "make is not reused [False, False]",  # the one behind it neither: its input was made anew
        "other source [False, False]",
        "ignored as before [True, True]",
    ]


def test_steps_have_no_network_and_see_no_workspace(code: Code) -> None:
    code.script(
        "look.py",
        """
        import os, socket, sys
        from azureml.core import Run, Workspace
        run = Run.get_context()
        assert run.parent.id == os.environ["AZUREML_ROOT_RUN_ID"] and run.experiment.name == "alone"
        try:
            socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
        except OSError as error:
            print("no network:", type(error).__name__)
        try:
            Workspace.from_config()
        except Exception as error:
            print("refused:", str(error)[:4])
        print("files:", sorted(os.listdir(".")), os.path.exists("/root/.ssh"))
        """,
    )
    said = code(
        """
        import socket
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        step = PythonScriptStep("look.py", arguments=[port], allow_reuse=False)
        run = Experiment(ws, "alone").submit(Pipeline(ws, [step]))
        run.wait_for_completion(show_output=False)
        print(run.find_step_run("look.py")[0].get_stdout_log())
        """
    )
    assert "no network:" in said and "refused: S020" in said
    assert "files: ['logs', 'look.py', 'outputs'] False" in said


def test_a_run_goes_on_when_its_program_has_ended_and_can_be_canceled(code: Code) -> None:
    code.script("slow.py", "import time; print('began', flush=True); time.sleep(600)")
    run = code(
        """
        step = PythonScriptStep("slow.py", allow_reuse=False)
        print("ID", Experiment(ws, "slow").submit(Pipeline(ws, [step])).id)
        """
    ).split("ID ")[1]
    said = code(
        f"""
        run = PipelineRun(Experiment(ws, "slow"), "{run.strip()}")
        run.wait_for_completion(show_output=False, timeout_seconds=2)
        print(run.get_status())
        run.cancel()
        print(run.wait_for_completion(show_output=False))
        """
    )
    assert said.splitlines() == ["Timed out waiting for the run; it goes on.", "Running", "Canceled"]


def test_the_example_of_two_steps(code: Code) -> None:
    example = code.folder / "example"
    shutil.copytree(EXAMPLES / "pipeline-two-steps", example)
    first = code.run([sys.executable, str(example / "pipeline.py")])
    assert (
        "The pipeline ended: Finished" in first and "Mean length: 2.52" in first and "length: 2.52" in first
    )
    assert "prepare.py was run" in first and "report.py was run" in first
    again = code.run([sys.executable, str(example / "pipeline.py"), "1"])
    assert "Mean length: 2.5\n" in again
    assert "prepare.py was reused" in again and "report.py was run" in again


def test_workspaces_by_name_config_and_a_second_one(code: Code) -> None:
    """sdk.md 4: create, get, from_config, write_config; a second workspace is a place of its own."""
    said = code(
        """
        from azureml.exceptions import UserErrorException, WorkspaceException
        ws.write_config()
        os.makedirs("below/there")
        os.chdir("below/there")
        found = Workspace.from_config()
        assert (found.name, found.subscription_id, found.resource_group) == ("story", "s", "g")
        for wrong in (lambda: Workspace.get("nowhere"), lambda: Workspace.create("story")):
            try:
                wrong()
            except WorkspaceException as error:
                print(error.message)
        other = Workspace.create("other-one", tags={"a": 1}, exist_ok=True)
        other.set_default_datastore("workspacefilestore")
        assert Workspace.get("other-one").get_default_datastore().name == "workspacefilestore"
        assert ws.get_default_datastore().name == "workspaceblobstore"
        assert list(other.experiments) == [] and Workspace.get("other-one").tags == {"a": "1"}
        assert {"story", "other-one"} <= set(Workspace.list("s"))
        """
    )
    assert "Workspace 'nowhere' was not found. This machine has: story" in said
    assert "Workspace with name 'story' already exists" in said

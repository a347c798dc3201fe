"""Scripts that are submitted alone, interactive runs, and models: yesterday's code on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.pipelines import Code, pipelines_home

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("steps")]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with pipelines_home() as place:
        yield place


@pytest.fixture
def code(home: Path, tmp_path: Path) -> Code:
    return Code(home, tmp_path)


def test_a_script_is_submitted_alone_and_its_model_is_registered(code: Code) -> None:
    code.script(
        "src/train.py",
        """
        import argparse, os
        from azureml.core import Run
        parser = argparse.ArgumentParser()
        parser.add_argument("--rate", type=float)
        parser.add_argument("--data")
        args = parser.parse_args()
        run = Run.get_context()
        print("training in", run.id)
        run.log("rate", args.rate)
        os.makedirs("outputs/net", exist_ok=True)
        for name in ("model.pkl", "net/weights.txt", "net/layers.txt"):
            open("outputs/" + name, "w").write(open(args.data).read() + name)
        """,
    )
    code.script("data/a.txt", "rows ")
    said = code(
        """
        from azureml.core import Model, ScriptRun, ScriptRunConfig
        from azureml.core.runconfig import RunConfiguration
        from azureml.exceptions import ModelPathNotFoundException, WebserviceException
        store = ws.get_default_datastore()
        store.upload("data", "alone", overwrite=True, show_progress=False)
        run_config = RunConfiguration()
        run_config.target = "local"
        arguments = ["--rate", 0.5, "--data", store.path("alone/a.txt").as_mount()]
        config = ScriptRunConfig("src", "train.py", arguments, run_config=run_config)
        run = Experiment(ws, "alone").submit(config, tags={"who": "me"})
        details = run.wait_for_completion(show_output=True)
        assert type(run) is ScriptRun and details["runId"] == run.id and details["status"] == "Completed"
        assert run.get_metrics() == {"rate": 0.5} and run.tags == {"who": "me"} and run.parent is None
        assert list(run.get_children()) == []
        again = next(Experiment(ws, "alone").get_runs(tags="who"))
        assert type(again) is ScriptRun and again.id == run.id
        assert Run.get(ws, run.id).type == "azureml.scriptrun"
        print("FILES", [name for name in run.get_file_names() if name.startswith("outputs")])

        first = run.register_model("net", "outputs/model.pkl", tags={"score": 0.9})
        second = run.register_model(model_name="net", model_path="outputs/net", properties={"a": 1})
        print("MODELS", first.id, second.id, first.tags, second.properties, ws.models["net"].version)
        assert first.run_id == run.id and first.experiment_name == "alone"
        print("PATH", second.download("here"), sorted(os.listdir("here/net")))
        print("PATH", Model.get_model_path("net", version=1, _workspace=ws))
        print("TEXT", open(Model.get_model_path("net")).read())
        for wrong, kind in ((lambda: run.register_model("x", "outputs/none"), ModelPathNotFoundException),
                            (lambda: Model(ws, "nowhere"), WebserviceException)):
            try:
                wrong()
            except kind as error:
                print(type(error).__name__, error.message)
        """
    )
    assert "training in" in said and "FILES ['outputs/model.pkl', 'outputs/net/layers.txt'" in said
    assert "MODELS net:1 net:2 {'score': '0.9'} {'a': '1'} 2" in said
    assert "PATH here/net ['layers.txt', 'weights.txt']" in said
    assert "PATH azureml-models/net/1/model.pkl" in said and "TEXT rows model.pkl" in said
    assert "WebserviceException ModelNotFound" in said and "ModelPathNotFoundException Could not" in said


def test_an_interactive_run_logs_completes_and_has_children(code: Code) -> None:
    said = code(
        """
        exp = Experiment(ws, "notebook")
        run = exp.start_logging(display_name="by hand")
        run.log("alpha", 0.03)
        run.log("alpha", 0.05)
        run.log_list("all", [1, 2])
        open("model.txt", "w").write("a model")
        run.upload_file("outputs/model.txt", "model.txt")
        run.tag("kind", "sweep")
        with run.child_run("first") as child:
            child.log("inner", 1)
        for number, one in enumerate(run.create_children(tag_key="size", tag_values=["s", "m"])):
            one.log("inner", number)
            one.complete() if number else one.fail("too small")
        assert run.get_status() == "Running" and run.get_metrics() == {"alpha": [0.03, 0.05], "all": [1, 2]}
        model = run.register_model("by-hand", "outputs/model.txt")
        run.complete()
        try:
            run.log("late", 1)
        except Exception as error:
            print(type(error).__name__)
        again = Run(exp, run.id)
        print("AGAIN", again.status, again.get_metrics(), again.get_tags(), again.display_name)
        children = list(again.get_children())
        print("CHILDREN", [(one.name, one.status, one.get_metrics(), one.tags) for one in children])
        again.download_files("outputs/", output_directory="got")
        print(open("got/outputs/model.txt").read(), model.version, model.run_id == run.id)
        bad = exp.start_logging()
        bad.log("x", 1)
        bad.fail("broken")
        gone = exp.start_logging()
        gone.log("x", 2)
        gone.cancel()
        print("LIST", [(one.status, one.get_metrics()) for one in exp.get_runs()])
        left = exp.start_logging()
        left.log("x", 3)
        """
    )
    assert "UserErrorException" in said
    assert "AGAIN Completed {'alpha': [0.03, 0.05], 'all': [1, 2]} {'kind': 'sweep'} by hand" in said
    assert (
        "CHILDREN [('first', 'Completed', {'inner': 1}, {}), ('child 2', 'Failed', {'inner': 0}, "
        "{'size': 's'}), ('child 3', 'Completed', {'inner': 1}, {'size': 'm'})]"
    ) in said
    assert "a model 1 True" in said
    assert "[('Canceled', {'x': 2}), ('Failed', {'x': 1}), ('Completed', {'alpha'" in said
    assert "it is recorded as it stands" in said


def test_steps_register_models_and_find_them_by_name(code: Code) -> None:
    """sdk.md 11: run.register_model, Model.register and Model.get_model_path inside of steps."""
    code.script(
        "src/train.py",
        """
        import os
        from azureml.core import Run
        from azureml.core.model import Model
        run = Run.get_context()
        os.makedirs("outputs/net")
        for name in ("outputs/net/a.txt", "b.txt"):
            open(name, "w").write("weights " + name[-5:])
        run.register_model("folder", model_path="outputs/net", tags={"score": 0.5})
        made = Model.register(workspace=run.experiment.workspace, model_path="b.txt", model_name="file")
        print(made.name, made.version)
        """,
    )
    code.script(
        "use/score.py",
        """
        import os, sys
        from azureml.core.model import Model
        path = Model.get_model_path(model_name=sys.argv[1])
        print(path, sorted(os.listdir(path)))
        model = Model(None, "file")
        print(model.id, open(model.download("got")).read())
        try:
            Model.get_model_path("other")
        except Exception as error:
            print(error)
        """,
    )
    said = code(
        """
        from azureml.core import Model
        train = PythonScriptStep("train.py", source_directory="src")
        run = Experiment(ws, "register").submit(Pipeline(ws, [train]))
        run.wait_for_completion(show_output=False)
        step = run.find_step_run("train.py")[0]
        print(step.get_stdout_log().splitlines()[-1])
        folder, file = Model(ws, "folder"), Model(ws, "file")
        print("TOLD", folder.id, folder.tags, folder.run_id == step.id, file.id)

        def go():
            score = PythonScriptStep("score.py", source_directory="use", arguments=["folder"])
            run = Experiment(ws, "register").submit(Pipeline(ws, [score]))
            run.wait_for_completion(show_output=False)
            step = run.find_step_run("score.py")[0]
            print(step.is_reused, step.get_stdout_log())
        go()
        go()
        Model.register(ws, "use", "folder")
        go()
        """
    )
    assert "file pending" in said and "TOLD folder:1 {'score': '0.5'} True file:1" in said
    assert "azureml-models/folder/1/net ['a.txt']\nfile:1 weights b.txt\n" in said
    assert "the model 'other' was not brought into the step; there is: file:1, folder:1." in said
    assert [line[:5] for line in said.splitlines() if "Step command, as written" in line] == [
        "False",
        "True ",
        "False",
    ]
    assert "azureml-models/folder/2/use ['score.py']" in said

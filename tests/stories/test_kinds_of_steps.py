"""Yesterday's other kinds of steps: over many files, over many values, notebooks, modules, R."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def test_a_parallel_step_scores_the_files_of_a_folder_and_of_another_step(code: Code) -> None:
    for number in range(5):
        code.script(f"data/{number}.txt", str(number))
    code.script(
        "src/make.py",
        "import os, sys\nos.makedirs(sys.argv[1])\nopen(sys.argv[1] + '/factor.txt', 'w').write('3')\n",
    )
    code.script(
        "src/score.py",
        """
        import argparse, os

        def init():
            global factor
            parser = argparse.ArgumentParser()
            parser.add_argument("--model")
            args, _ = parser.parse_known_args()
            factor = int(open(args.model + "/factor.txt").read())

        def run(mini_batch):
            print("batch of", len(mini_batch))
            return [f"{os.path.basename(path)} {int(open(path).read()) * factor}" for path in mini_batch]
        """,
    )
    said = code(
        """
        from azureml.core import Environment
        from azureml.pipeline.steps import ParallelRunConfig, ParallelRunStep
        store = ws.get_default_datastore()
        numbers = store.upload("data", "numbers", overwrite=True, show_progress=False)
        model = PipelineData("model")
        output = PipelineData("scores", pipeline_output_name="scores")
        size = PipelineParameter("size", 2)
        config = ParallelRunConfig(
            environment=Environment("batch"), source_directory="src", entry_script="score.py",
            mini_batch_size=size,
            error_threshold=0, output_action="append_row", append_row_file_name="all.txt", node_count=1,
            process_count_per_node=2, run_invocation_timeout=60)
        make = PythonScriptStep("make.py", source_directory="src", arguments=[model], outputs=[model])
        score = ParallelRunStep(
            name="score", parallel_run_config=config, inputs=[numbers.as_mount()], output=output,
            side_inputs=[model], arguments=["--model", model])
        pipeline = Pipeline(ws, [score])
        assert pipeline.validate() == []
        run = Experiment(ws, "batch").submit(pipeline, pipeline_parameters={"size": 3})
        run.wait_for_completion(show_output=False)
        output = run.get_pipeline_output("scores")
        output.download(".")
        print(open(output.path_on_datastore + "/all.txt").read())
        step = run.find_step_run("score")[0]
        print([name for name in step.get_file_names() if "user/stdout" in name])
        from azureml.widgets import ParallelRunStepDetails
        ParallelRunStepDetails(step).show()
        assert len(ParallelRunStepDetails(step).get_widget_data()["mini_batches"]) == 2
        again = Experiment(ws, "batch").submit(pipeline, pipeline_parameters={"size": 3})
        again.wait_for_completion(show_output=False)
        print("REUSED", [step.is_reused for step in again.get_steps()])
        """
    )
    assert "0.txt 0\n1.txt 3\n2.txt 6\n3.txt 9\n4.txt 12\n" in said
    assert "logs/user/stdout/process000.stdout.txt" in said and "REUSED [True, True]" in said


TRAIN = """
    import argparse, os
    from azureml.core import Run
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float)
    args = parser.parse_args()
    run = Run.get_context()
    for step in range(2):
        run.log("accuracy", 1 - abs(args.rate - 0.5) + step / 100)
    open("outputs/model.txt", "w").write(str(args.rate))
"""


def test_a_sweep_as_a_step_and_a_second_step_that_reads_the_best_model(code: Code) -> None:
    code.script("src/train.py", TRAIN)
    code.script("src/use.py", "import sys\nprint('best rate', open(sys.argv[1]).read())\n")
    said = code(
        """
        import json
        from azureml.pipeline.core import TrainingOutput
        from azureml.pipeline.steps import HyperDriveStep, HyperDriveStepRun
        from azureml.train.estimator import Estimator
        from azureml.train.hyperdrive import (BanditPolicy, GridParameterSampling, HyperDriveConfig,
                                              PrimaryMetricGoal, choice)
        estimator = Estimator(source_directory="src", entry_script="train.py")
        config = HyperDriveConfig(
            estimator=estimator,
            hyperparameter_sampling=GridParameterSampling({"--rate": choice(0.1, 0.4, 0.9)}),
            policy=BanditPolicy(evaluation_interval=2, slack_factor=5), primary_metric_name="accuracy",
            primary_metric_goal=PrimaryMetricGoal.MAXIMIZE, max_total_runs=4, max_concurrent_runs=2)
        metrics = PipelineData("metrics", pipeline_output_name="metrics",
                               training_output=TrainingOutput("Metrics"))
        model = PipelineData("model", training_output=TrainingOutput("Model", model_file="outputs/model.txt"))
        sweep = HyperDriveStep(name="sweep", hyperdrive_config=config, estimator_entry_script_arguments=[],
                               outputs=[model], metrics_output=metrics)
        use = PythonScriptStep("use.py", source_directory="src", arguments=[model], inputs=[model])
        run = Experiment(ws, "sweep").submit(Pipeline(ws, [use]))
        run.wait_for_completion(show_output=False)
        print(run.find_step_run("use.py")[0].get_stdout_log())
        output = run.get_pipeline_output("metrics")
        output.download(".")
        told = json.load(open(output._path_on_datastore))
        assert sorted(values["accuracy"] for values in told.values())[2] == [0.9, 0.91]

        trials = HyperDriveStepRun(step_run=run.find_step_run("sweep")[0])
        best = trials.get_best_run_by_primary_metric()
        details = best.get_details()
        print("BEST", best.get_metrics(), details["runDefinition"]["arguments"], best.get_file_names())
        rows = trials.get_children_sorted_by_primary_metric()
        print("SORTED", [row["best_primary_metric"] for row in rows])
        print("MODEL", best.register_model("tuned", "outputs/model.txt").id)
        alone = Experiment(ws, "sweep").submit(config)
        alone.wait_for_completion()
        assert type(next(Experiment(ws, "sweep").get_runs())) is type(alone)
        from azureml.widgets import RunDetails
        RunDetails(alone).show()
        print("ALONE", type(alone).__name__, len(list(alone.get_children())),
              alone.get_best_run_by_primary_metric().id == f"HD_{alone.id}_1")
        """
    )
    assert "best rate 0.4" in said and "BEST {'accuracy': [0.9, 0.91]} ['--rate', '0.4']" in said
    assert "'outputs/model.txt'" in said and "SORTED [0.91, 0.61, 0.61]" in said
    assert "MODEL tuned:1" in said and "ALONE HyperDriveRun 3 True" in said


def test_modules_estimators_notebooks_and_r_in_one_pipeline(code: Code) -> None:
    code.script(
        "calc/add.py",
        """
        import argparse, os
        parser = argparse.ArgumentParser()
        for name in ("--in1", "--out1", "--more"):
            parser.add_argument(name)
        args = parser.parse_args()
        open(args.out1, "w").write(str(int(open(args.in1).read()) + int(args.more)))
        print("more is", os.environ["AML_PARAMETER_more"])
        """,
    )
    code.script("data/one.txt", "1")
    code.script("src/train.py", "import sys\nprint('trained with', sys.argv[1], open(sys.argv[2]).read())\n")
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
            "source": ["print('the sum is', open(total).read(), 'at', level)\n", "level + 1"]}  # fmt: skip
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    code.script("books/look.ipynb", json.dumps(notebook))
    code.script(
        "r/add.R",
        'words <- commandArgs(TRUE)\ncat("R says", as.numeric(readLines(words[1], warn=FALSE)) * 2)\n',
    )
    has_r = shutil.which("Rscript") is not None
    said = code(
        f"""
        import json
        from azureml.contrib.notebook import NotebookRunConfig, NotebookRunnerStep
        from azureml.pipeline.core import Module, ModuleVersion
        from azureml.pipeline.core.graph import InputPortDef, OutputPortDef
        from azureml.pipeline.steps import EstimatorStep, ModuleStep, RScriptStep
        from azureml.train.estimator import Estimator
        store = ws.get_default_datastore()
        store.upload("data", "one", overwrite=True, show_progress=False)
        module = Module.create(ws, name="AddNumbers", description="adds")
        in1, out1 = InputPortDef("in1"), OutputPortDef("out1")
        module.publish_python_script("add.py", "first", inputs=[in1], outputs=[out1], params={{"more": 12}},
                                     version="1", source_directory="calc",
                                     arguments=["--in1", in1, "--out1", out1,
                                                "--more", PipelineParameter("more", 12)])
        try:
            module.publish_python_script("add.py", "again", version="1", source_directory="calc")
        except Exception as error:
            print(error)
        module = Module.get(ws, name="AddNumbers")
        assert type(module.resolve()) is ModuleVersion and module.resolve("1").version == "1"
        first, second = PipelineData("first"), PipelineData("second")
        add = ModuleStep(module=module, inputs_map={{"in1": store.path("one/one.txt")}},
                         outputs_map={{"out1": first}})
        twice = ModuleStep(module=module, version="1", name="twice", inputs_map={{"in1": first}},
                           outputs_map={{"out1": second}}, params={{"more": 2}})
        estimator = Estimator("src", entry_script="train.py")
        train = EstimatorStep("train", estimator, ["--rate", second], inputs=[second])
        notebook = NotebookRunConfig(source_directory="books", notebook="look.ipynb",
                                     parameters={{"kept": [1]}})
        book = NotebookRunnerStep("book", notebook, params={{"level": PipelineParameter("level", 4)}},
                                  inputs=[second.as_input("total")],
                                  output_notebook_pipeline_data_name="executed")
        steps = [train, book]
        if {has_r}:
            steps.append(RScriptStep("add.R", source_directory="r", arguments=[second], inputs=[second]))
        run = Experiment(ws, "kinds").submit(Pipeline(ws, steps))
        run.wait_for_completion(show_output=False)
        for step in run.get_steps():
            print(step.name, "SAYS", step.get_stdout_log().splitlines()[-1])
        data = run.find_step_run("book")[0].get_output_data("executed")
        data.download(".")
        executed = json.load(open(data.path_on_datastore))
        print("BOOK", executed["cells"][1]["outputs"][-1]["data"], executed["cells"][0]["source"][1:3])
        print(run.find_step_run("book")[0].get_file_names()[-1])
        """
    )
    assert "Version 1 of module 'AddNumbers' exists already" in said
    assert "AddNumbers SAYS more is 12" in said and "twice SAYS more is 2" in said
    assert "train SAYS trained with --rate 15" in said and "book SAYS the sum is 15 at 4" in said
    assert "BOOK {'text/plain': '5'} ['kept = [1]\\n'" in said and "outputs/look_output.ipynb" in said
    assert "R says 30" in said or not has_r

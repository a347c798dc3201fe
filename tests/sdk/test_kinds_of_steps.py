"""Constructors of the other kinds of steps: what they check, and what they become in a graph."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.graph import ModuleNode
from skyloom.core.module import CommandEntry, JobEntry, PathOf
from skyloom.core.parameter import ParameterRef
from skyloom.sdk.environment import Environment
from skyloom.sdk.estimator import Estimator
from skyloom.sdk.estimator_step import EstimatorStep
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.hyperdrive import policy, sampling
from skyloom.sdk.hyperdrive.config import HyperDriveConfig, PrimaryMetricGoal
from skyloom.sdk.module import Module
from skyloom.sdk.pipeline import Pipeline
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.port_defs import InputPortDef, OutputPortDef
from skyloom.sdk.script_run_config import ScriptRunConfig
from skyloom.sdk.step_faults import step_faults
from skyloom.sdk.steps.adla import AdlaStep
from skyloom.sdk.steps.azure_batch import AzureBatchStep
from skyloom.sdk.steps.databricks import DatabricksStep
from skyloom.sdk.steps.kusto import KustoStep
from skyloom.sdk.steps.module_step import ModuleStep
from skyloom.sdk.steps.mpi import MpiStep
from skyloom.sdk.steps.parallel_run import ParallelRunConfig, ParallelRunStep
from skyloom.sdk.steps.synapse_spark import SynapseSparkStep
from skyloom.sdk.training_output import TrainingOutput
from skyloom.sdk.workspace import Workspace


@pytest.fixture
def source(tmp_path: Path) -> str:
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("run.py", "script.usql"):
        (folder / name).write_text("pass\n")
    return str(folder)


def config(**more: Any) -> ParallelRunConfig:
    usual: dict[str, Any] = {"environment": Environment("e"), "entry_script": "run.py", "error_threshold": 1,
                             "output_action": "append_row"}  # fmt: skip
    return ParallelRunConfig(**{**usual, **more})


def entry_of(pipeline: Pipeline) -> Any:
    graph = pipeline.graph
    node = next(node for node in graph.nodes if isinstance(node, ModuleNode))
    return graph.spec(node).entry


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"output_action": "append"}, "append_row, summary_only"),
        ({"mini_batch_size": "many"}, "mini_batch_size"),
        ({"mini_batch_size": 2, "partition_keys": ["a"]}, "exclude each other"),
        ({"error_threshold": -2}, "error_threshold must be -1 or more"),
        ({"node_count": 0}, "node_count must be 1 or more"),
        ({"entry_script": ""}, "entry_script"),
        ({"run_invocation_timeout": "long"}, "must be an int or a PipelineParameter"),
    ],
)
def test_a_parallel_config_is_checked(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        config(**wrong)


def test_a_parallel_step_becomes_a_command_with_its_driver(ws: Workspace, source: str) -> None:
    place = ws.get_default_datastore().path("numbers", data_reference_name="numbers")
    size = PipelineParameter("size", 5)
    step = ParallelRunStep("score", config(mini_batch_size=size, source_directory=source), [place],
                           PipelineData("out"), arguments=["--x", 1])  # fmt: skip
    entry = entry_of(Pipeline(ws, [step]))
    assert isinstance(entry, CommandEntry)
    assert entry.argv[:7] == ("_skyloom_driver.py", "--output", PathOf("out"), "--name", "numbers", "--input",
                              PathOf("numbers"))  # fmt: skip
    assert entry.argv[entry.argv.index("--mini_batch_size") + 1] == ParameterRef("size")
    assert entry.argv[-4:] == ("--", "run.py", "--x", "1")


def test_arguments_of_a_parallel_step_begin_with_an_option_of_their_own(ws: Workspace) -> None:
    place = ws.get_default_datastore().path("numbers")
    with pytest.raises(ValueError, match="must begin with an option"):
        ParallelRunStep("s", config(), [place], arguments=["x"])
    with pytest.raises(ValueError, match="--mini_batch_size is one of the driver's own"):
        ParallelRunStep("s", config(), [place], arguments=["--mini_batch_size", 1])
    with pytest.raises(ValueError, match="at least one input"):
        ParallelRunStep("s", config(), [])


def test_a_parallel_config_survives_its_yaml(ws: Workspace, tmp_path: Path) -> None:
    file = str(tmp_path / "config.yml")
    config(mini_batch_size="5MB", run_max_try=4).save_to_yaml(file)
    read = ParallelRunConfig.load_yaml(ws, file)
    assert (read.mini_batch_size, read.run_max_try, read.environment.name) == ("5MB", 4, "e")


def test_a_script_config_takes_either_script_or_command(source: str) -> None:
    wrongs: list[dict[str, Any]] = [{}, {"script": "run.py", "command": "ls"}, {"script": "none.py"}]
    for wrong in wrongs:
        with pytest.raises(UserErrorException):
            ScriptRunConfig(source, **wrong)
    step = ScriptRunConfig(source, command="echo 'a b'", arguments=[1]).step()
    assert (step.language, step.arguments) == ("program", ["echo", "a b", 1])


def test_an_estimator_step_wants_its_values_for_itself(source: str) -> None:
    plain = Estimator(source, entry_script="run.py")
    assert plain.step().environment.python.conda_dependencies is None
    with pytest.raises(ValueError, match="estimator_entry_script_arguments is required"):
        EstimatorStep(estimator=plain)
    with pytest.raises(ValueError, match="script_params"):
        EstimatorStep(estimator=Estimator(source, entry_script="run.py", script_params={"--a": 1}),
                      estimator_entry_script_arguments=[])  # fmt: skip
    packed = Estimator(source, entry_script="run.py", conda_packages=["numpy"], pip_packages=["x==1"])
    assert list(packed.conda_dependencies.pip_packages) == ["x==1"]


def sweep(source: str, **more: Any) -> HyperDriveConfig:
    usual: dict[str, Any] = {
        "hyperparameter_sampling": sampling.RandomParameterSampling({"--rate": sampling.uniform(0, 1)}),
        "primary_metric_name": "loss",
        "primary_metric_goal": PrimaryMetricGoal.MINIMIZE,
        "max_total_runs": 4,
        "run_config": ScriptRunConfig(source, "run.py", ["--a", 1]),
    }
    return HyperDriveConfig(**{**usual, **more})


def test_a_sweep_is_a_file_in_its_snapshot(source: str) -> None:
    told = json.loads(sweep(source, policy=policy.BanditPolicy(slack_factor=0.1)).sweep_file())
    assert told["space"] == {"--rate": ["uniform", [0, 1]]} and told["goal"] == "MINIMIZE"
    assert told["policy"]["name"] == "bandit" and told["policy"]["slack_factor"] == 0.1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sampling.GridParameterSampling({"a": sampling.uniform(0, 1)}),
        lambda: sampling.BayesianParameterSampling({"a": sampling.normal(0, 1)}),
        lambda: sampling.RandomParameterSampling({"a": 3}),
        lambda: sampling.uniform(1, 0),
        lambda: sampling.choice(),
        lambda: policy.BanditPolicy(),
        lambda: policy.BanditPolicy(slack_factor=1, slack_amount=1),
        lambda: policy.TruncationSelectionPolicy(100),
    ],
)
def test_what_cannot_be_searched_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(UserErrorException):
        wrong()


def test_bayesian_sampling_takes_no_policy(source: str) -> None:
    bayesian = sampling.BayesianParameterSampling({"a": sampling.choice(range(3))})
    with pytest.raises(UserErrorException, match="early termination"):
        sweep(source, hyperparameter_sampling=bayesian, policy=policy.MedianStoppingPolicy())
    assert sweep(source, hyperparameter_sampling=bayesian, policy=policy.NoTerminationPolicy())


def test_training_outputs_are_models_or_metrics() -> None:
    assert TrainingOutput("Model", model_file="a").model_file == "a"
    with pytest.raises(ValueError, match="either iteration or metric"):
        TrainingOutput("Model", iteration=1, metric="x")
    with pytest.raises(ValueError, match="Model, Metrics"):
        TrainingOutput("Other")


def test_ports_of_a_module_must_have_data(ws: Workspace, source: str) -> None:
    take_uploads(ws)
    module = Module.create(ws, "m", "words")
    ports: dict[str, Any] = {"inputs": [InputPortDef("a"), InputPortDef("b", is_optional=True)],
                             "outputs": [OutputPortDef("c")]}  # fmt: skip
    for version in ("1.2", "1.10", "0.9"):
        published = module.publish_python_script(
            "run.py", "", version=version, source_directory=source, **ports
        )
    assert module.resolve() is not None and module.resolve().version == "1.10"  # type: ignore[union-attr]
    module.set_default_version("0.9")
    assert Module.get(ws, name="m").resolve().version == "0.9"  # type: ignore[union-attr]
    place = ws.get_default_datastore().path("x")
    with pytest.raises(ValueError, match="the input 'a' is not in inputs_map"):
        ModuleStep(module_version=published, outputs_map={"c": PipelineData("out")})
    with pytest.raises(ValueError, match="no output 'd'"):
        ModuleStep(
            module, inputs_map={"a": place}, outputs_map={"c": PipelineData("x"), "d": PipelineData("y")}
        )
    step = ModuleStep(module, inputs_map={"a": place}, outputs_map={"c": PipelineData("out")})
    assert [one.output_name for one in step.outputs] == ["c"]
    assert entry_of(Pipeline(ws, [step])).snapshot == published.snapshot


def take_uploads(ws: Workspace) -> None:
    """Files go straight into the store, as the agent would put them there."""
    api: Any = ws._api

    def upload(content: Any, name: str, type: str) -> Any:
        return api._artifacts.add_bytes(content.read(), name, type, "file", "application/octet-stream")

    api.upload = upload


def spark(source: str, **more: Any) -> SynapseSparkStep:
    sizes: dict[str, Any] = {"driver_memory": "1g", "driver_cores": 1, "executor_memory": "1g",
                             "executor_cores": 1, "num_executors": 1}  # fmt: skip
    return SynapseSparkStep("run.py", source, "pool", **{**sizes, **more})


@pytest.mark.parametrize(
    ("make", "engine"),
    [
        (lambda source: KustoStep("k", "c", "db", source, PipelineData("out")), "kusto"),
    ],
)  # fmt: skip
def test_steps_of_engines_outside_have_a_graph_and_say_what_is_missing(
    ws: Workspace, source: str, make: Callable[[str], Any], engine: str
) -> None:
    step = make(source)
    pipeline = Pipeline(ws, [step])
    entry = entry_of(pipeline)
    assert isinstance(entry, JobEntry) and entry.engine == engine
    (fault,) = step_faults([step])
    assert fault.code == "P283" and type(step).__name__ in fault.message and fault.fix
    with pytest.raises(UserErrorException, match="P283"):
        pipeline.submit("e")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda source: DatabricksStep("d", num_workers=1), "exactly one of"),
        (lambda source: DatabricksStep("d", num_workers=1, notebook_path="a", python_script_path="b"),
         "exactly"),
        (lambda source: DatabricksStep("d", notebook_path="a"), "num_workers, or min_workers"),
        (lambda source: DatabricksStep("d", notebook_path="a", num_workers=1, min_workers=1, max_workers=2),
         "num_workers, or"),
        (lambda source: DatabricksStep("d", notebook_path="a", existing_cluster_id="c", num_workers=1),
         "excludes"),
        (lambda source: DatabricksStep("d", main_class_name="M", num_workers=1), "needs jar_libraries"),
        (lambda source: AdlaStep(""), "script_name"),
        (lambda source: spark(source, executor_memory=""), "executor_memory"),
        (lambda source: KustoStep("k", "c", "db", source + "/none", PipelineData("o")), "is not there"),
        (lambda source: AzureBatchStep("b"), "executable"),
        (lambda source: MpiStep("m", source_directory=source), "script_name"),
    ],
)  # fmt: skip
def test_constructors_of_engines_outside_check(wrong: Callable[[str], Any], told: str, source: str) -> None:
    with pytest.raises(ValueError, match=told):
        wrong(source)


def test_a_batch_program_for_windows_is_refused(source: str) -> None:
    assert [one.code for one in AzureBatchStep("b", executable="azcopy.cmd").faults()] == ["P283"]
    step = AzureBatchStep("b", executable="run.py", source_directory=source, arguments="a b")
    assert step.faults() == [] and step.arguments == ["./run.py", "a", "b"]

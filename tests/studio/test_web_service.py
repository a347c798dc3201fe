"""Set up web service over runs: what is promoted, kept linked and brought up to date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skyloom.core.data_reference import DatasetVersion
from skyloom.core.experiment import Experiment
from skyloom.core.experiments_api import ServiceSetup
from skyloom.core.graph import DataNode
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter
from skyloom.core.problem import ProblemError
from skyloom.modules.catalogue import ModuleCatalogue
from skyloom.studio.scoring import APPLY_TRANSFORMATION, SCORERS
from tests.server.memory_workspace import SCRIPT
from tests.studio.desk import WRITES, Desk, document, script


def spec(name: str, inputs: tuple[InputPort, ...], output: OutputPort, family: str = "") -> ModuleSpec:
    """A module that a script carries out in the workspace in memory."""
    text = Parameter("Python Script", "script", "")
    return ModuleSpec(name, "1", "Test", ScriptEntry("python"), inputs, (output,), (text,), family=family)


LEARNER = spec("Learner", (), OutputPort("Untrained model", "UntrainedLearner"))
TRAIN = spec(
    "Train",
    (InputPort("Untrained model", ("UntrainedLearner",)), InputPort("Dataset")),
    OutputPort("Trained model", "ILearner"),
)
SCORE = spec(
    "Score",
    (InputPort("Trained model", ("ILearner",)), InputPort("Dataset")),
    OutputPort("Scored dataset"),
    min(SCORERS),
)
APPLY = spec(
    "Apply",
    (InputPort("Transformation", ("ITransform",)), InputPort("Dataset")),
    OutputPort("Transformed dataset"),
    APPLY_TRANSFORMATION,
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.workspace.catalogue = ModuleCatalogue((SCRIPT, LEARNER, TRAIN, SCORE, APPLY))
    return Desk.over(made.workspace)


def node(module: str, text: str = WRITES, **inputs: str) -> dict[str, Any]:
    named = {port.replace("_", " "): source for port, source in inputs.items()}
    return {"module": module, "parameters": {"Python Script": text}, "inputs": named}


def training(model: str = "one") -> dict[str, Any]:
    return {
        "prepare": script(),
        "learner": node("Learner"),
        "train": node(
            "Train", f"open('result.csv', 'w').write({model!r})", Untrained_model="learner", Dataset="prepare"
        ),
        "score": node("Score", Trained_model="train", Dataset="prepare"),
    }


def model_of(experiment: Experiment, name: str = "train [model]") -> DatasetVersion:
    found = experiment.graph.node(name)
    assert isinstance(found, DataNode) and isinstance(found.data, DatasetVersion)
    return found.data


def test_the_predictive_experiment_names_the_saved_model_and_its_training_twin(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(training()).id)
    made = desk.api.set_up_web_service("Income")
    assert (made.name, made.role, made.twin, made.is_draft) == (
        "Income [Predictive Exp.]",
        "predictive",
        ran.history,
        True,
    )
    assert model_of(made) == DatasetVersion("Income [trained model]", 1)
    assert desk.workspace.dataset("Income [trained model]").artifact.type == "ILearner"
    assert desk.run(made.id)[1].state == "completed"


def test_a_later_model_takes_its_place_and_edits_of_the_predictive_graph_stay(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(training()).id)
    made = desk.api.set_up_web_service(ran.id)
    nodes: Any = desk.api.experiment_document(made.id)["nodes"]
    nodes["mine"] = script(Dataset1="score")
    edited = desk.api.edit_experiment(made.id, document(nodes, made.name))
    desk.api.edit_experiment(ran.id, document(training("two")))
    with pytest.raises(ProblemError) as told:
        desk.api.set_up_web_service("Income")  # the edited training has not been run
    assert told.value.problem.code == "G214"
    desk.run("Income")
    updated = desk.api.set_up_web_service("Income")
    assert updated.id == edited.id and updated.graph.node("mine") is not None
    assert model_of(updated).version == 2
    assert len(desk.api.experiments()) == 2


def test_an_update_may_be_asked_of_the_predictive_experiment_and_without_news_changes_nothing(
    desk: Desk,
) -> None:
    ran, _ = desk.run(desk.create(training()).id)
    made, _ = desk.run(desk.api.set_up_web_service(ran.id).id)
    assert desk.api.set_up_web_service(made.name) == made


def test_a_predictive_version_that_was_run_gets_a_draft_for_the_new_model(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(training()).id)
    served, _ = desk.run(desk.api.set_up_web_service(ran.id).id)
    desk.api.edit_experiment(ran.id, document(training("two")))
    desk.run("Income")
    updated = desk.api.set_up_web_service("Income")
    assert (updated.parent, updated.twin, updated.role) == (served.id, ran.history, "predictive")
    assert model_of(served).version == 1 and model_of(updated).version == 2


def test_of_several_models_the_chosen_one_is_served_and_stays_chosen(desk: Desk) -> None:
    nodes = training()
    nodes["train 2"] = node("Train", Untrained_model="learner", Dataset="prepare")
    nodes["score 2"] = node("Score", Trained_model="train 2", Dataset="prepare")
    ran, _ = desk.run(desk.create(nodes).id)
    with pytest.raises(ProblemError) as told:
        desk.api.set_up_web_service(ran.id)
    assert told.value.problem.code == "G213"
    made = desk.api.set_up_web_service(ran.id, ServiceSetup("train 2"))
    assert set(made.promoted) == {"train 2 [model]"}
    assert desk.api.set_up_web_service(ran.id) == made  # an update asks nothing


def test_the_other_model_may_be_chosen_later_into_the_same_experiment(desk: Desk) -> None:
    nodes = training()
    nodes["train 2"] = node("Train", Untrained_model="learner", Dataset="prepare")
    nodes["score 2"] = node("Score", Trained_model="train 2", Dataset="prepare")
    ran, _ = desk.run(desk.create(nodes).id)
    made = desk.api.set_up_web_service(ran.id, ServiceSetup("train"))
    changed = desk.api.set_up_web_service(ran.id, ServiceSetup("train 2"))
    assert changed.id == made.id and set(changed.promoted) == {"train 2 [model]"}


def test_a_retraining_service_is_the_training_graph_with_its_output_on_the_model(desk: Desk) -> None:
    ran, _ = desk.run(desk.create(training()).id)
    made = desk.api.set_up_web_service(ran.id, ServiceSetup(retraining=True))
    assert (made.name, made.role, made.twin) == ("Income [Retraining Exp.]", "retraining", ran.history)
    assert replace(made.graph, inputs=(), outputs=()) == ran.graph
    assert [str(port.source) for port in made.graph.outputs] == ["train.Trained model"]
    predictive = desk.api.set_up_web_service(ran.id)
    assert predictive.history != made.history


def test_an_experiment_that_failed_makes_no_service(desk: Desk) -> None:
    nodes = training()
    nodes["train"]["parameters"]["Python Script"] = "raise SystemExit(3)"
    ran, run = desk.run(desk.create(nodes).id)
    assert run.state == "failed"
    with pytest.raises(ProblemError) as told:
        desk.api.set_up_web_service(ran.id)
    assert told.value.problem.code == "G214"

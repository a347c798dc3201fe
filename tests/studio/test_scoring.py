from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from skyloom.core.graph import DataNode, Graph, ModuleNode
from skyloom.core.graph_file import graph_from_document
from skyloom.core.graph_problems import graph_problems
from skyloom.core.graph_view import GraphView
from skyloom.core.identity import NodeId
from skyloom.core.problem import ProblemError
from skyloom.modules.catalogue import ModuleCatalogue, load_catalogue
from skyloom.studio.scoring import Plan, plan_retraining, plan_scoring

CATALOGUE = load_catalogue()
PICK: Any = ["age"]


def module(name: str, parameters: dict[str, Any] | None = None, **inputs: str) -> dict[str, Any]:
    """A node; underscores in the names of ports stand for blanks."""
    return {
        "module": name,
        "parameters": parameters or {},
        "inputs": {port.replace("_", " "): source for port, source in inputs.items()},
    }


def income() -> dict[str, Any]:
    """The usual training graph: choose, clean, split, train, score, evaluate."""
    return {
        "data": {"dataset": "Adult", "position": [100, 0]},
        "choose": {
            **module("Select Columns in Dataset", {"Select Columns": PICK}, Dataset="data"),
            "position": [100, 90],
        },
        "clean": module("Clean Missing Data", {"Columns to be cleaned": PICK}, Dataset="choose"),
        "split": module("Split Data", Dataset="clean"),
        "learner": module("Two-Class Logistic Regression"),
        "train": {
            **module(
                "Train Model",
                {"Label column": PICK},
                Untrained_model="learner",
                Dataset="split.Results dataset1",
            ),
            "position": [50, 400],
        },
        "score": {
            **module("Score Model", Trained_model="train", Dataset="split.Results dataset2"),
            "position": [300, 500],
        },
        "evaluate": module("Evaluate Model", Scored_dataset="score"),
    }


def graph_of(nodes: dict[str, Any], **top: Any) -> tuple[Graph, GraphView]:
    return graph_from_document({"schema_version": 1, "name": "Income", "nodes": nodes, **top}, CATALOGUE)


def plan_of(nodes: dict[str, Any], train: str = "") -> Plan:
    plan = plan_scoring(*graph_of(nodes), train, CATALOGUE)
    assert list(graph_problems(plan.graph)) == []
    return plan


def names(graph: Graph) -> dict[str, str]:
    return {
        str(node.id): graph.spec(node).name if isinstance(node, ModuleNode) else node.type
        for node in graph.nodes
    }


def links(graph: Graph) -> dict[str, str]:
    return {str(edge.target): str(edge.source) for edge in graph.edges}


def test_the_usual_graph_becomes_dataset_saved_transform_saved_model_and_score() -> None:
    plan = plan_of(income())
    assert names(plan.graph) == {
        "data": "Dataset",
        "choose": "Select Columns in Dataset",
        "clean [transform]": "ITransform",
        "clean": "Apply Transformation",
        "train [model]": "ILearner",
        "score": "Score Model",
    }
    assert links(plan.graph) == {
        "choose.Dataset": "data.data",
        "clean.Transformation": "clean [transform].data",
        "clean.Dataset": "choose.Results dataset",
        "score.Trained model": "train [model].data",
        "score.Dataset": "clean.Transformed dataset",
    }
    assert {str(node): str(port) for node, port in plan.promoted.items()} == {
        "clean [transform]": "clean.Cleaning transformation",
        "train [model]": "train.Trained model",
    }
    assert set(plan.trained_by) == {"train", "clean"}


def test_service_ports_stand_on_the_first_consumer_of_the_dataset_and_behind_the_scores() -> None:
    graph = plan_of(income()).graph
    assert [(port.name, [str(ref) for ref in port.targets]) for port in graph.inputs] == [
        ("input1", ["choose.Dataset"])
    ]
    assert [(port.name, str(port.source)) for port in graph.outputs] == [("output1", "score.Scored dataset")]


def test_the_dataset_may_go_straight_into_the_split() -> None:
    nodes = income()
    nodes["split"]["inputs"]["Dataset"] = "data"
    graph = plan_of(nodes).graph
    assert links(graph)["score.Dataset"] == "data.data"
    assert [str(ref) for ref in graph.inputs[0].targets] == ["score.Dataset"]
    assert "choose" not in names(graph)


def test_a_source_module_may_stand_where_a_dataset_does() -> None:
    nodes = income()
    nodes["data"] = module("Enter Data Manually", {"Data": "age\n1"})
    graph = plan_of(nodes).graph
    assert names(graph)["data"] == "Enter Data Manually"
    assert [str(ref) for ref in graph.inputs[0].targets] == ["choose.Dataset"]


def test_a_transform_applied_on_the_test_branch_is_taken_from_the_saved_one() -> None:
    nodes = income()
    nodes["clean"]["inputs"]["Dataset"] = "split.Results dataset1"
    nodes["split"]["inputs"]["Dataset"] = "choose"
    nodes["train"]["inputs"]["Dataset"] = "clean"
    nodes["apply"] = module(
        "Apply Transformation",
        Transformation="clean.Cleaning transformation",
        Dataset="split.Results dataset2",
    )
    nodes["score"]["inputs"]["Dataset"] = "apply"
    plan = plan_of(nodes)
    assert "clean" not in names(plan.graph)
    assert links(plan.graph) == {
        "choose.Dataset": "data.data",
        "apply.Transformation": "clean [transform].data",
        "apply.Dataset": "choose.Results dataset",
        "score.Trained model": "train [model].data",
        "score.Dataset": "apply.Transformed dataset",
    }


def test_what_is_behind_the_scores_stays_unless_it_only_judges() -> None:
    nodes = income()
    nodes["keep"] = module("Select Columns in Dataset", {"Select Columns": PICK}, Dataset="score")
    nodes["after"] = module("Convert to CSV", Dataset="keep")
    nodes["compare"] = module("Add Columns", Left_dataset="score", Right_dataset="evaluate")
    graph = plan_of(nodes).graph
    assert {"keep", "after"} <= names(graph).keys()
    assert not {"compare", "evaluate"} & names(graph).keys()
    assert str(graph.outputs[0].source) == "score.Scored dataset"


def two_models() -> dict[str, Any]:
    nodes = income()
    nodes["other"] = module("Two-Class Decision Forest")
    nodes["train 2"] = module(
        "Train Model", {"Label column": PICK}, Untrained_model="other", Dataset="split.Results dataset1"
    )
    nodes["score 2"] = module("Score Model", Trained_model="train 2", Dataset="split.Results dataset2")
    nodes["evaluate"]["inputs"]["Scored dataset to compare"] = "score 2"
    return nodes


def test_of_several_models_one_must_be_named() -> None:
    with pytest.raises(ProblemError) as told:
        plan_of(two_models())
    assert told.value.problem.code == "G213"
    assert "'train'" in told.value.problem.message and "'train 2'" in told.value.problem.message
    graph = plan_of(two_models(), "train 2").graph
    assert links(graph)["score 2.Trained model"] == "train 2 [model].data"
    assert not {"score", "train", "learner"} & names(graph).keys()


def test_tuning_trains_too() -> None:
    nodes = income()
    nodes["train"] = module(
        "Tune Model Hyperparameters",
        {"Name or numerical index of the label column": PICK},
        Untrained_model="learner",
        Training_dataset="split.Results dataset1",
    )
    nodes["score"]["inputs"]["Trained model"] = "train.Trained best model"
    plan = plan_of(nodes)
    assert str(plan.promoted[NodeId("train [model]")]) == "train.Trained best model"


def test_clusters_are_assigned_by_the_saved_clustering() -> None:
    nodes = {
        "data": {"dataset": "Adult"},
        "means": module("K-Means Clustering"),
        "train": module(
            "Train Clustering Model", {"Column Set": PICK}, Untrained_model="means", Dataset="data"
        ),
        "assign": module("Assign Data to Clusters", Trained_model="train", Dataset="data"),
    }
    graph = plan_of(nodes).graph
    assert names(graph) == {
        "train [model]": "ICluster",
        "data": "Dataset",
        "assign": "Assign Data to Clusters",
    }


def test_a_second_table_of_a_join_stays_in_the_graph() -> None:
    nodes = income()
    nodes["more"] = {"dataset": "Countries"}
    nodes["join"] = module("Add Columns", Left_dataset="choose", Right_dataset="more")
    nodes["clean"]["inputs"]["Dataset"] = "join"
    graph = plan_of(nodes).graph
    assert links(graph)["join.Right dataset"] == "more.data"
    assert [str(ref) for ref in graph.inputs[0].targets] == ["choose.Dataset"]


def test_graph_parameters_stay_and_definitions_of_what_is_gone_do_not() -> None:
    nodes = income()
    graph, view = graph_of(nodes, parameters={"seed": 3})
    plan = plan_scoring(graph, view, "", CATALOGUE)
    assert [parameter.name for parameter in plan.graph.parameters] == ["seed"]
    assert "Train Model" not in {spec.name for spec in plan.graph.modules.values()}


def test_the_predictive_graph_has_a_name_and_places_of_its_own() -> None:
    view = plan_of(income()).view
    assert view.name == "Income [Predictive Exp.]"
    assert (view.positions[NodeId("score")].x, view.positions[NodeId("train [model]")].x) == (300, 60)
    assert NodeId("train") not in view.positions


@pytest.mark.parametrize(
    ("gone", "code"), [("train", "G212"), ("score", "G212"), ("evaluate", ""), ("everything", "G212")]
)
def test_a_graph_that_trains_or_scores_nothing_is_refused(gone: str, code: str) -> None:
    nodes = income()
    if gone == "everything":
        nodes = {"data": nodes["data"], "choose": nodes["choose"]}
    nodes.pop(gone, None)
    for body in nodes.values():
        body["inputs"] = {p: s for p, s in body.get("inputs", {}).items() if s != gone}
        if "dataset" in body:
            del body["inputs"]
    graph, view = graph_of(nodes)
    if not code:
        plan_scoring(graph, view, "", CATALOGUE)
        return
    with pytest.raises(ProblemError) as told:
        plan_scoring(graph, view, "", CATALOGUE)
    assert told.value.problem.code == code


def test_what_is_disabled_is_not_there() -> None:
    nodes = income()
    nodes["other"] = {**nodes["train"], "disabled": True}
    nodes["score other"] = module("Score Model", Trained_model="other", Dataset="split.Results dataset2")
    assert names(plan_of(nodes).graph) == names(plan_of(income()).graph)


def test_a_node_that_trains_nothing_cannot_be_chosen() -> None:
    with pytest.raises(ProblemError) as told:
        plan_of(income(), "trian")
    assert told.value.problem.code == "G212" and "'train'" in told.value.problem.fix


def test_without_apply_transformation_in_the_palette_it_is_refused() -> None:
    few = ModuleCatalogue(tuple(spec for spec in CATALOGUE.specs if spec.name != "Apply Transformation"))
    with pytest.raises(ProblemError) as told:
        plan_scoring(*graph_of(income()), "", few)
    assert told.value.problem.code == "G217"


def test_the_retraining_graph_is_the_training_graph_with_ports_on_data_and_model() -> None:
    graph, view = graph_of(income())
    plan = plan_retraining(graph, view, "")
    assert replace(plan.graph, inputs=(), outputs=()) == graph
    assert [str(ref) for ref in plan.graph.inputs[0].targets] == ["choose.Dataset"]
    assert [str(port.source) for port in plan.graph.outputs] == ["train.Trained model"]
    assert plan.view.name == "Income [Retraining Exp.]"
    assert isinstance(graph.node("data"), DataNode)

"""Experiments that learn, through the command line; their measures beside plain scikit-learn."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn import metrics
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from tests.cli.commands import Commands
from tests.stories.graph_runs import frame_of
from tests.stories.test_examples import graph_of, run

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

NUMBERS = ["age", "education-num", "capital-gain", "hours-per-week"]
WORDS = ["workclass", "education", "marital-status", "occupation"]


def _plain(training: pd.DataFrame, label: str, numbers: list[str], words: list[str]) -> Any:
    """The learner of the graph, as one writes it with scikit-learn alone."""
    features = make_column_transformer(
        (MinMaxScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), words)
    )
    model = make_pipeline(features, LogisticRegression(C=1, tol=1e-7, max_iter=1000))
    return model.fit(training, training[label])


def test_income_is_measured_as_plain_scikit_learn_measures_it(skyloom: Commands) -> None:
    report = run(skyloom, graph_of("adult-income"))
    training = frame_of(report, "split", "Results dataset1")
    test = frame_of(report, "split", "Results dataset2")
    model = _plain(training, "income", NUMBERS, WORDS)
    probabilities, labels = model.predict_proba(test)[:, 1], model.predict(test)
    scored = frame_of(report, "score regression", "Scored dataset")
    assert scored["Scored Probabilities"].to_numpy() == pytest.approx(probabilities, abs=1e-6)
    assert (scored["Scored Labels"] == labels).all()
    found = frame_of(report, "evaluate", "Evaluation results").iloc[0]
    truth = test["income"] == ">50K"
    assert found["AUC"] == pytest.approx(metrics.roc_auc_score(truth, probabilities), abs=1e-6)
    assert found["Accuracy"] == pytest.approx(metrics.accuracy_score(test["income"], labels))
    assert found["F1"] == pytest.approx(metrics.f1_score(truth, labels == ">50K"))
    curve = report["nodes"]["evaluate"]["metrics"]["ROC curve (left port)"]
    area = metrics.auc(curve["False Positive Rate"], curve["True Positive Rate"])
    assert area == pytest.approx(found["AUC"])


def test_species_are_measured_as_plain_scikit_learn_measures_them(skyloom: Commands) -> None:
    report = run(skyloom, graph_of("iris-species"))
    training = frame_of(report, "split", "Results dataset1")
    test = frame_of(report, "split", "Results dataset2")
    numbers = [name for name in training.columns if name != "species"]
    model = _plain(training, "species", numbers, [])
    scored = frame_of(report, "score", "Scored dataset")
    names = [f'Scored Probabilities for Class "{word}"' for word in model.classes_]
    assert scored[names].to_numpy() == pytest.approx(model.predict_proba(test), abs=1e-6)
    found = frame_of(report, "evaluate", "Evaluation results").iloc[0]
    labels = model.predict(test)
    assert found["Overall Accuracy"] == pytest.approx(metrics.accuracy_score(test["species"], labels))
    macro = metrics.precision_score(test["species"], labels, average="macro")
    assert found["Macro Precision"] == pytest.approx(macro)


def test_one_setting_spells_the_whole_graph_as_designer_does(skyloom: Commands) -> None:
    run(skyloom, graph_of("adult-income"))
    report = run(skyloom, graph_of("adult-income"), "--param", "Generation=Designer")
    spelled = {name for name, node in report["nodes"].items() if not node["reused_from"]}
    assert spelled >= {"score regression", "score trees", "evaluate", "cross-validate"}
    assert "train trees" not in spelled
    said = skyloom("run", graph_of("adult-income"), "--param", "Generation=Desginer", "--json")
    assert said.code != 0 and "Designer" in said.out + said.err

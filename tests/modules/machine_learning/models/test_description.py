from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from skyloom.modules.machine_learning.evaluate.describe_model import run as describe
from tests.modules.machine_learning.learning import learner, stored, trained
from tests.modules.running import run

RNG = np.random.default_rng(5)
ROWS = 120
X, Y = RNG.normal(size=ROWS), RNG.normal(size=ROWS)
WORDS = np.where(RNG.random(ROWS) < 0.5, "red", "blue")
TWO = pd.DataFrame({"x": X, "y": Y, "word": WORDS, "label": np.where(X > 0, "yes", "no")})
THREE = TWO.assign(label=np.where(X > 0.5, "high", np.where(X < -0.5, "low", "middle")))


def described(model: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("Describe Model", [model])[0])
    return told


def test_a_linear_model_tells_its_settings_its_bias_and_the_heaviest_feature_first() -> None:
    told = described(trained("Two-Class Logistic Regression", TWO))
    assert (told["name"], told["task"]) == ("Two-Class Logistic Regression", "two-class classification")
    assert (told["isTrained"], told["label"], told["classes"]) == (True, "label", ["no", "yes"])
    assert [row["name"] for row in told["weights"]][:2] == ["Bias", "x"]
    assert {row["name"] for row in told["weights"]} == {"Bias", "x", "y", "word-blue", "word-red"}
    assert {one["name"] for one in told["settings"]} > {"Optimization tolerance"}
    assert (told["measure"], told["numberOfFeatures"]) == ("weight", 4)


def test_weights_are_those_of_the_estimator() -> None:
    model = trained("Two-Class Logistic Regression", TWO)
    weights = {row["name"]: row["values"] for row in described(model)["weights"]}
    assert weights["x"] == [model.estimator.coef_[0][model.encoding.feature_names.index("x")]]
    assert weights["Bias"] == [model.estimator.intercept_[0]]


def test_several_classes_have_a_column_each() -> None:
    told = described(trained("Multiclass Logistic Regression", THREE))
    assert told["columns"] == ["high", "low", "middle"]
    assert all(len(row["values"]) == 3 for row in told["weights"])


@pytest.mark.parametrize("name", ["Two-Class Boosted Decision Tree", "Two-Class Decision Forest"])
def test_trees_tell_how_important_a_feature_was(name: str) -> None:
    told = described(trained(name, TWO))
    assert (told["measure"], told["weights"][0]["name"]) == ("importance", "x")


def test_a_learner_that_is_not_trained_tells_what_a_sweep_would_try() -> None:
    name = "Two-Class Logistic Regression"
    told = described(learner(name, **{"Create trainer mode": "ParameterRange"}))
    assert (told["isTrained"], told["weights"]) == (False, [])
    assert any(";" in str(one["value"]) for one in told["settings"])


def test_a_clustering_has_a_column_for_each_centre() -> None:
    clusters = stored(run("K-Means Clustering", [], {"Number of Centroids": 3})[0])
    names = {"Column Set": ["x", "y"], "Check for Append or Uncheck for Result Only": True}
    model = stored(run("Train Clustering Model", [clusters, TWO], names)[0])
    told = described(model)
    assert (told["measure"], told["columns"]) == ("centre", ["0", "1", "2"])
    assert {row["name"] for row in told["weights"]} == {"x", "y"}


def test_an_estimator_of_scikit_learn_tells_its_own_names() -> None:
    from sklearn.linear_model import LinearRegression

    told = described(stored(LinearRegression().fit(TWO[["x", "y"]], X * 3 + 1)))
    assert told["weights"][1]["name"] == "x"
    assert told["weights"][1]["values"][0] == pytest.approx(3)


def test_anything_else_tells_its_kind_and_no_number_is_without_a_name_in_json() -> None:
    assert described({"a": 1})["name"] == "dict"
    from sklearn.linear_model import LinearRegression

    endless = LinearRegression().fit(TWO[["x"]], X)
    endless.coef_ = np.array([np.inf])
    assert described(endless)["weights"][1]["values"] == [None]


def test_a_file_of_scikit_learn_is_described_and_any_other_has_no_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"hours": [1.0, 2.0, 3.0, 4.0], "noise": [1.0, 0.0, 1.0, 0.0]})
    joblib.dump(LinearRegression().fit(frame, frame["hours"] * 2), tmp_path / "model.pkl")
    (tmp_path / "net.pkl").write_bytes(b"no pickle")
    told = [
        json.loads(describe({"Model": str(tmp_path / name)}, {})["File"]) for name in ("model.pkl", "net.pkl")
    ]
    assert {row["name"]: round(row["values"][0], 6) for row in told[0]["weights"]}["hours"] == 2
    assert (told[1]["name"], told[1]["weights"]) == ("", [])

from __future__ import annotations

import pytest

from tests.modules.machine_learning.data import NUMBERS, numeric, regression
from tests.modules.machine_learning.learning import trained
from tests.modules.running import code_of, frame, run

TWO = "Two-Class Logistic Regression"
METRIC = "Metric for measuring performance"


def importance(model: object, table: object, **values: object) -> dict[str, float]:
    found = frame(run("Permutation Feature Importance", [model, table], values)[0])
    assert list(found.columns) == ["Feature", "Score"]
    assert list(found["Score"]) == sorted(found["Score"], reverse=True)
    return dict(zip(found["Feature"], found["Score"]))


@pytest.mark.parametrize("metric", ["Accuracy", "Precision", "Recall", "Average Log Loss"])
def test_the_features_that_decide_come_first(metric: str) -> None:
    table = numeric()
    found = importance(trained(TWO, table), table, **{METRIC: metric})
    assert set(found) == set(NUMBERS)
    assert set(list(found)[:2]) == {"f0", "f1"}
    assert found["f0"] > 0.02


@pytest.mark.parametrize("metric", ["Mean Absolute Error", "Coefficient of Determination"])
def test_a_loss_counts_upwards_whatever_the_measure(metric: str) -> None:
    table = regression()
    found = importance(trained("Linear Regression", table), table, **{METRIC: metric})
    assert next(iter(found)) == "f0" and found["f0"] > 0.1


def test_a_feature_that_the_model_does_not_use_has_score_0() -> None:
    table = numeric().assign(constant=1.0)
    assert importance(trained(TWO, table), table)["constant"] == 0


def test_a_measure_of_another_task_is_error_105_and_a_missing_label_24() -> None:
    table = numeric()
    model = trained(TWO, table)
    name = "Permutation Feature Importance"
    assert code_of(name, [model, table], {METRIC: "Mean Absolute Error"}) == "M0105"
    assert code_of(name, [model, table.drop(columns="label")]) == "M0024"

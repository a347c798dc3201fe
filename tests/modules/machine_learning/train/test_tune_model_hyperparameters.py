from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skyloom.modules.machine_learning.train.tuning import stratified_folds
from tests.modules.machine_learning.data import NUMBERS, mixed, numeric, regression
from tests.modules.machine_learning.learning import learner, scores, stored
from tests.modules.running import code_of, frame, run

TWO, RANGED = "Two-Class Logistic Regression", {"Create trainer mode": "ParameterRange"}
LABEL = {"Name or numerical index of the label column": ["label"]}
GRID = {"Specify parameter sweeping mode": "Entire grid"}


def tuned(name: str, tables: list[Any], values: dict[str, Any], **ranges: Any) -> tuple[pd.DataFrame, Any]:
    inputs = [learner(name, **RANGED, **ranges), *tables]
    trials, model = run("Tune Model Hyperparameters", inputs, {**LABEL, **values})
    return frame(trials), stored(model)


def test_the_whole_grid_is_scored_as_scikit_learns_search_scores_it() -> None:
    table = numeric()
    found, model = tuned(TWO, [table], {**GRID, "Metric for measuring performance for classification": "AUC"})
    plain = make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=1000))
    grid = {
        "logisticregression__C": [1 / weight for weight in (0.01, 0.1, 1.0)],
        "logisticregression__tol": [1e-5, 1e-8],
    }
    measures = {"accuracy": "Accuracy", "roc_auc": "AUC", "neg_log_loss": "Average Log Loss", "f1": "F-score"}
    search = GridSearchCV(plain, grid, scoring=list(measures), refit="roc_auc", cv=3)
    search.fit(table[NUMBERS].to_numpy(), table["label"])
    expected = {
        (round(1 / parameters["logisticregression__C"], 6), parameters["logisticregression__tol"]): place
        for place, parameters in enumerate(search.cv_results_["params"])
    }
    assert len(found) == 6
    for _, line in found.iterrows():
        place = expected[(line["L2 regularization weight"], line["Optimization tolerance"])]
        for theirs, ours in measures.items():
            value = search.cv_results_[f"mean_test_{theirs}"][place]
            # the fits stop at their tolerance, so probabilities agree to about that
            assert line[f"mean_test_{ours}"] == pytest.approx(abs(value), abs=1e-6)
    assert model.learner.settings["L2 regularization weight"] == pytest.approx(
        1 / search.best_params_["logisticregression__C"]
    )


def test_trials_begin_with_the_best_and_the_model_has_its_settings() -> None:
    table = mixed(classes=3)
    ranges = {
        "Range for number of decision trees": "1; 8",
        "Range for the maximum depth of the decision trees": "2; 16",
        "Range for the minimum number of samples per leaf node": "1",
    }
    found, model = tuned("Multiclass Decision Forest", [table], GRID, **ranges)
    assert len(found) == 4
    assert list(found.columns[:3]) == [
        "Number of decision trees",
        "Maximum depth of the decision trees",
        "Minimum number of samples per leaf node",
    ]
    assert list(found["rank"]) == sorted(found["rank"]) and found["rank"][0] == 1
    assert (found["mean_test_Accuracy"].diff().dropna() <= 0).all()
    for name in found.columns[:3]:
        assert model.learner.settings[name] == found[name][0]
    assert len(scores(model, table)) == len(table)


def test_a_random_sweep_tries_so_many_without_repetition() -> None:
    table = numeric(rows=60)
    found, _ = tuned(TWO, [table], {"Maximum number of runs on random sweep": 4})
    assert len(found) == 4 and not found.iloc[:, :2].duplicated().any()
    again, _ = tuned(TWO, [table], {"Maximum number of runs on random sweep": 4})
    assert found.equals(again)


def test_errors_are_better_when_they_are_small() -> None:
    ranges = {"Solution method": "Online Gradient Descent", "Range for learning rate": "0.1; 0.000001"}
    found, _ = tuned("Linear Regression", [regression()], GRID, **ranges)
    assert (found["mean_test_Mean absolute error"].diff().dropna() >= 0).all()
    assert found["Learning rate"][0] == 0.1


def test_a_validation_dataset_takes_the_place_of_the_folds() -> None:
    training, validation = numeric(), numeric(seed=9)
    found, model = tuned(TWO, [training, validation], GRID)
    measured = scores(model, validation)
    accuracy = (measured["Scored Labels"] == measured["label"]).mean()
    assert found["mean_test_Accuracy"][0] == pytest.approx(accuracy)


def test_a_learner_without_a_range_is_tried_once() -> None:
    trials, _ = run("Tune Model Hyperparameters", [learner(TWO), numeric()], LABEL)
    assert trials.rows == 1


def test_rows_without_a_label_are_left_out_and_too_few_are_error_21() -> None:
    table = mixed()
    table.loc[2:, "label"] = None
    inputs = [learner(TWO, **RANGED), table]
    assert code_of("Tune Model Hyperparameters", inputs, LABEL) == "M0021"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2), min_size=12, max_size=60).filter(lambda c: min(np.bincount(c)) >= 3))
def test_stratified_folds_are_those_of_scikit_learn(codes: list[int]) -> None:
    labels = np.array(codes)
    if len(set(codes)) < 2 or min(np.bincount(labels)) < 3:
        return
    expected = [test for _, test in StratifiedKFold(3).split(labels, labels)]
    found = stratified_folds(labels, 3)
    assert all((mine == theirs).all() for mine, theirs in zip(found, expected))

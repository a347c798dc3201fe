from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skyloom.modules.machine_learning.evaluate.cross_validation import folds_of
from tests.modules.machine_learning.data import NUMBERS, mixed, numeric, regression
from tests.modules.machine_learning.learning import learner
from tests.modules.running import as_table, code_of, frame, run

TWO = "Two-Class Logistic Regression"
LABEL = {"Name or numerical index of the label column": ["label"]}


def validated(name: str, table: object, **values: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    scored, folds = run("Cross Validate Model", [learner(name), table], {**LABEL, **values})
    return frame(scored), frame(folds)


def test_measures_are_those_of_scikit_learn_on_the_same_folds() -> None:
    table = numeric()
    scored, found = validated(TWO, table)
    values, labels = table[NUMBERS].to_numpy(), table["label"].to_numpy()
    for number, rows in enumerate(folds_of(as_table(table), 0)):
        rest = np.setdiff1d(np.arange(len(table)), rows)
        plain = make_pipeline(MinMaxScaler(), LogisticRegression(C=1, tol=1e-7, max_iter=1000))
        plain.fit(values[rest], labels[rest])
        line = found.iloc[number]
        assert line["Accuracy"] == pytest.approx(accuracy_score(labels[rows], plain.predict(values[rows])))
        probabilities = plain.predict_proba(values[rows])[:, 1]
        assert line["AUC"] == pytest.approx(roc_auc_score(labels[rows], probabilities))
        assert np.allclose(scored["Scored Probabilities"].to_numpy()[rows], probabilities)
        assert (scored["Fold Number"].to_numpy()[rows] == number).all()


def test_ten_even_folds_then_mean_and_standard_deviation() -> None:
    _, found = validated(TWO, numeric())
    assert list(found.columns[:3]) == ["Fold Number", "Number of examples in fold", "AUC"]
    numbers = [str(number) for number in range(10)]
    assert list(found["Fold Number"]) == [*numbers, "Mean", "Standard Deviation"]
    assert (found["Number of examples in fold"][:10] == 40).all()
    accuracy = found["Accuracy"][:10]
    assert found["Accuracy"][10] == pytest.approx(accuracy.mean())
    assert found["Accuracy"][11] == pytest.approx(accuracy.std(ddof=1))


def test_scored_rows_are_all_rows_in_their_order() -> None:
    table = mixed(classes=3)
    scored, _ = validated("Multiclass Decision Forest", table)
    assert scored[table.columns].drop(columns="known").equals(frame(as_table(table)).drop(columns="known"))
    assert list(scored.columns[-5:]) == [
        'Scored Probabilities for Class "low"',
        'Scored Probabilities for Class "mid"',
        'Scored Probabilities for Class "top"',
        "Scored Labels",
        "Fold Number",
    ]


def test_the_number_of_the_fold_gives_way_to_a_column_of_its_name() -> None:
    scored, _ = validated(TWO, numeric().assign(**{"Fold Number": 7}))
    assert (scored["Fold Number"] == 7).all()
    assert set(scored["Fold Number_1"]) == set(range(10))


def test_folds_of_partition_and_sample_go_before() -> None:
    assign = {
        "Partition or sample mode": "Assign to Folds",
        "Specify how many folds do you want to split evenly into": 4,
        "Randomized Split": False,
    }
    parted = run("Partition and Sample", numeric(), assign)[0]
    scored, found = validated(TWO, parted)
    assert len(found) == 6
    assert list(scored["Fold Number"][:8]) == [0, 1, 2, 3, 0, 1, 2, 3]


def test_a_regression_is_measured_as_one_in_the_spelling_of_the_generation() -> None:
    _, found = validated("Linear Regression", regression(), Generation="Designer")
    assert "Mean_Absolute_Error" in found.columns
    _, found = validated("Linear Regression", regression())
    assert "Mean Absolute Error" in found.columns


def test_another_seed_draws_other_folds() -> None:
    table = numeric()
    first, second = (validated(TWO, table, **{"Random seed": seed})[0]["Fold Number"] for seed in (0, 1))
    assert (first != second).any()


def test_one_row_is_error_21_and_a_clustering_13() -> None:
    assert code_of("Cross Validate Model", [learner(TWO), numeric().iloc[:1]], LABEL) == "M0021"
    assert code_of("Cross Validate Model", [learner("K-Means Clustering"), numeric()], LABEL) == "M0013"

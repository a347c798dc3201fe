from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from skyloom.modules.machine_learning.evaluate.multiclass_measures import (
    confusion_matrix,
    macro_f_score,
    multiclass_measures,
)
from skyloom.modules.machine_learning.evaluate.two_class_measures import (
    score_bins,
    sweep_thresholds,
    two_class_charts,
    two_class_measures,
)
from tests.modules.machine_learning.data import mixed, numeric, regression
from tests.modules.machine_learning.learning import learner, stored, trained
from tests.modules.running import as_table, code_of, frame, run

TWO = "Two-Class Logistic Regression"
quick = settings(deadline=None, max_examples=60)


def scored(name: str = TWO, table: Any = None, test: Any = None) -> Any:
    table = numeric() if table is None else table
    return run("Score Model", [trained(name, table), table if test is None else test])[0]


def evaluated(*tables: Any, **values: Any) -> pd.DataFrame:
    found: pd.DataFrame = frame(run("Evaluate Model", list(tables), values)[0])
    return found


def flagged(table: pd.DataFrame, label: str = "label") -> Any:
    """The table with a label, as Edit Metadata flags it."""
    made = as_table(table)
    return made.with_attributes({label: made.column(label).attributes.as_label()})


def test_two_classes_have_these_measures() -> None:
    assert list(evaluated(scored()).columns) == [
        "AUC",
        "Accuracy",
        "Precision",
        "Recall",
        "F1",
        "True Negative",
        "False Positive",
        "False Negative",
        "True Positive",
    ]


def test_several_classes_have_these_measures_in_each_generation() -> None:
    table = scored("Multiclass Logistic Regression", mixed(classes=3))
    assert list(evaluated(table, Generation="Designer").columns) == [
        "Overall_Accuracy",
        "Micro_Precision",
        "Macro_Precision",
        "Micro_Recall",
        "Macro_Recall",
    ]
    assert list(evaluated(table).columns) == [
        "Overall Accuracy",
        "Average Accuracy",
        "Micro Precision",
        "Macro Precision",
        "Micro Recall",
        "Macro Recall",
    ]


def test_numbers_have_these_measures_in_each_generation() -> None:
    table = scored("Linear Regression", regression())
    designer = [
        "Mean_Absolute_Error",
        "Root_Mean_Squared_Error",
        "Relative_Squared_Error",
        "Relative_Absolute_Error",
        "Coefficient_of_Determination",
    ]
    assert list(evaluated(table, Generation="Designer").columns) == designer
    assert list(evaluated(table).columns) == [name.replace("_", " ") for name in designer]


def test_quantiles_have_their_loss_besides() -> None:
    table = scored("Fast Forest Quantile Regression", regression())
    found = evaluated(table).iloc[0]
    values = frame(table)
    expected = np.mean(
        [
            metrics.mean_pinball_loss(values["label"], values[f"Scores for quantile:{q:.3f}"], alpha=q)
            for q in (0.25, 0.5, 0.75)
        ]
    )
    assert found["Average Quantile Loss"] == pytest.approx(expected)


def test_relative_errors_compare_with_the_mean() -> None:
    table = flagged(pd.DataFrame({"label": [1.0, 2.0, 6.0], "Regression Scored Labels": [1.0, 3.0, 5.0]}))
    found = evaluated(table).iloc[0]
    assert found["Relative Absolute Error"] == pytest.approx(2 / 6)
    assert found["Relative Squared Error"] == pytest.approx(2 / 14)
    assert found["Coefficient of Determination"] == pytest.approx(12 / 14)


def test_two_inputs_give_two_rows() -> None:
    found = evaluated(scored(), scored("Two-Class Decision Forest"))
    assert len(found) == 2
    assert found["AUC"].iloc[1] > found["AUC"].iloc[0]


def test_inputs_of_unlike_tasks_are_error_62() -> None:
    assert code_of("Evaluate Model", [scored(), scored("Linear Regression", regression())]) == "M0062"


def test_without_scores_it_is_error_25_and_without_a_label_24() -> None:
    assert code_of("Evaluate Model", [flagged(numeric())]) == "M0025"
    bare = scored().select([name for name in scored().names if name != "label"])
    assert code_of("Evaluate Model", [bare]) == "M0024"


def test_several_labels_are_error_37() -> None:
    table = scored()
    table = table.with_attributes({"f0": table.column("f0").attributes.as_label()})
    assert code_of("Evaluate Model", [table]) == "M0037"


def test_fixed_names_tell_what_columns_hold_where_no_role_does() -> None:
    table = pd.DataFrame(
        {
            "label": ["a", "b", "b", "a"],
            "Binary Class Scored Labels": ["a", "b", "a", "a"],
            "Binary Class Scored Probabilities": [0.1, 0.9, 0.4, 0.2],
        }
    )
    found = evaluated(flagged(table)).iloc[0]
    assert (found["Accuracy"], found["AUC"], found["Recall"]) == (0.75, 1.0, 0.5)
    several = pd.DataFrame({"label": ["a", "b", "c"], "Multi Class Scored Labels": ["a", "b", "b"]})
    assert evaluated(flagged(several))["Overall Accuracy"].iloc[0] == pytest.approx(2 / 3)
    odd = pd.DataFrame({"label": [0, 1, 0, 1], "Anomaly Detection Scored Labels": [0, 1, 1, 1]})
    assert evaluated(flagged(odd))["Accuracy"].iloc[0] == 0.75


def test_rows_without_a_label_do_not_count() -> None:
    table = mixed()
    table.loc[5:, "label"] = None
    counts = evaluated(scored(table=mixed(), test=table)).iloc[0][-4:]
    assert counts.sum() == 5


@pytest.mark.parametrize("kept", ["low", "mid"])
def test_test_rows_of_one_class_still_know_which_class_they_are(kept: str) -> None:
    table = mixed()
    found = evaluated(scored(table=table, test=table[table["label"] == kept].reset_index(drop=True))).iloc[0]
    right, wrong = ("True Negative", "True Positive") if kept == "low" else ("True Positive", "True Negative")
    assert found[right] > 100 and found[wrong] == 0
    assert np.isnan(found["AUC"])


def test_labels_of_another_type_than_the_scores_are_error_18() -> None:
    table = numeric()
    model = trained(TWO, table)
    words = table.assign(label=table["label"].map({0: "no", 1: "yes"}))
    assert code_of("Evaluate Model", [run("Score Model", [model, words])[0]]) == "M0018"


def test_clusters_have_a_row_each_and_one_for_all() -> None:
    table = numeric().drop(columns="label")
    several = [learner("K-Means Clustering", **{"Number of Centroids": 3}), table]
    _, assigned = run("Train Clustering Model", several, {"Column Set": "all"})
    found = evaluated(assigned)
    assert list(found.columns) == [
        "Result Description",
        "Average Distance to Cluster Center",
        "Average Distance to Other Center",
        "Number of Points",
        "Maximal Distance to Cluster Center",
    ]
    titles = [f"Evaluation For Cluster No.{number}" for number in range(3)]
    assert list(found["Result Description"]) == [*titles, "Combined Evaluation"]
    assert list(found["Number of Points"])[-1] == 400 == sum(list(found["Number of Points"])[:-1])
    values = frame(assigned)
    distances = np.sort(values.filter(like="DistancesToClusterCenter").to_numpy(), axis=1)
    combined = found.iloc[-1]
    assert combined["Average Distance to Cluster Center"] == pytest.approx(distances[:, 0].mean())
    assert combined["Average Distance to Other Center"] == pytest.approx(distances[:, 1].mean())
    assert combined["Maximal Distance to Cluster Center"] == pytest.approx(distances[:, 0].max())


# --- measures beside scikit-learn, of any data ------------------------------------------------------

SCORES = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.75, 1.0])), min_size=1
)


@quick
@given(SCORES)
def test_two_class_measures_are_those_of_scikit_learn(pairs: list[tuple[bool, float]]) -> None:
    truth = np.array([label for label, _ in pairs], bool)
    values = np.array([score for _, score in pairs])
    predicted = values > 0.5
    found = two_class_measures(truth, predicted, values)
    assert found["Accuracy"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    for name, measure in (
        ("Precision", metrics.precision_score),
        ("Recall", metrics.recall_score),
        ("F1", metrics.f1_score),
    ):
        assert found[name] == pytest.approx(measure(truth, predicted, zero_division=0))
    if 0 < truth.sum() < len(truth):
        assert found["AUC"] == pytest.approx(metrics.roc_auc_score(truth, values))
        sweep = sweep_thresholds(truth, values)
        across, up, thresholds = metrics.roc_curve(truth, values, drop_intermediate=False)
        assert np.allclose(sweep.false_positive_rate, across)
        assert np.allclose(sweep.recall, up)
        assert (sweep.thresholds == thresholds).all()
        precision, recall, _ = metrics.precision_recall_curve(truth, values)
        assert np.allclose(sweep.precision[::-1], precision)
        assert np.allclose(sweep.recall[::-1], recall)


@quick
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_multiclass_measures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    classes = np.unique([truth, predicted])
    places = np.searchsorted(classes, truth), np.searchsorted(classes, predicted)
    matrix = confusion_matrix(*places, len(classes))
    assert (matrix == metrics.confusion_matrix(truth, predicted, labels=[*classes, 9])[:-1, :-1]).all()
    found = multiclass_measures(matrix)
    for average in ("micro", "macro"):
        for name, measure in (("Precision", metrics.precision_score), ("Recall", metrics.recall_score)):
            expected = measure(truth, predicted, average=average, zero_division=0)
            assert found[f"{average.title()}_{name}"] == pytest.approx(expected)
    expected = metrics.f1_score(truth, predicted, average="macro", zero_division=0)
    assert macro_f_score(matrix) == pytest.approx(expected)


@quick
@given(SCORES)
def test_score_bins_hold_every_row_once_and_end_with_all_rows(pairs: list[tuple[bool, float]]) -> None:
    truth = np.array([label for label, _ in pairs], bool)
    bins = score_bins(truth, np.array([score for _, score in pairs]))
    assert sum(bins["Positive Examples"]) == truth.sum()
    assert sum(bins["Negative Examples"]) == len(truth) - truth.sum()
    assert bins["Fraction Above Threshold"][-1] == 1
    assert bins["Score Bin"][0] == "(0.900,1.000]" and len(bins["Score Bin"]) == 10


@quick
@given(SCORES)
def test_every_point_of_a_curve_counts_all_rows(pairs: list[tuple[bool, float]]) -> None:
    truth = np.array([label for label, _ in pairs], bool)
    values = np.array([score for _, score in pairs])
    table = two_class_charts(truth, values > 0.5, values)["ROC curve"]
    total = sum(
        table[name] for name in ("True Positive", "False Positive", "True Negative", "False Negative")
    )
    assert (total == len(truth)).all()


def test_long_curves_are_thinned_to_their_ends_and_a_thousand_points() -> None:
    random = np.random.RandomState(0)
    truth, values = random.rand(50_000) > 0.5, random.rand(50_000)
    table = two_class_charts(truth, values > 0.5, values)["ROC curve"]
    assert len(table["Threshold"]) == 1000
    assert (table["True Positive Rate"][0], table["True Positive Rate"][-1]) == (0, 1)


def test_a_stored_scored_dataset_is_evaluated_alike() -> None:
    table = scored()
    assert evaluated(stored(frame(table)).pipe(as_table).with_attributes(dict(_roles(table)))).equals(
        evaluated(table)
    )


def _roles(table: Any) -> list[tuple[str, Any]]:
    return [(column.name, column) for column in table.schema if column.score_role or column.label_role]

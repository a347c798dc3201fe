from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.modules.machine_learning.data import mixed, numeric, regression
from tests.modules.machine_learning.learning import learner, scores, trained
from tests.modules.running import as_table, code_of, problems_of, run

TWO, MANY = "Two-Class Logistic Regression", "Multiclass Logistic Regression"
LABEL = {"Label column": ["label"]}


def code(name: str, table: Any, label: str = "label") -> str:
    return code_of("Train Model", [learner(name), table], {"Label column": [label]})


def test_a_model_carries_its_schema_label_and_a_sample_row() -> None:
    table = mixed()
    model = trained(TWO, table)
    assert [column.name for column in model.schema] == list(table.columns)
    assert model.label == "label"
    assert model.sample["f0"] == table["f0"][0] and model.sample["label"] == table["label"][0]
    assert list(model.sample) == list(table.columns)


def test_numbers_come_before_words_and_words_in_their_order() -> None:
    model = trained(TWO, mixed())
    names = model.encoding.feature_names
    assert names[:10] == (*[f"f{place}" for place in range(8)], "known", "day")
    assert names[10:] == (
        "colour-#NAN",
        "colour-blue",
        "colour-green",
        "colour-red",
        "shape-flat",
        "shape-round",
        "shape-square",
    )


def test_only_columns_flagged_as_features_are_learnt_from() -> None:
    table = as_table(mixed())
    cleared = {"f0": table.column("f0").attributes.as_score("Calibrated Score")}
    model = trained(TWO, table.with_attributes(cleared))
    assert "f0" not in model.features and "label" not in model.features


def test_missing_and_infinite_numbers_are_0_after_scaling() -> None:
    table = numeric()
    model = trained(TWO, table)
    features = {name: table[name].to_numpy()[:3].copy() for name in model.features}
    features["f0"][:] = [np.nan, np.inf, -np.inf]
    assert (model.encoding.encode(features).numbers[0] == 0).all()


def test_a_constant_column_and_one_without_values_do_no_harm() -> None:
    table = numeric().assign(constant=3.0, nothing=np.nan)
    found = scores(trained(TWO, table), table)["Scored Probabilities"]
    plain = scores(trained(TWO, numeric()), numeric())["Scored Probabilities"]
    assert np.allclose(found, plain)


def test_rows_without_a_label_are_left_out() -> None:
    table = mixed()
    table.loc[table.index >= 200, "label"] = None
    found = scores(trained(TWO, table), mixed())
    expected = scores(trained(TWO, mixed().iloc[:200].reset_index(drop=True)), mixed())
    assert (found["Scored Probabilities"] == expected["Scored Probabilities"]).all()
    infinite = regression()
    infinite.loc[0, "label"] = np.inf
    assert np.isfinite(scores(trained("Linear Regression", infinite), infinite)["Scored Labels"]).all()


@pytest.mark.parametrize(
    ("values", "positive"),
    [([0, 1], 1), ([-1, 1], 1), (["no", "yes"], "yes"), ([False, True], True), ([2.5, 1.5], 2.5)],
)
def test_the_larger_label_is_the_positive_class(values: list[Any], positive: Any) -> None:
    table = numeric()
    table["label"] = (
        np.array(values, dtype=object)[table["label"]]
        if values[0] != 2.5
        else np.where(table["label"] == 1, 2.5, 1.5)
    )
    found = scores(trained(TWO, table), table)
    certain = found[found["Scored Probabilities"] > 0.5]["Scored Labels"]
    assert len(certain) and (certain == positive).all()


def test_labels_of_a_categorical_column_are_what_its_categories_stand_for() -> None:
    table = mixed(classes=3)
    table["label"] = pd.Categorical(table["label"])
    assert set(scores(trained(MANY, table), table)["Scored Labels"]) <= {"low", "mid", "top"}


def test_the_label_of_a_regression_may_be_words_in_their_order() -> None:
    table = mixed(classes=3)
    found = scores(trained("Linear Regression", table), table)["Scored Labels"]
    means = found.groupby(table["label"]).mean()
    assert means["low"] < means["mid"] < means["top"]


def test_what_cannot_be_trained_has_the_old_number() -> None:
    table = mixed()
    assert code(TWO, table.assign(label=None).astype({"label": "string"})) == "M0134"
    assert code(TWO, mixed(classes=3)) == "M0083"
    assert code(TWO, table[table["label"] == "low"]) == "M0083"
    assert code(MANY, table[table["label"] == "low"]) == "M0083"
    assert code(TWO, table[["label"]]) == "M0047"
    assert code(TWO, table, "lable") == "D010"
    assert code("K-Means Clustering", table) == "M0013"


def test_a_column_of_words_with_a_value_for_nearly_every_row_is_error_14() -> None:
    table = numeric(rows=1100)
    table["name"] = [f"row {place}" for place in range(1100)]
    assert code(TWO, table) == "M0014"
    table["name"] = [f"row {place // 2}" for place in range(1100)]
    assert len(trained(TWO, table).encoding.levels[0]) == 550


def test_three_classes_are_told_to_need_a_multiclass_learner() -> None:
    ((_, message, fix),) = problems_of("Train Model", [learner(TWO), mixed(classes=3)], LABEL)
    assert "3 classes ('low', 'mid', 'top')" in message and "multiclass" in fix


def test_an_object_that_is_no_learner_is_error_13() -> None:
    assert code_of("Train Model", [{"no": "learner"}, numeric()], LABEL) == "M0013"
    assert code_of("Train Model", [trained(TWO, numeric()), numeric()], LABEL) == "M0013"


def test_training_again_gives_the_same_bytes() -> None:
    import pickle

    table = mixed()
    inputs = [learner("Two-Class Decision Forest"), table]
    first, second = (pickle.dumps(run("Train Model", inputs, LABEL)[0]) for _ in range(2))
    assert first == second

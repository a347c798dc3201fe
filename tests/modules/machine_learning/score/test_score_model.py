from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from skyloom.data.table import Table
from tests.modules.machine_learning.data import NUMBERS, mixed, numeric, regression
from tests.modules.machine_learning.learning import learner, scores, trained
from tests.modules.running import code_of, frame, problems_of, run

TWO, MANY = "Two-Class Logistic Regression", "Multiclass Logistic Regression"


def _schema(table: Table) -> dict[str, tuple[str, str, bool]]:
    return {c.name: (c.label_role, c.score_role, c.is_feature) for c in table.schema}


def test_two_classes_have_a_label_and_the_probability_of_the_larger_one() -> None:
    table = mixed()
    found = scores(trained(TWO, table), table)
    assert list(found.columns) == [*table.columns, "Scored Labels", "Scored Probabilities"]
    assert set(found["Scored Labels"]) == {"low", "mid"}
    assert ((found["Scored Probabilities"] > 0.5) == (found["Scored Labels"] == "mid")).all()


def test_score_columns_have_their_roles_and_are_no_features() -> None:
    table = numeric()
    schema = _schema(run("Score Model", [trained(TWO, table), table])[0])
    assert schema["Scored Labels"] == ("", "Binary Class Assigned Labels", False)
    assert schema["Scored Probabilities"] == ("", "Calibrated Score", False)
    assert schema["label"] == ("True Labels", "", False)
    assert schema["f0"] == ("", "", True)


def test_several_classes_are_spelled_as_each_generation_did() -> None:
    table = mixed(classes=3)
    model = trained(MANY, table)
    classic = scores(model, table)
    assert list(classic.columns[-4:]) == [
        'Scored Probabilities for Class "low"',
        'Scored Probabilities for Class "mid"',
        'Scored Probabilities for Class "top"',
        "Scored Labels",
    ]
    designer = scores(model, table, Generation="Designer")
    assert list(designer.columns[-4:]) == [
        "Scored Probabilities_low",
        "Scored Probabilities_mid",
        "Scored Probabilities_top",
        "Scored Labels",
    ]
    assert (classic.iloc[:, -4:].to_numpy() == designer.iloc[:, -4:].to_numpy()).all()
    assert np.allclose(classic.iloc[:, -4:-1].sum(axis=1), 1)


def test_a_whole_number_among_the_classes_is_spelled_without_a_fraction() -> None:
    table = numeric(classes=3).astype({"label": float})
    scored = run("Score Model", [trained(MANY, table), table])[0]
    assert [name for name in scored.names if name.startswith("Scored Prob")] == [
        f'Scored Probabilities for Class "{number}"' for number in range(3)
    ]
    plain = run("Score Model", [trained(MANY, numeric(classes=3)), numeric(classes=3)])[0]
    first, second = (frame(run("Evaluate Model", [table])[0]) for table in (scored, plain))
    assert first.equals(second)


def test_the_largest_probability_gives_the_label() -> None:
    table = mixed(classes=3)
    found = scores(trained(MANY, table), table)
    best = found.iloc[:, -4:-1].to_numpy().argmax(axis=1)
    assert list(found["Scored Labels"]) == [["low", "mid", "top"][place] for place in best]


def test_without_appending_there_are_scores_and_label_alone() -> None:
    table = numeric()
    found = scores(trained(TWO, table), table, **{"Append score columns to output": False})
    assert list(found.columns) == ["Scored Labels", "Scored Probabilities", "label"]


def test_columns_of_the_same_name_are_overwritten() -> None:
    table = numeric()
    model = trained(TWO, table)
    again = run("Score Model", [model, run("Score Model", [model, table])[0]])[0]
    assert list(again.names) == [*table.columns, "Scored Labels", "Scored Probabilities"]


def test_scores_of_an_earlier_model_give_up_their_role() -> None:
    table = numeric()
    model = trained(TWO, table)
    earlier = run("Score Model", [model, table])[0].rename({"Scored Labels": "earlier"})
    schema = _schema(run("Score Model", [model, earlier])[0])
    assert schema["earlier"] == ("", "", False)
    assert schema["Scored Labels"][1] == "Binary Class Assigned Labels"


def test_features_are_found_by_name_and_the_label_is_not_needed() -> None:
    table = mixed()
    model = trained(TWO, table)
    turned = table[list(reversed(table.columns))].drop(columns="label").assign(more=1)
    found = scores(model, turned)["Scored Probabilities"]
    assert (found == scores(model, table)["Scored Probabilities"]).all()


def test_every_missing_feature_is_error_35_and_every_changed_kind_16() -> None:
    model = trained(TWO, mixed())
    table = mixed().drop(columns=["f0", "colour"]).assign(f1="words", shape=1.0)
    told = problems_of("Score Model", [model, table])
    assert [(code, message.split("'")[1]) for code, message, _ in told] == [
        ("M0035", "f0"),
        ("M0016", "f1"),
        ("M0035", "colour"),
        ("M0016", "shape"),
    ]


def test_levels_that_training_did_not_see_count_as_none() -> None:
    table = numeric().assign(colour=["red", "green"] * 200)
    model = trained(TWO, table)
    odd = scores(model, table.assign(colour="mauve"))["Scored Probabilities"]
    gone = scores(model, table.assign(colour=None).astype({"colour": "string"}))["Scored Probabilities"]
    assert (odd == gone).all()
    assert (odd != scores(model, table)["Scored Probabilities"]).any()


def test_an_untrained_model_is_error_12_and_another_object_159() -> None:
    assert code_of("Score Model", [learner(TWO), numeric()]) == "M0012"
    assert code_of("Score Model", [{"no": "model"}, numeric()]) == "M0159"


def test_no_rows_have_no_scores() -> None:
    for table, name in ((numeric(), TWO), (mixed(classes=3), MANY)):
        model = trained(name, table)
        assert len(scores(model, table.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("name", "table"),
    [
        (TWO, numeric()),
        (TWO, mixed()),
        (MANY, numeric(classes=3)),
        (MANY, mixed(classes=3)),
        ("Linear Regression", regression()),
    ],
)
def test_arrays_are_scored_as_the_module_scores_tables_and_each_row_alone_too(
    name: str, table: pd.DataFrame
) -> None:
    model = trained(name, table)
    expected = scores(model, table)
    columns: dict[str, Any] = {feature: table[feature].to_numpy() for feature in model.features}
    for generation in ("Classic", "Designer"):
        found = model.score_arrays(columns, generation)
        names = [item for item, _ in model.score_names(generation)]
        assert list(found) == names
    found = model.score_arrays(columns)
    for column, values in found.items():
        assert (expected[column].to_numpy() == values).all(), column
    for row in range(0, len(table), 37):
        alone = model.score_arrays({feature: values[row : row + 1] for feature, values in columns.items()})
        for column, values in alone.items():
            assert values[0] == found[column][row], column


def test_numbers_may_be_given_as_integers_truth_values_and_objects() -> None:
    table = numeric().round(0)
    model = trained(TWO, table)
    expected = model.score_arrays({name: table[name].to_numpy() for name in NUMBERS})
    whole = model.score_arrays({name: table[name].to_numpy(dtype=int) for name in NUMBERS})
    plain = model.score_arrays({name: table[name].astype(object).tolist() for name in NUMBERS})
    for column, values in expected.items():
        assert (values == whole[column]).all() and (values == plain[column]).all()

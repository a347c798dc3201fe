from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.modules.machine_learning.data import mixed
from tests.modules.machine_learning.learning import learner, scores, stored
from tests.modules.running import code_of, frame, run

NAME = "PCA-Based Anomaly Detection"


def detector(table: Any, **settings: Any) -> Any:
    return stored(run("Train Anomaly Detection Model", [learner(NAME, **settings), table])[0])


def plane(rows: int = 200) -> pd.DataFrame:
    """Rows near a plane in four dimensions."""
    random = np.random.RandomState(0)
    base = random.rand(rows, 2)
    noise = random.normal(scale=0.01, size=(rows, 4))
    values = np.column_stack([base[:, 0], base[:, 1], base[:, 0] + base[:, 1], base[:, 0]]) + noise
    return pd.DataFrame(values, columns=list("abcd"))


def test_a_row_off_the_plane_is_an_anomaly_and_one_on_it_is_none() -> None:
    model = detector(plane(), **{"Enable input feature mean normalization": True})
    odd = pd.DataFrame({"a": [0.5, 0.0], "b": [0.5, 1.0], "c": [1.0, 0.0], "d": [0.5, 1.0]})
    found = scores(model, odd)
    assert list(found.columns[-2:]) == ["Scored Labels", "Scored Probabilities"]
    assert list(found["Scored Labels"]) == [0, 1]
    assert found["Scored Probabilities"].between(0, 1).all()


def test_the_score_is_the_share_that_the_components_miss() -> None:
    table = plane()
    model = detector(table)
    rows = model.encoding.encode({name: table[name].to_numpy() for name in table}).dense()
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    rest = rows - rows @ directions[:2].T @ directions[:2]
    expected = np.linalg.norm(rest, axis=1) / np.linalg.norm(rows, axis=1)
    assert np.allclose(scores(model, table)["Scored Probabilities"], expected, atol=1e-6)


def test_roles_let_evaluate_model_measure_it() -> None:
    odd = pd.DataFrame({"a": [0.0] * 5, "b": [1.0] * 5, "c": [0.0] * 5, "d": [1.0] * 5})
    table = pd.concat([plane(), odd], ignore_index=True)
    model = detector(plane(), **{"Enable input feature mean normalization": True})
    scored = run("Score Model", [model, table.assign(label=[0] * 200 + [1] * 5)])[0]
    labelled = scored.with_attributes({"label": scored.column("label").attributes.as_label()})
    found = frame(run("Evaluate Model", [labelled])[0]).iloc[0]
    assert found["True Positive"] == 5 and found["AUC"] == 1


def test_words_and_missing_cells_are_no_obstacle() -> None:
    table = mixed()
    assert scores(detector(table), table)["Scored Probabilities"].notna().all()


def test_more_components_than_features_are_error_81() -> None:
    inputs = [learner(NAME, **{"Number of components to use in PCA": 9}), plane()]
    assert code_of("Train Anomaly Detection Model", inputs) == "M0081"


def test_another_learner_is_error_13_and_no_row_21() -> None:
    other = [learner("Two-Class Logistic Regression"), plane()]
    assert code_of("Train Anomaly Detection Model", other) == "M0013"
    assert code_of("Train Anomaly Detection Model", [learner(NAME), plane().iloc[:0]]) == "M0021"

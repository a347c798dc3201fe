from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from skyloom.modules.machine_learning.models import fitting
from tests.modules.machine_learning.data import mixed, regression
from tests.modules.machine_learning.learning import trained

CODE = """
import pickle, sys
from skyloom.modules.machine_learning.models.trained_model import TrainedModel
model = pickle.load(open(sys.argv[1], "rb"))
row = {name: [model.sample[name]] for name in model.features}
scores = model.score_arrays(row)
print(len(scores), sorted({"sklearn", "lightgbm", "matplotlib"} & set(sys.modules)))
print(type(model.estimator).__name__)
"""


@pytest.mark.parametrize(
    ("name", "estimator"),
    [
        ("Two-Class Logistic Regression", "LogisticRegression"),
        ("Two-Class Support Vector Machine", "LinearSVC"),
        ("Two-Class Neural Network", "MLPClassifier"),
    ],
)
def test_a_sum_is_scored_without_loading_scikit_learn(name: str, estimator: str, tmp_path: Path) -> None:
    place = tmp_path / "model"
    place.write_bytes(pickle.dumps(trained(name, mixed())))
    answer = subprocess.run(
        [sys.executable, "-c", CODE, str(place)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert answer.stdout.splitlines() == ["2 []", estimator]


def test_the_estimator_is_there_again_after_storing() -> None:
    for name in ("Decision Forest Regression", "Boosted Decision Tree Regression", "Linear Regression"):
        model = trained(name, regression())
        again = pickle.loads(pickle.dumps(model))
        assert type(again.estimator) is type(model.estimator)
        assert again.estimator.n_features_in_ == 8


@pytest.mark.parametrize("name", ["Two-Class Decision Forest", "Decision Forest Regression"])
def test_a_large_forest_grown_from_a_sparse_matrix_is_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = mixed() if "Class" in name else mixed().assign(label=regression()["label"])
    dense = trained(name, table)
    monkeypatch.setattr(fitting, "_SMALL_CELLS", 0)
    sparse = trained(name, table)
    columns = {feature: table[feature].to_numpy() for feature in dense.features}
    for first, second in zip(dense.score_arrays(columns).values(), sparse.score_arrays(columns).values()):
        assert (first == second).all()

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skyloom.runner import azureml_names
from skyloom.runner.run_context import Recorder
from tests.modules.machine_learning.data import mixed, numeric
from tests.modules.machine_learning.learning import trained
from tests.modules.running import frame, run


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A run as boxes offer it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    made = Recorder(str(tmp_path), print)
    azureml_names.install(made)
    yield made
    azureml_names.uninstall()


def scored(name: str, table: Any) -> Any:
    return run("Score Model", [trained(name, table), table])[0]


def test_measures_and_curves_of_two_classes_are_logged(recorder: Recorder) -> None:
    found = frame(run("Evaluate Model", [scored("Two-Class Logistic Regression", numeric())])[0]).iloc[0]
    metrics: dict[str, Any] = dict(recorder.metrics)
    assert metrics["AUC"] == found["AUC"] and metrics["True Positive"] == found["True Positive"]
    assert set(metrics) == {
        *found.index,
        "ROC curve",
        "Precision-recall curve",
        "Lift curve",
        "Scored bins",
        "Confusion matrix",
    }
    assert metrics["ROC curve"]["Threshold"][0] == "Infinity"
    assert len(metrics["Scored bins"]["Score Bin"]) == 10


def test_two_inputs_are_told_apart(recorder: Recorder) -> None:
    table = scored("Two-Class Logistic Regression", numeric())
    run("Evaluate Model", [table, table])
    names = [name for name, _ in recorder.metrics]
    assert all(name.endswith((" (left port)", " (right port)")) for name in names)
    assert len(set(names)) == len(names) == 28


def test_a_confusion_matrix_is_a_table_and_a_picture(recorder: Recorder, tmp_path: Path) -> None:
    run("Evaluate Model", [scored("Multiclass Logistic Regression", mixed(classes=3))])
    matrix: Any = dict(recorder.metrics)["Confusion matrix"]
    assert matrix["Actual"] == ["low", "mid", "top"]
    assert [sum(matrix[f"Predicted {word}"][row] for word in matrix["Actual"]) for row in range(3)] == [
        pytest.approx(1)
    ] * 3
    assert [path.name for path in tmp_path.glob("*.png")] == ["Confusion matrix.png"]


def test_outside_a_box_nothing_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("Evaluate Model", [scored("Multiclass Logistic Regression", mixed(classes=3))])
    assert not list(tmp_path.iterdir())

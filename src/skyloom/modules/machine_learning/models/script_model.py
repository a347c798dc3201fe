"""A model written in Python: the class AzureMLModel of Create Python Model (studio.md 1.11)."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from skyloom.core.generation import CLASSIC
from skyloom.core.problem import Problem, ProblemError
from skyloom.data.column_type import ColumnAttributes
from skyloom.data.from_frame import table_from_frame
from skyloom.data.objects import dump_object
from skyloom.data.table import Column, Table
from skyloom.data.to_frame import frame_from_table
from skyloom.modules.machine_learning.models.labels import usable_rows
from skyloom.modules.machine_learning.models.plain_cells import sample_row
from skyloom.modules.machine_learning.models.script_module import SCRIPT_NAME, fenced, load_script
from skyloom.modules.machine_learning.models.task import CALIBRATED, LABEL_ROLES, OTHER_ROLE, Task
from skyloom.modules.machine_learning.models.trained_model import check_features
from skyloom.modules.studio_error import studio_error
from skyloom.modules.tables.rows import keep_rows

CLASS = "AzureMLModel"
_METHODS = {
    "__init__": ("self",),
    "train": ("self", "df_train", "df_label"),
    "predict": ("self", "df"),
}
# fixed names by which Evaluate Model knows what a column holds (studio.md 2.4)
FIXED_NAMES = {
    "Binary Class Scored Labels": LABEL_ROLES[Task.BINARY],
    "Binary Class Scored Probabilities": CALIBRATED,
    "Multi Class Scored Labels": LABEL_ROLES[Task.MULTICLASS],
    "Regression Scored Labels": LABEL_ROLES[Task.REGRESSION],
    "Assignments": LABEL_ROLES[Task.CLUSTER],
    "Anomaly Detection Scored Labels": LABEL_ROLES[Task.ANOMALY],
    "Anomaly Detection Scored Probabilities": CALIBRATED,
}


@dataclass(frozen=True)
class _ScriptObject:
    """An object of the user's class, with the script that the class is in; pickles as both."""

    script: str
    value: Any

    def __reduce__(self) -> Any:
        return _revived, (self.script, dump_object(self.value, CLASS))


def _revived(script: str, content: bytes) -> _ScriptObject:
    load_script(script)
    return _ScriptObject(script, pickle.loads(content))  # inside a pickle already: only ever in a sandbox


@dataclass(frozen=True)
class UntrainedScriptModel:
    """What Create Python Model gives to Train Model."""

    model: _ScriptObject
    name: str = "Create Python Model"
    task: Task = Task.SCRIPT
    sweep: Mapping[str, Any] = field(default_factory=dict)

    def train(self, table: Table, label: str) -> TrainedScriptModel:
        """Call the user's ``train`` with the feature columns as they are and the label as a Series.

        Raises
        ------
        ProblemError
            M0134 no row has a label, S001 the script failed.
        """
        rows = keep_rows(table, usable_rows(table.column(label)))
        if not rows.rows:
            raise studio_error(
                134, f"No row has a value in the label column '{label}'.", label, "Train with labelled rows."
            )
        features = tuple(column.name for column in rows.schema if column.is_feature and column.name != label)
        frame = frame_from_table(rows.select(features), load_objects=True).copy()
        labels = frame_from_table(rows.select([label]), load_objects=True)[label].copy()
        copy = _revived(self.model.script, dump_object(self.model.value, CLASS))
        fenced(lambda: copy.value.train(frame, labels), f"{CLASS}.train")
        return TrainedScriptModel(self, copy, rows.schema, label, features, sample_row(rows, rows.names))


@dataclass(frozen=True)
class TrainedScriptModel:
    """The user's model after its training."""

    learner: UntrainedScriptModel
    model: _ScriptObject
    schema: tuple[ColumnAttributes, ...]
    label: str
    features: tuple[str, ...]
    sample: Mapping[str, Any]
    task: Task = Task.SCRIPT

    def score_table(self, table: Table, generation: str = CLASSIC) -> list[Column]:
        """The columns that the user's ``predict`` gives, with roles where their names are the fixed ones.

        Raises
        ------
        ProblemError
            M0035 and M0016 for the features, S001 the script failed, S010 it gave no frame of as many rows,
            D005 and others for what cannot become columns.
        """
        check_features(self.schema, self.features, table)
        found = self._predict(frame_from_table(table.select(self.features), load_objects=True).copy())
        return [
            replace(column, attributes=column.attributes.as_score(_role(column.name)))
            for column in table_from_frame(found)
        ]

    def score_arrays(self, columns: Mapping[str, Any], generation: str = CLASSIC) -> dict[str, Any]:
        """The columns of ``predict`` for rows given as one array a column; the names are the script's own."""
        import pandas as pd

        found = self._predict(pd.DataFrame({name: columns[name] for name in self.features}))
        return {name: found[name].to_numpy() for name in found.columns}

    def _predict(self, frame: Any) -> Any:
        rows = len(frame)
        found = fenced(lambda: self.model.value.predict(frame), f"{CLASS}.predict")
        _check_prediction(found, rows)
        return found


def make_script_model(script: str) -> UntrainedScriptModel:
    """The learner that a script defines; its ``__init__`` runs here, once.

    Raises
    ------
    ProblemError
        S002 the script does not parse, S001 it failed, S003 it does not define the class as it must be (all
        Studio error 0085).
    """
    made: Any = getattr(load_script(script), CLASS, None)
    if not isinstance(made, type):
        raise _unusable(f"The script defines no class {CLASS}.", f"Define class {CLASS}.")
    faults = list(_method_faults(made))
    if faults:
        raise ProblemError(faults)
    value = fenced(made, f"{CLASS}.__init__")
    if not hasattr(value, "model"):
        raise _unusable(
            f"{CLASS}.__init__ sets no attribute 'model'.", "Write self.model = ... in __init__, or None."
        )
    return UntrainedScriptModel(_ScriptObject(script, value))


def _method_faults(made: type) -> Sequence[Problem]:
    faults = []
    for name, wanted in _METHODS.items():
        method = made.__dict__.get(name) or getattr(made, name, None)
        form = f"def {name}({', '.join(wanted)})"
        if not inspect.isfunction(method):
            faults.append(_unusable(f"{CLASS} has no method {name}.", f"Add {form}.").problem)
        elif tuple(inspect.signature(method).parameters) != wanted:
            found = ", ".join(inspect.signature(method).parameters)
            what = f"{CLASS}.{name} takes ({found}), not ({', '.join(wanted)})."
            faults.append(_unusable(what, f"Write {form}.").problem)
    return faults


def _check_prediction(found: Any, rows: int) -> None:
    import pandas as pd

    if not isinstance(found, pd.DataFrame):
        what = f"{CLASS}.predict returned a {type(found).__name__}, not a DataFrame."
        raise ProblemError(Problem("S010", what, SCRIPT_NAME, "Return a DataFrame with the scores."))
    if len(found) != rows:
        what = f"{CLASS}.predict returned {len(found)} rows for {rows}."
        raise ProblemError(Problem("S010", what, SCRIPT_NAME, "Return one row for each row of df."))
    strange = [name for name in found.columns if not isinstance(name, str)]
    if strange:
        raise studio_error(
            155,
            f"{CLASS}.predict returned columns whose names are no text: {strange[:5]}.",
            SCRIPT_NAME,
            "Name the columns with text.",
        )


def _role(name: str) -> str:
    return FIXED_NAMES.get(name) or OTHER_ROLE.format(name)


def _unusable(what: str, fix: str) -> ProblemError:
    return ProblemError(Problem("S003", what, SCRIPT_NAME, fix))

"""What Visualize tells of a model: its task, its settings, and what each feature weighs in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from skyloom.modules.machine_learning.models.cluster_model import ClusterModel
from skyloom.modules.machine_learning.models.learner import UntrainedLearner
from skyloom.modules.machine_learning.models.script_model import TrainedScriptModel, UntrainedScriptModel
from skyloom.modules.machine_learning.models.trained_model import TrainedModel

MOST_WEIGHTS = 1000
WEIGHT, IMPORTANCE, CENTRE = "weight", "importance", "centre"
_LONGEST = 200  # characters of a setting

UNKNOWN: Mapping[str, Any] = {  # what is told of content that is no model
    "name": "",
    "task": "",
    "isTrained": False,
    "label": "",
    "classes": [],
    "settings": [],
    "measure": "",
    "columns": [],
    "weights": [],
    "numberOfFeatures": 0,
}

Weights = tuple[str, Sequence[str], Any]  # measure, names of columns, (n_features, n_columns)


def describe_model(model: Any) -> dict[str, Any]:
    """A learner, trained or not, a clustering, a transformation or any other object, as strict JSON.

    Weights come in the order of their greatest absolute value, at most 1,000 of them; numbers that are not
    finite are null. Centres of clusters and weights are those of scaled features, as the learner sees them.
    """
    told: dict[str, Any] = {**UNKNOWN, "name": type(model).__name__}
    match model:
        case UntrainedLearner() | UntrainedScriptModel():
            return {**told, "name": model.name, "task": str(model.task), "settings": _settings_of(model)}
        case TrainedModel():
            names = model.encoding.feature_names
            told |= _weights(_weights_of(model), names)
            told |= {"label": model.label, "classes": list(model.classes.words()) if model.classes else []}
        case ClusterModel():
            names = model.encoding.feature_names
            clusters = [str(place) for place in range(len(model.centres))]
            told |= _weights((CENTRE, clusters, np.asarray(model.centres).T), names)
        case TrainedScriptModel():
            names = model.features
            told["label"] = model.label
        case _:
            return told | _of_any(model)
    learner = model.learner
    return {
        **told,
        "name": learner.name,
        "task": str(model.task),
        "isTrained": True,
        "settings": _settings_of(learner),
        "numberOfFeatures": len(names),
    }


def _settings_of(learner: UntrainedLearner | UntrainedScriptModel) -> list[dict[str, Any]]:
    settings: Mapping[str, Any] = getattr(learner, "settings", {})
    tried = {name: "; ".join(map(_plain_text, values)) for name, values in learner.sweep.items()}
    return _listed({**settings, **tried}.items())


def _of_any(model: Any) -> dict[str, Any]:
    """An estimator of a library by what scikit-learn's conventions say of it, else a value's own fields."""
    if hasattr(model, "get_params"):
        names = [str(name) for name in getattr(model, "feature_names_in_", ())]
        found = _of_estimator(model, [str(one) for one in getattr(model, "classes_", ())])
        count = int(getattr(model, "n_features_in_", 0) or 0)
        names = names or [f"feature {place}" for place in range(count)]
        return {
            **_weights(found, names),
            "settings": _listed(model.get_params(deep=False).items()),
            "isTrained": hasattr(model, "n_features_in_"),
            "numberOfFeatures": count,
            "classes": [str(one) for one in getattr(model, "classes_", ())],
        }
    if is_dataclass(model):
        return {
            "settings": _listed((one.name, getattr(model, one.name)) for one in fields(model) if one.repr)
        }
    return {}


def _weights_of(model: TrainedModel) -> Weights | None:
    return _of_estimator(model.estimator, list(model.classes.words()) if model.classes else [])


def _of_estimator(estimator: Any, classes: Sequence[str]) -> Weights | None:
    """What a fitted estimator of scikit-learn or LightGBM has learnt of each feature, if it says so."""
    parts = getattr(estimator, "estimators_", None)
    if type(estimator).__name__ == "OneVsRestClassifier" and parts:
        found = [_of_estimator(part, ()) for part in parts]
        if all(one is not None and one[2].shape[1] == 1 for one in found):
            columns = classes if len(classes) == len(found) else [str(place) for place in range(len(found))]
            return found[0][0], columns, np.hstack([one[2] for one in found if one])  # type: ignore[index]
        return None
    coefficients = getattr(estimator, "coef_", None)
    if coefficients is not None:
        rows = np.atleast_2d(np.asarray(_dense(coefficients), np.float64))
        bias = np.broadcast_to(np.atleast_1d(getattr(estimator, "intercept_", 0.0)), (len(rows),))
        columns = list(classes) if len(rows) > 1 and len(classes) == len(rows) else [""] * len(rows)
        return WEIGHT, columns, np.vstack([rows.T, np.asarray(bias, np.float64)])
    booster = getattr(estimator, "booster_", None)
    if booster is not None:  # how much each feature lowered the loss; LightGBM's own default counts splits
        importances = booster.feature_importance("gain")
    else:
        importances = getattr(estimator, "feature_importances_", None)
    if importances is None:
        importances = getattr(getattr(estimator, "forest_", None), "feature_importances_", None)
    if importances is not None:
        return IMPORTANCE, [""], np.asarray(importances, np.float64).reshape(-1, 1)
    return None


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def _weights(found: Weights | None, names: Sequence[str]) -> dict[str, Any]:
    if found is None:
        return {}
    measure, columns, table = found
    count = len(names)
    rows: list[tuple[str, list[float]]] = list(zip(names, table.tolist()))
    rows.sort(key=lambda row: -max((abs(value) for value in row[1] if math.isfinite(value)), default=0))
    if len(table) == count + 1:
        rows.insert(0, ("Bias", table[count].tolist()))
    return {
        "measure": measure,
        "columns": list(columns),
        "weights": [
            {"name": name, "values": [value if math.isfinite(value) else None for value in values]}
            for name, values in rows[:MOST_WEIGHTS]
        ],
    }


def _listed(items: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": str(name), "value": _plain(value)} for name, value in items]


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _plain_text(value)


def _plain_text(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from tests.modules.machine_learning.data import NUMBERS, mixed, numeric, scaled
from tests.modules.machine_learning.learning import learner, stored
from tests.modules.running import code_of, frame, run

APPEND = "Check for Append or Uncheck for Result Only"


def clusters(table: Any, columns: Any = "all", append: Any = True, **settings: Any) -> tuple[Any, Any]:
    inputs = [learner("K-Means Clustering", **settings), table]
    model, found = run("Train Clustering Model", inputs, {"Column Set": columns, APPEND: append})
    return stored(model), found


def test_rows_are_grouped_as_scikit_learn_groups_them() -> None:
    table = numeric()
    _, found = clusters(table, NUMBERS, **{"Number of Centroids": 3})
    plain = KMeans(3, n_init=1, max_iter=100, random_state=0).fit(scaled(table))
    values = frame(found)
    assert (values["Assignments"].astype(int) == plain.labels_).all()
    distances = values.filter(like="DistancesToClusterCenter").to_numpy()
    assert np.allclose(distances, plain.transform(scaled(table)))


def test_results_have_a_category_and_a_distance_from_each_centre() -> None:
    table = numeric()
    _, found = clusters(table, NUMBERS, **{"Number of Centroids": 3})
    names = [f"DistancesToClusterCenter no.{number}" for number in range(3)]
    assert list(found.names) == [*table.columns, "Assignments", *names]
    column = found.column("Assignments")
    assert column.type == "Categorical" and column.attributes.score_role == "Cluster Assigned Labels"
    assert list(clusters(table, NUMBERS, append=False)[1].names) == ["Assignments", *names[:2]]


def test_rows_with_a_missing_number_are_assigned_to_none() -> None:
    table = mixed().drop(columns=["known", "label"])
    _, found = clusters(table)
    values = frame(found)
    lost = table["f3"].isna()
    assert lost.any()
    assert (values["Assignments"].isna() == lost).all()
    assert (values["DistancesToClusterCenter no.0"].isna() == lost).all()


def test_other_data_is_assigned_to_the_nearest_centre() -> None:
    table = mixed().drop(columns=["known", "label"])
    model, found = clusters(table)
    again = frame(run("Assign Data to Clusters", [model, table])[0])
    assert again.equals(frame(found))
    alone = frame(run("Assign Data to Clusters", [model, table], {APPEND: False})[0])
    assert list(alone.columns) == list(again.columns[-3:])
    arrays = model.score_arrays({name: table[name].to_numpy() for name in model.features})
    for name in alone.columns[1:]:
        assert np.array_equal(arrays[name], alone[name].to_numpy(), equal_nan=True)
    assert np.array_equal(arrays["Assignments"], alone["Assignments"].astype(float), equal_nan=True)


def test_the_first_rows_or_evenly_spaced_ones_may_be_the_starting_centres() -> None:
    table = pd.DataFrame({"x": [0.0, 0.1, 10.0, 10.1, 20.0, 20.1]})
    settings = {"Number of Centroids": 3, "Iterations": 1, "Should input instances be normalized": False}
    model, _ = clusters(table, Initialization="Evenly", **settings)
    assert np.allclose(model.centres.ravel(), [0.05, 10.05, 20.05])
    first, _ = clusters(table, Initialization="Default", **settings)
    assert np.allclose(first.centres.ravel(), [0.0, 0.1, 15.05])


def test_with_cosine_only_directions_count() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0, 0.1, 0.2], "y": [0.1, 0.2, 1.0, 2.0]})
    settings = {"Metric": "Cosine", "Should input instances be normalized": False}
    _, found = clusters(table, **settings)
    groups = frame(found)["Assignments"].astype(int)
    assert groups[0] == groups[1] != groups[2] == groups[3]
    distances = frame(found).filter(like="Distances").to_numpy().min(axis=1)
    assert np.allclose(distances, 0, atol=1e-9)


def test_fewer_rows_than_clusters_are_error_21() -> None:
    inputs = [learner("K-Means Clustering", **{"Number of Centroids": 5}), numeric().iloc[:4]]
    assert code_of("Train Clustering Model", inputs, {"Column Set": "all"}) == "M0021"


@pytest.mark.parametrize("start", ["Random", "K-Means++"])
def test_a_seed_gives_the_same_clusters(start: str) -> None:
    settings = {"Initialization": start, "Random number seed": 3, "Number of Centroids": 4}
    first, second = (clusters(numeric(), NUMBERS, **settings)[0] for _ in range(2))
    assert (first.centres == second.centres).all()


def test_score_model_does_not_take_clusters() -> None:
    model, _ = clusters(numeric(), NUMBERS)
    assert code_of("Score Model", [model, numeric()]) == "M0013"
    assert code_of("Assign Data to Clusters", [learner("K-Means Clustering"), numeric()]) == "M0012"

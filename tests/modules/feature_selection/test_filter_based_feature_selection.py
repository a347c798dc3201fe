from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

from tests.modules.running import as_table, code_of, frame, run

NAME = "Filter Based Feature Selection"
RANDOM = np.random.RandomState(11)
NOISE = RANDOM.normal(size=300)
TABLE = pd.DataFrame(
    {
        "noise": RANDOM.normal(size=300),
        "weak": NOISE + RANDOM.normal(size=300) * 3,
        "strong": -NOISE * 2 + RANDOM.normal(size=300) * 0.1,
        "label": (NOISE > 0).astype(int),
    }
)
FEATURES = ["noise", "weak", "strong"]


def _filter(table: Any, method: str, target: str = "label", **values: Any) -> tuple[Any, dict[str, float]]:
    given = {name.replace("_", " "): value for name, value in values.items()}
    if method != "CountBased":
        given["Target column"] = [target]
    filtered, features = run(NAME, table, {"Feature scoring method": method, **given})
    assert features.rows == 1
    return filtered, frame(features).iloc[0].to_dict()


def _scored(method: str, function: Any) -> None:
    _, scores = _filter(TABLE, method)
    for name in FEATURES:
        assert scores[name] == pytest.approx(function(TABLE[name], TABLE["label"]), rel=1e-9)
    assert list(scores) == ["label", *sorted(FEATURES, key=lambda name: -scores[name])]


def test_pearson_is_the_absolute_correlation() -> None:
    _scored("PearsonCorrelation", lambda x, y: abs(np.corrcoef(x, y)[0, 1]))


def test_spearman_and_kendall_are_those_of_scipy() -> None:
    _scored("SpearmanCorrelation", lambda x, y: abs(stats.spearmanr(x, y).statistic))
    _scored("KendallCorrelation", lambda x, y: abs(stats.kendalltau(x, y).statistic))


def test_chi_squared_is_that_of_scipy_over_ten_bins_of_one_width() -> None:
    def wanted(x: Any, y: Any) -> float:
        table = pd.crosstab(pd.cut(x, 10, labels=False), pd.cut(y, 10, labels=False))
        return float(stats.chi2_contingency(table, correction=False).statistic)

    _scored("ChiSquared", wanted)


def test_mutual_information_is_that_of_scikit_learn_over_the_bins() -> None:
    _scored("MutualInformation", lambda x, y: mutual_info_score(pd.cut(x, 10, labels=False), y))


def test_the_fisher_score_is_the_f_statistic_of_scikit_learn_without_its_degrees_of_freedom() -> None:
    _scored("FisherScore", lambda x, y: f_classif(x.to_frame(), y)[0][0] / 298)


def test_a_column_that_tells_the_classes_without_fault_has_the_greatest_fisher_score_there_is() -> None:
    table = TABLE.assign(same=TABLE["label"] * 3 + 1)
    assert next(iter(list(_filter(table, "FisherScore")[1].items())[1:])) == ("same", np.inf)


def test_the_best_columns_are_kept_with_the_target_first() -> None:
    assert _filter(TABLE, "PearsonCorrelation")[0].names == ("label", "strong")
    filtered, _ = _filter(TABLE, "PearsonCorrelation", Number_of_desired_features=2)
    assert filtered.names == ("label", "strong", "weak")
    filtered, _ = _filter(TABLE, "PearsonCorrelation", Number_of_desired_features=99)
    assert filtered.names == ("label", "strong", "weak", "noise")


def test_the_features_have_one_row_that_begins_with_the_target_and_1() -> None:
    _, scores = _filter(TABLE, "ChiSquared")
    assert next(iter(scores.items())) == ("label", 1.0)
    assert list(scores.values())[1:] == sorted(list(scores.values())[1:], reverse=True)


def test_a_category_counts_as_the_mean_of_the_other_column_in_it() -> None:
    table = pd.DataFrame({"c": pd.Categorical(["x", "x", "y", "y", "z"]), "n": [1.0, 3.0, 10.0, 12.0, 4.0]})
    wanted = abs(np.corrcoef([2, 2, 11, 11, 4], table["n"])[0, 1])
    assert _filter(table, "PearsonCorrelation", "n")[1]["c"] == pytest.approx(wanted)
    assert _filter(table, "PearsonCorrelation", "c")[1]["n"] == pytest.approx(wanted)


def test_text_and_two_columns_of_categories_have_no_correlation() -> None:
    table = pd.DataFrame(
        {"t": ["a", "b", "c"], "c": pd.Categorical(["a", "b", "c"]), "d": pd.Categorical(["a", "b", "c"])}
    )
    for method in ("PearsonCorrelation", "SpearmanCorrelation", "KendallCorrelation", "FisherScore"):
        _, scores = _filter(table, method, "c")
        assert scores["t"] == scores["d"] == 0
    assert _filter(table, "ChiSquared", "c")[1]["t"] == pytest.approx(6)


@pytest.mark.parametrize(
    "method",
    [
        "PearsonCorrelation",
        "ChiSquared",
        "MutualInformation",
        "KendallCorrelation",
        "SpearmanCorrelation",
        "FisherScore",
    ],
)
def test_constant_empty_and_infinite_columns_are_scored_and_stop_nothing(method: str) -> None:
    table = pd.DataFrame(
        {"k": 5, "e": np.nan, "i": [1.0, np.inf, 2.0, 1.5], "f": [True, False, True, True], "y": [0, 1, 0, 1]}
    )
    _, scores = _filter(table, method, "y")
    assert scores["k"] == scores["e"] == 0 and all(np.isfinite(list(scores.values())))
    assert _filter(table[:0], method, "y")[1]["i"] == 0


def test_rows_with_a_missing_cell_count_for_that_column_only() -> None:
    table = TABLE.copy()
    table.loc[:99, "weak"] = np.nan
    wanted = abs(np.corrcoef(table["weak"][100:], table["label"][100:])[0, 1])
    assert _filter(table, "PearsonCorrelation")[1]["weak"] == pytest.approx(wanted)


def test_columns_that_are_no_features_are_scored_only_when_asked() -> None:
    table = as_table(TABLE)
    attributes = table.column("strong").attributes
    table = table.with_attributes({"strong": attributes.as_score("Calibrated Score")})
    assert _filter(table, "PearsonCorrelation")[0].names == ("label", "weak")
    every = _filter(table, "PearsonCorrelation", Operate_on_feature_columns_only=False)[0]
    assert every.names == ("label", "strong")


def test_count_based_keeps_columns_with_enough_cells_that_are_something() -> None:
    table = pd.DataFrame({"z": [0, 0, 1], "m": [np.nan, 2.0, 3.0], "t": ["a", None, "c"], "n": [1, 2, 3]})
    at_least: dict[str, Any] = {"Minimum_number_of_non-zero_elements": 2}
    filtered, scores = _filter(table, "CountBased", **at_least)
    assert filtered.names == ("m", "t", "n")
    assert scores == {"n": 3, "m": 2, "t": 2, "z": 1}


def test_a_table_of_nothing_but_the_target_is_error_20() -> None:
    assert code_of(NAME, TABLE[["label"]], {"Target column": ["label"]}) == "M0020"

"""Every learner beside plain scikit-learn (or LightGBM) fitted to the same numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import (
    BayesianRidge,
    LogisticRegression,
    Perceptron,
    PoissonRegressor,
    Ridge,
    SGDRegressor,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import LinearSVC

from skyloom.modules.machine_learning.initialize import boosted_trees
from tests.modules.machine_learning.data import mixed, numeric, regression, scaled
from tests.modules.machine_learning.learning import learner, scores, stored, trained
from tests.modules.running import CATALOGUE, code_of, frame, run

TREES: dict[str, Any] = {
    "num_leaves": 20,
    "min_child_samples": 10,
    "learning_rate": 0.2,
    "subsample": 0.6,
    "colsample_bytree": 0.6,
    "random_state": 0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
FOREST: dict[str, Any] = {"n_estimators": 8, "max_depth": 32, "random_state": 0}
NETWORK: dict[str, Any] = {
    "hidden_layer_sizes": (100,),
    "solver": "sgd",
    "learning_rate": "adaptive",
    "learning_rate_init": 0.1,
    "momentum": 0,
    "max_iter": 100,
    "random_state": 0,
}
TWO_CLASS: dict[str, Any] = {
    "Two-Class Boosted Decision Tree": LGBMClassifier(**TREES),
    "Two-Class Decision Forest": RandomForestClassifier(**FOREST),
    "Two-Class Logistic Regression": LogisticRegression(C=1, tol=1e-7, max_iter=1000),
    "Two-Class Neural Network": MLPClassifier(**NETWORK),
    "Two-Class Averaged Perceptron": Perceptron(eta0=1, max_iter=10, tol=1e-5, random_state=0),
    "Two-Class Support Vector Machine": LinearSVC(
        penalty="l1", dual=False, C=500, max_iter=10, random_state=0
    ),
}
MULTICLASS: dict[str, Any] = {
    "MultiClass Boosted Decision Tree": LGBMClassifier(**TREES),
    "Multiclass Decision Forest": RandomForestClassifier(**FOREST),
    "Multiclass Logistic Regression": LogisticRegression(C=1, tol=1e-7, max_iter=1000),
    "Multiclass Neural Network": MLPClassifier(**NETWORK),
}
REGRESSION: dict[str, Any] = {
    "Boosted Decision Tree Regression": LGBMRegressor(**TREES),
    "Decision Forest Regression": RandomForestRegressor(**FOREST),
    "Linear Regression": Ridge(alpha=0.001),
    "Neural Network Regression": MLPRegressor(**NETWORK),
    "Poisson Regression": PoissonRegressor(alpha=1 / 300, tol=1e-7, max_iter=1000),
    "Bayesian Linear Regression": BayesianRidge(lambda_init=1),
}
EXACT = ("Boosted", "Forest")


def _fitted(estimator: Any, features: Any, target: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(features, target)


def _probabilities(estimator: Any, features: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if hasattr(estimator, "predict_proba"):
            return estimator.predict_proba(features)
    positive = 1 / (1 + np.exp(-estimator.decision_function(features)))
    return np.column_stack([1 - positive, positive])


def _same(name: str, found: Any, expected: Any) -> bool:
    if any(word in name for word in EXACT):
        return bool((found == expected).all())
    return bool(np.allclose(found, expected, rtol=1e-9, atol=1e-12))


def _parts(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return table.iloc[:300].reset_index(drop=True), table.iloc[300:].reset_index(drop=True)


@pytest.mark.parametrize("name", TWO_CLASS)
def test_a_two_class_learner_gives_what_the_plain_library_gives(name: str) -> None:
    training, test = _parts(numeric())
    scored = run("Score Model", [trained(name, training), test])[0]
    plain = _fitted(TWO_CLASS[name], scaled(training), training["label"])
    expected = _probabilities(plain, scaled(training, test))
    found = frame(scored)
    assert _same(name, found["Scored Probabilities"].to_numpy(), expected[:, 1])
    assert (found["Scored Labels"].to_numpy() == plain.predict(scaled(training, test))).all()
    measured = frame(run("Evaluate Model", [scored])[0]).iloc[0]
    truth, labels = test["label"], plain.predict(scaled(training, test))
    assert measured["Accuracy"] == pytest.approx(metrics.accuracy_score(truth, labels))
    assert measured["Precision"] == pytest.approx(metrics.precision_score(truth, labels))
    assert measured["Recall"] == pytest.approx(metrics.recall_score(truth, labels))
    assert measured["F1"] == pytest.approx(metrics.f1_score(truth, labels))
    assert measured["AUC"] == pytest.approx(metrics.roc_auc_score(truth, expected[:, 1]))


@pytest.mark.parametrize("name", MULTICLASS)
def test_a_multiclass_learner_gives_what_the_plain_library_gives(name: str) -> None:
    training, test = _parts(numeric(classes=3))
    scored = run("Score Model", [trained(name, training), test])[0]
    plain = _fitted(MULTICLASS[name], scaled(training), training["label"])
    expected = _probabilities(plain, scaled(training, test))
    found = frame(scored)
    assert _same(name, found.iloc[:, -4:-1].to_numpy(), expected)
    labels = expected.argmax(axis=1)
    assert (found["Scored Labels"].to_numpy() == labels).all()
    measured = frame(run("Evaluate Model", [scored], {"Generation": "Designer"})[0]).iloc[0]
    assert measured["Overall_Accuracy"] == pytest.approx(metrics.accuracy_score(test["label"], labels))
    for average in ("Micro", "Macro"):
        options = {"average": average.lower(), "zero_division": 0}
        precision = metrics.precision_score(test["label"], labels, **options)
        assert measured[f"{average}_Precision"] == pytest.approx(precision)
        recall = metrics.recall_score(test["label"], labels, **options)
        assert measured[f"{average}_Recall"] == pytest.approx(recall)


@pytest.mark.parametrize("name", REGRESSION)
def test_a_regression_gives_what_the_plain_library_gives(name: str) -> None:
    training, test = _parts(regression())
    scored = run("Score Model", [trained(name, training), test])[0]
    plain = _fitted(REGRESSION[name], scaled(training), training["label"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = plain.predict(scaled(training, test))
    assert _same(name, frame(scored)["Scored Labels"].to_numpy(), expected)
    measured = frame(run("Evaluate Model", [scored], {"Generation": "Designer"})[0]).iloc[0]
    truth = test["label"]
    assert measured["Mean_Absolute_Error"] == pytest.approx(metrics.mean_absolute_error(truth, expected))
    root = metrics.root_mean_squared_error(truth, expected)
    assert measured["Root_Mean_Squared_Error"] == pytest.approx(root)
    determined = metrics.r2_score(truth, expected)
    assert measured["Coefficient_of_Determination"] == pytest.approx(determined)
    assert measured["Relative_Squared_Error"] == pytest.approx(1 - determined)


def test_boosted_trees_are_the_same_with_one_thread_and_with_several(monkeypatch: pytest.MonkeyPatch) -> None:
    table = mixed()
    one = scores(trained("Two-Class Boosted Decision Tree", table), table)
    monkeypatch.setattr(boosted_trees, "_ROWS_FOR_THREADS", 0)
    several = scores(trained("Two-Class Boosted Decision Tree", table), table)
    assert (one["Scored Probabilities"] == several["Scored Probabilities"]).all()


def test_gradient_descent_gives_what_the_plain_library_gives() -> None:
    training, test = _parts(regression())
    model = trained("Linear Regression", training, **{"Solution method": "Online Gradient Descent"})
    plain = _fitted(
        SGDRegressor(eta0=0.1, alpha=0.001, average=True, max_iter=10, tol=1e-5, random_state=0),
        scaled(training),
        training["label"],
    )
    found = scores(model, test)["Scored Labels"]
    assert np.allclose(found, plain.predict(scaled(training, test)))


@pytest.mark.parametrize(
    ("wrapper", "plain"),
    [("One-vs-All Multiclass", OneVsRestClassifier), ("One-vs-One Multiclass", OneVsOneClassifier)],
)
@pytest.mark.parametrize(
    "binary",
    ["Two-Class Logistic Regression", "Two-Class Support Vector Machine", "Two-Class Decision Forest"],
)
def test_a_two_class_learner_becomes_a_multiclass_one(wrapper: str, plain: Any, binary: str) -> None:
    training, test = _parts(numeric(classes=3))
    several = run(wrapper, [learner(binary)])[0]
    model = stored(run("Train Model", [stored(several), training], {"Label column": ["label"]})[0])
    found = scores(model, test)
    estimator = _fitted(plain(TWO_CLASS[binary]), scaled(training), training["label"])
    agreed = found["Scored Labels"].to_numpy() == estimator.predict(scaled(training, test))
    # ties and the softmax of decisions may differ where scikit-learn compares votes
    assert agreed.mean() >= (1.0 if plain is OneVsRestClassifier and "Logistic" in binary else 0.95)
    assert np.allclose(found.iloc[:, -4:-1].sum(axis=1), 1)


def test_only_a_two_class_learner_can_become_a_multiclass_one() -> None:
    assert code_of("One-vs-All Multiclass", [learner("Multiclass Logistic Regression")]) == "M0013"


EVERY_LEARNER = [*TWO_CLASS, *MULTICLASS, *REGRESSION, "Fast Forest Quantile Regression"]


@pytest.mark.parametrize("name", EVERY_LEARNER)
def test_words_times_and_missing_cells_are_learnt_and_scored(name: str) -> None:
    table = mixed(classes=3 if name in MULTICLASS else 2)
    if name in REGRESSION or "Quantile" in name:
        table["label"] = regression()["label"]
    model = trained(name, table)
    found = scores(model, table)
    new = found[[column for column in found.columns if column not in table.columns]]
    assert not new.isna().any().any()
    arrays = model.score_arrays({feature: table[feature].to_numpy() for feature in model.features})
    for column in new.columns:
        assert (arrays[column] == new[column].to_numpy()).all(), column


@pytest.mark.parametrize("name", EVERY_LEARNER)
def test_the_quick_way_gives_what_the_estimators_own_method_gives(name: str) -> None:
    table = mixed(classes=3 if name in MULTICLASS else 2)
    if name in REGRESSION or "Quantile" in name:
        table["label"] = regression()["label"]
    model = trained(name, table)
    features = model.encoding.encode({f: table[f].to_numpy() for f in model.features})
    matrix = features.dense() if "Bayesian" in name else features.matrix()
    quick = model.predictor.predict(features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in TWO_CLASS or name in MULTICLASS:
            own = _probabilities(model.estimator, matrix)
        else:
            own = model.estimator.predict(matrix)
    assert _same(name, quick, own)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("Two-Class Boosted Decision Tree", "Total number of trees constructed", 5),
        ("Two-Class Decision Forest", "Resampling method", "Replicate Resampling"),
        ("Two-Class Logistic Regression", "L2 Regularizaton weight", 0.0),
        ("Two-Class Neural Network", "Number of hidden nodes", "5, 3"),
        ("Two-Class Averaged Perceptron", "Maximum number of iterations", 1),
        ("Two-Class Support Vector Machine", "The value lambda", 0.1),
        ("Two-Class Support Vector Machine", "Normalize the features", False),
        ("Two-Class Neural Network", "The type of normalizer", "Gaussian normalizer"),
        ("Linear Regression", "L2 regularization weight", 10.0),
        ("Linear Regression", "Include intercept term", False),
        ("Poisson Regression", "L2 regularization weight", 30.0),
        ("Bayesian Linear Regression", "Regularization weight", 1e-3),
        ("Fast Forest Quantile Regression", "Number of Trees", 3),
    ],
)
def test_a_setting_has_its_effect(name: str, setting: str, value: Any) -> None:
    table = regression() if name in REGRESSION or "Quantile" in name else numeric()
    usual, other = (
        scores(trained(name, table, **settings), table).iloc[:, -1].to_numpy()
        for settings in ({}, {setting: value})
    )
    assert (usual != other).any()


def test_the_same_seed_gives_the_same_model_and_another_seed_another() -> None:
    table = numeric()
    first, again, other = (
        scores(trained("Two-Class Neural Network", table, **{"Random number seed": seed}), table)
        for seed in (1, 1, 2)
    )
    assert (first["Scored Probabilities"] == again["Scored Probabilities"]).all()
    assert (first["Scored Probabilities"] != other["Scored Probabilities"]).any()


def test_of_a_range_the_first_value_is_trained() -> None:
    table = numeric()
    ranged: dict[str, Any] = {
        "Create trainer mode": "ParameterRange",
        "Range for L2 regularization weight": "0.5; 3",
    }
    found = scores(trained("Two-Class Logistic Regression", table, **ranged), table)
    single: dict[str, Any] = {"L2 Regularizaton weight": 0.5, "Optimization Tolerance": 1e-5}
    expected = scores(trained("Two-Class Logistic Regression", table, **single), table)
    assert (found["Scored Probabilities"] == expected["Scored Probabilities"]).all()


@pytest.mark.parametrize(
    ("name", "settings", "code"),
    [
        (
            "Two-Class Logistic Regression",
            {"Create trainer mode": "ParameterRange", "Range for L2 regularization weight": "a lot"},
            "M0002",
        ),
        (
            "Two-Class Decision Forest",
            {"Create trainer mode": "ParameterRange", "Range for number of decision trees": "1.5"},
            "M0002",
        ),
        (
            "Two-Class Decision Forest",
            {"Create trainer mode": "ParameterRange", "Range for number of decision trees": " ; "},
            "M0003",
        ),
        ("Two-Class Neural Network", {"Number of hidden nodes": "many"}, "M0002"),
        ("Two-Class Neural Network", {"Hidden layer specification": "Custom definition script"}, "D201"),
        ("Two-Class Neural Network", {"The type of normalizer": "Binning normalizer"}, "D201"),
        ("Two-Class Support Vector Machine", {"Perform a projection to the unit-ball": True}, "D201"),
        ("Fast Forest Quantile Regression", {"Quantiles to be estimated": "0.5; 2"}, "M0008"),
        ("K-Means Clustering", {"Initialization": "K-Means++ Fast"}, "D201"),
        ("K-Means Clustering", {"Assign Label Mode": "Fill missing values"}, "D201"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_where_it_is_made(
    name: str, settings: dict[str, Any], code: str
) -> None:
    assert code_of(name, [], settings) == code


def test_a_regression_without_an_epoch_is_refused() -> None:
    nothing = {
        "Solution method": "Online Gradient Descent",
        "Number of epochs over which algorithm iterates through examples": 0,
    }
    made = [learner("Linear Regression", **nothing), regression()]
    assert code_of("Train Model", made, {"Label column": ["label"]}) == "M0005"


def test_quantiles_rise_and_cover_about_their_share() -> None:
    table = regression()
    other = regression(seed=5)
    found = scores(trained("Fast Forest Quantile Regression", table), other).iloc[:, -3:]
    assert list(found.columns) == [f"Scores for quantile:0.{share}" for share in (250, 500, 750)]
    assert (found.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    below = (other["label"].to_numpy()[:, None] <= found.to_numpy()).mean(axis=0)
    assert np.allclose(below, [0.25, 0.5, 0.75], atol=0.15)


# name, version, family and number of parameters of studio.md, Appendix A
APPENDIX = [
    ("PCA-Based Anomaly Detection", "v1.0", "c3822fa510954c72bd1efd43d285153a", 6),
    ("Train Anomaly Detection Model", "v1.0", "d6acbacea72d44b99878869115e02458", 0),
    ("Permutation Feature Importance", "v1.0", "2e010ee4714e44e9933e62d8c41818a9", 2),
    ("MultiClass Boosted Decision Tree", "v2.0", "1d67b73134d74adbbc2aa8844cd1bd2d", 11),
    ("Multiclass Decision Forest", "v2.0", "5e70108d2e4445d986e894f37c68fe86", 11),
    ("Multiclass Logistic Regression", "v2.0", "1d195fe598cd4e1aa1c8076aaa3e02c3", 11),
    ("Multiclass Neural Network", "v2.0", "e8b401fb230a4b21bd11d1fda0d57c1f", 15),
    ("One-vs-All Multiclass", "v1.0", "7191efaeb4b14d03a6f87205f87be664", 0),
    ("One-vs-One Multiclass", "v1.0", "0fe9823826734569808ed96852c16e71", 0),
    ("Two-Class Averaged Perceptron", "v2.0", "5ed44caa5360407dae6c7a88c491474a", 7),
    ("Two-Class Boosted Decision Tree", "v2.0", "e3c522f853d948298ea45c6a6b75330c", 11),
    ("Two-Class Decision Forest", "v2.0", "5a7d5466992840c8a19cd5de4882c77e", 11),
    ("Two-Class Logistic Regression", "v2.0", "b0fd7660eeed43c5948720d9cc79ed5d", 11),
    ("Two-Class Neural Network", "v2.0", "ebc29f52719d4d0fb66a2ce85f527c7d", 15),
    ("Two-Class Support Vector Machine", "v2.0", "12d8479b74b44e67b8ded32867380e20", 9),
    ("K-Means Clustering", "v3.0", "5049a09bbd904c4e9b467c87e3a36810", 11),
    ("Bayesian Linear Regression", "v1.0", "ee12de502b344145aec023e0485da308", 2),
    ("Boosted Decision Tree Regression", "v2.0", "0207d2526c414c7784c373bdf1ac5960", 11),
    ("Decision Forest Regression", "v3.0", "562988b2e7404e3a8131358391bad755", 11),
    ("Fast Forest Quantile Regression", "v1.0", "b9064dc32d694e06b3076cebf324686a", 18),
    ("Linear Regression", "v3.0", "31960a6f789b4cf788d62e1152c0bd1a", 15),
    ("Neural Network Regression", "v2.0", "d7ee222c669f4200a576a761a9c1a928", 15),
    ("Poisson Regression", "v2.0", "80e21b9d382740d8b733b53148becbc2", 11),
    ("Assign Data to Clusters", "v2.0", "20a0683a07f94a08a89b44b3bbaae382", 1),
    ("Cross Validate Model", "v2.0", "75fb875d6b864d468bcc74261ade5826", 3),
    ("Evaluate Model", "v2.0", "927d65ac3b504694990320f6c1672089", 1),
    ("Score Model", "v2.0", "401b4f92e7244d5abe81d5b0ff9bdb33", 2),
    ("Train Clustering Model", "v2.0", "bb43c744f7fa41d0ae6774ae75da3ffd", 2),
    ("Train Model", "v2.0", "5cc7053eaa30450d96c0dae4be720977", 2),
    ("Tune Model Hyperparameters", "v1.0", "038d91b6c2f242a192151f2c20ed1b40", 8),
    ("Create Python Model", "v1.0", "a5b1e9d25c5411e98647d663bd873d93", 1),
]


@pytest.mark.parametrize(("name", "version", "family", "parameters"), APPENDIX)
def test_identities_are_those_of_the_old_product(
    name: str, version: str, family: str, parameters: int
) -> None:
    spec = CATALOGUE.find(family)
    assert spec is not None
    assert (spec.name, spec.version, len(spec.parameters)) == (name, version, parameters)

"""Parameters of estimators and metrics that scikit-learn renamed, dropped or no longer takes by position."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any, Callable, Dict, Mapping, Tuple

from skyloom.runner.compatibility.library import Call, Library

SKLEARN_CALLS = Library("sklearn")
_repair = SKLEARN_CALLS.repair

_FORESTS = ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor")
_BOOSTS = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_BAGS = ("AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor")
_TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
_STEPWISE = (
    "SGDClassifier",
    "SGDRegressor",
    "Perceptron",
    "PassiveAggressiveClassifier",
    "PassiveAggressiveRegressor",
)
_LINES = (
    "LinearRegression",
    "Ridge",
    "Lasso",
    "ElasticNet",
    "LassoCV",
    "ElasticNetCV",
    "RidgeCV",
    "Lars",
    "BayesianRidge",
)
_CLASSES: Dict[str, Tuple[str, ...]] = {
    "sklearn.ensemble": _FORESTS + _BOOSTS + _BAGS + ("IsolationForest", "VotingClassifier"),
    "sklearn.tree": _TREES,
    "sklearn.linear_model": _STEPWISE
    + _LINES
    + ("LogisticRegression", "LogisticRegressionCV", "RidgeClassifier"),
    "sklearn.svm": ("SVC", "SVR", "NuSVC", "LinearSVC", "LinearSVR", "OneClassSVM"),
    "sklearn.cluster": (
        "KMeans",
        "MiniBatchKMeans",
        "AgglomerativeClustering",
        "DBSCAN",
        "SpectralClustering",
    ),
    "sklearn.preprocessing": (
        "OneHotEncoder",
        "StandardScaler",
        "MinMaxScaler",
        "Normalizer",
        "Binarizer",
        "PolynomialFeatures",
    ),
    "sklearn.neighbors": ("KNeighborsClassifier", "KNeighborsRegressor", "NearestNeighbors"),
    "sklearn.decomposition": ("PCA", "NMF", "TruncatedSVD", "LatentDirichletAllocation", "FastICA"),
    "sklearn.feature_selection": ("SelectKBest", "RFE", "RFECV", "SelectFromModel"),
    "sklearn.manifold": ("TSNE", "MDS"),
    "sklearn.neural_network": ("MLPClassifier", "MLPRegressor"),
    "sklearn.mixture": ("GaussianMixture",),
    "sklearn.model_selection": (
        "KFold",
        "StratifiedKFold",
        "ShuffleSplit",
        "GridSearchCV",
        "RandomizedSearchCV",
    ),
    "sklearn.feature_extraction.text": (
        "CountVectorizer",
        "TfidfVectorizer",
        "TfidfTransformer",
        "HashingVectorizer",
    ),
}
_METRICS = [
    "f1_score",
    "fbeta_score",
    "precision_score",
    "recall_score",
    "accuracy_score",
    "confusion_matrix",
    "classification_report",
    "roc_auc_score",
    "roc_curve",
    "precision_recall_curve",
    "log_loss",
    "mean_squared_error",
    "mean_absolute_error",
    "r2_score",
    "silhouette_score",
    "precision_recall_fscore_support",
    "jaccard_score",
    "hamming_loss",
    "zero_one_loss",
    "average_precision_score",
]


def _inits(names: Tuple[str, ...]) -> Tuple[str, ...]:
    return tuple(
        "%s:%s.__init__" % (module, name)
        for module, known in _CLASSES.items()
        for name in names
        if name in known
    )


_EVERY = _inits(tuple(name for names in _CLASSES.values() for name in names))


def _parameters(call: Call) -> Mapping[str, Any]:
    """Give the parameters that the class takes today.

    The change is for names that it does not take any more.
    """
    return inspect.signature(type(call.args[0])).parameters


def _version() -> Tuple[int, ...]:
    found = re.findall(r"\d+", str(sys.modules["sklearn"].__version__))
    return tuple(int(part) for part in found[:2])


@_repair(
    *_EVERY,
    old="estimators with arguments by position",
    gone="scikit-learn 1.0",
    modern="Estimator(name=value)",
)
def _estimator_by_position(call: Call) -> bool:
    """Passes them by their names."""
    if not isinstance(call.error, TypeError) or "positional" not in str(call.error):
        return False
    names = list(_parameters(call))
    given = dict(zip(names, call.args[1:]))
    if set(given) & set(call.kwargs) or len(call.args) - 1 > len(names):
        return False
    call.args = call.args[:1]
    call.kwargs.update(given)
    return True


@_repair(
    *["sklearn.metrics:" + name for name in _METRICS],
    old="metrics with options by position",
    gone="scikit-learn 1.0",
    modern="f1_score(y_true, y_pred, average='macro')",
)
def _metric_by_position(call: Call) -> bool:
    """Passes them by their names."""
    if not isinstance(call.error, TypeError) or "positional" not in str(call.error):
        return False
    names = list(inspect.signature(call.function).parameters)
    call.kwargs.update(zip(names[2:], call.args[2:]))
    call.args = call.args[:2]
    return True


@_repair(
    "sklearn.metrics:mean_squared_error",
    old="mean_squared_error(squared=False)",
    gone="scikit-learn 1.6",
    modern="root_mean_squared_error",
)
def _root(call: Call) -> bool:
    """Takes the root of the result."""
    squared = call.kwargs.pop("squared", None)
    if squared is None:
        return False
    if not squared:
        call.after.append(lambda value: value**0.5)
    return True


def _values(names: Tuple[str, ...], parameter: str, values: Mapping[Any, Any], gone: str) -> None:
    """Register values of a parameter that have other names today.

    They are refused only at fit, so they are changed first.
    """
    version = tuple(int(part) for part in gone.split()[1].split("."))

    def change(call: Call) -> bool:
        """Passes today's value."""
        given = call.kwargs.get(parameter)
        if not isinstance(given, str) or given not in values or _version() < version:
            return False
        call.kwargs[parameter] = values[given]
        return True

    for old, new in values.items():
        spelled = "%s(%s=%r)" % (names[0], parameter, old)
        if len(names) > 1:
            spelled += " and its kind"
        _repair(*_inits(names), old=spelled, gone=gone, modern="%s=%r" % (parameter, new), is_first=True)(
            _only(change, parameter, old)
        )


def _only(change: Callable[[Call], bool], parameter: str, old: Any) -> Callable[[Call], bool]:
    def change_one(call: Call) -> bool:
        """Passes today's value."""
        return call.kwargs.get(parameter) == old and change(call)

    return change_one


_WEIGHTED = (
    "LogisticRegression",
    "SVC",
    "LinearSVC",
    "SGDClassifier",
    "RandomForestClassifier",
    "DecisionTreeClassifier",
    "ExtraTreesClassifier",
    "RidgeClassifier",
    "Perceptron",
)
_values(_WEIGHTED, "class_weight", {"auto": "balanced"}, "scikit-learn 0.19")
_values(
    ("RandomForestClassifier", "ExtraTreesClassifier", "DecisionTreeClassifier"),
    "max_features",
    {"auto": "sqrt"},
    "scikit-learn 1.3",
)
_values(
    ("RandomForestRegressor", "ExtraTreesRegressor", "DecisionTreeRegressor"),
    "max_features",
    {"auto": 1.0},
    "scikit-learn 1.3",
)
_values(_BOOSTS, "max_features", {"auto": None}, "scikit-learn 1.3")
_values(
    ("RandomForestRegressor", "ExtraTreesRegressor", "DecisionTreeRegressor"),
    "criterion",
    {"mse": "squared_error", "mae": "absolute_error"},
    "scikit-learn 1.2",
)
_values(("GradientBoostingClassifier",), "loss", {"deviance": "log_loss"}, "scikit-learn 1.3")
_values(
    ("GradientBoostingRegressor",),
    "loss",
    {"ls": "squared_error", "lad": "absolute_error"},
    "scikit-learn 1.2",
)
_values(("SGDClassifier",), "loss", {"log": "log_loss"}, "scikit-learn 1.3")
_values(("SGDRegressor",), "loss", {"squared_loss": "squared_error"}, "scikit-learn 1.2")
_values(("LogisticRegression",), "penalty", {"none": None}, "scikit-learn 1.4")
_values(("KMeans",), "algorithm", {"full": "lloyd", "auto": "lloyd"}, "scikit-learn 1.3")


@_repair(
    *_inits(("LogisticRegression",)),
    old="LogisticRegression(penalty='l1')",
    gone="scikit-learn 0.22",
    modern="LogisticRegression(penalty='l1', solver='liblinear')",
    is_first=True,
)
def _l1_solver(call: Call) -> bool:
    """Takes the solver that was the default and knows the penalty."""
    if (
        call.kwargs.get("penalty") != "l1"
        or "solver" in call.kwargs
        or len(call.args) > 2
        or _version() < (0, 22)
    ):
        return False
    call.kwargs["solver"] = "liblinear"
    return True


@_repair(
    *_inits(_STEPWISE),
    old="SGDClassifier(n_iter=5) and its kind",
    gone="scikit-learn 0.21",
    modern="max_iter=5, tol=None",
)
def _n_iter(call: Call) -> bool:
    """Runs exactly so many rounds, as it did."""
    if "n_iter" not in call.kwargs or "n_iter" in _parameters(call):
        return False
    call.kwargs["max_iter"] = call.kwargs.pop("n_iter")
    call.kwargs.setdefault("tol", None)
    return True


@_repair(
    *_inits(_BAGS),
    old="AdaBoostClassifier(base_estimator=...) and its kind",
    gone="scikit-learn 1.4",
    modern="estimator=...",
)
def _base_estimator(call: Call) -> bool:
    """Passes it on as estimator."""
    if "base_estimator" not in call.kwargs or "base_estimator" in _parameters(call):
        return False
    call.kwargs["estimator"] = call.kwargs.pop("base_estimator")
    return True


@_repair(
    *_inits(_LINES),
    old="LinearRegression(normalize=True) and its kind",
    gone="scikit-learn 1.2",
    modern="make_pipeline(StandardScaler(), ...)",
)
def _normalize(call: Call) -> bool:
    """Leaves it aside; the predictions of unpenalised regression are the same."""
    return "normalize" not in _parameters(call) and call.kwargs.pop("normalize", None) is not None


@_repair(
    *_inits(("OneHotEncoder",)),
    old="OneHotEncoder(sparse=False)",
    gone="scikit-learn 1.4",
    modern="sparse_output=False",
)
def _sparse(call: Call) -> bool:
    """Passes it on as sparse_output."""
    if "sparse" not in call.kwargs or "sparse" in _parameters(call):
        return False
    call.kwargs["sparse_output"] = call.kwargs.pop("sparse")
    return True


@_repair(
    *_inits(("AgglomerativeClustering",)),
    old="AgglomerativeClustering(affinity=...)",
    gone="scikit-learn 1.4",
    modern="metric=...",
)
def _affinity(call: Call) -> bool:
    """Passes it on as metric."""
    if "affinity" not in call.kwargs or "affinity" in _parameters(call):
        return False
    call.kwargs["metric"] = call.kwargs.pop("affinity")
    return True


@_repair(
    *_inits(("KFold", "StratifiedKFold", "ShuffleSplit")),
    old="KFold(n_folds=3)",
    gone="scikit-learn 0.20",
    modern="KFold(n_splits=3)",
)
def _n_folds(call: Call) -> bool:
    """Passes it on as n_splits."""
    for old in ("n_folds", "n_iter", "k"):
        if old in call.kwargs:
            call.kwargs["n_splits"] = call.kwargs.pop(old)
            return True
    return False


_DROPPED = [
    "min_impurity_split",
    "presort",
    "precompute_distances",
    "multi_class",
    "iid",
    "algorithm",
    "n_values",
    "categorical_features",
    "compute_importances",
    "n_jobs",
]


@_repair(
    *_EVERY,
    old="KMeans(precompute_distances=...) and other parameters that are gone",
    gone="scikit-learn 0.24",
    modern="nothing: leave the parameter out",
)
def _dropped(call: Call) -> bool:
    """Leaves them aside."""
    known = _parameters(call)
    gone = [name for name in _DROPPED if name in call.kwargs and name not in known]
    for name in gone:
        call.kwargs.pop(name)
    return bool(gone)

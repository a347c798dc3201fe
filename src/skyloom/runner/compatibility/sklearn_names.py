"""What scikit-learn dropped: the old model selection (0.20), private modules (0.24), single classes."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from skyloom.runner.compatibility import sklearn_splits
from skyloom.runner.compatibility.library import Library

SKLEARN = Library("sklearn")
_SELECTION = "sklearn.model_selection"


def _search(place: int) -> Any:
    return sklearn_splits.searches()[place]


SKLEARN.module(
    "sklearn.cross_validation",
    "scikit-learn 0.20",
    _SELECTION,
    {"*": _SELECTION},
    {
        **{
            split.__name__: partial(getattr, sklearn_splits, split.__name__)
            for split in sklearn_splits.SPLITS
        },
        "cross_val_score": lambda: sklearn_splits.cross_val_score,
        "cross_val_predict": lambda: sklearn_splits.cross_val_predict,
    },
)
SKLEARN.module(
    "sklearn.grid_search",
    "scikit-learn 0.20",
    _SELECTION,
    {"*": _SELECTION},
    {"GridSearchCV": lambda: _search(0), "RandomizedSearchCV": lambda: _search(1)},
)
SKLEARN.module("sklearn.learning_curve", "scikit-learn 0.20", _SELECTION, {"*": _SELECTION})
SKLEARN.module(
    "sklearn.lda",
    "scikit-learn 0.19",
    "sklearn.discriminant_analysis",
    {"LDA": "sklearn.discriminant_analysis:LinearDiscriminantAnalysis"},
)
SKLEARN.module(
    "sklearn.qda",
    "scikit-learn 0.19",
    "sklearn.discriminant_analysis",
    {"QDA": "sklearn.discriminant_analysis:QuadraticDiscriminantAnalysis"},
)
SKLEARN.module("sklearn.externals.joblib", "scikit-learn 0.23", "joblib", {"*": "joblib"})
SKLEARN.alias("sklearn.externals", {"joblib": "joblib:"}, "scikit-learn 0.23")
SKLEARN.hopeless_module("sklearn.externals.six", "scikit-learn 0.23", "Python 3 itself, or the package six")
SKLEARN.hopeless_module("sklearn.hmm", "scikit-learn 0.17", "the package hmmlearn")

for _old, _new in {
    "ensemble.forest": "ensemble._forest",
    "ensemble.gradient_boosting": "ensemble._gb",
    "ensemble.bagging": "ensemble._bagging",
    "ensemble.weight_boosting": "ensemble._weight_boosting",
    "ensemble.voting_classifier": "ensemble._voting",
    "ensemble.iforest": "ensemble._iforest",
    "tree.tree": "tree",
    "svm.classes": "svm",
    "svm.base": "svm._base",
    "linear_model.logistic": "linear_model._logistic",
    "linear_model.base": "linear_model._base",
    "linear_model.stochastic_gradient": "linear_model._stochastic_gradient",
    "linear_model.ridge": "linear_model._ridge",
    "linear_model.coordinate_descent": "linear_model._coordinate_descent",
    "linear_model.least_angle": "linear_model._least_angle",
    "linear_model.bayes": "linear_model._bayes",
    "linear_model.perceptron": "linear_model._perceptron",
    "linear_model.ransac": "linear_model._ransac",
    "neighbors.classification": "neighbors._classification",
    "neighbors.regression": "neighbors._regression",
    "neighbors.unsupervised": "neighbors._unsupervised",
    "neighbors.base": "neighbors._base",
    "neighbors.kde": "neighbors._kde",
    "neural_network.multilayer_perceptron": "neural_network._multilayer_perceptron",
    "cluster.k_means_": "cluster._kmeans",
    "cluster.hierarchical": "cluster._agglomerative",
    "cluster.dbscan_": "cluster._dbscan",
    "decomposition.pca": "decomposition._pca",
    "decomposition.nmf": "decomposition._nmf",
    "decomposition.truncated_svd": "decomposition._truncated_svd",
    "decomposition.online_lda": "decomposition._lda",
    "decomposition.factor_analysis": "decomposition._factor_analysis",
    "decomposition.fastica_": "decomposition._fastica",
    "feature_selection.univariate_selection": "feature_selection",
    "feature_selection.from_model": "feature_selection",
    "feature_selection.rfe": "feature_selection",
    "feature_selection.variance_threshold": "feature_selection",
    "feature_selection.base": "feature_selection",
    "preprocessing.data": "preprocessing._data",
    "preprocessing.label": "preprocessing._label",
    "preprocessing._function_transformer": "preprocessing",
    "metrics.scorer": "metrics",
    "metrics.classification": "metrics",
    "metrics.regression": "metrics",
    "metrics.ranking": "metrics",
    "metrics.cluster.supervised": "metrics.cluster",
    "manifold.t_sne": "manifold",
    "covariance.robust_covariance": "covariance",
    "datasets.samples_generator": "datasets",
    "datasets.base": "datasets",
    "mixture.gaussian_mixture": "mixture",
    "utils.testing": "utils._testing",
}.items():
    SKLEARN.module("sklearn." + _old, "scikit-learn 0.24", "sklearn." + _new, {"*": "sklearn." + _new})


@SKLEARN.named("sklearn.preprocessing", "Imputer", "scikit-learn 0.22", "sklearn.impute.SimpleImputer")
def _imputer(
    missing_values: Any = "NaN", strategy: str = "mean", axis: int = 0, verbose: int = 0, copy: bool = True
) -> Any:
    """Makes a SimpleImputer; axis=1 imputes along the rows."""
    numpy: Any = importlib.import_module("numpy")
    kind: Any = importlib.import_module("sklearn.impute").SimpleImputer
    missing = (
        numpy.nan if missing_values in ("NaN", None) or missing_values != missing_values else missing_values
    )
    imputer = kind(missing_values=missing, strategy=strategy, copy=copy)
    if axis == 0:
        return imputer
    transformer: Any = importlib.import_module("sklearn.preprocessing").FunctionTransformer
    return transformer(lambda rows: imputer.fit_transform(numpy.asarray(rows).T).T)


SKLEARN.module(
    "sklearn.preprocessing.imputation",
    "scikit-learn 0.22",
    "sklearn.impute",
    builds={"Imputer": lambda: _imputer},
)


@SKLEARN.named("sklearn.decomposition", "RandomizedPCA", "scikit-learn 0.20", "PCA(svd_solver='randomized')")
def _randomized_pca(
    n_components: Any = None,
    copy: bool = True,
    iterated_power: Any = 2,
    whiten: bool = False,
    random_state: Any = None,
) -> Any:
    """Makes a PCA with the randomized solver."""
    kind: Any = importlib.import_module("sklearn.decomposition").PCA
    return kind(
        n_components,
        copy=copy,
        whiten=whiten,
        svd_solver="randomized",
        iterated_power=iterated_power,
        random_state=random_state,
    )


@SKLEARN.named("sklearn.mixture", "GMM", "scikit-learn 0.20", "GaussianMixture")
def _gmm(
    n_components: int = 1,
    covariance_type: str = "diag",
    random_state: Any = None,
    min_covar: float = 1e-3,
    n_iter: int = 100,
    n_init: int = 1,
    tol: float = 1e-3,
    thresh: Any = None,
    params: str = "wmc",
    init_params: str = "wmc",
    verbose: int = 0,
) -> Any:
    """Makes a GaussianMixture, its covariance diagonal as it was by default."""
    kind: Any = importlib.import_module("sklearn.mixture").GaussianMixture
    return kind(
        n_components,
        covariance_type=covariance_type,
        random_state=random_state,
        reg_covar=min_covar,
        max_iter=n_iter,
        n_init=n_init,
        tol=tol,
    )


@SKLEARN.named(
    "sklearn.metrics", "jaccard_similarity_score", "scikit-learn 0.23", "accuracy_score or jaccard_score"
)
def _jaccard(y_true: Any, y_pred: Any, normalize: bool = True, sample_weight: Any = None) -> Any:
    """Gives the accuracy, which is what it was for single labels."""
    metrics: Any = importlib.import_module("sklearn.metrics")
    return metrics.accuracy_score(y_true, y_pred, normalize=normalize, sample_weight=sample_weight)


SKLEARN.alias(
    "sklearn.metrics",
    {"calinski_harabaz_score": "sklearn.metrics:calinski_harabasz_score"},
    "scikit-learn 0.23",
)
SKLEARN.alias("sklearn.metrics", {"auc_score": "sklearn.metrics:roc_auc_score"}, "scikit-learn 0.16")
SKLEARN.hopeless(
    "sklearn.datasets",
    {
        "load_boston": "your own copy of the table as a dataset",
        "fetch_mldata": "a dataset of your own",
    },
    "scikit-learn 1.2",
)
SKLEARN.hopeless(
    "sklearn.linear_model",
    {
        "RandomizedLasso": "the package stability-selection",
        "RandomizedLogisticRegression": "the package stability-selection",
    },
    "scikit-learn 0.21",
)
SKLEARN.hopeless(
    "sklearn.neighbors", {"LSHForest": "NearestNeighbors, or the package annoy"}, "scikit-learn 0.21"
)
SKLEARN.hopeless(
    "sklearn.mixture",
    {"DPGMM": "BayesianGaussianMixture", "VBGMM": "BayesianGaussianMixture"},
    "scikit-learn 0.20",
)
SKLEARN.hopeless(
    "sklearn.gaussian_process", {"GaussianProcess": "GaussianProcessRegressor"}, "scikit-learn 0.20"
)


@SKLEARN.method(
    "sklearn.feature_extraction.text:CountVectorizer",
    "sklearn.feature_extraction:DictVectorizer",
    gone="scikit-learn 1.2",
    modern="get_feature_names_out()",
)
def get_feature_names(vectorizer: Any) -> Any:
    """Gives the names as a list."""
    return list(vectorizer.get_feature_names_out())

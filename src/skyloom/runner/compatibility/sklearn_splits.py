"""The splitters of sklearn.cross_validation: they knew the number of rows and were walked over themselves."""

from __future__ import annotations

import importlib
from typing import Any, Iterator, List, Optional, Tuple

Split = Tuple[Any, Any]


class OldSplit:
    """Gives (train, test) positions when walked over; ``cv=`` of today's functions takes it too."""

    def __init__(self, n: int, splitter: Any, y: Any = None, groups: Any = None) -> None:
        self.n = n
        self._splitter = splitter
        self._y = y
        self._groups = groups

    def __iter__(self) -> Iterator[Split]:
        numpy: Any = importlib.import_module("numpy")
        rows = numpy.zeros((self.n, 1))
        yield from self._splitter.split(rows, self._y, self._groups)

    def __len__(self) -> int:
        numpy: Any = importlib.import_module("numpy")
        return int(self._splitter.get_n_splits(numpy.zeros((self.n, 1)), self._y, self._groups))

    def split(self, X: Any = None, y: Any = None, groups: Any = None) -> List[Split]:
        return list(self)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        return len(self)


def _today(name: str) -> Any:
    return getattr(importlib.import_module("sklearn.model_selection"), name)


def _seed(shuffle: bool, random_state: Any) -> Any:
    return random_state if shuffle else None  # today's splitters refuse a seed that is not used


class KFold(OldSplit):
    """The KFold of the time."""

    def __init__(
        self,
        n: int,
        n_folds: int = 3,
        indices: Any = None,
        shuffle: bool = False,
        random_state: Any = None,
        k: Any = None,
    ) -> None:
        self.n_folds = k or n_folds
        super().__init__(
            int(n),
            _today("KFold")(
                n_splits=self.n_folds, shuffle=shuffle, random_state=_seed(shuffle, random_state)
            ),
        )


class StratifiedKFold(OldSplit):
    """The StratifiedKFold of the time."""

    def __init__(
        self,
        y: Any,
        n_folds: int = 3,
        indices: Any = None,
        shuffle: bool = False,
        random_state: Any = None,
        k: Any = None,
    ) -> None:
        self.n_folds = k or n_folds
        splitter = _today("StratifiedKFold")(
            n_splits=self.n_folds, shuffle=shuffle, random_state=_seed(shuffle, random_state)
        )
        super().__init__(len(y), splitter, y=y)


class LabelKFold(OldSplit):
    """The GroupKFold, as it was called at the time."""

    def __init__(self, labels: Any, n_folds: int = 3) -> None:
        super().__init__(len(labels), _today("GroupKFold")(n_splits=n_folds), groups=labels)


class LeaveOneOut(OldSplit):
    """The LeaveOneOut of the time."""

    def __init__(self, n: int, indices: Any = None) -> None:
        super().__init__(int(n), _today("LeaveOneOut")())


class LeavePOut(OldSplit):
    """The LeavePOut of the time."""

    def __init__(self, n: int, p: int, indices: Any = None) -> None:
        super().__init__(int(n), _today("LeavePOut")(p))


class LeaveOneLabelOut(OldSplit):
    """The LeaveOneGroupOut, as it was called at the time."""

    def __init__(self, labels: Any, indices: Any = None) -> None:
        super().__init__(len(labels), _today("LeaveOneGroupOut")(), groups=labels)


class LeavePLabelOut(OldSplit):
    """The LeavePGroupsOut, as it was called at the time."""

    def __init__(self, labels: Any, p: int, indices: Any = None) -> None:
        super().__init__(len(labels), _today("LeavePGroupsOut")(p), groups=labels)


class ShuffleSplit(OldSplit):
    """The ShuffleSplit of the time."""

    def __init__(
        self,
        n: int,
        n_iter: int = 10,
        test_size: Any = 0.1,
        train_size: Any = None,
        indices: Any = None,
        random_state: Any = None,
        n_iterations: Optional[int] = None,
    ) -> None:
        splitter = _today("ShuffleSplit")(
            n_splits=n_iterations or n_iter,
            test_size=test_size,
            train_size=train_size,
            random_state=random_state,
        )
        super().__init__(int(n), splitter)


class StratifiedShuffleSplit(OldSplit):
    """The StratifiedShuffleSplit of the time."""

    def __init__(
        self,
        y: Any,
        n_iter: int = 10,
        test_size: Any = 0.1,
        train_size: Any = None,
        indices: Any = None,
        random_state: Any = None,
        n_iterations: Optional[int] = None,
    ) -> None:
        splitter = _today("StratifiedShuffleSplit")(
            n_splits=n_iterations or n_iter,
            test_size=test_size,
            train_size=train_size,
            random_state=random_state,
        )
        super().__init__(len(y), splitter, y=y)


class LabelShuffleSplit(OldSplit):
    """The GroupShuffleSplit, as it was called at the time."""

    def __init__(
        self,
        labels: Any,
        n_iter: int = 5,
        test_size: Any = 0.2,
        train_size: Any = None,
        random_state: Any = None,
    ) -> None:
        splitter = _today("GroupShuffleSplit")(
            n_splits=n_iter, test_size=test_size, train_size=train_size, random_state=random_state
        )
        super().__init__(len(labels), splitter, groups=labels)


class PredefinedSplit(OldSplit):
    """The PredefinedSplit of the time."""

    def __init__(self, test_fold: Any) -> None:
        super().__init__(len(test_fold), _today("PredefinedSplit")(test_fold))


SPLITS = (
    KFold,
    StratifiedKFold,
    LabelKFold,
    LeaveOneOut,
    LeavePOut,
    LeaveOneLabelOut,
    LeavePLabelOut,
    ShuffleSplit,
    StratifiedShuffleSplit,
    LabelShuffleSplit,
    PredefinedSplit,
)


def cross_val_score(
    estimator: Any,
    X: Any,
    y: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int = 1,
    verbose: int = 0,
    fit_params: Any = None,
    pre_dispatch: Any = "2*n_jobs",
    score_func: Any = None,
) -> Any:
    """Calls today's function; its defaults of then: three folds."""
    if score_func is not None:
        metrics: Any = importlib.import_module("sklearn.metrics")
        scoring = metrics.make_scorer(score_func)
    return _today("cross_val_score")(
        estimator, X, y, scoring=scoring, cv=3 if cv is None else cv, n_jobs=n_jobs, verbose=verbose
    )


def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    cv: Any = None,
    n_jobs: int = 1,
    verbose: int = 0,
    fit_params: Any = None,
    pre_dispatch: Any = "2*n_jobs",
) -> Any:
    """Calls today's function; its default of then: three folds."""
    return _today("cross_val_predict")(
        estimator, X, y, cv=3 if cv is None else cv, n_jobs=n_jobs, verbose=verbose
    )


def searches() -> Tuple[Any, Any]:
    """Give GridSearchCV and RandomizedSearchCV with ``grid_scores_`` and three folds by default.

    They are made here because scikit-learn is imported only when a script asks for them; each is a class of
    its own,
    so that a fitted search can be cloned and pickled.
    """
    module: Any = importlib.import_module("skyloom.runner.compatibility.sklearn_searches")
    return module.GridSearchCV, module.RandomizedSearchCV

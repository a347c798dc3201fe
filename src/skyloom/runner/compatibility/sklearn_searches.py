"""The searches of sklearn.grid_search; imports scikit-learn, so it waits until a script asks for one."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, List

import numpy
from sklearn.model_selection import GridSearchCV as _Grid
from sklearn.model_selection import RandomizedSearchCV as _Random

Score = namedtuple("Score", ("parameters", "mean_validation_score", "cv_validation_scores"))


class _OldResults:
    """Gives the results of a search as a list, best known as ``grid_scores_``."""

    cv_results_: Any

    @property
    def grid_scores_(self) -> List[Score]:
        folds = sorted(
            (name for name in self.cv_results_ if name.startswith("split") and name.endswith("_test_score")),
            key=lambda name: int(name[5:].split("_")[0]),
        )
        scores = numpy.array([self.cv_results_[name] for name in folds]).T
        means = self.cv_results_["mean_test_score"]
        return [Score(*row) for row in zip(self.cv_results_["params"], means, scores)]


class GridSearchCV(_OldResults, _Grid):  # type: ignore[misc]
    """A search over a grid, three folds by default."""

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        scoring: Any = None,
        n_jobs: Any = None,
        refit: Any = True,
        cv: Any = 3,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        error_score: Any = numpy.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )


class RandomizedSearchCV(_OldResults, _Random):  # type: ignore[misc]
    """A search at random, three folds by default."""

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        n_iter: int = 10,
        scoring: Any = None,
        n_jobs: Any = None,
        refit: Any = True,
        cv: Any = 3,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = numpy.nan,
        return_train_score: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )

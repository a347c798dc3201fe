"""Small datasets with numbers, words, times and missing cells, and scikit-learn's own view of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

NUMBERS = [f"f{place}" for place in range(8)]
WORDS = ["colour", "shape"]


def numeric(rows: int = 400, classes: int = 2, seed: int = 0) -> pd.DataFrame:
    """Eight numeric features and a label of some classes that depends on them, with noise."""
    random = np.random.RandomState(seed)
    features = random.normal(size=(rows, 8)) * [1, 10, 0.1, 5, 1, 3, 100, 1] + [0, 5, 0, -3, 1, 0, 40, 0]
    ranked = pd.Series(features[:, 0] + features[:, 1] / 5 + random.normal(size=rows)).rank(pct=True)
    frame = pd.DataFrame(features, columns=NUMBERS)
    return frame.assign(label=np.minimum((ranked * classes).astype(int), classes - 1))


def mixed(rows: int = 400, classes: int = 2, seed: int = 0) -> pd.DataFrame:
    """The same with words, truth values, times, and missing cells of each kind; the label is words."""
    random = np.random.RandomState(seed + 1)
    frame = numeric(rows, classes, seed)
    frame["colour"] = _chosen(random, ["red", "green", "blue", None], rows)
    frame["shape"] = pd.Categorical(random.choice(["round", "square", "flat"], rows))
    frame["known"] = _chosen(random, [True, False, None], rows)
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.randint(0, 900, rows), unit="D")
    frame.loc[random.choice(rows, rows // 20, replace=False), "f3"] = np.nan
    frame["label"] = frame["label"].map(dict(enumerate(["low", "mid", "top"])))
    return frame


def regression(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Eight numeric features and a label that is a number, above 0."""
    random = np.random.RandomState(seed + 2)
    frame = numeric(rows, 2, seed)
    return frame.assign(
        label=np.exp(frame["f0"] / 2 + frame["f1"] / 20 + 0.1 * random.normal(size=rows)).round(3)
    )


def scaled(training: pd.DataFrame, scored: pd.DataFrame | None = None) -> Any:
    """The eight numbers as scikit-learn's MinMaxScaler makes them."""
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(training[NUMBERS].to_numpy())
    return scaler.transform((training if scored is None else scored)[NUMBERS].to_numpy())


def _chosen(random: Any, values: list[Any], rows: int) -> Any:
    """Values drawn by chance, as they are."""
    listed = np.empty(len(values), object)
    listed[:] = values
    return listed[random.randint(0, len(values), rows)]

"""Curated environments (AzureML-...) as sets of packages: what stands in the name decides. Source: sdk.md 9.

Most of them (Minimal, Tutorial, sklearn, AutoML) are the default environment, which has pandas, numpy,
scikit-learn and the like. Those named after a framework get that framework; a version in the name is a wish,
and the nearest version that can be installed is taken.
"""

from __future__ import annotations

import re

PREFIX = "AzureML-"

_USUAL = ("numpy", "pandas", "scikit-learn", "matplotlib", "joblib")
# a word in the name -> what is installed; the first takes the version in the name
_FRAMEWORKS = (
    ("pytorch", ("torch", "torchvision", "pillow")),
    ("tensorflow", ("tensorflow",)),
    ("lightgbm", ("lightgbm",)),
    ("xgboost", ("xgboost",)),
    ("onnx", ("onnxruntime",)),
    ("dask", ("dask[dataframe]",)),
    ("fastai", ("fastai",)),
    ("pyspark", ("pyspark",)),
    ("hyperdrive-forecastdnn", ("torch",)),
)


def is_curated(name: str) -> bool:
    """Whether a name is one of the curated ones, also of those that no list names any more."""
    return name.startswith(PREFIX)


def curated_packages(name: str) -> tuple[str, ...]:
    """Requirement lines of a curated environment; none: the default environment.

    >>> curated_packages("AzureML-lightgbm-3.2-ubuntu18.04-py37-cpu")[-1]
    'lightgbm==3.2.*'
    >>> curated_packages("AzureML-Tutorial")
    ()
    """
    plain = name.lower()
    for word, packages in _FRAMEWORKS:
        if word in plain:
            first, *others = packages
            version = re.search(re.escape(word) + r"-(\d+(?:\.\d+)+)(?![\w.])", plain)
            wanted = f"{first}=={version[1]}.*" if version else first
            return (*_USUAL, *others, wanted)
    return ()

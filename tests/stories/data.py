"""Data of the stories: what ships inside scikit-learn, and the bundle of the old article."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import pandas as pd
from sklearn import datasets

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def make_data(folder: Path) -> None:
    """Iris and Breast Cancer as CSV, Hello.zip as the example's README packs it."""
    iris = datasets.load_iris(as_frame=True)
    species = iris.target.map(dict(enumerate(iris.target_names)))
    iris.data.assign(species=species).to_csv(folder / "iris.csv", index=False)
    datasets.load_breast_cancer(as_frame=True).frame.to_csv(folder / "cancer.csv", index=False)
    people().to_csv(folder / "people.csv", index=False)
    with zipfile.ZipFile(folder / "Hello.zip", "w") as bundle:
        bundle.write(EXAMPLES / "zip-modules" / "bundle" / "Hello.py", "Hello.py")


def people() -> pd.DataFrame:
    """The made-up people of the example."""
    place = EXAMPLES / "adult-income" / "make_people.py"
    spec = importlib.util.spec_from_file_location("make_people", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: pd.DataFrame = module.make_people()
    return made

"""A learner trained and asked, through the modules, in one call."""

from __future__ import annotations

import pickle
from typing import Any

import pandas as pd

from tests.modules.running import frame, run


def learner(name: str, **settings: Any) -> Any:
    """What the initializing module gives, as it is after being stored and loaded."""
    return stored(run(name, [], settings)[0])


def trained(name: str, table: Any, label: Any = "label", **settings: Any) -> Any:
    """A model trained by Train Model, as it is after being stored and loaded."""
    return stored(run("Train Model", [learner(name, **settings), table], {"Label column": [label]})[0])


def scores(model: Any, table: Any, **values: Any) -> pd.DataFrame:
    """The output of Score Model."""
    found: pd.DataFrame = frame(run("Score Model", [model, table], values)[0])
    return found


def stored(content: Any) -> Any:
    return pickle.loads(pickle.dumps(content))

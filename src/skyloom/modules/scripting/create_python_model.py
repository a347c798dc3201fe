"""Create Python Model: a learner that the user writes in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyloom.core.module import FunctionEntry, ModuleSpec, OutputPort
from skyloom.core.parameter import Parameter

SAMPLE = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression


# The class has this name, and its methods have these arguments.
class AzureMLModel:
    # Runs once, when this module runs. The attribute model has to be there.
    def __init__(self):
        self.model = LogisticRegression(max_iter=1000)
        self.feature_column_names = []

    # df_train has the feature columns, df_label is the label; rows without a label are left out.
    def train(self, df_train, df_label):
        self.feature_column_names = df_train.columns.tolist()
        self.model.fit(df_train, df_label)

    # One row for each row of df. With these names Evaluate Model knows what the columns hold.
    def predict(self, df):
        features = df[self.feature_column_names]
        return pd.DataFrame(
            {
                "Binary Class Scored Labels": self.model.predict(features),
                "Binary Class Scored Probabilities": self.model.predict_proba(features)[:, 1],
            }
        )
"""

SPEC = ModuleSpec(
    name="Create Python Model",
    version="v1.0",
    category="Python Language",
    entry=FunctionEntry(f"{__name__}:run"),
    outputs=(OutputPort("Untrained model", "UntrainedLearner"),),
    parameters=(
        Parameter(
            "Python Script",
            "script",
            SAMPLE,
            label="Python script",
            doc="Python with a class AzureMLModel that has __init__, train and predict.",
        ),
    ),
    family="a5b1e9d25c5411e98647d663bd873d93",
    doc="Makes a learner of a Python class, to be trained by Train Model.",
)


def run(inputs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Studio.md 1.11."""
    from skyloom.modules.machine_learning.models.script_model import make_script_model

    return {"Untrained model": make_script_model(values["Python Script"] or "")}

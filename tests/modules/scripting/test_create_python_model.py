from __future__ import annotations

import sys

import pandas as pd
import pytest

from skyloom.core.problem import ProblemError
from tests.modules.machine_learning.data import numeric
from tests.modules.machine_learning.learning import learner, scores, stored, trained
from tests.modules.running import code_of, frame, problems_of, run

NAME = "Create Python Model"
MEAN = """
import pandas as pd

class Mean:
    pass

class AzureMLModel:
    def __init__(self):
        self.model = Mean()
    def train(self, df_train, df_label):
        print(type(df_label).__name__, list(df_train.columns), len(df_train))
        self.model.value = df_label.mean()
    def predict(self, df):
        return pd.DataFrame({"Regression Scored Labels": [self.model.value] * len(df)})
"""


def script(body: str) -> dict[str, str]:
    return {"Python Script": body}


def test_the_sample_is_trained_scored_and_evaluated() -> None:
    table = numeric()
    model = trained(NAME, table)
    found = run("Score Model", [model, table])[0]
    names = ["Binary Class Scored Labels", "Binary Class Scored Probabilities"]
    assert list(found.names[-2:]) == names
    assert frame(run("Evaluate Model", [found])[0])["Accuracy"].iloc[0] > 0.8


def test_train_sees_unscaled_features_and_the_labelled_rows(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"x": [10.0, 20.0, 30.0], "label": [1.0, None, 3.0]})
    found = scores(trained(NAME, table, **script(MEAN)), table)
    assert list(found["Regression Scored Labels"]) == [2.0] * 3
    assert capsys.readouterr().out == "Series ['x'] 2\n"


def test_a_model_is_loaded_where_its_script_has_not_run_yet() -> None:
    import pickle

    table = pd.DataFrame({"x": [1.0, 2.0], "label": [1.0, 3.0]})
    content = pickle.dumps(trained(NAME, table, **script(MEAN)))
    for name in [name for name in sys.modules if name.startswith("azureml_model_")]:
        del sys.modules[name]
    assert list(scores(pickle.loads(content), table)["Regression Scored Labels"]) == [2.0, 2.0]


def test_arrays_are_scored_as_tables_are() -> None:
    table = numeric()
    model = trained(NAME, table)
    found = model.score_arrays({name: table[name].to_numpy() for name in model.features})
    expected = scores(model, table)
    for name, values in found.items():
        assert (values == expected[name].to_numpy()).all()


def test_training_leaves_the_learner_as_it_was() -> None:
    untrained = learner(NAME, **script(MEAN))
    table = pd.DataFrame({"x": [1.0], "label": [7.0]})
    run("Train Model", [untrained, table], {"Label column": ["label"]})
    assert not hasattr(untrained.model.value.model, "value")
    assert stored(untrained).name == NAME


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("class AzureMLModel", "class Model", "S003"),
        ("def train(self, df_train, df_label)", "def train(self, x, y)", "S003"),
        ("def predict(self, df)", "def forecast(self, df)", "S003"),
        ("self.model = Mean()", "self.estimator = Mean()", "S003"),
        ("self.model = Mean()", "raise SystemExit(3)", "S001"),
        ("import pandas as pd", "import no_such_package", "S001"),
        ("class Mean:", "class Mean", "S002"),
    ],
)
def test_a_script_that_is_no_model_is_error_85(old: str, new: str, code: str) -> None:
    assert code_of(NAME, [], script(MEAN.replace(old, new))) == code


def test_every_wrong_method_is_told() -> None:
    bad = MEAN.replace("df_train, df_label", "a, b").replace("predict(self, df)", "predict(self, frame)")
    told = problems_of(NAME, [], script(bad))
    assert [message.split()[0] for _, message, _ in told] == ["AzureMLModel.train", "AzureMLModel.predict"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("return df.iloc[:1]", "S010"),
        ("return [1] * len(df)", "S010"),
        ("return pd.DataFrame({1: [0] * len(df)})", "M0155"),
        ("return df[['x']]", "M0028"),
        ("raise ValueError('no idea')", "S001"),
    ],
)
def test_what_predict_may_not_do(answer: str, code: str) -> None:
    lines = MEAN.rstrip().splitlines()
    table = pd.DataFrame({"x": [1.0, 2.0], "label": [1.0, 3.0]})
    model = trained(NAME, table, **script("\n".join([*lines[:-1], f"        {answer}"])))
    assert code_of("Score Model", [model, table]) == code


def test_the_users_own_lines_are_in_the_traceback() -> None:
    failing = MEAN.replace("self.model.value = df_label.mean()", "self.model.value = df_label.no_such()")
    table = pd.DataFrame({"x": [1.0], "label": [1.0]})
    with pytest.raises(ProblemError) as caught:
        run("Train Model", [learner(NAME, **script(failing)), table], {"Label column": ["label"]})
    problem = caught.value.problem
    assert problem.where == "azureml_model.py:12"
    assert "self.model.value = df_label.no_such()" in problem.traceback
    assert "script_module.py" not in problem.traceback


def test_columns_with_names_of_the_users_own_cannot_be_evaluated() -> None:
    own = MEAN.replace("Regression Scored Labels", "my forecast")
    table = pd.DataFrame({"x": [1.0, 2.0], "label": [1.0, 3.0]})
    scored = run("Score Model", [trained(NAME, table, **script(own)), table])[0]
    assert code_of("Evaluate Model", [scored]) == "M0084"

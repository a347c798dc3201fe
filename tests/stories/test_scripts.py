"""The stories of the old articles: what a script of theirs did, it does here."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skyloom.core.module import InputPort
from skyloom.core.serialize import to_json
from skyloom.modules.scripting.execute_python_script import SPEC
from tests.cli.commands import Commands
from tests.stories.graph_runs import frame_of, names_of_images, run_graph, script, text_of, typed_in

pytestmark = [pytest.mark.real("sandbox"), pytest.mark.xdist_group("stories")]

PASS_ON = "def azureml_main(table):\n    return table,\n"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_column_of_expressions_becomes_a_column_of_results(skyloom: Commands) -> None:
    evaluate = (
        "import numpy as np\n"
        "def azureml_main(dataframe1):\n"
        "    dataframe1['result'] = [str(eval(text)) for text in dataframe1['expression']]\n"
        "    return dataframe1,\n"
    )
    nodes = {
        "expressions": typed_in("expression\n1 + 2 * 3\n2 ** 100\nnp.sqrt(16)\n"),
        "evaluate": script(evaluate, inputs={"Dataset1": "expressions"}),
    }
    results = frame_of(run_graph(skyloom, nodes), "evaluate")
    assert list(results["result"]) == ["7", str(2**100), "4.0"]


def test_a_bundle_is_importable_and_its_words_are_in_the_log(skyloom: Commands) -> None:
    use = (
        "from Hello import print_hello\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    print_hello('World')\n"
        "    return dataframe1,\n"
    )
    nodes = {
        "names": typed_in("name\nWorld\n"),
        "bundle": {"dataset": "Hello.zip", "type": "Zip"},
        "greet": script(use, inputs={"Dataset1": "names", "Script Bundle": "bundle"}),
    }
    report = run_graph(skyloom, nodes, "--compatibility", "on")  # Hello.py is Python 2
    assert report["state"] == "completed", report
    assert "Hello, World!" in text_of(report, "greet")


def test_a_scatter_matrix_is_kept_as_png(skyloom: Commands) -> None:
    plot = (
        "import matplotlib\n"
        "matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from pandas.plotting import scatter_matrix\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    scatter_matrix(dataframe1.drop(columns=['species']), figsize=(4, 4))\n"
        "    plt.gcf().savefig('scatter.png')\n"
        "    return dataframe1,\n"
    )
    nodes = {"iris": {"dataset": "Iris"}, "plot": script(plot, inputs={"Dataset1": "iris"})}
    report = run_graph(skyloom, nodes)
    assert names_of_images(report, "plot") == ["0000-scatter.png"]
    with open(report["nodes"]["plot"]["images"][0], "rb") as file:
        assert file.read(8) == PNG


def test_ranked_features_are_joined_in_sql(skyloom: Commands) -> None:
    rank = (
        "import pandas as pd\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "def azureml_main(dataframe1):\n"
        "    x, y = dataframe1.drop(columns=['target']), dataframe1['target']\n"
        "    forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(x, y)\n"
        "    return pd.DataFrame({'feature': x.columns, 'score': forest.feature_importances_}),\n"
    )
    describe = (
        "def azureml_main(dataframe1):\n"
        "    return dataframe1.mean().rename_axis('feature').reset_index(name='mean'),\n"
    )
    join = (
        "select t1.feature, t1.score, t2.mean from t1 join t2 on t1.feature = t2.feature order by score desc"
    )
    nodes = {
        "tumours": {"dataset": "Breast Cancer"},
        "rank": script(rank, inputs={"Dataset1": "tumours"}),
        "describe": script(describe, inputs={"Dataset1": "tumours"}),
        "join": {
            "module": "Apply SQL Transformation",
            "parameters": {"SQL Query Script": join},
            "inputs": {"Table1": "rank", "Table2": "describe"},
        },
    }
    joined = frame_of(run_graph(skyloom, nodes), "join", "Results dataset")
    assert list(joined.columns) == ["feature", "score", "mean"]
    assert len(joined) == 30 and joined["score"].is_monotonic_decreasing
    assert joined["score"].sum() == pytest.approx(1.0)


def test_two_frames_leave_through_two_ports(skyloom: Commands) -> None:
    split = (
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    return dataframe1[dataframe1.n > 1], dataframe1[dataframe1.n <= 1]\n"
    )
    nodes = {
        "numbers": typed_in("n\n1\n2\n3\n"),
        "split": script(split, inputs={"Dataset1": "numbers"}),
        "rest": script(
            "def azureml_main(rest):\n    return rest,\n", inputs={"Dataset1": "split.Result Dataset2"}
        ),
    }
    report = run_graph(skyloom, nodes)
    assert list(frame_of(report, "split")["n"]) == [2, 3]
    assert list(frame_of(report, "rest")["n"]) == [1]


TRAIN = (
    "import pickle\n"
    "import pandas as pd\n"
    "from sklearn.linear_model import LogisticRegression\n"
    "def azureml_main(dataframe1):\n"
    "    x, y = dataframe1.drop(columns=['species']), dataframe1['species']\n"
    "    model = LogisticRegression(max_iter=500).fit(x, y)\n"
)


def test_a_trained_model_travels_as_bytes_in_a_cell(skyloom: Commands) -> None:
    train = f"{TRAIN}    return pd.DataFrame({{'model': [pickle.dumps(model)]}}),\n"
    score = (
        "import pickle\n"
        "def azureml_main(dataframe1, dataframe2):\n"
        "    model = pickle.loads(dataframe2['model'][0])\n"
        "    x = dataframe1.drop(columns=['species'])\n"
        "    return dataframe1.assign(told=model.predict(x)),\n"
    )
    nodes = {
        "iris": {"dataset": "Iris"},
        "train": script(train, inputs={"Dataset1": "iris"}),
        "score": script(score, inputs={"Dataset1": "iris", "Dataset2": "train"}),
    }
    report = run_graph(skyloom, nodes)
    scored = frame_of(report, "score")
    assert (scored["told"] == scored["species"]).mean() > 0.9


def test_a_trained_model_leaves_and_enters_through_ports_of_its_own(skyloom: Commands) -> None:
    train = f"{TRAIN}    return {{'Result Dataset': pd.DataFrame({{'rows': [len(x)]}}), 'model': model}}\n"
    score = (
        "def azureml_main(dataframe1, model):\n"
        "    x = dataframe1.drop(columns=['species'])\n"
        "    return dataframe1.assign(told=model.predict(x)),\n"
    )
    scorer = replace(
        SPEC,
        name="Score With Object",
        family="0a3f6f0e9c5b4a0c8a51d5f6f6b8f0aa",
        inputs=(InputPort("Dataset1"), InputPort("Model", ("Object",))),
    )
    nodes = {
        "iris": {"dataset": "Iris"},
        "train": script(train, inputs={"Dataset1": "iris"}, outputs={"model": "Object"}),
        "score": {**script(score, inputs={"Dataset1": "iris", "Model": "train.model"}), "module": "Scorer"},
    }
    report = run_graph(skyloom, nodes, modules={"Scorer": to_json(scorer)})
    scored = frame_of(report, "score")
    assert (scored["told"] == scored["species"]).mean() > 0.9


def test_a_model_does_not_fit_a_port_for_tables(skyloom: Commands) -> None:
    nodes = {
        "iris": {"dataset": "Iris"},
        "train": script(TRAIN, inputs={"Dataset1": "iris"}, outputs={"model": "Object"}),
        "use": script(PASS_ON, inputs={"Dataset1": "train.model"}),
    }
    report = run_graph(skyloom, nodes)
    assert (report["state"], report["run"]) == ("failed", None)
    assert report["problem"]["code"] == "G005"


def test_missing_values_are_missing_on_both_sides(skyloom: Commands) -> None:
    look = (
        "import numpy as np, pandas as pd\n"
        "def azureml_main(dataframe1):\n"
        "    print([(name, str(dataframe1[name].dtype), int(dataframe1[name].isna().sum()))\n"
        "           for name in dataframe1])\n"
        "    dataframe1['b'] = pd.array([True, None, False], dtype='boolean')\n"
        "    dataframe1['t'] = pd.to_datetime(['2016-01-02', None, '2016-01-03'])\n"
        "    dataframe1['i'] = pd.array([1, None, 3], dtype='Int64')\n"
        "    return dataframe1,\n"
    )
    nodes = {
        "holes": typed_in("x,s\n1.5,a\n,\n3.5,c\n"),
        "look": script(look, inputs={"Dataset1": "holes"}),
        "again": script(PASS_ON, inputs={"Dataset1": "look"}),
    }
    report = run_graph(skyloom, nodes)
    assert text_of(report, "look").startswith("[('x', 'float64', 1), ('s', 'str', 1)]")
    for node in ("look", "again"):
        frame = frame_of(report, node)
        assert [list(frame[name].isna()) for name in frame] == [[False, True, False]] * 5
        assert frame["i"].dtype == np.float64


def test_the_index_is_dropped_and_starts_anew(skyloom: Commands) -> None:
    shift = (
        "def azureml_main(dataframe1):\n    return dataframe1.set_index('key').sort_index(ascending=False),\n"
    )
    look = "def azureml_main(dataframe1):\n    return dataframe1.assign(position=dataframe1.index),\n"
    nodes = {
        "rows": typed_in("key,n\n1,10\n2,20\n"),
        "shift": script(shift, inputs={"Dataset1": "rows"}),
        "look": script(look, inputs={"Dataset1": "shift"}),
    }
    expected = pd.DataFrame({"n": [20, 10], "position": [0, 1]})
    pd.testing.assert_frame_equal(frame_of(run_graph(skyloom, nodes), "look"), expected)


def test_repeated_names_get_numbers(skyloom: Commands) -> None:
    repeat = (
        "import pandas as pd\n"
        "def azureml_main():\n"
        "    return pd.DataFrame([[1, 2, 3, 4]], columns=['a', 'a', 'a(2)', 5]),\n"
    )
    names = list(frame_of(run_graph(skyloom, {"repeat": script(repeat)}), "repeat").columns)
    assert names == ["a", "a(3)", "a(2)", "5"]


def test_a_failing_script_shows_the_users_whole_traceback(skyloom: Commands) -> None:
    fail = (
        "def inner(table):\n"
        "    return table / nowhere\n"
        "\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    print('before')\n"
        "    return inner(dataframe1),\n"
    )
    nodes = {
        "rows": typed_in("n\n1\n"),
        "fail": script(fail, inputs={"Dataset1": "rows"}),
        "after": script(PASS_ON, inputs={"Dataset1": "fail"}),
    }
    report = run_graph(skyloom, nodes)
    failed = report["nodes"]["fail"]
    assert (failed["state"], failed["reason"]) == ("failed", "script_error")
    assert report["nodes"]["after"]["state"] == "skipped"
    assert failed["problem"]["code"] == "S001" and "line 6" in failed["problem"]["message"]
    for told in (failed["problem"]["traceback"], text_of(report, "fail", "stderr")):
        assert (
            told.index("line 6, in azureml_main") < told.index("line 2, in inner") < told.index("NameError")
        )
        assert "skyloom" not in told and told.lstrip().startswith("Traceback")
    assert text_of(report, "fail") == "before\n"


def test_objects_in_cells_come_back_as_they_were(skyloom: Commands) -> None:
    make = (
        "import pandas as pd\n"
        "def azureml_main():\n"
        "    return pd.DataFrame({'o': [{'a': 1}, None, [1, 2]]}),\n"
    )
    look = "def azureml_main(dataframe1):\n    print(list(dataframe1['o']))\n    return dataframe1,\n"
    nodes = {"make": script(make), "look": script(look, inputs={"Dataset1": "make"})}
    report = run_graph(skyloom, nodes)
    assert text_of(report, "look") == "[{'a': 1}, None, [1, 2]]\n"
    assert pickle.loads(frame_of(report, "make")["o"][0]) == {"a": 1}

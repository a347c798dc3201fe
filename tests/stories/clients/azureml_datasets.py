"""Steps of the unmodified azureml 0.2.7, each told as one line of JSON. Runs under Python 2.7 and 3.

Words: address, workspace, token, and what the names of datasets begin with.
"""

from __future__ import print_function

import json
import sys
import traceback
import warnings

warnings.simplefilter("ignore")

import pandas
from azureml import AzureMLConflictHttpError, AzureMLHttpError, DataTypeIds, Workspace

ADDRESS, WORKSPACE, TOKEN, PREFIX = sys.argv[1:5]
FRAME = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [0.5, 1.5, 2.5]})


def step(name):
    def carry_out(function):
        try:
            function()
            print(json.dumps({"step": name, "ok": True}))
        except Exception as error:
            said = "%s: %s\n%s" % (type(error).__name__, error, traceback.format_exc())
            print(json.dumps({"step": name, "ok": False, "said": said}))
        sys.stdout.flush()
        return function

    return carry_out


WS = Workspace(WORKSPACE, TOKEN, ADDRESS)


@step("upload a frame as csv")
def _():
    made = WS.datasets.add_from_dataframe(FRAME, DataTypeIds.GenericCSV, PREFIX + "frame.csv", "rows")
    assert made.name == PREFIX + "frame.csv" and made.description == "rows", made
    assert made.data_type_id == DataTypeIds.GenericCSV
    assert made.owner == "Python SDK" and made.is_latest


@step("upload a frame as tsv without header")
def _():
    WS.datasets.add_from_dataframe(FRAME, DataTypeIds.GenericTSVNoHeader, PREFIX + "frame.nh.tsv", "rows")


@step("upload raw bytes")
def _():
    WS.datasets.add_from_raw_data(b"a,b\n5,6\n", DataTypeIds.GenericCSV, PREFIX + "raw.csv", "bytes")
    WS.datasets.add_from_raw_data("one\ntwo\n".encode("utf-8"), DataTypeIds.PlainText, PREFIX + "plain.txt", "text")


@step("upload more than one block")
def _():
    content = b"n\n" + b"12345678901234567890\n" * 150000
    made = WS.datasets.add_from_raw_data(content, DataTypeIds.GenericCSV, PREFIX + "large.csv", "blocks")
    assert made.size == len(content), (made.size, len(content))
    assert made.read_as_binary() == content


@step("list and count")
def _():
    names = [dataset.name for dataset in WS.datasets]
    assert PREFIX + "frame.csv" in names and PREFIX + "raw.csv" in names, names
    assert len(WS.datasets) == len(names)
    assert WS.user_datasets[PREFIX + "frame.csv"].name == PREFIX + "frame.csv"
    assert len(WS.example_datasets) == 0


@step("read bytes")
def _():
    assert WS.datasets[PREFIX + "raw.csv"].read_as_binary() == b"a,b\n5,6\n"


@step("read text")
def _():
    assert WS.datasets[PREFIX + "raw.csv"].read_as_text() == "a,b\n5,6\n"


@step("open a stream")
def _():
    with WS.datasets[PREFIX + "raw.csv"].open() as stream:
        assert stream.read() == b"a,b\n5,6\n"


@step("read a frame from csv")
def _():
    assert WS.datasets[PREFIX + "frame.csv"].to_dataframe().equals(FRAME)


@step("read a frame from tsv without header")
def _():
    found = WS.datasets[PREFIX + "frame.nh.tsv"].to_dataframe()
    assert found.shape == (3, 3), found


@step("update data and description")
def _():
    dataset = WS.datasets[PREFIX + "frame.csv"]
    before = dataset.dataset_id, dataset.family_id
    dataset.update_from_dataframe(FRAME.head(2), description="fewer")
    now = WS.datasets[PREFIX + "frame.csv"]
    assert now.family_id == before[1] and now.dataset_id != before[0]
    assert now.description == "fewer" and now.is_latest
    assert b"3,z" not in now.read_as_binary()


@step("update under a new name")
def _():
    dataset = WS.datasets[PREFIX + "raw.csv"]
    dataset.update_from_raw_data(b"a\n7\n", name=PREFIX + "renamed.csv")
    names = [one.name for one in WS.datasets]
    assert PREFIX + "renamed.csv" in names and PREFIX + "raw.csv" not in names, names


@step("a name that is taken")
def _():
    try:
        WS.datasets.add_from_raw_data(b"a\n1\n", DataTypeIds.GenericCSV, PREFIX + "frame.csv", "again")
    except AzureMLConflictHttpError:
        return
    raise AssertionError("no conflict")


@step("a name with a colon")
def _():
    try:
        WS.datasets.add_from_raw_data(b"a\n1\n", DataTypeIds.GenericCSV, "a:b", "odd")
    except AzureMLHttpError as error:
        assert error.status_code == 400 and "forbidden characters" in str(error), error
        return
    raise AssertionError("no refusal")


@step("a wrong token")
def _():
    from azureml.errors import AzureMLUnauthorizedError

    try:
        len(Workspace(WORKSPACE, "wrong", ADDRESS).datasets)
    except AzureMLUnauthorizedError:
        return
    raise AssertionError("let in")


@step("experiments and their outputs")
def _():
    [made] = [one for one in WS.experiments if one.description == "Made here"]
    assert made.status.status_code == "Finished" and made.experiment_id.startswith(WORKSPACE)
    found = made.get_intermediate_dataset("csv", "Results dataset", DataTypeIds.GenericCSV)
    assert found.read_as_text().replace("\r\n", "\n") == "a,b\n1,x\n2,y\n", found.read_as_text()
    assert len(WS.user_experiments) >= 1


@step("an output as a frame")
def _():
    [made] = [one for one in WS.experiments if one.description == "Made here"]
    found = made.get_intermediate_dataset("csv", "Results dataset", DataTypeIds.GenericCSV)
    assert list(found.to_dataframe()["a"]) == [1, 2]

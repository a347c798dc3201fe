"""Steps of the unmodified azmlclient 2.6.0: request-response in both notations, and a batch.

Words: address of the endpoint, its key, address of the server, key of the storage account.
"""

import json
import sys
import traceback
import warnings

warnings.simplefilter("ignore")

import pandas as pd
import requests
from azmlclient import execute_bes, execute_rr
from azmlclient.base_databinding import AzmlException
from requests.adapters import HTTPAdapter

API, KEY, ADDRESS, ACCOUNT_KEY = sys.argv[1:5]
FRAME = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


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


class Ours(HTTPAdapter):
    """Sends what is meant for the old storage hosts to our server, letter for letter otherwise."""

    def send(self, request, **words):
        scheme, _, rest = request.url.partition("://")
        host, slash, path = rest.partition("/")
        account = host.partition(".")[0]
        if host.endswith(".blob.core.windows.net"):
            request.url = "%s/blobstore/%s/%s" % (ADDRESS, account, path)
            words["verify"] = False
            if not getattr(self, "plain", None):
                self.plain = HTTPAdapter()
            return self.plain.send(request, **words)
        return super().send(request, **words)


def session():
    made = requests.Session()
    made.mount("https://", Ours())
    return made


def check(outputs):
    table = outputs["output1"]
    assert list(table.columns) == ["a", "b", "c"], table
    assert list(table["c"]) == [2, 4, 6], table
    assert list(table["b"]) == ["x", "y", "z"], table


@step("request-response, tables")
def _():
    check(execute_rr(KEY, API, {"input1": FRAME}, {}, ["output1"]))


@step("request-response, rows")
def _():
    check(execute_rr(KEY, API, {"input1": FRAME}, {}, ["output1"], use_swagger_format=True))


@step("missing values, as bare NaN and as text")
def _():
    holes = pd.DataFrame({"a": [1, 2], "b": ["x", float("nan")]})
    for words in ({}, {"replace_NaN_with": ""}):
        found = execute_rr(KEY, API, {"input1": holes}, {}, ["output1"], **words)["output1"]
        assert list(found["c"]) == [2, 4], found
        assert found["b"].isnull().tolist() == [False, True], found


@step("a fault is told")
def _():
    try:
        execute_rr(KEY, API, {"input1": pd.DataFrame({"a": ["oh"], "b": ["x"]})}, {}, ["output1"])
    except AzmlException as error:
        assert "InputParseError" in str(error), error
        return
    raise AssertionError("no fault")


@step("a wrong key is told")
def _():
    try:
        execute_rr("wrong", API, {"input1": FRAME}, {}, ["output1"])
    except AzmlException as error:
        assert "401" in str(error) or "Unauthorized" in str(error), error
        return
    raise AssertionError("let in")


@step("batch")
def _():
    found = execute_bes(
        KEY,
        API,
        "skyloom",
        ACCOUNT_KEY,
        "batch",
        blob_path_prefix="tests/",
        inputs={"input1": FRAME},
        params={},
        output_names=["output1"],
        nb_seconds_between_status_queries=0.2,
        requests_session=session(),
    )
    check(found)

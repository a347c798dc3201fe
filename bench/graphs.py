"""The graphs that are measured: scripts in environment `current`, over ten rows or a large table."""

from __future__ import annotations

import itertools

from skyloom.core.identity import Json

MODULE = "Execute Python Script"
TEN_ROWS = """\
import pandas as pd
def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"a": range(FRESH, FRESH + 10), "b": 0.5, "s": "x"})
"""
ADD_A_COLUMN = """\
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["c"] = dataframe1["a"] * FRESH
    return dataframe1,
"""
NEXT = """\
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["a"] = dataframe1["a"] + 1
    return dataframe1,
"""

_numbers = itertools.count(2)


def fresh(text: str) -> str:
    """The script with a number that no script had before: a result that is stored already costs nothing."""
    return text.replace("FRESH", str(next(_numbers)))


def script(text: str, source: str | None = None) -> Json:
    """A node that runs ``text``, over the first output of ``source`` if there is one; see ``fresh``.

    All else is as people have it who say nothing: results may be reused, and the node may be repeated.
    """
    node: dict[str, Json] = {
        "module": MODULE,
        "environment": "current",
        "parameters": {"Python Script": fresh(text)},
    }
    if source is not None:
        node["inputs"] = {"Dataset1": source}
    return node


def graph(name: str, nodes: dict[str, Json]) -> Json:
    return {"schema_version": 1, "name": name, "nodes": nodes}


def over_dataset(dataset: str, text: str) -> Json:
    """One fresh script over a stored dataset."""
    return graph(dataset, {"data": {"dataset": dataset}, "node": script(text, "data")})


def chain(nodes: int) -> Json:
    """The first makes ten fresh rows, every further one changes a column of them."""
    steps: dict[str, Json] = {"n0": script(TEN_ROWS)}
    steps |= {f"n{number}": script(NEXT, f"n{number - 1}") for number in range(1, nodes)}
    return graph("chain", steps)


def fan(nodes: int, dataset: str) -> Json:
    """So many side by side over one stored dataset; each writes another result."""
    steps: dict[str, Json] = {"data": {"dataset": dataset}}
    for number in range(nodes):
        steps[f"n{number}"] = script(ADD_A_COLUMN, "data")
    return graph("fan", steps)

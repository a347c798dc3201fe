"""What the variables of a failed script held is kept with the run, shown on demand."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands import Commands

FAILING = """
def share(part, whole):
    password = "hunter2"
    return part / whole

def azureml_main(dataframe1=None, dataframe2=None):
    total = 0
    return share(41, total),
"""


def test_the_values_of_a_failed_script_are_shown_on_demand(skyloom: Commands) -> None:
    script = skyloom.write("share.py", FAILING)
    ran = skyloom("script", "run", script, "--environment", "current", "--json")
    assert ran.json["problem"]["code"] == "S001"
    assert "hunter2" not in ran.out and "41" not in ran.json["problem"]["message"]
    shown = skyloom("runs", "show", ran.json["run"], "--locals").out
    assert "user_script.py:4 in share" in shown
    assert "    part: int = 41\n" in shown and "    whole: int = 0\n" in shown
    assert "hunter2" not in shown
    plain = skyloom("runs", "show", ran.json["run"])
    assert "part: int" not in plain.out + plain.err
    told = json.loads(
        Path(skyloom("runs", "show", ran.json["run"], "--json").json["nodes"]["script"]["locals"]).read_text()
    )
    assert [frame["function"] for frame in told["errors"][0]["frames"]] == ["azureml_main", "share"]

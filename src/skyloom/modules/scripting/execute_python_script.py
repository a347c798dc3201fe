"""Execute Python Script: the user's ``azureml_main``, carried out by ``skyloom.runner.python_script``."""

from __future__ import annotations

from skyloom.core.environment import PYTHON_VERSIONS
from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter

SAMPLE = """\
import pandas as pd


# Called once. Each dataset that is connected comes as a DataFrame, otherwise None is given.
# What a connected Script Bundle contains can be imported and lies in the folder "Script Bundle".
def azureml_main(dataframe1=None, dataframe2=None):
    # Printed lines are in the node's log; figures saved as PNG are among its images.
    print(f"First input:\\n{dataframe1}")

    # One DataFrame, or several in a tuple, one for each output.
    return (dataframe1,)
"""

SPEC = ModuleSpec(
    name="Execute Python Script",
    version="v1.1",
    category="Python Language",
    entry=ScriptEntry("python"),
    inputs=(
        InputPort("Dataset1", required=False, doc="The script's first argument."),
        InputPort("Dataset2", required=False, doc="The script's second argument."),
        InputPort("Script Bundle", ("Zip",), required=False, doc="Modules and files for the script."),
    ),
    outputs=(
        OutputPort("Result Dataset", doc="The first table that the script returns."),
        OutputPort(
            "Result Dataset2",
            doc="The second table that it returns; empty when linked and not returned.",
            optional=True,
        ),
    ),
    parameters=(
        Parameter(
            "Python Script",
            "script",
            SAMPLE,
            label="Python script",
            doc="Python with a function azureml_main.",
        ),
        Parameter(
            "R Script",
            "script",
            doc="Some exported graphs hold the Python text here; where given, it is the script.",
        ),
        Parameter(
            "Python Version",
            "choice",
            choices=tuple(PYTHON_VERSIONS),
            affects_result=False,  # the environment that is made of it counts by its own digest
            doc="Where no environment is named: `studio-2.7` or `studio-3.6`, if that Python is here.",
        ),
        Parameter(
            "Requirements",
            "script",
            "",
            affects_result=False,  # the environment that is made of it counts by its own digest
            doc="Packages for an environment of the script's own, as in requirements.txt.",
        ),
    ),
    further_outputs=True,
    family="cdb56f957f4c404dbde75bb972e6f232",
    doc="Runs a Python function over up to two datasets, in a sandbox.",
)

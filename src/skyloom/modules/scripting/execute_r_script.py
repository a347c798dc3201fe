"""Execute R Script: the user's script in R, carried out by ``skyloom.runner.r_script``."""

from __future__ import annotations

from skyloom.core.module import InputPort, ModuleSpec, OutputPort, ScriptEntry
from skyloom.core.parameter import Parameter

SAMPLE = """\
# Called once. Each dataset that is connected comes as a data frame, otherwise NULL is given.
# What a connected Script Bundle contains lies in the folder "Script Bundle", and in "src" as well.
azureml_main <- function(dataframe1, dataframe2) {
    # Printed lines are in the node's log; every plot is among its images.
    print(summary(dataframe1))

    # A data frame, or two in a list, one for each output.
    list(dataset1 = dataframe1, dataset2 = dataframe2)
}
"""

SPEC = ModuleSpec(
    name="Execute R Script",
    version="v2.0",
    category="R Language",
    entry=ScriptEntry("r"),
    inputs=(
        InputPort("Dataset1", required=False, doc="The script's first table; maml.mapInputPort(1)."),
        InputPort("Dataset2", required=False, doc="The script's second table; maml.mapInputPort(2)."),
        InputPort("Script Bundle", ("Zip",), required=False, doc="Scripts and files for the script."),
    ),
    outputs=(
        OutputPort("Result Dataset", doc="dataset1 of what azureml_main returns, or maml.mapOutputPort."),
        OutputPort("Result Dataset2", doc="dataset2; empty when linked and not returned.", optional=True),
    ),
    parameters=(
        Parameter(
            "R Script",
            "script",
            SAMPLE,
            label="R script",
            doc="R with a function azureml_main, or with maml.mapInputPort and maml.mapOutputPort.",
        ),
        Parameter(
            "Random Seed",
            "int",
            minimum=0,
            maximum=2**31 - 1,  # what set.seed takes; Studio named no end
            label="Random seed",
            doc="Handed to set.seed before the script begins.",
        ),
        Parameter(
            "R Version",
            "choice",
            choices=("CRAN R 3.1.0", "Microsoft R Open 3.2.2", "Microsoft R Open 3.5.1"),
            doc="Kept for old graphs: today's R runs them all; where given, sample() draws as before R 3.6.",
        ),
    ),
    family="30806023392b42e094d66b775a6e0fd5",
    doc="Runs a script in R over up to two datasets, in a sandbox. Needs R on the machine.",
)

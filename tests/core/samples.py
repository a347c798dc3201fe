"""Module definitions and the two worked stories, shared by the tests of this room."""

from __future__ import annotations

from skyloom.core.data_reference import DataReference, DatasetVersion
from skyloom.core.graph import DataNode, Edge, Graph, GraphInput, GraphOutput, ModuleNode, PortRef, Staging
from skyloom.core.identity import NodeId, digest_of
from skyloom.core.module import (
    CommandEntry,
    FunctionEntry,
    InputPort,
    ModuleSpec,
    OutputPort,
    PathOf,
    ScriptEntry,
)
from skyloom.core.parameter import Parameter, ParameterRef
from skyloom.core.serialize import spec_digest

SCRIPT = ModuleSpec(
    "Execute Python Script",
    "1",
    "Python Language",
    ScriptEntry("python"),
    inputs=(
        InputPort("Dataset1", required=False),
        InputPort("Dataset2", required=False),
        InputPort("Script Bundle", ("Zip",), required=False),
    ),
    outputs=(OutputPort("Result Dataset"), OutputPort("Result Dataset2")),
    parameters=(Parameter("Python Script", "script", required=True),),
    further_outputs=True,
)
SQL = ModuleSpec(
    "Apply SQL Transformation",
    "1",
    "Data Transformation",
    ScriptEntry("sql", ""),
    inputs=(InputPort("Table1"), InputPort("Table2", required=False), InputPort("Table3", required=False)),
    outputs=(OutputPort("Results dataset"),),
    parameters=(Parameter("SQL Query Script", "script", required=True),),
)
SPLIT = ModuleSpec(
    "Split Data",
    "2",
    "Sample and Split",
    FunctionEntry("skyloom.modules.sample_and_split.split_data:run"),
    inputs=(InputPort("Dataset"),),
    outputs=(OutputPort("Results dataset1"), OutputPort("Results dataset2")),
    parameters=(
        Parameter("Splitting mode", "choice", "Split Rows", choices=("Split Rows", "Regular Expression")),
        Parameter(
            "Fraction of rows",
            "float",
            0.5,
            minimum=0,
            maximum=1,
            shown_when=("Splitting mode", ("Split Rows",)),
        ),
        Parameter("Random seed", "int", 0, minimum=0),
    ),
)


class SampleCatalogue:
    """A palette of three modules."""

    def __init__(self, *specs: ModuleSpec) -> None:
        self._specs = specs or (SCRIPT, SQL, SPLIT)

    def find(self, name: str, version: str | None = None) -> ModuleSpec | None:
        return next((s for s in self._specs if s.name == name and version in (None, s.version)), None)

    def names(self) -> list[str]:
        return [spec.name for spec in self._specs]


def _ref(node: str, port: str) -> PortRef:
    return PortRef(NodeId(node), port)


def studio_story() -> Graph:
    """Pima rows and a bundle into a script, its frame into SQL, with web service ports at both ends."""
    script, sql = spec_digest(SCRIPT), spec_digest(SQL)
    main = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"
    return Graph(
        nodes=(
            DataNode(NodeId("pima"), DatasetVersion("Pima Indians Diabetes", 1)),
            DataNode(NodeId("hello.zip"), DatasetVersion("Hello.zip", 1), "Zip"),
            ModuleNode(NodeId("prep"), script, {"Python Script": main}, title="Prepare"),
            ModuleNode(NodeId("join"), sql, {"SQL Query Script": "select * from t1"}),
        ),
        edges=(
            Edge(_ref("pima", "data"), _ref("prep", "Dataset1")),
            Edge(_ref("hello.zip", "data"), _ref("prep", "Script Bundle")),
            Edge(_ref("prep", "Result Dataset"), _ref("join", "Table1")),
        ),
        modules={script: SCRIPT, sql: SQL},
        inputs=(GraphInput("input1", (_ref("prep", "Dataset1"),)),),
        outputs=(GraphOutput("output1", _ref("join", "Results dataset")),),
    )


def sdk_story() -> Graph:
    """Two command steps; the second reads what the first wrote and a pipeline parameter."""
    train = ModuleSpec(
        "train.py",
        "1",
        "Step",
        CommandEntry(
            digest_of("project"), ("train.py", "--in", PathOf("test_data"), "--out", PathOf("processed"))
        ),
        inputs=(InputPort("test_data", ("Any",)),),
        outputs=(OutputPort("processed", "Folder", "workspaceblobstore"),),
    )
    compare = ModuleSpec(
        "compare.py",
        "1",
        "Step",
        CommandEntry(
            digest_of("project"),
            ("compare.py", "--data", PathOf("processed"), "--param1", ParameterRef("pipeline_arg")),
        ),
        inputs=(InputPort("processed", ("Any",)),),
        outputs=(OutputPort("report", "File"),),
        parameters=(Parameter("pipeline_arg", "int"),),
    )
    first, second = spec_digest(train), spec_digest(compare)
    mount = Staging("mount")
    return Graph(
        nodes=(
            DataNode(
                NodeId("test_data"), DataReference("workspaceblobstore", "20newsgroups/20news.pkl"), "File"
            ),
            ModuleNode(NodeId("train"), first, compute="aml-compute"),
            ModuleNode(
                NodeId("compare"),
                second,
                {"pipeline_arg": ParameterRef("pipeline_arg")},
                compute="aml-compute",
                allow_reuse=False,
            ),
        ),
        edges=(
            Edge(_ref("test_data", "data"), _ref("train", "test_data"), mount),
            Edge(_ref("train", "processed"), _ref("compare", "processed"), mount),
        ),
        modules={first: train, second: compare},
        parameters=(Parameter("pipeline_arg", "int", 10),),
    )

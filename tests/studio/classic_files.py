"""Classic exports made up for tests, in the shapes that Export-AmlExperimentGraph writes (studio.md 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from skyloom.core.experiment import Foreign

BUILT_IN = "506153734175476c4f62416c57734963"
OWN = "3f1c5a0e9d7b4c2a8e6f00112233aabb"  # somebody's workspace
GUID = "7d3b1a52-9f0e-4c7d-8a61-1b2c3d4e5f60"

FAMILIES = {
    "enter": "4fbef0ab2c8e4a25b5c47be76eac33d6",
    "select": "1ec722fab6234e26a44ea50c6d726223",
    "clean": "d2c5ca2f732341a39b7eda917c99f0c4",
    "metadata": "370b6676c11c486fbf7335349f842a66",
    "split": "70530644c97a4ab685f788bf30a8be5f",
    "python": "cdb56f957f4c404dbde75bb972e6f232",
    "sql": "90381e8067c34d9987541db785b7ea37",
    "join": "124865f7e9014656adacf4cb08248099",
    "apply": "805e592d0f1f48eb97c9688ed0c1dc70",
    "unknown": "0123456789abcdef0123456789abcdef",
}


def selector(*names: str, encoded: bool = True, ui: bool = False) -> str:
    """A column picker's value by name."""
    rule = {"ruleType": "ColumnNames", "columns": list(names), "exclude": False}
    value: dict[str, Any] = {"isFilter": True, "rules": [rule]}
    if ui:
        value["ui"] = {"withRules": True}
    text = json.dumps(value)
    return quote(text, safe="") if encoded else text


@dataclass
class ClassicFile:
    """Built up piece by piece; ``text`` is the file."""

    name: str = "Adult income"
    quotes: str = "'"
    modules: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    positions: list[tuple[str, str]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    parameters: list[dict[str, Any]] = field(default_factory=list)
    publish_info: dict[str, list[str]] = field(
        default_factory=lambda: {"InputPortsForPublish": [], "OutputPortsForPublish": []}
    )
    more: dict[str, Any] = field(default_factory=dict)

    def module(
        self,
        node: str,
        kind: str,
        values: Mapping[str, str | None] | None = None,
        inputs: tuple[str, ...] = ("Dataset",),
        outputs: tuple[str, ...] = ("Results dataset",),
        comment: str = "",
        linked: Mapping[str, str] | None = None,
        batch: int = 1730,
    ) -> str:
        parameters = [
            {
                "Name": name,
                "Value": value,
                "ValueType": "Literal",
                "LinkedGlobalParameter": (linked or {}).get(name),
            }
            for name, value in (values or {}).items()
        ]
        family = FAMILIES.get(kind, kind)
        self.modules.append(
            {
                "Id": node,
                "ModuleId": f"{BUILT_IN}.{family}.v1-default-{batch}",
                "ModuleParameters": parameters,
                "InputPortsInternal": [
                    {
                        "DataSourceId": None,
                        "TrainedModelId": None,
                        "TransformModuleId": None,
                        "Name": name,
                        "NodeId": node,
                    }
                    for name in inputs
                ],
                "OutputPortsInternal": [
                    {"Name": name, "NodeId": node, "OutputType": None} for name in outputs
                ],
                "UsePreviousResults": True,
                "IsPartOfPartialRun": None,
                "Comment": comment,
                "CommentCollapsed": True,
            }
        )
        self.positions.append((node, f"{400 + 7 * len(self.modules)},{100 * len(self.modules)},200,200"))
        return node

    def asset(self, node: str, port: str, asset: str, key: str = "DataSourceId") -> str:
        """A dataset, model or transform into a port."""
        for module in self.modules:
            for one in module["InputPortsInternal"]:
                if (module["Id"], one["Name"]) == (node, port):
                    one[key] = asset
        if asset not in dict(self.positions):
            self.positions.append((asset, "10.5,20,200,200"))
        return asset

    def link(self, source: str, target: str) -> None:
        """``node:port`` to ``node:port``."""
        self.edges.append({"SourceOutputPortId": source, "DestinationInputPortId": target})

    @property
    def value(self) -> dict[str, Any]:
        q = self.quotes
        places = "".join(f"<NodePosition Node={q}{n}{q} Position={q}{p}{q}/>" for n, p in self.positions)
        data = (
            f"<?xml version={q}1.0{q} encoding={q}utf-16{q}?><DataV1 xmlns:xsi={q}urn:x{q}><Meta/>"
            f"<NodePositions>{places}</NodePositions><NodeGroups/></DataV1>"
        )
        return {
            "SchemaVersion": 3,
            "ExperimentId": f"{OWN}.f-id.00112233445566778899aabbccddeeff",
            "RunId": "f-id.1",
            "ParentExperimentId": None,
            "Summary": "Who earns\r\nmore",
            "Description": self.name,
            "Creator": "studio",
            "Category": "user",
            "Tags": [],
            "Etag": "W/\"datetime'2016-05-01T00%3A00%3A00.1234567Z'\"",
            "IsArchived": False,
            "Graph": {
                "ModuleNodes": self.modules,
                "SerializedClientData": data,
                "EdgesInternal": self.edges,
                "Parameters": [],
                "PublishInfo": self.publish_info,
            },
            "WebService": {
                "IsWebServiceExperiment": bool(self.inputs or self.outputs),
                "Inputs": self.inputs,
                "Outputs": self.outputs,
                "Parameters": self.parameters,
                "WebServiceGroupId": None,
            },
            "NodeStatuses": [
                {
                    "NodeId": module["Id"],
                    "Status": {"StatusCode": "Finished", "EndTime": "/Date(1462060800000)/"},
                    "OutputEndpoints": [
                        {"BaseUri": "https://x.invalid/", "AccessCredential": "?sv=1&sig=dead"}
                    ],
                }
                for module in self.modules
            ],
            "Status": {"StatusCode": "Finished", "StatusDetail": None},
            **self.more,
        }

    @property
    def text(self) -> str:
        return json.dumps(self.value, indent=2, ensure_ascii=False)

    @property
    def foreign(self) -> Foreign:
        return Foreign("classic", self.text)


def income_file() -> ClassicFile:
    """A dataset chosen from, cleaned, split, scripted; every odd corner of the format once."""
    file = ClassicFile()
    file.module(
        f"{GUID}-5", "select", {"Select Columns": selector("age", "income", ui=True)}, comment="keep two"
    )
    file.module(
        f"{GUID}-7",
        "clean",
        {
            "Columns to be cleaned": selector("age", encoded=False, ui=True),
            "Minimum missing value ratio": "0",
            "Maximum missing value ratio": "1",
            "Cleaning mode": "Replace with mean",
            "Cols with all missing values": "Propagate",
            "Generate missing value indicator column": "false",
        },
        outputs=("Cleaned dataset", "Cleaning transformation"),
    )
    file.module(
        "8a8b8c8d",
        "split",
        {
            "Splitting mode": "Split Rows",
            "Fraction of rows in the first output dataset": "0.75",
            "Randomized split": "True",
            "Random seed": "12",
            "Stratified split": "False",
        },
        outputs=("Results dataset1", "Results dataset2"),
        linked={"Random seed": "Seed"},
    )
    file.module(
        "script",
        "python",
        {
            "R Script": "def azureml_main(a, b=None):\r\n    return a,\r\n",
            "Python Version": "Anaconda 4.0/Python 3.5",
        },
        inputs=("Dataset1", "Dataset2", "Script Bundle"),
        outputs=("Result Dataset", "Python Device"),
    )
    file.module("odd", "unknown", {"Some setting": "5"}, inputs=("In",), outputs=("Out",))
    file.asset(f"{GUID}-5", "Dataset", f"{OWN}.aabbccddeeff00112233445566778899.v1")
    file.asset("script", "Script Bundle", f"{OWN}.99887766554433221100ffeeddccbbaa.v1")
    file.link(f"{GUID}-5:Results dataset", f"{GUID}-7:Dataset")
    file.link(f"{GUID}-7:Cleaned dataset", "8a8b8c8d:Dataset")
    file.link("8a8b8c8d:Results dataset2", "script:Dataset1")
    file.link("script:Result Dataset", "odd:In")
    file.inputs.append({"Id": "in-port", "PortId": f"{GUID}-5:Dataset", "Name": "input1"})
    file.outputs.append({"Id": "out-port", "PortId": "script:Result Dataset", "Name": "output1"})
    file.parameters.append(
        {
            "Name": "Seed",
            "Value": "12",
            "ParameterDefinition": {
                "Name": "Seed",
                "FriendlyName": "Random seed",
                "ParameterType": "Int",
                "DefaultValue": "7",
                "HasDefaultValue": True,
                "IsOptional": False,
                "ParameterRules": [{"Min": 0, "Max": 4294967295}],
            },
        }
    )
    return file

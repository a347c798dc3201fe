"""Web service definitions made up for tests (ARM, 2016-05-01-preview, package type Graph)."""

from __future__ import annotations

import json
from typing import Any

from tests.studio.classic_files import BUILT_IN, FAMILIES, selector

KEY = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
SIGNED = "https://store.blob.invalid/assets/model.ilearner?sv=2015&sr=b&sig=Abc%2Fdef%3D&se=2020"


def module_asset(name: str, kind: str, inputs: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "type": "Module",
        "locationInfo": {"uri": f"aml://module/{BUILT_IN}.{FAMILIES.get(kind, kind)}.v1-default-1730"},
        "inputPorts": {port: {"type": what} for port, what in inputs.items()},
        "outputPorts": {port: {"type": what} for port, what in outputs.items()},
        "parameters": [{"name": "Random seed", "parameterType": "Int"}],
    }


def resource_asset(name: str, kind: str, uri: str = SIGNED) -> dict[str, Any]:
    return {
        "name": name,
        "type": "Resource",
        "locationInfo": {"uri": uri},
        "outputPorts": {"data": {"type": kind}},
    }


def definition() -> dict[str, Any]:
    """Rows in, a script with a bundle, a split with a linked seed, an unknown module, rows out."""
    package = {
        "nodes": {
            "in": {"inputId": "input1"},
            "out": {"outputId": "output1"},
            "sample": {"assetId": "a-data"},
            "bundle": {"assetId": "a-zip"},
            "choose": {"assetId": "a-select", "parameters": {"Select Columns": selector("age")}},
            "script": {
                "assetId": "a-python",
                "parameters": {
                    "Python Script": {
                        "Value": "def azureml_main(a):\r\n    return a,",
                        "CertificateThumbprint": None,
                    },
                    "Python Version": "[concat('Anaconda 4.0/', parameters('pythonVersion'))]",
                },
            },
            "split": {
                "assetId": "a-split",
                "parameters": {"Splitting mode": "Split Rows", "Random seed": "3", "Randomized split": True},
            },
            "store": {
                "assetId": "a-export",
                "parameters": {
                    "Account Key": {"Value": "U2VjcmV0", "CertificateThumbprint": "A1B2"},
                    "Password": "hunter2",
                    "Server": "[reference(resourceId('x')).name]",
                },
            },
        },
        "edges": [
            {
                "sourceNodeId": "sample",
                "sourcePortId": "data",
                "targetNodeId": "choose",
                "targetPortId": "Dataset",
            },
            {"sourceNodeId": "in", "targetNodeId": "choose", "targetPortId": "Dataset"},
            {
                "sourceNodeId": "choose",
                "sourcePortId": "Results dataset",
                "targetNodeId": "script",
                "targetPortId": "Dataset1",
            },
            {
                "sourceNodeId": "bundle",
                "sourcePortId": "data",
                "targetNodeId": "script",
                "targetPortId": "Script Bundle",
            },
            {
                "sourceNodeId": "script",
                "sourcePortId": "Result Dataset",
                "targetNodeId": "split",
                "targetPortId": "Dataset",
            },
            {
                "sourceNodeId": "split",
                "sourcePortId": "Results dataset1",
                "targetNodeId": "store",
                "targetPortId": "In",
            },
            {"sourceNodeId": "split", "sourcePortId": "Results dataset1", "targetNodeId": "out"},
        ],
        "graphParameters": {
            "Seed": {
                "description": "of the split",
                "type": "Int",
                "links": [{"nodeId": "split", "parameterKey": "Random seed"}],
            }
        },
    }
    properties = {
        "title": "Adult service",
        "description": "who earns more",
        "packageType": "Graph",
        "package": package,
        "assets": {
            "a-data": resource_asset("Adult sample", "Dataset"),
            "a-zip": resource_asset("Helpers.zip", "Zip"),
            "a-select": module_asset(
                "Select Columns in Dataset", "select", {"Dataset": "Dataset"}, {"Results dataset": "Dataset"}
            ),
            "a-python": module_asset(
                "Execute Python Script",
                "python",
                {"Dataset1": "Dataset", "Dataset2": "Dataset", "Script Bundle": "Zip"},
                {"Result Dataset": "Dataset", "Python Device": "Dataset"},
            ),
            "a-split": module_asset(
                "Split Data",
                "split",
                {"Dataset": "Dataset"},
                {"Results dataset1": "Dataset", "Results dataset2": "Dataset"},
            ),
            "a-export": module_asset("Export to Nowhere", "unknown", {"In": "Dataset"}, {}),
        },
        "parameters": {"Seed": {"type": "Int", "value": "42"}},
        "keys": {"primary": KEY, "secondary": KEY[::-1]},
        "storageAccount": {"name": "store", "key": KEY},
        "commitmentPlan": {"id": "[parameters('planId')]"},
        "exampleRequest": {"inputs": {"input1": [[39]]}, "globalParameters": {"Seed": 42}},
    }
    return {
        "$schema": "https://schema.invalid/deploymentTemplate.json#",
        "parameters": {
            "pythonVersion": {"type": "string", "defaultValue": "Python 3.5"},
            "planId": {"type": "string"},
            "adminPassword": {"type": "securestring", "defaultValue": "tiger"},
        },
        "variables": {},
        "resources": [
            {
                "type": "Microsoft.MachineLearning/webServices",
                "apiVersion": "2016-05-01-preview",
                "name": "[concat('adult', '-svc')]",
                "properties": properties,
            }
        ],
    }


SECRETS = (KEY, KEY[::-1], "Abc%2Fdef%3D", "U2VjcmV0", "hunter2", "tiger")


def capitalised(value: Any) -> Any:
    """Every key that the format itself has with a large first letter; names stay."""
    if isinstance(value, dict):
        names = {"nodes", "assets", "graphParameters", "inputPorts", "outputPorts", "parameters", "variables"}
        return {
            key[:1].upper() + key[1:]: (
                {name: capitalised(part) for name, part in inner.items()}
                if key in names and isinstance(inner, dict)
                else capitalised(inner)
            )
            for key, inner in value.items()
        }
    return [capitalised(one) for one in value] if isinstance(value, list) else value


def text_of(value: Any) -> str:
    return json.dumps(value, indent=1)

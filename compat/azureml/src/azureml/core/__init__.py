"""``azureml.core``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.compute import ComputeTarget
from skyloom.sdk.container_registry import ContainerRegistry
from skyloom.sdk.dataset import Dataset
from skyloom.sdk.datastore import Datastore
from skyloom.sdk.environment import Environment
from skyloom.sdk.experiment import Experiment
from skyloom.sdk.keyvault import Keyvault
from skyloom.sdk.model import Model
from skyloom.sdk.not_built import (
    LinkedService,
    Webservice,
)
from skyloom.sdk.run import Run
from skyloom.sdk.run_lookup import ScriptRun, get_run
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.script_run_config import ScriptRunConfig
from skyloom.sdk.version import VERSION
from skyloom.sdk.workspace import Workspace

__all__ = [
    "VERSION",
    "ComputeTarget",
    "ContainerRegistry",
    "Dataset",
    "Datastore",
    "Environment",
    "Experiment",
    "Keyvault",
    "LinkedService",
    "Model",
    "Run",
    "RunConfiguration",
    "ScriptRun",
    "ScriptRunConfig",
    "Webservice",
    "Workspace",
    "get_run",
]

"""``azureml.pipeline.steps``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.estimator_step import EstimatorStep
from skyloom.sdk.hyperdrive.run import HyperDriveStepRun
from skyloom.sdk.hyperdrive.step import HyperDriveStep
from skyloom.sdk.not_built import AutoMLStep, AutoMLStepRun
from skyloom.sdk.steps.adla import AdlaStep
from skyloom.sdk.steps.azure_batch import AzureBatchStep
from skyloom.sdk.steps.data_transfer import DataTransferStep
from skyloom.sdk.steps.databricks import DatabricksStep
from skyloom.sdk.steps.kusto import KustoStep
from skyloom.sdk.steps.module_step import ModuleStep
from skyloom.sdk.steps.mpi import MpiStep
from skyloom.sdk.steps.parallel_run import ParallelRunConfig, ParallelRunStep
from skyloom.sdk.steps.python_script import CommandStep, PythonScriptStep
from skyloom.sdk.steps.r_script import RScriptStep
from skyloom.sdk.steps.synapse_spark import SynapseSparkStep

__all__ = [
    "AdlaStep",
    "AutoMLStep",
    "AutoMLStepRun",
    "AzureBatchStep",
    "CommandStep",
    "DataTransferStep",
    "DatabricksStep",
    "EstimatorStep",
    "HyperDriveStep",
    "HyperDriveStepRun",
    "KustoStep",
    "ModuleStep",
    "MpiStep",
    "ParallelRunConfig",
    "ParallelRunStep",
    "PythonScriptStep",
    "RScriptStep",
    "SynapseSparkStep",
]

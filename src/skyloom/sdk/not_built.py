"""Every name of SDK v1 that imports and is not built yet, with what to use instead. Source: sdk.md 2, 19."""

from __future__ import annotations

from typing import Any

from skyloom.sdk.unbuilt import unbuilt

_DATA = "Upload files to a datastore and give steps a DataReference."
_OUTPUT = "Use a PipelineData or an OutputFileDatasetConfig as the step's output."
_TUNE = "Try models and their values with a HyperDriveStep or a HyperDriveConfig."
_SERVICE = (
    "Load the model in a step (Model.get_model_path), or make a web service of an experiment with "
    "'skyloom endpoint publish'."
)
_OPEN_DATA = "Download the data once, register it as a dataset, and read that."

INSTEAD: dict[str, str] = {
    **dict.fromkeys(("LinkedService", "SynapseWorkspaceLinkedServiceConfiguration"), _DATA),
    **dict.fromkeys(
        (
            "LinkFileOutputDatasetConfig", "LinkTabularOutputDatasetConfig",
            "PipelineDataset",
        ),
        _OUTPUT,
    ),
    **dict.fromkeys(
        (
            "AutoMLConfig", "AutoMLRun", "AutoMLStep", "AutoMLStepRun", "FeaturizationConfig",
            "ForecastingParameters",
        ),
        _TUNE,
    ),
    **dict.fromkeys(
        (
            "AciWebservice", "AksWebservice", "ContainerImage", "Image", "InferenceConfig", "LocalWebservice",
            "Webservice",
        ),
        _SERVICE,
    ),
    **dict.fromkeys(
        (
            "Diabetes", "MNIST", "NoaaIsdWeather", "NycTlcGreen", "NycTlcYellow", "OjSalesSimulated",
            "PublicHolidays",
        ),
        _OPEN_DATA,
    ),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Make the stand-in for a name when it is first imported."""
    if name not in INSTEAD:
        raise AttributeError(name)
    made = globals()[name] = unbuilt(name, INSTEAD[name])
    return made

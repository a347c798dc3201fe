"""``azureml.automl.core.forecasting_parameters``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import ForecastingParameters

__all__ = [
    "ForecastingParameters",
]

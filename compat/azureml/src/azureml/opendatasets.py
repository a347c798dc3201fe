"""``azureml.opendatasets``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.not_built import (
    Diabetes,
    MNIST,
    NoaaIsdWeather,
    NycTlcGreen,
    NycTlcYellow,
    OjSalesSimulated,
    PublicHolidays,
)

__all__ = [
    "Diabetes",
    "MNIST",
    "NoaaIsdWeather",
    "NycTlcGreen",
    "NycTlcYellow",
    "OjSalesSimulated",
    "PublicHolidays",
]

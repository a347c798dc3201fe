"""``azureml.pipeline.core.schedule``: names of SDK v1, from skyloom.sdk."""

from skyloom.sdk.schedule import Schedule, ScheduleRecurrence
from skyloom.sdk.time_zone import TimeZone

__all__ = [
    "Schedule",
    "ScheduleRecurrence",
    "TimeZone",
]

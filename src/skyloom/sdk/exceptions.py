"""``azureml.exceptions``: the old classes, with the ``message`` that notebooks print. Source: sdk.md 3."""

from __future__ import annotations

from typing import Any

from skyloom.core.problem import Problem, ProblemError


class AzureMLException(Exception):
    """Root of all. ``problem`` is ours: code, message, place and what to do."""

    def __init__(
        self, exception_message: str = "", inner_exception: BaseException | None = None, **_: Any
    ) -> None:
        self.message = exception_message
        self.inner_exception = inner_exception
        self.problem: Problem | None = None
        super().__init__(exception_message)

    def __str__(self) -> str:
        lines = (f"Message: {self.message}", f"InnerException {self.inner_exception}", "ErrorResponse \n{}")
        return "\n\t".join((f"{type(self).__name__}:", *lines))


class TrainingException(AzureMLException):
    """A training run went wrong."""


class ExperimentExecutionException(AzureMLException):
    """Waiting for a run was given up; the run goes on."""


class ProjectSystemException(AzureMLException):
    """The workspace cannot be used."""


class SnapshotException(AzureMLException):
    """A source directory cannot be sent."""


class RunEnvironmentException(AzureMLException):
    """There is no run around this code."""


class WorkspaceException(AzureMLException):
    """There is no such workspace, or one already."""


class WorkspacePrivateEndpointException(AzureMLException):
    """Never raised here; kept for code that catches it."""


class ComputeTargetException(AzureMLException):
    """There is no such compute target, or it cannot be managed so."""


class UserErrorException(AzureMLException):
    """What was asked for does not make sense."""


class AuthenticationException(UserErrorException):
    """The credentials do not open the door."""


class RunConfigurationException(AzureMLException):
    """A run configuration does not read."""


class WebserviceException(AzureMLException):
    """A web service or model cannot be had."""

    def __init__(self, exception_message: str = "", status_code: int | None = None, **more: Any) -> None:
        super().__init__(exception_message, **more)
        self.status_code = status_code


class ModelNotFoundException(AzureMLException):
    """There is no such model."""


class ModelPathNotFoundException(AzureMLException):
    """The model's file is not among the run's."""


class ActivityFailedException(AzureMLException):
    """A run failed; ``error_details`` says how, as JSON text."""

    def __init__(self, error_details: Any = None, **more: Any) -> None:
        super().__init__(f"Activity Failed:\n{error_details}", **more)
        self.error_details = error_details


class ActivityCanceledException(AzureMLException):
    """A run was canceled."""


class DatasetTimestampMissingError(AzureMLException):
    """A dataset has no timestamp column."""


class ParallelRunException(AzureMLException):
    """A parallel run step is set up in a way that cannot work."""


class DiscoveryUrlNotFoundException(AzureMLException):
    """Never raised here; kept for code that catches it."""


class NotBuiltError(UserErrorException, NotImplementedError):
    """Something of SDK v1 that Skyloom does not have (yet); says what to use instead (P190)."""


def from_problem(error: ProblemError, kind: type[AzureMLException] = UserErrorException) -> AzureMLException:
    """Our problem as an exception of the old kind, with its fix in the message."""
    told = kind("\n".join(str(problem) for problem in error.problems))
    told.problem = error.problem
    return told

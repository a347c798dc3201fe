"""Estimator and those of the frameworks: a script with its packages, as one object. Source: sdk.md 9."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.exceptions import TrainingException, UserErrorException
from skyloom.sdk.runconfig import MpiConfiguration, RunConfiguration
from skyloom.sdk.script_run_config import data_in, script_words
from skyloom.sdk.steps.script_step import ScriptStep

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment


class Mpi(MpiConfiguration):
    """The backend of scripts whose processes speak MPI."""

    def __init__(self, process_count_per_node: int = 1) -> None:
        super().__init__(process_count_per_node=process_count_per_node)


class ParameterServer:
    """The backend of TensorFlow's parameter servers."""

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count


class Estimator:
    """A script, its parameters, and the packages and processes that it needs.

    Raises
    ------
    UserErrorException
        The entry script is missing or not there.
    """

    is_submittable = True  # by Experiment.submit
    framework = ""
    packages: tuple[str, ...] = ()  # beside those that are asked for

    def __init__(
        self,
        source_directory: str,
        *,
        compute_target: Any = None,
        vm_size: str | None = None,
        vm_priority: str | None = None,
        entry_script: str | None = None,
        script_params: Mapping[str, Any] | None = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_backend: Any = None,
        distributed_training: Any = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_image: str | None = None,
        custom_docker_base_image: str | None = None,
        image_registry_details: Any = None,
        user_managed: bool = False,
        conda_packages: Sequence[str] | None = None,
        pip_packages: Sequence[str] | None = None,
        conda_dependencies_file: str | None = None,
        conda_dependencies_file_path: str | None = None,
        pip_requirements_file: str | None = None,
        pip_requirements_file_path: str | None = None,
        environment_variables: Mapping[str, str] | None = None,
        environment_definition: Any = None,
        inputs: Sequence[Any] | None = None,
        source_directory_data_store: Any = None,
        shm_size: str | None = None,
        resume_from: Any = None,
        max_run_duration_seconds: int | None = None,
        framework_version: str | None = None,
        **_: Any,
    ) -> None:
        if not entry_script:
            raise UserErrorException("An estimator needs its entry_script.")
        if not os.path.isfile(os.path.join(source_directory, entry_script)):
            raise UserErrorException(
                f"The entry script '{entry_script}' is not in the source directory '{source_directory}'."
            )
        self.source_directory = source_directory
        self.entry_script = entry_script
        self.script_params = dict(script_params or {})
        self.inputs = list(inputs or ())
        self.framework_version = framework_version
        self.max_run_duration_seconds = max_run_duration_seconds
        self._compute_target = compute_target
        config: Any = RunConfiguration()
        self.run_config = config
        config.script = entry_script
        config.node_count = node_count
        config.environment_variables = dict(environment_variables or {})
        if compute_target is not None:
            config.target = compute_target
        self._set_processes(distributed_training or distributed_backend, process_count_per_node)
        if environment_definition is not None:
            config.environment = environment_definition
            return
        config.environment.docker.base_image = custom_docker_image or custom_docker_base_image
        config.environment.python.user_managed_dependencies = user_managed
        config.environment.python.conda_dependencies = self._dependencies(
            conda_packages,
            pip_packages,
            conda_dependencies_file or conda_dependencies_file_path,
            pip_requirements_file or pip_requirements_file_path,
        )

    @property
    def conda_dependencies(self) -> Any:
        return self.run_config.environment.python.conda_dependencies

    def _set_processes(self, backend: Any, count: int) -> None:
        config = self.run_config
        wants_mpi = isinstance(backend, MpiConfiguration) or backend == "mpi"
        if wants_mpi or (backend is None and count > 1):
            count = getattr(backend, "process_count_per_node", count)
            config.communicator = "OpenMpi"
            config.mpi = MpiConfiguration(count, config.node_count)

    def _dependencies(
        self,
        conda: Sequence[str] | None,
        pip: Sequence[str] | None,
        conda_file: str | None,
        pip_file: str | None,
    ) -> CondaDependencies | None:
        """None when nothing is asked for: the default environment."""
        own = [self._versioned(name) for name in self.packages]
        if conda_file is not None:
            found = CondaDependencies(os.path.join(self.source_directory, conda_file))
        elif own or conda or pip or pip_file:
            found = CondaDependencies.create(pip_packages=[], conda_packages=list(conda or ()))
        else:
            return None
        for line in (*own, *(pip or ()), *_lines(self.source_directory, pip_file)):
            found.add_pip_package(line)
        return found

    def _versioned(self, name: str) -> str:
        main = name == self.packages[0]
        return f"{name}=={self.framework_version}" if main and self.framework_version else name

    def step(self, arguments: Sequence[Any] = ()) -> ScriptStep:
        """The one step that the run is."""
        words = [self.entry_script, *script_words(self.script_params), *arguments]
        return ScriptStep(
            self.entry_script, words, data_in([*self.inputs, *words]), self.run_config, self.source_directory
        )

    def _submit_to(self, experiment: Experiment, **more: Any) -> Any:
        """Start the script as a run of its own; called by Experiment.submit."""
        return experiment.workspace._submit_script(
            experiment,
            self.step(),
            display_name=more.get("display_name"),
            tags=more.get("tags"),
            timeout_s=self.max_run_duration_seconds,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source_directory!r}, entry_script={self.entry_script!r})"


class PyTorch(Estimator):
    """A script for PyTorch."""

    framework, packages = "PyTorch", ("torch", "torchvision")


class TensorFlow(Estimator):
    """A script for TensorFlow."""

    framework, packages = "TensorFlow", ("tensorflow",)


class Keras(Estimator):
    """A script for Keras."""

    framework, packages = "Keras", ("keras", "tensorflow")


class SKLearn(Estimator):
    """A script for scikit-learn."""

    framework, packages = "SKLearn", ("scikit-learn", "scipy", "joblib")


class Chainer(Estimator):
    """A script for Chainer, whose packages are no longer made: say in which environment it is to run."""

    framework = "Chainer"

    def __init__(self, source_directory: str, *, environment_definition: Any = None, **more: Any) -> None:
        if environment_definition is None:
            raise TrainingException(
                "Chainer has no packages for today's Python; pass environment_definition."
            )
        super().__init__(source_directory, environment_definition=environment_definition, **more)


def _lines(folder: str, file: str | None) -> list[str]:
    if file is None:
        return []
    with open(os.path.join(folder, file), encoding="utf-8") as text:
        return [line.strip() for line in text if line.strip() and not line.startswith("#")]

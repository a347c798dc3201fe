"""RunConfiguration and what belongs to it: plain trees that old code sets attributes on. Source: sdk.md 9."""

from __future__ import annotations

from typing import Any

from skyloom.core.image_wish import DEFAULT_CPU_IMAGE
from skyloom.sdk.conda_dependencies import CondaDependencies
from skyloom.sdk.environment import DEFAULT_GPU_IMAGE, DEFAULT_NAME, Environment
from skyloom.sdk.permissive import Section

__all__ = ["DEFAULT_CPU_IMAGE", "DEFAULT_GPU_IMAGE", "CondaDependencies", "RunConfiguration"]


class DockerConfiguration(Section):
    """Kept; steps run in boxes of ours, not in containers."""

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: list[str] | None = None,
        shm_size: str = "2g",
    ) -> None:
        super().__init__(
            use_docker=use_docker, shared_volumes=shared_volumes, arguments=arguments or [], shm_size=shm_size
        )


class MpiConfiguration(Section):
    """How many processes a node would start."""

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        super().__init__(process_count_per_node=process_count_per_node, node_count=node_count)


class TensorflowConfiguration(Section):
    """Workers and parameter servers."""

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        super().__init__(worker_count=worker_count, parameter_server_count=parameter_server_count)


class PyTorchConfiguration(Section):
    """Processes and nodes."""

    def __init__(
        self, communication_backend: str = "Nccl", process_count: int | None = None, node_count: int = 1
    ) -> None:
        super().__init__(
            communication_backend=communication_backend, process_count=process_count, node_count=node_count
        )


class SparkConfiguration(Section):
    """Settings of a Spark session."""

    def __init__(self, configuration: dict[str, str] | None = None) -> None:
        super().__init__(configuration=configuration or {})


class DataReferenceConfiguration(Section):
    """A data reference inside a run configuration."""

    def __init__(
        self,
        datastore_name: str | None = None,
        mode: str = "mount",
        path_on_datastore: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(
            data_store_name=datastore_name,
            mode=mode,
            path_on_data_store=path_on_datastore,
            path_on_compute=path_on_compute,
            overwrite=overwrite,
        )


class RunConfiguration(Section):
    """Where and with what a script runs.

    ``target`` "local" and none mean this machine, which the old SDK refused for steps.
    """

    def __init__(
        self,
        script: str | None = None,
        arguments: list[Any] | None = None,
        framework: str | None = None,
        communicator: str | None = None,
        conda_dependencies: CondaDependencies | None = None,
        _history_enabled: Any = None,
        _path: Any = None,
        _name: str | None = None,
        command: Any = None,
        **_: Any,
    ) -> None:
        environment: Any = Environment(DEFAULT_NAME)
        environment.python.conda_dependencies = conda_dependencies
        super().__init__(
            script=script,
            arguments=arguments or [],
            command=command,
            framework=framework or "Python",
            communicator=communicator or "None",
            _target="local",
            node_count=1,
            environment=environment,
            docker=DockerConfiguration(),
            environment_variables={},
            data_references={},
            data={},
            output_data={},
            mpi=MpiConfiguration(),
            tensorflow=TensorflowConfiguration(),
            pytorch=PyTorchConfiguration(),
            spark=SparkConfiguration(),
            history=Section(output_collection=True, directories_to_watch=["logs"], snapshot_project=True),
            max_run_duration_seconds=None,
            priority=None,
            amlcompute=Section(vm_size=None, vm_priority=None, cluster_max_node_count=1),
            source_directory_data_store=None,
            auto_prepare_environment=True,
            hdi=Section(yarn_deploy_mode="cluster"),
        )

    @property
    def target(self) -> str:
        """Name of the compute target."""
        return str(self.__dict__["_target"])

    @target.setter
    def target(self, target: Any) -> None:
        self.__dict__["_target"] = target if isinstance(target, str) else target.name

    @staticmethod
    def load(path: str, name: str | None = None) -> RunConfiguration:
        """A file, or the one of that name below ``.azureml`` of a folder.

        Raises
        ------
        UserErrorException
            There is none.
        """
        from skyloom.sdk.runconfig_file import load_into

        made = RunConfiguration()
        load_into(made, path, name)
        return made

    def save(
        self, path: str | None = None, name: str | None = None, separate_environment_yaml: bool = False
    ) -> None:
        """Write ``.azureml/NAME.runconfig`` below a folder, or the file that is given."""
        from skyloom.sdk.runconfig_file import save

        save(self, path, name, separate_environment_yaml)

"""Dataset: the factories, and datasets by name and id. Source: sdk.md 6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from skyloom.core.data_api import RegisteredDataset
from skyloom.core.problem import ProblemError
from skyloom.sdk.abstract_dataset import AbstractDataset
from skyloom.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.file_dataset import FileDataset
from skyloom.sdk.tabular_dataset import TabularDataset
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace


class Dataset:
    """Where datasets come from."""

    Tabular = TabularDatasetFactory
    File = FileDatasetFactory

    @staticmethod
    def get_by_name(workspace: Workspace, name: str, version: int | str = "latest") -> Any:
        """A registered dataset; UserErrorException when there is none."""
        versions = workspace._api.registered_datasets(name)
        wanted = [one for one in versions if version == "latest" or str(one.version) == str(version)]
        if not wanted:
            known = ", ".join(one.name for one in workspace._api.registered_datasets()) or "none"
            what = f" version {version}" if versions else ""
            raise UserErrorException(
                f"Cannot find dataset registered with name '{name}'{what}. The workspace has: {known}."
            )
        return dataset_of(workspace, wanted[0])

    @staticmethod
    def get_by_id(workspace: Workspace, id: str, **_: Any) -> Any:
        """A dataset by the id of its definition; UserErrorException when there is none."""
        try:
            definition = workspace._api.dataset_definition(id)
        except ProblemError as error:
            raise from_problem(error) from error
        return _kind(definition)(definition, workspace)

    @staticmethod
    def get_all(workspace: Workspace) -> Mapping[str, Any]:
        """Every registered dataset by its name, the newest version."""
        return RegisteredDatasets(workspace)

    @staticmethod
    def get(workspace: Workspace, name: str | None = None, id: str | None = None) -> Any:
        """The oldest way to a registered dataset."""
        return Dataset.get_by_name(workspace, name) if name else Dataset.get_by_id(workspace, str(id))

    @staticmethod
    def auto_read_files(path: Any, include_path: bool = False, **_: Any) -> TabularDataset:
        """Delimited files, as the oldest way guessed them."""
        return TabularDatasetFactory.from_delimited_files(path, include_path=include_path)

    @staticmethod
    def from_delimited_files(path: Any, **more: Any) -> TabularDataset:
        return TabularDatasetFactory.from_delimited_files(path, **more)

    @staticmethod
    def from_pandas_dataframe(*_: Any, **__: Any) -> NoReturn:
        refuse("Dataset.from_pandas_dataframe", "Use Dataset.Tabular.register_pandas_dataframe.")


class RegisteredDatasets(Mapping[str, Any]):
    """``ws.datasets``: looked up when asked, so what was registered a moment ago is there (trap 8)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getitem__(self, name: str) -> Any:
        found = self._workspace._api.registered_datasets(name)
        if not found:
            raise KeyError(name)
        return dataset_of(self._workspace, found[0])

    def __iter__(self) -> Iterator[str]:
        return iter([one.name for one in self._workspace._api.registered_datasets()])

    def __len__(self) -> int:
        return len(self._workspace._api.registered_datasets())


def dataset_of(workspace: Workspace, registered: RegisteredDataset) -> Any:
    """A registered dataset as an object."""
    return _kind(registered.definition)(registered.definition, workspace, registered)


def _kind(definition: Mapping[str, Any]) -> type[AbstractDataset]:
    return TabularDataset if definition.get("kind") == "tabular" else FileDataset

"""What FileDataset and TabularDataset share: definition, id, names in a workspace. Source: sdk.md 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from skyloom.core.data_api import DataApi, RegisteredDataset
from skyloom.core.dataset_definition import definition_id
from skyloom.core.problem import ProblemError
from skyloom.sdk.dataset_consumption_config import DatasetConsumptionConfig
from skyloom.sdk.exceptions import UserErrorException, from_problem

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace


class AbstractDataset:
    """A lazy dataset: nothing is read before it is asked for.

    ``id`` follows from the definition, so that it is known at once, and is the same for the same definition.
    """

    def __init__(
        self,
        definition: Mapping[str, Any],
        workspace: Workspace | None = None,
        registered: RegisteredDataset | None = None,
    ) -> None:
        self._definition: Mapping[str, Any] = dict(definition)
        self._workspace = workspace
        self._registered = registered

    def _another(self, definition: Mapping[str, Any]) -> Self:
        return type(self)(definition, self._workspace)

    @property
    def _api(self) -> DataApi:
        """The workspace's agent; of a dataset without a workspace, that of this machine's home."""
        if self._workspace is not None:
            return self._workspace._api
        from skyloom.client.home import workspace_home
        from skyloom.sdk.homes import open_home

        return open_home(workspace_home())

    # --- what it is ---------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return definition_id(self._definition)

    @property
    def name(self) -> str | None:
        return self._registered.name if self._registered else None

    @property
    def version(self) -> int | None:
        return self._registered.version if self._registered else None

    @property
    def description(self) -> str | None:
        return self._registered.description if self._registered else None

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._registered.tags) if self._registered else {}

    @property
    def partition_keys(self) -> list[str]:
        """Columns that come from the path, by the partition format."""
        pattern = self._definition.get("partition_format")
        if not pattern:
            return []
        from skyloom.data.partition_format import PartitionFormat

        return PartitionFormat(str(pattern)).names

    @property
    def data_changed_time(self) -> Any:
        """Not watched: None."""
        return None

    # --- names --------------------------------------------------------------------------------------------

    def register(
        self,
        workspace: Workspace,
        name: str,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        create_new_version: bool = False,
        **_: Any,
    ) -> Self:
        """Give the definition a name in a workspace.

        Raises
        ------
        UserErrorException
            The name is taken and no new version is asked for, or the same definition has another name (P241).
        """
        given = {str(key): str(value) for key, value in (tags or {}).items()}
        try:
            kept = workspace._api.register_definition(
                name, self._definition, description or "", given, create_new_version
            )
        except ProblemError as error:
            raise from_problem(error) from error
        return type(self)(self._definition, workspace, kept)

    def unregister_all_versions(self) -> None:
        """Forget the name; the files stay."""
        self._told(lambda: self._api.forget_dataset(self._named().name))
        self._registered = None

    def update(self, description: str | None = None, tags: Mapping[str, str] | None = None) -> Self:
        known = self._named()
        kept = self._told(
            lambda: self._api.change_definition_notes(
                known.name,
                known.version,
                known.description if description is None else description,
                dict(known.tags) if tags is None else {key: str(value) for key, value in tags.items()},
            )
        )
        self._registered = kept
        return self

    def add_tags(self, tags: Mapping[str, str]) -> Self:
        return self.update(tags={**self.tags, **tags})

    def remove_tags(self, tags: list[str]) -> Self:
        return self.update(tags={key: value for key, value in self.tags.items() if key not in tags})

    def as_named_input(self, name: str) -> DatasetConsumptionConfig:
        """The dataset as an input of a step."""
        return DatasetConsumptionConfig(name, self)

    def _named(self) -> RegisteredDataset:
        if self._registered is None:
            raise UserErrorException("The dataset has no name: register it first.")
        return self._registered

    def _told(self, ask: Any) -> Any:
        try:
            return ask()
        except ProblemError as error:
            raise from_problem(error) from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbstractDataset) and self._definition == other._definition

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        named = f" {self.name!r} version {self.version}" if self._registered else ""
        return f"<{type(self).__name__}{named} {self.id}>"

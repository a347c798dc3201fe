"""Keyvault: secrets of a workspace by name. Source: sdk.md 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from skyloom.core.problem import ProblemError
from skyloom.sdk.exceptions import from_problem

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace


class Keyvault:
    """Got by ``ws.get_default_keyvault()``; steps get a secret by ``Run.get_secret(name)``.

    Raises
    ------
    UserErrorException
        W240 there is no secret of that name; W241 it cannot be kept.
    """

    def __init__(self, workspace: Workspace, **_: Any) -> None:
        self.workspace = workspace

    def set_secret(self, name: str, value: str) -> None:
        self.set_secrets({name: value})

    def set_secrets(self, secrets_batch: Mapping[str, str]) -> None:
        """Keep all of them, in place of those of the same names."""
        secrets = {str(name): str(value) for name, value in secrets_batch.items()}
        _told(lambda: self.workspace._api.put_secrets(secrets))

    def get_secret(self, name: str) -> str:
        return str(_told(lambda: self.workspace._api.secret(name)))

    def get_secrets(self, secrets: Iterable[str]) -> dict[str, str | None]:
        """Each by its name; None for one that is not there."""
        names = list(secrets)
        known = set(_told(self.workspace._api.secret_names))
        return {name: self.get_secret(name) if name in known else None for name in names}

    def delete_secret(self, name: str) -> None:
        _told(lambda: self.workspace._api.forget_secret(name))

    def delete_secrets(self, secrets: Iterable[str]) -> None:
        for name in secrets:
            self.delete_secret(name)

    def list_secrets(self) -> list[str]:
        """Names; values are had one by one."""
        return list(_told(self.workspace._api.secret_names))

    def __repr__(self) -> str:
        return f"Keyvault(workspace={self.workspace!r})"


def _told(ask: Any) -> Any:
    try:
        return ask()
    except ProblemError as error:
        raise from_problem(error) from None

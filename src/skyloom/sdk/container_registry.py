"""ContainerRegistry: where an image would come from; images have no effect here. Source: sdk.md 2, 9."""

from __future__ import annotations

from skyloom.sdk.permissive import Section


class ContainerRegistry(Section):
    """Address and credentials."""

    def __init__(
        self, address: str | None = None, username: str | None = None, password: str | None = None
    ) -> None:
        super().__init__(address=address, username=username, password=password, registry_identity=None)

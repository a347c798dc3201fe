"""The store through which content comes to nodes that do not see the workspace's files, and goes back."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.compute.ray.parcel import Exchange, FolderExchange
from skyloom.core.datastore import Datastore
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.azure_blob import connect_blob
from skyloom.stores.remote_files import RemoteFiles
from skyloom.stores.s3 import connect_s3
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.web_address import AllowedHosts


def exchange_of(store: Datastore, secrets: Mapping[str, str], allowed: AllowedHosts) -> Exchange:
    """A registered datastore as an exchange; on a node as in the agent.

    Raises
    ------
    ProblemError
        C145: such a store cannot be one.
    """
    words = SecretWords()
    words.learn(secrets.values())
    match store.kind:
        case "LocalFolder":
            return FolderExchange(store.settings["path"])
        case "S3":
            root = store.settings["bucket"]
            return RemoteFiles(store.name, lambda: connect_s3(store, secrets, allowed), root, words)
        case "AzureBlob" if store.settings:
            root = store.settings["container_name"]
            return RemoteFiles(store.name, lambda: connect_blob(store, secrets, allowed), root, words)
    raise ProblemError(
        Problem(
            "C145",
            f"The datastore '{store.name}' cannot carry content to the nodes of a cluster elsewhere.",
            store.name,
            "Register a blob container, an S3 bucket or a folder that every node has mounted, and name it as "
            "exchange.",
        )
    )

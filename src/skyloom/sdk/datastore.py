"""Datastores of a workspace: places for files, each of its concrete kind. Source: sdk.md 5."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.core.data_reference import BLOB_STORE
from skyloom.core.data_reference import DataReference as Place
from skyloom.core.datastore import USUAL_DATASTORES, DatastoreKind
from skyloom.core.datastore import Datastore as Definition
from skyloom.core.problem import ProblemError
from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.exceptions import UserErrorException, from_problem

if TYPE_CHECKING:
    from skyloom.sdk.workspace import Workspace


class Datastore:
    """A store by name; without one, the workspace's default.

    Raises
    ------
    UserErrorException
        There is no such store.
    """

    datastore_type = ""

    def __new__(
        cls, workspace: Workspace | None = None, name: str | None = None, *_: Any, **__: Any
    ) -> Datastore:
        if workspace is None:
            return super().__new__(cls)
        wanted = name or workspace.get_default_datastore().name
        found = _find(workspace, wanted)
        if found is None:
            raise _not_found(workspace, wanted)
        made = object.__new__(_KINDS[found.kind])
        made._definition = found
        return made

    _definition: Definition

    def __init__(self, workspace: Workspace, name: str | None = None) -> None:
        self.workspace = workspace
        self.name = self._definition.name

    # what opens a store is kept by the workspace and not given back
    account_key = sas_token = client_secret = password = user_password = None

    @property
    def account_name(self) -> str | None:
        return self._setting("account_name", "local")

    @property
    def container_name(self) -> str | None:
        """The container; of a share, its name."""
        return self._setting("container_name", f"azureml-{self.name.removeprefix('workspace')}")

    file_share_name = filesystem = container_name

    @property
    def protocol(self) -> str | None:
        return self._setting("protocol", "https")

    @property
    def endpoint(self) -> str | None:
        return self._setting("endpoint", "local" if self.name in _USUAL else "core.windows.net")

    @property
    def server_name(self) -> str | None:
        return self._setting("server_name")

    @property
    def database_name(self) -> str | None:
        return self._setting("database_name")

    def _setting(self, name: str, usual: str | None = None) -> str | None:
        return self._definition.settings.get(name, usual)

    @staticmethod
    def get(workspace: Workspace, datastore_name: str) -> Datastore:
        return Datastore(workspace, datastore_name)

    @staticmethod
    def get_default(workspace: Workspace) -> Datastore:
        return workspace.get_default_datastore()

    def set_as_default(self) -> None:
        self.workspace.set_default_datastore(self.name)

    def unregister(self) -> None:
        """Forget the store and what opens it; what lies in it stays. Refused for those of every workspace."""
        self._told(lambda: self.workspace._api.unregister_datastore(self.name))
        facts = self.workspace._api.facts()
        if facts.get("default_datastore") == self.name:
            self.workspace.set_default_datastore(BLOB_STORE)

    # --- places ----------------------------------------------------------------------------------------

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """A reference to a place of this store."""
        return DataReference(self, data_reference_name, path)

    def as_mount(self) -> DataReference:
        return DataReference(self, mode="mount")

    def as_download(self, path_on_compute: str | None = None) -> DataReference:
        return DataReference(self, mode="download", path_on_compute=path_on_compute)

    def as_upload(self, path_on_compute: str | None = None) -> DataReference:
        return DataReference(self, mode="upload", path_on_compute=path_on_compute)

    # --- files -----------------------------------------------------------------------------------------

    def upload(
        self,
        src_dir: str,
        target_path: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Put every file below a folder into the store.

        Raises
        ------
        UserErrorException
            ``src_dir`` is no folder.
        """
        if not os.path.isdir(src_dir):
            raise UserErrorException(f"'{src_dir}' is not a folder; upload_files takes single files.")
        files = [
            os.path.join(parent, name)
            for parent, _, names in sorted(os.walk(src_dir))
            for name in sorted(names)
        ]
        return self._upload(files, src_dir, target_path, overwrite, show_progress)

    def upload_files(
        self,
        files: Sequence[str],
        relative_root: str | None = None,
        target_path: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Put files into the store, with their paths below ``relative_root`` (default: their common folder).

        Raises
        ------
        UserErrorException
            A file is not there.
        """
        paths = [os.path.abspath(file) for file in files]
        for path, given in zip(paths, files):
            if not os.path.isfile(path):
                raise UserErrorException(f"'{given}' is not a file.")
        root = os.path.abspath(relative_root) if relative_root else _common_folder(paths)
        return self._upload(paths, root, target_path, overwrite, show_progress)

    def _upload(
        self, files: Sequence[str], root: str, target_path: str | None, overwrite: bool, show: bool
    ) -> DataReference:
        target = _plain(target_path)
        _say(show, f"Uploading an estimated of {len(files)} files")
        done = 0
        for file in files:
            below = os.path.relpath(file, root).replace(os.sep, "/")
            place = Place(self.name, f"{target}/{below}" if target else below)
            _say(show, f"Uploading {file}")
            with open(file, "rb") as content:
                written = self._told(lambda: self.workspace._api.store_file(place, content, overwrite))  # noqa: B023
            done += bool(written)
            if written:
                _say(show, f"Uploaded {file}, {done} files out of an estimated total of {len(files)}")
            else:
                _say(show, f"Target already exists. Skipping upload for {place.path}")
        _say(show, f"Uploaded {done} files")
        return DataReference(self, path_on_datastore=target or None)

    def download(
        self,
        target_path: str,
        prefix: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> int:
        """Copy files of the store to a folder, with their whole path in the store below it; how many."""
        wanted = _plain(prefix)
        found = self._told(lambda: self.workspace._api.stored_files(Place(self.name, wanted)))
        count = 0
        for file in found:
            target = os.path.join(target_path, *file.path.split("/"))
            if os.path.exists(target) and not overwrite:
                _say(show_progress, f"Path already exists. Skipping download for {target}")
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            place = Place(self.name, file.path)
            shutil.copyfile(self._told(lambda: self.workspace._api.stored_path(place)), target)  # noqa: B023
            count += 1
            _say(show_progress, f"Downloaded {file.path}")
        _say(show_progress, f"Downloaded {count} files")
        return count

    def _told(self, ask: Any) -> Any:
        try:
            return ask()
        except ProblemError as error:
            raise from_problem(error) from error

    # --- registering -------------------------------------------------------------------------------------

    @staticmethod
    def register_azure_blob_container(
        workspace: Workspace,
        datastore_name: str,
        container_name: str,
        account_name: str,
        sas_token: str | None = None,
        account_key: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
        blob_cache_timeout: int | None = None,
        grant_workspace_access: bool = False,
        subscription_id: str | None = None,
        resource_group: str | None = None,
    ) -> AzureBlobDatastore:
        """A blob container, read and written by the agent.

        ``endpoint`` may be a host with a port (``127.0.0.1:10000``), as emulators have.

        Raises
        ------
        UserErrorException
            P231 there is another store of that name; P233 the container does not let us in.
        """
        store = Definition(
            datastore_name,
            "AzureBlob",
            _given(
                container_name=container_name, account_name=account_name, protocol=protocol, endpoint=endpoint
            ),
        )
        secrets = _given(sas_token=sas_token, account_key=account_key)
        return _register(workspace, store, secrets, overwrite, not skip_validation, create_if_not_exists)  # type: ignore[return-value]

    @staticmethod
    def register_azure_file_share(
        workspace: Workspace,
        datastore_name: str,
        file_share_name: str,
        account_name: str,
        sas_token: str | None = None,
        account_key: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
    ) -> AzureFileDatastore:
        """A file share; its files are those of the folder that SKYLOOM_URL_MAP names for it."""
        store = Definition(
            datastore_name,
            "AzureFile",
            _given(
                container_name=file_share_name,
                account_name=account_name,
                protocol=protocol,
                endpoint=endpoint,
            ),
        )
        secrets = _given(sas_token=sas_token, account_key=account_key)
        return _register(workspace, store, secrets, overwrite)  # type: ignore[return-value]

    @staticmethod
    def register_azure_data_lake(
        workspace: Workspace,
        datastore_name: str,
        store_name: str,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        overwrite: bool = False,
        grant_workspace_access: bool = False,
    ) -> Datastore:
        """A data lake of the first generation, which is no more: a name without files."""
        store = Definition(datastore_name, "AzureDataLake", _given(store_name=store_name))
        secrets = _given(tenant_id=tenant_id, client_id=client_id, client_secret=client_secret)
        return _register(workspace, store, secrets, overwrite)

    @staticmethod
    def register_azure_data_lake_gen2(
        workspace: Workspace,
        datastore_name: str,
        filesystem: str,
        account_name: str,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        grant_workspace_access: bool = False,
    ) -> Datastore:
        """A file system of a data lake, through its blob address."""
        store = Definition(
            datastore_name,
            "AzureDataLakeGen2",
            _given(
                container_name=filesystem, account_name=account_name, protocol=protocol, endpoint=endpoint
            ),
        )
        secrets = _given(tenant_id=tenant_id, client_id=client_id, client_secret=client_secret)
        return _register(workspace, store, secrets, overwrite)

    @staticmethod
    def register_azure_sql_database(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        username: str | None = None,
        password: str | None = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        grant_workspace_access: bool = False,
        **_: Any,
    ) -> Datastore:
        """A database that nothing here has a driver for: the name is kept, its rows cannot be had (P236)."""
        store = Definition(
            datastore_name,
            "AzureSqlDatabase",
            _given(server_name=server_name, database_name=database_name, endpoint=endpoint),
        )
        secrets = _given(
            tenant_id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            username=username,
            password=password,
        )
        return _register(workspace, store, secrets, overwrite)

    @staticmethod
    def register_azure_postgre_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str | None = None,
        user_password: str | None = None,
        port_number: int | str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        enforce_ssl: bool = True,
        **_: Any,
    ) -> Datastore:
        """A PostgreSQL database; its host has to be listed in SKYLOOM_URL_ALLOW of the agent."""
        return _register_server(
            workspace, datastore_name, "AzurePostgreSql", server_name, database_name, user_id, user_password,
            port_number, endpoint, overwrite, enforce_ssl,
        )  # fmt: skip

    @staticmethod
    def register_azure_my_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str | None = None,
        user_password: str | None = None,
        port_number: int | str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        **_: Any,
    ) -> Datastore:
        """A database that nothing here has a driver for: the name is kept, its rows cannot be had (P236)."""
        return _register_server(
            workspace, datastore_name, "AzureMySql", server_name, database_name, user_id, user_password,
            port_number, endpoint, overwrite, False,
        )  # fmt: skip

    @staticmethod
    def register_dbfs(workspace: Workspace, datastore_name: str) -> Datastore:
        """The file system of Databricks: the name is kept, its files cannot be had (P236)."""
        return _register(workspace, Definition(datastore_name, "DBFS"), {}, False)

    @staticmethod
    def register_hdfs(
        workspace: Workspace, datastore_name: str, *, overwrite: bool = False, **settings: Any
    ) -> Datastore:
        """A Hadoop file system: the name is kept, its files cannot be had (P236)."""
        hidden = [name for name in settings if name.startswith("kerberos")]
        secrets = _given(**{name: settings.pop(name) for name in hidden})
        store = Definition(datastore_name, "Hdfs", _given(**settings))
        return _register(workspace, store, secrets, overwrite)

    # beyond what SDK v1 had

    @staticmethod
    def register_s3_bucket(
        workspace: Workspace,
        datastore_name: str,
        bucket_name: str,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        endpoint: str | None = None,
        region: str | None = None,
        overwrite: bool = False,
        skip_validation: bool = False,
        create_if_not_exists: bool = False,
    ) -> Datastore:
        """A bucket of S3, or of what speaks as it does at ``endpoint`` (``http://host:port``)."""
        store = Definition(datastore_name, "S3", _given(bucket=bucket_name, endpoint=endpoint, region=region))
        secrets = _given(access_key=access_key, secret_key=secret_key, session_token=session_token)
        return _register(workspace, store, secrets, overwrite, not skip_validation, create_if_not_exists)

    @staticmethod
    def register_local_folder(
        workspace: Workspace, datastore_name: str, path: str, overwrite: bool = False
    ) -> Datastore:
        """A folder of the machine of the workspace, below one that SKYLOOM_FILE_ROOTS of the agent lists."""
        store = Definition(datastore_name, "LocalFolder", {"path": os.path.abspath(path)})
        return _register(workspace, store, {}, overwrite)

    @staticmethod
    def register_sqlite(
        workspace: Workspace, datastore_name: str, path: str, overwrite: bool = False
    ) -> Datastore:
        """A SQLite file, below a folder that SKYLOOM_FILE_ROOTS of the agent lists."""
        store = Definition(datastore_name, "Sqlite", {"path": os.path.abspath(path)})
        return _register(workspace, store, {}, overwrite)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class AzureBlobDatastore(Datastore):
    """A blob container; ``workspaceblobstore`` is a folder of the workspace under the old kind's name."""

    datastore_type = "AzureBlob"


class AzureFileDatastore(AzureBlobDatastore):
    """A file share, or ``workspacefilestore``."""

    datastore_type = "AzureFile"


class AzureDataLakeDatastore(Datastore):
    """A data lake of the first generation: a name without files."""

    datastore_type = "AzureDataLake"


class AzureDataLakeGen2Datastore(AzureBlobDatastore):
    """A file system of a data lake."""

    datastore_type = "AzureDataLakeGen2"


class DBFSDatastore(Datastore):
    """The file system of Databricks: a name without files."""

    datastore_type = "DBFS"


class HDFSDatastore(Datastore):
    """A Hadoop file system: a name without files."""

    datastore_type = "Hdfs"


class LocalFolderDatastore(Datastore):
    """A folder of the workspace's machine."""

    datastore_type = "LocalFolder"


class S3Datastore(Datastore):
    """A bucket."""

    datastore_type = "S3"


class _DatabaseDatastore(Datastore):
    """A store of tables: it has no files, and so no upload, download or path (sdk.md 5)."""

    def __getattribute__(self, name: str) -> Any:
        if name in _FILE_METHODS:
            kind = object.__getattribute__(self, "datastore_type")
            raise AttributeError(f"A datastore of type {kind} holds tables and has no '{name}'.")
        return super().__getattribute__(name)


class AzureSqlDatabaseDatastore(_DatabaseDatastore):
    """A SQL Server database: a name without rows."""

    datastore_type = "AzureSqlDatabase"


class AzurePostgreSqlDatastore(_DatabaseDatastore):
    """A PostgreSQL database."""

    datastore_type = "AzurePostgreSql"


class AzureMySqlDatastore(_DatabaseDatastore):
    """A MySQL database: a name without rows."""

    datastore_type = "AzureMySql"


class SqliteDatastore(_DatabaseDatastore):
    """A SQLite file."""

    datastore_type = "Sqlite"


_FILE_METHODS = frozenset(
    ("upload", "upload_files", "download", "path", "as_mount", "as_download", "as_upload")
)
_KINDS: dict[str, type[Datastore]] = {
    kind.datastore_type: kind
    for kind in (
        AzureBlobDatastore,
        AzureFileDatastore,
        AzureDataLakeDatastore,
        AzureDataLakeGen2Datastore,
        DBFSDatastore,
        HDFSDatastore,
        LocalFolderDatastore,
        S3Datastore,
        AzureSqlDatabaseDatastore,
        AzurePostgreSqlDatastore,
        AzureMySqlDatastore,
        SqliteDatastore,
    )
}
_USUAL = {store.name: store for store in USUAL_DATASTORES}


def _find(workspace: Workspace, name: str) -> Definition | None:
    """A definition by name; those of every workspace are known without asking."""
    if name in _USUAL:
        return _USUAL[name]
    return next((store for store in workspace._api.datastores() if store.name == name), None)


def _register(
    workspace: Workspace,
    store: Definition,
    secrets: Mapping[str, str],
    overwrite: bool,
    validate: bool = True,
    create: bool = False,
) -> Datastore:
    try:
        workspace._api.register_datastore(store, secrets, overwrite, validate, create)
    except ProblemError as error:
        raise from_problem(error) from None
    return Datastore(workspace, store.name)


def _register_server(
    workspace: Workspace,
    name: str,
    kind: DatastoreKind,
    server_name: str,
    database_name: str,
    user_id: str | None,
    user_password: str | None,
    port_number: int | str | None,
    endpoint: str | None,
    overwrite: bool,
    enforce_ssl: bool,
) -> Datastore:
    for field, value in (("user_id", user_id), ("user_password", user_password)):
        if not value:
            raise UserErrorException(f"A datastore of type {kind} needs '{field}'.")
    settings = _given(
        server_name=server_name,
        database_name=database_name,
        port_number=port_number,
        endpoint=endpoint,
        enforce_ssl="true" if enforce_ssl else None,
    )
    secrets = _given(user_id=user_id, user_password=user_password)
    return _register(workspace, Definition(name, kind, settings), secrets, overwrite)


def _given(**settings: Any) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items() if value is not None}


def _not_found(workspace: Workspace, name: str) -> UserErrorException:
    message = (
        f"Could not find datastore with name '{name}' in workspace '{workspace.name}'. "
        f"It has: {', '.join(store.name for store in workspace._api.datastores())}."
    )
    from skyloom.sdk.msrest_names import install  # notebooks catch either (sdk.md 5)

    install()
    from msrest.exceptions import HttpOperationError

    class _NotFound(UserErrorException, HttpOperationError):  # type: ignore[misc]
        def __init__(self, text: str) -> None:
            UserErrorException.__init__(self, text)

    return _NotFound(message)


def _common_folder(paths: Iterable[str]) -> str:
    folders = [os.path.dirname(path) for path in paths]
    return os.path.commonpath(folders) if folders else ""


def _plain(path: str | None) -> str:
    """Leading './' and '/' do not count (sdk.md 5)."""
    text = (path or "").replace("\\", "/")
    while text.startswith(("./", "/")):
        text = text[2:] if text.startswith("./") else text[1:]
    return "" if text == "." else text.rstrip("/")


def _say(show: bool, text: str) -> None:
    if show:
        print(text)

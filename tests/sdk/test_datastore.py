from __future__ import annotations

import os
from pathlib import Path

import pytest

from skyloom.sdk.data_reference import DataReference
from skyloom.sdk.datastore import AzureBlobDatastore, Datastore
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.workspace import Workspace
from tests.sdk.stores import local_workspace


def test_the_default_store_may_be_changed(ws: Workspace) -> None:
    assert ws.get_default_datastore().name == "workspaceblobstore"
    assert type(Datastore(ws, "workspaceblobstore")) is AzureBlobDatastore
    ws.set_default_datastore("workspacefilestore")
    assert ws.get_default_datastore().datastore_type == "AzureFile"


def test_a_store_that_is_not_there_is_told(ws: Workspace) -> None:
    with pytest.raises(UserErrorException, match="Could not find datastore"):
        Datastore(ws, "other")


def test_files_go_up_and_come_down(ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "a.txt").write_text("a")
    (tmp_path / "data" / "sub" / "b.txt").write_text("b")
    store = ws.get_default_datastore()
    reference = store.upload(os.fspath(tmp_path / "data"), target_path="./in")
    assert reference.path_on_datastore == "in" and "Uploaded 2 files" in capsys.readouterr().out
    store.upload(os.fspath(tmp_path / "data"), target_path="/in")
    assert "Target already exists. Skipping upload for in/a.txt" in capsys.readouterr().out
    assert store.download(os.fspath(tmp_path / "out"), prefix="in") == 2
    assert (tmp_path / "out" / "in" / "sub" / "b.txt").read_text() == "b"
    assert store.download(os.fspath(tmp_path / "out"), prefix="in") == 0


def test_paths_of_files_begin_at_their_common_folder(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "20news.pkl"
    file.write_text("x")
    store = ws.get_default_datastore()
    store.upload_files([os.fspath(file)], target_path="20newsgroups", overwrite=True, show_progress=False)
    assert store.download(os.fspath(tmp_path / "o"), "20newsgroups/20news.pkl", show_progress=False) == 1
    with pytest.raises(UserErrorException, match="not a file"):
        store.upload_files([os.fspath(tmp_path / "nothing")])
    with pytest.raises(UserErrorException, match="not a folder"):
        store.upload(os.fspath(file))


def test_references_have_names_that_stay(ws: Workspace) -> None:
    store = ws.get_default_datastore()
    assert str(DataReference(store, "test_data", "a/b")) == "$AZUREML_DATAREFERENCE_test_data"
    assert DataReference(store).data_reference_name == "workspaceblobstore"
    assert store.path("a/b.csv").data_reference_name == store.path("a/b.csv").data_reference_name
    assert store.path("a").path("b", "named").path_on_datastore == "a/b"
    assert store.path("a").as_download().mode == "download"
    with pytest.raises(UserErrorException, match="mode"):
        DataReference(store, mode="copy")
    with pytest.raises(UserErrorException, match="no name"):
        DataReference(store, "1st")


def test_a_store_is_registered_found_and_forgotten(ws: Workspace) -> None:
    made = Datastore.register_azure_blob_container(
        ws, "data", "box", "account", account_key="secret-key", skip_validation=True
    )
    assert type(made) is AzureBlobDatastore and made.account_name == "account"
    assert (made.container_name, made.protocol, made.endpoint) == ("box", "https", "core.windows.net")
    assert made.account_key is None and "secret" not in repr(vars(made))
    assert list(ws.datastores) == ["workspaceblobstore", "workspacefilestore", "data"]
    made.set_as_default()
    assert ws.get_default_datastore().name == "data"
    made.unregister()
    assert ws.get_default_datastore().name == "workspaceblobstore"
    with pytest.raises(UserErrorException, match="workspaceblobstore, workspacefilestore"):
        Datastore.get(ws, "data")
    with pytest.raises(UserErrorException, match="P237"):
        ws.get_default_datastore().unregister()


def test_the_same_store_again_is_fine_and_another_one_is_not(ws: Workspace) -> None:
    for _ in range(2):
        Datastore.register_azure_blob_container(ws, "data", "box", "account")
    with pytest.raises(UserErrorException, match="P231"):
        Datastore.register_azure_blob_container(ws, "data", "other", "account")
    Datastore.register_azure_blob_container(ws, "data", "other", "account", overwrite=True)
    assert Datastore.get(ws, "data").container_name == "other"


def test_a_folder_is_a_store_only_where_it_is_listed(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "listed" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    with pytest.raises(UserErrorException, match=r"D068.*none is listed"):
        Datastore.register_local_folder(ws, "mine", os.fspath(folder))
    monkeypatch.setenv("SKYLOOM_FILE_ROOTS", os.fspath(tmp_path / "listed"))
    store = Datastore.register_local_folder(ws, "mine", os.fspath(folder))
    assert store.datastore_type == "LocalFolder"
    assert store.download(os.fspath(tmp_path / "out"), show_progress=False) == 1
    with pytest.raises(UserErrorException, match="D068"):
        Datastore.register_local_folder(ws, "other", os.fspath(tmp_path))


def test_a_mapped_container_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """sdk.md 5: public addresses of old notebooks lead to folders, so that they run without a network."""
    (tmp_path / "samples" / "demo").mkdir(parents=True)
    (tmp_path / "samples" / "demo" / "a.csv").write_text("a")
    monkeypatch.setenv("SKYLOOM_URL_MAP", f"https://pipelinedata.blob.core.windows.net={tmp_path}")
    ws = local_workspace(tmp_path / "home")
    store = Datastore.register_azure_blob_container(ws, "public", "samples", "pipelinedata")
    assert store.download(os.fspath(tmp_path / "out"), "demo", show_progress=False) == 1


def test_databases_have_no_files(ws: Workspace) -> None:
    store = Datastore.register_azure_postgre_sql(ws, "db", "host", "base", "me", "secret-word")
    assert (store.datastore_type, store.server_name) == ("AzurePostgreSql", "host")
    assert not hasattr(store, "upload") and not hasattr(store, "path")
    with pytest.raises(UserErrorException, match="user_password"):
        Datastore.register_azure_my_sql(ws, "my", "host", "base", "me")


def test_stores_that_nothing_reads_say_so(ws: Workspace, tmp_path: Path) -> None:
    Datastore.register_dbfs(ws, "dbfs")
    with pytest.raises(UserErrorException, match=r"P236.*DBFS"):
        Datastore.get(ws, "dbfs").download(os.fspath(tmp_path))

"""Registered stores of every kind behind one door."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyloom.core.data_reference import DataReference
from skyloom.core.datastore import Datastore
from skyloom.core.identity import digest_of_bytes
from skyloom.core.module import FunctionEntry, ModuleSpec
from skyloom.core.problem import ProblemError
from skyloom.core.task import LISTING
from skyloom.stores.datastore_query import query_rows, server_host
from skyloom.stores.datastores import Datastores
from skyloom.stores.sources import DATASTORE, SOURCE, OutsideSources
from skyloom.stores.url_map import UrlMap
from skyloom.stores.web_address import AllowedHosts
from tests.postgresql import PostgresServer
from tests.postgresql import postgres_server as postgres_server
from tests.s3_server import ACCESS_KEY, started_s3

SECRET = "secret/key+of=ours"
IMPORT = ModuleSpec("Import Data", "1", "Data Input and Output", FunctionEntry("x:run"), fetches=True)


@pytest.fixture
def stores(tmp_path: Path) -> Datastores:
    return Datastores(tmp_path / "home", AllowedHosts(frozenset({"127.0.0.1", "localhost"})))


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    with started_s3() as address:
        yield address


def register(stores: Datastores, store: Datastore, secrets: dict[str, str], create: bool = False) -> None:
    stores.register(store, secrets, overwrite=True, validate=True, create=create)


def test_a_bucket_from_write_to_read(stores: Datastores, s3: str, tmp_path: Path) -> None:
    bucket = Datastore("mine", "S3", {"bucket": "things", "endpoint": s3, "region": "here"})
    register(stores, bucket, {"access_key": ACCESS_KEY, "secret_key": SECRET}, create=True)
    content = bytes(range(256)) * 100
    assert stores.write(DataReference("mine", "in/a b.bin"), io.BytesIO(content), overwrite=False)
    assert not stores.write(DataReference("mine", "in/a b.bin"), io.BytesIO(b""), overwrite=False)
    folder = tmp_path / "made"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "c.txt").write_text("c")
    stores.place(DataReference("mine", "out/x"), str(folder))
    assert not folder.exists()
    assert list(stores.files(DataReference("mine", ""))) == [("in/a b.bin", 25600), ("out/x/deep/c.txt", 1)]
    assert Path(stores.path(DataReference("mine", "in/a b.bin"))).read_bytes() == content
    one = stores.stage(DataReference("mine", "in/a b.bin"))
    many = stores.stage(DataReference("mine", "out"))
    assert (one.type, one.name, Path(one.path).read_bytes()) == ("Place", "a b.bin", content)
    assert many.type == LISTING and list(many.files) == ["x/deep/c.txt"]
    assert stores.stage(DataReference("mine", "nothing")).files == {}
    again = tmp_path / "again"
    again.mkdir()
    (again / "d.txt").write_text("d")
    stores.place(DataReference("mine", "out/x"), str(again))  # what was there is replaced
    assert [path for path, _ in stores.files(DataReference("mine", "out"))] == ["out/x/d.txt"]


def test_import_data_fetches_one_file_of_a_store(stores: Datastores, s3: str, tmp_path: Path) -> None:
    bucket = Datastore("mine", "S3", {"bucket": "tables", "endpoint": s3})
    register(stores, bucket, {"access_key": ACCESS_KEY, "secret_key": SECRET}, create=True)
    sources = OutsideSources(stage=stores.stage)
    for name in ("mine", "workspaceblobstore"):
        stores.write(DataReference(name, "in/my rows.csv"), io.BytesIO(b"a\n1\n"), overwrite=True)
        values = {SOURCE: DATASTORE, "Datastore": name, "Path on datastore": "in/my rows.csv"}
        staged = sources.fetch(IMPORT, values, str(tmp_path / name))
        assert Path(staged.path).read_bytes() == b"a\n1\n"
        assert (staged.type, staged.name, staged.digest) == (
            "File",
            "my_rows.csv",
            digest_of_bytes(b"a\n1\n"),
        )
    for name, path, code in (("mine", "in", "D069"), ("mine", "x.csv", "D069"), ("other", "x.csv", "R310")):
        values = {SOURCE: DATASTORE, "Datastore": name, "Path on datastore": path}
        with pytest.raises(ProblemError, match=code):
            sources.fetch(IMPORT, values, str(tmp_path / "none"))


def test_a_wrong_key_is_told_and_not_shown(stores: Datastores, s3: str) -> None:
    bucket = Datastore("mine", "S3", {"bucket": "things", "endpoint": s3})
    with pytest.raises(ProblemError, match="P233") as found:
        register(stores, bucket, {"access_key": SECRET, "secret_key": SECRET})
    assert SECRET not in str(found.value) and not stores.has("mine")


def test_hosts_that_are_not_listed_are_not_asked(tmp_path: Path, s3: str) -> None:
    stores = Datastores(tmp_path / "home", AllowedHosts())
    bucket = Datastore("mine", "S3", {"bucket": "things", "endpoint": s3})
    with pytest.raises(ProblemError, match=r"D064.*SKYLOOM_URL_ALLOW"):
        register(stores, bucket, {"access_key": ACCESS_KEY, "secret_key": SECRET})
    blobs = Datastore("b", "AzureBlob", {"account_name": "a", "container_name": "c", "endpoint": s3})
    with pytest.raises(ProblemError, match="D064"):
        register(stores, blobs, {"account_key": SECRET})


def test_nobody_there_is_told_at_once(stores: Datastores) -> None:
    settings = {"account_name": "a", "container_name": "c", "endpoint": "http://127.0.0.1:9"}
    with pytest.raises(ProblemError, match="P233: Nobody answers"):
        register(stores, Datastore("b", "AzureBlob", settings), {"account_key": SECRET})


def test_a_database_is_queried(stores: Datastores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYLOOM_FILE_ROOTS", str(tmp_path))
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        database.execute("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    database.close()
    register(stores, Datastore("db", "Sqlite", {"path": str(tmp_path / "a.db")}), {})
    query_rows(stores, "db", "SELECT * FROM t", tmp_path / "rows", form="csv")
    assert (tmp_path / "rows").read_text() == '"a","b"\n1,"x"\n2,\n'
    with pytest.raises(ProblemError, match="D071"):
        query_rows(stores, "db", "DELETE FROM t", tmp_path / "rows")
    with pytest.raises(ProblemError, match="P234"):
        stores.stage(DataReference("db", "a"))
    with pytest.raises(ProblemError, match="P234"):
        query_rows(stores, "workspaceblobstore", "SELECT 1", tmp_path / "rows")
    register(stores, Datastore("my", "AzureMySql", {"server_name": "s", "database_name": "d"}), {})
    with pytest.raises(ProblemError, match="P236"):
        query_rows(stores, "my", "SELECT 1", tmp_path / "rows")


@pytest.mark.real("postgresql")
def test_a_postgresql_store_is_queried(postgres_server: PostgresServer, tmp_path: Path) -> None:
    stores = Datastores(tmp_path / "home", AllowedHosts(frozenset({postgres_server.host})))
    settings = {
        "server_name": postgres_server.host,
        "database_name": "postgres",
        "port_number": str(postgres_server.port),
    }
    secrets = {"user_id": "skyloom", "user_password": SECRET}
    register(stores, Datastore("pg", "AzurePostgreSql", settings), secrets)
    query_rows(stores, "pg", "SELECT 1 AS one, 'x' AS word", tmp_path / "rows", form="csv")
    assert (tmp_path / "rows").read_text() == '"one","word"\n1,"x"\n'
    with pytest.raises(ProblemError) as found:
        query_rows(stores, "pg", f"SELECT '{SECRET}'::int", tmp_path / "rows")
    assert "D071" in str(found.value) and SECRET not in str(found.value)


def test_servers_are_named_as_the_old_provider_did() -> None:
    assert server_host("mine", "postgres.database.azure.com") == "mine.postgres.database.azure.com"
    assert server_host("db.example.org", "postgres.database.azure.com") == "db.example.org"
    assert server_host("localhost", "") == "localhost"


def test_the_longest_prefix_of_a_mapped_address_decides(tmp_path: Path) -> None:
    mapped = UrlMap.parse(f"https://h={tmp_path / 'a'}; https://h/box={tmp_path / 'b'}")
    assert mapped.find("https://h/box/x/y.csv") == (tmp_path / "b", "x/y.csv")
    assert mapped.find("https://h/boxes") == (tmp_path / "a", "boxes")
    assert mapped.find("https://other/x") is None


def test_a_share_that_is_mapped_is_a_folder_and_another_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    url_map = UrlMap.parse(f"https://acc.file.core.windows.net/files={tmp_path / 'share'}")
    stores = Datastores(tmp_path / "home", url_map=url_map)
    for name in ("files", "others"):
        settings = {"account_name": "acc", "container_name": name}
        register(stores, Datastore(name, "AzureFile", settings), {"account_key": SECRET})
    assert stores.write(DataReference("files", "a"), io.BytesIO(b"1"), overwrite=False)
    assert (tmp_path / "share" / "a").read_bytes() == b"1"
    with pytest.raises(ProblemError, match="P236"):
        stores.write(DataReference("others", "a"), io.BytesIO(b"1"), overwrite=False)

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.datastore import Datastore
from skyloom.core.problem import ProblemError
from skyloom.stores.datastore_book import DatastoreBook
from skyloom.stores.secret_words import SecretWords
from skyloom.stores.small_files import HomeFiles

STORE = Datastore("mine", "AzureBlob", {"account_name": "a", "container_name": "c"})


def book_in(home: Path, words: SecretWords | None = None) -> DatastoreBook:
    return DatastoreBook(HomeFiles(home), HomeFiles(home), words or SecretWords())


def test_secrets_are_kept_apart_for_the_owner_alone(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    book.keep(STORE, {"account_key": "abcdef"})
    again = book_in(tmp_path)
    assert again.all() == [STORE] and again.secrets("mine") == {"account_key": "abcdef"}
    assert "abcdef" not in (tmp_path / "datastores.json").read_text()
    file = tmp_path / "secrets" / "datastores.json"
    assert "abcdef" in file.read_text() and file.stat().st_mode & 0o77 == 0
    again.forget("mine")
    assert "abcdef" not in file.read_text()


def test_secrets_of_kept_stores_are_hidden_from_the_start(tmp_path: Path) -> None:
    book_in(tmp_path).keep(STORE, {"account_key": "abcdef"})
    words = SecretWords()
    book_in(tmp_path, words)
    assert words.hide("it is abcdef") == "it is ***"


@pytest.mark.parametrize(
    ("store", "code"),
    [
        (Datastore("no name", "DBFS"), "P230"),
        (Datastore("mine", "AzureBlob", {"account_name": "a"}), "P232"),
        (Datastore("workspaceblobstore", "DBFS"), "P237"),
    ],
)
def test_what_cannot_be_registered(tmp_path: Path, store: Datastore, code: str) -> None:
    with pytest.raises(ProblemError) as found:
        book_in(tmp_path).check(store, {}, overwrite=True)
    assert found.value.problem.code == code


def test_other_secrets_are_another_store_unless_it_is_replaced(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    book.keep(STORE, {"account_key": "abcdef"})
    assert not book.check(STORE, {"account_key": "abcdef"}, overwrite=False)
    assert not book.check(STORE, {}, overwrite=False)
    with pytest.raises(ProblemError, match="P231"):
        book.check(STORE, {"account_key": "other"}, overwrite=False)
    assert book.check(STORE, {"account_key": "other"}, overwrite=True)

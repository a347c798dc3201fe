"""What every store of small files promises (stores/small_files.py)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError
from skyloom.stores.sealed_files import SealedFiles
from skyloom.stores.small_files import DocumentFiles, HomeFiles, SmallFiles
from tests.contracts.web_rooms import WebRoom


@pytest.fixture(params=["home", "documents", "sealed"])
def files(request: pytest.FixtureRequest, web: WebRoom, tmp_path: Path) -> Iterator[SmallFiles]:
    if request.param == "home":
        yield HomeFiles(tmp_path / "small")
        return
    documents = DocumentFiles(web.documents)
    yield SealedFiles(documents, "a key", "a workspace") if request.param == "sealed" else documents


def counted(kept: dict[str, Json]) -> dict[str, Json]:
    number = kept.get("n", 0)
    assert isinstance(number, int)
    return {**kept, "n": number + 1}


def test_what_was_never_kept_is_empty(files: SmallFiles) -> None:
    assert files.read("facts") == {}
    assert files.names("registry") == []


def test_a_change_is_kept_and_given_back(files: SmallFiles) -> None:
    assert files.change("registry/models", lambda kept: {"a": [1, None, "ü"]}) == {"a": [1, None, "ü"]}
    assert files.change("registry/models", lambda kept: {**kept, "b": {}}) == {"a": [1, None, "ü"], "b": {}}
    assert files.read("registry/models") == {"a": [1, None, "ü"], "b": {}}
    files.change("registry/data", counted)
    files.change("facts", counted)
    assert files.names("registry") == ["registry/data", "registry/models"]


def test_a_change_that_is_refused_leaves_all_as_it_was(files: SmallFiles) -> None:
    files.change("facts", counted)

    def refuse(kept: dict[str, Json]) -> dict[str, Json]:
        kept["n"] = "lost"
        raise ProblemError("no")  # type: ignore[arg-type]

    with pytest.raises(ProblemError):
        files.change("facts", refuse)
    assert files.read("facts") == {"n": 1}


def test_changes_made_at_once_are_all_kept(files: SmallFiles) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: files.change("facts", counted), range(12)))
    assert files.read("facts") == {"n": 12}


def test_sealed_files_open_with_their_key_alone(web: WebRoom) -> None:
    documents = DocumentFiles(web.documents)
    SealedFiles(documents, "a key", "a workspace").change("secrets", lambda kept: {"word": "open sesame"})
    assert "sesame" not in str(documents.read("secrets"))
    for other in (SealedFiles(documents, "another", "a workspace"), SealedFiles(documents, "a key", "x")):
        with pytest.raises(ProblemError, match="C153"):
            other.read("secrets")

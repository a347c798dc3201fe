"""What every store of documents promises (engine/document_ports.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from skyloom.core.document import Document
from skyloom.core.identity import digest_of
from tests.contracts.web_rooms import WebRoom

ONE = Document("noun", "1", {"a": [1, "\0", None]}, "parent", "label")


def test_a_document_reads_back_as_it_was_added(web: WebRoom) -> None:
    assert web.documents.add(ONE)
    web.reopen()
    assert web.documents.find("noun", "1") == ONE
    assert web.documents.labelled("noun", "label") == ONE
    assert web.documents.find("verb", "1") is None and web.documents.labelled("verb", "label") is None


def test_ids_and_labels_belong_to_one_document_of_a_kind(web: WebRoom) -> None:
    assert web.documents.add(ONE)
    assert not web.documents.add(replace(ONE, label="other"))
    assert not web.documents.add(replace(ONE, id="2"))
    assert web.documents.add(replace(ONE, kind="verb"))
    assert web.documents.add(replace(ONE, id="2", label=None))
    assert web.documents.add(replace(ONE, id="3", label=None))
    assert not web.documents.change(replace(ONE, id="3"), 1)


def test_documents_are_listed_in_order_of_making_or_the_newest_first(web: WebRoom) -> None:
    for number in "213":
        web.documents.add(Document("noun", number, parent="odd" if number in "13" else "even"))
    assert [one.id for one in web.documents.all("noun")] == ["2", "1", "3"]
    assert [one.id for one in web.documents.all("noun", "odd")] == ["1", "3"]
    assert [one.id for one in web.documents.all("noun", newest=2)] == ["3", "1"]


def test_a_change_names_the_revision_it_was_made_from(web: WebRoom) -> None:
    web.documents.add(ONE)
    assert web.documents.change(replace(ONE, body={"b": 2}), 1)
    assert not web.documents.change(replace(ONE, body={"c": 3}), 1)
    web.reopen()
    assert web.documents.find("noun", "1") == replace(ONE, body={"b": 2}, revision=2)
    assert not web.documents.change(replace(ONE, id="9"), 1)


def test_a_removed_document_gives_its_label_free(web: WebRoom) -> None:
    web.documents.add(ONE)
    assert web.documents.remove("noun", "1")
    assert not web.documents.remove("noun", "1")
    assert web.documents.add(replace(ONE, id="2"))


def test_of_many_that_want_a_label_one_gets_it(web: WebRoom) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: web.documents.add(replace(ONE, id=str(number))), range(16)))
    assert found.count(True) == 1


def test_content_that_a_document_uses_is_never_swept(web: WebRoom) -> None:
    first, second = digest_of("first"), digest_of("second")
    web.documents.add(ONE, [first])
    web.documents.change(ONE, 1, [second, first])
    if web.room.database is not None:  # in memory nothing is swept
        assert {first, second} <= web.room.records.artifacts_in_use()

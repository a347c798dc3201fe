from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyloom.core.problem import ProblemError
from skyloom.data.from_frame import table_from_frame
from skyloom.data.table_file import (
    MAGIC,
    open_table,
    references,
    seal_table,
    verify_table,
    write_table,
)
from skyloom.data.to_frame import frame_from_table
from tests.data.stored import store, stored
from tests.strategies import times

FRAME = pd.DataFrame(
    {
        "i": [1, 2, 3],
        "f": [1.5, None, 2.5],
        "b": [True, False, True],
        "s": ["a", None, "ü"],
        "c": pd.Categorical(["x", "y", None]),
        "t": times("2020", None, "2021"),
        "o": pd.Series([b"x", None, b""], dtype=object),
    }
)


def _written(tmp_path: Path, table: Any = None) -> Any:
    """A file as a box leaves it: an open descriptor and the footer as it comes over the wire."""
    descriptor = os.open(str(tmp_path), os.O_TMPFILE | os.O_RDWR, 0o600)
    footer = write_table(table if table is not None else table_from_frame(FRAME), descriptor)
    return descriptor, json.loads(json.dumps(footer))


def test_the_writer_leaves_the_footer_to_the_agent(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path)
    assert MAGIC not in os.pread(descriptor, 1 << 20, 0)
    assert [column["name"] for column in footer["columns"]] == list(FRAME.columns)
    os.close(descriptor)


def test_a_sealed_file_opens_by_descriptor_and_by_path(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path)
    sealed = seal_table(descriptor, footer, {})
    assert os.fstat(descriptor).st_size == sealed.size
    for place in (descriptor, f"/proc/self/fd/{descriptor}"):
        pd.testing.assert_frame_equal(frame_from_table(open_table(place)), FRAME)
    os.close(descriptor)


def test_sealing_by_path_is_the_same(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path)
    by_path = seal_table(f"/proc/self/fd/{descriptor}", footer, {})
    assert by_path.content_digest == store(table_from_frame(FRAME), tmp_path / "t").content_digest
    os.close(descriptor)


def test_only_the_changed_column_is_stored(tmp_path: Path) -> None:
    table, files = stored(
        pd.DataFrame(np.zeros((10_000, 10)), columns=list("abcdefghij")), tmp_path / "input"
    )
    frame = frame_from_table(table)
    frame["c"] = frame["c"] + 1
    sealed = store(table_from_frame(frame, [table]), tmp_path / "output", files)
    assert sealed.size < 90_000
    assert references(str(tmp_path / "output")) == tuple(files)
    assert verify_table(str(tmp_path / "output"), files) == ()
    pd.testing.assert_frame_equal(frame_from_table(open_table(str(tmp_path / "output"), files)), frame)


def test_references_do_not_grow_into_chains(tmp_path: Path) -> None:
    table, files = stored(pd.DataFrame({"a": np.arange(3000), "b": np.arange(3000)}), tmp_path / "0")
    for step in range(1, 4):
        frame = frame_from_table(table)
        frame["b"] = frame["b"] + 1
        path = tmp_path / str(step)
        sealed = store(table_from_frame(frame, [table]), path, files)
        files = {**files, sealed.content_digest: str(path)}
        assert references(str(path)) == tuple(files)[:1]
        table = open_table(str(path), files)


def test_the_digest_tells_the_table_and_not_the_place(tmp_path: Path) -> None:
    table, files = stored(FRAME, tmp_path / "input")
    whole = store(table_from_frame(FRAME), tmp_path / "whole")
    referring = store(table, tmp_path / "referring", files)
    assert whole.content_digest == referring.content_digest == next(iter(files))
    assert referring.size < whole.size
    pd.testing.assert_frame_equal(frame_from_table(open_table(str(tmp_path / "referring"), files)), FRAME)


def test_names_roles_and_extras_are_content(tmp_path: Path) -> None:
    table = table_from_frame(FRAME)
    label = table.with_attributes({"i": table.column("i").attributes.as_label()})
    variants = [table, label, table.rename({"i": "j"}), table.with_extras({"folds": [1, 2]})]
    digests = {store(variant, tmp_path / str(place)).content_digest for place, variant in enumerate(variants)}
    assert len(digests) == len(variants)
    assert open_table(str(tmp_path / "1")).column("i").attributes.label_role == "True Labels"
    assert open_table(str(tmp_path / "3")).extras == {"folds": [1, 2]}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    table, files = stored(FRAME, tmp_path / "input")
    store(table, tmp_path / "output", files)
    with pytest.raises(ProblemError, match="D024") as caught:
        open_table(str(tmp_path / "output"))
    assert caught.value.problem.where == next(iter(files))


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 100, b"\xff" * 8 + MAGIC, b"\0" * 8 + MAGIC])
def test_files_that_are_no_tables_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(ProblemError, match="D023"):
        open_table(str(tmp_path / "t"))
    assert verify_table(str(tmp_path / "t"), {})[0].code == "D023"


def test_a_flipped_bit_is_found_and_its_column_named(tmp_path: Path) -> None:
    sealed = store(table_from_frame(FRAME), tmp_path / "t")
    content = bytearray((tmp_path / "t").read_bytes())
    columns: Any = sealed.footer["columns"]
    content[columns[1]["segment"]["offset"]] ^= 1
    (tmp_path / "t").write_bytes(content)
    assert [problem.where for problem in verify_table(str(tmp_path / "t"), {})] == ["f"]


def test_a_damaged_file_that_is_referred_to_is_found(tmp_path: Path) -> None:
    table, files = stored(FRAME, tmp_path / "input")
    store(table, tmp_path / "output", files)
    (tmp_path / "input").write_bytes(b"\1" * 10)
    assert {problem.code for problem in verify_table(str(tmp_path / "output"), files)} == {"D023"}
    assert {problem.code for problem in verify_table(str(tmp_path / "output"), {})} == {"D024"}


def _forged(footer: Any, column: int, **changes: Any) -> Any:
    forged = json.loads(json.dumps(footer))
    forged["columns"][column].update(changes)
    return forged


def test_a_reference_must_name_a_stored_segment_exactly(tmp_path: Path) -> None:
    table, files = stored(FRAME, tmp_path / "input")
    descriptor, footer = _written(tmp_path, table)
    seal_table(descriptor, footer, files)
    place = footer["columns"][0]["segment"]
    text = footer["columns"][3]["segment"]
    for forged in (
        _forged(footer, 0, segment={**place, "offset": place["offset"] + 64}),
        _forged(footer, 0, type="Double"),
        _forged(footer, 0, segment=text, type="String"),
        _forged(footer, 3, type="Object", encoding="pickle"),
    ):
        if forged["columns"][0]["segment"] == text:
            forged["columns"][0]["segment"] = {**text, "offset": place["offset"]}
        with pytest.raises(ProblemError, match="D022"):
            seal_table(descriptor, forged, files)
    os.close(descriptor)


def test_a_reference_outside_the_inputs_is_refused(tmp_path: Path) -> None:
    table, _ = stored(FRAME, tmp_path / "input")
    descriptor, footer = _written(tmp_path, table)
    with pytest.raises(ProblemError, match="D020"):
        seal_table(descriptor, footer, {})
    os.close(descriptor)


def _spoil(tmp_path: Path, column: int, buffer: int, content: bytes) -> None:
    descriptor, footer = _written(tmp_path)
    place = footer["columns"][column]["segment"]
    offset = place["offset"]
    for length in place["buffers"][:buffer]:
        offset = -(-(offset + length) // 64) * 64
    os.pwrite(descriptor, content, offset)
    try:
        seal_table(descriptor, footer, {})
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("column", "buffer", "content"),
    [
        (2, 0, b"\x02"),
        (2, 0, b"\xfe"),
        (3, 0, (1).to_bytes(8, "little")),
        (3, 0, b"\0" * 8 + (-5).to_bytes(8, "little", signed=True)),
        (3, 0, b"\0" * 8 + (1 << 40).to_bytes(8, "little")),
        (3, 1, b"\xff\xff\xff"),
        (3, 1, "ü".encode()[1:]),
        (3, 2, b"\x02"),
        (4, 0, (9).to_bytes(4, "little")),
        (4, 0, (-2).to_bytes(4, "little", signed=True)),
        (4, 2, b"\xff"),
        (6, 0, b"\x01"),
    ],
)
def test_bytes_that_break_their_type_are_refused(
    tmp_path: Path, column: int, buffer: int, content: bytes
) -> None:
    with pytest.raises(ProblemError, match="D021"):
        _spoil(tmp_path, column, buffer, content)


def test_a_character_split_between_cells_is_refused(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path, table_from_frame(pd.DataFrame({"s": ["ü", "x"]})))
    os.pwrite(descriptor, (1).to_bytes(8, "little"), 8)
    with pytest.raises(ProblemError, match="UTF-8"):
        seal_table(descriptor, footer, {})
    os.close(descriptor)


def test_text_longer_than_one_decoding_step_is_checked(tmp_path: Path) -> None:
    frame = pd.DataFrame({"s": ["ü" * (1 << 20), "x"]})
    descriptor, footer = _written(tmp_path, table_from_frame(frame))
    assert seal_table(descriptor, footer, {}).size > 1 << 21
    os.close(descriptor)


def test_digests_that_a_box_claims_are_not_believed(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path)
    lying = json.loads(json.dumps(footer))
    for column in lying["columns"]:
        column["segment"]["digest"] = "sha256:" + "0" * 64
    honest = store(table_from_frame(FRAME), tmp_path / "t")
    assert seal_table(descriptor, lying, {}).content_digest == honest.content_digest
    os.close(descriptor)


def test_bytes_behind_the_segments_are_cut_off(tmp_path: Path) -> None:
    descriptor, footer = _written(tmp_path)
    os.pwrite(descriptor, b"x" * 100_000, os.fstat(descriptor).st_size)
    assert seal_table(descriptor, footer, {}).size < 50_000
    os.close(descriptor)


def test_a_large_table_is_hashed_by_threads_to_the_same_digest(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(400_000), "b": np.arange(400_000.0)})
    table = table_from_frame(frame)
    whole = store(table, tmp_path / "t")
    assert verify_table(str(tmp_path / "t"), {}) == ()
    assert whole.size > 6_000_000


def test_large_segments_begin_on_a_page(tmp_path: Path) -> None:
    sealed = store(table_from_frame(pd.DataFrame({"a": [1] * 9000, "b": [2] * 9000})), tmp_path / "t")
    columns: Any = sealed.footer["columns"]
    assert [column["segment"]["offset"] % 4096 for column in columns] == [0, 0]


hostile = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def _paths(value: Any, at: Any = ()) -> Any:
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _paths(inner, (*at, key))


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_a_hostile_footer_is_refused_or_harmless(tmp_path_factory: Any, data: Any) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    descriptor, footer = _written(folder)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in _paths(footer) if path]))
        inner: Any = footer
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = data.draw(st.one_of(hostile, st.sampled_from([0, 1, -1, 64, 2**63, 10**18, 1.0])))
    try:
        sealed = seal_table(descriptor, footer, {})
    except ProblemError as error:
        assert error.problem.code in ("D020", "D021")
    else:
        table = open_table(descriptor)
        assert verify_table(descriptor, {}) == () and sealed.footer["rows"] == table.rows
        frame_from_table(table)
    finally:
        os.close(descriptor)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40), st.integers(0, 4000))
def test_a_spoiled_file_never_crashes_its_reader(tmp_path_factory: Any, noise: bytes, place: int) -> None:
    path = tmp_path_factory.mktemp("noise") / "t"
    store(table_from_frame(FRAME), path)
    content = bytearray(path.read_bytes())
    content[place % len(content) :][: len(noise)] = noise
    place %= len(content)
    content[place : place + len(noise)] = noise
    path.write_bytes(content)
    problems: dict[str, Any] = {problem.code: problem for problem in verify_table(str(path), {})}
    assert set(problems) <= {"D020", "D023", "D024", "D025"}

"""What every store of runs promises of tags, properties and texts (engine/ports.py, RunRecords)."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.identity import RunId, digest_of, new_run_id
from skyloom.core.run_notes import RunNotes
from tests.contracts.rooms import FINISH, START, Room, chain, claimed, completed, submitted

NOTES = RunNotes({"stage": "dev", "": "\0 \ud800 é"}, {"owner": "ada"}, "why", "a name")


def found(
    room: Room,
    tags: Mapping[str, str | None] | None = None,
    properties: Mapping[str, str | None] | None = None,
    experiment: str | None = None,
    before: RunId | None = None,
    limit: int = 50,
) -> list[RunId]:
    return [one.id for one in room.records.newest(limit, before, experiment, tags, properties)]


def test_notes_read_back_as_they_were_also_after_a_restart(room: Room) -> None:
    run = submitted(room)
    assert room.records.notes(run.id) == RunNotes()
    assert room.records.annotate(run.id, NOTES)
    room.reopen()
    assert room.records.notes(run.id) == NOTES


def test_a_run_that_is_not_there_has_no_notes(room: Room) -> None:
    assert room.records.notes(new_run_id()) is None
    assert not room.records.annotate(new_run_id(), NOTES)


def test_a_row_of_the_list_carries_its_tags_and_name(room: Room) -> None:
    bare, named = submitted(room), submitted(room)
    room.records.annotate(named.id, NOTES)
    newest, older = room.records.newest(2)
    assert (newest.id, newest.tags, newest.display_name) == (named.id, NOTES.tags, "a name")
    assert (older.id, older.tags, older.display_name) == (bare.id, {}, "")


def test_runs_are_found_by_all_their_tags_and_properties(room: Room) -> None:
    one, two, other = (submitted(room, experiment=name) for name in ("e", "e", "other"))
    room.records.annotate(one.id, RunNotes({"stage": "dev", "kind": "x"}, {"owner": "ada"}))
    room.records.annotate(two.id, RunNotes({"stage": "prod"}, {"owner": "ada"}))
    room.records.annotate(other.id, RunNotes({"stage": "dev"}, {"stage": "prod"}))
    assert found(room, {"stage": None}) == [other.id, two.id, one.id]
    assert found(room, {"stage": "dev"}) == [other.id, one.id]
    assert found(room, {"stage": "dev"}, experiment="e") == [one.id]
    assert found(room, {"stage": "dev", "kind": None}) == [one.id]
    assert found(room, {"stage": None}, {"owner": "ada"}) == [two.id, one.id]
    assert found(room, {"stage": "dev"}, {"owner": "bob"}) == []
    assert found(room, properties={"stage": "prod"}) == [other.id]
    assert found(room, {"stage": None}, limit=1) == [other.id]
    assert found(room, {"stage": None}, before=other.id) == [two.id, one.id]
    assert found(room, {"stage": None}, before=two.id, experiment="e") == [one.id]


def test_a_tag_that_is_gone_finds_nothing_any_more(room: Room) -> None:
    run = submitted(room)
    room.records.annotate(run.id, RunNotes({"stage": "dev", "kept": "x"}))
    room.records.annotate(run.id, RunNotes({"stage": "prod", "kept": "x"}))
    assert found(room, {"stage": "dev"}) == []
    assert found(room, {"stage": "prod"}) == found(room, {"kept": "x"}) == [run.id]
    room.records.annotate(run.id, RunNotes())
    assert found(room, {"kept": None}) == [] and found(room) == [run.id]


def test_names_and_values_may_be_of_any_length(room: Room) -> None:
    run = submitted(room)
    long = {"n" * 5000: "v" * 50_000}
    room.records.annotate(run.id, RunNotes(long))
    assert found(room, dict(long)) == [run.id]


def test_notes_go_with_their_run(room: Room) -> None:
    run = submitted(room, chain(1))
    room.records.annotate(run.id, NOTES)
    claim = claimed(room)
    room.records.change(claim, [completed(run.nodes[0], digest_of("parts"))], START)
    room.records.change(claim, [], FINISH)
    assert room.records.delete(run.id)
    assert room.records.notes(run.id) is None and found(room, {"stage": None}) == []

"""Which content records name, on every database that keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.dataset import Dataset
from skyloom.core.identity import digest_of
from skyloom.stores.record_references import Keeper, RecordReferences
from tests.contracts.rooms import FINISH, START, Room, artifact, chain, claimed, completed, submitted


# records in memory have no content beside them
@pytest.mark.parametrize(
    "room", ["sqlite", pytest.param("postgresql", marks=pytest.mark.real("postgresql"))], indirect=True
)
def test_what_a_record_names_is_found_until_the_record_is_gone(room: Room, tmp_path: Path) -> None:
    assert room.database is not None
    references = RecordReferences(room.database, tmp_path)
    saved, made = artifact("saved"), artifact("made")
    room.datasets.save(Dataset("data", 0, saved, "2026-01-01T00:00:00Z"))
    run = submitted(room, chain(1))
    done = completed(run.nodes[0], digest_of("print"), outputs={"Result dataset": made})
    claim = claimed(room)
    room.records.change(claim, [done], START)
    named = references.all()
    assert saved.digest in named[Keeper.DATASETS] and made.digest in named[Keeper.RUNS]
    assert made.digest not in named[Keeper.DATASETS]
    maker = references.maker(made.digest)
    assert maker is not None and maker.run == run.id
    assert references.runs() == {run.id}

    room.records.change(claim, [], FINISH)
    assert room.records.delete(run.id)
    room.datasets.delete("data", 0)
    assert not {saved.digest, made.digest} & {one for digests in references.all().values() for one in digests}

from __future__ import annotations

from pathlib import Path

import pytest

from skyloom.core.identity import Digest
from skyloom.stores import artifact_check
from skyloom.stores.artifact_check import SoundFiles

CONTENT = Digest("sha256:" + "0" * 64)


def test_content_that_is_freed_while_it_is_looked_at_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread cleans the store: the file was there a moment ago."""
    monkeypatch.setattr(artifact_check, "signature", lambda path: (1, 1, 1))
    files = SoundFiles(lambda digest: tmp_path / digest)
    assert files.look(CONTENT) is None
    assert files.references_at_a_glance(CONTENT) is None

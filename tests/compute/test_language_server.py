"""A real language server in a real box."""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skyloom.compute.language_program import find_language_server
from skyloom.compute.language_server import LanguageServer, start_language_server
from skyloom.core.problem import ProblemError
from tests.compute.boxes import CURRENT, Boxes

pytestmark = pytest.mark.real("sandbox")
SCRIPT = """import pandas as pd
from greeting import hello
def azureml_main(dataframe1=None, dataframe2=None):
    frame = pd.DataFrame()
    frame.desc
    hello.up
    return nowhere,
"""


@dataclass
class Editor:
    """A client as thin as can be."""

    server: LanguageServer
    number: int = 0

    def __post_init__(self) -> None:
        self.server.line.settimeout(60)
        self.file = self.server.line.makefile("rwb")

    def told(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def asked(self, method: str, **params: Any) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            answer = self._next()
            if answer.get("id") == self.number and "method" not in answer:
                return answer["result"]

    def begin(self, text: str) -> dict[str, str]:
        """Open a script; the name by which it is asked for."""
        root = f"file://{self.server.folder}"
        options = {"completions": {"autoImport": False}}
        self.asked("initialize", processId=None, rootUri=root, capabilities={}, initializationOptions=options)
        self.told("initialized")
        place = {"uri": f"{root}/user_script.py"}
        document = {**place, "languageId": "python", "version": 1, "text": text}
        self.told("textDocument/didOpen", textDocument=document)
        return place

    def offered(self, place: dict[str, str], line: int, character: int) -> list[str]:
        position = {"line": line, "character": character}
        found = self.asked("textDocument/completion", textDocument=place, position=position)
        return [item["label"] for item in found["items"]]

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.file.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.file.flush()

    def _next(self) -> dict[str, Any]:
        length = 0
        while (line := self.file.readline()) != b"\r\n":
            if not line:
                raise EOFError
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        found = json.loads(self.file.read(length))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("greeting.py", 'hello = "hello"\n')
    return str(path)


@contextmanager
def opened(boxes: Boxes, level: str, archive: str | None) -> Iterator[Editor]:
    if not find_language_server():
        pytest.skip("the language server 'ty' is not installed here")
    server = start_language_server(boxes.compute, CURRENT, archive, level)
    try:
        yield Editor(server)
    finally:
        server.end()


def test_it_knows_packages_and_bundle_at_every_level(boxes: Boxes, level: str, archive: str) -> None:
    with opened(boxes, level, archive) as editor:
        place = editor.begin(SCRIPT)
        assert "describe" in editor.offered(place, 4, 14)
        assert "upper" in editor.offered(place, 5, 12)
        faults = editor.asked("textDocument/diagnostic", textDocument=place)["items"]
        assert [fault["message"] for fault in faults if fault.get("code") == "unresolved-reference"] == [
            "Name `nowhere` used when not defined"
        ]
        assert editor.server.exceeded() is None


def test_it_sees_no_file_of_this_machine(boxes: Boxes, tmp_path: Path) -> None:
    secret = tmp_path / "secret_module.py"
    secret.write_text("treasure = 1\n")
    os.chmod(tmp_path, 0o755)
    reach = f"import sys\nfrom secret_module import treasure\ntreasure.\n# {secret}\n"
    with opened(boxes, "full", None) as editor:
        options = {"workspaceFolders": [{"uri": f"file://{tmp_path}", "name": "outside"}]}
        editor.asked("initialize", processId=None, rootUri=f"file://{tmp_path}", capabilities={}, **options)
        editor.told("initialized")
        place = {"uri": f"file://{tmp_path}/user_script.py"}
        document = {**place, "languageId": "python", "version": 1, "text": reach}
        editor.told("textDocument/didOpen", textDocument=document)
        faults = editor.asked("textDocument/diagnostic", textDocument=place)["items"]
        assert any("Cannot resolve imported module `secret_module`" in fault["message"] for fault in faults)


def test_its_box_ends_with_it(boxes: Boxes) -> None:
    with opened(boxes, "full", None) as editor:
        place = editor.begin("import os\nos.pat")
        assert "path" in editor.offered(place, 1, 6)
        keeper = Path(f"/proc/{editor.server._box.pid}")
        assert keeper.exists()
    until = time.monotonic() + 20
    while keeper.exists():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_damaged_bundle_is_told(boxes: Boxes, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")
    with pytest.raises(ProblemError) as refused, opened(boxes, "full", str(broken)):
        pass
    assert refused.value.problem.code == "C010"

"""Ids and digests. Also runs inside boxes (Python 3.8 and up)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from typing import Dict, List, NewType, Union

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

Digest = NewType("Digest", str)  # "sha256:<64 hex>" of content; equal digest = equal content
NodeId = NewType("NodeId", str)  # unique inside one graph, stable across edits
RunId = NewType("RunId", str)  # sortable by time of submission

Json = Union[None, bool, int, float, str, List["Json"], Dict[str, "Json"]]


def canonical_json(value: object) -> str:
    """JSON text that does not depend on key order or white space; NaN is refused.

    >>> canonical_json({"b": 1, "a": [1.0, None]})
    '{"a":[1.0,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: object) -> Digest:
    """Digest of a JSON-able value, by its canonical JSON."""
    return digest_of_bytes(canonical_json(value).encode("utf-8", "surrogatepass"))


def digest_of_bytes(content: Union[bytes, memoryview]) -> Digest:
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())


SCRIPT_NODE = NodeId("(script)")  # the one node that is the whole run: of a script that was submitted alone


def step_run_id(run: RunId, node: NodeId) -> str:
    """The GUID by which a node run is known where the old SDK wants one; the same at every asking.

    It begins with the time of its run's id, so runs, which are sorted by theirs, are its index.
    """
    if node == SCRIPT_NODE:
        return run
    text = hashlib.sha256(f"{run}/{node}".encode("utf-8", "surrogatepass")).hexdigest()
    text = time_of(run) + "8" + text[13:16] + "a" + text[17:32]  # RFC 9562, version 8
    return _guid(text)


def time_of(id: str) -> str:
    """The milliseconds with which ids of runs, and of their steps, begin: 12 hexadecimal digits.

    >>> time_of("01a21cb4-1c85-7e73-849e-6d8c0d1ea1d4")
    '01a21cb41c85'
    """
    return id.replace("-", "")[:12]


def is_guid(id: str) -> bool:
    """Whether a text has the form of the ids of runs and of their steps."""
    return _GUID.fullmatch(id) is not None


def ids_of_its_time(id: str) -> tuple[RunId, RunId]:
    """The least and the greatest id that begins with the time of this one."""
    return RunId(_guid(time_of(id) + 20 * "0")), RunId(_guid(time_of(id) + 20 * "f"))


def _guid(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def new_run_id() -> RunId:
    """An id that sorts by time (UUIDv7 layout, GUID form)."""
    millis = int(time.time() * 1000)
    rest = bytearray(os.urandom(10))
    rest[0] = 0x70 | rest[0] & 0x0F
    rest[2] = 0x80 | rest[2] & 0x3F
    return RunId(_guid(millis.to_bytes(6, "big").hex() + rest.hex()))

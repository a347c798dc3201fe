"""Ids and digests. Also runs inside boxes (Python 3.8 and up)."""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import Dict, List, NewType, Union

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


def new_run_id() -> RunId:
    """An id that sorts by time (UUIDv7 layout, GUID form)."""
    millis = int(time.time() * 1000)
    rest = bytearray(os.urandom(10))
    rest[0] = 0x70 | rest[0] & 0x0F
    rest[2] = 0x80 | rest[2] & 0x3F
    text = millis.to_bytes(6, "big").hex() + rest.hex()
    return RunId("-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])))

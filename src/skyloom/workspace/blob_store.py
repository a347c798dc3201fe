"""BlobStore: the storage account of a workspace, and the signatures that open it.

Blobs are named in the records and kept as artifacts: their names never become paths. A key or a signed
address opens them; signed addresses live for some minutes and are made anew whenever somebody asks
(services.md 6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, urlencode

from skyloom.core.artifact import Artifact
from skyloom.core.blob import MODEL_ENDINGS, Blob, BlobRef
from skyloom.core.problem import Problem, ProblemError
from skyloom.engine.ports import utc_now
from skyloom.engine.web_ports import Blobs, Facts

SIGNATURE_LIFE_S = 3600.0
LARGEST_BLOCK_ID = 64
MOST_BLOCKS = 50_000

Upload = Callable[[BinaryIO, str, str], Artifact]


class BlobStore:
    """Blobs by name.

    Parameters
    ----------
    upload
        Keeps bytes as an artifact of a type, under a name.
    folder
        Where blocks wait for their list.
    """

    def __init__(self, kept: Blobs, facts: Facts, upload: Upload, folder: Path) -> None:
        self._kept = kept
        self._facts = facts
        self._upload = upload
        self._folder = folder

    @property
    def account_key(self) -> str:
        """Base64, as connection strings hold it."""
        return self._facts.keep("storage key", base64.b64encode(secrets.token_bytes(64)).decode())

    # --- content ----------------------------------------------------------------------------------------

    def find(self, ref: BlobRef) -> Blob:
        """Raises W142 where there is none."""
        found = self._kept.find(ref)
        if found is None:
            raise ProblemError(
                Problem("W142", f"There is no blob '{ref.path}'.", ref.path, "Upload it first.")
            )
        return found

    def put(self, ref: BlobRef, content: BinaryIO, media_type: str = "") -> Blob:
        """Keep the bytes under the name."""
        artifact = self._upload(content, ref.name.rpartition("/")[2], MODEL_ENDINGS.get(ref.ending, "File"))
        return self.put_artifact(ref, artifact, media_type)

    def put_artifact(self, ref: BlobRef, artifact: Artifact, media_type: str = "") -> Blob:
        """Give content that is kept already a name here."""
        blob = Blob(ref, artifact, utc_now(), media_type or "application/octet-stream")
        self._kept.put(blob)
        return blob

    def delete(self, ref: BlobRef) -> None:
        self.find(ref)
        self._kept.delete(ref)

    def put_block(self, ref: BlobRef, block: str, content: BinaryIO) -> None:
        """Keep a part until its list comes."""
        folder = self._blocks(ref)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_hashed(block)}.{secrets.token_hex(4)}"
        with open(part, "xb") as file:
            shutil.copyfileobj(content, file, 1024 * 1024)
        os.replace(part, folder / _hashed(block))

    def put_block_list(self, ref: BlobRef, blocks: Sequence[str], media_type: str = "") -> Blob:
        """The parts in this order become the blob; raises W121 when one is missing."""
        folder = self._blocks(ref)
        parts = [folder / _hashed(block) for block in blocks]
        if len(parts) > MOST_BLOCKS or not all(part.is_file() for part in parts):
            raise ProblemError(Problem("W121", "The list names a block that was not sent.", ref.path, ""))
        with tempfile.TemporaryFile(dir=self._folder) as whole:
            for part in parts:
                with open(part, "rb") as content:
                    shutil.copyfileobj(content, whole, 1024 * 1024)
            whole.seek(0)
            blob = self.put(ref, whole, media_type)
        shutil.rmtree(folder, ignore_errors=True)
        return blob

    def _blocks(self, ref: BlobRef) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / _hashed(f"{ref.account}\n{ref.container}\n{ref.name}")

    # --- signatures -------------------------------------------------------------------------------------

    def sign(self, address: str, life_s: float = SIGNATURE_LIFE_S) -> str:
        """The query that opens an address for reading, with its question mark."""
        expiry = str(int(time.time() + life_s))
        return "?" + urlencode({"sp": "r", "se": expiry, "sig": self._signature(address, expiry)})

    def is_signed(self, address: str, query: str) -> bool:
        """Whether the query opens the address now."""
        given = parse_qs(query.lstrip("?"))
        expiry, signature = given.get("se", [""])[-1], given.get("sig", [""])[-1]
        if not expiry.isdecimal() or len(expiry) > 12 or int(expiry) < time.time():
            return False
        return hmac.compare_digest(signature.encode(), self._signature(address, expiry).encode())

    def is_signed_by_key(self, text: str, signature: str) -> bool:
        """Whether ``signature`` is what the account's key makes of ``text`` (SharedKey)."""
        key = base64.b64decode(self.account_key)
        wanted = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest())
        return hmac.compare_digest(signature.encode("utf-8", "replace"), wanted)

    def is_key(self, key: str) -> bool:
        """Whether this is the account's key."""
        return hmac.compare_digest(key.encode("utf-8", "replace"), self.account_key.encode())

    def _signature(self, address: str, expiry: str) -> str:
        key = self._facts.keep("signing key", secrets.token_hex(32))
        text = f"{address}\nr\n{expiry}".encode()
        return base64.urlsafe_b64encode(hmac.new(bytes.fromhex(key), text, hashlib.sha256).digest()).decode()


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

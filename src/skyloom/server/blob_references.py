"""Blob references in requests: which of our blobs is meant, and whether the one who names it may.

Two forms (services.md 1.3): a connection string with a relative location, or a base location with a signed
token. Both lead to the workspace's own storage account and nowhere else: no address in a request is ever
called. Credentials are looked at here and forgotten.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from skyloom.core.blob import ACCOUNT, BlobRef
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.workspace.blob_store import BlobStore

LONGEST_NAME = 1024
_CONTAINER = re.compile(r"\$?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def blob_of(value: Json, where: str, blobs: BlobStore, may_write: bool, is_trusted: bool) -> BlobRef:
    """The blob that a reference names.

    Parameters
    ----------
    may_write
        It is to be written: a token for reading is not enough.
    is_trusted
        Who asks may read every blob anyway.

    Raises
    ------
    ProblemError
        W144 a storage that is not ours or whose key is wrong, W148, W149.
    """
    if not isinstance(value, dict):
        raise _fault("W149", "A blob reference is an object.", where)
    location = value.get("RelativeLocation")
    if not isinstance(location, str) or not location.strip("/"):
        raise _fault("W149", "'RelativeLocation' is missing.", where)
    connection, base = value.get("ConnectionString"), value.get("BaseLocation")
    if isinstance(connection, str) and connection.strip():
        _check_connection(connection, where, blobs)
        return ref_of(location, where)
    if not isinstance(base, str) or not base:
        raise _fault("W149", "A 'ConnectionString' or a 'BaseLocation' is missing.", where)
    path = f"{urlsplit(base).path.rstrip('/')}/{location.lstrip('/')}"
    prefix = f"/blobstore/{ACCOUNT}/"
    if not path.startswith(prefix):
        raise _fault("W144", "The base location is not this workspace's storage.", where)
    token = value.get("SasBlobToken")
    is_signed = isinstance(token, str) and blobs.is_signed(path, token)
    if not is_trusted and (may_write or not is_signed):
        raise _fault("W144", "The token of the location opens nothing, or not for writing.", where)
    return ref_of(path.removeprefix(prefix), where)


def ref_of(location: str, where: str) -> BlobRef:
    """``container/path``; a slash in front is tolerated.

    Raises
    ------
    ProblemError
        W148.
    """
    container, _, name = unquote(location).lstrip("/").partition("/")
    is_plain = name.isprintable() and "\\" not in name and 0 < len(name) <= LONGEST_NAME
    if not _CONTAINER.fullmatch(container) or not is_plain or {".", ".."} & set(name.split("/")):
        raise _fault("W148", f"'{location:.100}' is no container/path.", where)
    return BlobRef(container, name)


def _check_connection(text: str, where: str, blobs: BlobStore) -> None:
    parts = dict(
        (name.strip().lower(), value)
        for name, equals, value in (part.partition("=") for part in text.split(";"))
        if equals
    )
    if parts.get("accountname") != ACCOUNT:
        raise _fault("W144", f"The connection string is not for the account '{ACCOUNT}'.", where)
    if not blobs.is_key(parts.get("accountkey", "")):
        raise _fault("W144", "The account key of the connection string is wrong.", where)


def _fault(code: str, message: str, where: str) -> ProblemError:
    return ProblemError(Problem(code, message, where, "See docs/web-services.md."))

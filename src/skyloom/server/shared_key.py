"""SharedKey: how storage clients sign a request with the account's key.

Source: the string to sign of the Blob service's Shared Key authorization, versions from 2009-09-19, as the
clients of services.md 1.4 write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from starlette.requests import Request

from skyloom.core.blob import ACCOUNT
from skyloom.workspace.blob_store import BlobStore

_PLAIN = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def is_signed_by_account(request: Request, path: str, blobs: BlobStore) -> bool:
    """Whether the Authorization header is the account's own signature of the request to ``path``."""
    header = request.headers.get("authorization", "")
    scheme, _, rest = header.partition(" ")
    account, _, signature = rest.partition(":")
    if scheme.lower() != "sharedkey" or account != ACCOUNT:
        return False
    return any(blobs.is_signed_by_key(text, signature) for text in _texts(request, path))


def _texts(request: Request, path: str) -> Iterator[str]:
    """What may have been signed: clients differ in whether the path they sign is quoted."""
    headers = request.headers
    plain = [headers.get(name, "") for name in _PLAIN]
    if plain[2] == "0":
        plain[2] = ""  # since version 2015-02-21
    if headers.get("x-ms-date"):
        plain[5] = ""
    own = sorted((name, value.strip()) for name, value in headers.items() if name.startswith("x-ms-"))
    lines = [request.method, *plain, *(f"{name}:{value}" for name, value in own)]
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name.lower(), []).append(value)
    asked = "".join(f"\n{name}:{','.join(sorted(values))}" for name, values in sorted(query.items()))
    for shown in dict.fromkeys((path, quote(path), quote(path, safe="/()$=',~"))):
        yield "\n".join([*lines, f"/{ACCOUNT}{shown}{asked}"])

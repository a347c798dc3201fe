"""Passwords and tokens that addresses of channels hold, apart from the addresses.

An address is written into locks and beside the packages, which scripts may read. So py-rattler gets bare
addresses, and what opens them in a file of its own form (``RATTLER_AUTH_FILE``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

AUTH_FILE = "RATTLER_AUTH_FILE"

_TOKEN = re.compile(r"/t/(?P<token>[^/]+)(?=/)")


def bare_address(address: str) -> str:
    """The address without what opens it.

    >>> bare_address("https://me:word@host/t/tk-1/mine"), bare_address("file:///data/t/x/mine")
    ('https://host/mine', 'file:///data/t/x/mine')
    """
    if not address.startswith(("http://", "https://")):
        return address
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], path=_TOKEN.sub("", parts.path, 1)).geturl()


def credentials_in(addresses: Iterable[str]) -> dict[str, dict[str, object]]:
    """What opens hosts, as rattler's file has it.

    >>> credentials_in(["https://me:word@host/mine", "https://other/t/tk-1/mine", "https://open/mine"])
    {'host': {'BasicHTTP': {'username': 'me', 'password': 'word'}}, 'other': {'CondaToken': 'tk-1'}}
    """
    found: dict[str, dict[str, object]] = {}
    for parts in (urlsplit(one) for one in addresses if one.startswith(("http://", "https://"))):
        host, token = parts.hostname or "", _TOKEN.match(parts.path)
        if parts.username:
            words = {"username": unquote(parts.username), "password": unquote(parts.password or "")}
            found[host] = {"BasicHTTP": words}
        elif token is not None:
            found[host] = {"CondaToken": token["token"]}
    return found


def auth_file(environ: Mapping[str, str], credentials: Mapping[str, object]) -> str:
    """Text of the file: these, and those of the file that the agent's user has set already."""
    known: object = {}
    if environ.get(AUTH_FILE):
        try:
            with open(environ[AUTH_FILE], encoding="utf-8") as file:
                known = json.load(file)
        except (OSError, ValueError):
            pass  # py-rattler would not read it either
    return json.dumps({**(known if isinstance(known, dict) else {}), **credentials})

"""Azure Blob Storage, and whatever speaks as it does (Azurite), through adlfs."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from skyloom.core.datastore import Datastore
from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.reachable import check_reachable
from skyloom.stores.web_address import AllowedHosts

PUBLIC_ENDPOINT = "core.windows.net"


def account_address(settings: Mapping[str, str], service: str = "blob") -> str:
    """The account's address, from the old settings protocol and endpoint.

    An endpoint with a scheme or a port, or that is an IP address, is a host of its own, with the account in
    the path as emulators have it.

    >>> account_address({"account_name": "a"})
    'https://a.blob.core.windows.net'
    >>> account_address({"account_name": "a", "endpoint": "127.0.0.1:10000", "protocol": "http"})
    'http://127.0.0.1:10000/a'
    """
    account, endpoint = settings["account_name"], settings.get("endpoint") or PUBLIC_ENDPOINT
    protocol = settings.get("protocol") or "https"
    if "://" in endpoint:
        protocol, _, endpoint = endpoint.partition("://")
    endpoint = endpoint.strip("/")
    if "/" in endpoint:
        return f"{protocol}://{endpoint}"
    if _is_own_host(endpoint):
        return f"{protocol}://{endpoint}/{account}"
    return f"{protocol}://{account}.{service}.{endpoint}"


def connect_blob(store: Datastore, secrets: Mapping[str, str], allowed: AllowedHosts) -> Any:
    """An adlfs file system.

    Raises
    ------
    ProblemError
        P235 adlfs is not installed; D063 to D065, P233: the address cannot be asked.
    """
    address = account_address(store.settings)
    check_reachable(address, allowed)
    try:
        from adlfs import AzureBlobFileSystem  # 1 s to import
    except ImportError:
        what = f"The datastore '{store.name}' is Azure Blob Storage, which needs the package adlfs."
        raise ProblemError(Problem("P235", what, store.name, "pip install 'skyloom[azure]'")) from None
    more: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    account = store.settings["account_name"]
    if secrets.get("client_secret"):
        return AzureBlobFileSystem(
            account_name=account,
            tenant_id=secrets.get("tenant_id"),
            client_id=secrets.get("client_id"),
            client_secret=secrets.get("client_secret"),
            **more,
        )
    parts = [f"BlobEndpoint={address}", f"AccountName={account}"]
    if secrets.get("account_key"):
        parts += [
            f"DefaultEndpointsProtocol={urlsplit(address).scheme}",
            f"AccountKey={secrets['account_key']}",
        ]
    elif secrets.get("sas_token"):
        parts.append(f"SharedAccessSignature={secrets['sas_token'].lstrip('?')}")
    else:
        return AzureBlobFileSystem(account_name=account, anon=True, account_host=_host(address), **more)
    return AzureBlobFileSystem(connection_string=";".join(parts), **more)


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _is_own_host(endpoint: str) -> bool:
    host, _, port = endpoint.rpartition(":")
    if host and port.isdecimal():
        return True
    try:
        ipaddress.ip_address(endpoint.strip("[]"))
    except ValueError:
        return endpoint == "localhost"
    return True

"""Web addresses: which may be asked. Name once, check, then connect to the very address that was checked."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from skyloom.core.problem import Problem, ProblemError

PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class AllowedHosts:
    """Hosts of a private network that the administrator lets graphs ask."""

    listed: frozenset[str] = frozenset()

    @staticmethod
    def parse(text: str) -> AllowedHosts:
        """Read ``host, host:port, [v6]:port``."""
        return AllowedHosts(frozenset(part.strip().lower() for part in text.split(",") if part.strip()))

    def has(self, host: str, port: int) -> bool:
        spelled = f"[{host}]" if ":" in host else host
        return not self.listed.isdisjoint({spelled.lower(), host.lower(), f"{spelled.lower()}:{port}"})


@dataclass(frozen=True)
class Target:
    """An address that may be asked, and where to connect for it."""

    scheme: str
    host: str  # as a name in ASCII, for TLS and the Host header
    port: int
    path: str  # with the query
    addresses: tuple[str, ...]  # checked; in the resolver's order


def checked_target(url: str, allowed: AllowedHosts) -> Target:
    """Take an address apart and look its host up.

    Raises
    ------
    ProblemError
        D063: it is no http address that can be used. D064: it leads into a private network. D065: the
        host's name leads nowhere.
    """
    parts = _parts(url)
    host, port = _host(parts, url), _port(parts, url)
    path = parts.path.replace(" ", "%20") or "/"
    query = f"?{parts.query}" if parts.query else ""
    if not (path + query).isascii():
        raise _unusable(url, "it has letters beyond ASCII")
    return Target(parts.scheme, host, port, path + query, checked_addresses(host, port, allowed))


def checked_addresses(host: str, port: int, allowed: AllowedHosts) -> tuple[str, ...]:
    """The addresses of a host, all of them fit to be asked.

    Raises
    ------
    ProblemError
        D064, D065.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProblemError(
            Problem("D065", f"The host '{host}' was not found.", host, "Check its name and the network.")
        ) from error
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    # one inward address is enough to refuse: which of several is used is the name server's choice
    inward = [address for address in addresses if not is_on_open_web(address)]
    if inward and not allowed.has(host, port):
        raise ProblemError(
            Problem(
                "D064",
                f"The host '{host}' is {inward[0]}, which is not on the open web.",
                host,
                f"If graphs may read from it, start the agent with SKYLOOM_URL_ALLOW={host}:{port}.",
            )
        )
    return addresses


def is_on_open_web(address: str) -> bool:
    """Whether anybody could reach the address: not this machine, its network or a cloud's metadata.

    >>> [is_on_open_web(a) for a in ("8.8.8.8", "127.0.0.1", "::ffff:10.0.0.1", "169.254.169.254")]
    [True, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _inner(ip)
    if inner is not None:
        return is_on_open_web(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inner(ip: _Address) -> ipaddress.IPv4Address | None:
    """The old address that a new one carries inside, whichever way."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _parts(url: str) -> SplitResult:
    # urlsplit drops tabs and line ends without a word; other readers of the address may not
    if not url or any(character <= " " or character in "\\\x7f" for character in url.replace(" ", "_")):
        raise _unusable(url, "it is empty or has control characters")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _unusable(url, str(error)) from error
    if parts.scheme not in PORTS:
        raise _unusable(url, f"it begins with '{parts.scheme}:' and not with http: or https:")
    if parts.username is not None or parts.password is not None:
        raise _unusable(url, "it holds a user name or password, which would be kept with the graph")
    return parts


def _host(parts: SplitResult, url: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise _unusable(url, "it names no host")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _unusable(url, "its host is no name") from error


def _port(parts: SplitResult, url: str) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise _unusable(url, "its port is no number up to 65535") from error


def without_secrets(url: str) -> str:
    """The address as it may be shown: no user, no password, no query."""
    _, _, behind = url.partition("://")
    authority = behind.partition("/")[0].partition("?")[0]
    shown = url.replace(f"{authority.rpartition('@')[0]}@", "", 1) if "@" in authority else url
    return shown.partition("?")[0][:200]


def _unusable(url: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D063",
            f"The address '{without_secrets(url)}' cannot be used: {why}.",
            "URL",
            "Give an address such as https://host/folder/file.csv.",
        )
    )

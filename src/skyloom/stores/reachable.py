"""Whether an address may be asked, and whether anybody listens there: before a library tries for minutes."""

from __future__ import annotations

import socket

from skyloom.core.problem import Problem, ProblemError
from skyloom.stores.web_address import AllowedHosts, checked_target, without_secrets

_CONNECT_S = 10.0


def check_reachable(address: str, allowed: AllowedHosts) -> None:
    """Look the host up and connect once.

    Raises
    ------
    ProblemError
        D063 no address, D064 a private host that is not listed in SKYLOOM_URL_ALLOW, D065 no such host, P233
        nobody listens.
    """
    target = checked_target(address, allowed)
    failure: OSError = ConnectionError("the host has no address")
    for one in target.addresses:
        try:
            socket.create_connection((one, target.port), timeout=_CONNECT_S).close()
            return
        except OSError as error:
            failure = error
    what = f"Nobody answers at {without_secrets(address)}: {failure.strerror or failure}."
    raise ProblemError(Problem("P233", what, without_secrets(address), "Check the address and the network."))

"""The address of a database as a graph names it: which kinds there are, and faults without its password."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from skyloom.core.problem import Problem, ProblemError

POSTGRESQL_PORT = 5432
_SAFE_OPTIONS = {"sslmode"}  # others could name another host or a file of this machine


def database_address(url: str) -> URL:
    try:
        address = make_url(url)
        kind = address.get_backend_name()
    except (ArgumentError, ValueError):
        raise unusable_database("it is no database URL") from None  # the cause would show the password
    if kind not in ("sqlite", "postgresql"):
        raise unusable_database(f"'{kind}' is not a database that can be read")
    strange = sorted(set(address.query) - _SAFE_OPTIONS)
    if strange:
        raise unusable_database(f"the option '{strange[0]}' is not allowed in it")
    return address


def said(error: Exception, address: URL | None) -> str:
    """The driver's own words, first line, without the password."""
    cause = getattr(error, "orig", None) or error
    line = (str(cause).strip().splitlines() or [type(cause).__name__])[0][:300]
    password = None if address is None else address.password
    return line.replace(password, "***") if password else line


def unusable_database(why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "D070",
            f"The database cannot be used: {why}.",
            "Database URL",
            "Write sqlite:////FOLDER/FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        )
    )

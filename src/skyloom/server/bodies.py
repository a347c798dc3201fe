"""Bodies: what a request brings, read within its caps, JSON parsed into core types."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import BinaryIO, TypeVar, cast

from anyio import to_thread
from starlette.requests import Request

from skyloom.client.strict_json import parse_json
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.serialize import from_json
from skyloom.server.desk import desk_of

SPOOL_BYTES = 1024 * 1024
T = TypeVar("T")


async def read_object(request: Request) -> dict[str, Json]:
    """The JSON object in the body.

    Raises
    ------
    ProblemError
        A006 too large, A007 not a JSON object.
    """
    return parse_object(await read_bytes(request))


def parse_object(content: bytes) -> dict[str, Json]:
    """The JSON object that these bytes are.

    Raises
    ------
    ProblemError
        A007 not a JSON object.
    """
    try:
        value = parse_json(content)
    except ValueError as error:
        raise _not_json(str(error)) from error
    if not isinstance(value, dict):
        raise _not_json("an object belongs here")
    return value


async def read_bytes(request: Request) -> bytes:
    """The body, no larger than JSON may be.

    Raises
    ------
    ProblemError
        A006.
    """
    cap = desk_of(request).caps.json_bytes
    _check_length(request, cap)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > cap:
            raise _too_large(cap)
    return bytes(content)


async def spool(request: Request) -> BinaryIO:
    """The body as a nameless temporary file, read from its beginning; the caller closes it.

    Raises
    ------
    ProblemError
        A006 too large.
    starlette.requests.ClientDisconnect
        The client went away before all was sent.
    """
    desk = desk_of(request)
    _check_length(request, desk.caps.upload_bytes)
    file = cast(BinaryIO, tempfile.TemporaryFile(dir=desk.home))
    try:
        size, waiting = 0, bytearray()
        async for chunk in request.stream():
            size += len(chunk)
            if size > desk.caps.upload_bytes:
                raise _too_large(desk.caps.upload_bytes)
            waiting += chunk
            if len(waiting) >= SPOOL_BYTES:
                await to_thread.run_sync(file.write, bytes(waiting))
                waiting.clear()
        file.write(waiting)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def read_as(kind: type[T], value: Json, where: str) -> T:
    """A core value from its JSON form.

    Raises
    ------
    ProblemError
        A007 with the part that does not fit.
    """
    try:
        return from_json(kind, value, where)
    except ValueError as error:
        raise _not_json(str(error)) from error


def text_of(body: Mapping[str, Json], name: str, default: str | None = None) -> str:
    """A text field of a body.

    Raises
    ------
    ProblemError
        A007: missing without a default, or not text.
    """
    value = body.get(name, default)
    if not isinstance(value, str):
        raise _not_json(f"'{name}' must be text")
    return value


def query_text(request: Request, name: str) -> str:
    """A needed query parameter.

    Raises
    ------
    ProblemError
        A013.
    """
    value = request.query_params.get(name)
    if not value:
        raise _bad_query(f"The query parameter '{name}' is missing.", name)
    return value


def query_number(request: Request, name: str, default: float, most: float) -> float:
    """A query parameter that is a number from 0 to ``most``; larger ones are cut.

    Raises
    ------
    ProblemError
        A013.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not number >= 0:  # NaN too
        raise _bad_query(f"The query parameter '{name}' must be a number from 0, not {text!r:.40}.", name)
    return min(number, most)


def _check_length(request: Request, cap: int) -> None:
    """Refuse by the announced length, before anything is read."""
    text = request.headers.get("content-length", "")
    if text.isdecimal() and int(text) > cap:
        raise _too_large(cap)


def _too_large(cap: int) -> ProblemError:
    size = f"{cap / 1024**2:g} MiB" if cap >= 1024**2 else f"{cap} bytes"
    return ProblemError(
        Problem("A006", f"The request is larger than {size}.", "body", "Send less, or compress the file.")
    )


def _not_json(why: str) -> ProblemError:
    return ProblemError(
        Problem("A007", f"The request does not read: {why}.", "body", "See docs/reference/rest.md.")
    )


def _bad_query(message: str, name: str) -> ProblemError:
    return ProblemError(Problem("A013", message, name, "See docs/reference/rest.md."))

"""``skyloom up`` and ``skyloom down``: the workspace on the network."""

from __future__ import annotations

import os
import signal
import threading
from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.terminal import Terminal
from skyloom.client.web import HttpWeb, open_web
from skyloom.core.identity import Json
from skyloom.core.problem import ProblemError

NOT_RUNNING = "A001"
LOOK_S = 2.0  # how often a waiting 'up' looks whether the port is still open


def up(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0 takes any free one.")
    ] = 8421,
    tls_certificate: Annotated[
        str | None, typer.Option("--tls-certificate", metavar="FILE", help="PEM file; speak TLS.")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option("--tls-key", metavar="FILE", help="PEM file with the key to it.")
    ] = None,
    behind_tls_proxy: Annotated[
        bool, typer.Option("--behind-tls-proxy", help="A proxy in front speaks TLS to clients.")
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A host name that clients use (may be repeated)."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until Ctrl-C, then close the port.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Let the workspace's agent listen on TCP too; it is started if it does not run."""
    terminal, web = Terminal(as_json, quiet), open_web()
    names: list[Json] = list(name or [])
    found = web.open_port(
        host=host,
        port=port,
        behind_tls_proxy=behind_tls_proxy,
        certificate=None if tls_certificate is None else os.path.abspath(tls_certificate),
        certificate_key=None if tls_key is None else os.path.abspath(tls_key),
        names=names,
    )
    new_token, sign_in = found.pop("new_token", None), found.pop("sign_in", "")
    if as_json:
        terminal.answer({**found, "sign_in": sign_in, "token_is_new": new_token is not None})
    else:
        terminal.line(str(sign_in))
        terminal.say(
            "Open this in a browser. It works once, within ten minutes; 'skyloom up' prints another."
        )
        terminal.say("'skyloom token show' prints the token for programs, 'skyloom down' closes the port.")
    return _stay(web, terminal) if wait else exit_codes.OK


def down(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Close the port; the agent and its runs go on."""
    terminal = Terminal(as_json, quiet)
    try:
        closed = open_web(start=False).close_port()
    except ProblemError as error:
        if error.problem.code != NOT_RUNNING:
            raise
        closed = False
    if as_json:
        terminal.answer({"closed": closed})
    else:
        terminal.say("The port is closed." if closed else "No port was open.")
    return exit_codes.OK


def _stay(web: HttpWeb, terminal: Terminal) -> int:
    """Wait for Ctrl-C or SIGTERM; end with a fault when the agent goes away."""
    ended = threading.Event()
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, lambda *_: ended.set())
    lookout = HttpWeb(web.place)  # without starting an agent: that one would have no port
    while not ended.wait(LOOK_S):
        try:
            if not lookout.port().get("open"):
                terminal.say("The port was closed.")
                return exit_codes.OK
        except ProblemError as error:
            terminal.problems(error.problems)
            return exit_codes.UNREACHABLE
    lookout.close_port()
    terminal.say("The port is closed.")
    return exit_codes.OK

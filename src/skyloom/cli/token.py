"""``skyloom token``: who may ask over the network."""

from __future__ import annotations

from typing import Annotated

import typer

from skyloom.cli import exit_codes
from skyloom.cli.options import AsJson, Quiet
from skyloom.cli.sizes import parse_seconds
from skyloom.cli.terminal import Terminal
from skyloom.client.web import open_web
from skyloom.core.identity import Json

app = typer.Typer(help="Tokens: who may ask over the network.", no_args_is_help=True)

_COLUMNS = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "state")


@app.command()
def show(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Print the owner's token; it is made if there is none."""
    terminal, text = Terminal(as_json, quiet), open_web().first_token()
    if as_json:
        terminal.answer({"token": text})
    else:
        terminal.line(text)
    return exit_codes.OK


@app.command()
def create(
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="read, submit, admin, pipelines:submit, endpoint:ID or pipeline:ID (may be repeated).",
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "",
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="S", help="Life: seconds, or 30d, 12h; default: none.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Make a token and print it; it is not shown again."""
    terminal = Terminal(as_json, quiet)
    made = open_web().create_token(name, scope, None if expires is None else _seconds(expires))
    if as_json:
        terminal.answer(made)
    else:
        terminal.line(str(made["token"]))
        terminal.say(f"Token {made['id']}: keep it now, only its digest stays here.")
    return exit_codes.OK


@app.command("list")
def list_tokens(as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Every token, without its secret."""
    terminal, found = Terminal(as_json, quiet), open_web().tokens()
    if as_json:
        known: list[Json] = list(found)
        terminal.answer({"tokens": known})
    else:
        rows = [{**token, "scopes": _words(token["scopes"]), "state": _state(token)} for token in found]
        terminal.table(_COLUMNS, [[row[column] for column in _COLUMNS] for row in rows])
    return exit_codes.OK


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="The id that 'token list' shows.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """End a token at once."""
    terminal, gone = Terminal(as_json, quiet), open_web().revoke_token(token)
    if as_json:
        terminal.answer(gone)
    else:
        terminal.say(f"Token {gone['id']} opens nothing any more.")
    return exit_codes.OK


def _seconds(text: str) -> float:
    if text.endswith("d") and text[:-1].replace(".", "", 1).isdigit():
        return float(text[:-1]) * 86400
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _words(scopes: Json) -> str:
    return " ".join(str(scope) for scope in scopes) if isinstance(scopes, list) else ""


def _state(token: dict[str, Json]) -> str:
    return "revoked" if token.get("revoked_at") else "live"

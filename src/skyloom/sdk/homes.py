"""Where named workspaces live: the first in the home, further ones below it; or one behind a server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.server_place import ServerPlace, named_server
from skyloom.core.identity import Json

if TYPE_CHECKING:
    from skyloom.client.publishing import PublishingWorkspace

_FURTHER = "workspaces"
_last: list[PublishingWorkspace] = []  # the workspace that this program got last: whose token it means


def open_home(home: str) -> PublishingWorkspace:
    """The workspace of a home; its agent is started by the first request."""
    from skyloom.client.publishing import PublishingWorkspace  # http: not before a workspace is asked for
    from skyloom.client.revive import revive

    return PublishingWorkspace(AgentPlace(home), revive)


def open_server(place: ServerPlace, auth: Any = None) -> PublishingWorkspace:
    """The workspace behind an address. Without SKYLOOM_TOKEN, ``auth`` or the token of this home opens it."""
    from skyloom.client.remote import RemoteWorkspace

    if not place.token:
        given = getattr(auth, "_bearer", None)
        place.token = given(place) if given is not None else _own_token(place)
    return RemoteWorkspace(place)


def find_workspace(
    name: str, url: str = "", auth: Any = None
) -> tuple[PublishingWorkspace, dict[str, Json]] | None:
    """The workspace of that name with its facts, or None. ``url`` holds where SKYLOOM_URL is not set."""
    server = named_server(url=url)
    first = open_home(workspace_home()) if server is None else open_server(server, auth)
    facts = first.facts()
    if facts.get("name") == name:
        return _remembered(first), facts
    folder = _folder_of(name)
    if server is not None or not os.path.isfile(os.path.join(folder, "workspace.json")):
        return None
    further = open_home(folder)
    return _remembered(further), further.facts()


def home_for_new(name: str, auth: Any = None) -> PublishingWorkspace:
    """Where a workspace that is to be created will live."""
    server = named_server()
    if server is not None:
        return _remembered(open_server(server, auth))
    first = open_home(workspace_home())
    return _remembered(open_home(_folder_of(name)) if first.facts().get("name") else first)


def workspace_names() -> list[str]:
    """Names of all workspaces of this home, or of the one behind the server."""
    server = named_server()
    first = (open_home(workspace_home()) if server is None else open_server(server)).facts().get("name")
    names = [str(first)] if first else []
    if server is not None:
        return names
    try:
        return [*names, *sorted(os.listdir(os.path.join(workspace_home(), _FURTHER)))]
    except FileNotFoundError:
        return names


def meant_workspace() -> PublishingWorkspace:
    """The workspace that this program got last; before it got any, the one it would get."""
    if _last:
        return _last[0]
    server = named_server()
    return open_home(workspace_home()) if server is None else open_server(server)


def _remembered(found: PublishingWorkspace) -> PublishingWorkspace:
    _last[:] = [found]
    return found


def _own_token(place: ServerPlace) -> str:
    """The owner's token where the address is that of this home's own server."""
    own = open_home(workspace_home())
    if own.address() != place.url:
        return ""
    return first_token(own)


def first_token(workspace: PublishingWorkspace) -> str:
    """The token of the owner of a workspace on this machine; it is made if there is none."""
    from skyloom.client.revive import revive
    from skyloom.client.web import HttpWeb

    assert isinstance(workspace.place, AgentPlace)
    return HttpWeb(workspace.place, revive).first_token()


def _folder_of(name: str) -> str:
    return os.path.join(workspace_home(), _FURTHER, name)

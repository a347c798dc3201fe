"""Authentication: on one's own machine nobody needs convincing; over the network a token does it.

Source: sdk.md 4, Authentication.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from skyloom.client.server_place import TOKEN, ServerPlace, named_server
from skyloom.core.problem import ProblemError
from skyloom.sdk import homes
from skyloom.sdk.exceptions import AuthenticationException, from_problem
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

_LONG_S = 3600.0  # said of tokens that do not end by themselves
_EARLY_S = 60.0  # a token is renewed so long before its end


class AccessToken(NamedTuple):
    """A token, and when it ends in seconds since 1970."""

    token: str
    expires_on: int


class AbstractAuthentication:
    """Taken wherever ``auth`` is; the agent's socket belongs to one user and needs nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Nothing of it is needed here."""

    def get_authentication_header(self) -> dict[str, str]:
        """``{"Authorization": "Bearer ..."}`` for the addresses of the workspace.

        Raises
        ------
        AuthenticationException
            There is no token to be had.
        """
        return {"Authorization": f"Bearer {self._token().token}"}

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return self._token()

    def signed_session(self, session: Any = None) -> Any:
        """A ``requests`` session that shows the token."""
        if session is None:
            import requests  # optional: with notebooks that use it

            session = requests.Session()
        session.headers.update(self.get_authentication_header())
        return session

    def _bearer(self, place: ServerPlace) -> str:
        """What is shown to a server whose address was given."""
        return self._token().token

    def _token(self) -> AccessToken:
        """SKYLOOM_TOKEN, or the owner's token of the workspace that is meant."""
        text = os.environ.get(TOKEN, "")
        if not text:
            try:
                text = _workspace_token()
            except ProblemError as error:
                raise from_problem(error, AuthenticationException) from error
        if not text:
            raise AuthenticationException(
                "There is no token. Set SKYLOOM_TOKEN; 'skyloom token create' makes one on the server."
            )
        return AccessToken(text, int(time.time() + _LONG_S))


class InteractiveLoginAuthentication(AbstractAuthentication):
    """The owner's token of a workspace of this machine, or SKYLOOM_TOKEN; the arguments are taken."""

    def __init__(
        self, force: bool = False, tenant_id: str | None = None, cloud: str | None = None, **_: Any
    ) -> None:
        super().__init__()


class AzureCliAuthentication(AbstractAuthentication):
    """As InteractiveLoginAuthentication."""

    def __init__(self, cloud: str | None = None, **_: Any) -> None:
        super().__init__()


class MsiAuthentication(AbstractAuthentication):
    """As InteractiveLoginAuthentication."""

    def __init__(self, identity_config: Any = None, cloud: str | None = None, **_: Any) -> None:
        super().__init__()


class ServicePrincipalAuthentication(AbstractAuthentication):
    """Exchanges an id and a secret for a token that ends by itself.

    Parameters
    ----------
    tenant_id
        Anything.
    service_principal_id, service_principal_password
        The id of a token of the workspace, and its secret or its whole text (``skyloom token create``).

    Raises
    ------
    AuthenticationException
        When a token is asked for: they open nothing, or no server is up.
    """

    def __init__(
        self,
        tenant_id: str,
        service_principal_id: str,
        service_principal_password: str,
        cloud: str = "AzureCloud",
        _enable_caching: bool = True,
    ) -> None:
        self._tenant_id = tenant_id
        self._service_principal_id = service_principal_id
        self._service_principal_password = service_principal_password
        self._enable_caching = _enable_caching
        self._known: AccessToken | None = None

    def _token(self) -> AccessToken:
        server = named_server()
        return self._exchanged(server.url if server is not None else homes.meant_workspace().address())

    def _bearer(self, place: ServerPlace) -> str:
        return self._exchanged(place.url).token

    def _exchanged(self, address: str) -> AccessToken:
        known = self._known
        if known is None or not self._enable_caching or known.expires_on - _EARLY_S < time.time():
            known = self._known = self._asked(address)
        return known

    def _asked(self, address: str) -> AccessToken:
        if not address:
            raise AuthenticationException(
                "The workspace has no server that gives tokens: 'skyloom up' opens one, or set SKYLOOM_URL."
            )
        form = {
            "grant_type": "client_credentials",
            "client_id": self._service_principal_id,
            "client_secret": self._service_principal_password,
        }
        told = _posted(f"{address}/oauth2/token", form)
        if "access_token" not in told:
            raise AuthenticationException(str(told.get("error_description") or "The server gave no token."))
        return AccessToken(str(told["access_token"]), int(time.time()) + int(told.get("expires_in", 0)))


class ArmTokenAuthentication(AbstractAuthentication):
    """(arm_access_token): a token of the workspace, as it is."""

    def __init__(self, arm_access_token: str, *_: Any, **__: Any) -> None:
        self._text = arm_access_token

    def update_arm_access_token(self, arm_access_token: str) -> None:
        self._text = arm_access_token

    def _token(self) -> AccessToken:
        return AccessToken(self._text, int(time.time() + _LONG_S))


class TokenAuthentication(AbstractAuthentication):
    """(get_token_for_audience): asks a function for the token."""

    def __init__(self, get_token_for_audience: Callable[[str], str], *_: Any, **__: Any) -> None:
        self._ask = get_token_for_audience

    def _token(self) -> AccessToken:
        return AccessToken(self._ask("skyloom"), int(time.time() + _LONG_S))


class AzureMLTokenAuthentication(AbstractAuthentication):
    """Made by the old service inside runs; a step of ours has no way to the workspace, and no token."""

    def _token(self) -> AccessToken:
        refuse("AzureMLTokenAuthentication.get_token", "Steps have no network; give them data as inputs.")


def _workspace_token() -> str:
    workspace = homes.meant_workspace()
    if isinstance(workspace.place, ServerPlace):
        return workspace.place.token
    return homes.first_token(workspace)


def _posted(url: str, form: dict[str, str]) -> dict[str, Any]:
    from urllib.error import HTTPError, URLError  # http: not before a token is asked for
    from urllib.parse import urlencode
    from urllib.request import Request, urlopen

    request = Request(url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    try:
        with urlopen(request, timeout=60) as answer:
            told = json.load(answer)
    except HTTPError as error:
        with error:
            try:
                told = json.load(error)
            except ValueError:
                told = {}
    except (URLError, ValueError, OSError) as error:
        raise AuthenticationException(f"The server at {url} does not answer: {error}") from error
    return told if isinstance(told, dict) else {}

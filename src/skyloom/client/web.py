"""HttpWeb: the web port and its tokens, asked of the agent over its Unix socket."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from skyloom.client.connection import Connection
from skyloom.client.home import AgentPlace, workspace_home
from skyloom.client.revive import revive
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError

API = "/api/v1"
LONG_WORK_S = None  # a service may have to build an environment before it answers


def open_web(home: str | None = None, start: bool = True) -> HttpWeb:
    """The network side of the workspace in ``home``; ``start`` starts its agent if none runs."""
    return HttpWeb(AgentPlace(home or workspace_home()), revive if start else None)


class HttpWeb:
    """One thread at a time."""

    def __init__(self, place: AgentPlace, revive: Callable[[AgentPlace], None] | None = None) -> None:
        self.place = place
        self._agent = Connection(place, revive)

    def close(self) -> None:
        self._agent.close()

    def open_port(self, **wish: Json) -> dict[str, Json]:
        """Make the agent listen; the fields of ``server/web_port.py`` WebWish."""
        given = {name: value for name, value in wish.items() if value is not None}
        return _object(self._agent.send_json("POST", f"{API}/web", body=given))

    def close_port(self) -> bool:
        return bool(_object(self._agent.send_json("DELETE", f"{API}/web")).get("closed"))

    def port(self) -> dict[str, Json]:
        """Whether it is open, and where."""
        return _object(self._agent.get_json(f"{API}/web"))

    def first_token(self) -> str:
        """The owner's token, made if there is none yet."""
        path = str(_object(self._agent.send_json("POST", f"{API}/tokens/first")).get("token_file"))
        with open(path, encoding="ascii") as file:
            return file.read().strip()

    def create_token(self, name: str, scopes: Sequence[str], expires_in_s: float | None) -> dict[str, Json]:
        """A token with its text, which is told only this once."""
        body = {"name": name, "scopes": list(scopes), "expires_in_s": expires_in_s}
        return _object(self._agent.send_json("POST", f"{API}/tokens", body=body))

    def tokens(self) -> list[dict[str, Json]]:
        found = _object(self._agent.get_json(f"{API}/tokens")).get("tokens")
        if not isinstance(found, list):
            raise _unexpected("a list 'tokens'")
        return [_object(one) for one in found]

    def revoke_token(self, token: str) -> dict[str, Json]:
        return _object(self._agent.send_json("DELETE", f"{API}/tokens/{token}"))

    # --- web services -----------------------------------------------------------------------------------

    def publish(self, publication: dict[str, Json]) -> dict[str, Json]:
        """A service with its default endpoint and the keys of that; core/web_services_api.py Publication."""
        return _object(
            self._agent.send_json("POST", f"{API}/services", body=publication, timeout_s=LONG_WORK_S)
        )

    def services(self) -> list[dict[str, Json]]:
        found = _object(self._agent.get_json(f"{API}/services")).get("services")
        if not isinstance(found, list):
            raise _unexpected("a list 'services'")
        return [_object(one) for one in found]

    def delete_service(self, service: str) -> None:
        self._agent.send_json("DELETE", f"{API}/services/{service}")

    def put_endpoint(self, service: str, name: str, wish: dict[str, Json]) -> dict[str, Json]:
        return _object(self._agent.send_json("PUT", f"{API}/services/{service}/endpoints/{name}", body=wish))

    def delete_endpoint(self, service: str, name: str) -> None:
        self._agent.send_json("DELETE", f"{API}/services/{service}/endpoints/{name}")

    def keys(self, service: str, name: str) -> dict[str, Json]:
        return _object(self._agent.get_json(f"{API}/services/{service}/endpoints/{name}/keys"))

    def new_key(self, service: str, name: str, which: str) -> dict[str, Json]:
        path = f"{API}/services/{service}/endpoints/{name}/keys"
        return _object(self._agent.send_json("POST", path, body={"which": which}))

    def storage(self) -> dict[str, Json]:
        """Name and key of the storage account that batch clients bring files to."""
        return _object(self._agent.get_json(f"{API}/storage"))

    def call(self, service: str, name: str, content: bytes, is_swagger: bool) -> bytes:
        """The answer to a classic request.

        Raises
        ------
        ProblemError
            W158: the service refused the call; what it said stands in the problem.
        """
        path = f"{API}/services/{service}/endpoints/{name}/call"
        query = {"format": "swagger"} if is_swagger else {}
        headers = {"Content-Type": "application/json"}
        return self._agent.request("POST", path, query, content, headers, LONG_WORK_S)


def _object(told: Json) -> dict[str, Json]:
    if isinstance(told, dict):
        return told
    raise _unexpected("an object")


def _unexpected(what: str) -> ProblemError:
    return ProblemError(
        Problem(
            "A004",
            f"The agent's answer does not read: {what}.",
            "",
            "An agent of another version may be running: 'skyloom agent stop' ends it.",
        )
    )

"""Secrets of compute targets: given with the target's facts, and kept apart from them."""

from __future__ import annotations

from collections.abc import Mapping

from skyloom.core.identity import Json

SECRETS = "secrets"  # of a compute target's body as it is sent: name -> secret; those known before stay
TOKEN = "token"  # of an attached Databricks workspace; other names are SCOPE/KEY of dbutils.secrets


def split_secrets(targets: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, dict[str, str]]]:
    """The bodies of compute targets without their secrets, and the secrets by target.

    >>> split_secrets({"bricks": {"type": "Databricks", "secrets": {"token": "t"}}})
    ({'bricks': {'type': 'Databricks'}}, {'bricks': {'token': 't'}})
    """
    bodies: dict[str, Json] = {}
    found: dict[str, dict[str, str]] = {}
    for name, body in targets.items():
        if isinstance(body, dict):
            told = body.get(SECRETS)
            if isinstance(told, dict) and told:
                found[name] = {str(key): str(value) for key, value in told.items()}
            body = {key: value for key, value in body.items() if key != SECRETS}
        bodies[name] = body
    return bodies, found


def by_scope(secrets: Mapping[str, str]) -> dict[str, Json]:
    """What ``dbutils.secrets`` knows: scope -> key -> secret.

    >>> by_scope({"token": "t", "db/password": "p"})
    {'db': {'password': 'p'}}
    """
    found: dict[str, dict[str, Json]] = {}
    for name, value in secrets.items():
        scope, slash, key = name.partition("/")
        if slash:
            found.setdefault(scope, {})[key] = value
    return {scope: values for scope, values in found.items()}

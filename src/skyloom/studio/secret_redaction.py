"""Secret redaction: what an export may hold of live keys is gone before anything is kept or shown.

Source: studio.md, Corrections ("Exports may hold live keys: never print them").
"""

from __future__ import annotations

import json
import re

from skyloom.core.identity import Json
from skyloom.studio.foreign_json import BYTE_ORDER_MARK

REDACTED = "<redacted>"

_SECRET_NAME = re.compile(
    r"password|passwd|secret|credential|connectionstring|sastoken|accountkey|accesskey|apikey|authkey",
    re.IGNORECASE,
)
_SECRET_PLACES = frozenset({"keys", "credentials", "certificate"})  # every text below is one
_KEY_NAMES = frozenset({"key", "primarykey", "secondarykey", "accesscredential"})
_NOT_SECRET = frozenset({"certificatethumbprint", "type", "name", "parametertype", "description"})
_SIGNATURE = re.compile(r"(?i)([?&;](?:sig|sharedaccesssignature|accountkey|password|pwd)=)[^&\s\"';]+")
_EXPRESSION = re.compile(r"\[[^\[].*\]", re.DOTALL)  # names a template parameter; holds no value itself


def redacted(value: Json, under_secret: bool = False) -> Json:
    """The same JSON with every secret text replaced.

    >>> redacted({"keys": {"primary": "abc"}, "url": "http://a/b?sig=xyz&se=1"})
    {'keys': {'primary': '<redacted>'}, 'url': 'http://a/b?sig=<redacted>&se=1'}
    """
    if isinstance(value, dict):
        parameter = next((part for key, part in value.items() if key.casefold() == "type"), None)
        secure = isinstance(parameter, str) and parameter.casefold() in ("securestring", "secureobject")
        return {
            key: redacted(
                part,
                _is_secret(key, under_secret or (secure and key.casefold() in ("value", "defaultvalue"))),
            )
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [redacted(part, under_secret) for part in value]
    if not isinstance(value, str):
        return value
    if under_secret:
        return value if not value or _EXPRESSION.fullmatch(value) else REDACTED
    return _SIGNATURE.sub(rf"\g<1>{REDACTED}", value)


def redacted_text(text: str, value: dict[str, Json]) -> str:
    """The text itself where it holds no secret, else its JSON without them; a byte order mark stays."""
    now = redacted(value)
    if now == value:
        return text
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    return mark + json.dumps(now, ensure_ascii=False, indent=2)


def _is_secret(key: str, under_secret: bool) -> bool:
    name = "".join(letter for letter in key.casefold() if letter.isalnum())
    if name in _NOT_SECRET:
        return False
    return under_secret or name in _SECRET_PLACES or name in _KEY_NAMES or bool(_SECRET_NAME.search(name))

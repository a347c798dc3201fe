"""Embedded content: bundles, tables and models that an asset of a web service definition holds itself.

A definition mostly points to storage that is gone; what stands in it, as a ``data:`` address or as base64, is
unpacked. A model is taken if this product wrote it: the old one's models are .NET objects, which nothing here
can read.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from skyloom.studio.foreign_json import Fields

_MEMBERS = ("contents", "content", "zipContents", "data")
_OF_MODELS = ("ILearner", "ITransform")
_OUR_MODELS = b"\x80\x05"  # how a pickle of data/objects.py begins
_ZIPS = b"PK"
_ENDINGS = {"Zip": ".zip", "Dataset": ".csv"}


@dataclass(frozen=True)
class Embedded:
    """The bytes of one resource; ``name`` has the ending that its reader goes by."""

    name: str
    type: str
    content: bytes


def embedded_in(asset: Fields, name: str, type: str, notes: list[str]) -> Embedded | None:
    """What an asset holds; None where it only says where something lay. What cannot be used is noted."""
    content = _content(asset)
    if content is None:
        return None
    if type == "Zip" and not content.startswith(_ZIPS):
        notes.append(f"the content of '{name}' is no zip archive; bind a file to it")
        return None
    if type in _OF_MODELS and not content.startswith(_OUR_MODELS):
        notes.append(
            f"'{name}' is a model in the old product's own form, which cannot be read; train it again"
        )
        return None
    ending = _ENDINGS.get(type, "")
    has_ending = name.lower().endswith((".csv", ".tsv", ".arff", ".parquet", ending or name.lower()))
    return Embedded(name if has_ending else name + ending, type, content)


def _content(asset: Fields) -> bytes | None:
    place = asset.fields("locationInfo")
    for text in (place.text("uri"), asset.text("uri")):
        if text.startswith("data:"):
            head, comma, body = text.partition(",")
            if comma:
                return _base64(body) if head.endswith(";base64") else unquote_to_bytes(body)
    for fields in (asset, place):
        for member in _MEMBERS:
            text = fields.text(member)
            if text:
                return _base64(text)
    return None


def _base64(text: str) -> bytes | None:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None

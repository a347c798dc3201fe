"""Writes web/src/api/schema.ts from the OpenAPI document; with --check says whether it is behind and exits 1.

The document's own types only (server/answers.py, server/descriptions.py). Written here rather than by a
package of npm: it needs no Node, so `make check` compares the whole file on every machine.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from skyloom.server.desk import Desk
from skyloom.server.metrics import Metrics
from skyloom.server.web_app import build_routes
from skyloom.server.web_port import WebFront

TARGET = Path(__file__).resolve().parent.parent / "web" / "src" / "api" / "schema.ts"
NOTE = "// Written by `make docs` from the server's OpenAPI document (tools/api_types.py); do not edit."
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
Schema = Mapping[str, Any]


def openapi() -> dict[str, Any]:
    """The document, without a workspace behind it: nothing is asked of one while routes are put together."""
    nobody = cast(Desk, None)
    return build_routes(nobody, WebFront(frozenset(), False), Metrics()).openapi()


def typescript(document: Schema) -> str:
    """The whole file."""
    return "\n".join([NOTE, "", *_named(document["components"]["schemas"]), *_routes(document["paths"])])


def _named(schemas: Mapping[str, Schema]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        if schema.get("description"):
            yield f"/** {schema['description']} */"
        if schema.get("properties"):
            lines = "".join(f"  {one};\n" for one in _members(schema))
            yield f"export interface {name} {{\n{lines}}}\n"
        else:
            yield f"export type {name} = {type_of(schema)};\n"


def _routes(paths: Mapping[str, Mapping[str, Schema]]) -> Iterator[str]:
    """What each route that says so takes and gives, by method and path."""
    given, taken, asked = [], [], []
    for path, methods in sorted(paths.items()):
        for method, words in sorted(methods.items()):
            name = json.dumps(f"{method.upper()} {path}")
            answer = _content(_success(words.get("responses", {})))
            if answer:
                given.append(f"  {name}: {type_of(answer)};")
            body = _content(words.get("requestBody", {}))
            if body:
                taken.append(f"  {name}: {type_of(body)};")
            query = _query(words.get("parameters", ()))
            if query:
                asked.append(f"  {name}: {query};")
    for title, name, lines in (
        ("The body of the answer of each route.", "Answers", given),
        ("The JSON body that a route takes.", "Bodies", taken),
        ("What may stand in the query of a route.", "Queries", asked),
    ):
        yield "\n".join([f"/** {title} */", f"export interface {name} {{", *lines, "}\n"])


def _success(responses: Mapping[str, Schema]) -> Schema:
    return next((words for code, words in sorted(responses.items()) if code.startswith("2")), {})


def _content(words: Schema) -> Schema:
    found = words.get("content", {}).get("application/json", {}).get("schema", {})
    return cast(Schema, found)


def _query(parameters: Any) -> str:
    parts = [
        f"{_key(one['name'])}{'' if one.get('required') else '?'}: {type_of(one['schema'])}"
        for one in parameters
        if one["in"] == "query"
    ]
    return f"{{ {'; '.join(parts)} }}" if parts else ""


def type_of(schema: Schema) -> str:
    """TypeScript of one schema.

    >>> type_of({"type": "array", "items": {"type": ["string", "null"]}})
    '(string | null)[]'
    >>> type_of({"type": "object", "properties": {"a b": {"const": 1}}, "required": []})
    '{ "a b"?: 1 }'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return _joined(schema["anyOf"], " | ")
    if "allOf" in schema:
        return _joined(schema["allOf"], " & ")
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(type_of({**schema, "type": one}) for one in kind)
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _object(schema)
    return _PLAIN.get(str(kind), "unknown")


def _joined(parts: Any, sign: str) -> str:
    return sign.join(dict.fromkeys(_enclosed(type_of(part), sign) for part in parts))


def _enclosed(told: str, sign: str) -> str:
    return f"({told})" if sign == " & " and " | " in told else told


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(part) for part in schema['prefixItems'])}]"
    told = type_of(schema.get("items", {}))
    return (
        f"({told})[]" if (" | " in told or " & " in told) and not told.startswith(("{", "[")) else f"{told}[]"
    )


def _object(schema: Schema) -> str:
    further = schema.get("additionalProperties")
    members = _members(schema)
    if not members:
        told = type_of(further) if isinstance(further, Mapping) else "unknown"
        return f"{{ [name: string]: {told} }}"
    return f"{{ {'; '.join(members)} }}"


def _members(schema: Schema) -> list[str]:
    needed = set(schema.get("required", ()))
    return [
        f"{_key(name)}{'' if name in needed else '?'}: {type_of(part)}"
        for name, part in schema.get("properties", {}).items()
    ]


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name)


def main(words: list[str]) -> int:
    text = typescript(openapi())
    if "--check" not in words:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TARGET.name} is behind the server's OpenAPI document: run 'make docs'.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

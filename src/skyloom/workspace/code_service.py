"""CodeService: a function that a client publishes as a web service, made a graph (services.md 2.4).

The old Python client ships byte code of Python 2.7 inside a script; R ships source and a saved environment.
Both become one script module whose input port is the service's: the sandbox sees a script like any other.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable, Mapping
from typing import BinaryIO

from skyloom.core.artifact import Artifact
from skyloom.core.identity import Json
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.service import ServiceColumn
from skyloom.core.web_services_api import Publication

INPUT, OUTPUT = "input1", "output1"
# what a Language stands for: module, parameter that holds the text, environment of Python scripts
LANGUAGES: Mapping[str, tuple[str, str, str | None]] = {
    "python-2.7-64": ("Execute Python Script", "Python Script", "studio-2.7"),
    "python-3.x": ("Execute Python Script", "Python Script", None),
    "r-3.1-64": ("Execute R Script", "R Script", None),
}
_TYPES = {
    "integer": "Integer",
    "number": "Double",
    "boolean": "Boolean",
    "string": "String",
}
# the client's function answers columns that are called 0, 1, ...; the schema knows their names
_RENAMING = """

__published_main = azureml_main


def azureml_main(frame1=None, frame2=None):
    found = __published_main(frame1, frame2)
    if isinstance(found, (tuple, list)):
        found = found[0]
    names = {names}
    if len(names) != len(found.columns):
        names = [str(name) for name in found.columns]
    found.columns = names
    return found,
"""

Upload = Callable[[BinaryIO, str, str], Artifact]


def publication_of(body: Mapping[str, Json], service: str, upload: Upload) -> Publication:
    """What the body of a PUT asks to publish.

    Raises
    ------
    ProblemError
        W160 a language that is not spoken, W161 the body lacks something.
    """
    bundle = body.get("CodeBundle")
    if body.get("Type") != "Code" or not isinstance(bundle, dict):
        raise _invalid("'Type' must be \"Code\" and 'CodeBundle' an object.", "CodeBundle")
    language = str(bundle.get("Language", ""))
    found = LANGUAGES.get(language.lower())
    if found is None and language.lower().startswith("python-3"):
        found = LANGUAGES["python-3.x"]
    if found is None:
        known = ", ".join(LANGUAGES)
        raise ProblemError(
            Problem("W160", f"No runtime for the language '{language:.50}'.", "Language", f"Use: {known}.")
        )
    source = bundle.get("SourceCode")
    if not isinstance(source, str) or not source.strip():
        raise _invalid("'SourceCode' is missing.", "CodeBundle.SourceCode")
    module, parameter, environment = found
    results = _columns(bundle.get("OutputSchema"), "OutputSchema")
    if module == "Execute Python Script":
        source += _RENAMING.format(names=json.dumps([column.name for column in results]))
    name = body.get("Name")
    return Publication(
        name if isinstance(name, str) else "",
        document=_document(str(name), module, parameter, source, environment, _zip(bundle, upload)),
        service=service,
        schemas={INPUT: _columns(bundle.get("InputSchema"), "InputSchema")},
    )


def _document(
    name: str, module: str, parameter: str, source: str, environment: str | None, bundle: Artifact | None
) -> Json:
    code: dict[str, Json] = {"module": module, "parameters": {parameter: source}, "title": name}
    nodes: dict[str, Json] = {"code": code}
    if environment is not None:
        code["environment"] = environment
    if bundle is not None:
        reference: Json = {"datastore": "workspaceartifactstore", "path": bundle.digest}
        nodes["bundle"] = {"reference": reference, "type": "Zip"}
        code["inputs"] = {"Script Bundle": "bundle"}
    return {
        "schema_version": 1,
        "name": name,
        "nodes": nodes,
        "inputs": {INPUT: {"targets": ["code.Dataset1"]}},
        "outputs": {OUTPUT: "code"},
    }


def _columns(schema: Json, where: str) -> tuple[ServiceColumn, ...]:
    """Arguments or results with their types; what has none of ours is text."""
    if schema is None:
        return ()
    if not isinstance(schema, dict):
        raise _invalid(f"'{where}' must be an object.", where)
    columns: list[ServiceColumn] = []
    for name, words in schema.items():
        kind = words.get("type") if isinstance(words, dict) else None
        columns.append(ServiceColumn(name, _TYPES.get(str(kind).lower(), "String")))
    return tuple(columns)


def _zip(bundle: Mapping[str, Json], upload: Upload) -> Artifact | None:
    text = bundle.get("ZipContents")
    if not text:
        return None
    try:
        content = base64.b64decode(str(text), validate=False)
    except (binascii.Error, ValueError) as error:
        raise _invalid(f"'ZipContents' is no base64: {error}.", "CodeBundle.ZipContents") from error
    return upload(io.BytesIO(content), "bundle.zip", "Zip")


def _invalid(message: str, where: str) -> ProblemError:
    return ProblemError(Problem("W161", message, where, "See docs/web-services.md."))

"""Score scripts: ``score.py`` with ``init()`` and ``run(data)`` as a graph of one module (services.md 5).

``init`` runs once a worker, ``run`` for every call with the body as text; what it returns becomes JSON. The
model's files are the script bundle, and ``AZUREML_MODEL_DIR`` says where they lie.
"""

from __future__ import annotations

from skyloom.core.identity import Json
from skyloom.core.score_words import ASKED, BODY
from skyloom.core.service import ServiceColumn

INPUT, OUTPUT = "input1", "output1"
SCHEMAS = {INPUT: (ServiceColumn(BODY, "String"), ServiceColumn(ASKED, "String"))}
_WRAPPER = """from skyloom.runner.score_script import ScoreScript

azureml_main = ScoreScript({source!r}, {swagger!r}, {name!r}).azureml_main
"""


def score_document(name: str, source: str, bundle: str | None, swagger: str = "") -> Json:
    """The graph; ``bundle`` is the digest of a zip archive with the model's files.

    ``swagger`` is the text of the document that the author of the script wrote for it.
    """
    wrapper = _WRAPPER.format(name=name, source=source, swagger=swagger)
    code: dict[str, Json] = {
        "module": "Execute Python Script",
        "title": "score.py",
        "parameters": {"Python Script": wrapper},
    }
    nodes: dict[str, Json] = {"score": code}
    if bundle is not None:
        nodes["model"] = {
            "reference": {"datastore": "workspaceartifactstore", "path": bundle},
            "type": "Zip",
        }
        code["inputs"] = {"Script Bundle": "model"}
    return {
        "schema_version": 1,
        "name": name,
        "nodes": nodes,
        "inputs": {INPUT: {"targets": ["score.Dataset1"]}},
        "outputs": {OUTPUT: "score"},
    }

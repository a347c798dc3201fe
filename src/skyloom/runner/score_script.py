"""Score scripts inside their box: ``init()`` once, ``run`` for each request (services.md 5).

The server hands over the body as text and what else there is to know of a request as JSON; it gets back the
answer's text, status and headers. What ``run`` raises goes through: it is told as a script's fault.
"""

from __future__ import annotations

import inspect
import json
import os
from base64 import b64decode
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import pandas

from skyloom.core.score_words import ASKED, BODY, HEADERS, RESULT, STATUS, SWAGGER
from skyloom.runner.scoring_names import decorators
from skyloom.runner.scoring_names.install import install
from skyloom.runner.scoring_names.raw_http import AMLRequest, AMLResponse, is_raw

_FILE = "score.py"
_WITH_HEADERS = "request_headers"
_JSON = "application/json"
Answer = Tuple[str, int, Dict[str, str]]


class ScoreScript:
    """A script that was read and whose ``init`` has run.

    Parameters
    ----------
    source
        Its text.
    swagger
        The swagger.json that lies beside it, which wins over ours; "" where there is none.
    name
        Of the service, for the script's environment variables.
    """

    def __init__(self, source: str, swagger: str = "", name: str = "") -> None:
        os.environ["AZUREML_MODEL_DIR"] = os.path.abspath("Script Bundle")
        os.environ["AZUREML_ENTRY_SCRIPT"] = _FILE
        os.environ["AML_APP_ROOT"] = os.getcwd()
        os.environ["SERVICE_NAME"] = name
        install()
        self._swagger = swagger
        self._names: Dict[str, Any] = {"__name__": "score", "__file__": _FILE}
        exec(compile(source, _FILE, "exec"), self._names)
        run = self._names.get("run")
        if not callable(run):
            raise TypeError("the script defines no function run")
        self._run: Callable[..., Any] = run
        self._parameters = inspect.signature(decorators.inner(run)).parameters
        variable = [
            one.name for one in self._parameters.values() if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        ]
        if variable:
            raise TypeError(
                f"run takes *{variable[0]}: name its arguments, so that a request can be matched with them"
            )
        init = self._names.get("init")
        if callable(init):
            init()

    def azureml_main(self, frame1: Any = None, frame2: Any = None) -> Tuple[Any]:
        """Called by the worker with one row a request."""
        told: List[Answer] = [
            self._answer(body if isinstance(body, str) else "", json.loads(asked))
            for body, asked in zip(frame1[BODY], frame1[ASKED])
        ]
        columns = {
            RESULT: [text for text, _, _ in told],
            STATUS: [str(status) for _, status, _ in told],
            HEADERS: [json.dumps(headers) for _, _, headers in told],
        }
        return (pandas.DataFrame(columns),)

    def _answer(self, body: str, asked: Mapping[str, Any]) -> Answer:
        if asked.get("kind") == SWAGGER:
            return json.dumps(self.described()), 200, {}
        headers: Mapping[str, str] = asked.get("headers") or {}
        given: Dict[str, Any] = {_WITH_HEADERS: dict(headers)} if _WITH_HEADERS in self._parameters else {}
        if is_raw(self._run):
            raw = b64decode(asked["raw"]) if asked.get("raw") else body.encode()
            request = AMLRequest(asked.get("method", "POST"), raw, headers, asked.get("query") or {})
            return _told(self._run(request, **given))
        if not decorators.is_decorated(self._run):
            return _told(self._run(body, **given))
        arguments, refused = self._arguments(body, asked)
        return refused or _told(self._run(**arguments, **given))

    def _arguments(self, body: str, asked: Mapping[str, Any]) -> Tuple[Dict[str, Any], Optional[Answer]]:
        """Arguments by name out of a JSON object, or why there are none."""
        kind = str((asked.get("headers") or {}).get("content-type", _JSON)).partition(";")[0].strip().lower()
        if asked.get("method") == "POST" and kind != _JSON:
            return {}, _refusal(415, f"Unsupported Content-Type: {kind}. Send {_JSON}.")
        try:
            told = json.loads(body)
        except ValueError as error:
            return {}, _refusal(400, f"The body is no JSON: {error}.")
        if not isinstance(told, dict):
            return {}, _refusal(400, "The body is no JSON object with the arguments of run.")
        arguments: Dict[str, Any] = {}
        for name, parameter in self._parameters.items():
            if name == _WITH_HEADERS:
                continue
            if name in told:
                arguments[name] = told[name]
            elif parameter.default is parameter.empty:
                return {}, _refusal(400, f"A value is not provided for the '{name}' parameter.")
        return arguments, None

    def described(self) -> Dict[str, Any]:
        """Schemas of input and output, None where nothing is declared; and the script's own document."""
        is_declared = decorators.is_decorated(self._run)
        return {
            "input": decorators.input_schema_of(self._run) if is_declared else None,
            "output": decorators.output_schema_of(self._run) if is_declared else None,
            "own": json.loads(self._swagger) if self._swagger else None,
        }


def _told(returned: Any) -> Answer:
    if not isinstance(returned, AMLResponse):
        return json.dumps(returned), 200, {}
    message = returned.message
    if returned.json_str:
        headers = {"Content-Type": _JSON, **returned.response_headers}
        return json.dumps(message), returned.status_code, headers
    if isinstance(message, (bytes, bytearray)):
        message = bytes(message).decode("utf-8", "replace")
    return str(message), returned.status_code, dict(returned.response_headers)


def _refusal(status: int, message: str) -> Answer:
    return json.dumps({"message": message}), status, {}

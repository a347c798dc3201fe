"""``azureml.core.Model`` as a step sees it: models that were brought in, and wishes to register new ones.

A box has no way to the workspace. What a step asks to have registered is written beside its files; the agent
registers it once the step has ended well (``engine/register.py``). Source: sdk.md 10, 11.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import Any, Dict, List, Mapping, NoReturn, Optional

from skyloom.core import node_log
from skyloom.core.problem import Problem, ProblemError

MODELS_VARIABLE = "SKYLOOM_MODELS"
PORT = "azureml_model_"  # and a number: input ports of models
WISHES = "azureml-models/registrations.json"  # a kept file
KEPT = "azureml-models/registered"  # below it: what Model.register was given
PENDING = "pending"  # the version of a model that is registered when the step has ended
_CACHE = "azureml-models"
_VARIABLE = "AZUREML_DATAREFERENCE_"

_wishes: List[Dict[str, Any]] = []


class Model:
    """A model that was brought in: the newest of the name, or the version that is asked for."""

    def __init__(
        self,
        workspace: Any = None,
        name: Optional[str] = None,
        id: Optional[str] = None,
        version: Optional[int] = None,
        **_: Any,
    ) -> None:
        if id is not None:
            name, _colon, number = id.rpartition(":")
            version = int(number)
        told = _find(str(name), version)
        self.workspace = workspace
        self.name = told["name"]
        self.version = told["version"]
        self.tags = dict(told["tags"])
        self.properties = dict(told["properties"])
        self._told = told

    @property
    def id(self) -> str:
        return "%s:%s" % (self.name, self.version)

    @staticmethod
    def get_model_path(model_name: str, version: Optional[int] = None, _workspace: Any = None) -> str:
        """Path of the model, below ``azureml-models/`` of the working directory.

        Raises
        ------
        ProblemError
            P285: no such model was brought in.
        """
        return _placed(_find(model_name, version))

    @staticmethod
    def list(workspace: Any = None, name: Optional[str] = None, **_: Any) -> List[Model]:
        """Those that were brought in, the newest first."""
        told = [one for one in reversed(_told()) if name in (None, one["name"])]
        return [Model(workspace, one["name"], version=one["version"]) for one in told]

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: Any = None) -> str:
        """Copy it below a folder; its path there."""
        target = os.path.join(target_dir, self._told["item"])
        source = os.path.realpath(_placed(self._told))
        os.makedirs(target_dir, exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target, dirs_exist_ok=bool(exist_ok or exists_ok))
        else:
            shutil.copyfile(source, target)
        return target

    @staticmethod
    def register(
        workspace: Any = None,
        model_path: str = "",
        model_name: str = "",
        tags: Optional[Mapping[str, Any]] = None,
        properties: Optional[Mapping[str, Any]] = None,
        description: Optional[str] = None,
        **more: Any,
    ) -> PendingModel:
        """Have a file or folder registered when the step has ended well.

        Raises
        ------
        FileNotFoundError
            There is nothing at ``model_path``.
        """
        if not os.path.exists(model_path):
            raise FileNotFoundError("Error, provided model path '%s' cannot be found." % model_path)
        item = os.path.basename(os.path.abspath(model_path))
        kept = "%s/%d/%s" % (KEPT, len(_wishes), item)
        run: Any = node_log.offered()
        if os.path.isdir(model_path):
            run.upload_folder(kept, model_path)
        else:
            run.upload_file(kept, model_path)
        return wish(run, model_name, kept, tags, properties, description, more)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        _refuse("Model.%s" % name)

    def __repr__(self) -> str:
        return "Model(name=%s, id=%s, version=%s)" % (self.name, self.id, self.version)


class PendingModel:
    """A model that is registered when the step has ended; its version is not known before."""

    def __init__(
        self, name: str, tags: Dict[str, str], properties: Dict[str, str], description: str, run_id: str
    ) -> None:
        self.name = name
        self.description = description
        self.run_id = run_id
        self.version = PENDING
        self.id = "%s:%s" % (name, PENDING)
        self.tags = tags
        self.properties = properties

    def __repr__(self) -> str:
        return "Model(name=%s, version=%s)" % (self.name, self.version)


def wish(
    run: Any,
    name: str,
    path: str,
    tags: Optional[Mapping[str, Any]],
    properties: Optional[Mapping[str, Any]],
    description: Optional[str],
    more: Mapping[str, Any],
) -> PendingModel:
    """Write down that what the run keeps at ``path`` is to be registered."""
    made = PendingModel(name, _texts(tags), _texts(properties), description or "", run.id)
    _wishes.append(
        {
            "name": name,
            "path": path,
            "tags": made.tags,
            "properties": made.properties,
            "description": description or "",
            "model_framework": str(more.get("model_framework") or "Custom"),
            "model_framework_version": more.get("model_framework_version"),
        }
    )
    run.upload_file(WISHES, _Text(json.dumps(_wishes)))
    print("Registering model %s: it is registered when the step has ended." % name)
    return made


class _Text:
    """A text as an open file."""

    def __init__(self, text: str) -> None:
        self._rest = text.encode()

    def read(self, size: int = -1) -> bytes:
        found, self._rest = self._rest, b""
        return found


def _told() -> List[Dict[str, Any]]:
    found = json.loads(os.environ.get(MODELS_VARIABLE) or "[]")
    return list(found)


def _find(name: str, version: Optional[int]) -> Dict[str, Any]:
    told = _told()
    fitting = [one for one in told if one["name"] == name and version in (None, one["version"])]
    if fitting:
        return fitting[-1]
    have = ", ".join("%s:%s" % (one["name"], one["version"]) for one in told) or "none"
    what = "ModelNotFound: the model '%s' was not brought into the step; there is: %s." % (name, have)
    fix = "Register it before the run is submitted, and name it in an argument or as a text in the script."
    raise ProblemError(Problem("P285", what, "", fix))


def _placed(told: Mapping[str, Any]) -> str:
    """Its path under the old name; workers of one step may ask at once."""
    folder = os.path.join(_CACHE, told["name"], str(told["version"]))
    target = os.path.join(folder, told["item"])
    if not os.path.lexists(target):
        os.makedirs(folder, exist_ok=True)
        try:
            os.symlink(os.environ[_VARIABLE + told["port"]], target)
        except FileExistsError:
            pass  # another process was quicker
    return target


def _texts(values: Optional[Mapping[str, Any]]) -> Dict[str, str]:
    return {str(key): str(value) for key, value in (values or {}).items()}


def _refuse(what: str) -> NoReturn:
    message = "%s is not available inside a script: the sandbox has no connection to the workspace." % what
    raise ProblemError(Problem("S020", message, "", "Do it in the program that submits the run."))

"""Model: a registered file or folder with a name and a version. Source: sdk.md 10.

The content is stored by digest; registering what a run kept copies nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.core.artifact import Artifact
from skyloom.core.folder import Folder, FolderFile
from skyloom.core.identity import Digest, Json
from skyloom.core.problem import ProblemError
from skyloom.core.registry import Entry
from skyloom.core.serialize import from_json, to_json
from skyloom.sdk.exceptions import (
    ModelNotFoundException,
    ModelPathNotFoundException,
    WebserviceException,
    from_problem,
)
from skyloom.sdk.local_folder import keep_path
from skyloom.sdk.unbuilt import refuse

if TYPE_CHECKING:
    from skyloom.sdk.run import Run
    from skyloom.sdk.workspace import Workspace

KIND = "models"
CACHE = "azureml-models"  # below the working directory
_DEPLOY = (
    "Load the model in a step (Model.get_model_path), or make a web service of an experiment with "
    "'skyloom endpoint publish'."
)
_FACTS = ("description", "model_framework", "model_framework_version", "run_id", "experiment_name")


class _Framework:
    """Names of frameworks."""

    CUSTOM, TENSORFLOW, SCIKITLEARN, ONNX, MULTI = "Custom", "TensorFlow", "ScikitLearn", "Onnx", "Multi"

    @classmethod
    def get_supported_frameworks(cls) -> list[str]:
        return [cls.TENSORFLOW, cls.SCIKITLEARN, cls.ONNX, cls.CUSTOM, cls.MULTI]


class Model:
    """The newest registered model that fits.

    Parameters
    ----------
    id
        ``name:version``.
    tags, properties
        As in ``list``.

    Raises
    ------
    WebserviceException
        Neither name nor id is given, or nothing fits (the message has ModelNotFound).
    """

    Framework = _Framework

    def __init__(
        self,
        workspace: Workspace,
        name: str | None = None,
        id: str | None = None,
        tags: Any = None,
        properties: Any = None,
        version: int | None = None,
        run_id: str | None = None,
        model_framework: str | None = None,
        **_: Any,
    ) -> None:
        if not name and not id:
            raise WebserviceException("Model needs a name or an id.")
        if id:
            name, _colon, text = id.rpartition(":")
            version = _number(text)
        found = [
            entry
            for entry in _entries(workspace, name)
            if (version is None or entry.version == _number(version))
            and _fits(entry, tags, properties, run_id)
            and model_framework in (None, entry.body.get("model_framework"))
        ]
        if not found:
            wanted = f"{name}:{version}" if version is not None else f"{name}"
            raise WebserviceException(f"ModelNotFound: no registered model fits '{wanted}'.", 404)
        self._settle(workspace, found[-1])

    def _settle(self, workspace: Workspace, entry: Entry) -> None:
        self.workspace = workspace
        self._entry = entry

    @classmethod
    def _of(cls, workspace: Workspace, entry: Entry) -> Model:
        made = cls.__new__(cls)
        made._settle(workspace, entry)
        return made

    # --- making and finding ----------------------------------------------------------------------------

    @staticmethod
    def register(
        workspace: Workspace,
        model_path: str,
        model_name: str,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        description: str | None = None,
        datasets: Any = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        child_paths: Sequence[str] | None = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
        **_: Any,
    ) -> Model:
        """Keep a file or a folder as the next version of that name.

        Raises
        ------
        FileNotFoundError
            There is nothing at ``model_path``.
        WebserviceException
            A child path is not there.
        """
        if not os.path.exists(model_path):
            raise FileNotFoundError(f"Error, provided model path '{model_path}' cannot be found.")
        for child in child_paths or ():
            if not os.path.exists(os.path.join(model_path, child)):
                raise WebserviceException(f"Error, provided child path '{child}' cannot be found.")
        print(f"Registering model {model_name}")
        artifact = keep_path(workspace._api, model_path, child_paths)
        facts = {
            "description": description or "",
            "model_framework": model_framework or _Framework.CUSTOM,
            "model_framework_version": model_framework_version,
        }
        return _keep(workspace, model_name, artifact, os.path.basename(os.path.abspath(model_path)),
                     facts, tags, properties)  # fmt: skip

    @staticmethod
    def list(
        workspace: Workspace,
        name: str | None = None,
        tags: Any = None,
        properties: Any = None,
        run_id: str | None = None,
        latest: bool = False,
        dataset_id: str | None = None,
        expand: bool = True,
        page_count: int = 255,
        model_framework: str | None = None,
    ) -> list[Model]:
        """Registered models, the newest first.

        Parameters
        ----------
        tags, properties
            A key, or a list of keys and [key, value] pairs; all must fit.
        latest
            Only the newest version of each name.
        """
        entries = _entries(workspace, name)
        if latest:
            entries = [*{entry.name: entry for entry in entries}.values()]
        fitting = [entry for entry in entries if _fits(entry, tags, properties, run_id)]
        fitting.sort(key=lambda entry: entry.created_at, reverse=True)
        return [
            Model._of(workspace, entry)
            for entry in fitting
            if model_framework in (None, entry.body.get("model_framework"))
        ]

    @staticmethod
    def get_model_path(
        model_name: str, version: int | None = None, _workspace: Workspace | None = None
    ) -> str:
        """Where a model lies: in ``azureml-models/``, or in the working directory; downloaded if it must be.

        Raises
        ------
        ModelNotFoundException
            It is in neither, and no workspace is given.
        WebserviceException
            The version is no number.
        """
        if version is not None and not isinstance(version, int):
            raise WebserviceException("version should be an integer.")
        if _workspace is not None:
            model = Model(_workspace, model_name, version=version)
            return model.download(os.path.join(CACHE, model.name, str(model.version)), exist_ok=True)
        folder = os.path.join(CACHE, model_name)
        versions = sorted((one for one in _names(folder) if one.isdecimal()), key=int)
        wanted = str(version) if version is not None else (versions[-1] if versions else "")
        items = _names(os.path.join(folder, wanted)) if wanted else []
        if items:
            return os.path.join(folder, wanted, items[0])
        if os.path.exists(model_name):
            return model_name
        raise ModelNotFoundException(
            f"Model {model_name} not found in cache at '{folder}' or in the working directory "
            f"{os.getcwd()}. Pass _workspace, or download it with Model(ws, '{model_name}').download()."
        )

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: bool | None = None) -> str:
        """Copy the model below a folder; its path there.

        Raises
        ------
        WebserviceException
            There is something of that name, and not ``exist_ok``.
        """
        target = os.path.join(target_dir, str(self._entry.body["item"]))
        if os.path.exists(target):
            if not (exist_ok or exists_ok):
                raise WebserviceException(f"'{target}' is there already; pass exist_ok=True to replace it.")
            shutil.rmtree(target) if os.path.isdir(target) else os.remove(target)
        os.makedirs(target_dir, exist_ok=True)
        artifact, api = self._artifact, self.workspace._api
        try:
            if artifact.type != "Folder":
                shutil.copyfile(api.download(artifact, "raw"), target)
                os.chmod(target, 0o644)
                return target
            for file in api.folder(artifact).files:
                place = os.path.join(target, *file.path.split("/"))
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(api.download(_file_artifact(file), "raw"), place)
                os.chmod(place, 0o644)
        except ProblemError as error:
            raise from_problem(error, WebserviceException) from error
        return target

    # --- what it is ------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def version(self) -> int:
        return self._entry.version

    @property
    def id(self) -> str:
        return f"{self.name}:{self.version}"

    @property
    def created_time(self) -> str:
        return self._entry.created_at

    @property
    def tags(self) -> dict[str, str]:
        return _texts(self._entry, "tags")

    @property
    def properties(self) -> dict[str, str]:
        return _texts(self._entry, "properties")

    @property
    def url(self) -> str:
        return f"aml://asset/{self._artifact.digest}"

    @property
    def mime_type(self) -> str:
        return "application/x-python"

    @property
    def experiment_name(self) -> str | None:
        return self.__getattr__("experiment_name")  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        if name in _FACTS:
            return self._entry.body.get(name)
        raise AttributeError(name)

    @property
    def run(self) -> Any:
        """The run that made it, or None."""
        return self.workspace.get_run(self.run_id) if self.run_id else None

    @property
    def _artifact(self) -> Artifact:
        return from_json(Artifact, self._entry.body["artifact"])

    def serialize(self) -> dict[str, Any]:
        """Everything that is known of it, as plain values."""
        return {
            "name": self.name,
            "id": self.id,
            "version": self.version,
            "createdTime": self.created_time,
            "description": self.description,
            "url": self.url,
            "mimeType": self.mime_type,
            "tags": self.tags,
            "properties": self.properties,
            "unpack": self._artifact.type == "Folder",
            "framework": self.model_framework,
            "frameworkVersion": self.model_framework_version,
            "runId": self.run_id,
            "experimentName": self.experiment_name,
            "workspaceName": self.workspace.name,
        }

    # --- changing --------------------------------------------------------------------------------------

    def add_tags(self, tags: Mapping[str, Any]) -> None:
        self._put("tags", {**self.tags, **_as_text(tags)})

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties; one that is there stays as it is."""
        self._put("properties", {**_as_text(properties), **self.properties})

    def remove_tags(self, tags: Any) -> None:
        gone = {tags} if isinstance(tags, str) else set(tags)
        self._put("tags", {key: value for key, value in self.tags.items() if key not in gone})

    def update(self, tags: Mapping[str, Any] | None = None, description: str | None = None, **_: Any) -> None:
        """Replace the tags, the description."""
        if tags is not None:
            self._put("tags", _as_text(tags))
        if description is not None:
            self._put("description", description)

    def update_tags_properties(
        self,
        add_tags: Mapping[str, Any] | None = None,
        remove_tags: Any = None,
        add_properties: Mapping[str, Any] | None = None,
    ) -> None:
        if add_tags:
            self.add_tags(add_tags)
        if remove_tags:
            self.remove_tags(remove_tags)
        if add_properties:
            self.add_properties(add_properties)

    def delete(self) -> None:
        """Forget this version; its number is not given again."""
        try:
            self.workspace._api.remove_entry(KIND, self.name, self.version)
        except ProblemError as error:
            raise from_problem(error, WebserviceException) from error

    def _put(self, name: str, value: Any) -> None:
        try:
            self._entry = self.workspace._api.change_entry(KIND, self.name, self.version, {name: value})
        except ProblemError as error:
            raise from_problem(error, WebserviceException) from error

    @staticmethod
    def deploy(*_: Any, **__: Any) -> Any:
        refuse("Model.deploy", _DEPLOY)

    @staticmethod
    def package(*_: Any, **__: Any) -> Any:
        refuse("Model.package", _DEPLOY)

    @staticmethod
    def profile(*_: Any, **__: Any) -> Any:
        refuse("Model.profile", _DEPLOY)

    def __repr__(self) -> str:
        return (
            f"Model(workspace={self.workspace!r}, name={self.name}, id={self.id}, version={self.version}, "
            f"tags={self.tags}, properties={self.properties})"
        )


def register_run_file(
    run: Run, model_name: str, model_path: str | None, facts: Mapping[str, Any],
    tags: Mapping[str, Any] | None, properties: Mapping[str, Any] | None,
) -> Model:  # fmt: skip
    """Register what a run kept, a file or all below a folder; by default what is called as the model.

    Raises
    ------
    ModelPathNotFoundException
        The run kept nothing of that name.
    """
    files = run._files()
    kept = files.kept() if files is not None else {}
    wanted = (model_path or model_name).strip("/").removeprefix("./")
    api = run.experiment.workspace._api
    if wanted in kept:
        artifact = kept[wanted]
    else:
        below = [
            FolderFile(name[len(wanted) + 1 :], one.digest, one.size)
            for name, one in kept.items()
            if name.startswith(wanted + "/")
        ]
        if not below:
            have = ", ".join(sorted(kept)[:20]) or "nothing"
            raise ModelPathNotFoundException(
                f"Could not locate the provided model_path {wanted} in the set of files uploaded to the "
                f"run: {have}."
            )
        artifact = api.keep_folder(Folder(tuple(sorted(below))), os.path.basename(wanted))
    more = {**facts, "run_id": run.id, "experiment_name": run.experiment.name}
    item = os.path.basename(wanted)
    return _keep(run.experiment.workspace, model_name, artifact, item, more, tags, properties)


def _keep(
    workspace: Workspace, name: str, artifact: Artifact, item: str, facts: Mapping[str, Any],
    tags: Mapping[str, Any] | None, properties: Mapping[str, Any] | None,
) -> Model:  # fmt: skip
    body: dict[str, Json] = {
        "artifact": to_json(artifact),
        "item": item,
        "tags": dict(_as_text(tags or {})),
        "properties": dict(_as_text(properties or {})),
        **facts,
    }
    try:
        entry = workspace._api.add_entry(KIND, name, body, [artifact.digest])
    except ProblemError as error:
        raise from_problem(error, WebserviceException) from error
    return Model._of(workspace, entry)


def latest_models(workspace: Workspace) -> dict[str, Model]:
    """The newest version of each name."""
    return {entry.name: Model._of(workspace, entry) for entry in _entries(workspace, None)}


def _entries(workspace: Workspace, name: str | None) -> list[Entry]:
    return workspace._api.entries(KIND, name)


def _fits(entry: Entry, tags: Any, properties: Any, run_id: str | None) -> bool:
    if run_id is not None and entry.body.get("run_id") != run_id:
        return False
    return _has(_texts(entry, "tags"), tags) and _has(_texts(entry, "properties"), properties)


def _has(have: Mapping[str, str], wanted: Any) -> bool:
    """Whether all wanted keys, or keys with values, are there."""
    if not wanted:
        return True
    if isinstance(wanted, str):
        return wanted in have
    if isinstance(wanted, Mapping):
        return all(have.get(str(key)) == str(value) for key, value in wanted.items())
    return all(
        one in have if isinstance(one, str) else have.get(str(one[0])) == str(one[1]) for one in wanted
    )


def _texts(entry: Entry, name: str) -> dict[str, str]:
    found = entry.body.get(name)
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _as_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Tags and properties may be numbers; they are kept as text (sdk.md 21, trap 19)."""
    return {str(key): str(value) for key, value in values.items()}


def _number(version: Any) -> int:
    try:
        return int(version)
    except (TypeError, ValueError) as error:
        raise WebserviceException(f"version should be an integer, not {version!r}.") from error


def _file_artifact(file: FolderFile) -> Artifact:
    name = os.path.basename(file.path)
    return Artifact(Digest(file.digest), name, "File", "file", "application/octet-stream", file.size)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []

"""One trial of a sweep: the script in a copy of the source, with a working folder and a record of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from skyloom.core.identity import Json
from skyloom.runner.step_record import FOLDER
from skyloom.runner.steps.child import child_words
from skyloom.runner.uploads import FOLDER as UPLOADS

KEPT = ("outputs", "logs")
LOG = "user_logs/std_log.txt"
TRIALS = "trials"  # below the work folder
_OWN = ("step", FOLDER, UPLOADS, TRIALS)  # what each trial has for itself
_DATASETS = "datasets.json"  # in a record folder: which inputs are datasets


def with_values(script: List[str], values: Mapping[str, Any]) -> List[str]:
    """The words of a trial.

    >>> with_values(["train.py"], {"rate": 0.5, "--deep": True})
    ['train.py', '--rate', '0.5', '--deep', 'True']
    """
    words = [*script]
    for name, value in values.items():
        words += [name if name.startswith("-") else f"--{name}", str(value)]
    return words


def copy_of(source: str, target: str) -> bool:
    """Copy a file or folder that a trial made; whether it is there."""
    if os.path.isdir(source):
        shutil.copytree(source, target)
    elif os.path.isfile(source):
        shutil.copyfile(source, target)
    else:
        return False
    return True


class Trial:
    """Starts when it is made."""

    def __init__(self, number: int, run_id: str, values: Dict[str, Any], work: str) -> None:
        self.number = number
        self.id = run_id
        self.values = values
        self.status = "Running"
        self.message = ""
        self.metrics: List[Tuple[str, Json]] = []
        self.started_at = time.time()
        self.ended_at: Optional[float] = None
        self._work = work
        self._offset = 0
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self, source: str, words: List[str], is_python: bool, left_out: List[str]) -> None:
        """Copy the source and run the words in it."""
        folder = os.path.join(self._work, "step")
        lost = {*left_out, *KEPT}  # of the source itself, not of folders in it
        shutil.copytree(
            source, folder, symlinks=True, ignore=lambda at, names: lost & {*names} if at == source else ()
        )
        for name in KEPT:
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        os.makedirs(os.path.join(self._work, FOLDER), exist_ok=True)
        self._share(os.path.dirname(source))
        call = child_words("step_script", self._work, words) if is_python else words
        with open(os.path.join(self._work, "log.txt"), "wb") as log:
            self._process = subprocess.Popen(
                call,
                cwd=folder,
                env={**os.environ, "AZUREML_RUN_ID": self.id},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_here(self, words: List[str], is_python: bool, left_out: List[str]) -> None:
        """Run the words in the step's own folder, as its only trial; what it prints is the step's output."""
        for name in KEPT:
            shutil.rmtree(name, ignore_errors=True)
            os.makedirs(name, exist_ok=True)
        for name in left_out:
            os.unlink(name)
        call = child_words("step_script", self._work, words) if is_python else words
        environ = {**os.environ, "AZUREML_RUN_ID": self.id}
        self._process = subprocess.Popen(
            call, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )

    def _share(self, work: str) -> None:
        """Inputs lie where the sweep's lie, and what is told of them is told to each trial."""
        for name in os.listdir(work):
            if name not in _OWN:
                os.symlink(os.path.join(work, name), os.path.join(self._work, name))
        told = os.path.join(work, FOLDER, _DATASETS)
        if os.path.isfile(told):
            shutil.copyfile(told, os.path.join(self._work, FOLDER, _DATASETS))

    def look(self) -> bool:
        """Read what it logged since; whether it has ended by itself."""
        assert self._process is not None
        code = self._process.poll()
        self._read()
        if code is None:
            return False
        self.ended_at = time.time()
        self.status = "Completed" if code == 0 else "Failed"
        self.message = "" if code == 0 else self._problem() or f"It ended with code {code}."
        return True

    def end(self, status: str) -> None:
        """End it from outside."""
        assert self._process is not None
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended in this moment
        self._process.wait()
        self._read()
        self.ended_at, self.status = time.time(), status

    def primary(self, name: str) -> List[float]:
        """Every number that was logged under the name, in order."""
        found: List[float] = []
        for key, value in self.metrics:
            if key == name:
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, (int, float)) and one == one:
                        found.append(float(one))
        return found

    def files(self) -> Iterator[Tuple[str, str]]:
        """Name and path of everything it left: outputs, logs, uploads, its console."""
        for base, folder in (("", os.path.join(self._work, "step")), ("", os.path.join(self._work, UPLOADS))):
            for parent, folders, names in os.walk(folder):
                folders.sort()
                inside = os.path.relpath(parent, folder)
                if folder.endswith("step") and inside.split(os.sep)[0] not in KEPT:
                    folders[:] = [one for one in folders if inside != "." or one in KEPT]
                    continue
                for name in sorted(names):
                    path = os.path.join(parent, name)
                    if os.path.isfile(path) and not os.path.islink(path):
                        yield base + os.path.normpath(os.path.join(inside, name)), path
        yield LOG, os.path.join(self._work, "log.txt")

    def path(self, name: str) -> str:
        """Where a file or folder of its working directory lies."""
        return os.path.join(self._work, "step", name)

    def as_json(self) -> Dict[str, Json]:
        return {
            "id": self.id,
            "number": self.number,
            "values": self.values,
            "status": self.status,
            "message": self.message,
            "metrics": [[name, value] for name, value in self.metrics],
            "started_at": self.started_at,
            "ended_at": self.ended_at,
        }

    def _read(self) -> None:
        try:
            with open(os.path.join(self._work, FOLDER, "record.jsonl"), "rb") as file:
                file.seek(self._offset)
                text = file.read()
        except OSError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            entry = json.loads(line)
            if entry[0] == "metric":
                self.metrics.append((entry[1], entry[2]))

    def _problem(self) -> str:
        try:
            with open(os.path.join(self._work, FOLDER, "problem.json"), encoding="utf-8") as file:
                told = json.load(file)
            return f"{told['message']}\n{told['traceback']}"
        except (OSError, ValueError, KeyError):
            return ""

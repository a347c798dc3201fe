"""Steps in a Databricks workspace: the Jobs API through databricks-sdk.

Inputs and the step's source go to ``dbfs:/skyloom/RUN/NODE``, and outputs come back from there. Nothing of a
step runs on this machine, so there is no box; what it does there is bounded by the workspace's token.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from skyloom.compute.command_folder import CommandFolder
from skyloom.compute.console import OnConsole
from skyloom.compute.spark.job import task_of
from skyloom.compute.spark.settings import words_of
from skyloom.core.identity import Json, digest_of
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.run_page import page_notice
from skyloom.core.task import Command, Outcome, Reason, Task
from skyloom.runner.command import KEPT_FOLDERS, STEP_FOLDER

ISOLATION = "none"  # nothing of the step runs on this machine
_ROOT = "dbfs:/skyloom"
_POLL_S, _SLOWEST_POLL_S = 0.25, 5.0
_OVER = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
_EXPORT = "notebook.html"

BodyOf = Callable[[str], Mapping[str, Json]]
TokenOf = Callable[[str], str]


class RemoteDatabricks:
    """Carries steps out in the workspaces of compute targets; ``body`` and ``token`` are kept of each."""

    def __init__(self, body: BodyOf, token: TokenOf) -> None:
        self._body = body
        self._token = token

    def execute(
        self, task: Task, *, canceled: threading.Event, on_console: OnConsole | None = None
    ) -> Outcome:
        """Carry out one step; blocking, from any thread."""
        with _Log(task, on_console) as log, tempfile.TemporaryDirectory(dir=_near(task.folder)) as folder:
            try:
                client = self._client(task)
                return _Job(task, client, folder, log).run(canceled)
            except ProblemError as error:
                log.say("stderr", f"Error {error.problem}")
                return Outcome(reason=Reason.REJECTED, problem=error.problem, isolation=ISOLATION)

    def _client(self, task: Task) -> Any:
        assert task.command is not None
        target = dict(words_of(task.command.argv, "--cluster")).get("compute", "")
        url, token = str(self._body(target).get("workspace_url") or ""), self._token(target)
        if not url or not token or not _is_safe(url):
            what = f"The compute target '{target}' has no https address and token of a Databricks workspace."
            fix = "Attach it with workspace_url='https://adb-...' and access_token."
            raise ProblemError(Problem("C133", what, target, fix))
        try:
            from databricks.sdk import WorkspaceClient
            from databricks.sdk.core import Config  # optional: the extra `databricks`
        except ImportError as error:
            what = "Steps in a Databricks workspace need the package databricks-sdk."
            fix = "pip install 'skyloom[databricks]', and start the agent again."
            raise ProblemError(Problem("C130", what, target, fix)) from error
        try:
            config = Config(
                host=url, token=token, auth_type="pat", config_file=os.devnull, retry_timeout_seconds=20,
                http_timeout_seconds=30, product="skyloom", product_version="0",
            )  # fmt: skip
            return WorkspaceClient(config=config)
        except Exception as error:
            raise ProblemError(_refused(url, error)) from error


class _Job:
    """One step as one job."""

    def __init__(self, task: Task, client: Any, folder: str, log: _Log) -> None:
        assert task.command is not None
        self._task = task
        self._command: Command = task.command
        self._client = client
        self._folder = folder
        self._log = log
        name = digest_of([task.run, task.node, task.attempt])[7:31]
        self._base = f"{_ROOT}/{task.run}/{name}"
        self._token = name
        self._page = ""

    def run(self, canceled: threading.Event) -> Outcome:
        try:
            self._send()
            found = self._finished(self._submitted(), canceled)
            if found is None:
                return self._outcome(Reason.CANCELED, None)
            return self._judged(found)
        except ProblemError:
            raise
        except Exception as error:
            raise ProblemError(_refused(self._client.config.host, error)) from error
        finally:
            self._remove()

    def _send(self) -> None:
        """Source and inputs, as they would lie in a box."""
        CommandFolder(self._command, self._task.inputs, self._folder, None).lay_out()
        for path in _files_below(self._folder):
            with open(os.path.join(self._folder, path), "rb") as file:
                self._client.dbfs.upload(f"{self._base}/{path}", file, overwrite=True)
        for (
            place
        ) in self._command.outputs.values():  # the parent is there, the output itself is not (sdk.md 11)
            self._client.dbfs.mkdirs(f"{self._base}/{os.path.dirname(place)}")

    def _submitted(self) -> int:
        from databricks.sdk.service.jobs import SubmitTask  # as above

        places = {port: f"{self._base}/{place}" for port, place in self._places().items()}
        job = task_of(self._command.argv, places, self._command.variables, self._base)
        limit = self._task.limits.timeout_s
        name = dict(words_of(self._command.argv, "--cluster")).get("run_name") or self._task.node
        waiting = self._client.jobs.submit(
            run_name=name, tasks=[SubmitTask.from_dict(job)], idempotency_token=self._token,
            timeout_seconds=int(limit) if limit else None,
        )  # fmt: skip
        return int(waiting.run_id)

    def _places(self) -> dict[str, str]:
        return {**self._command.inputs, **self._command.outputs}

    def _finished(self, run: int, canceled: threading.Event) -> Any:
        """The run when it is over; None when it was canceled, there too."""
        pause, known = _POLL_S, ""
        while True:
            found = self._client.jobs.get_run(run)
            if found.run_page_url and not self._page:
                self._page = str(found.run_page_url)
                self._log.say("stdout", f"Databricks run {run}: {self._page}")
            state = found.state.life_cycle_state.value if found.state and found.state.life_cycle_state else ""
            if state != known:
                known, pause = state, _POLL_S
                self._log.say("stdout", f"Databricks run {run} is {state}")
            if state in _OVER:
                return found
            if canceled.wait(pause):
                self._client.jobs.cancel_run(run)
                self._log.say("stdout", f"Databricks run {run} was canceled")
                return None
            pause = min(_SLOWEST_POLL_S, 1.5 * pause)

    def _judged(self, found: Any) -> Outcome:
        part = found.tasks[0].run_id if found.tasks else found.run_id
        output = self._client.jobs.get_run_output(part)
        if output.logs:
            self._log.say("stdout", str(output.logs).rstrip("\n"))
        result = output.notebook_output.result if output.notebook_output else None
        if result:
            self._log.say("stdout", f"Notebook exited: {result}")
        self._keep_notebook(part)
        state = found.state.result_state.value if found.state and found.state.result_state else ""
        if state == "SUCCESS":
            self._fetch()
            return self._outcome(None, None)
        if state == "CANCELED":
            return self._outcome(Reason.CANCELED, None)
        reason = Reason.TIMEOUT if state == "TIMEDOUT" else Reason.SCRIPT_ERROR
        message = str(
            output.error or (found.state.state_message if found.state else "") or "no reason was told"
        )
        problem = Problem(
            "C132",
            f"The Databricks run ended as {state or 'failed'}: {message}",
            self._page,
            "Look at the run's page; the traceback is below.",
            str(output.error_trace or ""),
        )
        self._log.say("stderr", f"{problem.traceback}\nError {problem}")
        return self._outcome(reason, problem)

    def _keep_notebook(self, run: int) -> None:
        if words_of(self._command.argv, "--kind")[0][1] != "notebook":
            return
        try:
            views = self._client.jobs.export_run(run).views or []
        except Exception as error:  # a notebook that never began has none
            self._log.say("stdout", f"The notebook with its outputs cannot be had: {error}")
            return
        for view in views[:1]:
            path = os.path.join(self._folder, STEP_FOLDER, KEPT_FOLDERS[0], _EXPORT)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(view.content or "")

    def _fetch(self) -> None:
        """Outputs, from where the job wrote them; one that is not there stays out."""
        for place in self._command.outputs.values():
            remote, local = f"{self._base}/{place}", os.path.join(self._folder, *place.split("/"))
            shutil.rmtree(local, ignore_errors=True)
            if not self._client.dbfs.exists(remote):
                continue
            for info in self._client.dbfs.list(remote, recursive=True):
                if info.is_dir:
                    continue
                path = str(info.path)
                below = path.removeprefix("dbfs:").removeprefix(remote.removeprefix("dbfs:")).lstrip("/")
                if ".." in below.split("/"):
                    continue
                target = os.path.join(local, *below.split("/")) if below else local
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with (
                    self._client.dbfs.download(f"dbfs:{path.removeprefix('dbfs:')}") as source,
                    open(target, "wb") as file,
                ):
                    for piece in source:
                        file.write(piece)

    def _outcome(self, reason: Reason | None, problem: Problem | None) -> Outcome:
        left = CommandFolder(self._command, self._task.inputs, self._folder, None).take(
            self._task.folder, reason is None
        )
        page = [page_notice(self._page)] if self._page else []
        return Outcome(
            reason=reason,
            problem=problem,
            outputs=left.outputs if reason is None else {},
            files=left.files,
            isolation=ISOLATION,
            notices=(*page, *left.notices),
        )

    def _remove(self) -> None:
        try:
            self._client.dbfs.delete(self._base, recursive=True)
        except Exception as error:  # it stays there; the step's result does not depend on it
            self._log.say("stdout", f"'{self._base}' could not be removed: {error}")


class _Log:
    """stdout and stderr of a step that has no box."""

    def __init__(self, task: Task, on_console: OnConsole | None) -> None:
        folder = os.path.join(task.folder, "logs")
        os.makedirs(folder, exist_ok=True)
        self._files = {
            name: open(os.path.join(folder, f"{name}.txt"), "wb", 0) for name in ("stdout", "stderr")
        }
        self._on_console = on_console

    def say(self, stream: str, text: str) -> None:
        content = f"{text}\n".encode("utf-8", "backslashreplace")
        self._files[stream].write(content)
        if self._on_console is not None:
            self._on_console(stream, content)

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()


def _near(folder: str) -> str:
    """A folder in the same file system, so that what is taken over is moved."""
    above = os.path.dirname(folder)
    os.makedirs(above, exist_ok=True)
    return above


def _files_below(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield os.path.relpath(os.path.join(parent, name), folder)


def _is_safe(url: str) -> bool:
    """A token leaves this machine over TLS only."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    )


def _refused(host: str, error: Exception) -> Problem:
    what = f"The Databricks workspace at {host} refuses or does not answer: {error}"
    return Problem(
        "C131", what[:4000], str(host), "Look at its address and token; attach the compute target again."
    )

"""NotebookRunnerStep: a notebook as a step, kept with its outputs. Source: sdk.md 12."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from skyloom.runner.steps.notebook.drive import CONSTANTS
from skyloom.sdk.driver import DRIVER_FILE, driver_file
from skyloom.sdk.exceptions import UserErrorException
from skyloom.sdk.pipeline_data import PipelineData
from skyloom.sdk.pipeline_parameter import PipelineParameter
from skyloom.sdk.runconfig import RunConfiguration
from skyloom.sdk.steps.pipeline_step import port_name
from skyloom.sdk.steps.python_script import SourceStep
from skyloom.sdk.steps.script_step import ScriptStep

if TYPE_CHECKING:
    from skyloom.sdk.experiment import Experiment


class AzureMLNotebookHandler:
    """How a notebook is carried out; the settings are kept, cells have no time limit of their own."""

    def __init__(
        self,
        timeout: int | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        **_: Any,
    ) -> None:
        self.timeout = timeout
        self.progress_bar = progress_bar
        self.log_output = log_output


class NotebookRunConfig:
    """A notebook of a source directory, with its parameters.

    Raises
    ------
    UserErrorException
        The notebook is not there.
    """

    is_submittable = True  # by Experiment.submit

    def __init__(
        self,
        source_directory: str,
        notebook: str,
        output_notebook: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        handler: Any = None,
        run_config: Any = None,
        **_: Any,
    ) -> None:
        if not os.path.isfile(os.path.join(source_directory, notebook)):
            raise UserErrorException(f"The notebook '{notebook}' is not in '{source_directory}'.")
        self.source_directory = source_directory
        self.notebook = notebook
        stem = os.path.splitext(os.path.basename(notebook))[0]
        self.output_notebook = output_notebook or f"{stem}_output.ipynb"
        self.parameters = dict(parameters or {})
        self.handler = handler
        self.run_config = run_config if run_config is not None else RunConfiguration()

    def words(self, copies: Sequence[Any], values: Sequence[tuple[str, Any]]) -> list[Any]:
        """The driver's words; ``copies`` are outputs, ``values`` what becomes a variable by its name."""
        words: list[Any] = [
            DRIVER_FILE, "--notebook", self.notebook, "--target", f"outputs/{self.output_notebook}",
        ]  # fmt: skip
        for one in copies:
            words += ["--copy", one]
        for name, value in values:
            words += ["--name", name, "--kind", _kind(value), "--value", value]
        return words

    def added_files(self) -> dict[str, bytes]:
        files = driver_file("notebook.drive")
        if self.parameters:
            files[CONSTANTS] = json.dumps(self.parameters).encode()
        return files

    def _submit_to(self, experiment: Experiment, **more: Any) -> Any:
        """Run the notebook alone; called by Experiment.submit."""
        step = ScriptStep(
            self.notebook, self.words([], []), [], self.run_config, self.source_directory,
            added=self.added_files(),
        )  # fmt: skip
        return experiment.workspace._submit_script(
            experiment, step, display_name=more.get("display_name"), tags=more.get("tags")
        )


class NotebookRunnerStep(SourceStep):
    """Runs a notebook; names of inputs, outputs and params are variables in it.

    Parameters
    ----------
    output_notebook_pipeline_data_name
        Makes a PipelineData of that name with the executed notebook, found in ``output_notebook``.
    """

    def __init__(
        self,
        name: str | None = None,
        notebook_run_config: Any = None,
        params: Mapping[str, Any] | None = None,
        source_directory: str | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        compute_target: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        output_notebook_pipeline_data_name: str | None = None,
        **_: Any,
    ) -> None:
        config = notebook_run_config
        if not isinstance(config, NotebookRunConfig):
            raise ValueError("NotebookRunnerStep needs a notebook_run_config.")
        self._config = config
        made = list(outputs or ())
        self.output_notebook: PipelineData | None = None
        copies: list[Any] = []
        if output_notebook_pipeline_data_name:
            self.output_notebook = PipelineData(output_notebook_pipeline_data_name)
            copies.append(self.output_notebook)
        ports = [(port_name(one), one) for one in inputs or ()]
        ports += [(one.output_name, one) for one in made]
        super().__init__(
            name or config.notebook,
            config.words(copies, [*ports, *dict(params or {}).items()]),
            inputs,
            [*made, *copies],
            compute_target,
            config.run_config,
            source_directory or config.source_directory,
            allow_reuse,
            version,
            params,
        )

    def added_files(self) -> dict[str, bytes]:
        return self._config.added_files()


def _kind(value: Any) -> str:
    plain = value.default_value if isinstance(value, PipelineParameter) else value
    return type(plain).__name__ if isinstance(plain, (bool, int, float)) else "str"

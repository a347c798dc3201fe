"""PipelineRun: a run in the words of pipelines. Source: sdk.md 13."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from skyloom.core.graph import Graph
from skyloom.core.problem import ProblemError
from skyloom.core.publication import Publication
from skyloom.sdk.exceptions import UserErrorException, from_problem
from skyloom.sdk.port_data_reference import PortDataReference
from skyloom.sdk.run import Run
from skyloom.sdk.run_status import PIPELINE_WORDS

if TYPE_CHECKING:
    from skyloom.sdk.published_pipeline import PublishedPipeline
    from skyloom.sdk.step_run import StepRun
    from skyloom.sdk.workspace import Workspace


class PipelineRun(Run):
    """A pipeline's run; ``get_status`` says Finished where ``status`` says Completed."""

    _words = PIPELINE_WORDS

    @staticmethod
    def get(workspace: Workspace, run_id: str, _service_endpoint: Any = None) -> PipelineRun:
        found = Run.get(workspace, run_id)
        return PipelineRun(found.experiment, run_id)

    @staticmethod
    def get_pipeline_runs(workspace: Workspace, pipeline_id: str, _service_endpoint: Any = None) -> Any:
        """Runs of a published pipeline, newest first."""
        return [PipelineRun.get(workspace, call.id) for call in workspace._api.calls(pipeline_id)]

    def wait_for_completion(
        self, show_output: bool = True, timeout_seconds: float = sys.maxsize, raise_on_error: bool = True
    ) -> str:
        """Wait until it has ended or the time is over; the status, as text.

        Raises
        ------
        ActivityFailedException
            It failed, and ``raise_on_error``; with the failing step's own traceback.
        """
        self._wait(show_output, timeout_seconds)
        if raise_on_error:
            self._raise_failure()
        return self.get_status()

    def get_steps(self) -> Iterator[StepRun]:
        return iter(self._steps())

    def find_step_run(self, name: str) -> list[StepRun]:
        """Steps of exactly that name."""
        return [step for step in self._steps() if step.name == name]

    def get_pipeline_output(self, pipeline_output_name: str) -> PortDataReference:
        """Where the output with that ``pipeline_output_name`` lies.

        Raises
        ------
        UserErrorException
            There is none.
        """
        outputs = {output.name: output.source for output in self._graph.outputs}
        source = outputs.get(pipeline_output_name)
        if source is None:
            have = ", ".join(outputs) or "none"
            raise UserErrorException(
                f"There is no pipeline output '{pipeline_output_name}'; there is: {have}."
            )
        step = next(step for step in self._steps() if step._node == source.node)
        found: PortDataReference = step.get_output_data(source.port)
        return found

    def get_graph(self, _service_endpoint: Any = None) -> Graph:
        return self._graph

    def publish_pipeline(
        self,
        name: str,
        description: str,
        version: str | None = None,
        continue_on_step_failure: bool | None = None,
        **_: Any,
    ) -> PublishedPipeline:
        """Publish what this run ran: the same graph, snapshots, environment and defaults."""
        from skyloom.sdk.published_pipeline import PublishedPipeline, told

        wish = Publication(
            name,
            description,
            version or "",
            run=self._run_id,
            continue_on_step_failure=continue_on_step_failure,
        )
        return PublishedPipeline(self.experiment.workspace, told(lambda: self._api.publish_pipeline(wish)))

    def delete(self) -> None:
        """Forget the run with its logs, for good; one that has not ended is refused (ours)."""
        try:
            self._api.delete_run(self._run_id)
        except ProblemError as error:
            raise from_problem(error) from error

    def resume(self) -> PipelineRun:
        """A new run of the same graph that takes over what completed and begins where this one failed (ours).

        Raises
        ------
        UserErrorException
            This one has not ended yet.
        """
        try:
            again = self._api.resume(self._run_id)
        except ProblemError as error:
            raise from_problem(error) from error
        print(f"Submitted PipelineRun {again}")
        return PipelineRun(self.experiment, again)

    def save(self, path: str | None = None, _service_endpoint: Any = None) -> Any:
        """Write the pipeline as YAML that Pipeline.load_yaml reads, its sources beside it; the path."""
        from skyloom.sdk.pipeline_save import save_graph

        return save_graph(self.experiment.workspace, self._graph, self.description, path, self._run_id)

"""Pipeline drafts: pipelines that are worked on in the workspace. Source: sdk.md 14."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from skyloom.core.graph import Graph
from skyloom.core.problem import Problem, ProblemError
from skyloom.core.publication import PipelineDraft
from skyloom.core.workspace_api import Submission
from skyloom.workspace.kept import Kept
from skyloom.workspace.pipeline_endpoints import PipelineEndpoints
from skyloom.workspace.published_pipelines import changed_meanwhile, check_experiment, step_names


class PipelineDrafts(PipelineEndpoints):
    """Those of one workspace, beside what is published."""

    def __init__(self, *rooms: Any, **more: Any) -> None:
        super().__init__(*rooms, **more)
        self._drafts = Kept(self._documents, "pipeline draft", PipelineDraft)

    def create_draft(self, draft: PipelineDraft) -> PipelineDraft:
        graph, now = self._checked(draft), self._now()
        made = replace(
            draft, id=str(uuid.uuid4()), steps=step_names(graph), created_at=now, changed_at=now, revision=1
        )
        self._drafts.add(made, graph.snapshots())
        return made

    def drafts(self) -> list[PipelineDraft]:
        return [replace(one, document=None) for one in reversed(self._drafts.all())]

    def draft(self, id: str) -> PipelineDraft:
        found = self._drafts.find(id)
        if found is None:
            what = f"There is no pipeline draft '{id}'."
            raise ProblemError(Problem("P210", what, id, "List the drafts of the workspace."))
        return found

    def change_draft(self, draft: PipelineDraft) -> PipelineDraft:
        self.draft(draft.id)
        graph = self._checked(draft)
        changed = replace(draft, steps=step_names(graph), changed_at=self._now())
        if not self._drafts.change(changed, draft.revision, graph.snapshots()):
            raise changed_meanwhile(draft.name)
        return replace(changed, revision=draft.revision + 1)

    def delete_draft(self, id: str) -> None:
        self.draft(id)
        self._drafts.remove(id)

    def _checked(self, draft: PipelineDraft) -> Graph:
        check_experiment(draft.experiment)
        return self._freeze(Submission(draft.document))

"""Published pipelines, endpoints with versions, drafts, and calls of them. Source: sdk.md 14, 15."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyloom.core.identity import Digest, Json
from skyloom.core.run import RunOptions

SDK, HTTP, SCHEDULE = "SDK", "HTTP", "Schedule"  # run types: who started a run of a published pipeline


@dataclass(frozen=True)
class Publication:
    """What is to be published: a graph document, or the graph of a run."""

    name: str = ""
    description: str = ""
    version: str = ""
    document: Json = None
    run: str = ""
    options: RunOptions = RunOptions()
    continue_on_step_failure: bool | None = None


@dataclass(frozen=True)
class PublishedPipeline:
    """A frozen graph that can be started by its id; nothing but name, words and activity ever changes."""

    id: str
    name: str
    description: str
    version: str
    graph: Digest
    document: Json
    steps: tuple[str, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)  # name -> default
    options: RunOptions = RunOptions()
    continue_on_step_failure: bool | None = None
    is_active: bool = True
    created_at: str = ""
    changed_at: str = ""
    revision: int = 1


@dataclass(frozen=True)
class PipelineCall:
    """A wish to start a published pipeline. Values of names that the pipeline does not have are left out.

    ``data_paths`` and ``datasets`` are by parameter: ``{"datastore", "path"}`` and ``{"dataset": id}``.
    """

    experiment: str
    values: Mapping[str, Json] = field(default_factory=dict)
    data_paths: Mapping[str, Json] = field(default_factory=dict)
    datasets: Mapping[str, Json] = field(default_factory=dict)
    description: str = ""
    display_name: str = ""
    run_source: str = ""
    run_type: str = HTTP
    continue_on_step_failure: bool | None = None
    regenerate: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    schedule: str = ""
    parent_run: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True)
class CallRecord:
    """Which run a call became, and whose it was."""

    id: str  # of the run
    pipeline: str
    endpoint: str = ""
    schedule: str = ""
    run_type: str = HTTP
    run_source: str = ""


@dataclass(frozen=True)
class EndpointVersion:
    """One version of an endpoint: a number as text, and the pipeline behind it."""

    version: str
    pipeline: str


@dataclass(frozen=True)
class PipelineEndpoint:
    """A name that stays while the pipelines behind it change."""

    id: str
    name: str
    description: str = ""
    versions: tuple[EndpointVersion, ...] = ()
    default_version: str = "0"
    is_active: bool = True
    created_at: str = ""
    changed_at: str = ""
    revision: int = 1

    def pipeline_of(self, version: str | None = None) -> str | None:
        """Id of the pipeline behind a version, by default the default one; None where there is none."""
        wanted = self.default_version if version is None else version
        return next((one.pipeline for one in self.versions if one.version == wanted), None)


@dataclass(frozen=True)
class PipelineDraft:
    """A pipeline with how it is to be run, which can be changed until it is submitted or published."""

    id: str
    name: str
    experiment: str
    document: Json
    description: str = ""
    steps: tuple[str, ...] = ()
    values: Mapping[str, Json] = field(default_factory=dict)
    options: RunOptions = RunOptions()
    continue_on_step_failure: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    parent_pipeline: str = ""
    parent_run: str = ""
    parent_draft: str = ""
    last_run: str = ""
    created_at: str = ""
    changed_at: str = ""
    revision: int = 1

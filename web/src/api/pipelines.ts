import { useQuery } from "@tanstack/react-query";
import type { GraphDocument } from "../graph/document";
import type { Json } from "../graph/json";
import { get } from "./client";
import { queries } from "./queries";
import type { RunNotes, RunSummary, StepSource, Trigger } from "./schema";
import type * as schema from "./schema";

/** What of pipelines the page asks for: published ones, endpoints, drafts, schedules, sources of steps. */
export type { PipelineEndpoint, Recurrence, Schedule, StepSource, Trigger } from "./schema";

export interface PublishedPipeline extends Omit<schema.PublishedPipeline, "document" | "parameters"> {
  /** Null in lists. */
  document: GraphDocument | null;
  parameters?: Record<string, Json>;
}

export interface PipelineDraft extends Omit<schema.PipelineDraft, "document" | "values"> {
  document: GraphDocument | null;
  values?: Record<string, Json>;
}

/** A place of a datastore, as the value of a parameter. */
export interface PlaceValue {
  datastore: string;
  path: string;
}

const KEY = "pipelines";
const BUSY = ["created", "queued", "preparing", "running", "finalizing"];

/** Ask again for all that stands on these pages. */
export function pipelinesChanged(): void {
  void queries.invalidateQueries({ queryKey: [KEY] });
}

export function usePublished() {
  return useQuery({
    queryKey: [KEY, "published"],
    queryFn: async () => (await get<{ pipelines: PublishedPipeline[] }>("/pipelines", { all: true })).pipelines,
  });
}

export function usePublishedPipeline(id: string) {
  return useQuery({
    queryKey: [KEY, "published", id],
    enabled: id !== "",
    queryFn: () => get<PublishedPipeline>(`/pipelines/${encodeURIComponent(id)}`),
  });
}

export function useEndpoints() {
  return useQuery({
    queryKey: [KEY, "endpoints"],
    queryFn: async () => (await get<{ endpoints: schema.PipelineEndpoint[] }>("/pipeline-endpoints", { all: true })).endpoints,
  });
}

export function usePipelineEndpoint(id: string) {
  return useQuery({
    queryKey: [KEY, "endpoints", id],
    queryFn: () => get<schema.PipelineEndpoint>("/pipeline-endpoints/one", { id }),
  });
}

export function useDrafts() {
  return useQuery({
    queryKey: [KEY, "drafts"],
    queryFn: async () => (await get<{ drafts: PipelineDraft[] }>("/pipeline-drafts")).drafts,
  });
}

export function useDraftPipeline(id: string) {
  return useQuery({
    queryKey: [KEY, "drafts", id],
    queryFn: () => get<PipelineDraft>(`/pipeline-drafts/${encodeURIComponent(id)}`),
  });
}

export function useSchedules(pipeline?: string, endpoint?: string) {
  return useQuery({
    queryKey: [KEY, "schedules", pipeline, endpoint],
    queryFn: async () => (await get<{ schedules: schema.Schedule[] }>("/schedules", { all: true, pipeline, endpoint })).schedules,
  });
}

export function useSchedule(id: string) {
  return useQuery({
    queryKey: [KEY, "schedule", id],
    queryFn: () => get<schema.Schedule>(`/schedules/${encodeURIComponent(id)}`),
  });
}

/** What a schedule did, newest first; looked at again every few seconds, as it goes off by itself. */
export function useTriggers(id: string) {
  return useQuery({
    queryKey: [KEY, "triggers", id],
    queryFn: async () => (await get<{ triggers: Trigger[] }>(`/schedules/${encodeURIComponent(id)}/triggers`)).triggers,
    refetchInterval: 10_000,
  });
}

export function useNextTimes(id: string, revision: number) {
  return useQuery({
    queryKey: [KEY, "next", id, revision],
    queryFn: async () => (await get<{ times: string[] }>(`/schedules/${encodeURIComponent(id)}/next`, { count: 5 })).times,
  });
}

/** Runs of a published pipeline or of an endpoint, newest first, with those that were resumed. */
export function usePipelineRuns(property: "azureml.pipelineid" | "azureml.pipelineendpointid" | "azureml.scheduleid", id: string, limit: number) {
  return useQuery({
    queryKey: [KEY, "runs", property, id, limit],
    queryFn: async () => (await get<{ runs: RunSummary[] }>("/runs", { limit, properties: JSON.stringify({ [property]: id }) })).runs,
    // programs and schedules start runs, too
    refetchInterval: (query) => (query.state.data?.some((run) => BUSY.includes(run.state)) ? 2_000 : 10_000),
  });
}

/** Below which path of the server the old addresses of published pipelines lie. */
export function usePipelinesPath() {
  return useQuery({
    queryKey: ["workspace"],
    queryFn: async () => (await get<{ pipelines: string }>("/workspace")).pipelines,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useDatastoreNames() {
  return useQuery({
    queryKey: ["datastore-names"],
    queryFn: async () => (await get<{ datastores: { name: string }[] }>("/datastores")).datastores.map((one) => one.name),
    staleTime: 60_000,
  });
}

/** Files below a folder of a datastore, for suggestions; nothing when the datastore does not tell. */
export function useStoredFiles(datastore: string, isWanted: boolean) {
  return useQuery({
    queryKey: ["stored-files", datastore],
    enabled: isWanted && datastore !== "",
    retry: false,
    queryFn: async () =>
      (await get<{ files: { path: string }[] }>(`/datastores/${encodeURIComponent(datastore)}/files`, { path: "" })).files.map((file) => file.path),
    staleTime: 30_000,
  });
}

/** Registered datasets, newest version first, with the id of what each stands for. */
export function useRegisteredDatasets(isWanted: boolean) {
  return useQuery({
    queryKey: ["registered"],
    enabled: isWanted,
    queryFn: async () => (await get<{ datasets: { name: string; version: number; id: string }[] }>("/registered")).datasets,
  });
}

export function useRunNotes(run: string) {
  return useQuery({
    queryKey: ["run-notes", run],
    queryFn: () => get<RunNotes>(`/runs/${encodeURIComponent(run)}/notes`),
    staleTime: 60_000,
  });
}

/** The files that a step ran in. */
export function useStepSource(run: string, node: string) {
  return useQuery({
    queryKey: ["source", run, node],
    queryFn: () => get<StepSource>(`/runs/${encodeURIComponent(run)}/source`, { node }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

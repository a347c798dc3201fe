import type { GraphDocument } from "../graph/document";
import type { Json } from "../graph/json";
import type * as schema from "./schema";

/** What the server answers, by the names the page uses; the shapes are those of the OpenAPI document (schema.ts). */
export type { Artifact, Cell, Comparison, Feature, ImportReport, ModelDescription, Problem, ReuseNote, RunSummary, TableRows } from "./schema";
export type { BatchJob, BuildLog, CleanUp, ComputeView, DatastoreView, EnvironmentView, Maker, ServiceUsage, StorageUse, StoreLevel, StoreTest, UsagePoint } from "./schema";

export type State = schema.RunSummary["state"];
export type NodeRun = schema.NodeRun;
export type Run = schema.Run;
/** `state` is "draft" or the state of its run. */
export type ExperimentSummary = Omit<schema.ExperimentSummary, "state"> & { state: State | "draft" };
export type RunEvent = schema.RunEvent;
export type Experiment = schema.Experiment;
export type NodeStatus = schema.NodeStatus;
export type Profile = schema.Profile;
export type BoxPlot = schema.BoxPlot;
export type Bin = schema.Histogram["bins"][number];
export type Token = schema.TokenShown;

/** The graph in it is read as the canvas reads it. */
export interface ExperimentVersion {
  experiment: Experiment;
  document: GraphDocument;
  nodes: NodeStatus[];
}

export interface Dataset extends Omit<schema.Dataset, "facts"> {
  facts?: { rows?: number; columns?: number; size_bytes?: number };
}

export interface PredictedColumns {
  node: string;
  port: string;
  schema: { columnAttributes: { name: string; type: string }[]; isInaccurate?: number };
  observed?: boolean;
}

export interface ServiceColumn {
  name: string;
  type?: string;
  [fact: string]: Json | undefined;
}

/** server/endpoint_shapes.py */
export interface Endpoint {
  id: string;
  service: string;
  name: string;
  description: string;
  created_at: string;
  version: number;
  path: string;
  inputs: Record<string, ServiceColumn[] | null>;
  outputs: Record<string, ServiceColumn[] | null>;
  parameters: { name: string; type?: string; default?: Json; choices?: string[] }[];
  resources: { name: string; kind: string }[];
  throttle_level: string;
  max_concurrent_calls: number;
  [fact: string]: unknown;
}

export interface WebService {
  id: string;
  name: string;
  description: string;
  created_at: string;
  default_endpoint: string;
  endpoints: Endpoint[];
}

/** workspace/doctor.py */
export interface Doctor {
  skyloom: string;
  python: string;
  platform: string;
  home: string;
  records: string;
  cores: number;
  memory_bytes: number;
  disk_free_bytes: number;
  isolation: string;
  levels: { level: string; proven: boolean; why_not: string }[];
  libraries: Record<string, string>;
  environments?: { pythons?: string[]; built?: Json[] };
  warnings: string[];
}

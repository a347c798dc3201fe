// Written by `make docs` from the server's OpenAPI document (tools/api_types.py); do not edit.

export interface Artifact {
  digest: string;
  name: string;
  type: string;
  role: "output" | "log" | "image" | "file" | "locals";
  media_type: string;
  size: number;
}

export interface BatchJob {
  id: string;
  endpoint: string;
  created_at: string;
  inputs?: { [name: string]: BlobRef };
  outputs?: { [name: string]: BlobRef };
  parameters?: { [name: string]: unknown };
  status?: "NotStarted" | "Running" | "Failed" | "Cancelled" | "Finished";
  run?: string | null;
  details?: string | null;
}

export interface BlobRef {
  container: string;
  name: string;
  account?: string;
}

export interface BoxPlot {
  median: number | null;
  boxBottom: number | null;
  boxTop: number | null;
  whiskerBottom: number | null;
  whiskerTop: number | null;
  outliersBottom: (number | null)[];
  outliersTop: (number | null)[];
}

export interface BuildLog {
  state: "built" | "building" | "failed" | "not built";
  text: string;
  lines: number;
}

export interface CallRecord {
  id: string;
  pipeline: string;
  endpoint?: string;
  schedule?: string;
  run_type?: string;
  run_source?: string;
}

/** studio.md 3.2: missing is {isNan: true}, infinities are 'inf' and '-inf' */
export type Cell = string | number | boolean | null | { isNan: true };

export interface CleanUp {
  dry_run: boolean;
  parts: Cleaned[];
}

export interface Cleaned {
  part: "results" | "exports" | "fetched" | "logs" | "damaged";
  files: number;
  size_bytes: number;
  examples?: string[];
}

export interface CommandEntry {
  snapshot: string;
  argv: (string | PathOf & { $kind: "PathOf" } | ParameterRef & { $kind: "ParameterRef" })[];
  language?: "python" | "program" | "usql" | "spark";
  variables?: [string, string][];
}

export interface Comparison {
  kind: "scatter" | "crosstab" | "boxes";
  x: string;
  y: string;
  numberOfRows: number;
  points?: [Cell, Cell][];
  numbers?: string;
  classes?: string;
  boxes?: { class: string; count: number; box: BoxPlot | null }[];
  columns?: string[];
  rows?: string[];
  counts?: number[][];
}

export interface ComputeView {
  name: string;
  type: string;
  created_at?: string;
  description?: string;
  pool?: PoolStatus | null;
  facts?: { [name: string]: string };
}

export interface DataNode {
  id: string;
  data: DataReference & { $kind: "DataReference" } | DatasetVersion & { $kind: "DatasetVersion" };
  type?: string;
  title?: string;
}

export interface DataNote {
  node: string;
  type: string;
  feeds: string[];
  dataset?: string;
  found?: boolean;
}

export interface DataReference {
  datastore: string;
  path: string;
}

export interface Dataset {
  name: string;
  version: number;
  artifact: Artifact;
  created_at: string;
  description?: string;
  facts?: { [name: string]: unknown };
}

export interface DatasetVersion {
  name: string;
  version?: number;
}

export interface DatastoreView {
  name: string;
  kind: "AzureBlob" | "AzureFile" | "AzureDataLake" | "AzureDataLakeGen2" | "AzureSqlDatabase" | "AzurePostgreSql" | "AzureMySql" | "DBFS" | "Hdfs" | "LocalFolder" | "S3" | "Sqlite";
  settings: { [name: string]: string };
  where: string;
  is_default: boolean;
  is_usual: boolean;
  has_secret: boolean;
  holds_files: boolean;
}

export interface Edge {
  source: PortRef;
  target: PortRef;
  staging?: Staging;
}

export interface EndpointVersion {
  version: string;
  pipeline: string;
}

export interface Entry {
  kind: string;
  name: string;
  version: number;
  body?: { [name: string]: unknown };
  content?: string[];
  created_at?: string;
}

export interface EnvironmentView {
  digest: string;
  names: string[];
  kind: "built-in" | "registered" | "own";
  state: "built" | "building" | "failed" | "not built";
  python: string;
  wishes?: string[];
  installed?: string[];
  size_bytes?: number;
  built_at?: string;
  last_used?: string;
  build_s?: number;
  why_not?: string;
  in_use?: boolean;
  problem?: string;
}

export interface Experiment {
  id: string;
  history: string;
  graph: Graph;
  view: GraphView;
  parent?: string | null;
  run?: string | null;
  etag?: string;
  created_at?: string;
  changed_at?: string;
  role?: "" | "predictive" | "retraining";
  twin?: string | null;
  promoted?: { [name: string]: PortRef };
  foreign?: Foreign | null;
}

export interface ExperimentSummary {
  id: string;
  history: string;
  name: string;
  run: string | null;
  parent: string | null;
  role: "" | "predictive" | "retraining";
  twin: string | null;
  created_at: string;
  changed_at: string;
  state: string;
}

export interface Feature {
  name: string;
  index: number;
  elementType: string;
  featureType: string;
  isFeature: boolean;
}

export interface Folder {
  files?: FolderFile[];
  folders?: string[];
}

export interface FolderFile {
  path: string;
  digest: string;
  size: number;
  executable?: boolean;
}

export interface Foreign {
  format: "classic" | "arm";
  text: string;
  encoding?: string;
}

export interface FunctionEntry {
  target: string;
}

export interface Graph {
  nodes?: (ModuleNode & { $kind: "ModuleNode" } | DataNode & { $kind: "DataNode" })[];
  edges?: Edge[];
  modules?: { [name: string]: ModuleSpec };
  parameters?: Parameter[];
  inputs?: GraphInput[];
  outputs?: GraphOutput[];
  order?: [string, string][];
}

/** docs/graph-files.md */
export type GraphDocument = { [name: string]: unknown };

export interface GraphInput {
  name: string;
  targets: PortRef[];
  type?: string;
}

export interface GraphOutput {
  name: string;
  source: PortRef;
}

export interface GraphView {
  name?: string;
  summary?: string;
  positions?: { [name: string]: Position };
  comments?: { [name: string]: string };
}

export interface Histogram {
  NumberOfRecords: number;
  bins: { x: Cell; dx?: number | null; y: number | null; numElements: number }[];
}

export interface ImportReport {
  format: "classic" | "arm";
  name: string;
  nodes: NodeNote[];
  data: DataNote[];
  notes?: string[];
}

export interface InputPort {
  name: string;
  accepts?: string[];
  required?: boolean;
  doc?: string;
  dataset?: string;
  reading?: string;
}

export interface JobEntry {
  engine: string;
  settings?: [string, string][];
}

export interface Limits {
  timeout_s?: number | null;
  memory_bytes?: number | null;
  processes?: number;
  disk_bytes?: number;
  log_bytes?: number;
}

export interface Maker {
  run: string;
  node: string;
  experiment: string;
  ended_at?: string;
}

export interface ModelDescription {
  name: string;
  task: string;
  isTrained: boolean;
  label: string;
  classes: string[];
  settings: { name: string; value: string | number | boolean }[];
  measure: "" | "weight" | "importance" | "centre";
  columns: string[];
  weights: { name: string; values: (number | null)[] }[];
  numberOfFeatures: number;
}

export interface ModuleNode {
  id: string;
  module: string;
  values?: { [name: string]: null | boolean | number | string | unknown[] | { [name: string]: unknown } | ParameterRef & { $kind: "ParameterRef" } };
  title?: string;
  compute?: string | null;
  environment?: string | null;
  allow_reuse?: boolean;
  is_disabled?: boolean;
}

export interface ModuleSpec {
  name: string;
  version: string;
  category: string;
  entry: FunctionEntry & { $kind: "FunctionEntry" } | ScriptEntry & { $kind: "ScriptEntry" } | CommandEntry & { $kind: "CommandEntry" } | TransferEntry & { $kind: "TransferEntry" } | JobEntry & { $kind: "JobEntry" } | PlaceholderEntry & { $kind: "PlaceholderEntry" };
  inputs?: InputPort[];
  outputs?: OutputPort[];
  parameters?: Parameter[];
  deterministic?: boolean;
  further_outputs?: boolean;
  fetches?: boolean;
  delivers?: boolean;
  family?: string;
  aliases?: string[];
  doc?: string;
}

export interface NodeNote {
  node: string;
  module: string;
  family: string;
  has_twin: boolean;
  notes?: string[];
}

export interface NodeRun {
  run: string;
  node: string;
  attempt?: number;
  state?: "created" | "queued" | "preparing" | "running" | "finalizing" | "completed" | "failed" | "canceled" | "skipped";
  fingerprint?: string | null;
  parts?: { [name: string]: unknown };
  reused_from?: string | null;
  reuse?: string;
  outputs?: { [name: string]: Artifact };
  others?: Artifact[];
  problem?: Problem | null;
  reason?: string | null;
  isolation?: string | null;
  metrics?: [string, unknown][];
  notices?: string[];
  timings_ms?: { [name: string]: number };
  started_at?: string | null;
  ended_at?: string | null;
}

export interface NodeStatus {
  node: string;
  state: string;
  executed_by?: string | null;
  node_run?: NodeRun | null;
}

export interface OutputPort {
  name: string;
  type?: string;
  datastore?: string | null;
  optional?: boolean;
  doc?: string;
  path?: string;
  prepared?: boolean;
  register?: string;
}

export interface Parameter {
  name: string;
  type?: "string" | "int" | "float" | "bool" | "choice" | "columns" | "script" | "secret" | "path" | "json";
  default?: unknown;
  required?: boolean;
  choices?: string[];
  minimum?: number | null;
  maximum?: number | null;
  shown_when?: [string, unknown[]] | null;
  affects_result?: boolean;
  label?: string;
  doc?: string;
}

export interface ParameterRef {
  name: string;
}

export interface PathOf {
  port: string;
}

export interface PipelineDraft {
  id: string;
  name: string;
  experiment: string;
  document: unknown;
  description?: string;
  steps?: string[];
  values?: { [name: string]: unknown };
  options?: RunOptions;
  continue_on_step_failure?: boolean | null;
  tags?: { [name: string]: string };
  properties?: { [name: string]: string };
  parent_pipeline?: string;
  parent_run?: string;
  parent_draft?: string;
  last_run?: string;
  created_at?: string;
  changed_at?: string;
  revision?: number;
}

export interface PipelineEndpoint {
  id: string;
  name: string;
  description?: string;
  versions?: EndpointVersion[];
  default_version?: string;
  is_active?: boolean;
  created_at?: string;
  changed_at?: string;
  revision?: number;
}

export interface PlaceholderEntry {
  module: string;
}

export interface PoolNode {
  id: string;
  state: "preparing" | "running" | "idle" | "leaving" | "unusable" | "preempted";
  since: string;
  run?: string;
  node?: string;
  address?: string;
  why?: string;
}

export interface PoolSettings {
  min_nodes?: number;
  max_nodes?: number;
  idle_s?: number;
  provider?: string;
  vm_size?: string;
  low_priority?: boolean;
  address?: string;
  exchange?: string;
}

export interface PoolStatus {
  settings: PoolSettings;
  nodes: PoolNode[];
  changed_at: string;
  waiting?: number;
}

export interface PortRef {
  node: string;
  port: string;
}

export interface Position {
  x: number;
  y: number;
}

export interface PredictedColumns {
  node: string;
  port: string;
  schema: { [name: string]: unknown };
  observed: boolean;
}

export interface Problem {
  code: string;
  message: string;
  where?: string;
  fix?: string;
  traceback?: string;
}

export interface ProblemDocument {
  type?: string;
  status: number;
  detail?: string;
  code: string;
  message: string;
  where?: string;
  fix?: string;
  problems: Problem[];
}

export interface Profile {
  visualizationType: string;
  data: { records: Cell[][]; features: Feature[]; numberOfRows: number; numberOfColumns: number; name: string };
  statistics: { records: ((number | null)[])[]; features: { name: string; index: number }[]; numberOfRows: number; numberOfColumns: number; name: string };
  layout: { records: [Histogram | null, BoxPlot | null][]; features: { name: string; index: number }[]; numberOfRows: number; numberOfColumns: number; name: string };
  sampledRows?: number;
}

export interface PublishedPipeline {
  id: string;
  name: string;
  description: string;
  version: string;
  graph: string;
  document: unknown;
  steps?: string[];
  parameters?: { [name: string]: unknown };
  options?: RunOptions;
  continue_on_step_failure?: boolean | null;
  is_active?: boolean;
  created_at?: string;
  changed_at?: string;
  revision?: number;
}

export interface Recurrence {
  frequency: "Minute" | "Hour" | "Day" | "Week" | "Month";
  interval?: number;
  start?: string | null;
  zone?: string;
  hours?: number[];
  minutes?: number[];
  week_days?: string[];
}

export interface ReuseNote {
  node: string;
  reused: boolean;
  from_run: string | null;
  reasons: string[];
}

export interface Run {
  id: string;
  experiment: string;
  graph: string;
  values: { [name: string]: unknown };
  origin: "studio" | "sdk" | "cli" | "endpoint";
  options?: RunOptions;
  state?: "created" | "queued" | "preparing" | "running" | "finalizing" | "completed" | "failed" | "canceled" | "skipped";
  cancel_requested?: boolean;
  created_at?: string;
  ended_at?: string | null;
  nodes?: NodeRun[];
}

export interface RunEvent {
  run: string;
  sequence: number;
  at: string;
  kind: "submitted" | "state" | "attempt" | "cancel";
  node?: string | null;
  body?: { [name: string]: unknown };
}

export interface RunNotes {
  tags?: { [name: string]: string };
  properties?: { [name: string]: string };
  description?: string;
  display_name?: string;
}

export interface RunOptions {
  selection?: string[];
  regenerate?: boolean;
  limits?: Limits;
  isolation?: string | null;
  environment?: string | null;
  compatibility?: boolean | null;
  resumes?: string | null;
  reuse?: "place" | "content";
  stop_on_failure?: boolean;
}

export interface RunSummary {
  id: string;
  experiment: string;
  state: "created" | "queued" | "preparing" | "running" | "finalizing" | "completed" | "failed" | "canceled" | "skipped";
  origin: string;
  created_at: string;
  ended_at: string | null;
  nodes: number;
  cancel_requested?: boolean;
  metrics?: { [name: string]: unknown };
  tags?: { [name: string]: string };
  display_name?: string;
}

export interface Schedule {
  id: string;
  name: string;
  experiment: string;
  pipeline?: string;
  endpoint?: string;
  description?: string;
  recurrence?: Recurrence | null;
  watch?: Watch | null;
  values?: { [name: string]: unknown };
  continue_on_step_failure?: boolean | null;
  is_active?: boolean;
  created_at?: string;
  changed_at?: string;
  next_at?: string | null;
  listing?: { [name: string]: string } | null;
  revision?: number;
}

export interface ScriptEntry {
  language: "python" | "r" | "sql";
  function?: string;
}

export interface ServiceUsage {
  total: UsagePoint;
  points: UsagePoint[];
}

export interface SourceFile {
  path: string;
  size: number;
  text?: string | null;
}

export interface Staging {
  mode?: "mount" | "download" | "direct";
  path_on_compute?: string | null;
  overwrite?: boolean;
}

export interface StepSource {
  node: string;
  script: string;
  files?: SourceFile[];
}

export interface StorageKind {
  kind: string;
  files: number;
  size_bytes: number;
}

export interface StorageUse {
  kinds: StorageKind[];
  free_bytes: number;
  measured_at: string;
}

export interface StoreItem {
  name: string;
  is_folder: boolean;
  size?: number | null;
  files?: number | null;
}

export interface StoreLevel {
  path: string;
  items: StoreItem[];
  left_out?: number;
}

export interface StoreTest {
  reached: boolean;
  seconds: number;
  said?: string;
}

export interface TableRows {
  offset: number;
  numberOfRows: number;
  numberOfColumns: number;
  features: Feature[];
  records: Cell[][];
}

export interface TokenShown {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface TransferEntry {
  source_layout?: "file" | "folder" | null;
  target_layout?: "file" | "folder" | null;
}

export interface Trigger {
  id: string;
  schedule: string;
  at: string;
  due: string;
  state?: "pending" | "started" | "failed";
  run?: string;
  changed?: string[];
  missed?: number;
  message?: string;
  experiment?: string;
  values?: { [name: string]: unknown };
  data_paths?: { [name: string]: unknown };
  revision?: number;
}

export interface UsagePoint {
  at: string;
  seconds: number;
  calls: number;
  errors: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface Watch {
  place: DataReference;
  every_minutes?: number;
  parameter?: string;
}

/** The body of the answer of each route. */
export interface Answers {
  "PUT /api/v1/artifacts": Artifact;
  "POST /api/v1/artifacts/profile": Profile;
  "GET /api/v1/artifacts/{digest}/columns": { rows: number; columns: Feature[] };
  "GET /api/v1/artifacts/{digest}/compare": Comparison;
  "GET /api/v1/artifacts/{digest}/maker": { maker: Maker | null };
  "GET /api/v1/artifacts/{digest}/model": ModelDescription;
  "GET /api/v1/artifacts/{digest}/profile": Profile;
  "GET /api/v1/artifacts/{digest}/rows": TableRows;
  "GET /api/v1/computes": { computes: ComputeView[] };
  "PUT /api/v1/computes": ComputeView;
  "DELETE /api/v1/computes/{name}": { removed: string };
  "GET /api/v1/datasets": { datasets: Dataset[]; next: string | null };
  "POST /api/v1/datasets": Dataset;
  "DELETE /api/v1/datasets/version": { name: string; deleted: number };
  "GET /api/v1/datasets/version": Dataset;
  "GET /api/v1/doctor": { [name: string]: unknown };
  "DELETE /api/v1/environments": { removed: string };
  "GET /api/v1/environments": { environments: EnvironmentView[] };
  "POST /api/v1/environments/build": EnvironmentView;
  "GET /api/v1/environments/log": BuildLog;
  "GET /api/v1/experiments": { experiments: ExperimentSummary[] };
  "POST /api/v1/experiments": Experiment;
  "POST /api/v1/experiments/bind": { experiment: Experiment; report: ImportReport };
  "GET /api/v1/experiments/columns": PredictedColumns;
  "POST /api/v1/experiments/edit": Experiment;
  "GET /api/v1/experiments/export": Foreign;
  "GET /api/v1/experiments/history": { experiments: ExperimentSummary[] };
  "POST /api/v1/experiments/import": { experiment?: Experiment; report: ImportReport };
  "GET /api/v1/experiments/program": { text: string };
  "POST /api/v1/experiments/promote": Dataset;
  "POST /api/v1/experiments/run": Experiment;
  "POST /api/v1/experiments/save-as": Experiment;
  "DELETE /api/v1/experiments/version": { deleted: number };
  "GET /api/v1/experiments/version": { experiment: Experiment; document: GraphDocument; nodes: NodeStatus[] };
  "POST /api/v1/experiments/web-service": Experiment;
  "POST /api/v1/folders/list": Folder;
  "POST /api/v1/graphs/validate": { problems: Problem[] };
  "GET /api/v1/modules": { modules: ModuleSpec[] };
  "GET /api/v1/pipeline-calls": { calls: CallRecord[] };
  "GET /api/v1/pipeline-drafts": { drafts: PipelineDraft[] };
  "POST /api/v1/pipeline-drafts": PipelineDraft;
  "PUT /api/v1/pipeline-drafts": PipelineDraft;
  "DELETE /api/v1/pipeline-drafts/{id}": { deleted: boolean };
  "GET /api/v1/pipeline-drafts/{id}": PipelineDraft;
  "GET /api/v1/pipeline-endpoints": { endpoints: PipelineEndpoint[] };
  "POST /api/v1/pipeline-endpoints": PipelineEndpoint;
  "PUT /api/v1/pipeline-endpoints": PipelineEndpoint;
  "GET /api/v1/pipeline-endpoints/one": PipelineEndpoint;
  "POST /api/v1/pipeline-endpoints/{id}/runs": { run: string };
  "GET /api/v1/pipelines": { pipelines: PublishedPipeline[] };
  "POST /api/v1/pipelines": PublishedPipeline;
  "GET /api/v1/pipelines/{id}": PublishedPipeline;
  "PUT /api/v1/pipelines/{id}/active": PublishedPipeline;
  "POST /api/v1/pipelines/{id}/runs": { run: string };
  "GET /api/v1/registry/{kind}": { entries: Entry[] };
  "GET /api/v1/runs": { runs: RunSummary[]; next: string | null };
  "POST /api/v1/runs": { run: string };
  "GET /api/v1/runs/{run}": Run;
  "GET /api/v1/runs/{run}/call": { call: CallRecord | null };
  "POST /api/v1/runs/{run}/cancel": { run: string; canceled: boolean };
  "GET /api/v1/runs/{run}/document": { document: GraphDocument; experiment: string | null };
  "GET /api/v1/runs/{run}/events": { events: RunEvent[] };
  "GET /api/v1/runs/{run}/notes": RunNotes;
  "GET /api/v1/runs/{run}/program": { text: string };
  "POST /api/v1/runs/{run}/resume": { run: string };
  "GET /api/v1/runs/{run}/source": StepSource;
  "GET /api/v1/runs/{run}/why": { run: string; nodes: ReuseNote[] };
  "GET /api/v1/schedules": { schedules: Schedule[] };
  "POST /api/v1/schedules": Schedule;
  "PUT /api/v1/schedules": Schedule;
  "GET /api/v1/schedules/{id}": Schedule;
  "GET /api/v1/schedules/{id}/next": { times: string[] };
  "POST /api/v1/schedules/{id}/runs": { run: string };
  "GET /api/v1/schedules/{id}/triggers": { triggers: Trigger[] };
  "PUT /api/v1/services/{service}/endpoints/{endpoint}/files": { blob: string };
  "GET /api/v1/services/{service}/endpoints/{endpoint}/jobs": { jobs: BatchJob[] };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/jobs": BatchJob;
  "DELETE /api/v1/services/{service}/endpoints/{endpoint}/jobs/{job}": BatchJob;
  "GET /api/v1/services/{service}/endpoints/{endpoint}/usage": ServiceUsage;
  "GET /api/v1/status": { pid: number; host: string; version: string; home: string; started_at: string; idle: boolean };
  "POST /api/v1/storage/clean": CleanUp;
  "GET /api/v1/storage/use": StorageUse;
  "GET /api/v1/stores": { stores: DatastoreView[] };
  "POST /api/v1/stores": DatastoreView;
  "DELETE /api/v1/stores/{name}": { unregistered: string };
  "PUT /api/v1/stores/{name}/default": { default: string };
  "GET /api/v1/stores/{name}/level": StoreLevel;
  "POST /api/v1/stores/{name}/test": StoreTest;
  "GET /api/v1/tokens": { tokens: TokenShown[] };
  "POST /api/v1/tokens": TokenShown & { token: string };
  "DELETE /api/v1/tokens/{token}": TokenShown;
  "GET /api/v1/workspace": { facts: { [name: string]: unknown }; pipelines: string };
  "GET /session": { subject: string; scopes: string[]; csrf: string | null };
  "POST /session": { csrf: string };
}

/** The JSON body that a route takes. */
export interface Bodies {
  "POST /api/v1/artifacts/content": { artifact: { digest: string; name: string; type: string; role: "output" | "log" | "image" | "file" | "locals"; media_type: string; size: number }; format?: string };
  "POST /api/v1/artifacts/path": { artifact: { digest: string; name: string; type: string; role: "output" | "log" | "image" | "file" | "locals"; media_type: string; size: number }; format?: string };
  "POST /api/v1/artifacts/profile": { artifact: { digest: string; name: string; type: string; role: "output" | "log" | "image" | "file" | "locals"; media_type: string; size: number } };
  "PUT /api/v1/computes": { name: string; min_nodes?: number; max_nodes?: number; idle_s?: number };
  "POST /api/v1/datasets": { name: string; artifact: { digest: string; name: string; type: string; role: "output" | "log" | "image" | "file" | "locals"; media_type: string; size: number }; description?: string };
  "POST /api/v1/definitions": { definition: { [name: string]: unknown } };
  "POST /api/v1/definitions/content": { definition: { [name: string]: unknown }; store: string; path: string };
  "POST /api/v1/definitions/listing": { definition: { [name: string]: unknown } };
  "POST /api/v1/environments/build": { digest: string };
  "POST /api/v1/experiments": { document: { [name: string]: unknown }; name?: string };
  "POST /api/v1/experiments/bind": { experiment: string; bindings: { [name: string]: unknown } };
  "POST /api/v1/experiments/edit": { experiment: string; document: { [name: string]: unknown }; etag?: string; keep_versions?: boolean };
  "POST /api/v1/experiments/import": { file: { format: "classic" | "arm"; text: string; encoding?: string }; check?: boolean; name?: string; bindings?: { [name: string]: unknown } };
  "POST /api/v1/experiments/promote": { experiment: string; node: string; port?: string; name?: string; description?: string };
  "POST /api/v1/experiments/run": { experiment: string; how?: { [name: string]: unknown } };
  "POST /api/v1/experiments/save-as": { experiment: string; name: string };
  "POST /api/v1/experiments/web-service": { experiment: string; setup?: { [name: string]: unknown } };
  "POST /api/v1/folders": { folder: { [name: string]: unknown }; name: string };
  "POST /api/v1/folders/list": { artifact: { digest: string; name: string; type: string; role: "output" | "log" | "image" | "file" | "locals"; media_type: string; size: number } };
  "POST /api/v1/folders/missing": { digests: string[] };
  "POST /api/v1/graphs/validate": { document: { [name: string]: unknown } };
  "POST /api/v1/pipeline-drafts": { id: string; name: string; experiment: string; document: { [name: string]: unknown } };
  "PUT /api/v1/pipeline-drafts": { id: string; name: string; experiment: string; document: { [name: string]: unknown }; revision?: number };
  "POST /api/v1/pipeline-endpoints": { name: string; description?: string; pipeline: string };
  "PUT /api/v1/pipeline-endpoints": { id: string; name: string; versions?: { [name: string]: unknown }[]; revision?: number };
  "POST /api/v1/pipeline-endpoints/{id}/runs": { experiment: string; values?: { [name: string]: unknown }; data_paths?: { [name: string]: unknown }; datasets?: { [name: string]: unknown }; tags?: { [name: string]: unknown }; properties?: { [name: string]: unknown } };
  "POST /api/v1/pipelines": { name?: string; description?: string; version?: string; document?: { [name: string]: unknown }; run?: string; options?: { [name: string]: unknown } };
  "PUT /api/v1/pipelines/{id}/active": { active: boolean };
  "POST /api/v1/pipelines/{id}/runs": { experiment: string; values?: { [name: string]: unknown }; data_paths?: { [name: string]: unknown }; datasets?: { [name: string]: unknown }; tags?: { [name: string]: unknown }; properties?: { [name: string]: unknown } };
  "POST /api/v1/registered": { name: string; definition: { [name: string]: unknown }; description?: string; tags?: { [name: string]: unknown }; new_version?: boolean };
  "PUT /api/v1/registered": { name: string; version: number; description?: string; tags?: { [name: string]: unknown } };
  "DELETE /api/v1/registry/{kind}": { name: string; version: number; body?: { [name: string]: unknown } };
  "POST /api/v1/registry/{kind}": { name: string; body?: { [name: string]: unknown }; content?: string[] };
  "PUT /api/v1/registry/{kind}": { name: string; version: number; body?: { [name: string]: unknown } };
  "POST /api/v1/runs": { document: { [name: string]: unknown }; experiment?: string; values?: { [name: string]: unknown }; settings?: { [name: string]: unknown }; options?: { [name: string]: unknown }; origin?: "cli" | "studio" | "sdk" | "rest"; notes?: { [name: string]: unknown } };
  "PUT /api/v1/runs/{run}/notes": { tags?: { [name: string]: unknown }; properties?: { [name: string]: unknown }; description?: string; display_name?: string };
  "POST /api/v1/runs/{run}/resume": { files?: { [name: string]: unknown }; settings?: { [name: string]: unknown }; values?: { [name: string]: unknown } };
  "POST /api/v1/schedules": { id: string; name: string; experiment: string; pipeline?: string; endpoint?: string; recurrence?: { [name: string]: unknown }; watch?: { [name: string]: unknown } };
  "PUT /api/v1/schedules": { id: string; name: string; experiment: string; pipeline?: string; endpoint?: string; recurrence?: { [name: string]: unknown }; watch?: { [name: string]: unknown } };
  "PUT /api/v1/secrets": { secrets: { [name: string]: unknown } };
  "POST /api/v1/services": { name?: string; run?: string; document?: { [name: string]: unknown }; service?: string; description?: string; environment?: string };
  "PUT /api/v1/services/{service}/endpoints/{endpoint}": { description?: string; throttle_level?: "Low" | "High"; max_concurrent_calls?: number; prevent_update?: boolean; trace_level?: "None" | "Error" | "All" };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/call": { Inputs?: { [name: string]: unknown }; GlobalParameters?: { [name: string]: unknown } };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/jobs": { inputs: { [name: string]: unknown }; parameters?: { [name: string]: unknown } };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/keys": { which: "Primary" | "Secondary" };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/refresh": { overwrite_resources?: boolean };
  "POST /api/v1/storage/clean": { parts: string[]; dry_run?: boolean };
  "POST /api/v1/stores": { datastore: { name: string; kind: string; settings?: { [name: string]: unknown } }; secrets?: { [name: string]: unknown }; overwrite?: boolean; create?: boolean };
  "POST /api/v1/tokens": { name?: string; scopes: string[]; expires_in_s?: number | null };
  "PUT /api/v1/workspace": { facts: { [name: string]: unknown }; create?: boolean };
  "POST /api/workspaces/{ws}/datasources": { DataSource: { Name: string; DataTypeId: string; Description?: string; FamilyId?: string }; UploadId: string; UploadedFromFileName?: string };
  "POST /api/workspaces/{ws}/experiments": { ExperimentGraph: { [name: string]: unknown }; Description?: string; Summary?: string; IsDraft?: boolean; ParentExperimentId?: string; DisableNodeUpdate?: boolean; Category?: string; WebService?: { [name: string]: unknown } };
  "POST /api/workspaces/{ws}/experiments/{eid}": { ExperimentGraph: { [name: string]: unknown }; Description?: string; Summary?: string; IsDraft?: boolean; ParentExperimentId?: string; DisableNodeUpdate?: boolean; Category?: string; WebService?: { [name: string]: unknown } };
  "POST /api/workspaces/{ws}/trainedmodels": { ExperimentId: string; ModuleNodeId: string; OutputName: string; TrainedModel: { Name: string; Description?: string } };
  "POST /api/workspaces/{ws}/transformmodules": { ExperimentId: string; ModuleNodeId: string; OutputName: string; Transform: { Name: string; Description?: string } };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/Experiments/PublishedPipelineSubmit/{id}": { ExperimentName: string; Description?: string; DisplayName?: string; RunSource?: string; RunType?: string; ParameterAssignments?: { [name: string]: unknown }; DataPathAssignments?: { [name: string]: unknown }; DataSetDefinitionValueAssignments?: { [name: string]: unknown }; ContinueRunOnStepFailure?: boolean; EnableNotification?: boolean; ScheduleId?: string; tags?: { [name: string]: unknown }; Properties?: { [name: string]: unknown }; ParentRunId?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineEndpoints/Create": { Name: string; Description?: string; PipelineId: string };
  "PUT /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineEndpoints/{id}": { Name?: string; Description?: string; DefaultVersion?: string; EntityStatus?: "Active" | "Disabled"; PipelineVersionList?: { Version?: string; PipelineId?: string }[] };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/PipelineEndpointSubmit/Id/{id}": { ExperimentName: string; Description?: string; DisplayName?: string; RunSource?: string; RunType?: string; ParameterAssignments?: { [name: string]: unknown }; DataPathAssignments?: { [name: string]: unknown }; DataSetDefinitionValueAssignments?: { [name: string]: unknown }; ContinueRunOnStepFailure?: boolean; EnableNotification?: boolean; ScheduleId?: string; tags?: { [name: string]: unknown }; Properties?: { [name: string]: unknown }; ParentRunId?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/PipelineEndpointSubmit/Id/{id}/{version}": { ExperimentName: string; Description?: string; DisplayName?: string; RunSource?: string; RunType?: string; ParameterAssignments?: { [name: string]: unknown }; DataPathAssignments?: { [name: string]: unknown }; DataSetDefinitionValueAssignments?: { [name: string]: unknown }; ContinueRunOnStepFailure?: boolean; EnableNotification?: boolean; ScheduleId?: string; tags?: { [name: string]: unknown }; Properties?: { [name: string]: unknown }; ParentRunId?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/PipelineEndpointSubmit/Name": { ExperimentName: string; Description?: string; DisplayName?: string; RunSource?: string; RunType?: string; ParameterAssignments?: { [name: string]: unknown }; DataPathAssignments?: { [name: string]: unknown }; DataSetDefinitionValueAssignments?: { [name: string]: unknown }; ContinueRunOnStepFailure?: boolean; EnableNotification?: boolean; ScheduleId?: string; tags?: { [name: string]: unknown }; Properties?: { [name: string]: unknown }; ParentRunId?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/PipelineSubmit/{id}": { ExperimentName: string; Description?: string; DisplayName?: string; RunSource?: string; RunType?: string; ParameterAssignments?: { [name: string]: unknown }; DataPathAssignments?: { [name: string]: unknown }; DataSetDefinitionValueAssignments?: { [name: string]: unknown }; ContinueRunOnStepFailure?: boolean; EnableNotification?: boolean; ScheduleId?: string; tags?: { [name: string]: unknown }; Properties?: { [name: string]: unknown }; ParentRunId?: string };
  "PUT /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/Pipelines/{id}/status": { EntityStatus?: string };
  "PUT /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PublishedPipelines/{id}/status": { EntityStatus?: string };
  "POST /session": { token: string };
  "POST /v2/models/{model}/infer": { id?: string; inputs: { name: string; shape: number[]; datatype: "INT64" | "FP64" | "BOOL" | "BYTES"; data: unknown[] }[]; outputs?: { [name: string]: unknown }[]; parameters?: { [name: string]: unknown } };
  "POST /v2/models/{model}/versions/{version}/infer": { id?: string; inputs: { name: string; shape: number[]; datatype: "INT64" | "FP64" | "BOOL" | "BYTES"; data: unknown[] }[]; outputs?: { [name: string]: unknown }[]; parameters?: { [name: string]: unknown } };
  "POST /workspaces/{ws}/services/{endpoint}/jobs": { Inputs?: { [name: string]: { ConnectionString?: string; BaseLocation?: string; RelativeLocation: string; SasBlobToken?: string } } | null; Outputs?: { [name: string]: { ConnectionString?: string; BaseLocation?: string; RelativeLocation: string; SasBlobToken?: string } } | null; GlobalParameters?: { [name: string]: unknown } | null };
  "POST /workspaces/{ws}/services/{endpoint}/score": { [name: string]: unknown };
  "PUT /workspaces/{ws}/webservices/{sid}": { Name: string; Type: "Code"; CodeBundle: { Language: string; SourceCode: string; ZipContents?: string; InputSchema?: { [name: string]: unknown }; OutputSchema?: { [name: string]: unknown } } };
  "PATCH /workspaces/{ws}/webservices/{sid}/endpoints/{name}": { Resources: { Name: string; Location: { ConnectionString?: string; BaseLocation?: string; RelativeLocation: string; SasBlobToken?: string } }[] };
  "PUT /workspaces/{ws}/webservices/{sid}/endpoints/{name}": { Description?: string; ThrottleLevel?: "Low" | "High"; MaxConcurrentCalls?: number; PreventUpdate?: boolean };
  "POST /workspaces/{ws}/webservices/{sid}/endpoints/{name}/refresh": { OverwriteResources?: "True" | "False" };
}

/** What may stand in the query of a route. */
export interface Queries {
  "POST /api/blobuploads/workspaces/{ws}": { dataTypeId?: string; userStorage?: string; blockId?: number; uploadId: string; numberOfBlocks?: number };
  "POST /api/blobuploads/workspaces/{ws}/": { dataTypeId?: string; userStorage?: string; blockId?: number; uploadId: string; numberOfBlocks?: number };
  "POST /api/resourceuploads/workspaces/{ws}": { dataTypeId?: string; userStorage?: string };
  "POST /api/resourceuploads/workspaces/{ws}/": { dataTypeId?: string; userStorage?: string };
  "PUT /api/v1/artifacts": { name: string; type?: string; limits?: string };
  "GET /api/v1/artifacts/{digest}/compare": { x?: number; y?: number };
  "GET /api/v1/artifacts/{digest}/content": { type?: string; format?: string; name?: string };
  "GET /api/v1/artifacts/{digest}/model": { type?: string };
  "GET /api/v1/artifacts/{digest}/profile": { sample?: boolean };
  "GET /api/v1/artifacts/{digest}/rows": { offset?: number; limit?: number; columns?: string };
  "GET /api/v1/audit": { after?: number; limit?: number };
  "GET /api/v1/datasets": { limit?: number; after?: string };
  "GET /api/v1/datasets/content": { name: string; version?: number; format?: string };
  "DELETE /api/v1/datasets/version": { name: string; version?: number };
  "GET /api/v1/datasets/version": { name: string; version?: number };
  "GET /api/v1/datastores/{datastore}/content": { path: string };
  "PUT /api/v1/datastores/{datastore}/content": { path: string; overwrite?: boolean };
  "GET /api/v1/datastores/{datastore}/files": { path?: string };
  "GET /api/v1/datastores/{datastore}/path": { path: string };
  "DELETE /api/v1/environments": { digest: string };
  "GET /api/v1/environments/log": { digest: string };
  "GET /api/v1/experiments": { limit?: number };
  "GET /api/v1/experiments/columns": { experiment: string; node: string; port?: string };
  "GET /api/v1/experiments/export": { experiment: string; format?: string };
  "GET /api/v1/experiments/history": { experiment: string };
  "GET /api/v1/experiments/program": { experiment: string };
  "DELETE /api/v1/experiments/version": { experiment: string };
  "GET /api/v1/experiments/version": { experiment: string };
  "GET /api/v1/pipeline-calls": { pipeline?: string; schedule?: string };
  "GET /api/v1/pipeline-endpoints": { all?: boolean };
  "GET /api/v1/pipeline-endpoints/one": { id?: string; name?: string };
  "POST /api/v1/pipeline-endpoints/{id}/runs": { version?: string };
  "GET /api/v1/pipelines": { all?: boolean };
  "DELETE /api/v1/registered": { name: string };
  "GET /api/v1/registered": { name?: string };
  "GET /api/v1/registry/{kind}": { name?: string };
  "GET /api/v1/runs": { limit?: number; before?: string; experiment?: string; tags?: string; properties?: string };
  "GET /api/v1/runs/{run}/events": { after?: number; wait_s?: number };
  "GET /api/v1/runs/{run}/log": { node: string; stream?: string; offset?: number };
  "GET /api/v1/runs/{run}/log/stream": { node: string; stream?: string; after?: number };
  "GET /api/v1/runs/{run}/report": { export?: boolean };
  "GET /api/v1/runs/{run}/source": { node: string };
  "GET /api/v1/runs/{run}/stream": { after?: number };
  "GET /api/v1/schedules": { all?: boolean; pipeline?: string; endpoint?: string };
  "GET /api/v1/schedules/{id}/next": { count?: number };
  "GET /api/v1/schedules/{id}/triggers": { limit?: number };
  "POST /api/v1/services/{service}/endpoints/{endpoint}/call": { format?: string };
  "PUT /api/v1/services/{service}/endpoints/{endpoint}/files": { name: string };
  "GET /api/v1/services/{service}/endpoints/{endpoint}/usage": { span?: string };
  "GET /api/v1/stores/{name}/level": { path?: string };
  "GET /api/workspaces/{ws}/datasources/{id}/content": { se?: string; sig?: string };
  "POST /api/workspaces/{ws}/experiments/{eid}/webservice": { generateNewPortNames?: boolean; updateExistingWebService?: boolean };
  "GET /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineEndpoints/Name": { name?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/PipelineEndpointSubmit/Name": { name?: string; pipelineVersion?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/{id}/Graph/Node/Status": { nodeId?: string };
  "POST /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PipelineRuns/{id}/Graph/Shareable/{stream}": { nodeId?: string };
  "GET /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/Pipelines": { activeOnly?: boolean };
  "GET /pipelines/v1.0/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{ws}/PublishedPipelines": { activeOnly?: boolean };
}

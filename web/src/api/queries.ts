import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { GraphDocument } from "../graph/document";
import type { ModuleSpec } from "../graph/module";
import { Catalogue } from "../graph/module";
import { address, get, send } from "./client";
import type {
  Artifact,
  Cell,
  Comparison,
  Dataset,
  Doctor,
  ExperimentSummary,
  ExperimentVersion,
  Feature,
  ModelDescription,
  PredictedColumns,
  Profile,
  ReuseNote,
  Run,
  RunSummary,
  TableRows,
  Token,
  WebService,
} from "./shapes";

const MOST_SAMPLED = 30;

export const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 2_000, refetchOnWindowFocus: true } },
});

export function useCatalogue() {
  return useQuery({
    queryKey: ["modules"],
    queryFn: async () => new Catalogue((await get<{ modules: ModuleSpec[] }>("/modules")).modules),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useExperiments() {
  return useQuery({
    queryKey: ["experiments"],
    queryFn: async () => (await get<{ experiments: ExperimentSummary[] }>("/experiments", { limit: 500 })).experiments,
  });
}

export function fetchExperiment(id: string): Promise<ExperimentVersion> {
  return get<ExperimentVersion>("/experiments/version", { experiment: id });
}

export function useHistory(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ["history", id],
    enabled: isWanted,
    queryFn: async () =>
      (await get<{ experiments: ExperimentSummary[] }>("/experiments/history", { experiment: id })).experiments,
  });
}

export async function fetchDatasets(): Promise<Dataset[]> {
  const found: Dataset[] = [];
  let after: string | null = null;
  do {
    const page: { datasets: Dataset[]; next: string | null } = await get("/datasets", {
      limit: 500,
      after: after ?? undefined,
    });
    found.push(...page.datasets);
    after = page.next;
  } while (after !== null);
  return found;
}

export function useDatasets() {
  return useQuery({ queryKey: ["datasets"], queryFn: fetchDatasets });
}

/** Figures of a table: of a large one those of some rows come at once, and those of all when they are wanted. */
export function useProfile(artifact: Artifact | undefined, isWhole = false) {
  const asked = (sample: boolean) => ({
    queryKey: ["profile", artifact?.digest, sample],
    queryFn: () => get<Profile>(`/artifacts/${artifact?.digest}/profile`, { sample }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const quick = useQuery({ ...asked(true), enabled: artifact !== undefined });
  const whole = useQuery({ ...asked(false), enabled: isWhole && quick.data?.sampledRows !== undefined });
  return whole.data ? whole : quick;
}

/** What a model is; a stored model never changes, so neither does this. */
export function useModel(artifact: Artifact) {
  return useQuery({
    queryKey: ["model", artifact.digest],
    queryFn: () => get<ModelDescription>(`/artifacts/${artifact.digest}/model`, { type: artifact.type === "File" ? "File" : undefined }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** The columns that will enter a node's port; `etag` makes it new when the saved draft is. */
export function useColumns(experiment: string, node: string, port: string, etag: string) {
  return useQuery({
    queryKey: ["columns", experiment, node, port, etag],
    queryFn: async () => {
      const found = await get<PredictedColumns>("/experiments/columns", { experiment, node, port });
      return { columns: found.schema.columnAttributes, observed: found.observed === true };
    },
    enabled: port !== "" && experiment !== "",
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}

export function useRuns(limit = 100, experiment?: string) {
  return useQuery({
    queryKey: ["runs", limit, experiment],
    queryFn: async () => (await get<{ runs: RunSummary[] }>("/runs", { limit, experiment })).runs,
    refetchInterval: (query) =>
      query.state.data?.some((run) => ["created", "queued", "preparing", "running"].includes(run.state)) ? 2_000 : false,
  });
}

/** The list of runs a page at a time, newest first. */
export function useRunPages() {
  return useInfiniteQuery({
    queryKey: ["run-pages"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => get<{ runs: RunSummary[]; next: string | null }>("/runs", { limit: 100, before: pageParam }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** The graph of a run, and the experiment that was run, if it was one. */
export function useRunDocument(run: string) {
  return useQuery({
    queryKey: ["run-document", run],
    queryFn: () =>
      get<{ document: GraphDocument; experiment: string | null }>(`/runs/${encodeURIComponent(run)}/document`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export function useRun(run: string | undefined) {
  return useQuery({
    queryKey: ["run", run],
    enabled: run !== undefined,
    queryFn: () => get<Run>(`/runs/${encodeURIComponent(run ?? "")}`),
  });
}

export function useReuse(run: string) {
  return useQuery({
    queryKey: ["why", run],
    queryFn: async () => (await get<{ nodes: ReuseNote[] }>(`/runs/${encodeURIComponent(run)}/why`)).nodes,
  });
}

export function useServices() {
  return useQuery({
    queryKey: ["services"],
    queryFn: async () => (await get<{ services: WebService[] }>("/services")).services,
  });
}

export function useTokens() {
  return useQuery({
    queryKey: ["tokens"],
    queryFn: async () => (await get<{ tokens: Token[] }>("/tokens")).tokens,
  });
}

export function useDoctor() {
  return useQuery({ queryKey: ["doctor"], queryFn: () => get<Doctor>("/doctor"), staleTime: 60_000 });
}

/** A row of data the workspace has, for a form that asks for these columns; nothing when no dataset has them all. */
export async function sampleRow(columns: readonly string[]): Promise<Record<string, Cell> | null> {
  const tables = (await fetchDatasets()).filter((one) => one.artifact.type === "Dataset").slice(0, MOST_SAMPLED);
  for (const { artifact } of tables) {
    const found = await fetchRows(artifact.digest, 0, 1);
    const [row] = found.records;
    const names = found.features.map((feature) => feature.name);
    if (!row || !columns.every((column) => names.includes(column))) continue;
    return Object.fromEntries(names.map((name, place) => [name, row[place] ?? null]));
  }
  return null;
}

/** A page of a table's rows. */
export function fetchRows(digest: string, offset: number, limit: number): Promise<TableRows> {
  return get<TableRows>(`/artifacts/${digest}/rows`, { offset, limit });
}

/** Columns of a table, from its footer. */
export function fetchHeads(digest: string): Promise<{ rows: number; columns: Feature[] }> {
  return get(`/artifacts/${digest}/columns`);
}

/** The first page of a table: quick, whatever its size. */
export function useFirstRows(artifact: Artifact) {
  return useQuery({
    queryKey: ["first-rows", artifact.digest],
    queryFn: () => fetchRows(artifact.digest, 0, 100),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useComparison(digest: string, x: number, y: number) {
  return useQuery({
    queryKey: ["compare", digest, x, y],
    queryFn: () => get<Comparison>(`/artifacts/${digest}/compare`, { x, y }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Where the browser finds an artifact's content, a table in a format. */
export function contentAddress(artifact: Artifact, format: string, name: string): string {
  return address(`/artifacts/${artifact.digest}/content`, { type: artifact.type, format, name });
}

/** Where a picture is; the server gives only what really is PNG or JPEG. */
export function imageAddress(artifact: Artifact): string {
  return address(`/artifacts/${artifact.digest}/image`);
}

/** A table as CSV text. */
export async function csvOf(artifact: Artifact): Promise<string> {
  const path = `/artifacts/${artifact.digest}/content`;
  const query = { type: artifact.type, format: "csv" };
  return (await send("GET", path, { query, headers: { Accept: "*/*" } })).text();
}

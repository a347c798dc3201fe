import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { address, get, post, problemsIn, remove, uploadTo } from "../api/client";
import { queries } from "../api/queries";
import type { BatchJob, Endpoint, WebService } from "../api/shapes";
import type { Json } from "../graph/json";
import { formatTime, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { ListTable } from "../ui/ListTable";
import { Problems } from "../ui/Problems";
import { StateMark } from "../ui/StateMark";
import { Link } from "./Link";

const LOOK_AGAIN_MS = 1500;
/** The old service's words for a job, as the marks of runs. */
const MARKS = { NotStarted: "created", Running: "running", Failed: "failed", Cancelled: "canceled", Finished: "completed" } as const;

/** Calls over whole files: send one for each input, watch the job, save what it gave. */
export function ServiceBatch({ service, endpoint, parameters }: { service: WebService; endpoint: Endpoint; parameters: Record<string, Json> }) {
  const path = `/services/${encodeURIComponent(service.id)}/endpoints/${encodeURIComponent(endpoint.name)}`;
  const [files, setFiles] = useState<Record<string, File>>({});
  const [share, setShare] = useState<number | null>(null);
  const names = Object.keys(endpoint.inputs);
  const key = ["jobs", service.id, endpoint.name];
  const jobs = useQuery({
    queryKey: key,
    queryFn: async () => (await get<{ jobs: BatchJob[] }>(`${path}/jobs`)).jobs,
    refetchInterval: (query) => (query.state.data?.some((job) => job.status === "Running") ? LOOK_AGAIN_MS : false),
  });
  const again = () => queries.invalidateQueries({ queryKey: key });
  const start = useMutation({
    mutationFn: async () => {
      const inputs: Record<string, string> = {};
      for (const [place, name] of names.entries()) {
        const file = files[name];
        if (!file) continue;
        const kept = (await uploadTo(`${path}/files`, file, { name: file.name }, (part) => setShare((place + part) / names.length))) as { blob: string };
        inputs[name] = kept.blob;
      }
      setShare(null);
      return post<BatchJob>(`${path}/jobs`, { inputs, parameters });
    },
    onSuccess: () => {
      setFiles({});
      void again();
    },
    onError: () => setShare(null),
  });
  const cancel = useMutation({ mutationFn: (job: string) => remove(`${path}/jobs/${encodeURIComponent(job)}`), onSuccess: again });
  const failed = start.error ?? cancel.error ?? jobs.error;
  return (
    <div className="stack-5">
      <form
        key={start.data?.id}
        className="card stack-3"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <p className="muted">{t("batch.text")}</p>
        {names.map((name) => (
          <div key={name} className="field">
            <label htmlFor={`batch-${name}`}>{t("batch.fileFor", { name })}</label>
            <input
              id={`batch-${name}`}
              className="input"
              type="file"
              accept=".csv,.tsv,.arff"
              required
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                if (file) setFiles({ ...files, [name]: file });
              }}
            />
          </div>
        ))}
        {share !== null && <progress max={1} value={share} aria-label={t("datasets.sending")} />}
        {failed && <Problems problems={problemsIn(failed)} />}
        <div>
          <button type="submit" className="button primary" disabled={start.isPending || names.some((name) => !files[name])}>
            <Icon name="run" /> {t(start.isPending ? "datasets.sending" : "batch.start")}
          </button>
        </div>
      </form>
      {(jobs.data?.length ?? 0) > 0 && (
        <ListTable
          label={t("services.batch")}
          rows={jobs.data ?? []}
          keyOf={(job) => job.id}
          columns={[
            { title: t("batch.job"), cell: (job) => (job.run ? <Link href={`/runs/${job.run}`}>{formatTime(job.created_at)}</Link> : formatTime(job.created_at)) },
            {
              title: t("runs.state"),
              cell: (job) => (
                <div className="stack">
                  <StateMark mark={MARKS[job.status ?? "NotStarted"]} />
                  {job.status === "Failed" && job.details && <span className="small wrap-any">{firstLine(job.details)}</span>}
                </div>
              ),
            },
            {
              title: t("services.outputs"),
              cell: (job) =>
                job.status === "Finished" && (
                  <span className="row wrap">
                    {Object.keys(job.outputs ?? {}).map((name) => (
                      <a key={name} className="button small" href={address(`${path}/jobs/${job.id}/results/${encodeURIComponent(name)}`)} download>
                        <Icon name="download" /> {name}
                      </a>
                    ))}
                  </span>
                ),
            },
            {
              title: t("ui.actions"),
              isBare: true,
              isNumber: true,
              cell: (job) =>
                job.status === "Running" && (
                  <Button small onClick={() => cancel.mutate(job.id)}>
                    {t("runs.cancel")}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </div>
  );
}

/** What went wrong, without the words around it that old clients look for. */
function firstLine(details: string): string {
  return (details.split("\n")[0] ?? "").replace(/^requestId = \S+ errorComponent=\S+ taskStatusCode=\S+ /, "");
}

import { lazy, Suspense, useState } from "react";
import { usePublishedPipeline, useRunNotes } from "../../api/pipelines";
import type { NodeRun, Run } from "../../api/shapes";
import type { GraphDocument } from "../../graph/document";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Link } from "../Link";

const RepairDialog = lazy(async () => ({ default: (await import("./RepairDialog")).RepairDialog }));
const PublishRunDialog = lazy(async () => ({ default: (await import("./PublishRunDialog")).PublishRunDialog }));

/** Whether a run is one of a pipeline: from Python, or of a published one. */
export function isPipelineRun(run: Run): boolean {
  return run.origin === "sdk" || run.origin === "endpoint";
}

/** Where a pipeline run comes from: what was published, the run that it resumes, what was changed before. */
export function PipelineRunLine({ run }: { run: Run }) {
  const properties = useRunNotes(run.id).data?.properties ?? {};
  const id = properties["azureml.pipelineid"] ?? "";
  const pipeline = usePublishedPipeline(id).data;
  const schedule = properties["azureml.scheduleid"];
  const changed = changesOf(properties["skyloom.repaired"]);
  const before = run.options?.resumes;
  if (!id && !before) return null;
  return (
    <div className="row wrap muted">
      {id && (
        <span>
          {t("pipelines.pipeline")} <Link href={`/pipelines/${id}`}>{pipeline?.name ?? id.slice(0, 8)}</Link> {pipeline?.version}
        </span>
      )}
      {schedule && <Link href={`/pipelines/schedules/${schedule}`}>{t("pipelines.bySchedule")}</Link>}
      {before && (
        <span>
          {t("repair.resumes")}{" "}
          <Link href={`/runs/${before}`} className="mono">
            {before.slice(0, 13)}
          </Link>
        </span>
      )}
      {changed.length > 0 && <span className="chip">{t("repair.changedBefore", { what: changed.join(", ") })}</span>}
    </div>
  );
}

/** What can be done with a pipeline run beside what all runs offer. */
export function PipelineRunActions({ run, failed, document }: { run: Run; failed: NodeRun | undefined; document: GraphDocument }) {
  const [asked, setAsked] = useState<"repair" | "publish" | null>(null);
  const pipeline = useRunNotes(run.id).data?.properties?.["azureml.pipelineid"] ?? "";
  const isStep = failed !== undefined && document.nodes[failed.node]?.module !== undefined;
  return (
    <>
      {run.state === "completed" && (
        <Button icon="upload" onClick={() => setAsked("publish")}>
          {t("pipelines.publishRun")}
        </Button>
      )}
      {isStep && (
        <Button look="primary" icon="code" onClick={() => setAsked("repair")}>
          {t("repair.open")}
        </Button>
      )}
      <Suspense fallback={null}>
        {asked === "repair" && failed && <RepairDialog run={run} node={failed} document={document} onClose={() => setAsked(null)} />}
        {asked === "publish" && <PublishRunDialog run={run} pipeline={pipeline} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

function changesOf(text: string | undefined): string[] {
  try {
    const told: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(told) ? told.map(String) : [];
  } catch {
    return [];
  }
}

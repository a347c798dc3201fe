import { useRuns } from "../../api/queries";
import type { RunSummary } from "../../api/shapes";
import { formatSeconds, formatTime, secondsBetween, t } from "../../i18n/i18n";
import type { ListColumn } from "../../ui/ListTable";
import { ListTable } from "../../ui/ListTable";
import { StateMark } from "../../ui/StateMark";
import { Link } from "../Link";
import { FoundList } from "./FoundList";

const EXAMPLE = `from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline

ws = Workspace.from_config()
pipeline = Pipeline(ws, steps=[...])
Experiment(ws, "train").submit(pipeline)`;

/** Pipelines that were submitted from Python, newest run of each experiment first. */
export function CodeRuns() {
  const found = useRuns(500);
  const runs = (found.data ?? []).filter((run) => run.origin === "sdk");
  const newest = [...new Map(runs.toReversed().map((run) => [run.experiment, run])).values()].toReversed();
  const columns: ListColumn<RunSummary>[] = [
    { title: t("runs.experiment"), cell: (run) => <Link href={`/runs/${run.id}`}>{run.experiment}</Link> },
    { title: t("pipelines.last"), cell: (run) => <StateMark mark={run.state} /> },
    { title: t("pipelines.runs"), isNumber: true, cell: (run) => runs.filter((one) => one.experiment === run.experiment).length },
    { title: t("pipelines.steps"), isNumber: true, cell: (run) => run.nodes },
    { title: t("runs.duration"), isNumber: true, cell: durationOf },
    { title: t("runs.started"), isMuted: true, cell: (run) => formatTime(run.created_at) },
  ];
  return (
    <FoundList
      found={found}
      rows={newest}
      label={t("pipelines.tab.code")}
      columns={columns}
      keyOf={(run) => run.id}
      empty={{
        title: t("pipelines.noneTitle"),
        children: (
          <>
            <p>{t("pipelines.noneText")}</p>
            <pre className="code">{EXAMPLE}</pre>
          </>
        ),
      }}
    />
  );
}

/** Runs of one pipeline, endpoint or schedule. */
export function RunTable({ runs }: { runs: readonly RunSummary[] }) {
  if (!runs.length) return <p className="muted">{t("pipelines.noRuns")}</p>;
  const columns: ListColumn<RunSummary>[] = [
    { title: t("runs.state"), cell: (run) => <StateMark mark={run.state} /> },
    { title: t("runs.experiment"), cell: (run) => run.experiment },
    {
      title: t("pipelines.run"),
      cell: (run) => (
        <Link href={`/runs/${run.id}`} className="mono">
          {run.display_name || run.id}
        </Link>
      ),
    },
    { title: t("runs.duration"), isNumber: true, cell: durationOf },
    { title: t("runs.started"), isMuted: true, cell: (run) => formatTime(run.created_at) },
  ];
  return <ListTable label={t("pipelines.runs")} rows={runs} columns={columns} keyOf={(run) => run.id} />;
}

function durationOf(run: RunSummary): string {
  return run.ended_at ? formatSeconds(secondsBetween(run.created_at, run.ended_at)) : "";
}

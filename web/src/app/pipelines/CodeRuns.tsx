import { problemsIn } from "../../api/client";
import { useRuns } from "../../api/queries";
import type { RunSummary } from "../../api/shapes";
import { formatSeconds, formatTime, secondsBetween, t } from "../../i18n/i18n";
import { Empty, Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { StateMark } from "../../ui/StateMark";
import { Link } from "../Link";

/** Pipelines that were submitted from Python, newest run of each experiment first. */
export function CodeRuns() {
  const found = useRuns(500);
  const runs = (found.data ?? []).filter((run) => run.origin === "sdk");
  const newest = [...new Map(runs.toReversed().map((run) => [run.experiment, run])).values()].toReversed();
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!newest.length) {
    return (
      <Empty title={t("pipelines.noneTitle")}>
        <p>{t("pipelines.noneText")}</p>
        <pre className="code">{'from azureml.core import Experiment, Workspace\nfrom azureml.pipeline.core import Pipeline\n\nws = Workspace.from_config()\npipeline = Pipeline(ws, steps=[...])\nExperiment(ws, "train").submit(pipeline)'}</pre>
      </Empty>
    );
  }
  return (
    <div className="table-box">
      <table className="list">
        <thead>
          <tr>
            <th>{t("runs.experiment")}</th>
            <th>{t("pipelines.last")}</th>
            <th className="num">{t("pipelines.runs")}</th>
            <th className="num">{t("pipelines.steps")}</th>
            <th className="num">{t("runs.duration")}</th>
            <th>{t("runs.started")}</th>
          </tr>
        </thead>
        <tbody>
          {newest.map((run) => (
            <tr key={run.id}>
              <td>
                <Link href={`/runs/${run.id}`}>{run.experiment}</Link>
              </td>
              <td>
                <StateMark mark={run.state} />
              </td>
              <td className="num">{runs.filter((one) => one.experiment === run.experiment).length}</td>
              <td className="num">{run.nodes}</td>
              <td className="num">{run.ended_at ? formatSeconds(secondsBetween(run.created_at, run.ended_at)) : ""}</td>
              <td className="muted">{formatTime(run.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Runs of one pipeline, endpoint or schedule. */
export function RunTable({ runs }: { runs: readonly RunSummary[] }) {
  if (!runs.length) return <p className="muted">{t("pipelines.noRuns")}</p>;
  return (
    <div className="table-box">
      <table className="list">
        <thead>
          <tr>
            <th>{t("runs.state")}</th>
            <th>{t("runs.experiment")}</th>
            <th>{t("pipelines.run")}</th>
            <th className="num">{t("runs.duration")}</th>
            <th>{t("runs.started")}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <StateMark mark={run.state} />
              </td>
              <td>{run.experiment}</td>
              <td>
                <Link href={`/runs/${run.id}`} className="mono">
                  {run.display_name || run.id}
                </Link>
              </td>
              <td className="num">{run.ended_at ? formatSeconds(secondsBetween(run.created_at, run.ended_at)) : ""}</td>
              <td className="muted">{formatTime(run.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

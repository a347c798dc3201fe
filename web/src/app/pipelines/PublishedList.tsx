import { useState } from "react";
import { problemsIn } from "../../api/client";
import { usePipelineRuns, usePublished } from "../../api/pipelines";
import { formatTime, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Empty, Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { StateMark } from "../../ui/StateMark";
import { Link } from "../Link";
import { StatusWord } from "./StatusWord";

const AT_ONCE = 50;

/** Published pipelines, newest first. */
export function PublishedList() {
  const found = usePublished();
  const [shown, setShown] = useState(AT_ONCE);
  const [isAll, setAll] = useState(false);
  const all = found.data ?? [];
  const pipelines = all.filter((one) => isAll || one.is_active !== false);
  const disabled = all.length - all.filter((one) => one.is_active !== false).length;
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!all.length) {
    return (
      <Empty title={t("pipelines.nonePublished")}>
        <p>{t("pipelines.nonePublishedText")}</p>
        <pre className="code">{'pipeline = Pipeline(ws, steps=[...])\npublished = pipeline.publish(name="train", version="1.0")'}</pre>
      </Empty>
    );
  }
  return (
    <div className="stack-3">
      {disabled > 0 && (
        <label className="check">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.target.checked)} /> {t("pipelines.showDisabled", { count: disabled })}
        </label>
      )}
      <div className="table-box">
        <table className="list">
          <thead>
            <tr>
              <th>{t("ui.name")}</th>
              <th>{t("pipelines.version")}</th>
              <th>{t("pipelines.status")}</th>
              <th>{t("pipelines.parameters")}</th>
              <th className="num">{t("pipelines.steps")}</th>
              <th>{t("pipelines.last")}</th>
              <th>{t("pipelines.published")}</th>
            </tr>
          </thead>
          <tbody>
            {pipelines.slice(0, shown).map((one) => (
              <tr key={one.id}>
                <td>
                  <Link href={`/pipelines/${one.id}`}>{one.name}</Link>
                  {one.description && <div className="small muted cut">{one.description}</div>}
                </td>
                <td>{one.version}</td>
                <td>
                  <StatusWord isActive={one.is_active !== false} />
                </td>
                <td className="small">{Object.keys(one.parameters ?? {}).join(", ")}</td>
                <td className="num">{one.steps?.length ?? 0}</td>
                <td>
                  <LastRun property="azureml.pipelineid" id={one.id} />
                </td>
                <td className="muted">{formatTime(one.created_at ?? "")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pipelines.length > shown && (
        <div>
          <Button onClick={() => setShown(shown + AT_ONCE)}>{t("runs.more")}</Button>
        </div>
      )}
    </div>
  );
}

/** The newest run that came of a pipeline, an endpoint or a schedule. */
export function LastRun({ property, id }: { property: Parameters<typeof usePipelineRuns>[0]; id: string }) {
  const [run] = usePipelineRuns(property, id, 1).data ?? [];
  if (!run) return null;
  return (
    <Link href={`/runs/${run.id}`} className="row">
      <StateMark mark={run.state} />
      <span className="small muted">{formatTime(run.created_at)}</span>
    </Link>
  );
}

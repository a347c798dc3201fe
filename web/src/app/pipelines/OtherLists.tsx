import { problemsIn } from "../../api/client";
import type { Schedule } from "../../api/pipelines";
import { useDrafts, useEndpoints, usePublished, useSchedules } from "../../api/pipelines";
import { scheduleWords } from "../../features/pipelines/recurrence-words";
import { formatTime, t } from "../../i18n/i18n";
import { Empty, Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";
import { Link } from "../Link";
import { LastRun } from "./PublishedList";
import { StatusWord } from "./StatusWord";

/** Addresses that stay while the pipelines behind them change. */
export function EndpointList() {
  const found = useEndpoints();
  const pipelines = usePublished().data ?? [];
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!found.data.length) {
    return (
      <Empty title={t("pipelines.noneEndpoints")}>
        <p>{t("pipelines.noneEndpointsText")}</p>
      </Empty>
    );
  }
  return (
    <div className="table-box">
      <table className="list">
        <thead>
          <tr>
            <th>{t("ui.name")}</th>
            <th>{t("pipelines.status")}</th>
            <th>{t("pipelines.defaultVersion")}</th>
            <th className="num">{t("pipelines.versions")}</th>
            <th>{t("pipelines.last")}</th>
            <th>{t("pipelines.changed")}</th>
          </tr>
        </thead>
        <tbody>
          {found.data.map((one) => {
            const version = one.default_version ?? "0";
            const behind = one.versions?.find((other) => other.version === version)?.pipeline;
            const name = pipelines.find((other) => other.id === behind)?.name;
            return (
              <tr key={one.id}>
                <td>
                  <Link href={`/pipelines/endpoints/${one.id}`}>{one.name}</Link>
                  {one.description && <div className="small muted cut">{one.description}</div>}
                </td>
                <td>
                  <StatusWord isActive={one.is_active !== false} />
                </td>
                <td>
                  {version} {name && <span className="muted small">{name}</span>}
                </td>
                <td className="num">{one.versions?.length ?? 0}</td>
                <td>
                  <LastRun property="azureml.pipelineendpointid" id={one.id} />
                </td>
                <td className="muted">{formatTime(one.changed_at ?? "")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Pipelines that are worked on in the workspace. */
export function DraftList() {
  const found = useDrafts();
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!found.data.length) {
    return (
      <Empty title={t("pipelines.noneDrafts")}>
        <p>{t("pipelines.noneDraftsText")}</p>
        <pre className="code">{'PipelineDraft.create(ws, pipeline, name="next", experiment_name="train")'}</pre>
      </Empty>
    );
  }
  return (
    <div className="table-box">
      <table className="list">
        <thead>
          <tr>
            <th>{t("ui.name")}</th>
            <th>{t("runs.experiment")}</th>
            <th className="num">{t("pipelines.steps")}</th>
            <th>{t("pipelines.last")}</th>
            <th>{t("pipelines.changed")}</th>
          </tr>
        </thead>
        <tbody>
          {found.data.map((one) => (
            <tr key={one.id}>
              <td>
                <Link href={`/pipelines/drafts/${one.id}`}>{one.name}</Link>
                {one.description && <div className="small muted cut">{one.description}</div>}
              </td>
              <td>{one.experiment}</td>
              <td className="num">{one.steps?.length ?? 0}</td>
              <td>{one.last_run && <Link href={`/runs/${one.last_run}`}>{one.last_run.slice(0, 8)}</Link>}</td>
              <td className="muted">{formatTime(one.changed_at ?? "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Schedules of the workspace. */
export function ScheduleList() {
  const found = useSchedules();
  if (found.isPending) return <Loading what={t("ui.loading")} />;
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  if (!found.data.length) {
    return (
      <Empty title={t("schedules.none")}>
        <p>{t("schedules.noneText")}</p>
      </Empty>
    );
  }
  return <ScheduleTable schedules={found.data} />;
}

export function ScheduleTable({ schedules }: { schedules: readonly Schedule[] }) {
  const pipelines = usePublished().data ?? [];
  const endpoints = useEndpoints().data ?? [];
  return (
    <div className="table-box">
      <table className="list">
        <thead>
          <tr>
            <th>{t("ui.name")}</th>
            <th>{t("schedules.when")}</th>
            <th>{t("pipelines.status")}</th>
            <th>{t("schedules.next")}</th>
            <th>{t("schedules.startsWhat")}</th>
            <th>{t("pipelines.last")}</th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((one) => (
            <tr key={one.id}>
              <td>
                <Link href={`/pipelines/schedules/${one.id}`}>{one.name}</Link>
              </td>
              <td>{scheduleWords(one)}</td>
              <td>
                <StatusWord isActive={one.is_active !== false} />
              </td>
              <td className="muted">{one.is_active !== false && one.next_at ? formatTime(one.next_at) : ""}</td>
              <td>{(one.pipeline ? pipelines.find((other) => other.id === one.pipeline) : endpoints.find((other) => other.id === one.endpoint))?.name}</td>
              <td>
                <LastRun property="azureml.scheduleid" id={one.id} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

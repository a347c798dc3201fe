import type { PipelineDraft, PipelineEndpoint, Schedule } from "../../api/pipelines";
import { useDrafts, useEndpoints, usePublished, useSchedules } from "../../api/pipelines";
import { scheduleWords } from "../../features/pipelines/recurrence-words";
import { formatTime, t } from "../../i18n/i18n";
import type { ListColumn } from "../../ui/ListTable";
import { ListTable } from "../../ui/ListTable";
import { Link } from "../Link";
import { FoundList } from "./FoundList";
import { LastRun, Named } from "./PublishedList";
import { StatusWord } from "./StatusWord";

/** Addresses that stay while the pipelines behind them change. */
export function EndpointList() {
  const pipelines = usePublished().data ?? [];
  const columns: ListColumn<PipelineEndpoint>[] = [
    { title: t("ui.name"), cell: (one) => <Named href={`/pipelines/endpoints/${one.id}`} name={one.name} description={one.description} /> },
    { title: t("pipelines.status"), cell: (one) => <StatusWord isActive={one.is_active !== false} /> },
    {
      title: t("pipelines.defaultVersion"),
      cell: (one) => {
        const version = one.default_version ?? "0";
        const behind = one.versions?.find((other) => other.version === version)?.pipeline;
        const name = pipelines.find((other) => other.id === behind)?.name;
        return (
          <>
            {version} {name && <span className="muted small">{name}</span>}
          </>
        );
      },
    },
    { title: t("pipelines.versions"), isNumber: true, cell: (one) => one.versions?.length ?? 0 },
    { title: t("pipelines.last"), cell: (one) => <LastRun property="azureml.pipelineendpointid" id={one.id} /> },
    { title: t("pipelines.changed"), isMuted: true, cell: (one) => formatTime(one.changed_at ?? "") },
  ];
  return (
    <FoundList
      found={useEndpoints()}
      label={t("pipelines.tab.endpoints")}
      columns={columns}
      keyOf={(one) => one.id}
      empty={{ title: t("pipelines.noneEndpoints"), children: <p>{t("pipelines.noneEndpointsText")}</p> }}
    />
  );
}

/** Pipelines that are worked on in the workspace. */
export function DraftList() {
  const columns: ListColumn<PipelineDraft>[] = [
    { title: t("ui.name"), cell: (one) => <Named href={`/pipelines/drafts/${one.id}`} name={one.name} description={one.description} /> },
    { title: t("runs.experiment"), cell: (one) => one.experiment },
    { title: t("pipelines.steps"), isNumber: true, cell: (one) => one.steps?.length ?? 0 },
    { title: t("pipelines.last"), cell: (one) => one.last_run && <Link href={`/runs/${one.last_run}`}>{one.last_run.slice(0, 8)}</Link> },
    { title: t("pipelines.changed"), isMuted: true, cell: (one) => formatTime(one.changed_at ?? "") },
  ];
  return (
    <FoundList
      found={useDrafts()}
      label={t("pipelines.tab.drafts")}
      columns={columns}
      keyOf={(one) => one.id}
      empty={{
        title: t("pipelines.noneDrafts"),
        children: (
          <>
            <p>{t("pipelines.noneDraftsText")}</p>
            <pre className="code">{'PipelineDraft.create(ws, pipeline, name="next", experiment_name="train")'}</pre>
          </>
        ),
      }}
    />
  );
}

/** Schedules of the workspace. */
export function ScheduleList() {
  return (
    <FoundList
      found={useSchedules()}
      label={t("pipelines.tab.schedules")}
      columns={useScheduleColumns()}
      keyOf={(one) => one.id}
      empty={{ title: t("schedules.none"), children: <p>{t("schedules.noneText")}</p> }}
    />
  );
}

/** Schedules of one pipeline or endpoint. */
export function ScheduleTable({ schedules }: { schedules: readonly Schedule[] }) {
  return <ListTable label={t("pipelines.tab.schedules")} rows={schedules} columns={useScheduleColumns()} keyOf={(one) => one.id} />;
}

function useScheduleColumns(): ListColumn<Schedule>[] {
  const pipelines = usePublished().data ?? [];
  const endpoints = useEndpoints().data ?? [];
  const startsWhat = (one: Schedule) => (one.pipeline ? pipelines.find((other) => other.id === one.pipeline) : endpoints.find((other) => other.id === one.endpoint))?.name;
  return [
    { title: t("ui.name"), cell: (one) => <Link href={`/pipelines/schedules/${one.id}`}>{one.name}</Link> },
    { title: t("schedules.when"), cell: (one) => scheduleWords(one) },
    { title: t("pipelines.status"), cell: (one) => <StatusWord isActive={one.is_active !== false} /> },
    { title: t("schedules.next"), isMuted: true, cell: (one) => (one.is_active !== false && one.next_at ? formatTime(one.next_at) : "") },
    { title: t("schedules.startsWhat"), cell: startsWhat },
    { title: t("pipelines.last"), cell: (one) => <LastRun property="azureml.scheduleid" id={one.id} /> },
  ];
}

import { useState } from "react";
import { post, problemsIn, put } from "../../api/client";
import type { Schedule, Trigger } from "../../api/pipelines";
import { pipelinesChanged, useEndpoints, useNextTimes, usePublishedPipeline, useSchedule, useTriggers } from "../../api/pipelines";
import { scheduleWords } from "../../features/pipelines/recurrence-words";
import { ScheduleDialog } from "../../features/pipelines/ScheduleDialog";
import type { Json } from "../../graph/json";
import { wordsOf } from "../../graph/pipeline-parameters";
import { formatDay, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import type { ListColumn } from "../../ui/ListTable";
import { ListTable } from "../../ui/ListTable";
import { Loading, Page } from "../../ui/Page";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { Link } from "../Link";
import { go } from "../router";
import { StatusWord } from "./StatusWord";

/** A schedule: when it goes off, with what, and what it did. */
export function SchedulePage({ id }: { id: string }) {
  const found = useSchedule(id);
  if (found.error) {
    return (
      <Page title={t("pipelines.tab.schedules")}>
        <Problems problems={problemsIn(found.error)} />
      </Page>
    );
  }
  if (!found.data) {
    return (
      <Page title={t("pipelines.tab.schedules")}>
        <Loading what={t("ui.loading")} />
      </Page>
    );
  }
  return <Known schedule={found.data} />;
}

function Known({ schedule }: { schedule: Schedule }) {
  const { id } = schedule;
  const isActive = schedule.is_active !== false;
  const times = useNextTimes(id, schedule.revision ?? 1).data ?? [];
  const endpoint = (useEndpoints().data ?? []).find((one) => one.id === schedule.endpoint);
  const behind = schedule.pipeline || endpoint?.versions?.find((one) => one.version === (endpoint.default_version ?? "0"))?.pipeline || "";
  const pipeline = usePublishedPipeline(behind).data;
  const [isChanging, setChanging] = useState(false);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const values = Object.entries((schedule.values ?? {}) as Record<string, Json>);
  const act = (work: Promise<unknown>) =>
    work
      .then(() => setProblems([]))
      .catch((error: unknown) => setProblems(problemsIn(error)))
      .finally(pipelinesChanged);
  return (
    <Page
      title={schedule.name}
      lead={schedule.description}
      actions={
        <>
          <Button icon="run" onClick={() => void act(post<{ run: string }>(`/schedules/${encodeURIComponent(id)}/runs`, {}).then(({ run }) => go(`/runs/${run}`)))}>
            {t("schedules.runNow")}
          </Button>
          <Button onClick={() => setChanging(true)}>{t("schedules.change")}</Button>
          <Button look={isActive ? "danger" : "primary"} onClick={() => void act(put("/schedules", { ...schedule, is_active: !isActive }))}>
            {t(isActive ? "schedules.deactivate" : "schedules.activate")}
          </Button>
        </>
      }
    >
      <Problems problems={problems} />
      <div className="two">
        <section className="card stack-3" aria-label={t("schedules.when")}>
          <div className="row">
            <Icon name="clock" />
            <h2 className="grow">{scheduleWords(schedule)}</h2>
          </div>
          <dl className="facts">
            <dt>{t("pipelines.status")}</dt>
            <dd>
              <StatusWord isActive={isActive} />
            </dd>
            <dt>{t(schedule.endpoint ? "services.endpoint" : "pipelines.pipeline")}</dt>
            <dd>
              {schedule.endpoint ? (
                <Link href={`/pipelines/endpoints/${schedule.endpoint}`}>{endpoint?.name ?? schedule.endpoint}</Link>
              ) : (
                <Link href={`/pipelines/${schedule.pipeline}`}>{pipeline?.name ?? schedule.pipeline}</Link>
              )}
            </dd>
            <dt>{t("pipelines.experiment")}</dt>
            <dd>{schedule.experiment}</dd>
            {schedule.watch?.parameter && (
              <>
                <dt>{t("schedules.receiver")}</dt>
                <dd>{schedule.watch.parameter}</dd>
              </>
            )}
            {values.map(([name, value]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{name}</dt>
                <dd className="mono">{wordsOf(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section className="card stack-3" aria-label={t("schedules.nextTimes")}>
          <h2>{t(schedule.watch ? "schedules.nextLooks" : "schedules.nextTimes")}</h2>
          {isActive ? (
            <ol className="times">
              {times.map((time) => (
                <li key={time}>{formatDay(new Date(time))}</li>
              ))}
            </ol>
          ) : (
            <p className="muted">{t("schedules.isOff")}</p>
          )}
          <p className="small muted">{t("schedules.yourZone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</p>
        </section>
      </div>
      <History id={id} isWatch={Boolean(schedule.watch)} />
      {isChanging && (
        <ScheduleDialog
          target={schedule.endpoint ? { endpoint: schedule.endpoint } : { pipeline: schedule.pipeline ?? "" }}
          defaults={pipeline?.parameters}
          before={schedule}
          onClose={() => setChanging(false)}
          onMade={() => setChanging(false)}
        />
      )}
    </Page>
  );
}

/** Every time that it went off, why, and which run that became. */
function History({ id, isWatch }: { id: string; isWatch: boolean }) {
  const found = useTriggers(id);
  const triggers = found.data ?? [];
  const columns: ListColumn<Trigger>[] = [
    {
      title: t("runs.state"),
      cell: (one) => (
        <span className={`state ${one.state === "failed" ? "failed" : one.state === "started" ? "completed" : "queued"}`}>
          <Icon name={one.state === "failed" ? "cross" : one.state === "started" ? "done" : "clock"} />
          {t(`schedules.${one.state ?? "pending"}`)}
        </span>
      ),
    },
    { title: t("schedules.wentOff"), cell: (one) => formatDay(new Date(one.at)) },
    {
      title: t("pipelines.run"),
      cell: (one) =>
        one.run && (
          <Link href={`/runs/${one.run}`} className="mono">
            {one.run.slice(0, 13)}
          </Link>
        ),
    },
    {
      title: t(isWatch ? "schedules.changedFiles" : "schedules.remarks"),
      cell: (one) => (
        <span className="small">
          {(one.changed ?? []).slice(0, 5).join(", ")}
          {(one.changed?.length ?? 0) > 5 && ` … (${one.changed?.length})`}
          {(one.missed ?? 0) > 0 && t("schedules.missed", { count: one.missed ?? 0 })}
          {one.id.includes(":now:") && t("schedules.byHand")}
          {one.message && <span className="fault-words">{one.message}</span>}
        </span>
      ),
    },
  ];
  return (
    <section className="stack-3">
      <h2>{t("schedules.history")}</h2>
      {found.error && <Problems problems={problemsIn(found.error)} />}
      {found.data && !triggers.length && <p className="muted">{t("schedules.noHistory")}</p>}
      {triggers.length > 0 && <ListTable label={t("schedules.history")} rows={triggers} columns={columns} keyOf={(one) => one.id} />}
    </section>
  );
}

import { lazy, Suspense, useState } from "react";
import { problemsIn, put } from "../../api/client";
import type { PublishedPipeline } from "../../api/pipelines";
import { pipelinesChanged, useEndpoints, usePipelineRuns, usePublished, usePublishedPipeline, useSchedules } from "../../api/pipelines";
import { useParameterForm } from "../../features/pipelines/ParameterFields";
import { ScheduleDialog } from "../../features/pipelines/ScheduleDialog";
import { formatTime, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import type { ListColumn } from "../../ui/ListTable";
import { ListTable } from "../../ui/ListTable";
import { Loading, Page } from "../../ui/Page";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { Tabs } from "../../ui/Tabs";
import { Link } from "../Link";
import { go } from "../router";
import { AddVersionDialog } from "./AddVersionDialog";
import { RunTable } from "./CodeRuns";
import { ScheduleTable } from "./OtherLists";
import { AddressLine, PipelineCode, usePipelineAddress } from "./PipelineCode";
import { StatusWord } from "./StatusWord";
import { SubmitForm } from "./SubmitForm";

const PipelineGraph = lazy(async () => ({ default: (await import("./PipelineGraph")).PipelineGraph }));

type Tab = "submit" | "code" | "runs" | "versions" | "schedules";

/** A published pipeline: its graph and parameters, how it is started, and what came of it. */
export function PublishedPipelinePage({ id }: { id: string }) {
  const found = usePublishedPipeline(id);
  if (found.error) {
    return (
      <Page title={t("nav.pipelines")}>
        <Problems problems={problemsIn(found.error)} />
      </Page>
    );
  }
  if (!found.data) {
    return (
      <Page title={t("nav.pipelines")}>
        <Loading what={t("ui.loading")} />
      </Page>
    );
  }
  return <Known pipeline={found.data} />;
}

function Known({ pipeline }: { pipeline: PublishedPipeline }) {
  const { id } = pipeline;
  const isActive = pipeline.is_active !== false;
  const [tab, setTab] = useState<Tab>("submit");
  const [asked, setAsked] = useState<"schedule" | "version" | null>(null);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const form = useParameterForm(pipeline.parameters, undefined);
  const runs = usePipelineRuns("azureml.pipelineid", id, 50).data ?? [];
  const schedules = useSchedules(id).data ?? [];
  const [typedExperiment, setExperiment] = useState<string>();
  // what it was last run in, else its own name with what the names of experiments may not hold left out
  const experiment = typedExperiment ?? runs[0]?.experiment ?? experimentName(pipeline.name);
  const address = usePipelineAddress(id, false);
  const setActive = (active: boolean) =>
    put(`/pipelines/${encodeURIComponent(id)}/active`, { active })
      .then(pipelinesChanged)
      .catch((error: unknown) => setProblems(problemsIn(error)));
  return (
    <Page
      title={pipeline.name}
      lead={pipeline.description}
      actions={
        <>
          <Button icon="clock" onClick={() => setAsked("schedule")}>
            {t("schedules.newShort")}
          </Button>
          <Button icon="plus" onClick={() => setAsked("version")}>
            {t("pipelines.toEndpoint")}
          </Button>
          <Button look={isActive ? "danger" : undefined} onClick={() => void setActive(!isActive)}>
            {t(isActive ? "pipelines.disable" : "pipelines.enable")}
          </Button>
        </>
      }
    >
      <Problems problems={problems} />
      <div className="row wrap">
        <StatusWord isActive={isActive} />
        {pipeline.version && <span className="chip">{t("pipelines.versionOf", { version: pipeline.version })}</span>}
        <span className="muted small">{t("pipelines.publishedAt", { time: formatTime(pipeline.created_at ?? "") })}</span>
        <span className="mono small muted">{id}</span>
      </div>
      <AddressLine address={address} />
      <div>
        <Tabs
          label={pipeline.name}
          chosen={tab}
          onChoose={setTab}
          tabs={[
            { key: "submit", title: t("pipelines.submit") },
            { key: "code", title: t("services.code") },
            { key: "runs", title: t("pipelines.runs") },
            { key: "versions", title: t("pipelines.versions") },
            { key: "schedules", title: t("pipelines.tab.schedules") },
          ]}
        >
          {tab === "submit" && (
            <div className="pipeline-two">
              <SubmitForm path={`/pipelines/${encodeURIComponent(id)}/runs`} form={form} experiment={experiment} onExperiment={setExperiment} isOff={!isActive} />
              {pipeline.document && (
                <Suspense fallback={<Loading what={t("ui.loading")} />}>
                  <PipelineGraph document={pipeline.document} />
                </Suspense>
              )}
            </div>
          )}
          {tab === "code" && <PipelineCode id={id} isEndpoint={false} address={address} experiment={experiment} values={form.values} />}
          {tab === "runs" && <RunTable runs={runs} />}
          {tab === "versions" && <Versions pipeline={pipeline} />}
          {tab === "schedules" && (schedules.length ? <ScheduleTable schedules={schedules} /> : <p className="muted">{t("schedules.noneHere")}</p>)}
        </Tabs>
      </div>
      {asked === "schedule" && (
        <ScheduleDialog
          target={{ pipeline: id }}
          defaults={pipeline.parameters}
          onClose={() => setAsked(null)}
          onMade={(made) => go(`/pipelines/schedules/${made.id}`)}
        />
      )}
      {asked === "version" && <AddVersionDialog pipeline={pipeline} onClose={() => setAsked(null)} />}
    </Page>
  );
}

/** What else was published under the name, and the endpoints that lead here. */
function Versions({ pipeline }: { pipeline: PublishedPipeline }) {
  const same = (usePublished().data ?? []).filter((one) => one.name === pipeline.name);
  const leading = (useEndpoints().data ?? []).flatMap((endpoint) =>
    (endpoint.versions ?? []).filter((one) => one.pipeline === pipeline.id).map((one) => ({ endpoint, version: one.version })),
  );
  const columns: ListColumn<PublishedPipeline>[] = [
    { title: t("pipelines.version"), cell: (one) => one.version || "–" },
    { title: t("pipelines.published"), cell: (one) => formatTime(one.created_at ?? "") },
    { title: t("pipelines.status"), cell: (one) => <StatusWord isActive={one.is_active !== false} /> },
    {
      title: t("pane.id"),
      cell: (one) =>
        one.id === pipeline.id ? (
          <span className="mono">{one.id}</span>
        ) : (
          <Link href={`/pipelines/${one.id}`} className="mono">
            {one.id}
          </Link>
        ),
    },
  ];
  return (
    <div className="stack-5">
      <section className="stack-3">
        <h3>{t("pipelines.sameName", { name: pipeline.name })}</h3>
        <ListTable label={t("pipelines.sameName", { name: pipeline.name })} rows={same} columns={columns} keyOf={(one) => one.id} isChosen={(one) => one.id === pipeline.id} />
      </section>
      <section className="stack-3">
        <h3>{t("pipelines.leading")}</h3>
        {leading.length === 0 && <p className="muted">{t("pipelines.noneLeading")}</p>}
        <ul className="plain-list">
          {leading.map(({ endpoint, version }) => (
            <li key={`${endpoint.id}${version}`}>
              <Link href={`/pipelines/endpoints/${endpoint.id}`}>{endpoint.name}</Link>
              <span>{t("pipelines.versionOf", { version })}</span>
              {version === (endpoint.default_version ?? "0") && <span className="chip">{t("pipelines.isDefault")}</span>}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** A name that an experiment may have (codes P202). */
export function experimentName(name: string): string {
  return name.replaceAll(/[^\p{ASCII}]|[^\w-]/gu, "-").replace(/^[-_]+/, "").slice(0, 255);
}

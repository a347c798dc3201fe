import { useId, useState } from "react";
import { problemsIn, put } from "../../api/client";
import type { PipelineEndpoint } from "../../api/pipelines";
import { pipelinesChanged, usePipelineEndpoint, usePipelineRuns, usePublished, usePublishedPipeline, useSchedules } from "../../api/pipelines";
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
import { withVersion } from "./AddVersionDialog";
import { RunTable } from "./CodeRuns";
import { ScheduleTable } from "./OtherLists";
import { AddressLine, PipelineCode, usePipelineAddress } from "./PipelineCode";
import { experimentName } from "./PublishedPipelinePage";
import { StatusWord } from "./StatusWord";
import { SubmitForm } from "./SubmitForm";

type EndpointVersion = NonNullable<PipelineEndpoint["versions"]>[number];
type Tab = "versions" | "submit" | "code" | "runs" | "schedules";

/** A pipeline endpoint: its versions, which of them answers, and how it is started. */
export function PipelineEndpointPage({ id }: { id: string }) {
  const found = usePipelineEndpoint(id);
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
  return <Known endpoint={found.data} />;
}

function Known({ endpoint }: { endpoint: PipelineEndpoint }) {
  const field = useId();
  const { id } = endpoint;
  const isActive = endpoint.is_active !== false;
  const usual = endpoint.default_version ?? "0";
  const [tab, setTab] = useState<Tab>("versions");
  const [wished, setWished] = useState<string>();
  const [isScheduling, setScheduling] = useState(false);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const version = wished ?? usual;
  const pipeline = usePublishedPipeline(endpoint.versions?.find((one) => one.version === version)?.pipeline ?? "").data;
  const form = useParameterForm(pipeline?.parameters, undefined);
  const runs = usePipelineRuns("azureml.pipelineendpointid", id, 50).data ?? [];
  const schedules = useSchedules(undefined, id).data ?? [];
  const [typedExperiment, setExperiment] = useState<string>();
  const experiment = typedExperiment ?? runs[0]?.experiment ?? experimentName(endpoint.name);
  const address = usePipelineAddress(id, true);
  const change = (changed: PipelineEndpoint) =>
    put("/pipeline-endpoints", changed)
      .then(() => {
        setProblems([]);
        pipelinesChanged();
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  const path = `/pipeline-endpoints/${encodeURIComponent(id)}/runs?version=${encodeURIComponent(version)}`;
  return (
    <Page
      title={endpoint.name}
      lead={endpoint.description}
      actions={
        <>
          <Button icon="clock" onClick={() => setScheduling(true)}>
            {t("schedules.newShort")}
          </Button>
          <Button look={isActive ? "danger" : undefined} onClick={() => void change({ ...endpoint, is_active: !isActive })}>
            {t(isActive ? "pipelines.disable" : "pipelines.enable")}
          </Button>
        </>
      }
    >
      <Problems problems={problems} />
      <div className="row wrap">
        <StatusWord isActive={isActive} />
        <span className="chip">{t("pipelines.defaultIs", { version: usual })}</span>
        <span className="muted small">{t("pipelines.changedAt", { time: formatTime(endpoint.changed_at ?? "") })}</span>
        <span className="mono small muted">{id}</span>
      </div>
      <AddressLine address={address} />
      <div>
        <Tabs
          label={endpoint.name}
          chosen={tab}
          onChoose={setTab}
          tabs={[
            { key: "versions", title: t("pipelines.versions") },
            { key: "submit", title: t("pipelines.submit") },
            { key: "code", title: t("services.code") },
            { key: "runs", title: t("pipelines.runs") },
            { key: "schedules", title: t("pipelines.tab.schedules") },
          ]}
        >
          {tab === "versions" && <Versions endpoint={endpoint} onChange={change} />}
          {tab === "submit" && (
            <div className="pipeline-two">
              <SubmitForm path={path} form={form} experiment={experiment} onExperiment={setExperiment} isOff={!isActive}>
                <label className="label" htmlFor={`${field}-version`}>
                  {t("pipelines.version")}
                </label>
                <select id={`${field}-version`} className="select" value={version} onChange={(event) => setWished(event.target.value)}>
                  {(endpoint.versions ?? []).map((one) => (
                    <option key={one.version} value={one.version}>
                      {one.version} {one.version === usual ? `(${t("pipelines.isDefault")})` : ""}
                    </option>
                  ))}
                </select>
              </SubmitForm>
            </div>
          )}
          {tab === "code" && <PipelineCode id={id} isEndpoint address={address} experiment={experiment} values={form.values} />}
          {tab === "runs" && <RunTable runs={runs} />}
          {tab === "schedules" && (schedules.length ? <ScheduleTable schedules={schedules} /> : <p className="muted">{t("schedules.noneHere")}</p>)}
        </Tabs>
      </div>
      {isScheduling && (
        <ScheduleDialog target={{ endpoint: id }} defaults={pipeline?.parameters} onClose={() => setScheduling(false)} onMade={(made) => go(`/pipelines/schedules/${made.id}`)} />
      )}
    </Page>
  );
}

function Versions({ endpoint, onChange }: { endpoint: PipelineEndpoint; onChange: (changed: PipelineEndpoint) => Promise<void> }) {
  const field = useId();
  const pipelines = usePublished().data ?? [];
  const usual = endpoint.default_version ?? "0";
  const others = pipelines.filter((one) => one.is_active !== false && !endpoint.versions?.some((version) => version.pipeline === one.id));
  const [added, setAdded] = useState<string>();
  const [isDefault, setDefault] = useState(true);
  const chosen = added ?? others[0]?.id;
  const behind = (one: EndpointVersion) => pipelines.find((other) => other.id === one.pipeline);
  const columns: ListColumn<EndpointVersion>[] = [
    {
      title: t("pipelines.version"),
      cell: (one) => (
        <>
          {one.version} {one.version === usual && <span className="chip">{t("pipelines.isDefault")}</span>}
        </>
      ),
    },
    {
      title: t("pipelines.pipeline"),
      cell: (one) => (
        <>
          <Link href={`/pipelines/${one.pipeline}`}>{behind(one)?.name ?? one.pipeline}</Link> {behind(one)?.version && <span className="muted small">{behind(one)?.version}</span>}
        </>
      ),
    },
    {
      title: t("pipelines.status"),
      cell: (one) => {
        const pipeline = behind(one);
        return pipeline && <StatusWord isActive={pipeline.is_active !== false} />;
      },
    },
    {
      title: t("pipelines.published"),
      isMuted: true,
      cell: (one) => {
        const pipeline = behind(one);
        return pipeline && formatTime(pipeline.created_at ?? "");
      },
    },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) =>
        one.version !== usual && (
          <Button small onClick={() => void onChange({ ...endpoint, default_version: one.version })}>
            {t("pipelines.makeDefault")}
          </Button>
        ),
    },
  ];
  return (
    <div className="stack-5">
      <ListTable label={t("pipelines.versions")} rows={(endpoint.versions ?? []).toReversed()} columns={columns} keyOf={(one) => one.version} />
      {others.length > 0 && chosen && (
        <section className="card stack-3">
          <h3>{t("pipelines.addVersion")}</h3>
          <div className="row wrap">
            <label className="hidden-text" htmlFor={`${field}-pipeline`}>
              {t("pipelines.pipeline")}
            </label>
            <select id={`${field}-pipeline`} className="select narrow-select" value={chosen} onChange={(event) => setAdded(event.target.value)}>
              {others.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name} {one.version} · {formatTime(one.created_at ?? "")}
                </option>
              ))}
            </select>
            <label className="check">
              <input type="checkbox" checked={isDefault} onChange={(event) => setDefault(event.target.checked)} /> {t("pipelines.asDefault")}
            </label>
            <Button icon="plus" onClick={() => void onChange(withVersion(endpoint, chosen, isDefault)).then(() => setAdded(undefined))}>
              {t("pipelines.add")}
            </Button>
          </div>
        </section>
      )}
    </div>
  );
}

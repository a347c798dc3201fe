import { useState } from "react";
import { post, problemsIn, put, remove } from "../../api/client";
import type { PipelineDraft, PublishedPipeline } from "../../api/pipelines";
import { pipelinesChanged, useDraftPipeline } from "../../api/pipelines";
import { ParameterFields, useParameterForm } from "../../features/pipelines/ParameterFields";
import type { Json } from "../../graph/json";
import { isObject } from "../../graph/json";
import { formatTime, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Loading, Page } from "../../ui/Page";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { go } from "../router";
import { PipelineGraph } from "./PipelineGraph";

/** A draft: its graph and values, which can be changed until it is submitted or published. */
export function DraftPage({ id }: { id: string }) {
  const found = useDraftPipeline(id);
  if (found.error) {
    return (
      <Page title={t("pipelines.tab.drafts")}>
        <Problems problems={problemsIn(found.error)} />
      </Page>
    );
  }
  if (!found.data) {
    return (
      <Page title={t("pipelines.tab.drafts")}>
        <Loading what={t("ui.loading")} />
      </Page>
    );
  }
  return <Known draft={found.data} />;
}

function Known({ draft }: { draft: PipelineDraft }) {
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [defaults] = useState(() => defaultsOf(draft.document?.parameters));
  const form = useParameterForm(defaults, draft.values);
  const isReady = Object.keys(form.faults).length === 0 && draft.document !== null;
  const act = (work: () => Promise<string>) => {
    work()
      .then((path) => {
        pipelinesChanged();
        go(path);
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  };
  const submit = async () => {
    const options = { ...draft.options, stop_on_failure: draft.continue_on_step_failure !== true };
    const made = await post<{ run: string }>("/runs", { document: draft.document, experiment: draft.experiment, values: form.values, options, origin: "sdk" });
    await put(`/runs/${made.run}/notes`, { tags: draft.tags ?? {}, properties: { ...draft.properties, "azureml.pipelinedraftid": draft.id } });
    await put("/pipeline-drafts", { ...draft, values: form.changed, last_run: made.run });
    return `/runs/${made.run}`;
  };
  const publish = async () => {
    const document = { ...draft.document, parameters: withDefaults(draft.document?.parameters ?? {}, form.values) };
    const wish = { name: draft.name, description: draft.description ?? "", document, options: draft.options ?? {}, continue_on_step_failure: draft.continue_on_step_failure ?? null };
    return `/pipelines/${(await post<PublishedPipeline>("/pipelines", wish)).id}`;
  };
  return (
    <Page
      title={draft.name}
      lead={draft.description}
      actions={
        <>
          <Button look="danger" icon="trash" onClick={() => act(() => remove(`/pipeline-drafts/${encodeURIComponent(draft.id)}`).then(() => "/pipelines?show=drafts"))}>
            {t("ui.delete")}
          </Button>
          <Button disabled={!isReady} onClick={() => act(publish)}>
            {t("pipelines.publish")}
          </Button>
          <Button look="primary" icon="run" disabled={!isReady} onClick={() => act(submit)}>
            {t("pipelines.submit")}
          </Button>
        </>
      }
    >
      <Problems problems={problems} />
      <div className="row wrap">
        <span className="chip">{t("state.draft")}</span>
        <span className="muted small">{t("pipelines.changedAt", { time: formatTime(draft.changed_at ?? "") })}</span>
        <span className="mono small muted">{draft.id}</span>
      </div>
      <div className="pipeline-two">
        <section className="stack-3">
          <dl className="facts">
            <dt>{t("pipelines.experiment")}</dt>
            <dd>{draft.experiment}</dd>
          </dl>
          <h2>{t("pipelines.parameters")}</h2>
          <ParameterFields form={form} />
        </section>
        {draft.document && <PipelineGraph document={draft.document} />}
      </div>
    </Page>
  );
}

/** Defaults of a document's parameters; a bare value is its own default. */
export function defaultsOf(parameters: Record<string, Json> | undefined): Record<string, Json> {
  return Object.fromEntries(Object.entries(parameters ?? {}).map(([name, body]) => [name, isObject(body) ? (body.default ?? null) : body]));
}

function withDefaults(parameters: Record<string, Json>, values: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, body]) => {
      const value = values[name];
      if (value === undefined) return [name, body];
      return [name, isObject(body) ? { ...body, default: value } : value];
    }),
  );
}

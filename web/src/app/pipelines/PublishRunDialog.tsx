import { useId, useState } from "react";
import { post, problemsIn } from "../../api/client";
import type { PublishedPipeline } from "../../api/pipelines";
import { pipelinesChanged, usePublishedPipeline } from "../../api/pipelines";
import type { Run } from "../../api/shapes";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loading } from "../../ui/Page";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { go } from "../router";

/** Publish what a run ran: its graph, the sources of its steps, the defaults of its parameters. */
export function PublishRunDialog({ run, pipeline, onClose }: { run: Run; pipeline: string; onClose: () => void }) {
  const before = usePublishedPipeline(pipeline);
  return (
    <>
      {pipeline && before.isPending ? (
        <Dialog title={t("pipelines.publish")} onClose={onClose}>
          <Loading what={t("ui.loading")} />
        </Dialog>
      ) : (
        <Form run={run} before={before.data} onClose={onClose} />
      )}
    </>
  );
}

function Form({ run, before, onClose }: { run: Run; before: PublishedPipeline | undefined; onClose: () => void }) {
  const id = useId();
  const [name, setName] = useState(before?.name ?? run.experiment);
  const [version, setVersion] = useState("");
  const [description, setDescription] = useState(before?.description ?? "");
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const publish = () =>
    post<PublishedPipeline>("/pipelines", { run: run.id, name: name.trim(), version: version.trim(), description })
      .then((made) => {
        pipelinesChanged();
        go(`/pipelines/${made.id}`);
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  return (
    <Dialog
      title={t("pipelines.publish")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={!name.trim()} onClick={() => void publish()}>
            {t("pipelines.publish")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        <p>{t("pipelines.publishText")}</p>
        <div className="field">
          <label htmlFor={`${id}-name`}>{t("ui.name")}</label>
          <input id={`${id}-name`} className="input" value={name} onChange={(event) => setName(event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor={`${id}-version`}>{t("pipelines.version")}</label>
          <input id={`${id}-version`} className="input" placeholder={before?.version} value={version} onChange={(event) => setVersion(event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor={`${id}-description`}>{t("datasets.description")}</label>
          <textarea id={`${id}-description`} className="area" value={description} onChange={(event) => setDescription(event.target.value)} />
        </div>
      </div>
    </Dialog>
  );
}

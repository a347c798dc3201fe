import { useId, useState } from "react";
import { post, problemsIn, put } from "../../api/client";
import type { PipelineEndpoint, PublishedPipeline } from "../../api/pipelines";
import { pipelinesChanged, useEndpoints } from "../../api/pipelines";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { go } from "../router";

/** Put a published pipeline behind an endpoint: a new version of one, or an endpoint of its own. */
export function AddVersionDialog({ pipeline, onClose }: { pipeline: PublishedPipeline; onClose: () => void }) {
  const id = useId();
  const known = useEndpoints();
  const endpoints = known.data ?? [];
  const [chosen, setChosen] = useState<string>();
  const [name, setName] = useState(pipeline.name);
  const [isDefault, setDefault] = useState(true);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const endpoint = endpoints.find((one) => one.id === (chosen ?? endpoints[0]?.id));
  const isNew = chosen === "" || !endpoint;
  const save = async () => {
    try {
      const kept = isNew
        ? await post<PipelineEndpoint>("/pipeline-endpoints", { name: name.trim(), description: pipeline.description, pipeline: pipeline.id })
        : await put<PipelineEndpoint>("/pipeline-endpoints", withVersion(endpoint, pipeline.id, isDefault));
      pipelinesChanged();
      go(`/pipelines/endpoints/${kept.id}`);
    } catch (error) {
      setProblems(problemsIn(error));
    }
  };
  return (
    <Dialog
      title={t("pipelines.toEndpoint")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={known.isPending || (isNew && !name.trim())} onClick={() => void save()}>
            {t("pipelines.add")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        <div className="field">
          <label htmlFor={`${id}-endpoint`}>{t("services.endpoint")}</label>
          <select id={`${id}-endpoint`} className="select" value={isNew ? "" : endpoint.id} onChange={(event) => setChosen(event.target.value)}>
            {endpoints.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
            <option value="">{t("pipelines.newEndpoint")}</option>
          </select>
        </div>
        {isNew ? (
          <div className="field">
            <label htmlFor={`${id}-name`}>{t("ui.name")}</label>
            <input id={`${id}-name`} className="input" value={name} onChange={(event) => setName(event.target.value)} />
          </div>
        ) : (
          <label className="check">
            <input type="checkbox" checked={isDefault} onChange={(event) => setDefault(event.target.checked)} /> {t("pipelines.asDefault")}
          </label>
        )}
      </div>
    </Dialog>
  );
}

/** The endpoint with a further version; numbers go on where the highest one stands. */
export function withVersion(endpoint: PipelineEndpoint, pipeline: string, isDefault: boolean): PipelineEndpoint {
  const numbers = (endpoint.versions ?? []).map((one) => Number(one.version)).filter(Number.isFinite);
  const version = String(Math.max(-1, ...numbers) + 1);
  return {
    ...endpoint,
    versions: [...(endpoint.versions ?? []), { version, pipeline }],
    default_version: isDefault ? version : endpoint.default_version,
  };
}

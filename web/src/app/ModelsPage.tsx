import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, problemsIn, remove, send } from "../api/client";
import { contentAddress, queries, useDatasets } from "../api/queries";
import type { Artifact, Dataset, Maker } from "../api/shapes";
import type { Entry } from "../api/schema";
import { ModelView } from "../features/model-view/ModelView";
import { isModel } from "../graph/data-type";
import { isObject } from "../graph/json";
import { formatBytes, formatTime, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import { Problems } from "../ui/Problems";
import { AskDialog } from "./AskDialog";
import { DownloadLink } from "./DownloadLink";
import { Link } from "./Link";
import { go } from "./router";

/** A model of either kind: saved from an experiment, or registered with the SDK. */
interface ModelRow {
  key: string;
  name: string;
  version: number;
  kind: string;
  artifact: Artifact | null;
  createdAt: string;
  description: string;
  tags: [string, string][];
  properties: [string, string][];
  run: string;
  entry: Entry | null;
}

function textPairs(given: unknown): [string, string][] {
  return isObject(given) ? Object.entries(given).map(([name, value]) => [name, String(value)]) : [];
}

function rowOfDataset(one: Dataset): ModelRow {
  return { key: `saved ${one.name}`, name: one.name, version: one.version, kind: one.artifact.type, artifact: one.artifact, createdAt: one.created_at, description: one.description ?? "", tags: [], properties: [], run: "", entry: null };
}

function rowOfEntry(entry: Entry): ModelRow {
  const body = entry.body ?? {};
  return {
    key: `${entry.name}:${entry.version}`,
    name: entry.name,
    version: entry.version,
    kind: String(body.model_framework ?? "") || "Custom",
    artifact: isObject(body.artifact) ? (body.artifact as unknown as Artifact) : null,
    createdAt: entry.created_at ?? "",
    description: String(body.description ?? ""),
    tags: textPairs(body.tags),
    properties: textPairs(body.properties),
    run: String(body.run_id ?? ""),
    entry,
  };
}

export function ModelsPage({ shown }: { shown: string | null }) {
  const saved = useDatasets();
  const registered = useQuery({ queryKey: ["models"], queryFn: async () => (await get<{ entries: Entry[] }>("/registry/models")).entries });
  const [gone, setGone] = useState<ModelRow | null>(null);
  const [isAll, setAll] = useState(false);
  const entries = registered.data ?? [];
  const newest = new Map(entries.map((one) => [one.name, one.version]));
  const all =
    saved.data && registered.data
      ? [...saved.data.filter((one) => isModel(one.artifact.type)).map(rowOfDataset), ...entries.map(rowOfEntry)].sort((one, other) => other.createdAt.localeCompare(one.createdAt))
      : undefined;
  const look = all?.find((one) => one.key === shown);
  const failed = saved.error ?? registered.error;
  const columns: ListColumn<ModelRow>[] = [
    {
      title: t("ui.name"),
      cell: (one) => (
        <>
          <button type="button" className="link-button" onClick={() => go(`/models?name=${encodeURIComponent(one.key)}`)}>
            {one.name}
          </button>
          {one.description && <div className="small muted">{one.description}</div>}
        </>
      ),
    },
    { title: t("models.version"), isNumber: true, cell: (one) => one.version },
    { title: t("models.kind"), isMuted: true, cell: (one) => kindName(one) },
    {
      title: t("models.tags"),
      cell: (one) => (
        <span className="row wrap">
          {one.tags.map(([name, value]) => (
            <span key={name} className="chip">
              {value ? `${name}: ${value}` : name}
            </span>
          ))}
        </span>
      ),
    },
    { title: t("models.size"), isNumber: true, cell: (one) => (one.artifact ? formatBytes(one.artifact.size) : "") },
    { title: t("models.created"), isMuted: true, cell: (one) => (one.createdAt ? formatTime(one.createdAt) : "") },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) => (
        <>
          <IconButton small icon="eye" label={t("models.look", { name: one.name })} onClick={() => go(`/models?name=${encodeURIComponent(one.key)}`)} />
          {one.artifact && one.artifact.type !== "Folder" && <DownloadLink artifact={one.artifact} name={fileName(one)} />}
          <IconButton small icon="trash" label={t("models.delete", { name: `${one.name}:${one.version}` })} onClick={() => setGone(one)} />
        </>
      ),
    },
  ];
  return (
    <ListPage
      title={t("nav.models")}
      lead={t("models.lead")}
      rows={all}
      problems={failed ? problemsIn(failed) : []}
      columns={columns}
      keyOf={(one) => one.key}
      search={{ label: t("models.search"), textOf: (one) => [one.name, one.description, ...one.tags.flat()].join(" ") }}
      isShown={(one) => isAll || !one.entry || newest.get(one.name) === one.version}
      tools={
        newest.size < entries.length && (
          <label className="check">
            <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.target.checked)} /> {t("models.allVersions")}
          </label>
        )
      }
      empty={{
        title: t("models.noneTitle"),
        children: (
          <>
            <p>{t("models.noneText")}</p>
            <code className="code">{'Model.register(ws, model_path="model.pkl", model_name="churn")'}</code>
          </>
        ),
      }}
    >
      {look && <ModelDialog model={look} others={(all ?? []).filter((one) => one.entry && look.entry && one.name === look.name)} onClose={() => go("/models")} />}
      {gone && (
        <AskDialog
          title={t("models.deleteTitle")}
          verb={t("ui.delete")}
          onClose={() => setGone(null)}
          onDo={async () => {
            if (gone.entry) {
              await send("DELETE", "/registry/models", { body: { name: gone.name, version: gone.version } });
              await queries.invalidateQueries({ queryKey: ["models"] });
            } else {
              await remove("/datasets/version", { name: gone.name });
              await queries.invalidateQueries({ queryKey: ["datasets"] });
            }
          }}
        >
          <p>{t(gone.entry ? "models.deleteVersion" : "models.deleteSaved", { name: gone.name, version: gone.version })}</p>
        </AskDialog>
      )}
    </ListPage>
  );
}

/** What a person calls it: a trained model, a transformation; or the framework that the SDK was told. */
function kindName(one: ModelRow): string {
  return one.entry ? one.kind : t(`models.type.${one.kind}` as "models.type.ILearner");
}

function fileName(one: ModelRow): string {
  const item = String(one.entry?.body?.item ?? "");
  return item || (one.entry ? one.name : `${one.name}.${one.kind.toLowerCase()}`);
}

/** Everything of one model: where it is from, its tags, its files, and what weighs how much in it. */
function ModelDialog({ model, others, onClose }: { model: ModelRow; others: ModelRow[]; onClose: () => void }) {
  const maker = useQuery({
    queryKey: ["maker", model.artifact?.digest],
    enabled: model.artifact !== null,
    queryFn: async () => (await get<{ maker: Maker | null }>(`/artifacts/${model.artifact?.digest}/maker`)).maker,
  });
  return (
    <Dialog
      title={`${model.name} · ${t("models.versionOf", { number: model.version })}`}
      size="wide"
      onClose={onClose}
      head={
        model.artifact &&
        model.artifact.type !== "Folder" && (
          <a className="button small" href={contentAddress(model.artifact, "raw", fileName(model))} download>
            <Icon name="download" /> {t("ui.download")}
          </a>
        )
      }
    >
      <div className="stack-5 model-dialog">
        <dl className="facts">
          <dt>{t("models.kind")}</dt>
          <dd>{kindName(model)}</dd>
          <dt>{t("models.from")}</dt>
          <dd>
            {maker.data ? (
              <Link href={`/runs/${maker.data.run}?node=${encodeURIComponent(maker.data.node)}`}>
                {maker.data.experiment} · {maker.data.node}
              </Link>
            ) : model.run ? (
              <Link href={`/runs/${model.run.split("_")[0]}`}>{model.run}</Link>
            ) : maker.isPending && model.artifact ? (
              "…"
            ) : (
              t("models.fromNowhere")
            )}
          </dd>
          {model.entry && model.artifact?.type === "File" && (
            <>
              <dt>{t("models.files")}</dt>
              <dd className="mono">
                {fileName(model)} <span className="muted">{formatBytes(model.artifact.size)}</span>
              </dd>
            </>
          )}
          {model.createdAt && (
            <>
              <dt>{t("models.created")}</dt>
              <dd>{formatTime(model.createdAt)}</dd>
            </>
          )}
          {[...model.tags, ...model.properties].map(([name, value]) => (
            <div key={name} className="both">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {others.length > 1 && (
            <>
              <dt>{t("models.versions")}</dt>
              <dd className="row wrap">
                {others.map((one) =>
                  one.key === model.key ? (
                    <strong key={one.key}>{one.version}</strong>
                  ) : (
                    <Button key={one.key} small aria-label={t("models.versionOf", { number: one.version })} onClick={() => go(`/models?name=${encodeURIComponent(one.key)}`)}>
                      {one.version}
                    </Button>
                  ),
                )}
              </dd>
            </>
          )}
        </dl>
        {model.artifact?.type === "Folder" ? <FolderFiles artifact={model.artifact} /> : model.artifact && <ModelView key={model.key} artifact={model.artifact} />}
      </div>
    </Dialog>
  );
}

/** The files of a model that is a folder, each to save. */
function FolderFiles({ artifact }: { artifact: Artifact }) {
  const found = useQuery({
    queryKey: ["folder", artifact.digest],
    queryFn: async () => (await post<{ files: { path: string; digest: string; size: number }[] }>("/folders/list", { artifact })).files,
  });
  if (found.error) return <Problems problems={problemsIn(found.error)} />;
  return (
    <section className="stack">
      <h3>{t("models.files")}</h3>
      <ul className="plain-list">
        {(found.data ?? []).map((file) => (
          <li key={file.path}>
            <span className="grow mono wrap-any">{file.path}</span>
            <span className="small muted">{formatBytes(file.size)}</span>
            <DownloadLink artifact={{ digest: file.digest, name: file.path, type: "File", role: "file", media_type: "application/octet-stream", size: file.size }} name={file.path.split("/").at(-1) ?? file.path} />
          </li>
        ))}
      </ul>
    </section>
  );
}

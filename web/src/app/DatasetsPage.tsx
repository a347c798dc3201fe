import { useEffect, useRef, useState } from "react";
import { post, problemsIn, remove, upload } from "../api/client";
import { queries, useDatasets } from "../api/queries";
import type { Artifact, Dataset } from "../api/shapes";
import { Visualize } from "../features/dataset-preview/Visualize";
import { ModelDialog } from "../features/model-view/ModelView";
import { canVisualize } from "../graph/data-type";
import { formatBytes, formatCount, formatTime, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { AskDialog } from "./AskDialog";
import { DownloadLink } from "./DownloadLink";
import { go } from "./router";

export function DatasetsPage({ shown }: { shown: string | null }) {
  const found = useDatasets();
  const [files, setFiles] = useState<File[]>([]);
  const [gone, setGone] = useState<Dataset | null>(null);
  const pick = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const isAsked = new URLSearchParams(location.search).has("upload");
  useEffect(() => {
    if (isAsked) document.querySelector<HTMLElement>("#upload")?.focus();
  }, [isAsked]);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      setFiles([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  const all = found.data;
  const look = all?.find((one) => one.name === shown);
  const show = (one: Dataset) => go(`/datasets?name=${encodeURIComponent(one.name)}`);
  const columns: ListColumn<Dataset>[] = [
    {
      title: t("datasets.name"),
      cell: (one) => (
        <>
          {canVisualize(one.artifact.type) ? (
            <button type="button" className="link-button" onClick={() => show(one)}>
              {one.name}
            </button>
          ) : (
            one.name
          )}
          {one.description && <div className="small muted">{one.description}</div>}
        </>
      ),
    },
    { title: t("datasets.type"), isMuted: true, cell: (one) => one.artifact.type },
    { title: t("datasets.rows"), isNumber: true, cell: (one) => (one.facts?.rows === undefined ? "" : formatCount(one.facts.rows)) },
    { title: t("datasets.columns"), isNumber: true, cell: (one) => (one.facts?.columns === undefined ? "" : formatCount(one.facts.columns)) },
    { title: t("datasets.size"), isNumber: true, cell: (one) => formatBytes(one.artifact.size) },
    { title: t("datasets.version"), isNumber: true, cell: (one) => one.version },
    { title: t("datasets.created"), isMuted: true, cell: (one) => formatTime(one.created_at) },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) => (
        <>
          {canVisualize(one.artifact.type) && <IconButton small icon="eye" label={t("datasets.visualize", { name: one.name })} onClick={() => show(one)} />}
          <DownloadLink artifact={one.artifact} name={one.name} />
          <IconButton small icon="trash" label={t("datasets.delete", { name: one.name })} onClick={() => setGone(one)} />
        </>
      ),
    },
  ];
  return (
    <ListPage
      title={t("nav.datasets")}
      actions={
        <>
          <input
            ref={pick}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              setFiles([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <Button id="upload" look="primary" icon="upload" onClick={() => pick.current?.click()}>
            {t("datasets.upload")}
          </Button>
        </>
      }
      rows={all}
      problems={found.error ? problemsIn(found.error) : []}
      columns={columns}
      keyOf={(one) => one.name}
      search={{ label: t("datasets.search"), textOf: (one) => one.name }}
      empty={{
        title: t("datasets.noneTitle"),
        children: (
          <>
            <p>{t("datasets.noneText")}</p>
            <code className="code">skyloom dataset add people.csv</code>
          </>
        ),
      }}
    >
      {files.length > 0 && <UploadDialog files={files} known={all ?? []} onClose={() => setFiles([])} />}
      {look?.artifact.type === "Dataset" && <Visualize title={look.name} artifact={look.artifact} onClose={() => go("/datasets")} />}
      {look && look.artifact.type !== "Dataset" && canVisualize(look.artifact.type) && <ModelDialog title={look.name} artifact={look.artifact} onClose={() => go("/datasets")} />}
      {gone && (
        <AskDialog
          title={t("datasets.deleteTitle")}
          verb={t("ui.delete")}
          onClose={() => setGone(null)}
          onDo={async () => {
            await remove("/datasets/version", { name: gone.name });
            await queries.invalidateQueries({ queryKey: ["datasets"] });
          }}
        >
          <p>{t("datasets.deleteText", { name: gone.name })}</p>
        </AskDialog>
      )}
      {isOver && (
        <div className="drop-note">
          <div>{t("datasets.dropHere")}</div>
        </div>
      )}
    </ListPage>
  );
}

/** Name the files, send them, and keep each as a dataset. */
function UploadDialog({ files, known, onClose }: { files: File[]; known: Dataset[]; onClose: () => void }) {
  const [names, setNames] = useState(() => files.map((file) => file.name.replace(/\.(nh\.)?\w+$/, "")));
  const [description, setDescription] = useState("");
  const [share, setShare] = useState<number | null>(null);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const send = async () => {
    setProblems([]);
    for (const [place, file] of files.entries()) {
      try {
        setShare(place / files.length);
        const artifact = (await upload(file, { name: file.name }, (part) => setShare((place + part) / files.length))) as unknown as Artifact;
        await post<Dataset>("/datasets", { name: names[place]?.trim(), artifact, description });
      } catch (error) {
        setProblems(problemsIn(error));
        setShare(null);
        return;
      }
    }
    await queries.invalidateQueries({ queryKey: ["datasets"] });
    onClose();
  };
  return (
    <Dialog
      title={t("datasets.upload")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={share !== null || names.some((name) => !name.trim())} onClick={() => void send()}>
            {t("datasets.send")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        {files.map((file, place) => (
          <div key={file.name} className="field">
            <label htmlFor={`file-${place}`}>
              {t("datasets.nameFor", { file: file.name })} <span className="muted small">{formatBytes(file.size)}</span>
            </label>
            <input id={`file-${place}`} className="input" value={names[place]} onChange={(event) => setNames(names.map((name, at) => (at === place ? event.target.value : name)))} />
            {known.some((one) => one.name === names[place]) && <div className="hint">{t("datasets.newVersion")}</div>}
          </div>
        ))}
        <div className="field">
          <label htmlFor="description">{t("datasets.description")}</label>
          <input id="description" className="input" value={description} onChange={(event) => setDescription(event.target.value)} />
        </div>
        {share !== null && (
          <div className="stack">
            <progress max={1} value={share} aria-label={t("datasets.sending")} />
            <p className="small muted" role="status">
              {share >= 0.999 ? t("datasets.readingFile") : t("datasets.sending")}
            </p>
          </div>
        )}
      </div>
    </Dialog>
  );
}

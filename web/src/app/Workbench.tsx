import { useMemo, useState } from "react";
import { useColumns, useDatasets, useProfile } from "../api/queries";
import type { Artifact, Problem } from "../api/shapes";
import type { Draft } from "../features/draft/useDraft";
import { Images } from "../features/dataset-preview/Images";
import { Locals } from "../features/runs/Locals";
import { LogView } from "../features/runs/LogView";
import { BundleFiles } from "../features/script-editor/BundleFiles";
import { CodeEditor } from "../features/script-editor/CodeEditor";
import { scriptFault } from "../features/script-editor/fault";
import { languageWish } from "../features/script-editor/language-wish";
import { useBundle } from "../features/script-editor/useBundle";
import type { NodeBody, PortRef } from "../graph/document";
import { DATA_PORT, datasetName, inputsOf, linksOf, specOf, titleOf } from "../graph/document";
import { addDataset, connect, setFields, setValue } from "../graph/edits";
import type { Catalogue } from "../graph/module";
import { labelOf } from "../graph/module";
import { formatBytes, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Problems } from "../ui/Problems";
import { StateMark } from "../ui/StateMark";
import { Tabs } from "../ui/Tabs";
import { SmallTable } from "./SmallTable";
import { languageFor } from "./language";

interface Props {
  draft: Draft;
  catalogue: Catalogue;
  node: string;
  parameter: string;
  artifactAt: (ref: PortRef) => Artifact | undefined;
  onClose: () => void;
}

const BUNDLE = "Script Bundle";

type Side = "inputs" | "output" | "log" | "images" | "files";

/** A script with room around it: the text, and beside it what enters, what came out, the console and the images. */
export function Workbench({ draft, catalogue, node, parameter, artifactAt, onClose }: Props) {
  const { document: graph, change } = draft;
  const [side, setSide] = useState<Side>("inputs");
  const spec = specOf(graph, catalogue, node);
  const definition = spec?.parameters?.find((one) => one.name === parameter);
  const text = String(graph.nodes[node]?.parameters?.[parameter] ?? definition?.default ?? "");
  const ports = inputsOf(graph, catalogue, node).filter((port) => (port.accepts ?? ["Dataset"]).includes("Dataset"));
  const links = linksOf(graph, catalogue).filter((link) => link.target.node === node);
  const sourceOf = (port: string) => links.find((link) => link.target.port === port)?.source;
  const id = draft.experiment?.id ?? "";
  const etag = draft.experiment?.etag ?? "";
  const wanted = (place: number) => {
    const port = ports[place]?.name ?? "";
    return port in (draft.saved.nodes[node]?.inputs ?? {}) ? port : "";
  };
  const first = useColumns(id, node, wanted(0), etag);
  const second = useColumns(id, node, wanted(1), etag);
  const columns = [first, second].map((found) => (found.data?.columns ?? []).map((column) => column.name));
  const mark = draft.marks.get(node);
  const run = mark?.status?.node_run;
  const images = (run?.others ?? []).filter((one) => one.role === "image");
  const outputs = Object.entries(run?.outputs ?? {}).filter(([, artifact]) => artifact.type === "Dataset");
  const language = definition ? languageFor(definition, spec?.entry.language) : "text";
  const bundleSource = sourceOf(BUNDLE);
  const bundle = bundleSource && artifactAt(bundleSource);
  const hasBundle = language === "python" && inputsOf(graph, catalogue, node).some((port) => port.name === BUNDLE);
  const files = useBundle(hasBundle ? bundle : undefined);
  const [opened, setOpened] = useState<string | null>(null);
  const [saidOfFiles, setSaidOfFiles] = useState("");
  const known = useDatasets().data ?? [];
  const origin = bundleSource && graph.nodes[bundleSource.node];
  const openFile = (name: string) => {
    setSaidOfFiles("");
    void files.open(name).then(() => setOpened(name));
  };
  const saveFiles = async () => {
    const name = origin ? datasetName(origin) : freeName(`${graph.name ?? node} files`, known.map((one) => one.name));
    const saved = await files.save(name);
    if (!saved) return;
    setSaidOfFiles(t("bundle.saved", { version: saved.version, name }));
    change((now) => {
      if (bundleSource) {
        const pinned = now.nodes[bundleSource.node]?.dataset;
        // a node that names no version has the newest already
        return typeof pinned === "object" ? setFields(now, bundleSource.node, { dataset: { ...pinned, version: saved.version } }) : now;
      }
      const [x, y] = now.nodes[node]?.position ?? [0, 0];
      const [made, id] = addDataset(now, name, "Zip", [x + 220, y - 140]);
      return connect(made, catalogue, { node: id, port: DATA_PORT }, { node, port: BUNDLE });
    }, `bundle ${node}`);
  };
  const [unhelped, setUnhelped] = useState<Problem | null>(null);
  // a run may have built the environment, and a new header asks for another one then
  const body = graph.nodes[node];
  const help = useMemo(
    () => (language === "python" ? languageWish(body, text, bundle) : undefined),
    [language, body?.environment, body?.parameters?.["Python Version"], body?.parameters?.Requirements, bundle?.digest, run?.run],
  );
  return (
    <section className="workbench" aria-label={t("script.label", { name: titleOf(graph, node) })}>
      <div className="studio-bar">
        <h2 className="cut">{titleOf(graph, node)}</h2>
        <span className="small muted">{definition && labelOf(definition)}</span>
        {mark && <StateMark mark={mark.mark} />}
        <span className="grow" />
        {unhelped && language === "python" && (
          <span className="small muted cut" role="status" title={[unhelped.message, unhelped.fix].filter(Boolean).join(" ")}>
            {t("script.columnsOnly", { why: unhelped.message })}
          </span>
        )}
        <span className="small muted">Ctrl+Enter</span>
        <Button icon="run" disabled={draft.isRunning} onClick={() => void draft.run([node])}>
          {t("script.run")}
        </Button>
        <IconButton icon="close" label={t("script.close")} onClick={onClose} />
      </div>
      <div className="workbench-body">
        {opened !== null ? (
          <div className="workbench-file">
            <div className="row">
              <span className="mono grow cut">{opened}</span>
              <Button small onClick={() => setOpened(null)}>
                {t("bundle.back")}
              </Button>
            </div>
            {files.textOf(opened) === undefined ? (
              <p className="muted">{t("bundle.binary", { size: formatBytes(files.sizeOf(opened)) })}</p>
            ) : (
              <CodeEditor
                key={opened}
                text={files.textOf(opened) ?? ""}
                label={t("bundle.fileLabel", { name: opened })}
                language={opened.endsWith(".py") ? "python" : opened.toLowerCase().endsWith(".r") ? "r" : "text"}
                isFocused
                isReadOnly={isComputed(origin)}
                onChange={(next) => files.textOf(opened) !== next && files.write(opened, next)}
              />
            )}
          </div>
        ) : (
        <CodeEditor
          text={text}
          label={definition ? labelOf(definition) : parameter}
          language={language}
          columns={columns}
          help={help}
          onHelp={setUnhelped}
          isFocused
          fault={mark?.mark === "failed" ? scriptFault(run?.problem ?? undefined) : null}
          onChange={(next) => change((now) => setValue(now, node, parameter, next), `value ${node} ${parameter}`)}
          onRun={() => {
            if (!draft.isRunning) void draft.run([node]);
          }}
        />
        )}
        <div className="workbench-side">
          <Tabs
            label={t("script.beside")}
            chosen={side}
            onChoose={setSide}
            tabs={[
              { key: "inputs", title: t("script.inputs") },
              { key: "output", title: t("script.output") },
              { key: "log", title: t("script.console") },
              { key: "images", title: t("script.images", { count: images.length }) },
              ...(hasBundle ? [{ key: "files" as const, title: t("bundle.title") }] : []),
            ]}
          >
            {side === "inputs" && (
              <div className="stack-5">
                {ports.map((port) => {
                  const source = sourceOf(port.name);
                  return (
                    <section key={port.name} className="stack">
                      <h3>
                        {port.name} {source && <span className="muted small">← {titleOf(graph, source.node)}</span>}
                      </h3>
                      {!source ? (
                        <p className="muted">{t("script.notLinked")}</p>
                      ) : (
                        <InputPreview artifact={artifactAt(source)} names={columns[ports.indexOf(port)] ?? []} />
                      )}
                    </section>
                  );
                })}
              </div>
            )}
            {side === "output" && (
              <div className="stack-5">
                {run?.problem && mark?.mark === "failed" && <Problems problems={[run.problem]} />}
                {mark?.mark === "failed" && <Locals node={run ?? undefined} />}
                {mark?.mark !== "failed" && outputs.map(([port, artifact]) => (
                  <section key={port} className="stack">
                    <h3>{port}</h3>
                    <ArtifactRows artifact={artifact} />
                  </section>
                ))}
                {!run && <p className="muted">{t("script.notRun")}</p>}
              </div>
            )}
            {side === "log" && (run ? <LogView key={run.run} run={run.reused_from ?? run.run} node={node} isLive={mark?.mark === "running"} /> : <p className="muted">{t("script.notRun")}</p>)}
            {side === "images" && (images.length ? <Images images={images} /> : <p className="muted">{t("script.noImages")}</p>)}
            {side === "files" && (
              <BundleFiles
                bundle={files}
                hasZip={bundleSource !== undefined}
                isReadOnly={isComputed(origin)}
                chosen={opened}
                said={saidOfFiles}
                onOpen={openFile}
                onRemove={(name) => {
                  files.remove(name);
                  if (opened === name) setOpened(null);
                }}
                onSave={() => void saveFiles()}
              />
            )}
          </Tabs>
        </div>
      </div>
    </section>
  );
}

/** Whether the zip comes out of a module, or lies at a place outside: then nothing can be saved. */
function isComputed(origin: NodeBody | undefined): boolean {
  return origin !== undefined && !origin.dataset;
}

function freeName(wish: string, taken: readonly string[]): string {
  let name = wish;
  for (let number = 2; taken.includes(name); number += 1) name = `${wish} ${number}`;
  return name;
}

function InputPreview({ artifact, names }: { artifact: Artifact | undefined; names: string[] }) {
  if (artifact) return <ArtifactRows artifact={artifact} />;
  if (!names.length) return <p className="muted">{t("script.noSchema")}</p>;
  return <p className="small">{names.join(", ")}</p>;
}

function ArtifactRows({ artifact }: { artifact: Artifact }) {
  const profile = useProfile(artifact);
  if (!profile.data) return <p className="muted">{t("visualize.reading")}</p>;
  return <SmallTable profile={profile.data} rows={5} />;
}

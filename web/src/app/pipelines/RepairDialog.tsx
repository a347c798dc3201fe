import "../../features/pipelines/pipelines.css";
import { useMemo, useState } from "react";
import { post, problemsIn } from "../../api/client";
import { useStepSource } from "../../api/pipelines";
import { queries } from "../../api/queries";
import type { NodeRun, Run } from "../../api/shapes";
import { ParameterFields, useParameterForm } from "../../features/pipelines/ParameterFields";
import { CodeEditor } from "../../features/script-editor/CodeEditor";
import type { ScriptFault } from "../../features/script-editor/SourceView";
import type { GraphDocument } from "../../graph/document";
import type { Json } from "../../graph/json";
import { sameJson } from "../../graph/json";
import { formatBytes, t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Loading } from "../../ui/Page";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { go } from "../router";
import { defaultsOf } from "./DraftPage";

interface Props {
  run: Run;
  /** The step that failed. */
  node: NodeRun;
  document: GraphDocument;
  onClose: () => void;
}

/**
 * Change what made a step fail, and resume: files of its source, and values of the pipeline's parameters.
 * The run that failed and what was published stay as they are.
 */
export function RepairDialog({ run, node, document, onClose }: Props) {
  const found = useStepSource(run.id, node.node);
  const source = found.data;
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [opened, setOpened] = useState<string>();
  const [defaults] = useState(() => defaultsOf(document.parameters));
  const before = useMemo(() => ({ ...defaults, ...(run.values as Record<string, Json>) }), [defaults, run.values]);
  const form = useParameterForm(defaults, before);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const faults = useMemo(() => faultsOf(node), [node]);
  const files = source?.files ?? [];
  // a transfer, or a job of an outside engine: values can be changed all the same
  const hasNoSource = problemsIn(found.error).some((problem) => problem.code === "W361");
  const shown = files.filter((file) => file.text !== null && file.text !== undefined);
  const path = opened ?? shown.find((file) => faults.has(file.path))?.path ?? source?.script ?? shown[0]?.path;
  const file = shown.find((one) => one.path === path);
  const changedFiles = Object.fromEntries(Object.entries(texts).filter(([name, text]) => files.find((one) => one.path === name)?.text !== text));
  const changedValues = Object.fromEntries(Object.entries(form.values).filter(([name, value]) => !sameJson(value, before[name])));
  const count = Object.keys(changedFiles).length + Object.keys(changedValues).length;
  const resume = async () => {
    setBusy(true);
    try {
      const body = { files: Object.keys(changedFiles).length ? { [node.node]: changedFiles } : {}, values: changedValues };
      const made = await post<{ run: string }>(`/runs/${encodeURIComponent(run.id)}/resume`, body);
      void queries.invalidateQueries({ queryKey: ["run-pages"] });
      onClose();
      go(`/runs/${made.run}`);
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("repair.title", { step: node.node })}
      size="wide"
      onClose={onClose}
      foot={
        <>
          <span className="muted small grow">{count ? t("repair.changed", { count }) : t("repair.nothingChanged")}</span>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" icon="run" disabled={isBusy || Object.keys(form.faults).length > 0} onClick={() => void resume()}>
            {t("repair.resume")}
          </Button>
        </>
      }
    >
      <div className="repair">
        <nav className="repair-files" aria-label={t("repair.files")}>
          <h3>{t("repair.files")}</h3>
          {files.map((one) => {
            const isText = one.text !== null && one.text !== undefined;
            return (
              <button key={one.path} type="button" aria-pressed={one.path === path} disabled={!isText} title={isText ? one.path : t("repair.noText", { size: formatBytes(one.size) })} onClick={() => setOpened(one.path)}>
                <Icon name={isText ? "code" : "table"} size={14} />
                <span className="cut grow">{one.path}</span>
                {faults.has(one.path) && <Icon name="cross" size={14} />}
                {one.path in changedFiles && (
                  <>
                    <span className="changed-dot" />
                    <span className="hidden-text">{t("repair.isChanged")}</span>
                  </>
                )}
              </button>
            );
          })}
        </nav>
        <div className="repair-editor">
          <Problems problems={problems} />
          {found.isPending && <Loading what={t("ui.loading")} />}
          {found.error && (hasNoSource ? <p className="muted">{t("repair.noSource")}</p> : <Problems problems={problemsIn(found.error)} />)}
          {file && (
            <>
              {node.problem && (
                <div className="note bad">
                  <Icon name="cross" />
                  <span>
                    {node.problem.message} <span className="mono small">{node.problem.where}</span>
                  </span>
                </div>
              )}
              <div className="script-box">
                <CodeEditor
                  key={file.path}
                  text={texts[file.path] ?? file.text ?? ""}
                  language={languageOf(file.path)}
                  label={t("repair.editor", { file: file.path })}
                  fault={file.path in changedFiles ? null : (faults.get(file.path) ?? null)}
                  isFocused
                  onChange={(text) => setTexts((now) => ({ ...now, [file.path]: text }))}
                  onRun={() => void resume()}
                />
              </div>
            </>
          )}
        </div>
        <aside className="repair-side" aria-label={t("pipelines.parameters")}>
          <h3>{t("pipelines.parameters")}</h3>
          <ParameterFields form={form} />
          <p className="small muted">{t("repair.stays")}</p>
        </aside>
      </div>
    </Dialog>
  );
}

/** Where each file of the step stands in the traceback of its failure: the last line, by path. */
function faultsOf(node: NodeRun): Map<string, ScriptFault> {
  const found = new Map<string, ScriptFault>();
  for (const [, path = "", line] of (node.problem?.traceback ?? "").matchAll(/File "([^"]*)", line (\d+)/g)) {
    found.set(path, { line: Number(line), message: node.problem?.message ?? "" });
  }
  const [, path, line] = /^(.*):(\d+)$/.exec(node.problem?.where ?? "") ?? [];
  if (path && line && !found.has(path)) found.set(path, { line: Number(line), message: node.problem?.message ?? "" });
  return found;
}

function languageOf(path: string): "python" | "r" | "sql" | "text" {
  if (/\.py$/i.test(path)) return "python";
  if (/\.r$/i.test(path)) return "r";
  return /\.(sql|usql)$/i.test(path) ? "sql" : "text";
}

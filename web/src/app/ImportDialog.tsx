import { useEffect, useState } from "react";
import { post, problemsIn } from "../api/client";
import { queries, useDatasets } from "../api/queries";
import type { Experiment, ImportReport } from "../api/shapes";
import { t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { Loading } from "../ui/Page";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { go } from "./router";

/** What a graph file of the old product holds, what has no twin here, and which data it wants. */
export function ImportDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const datasets = useDatasets().data ?? [];
  const [text, setText] = useState<string | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [bindings, setBindings] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const name = file.name.replace(/\.\w+$/, "");

  useEffect(() => {
    let isGone = false;
    void (async () => {
      try {
        const read = await file.text();
        if (isGone) return;
        setText(read);
        const own = await ownDocument(read, file.name);
        if (own) {
          const made = await post<Experiment>("/experiments", { document: own, name: String(own.name ?? name) });
          if (!isGone) {
            onClose();
            go(`/experiments/${made.id}`);
          }
          return;
        }
        const answer = await post<{ report: ImportReport }>("/experiments/import", { file: foreign(read), name, check: true });
        if (!isGone) setReport(answer.report);
      } catch (error) {
        if (!isGone) setProblems(problemsIn(error));
      }
    })();
    return () => {
      isGone = true;
    };
    // one file, one reading
  }, [file]);

  const keep = async () => {
    if (text === null) return;
    setBusy(true);
    try {
      const made = await post<{ experiment: Experiment }>("/experiments/import", {
        file: foreign(text),
        name: report?.name || name,
        bindings: Object.fromEntries(Object.entries(bindings).filter(([, dataset]) => dataset)),
      });
      void queries.invalidateQueries({ queryKey: ["experiments"] });
      onClose();
      go(`/experiments/${made.experiment.id}`);
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };

  const without = report?.nodes.filter((node) => !node.has_twin) ?? [];
  return (
    <Dialog
      title={t("import.title", { name: file.name })}
      size="middle"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" disabled={!report || isBusy} onClick={() => void keep()}>
            {t("import.keep")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        {!report && !problems.length && <Loading what={t("import.reading")} />}
        {report && (
          <>
            <p>{t("import.found", { nodes: report.nodes.length, data: report.data.length })}</p>
            {without.length > 0 && (
              <div className="note warn">
                <Icon name="warning" />
                <div>
                  {t("import.without")} {[...new Set(without.map((node) => node.module))].join(", ")}
                </div>
              </div>
            )}
            {report.data.length > 0 && (
              <>
                <h3>{t("import.data")}</h3>
                {report.data.map((data) => (
                  <div key={data.node} className="field">
                    <label htmlFor={`bind-${data.node}`}>
                      {data.node} <span className="muted small">→ {data.feeds.join(", ")}</span>
                    </label>
                    <select
                      id={`bind-${data.node}`}
                      className="select"
                      value={bindings[data.node] ?? (data.found ? data.dataset : "") ?? ""}
                      onChange={(event) => setBindings({ ...bindings, [data.node]: event.target.value })}
                    >
                      <option value="">{t("import.later")}</option>
                      {datasets.map((one) => (
                        <option key={one.name}>{one.name}</option>
                      ))}
                    </select>
                  </div>
                ))}
              </>
            )}
            {(report.notes ?? []).map((note) => (
              <p key={note} className="small muted">
                {note}
              </p>
            ))}
          </>
        )}
      </div>
    </Dialog>
  );
}

/** A graph file of our own, in YAML or JSON; nothing when the text is that of another product. */
async function ownDocument(text: string, name: string): Promise<Record<string, unknown> | null> {
  const isYaml = /\.ya?ml$/i.test(name);
  try {
    const value: unknown = isYaml ? (await import("yaml")).parse(text) : JSON.parse(text);
    return typeof value === "object" && value !== null && "schema_version" in value ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (isYaml) throw error; // no other product writes YAML: what is wrong with it is ours to tell
    return null;
  }
}

function foreign(text: string) {
  return { format: /deploymentTemplate\.json|"\$schema"/.test(text.slice(0, 600)) ? "arm" : "classic", text };
}

import { useState } from "react";
import { post, problemsIn } from "../api/client";
import { queries } from "../api/queries";
import type { Run } from "../api/shapes";
import type { GraphDocument } from "../graph/document";
import type { Json } from "../graph/json";
import { isObject } from "../graph/json";
import type { Parameter } from "../graph/module";
import { faultOf, valueOfText } from "../graph/values";
import { t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { faultText } from "../features/parameters/ParameterField";
import { go } from "./router";

/** Run the graph of a run once more: the form is filled with what it was run with. */
export function RunAgainDialog({ run, document, onClose }: { run: Run; document: GraphDocument; onClose: () => void }) {
  const parameters = parametersOf(document);
  const before = run.values as Record<string, Json>;
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(parameters.map((one) => [one.name, words(before[one.name] ?? one.default ?? "")])),
  );
  const [isFresh, setFresh] = useState(false);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const values = Object.fromEntries(
    parameters.flatMap((one) => {
      const value = one.type === "bool" ? texts[one.name] === "true" : valueOfText(one, texts[one.name] ?? "");
      return value === undefined ? [] : [[one.name, value]];
    }),
  );
  const faults = new Map(parameters.flatMap((one) => {
    const fault = faultOf(one, values[one.name]);
    return fault ? [[one.name, faultText(fault)] as const] : [];
  }));
  const submit = () =>
    post<{ run: string }>("/runs", {
      document,
      experiment: run.experiment,
      values,
      origin: run.origin === "sdk" ? "sdk" : "studio",
      options: isFresh ? { regenerate: true } : {},
    })
      .then((made) => {
        void queries.invalidateQueries({ queryKey: ["run-pages"] });
        onClose();
        go(`/runs/${made.run}`);
      })
      .catch((error: unknown) => setProblems(problemsIn(error)));
  return (
    <Dialog
      title={t("run.again")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" icon="run" disabled={faults.size > 0} onClick={() => void submit()}>
            {t("studio.run")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        {parameters.length === 0 && <p className="muted">{t("run.noParameters")}</p>}
        {parameters.map((one) => (
          <div key={one.name} className="field">
            <label htmlFor={`again-${one.name}`}>{one.name}</label>
            {one.choices?.length || one.type === "bool" ? (
              <select id={`again-${one.name}`} className="select" value={texts[one.name]} onChange={(event) => setTexts({ ...texts, [one.name]: event.target.value })}>
                {(one.choices ?? ["true", "false"]).map((choice) => (
                  <option key={choice}>{choice}</option>
                ))}
              </select>
            ) : (
              <input
                id={`again-${one.name}`}
                className="input"
                type={one.type === "secret" ? "password" : "text"}
                aria-invalid={faults.has(one.name)}
                value={texts[one.name] ?? ""}
                onChange={(event) => setTexts({ ...texts, [one.name]: event.target.value })}
              />
            )}
            {faults.has(one.name) && <div className="fault">{faults.get(one.name)}</div>}
          </div>
        ))}
        <label className="check">
          <input type="checkbox" checked={isFresh} onChange={(event) => setFresh(event.target.checked)} />
          {t("run.fresh")}
        </label>
      </div>
    </Dialog>
  );
}

/** Parameters of the whole graph; a bare value in the file is a default that tells its type. */
function parametersOf(document: GraphDocument): Parameter[] {
  return Object.entries(document.parameters ?? {}).map(([name, body]) => {
    if (isObject(body)) return { ...(body as unknown as Parameter), name };
    const type = typeof body === "boolean" ? "bool" : typeof body === "number" ? (Number.isInteger(body) ? "int" : "float") : "string";
    return { name, type, default: body };
  });
}

function words(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

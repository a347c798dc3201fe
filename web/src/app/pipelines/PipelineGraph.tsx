import { useState } from "react";
import type { GraphDocument } from "../../graph/document";
import type { Json } from "../../graph/json";
import { isObject } from "../../graph/json";
import { wordsOf } from "../../graph/pipeline-parameters";
import { t } from "../../i18n/i18n";
import { RunGraph } from "../RunGraph";

/** As the files of graphs have them (core/graph_file.py, core/data_reference.py). */
const REF = "$parameter";
const PARAMETERS = "workspaceparameterstore";

/** The graph of a pipeline as it will run; nothing in it can be changed. */
export function PipelineGraph({ document }: { document: GraphDocument }) {
  const [chosen, setChosen] = useState<string>();
  return (
    <div className="stack-3">
      <div className="pipeline-graph">
        <RunGraph document={document} nodes={[]} chosen={chosen} onChoose={setChosen} onVisualize={() => undefined} />
      </div>
      {chosen ? <StepFacts document={document} node={chosen} /> : <p className="muted small">{t("pipelines.chooseStep")}</p>}
    </div>
  );
}

/** What a step is: its kind, its command, where it runs. */
function StepFacts({ document, node }: { document: GraphDocument; node: string }) {
  const body = document.nodes[node];
  if (!body) return null;
  const spec = document.modules?.[body.module ?? ""];
  const entry = spec?.entry as { argv?: Json[] } | undefined;
  const facts: [string, string][] = [];
  if (body.reference) {
    const { datastore, path } = body.reference;
    facts.push([t("pipelines.data"), datastore === PARAMETERS ? t("parameter.linked", { name: path }) : `${datastore}/${path}`]);
  }
  if (spec) facts.push([t("pipelines.kind"), spec.category]);
  if (entry?.argv) facts.push([t("pipelines.command"), entry.argv.map(argument).join(" ")]);
  if (body.compute) facts.push([t("nav.compute"), body.compute]);
  if (body.environment) facts.push([t("pane.environment"), body.environment]);
  for (const [name, value] of Object.entries(body.parameters ?? {})) {
    facts.push([name, isObject(value) && typeof value[REF] === "string" ? t("parameter.linked", { name: String(value[REF]) }) : wordsOf(value)]);
  }
  return (
    <section className="card stack" aria-label={body.title || node}>
      <h3>{body.title || node}</h3>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A word of a step's command: text, the path of a port, or the value of a parameter. */
function argument(word: Json): string {
  if (!isObject(word)) return String(word);
  return word.$kind === "PathOf" ? `<${String(word.port)}>` : `{${String(word.name)}}`;
}

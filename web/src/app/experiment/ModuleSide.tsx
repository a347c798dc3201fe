import { useId } from "react";
import { useColumns } from "../../api/queries";
import type { Draft } from "../../features/draft/useDraft";
import { NodePane } from "../../features/parameters/NodePane";
import { CodeEditor } from "../../features/script-editor/CodeEditor";
import { scriptFault } from "../../features/script-editor/fault";
import { inputsOf, specOf } from "../../graph/document";
import { setValue } from "../../graph/edits";
import type { Catalogue, Parameter } from "../../graph/module";
import { labelOf } from "../../graph/module";
import { t } from "../../i18n/i18n";
import { DocText } from "../../ui/DocText";
import { Button } from "../../ui/Button";
import { NodeResult } from "../NodeResult";
import { languageFor } from "../language";

interface Props {
  draft: Draft;
  catalogue: Catalogue;
  node: string;
  environments: string[];
  onEdit: (parameter: string) => void;
  onVisualize: (port: string) => void;
  onLog: () => void;
}

/** The pane of a chosen module. */
export function ModuleSide({ draft, catalogue, node, environments, onEdit, onVisualize, onLog }: Props) {
  const { document: graph, change } = draft;
  const port = inputsOf(graph, catalogue, node).find((one) => (one.accepts ?? ["Dataset"]).includes("Dataset"))?.name ?? "";
  const wantsColumns = specOf(graph, catalogue, node)?.parameters?.some((parameter) => parameter.type === "columns");
  const isLinked = port in (draft.saved.nodes[node]?.inputs ?? {});
  const columns = useColumns(draft.experiment?.id ?? "", node, wantsColumns && isLinked ? port : "", draft.experiment?.etag ?? "");
  const known = (columns.data?.columns ?? []).map(({ name, type }) => ({ name, type }));
  const language = specOf(graph, catalogue, node)?.entry.language;
  const run = draft.marks.get(node)?.status?.node_run;
  return (
    <NodePane
      document={graph}
      catalogue={catalogue}
      node={node}
      columns={known}
      isObserved={columns.data?.observed ?? false}
      isOff={false}
      environments={environments}
      onChange={change}
      script={(parameter: Parameter, text: string) => languageFor(parameter, language) === "text" ? (
        <PlainScript parameter={parameter} text={text} onOpen={() => onEdit(parameter.name)} onChange={(next) => change((now) => setValue(now, node, parameter.name, next === "" ? undefined : next), `value ${node} ${parameter.name}`)} />
      ) : (
        <div className="field">
          <div className="row">
            <span className="label grow">{labelOf(parameter)}</span>
            <Button small icon="enlarge" onClick={() => onEdit(parameter.name)}>
              {t("script.open")}
            </Button>
          </div>
          <div className="script-box">
            <CodeEditor
              text={text}
              label={labelOf(parameter)}
              language={languageFor(parameter, language)}
              fault={draft.marks.get(node)?.mark === "failed" ? scriptFault(run?.problem ?? undefined) : null}
              onChange={(next) => change((now) => setValue(now, node, parameter.name, next), `value ${node} ${parameter.name}`)}
              onRun={() => void draft.run([node])}
            />
          </div>
        </div>
      )}
    >
      <NodeResult mark={draft.marks.get(node)} onVisualize={onVisualize} onLog={onLog} />
    </NodePane>
  );
}

/** Text that is no program, such as typed rows or requirements. */
function PlainScript({ parameter, text, onOpen, onChange }: { parameter: Parameter; text: string; onOpen: () => void; onChange: (text: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <div className="row">
        <label htmlFor={id} className="grow">
          {labelOf(parameter)}
        </label>
        <Button small icon="enlarge" onClick={onOpen}>
          {t("script.open")}
        </Button>
      </div>
      <textarea id={id} className="area mono" rows={Math.min(8, Math.max(2, text.split("\n").length))} spellCheck={false} value={text} onChange={(event) => onChange(event.target.value)} />
      {parameter.doc && <div className="hint"><DocText text={parameter.doc} /></div>}
    </div>
  );
}

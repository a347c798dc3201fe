import type { Draft } from "../features/draft/useDraft";
import { faultText } from "../features/parameters/ParameterField";
import { titleOf } from "../graph/document";
import { setHead } from "../graph/edits";
import { isObject } from "../graph/json";
import type { Catalogue } from "../graph/module";
import { faultsOf } from "../graph/problems";
import { t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";

interface Props {
  draft: Draft;
  catalogue: Catalogue;
  chosen: number;
  onSelect: (node: string) => void;
}

/** The pane when no single box is chosen: the experiment itself, and what stands in the way of a run. */
export function ExperimentSide({ draft, catalogue, chosen, onSelect }: Props) {
  const { document: graph, change } = draft;
  const faults = faultsOf(graph, catalogue);
  const parameters = Object.entries(graph.parameters ?? {});
  return (
    <div className="pane">
      {chosen > 1 ? <h2>{t("studio.chosen", { count: chosen })}</h2> : <h2>{t("studio.experiment")}</h2>}
      <div className="field">
        <label htmlFor="summary">{t("studio.summary")}</label>
        <textarea
          id="summary"
          className="area"
          rows={4}
          value={graph.summary ?? ""}
          placeholder={t("studio.summaryHint")}
          onChange={(event) => change((now) => setHead(now, { summary: event.target.value }), "summary")}
        />
      </div>
      {parameters.length > 0 && (
        <section className="stack">
          <h3>{t("studio.parameters")}</h3>
          {parameters.map(([name, body]) => {
            const fallback = isObject(body) ? body.default : body;
            return (
              <div key={name} className="field">
                <label htmlFor={`parameter-${name}`}>{name}</label>
                <input
                  id={`parameter-${name}`}
                  className="input"
                  value={String(fallback ?? "")}
                  onChange={(event) =>
                    change(
                      (now) => ({
                        ...now,
                        parameters: {
                          ...now.parameters,
                          [name]: isObject(body)
                            ? { ...body, default: typed(event.target.value, body.type) }
                            : typed(event.target.value, typeof body),
                        },
                      }),
                      `parameter ${name}`,
                    )
                  }
                />
              </div>
            );
          })}
        </section>
      )}
      <section className="stack">
        <h3>{t("studio.todo")}</h3>
        {faults.length === 0 ? (
          <p className="muted">{Object.keys(graph.nodes).length ? t("studio.ready") : t("studio.empty")}</p>
        ) : (
          <ul className="stack">
            {faults.map((fault, place) => (
              <li key={place} className="note warn">
                <Icon name="warning" />
                <div>
                  <button type="button" className="link-button" onClick={() => onSelect(fault.node)}>
                    {titleOf(graph, fault.node)}
                  </button>
                  <div className="small">
                    {fault.kind === "port"
                      ? t("fault.port", { port: fault.port })
                      : fault.kind === "unknown"
                        ? t("fault.unknownModule", { module: fault.module })
                        : `${fault.label}: ${faultText(fault.fault)}`}
                  </div>
                </div>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function typed(text: string, type: unknown) {
  if ((type === "int" || type === "float" || type === "number") && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (type === "bool" || type === "boolean") return text === "true";
  return text;
}

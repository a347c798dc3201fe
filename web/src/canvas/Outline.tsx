import "./canvas.css";
import { inputsOf, linksOf, outputsOf, predecessorsOf, titleOf } from "../graph/document";
import type { GraphDocument, PortRef } from "../graph/document";
import { connect, disconnect } from "../graph/edits";
import { refuseJoin } from "../graph/joins";
import type { Catalogue } from "../graph/module";
import { t } from "../i18n/i18n";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { StateMark } from "../ui/StateMark";
import type { CanvasMark } from "./CanvasContext";

interface Props {
  document: GraphDocument;
  catalogue: Catalogue;
  marks: ReadonlyMap<string, CanvasMark>;
  faults: ReadonlyMap<string, string>;
  selection: ReadonlySet<string>;
  onSelect: (nodes: ReadonlySet<string>) => void;
  onChange: (make: (document: GraphDocument) => GraphDocument) => void;
  onNodeMenu: (node: string, at: { x: number; y: number }) => void;
  onOpen: (node: string) => void;
}

/** The graph as a table in the order of running: all that the canvas can do, without places. */
export function Outline({ document, catalogue, marks, faults, selection, onSelect, onChange, onNodeMenu, onOpen }: Props) {
  const order = ordered(document, catalogue);
  const links = linksOf(document, catalogue);
  return (
    <div className="outline">
      <div className="table-box">
        <table className="list" aria-label={t("outline.label")}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{t("outline.module")}</th>
              <th scope="col">{t("runs.state")}</th>
              <th scope="col">{t("outline.inputs")}</th>
              <th scope="col">{t("outline.outputs")}</th>
              <th scope="col">
                <span className="hidden-text">{t("ui.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {order.map((node, place) => {
              const mark = marks.get(node);
              const fault = faults.get(node);
              return (
                <tr key={node} aria-selected={selection.has(node)}>
                  <td className="muted">{place + 1}</td>
                  <td>
                    <button type="button" className="link-button" aria-current={selection.has(node)} onClick={() => onSelect(new Set([node]))}>
                      {titleOf(document, node)}
                    </button>
                    {document.nodes[node]?.comment && <div className="small muted">{document.nodes[node]?.comment}</div>}
                  </td>
                  <td>
                    {mark && <StateMark mark={mark.mark} />}
                    {fault && (
                      <div className="small row">
                        <Icon name="warning" size={13} /> {fault}
                      </div>
                    )}
                  </td>
                  <td>
                    {inputsOf(document, catalogue, node).map((port) => {
                      const to = { node, port: port.name };
                      const from = links.find((link) => link.target.node === node && link.target.port === port.name)?.source;
                      return (
                        <label key={port.name} className="field outline-link">
                          <span className="small muted">{port.name}</span>
                          <select
                            className="select"
                            value={from ? key(from) : ""}
                            onChange={(event) => {
                              const source = sources(document, catalogue, to).find((one) => key(one) === event.target.value);
                              onChange((now) => (source ? connect(now, catalogue, source, to) : disconnect(now, to)));
                            }}
                          >
                            <option value="">{t("outline.notLinked")}</option>
                            {sources(document, catalogue, to).map((source) => (
                              <option key={key(source)} value={key(source)}>
                                {titleOf(document, source.node)} · {source.port}
                              </option>
                            ))}
                          </select>
                        </label>
                      );
                    })}
                  </td>
                  <td className="small">
                    {outputsOf(document, catalogue, node)
                      .map((port) => port.name)
                      .join(", ")}
                  </td>
                  <td className="num">
                    <IconButton small icon="enlarge" label={t("outline.open", { name: titleOf(document, node) })} onClick={() => onOpen(node)} />
                    <IconButton
                      small
                      icon="more"
                      label={t("outline.menu", { name: titleOf(document, node) })}
                      onClick={(event) => {
                        const rect = event.currentTarget.getBoundingClientRect();
                        onSelect(new Set([node]));
                        onNodeMenu(node, { x: rect.left - 180, y: rect.bottom });
                      }}
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {order.length === 0 && <p className="muted">{t("canvas.emptyText")}</p>}
    </div>
  );
}

function key(ref: PortRef): string {
  return `${ref.node}\n${ref.port}`;
}

/** Every output that may be linked to a port. */
function sources(document: GraphDocument, catalogue: Catalogue, target: PortRef): PortRef[] {
  return Object.keys(document.nodes).flatMap((node) =>
    outputsOf(document, catalogue, node)
      .map((port) => ({ node, port: port.name }))
      .filter((source) => refuseJoin(document, catalogue, source, target) === null),
  );
}

/** Nodes behind all they depend on; the order of the file where nothing else decides. */
function ordered(document: GraphDocument, catalogue: Catalogue): string[] {
  const before = predecessorsOf(document, catalogue);
  const found: string[] = [];
  const left = new Set(before.keys());
  while (left.size) {
    const next = [...left].find((node) => [...(before.get(node) ?? [])].every((one) => !left.has(one))) ?? [...left][0];
    if (next === undefined) break;
    left.delete(next);
    found.push(next);
  }
  return found;
}

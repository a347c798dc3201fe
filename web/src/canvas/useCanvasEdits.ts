import type { Edge } from "@xyflow/react";
import { useCallback } from "react";
import type { GraphDocument, Link, PortRef } from "../graph/document";
import { outputsOf, titleOf } from "../graph/document";
import type { Place } from "../graph/edits";
import { addDataset, addModule, connect, disconnect, insertOnLink, removeNodes, removeServicePort } from "../graph/edits";
import { fittingInput, refuseJoin } from "../graph/joins";
import type { Catalogue } from "../graph/module";
import { t } from "../i18n/i18n";
import { SERVICE_IN, SERVICE_OUT } from "./boxes";
import type { Dragged } from "./dragged";

interface Given {
  document: GraphDocument;
  catalogue: Catalogue;
  datasets: { name: string; type: string }[];
  edges: Edge[];
  chosenEdges: ReadonlySet<string>;
  setChosenEdges: (edges: ReadonlySet<string>) => void;
  selection: ReadonlySet<string>;
  isLocked: boolean;
  onChange: (make: (document: GraphDocument) => GraphDocument, key?: string) => void;
  onSelect: (nodes: ReadonlySet<string>) => void;
  onSay: (words: string) => void;
}

/** What hands do to a graph on the canvas: join two ports, add a node, remove what is chosen; each is said. */
export function useCanvasEdits({ document, catalogue, datasets, edges, chosenEdges, setChosenEdges, selection, isLocked, onChange, onSelect, onSay }: Given) {
  const join = useCallback(
    (source: PortRef, target: PortRef) => {
      const refusal = refuseJoin(document, catalogue, source, target);
      if (refusal?.code === "G005") onSay(t("canvas.wrongType", { given: refusal.given, wanted: refusal.wanted }));
      else if (refusal?.code === "G003") onSay(t("canvas.loop"));
      else if (!refusal) {
        onChange((now) => connect(now, catalogue, source, target));
        onSay(t("canvas.linked", { from: titleOf(document, source.node), to: titleOf(document, target.node) }));
      }
    },
    [document, catalogue, onChange, onSay],
  );

  const add = useCallback(
    (dragged: Dragged, place: Place, onLink?: Link, from?: PortRef, side?: "in" | "out") => {
      let made = "";
      onChange((now) => {
        const spec = dragged.kind === "module" ? catalogue.find(dragged.name) : undefined;
        const type = datasets.find((one) => one.name === dragged.name)?.type ?? "Dataset";
        const [next, id] = spec ? addModule(now, spec, place) : addDataset(now, dragged.name, type, place);
        made = id;
        if (onLink) return insertOnLink(next, catalogue, onLink, id);
        if (from && side === "out") {
          const port = fittingInput(next, catalogue, from, id);
          return port ? connect(next, catalogue, from, { node: id, port }) : next;
        }
        if (from && side === "in") {
          const output = outputsOf(next, catalogue, id).find(
            (one) => refuseJoin(next, catalogue, { node: id, port: one.name }, from) === null,
          );
          return output ? connect(next, catalogue, { node: id, port: output.name }, from) : next;
        }
        return next;
      });
      // the id is known once the state is made: select it then
      requestAnimationFrame(() => made && onSelect(new Set([made])));
      onSay(t("canvas.added", { name: dragged.name }));
    },
    [catalogue, datasets, onChange, onSelect, onSay],
  );

  const removeChosen = useCallback(() => {
    if (isLocked) return;
    const links = edges.filter((edge) => chosenEdges.has(edge.id));
    if (!selection.size && !links.length) return;
    onChange((now) => {
      let next = now;
      for (const edge of links) {
        if (edge.source.startsWith(SERVICE_IN)) next = removeServicePort(next, "inputs", edge.source.slice(SERVICE_IN.length));
        else if (edge.target.startsWith(SERVICE_OUT)) next = removeServicePort(next, "outputs", edge.target.slice(SERVICE_OUT.length));
        else next = disconnect(next, { node: edge.target, port: edge.targetHandle ?? "" });
      }
      for (const id of selection) {
        if (id.startsWith(SERVICE_IN)) next = removeServicePort(next, "inputs", id.slice(SERVICE_IN.length));
        if (id.startsWith(SERVICE_OUT)) next = removeServicePort(next, "outputs", id.slice(SERVICE_OUT.length));
      }
      return removeNodes(next, catalogue, selection);
    });
    onSay(t("canvas.removed", { count: selection.size + links.length }));
    setChosenEdges(new Set());
    onSelect(new Set());
  }, [isLocked, edges, chosenEdges, setChosenEdges, selection, onChange, onSay, catalogue, onSelect]);

  return { join, add, removeChosen };
}

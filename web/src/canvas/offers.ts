import type { GraphDocument, PortRef } from "../graph/document";
import { downstreamOf, inputsOf, outputsOf, titleOf, upstreamOf } from "../graph/document";
import { addModule } from "../graph/edits";
import { fittingInput, refuseJoin, refuseTypes } from "../graph/joins";
import type { Catalogue } from "../graph/module";
import { t } from "../i18n/i18n";
import type { Choice } from "../ui/Pick";
import { portKey } from "./CanvasContext";

/** What may be joined to what is in the hand, and what the lists of the canvas offer. */

/** Ports of the other side that a link from this one may end in. */
export function fitsOf(document: GraphDocument, catalogue: Catalogue, from: PortRef, side: "in" | "out"): Set<string> {
  const fits = new Set<string>();
  // what lies before an output's node, or behind an input's, would close a loop: looked up once for all
  const looped = side === "out" ? upstreamOf(document, catalogue, from.node) : downstreamOf(document, catalogue, [from.node]);
  for (const node of Object.keys(document.nodes)) {
    if (looped.has(node)) continue;
    const ports = side === "out" ? inputsOf(document, catalogue, node) : outputsOf(document, catalogue, node);
    for (const { name } of ports) {
      const to = { node, port: name };
      const refusal = side === "out" ? refuseTypes(document, catalogue, from, to) : refuseTypes(document, catalogue, to, from);
      if (!refusal) fits.add(portKey(node, name));
    }
  }
  return fits;
}

/** What quick add offers; with a link in hand only what it may be joined to. */
export function addable(
  document: GraphDocument,
  catalogue: Catalogue,
  datasets: readonly { name: string; type: string }[],
  from?: PortRef,
  side?: "in" | "out",
): Choice[] {
  const modules = catalogue.modules.filter((spec) => {
    if (spec.category === "Internal") return false;
    if (!from) return true;
    const [next, id] = addModule(document, spec, [0, 0]);
    return side === "out"
      ? fittingInput(next, catalogue, from, id) !== undefined
      : outputsOf(next, catalogue, id).some((port) => refuseJoin(next, catalogue, { node: id, port: port.name }, from) === null);
  });
  const saved = side === "out" ? [] : datasets.filter((one) => !from || one.type === "Dataset");
  return [
    ...modules.map((spec) => ({
      key: `module\n${spec.name}`,
      title: spec.name,
      note: spec.category.split("/").at(-1),
      words: [...(spec.aliases ?? []), spec.doc ?? ""].join(" "),
    })),
    ...saved.map((one) => ({ key: `dataset\n${one.name}`, title: one.name, note: t("palette.saved") })),
  ];
}

/** Every link that may be drawn from or to a node. */
export function linkable(document: GraphDocument, catalogue: Catalogue, node: string): Choice[] {
  const found: Choice[] = [];
  const offer = (source: PortRef, target: PortRef) => {
    if (refuseJoin(document, catalogue, source, target)) return;
    found.push({
      key: [source.node, source.port, target.node, target.port].join("\n"),
      title: `${titleOf(document, source.node)} → ${titleOf(document, target.node)}`,
      note: `${source.port} → ${target.port}`,
    });
  };
  for (const other of Object.keys(document.nodes)) {
    if (other === node) continue;
    for (const output of outputsOf(document, catalogue, node)) {
      for (const input of inputsOf(document, catalogue, other)) offer({ node, port: output.name }, { node: other, port: input.name });
    }
    for (const output of outputsOf(document, catalogue, other)) {
      for (const input of inputsOf(document, catalogue, node)) offer({ node: other, port: output.name }, { node, port: input.name });
    }
  }
  return found;
}

import { isA } from "./data-type";
import type { GraphDocument, PortRef } from "./document";
import { downstreamOf, inputsOf, outputsOf, specOf } from "./document";
import type { Catalogue } from "./module";

/** Why a link may not be drawn, with the code of core/codes.py; nothing when it may. */
export type Refusal = { code: "G002" | "G003" | "G005"; given: string; wanted: string } | null;

/**
 * Whether a link from an output to an input may be drawn (core/graph_problems.py).
 *
 * A second link into a port is no refusal here: drawing it replaces the first.
 */
export function refuseJoin(document: GraphDocument, catalogue: Catalogue, source: PortRef, target: PortRef): Refusal {
  const refusal = refuseTypes(document, catalogue, source, target);
  if (refusal) return refusal;
  if (downstreamOf(document, catalogue, [target.node]).has(source.node)) {
    return { code: "G003", given: source.node, wanted: target.node };
  }
  return null;
}

/** Whether both ports are there and the input takes what the output gives; loops are not looked for. */
export function refuseTypes(document: GraphDocument, catalogue: Catalogue, source: PortRef, target: PortRef): Refusal {
  const made = outputsOf(document, catalogue, source.node).find((port) => port.name === source.port);
  const wanted = inputsOf(document, catalogue, target.node).find((port) => port.name === target.port);
  if (!made || !wanted) return { code: "G002", given: source.port, wanted: target.port };
  const given = made.type ?? "Dataset";
  const accepts = wanted.accepts ?? ["Dataset"];
  const isLoose = [source.node, target.node].some(
    (node) => specOf(document, catalogue, node)?.entry.$kind === "PlaceholderEntry",
  );
  if (!isLoose && !accepts.some((type) => isA(given, type))) {
    return { code: "G005", given, wanted: accepts.join(" or ") };
  }
  return null;
}

/** The first free input of a node that takes an output, else the first that does at all. */
export function fittingInput(
  document: GraphDocument,
  catalogue: Catalogue,
  source: PortRef,
  node: string,
): string | undefined {
  const taken = new Set(Object.keys(document.nodes[node]?.inputs ?? {}));
  const fitting = inputsOf(document, catalogue, node)
    .map((port) => port.name)
    .filter((port) => refuseJoin(document, catalogue, source, { node, port }) === null);
  return fitting.find((port) => !taken.has(port)) ?? fitting[0];
}

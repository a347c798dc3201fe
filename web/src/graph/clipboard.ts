import type { GraphDocument, NodeBody } from "./document";
import { linksOf, writeRef } from "./document";
import type { Place } from "./edits";
import { freeId } from "./edits";
import { isObject } from "./json";
import type { Catalogue } from "./module";

/** Chosen nodes with the links among them, as the text of a small graph document. */
export function copyText(document: GraphDocument, catalogue: Catalogue, chosen: ReadonlySet<string>): string {
  const nodes: Record<string, NodeBody> = {};
  for (const [id, body] of Object.entries(document.nodes)) {
    if (!chosen.has(id)) continue;
    const inside = linksOf(document, catalogue).filter(
      (link) => link.target.node === id && chosen.has(link.source.node),
    );
    const { inputs: _, after: __, ...rest } = body;
    const inputs = Object.fromEntries(
      inside.map((link) => [link.target.port, writeRef(document, catalogue, link.source)]),
    );
    nodes[id] = inside.length ? { ...rest, inputs } : rest;
  }
  return JSON.stringify({ schema_version: 1, nodes }, null, 2);
}

/** Whether the text is a graph document that can be pasted. */
export function pastable(text: string): GraphDocument | null {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && value.schema_version === 1 && isObject(value.nodes)) {
      return value as unknown as GraphDocument;
    }
  } catch {
    // any other text on the clipboard is not ours
  }
  return null;
}

/** Put copied nodes into a document, moved by an offset and under ids of their own. */
export function paste(
  document: GraphDocument,
  catalogue: Catalogue,
  copied: GraphDocument,
  offset: Place,
): [GraphDocument, string[]] {
  const names = new Map<string, string>();
  let next = document;
  for (const [id, body] of Object.entries(copied.nodes)) {
    const fresh = freeId(next, id);
    names.set(id, fresh);
    const [x, y] = body.position ?? [0, 0];
    const { inputs: _, ...rest } = body;
    next = { ...next, nodes: { ...next.nodes, [fresh]: { ...rest, position: [x + offset[0], y + offset[1]] } } };
  }
  for (const link of linksOf(copied, catalogue)) {
    const source = names.get(link.source.node);
    const target = names.get(link.target.node);
    const body = target && next.nodes[target];
    if (!source || !target || !body) continue;
    const text = writeRef(next, catalogue, { node: source, port: link.source.port });
    const inputs = { ...body.inputs, [link.target.port]: text };
    next = { ...next, nodes: { ...next.nodes, [target]: { ...body, inputs } } };
  }
  return [next, [...names.values()]];
}

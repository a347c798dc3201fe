import type { GraphDocument, NodeBody } from "./document";
import { downstreamOf } from "./document";
import { sameJson } from "./json";
import type { Catalogue } from "./module";

/** Nodes whose results no longer hold: changed since `base`, or behind one that was (studio.md 4.2). */
export function changedNodes(base: GraphDocument, now: GraphDocument, catalogue: Catalogue): Set<string> {
  const changed = Object.entries(now.nodes)
    .filter(([id, body]) => !sameJson(meaning(base.nodes[id]), meaning(body)))
    .map(([id]) => id);
  return downstreamOf(now, catalogue, changed);
}

/** Comments, titles and places do not change what a node does. */
function meaning(body: NodeBody | undefined): unknown {
  if (!body) return null;
  const { comment: _, title: __, position: ___, ...rest } = body;
  return rest;
}

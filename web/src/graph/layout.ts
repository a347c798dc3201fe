import { Graph, layout } from "@dagrejs/dagre";
import type { GraphDocument } from "./document";
import { inputsOf, linksOf } from "./document";
import type { Place } from "./edits";
import type { Catalogue } from "./module";

export const NODE_WIDTH = 224;
export const NODE_HEIGHT = 56;

/** Places for every node, from the data above to the results below. */
export function tidyPlaces(document: GraphDocument, catalogue: Catalogue): Map<string, Place> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 40, ranksep: 56, marginx: 40, marginy: 40 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of Object.keys(document.nodes)) {
    graph.setNode(node, { width: NODE_WIDTH, height: NODE_HEIGHT });
  }
  // links in the order of the ports, so that what enters on the left stands on the left
  for (const node of Object.keys(document.nodes)) {
    const order = inputsOf(document, catalogue, node).map((port) => port.name);
    const entering = linksOf(document, catalogue).filter((link) => link.target.node === node);
    entering.sort((one, other) => order.indexOf(one.target.port) - order.indexOf(other.target.port));
    for (const link of entering) {
      if (link.source.node in document.nodes) graph.setEdge(link.source.node, node, {}, link.target.port);
    }
  }
  layout(graph);
  const places = new Map<string, Place>();
  for (const node of Object.keys(document.nodes)) {
    const { x, y } = graph.node(node) as { x: number; y: number };
    places.set(node, [Math.round(x - NODE_WIDTH / 2), Math.round(y - NODE_HEIGHT / 2)]);
  }
  return places;
}

/** Places of the nodes as they are; those that have none get one of a tidy layout. */
export function placesOf(document: GraphDocument, catalogue: Catalogue): Map<string, Place> {
  const bodies = Object.entries(document.nodes);
  const known = bodies.filter(([, body]) => body.position);
  if (known.length === bodies.length) return new Map(known.map(([id, body]) => [id, body.position as Place]));
  const tidy = tidyPlaces(document, catalogue);
  const lowest = Math.max(0, ...known.map(([, body]) => (body.position?.[1] ?? 0) + 120));
  const shift = known.length ? lowest : 0;
  return new Map(
    bodies.map(([id, body]) => {
      const [x, y] = tidy.get(id) ?? [0, 0];
      return [id, body.position ?? [x, y + shift]];
    }),
  );
}

/** Under the chosen box, else under all of them. */
export function placeFor(places: ReadonlyMap<string, Place>, chosen: string | undefined): Place {
  const below = chosen ? places.get(chosen) : undefined;
  let place: Place = below ? [below[0], below[1] + 110] : [120, 80];
  const all = [...places.values()];
  const isTaken = ([x, y]: Place) => all.some(([left, top]) => Math.abs(left - x) < 230 && Math.abs(top - y) < 64);
  while (isTaken(place)) place = below ? [place[0] + 256, place[1]] : [place[0], place[1] + 110];
  return place;
}

import type { Edge } from "@xyflow/react";
import { familyOf } from "../graph/data-type";
import type { GraphDocument, Link } from "../graph/document";
import { linksOf, outputsOf, serviceInputs, serviceOutputs } from "../graph/document";
import type { Place } from "../graph/edits";
import { NODE_HEIGHT, NODE_WIDTH } from "../graph/layout";
import type { Catalogue } from "../graph/module";
import type { BoxNode } from "./ModuleNode";
import type { ServiceBox } from "./ServiceNode";

/** What React Flow draws of a graph: a box for each node and each web service port, a line for each link. */

export const SERVICE_IN = "service input ";
export const SERVICE_OUT = "service output ";

export type CanvasNode = BoxNode | ServiceBox;

export function boxesOf(document: GraphDocument, catalogue: Catalogue, places: ReadonlyMap<string, Place>): CanvasNode[] {
  const boxes: CanvasNode[] = Object.keys(document.nodes).map((id) => {
    const [x, y] = places.get(id) ?? [0, 0];
    return { id, type: "box", position: { x, y }, data: {} };
  });
  const taken = new Map(places);
  const put = (side: "inputs" | "outputs", name: string, beside: string, by: Place) => {
    const [x, y] = places.get(beside) ?? [0, 0];
    const [left, top] = freePlace([x + by[0], y + by[1]], taken, side === "inputs" ? -1 : 1);
    const id = (side === "inputs" ? SERVICE_IN : SERVICE_OUT) + name;
    taken.set(id, [left, top]);
    boxes.push({ id, type: "service", position: { x: left, y: top }, data: { side, name }, draggable: false });
  };
  for (const { name, targets } of serviceInputs(document)) put("inputs", name, targets[0]?.node ?? "", [-NODE_WIDTH - 32, -100]);
  for (const { name, source } of serviceOutputs(document, catalogue)) put("outputs", name, source.node, [0, 110]);
  return boxes;
}

export function edgesOf(document: GraphDocument, catalogue: Catalogue, chosen: ReadonlySet<string>): Edge[] {
  const found: Edge[] = linksOf(document, catalogue).map(({ source, target }) => {
    const id = `${source.node}\n${source.port}\n${target.node}\n${target.port}`;
    const type = outputsOf(document, catalogue, source.node).find((port) => port.name === source.port)?.type ?? "Dataset";
    return {
      id,
      source: source.node,
      sourceHandle: source.port,
      target: target.node,
      targetHandle: target.port,
      selected: chosen.has(id),
      className: familyOf(type),
      interactionWidth: 18,
    };
  });
  for (const { name, targets } of serviceInputs(document)) {
    for (const target of targets) {
      const id = `${SERVICE_IN}${name}\n${target.node}\n${target.port}`;
      found.push({ id, source: SERVICE_IN + name, sourceHandle: "out", target: target.node, targetHandle: target.port, className: "service", selected: chosen.has(id) });
    }
  }
  for (const { name, source } of serviceOutputs(document, catalogue)) {
    const id = `${SERVICE_OUT}${name}`;
    found.push({ id, source: source.node, sourceHandle: source.port, target: SERVICE_OUT + name, targetHandle: "in", className: "service", selected: chosen.has(id) });
  }
  return found;
}

/** The link that is drawn at a place of the window; those of web service ports do not count. */
export function linkUnder(x: number, y: number, edges: Edge[]): Link | undefined {
  for (const element of window.document.elementsFromPoint(x, y)) {
    const id = element.closest(".react-flow__edge")?.getAttribute("data-id");
    const edge = edges.find((one) => one.id === id);
    if (edge && !edge.source.startsWith(SERVICE_IN) && !edge.target.startsWith(SERVICE_OUT)) {
      return {
        source: { node: edge.source, port: edge.sourceHandle ?? "" },
        target: { node: edge.target, port: edge.targetHandle ?? "" },
      };
    }
  }
  return undefined;
}

/** The place, or the next one beside it that no other box covers. */
export function freePlace([x, y]: Place, places: ReadonlyMap<string, Place>, way: 1 | -1 = 1): Place {
  const isTaken = (at: Place) =>
    [...places.values()].some(([left, top]) => Math.abs(left - at[0]) < NODE_WIDTH + 8 && Math.abs(top - at[1]) < NODE_HEIGHT + 8);
  let place: Place = [x, y];
  while (isTaken(place)) place = [place[0] + way * (NODE_WIDTH + 32), place[1]];
  return place;
}

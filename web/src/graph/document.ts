import type { Json } from "./json";
import { isObject } from "./json";
import type { Catalogue, InputPort, ModuleSpec, OutputPort } from "./module";

/**
 * The file form of a graph (docs/graph-files.md), which is also what the canvas edits.
 * Values are never changed in place: every edit gives a new document that shares what stayed.
 */
export interface GraphDocument {
  schema_version: 1;
  name?: string;
  summary?: string;
  parameters?: Record<string, Json>;
  modules?: Record<string, ModuleSpec>;
  nodes: Record<string, NodeBody>;
  inputs?: Record<string, ServiceInput | string | string[]>;
  outputs?: Record<string, string>;
}

export interface NodeBody {
  module?: string;
  version?: string;
  title?: string;
  parameters?: Record<string, Json>;
  inputs?: Record<string, LinkBody | LinkBody[]>;
  outputs?: Record<string, string>;
  after?: string[];
  compute?: string;
  environment?: string;
  reuse?: boolean;
  disabled?: boolean;
  dataset?: string | { name: string; version?: number };
  reference?: { datastore: string; path: string };
  type?: string;
  comment?: string;
  position?: [number, number];
}

export type LinkBody = string | { from: string; [staging: string]: Json };

export interface ServiceInput {
  targets: string[];
  type?: string;
}

export interface PortRef {
  node: string;
  port: string;
}

export interface Link {
  source: PortRef;
  target: PortRef;
}

export const EMPTY: GraphDocument = { schema_version: 1, nodes: {} };

/** The one output of a data node. */
export const DATA_PORT = "data";

/** The definition of a module node; data nodes and unknown modules have none. */
export function specOf(document: GraphDocument, catalogue: Catalogue, node: string): ModuleSpec | undefined {
  const body = document.nodes[node];
  if (!body?.module) return undefined;
  return document.modules?.[body.module] ?? catalogue.find(body.module, body.version);
}

/** Output ports of a node in order: its definition's, then those the node declares itself. */
export function outputsOf(document: GraphDocument, catalogue: Catalogue, node: string): OutputPort[] {
  const body = document.nodes[node];
  if (!body) return [];
  if (!body.module) return [{ name: DATA_PORT, type: body.type ?? "Dataset" }];
  const own = Object.entries(body.outputs ?? {}).map(([name, type]) => ({ name, type }));
  return [...(specOf(document, catalogue, node)?.outputs ?? []), ...own];
}

/** Input ports of a node in order. */
export function inputsOf(document: GraphDocument, catalogue: Catalogue, node: string): InputPort[] {
  return specOf(document, catalogue, node)?.inputs ?? [];
}

/** What a node is called on the canvas. */
export function titleOf(document: GraphDocument, node: string): string {
  const body = document.nodes[node];
  if (!body) return node;
  return body.title || body.module || datasetName(body) || node;
}

/** The dataset a data node stands for, or where its reference points. */
export function datasetName(body: NodeBody): string {
  if (typeof body.dataset === "string") return body.dataset;
  if (body.dataset) return body.dataset.name;
  return body.reference ? body.reference.path || body.reference.datastore : "";
}

/** Read `node` (its first output) or `node.port`; ids may hold dots, so the longest id that fits wins. */
export function readRef(document: GraphDocument, catalogue: Catalogue, text: string): PortRef {
  if (text in document.nodes) {
    const first = outputsOf(document, catalogue, text)[0];
    return { node: text, port: first?.name ?? DATA_PORT };
  }
  return readPort(document, text);
}

/** Read `node.port`, where the port is always named. */
export function readPort(document: GraphDocument, text: string): PortRef {
  for (let dot = text.lastIndexOf("."); dot > 0; dot = text.lastIndexOf(".", dot - 1)) {
    if (text.slice(0, dot) in document.nodes) return { node: text.slice(0, dot), port: text.slice(dot + 1) };
  }
  const dot = text.indexOf(".");
  return dot < 0 ? { node: text, port: DATA_PORT } : { node: text.slice(0, dot), port: text.slice(dot + 1) };
}

/** The written form of an output: `node` where its first port is meant, else `node.port`. */
export function writeRef(document: GraphDocument, catalogue: Catalogue, ref: PortRef): string {
  const first = outputsOf(document, catalogue, ref.node)[0];
  return first?.name === ref.port ? ref.node : `${ref.node}.${ref.port}`;
}

/** Every link, in the order of the file. */
export function linksOf(document: GraphDocument, catalogue: Catalogue): Link[] {
  const found: Link[] = [];
  for (const [node, body] of Object.entries(document.nodes)) {
    for (const [port, sources] of Object.entries(body.inputs ?? {})) {
      for (const source of Array.isArray(sources) ? sources : [sources]) {
        const text = isObject(source) ? String(source.from) : String(source);
        found.push({ source: readRef(document, catalogue, text), target: { node, port } });
      }
    }
  }
  return found;
}

/** Web service inputs with the ports they feed. */
export function serviceInputs(document: GraphDocument): { name: string; targets: PortRef[]; type: string }[] {
  return Object.entries(document.inputs ?? {}).map(([name, body]) => {
    const targets = typeof body === "string" ? [body] : Array.isArray(body) ? body : body.targets;
    const type = isObject(body) ? String((body as unknown as ServiceInput).type ?? "Dataset") : "Dataset";
    return { name, targets: targets.map((text) => readPort(document, text)), type };
  });
}

/** Web service outputs with the ports they hand back. */
export function serviceOutputs(document: GraphDocument, catalogue: Catalogue): { name: string; source: PortRef }[] {
  return Object.entries(document.outputs ?? {}).map(([name, text]) => ({
    name,
    source: readRef(document, catalogue, text),
  }));
}

/** Nodes with the nodes that must end before them. */
export function predecessorsOf(document: GraphDocument, catalogue: Catalogue): Map<string, Set<string>> {
  const before = new Map<string, Set<string>>(Object.keys(document.nodes).map((node) => [node, new Set()]));
  for (const link of linksOf(document, catalogue)) before.get(link.target.node)?.add(link.source.node);
  for (const [node, body] of Object.entries(document.nodes)) {
    for (const first of body.after ?? []) before.get(node)?.add(first);
  }
  return before;
}

/** Modules that are switched off, and all that is behind one. */
export function disabledNodes(document: GraphDocument, catalogue: Catalogue): Set<string> {
  const off = Object.entries(document.nodes).flatMap(([node, body]) => (body.disabled ? [node] : []));
  return off.length ? downstreamOf(document, catalogue, off) : new Set();
}

/** A node and everything it depends on. */
export function upstreamOf(document: GraphDocument, catalogue: Catalogue, node: string): Set<string> {
  const before = predecessorsOf(document, catalogue);
  const found = new Set<string>();
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(before.get(next) ?? []));
  }
  return found;
}

/** The given nodes and everything that depends on them. */
export function downstreamOf(document: GraphDocument, catalogue: Catalogue, nodes: Iterable<string>): Set<string> {
  const after = new Map<string, string[]>();
  for (const [node, before] of predecessorsOf(document, catalogue)) {
    for (const first of before) after.set(first, [...(after.get(first) ?? []), node]);
  }
  const found = new Set<string>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    waiting.push(...(after.get(node) ?? []));
  }
  return found;
}

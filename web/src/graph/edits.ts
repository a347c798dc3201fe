import type { GraphDocument, Link, NodeBody, PortRef, ServiceInput } from "./document";
import { linksOf, outputsOf, readPort, serviceInputs, writeRef } from "./document";
import { fittingInput, refuseJoin } from "./joins";
import type { Json } from "./json";
import { isObject } from "./json";
import type { Catalogue, ModuleSpec } from "./module";

/** Edits of a document: each gives a new one and leaves the old one as it was. */

export type Place = [number, number];

/** A node id that is still free: `split-data`, `split-data-2`, ... */
export function freeId(document: GraphDocument, wish: string): string {
  const base = wish.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "node";
  if (!(base in document.nodes)) return base;
  for (let number = 2; ; number += 1) {
    if (!(`${base}-${number}` in document.nodes)) return `${base}-${number}`;
  }
}

/** A new module node; its id comes with it. */
export function addModule(document: GraphDocument, spec: ModuleSpec, position: Place): [GraphDocument, string] {
  const id = freeId(document, spec.name);
  return [withNode(document, id, { module: spec.name, position: rounded(position) }), id];
}

/** A new data node of a saved dataset. */
export function addDataset(
  document: GraphDocument,
  name: string,
  type: string,
  position: Place,
): [GraphDocument, string] {
  const id = freeId(document, name);
  const body: NodeBody = { dataset: name, position: rounded(position) };
  if (type !== "Dataset") body.type = type;
  return [withNode(document, id, body), id];
}

/** Remove nodes with all that refers to them. */
export function removeNodes(document: GraphDocument, catalogue: Catalogue, gone: ReadonlySet<string>): GraphDocument {
  const links = linksOf(document, catalogue).filter((link) => gone.has(link.source.node));
  let next = links.reduce((sofar, link) => disconnect(sofar, link.target), document);
  const nodes: Record<string, NodeBody> = {};
  for (const [id, body] of Object.entries(next.nodes)) {
    if (gone.has(id)) continue;
    const after = body.after?.filter((first) => !gone.has(first));
    nodes[id] = body.after && after?.length !== body.after.length ? tidy({ ...body, after }) : body;
  }
  next = { ...next, nodes };
  const inputs: Record<string, ServiceInput> = {};
  for (const { name, targets, type } of serviceInputs(document)) {
    const left = targets.filter((ref) => !gone.has(ref.node));
    if (left.length) inputs[name] = written(left, type);
  }
  const outputs = Object.fromEntries(
    Object.entries(document.outputs ?? {}).filter(([, text]) => {
      const node = text in document.nodes ? text : readPort(document, text).node;
      return !gone.has(node);
    }),
  );
  return tidyTop({ ...next, inputs, outputs });
}

/** Draw a link; one that enters the port already is replaced. */
export function connect(
  document: GraphDocument,
  catalogue: Catalogue,
  source: PortRef,
  target: PortRef,
): GraphDocument {
  const body = document.nodes[target.node];
  if (!body || refuseJoin(document, catalogue, source, target)) return document;
  const inputs = { ...body.inputs, [target.port]: writeRef(document, catalogue, source) };
  return withNode(document, target.node, { ...body, inputs });
}

/** Take away what enters a port. */
export function disconnect(document: GraphDocument, target: PortRef): GraphDocument {
  const body = document.nodes[target.node];
  if (!body?.inputs || !(target.port in body.inputs)) return document;
  const { [target.port]: _, ...inputs } = body.inputs;
  return withNode(document, target.node, tidy({ ...body, inputs }));
}

/** Put a node into a link: its first fitting input and output take the link's ends. */
export function insertOnLink(document: GraphDocument, catalogue: Catalogue, link: Link, node: string): GraphDocument {
  const port = fittingInput(document, catalogue, link.source, node);
  if (!port || node === link.source.node || node === link.target.node) return document;
  const joined = connect(document, catalogue, link.source, { node, port });
  const output = outputsOf(joined, catalogue, node).find(
    (one) => refuseJoin(disconnect(joined, link.target), catalogue, { node, port: one.name }, link.target) === null,
  );
  if (!output) return document;
  return connect(disconnect(joined, link.target), catalogue, { node, port: output.name }, link.target);
}

/** Give a parameter a value; `undefined` sets it back to its default. */
export function setValue(document: GraphDocument, node: string, name: string, value: Json | undefined): GraphDocument {
  const body = document.nodes[node];
  if (!body) return document;
  const { [name]: _, ...rest } = body.parameters ?? {};
  const parameters = value === undefined ? rest : { ...body.parameters, [name]: value };
  return withNode(document, node, tidy({ ...body, parameters }));
}

/** Change plain fields of a node; empty ones disappear from the file. */
export function setFields(document: GraphDocument, node: string, fields: Partial<NodeBody>): GraphDocument {
  const body = document.nodes[node];
  return body ? withNode(document, node, tidy({ ...body, ...fields })) : document;
}

/** Switch modules off or on; what is off is neither run nor checked. */
export function setDisabled(document: GraphDocument, which: ReadonlySet<string>, isOff: boolean): GraphDocument {
  const modules = [...which].filter((node) => document.nodes[node]?.module);
  return modules.reduce((sofar, node) => setFields(sofar, node, { disabled: isOff || undefined }), document);
}

/** Put nodes somewhere else. */
export function moveNodes(document: GraphDocument, places: ReadonlyMap<string, Place>): GraphDocument {
  const nodes = { ...document.nodes };
  for (const [id, place] of places) {
    const body = nodes[id];
    if (body) nodes[id] = { ...body, position: rounded(place) };
  }
  return { ...document, nodes };
}

/** Name and summary of the experiment. */
export function setHead(document: GraphDocument, head: { name?: string; summary?: string }): GraphDocument {
  return tidyTop({ ...document, ...head });
}

/** Add a web service input in front of a port; the name is `input1`, `input2`, ... (studio.md 4.4). */
export function addServiceInput(document: GraphDocument, target: PortRef, type: string): GraphDocument {
  const name = freeName("input", Object.keys(document.inputs ?? {}));
  return { ...document, inputs: { ...document.inputs, [name]: written([target], type) } };
}

/** Add a web service output behind a port. */
export function addServiceOutput(document: GraphDocument, catalogue: Catalogue, source: PortRef): GraphDocument {
  const name = freeName("output", Object.keys(document.outputs ?? {}));
  return { ...document, outputs: { ...document.outputs, [name]: writeRef(document, catalogue, source) } };
}

/** Take a web service port away. */
export function removeServicePort(document: GraphDocument, side: "inputs" | "outputs", name: string): GraphDocument {
  const { [name]: _, ...rest } = (document[side] ?? {}) as Record<string, unknown>;
  return tidyTop({ ...document, [side]: rest } as GraphDocument);
}

/** Let a value come from a parameter of the whole graph, made for it (studio.md 4.4: name, name1, name2). */
export function makeGraphParameter(
  document: GraphDocument,
  node: string,
  parameter: { name: string; label?: string; type?: string; choices?: string[] },
  value: Json,
): GraphDocument {
  const known = Object.keys(document.parameters ?? {});
  const wish = parameter.label || parameter.name;
  let name = wish;
  for (let number = 1; known.includes(name); number += 1) name = `${wish}${number}`;
  const body: Record<string, Json> = { type: parameter.type ?? "string" };
  if (value !== null && value !== undefined) body.default = value;
  if (parameter.choices?.length) body.choices = parameter.choices;
  const next = { ...document, parameters: { ...document.parameters, [name]: body } };
  return setValue(next, node, parameter.name, { $parameter: name });
}

/** The graph parameter that a value is taken from, if it is. */
export function parameterRef(value: Json | undefined): string | undefined {
  return isObject(value) && typeof value.$parameter === "string" ? value.$parameter : undefined;
}

/** Take a link to a graph parameter away; the parameter goes too when nothing else uses it. */
export function dropGraphParameter(document: GraphDocument, node: string, name: string): GraphDocument {
  const used = parameterRef(document.nodes[node]?.parameters?.[name]);
  if (!used) return document;
  const declared = document.parameters?.[used];
  const fallback = isObject(declared) ? declared.default : declared;
  const next = setValue(document, node, name, fallback);
  const isUsed = Object.values(next.nodes).some((body) =>
    Object.values(body.parameters ?? {}).some((value) => parameterRef(value) === used),
  );
  if (isUsed) return next;
  const { [used]: _, ...parameters } = next.parameters ?? {};
  return tidyTop({ ...next, parameters });
}

function withNode(document: GraphDocument, id: string, body: NodeBody): GraphDocument {
  return { ...document, nodes: { ...document.nodes, [id]: body } };
}

function written(targets: PortRef[], type: string): ServiceInput {
  const body: ServiceInput = { targets: targets.map((ref) => `${ref.node}.${ref.port}`) };
  return type === "Dataset" ? body : { ...body, type };
}

function freeName(base: string, known: string[]): string {
  for (let number = 1; ; number += 1) if (!known.includes(`${base}${number}`)) return `${base}${number}`;
}

function rounded([x, y]: Place): Place {
  return [Math.round(x), Math.round(y)];
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

function tidy(body: NodeBody): NodeBody {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !isEmpty(value))) as NodeBody;
}

function tidyTop(document: GraphDocument): GraphDocument {
  return Object.fromEntries(
    Object.entries(document).filter(([key, value]) => key === "nodes" || !isEmpty(value)),
  ) as unknown as GraphDocument;
}

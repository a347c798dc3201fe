import type { GraphDocument } from "./document";
import { disabledNodes, inputsOf, linksOf, serviceInputs, specOf } from "./document";
import type { Catalogue } from "./module";
import { labelOf } from "./module";
import type { Fault } from "./values";
import { faultOf, isShown } from "./values";

/** What stands in the way of a run and is known without asking the server, which checks everything again. */
export type NodeFault =
  | { kind: "port"; node: string; port: string }
  | { kind: "value"; node: string; parameter: string; label: string; fault: Fault }
  | { kind: "unknown"; node: string; module: string };

export function faultsOf(document: GraphDocument, catalogue: Catalogue): NodeFault[] {
  const found: NodeFault[] = [];
  const taken = new Set(linksOf(document, catalogue).map((link) => `${link.target.node}\n${link.target.port}`));
  for (const input of serviceInputs(document)) {
    for (const ref of input.targets) taken.add(`${ref.node}\n${ref.port}`);
  }
  const off = disabledNodes(document, catalogue);
  for (const [node, body] of Object.entries(document.nodes)) {
    if (!body.module || off.has(node)) continue;
    const spec = specOf(document, catalogue, node);
    if (!spec || spec.entry.$kind === "PlaceholderEntry") {
      found.push({ kind: "unknown", node, module: body.module });
      continue;
    }
    for (const port of inputsOf(document, catalogue, node)) {
      if (port.required !== false && !taken.has(`${node}\n${port.name}`)) {
        found.push({ kind: "port", node, port: port.name });
      }
    }
    const parameters = spec.parameters ?? [];
    for (const parameter of parameters) {
      if (!isShown(parameters, parameter, body.parameters ?? {})) continue;
      const fault = faultOf(parameter, body.parameters?.[parameter.name]);
      if (fault) found.push({ kind: "value", node, parameter: parameter.name, label: labelOf(parameter), fault });
    }
  }
  return found;
}

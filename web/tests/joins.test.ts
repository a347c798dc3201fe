import { describe, expect, test } from "vitest";
import vectors from "../../tests/vectors/joins.json";
import type { GraphDocument } from "../src/graph/document";
import { readRef } from "../src/graph/document";
import { fittingInput, refuseJoin } from "../src/graph/joins";
import type { ModuleSpec } from "../src/graph/module";
import { Catalogue } from "../src/graph/module";
import { BOX, catalogue, story } from "./samples";

// the same cases as tests/core/test_joins.py

const entry = { $kind: "FunctionEntry" };

describe("a link", () => {
  test.each(vectors.types)("of $given into $wanted fits: $fits", ({ given, wanted, fits }) => {
    const palette = new Catalogue([
      { ...BOX, name: "Gives", inputs: [], outputs: [{ name: "Out", type: given }] },
      { ...BOX, name: "Takes", inputs: [{ name: "In", accepts: wanted }], outputs: [] },
    ]);
    const document: GraphDocument = { schema_version: 1, nodes: { gives: { module: "Gives" }, takes: { module: "Takes" } } };
    const refusal = refuseJoin(document, palette, { node: "gives", port: "Out" }, { node: "takes", port: "In" });
    expect(refusal?.code !== "G005").toBe(fits);
  });

  test.each(vectors.loops)("$drawn behind $links loops: $loops", ({ nodes, links, drawn, loops }) => {
    const many: ModuleSpec = {
      ...BOX,
      name: "Many",
      entry,
      inputs: Array.from({ length: 5 }, (_, place) => ({ name: `In${place}`, required: false })),
    };
    const document: GraphDocument = { schema_version: 1, nodes: Object.fromEntries(nodes.map((name) => [name, { module: "Many" }])) };
    links.forEach(([source = "", target = ""], place) => {
      const body = document.nodes[target];
      if (body) body.inputs = { ...body.inputs, [`In${place}`]: source };
    });
    const [from = "", to = ""] = drawn;
    const refusal = refuseJoin(document, new Catalogue([many]), { node: from, port: "First" }, { node: to, port: "In4" });
    expect(refusal?.code === "G003").toBe(loops);
  });

  test("to a port that is not there is refused", () => {
    const refusal = refuseJoin(story(), catalogue, { node: "rows", port: "data" }, { node: "split", port: "Nothing" });
    expect(refusal?.code).toBe("G002");
  });

  test("goes to the first free input that fits", () => {
    const rows = { node: "rows", port: "data" };
    expect(fittingInput({ ...story(), nodes: { ...story().nodes, fresh: { module: "Execute Python Script" } } }, catalogue, rows, "fresh")).toBe("Dataset1");
    expect(fittingInput(story(), catalogue, rows, "script")).toBe("Dataset1");
  });
});

test.each(vectors.references)("the reference $text leads to $node and $port", ({ nodes, text, node, port }) => {
  const document: GraphDocument = { schema_version: 1, nodes: Object.fromEntries(nodes.map((name) => [name, { module: "Box" }])) };
  expect(readRef(document, catalogue, text)).toEqual({ node, port });
});

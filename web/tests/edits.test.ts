import { describe, expect, test } from "vitest";
import { disabledNodes, linksOf, specOf } from "../src/graph/document";
import * as edits from "../src/graph/edits";
import { faultsOf } from "../src/graph/problems";
import { changedNodes } from "../src/graph/stale";
import { SCRIPT, SPLIT, catalogue, story } from "./samples";

describe("edits", () => {
  test("leave the document they are given as it was", () => {
    const before = story();
    const kept = JSON.stringify(before);
    edits.removeNodes(before, catalogue, new Set(["split"]));
    edits.connect(before, catalogue, { node: "rows", port: "data" }, { node: "script", port: "Dataset1" });
    edits.setValue(before, "split", "Random seed", 3);
    edits.moveNodes(before, new Map([["rows", [5, 5]]]));
    expect(JSON.stringify(before)).toBe(kept);
  });

  test("give a second module of a kind an id of its own", () => {
    const [one, first] = edits.addModule(story(), SPLIT, [1, 2]);
    const [two, second] = edits.addModule(one, SPLIT, [1, 2]);
    expect([first, second]).toEqual(["split-data", "split-data-2"]);
    expect(specOf(two, catalogue, second)).toBe(SPLIT);
  });

  test("name the port in a link only where it is not the first", () => {
    const made = edits.connect(story(), catalogue, { node: "split", port: "Results dataset2" }, { node: "script", port: "Dataset1" });
    expect(made.nodes.script?.inputs?.Dataset1).toBe("split.Results dataset2");
    const again = edits.connect(made, catalogue, { node: "split", port: "Results dataset1" }, { node: "script", port: "Dataset1" });
    expect(again.nodes.script?.inputs?.Dataset1).toBe("split");
  });

  test("draw no link that is refused", () => {
    const before = story();
    expect(edits.connect(before, catalogue, { node: "script", port: "Result Dataset" }, { node: "split", port: "Dataset" })).toBe(before);
    expect(edits.connect(before, catalogue, { node: "rows", port: "data" }, { node: "script", port: "Script Bundle" })).toBe(before);
  });

  test("remove with a node all that refers to it", () => {
    let document = edits.addServiceInput(story(), { node: "split", port: "Dataset" }, "Dataset");
    document = edits.addServiceOutput(document, catalogue, { node: "split", port: "Results dataset2" });
    const left = edits.removeNodes(document, catalogue, new Set(["split"]));
    expect(Object.keys(left.nodes)).toEqual(["rows", "script"]);
    expect(linksOf(left, catalogue)).toEqual([]);
    expect(left.inputs).toBeUndefined();
    expect(left.outputs).toBeUndefined();
    expect(left.nodes.script?.inputs).toBeUndefined();
  });

  test("put a module into a link", () => {
    const [document, id] = edits.addModule(story(), SCRIPT, [0, 60]);
    const link = { source: { node: "rows", port: "data" }, target: { node: "split", port: "Dataset" } };
    const made = edits.insertOnLink(document, catalogue, link, id);
    expect(made.nodes[id]?.inputs).toEqual({ Dataset1: "rows" });
    expect(made.nodes.split?.inputs).toEqual({ Dataset: id });
  });

  test("take a value back to its default without leaving a trace in the file", () => {
    const set = edits.setValue(story(), "split", "Random seed", 7);
    expect(edits.setValue(set, "split", "Random seed", undefined)).toEqual(story());
  });

  test("make a parameter of the graph and drop it with its last use", () => {
    const parameter = { name: "Random seed", type: "int" };
    const one = edits.makeGraphParameter(story(), "split", parameter, 7);
    expect(one.parameters).toEqual({ "Random seed": { type: "int", default: 7 } });
    expect(edits.parameterRef(one.nodes.split?.parameters?.["Random seed"])).toBe("Random seed");
    const two = edits.makeGraphParameter(one, "split", parameter, 8);
    expect(Object.keys(two.parameters ?? {})).toEqual(["Random seed", "Random seed1"]);
    const back = edits.dropGraphParameter(one, "split", "Random seed");
    expect(back.parameters).toBeUndefined();
    expect(back.nodes.split?.parameters).toEqual({ "Random seed": 7 });
  });
});

describe("a disabled module", () => {
  const linked = edits.connect(story(), catalogue, { node: "split", port: "Results dataset1" }, { node: "script", port: "Dataset1" });
  const off = edits.setDisabled(linked, new Set(["split", "rows"]), true);

  test("is written in the file only while it is off, and data is never switched off", () => {
    expect(off.nodes.split?.disabled).toBe(true);
    expect("disabled" in (off.nodes.rows ?? {})).toBe(false);
    expect(edits.setDisabled(off, new Set(["split"]), false)).toEqual(linked);
  });

  test("takes what is behind it along, and neither has faults", () => {
    expect([...disabledNodes(off, catalogue)].sort()).toEqual(["script", "split"]);
    const broken = (document: typeof linked) => edits.setValue(edits.disconnect(document, { node: "split", port: "Dataset" }), "split", "Fraction of rows", 9);
    expect(faultsOf(broken(linked), catalogue).map((fault) => fault.kind)).toEqual(["port", "value"]);
    expect(faultsOf(broken(off), catalogue)).toEqual([]);
  });

  test("makes results behind it old", () => {
    expect([...changedNodes(linked, off, catalogue)].sort()).toEqual(["script", "split"]);
  });
});

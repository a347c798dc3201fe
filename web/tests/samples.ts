import type { GraphDocument } from "../src/graph/document";
import type { ModuleSpec } from "../src/graph/module";
import { Catalogue } from "../src/graph/module";

const entry = { $kind: "FunctionEntry" };

export const BOX: ModuleSpec = {
  name: "Box",
  version: "1",
  category: "Test",
  entry,
  inputs: [{ name: "In", required: false }],
  outputs: [{ name: "First" }, { name: "Second" }],
};
export const SCRIPT: ModuleSpec = {
  name: "Execute Python Script",
  version: "1",
  category: "Python Language",
  entry: { $kind: "ScriptEntry", language: "python" },
  inputs: [
    { name: "Dataset1", required: false },
    { name: "Dataset2", required: false },
    { name: "Script Bundle", accepts: ["Zip"], required: false },
  ],
  outputs: [{ name: "Result Dataset" }, { name: "Result Dataset2" }],
  parameters: [{ name: "Python Script", type: "script", required: true }],
};
export const SPLIT: ModuleSpec = {
  name: "Split Data",
  version: "2",
  category: "Sample and Split",
  entry,
  inputs: [{ name: "Dataset" }],
  outputs: [{ name: "Results dataset1" }, { name: "Results dataset2" }],
  parameters: [
    { name: "Splitting mode", type: "choice", default: "Split Rows", choices: ["Split Rows", "Regular Expression"] },
    {
      name: "Fraction of rows",
      type: "float",
      default: 0.5,
      minimum: 0,
      maximum: 1,
      shown_when: ["Splitting mode", ["Split Rows"]],
    },
    { name: "Random seed", type: "int", default: 0, minimum: 0 },
  ],
};

export const catalogue = new Catalogue([BOX, SCRIPT, SPLIT]);

/** Rows into a split, its halves into a script. */
export function story(): GraphDocument {
  return {
    schema_version: 1,
    name: "Story",
    nodes: {
      rows: { dataset: "Rows", position: [0, 0] },
      split: { module: "Split Data", inputs: { Dataset: "rows" }, position: [0, 120] },
      script: {
        module: "Execute Python Script",
        parameters: { "Python Script": "def azureml_main():\n    pass\n" },
        inputs: { Dataset1: "split", Dataset2: "split.Results dataset2" },
        position: [0, 240],
      },
    },
  };
}

import { expect, test } from "vitest";
import { pipelineCode, restBody } from "../src/graph/pipeline-code";
import { callValues, kindOf, readTyped, typedOf, wordsOf } from "../src/graph/pipeline-parameters";

const PLACE = { datastore: "store", path: "in/a.csv" };
const VALUES = { often: 3, loud: true, word: "it's \"fine\"", place: PLACE, table: { dataset: "d1" }, more: { a: [null] } };

test.each([
  [1, "number"],
  [1.5, "number"],
  ["x", "text"],
  [false, "flag"],
  [PLACE, "place"],
  [{ dataset: "d1" }, "dataset"],
  [{ a: 1 }, "json"],
  [null, "json"],
  [undefined, "json"],
] as const)("the default %j makes a parameter a %s", (value, kind) => {
  expect(kindOf(value as never)).toBe(kind);
});

test.each(Object.entries(VALUES))("what a form shows for %s reads as the same value", (_, value) => {
  const kind = kindOf(value);
  expect(readTyped(kind, typedOf(kind, value))).toEqual({ value });
});

test("what is no number, no JSON or no place is said, and not sent", () => {
  expect(readTyped("number", "lots")).toEqual({ fault: "number" });
  expect(readTyped("number", " ")).toEqual({ fault: "number" });
  expect(readTyped("json", "{")).toEqual({ fault: "json" });
  expect(readTyped("json", "")).toEqual({ value: null });
  expect(readTyped("place", { datastore: "store", path: " " })).toEqual({ fault: "place" });
  expect(readTyped("text", "")).toEqual({ value: "" });
});

test("places and datasets go apart from plain values", () => {
  expect(callValues(VALUES)).toEqual({
    values: { often: 3, loud: true, word: VALUES.word, more: VALUES.more },
    data_paths: { place: PLACE },
    datasets: { table: { dataset: "d1" } },
  });
  expect(wordsOf(PLACE)).toBe("store/in/a.csv");
});

test("the body of the old address is that of the notebooks", () => {
  expect(restBody("e", VALUES)).toEqual({
    ExperimentName: "e",
    ParameterAssignments: { often: 3, loud: true, word: VALUES.word, more: VALUES.more },
    DataPathAssignments: { place: { DataStoreName: "store", RelativePath: "in/a.csv" } },
    DataSetDefinitionValueAssignments: { table: { SavedDataSetReference: { Id: "d1" } } },
  });
  expect(restBody("e", {})).toEqual({ ExperimentName: "e" });
});

test("quotes do not end what curl sends, and Python gets its own words", () => {
  const input = { address: "http://h/x", id: "p1", isEndpoint: false, experiment: "e", values: VALUES };
  expect(pipelineCode("curl", input)).toContain("it'\\''s");
  const code = pipelineCode("sdk", input);
  expect(code).toContain('from azureml.core import Dataset, Datastore, Workspace');
  expect(code).toContain('"loud": True');
  expect(code).toContain('DataPath(Datastore(ws, "store"), "in/a.csv")');
  expect(pipelineCode("sdk", { ...input, isEndpoint: true })).toContain('PipelineEndpoint.get(ws, id="p1")');
});

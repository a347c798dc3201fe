import { describe, expect, test } from "vitest";
import { pickedColumns, readSelection, writeSelection } from "../src/graph/columns";
import { readCsv } from "../src/graph/csv";
import { faultsOf } from "../src/graph/problems";
import { faultOf, isShown, valueOfText } from "../src/graph/values";
import { SPLIT, catalogue, story } from "./samples";

const [mode, fraction, seed] = SPLIT.parameters ?? [];
if (!mode || !fraction || !seed) throw new Error("the sample has no parameters");

describe("parameters", () => {
  test("are shown on the active branch alone", () => {
    expect(isShown(SPLIT.parameters ?? [], fraction, {})).toBe(true);
    expect(isShown(SPLIT.parameters ?? [], fraction, { "Splitting mode": "Regular Expression" })).toBe(false);
  });

  test.each([
    [seed, 1.5, "whole"],
    [seed, "x", "whole"],
    [seed, -1, "least"],
    [fraction, 2, "greatest"],
    [fraction, "half", "number"],
    [mode, "By Moon", "choice"],
    [{ name: "Column", type: "columns" as const, required: true }, [], "required"],
  ])("%o of %o is a fault: %s", (parameter, value, kind) => {
    expect(faultOf(parameter, value)?.kind).toBe(kind);
  });

  test("take numbers from what is typed and leave the rest as it is", () => {
    expect(valueOfText(fraction, " 0.25 ")).toBe(0.25);
    expect(valueOfText(fraction, "0.2.5")).toBe("0.2.5");
    expect(valueOfText(fraction, "")).toBeUndefined();
  });

  test("that are wrong are told with their module, required ports too", () => {
    const document = story();
    document.nodes.split = { module: "Split Data", parameters: { "Random seed": -1 } };
    document.nodes.odd = { module: "Nothing" };
    expect(faultsOf(document, catalogue).map((fault) => [fault.kind, fault.node])).toEqual([
      ["port", "split"],
      ["value", "split"],
      ["unknown", "odd"],
    ]);
  });
});

describe("column selections", () => {
  const columns = [
    { name: "age", type: "Numeric" },
    { name: "name", type: "String" },
    { name: "pay", type: "Numeric" },
  ];

  test("read every written form", () => {
    expect(readSelection(["b", "a"])).toEqual({ form: "names", names: ["b", "a"] });
    expect(readSelection("all")).toEqual({ form: "rules", rules: [{ ruleType: "AllColumns", exclude: false }] });
    expect(readSelection('{"isFilter":false,"rules":[{"ruleType":"ColumnNames","exclude":false,"columns":["a"]}]}')).toEqual({ form: "names", names: ["a"] });
    expect(readSelection("age")).toEqual({ form: "names", names: ["age"] });
    expect(readSelection({ ColumnTypes: ["Numeric"] })).toEqual({ form: "rules", rules: [{ ruleType: "ColumnTypes", exclude: false, columnTypes: ["Numeric"] }] });
  });

  test("apply their rules in turn and answer in the order of the data", () => {
    const picked = pickedColumns(
      { form: "rules", rules: [{ ruleType: "AllColumns", exclude: false }, { ruleType: "ColumnTypes", exclude: true, columnTypes: ["Numeric"] }, { ruleType: "ColumnIndexes", exclude: false, columns: ["3"] }] },
      columns,
    );
    expect(picked).toEqual(["name", "pay"]);
  });

  test("survive being written and read", () => {
    const selection = readSelection({ ColumnNames: ["a", "b"] });
    expect(readSelection(writeSelection(selection))).toEqual(selection);
  });
});

test("CSV cells may hold quotes, commas and line ends", () => {
  expect(readCsv('a,b\r\n"x, ""y""",1\n"two\nlines",\n')).toEqual({ header: ["a", "b"], rows: [['x, "y"', "1"], ["two\nlines", ""]] });
});

import { describe, expect, test } from "vitest";
import { clientCode, requestOf, sampleValue, typedValue } from "../src/graph/client-code";
import { curveOf, figuresAt, pointsOf } from "../src/graph/evaluation";
import { classFigures, confusion, errorFigures, scoredTable } from "../src/graph/scored-table";

describe("scored rows", () => {
  const rows = [0.9, 0.8, 0.7, 0.6, 0.4, 0.3].map((score, place) => ({ score, isPositive: [true, true, false, true, false, false][place] === true }));
  const curve = curveOf(rows);

  test("have the area that counting pairs gives", () => {
    const pairs = rows.flatMap((one) => rows.filter((other) => one.isPositive && !other.isPositive).map((other) => one.score > other.score));
    expect(curve.area).toBeCloseTo(pairs.filter(Boolean).length / pairs.length, 12);
  });

  test("give half of a pair to equal scores", () => {
    expect(curveOf([{ score: 0.5, isPositive: true }, { score: 0.5, isPositive: false }]).area).toBe(0.5);
  });

  test("are counted at a threshold, which itself is positive", () => {
    expect(figuresAt(curve, 0.6)).toMatchObject({ truePositive: 3, falsePositive: 1, trueNegative: 2, falseNegative: 0, recall: 1, precision: 0.75 });
    expect(figuresAt(curve, 1)).toMatchObject({ truePositive: 0, falsePositive: 0, accuracy: 0.5, precision: 0 });
  });

  test("draw a curve from one corner to the other", () => {
    const points = pointsOf(curve, "roc");
    expect(points[0]).toEqual({ x: 0, y: 0 });
    expect(points.at(-1)).toEqual({ x: 1, y: 1 });
  });
});

describe("a scored table", () => {
  const header = ["x", "kind", 'Scored Probabilities for Class "a"', 'Scored Probabilities for Class "b"', 'Scored Probabilities for Class "c"', "Scored Labels"];
  const rows = [
    ["1", "a", "0.8", "0.1", "0.1", "a"],
    ["2", "b", "0.2", "0.5", "0.3", "b"],
    ["3", "c", "0.5", "0.1", "0.4", "a"],
    ["4", "c", "0.1", "0.2", "0.7", "c"],
    ["5", "", "0.1", "0.2", "0.7", "c"],
  ];

  test("of several classes has a curve for each, one against all others", () => {
    const table = scoredTable(header, rows, ["kind"]);
    if (table?.kind !== "classes") throw new Error("no classes");
    expect([...table.curves.keys()]).toEqual(["a", "b", "c"]);
    expect(table.curves.get("a")?.area).toBe(1);
    expect(table.curves.get("c")).toMatchObject({ positives: 2, negatives: 2 });
  });

  test("has its truth found by its values where no column is marked as the label", () => {
    expect(scoredTable(header, rows, [])).toMatchObject({ truth: ["a", "b", "c", "c"] });
  });

  test("is counted by true and scored class", () => {
    const table = scoredTable(header, rows, ["kind"]);
    if (table?.kind !== "classes") throw new Error("no classes");
    const counts = confusion(table);
    expect(counts).toEqual([[1, 0, 0], [0, 1, 0], [1, 0, 1]]);
    expect(classFigures(counts)).toEqual({ accuracy: 0.75, precision: [0.5, 1, 1], recall: [1, 1, 0.5] });
  });

  test("of two classes has one curve, for the class that high scores were given", () => {
    const table = scoredTable(["y", "Scored Labels", "Scored Probabilities"], [["1", "1", "0.9"], ["0", "0", "0.2"], ["0", "1", "0.6"]], []);
    if (table?.kind !== "classes") throw new Error("no classes");
    expect([...table.curves]).toMatchObject([["1", { positives: 1, negatives: 2, area: 1 }]]);
  });

  test("of numbers tells its errors", () => {
    const table = scoredTable(["y", "Scored Labels"], [["1", "2"], ["2", "2"], ["3", "2"]], ["y"]);
    if (table?.kind !== "numbers") throw new Error("no numbers");
    expect(errorFigures(table).meanAbsolute).toBeCloseTo(2 / 3);
    expect(errorFigures(table).determination).toBeCloseTo(0);
  });

  test("without scores is none", () => {
    expect(scoredTable(["x", "y"], [["1", "2"]], ["y"])).toBeNull();
  });
});

describe("client code", () => {
  const request = requestOf({ input1: { age: sampleValue({ name: "age", type: "Integer" }), name: "O'Neil \"x\"" } }, {});

  test.each(["python", "r", "csharp", "curl"] as const)("in %s names the address and no key", (language) => {
    const text = clientCode(language, { address: "http://h/workspaces/w/services/s", request });
    expect(text).toContain("http://h/workspaces/w/services/s/execute?api-version=2.0&format=swagger");
    expect(text).toContain("...");
  });

  test("for a shell ends no quote too early", () => {
    expect(clientCode("curl", { address: "http://h", request })).toContain("O'\\''Neil");
  });

  test("sends what was typed in the type of its column", () => {
    expect(typedValue({ name: "n", type: "Integer" }, "4")).toBe(4);
    expect(typedValue({ name: "n", type: "Double" }, "")).toBeNull();
    expect(typedValue({ name: "n", type: "String" }, "")).toBe("");
    expect(typedValue({ name: "n", type: "Boolean" }, "yes")).toBe(true);
  });
});

import { expect, test } from "vitest";
import vectors from "../../tests/vectors/yaml.json";
import type { GraphDocument } from "../src/graph/document";
import { writeYaml } from "../src/graph/yaml";

// that the text reads as the document again is tests/client/test_graph_yaml.py's part
test.each(vectors.cases)("a graph file is written as it was before: $document.name", ({ document, text }) => {
  expect(writeYaml(document as unknown as GraphDocument)).toBe(text);
});

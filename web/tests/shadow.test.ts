import { expect, test } from "vitest";
import { detailOf, flowing, signatureOf } from "../src/features/script-editor/language-help";
import { languageWish } from "../src/features/script-editor/language-wish";
import { fromShadow, shadowOf, toShadow } from "../src/features/script-editor/shadow";

const SAID = ': "_SkyloomFrame"';

test("parameters of azureml_main are data frames for the language server, on the lines where they are", () => {
  const script = "import os\ndef azureml_main(dataframe1 = None, dataframe2=None):\n    return dataframe1,";
  const shadow = shadowOf(script);
  const lines = shadow.text.split("\n");
  expect(lines.slice(0, 3)).toEqual(["import os", `def azureml_main(dataframe1${SAID} = None, dataframe2${SAID}=None):`, "    return dataframe1,"]);
  expect(lines.at(-2)).toBe("from pandas import DataFrame as _SkyloomFrame");
});

test("places go to the shadow and come back", () => {
  const script = "def azureml_main(a=None, b=None):\n    pass";
  const shadow = shadowOf(script);
  const header = script.split("\n")[0] ?? "";
  for (let character = 0; character <= header.length; character += 1) {
    const there = toShadow(shadow, { line: 0, character });
    expect(fromShadow(shadow, there)).toEqual({ line: 0, character });
    if (character < header.length) expect(shadow.text[there.character]).toBe(header[character]);
  }
  expect(fromShadow(shadow, { line: 0, character: 20 })).toEqual({ line: 0, character: 18 });
  expect(toShadow(shadow, { line: 1, character: 4 })).toEqual({ line: 1, character: 4 });
});

test.each([
  "def azureml_main(a: int, b: str = 'x'):\n    pass",
  "def azureml_main(*frames):\n    pass",
  "def azureml_main():\n    pass",
  "def other(a=None):\n    pass",
])("a script that says its types, or none of ours, stays as it is: %s", (script) => {
  expect(shadowOf(script)).toMatchObject({ text: script, inserted: [] });
});

test("a signature is cut around the parameter that is written", () => {
  const label = `merge(${"x".repeat(500)}right: DataFrame${"y".repeat(500)})`;
  const from = label.indexOf("right");
  const cut = signatureOf(label, [from, from + "right: DataFrame".length]);
  expect(cut.parameter).toBe("right: DataFrame");
  expect(cut.before.length + cut.after.length).toBeLessThan(500);
});

test("a node's language server is told of its packages", () => {
  const script = "# /// script\n# dependencies = ['rich']\n# ///\nimport rich\n";
  expect(languageWish({ environment: "current", parameters: { Requirements: "rich" } }, script, undefined)).toEqual({
    environment: "current",
    requirements: "rich",
    script: "# /// script\n# dependencies = ['rich']\n# ///",
  });
});

test("a name in the list is not said twice, and a docstring flows", () => {
  expect(detailOf("describe", "DataFrame.describe(percentiles=None) -> DataFrame")).toBe("(percentiles=None) -> DataFrame");
  expect(detailOf("merge", "Overload[(right: DataFrame) -> DataFrame]")).toBe("(right: DataFrame) -> DataFrame]");
  expect(flowing("The first line\ngoes on.\n\n``Code`` stays.\nNext")).toBe("The first line goes on.\n\nCode stays.\nNext");
});

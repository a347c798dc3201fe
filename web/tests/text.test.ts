import { describe, expect, test } from "vitest";
import { ansiParts, plainText } from "../src/features/runs/ansi";
import { columnsFor, entryParameters } from "../src/features/script-editor/columns";
import { scriptFault } from "../src/features/script-editor/fault";
import { en } from "../src/i18n/en";
import { es } from "../src/i18n/es";
import { fr } from "../src/i18n/fr";

describe("lines of a log", () => {
  test("keep colours and lose every other sequence", () => {
    expect(ansiParts("a\u001b[31mred\u001b[0m b\u001b[2J\u001b]0;title\u0007c")).toEqual([
      { text: "a", look: "" },
      { text: "red", look: "ansi-red" },
      { text: " b", look: "" },
      { text: "c", look: "" },
    ]);
  });

  test("show marks that would turn the text around", () => {
    expect(plainText("pay \u202eevil\u0007")).toBe("pay \\x202eevil\\x07");
  });
});

describe("columns in the editor", () => {
  const script = "def azureml_main(left: pd.DataFrame = None, right=None):\n    pass";

  test("are those of the parameter's own port", () => {
    expect(entryParameters(script)).toEqual(["left", "right"]);
    expect(columnsFor(script, "right", [["a"], ["b"]])).toEqual(["b"]);
    expect(columnsFor(script, "merged", [["a"], ["b", "a"]])).toEqual(["a", "b"]);
  });
});

test("a problem is shown at the last line of the script in its traceback", () => {
  const traceback = 'File "script.py", line 4, in azureml_main\nFile "script.py", line 9, in helper\nFile "/lib/pandas/frame.py", line 77, in get\nKeyError: 1';
  expect(scriptFault({ code: "S001", message: "KeyError: 1", traceback })).toEqual({ line: 9, message: "KeyError: 1" });
});

test.each([
  ["es", es],
  ["fr", fr],
])("the catalogue of %s puts in the same words as the English one", (_, messages) => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, holes(messages[key])]).toEqual([key, holes(en[key])]);
});

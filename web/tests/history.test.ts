import { describe, expect, test } from "vitest";
import { copyText, pastable, paste } from "../src/graph/clipboard";
import { setValue } from "../src/graph/edits";
import { changedNodes } from "../src/graph/stale";
import { begin, edit, redo, undo } from "../src/graph/undo";
import { catalogue, story } from "./samples";

describe("undo", () => {
  const change = (seed: number) => setValue(story(), "split", "Random seed", seed);

  test("goes back and forward step by step", () => {
    const history = edit(edit(begin(story()), change(1), "", 0), change(2), "", 0);
    expect(undo(history).present).toEqual(change(1));
    expect(redo(undo(history)).present).toEqual(change(2));
    expect(undo(undo(undo(history))).present).toEqual(story());
  });

  test("takes what is typed into one field as one step", () => {
    const history = edit(edit(edit(begin(story()), change(1), "seed", 0), change(12), "seed", 100), change(123), "seed", 200);
    expect(undo(history).present).toEqual(story());
  });

  test("begins a new step after a pause", () => {
    const history = edit(edit(begin(story()), change(1), "seed", 0), change(12), "seed", 5000);
    expect(undo(history).present).toEqual(change(1));
  });

  test("forgets the way forward at an edit", () => {
    const history = edit(undo(edit(begin(story()), change(1), "", 0)), change(2), "", 0);
    expect(redo(history)).toBe(history);
  });
});

describe("copied modules", () => {
  test("are pasted with the links among them, under ids of their own", () => {
    const copied = pastable(copyText(story(), catalogue, new Set(["split", "script"])));
    if (!copied) throw new Error("the copied text does not read");
    const [made, names] = paste(story(), catalogue, copied, [30, 30]);
    expect(names).toEqual(["split-2", "script-2"]);
    expect(made.nodes["script-2"]?.inputs).toEqual({ Dataset1: "split-2", Dataset2: "split-2.Results dataset2" });
    expect(made.nodes["split-2"]?.inputs).toBeUndefined();
    expect(made.nodes["split-2"]?.position).toEqual([30, 150]);
  });

  test("are not taken from any other text", () => {
    for (const text of ["", "hello", "{}", "[1]", '{"schema_version": 2, "nodes": {}}']) expect(pastable(text)).toBeNull();
  });
});

describe("results that no longer hold", () => {
  test("are those of what changed and of all behind it", () => {
    const now = setValue(story(), "split", "Random seed", 9);
    expect(changedNodes(story(), now, catalogue)).toEqual(new Set(["split", "script"]));
  });

  test("stay when only a comment, a title or a place changed", () => {
    const now = story();
    now.nodes.split = { ...now.nodes.split, comment: "halves", title: "Halves", position: [9, 9] };
    expect(changedNodes(story(), now, catalogue)).toEqual(new Set());
  });
});

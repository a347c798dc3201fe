import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

// docs/architecture.md: app > features > canvas > ui | graph | api; features do not know each other

const SOURCE = join(import.meta.dirname, "..", "src");
const MAY: Record<string, string[]> = {
  graph: [],
  i18n: [],
  api: ["graph"],
  ui: ["i18n"],
  canvas: ["graph", "ui", "i18n"],
  features: ["graph", "api", "ui", "i18n"],
  app: ["graph", "api", "ui", "i18n", "canvas", "features"],
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));

/** What a file imports, as paths below src or names of packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? relative(SOURCE, join(SOURCE, dirname(file), name)) : name,
  );
}

test.each(files.filter((file) => file.includes("/")))("%s imports downward only", (file) => {
  const [room = "", feature] = file.split("/");
  for (const name of importsOf(file)) {
    const [target = "", other] = name.split("/");
    if (!(target in MAY)) continue;
    const isOwn = target === room && (room !== "features" || other === feature);
    expect([name, isOwn || (MAY[room] ?? []).includes(target)]).toEqual([name, true]);
  }
});

test("the graph room knows neither React nor the browser's requests", () => {
  const known = files.filter((file) => file.startsWith("graph/")).flatMap(importsOf).filter((name) => !name.startsWith("graph/"));
  expect([...new Set(known)]).toEqual(["@dagrejs/dagre"]);
});

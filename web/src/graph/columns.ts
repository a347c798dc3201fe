import type { Json } from "./json";
import { isObject } from "./json";

/** Column selections as modules take them (studio.md 2.4): a list of names, or rules applied in turn. */
export interface ColumnRule {
  ruleType: "ColumnNames" | "ColumnIndexes" | "ColumnTypes" | "AllColumns";
  exclude: boolean;
  columns?: string[];
  columnTypes?: string[];
  columnKinds?: string[];
}

export type Selection = { form: "names"; names: string[] } | { form: "rules"; rules: ColumnRule[] };

export const COLUMN_TYPES = [
  "String",
  "Integer",
  "Double",
  "Boolean",
  "DateTime",
  "TimeSpan",
  "Categorical",
  "Numeric",
  "All",
];

/** Read any of the written forms; one that is not understood is taken for a single name. */
export function readSelection(value: Json | undefined): Selection {
  if (value === undefined || value === null || value === "") return { form: "names", names: [] };
  if (typeof value === "string") return readText(value);
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one === "string")) return { form: "names", names: value as string[] };
    return { form: "rules", rules: value.flatMap(shortRule) };
  }
  if (isObject(value) && Array.isArray(value.rules)) {
    const rules = value.rules.filter(isObject).map(longRule);
    const [first] = rules;
    if (value.isFilter === false && rules.length === 1 && first?.ruleType === "ColumnNames") {
      return { form: "names", names: first.columns ?? [] };
    }
    return { form: "rules", rules };
  }
  return { form: "rules", rules: shortRule(value) };
}

/** The written form: a plain list of names, or the long form with rules. */
export function writeSelection(selection: Selection): Json {
  if (selection.form === "names") return selection.names;
  return { isFilter: true, rules: selection.rules.map((rule) => ({ ...rule }) as unknown as Json) };
}

/** Columns that a selection picks, as far as it can be told from names and types. */
export function pickedColumns(selection: Selection, columns: readonly { name: string; type: string }[]): string[] {
  if (selection.form === "names") return selection.names;
  const picked = new Set<number>();
  for (const rule of selection.rules) {
    columns.forEach((column, place) => {
      if (!suits(rule, column, place)) return;
      if (rule.exclude) picked.delete(place);
      else picked.add(place);
    });
  }
  return columns.filter((_, place) => picked.has(place)).map((column) => column.name);
}

function suits(rule: ColumnRule, column: { name: string; type: string }, place: number): boolean {
  switch (rule.ruleType) {
    case "AllColumns":
      return true;
    case "ColumnNames":
      return (rule.columns ?? []).includes(column.name);
    case "ColumnIndexes":
      return (rule.columns ?? []).some((text) => inRange(text, place + 1));
    case "ColumnTypes":
      return (rule.columnTypes ?? []).some(
        (type) =>
          type === "All" ||
          type === column.type ||
          (column.type === "Numeric" && ["Integer", "Double"].includes(type)) ||
          (type === "Numeric" && ["Integer", "Double"].includes(column.type)) ||
          (type === "Boolean" && column.type === "Binary"),
      );
  }
}

function inRange(text: string, index: number): boolean {
  return text.split(",").some((part) => {
    const [from, to] = part.split("-").map((end) => Number(end.trim()));
    return from !== undefined && index >= from && index <= (to ?? from);
  });
}

function readText(text: string): Selection {
  const plain = /^%7B|^%5B|^%22/i.test(text) ? decodeURIComponent(text) : text;
  if (/^[{["]/.test(plain.trim())) {
    try {
      return readSelection(JSON.parse(plain) as Json);
    } catch {
      return { form: "names", names: [text] };
    }
  }
  return /^all(columns)?$/i.test(plain.trim())
    ? { form: "rules", rules: [{ ruleType: "AllColumns", exclude: false }] }
    : { form: "names", names: [plain] };
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function longRule(rule: Record<string, Json>): ColumnRule {
  const kind = String(rule.ruleType ?? "AllColumns");
  return {
    ruleType: (kind === "ColumnIndices" ? "ColumnIndexes" : kind) as ColumnRule["ruleType"],
    exclude: rule.exclude === true,
    ...(rule.columns ? { columns: texts(rule.columns) } : {}),
    ...(rule.columnTypes ? { columnTypes: texts(rule.columnTypes) } : {}),
    ...(rule.columnKinds ? { columnKinds: texts(rule.columnKinds) } : {}),
  };
}

function shortRule(value: Json): ColumnRule[] {
  if (typeof value === "string") return [{ ruleType: "AllColumns", exclude: false }];
  if (!isObject(value)) return [];
  if (value.ColumnNames) return [{ ruleType: "ColumnNames", exclude: false, columns: texts(value.ColumnNames) }];
  const indexes = value.ColumnIndexes ?? value.ColumnIndices;
  if (indexes) return [{ ruleType: "ColumnIndexes", exclude: false, columns: texts(indexes) }];
  if (value.ColumnTypes) return [{ ruleType: "ColumnTypes", exclude: false, columnTypes: texts(value.ColumnTypes) }];
  return [{ ruleType: "AllColumns", exclude: false }];
}

import type { GraphDocument } from "./document";
import type { Json } from "./json";
import { isObject } from "./json";

/**
 * A graph document as YAML that people read and diff (docs/graph-files.md).
 *
 * Only what graph files hold is written: mappings, lists, texts, numbers, true, false and null. Long texts
 * become literal blocks, so that a script stands in the file as it stands in the editor.
 */
export function writeYaml(document: GraphDocument): string {
  return `${lines(document as unknown as Json, 0).join("\n")}\n`;
}

function lines(value: Json, depth: number): string[] {
  const pad = "  ".repeat(depth);
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, part]) => {
      const head = `${pad}${scalar(key)}:`;
      const inline = flat(part);
      if (inline !== null) return [`${head} ${inline}`];
      if (typeof part === "string") return [`${head} ${block(part)}`, ...blockLines(part, depth + 1)];
      return [head, ...lines(part, depth + 1)];
    });
  }
  if (Array.isArray(value)) {
    return value.flatMap((part) => {
      const inline = flat(part);
      if (inline !== null) return [`${pad}- ${inline}`];
      if (typeof part === "string") return [`${pad}- ${block(part)}`, ...blockLines(part, depth + 1)];
      const [first = "", ...rest] = lines(part, depth + 1);
      return [`${pad}- ${first.trimStart()}`, ...rest];
    });
  }
  return [pad + scalar(value)];
}

/** The value on one line, where it is short enough to be. */
function flat(value: Json): string | null {
  if (typeof value === "string") return value.includes("\n") && isBlockSafe(value) ? null : scalar(value);
  if (!isObject(value) && !Array.isArray(value)) return scalar(value);
  const parts = Array.isArray(value) ? value : Object.values(value);
  if (parts.length === 0) return Array.isArray(value) ? "[]" : "{}";
  if (!Array.isArray(value) || parts.some((part) => typeof part === "object" && part !== null)) return null;
  const text = `[${parts.map((part) => scalar(part)).join(", ")}]`;
  return text.length <= 100 && !text.includes("\n") ? text : null;
}

/** Text that needs no quotes: begins with a letter, and nothing in it means anything to YAML. */
const PLAIN = /^[A-Za-z_À-ɏ][\w À-ɏ./()+-]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n|nan|inf)$/i;

function scalar(value: Json): string {
  if (typeof value === "number") return JSON.stringify(value).replace(/^(-?\d+)e/, "$1.0e"); // without a point it is text
  if (typeof value !== "string") return value === null ? "null" : JSON.stringify(value);
  if (PLAIN.test(value) && !WORDS.test(value) && !value.endsWith(" ")) return value;
  return JSON.stringify(value).replace(new RegExp(ODD, "g"), (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Letters that YAML reads as others, or not at all, where they stand as they are. */
const ODD = "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ufeff]|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])";

/** Whether a literal block gives the same text back: no odd letters, no lines that begin with blanks first. */
function isBlockSafe(text: string): boolean {
  return !new RegExp(ODD).test(text) && !/^[ \n\t]/.test(text) && !/[ \t]\n?$/.test(text);
}

function block(text: string): string {
  if (!text.endsWith("\n")) return "|-";
  return text.endsWith("\n\n") ? "|+" : "|";
}

function blockLines(text: string, depth: number): string[] {
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  return body.split("\n").map((line) => (line ? "  ".repeat(depth) + line : ""));
}
